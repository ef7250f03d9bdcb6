"""Lunges with a step, seen from the shin: two swings are one rep, and the other leg's lunges are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from kneeimu.reps.afterwards.other_leg import reps_between
from kneeimu.reps.afterwards.out_and_back_again import joined
from kneeimu.reps.afterwards.second_look_at_swings import look_again_at_swings
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of
from kneeimu.types import FloatArray

RATE_HZ = 25.0
FLOOR_DEG = 8.0
Span = tuple[float, float]


def swing(deg: float, seconds: float) -> FloatArray:
    return 0.5 * deg * (1.0 - np.cos(np.linspace(0.0, 2.0 * np.pi, round(seconds * RATE_HZ))))


def shin(ahead_deg: FloatArray, aside_deg: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Times, and unit vectors up of a shin that leans so."""
    ahead, aside = np.radians(ahead_deg), np.radians(aside_deg)
    up = np.column_stack((np.sin(ahead) * np.cos(aside), np.sin(aside), np.cos(ahead) * np.cos(aside)))
    return np.arange(len(up)) / RATE_HZ, up


def seen(time_s: FloatArray, up: FloatArray, spans: Sequence[Span]) -> list[Excursion]:
    """Movements as they were seen in these times."""
    ticks = [np.searchsorted(time_s, span).tolist() for span in spans]
    return [excursion_of(time_s, up, start, (start + end) // 2, end) for start, end in ticks]


def stepped(
    times: int, lean_deg: float, sway_deg: float = 0.0, back_deg: float = 40.0
) -> tuple[FloatArray, FloatArray, list[Excursion]]:
    """Steps ahead and back, each a swing of 1 s; in the lunge the shin leans by so much, for 1.5 s."""
    rng = np.random.default_rng(5)
    ahead, aside, spans = [np.zeros(50)], [np.zeros(50)], []
    for _ in range(times):
        for stay_s, lean, deg in ((1.5, lean_deg, 40.0), (2.0, 0.0, back_deg)):
            at_s = sum(map(len, ahead)) / RATE_HZ
            spans.append((at_s, at_s + 1.0))
            stay = round(stay_s * RATE_HZ)
            ahead += [swing(deg * rng.uniform(0.9, 1.1), 1.0), np.full(stay, lean + sway_deg * rng.normal())]
            aside += [np.zeros(round(RATE_HZ)), np.zeros(stay)]
    time_s, up = shin(np.concatenate([*ahead, np.zeros(50)]), np.concatenate([*aside, np.zeros(50)]))
    return time_s, up, seen(time_s, up, spans)


def test_a_swing_as_the_foot_steps_ahead_and_one_as_it_steps_back_are_one_lunge() -> None:
    reps = joined(*stepped(8, lean_deg=7.0))
    assert [rep.duration_s for rep in reps] == pytest.approx(8 * [3.5], abs=0.1)


@pytest.mark.parametrize(("times", "reps"), [(10, 10), (4, 0)])
def test_larger_and_smaller_swings_that_take_turns_all_through_a_long_set_are_ways_out_and_back(
    times: int, reps: int
) -> None:
    assert len(joined(*stepped(times, lean_deg=0.0, back_deg=28.0))) == reps


def test_strides_after_lunges_are_no_part_of_them() -> None:
    time_s, up, swings = stepped(8, lean_deg=7.0)
    strides = [replace(one, peak_deg=70.0) for one in swings[-2:]]
    assert len(joined(time_s, up, [*swings[:-2], *strides])) == 7


@pytest.mark.parametrize(("lean_deg", "sway_deg"), [(0.0, 1.0), (7.0, 8.0)])
def test_swings_between_which_the_shin_rests_in_no_two_poses_stay_as_they_are(lean_deg: float, sway_deg: float) -> None:
    assert joined(*stepped(8, lean_deg, sway_deg)) == []


def by_turns(own_deg: float, lunges: int = 6) -> tuple[FloatArray, FloatArray, list[Excursion]]:
    """The leg swings ahead and back twice in its own lunges; in the others it goes over by 80 deg."""
    ahead, spans = [np.zeros(50)], []
    for _ in range(lunges):
        ahead += [swing(-own_deg, 1.0), np.zeros(5), swing(-own_deg, 1.0), np.zeros(25)]
        at_s = sum(map(len, ahead)) / RATE_HZ
        spans.append((at_s, at_s + 3.0))
        ahead += [swing(80.0, 3.0), np.zeros(25)]
    ahead_deg = np.concatenate([*ahead, np.zeros(50)])
    time_s, up = shin(ahead_deg, np.zeros_like(ahead_deg))
    return time_s, up, seen(time_s, up, spans)


def test_lunges_that_take_turns_with_far_ones_of_the_other_leg_are_the_reps() -> None:
    time_s, up, others = by_turns(own_deg=25.0)
    reps = reps_between(time_s, up, others, FLOOR_DEG)
    assert len(reps) == 6
    assert all(rep.end_s <= other.start_s + 0.1 for rep, other in zip(reps, others, strict=True))


def test_of_a_set_in_which_legs_took_turns_both_are_one_rep() -> None:
    time_s, up, others = by_turns(own_deg=25.0)
    own = seen(time_s, up, [(other.start_s - 3.2, other.start_s - 1.0) for other in others])
    counted = sorted([*own, *others], key=lambda one: one.start_s)
    removed, added, _ = look_again_at_swings(time_s, up, counted, [], FLOOR_DEG)
    assert (len(removed), added) == (6, [])


def test_ways_out_and_back_that_were_counted_are_half_as_many_reps() -> None:
    time_s, up, swings = stepped(8, lean_deg=7.0)
    removed, added, _ = look_again_at_swings(time_s, up, swings, [], FLOOR_DEG)
    assert len(swings) - len(removed) + len(added) == 8


@pytest.mark.parametrize("own_deg", [0.0, 4.0, 75.0])
def test_where_nothing_smaller_lies_between_the_far_ones_they_are_the_reps(own_deg: float) -> None:
    time_s, up, others = by_turns(own_deg)
    assert reps_between(time_s, up, others, FLOOR_DEG) == []


def test_a_few_movements_between_others_are_no_reps() -> None:
    time_s, up, others = by_turns(25.0, lunges=4)
    assert reps_between(time_s, up, others, FLOOR_DEG) == []
