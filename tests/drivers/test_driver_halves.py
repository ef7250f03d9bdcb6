"""Acceleration and rotation that come apart are put together for the same instants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kneeimu.sensors import metamotion
from kneeimu.sensors.driver import Malformed, Reading, Readings
from kneeimu.sensors.merge import ACC, GYR, TimeMerger

PERIOD_S = 0.01


def _line(time_s: np.ndarray) -> np.ndarray:
    """A quantity that tells its time."""
    return np.column_stack([time_s, -time_s, 2 * time_s])


def _feed(merger: TimeMerger, kind: str, first: float, n: int) -> list[Reading]:
    time_s = first + np.arange(n) * PERIOD_S
    return merger.add(kind, time_s, _line(time_s), PERIOD_S)


def _joined(found: list[Reading]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    runs = [item for item in found if isinstance(item, Readings)]
    times = [run.device_time_s for run in runs if run.device_time_s is not None]
    return np.concatenate(times), np.vstack([r.acc_m_s2 for r in runs]), np.vstack([r.gyr_rad_s for r in runs])


@given(
    lag_s=st.floats(-0.02, 0.02),
    frames=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=2, max_size=8),
)
def test_every_rotation_gets_the_acceleration_of_its_time(lag_s: float, frames: list[tuple[int, int]]) -> None:
    merger, found = TimeMerger(), []
    acc_at, gyr_at = 0, 0
    for n_acc, n_gyr in frames:
        found += _feed(merger, ACC, acc_at * PERIOD_S, n_acc)
        found += _feed(merger, GYR, gyr_at * PERIOD_S + lag_s, n_gyr)
        acc_at, gyr_at = acc_at + n_acc, gyr_at + n_gyr
    if not any(isinstance(item, Readings) for item in found):
        return
    time_s, acc, gyr = _joined(found)
    assert np.allclose(acc, _line(time_s), atol=1e-9)
    assert np.allclose(gyr, _line(time_s), atol=1e-9)
    assert np.all(np.diff(time_s) > 0)
    assert np.allclose(np.diff(time_s), PERIOD_S), "none is left out"


def test_nothing_is_made_up_where_accelerations_are_missing() -> None:
    merger = TimeMerger()
    found = _feed(merger, ACC, 0.0, 50) + _feed(merger, GYR, 0.0, 50)
    found += _feed(merger, GYR, 0.5, 50) + _feed(merger, GYR, 1.0, 50) + _feed(merger, ACC, 1.0, 50)
    time_s, *_ = _joined(found)
    assert not np.any((time_s > 0.5) & (time_s < 0.99))
    assert sum(isinstance(item, Readings) for item in found) == 2, "one run before the gap and one after"


def test_a_frame_sent_twice_counts_once() -> None:
    merger = TimeMerger()
    found = [item for _ in range(2) for item in _feed(merger, ACC, 0.0, 50) + _feed(merger, GYR, 0.0, 50)]
    assert len(_joined(found)[0]) == 50


def test_halves_of_different_times_are_given_up_after_a_while() -> None:
    merger = TimeMerger()
    found = [item for at in range(9) for item in _feed(merger, ACC, float(at), 100)]
    found += [item for at in range(9) for item in _feed(merger, GYR, 100.0 + at, 100)]
    assert Malformed("acceleration and rotation are of different times") in found


def test_a_clock_set_back_begins_anew() -> None:
    merger = TimeMerger()
    found = _feed(merger, ACC, 100.0, 50) + _feed(merger, GYR, 100.0, 50)
    found += _feed(merger, ACC, 0.0, 50) + _feed(merger, GYR, 0.0, 50)
    assert len(_joined(found)[0]) == pytest.approx(100, abs=1)


# --- by count -------------------------------------------------------------------------------------------------------


class _Halves:
    """Packed notifications of a MetaMotion whose values count the samples."""

    def __init__(self) -> None:
        self.driver = metamotion.MetaMotion()
        self.found: list[Reading] = []

    def send(self, kind: bytes, first: int) -> None:
        values = np.repeat(np.arange(first, first + 3), 3).astype("<i2")
        self.found += self.driver.parse(metamotion.DATA_UUID, kind + values.tobytes(), 0.0)

    def acc(self, first: int) -> None:
        self.send(b"\x03\x05", first)

    def gyr(self, first: int) -> None:
        self.send(b"\x13\x05", first)

    def counts(self) -> list[tuple[int, int]]:
        acc_step, gyr_step = 16 * 9.80665 / 32768, np.radians(1 / 16.4)
        return [
            (round(float(acc) / acc_step), round(float(gyr) / gyr_step))
            for item in self.found
            if isinstance(item, Readings)
            for acc, gyr in zip(item.acc_m_s2[:, 0], item.gyr_rad_s[:, 0], strict=True)
        ]


def test_what_one_half_felt_while_the_other_was_starting_is_left_out() -> None:
    halves = _Halves()
    for first in range(0, 12, 3):
        halves.acc(first)
    for first in range(12, 30, 3):
        halves.gyr(first - 3)
        halves.acc(first)
    assert halves.counts() == [(n, n) for n in range(9, 27)]


def test_a_lost_notification_of_one_half_does_not_shift_it_for_good() -> None:
    halves = _Halves()
    for first in range(0, 300, 3):
        halves.acc(first)
        if first != 30:
            halves.gyr(first)
    shifted = [acc for acc, gyr in halves.counts() if acc != gyr]
    assert 0 < len(shifted) <= 15, "150 ms, then they are together again"
    assert sum(isinstance(item, Malformed) for item in halves.found) == 1


def test_halves_that_swap_places_within_a_pair_stay_together() -> None:
    halves = _Halves()
    for first in range(0, 300, 3):
        for send in (halves.acc, halves.gyr) if first % 2 else (halves.gyr, halves.acc):
            send(first)
    assert halves.counts() == [(n, n) for n in range(300)]


@given(st.lists(st.booleans(), max_size=60))
def test_the_halves_never_pile_up(order: list[bool]) -> None:
    halves = _Halves()
    for number, is_acc in enumerate(order):
        (halves.acc if is_acc else halves.gyr)(3 * number)
    held = vars(halves.driver)["_pairer"]
    assert len(vars(held)["_acc"]) + len(vars(held)["_gyr"]) <= 48
