"""A movement of a set that stands alone, long before its reps or after them, is none of them."""

from __future__ import annotations

import numpy as np

from kneeimu.reps.afterwards.alone import alone
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of


def rep_at(start_s: float) -> Excursion:
    """A swing of 20 deg and 2 s."""
    time_s = start_s + np.linspace(0.0, 2.0, 51)
    angle = np.radians(10.0 * (1.0 - np.cos(np.pi * np.linspace(0.0, 2.0, 51))))
    return excursion_of(time_s, np.column_stack((np.sin(angle), 0.0 * angle, np.cos(angle))), 0, 25, 50)


def reps_at(*starts_s: float) -> list[Excursion]:
    return [rep_at(start_s) for start_s in starts_s]


def test_sitting_down_long_before_the_first_rep_is_none() -> None:
    reps = reps_at(0.0, 20.0, 23.0, 26.0, 29.0, 32.0)
    assert alone(reps) == reps[:1]


def test_a_last_rep_after_a_pause_stays() -> None:
    assert alone(reps_at(0.0, 3.0, 6.0, 9.0, 20.0)) == []


def test_who_rests_long_after_every_rep_keeps_them_all() -> None:
    assert alone(reps_at(0.0, 8.0, 16.0, 24.0, 38.0)) == []


def test_two_reps_on_their_own_are_not_alone() -> None:
    assert alone(reps_at(0.0, 3.0, 20.0, 23.0, 26.0, 29.0)) == []


def test_of_a_few_reps_none_is_alone() -> None:
    assert alone(reps_at(0.0, 20.0, 23.0, 26.0)) == []
