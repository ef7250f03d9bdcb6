"""A few strides beside slow reps, between which the limb does not stand, are none of them."""

from __future__ import annotations

import numpy as np
import pytest
from swung import count, tilted

from kneeimu.reps.afterwards.few_strides import few_strides
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of
from kneeimu.types import FloatArray


class Limb:
    """Tilts out and back as told, 25 ticks a second."""

    def __init__(self) -> None:
        self._angle: list[FloatArray] = []
        self._edges: list[tuple[int, int]] = []

    def stands(self, seconds: float) -> Limb:
        self._angle.append(np.zeros(round(25 * seconds)))
        return self

    def swings(self, times: int, seconds: float, range_deg: float = 30.0, dwell: float = 0.0) -> Limb:
        """``dwell`` is the share of the time in which it is at either end."""
        ticks = round(25 * seconds)
        there = np.clip((np.abs(1.0 - 2.0 * np.arange(ticks) / ticks) - 0.5) / (1.0 - dwell) + 0.5, 0.0, 1.0)
        return self._goes(times, range_deg * 0.5 * (1.0 + np.cos(np.pi * there)))

    def strides(self, times: int, seconds: float = 1.2, range_deg: float = 20.0) -> Limb:
        """As fast all the way, so that it is slow nowhere."""
        ticks = round(25 * seconds)
        return self._goes(times, range_deg * (1.0 - np.abs(1.0 - 2.0 * np.arange(ticks) / ticks)))

    def _goes(self, times: int, angle_deg: FloatArray) -> Limb:
        for _ in range(times):
            begin = sum(map(len, self._angle))
            self._angle.append(angle_deg)
            self._edges.append((begin, begin + len(angle_deg)))
        return self

    def found(self, before: list[Excursion] | None = None) -> list[int]:
        time_s, up = self._seen()
        movements = self.movements()
        strides = few_strides(time_s, up, movements, before or [])
        return [k for k, one in enumerate(movements) if one in strides]

    def movements(self) -> list[Excursion]:
        time_s, up = self._seen()
        return [excursion_of(time_s, up, begin, (begin + end) // 2, end) for begin, end in self._edges]

    @property
    def angle_deg(self) -> FloatArray:
        return np.concatenate(self._angle)

    def _seen(self) -> tuple[FloatArray, FloatArray]:
        angle = np.radians(self.angle_deg)
        return np.arange(len(angle)) / 25.0, np.column_stack((np.sin(angle), 0.0 * angle, np.cos(angle)))


def slow_reps() -> Limb:
    return Limb().stands(3.0).swings(5, 3.2, dwell=0.2).stands(5.0)


@pytest.mark.parametrize(("times", "strode"), [(2, []), (3, [5, 6, 7]), (5, [5, 6, 7, 8, 9])])
def test_three_strides_and_more_after_slow_reps_are_none(times: int, strode: list[int]) -> None:
    assert slow_reps().strides(times).stands(3.0).found() == strode


def test_quick_reps_after_slow_ones_dwell_and_stay() -> None:
    assert slow_reps().swings(4, 1.4, dwell=0.3).stands(3.0).found() == []


def test_five_in_a_hurry_that_go_as_far_as_the_slow_ones_stay() -> None:
    assert slow_reps().strides(5, range_deg=30.0).stands(3.0).found() == []


def test_who_does_all_reps_as_quick_keeps_them() -> None:
    assert Limb().stands(3.0).swings(5, 1.3).stands(5.0).strides(4).stands(3.0).found() == []


def test_strides_alone_are_held_against_the_set_before() -> None:
    before = slow_reps().movements()
    assert Limb().stands(3.0).strides(3).stands(3.0).found(before) == [0, 1, 2]
    assert Limb().stands(3.0).strides(3).stands(3.0).found() == []


def test_who_walks_off_after_squats_has_done_the_squats_alone() -> None:
    assert count("squat", tilted(slow_reps().strides(3, 1.28, 36.0).stands(12.0).angle_deg)) == 5
