"""How smooth the two strokes of a rep are: spectral arc length of their speed."""

from __future__ import annotations

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.types import FloatArray

CUTOFF_HZ = 10.0
"""Movements have no more; the usual 20 Hz is beyond what ticks at 25 Hz hold."""
AMPLITUDE_THRESHOLD = 0.05
PADDING = 4
FEWEST_TICKS = 6


def spectral_arc_lengths(out_deg_s: FloatArray, back_deg_s: FloatArray) -> tuple[float | None, float | None]:
    """SPARC of the speeds of the way out and of the way back, (n,), at the engine's tick; None for one too short.

    About -1.5 for a single smooth stroke; more negative is less smooth. Balasubramanian et al. 2015, J NeuroEng
    Rehabil 12:112: zero padding 4, amplitude threshold 0.05.
    """
    size = _padded(out_deg_s)
    if size != _padded(back_deg_s) or min(len(out_deg_s), len(back_deg_s)) < FEWEST_TICKS:
        return _alone(out_deg_s), _alone(back_deg_s)
    # one transform of both takes little longer than of one
    both = np.zeros((2, size))
    both[0, : len(out_deg_s)], both[1, : len(back_deg_s)] = out_deg_s, back_deg_s
    out, back = np.abs(np.fft.rfft(both))
    return _arc_length(out, size), _arc_length(back, size)


def _alone(speed_deg_s: FloatArray) -> float | None:
    if len(speed_deg_s) < FEWEST_TICKS:
        return None
    size = _padded(speed_deg_s)
    return _arc_length(np.abs(np.fft.rfft(speed_deg_s, size)), size)


def _padded(speed_deg_s: FloatArray) -> int:
    """How long it is with its zeros."""
    return int(2 ** ((len(speed_deg_s) - 1).bit_length() + PADDING))


def _arc_length(magnitude: FloatArray, size: int) -> float | None:
    """Of the spectrum (size / 2 + 1,)."""
    highest = magnitude.item(magnitude.argmax())
    if not highest:
        return None
    cutoff = int(CUTOFF_HZ / TICK_HZ * size)
    last = cutoff - int((magnitude[cutoff::-1] >= AMPLITUDE_THRESHOLD * highest).argmax())
    if last < 1:
        return None
    rise = magnitude[1 : last + 1] - magnitude[:last]
    return -float(np.add.reduce(np.hypot(highest / last, rise))) / highest
