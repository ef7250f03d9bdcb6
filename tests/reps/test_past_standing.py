"""Strides are known by the pose in which the person stood beside them, when a set is over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from looked_again import TICK_S, out_and_back, rest, up_of
from swung import count, swung

from kneeimu.reps.afterwards.past_standing import past_standing
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import find_strokes, unit
from kneeimu.types import FloatArray

AXIS = np.array([-1.0, 0.0, 0.0])


def seen_from(home_deg: float, angle_deg: FloatArray) -> list[Excursion]:
    """What is out and back from there."""
    time_s, up = np.arange(len(angle_deg)) * TICK_S, up_of(angle_deg)
    strokes = find_strokes(time_s, up, unit(up_of(np.array([home_deg]))[0]), AXIS, 25.0)
    return [
        Excursion(time_s[s.start], time_s[s.turn], time_s[s.end], s.height_deg, s.axis, s.home, s.far) for s in strokes
    ]


def strides(times: int) -> tuple[FloatArray, list[Excursion]]:
    """The leg stands, swings to both sides of that, and stands; each swing is out and back from its hindmost end."""
    ticks = round(1.2 / TICK_S)
    swing = 6.0 - 18.0 * np.cos(2.0 * np.pi * np.arange(times * ticks) / ticks)
    hindmost, foremost = (tuple(pose) for pose in up_of(np.array([-12.0, 24.0])).tolist())
    starts_s = 3.0 + 1.2 * np.arange(times)
    walk = [Excursion(at, at + 0.6, at + 1.2, 36.0, (-1.0, 0.0, 0.0), hindmost, foremost) for at in starts_s.tolist()]
    return np.concatenate((rest(3.0), swing, rest(3.0))), walk


def found_in(angle_deg: FloatArray, movements: list[Excursion]) -> list[Excursion]:
    return past_standing(np.arange(len(angle_deg)) * TICK_S, up_of(angle_deg), movements)


def test_a_leg_that_swings_to_both_sides_of_where_the_person_stood_strides() -> None:
    angle, walk = strides(4)
    assert found_in(angle, walk) == walk


@pytest.mark.parametrize(("last_s", "strode"), [(2.0, 3), (3.5, 0)])
def test_the_last_stride_may_take_longer_since_the_person_stops(last_s: float, strode: int) -> None:
    """The first sets out from where the person stood, so that two remain that swing past it."""
    angle, (first, *others) = strides(3)
    starts_out = replace(first, home=tuple(up_of(np.array([0.0]))[0].tolist()), peak_deg=24.0)
    walk = [starts_out, others[0], replace(others[1], end_s=others[1].start_s + last_s)]
    assert len(found_in(angle, walk)) == strode


def test_quick_reps_that_set_out_from_where_the_person_stands_are_none() -> None:
    angle = np.concatenate((rest(3.0), *[out_and_back(30.0, 1.3) for _ in range(5)], rest(3.0)))
    movements = seen_from(0.0, angle)
    assert len(movements) == 5
    assert found_in(angle, movements) == []


def test_where_nobody_stood_beside_them_nothing_is_known() -> None:
    angle, walk = strides(8)
    amid = slice(round(3.0 / TICK_S), round(12.6 / TICK_S))
    assert past_standing(np.arange(len(angle))[amid] * TICK_S, up_of(angle)[amid], walk) == []


def test_a_rep_that_is_held_is_no_stand() -> None:
    """The quick reps before it swing past where it is held, and not past where the person stands."""
    held = np.concatenate((np.linspace(0.0, 15.0, 20), rest(1.0, 15.0), np.linspace(15.0, 0.0, 20)))
    angle = np.concatenate((*[out_and_back(30.0, 1.3) for _ in range(4)], held))
    time_s = len(angle) * TICK_S
    slow = Excursion(time_s - 2.6, time_s - 1.5, time_s, 15.0, (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.259, 0.966))
    assert found_in(angle, [*seen_from(0.0, angle)[:4], slow]) == []


@pytest.mark.parametrize("times", [3, 4])
@pytest.mark.parametrize("exercise", ["squat", "single-leg-squat", "step-down"])
def test_a_few_strides_before_and_after_reps_are_not_counted(exercise: str, times: int) -> None:
    """Planar and soft, as a leg that is drawn: neither the foot nor the pelvis tells them."""
    walk, stands = (-9.0, 21.0, 1.3, times), (-0.01, 0.01, 3.0, 1)
    assert count(exercise, swung([walk, stands, (0.0, 45.0, 3.0, 8), stands, walk])) == 8
