"""Many quick reps, each refused beside something slower that was none, are a set all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kneeimu.reps.afterwards.refused import refused_sets
from kneeimu.reps.excursion import Excursion

AXIS, HOME, FAR = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.9, 0.436)
FLOOR_DEG = 8.0


def in_a_row(times: int, deg: float = 25.0, period_s: float = 0.9, pause_s: float = 0.1) -> list[Excursion]:
    begins_s = [k * (period_s + pause_s) for k in range(times)]
    return [Excursion(t, t + 0.5 * period_s, t + period_s, deg, AXIS, HOME, FAR) for t in begins_s]


@pytest.mark.parametrize(("times", "sets"), [(5, 0), (6, 1), (12, 1)])
def test_six_in_a_row_that_repeat_each_other_are_a_set(times: int, sets: int) -> None:
    quick = in_a_row(times)
    assert list(refused_sets(quick, FLOOR_DEG)) == [quick] * sets


def test_what_is_too_small_for_the_exercise_is_none() -> None:
    assert list(refused_sets(in_a_row(8, deg=7.0), FLOOR_DEG)) == []


def test_movements_of_all_sizes_are_none() -> None:
    uneven = [
        replace(one, peak_deg=deg) for one, deg in zip(in_a_row(8), [10, 30, 14, 40, 20, 11, 35, 17], strict=True)
    ]
    assert list(refused_sets(uneven, FLOOR_DEG)) == []


def test_now_and_then_a_movement_is_no_set() -> None:
    assert list(refused_sets(in_a_row(8, pause_s=3.0), FLOOR_DEG)) == []


def test_one_that_goes_another_way_is_left_out() -> None:
    quick = in_a_row(8)
    quick[3] = replace(quick[3], axis=(0.0, 0.0, 1.0))
    assert list(refused_sets(quick, FLOOR_DEG)) == [[*quick[:3], *quick[4:]]]
