"""Samples on the grid are what they were; between its points a line is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from kneeimu.motion.uniform import Gap, GridBlock, UniformGrid
from kneeimu.types import FloatArray, Samples

RATE_HZ, COUNT = 100.0, 400


def sampled(time_s: FloatArray) -> Samples:
    """What rises and falls evenly, each axis by its own slope."""
    values = np.outer(time_s, np.array((1.0, -2.0, 3.0, 0.1, -0.2, 0.3))) + 5.0
    return Samples(time_s, values[:, :3], values[:, 3:])


def on_grid(samples: Samples, size: int) -> FloatArray:
    """Times and values, (n, 7), when they come in parts of so many samples."""
    grid, rows = UniformGrid(RATE_HZ), []
    for begin in range(0, len(samples), size):
        part = slice(begin, begin + size)
        blocks = grid.push(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
        rows += [np.column_stack((block.time_s, block.acc_m_s2, block.gyr_rad_s)) for block in blocks]
    return np.concatenate(rows)


@pytest.mark.parametrize("size", [1, 8, 1000])
@pytest.mark.parametrize("off_s", [0.0, 3e-10])
def test_samples_on_the_grid_are_taken_as_they_are(size: int, off_s: float) -> None:
    time_s = np.arange(COUNT) / RATE_HZ
    samples = sampled(time_s + np.where(np.arange(COUNT) % 2, off_s, 0.0))
    found = on_grid(samples, size)
    np.testing.assert_allclose(found[:, 0], time_s, rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(found[:, 1:], np.hstack((samples.acc_m_s2, samples.gyr_rad_s)), rtol=0.0, atol=1e-14)


@pytest.mark.parametrize("size", [1, 8, 1000])
def test_samples_beside_it_are_interpolated(size: int) -> None:
    time_s = np.arange(COUNT) / RATE_HZ
    time_s[1:] += np.random.default_rng(4).uniform(-0.3, 0.3, COUNT - 1) / RATE_HZ
    found = on_grid(sampled(time_s), size)
    expected = sampled(found[:, 0])
    np.testing.assert_allclose(found[:, 0], np.arange(len(found)) / RATE_HZ, rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(found[:, 1:4], expected.acc_m_s2, rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(found[:, 4:], expected.gyr_rad_s, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("size", [1, 8, 150])
def test_samples_on_the_grid_are_the_same_to_the_last_bit_however_they_come(size: int) -> None:
    """A short gap is bridged by a line: what comes together with it lies on the grid all the same."""
    random, kept = np.random.default_rng(4), np.r_[0:100, 120:COUNT]
    acc, gyr = random.normal(0.0, 1.0, (2, COUNT, 3))
    samples = Samples((np.arange(COUNT) / RATE_HZ)[kept], acc[kept], gyr[kept])
    np.testing.assert_array_equal(on_grid(samples, size), on_grid(samples, COUNT))


def test_a_few_samples_on_the_grid_among_others_are_not_enough() -> None:
    time_s = np.arange(COUNT) / RATE_HZ
    time_s[200] += 0.002
    found = on_grid(sampled(time_s), 1000)
    np.testing.assert_allclose(found[:, 1:4], sampled(found[:, 0]).acc_m_s2, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("restart", [False, True])
def test_a_long_gap_is_told_whether_or_not_the_sensor_s_clock_says_that_the_stream_begins_anew(restart: bool) -> None:
    grid, time_s = UniformGrid(RATE_HZ), np.arange(COUNT) / RATE_HZ
    grid.push(sampled(time_s))
    after = sampled(time_s + 12.0)
    blocks = grid.push(Samples(after.time_s, after.acc_m_s2, after.gyr_rad_s, restart))
    assert [block.gap for block in blocks if block.gap] == [Gap(float(time_s[-1]), 12.0, bridged=False)]
    assert [block.restart for block in blocks if len(block.time_s)] == [True]


def test_what_begins_anew_without_a_gap_or_at_the_very_start_lacks_nothing() -> None:
    grid, time_s = UniformGrid(RATE_HZ), np.arange(COUNT) / RATE_HZ
    for begin_s in (3.0, 3.0 + COUNT / RATE_HZ):
        samples = sampled(time_s + begin_s)
        blocks = grid.push(Samples(samples.time_s, samples.acc_m_s2, samples.gyr_rad_s, restart=True))
        assert [(block.restart, block.gap) for block in blocks] == [(True, None)]


@pytest.mark.parametrize("size", [1, 8, 1000])
@pytest.mark.parametrize(
    ("wrong", "by_s", "begins_s"), [(slice(200, 201), 1000.0, 3.0), (slice(200, COUNT), -50.0, -47.01)]
)
def test_after_a_second_of_times_that_run_back_time_begins_anew(
    size: int, wrong: slice, by_s: float, begins_s: float
) -> None:
    """One stamp is far ahead, or the clock is set back."""
    time_s = np.arange(COUNT) / RATE_HZ
    time_s[wrong] += by_s
    grid, samples = UniformGrid(RATE_HZ), sampled(time_s)
    blocks: list[GridBlock] = []
    for begin in range(0, COUNT, size):
        part = slice(begin, begin + size)
        blocks += grid.push(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
    (anew,) = [number for number, block in enumerate(blocks) if block.gave_up]
    after = np.concatenate([block.time_s for block in blocks[anew:]])
    assert blocks[anew].restart
    np.testing.assert_allclose(after, begins_s + np.arange(len(after)) / RATE_HZ, rtol=0.0, atol=1e-9)
    assert after[-1] == pytest.approx(time_s[-1])


def test_doubles_and_samples_that_overtook_others_are_left_out_without_more_ado() -> None:
    time_s = np.repeat(np.arange(COUNT) / RATE_HZ, 2)
    time_s[100:300:10] -= 0.05
    grid, samples = UniformGrid(RATE_HZ), sampled(time_s)
    blocks = grid.push(samples)
    assert [block.restart for block in blocks] == [True]
    np.testing.assert_allclose(blocks[0].time_s, np.arange(COUNT) / RATE_HZ, rtol=0.0, atol=1e-9)


def test_a_clock_that_stands_still_is_told_again_and_again_and_not_more_often_than_once_a_second() -> None:
    grid, samples = UniformGrid(RATE_HZ), sampled(np.arange(COUNT) / RATE_HZ)
    blocks = grid.push(Samples(np.zeros(COUNT), samples.acc_m_s2, samples.gyr_rad_s))
    assert sum(block.gave_up for block in blocks) == 3
