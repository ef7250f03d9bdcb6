"""A few quick movements apart from the reps, and unlike them, are none of them."""

from __future__ import annotations

import numpy as np

from kneeimu.reps.afterwards.apart import quick_and_apart
from kneeimu.reps.afterwards.oddness import LookParameters
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of

P = LookParameters()


def swing(start_s: float, duration_s: float = 3.0, range_deg: float = 40.0) -> Excursion:
    """Lean ahead by so much, and back."""
    share = np.linspace(0.0, 1.0, 51)
    angle = np.radians(0.5 * range_deg * (1.0 - np.cos(2.0 * np.pi * share)))
    up = np.column_stack((np.sin(angle), 0.0 * angle, np.cos(angle)))
    return excursion_of(start_s + duration_s * share, up, 0, 25, 50)


REPS = [swing(start_s) for start_s in (0.0, 4.0, 8.0, 12.0, 16.0)]


def test_two_steps_aside_after_the_set_are_none() -> None:
    steps = [swing(25.0, 1.2, 15.0), swing(27.0, 1.2, 15.0)]
    assert quick_and_apart([*REPS, *steps], [], P) == [5, 6]


def test_two_quicker_reps_after_a_rest_stay() -> None:
    assert quick_and_apart([*REPS, swing(25.0, 2.2), swing(28.0, 2.2)], [], P) == []


def test_two_small_and_slow_ones_after_a_rest_stay() -> None:
    assert quick_and_apart([*REPS, swing(25.0, 4.0, 15.0), swing(30.0, 4.0, 15.0)], [], P) == []


def test_quick_ones_in_rhythm_with_the_others_stay() -> None:
    assert quick_and_apart([*REPS, swing(20.0, 1.2, 15.0), swing(22.2, 1.2, 15.0)], [], P) == []


def test_one_step_long_after_a_set_is_none() -> None:
    assert quick_and_apart([swing(60.0, 1.0, 15.0)], REPS, P) == [0]


def test_where_few_reps_are_known_nothing_is_odd() -> None:
    assert quick_and_apart([*REPS[:3], swing(25.0, 1.2, 15.0)], [], P) == []


def test_a_set_of_another_size_is_a_set() -> None:
    quick = [swing(60.0 + 1.5 * k, 1.2, 15.0) for k in range(4)]
    assert quick_and_apart(quick, REPS, P) == []
