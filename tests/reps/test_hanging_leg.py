"""Single-leg squats of the other leg, seen from the shin of the one that hangs down: they are none of this leg's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from kneeimu.reps.afterwards.hanging_leg import hangs
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import Block
from kneeimu.reps.strokes import excursion_of
from kneeimu.types import FloatArray

RATE_HZ = 25.0
LONGEST_LEVER_M = 0.3
STANDS_M = 0.12
Stands = Sequence[tuple[float, float]]


def swing(deg: float) -> FloatArray:
    """Out and back within 2.4 s."""
    return 0.5 * deg * (1.0 - np.cos(np.linspace(0.0, 2.0 * np.pi, 60)))


def way(from_deg: float, to_deg: float) -> FloatArray:
    return from_deg + 0.5 * (to_deg - from_deg) * (1.0 - np.cos(np.linspace(0.0, np.pi, 25)))


def stood(stands: Stands) -> FloatArray:
    """A shin that goes from one lean (deg) to the next within a second, and stays for so long (s)."""
    parts = [np.full(round(stands[0][1] * RATE_HZ), stands[0][0])]
    for (before, _), (after, stays_s) in pairwise(stands):
        parts += [way(before, after), np.full(round(stays_s * RATE_HZ), after)]
    return np.concatenate(parts)


def squats(before: Stands, after: Stands, lever_m: float = STANDS_M, reps: int = 5) -> tuple[Block, list[Excursion]]:
    """Reps of 11 deg with a short rest after each, of a sensor that sinks by so much for each radian."""
    came, went, rep = stood(before), stood(after), np.concatenate((swing(11.0), np.zeros(12)))
    lean = np.radians(np.concatenate((came, *[rep] * reps, went)))
    up = np.column_stack((np.sin(lean), np.zeros(len(lean)), np.cos(lean)))
    time_s = np.arange(len(up)) / RATE_HZ
    heave = -lever_m * np.gradient(np.gradient(lean, time_s), time_s)
    heave += 0.02 * np.random.default_rng(3).normal(size=len(heave))
    starts = [len(came) + k * len(rep) for k in range(reps)]
    seen = [excursion_of(time_s, up, start, start + 30, start + 60) for start in starts]
    return (time_s, up, np.zeros((len(up), 4)), heave, np.zeros(len(up))), seen


def test_a_leg_that_stands_as_before_and_after_does_the_reps_itself() -> None:
    assert not hangs(*squats([(2.0, 5.0), (0.0, 1.0)], [(0.0, 1.0), (3.0, 5.0)]), LONGEST_LEVER_M)


def test_a_shin_that_sinks_further_than_a_foot_on_the_floor_allows_hangs_down() -> None:
    assert hangs(*squats([(0.0, 5.0)], [(0.0, 5.0)], lever_m=0.5), LONGEST_LEVER_M)


def test_a_shin_that_was_lifted_for_the_reps_hangs_down() -> None:
    assert hangs(*squats([(-55.0, 3.0), (0.0, 1.5)], [(0.0, 1.5), (-55.0, 3.0)]), LONGEST_LEVER_M)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param([(-25.0, 5.0), (0.0, 1.5)], id="has been sitting"),
        pytest.param([(-90.0, 5.0), (0.0, 1.5)], id="has been lying"),
        pytest.param([(-55.0, 3.0), (0.0, 6.0)], id="has shaken the leg and stood"),
        pytest.param([(4.0, 3.0), (-55.0, 3.0), (0.0, 1.5)], id="stood, and has shaken the leg"),
    ],
)
def test_another_pose_before_the_reps_shows_nothing(before: Stands) -> None:
    assert not hangs(*squats(before, [(0.0, 1.5)]), LONGEST_LEVER_M)


def test_where_there_are_no_reps_no_leg_hangs() -> None:
    ticks, _ = squats([(0.0, 5.0)], [(0.0, 5.0)])
    assert not hangs(ticks, [], LONGEST_LEVER_M)
