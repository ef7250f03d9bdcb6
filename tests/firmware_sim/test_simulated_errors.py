"""The simulated chip errs as its model says, and no more."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from firmware_sim import Scenario, simulate
from firmware_sim.arrival import arriving, jittered
from firmware_sim.imu import IDEAL, STANDARD_GRAVITY_M_S2, Chip, ErrorModel

REST = np.tile((0.0, STANDARD_GRAVITY_M_S2, 0.0), (20_000, 1))
STILL = np.zeros_like(REST)


def sampled(model: ErrorModel, rate_hz: float = 100.0, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return Chip.draw(model, rng).sample(REST, STILL, rate_hz, rng)


def test_an_ideal_chip_gives_what_it_feels() -> None:
    acc, gyr = sampled(IDEAL)
    np.testing.assert_array_equal(acc, REST)
    np.testing.assert_array_equal(gyr, STILL)


@pytest.mark.parametrize("rate_hz", [25.0, 100.0, 200.0])
def test_noise_has_its_density_at_every_rate(rate_hz: float) -> None:
    model = dataclasses.replace(IDEAL, gyr_noise_deg_s_sqrt_hz=0.007, acc_noise_ug_sqrt_hz=160.0)
    acc, gyr = sampled(model, rate_hz)
    root_bandwidth = np.sqrt(rate_hz / 2)
    assert np.degrees(gyr).std() == pytest.approx(0.007 * root_bandwidth, rel=0.05)
    assert acc[:, 0].std() == pytest.approx(160e-6 * STANDARD_GRAVITY_M_S2 * root_bandwidth, rel=0.05)


def test_bias_differs_between_chips_and_stays_within_one() -> None:
    model = dataclasses.replace(IDEAL, gyr_bias_deg_s=0.5)
    biases = np.array([np.degrees(sampled(model, seed=seed)[1]).mean(axis=0) for seed in range(60)])
    assert biases.std() == pytest.approx(0.5, rel=0.25)
    assert np.ptp(sampled(model)[1], axis=0).max() == 0.0


def test_bias_walks_with_the_root_of_time() -> None:
    model = dataclasses.replace(IDEAL, gyr_walk_deg_s_sqrt_s=0.003)
    ends = np.array([np.degrees(sampled(model, seed=seed)[1][-1]) for seed in range(60)])
    assert ends.std() == pytest.approx(0.003 * np.sqrt(200.0), rel=0.3)


def test_readings_saturate_and_come_in_steps() -> None:
    model = dataclasses.replace(IDEAL, acc_range_g=8.0, gyr_range_deg_s=2000.0, bits=16)
    rng = np.random.default_rng(0)
    chip = Chip.draw(model, rng)
    acc, gyr = chip.sample(np.full((10, 3), 200.0), np.full((10, 3), -50.0), 100.0, rng)
    assert acc.max() == pytest.approx(8 * STANDARD_GRAVITY_M_S2, rel=1e-4)
    assert np.degrees(gyr.min()) == pytest.approx(-2000.0)
    step = 8 * STANDARD_GRAVITY_M_S2 / 2**15
    acc, _ = chip.sample(REST + 0.123, STILL, 100.0, rng)
    np.testing.assert_allclose(acc / step, np.round(acc / step), atol=1e-6)


def test_the_low_pass_keeps_movement_and_drops_what_would_alias() -> None:
    chip = Chip.draw(dataclasses.replace(IDEAL, low_pass=True), np.random.default_rng(0))
    k = chip.oversampling(25.0)
    time_s = np.arange(4000 * k) / (25.0 * k)
    slow, ringing = np.sin(2 * np.pi * 1.0 * time_s), np.sin(2 * np.pi * 24.0 * time_s)
    force = np.column_stack((slow, ringing, slow + ringing))
    acc, _ = chip.sample(force, np.zeros_like(force), 25.0, np.random.default_rng(0))
    assert acc[100:-100, 0].std() == pytest.approx(np.sqrt(0.5), rel=0.02)
    assert acc[100:-100, 1].std() < 0.03


def test_a_wrong_clock_stretches_the_recording_and_the_truth_with_it() -> None:
    scenario = Scenario(seed=5, reps=3, sensor=dataclasses.replace(IDEAL, clock=0.0))
    right = simulate(scenario)
    wrong = simulate(dataclasses.replace(scenario, sensor=dataclasses.replace(IDEAL, clock=0.05)))
    stretch = len(wrong) / len(right)
    assert abs(stretch - 1.0) > 0.005
    assert wrong.truth.reps[-1].end_s / right.truth.reps[-1].end_s == pytest.approx(stretch, rel=1e-3)
    assert wrong.truth.reps[-1].range_deg == pytest.approx(right.truth.reps[-1].range_deg, abs=0.1)


def test_samples_are_lost_in_bursts_and_as_many_as_asked() -> None:
    kept = arriving(200_000, 0.02, 100.0, np.random.default_rng(1))
    edges = np.flatnonzero(np.diff(kept.astype(int)) == -1)
    assert 1.0 - kept.mean() == pytest.approx(0.02, rel=0.15)
    assert (~kept).sum() / len(edges) == pytest.approx(6.0, rel=0.2)


def test_jitter_never_turns_time_round() -> None:
    time_s = np.arange(5000) / 100.0
    shaken = jittered(time_s, 0.02, np.random.default_rng(1))
    assert np.all(np.diff(shaken) > 0)
    assert np.std(shaken - time_s) > 0.003


def test_the_sensor_and_its_mounting_leave_the_movement_alone() -> None:
    """Chance has a stream of its own for each purpose: only what was changed changes."""
    scenario = Scenario(seed=8, reps=4, sensor="ideal")
    other = dataclasses.replace(scenario, mounting="aligned", tissue="skin", lost=0.05)
    assert [r.start_s for r in simulate(scenario).truth.reps] == [r.start_s for r in simulate(other).truth.reps]


def test_the_same_seed_gives_the_same_recording() -> None:
    scenario = Scenario(seed=9, reps=2, tissue="skin", lost=0.01, jitter_s=0.002)
    one, other = simulate(scenario), simulate(scenario)
    np.testing.assert_array_equal(one.acc_m_s2, other.acc_m_s2)
    np.testing.assert_array_equal(one.time_s, other.time_s)
    assert not np.array_equal(one.acc_m_s2[:100], simulate(dataclasses.replace(scenario, seed=10)).acc_m_s2[:100])
