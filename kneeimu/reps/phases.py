"""When a rep starts, turns and ends, and how fast it goes: from the angle at the ticks of one rep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.types import FloatArray

PLATEAU_SHARE = 0.08
"""The hold is the time within this share of the peak, or ``PLATEAU_DEG`` of it."""
PLATEAU_DEG = 2.0


@dataclass(frozen=True, slots=True)
class Phases:
    """Durations in s, speeds in deg/s, ``sway_deg`` the RMS about the mean in the hold (None when not held)."""

    outward_s: float
    hold_s: float
    return_s: float
    peak_velocity_deg_s: float
    outward_peak_deg_s: float
    return_peak_deg_s: float
    under_tension_s: float
    hold_start_s: float
    hold_end_s: float


def split_phases(time_s: FloatArray, angle_deg: FloatArray, start_s: float, end_s: float) -> Phases:
    """Split a rep whose angle from home is given at its ticks, shape (n,)."""
    peak = float(angle_deg.max())
    top = np.flatnonzero(angle_deg >= peak - max(PLATEAU_DEG, PLATEAU_SHARE * peak))
    first, last = float(time_s[top[0]]), float(time_s[top[-1]])
    speed = np.gradient(angle_deg) * TICK_HZ if len(angle_deg) > 1 else np.zeros(1)
    turn = int(np.argmax(angle_deg))
    tense = float(np.count_nonzero(angle_deg > 0.2 * peak)) / TICK_HZ
    out_peak = float(speed[: turn + 1].max(initial=0.0))
    back_peak = float((-speed[turn:]).max(initial=0.0))
    # a mere turning point lingers near its peak too; only what is longer than that is a hold
    passing = 0.5 * min(max(first - start_s, 0.0), max(end_s - last, 0.0))
    hold = last - first
    if hold <= passing + 0.2:
        middle = float(time_s[turn])
        return Phases(
            max(0.0, middle - start_s),
            0.0,
            max(0.0, end_s - middle),
            max(out_peak, back_peak),
            out_peak,
            back_peak,
            tense,
            middle,
            middle,
        )
    return Phases(
        max(0.0, first - start_s),
        hold,
        max(0.0, end_s - last),
        max(out_peak, back_peak),
        out_peak,
        back_peak,
        tense,
        first,
        last,
    )
