"""However a link waits, loses, stalls and bunches, samples that can only be counted are placed in order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kneeimu.sensors.clock import SensorClock
from kneeimu.sensors.driver import Readings
from kneeimu.types import FloatArray


def any_arrivals_s(rng: np.random.Generator, notifications: int, packet_s: float) -> FloatArray:
    """When notifications arrive, (n,), s, those that were lost left out."""
    wait_s = rng.choice([0.0075, 0.03, 0.1, 0.4])
    sent_s = np.arange(1, notifications + 1) * packet_s * (1.0 + rng.normal() * rng.choice([0.0, 1e-4, 0.02]))
    at_s = np.ceil((sent_s + rng.uniform(0.0, 9.0)) / wait_s) * wait_s
    at_s += np.abs(rng.normal(0.0, rng.choice([0.0, 1e-4, 0.01]), notifications))
    for _ in range(rng.integers(0, 4)):
        stalls_s = at_s[rng.integers(notifications)]
        over_s = stalls_s + rng.choice([0.1, 0.5, 2.0, 8.0])
        at_s[(at_s >= stalls_s) & (at_s < over_s)] = over_s
    kept = rng.random(notifications) > rng.choice([0.0, 0.002, 0.05, 0.3])
    for _ in range(rng.integers(0, 5)):
        begins = rng.integers(notifications)
        kept[begins : begins + rng.choice([1, 2, 5, 20, 100])] = False
    return np.asarray(np.maximum.accumulate(at_s)[kept])


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**31),
    rate_hz=st.sampled_from([25.0, 52.0, 100.0]),
    size=st.sampled_from([1, 2, 5, 25]),
    notifications=st.sampled_from([20, 300, 900]),
)
def test_samples_are_placed_in_order(seed: int, rate_hz: float, size: int, notifications: int) -> None:
    clock = SensorClock(rate_hz, device_clock_wrap_s=None, sequence_wrap=None)
    readings = Readings(np.zeros((size, 3)), np.zeros((size, 3)))
    last_s = 0.0
    for arrival_s in any_arrivals_s(np.random.default_rng(seed), notifications, size / rate_hz).tolist():
        placed = clock.place(readings, arrival_s)
        if placed is not None:
            assert np.diff(placed.time_s, prepend=last_s).min() > 0.0
            last_s = placed.time_s.item(-1)
