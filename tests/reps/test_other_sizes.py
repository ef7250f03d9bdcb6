"""Reps that are smaller than the exercise asks for, or far larger than those before."""

from __future__ import annotations

import numpy as np
import pytest
from swung import count, swung, tilted

from kneeimu.types import FloatArray

LARGE, SMALL = (0.0, 16.0, 3.0, 6), (0.0, 4.3, 3.0, 6)
"""Lifts to the side (from deg, to deg, period s, times); 4.8 deg are asked for."""
REST = (0.0, 0.02, 14.0, 1)


def counted(*sets: tuple[float, float, float, float]) -> int:
    return count("hip-abduction", swung([swing for one in sets for swing in (one, REST)]))


def test_small_reps_alone_are_too_small() -> None:
    assert counted(SMALL) == 0


def test_after_a_set_that_was_large_enough_they_count() -> None:
    assert counted(LARGE, SMALL) == 12


@pytest.mark.parametrize("few", [1, 2])
def test_one_or_two_small_movements_after_the_set_do_not(few: int) -> None:
    assert counted(LARGE, (0.0, 4.3, 3.0, few)) == 6


def test_what_is_much_smaller_still_is_none() -> None:
    assert counted(LARGE, (0.0, 2.0, 3.0, 6)) == 6


@pytest.mark.parametrize(("deg", "reps"), [(3.2, 12), (2.0, 6)])
def test_after_a_set_much_smaller_ones_are_seen_than_before_any(deg: float, reps: int) -> None:
    """Of the shin of a leg that lifts face down 5.5 deg are asked for, and a movement of 3.3 deg is seen."""
    swings = [(0.0, 12.0, 4.0, 6), REST, (0.0, deg, 3.0, 6), REST]
    assert count("prone-hip-extension", swung(swings[2:]), "shin") == 0
    assert count("prone-hip-extension", swung(swings), "shin") == reps


def test_reps_that_fade_below_the_smallest_range_count() -> None:
    swings = [(0.0, 7.0, 3.0, 4), (0.0, 4.3, 3.0, 4)]
    assert count("hip-abduction", swung(swings)) == 8


def test_small_and_larger_ones_make_a_set_together() -> None:
    assert count("hip-abduction", swung([LARGE, REST, (0.0, 4.4, 3.0, 1), (0.0, 5.6, 3.0, 2), REST])) == 9


def test_a_sway_below_it_in_a_set_of_large_reps_does_not() -> None:
    assert count("hip-abduction", swung([LARGE, (0.0, 3.2, 3.0, 1), LARGE])) == 12


def test_small_quick_reps_count_after_quick_ones_that_were_large_enough() -> None:
    assert count("squat", swung([(0.0, 35.0, 1.8, 8), REST, (0.0, 12.0, 1.6, 6), REST])) == 14


def test_small_quick_movements_after_slow_reps_do_not() -> None:
    assert count("squat", swung([(0.0, 35.0, 4.0, 8), REST, (0.0, 12.0, 1.6, 6), REST])) == 8


@pytest.mark.parametrize(("large", "reps"), [(1, 6), (2, 6), (3, 9)])
def test_three_far_larger_than_the_reps_before_are_a_group_and_fewer_are_none(large: int, reps: int) -> None:
    assert count("hip-abduction", swung([(0.0, 9.0, 4.0, 6), (0.0, 30.0, 5.0, large)])) == reps


def test_small_lifts_after_the_leg_was_laid_down_elsewhere_count_from_there() -> None:
    """Of the poses under watch the one left long ago is given up, and not the new one that the lifts set out from."""
    lies_deg = 8.0
    before, after = [_lift(0.0, 12.0, 1.0)] * 6, [_lift(lies_deg, lies_deg + 4.3, 3.0)] * 8
    rest = np.full(500, lies_deg)
    angle = np.concatenate((np.zeros(75), *before, _way(0.0, lies_deg), rest, *after, rest[:300]))
    assert count("prone-hip-extension", tilted(angle), "shin") == 14


@pytest.mark.parametrize(("times", "reps"), [(8, 8), (4, 4), (3, 0)])
def test_four_small_ones_of_who_stands_that_are_alike_are_reps(times: int, reps: int) -> None:
    assert count("squat", swung([(0.0, 8.5, 3.0, times), REST])) == reps


def test_small_quick_ones_of_who_stands_count_where_all_are() -> None:
    assert count("squat", swung([(0.0, 8.5, 1.3, 8), REST])) == 8


def test_small_ones_of_all_paces_are_none() -> None:
    swings = [(0.0, 8.5, period_s, 1) for period_s in (2.0, 5.0, 2.0, 5.0, 2.0, 5.0, 2.0, 5.0)]
    assert count("squat", swung([*swings, REST])) == 0


def _lift(from_deg: float, to_deg: float, held_s: float) -> FloatArray:
    """Up, held, down again, and a second's rest, at 25 Hz."""
    up = _way(from_deg, to_deg)
    return np.concatenate((up, np.full(round(25 * held_s), to_deg), up[::-1], np.full(25, from_deg)))


def _way(from_deg: float, to_deg: float) -> FloatArray:
    """In a second from one pose to another."""
    return from_deg + (to_deg - from_deg) * 0.5 * (1.0 - np.cos(np.linspace(0.0, np.pi, 25)))
