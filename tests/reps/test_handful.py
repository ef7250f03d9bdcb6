"""A handful of movements is a set only when they are alike: before a set people bend down, sit, and put a band on."""

from __future__ import annotations

import pytest
from swung import count, swung


def test_three_movements_of_three_kinds_are_no_set() -> None:
    assert count("squat", swung([(0.0, 30.0, 2.0, 1), (0.0, 48.0, 3.6, 1), (0.0, 26.0, 1.6, 1)])) == 0


@pytest.mark.parametrize("period_s", [1.5, 3.0, 6.0])
def test_three_movements_alike_are_a_set(period_s: float) -> None:
    assert count("squat", swung([(0.0, 40.0, period_s, 3)])) == 3


def test_five_reps_of_which_one_is_odd_are_a_set() -> None:
    assert count("squat", swung([(0.0, 40.0, 3.0, 4), (0.0, 54.0, 4.5, 1)])) == 5
