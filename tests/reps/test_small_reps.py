"""Small reps of a person who does larger ones before or after, lying down: they count though they are too small."""

from __future__ import annotations

import numpy as np
import pytest

from kneeimu.engine import Engine
from kneeimu.types import Event, FloatArray, RepCounted, RepRevoked, Samples, SetEnded, SetStarted, Setup

RATE_HZ = 50.0
PRONE = Setup("prone-hip-extension", "right", "shin", RATE_HZ)
REST = np.zeros(int(10.0 * RATE_HZ))
SMALL_DEG = 4.0
"""Less than counts for this exercise at the shin (5.5 deg)."""


def way(seconds: float) -> FloatArray:
    """From 0 to 1, as a limb goes."""
    share = np.linspace(0.0, 1.0, int(seconds * RATE_HZ))
    return share**3 * (10.0 - 15.0 * share + 6.0 * share**2)


def lifts(times: int, deg: float, hold_s: float, rest_s: float = 1.0) -> FloatArray:
    """Lifts that are held; between two of them the leg rests."""
    up = way(0.8)
    one = np.concatenate((up, np.ones(int(hold_s * RATE_HZ)), up[::-1], np.zeros(int(rest_s * RATE_HZ))))
    return deg * np.tile(one, times)


def felt(*parts: FloatArray) -> Samples:
    """A shin that lies level and is lifted so."""
    lift = np.radians(np.concatenate(parts))
    rng = np.random.default_rng(11)
    time_s, nothing = np.arange(len(lift)) / RATE_HZ, np.zeros(len(lift))
    force = 9.81 * np.column_stack((np.sin(lift), nothing, np.cos(lift))) + rng.normal(0.0, 0.03, (len(lift), 3))
    rate = np.column_stack((nothing, -np.gradient(lift, time_s), nothing)) + rng.normal(0.0, 0.003, (len(lift), 3))
    return Samples(time_s, force, rate)


def said(samples: Samples) -> list[Event]:
    engine = Engine(PRONE)
    return [*engine.feed(samples), *engine.finish()]


def standing(events: list[Event]) -> int:
    return sum(isinstance(one, RepCounted) for one in events) - sum(isinstance(one, RepRevoked) for one in events)


LARGE = lifts(8, 14.0, 1.0)
SMALL = lifts(6, SMALL_DEG, 5.0)


@pytest.mark.parametrize("other_rest_deg", [-5.0, 5.0, 8.0])
def test_small_lifts_count_after_large_ones_also_from_where_the_leg_was_laid_since(other_rest_deg: float) -> None:
    """Laid down there it is lifted at once and held for long, so that where it is held seems to be its home."""
    lays = other_rest_deg * way(1.0)
    small = other_rest_deg + lifts(7, SMALL_DEG, 7.0, rest_s=0.6)
    assert standing(said(felt(REST, LARGE, REST, lays, small, REST + other_rest_deg))) == 15


def test_small_lifts_before_large_ones_count_once_these_are_known() -> None:
    assert standing(said(felt(REST, SMALL, REST, LARGE, REST))) == 14


def test_small_lifts_of_who_trembles_while_holding_count_too() -> None:
    """At 2 Hz, by less than a lift: there are far more of these peaks than of lifts."""
    held = lifts(6, SMALL_DEG, 8.0)
    trembles = 0.9 * np.sin(2.0 * np.pi * 2.0 * np.arange(len(held)) / RATE_HZ) * (held > 0.95 * SMALL_DEG)
    assert standing(said(felt(REST, held + trembles, REST, LARGE, REST))) == 14


def quick_lifts(deg: float) -> FloatArray:
    """Eight that take 0.8 s each."""
    up = way(0.4)
    return deg * np.tile(np.concatenate((up, up[::-1], np.zeros(int(0.3 * RATE_HZ)))), 8)


def test_quick_small_lifts_count_beside_large_ones_that_were_as_quick() -> None:
    assert standing(said(felt(REST, quick_lifts(SMALL_DEG), REST, quick_lifts(14.0), REST))) == 16


def test_quick_small_movements_before_slow_lifts_are_none() -> None:
    assert standing(said(felt(REST, quick_lifts(SMALL_DEG), REST, LARGE, REST))) == 8


def test_small_lifts_alone_are_a_leg_that_is_moved_along() -> None:
    assert standing(said(felt(REST, SMALL, REST))) == 0


def test_what_is_less_than_sway_after_large_lifts_is_none() -> None:
    assert standing(said(felt(REST, LARGE, REST, lifts(6, 1.0, 3.0), REST))) == 8


def test_two_small_lifts_are_no_group() -> None:
    assert standing(said(felt(REST, LARGE, REST, lifts(2, SMALL_DEG, 5.0), REST))) == 8


def test_small_lifts_that_come_late_are_a_set_of_their_own_told_in_order() -> None:
    rest = np.zeros(int(60.0 * RATE_HZ))
    told = [one for one in said(felt(REST, LARGE, rest, SMALL, rest)) if isinstance(one, SetStarted | SetEnded)]
    assert [type(one) for one in told] == [SetStarted, SetEnded, SetStarted, SetEnded]
    assert [one.summary.count for one in told if isinstance(one, SetEnded)] == [8, 6]


@pytest.mark.parametrize("size", [1, 37, 512])
def test_the_chunks_change_nothing(size: int) -> None:
    samples, engine, events = felt(REST, LARGE, REST, SMALL, REST), Engine(PRONE), []
    for begin in range(0, len(samples), size):
        part = slice(begin, begin + size)
        events += engine.feed(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
    assert [*events, *engine.finish()] == said(samples)
