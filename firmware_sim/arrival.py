"""What is left of a stream on its way: samples that are lost, time stamps that tremble."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from firmware_sim.jet import FloatArray


def arriving(
    count: int, lost: float, rate_hz: float, rng: np.random.Generator, burst_s: float = 0.06
) -> npt.NDArray[np.bool_]:
    """Say which samples arrive when a share is lost in bursts (Gilbert and Elliott), shape (count,)."""
    kept = np.ones(count, dtype=bool)
    if lost > 0.0:
        mean_burst = max(1.0, burst_s * rate_hz)
        mean_gap = mean_burst * (1.0 - lost) / lost
        at = rng.geometric(1.0 / mean_gap)
        while at < count:
            length = rng.geometric(1.0 / mean_burst)
            kept[at : at + length] = False
            at += length + rng.geometric(1.0 / mean_gap)
        kept[0] = True
    return kept


def jittered(time_s: FloatArray, jitter_s: float, rng: np.random.Generator) -> FloatArray:
    """Shake time stamps, but never so far that one overtakes another."""
    if jitter_s <= 0.0 or len(time_s) < 2:
        return time_s
    limit = 0.45 * float(time_s[1] - time_s[0])
    return np.asarray(time_s + np.clip(rng.normal(0.0, jitter_s, len(time_s)), -limit, limit))
