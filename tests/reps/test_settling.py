"""Terminal knee extensions: getting into the start pose and out of it is no rep, though the knee goes the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from kneeimu.reps.afterwards.settling import on_the_move, settling
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of
from kneeimu.types import FloatArray

RATE_HZ = 25.0
BENT_DEG = 25.0
STRIDES = [value for _ in range(4) for value in (-35.0, 20.0)]
Seen = tuple[FloatArray, FloatArray, list[Excursion]]


def moved(poses: Sequence[tuple[float, float]], counted: Sequence[tuple[int, int]]) -> Seen:
    """A shin that moves to each lean (deg) within half a second and stays for so long (s).

    What leads from one pose in the list to a later one was counted.
    """
    lean, arrives = [np.full(25, poses[0][0])], [1.0]
    for (before, _), (after, stays_s) in pairwise(poses):
        lean += [np.linspace(before, after, 13)[1:], np.full(round(stays_s * RATE_HZ), after)]
        arrives.append(sum(map(len, lean)) / RATE_HZ)
    angle = np.radians(np.concatenate(lean))
    up = np.column_stack((np.sin(angle), np.zeros(len(angle)), np.cos(angle)))
    time_s = np.arange(len(up)) / RATE_HZ
    ends = [(round(arrives[a] * RATE_HZ) - 1, round((arrives[b] - poses[b][1]) * RATE_HZ) - 1) for a, b in counted]
    return time_s, up, [excursion_of(time_s, up, start, (start + end) // 2, end) for start, end in ends]


def set_of(reps: int, before: Sequence[tuple[float, float]], after: Sequence[tuple[float, float]], into: bool) -> Seen:
    """Reps from the bent pose, each held for 1 s; the way into the start pose was counted, or the way out of it."""
    poses = [*before, (BENT_DEG, 1.0), *(pose for _ in range(reps) for pose in ((0.0, 1.0), (BENT_DEG, 1.0))), *after]
    at = len(before)
    counted = [(at + 2 * k, at + 2 * k + 2) for k in range(reps)]
    last = at + 2 * reps
    return moved(poses, [(at - 2, at), *counted] if into else [*counted, (last, last + 2)])


def test_who_walked_up_stands_straight_and_bends_the_knee_to_begin_has_done_no_rep() -> None:
    time_s, up, reps = set_of(5, [*((lean, 0.0) for lean in STRIDES), (0.0, 6.0)], [(0.0, 3.0)], into=True)
    assert settling(time_s, up, reps) == reps[:1]


def test_who_straightens_the_knee_and_walks_off_has_done_no_other_rep() -> None:
    strides = [(lean, 0.0) for lean in STRIDES]
    time_s, up, reps = set_of(5, [(0.0, 6.0)], [(0.0, 3.0), *strides, (0.0, 3.0)], into=False)
    assert settling(time_s, up, reps) == reps[-1:]


def test_who_comes_on_quick_swings_and_stands_straight_has_done_no_rep_though_the_knee_was_bent_before() -> None:
    swings = [(5.0, 0.0), (45.0, 0.0), (5.0, 0.0), (45.0, 0.0), (BENT_DEG, 0.8)]
    time_s, up, reps = set_of(5, [*swings, (0.0, 6.0)], [(0.0, 3.0)], into=True)
    assert settling(time_s, up, reps) == reps[:1]
    time_s, up, reps = set_of(5, [(BENT_DEG, 3.0), (0.0, 6.0)], [(0.0, 3.0)], into=True)
    assert settling(time_s, up, reps) == []


def test_who_swings_the_leg_quickly_after_the_last_has_done_no_other_rep() -> None:
    time_s, up, reps = set_of(
        5, [(0.0, 6.0)], [(0.0, 3.0), (BENT_DEG, 0.0), (5.0, 0.0), (45.0, 0.0), (BENT_DEG, 2.0)], into=False
    )
    assert settling(time_s, up, reps) == reps[-1:]


def test_a_first_rep_that_was_seen_from_where_the_knee_was_bent_stays() -> None:
    poses = [(0.0, 3.0), (BENT_DEG, 2.0), *(pose for _ in range(5) for pose in ((0.0, 1.0), (BENT_DEG, 1.0)))]
    time_s, up, reps = moved(poses, [(1, 3), (3, 5), (5, 7), (7, 9), (9, 11)])
    seen_early = replace(reps[0], start_s=reps[0].start_s - 2.0)
    assert settling(time_s, up, [seen_early, *reps[1:]]) == []


def test_reps_before_and_after_which_the_person_is_in_the_start_pose_stay() -> None:
    strides = [(lean, 0.0) for lean in STRIDES]
    poses = [*strides, (0.0, 3.0), (BENT_DEG, 2.0), (0.0, 1.0), (BENT_DEG, 1.0), (0.0, 1.0), (BENT_DEG, 2.0), *strides]
    time_s, up, reps = moved(poses, [(9, 11), (11, 13)])
    assert settling(time_s, up, reps) == []


def test_a_first_rep_of_which_nothing_is_known_before_stays() -> None:
    time_s, up, reps = moved([(BENT_DEG, 0.0), (0.0, 1.0), (BENT_DEG, 2.0)], [(0, 2)])
    first = time_s.searchsorted(reps[0].start_s)
    assert settling(time_s[first:], up[first:], reps) == []


SQUATS = [pose for _ in range(5) for pose in ((30.0, 0.0), (0.0, 1.0))]
"""From standing, and back to it."""


def squats_and(apart: Sequence[tuple[float, float]], few: Sequence[tuple[int, int]]) -> Seen:
    """Five squats and, seven seconds later, what else the leg did, of which a few movements were counted."""
    at = len(SQUATS)
    poses = [(0.0, 3.0), *SQUATS[:-1], (0.0, 7.0), *apart]
    return moved(poses, [*((2 * k, 2 * k + 2) for k in range(5)), *((at + a, at + b) for a, b in few)])


def test_a_stride_or_two_long_after_the_reps_before_which_the_leg_was_elsewhere_are_none() -> None:
    time_s, up, reps = squats_and([(-35.0, 0.5), (0.0, 0.0), (30.0, 0.0), (0.0, 3.0)], [(2, 4)])
    assert on_the_move(time_s, up, reps) == reps[-1:]


def test_sitting_down_after_a_movement_like_a_rep_shows_that_it_was_none() -> None:
    time_s, up, reps = squats_and([(30.0, 0.0), (0.0, 0.3), (80.0, 4.0)], [(0, 2)])
    assert on_the_move(time_s, up, reps) == reps[-1:]


def test_a_last_rep_after_a_pause_before_and_after_which_the_person_stands_stays() -> None:
    time_s, up, reps = squats_and([(30.0, 0.0), (0.0, 3.0)], [(0, 2)])
    assert on_the_move(time_s, up, reps) == []


def test_three_reps_apart_from_the_others_stay_wherever_the_person_goes() -> None:
    three = [(30.0, 0.0), (0.0, 0.5), (30.0, 0.0), (0.0, 0.5), (30.0, 0.0), (0.0, 0.3), (80.0, 4.0)]
    time_s, up, reps = squats_and(three, [(0, 2), (2, 4), (4, 6)])
    assert on_the_move(time_s, up, reps) == []


def test_the_first_rep_and_the_last_of_many_stay_wherever_the_person_comes_from() -> None:
    time_s, up, reps = moved(
        [(-35.0, 0.5), (0.0, 0.0), *SQUATS, (-35.0, 2.0)], [(2 * k + 1, 2 * k + 3) for k in range(5)]
    )
    assert on_the_move(time_s, up, reps) == []
