"""The filter runs once a tick: what the samples between did must not be lost."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from vqf import VQF

from kneeimu.motion.orientation import OrientationFilter, up_in_sensor
from kneeimu.motion.strapdown import SWIFT_RAD_S, step_of_ticks
from kneeimu.motion.uniform import TICK_HZ, UniformGrid
from kneeimu.types import FloatArray, Samples

GRAVITY_M_S2 = 9.80665
TICKS = 250
rates = pytest.mark.parametrize("samples", [2, 4, 20])


def whirl(fastest_deg_s: float, turns_hz: float, samples: int) -> FloatArray:
    """A box that turns about all three axes, out of step, (3, n, samples), rad/s: the worst for what is left out."""
    time_s = np.arange(TICKS * samples) / (TICK_HZ * samples)
    rate = [np.sin(2.0 * np.pi * turns_hz * time_s + late) for late in (0.0, 2.1, 4.2)]
    whirling: FloatArray = np.radians(fastest_deg_s) * np.array(rate).reshape(3, TICKS, samples)
    return whirling


def poses(rate_rad_s: FloatArray, period_s: float) -> Rotation:
    """Where steady turns (n, 3) one after the other lead."""
    found = [Rotation.identity()]
    for turn in Rotation.from_rotvec(rate_rad_s * period_s):
        found.append(found[-1] * turn)
    return Rotation.concatenate(found[1:])


def off_deg(first: Rotation, second: Rotation) -> float:
    return float(np.degrees((first.inv() * second).magnitude()).max())


@rates
@pytest.mark.parametrize(("fastest_deg_s", "most_deg"), [(100.0, 0.01), (280.0, 0.2), (1000.0, 1e-9), (2000.0, 1e-9)])
def test_a_whirl_of_ten_seconds_ends_where_sample_after_sample_leads(
    samples: int, fastest_deg_s: float, most_deg: float
) -> None:
    gyr, period_s = whirl(fastest_deg_s, 3.0, samples), 1.0 / (TICK_HZ * samples)
    _, rate = step_of_ticks(np.stack((np.zeros_like(gyr), gyr)), period_s)
    each = poses(gyr.reshape(3, -1).T, period_s)[samples - 1 :: samples]
    assert off_deg(poses(rate, 1.0 / TICK_HZ), each) < most_deg
    if fastest_deg_s > 200.0:
        assert off_deg(poses(gyr.mean(axis=2).T, 1.0 / TICK_HZ), each) > 5.0  # the mean rate alone is not enough


@rates
def test_gravity_is_felt_where_it_is_at_the_end_of_the_tick(samples: int) -> None:
    gyr, period_s = whirl(250.0, 1.0, samples), 1.0 / (TICK_HZ * samples)
    each = poses(gyr.reshape(3, -1).T, period_s)
    acc = each.inv().apply((0.0, 0.0, GRAVITY_M_S2)).T.reshape(gyr.shape)
    force, _ = step_of_ticks(np.stack((acc, gyr)), period_s)
    felt = force / np.linalg.norm(force, axis=1, keepdims=True)
    up = each[samples - 1 :: samples].inv().apply((0.0, 0.0, 1.0))
    assert np.degrees(np.linalg.norm(felt - up, axis=1)).max() < 0.25
    assert np.degrees(np.linalg.norm(acc.mean(axis=2).T / GRAVITY_M_S2 - up, axis=1)).max() > 2.0


def test_one_sample_a_tick_is_taken_as_it_is() -> None:
    values = np.random.default_rng(1).normal(0.0, 2.0 * SWIFT_RAD_S, (2, 3, TICKS, 1))
    acc, gyr = values[..., 0]
    force, rate = step_of_ticks(values, 1.0 / TICK_HZ)
    np.testing.assert_array_equal(force, acc.T)
    np.testing.assert_array_equal(rate, gyr.T)


def test_a_tick_does_not_depend_on_how_many_are_worked_out_together() -> None:
    values = np.random.default_rng(2).normal(0.0, SWIFT_RAD_S / 2.0, (2, 3, TICKS, 4))
    whole = np.concatenate(step_of_ticks(values, 0.01), axis=1)
    for size in (1, 2, 7):
        parts = [step_of_ticks(values[:, :, begin : begin + size], 0.01) for begin in range(0, TICKS, size)]
        np.testing.assert_array_equal(np.concatenate([np.concatenate(part, axis=1) for part in parts]), whole)


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 500.0])
def test_the_vertical_is_as_right_as_with_the_filter_run_at_every_sample(rate_hz: float) -> None:
    grid = UniformGrid(rate_hz)
    at_ticks, at_samples = [], []
    for seed in range(4):
        samples, up = swinging(seed, rate_hz)
        (block,) = UniformGrid(rate_hz).push(samples)
        ticks = OrientationFilter(grid.rate_hz, grid.samples_per_tick).process(block)
        each = VQF(1.0 / rate_hz).updateBatch(samples.gyr_rad_s, samples.acc_m_s2)["quat6D"]
        at_ticks.append(np.linalg.norm(ticks.up - up[:: grid.samples_per_tick], axis=1))
        at_samples.append(np.linalg.norm((up_in_sensor(each) - up)[:: grid.samples_per_tick], axis=1))
    assert np.sqrt(np.mean(np.square(at_ticks))) < 1.1 * np.sqrt(np.mean(np.square(at_samples)))


def swinging(seed: int, rate_hz: float) -> tuple[Samples, FloatArray]:
    """A limb that swings, twists and rests by turns, as a sensor with noise and bias feels it; and the true up."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(0.0, 60.0, 1.0 / rate_hz)
    swing = np.where(np.mod(time_s, 20.0) < 12.0, np.radians(40.0) * np.sin(2.0 * np.pi * 0.8 * time_s), 0.0)
    twist = 0.5 * swing + np.radians(10.0) * np.sin(2.0 * np.pi * 1.9 * time_s)
    pose = Rotation.from_euler("xy", np.column_stack((swing, twist)))
    gyr = np.vstack(((0.0, 0.0, 0.0), (pose[:-1].inv() * pose[1:]).as_rotvec() * rate_hz))
    gyr += rng.normal(0.0, 0.01, 3) + rng.normal(0.0, 0.01, gyr.shape)
    acc = pose.inv().apply((0.0, 0.0, GRAVITY_M_S2)) + rng.normal(0.0, 0.3, gyr.shape)
    return Samples(time_s, acc, gyr), pose.inv().apply((0.0, 0.0, 1.0))
