"""When a rep starts, reaches its far end, leaves it and ends, and how fast it goes: from the angle at its ticks.

Angles tell a start or an end only once the movement is well under way; the instants are extrapolated from where the
angle crosses low and high shares of the peak, with factors between those of a minimum-jerk and a cosine stroke.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.types import FloatArray

LOW, MIDDLE, HIGH = 0.05, 0.20, 0.92
"""Shares of the peak at which a stroke is timed."""
ONSET = 1.2
"""Time from onset to LOW, over the time from LOW to MIDDLE: 1.46 for minimum jerk, 0.95 for a cosine."""
ARRIVAL = 0.42
"""Time from HIGH to the far end, over the time from MIDDLE to HIGH: 0.51 for minimum jerk, 0.34 for a cosine."""
SAG_DEG, LOWEST_HIGH = 3.0, 0.75
"""A hold may sag by so much; in a small movement HIGH gives way to it."""
LEAST_HOLD_S = 0.15
STILL_DEG_S, SLOW_SHARE = 8.0, 0.2
HELD_SHARE, HELD_TICKS = 0.5, 25
"""A sagging hold is slower than this (science: 8 deg/s), above this share of the peak, for a second at least."""
LONGEST_ONSET_S = 1.2


@dataclass(frozen=True, slots=True)
class Phases:
    """Instants and durations in s, speeds in deg/s."""

    start_s: float
    end_s: float
    outward_s: float
    hold_s: float
    return_s: float
    peak_velocity_deg_s: float
    outward_peak_deg_s: float
    return_peak_deg_s: float
    under_tension_s: float
    hold_start_s: float
    hold_end_s: float


def split_phases(
    time_s: FloatArray, angle_deg: FloatArray, start_s: float, end_s: float, earliest_s: float
) -> Phases:
    """Split a rep.

    Args:
        time_s, angle_deg: ticks and angle from home, shape (n,), from somewhat before the rep to when it was counted.
        start_s, end_s: where the counter saw it begin and foresaw its end.
        earliest_s: end of the rep before.
    """
    peak = float(angle_deg.max())
    turn = int(np.argmax(angle_deg))
    rising, falling = angle_deg[: turn + 1], angle_deg[turn:]
    high = max(LOWEST_HIGH, min(HIGH, 1.0 - SAG_DEG / peak)) if peak > 0.0 else HIGH
    up = [_last_below(time_s[: turn + 1], rising, share * peak) for share in (LOW, MIDDLE, high)]
    down = [_first_below(time_s[turn:], falling, share * peak) for share in (high, MIDDLE)]
    start = start_s
    if up[0] is not None and up[1] is not None:
        start = up[0] - min(ONSET * (up[1] - up[0]), LONGEST_ONSET_S)
    start = max(min(start, float(time_s[turn])), earliest_s)
    middle = float(time_s[turn])
    first, last = up[2] if up[2] is not None else middle, down[0] if down[0] is not None else middle
    if up[1] is not None:
        first += ARRIVAL * (first - up[1])
    end = end_s
    if down[1] is not None:
        last -= ARRIVAL * (down[1] - last)
        end = max(end_s, down[1] + 0.47 * (down[1] - last))
    speed = np.gradient(angle_deg) * TICK_HZ if len(angle_deg) > 1 else np.zeros(1)
    if last - first < LEAST_HOLD_S:
        first, last = _sagging_hold(time_s, angle_deg, speed) or (middle, middle)
    out_peak = float(speed[: turn + 1].max(initial=0.0))
    back_peak = float((-speed[turn:]).max(initial=0.0))
    return Phases(
        start_s=start,
        end_s=end,
        outward_s=max(0.0, first - start),
        hold_s=last - first,
        return_s=max(0.0, end - last),
        peak_velocity_deg_s=max(out_peak, back_peak),
        outward_peak_deg_s=out_peak,
        return_peak_deg_s=back_peak,
        under_tension_s=float(np.count_nonzero(angle_deg > MIDDLE * peak)) / TICK_HZ,
        hold_start_s=first,
        hold_end_s=last,
    )


def _sagging_hold(time_s: FloatArray, angle_deg: FloatArray, speed_deg_s: FloatArray) -> tuple[float, float] | None:
    """A hold that sinks too far to stay near its peak: most of the rep is spent high up and all but still."""
    slow = min(STILL_DEG_S, SLOW_SHARE * float(np.abs(speed_deg_s).max()))
    held = np.flatnonzero((angle_deg > HELD_SHARE * angle_deg.max()) & (np.abs(speed_deg_s) < slow))
    if len(held) < HELD_TICKS or len(held) < 0.7 * (held[-1] - held[0] + 1) or len(held) < 0.35 * len(angle_deg):
        return None
    return float(time_s[held[0]]), float(time_s[held[-1]])


def _last_below(time_s: FloatArray, angle_deg: FloatArray, level_deg: float) -> float | None:
    """When the rising angle last crosses the level; None when it is above it all the time."""
    below = np.flatnonzero(angle_deg < level_deg)
    if not len(below) or below[-1] + 1 >= len(angle_deg):
        return None
    return _crossing(time_s, angle_deg, int(below[-1]), level_deg)


def _first_below(time_s: FloatArray, angle_deg: FloatArray, level_deg: float) -> float | None:
    """When the falling angle last crosses the level for good; None when it stays above."""
    above = np.flatnonzero(angle_deg >= level_deg)
    if not len(above) or above[-1] + 1 >= len(angle_deg):
        return None
    return _crossing(time_s, angle_deg, int(above[-1]), level_deg)


def _crossing(time_s: FloatArray, angle_deg: FloatArray, index: int, level_deg: float) -> float:
    t0, t1 = float(time_s[index]), float(time_s[index + 1])
    a0, a1 = float(angle_deg[index]), float(angle_deg[index + 1])
    return t0 + (t1 - t0) * (level_deg - a0) / (a1 - a0) if a1 != a0 else t1
