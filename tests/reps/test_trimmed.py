"""Recordings that begin and end with the reps themselves, as other people cut theirs: nothing shows the start pose."""

from __future__ import annotations

import pytest
from swung import count, swung

from kneeimu.types import Samples


def _trimmed(samples: Samples, seconds: float, before_s: float, after_s: float) -> Samples:
    """Cut to the movement, which begins 3 s after the start and lasts so long."""
    part = slice(round(100 * (3.0 - before_s)), round(100 * (3.0 + seconds + after_s)))
    return Samples(samples.time_s[part] - samples.time_s[part][0], samples.acc_m_s2[part], samples.gyr_rad_s[part])


@pytest.mark.parametrize("exercise", ["squat", "hip-abduction", "prone-hip-extension", "clamshell"])
@pytest.mark.parametrize("margin_s", [0.5, 1.0])
def test_every_rep_counts_though_the_recording_begins_just_before_the_first(exercise: str, margin_s: float) -> None:
    reps = swung([(0.0, 20.0, 3.0, 6)])
    assert count(exercise, _trimmed(reps, 18.0, margin_s, margin_s)) == 6


def test_small_reps_that_end_a_set_stay_and_the_smallest_of_them_too() -> None:
    assert (
        count("squat", swung([(0.0, 50.0, 3.0, 6), (0.0, 0.02, 4.0, 1), (0.0, 27.0, 3.5, 3), (0.0, 23.0, 4.5, 1)]))
        == 10
    )
