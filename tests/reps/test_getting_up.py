"""Who lies down or gets up bends the knee on the way: that is no leg raise, though the thigh goes its way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from kneeimu.reps.afterwards.getting_up import getting_up
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of
from kneeimu.types import FloatArray

RATE_HZ = 25.0
RAISED, SITS, STANDS = 45.0, 10.0, -90.0
Seen = tuple[FloatArray, FloatArray, list[Excursion]]


def moved(poses: Sequence[tuple[float, float]], counted: Sequence[int]) -> Seen:
    """A thigh that goes to each pose (deg from lying) within a second and stays there for so long (s).

    What leads to a pose in the list and on to the next was counted.
    """
    parts, arrives = [np.full(round(poses[0][1] * RATE_HZ), poses[0][0])], [0]
    for (before, _), (after, stays_s) in pairwise(poses):
        parts.append(np.linspace(before, after, round(RATE_HZ)))
        arrives.append(sum(map(len, parts)))
        parts.append(np.full(round(stays_s * RATE_HZ), after))
    angle = np.radians(np.concatenate(parts))
    up = np.column_stack((np.sin(angle), np.zeros(len(angle)), np.cos(angle)))
    time_s = np.arange(len(up)) / RATE_HZ
    turns = [arrives[k] for k in counted]
    reps = [
        excursion_of(time_s, up, turn - 24, turn, arrives[k + 1] - 1) for k, turn in zip(counted, turns, strict=True)
    ]
    return time_s, up, reps


def raises(count: int) -> list[tuple[float, float]]:
    return [pose for _ in range(count) for pose in ((RAISED, 0.5), (0.0, 1.0))]


def test_who_bends_the_knee_to_sit_and_stand_up_has_done_no_further_raise() -> None:
    poses = [(0.0, 3.0), *raises(4), (RAISED, 1.0), (SITS, 0.5), (STANDS, 3.0)]
    time_s, up, reps = moved(poses, [1, 3, 5, 7, 9])
    assert getting_up(time_s, up, reps) == reps[-1:]


def test_who_lies_down_over_a_bent_knee_has_done_no_raise_yet() -> None:
    poses = [(STANDS, 3.0), (SITS, 0.5), (RAISED, 1.0), (0.0, 4.0), *raises(4)]
    time_s, up, reps = moved(poses, [2, 4, 6, 8, 10])
    assert getting_up(time_s, up, reps) == reps[:1]


@pytest.mark.parametrize("rests_s", [0.6, 2.0, 5.0])
def test_who_lays_the_leg_down_before_getting_up_keeps_the_last_raise(rests_s: float) -> None:
    poses = [(STANDS, 3.0), (SITS, 0.5), (0.0, rests_s), *raises(4)[:-1], (0.0, rests_s), (SITS, 0.5), (STANDS, 3.0)]
    time_s, up, reps = moved(poses, [3, 5, 7, 9])
    assert getting_up(time_s, up, reps) == []


def test_one_movement_alone_does_not_show_where_the_leg_lies() -> None:
    time_s, up, reps = moved([(0.0, 3.0), (RAISED, 1.0), (SITS, 0.5), (STANDS, 3.0)], [1])
    assert getting_up(time_s, up, reps) == []
