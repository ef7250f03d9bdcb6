"""Which end of a step to the side is home is told by how the person stood before it."""

from __future__ import annotations

import numpy as np
import pytest

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.live.which_end import WhichEnd
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.strokes import excursion_of
from kneeimu.reps.vectors import Vector

UPRIGHT: Vector = (0.0, 0.0, 1.0)
SQUAT = np.radians(15.0)


def step(from_deg: float, to_deg: float, at_s: float) -> Excursion:
    """A leg in a quarter squat that leans so far out, and leans back; 1 s."""
    time_s = at_s + np.linspace(0.0, 1.0, 26)
    out = np.radians(from_deg + (to_deg - from_deg) * np.sin(np.pi * np.linspace(0.0, 1.0, 26)))
    up = np.column_stack((np.full(26, np.sin(SQUAT)), np.sin(out) * np.cos(SQUAT), np.cos(out) * np.cos(SQUAT)))
    return excursion_of(time_s, up, 0, 13, 25)


def steps(*ends_deg: tuple[float, float]) -> list[Excursion]:
    return [step(*ends, at_s=1.5 * k) for k, ends in enumerate(ends_deg)]


@pytest.fixture
def which_end() -> WhichEnd:
    return WhichEnd(6.0, CounterParameters(steps=True))


def test_steps_that_lead_from_wide_to_narrow_and_back_are_seen_from_their_far_end(which_end: WhichEnd) -> None:
    seen = steps((20.0, 2.0), (22.0, 1.0))
    assert which_end.seen_from_far_end(seen, 3.0, UPRIGHT) == seen


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(steps((2.0, 20.0), (1.0, 22.0)), id="from narrow to wide"),
        pytest.param(steps((20.0, 2.0)), id="one step"),
        pytest.param(steps((20.0, 2.0), (1.0, 22.0)), id="one of either"),
        pytest.param(steps((20.0, 2.0), (8.0, 2.0)), id="of two sizes"),
    ],
)
def test_nothing_else_is(which_end: WhichEnd, seen: list[Excursion]) -> None:
    assert which_end.seen_from_far_end(seen, 3.0, UPRIGHT) == []


def test_nor_is_it_known_where_the_person_did_not_stand_before(which_end: WhichEnd) -> None:
    assert which_end.seen_from_far_end(steps((20.0, 2.0), (22.0, 1.0)), 3.0, None) == []
