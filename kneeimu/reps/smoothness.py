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
    if count < FEWEST_TICKS:
        return None
    size = 2 ** ((count - 1).bit_length() + PADDING)
    magnitude = np.abs(np.fft.rfft(speed_deg_s, size))
    highest = magnitude.item(magnitude.argmax())
    if not highest:
        return None
    magnitude = magnitude[: int(CUTOFF_HZ / TICK_HZ * size) + 1]
    last = int((magnitude >= AMPLITUDE_THRESHOLD * highest).nonzero()[0][-1])
    if last < 1:
        return None
    rise = (magnitude[1 : last + 1] - magnitude[:last]) / highest
    return -float(np.hypot(1.0 / last, rise).sum())
