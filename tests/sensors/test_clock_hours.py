"""Hours of simulated streams, on request: samples stay where they were taken."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from .clock_floor import unknowable_errors_s
from .clock_world import World
from .placed import clock_for, errors_s, place


@pytest.mark.slow
@pytest.mark.parametrize("loss", [0.0, 0.05])
@pytest.mark.parametrize("burst_s", [0.0075, 0.05, 0.2, 0.5])
@pytest.mark.parametrize(("skew", "rate_error"), [(2e-4, 0.01), (-2e-4, -0.01), (0.0, 0.0)])
def test_over_two_hours_samples_stay_where_they_were_taken(
    skew: float, rate_error: float, burst_s: float, loss: float, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(hours=2.0, skew=skew, rate_error=rate_error, burst_s=burst_s, loss=loss, seed=7)
    placed = place(clock_for(world), world.packets())
    errors = errors_s(world, placed, after_s=60.0)
    p99_ms = 1e3 * float(np.percentile(np.abs(errors), 99))
    quarter = len(errors) // 8
    drift_ms = 1e3 * float(np.median(errors[-quarter:]) - np.median(errors[:quarter]))
    with capsys.disabled():
        print(
            f"\n{1e6 * skew:+.0f} ppm, rate {rate_error:+.0%}, bursts {1e3 * burst_s:g} ms, loss {loss:.0%}: "
            f"p99 {p99_ms:.1f} ms, drift {drift_ms:+.1f} ms"
        )
    assert p99_ms <= 10.0
    assert abs(drift_ms) <= 5.0


OFF = {"skew": -2e-4, "rate_error": -0.01}
CLOCK_OR_COUNT: dict[str, dict[str, Any]] = {
    "polar": {"rate_hz": 104.0, "per_packet": 36, "counts": False},
    "movella-dot": {"rate_hz": 60.0, "per_packet": 1, "counts": False},
    "movesense": {"rate_hz": 104.0, "counts": False, "clock_step_s": 1e-3},
    "metamotion": {"per_packet": 1, "clock": False},
}


@pytest.mark.slow
@pytest.mark.parametrize("loss", [0.0, 0.05])
@pytest.mark.parametrize("burst_s", [0.0075, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("family", CLOCK_OR_COUNT)
def test_an_hour_of_a_sensor_with_a_clock_or_a_count_is_exact(family: str, burst_s: float, loss: float) -> None:
    world = dataclasses.replace(World(seed=2, burst_s=burst_s, loss=loss, **OFF), **CLOCK_OR_COUNT[family])
    errors = errors_s(world, place(clock_for(world), world.packets()), after_s=0.0)
    quarter = len(errors) // 4
    assert np.percentile(np.abs(errors), 99) <= 0.010, "the first minute included"
    assert abs(np.median(errors[-quarter:]) - np.median(errors[:quarter])) < 0.005


LIMIT_S = 0.0101


@pytest.mark.slow
@pytest.mark.parametrize("loss", [0.0, 0.01, 0.05])
@pytest.mark.parametrize("burst_s", [0.0075, 0.05, 0.2, 0.5])
@pytest.mark.parametrize(("rate_hz", "per_packet"), [(100.0, 8), (100.0, 3), (60.0, 1)])
def test_without_clock_and_count_an_hour_is_as_exact_as_can_be_known(
    rate_hz: float, per_packet: int, burst_s: float, loss: float
) -> None:
    shape = {"rate_hz": rate_hz, "per_packet": per_packet, "clock": False, "counts": False}
    world = World(hours=1.0, burst_s=burst_s, loss=loss, seed=2, **shape, **OFF)
    errors = errors_s(world, place(clock_for(world), world.packets()), after_s=60.0)
    unknowable = float(np.mean(unknowable_errors_s(world) > LIMIT_S))
    quarter = len(errors) // 4
    assert np.mean(np.abs(errors) > LIMIT_S) <= 0.01 + 2.5 * unknowable
    assert abs(np.median(errors[-quarter:]) - np.median(errors[:quarter])) < 0.005
