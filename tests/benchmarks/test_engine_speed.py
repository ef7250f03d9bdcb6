"""The engine against the filter it is built on: an hour at once, and notification by notification."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from vqf import VQF

from kneeimu.engine import Engine
from kneeimu.types import Alignment, Samples, Setup

pytestmark = pytest.mark.benchmark

RATE_HZ = 100.0
ROUNDS = 9
TARGET_TIMES_VQF = 3.0
MOST_TIMES_VQF = 4.0
"""A guard with room: 2.6 to 3.0 were reached, and 3.5 when many others work on the same processor, from which Python
suffers more than the filter."""
MOST_S_TO_COUNT = 0.15
MOST_S_A_NOTIFICATION = 150e-6
MOST_S_TO_LOOK = 0.3
ALIGNMENT = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 3.0, 1.0, 60.0)
SETUP = Setup("squat", "right", "thigh", RATE_HZ, ALIGNMENT)
UNALIGNED = Setup("squat", "right", "thigh", RATE_HZ)
both_setups = pytest.mark.parametrize("setup", [UNALIGNED, SETUP], ids=["unaligned", "aligned"])


def training(duration_s: float) -> Samples:
    """Squats in sets of twelve with a minute of rest between, with the noise of a good MEMS part."""
    random = np.random.default_rng(3)
    time_s = np.arange(0.0, duration_s, 1 / RATE_HZ)
    in_set = np.mod(time_s, 108.0)
    angle = np.where(in_set < 48.0, np.radians(30.0) * (1 - np.cos(2 * np.pi * in_set / 4.0)), 0.0)
    zero = np.zeros_like(time_s)
    acc = np.column_stack((9.81 * np.sin(angle), 9.81 * np.cos(angle), zero)) + random.normal(0, 0.03, (len(angle), 3))
    gyr = np.column_stack((zero, zero, np.gradient(angle, time_s))) + random.normal(0, 0.004, (len(angle), 3))
    return Samples(time_s, acc, gyr)


def prone_lifts(duration_s: float) -> Samples:
    """The same with a thigh that lies level, is lifted by 10 deg and turns aside by half of that."""
    random = np.random.default_rng(3)
    time_s = np.arange(0.0, duration_s, 1 / RATE_HZ)
    in_set = np.mod(time_s, 108.0)
    lift_deg = np.where(in_set < 48.0, 5.0 * (1 - np.cos(2 * np.pi * in_set / 4.0)), 0.0)
    pose = Rotation.from_euler("ZY", np.column_stack((0.5 * lift_deg, 90.0 + lift_deg)), degrees=True)
    rate = np.zeros((len(time_s), 3))
    rate[1:] = (pose[:-1].inv() * pose[1:]).as_rotvec() * RATE_HZ
    acc = pose.inv().apply((0.0, 0.0, 9.81)) + random.normal(0, 0.03, rate.shape)
    return Samples(time_s, acc, rate + random.normal(0, 0.004, rate.shape))


@pytest.fixture(scope="module")
def hour() -> Samples:
    return training(3600.0)


def cpu_s(run: Callable[[], object]) -> float:
    """CPU time of a run: what other programs take of the processor's time must not count."""
    gc.collect()
    begin_s = time.process_time()
    run()
    return time.process_time() - begin_s


@pytest.fixture
def nothing_else_to_collect() -> Iterator[None]:
    """What the tests' own machinery holds is not looked through for garbage over and over."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@both_setups
@pytest.mark.usefixtures("nothing_else_to_collect")
def test_an_hour_offline(setup: Setup, hour: Samples, capsys: pytest.CaptureFixture[str]) -> None:
    take_turns(setup, hour, capsys)


@pytest.mark.usefixtures("nothing_else_to_collect")
def test_an_hour_in_which_the_heading_is_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    take_turns(Setup("prone-hip-extension", "right", "thigh", RATE_HZ), prone_lifts(3600.0), capsys)


def take_turns(setup: Setup, hour: Samples, capsys: pytest.CaptureFixture[str]) -> None:
    """Time engine and filter by turns, so that both meet the same rush of others on the processor's caches."""

    def through_the_engine() -> int:
        engine = Engine(setup)
        return sum(event.kind == "rep" for event in [*engine.feed(hour), *engine.finish()])

    def through_the_filter() -> object:
        # a fresh one each time: a settled one is quicker
        return VQF(1 / RATE_HZ).updateBatch(hour.gyr_rad_s, hour.acc_m_s2)

    reps = through_the_engine()
    through_the_filter()
    rounds = [(cpu_s(through_the_engine), cpu_s(through_the_filter)) for _ in range(ROUNDS)]
    engine_s, filter_s = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratios = sorted(engine / vqf for engine, vqf in rounds)
    ratio = statistics.median(ratios)
    with capsys.disabled():
        print(
            f"\none hour at 100 Hz, {reps} reps: engine {engine_s:.3f} s ({3600 / engine_s:.0f} times real time), "
            f"vqf.updateBatch {filter_s:.3f} s, ratio {ratio:.2f}, {ratios[0]:.2f} to {ratios[-1]:.2f} in {ROUNDS} "
            f"rounds (target {TARGET_TIMES_VQF:.0f})"
        )
    assert reps == pytest.approx(12 * 34, rel=0.03)
    assert ratio <= MOST_TIMES_VQF


@both_setups
def test_a_notification_of_eight_samples(setup: Setup, hour: Samples, capsys: pytest.CaptureFixture[str]) -> None:
    engine, spent = Engine(setup), []
    for begin in range(0, 600 * 100, 8):
        part = slice(begin, begin + 8)
        batch = Samples(hour.time_s[part], hour.acc_m_s2[part], hour.gyr_rad_s[part])
        begin_s = time.thread_time()
        engine.feed(batch)
        assert engine.trace is not None  # a live session draws it
        spent.append(time.thread_time() - begin_s)
    median_s, slow_s, worst_s = statistics.median(spent), float(np.quantile(spent, 0.99)), max(spent)
    with capsys.disabled():
        print(
            f"\na notification of 8 samples, CPU: median {median_s * 1e6:.0f} µs, p99 {slow_s * 1e6:.0f} µs, "
            f"worst {worst_s * 1e6:.0f} µs (target: median {MOST_S_A_NOTIFICATION * 1e6:.0f} µs)"
        )
    assert median_s <= MOST_S_A_NOTIFICATION


@pytest.mark.parametrize("exercise", ["squat", "monster-walk"])
def test_a_long_set_of_quick_reps_is_looked_at_again_amid_a_session(
    exercise: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten minutes of a rep every 0.8 s: the screen waits while the set is looked at."""
    time_s = np.arange(0.0, 640.0, 1 / RATE_HZ)
    angle = np.where(time_s < 600.0, np.radians(15.0) * (1 - np.cos(2 * np.pi * time_s / 0.8)), 0.0)
    zero = np.zeros_like(time_s)
    acc = np.column_stack((9.81 * np.sin(angle), 9.81 * np.cos(angle), zero))
    gyr = np.column_stack((zero, zero, np.gradient(angle, time_s)))
    engine, spent, reps = Engine(Setup(exercise, "right", "shin", RATE_HZ)), [], 0
    for begin in range(0, len(time_s), 8):
        part = slice(begin, begin + 8)
        begin_s = time.thread_time()
        events = engine.feed(Samples(time_s[part], acc[part], gyr[part]))
        spent.append(time.thread_time() - begin_s)
        reps += sum(event.kind == "rep" for event in events)
    with capsys.disabled():
        print(f"\nten minutes of {exercise}, {reps} counts: longest feed {max(spent):.3f} s ({MOST_S_TO_LOOK})")
    assert reps > 300
    assert max(spent) <= MOST_S_TO_LOOK


def test_a_count_leaves_the_engine_soon_after_the_return(hour: Samples, capsys: pytest.CaptureFixture[str]) -> None:
    engine, late = Engine(SETUP), []
    for begin in range(0, 300 * 100, 8):
        part = slice(begin, begin + 8)
        batch = Samples(hour.time_s[part], hour.acc_m_s2[part], hour.gyr_rad_s[part])
        late += [float(batch.time_s[-1]) - event.rep.end_s for event in engine.feed(batch) if event.kind == "rep"]
    with capsys.disabled():
        print(f"\ncount after the rep's end: median {statistics.median(late):.2f} s, worst {max(late):.2f} s (0.15)")
    assert len(late) > 20
    assert max(late) <= MOST_S_TO_COUNT
