"""How smooth a stroke is: spectral arc length of its speed."""

from __future__ import annotations

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.types import FloatArray

CUTOFF_HZ = 10.0
"""Movements have no more; the usual 20 Hz is beyond what ticks at 25 Hz hold."""
AMPLITUDE_THRESHOLD = 0.05
PADDING = 4
FEWEST_TICKS = 6


def spectral_arc_length(speed_deg_s: FloatArray) -> float | None:
    """SPARC of one stroke's speed, shape (n,), at the engine's tick; None when it is too short.

    About -1.5 for a single smooth stroke; more negative is less smooth. Balasubramanian et al. 2015, J NeuroEng
    Rehabil 12:112: zero padding 4, amplitude threshold 0.05.
    """
    count = len(speed_deg_s)
    if count < FEWEST_TICKS or not np.any(speed_deg_s):
        return None
    size = 2 ** (int(np.ceil(np.log2(count))) + PADDING)
    magnitude = np.abs(np.fft.rfft(speed_deg_s, size))
    magnitude /= magnitude.max()
    frequency = np.arange(len(magnitude)) * TICK_HZ / size
    below = frequency <= CUTOFF_HZ
    magnitude, frequency = magnitude[below], frequency[below]
    large = np.flatnonzero(magnitude >= AMPLITUDE_THRESHOLD)
    magnitude, frequency = magnitude[: large[-1] + 1], frequency[: large[-1] + 1]
    if len(magnitude) < 2:
        return None
    step = np.diff(frequency) / (frequency[-1] - frequency[0])
    return float(-np.sqrt(step**2 + np.diff(magnitude) ** 2).sum())
