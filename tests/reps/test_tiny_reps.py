"""Knee extensions in which the thigh hardly tilts count where they are many in a row, and alike."""

from __future__ import annotations

import numpy as np
import pytest
from swung import count, tilted

from kneeimu.types import FloatArray

RATE_HZ = 25.0


def rests(seconds: float) -> FloatArray:
    return np.zeros(round(seconds * RATE_HZ))


def tilts(degs: list[float], seconds: float = 3.0, pause_s: float = 1.0) -> FloatArray:
    """Out, held at the far end, and back."""
    share = np.linspace(0.0, 1.0, round(seconds * RATE_HZ))
    out = np.clip(3.0 * share, 0.0, 1.0) * np.clip(3.0 * (1.0 - share), 0.0, 1.0)
    way = out**3 * (10.0 - 15.0 * out + 6.0 * out**2)
    return np.concatenate([np.concatenate((deg * way, rests(pause_s))) for deg in degs])


def counted(*parts: FloatArray) -> int:
    return count("knee-extension", tilted(np.concatenate((rests(8.0), *parts, rests(12.0))), RATE_HZ))


@pytest.mark.parametrize("times", [5, 8, 12])
def test_tilts_too_small_for_the_counter_count_together(times: int) -> None:
    assert counted(tilts([2.2] * times)) == times


def test_either_way_round_they_are_as_many() -> None:
    assert counted(tilts([-2.2] * 8)) == 8


def test_a_thigh_that_is_taken_along_by_the_other_leg_is_not_counted() -> None:
    assert counted(tilts([1.6] * 10)) == 0


def test_a_few_are_none() -> None:
    assert counted(tilts([2.2] * 4)) == 0


def test_a_thigh_that_is_moved_now_less_and_now_more_is_not_counted() -> None:
    assert counted(tilts([1.0, 2.4, 1.5, 2.3, 0.9, 2.4, 1.2, 2.2])) == 0


def test_those_that_the_counter_saw_are_not_counted_twice() -> None:
    assert counted(tilts([2.3, 3.2] * 5)) == 10


def test_two_sets_count_apart() -> None:
    assert counted(tilts([2.2] * 6), rests(30.0), tilts([2.3] * 7)) == 13
