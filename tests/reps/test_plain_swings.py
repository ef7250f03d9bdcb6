"""Lunges in place lean the shin out and back, and nothing else: then they are looked at as other reps are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kneeimu.reps.afterwards.plain_swings import plain_reps
from kneeimu.reps.afterwards.second_look_at_swings import look_again_at_swings
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of
from kneeimu.types import FloatArray

TICK_S = 0.04
FLOOR_DEG = 7.0
STAND = 50


def up_of(angle_deg: FloatArray) -> FloatArray:
    angle = np.radians(angle_deg)
    return np.stack((np.zeros_like(angle), np.sin(angle), np.cos(angle)), axis=1)


def lunge(size_deg: float = 20.0, out_and_back_s: float = 2.0, held_s: float = 0.8) -> FloatArray:
    way = 0.5 * size_deg * (1.0 - np.cos(np.linspace(0.0, np.pi, round(0.5 * out_and_back_s / TICK_S))))
    return np.concatenate((way, np.full(round(held_s / TICK_S), size_deg), way[::-1]))


def set_of(sizes_deg: list[float], still: int = 20) -> FloatArray:
    reps = [part for size_deg in sizes_deg for part in (lunge(size_deg), np.zeros(still))]
    return np.concatenate((np.zeros(STAND), *reps, np.zeros(200)))


def spans(count: int, still: int = 20) -> list[tuple[int, int]]:
    length = len(lunge())
    starts = [STAND + k * (length + still) for k in range(count)]
    return [(start, start + length) for start in starts]


def seen(angle: FloatArray, ticks: list[tuple[int, int]]) -> list[Excursion]:
    time_s, up = np.arange(len(angle)) * TICK_S, up_of(angle)
    return [excursion_of(time_s, up, start, (start + end) // 2, end) for start, end in ticks]


def from_bottom_to_bottom(count: int) -> list[tuple[int, int]]:
    middles = [(start + end) // 2 for start, end in spans(count)]
    return list(itertools.pairwise(middles))


def test_lunges_in_place_that_were_counted_from_bottom_to_bottom_are_seen_from_where_the_person_stood() -> None:
    angle = set_of([20.0] * 8)
    counted = seen(angle, from_bottom_to_bottom(8))
    removed, added, _ = look_again_at_swings(np.arange(len(angle)) * TICK_S, up_of(angle), counted, [], FLOOR_DEG)
    assert len(counted) - len(removed) + len(added) == 8


@settings(max_examples=25)
@given(st.lists(st.floats(17.0, 23.0), min_size=5, max_size=12))
def test_each_of_them_is_one_rep_whatever_its_size(sizes_deg: list[float]) -> None:
    angle = set_of(sizes_deg)
    reps = plain_reps(np.arange(len(angle)) * TICK_S, up_of(angle), seen(angle, spans(len(sizes_deg))), [], FLOOR_DEG)
    assert [rep.turn_s for rep in reps] == [
        pytest.approx(0.5 * (start + end) * TICK_S, abs=0.5) for start, end in spans(len(sizes_deg))
    ]


def test_lunges_of_which_every_other_was_missed_are_all_found() -> None:
    angle = set_of([20.0] * 12)
    counted = seen(angle, spans(12)[::2])
    removed, added, _ = look_again_at_swings(np.arange(len(angle)) * TICK_S, up_of(angle), counted, [], FLOOR_DEG)
    assert (removed, len(added)) == ([], 6)


def test_steps_ahead_in_which_the_shin_swings_both_ways_are_not_plain() -> None:
    swing = -18.0 * np.sin(np.linspace(0.0, np.pi, 18))
    one = np.concatenate((swing, lunge(), swing, np.zeros(20)))
    angle = np.concatenate((np.zeros(STAND), np.tile(one, 6), np.zeros(200)))
    ticks = [(STAND + k * len(one), STAND + (k + 1) * len(one) - 20) for k in range(6)]
    assert plain_reps(np.arange(len(angle)) * TICK_S, up_of(angle), seen(angle, ticks), [], FLOOR_DEG) == []


def test_uneven_movements_are_not_plain() -> None:
    parts = [np.zeros(STAND)]
    for out_and_back_s in (1.0, 4.0, 1.0, 5.0, 1.2, 4.5):
        parts += [lunge(20.0, out_and_back_s, 0.2 * out_and_back_s), np.zeros(20)]
    angle = np.concatenate((*parts, np.zeros(200)))
    edges = np.cumsum([len(part) for part in parts])
    ticks = [(int(edges[k]), int(edges[k + 1])) for k in range(0, 12, 2)]
    assert plain_reps(np.arange(len(angle)) * TICK_S, up_of(angle), seen(angle, ticks), [], FLOOR_DEG) == []


def strides(count: int) -> FloatArray:
    one = np.concatenate((lunge(40.0, 0.8, 0.04), np.zeros(3)))
    return np.tile(one, count)


@pytest.mark.parametrize("count", [3, 6])
def test_strides_on_the_way_to_the_mat_are_no_lunges(count: int) -> None:
    """However many: they took far less time than the lunges."""
    walk, angle = strides(count), set_of([20.0] * 8)
    length, before = len(walk) // count, STAND + len(walk)
    counted = seen(
        np.concatenate((np.zeros(STAND), walk, angle)),
        [
            *((STAND + k * length, STAND + (k + 1) * length) for k in range(count)),
            *((before + start, before + end) for start, end in spans(8)),
        ],
    )
    whole = np.concatenate((np.zeros(STAND), walk, angle))
    removed, added, _ = look_again_at_swings(np.arange(len(whole)) * TICK_S, up_of(whole), counted, [], FLOOR_DEG)
    assert (removed, added) == (list(range(count)), [])
