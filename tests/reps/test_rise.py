"""Which end of a movement is home is felt: a lifted leg rises on the way out, a body that squats sinks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, filtfilt

from kneeimu.engine import Engine
from kneeimu.motion.orientation import OrientationFilter
from kneeimu.motion.uniform import TICK_HZ, UniformGrid
from kneeimu.reps import rise
from kneeimu.reps.rise import rises
from kneeimu.sessions.csv_file import read_csv
from kneeimu.types import FloatArray, RepCounted, RepRevoked, Samples, Setup

TICK_S = 0.04
RECORDINGS = sorted((Path(__file__).parents[3] / "shared" / "data" / "uci").glob("*right*.csv"))


def _swings(lever_m: float, offset_m_s2: float, noise_m_s2: float = 0.05) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Ten times 25 deg out and back in 2 s, with rests of 1 s: time, up and heave of a sensor on a lever."""
    wave = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(50) / 50)
    angle = np.radians(25.0) * np.tile(np.concatenate((wave, np.zeros(25))), 10)
    accelerated = np.gradient(np.gradient(angle, TICK_S), TICK_S)
    up = np.column_stack((np.sin(angle), np.cos(angle), np.zeros_like(angle)))
    sway = np.random.default_rng(1).normal(0.0, noise_m_s2, len(angle))
    return np.arange(len(angle)) * TICK_S, up, lever_m * accelerated + offset_m_s2 * np.sin(angle) + sway


def _told(lever_m: float, offset_m_s2: float = 0.0) -> bool | None:
    time_s, up, heave = _swings(lever_m, offset_m_s2)
    spans = [(3.0 * k, 3.0 * k + 2.0) for k in range(10)]
    return rises(time_s, up, heave, spans, up[0], np.cross(up[0], up[25]))


@pytest.mark.parametrize("lever_m", [0.1, 0.4, -0.1, -0.4])
@pytest.mark.parametrize("offset_m_s2", [0.0, 0.2, -0.2])
def test_a_lever_tells_the_way_whatever_the_offset_of_the_accelerometer(lever_m: float, offset_m_s2: float) -> None:
    assert _told(lever_m, offset_m_s2) is (lever_m > 0.0)


@pytest.mark.parametrize("lever_m", [0.0, 0.01, -0.01])
def test_who_neither_rises_nor_sinks_tells_nothing(lever_m: float) -> None:
    assert _told(lever_m) is None


@pytest.mark.skipif(not RECORDINGS, reason="the shared recordings are not here")
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_the_lifted_leg_of_a_person_rises(path: Path) -> None:
    """At 25 Hz, at either mount, the chair and the floor included."""
    about = json.loads(path.with_suffix(".truth.json").read_text())
    samples = read_csv(path).samples
    engine = Engine(Setup(about["exercise"], about["side"], about["mount"], about["fs"]))
    counted = [event for event in [*engine.feed(samples), *engine.finish()] if isinstance(event, RepCounted)]
    grid = UniformGrid(about["fs"])
    orientation = OrientationFilter(grid.rate_hz, grid.samples_per_tick)
    ticks = [orientation.process(block) for block in grid.push(samples)]
    time_s, up, heave = (np.concatenate([getattr(t, name) for t in ticks]) for name in ("time_s", "up", "heave_m_s2"))
    at = np.searchsorted(time_s, [(event.rep.start_s, event.rep.turn_s) for event in counted])
    home, far = up[at[:, 0]].mean(axis=0), up[at[:, 1]].mean(axis=0)
    spans = [(event.rep.start_s, event.rep.end_s) for event in counted]
    assert rises(time_s, up, heave, spans, home / np.linalg.norm(home), np.cross(home, far)) is True


def test_a_lever_shorter_than_is_asked_for_tells_nothing() -> None:
    time_s, up, heave = _swings(-0.1, 0.0)
    spans = [(3.0 * k, 3.0 * k + 2.0) for k in range(10)]
    assert rises(time_s, up, heave, spans, up[0], np.cross(up[0], up[25]), 0.2) is None


def test_sitting_down_after_the_set_does_not_outweigh_it() -> None:
    time_s, up, heave = _swings(-0.1, 0.0)
    heave[-75:-25] += 3.0 * np.gradient(np.gradient(np.arccos(up[-75:-25, 1]), TICK_S), TICK_S)
    spans = [(3.0 * k, 3.0 * k + 2.0) for k in range(10)]
    assert rises(time_s, up, heave, spans, up[0], np.cross(up[0], up[25])) is False


def _extensions(rise_m: float, range_deg: float = 18.0) -> Samples:
    """Stand straight, bend the knee, straighten it ten times with a hold, stand: the sensor moves up and down."""
    rng = np.random.default_rng(2)
    step = np.linspace(0.0, 1.0, 100)
    ease = step**3 * (10.0 - 15.0 * step + 6.0 * step**2)
    rep = [ease, np.ones(120), 1.0 - ease, np.zeros(60)]
    straight = np.concatenate([np.ones(300), 1.0 - ease, np.zeros(80), *(rep * 10), ease, np.ones(1200)])
    angle = np.radians(range_deg) * straight
    height = rise_m * straight
    vertical = 9.80665 + np.gradient(np.gradient(height, 0.01), 0.01)
    zero = np.zeros_like(angle)
    acc = np.column_stack((vertical * np.sin(angle), vertical * np.cos(angle), zero))
    gyr = np.column_stack((zero, zero, np.gradient(angle, 0.01)))
    shape = acc.shape
    return Samples(np.arange(len(angle)) / 100.0, acc + rng.normal(0, 0.02, shape), gyr + rng.normal(0, 0.002, shape))


def _count(samples: Samples) -> int:
    engine = Engine(Setup("terminal-knee-extension", "right", "shin", 100.0))
    events = [*engine.feed(samples), *engine.finish()]
    return sum(isinstance(event, RepCounted) for event in events) - sum(isinstance(e, RepRevoked) for e in events)


def test_knee_extensions_are_counted_from_the_bent_knee_for_who_stands_straight_before_and_after() -> None:
    assert _count(_extensions(0.03)) == 10


def test_a_knee_that_is_straightened_over_a_roll_turns_the_shin_by_more() -> None:
    assert _count(_extensions(0.08, 45.0)) == 10


def test_and_for_who_stands_with_a_bent_knee_before_and_after() -> None:
    """The same turned over: the way out still rises."""
    samples = _extensions(0.03)
    bent_before, bent_after = 300, 1200
    cut = slice(bent_before + 100, len(samples.time_s) - bent_after - 100)
    held = Samples(samples.time_s[: cut.stop - cut.start], samples.acc_m_s2[cut], samples.gyr_rad_s[cut])
    still_acc, still_gyr = held.acc_m_s2[:60], held.gyr_rad_s[:60]
    acc = np.concatenate((*[still_acc] * 5, held.acc_m_s2, *[still_acc] * 20))
    gyr = np.concatenate((*[still_gyr] * 5, held.gyr_rad_s, *[still_gyr] * 20))
    assert _count(Samples(np.arange(len(acc)) / 100.0, acc, gyr)) == 10


def _told_at_once(samples: Samples) -> tuple[int, int]:
    """How many are counted, and how many of them as they end."""
    engine = Engine(Setup("terminal-knee-extension", "right", "shin", 100.0))
    at_once: dict[tuple[int, int], bool] = {}
    for event in [*engine.feed(samples), *engine.finish()]:
        if isinstance(event, RepCounted):
            at_once[event.set_number, event.rep.number] = event.time_s - event.rep.end_s < 0.3
        elif isinstance(event, RepRevoked):
            del at_once[event.set_number, event.rep_number]
    return len(at_once), sum(at_once.values())


def test_the_wrong_end_is_felt_after_two_and_the_others_are_told_as_they_end() -> None:
    """Who is in the start pose for a moment only has shown no other home than the straight leg."""
    assert _told_at_once(_extensions(0.03)) == (10, 9)


def test_the_filter_is_the_usual_one() -> None:
    """Butterworth of second order, forwards and backwards, written out so that nobody waits for scipy in a session."""
    values = np.cumsum(np.random.default_rng(1).normal(size=800))
    usual = filtfilt(*butter(2, rise.CUTOFF_HZ / (0.5 * TICK_HZ)), values)
    np.testing.assert_allclose(rise._low_pass(values)[60:-60], usual[60:-60], rtol=0.0, atol=1e-6)


@pytest.mark.parametrize("rate_hz", [0.1, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("deg", [0.0, 1e-7, 0.06, 12.0, 35.0])
def test_of_a_limb_that_is_still_or_swings_as_a_pure_sine_the_lever_is_unknown(rate_hz: float, deg: float) -> None:
    """Nothing tells then what is due to its angle, and what to its acceleration."""
    time_s = np.arange(0.0, 40.0, TICK_S)
    angle = np.radians(deg) * (0.5 - 0.5 * np.cos(2.0 * np.pi * rate_hz * time_s))
    up = np.column_stack((np.sin(angle), np.zeros_like(angle), np.cos(angle)))
    heave = 0.3 * np.gradient(np.gradient(angle, TICK_S), TICK_S)
    home, axis = np.array((0.0, 0.0, 1.0)), np.array((0.0, 1.0, 0.0))
    felt = rise.lever(time_s, up, heave, [(10.0, 20.0), (20.0, 30.0)], home, axis)
    assert felt is None or (np.isfinite(felt).all() and felt.spread_m_per_rad > 0.0)
