"""A rep's instants are read off its angle: when it really starts, arrives, leaves and ends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.phases import Phases, split_phases
from kneeimu.types import FloatArray

REST_S = 2.0


def minimum_jerk(share: FloatArray) -> FloatArray:
    t = np.clip(share, 0.0, 1.0)
    return np.asarray(10.0 * t**3 - 15.0 * t**4 + 6.0 * t**5)


def rep(
    out_s: float, hold_s: float, back_s: float, range_deg: float = 40.0, sag_deg: float = 0.0, seen: float = 0.2
) -> tuple[FloatArray, FloatArray]:
    """Ticks and angle of a rest, a way out, a hold that sags, and a way back until a share of it is left."""
    time_s = np.arange(0.0, REST_S + out_s + hold_s + back_s, 1.0 / TICK_HZ)
    since = time_s - REST_S
    leaves = out_s + hold_s
    sag = sag_deg * np.clip((since - out_s) / max(hold_s, 1e-6), 0.0, 1.0)
    angle = (range_deg - sag) * minimum_jerk(since / out_s)
    angle = np.where(since > leaves, (range_deg - sag_deg) * (1.0 - minimum_jerk((since - leaves) / back_s)), angle)
    counted = np.flatnonzero((since > leaves) & (angle < seen * range_deg))
    stop = int(counted[0]) + 1 if len(counted) else len(time_s)
    return time_s[:stop], angle[:stop]


def split(time_s: FloatArray, angle_deg: FloatArray) -> Phases:
    return split_phases(time_s, angle_deg, REST_S + 0.4, 0.0)


@given(st.floats(0.5, 5.0), st.sampled_from([0.0, 0.6, 1.5, 5.0]), st.floats(0.5, 5.0), st.floats(10.0, 90.0))
def test_every_tempo_is_split_within_a_tenth_of_its_strokes(
    out_s: float, hold_s: float, back_s: float, range_deg: float
) -> None:
    found = split(*rep(out_s, hold_s, back_s, range_deg))
    near_s = 0.08 + 0.1 * max(out_s, back_s)
    assert found.start_s == pytest.approx(REST_S, abs=near_s)
    assert found.end_s == pytest.approx(REST_S + out_s + hold_s + back_s, abs=near_s)
    assert found.outward_s == pytest.approx(out_s, abs=2.0 * near_s)
    assert found.hold_s == pytest.approx(hold_s, abs=2.0 * near_s)
    assert found.return_s == pytest.approx(back_s, abs=2.0 * near_s)


def test_the_start_is_where_the_rep_starts_and_not_where_home_was_thought_to_be() -> None:
    """Somebody shifts onto one leg, waits, and bends: the counter's home is the pose before."""
    _, angle = rep(1.6, 0.2, 1.6, 30.0)
    shifted = np.concatenate((4.0 * minimum_jerk(np.linspace(0.0, 1.0, 25)), 4.0 + angle))
    found = split_phases(np.arange(len(shifted)) / TICK_HZ, shifted, 0.1, 0.0)
    assert found.start_s == pytest.approx(1.0 + REST_S, abs=0.2)
    assert found.base_deg == pytest.approx(4.0, abs=0.2)
    assert found.outward_s == pytest.approx(1.6, abs=0.3)


def test_a_hold_that_sags_is_held() -> None:
    found = split(*rep(1.2, 3.0, 1.5, 16.0, sag_deg=3.5))
    assert found.hold_s == pytest.approx(3.0, abs=0.5)


def test_a_whole_rep_needs_no_foresight() -> None:
    time_s, angle = rep(1.0, 0.5, 1.0, seen=-1.0)
    rested = np.concatenate((angle, np.zeros(10)))
    found = split(np.arange(len(rested)) / TICK_HZ, rested)
    assert found.end_s == pytest.approx(REST_S + 2.5, abs=0.08)
    assert time_s[0] == 0.0


@given(st.integers(0, 2**31), st.integers(8, 80), st.floats(0.0, 1.0))
def test_a_rep_that_goes_back_and_forth_still_starts_before_it_holds_and_holds_before_it_ends(
    seed: int, ticks: int, began: float
) -> None:
    rng = np.random.default_rng(seed)
    time_s = np.arange(ticks) / TICK_HZ
    angle = 10.0 * np.sin(np.pi * np.arange(ticks) / ticks) + np.cumsum(rng.normal(0.0, 1.0, ticks))
    found = split_phases(time_s, angle, began * time_s[-1], 0.0)
    assert found.start_s <= found.hold_start_s <= found.hold_end_s <= found.end_s + 1e-9
    assert found.outward_s + found.hold_s + found.return_s == pytest.approx(found.end_s - found.start_s)


def test_standing_bent_after_a_rep_is_no_time_under_tension() -> None:
    """The limb comes back two thirds of the way, and stays there for seconds before the rep is told."""
    time_s, angle = rep(1.5, 0.0, 1.5, 40.0)
    angle = np.concatenate((np.maximum(angle, np.where(time_s > REST_S + 1.5, 14.0, 0.0)), np.full(100, 14.0)))
    found = split(np.arange(len(angle)) / TICK_HZ, angle)
    assert found.end_s < REST_S + 4.0
    assert 1.0 < found.under_tension_s <= found.end_s - found.start_s + 1.0 / TICK_HZ
