"""A leg that the other one's reps take along by a little is not counted, while its own small reps are."""

from __future__ import annotations

import pytest
from swung import count, swung

from kneeimu.types import Mount


def moved(exercise: str, mount: Mount, deg: float) -> int:
    return count(exercise, swung([(0.0, deg, 2.6, 8)]), mount)


@pytest.mark.parametrize(
    ("exercise", "mount", "along_deg", "own_deg"),
    [
        ("single-leg-squat", "shin", 8.5, 14.0),
        ("single-leg-squat", "thigh", 9.0, 14.5),
        ("step-down", "shin", 8.5, 14.0),
        ("clamshell", "thigh", 8.2, 14.0),
        ("hip-abduction", "shin", 6.0, 10.0),
        ("straight-leg-raise", "thigh", 6.0, 10.0),
    ],
)
def test_what_the_other_leg_moves_is_none_and_small_reps_are(
    exercise: str, mount: Mount, along_deg: float, own_deg: float
) -> None:
    assert (moved(exercise, mount, along_deg), moved(exercise, mount, own_deg)) == (0, 8)
