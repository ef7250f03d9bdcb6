"""When a rep starts, reaches its far end, leaves it and ends, and how fast it goes: from the angle at its ticks.

A stroke is found from its speed: it begins and ends where that is near zero. Sway hides the slowest part, so the
instants are extrapolated from where the speed passes a low and a middle share of its peak, as in a minimum-jerk
stroke (Flash & Hogan 1985). The pose that a rep starts from need not be the counter's home: the angle of a rep is
measured from where it really starts.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.types import FloatArray

LOW_SPEED, MIDDLE_SPEED = 0.15, 0.50
"""Shares of a stroke's peak speed at which its beginning and its end are timed."""
SWAY_DEG_S = 1.2
"""A limb that keeps still sways as fast."""
NEAR_START = 0.25
"""A standstill higher than this share of the peak is a hesitation on the way, and not the start."""
NEAR_FAR = 0.80
"""And one below this share is not the far end."""
SAGGING_SPEED, SAGGING_FAR, SAGGING_S = 0.30, 0.65, 0.5
"""A hold may sag: with this share of the speed and of the peak instead it lasts longer by more than this time."""
UNDER_TENSION = 0.20
"""Share of the peak above which the muscles work (science: time with more than 20 %)."""
LEAST_HOLD_S = 0.15
LONGEST_ONSET_S = 1.2
SMOOTHED_TICKS = 5
"""Speed is a mean over 0.2 s; strokes quicker than ``QUICK_S`` are taken as they are."""
QUICK_S = 0.8
SLOWING = 2.4
"""A minimum-jerk stroke with a fifth of its way left takes so many times longer than at its present speed."""
_TIME = np.linspace(0.0, 1.0, 101)
_WAY: list[float] = (10.0 * _TIME**3 - 15.0 * _TIME**4 + 6.0 * _TIME**5).tolist()
_TIME_TO_GO: list[float] = _TIME.tolist()


class Phases(NamedTuple):
    """Instants and durations in s, speeds in deg/s; ``base_deg`` is the angle from home at the start.

    ``start_seen`` says that the limb was seen to set off; it was on its way already at the first tick otherwise.
    ``single``: it went out in one stroke and back in another.
    """

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
    base_deg: float
    start_seen: bool
    single: bool = True


def split_phases(time_s: FloatArray, angle_deg: FloatArray, start_s: float, earliest_s: float) -> Phases:
    """Split a rep.

    Args:
        time_s, angle_deg: ticks and angle from home, shape (n,), from somewhat before the rep to when it was counted.
        start_s: where the counter saw it begin.
        earliest_s: end of the rep before.
    """
    turn = int(angle_deg.argmax())
    raw = speed_of(angle_deg)
    speed = _smooth(raw) if float(time_s[-1]) - start_s > QUICK_S else raw
    # a stroke has a few dozen ticks: numpy's calls would cost more than they save
    times, angles = array("d", time_s.tobytes()), angle_deg.tolist()
    middle = times[turn]
    way_out = Stroke(times[0], angles[: turn + 1], speed[: turn + 1].tolist())
    start, first = way_out.begins_s(), way_out.arrives_s()
    start_seen = start is not None
    start = max(min(start_s if start is None else start, middle), earliest_s)
    base = _interpolated(start, times, angles)
    # the way back, read from its end, is another way out
    way_back = Stroke(-times[-1], angles[turn:][::-1], (-speed[turn:][::-1]).tolist())
    ended, last = way_back.begins_s(), way_back.arrives_s()
    sagged = way_back.arrives_s(SAGGING_SPEED, SAGGING_FAR)
    if last is not None and sagged is not None and last - sagged > SAGGING_S:
        last = sagged
    # where it goes back and forth, what it arrives from may have been over before the start
    first, last = middle if first is None else max(first, start), middle if last is None else max(-last, start)
    if last - first < LEAST_HOLD_S:
        first = last = min(max(middle, start), times[-1])
    end = _end_s(times[-1], angles[-1] - base, angles[turn] - base, speed.item(-1), last) if ended is None else -ended
    out_peak, back_peak = _greatest(raw[: turn + 1]), _greatest(-raw[turn:])
    peak = angles[turn] - base
    working = angle_deg[bisect_left(times, start) : bisect_right(times, end)] > base + UNDER_TENSION * peak
    return Phases(
        start_s=start,
        end_s=end,
        outward_s=max(0.0, first - start),
        hold_s=last - first,
        return_s=max(0.0, end - last),
        peak_velocity_deg_s=max(out_peak, back_peak),
        outward_peak_deg_s=out_peak,
        return_peak_deg_s=back_peak,
        under_tension_s=float(np.count_nonzero(working)) / TICK_HZ,
        hold_start_s=first,
        hold_end_s=last,
        base_deg=base,
        start_seen=start_seen,
    )


class Stroke:
    """A movement that rises to its last tick: the time of its first tick (s), its angles (deg) and speeds (deg/s)."""

    def __init__(self, first_s: float, angle_deg: list[float], speed_deg_s: list[float]) -> None:
        self._first_s, self._angle_deg, self._speed_deg_s = first_s, angle_deg, speed_deg_s
        self._fastest_deg_s = max(speed_deg_s)
        self._fastest = speed_deg_s.index(self._fastest_deg_s)
        self._low_deg = min(angle_deg)
        self._rise_deg = angle_deg[-1] - self._low_deg

    def begins_s(self) -> float | None:
        """When it sets off, s; None when that is not seen."""
        slow_deg_s, near_deg = self._slow_deg_s(LOW_SPEED), self._low_deg + NEAR_START * self._rise_deg
        speed_deg_s, angle_deg = self._speed_deg_s, self._angle_deg
        for tick in range(self._fastest - 1, -1, -1):
            if speed_deg_s[tick] <= slow_deg_s and angle_deg[tick] < near_deg:
                return self._instant_s(tick, 1, speed_deg_s[tick : self._fastest + 1], slow_deg_s)
        return None

    def arrives_s(self, low_speed: float = LOW_SPEED, near_far: float = NEAR_FAR) -> float | None:
        """When it has come to its far end, s; None when that is not seen."""
        slow_deg_s, near_deg = self._slow_deg_s(low_speed), self._low_deg + near_far * self._rise_deg
        speed_deg_s, angle_deg = self._speed_deg_s, self._angle_deg
        for tick in range(self._fastest, len(speed_deg_s)):
            if speed_deg_s[tick] <= slow_deg_s and angle_deg[tick] > near_deg:
                return self._instant_s(tick, -1, speed_deg_s[self._fastest : tick + 1][::-1], slow_deg_s)
        return None

    def _slow_deg_s(self, low_speed: float) -> float:
        return min(max(low_speed * self._fastest_deg_s, SWAY_DEG_S), MIDDLE_SPEED * self._fastest_deg_s)

    def _instant_s(self, still: int, way: int, speed_deg_s: list[float], low: float) -> float:
        """When the speed was zero, extrapolated from what follows the tick ``still`` in the direction ``way``.

        ``speed_deg_s`` is that, from this tick to where it is fastest.
        """
        burst, begin_s = _burst(speed_deg_s, low), self._first_s + still / TICK_HZ
        fastest = max(burst)
        if fastest <= low:
            return begin_s
        low_at = _passes(burst, low)
        middle_at = max(_passes(burst, MIDDLE_SPEED * fastest), low_at)
        early = _time_of(low / fastest)
        ahead = early / max(_MIDDLE_TIME - early, 0.02) * (middle_at - low_at) if low < MIDDLE_SPEED * fastest else 0.0
        return begin_s + way * (low_at / TICK_HZ - min(ahead / TICK_HZ, LONGEST_ONSET_S))


def _burst(speed: list[float], low: float) -> list[float]:
    """The speeds up to where they are low again, though not at once."""
    later = speed[1:]
    if later and later[0] > low >= min(later):
        return speed[: next(tick for tick, value in enumerate(speed) if tick and value <= low) + 1]
    return speed


def _passes(rising: list[float], level: float) -> float:
    """Tick, with its fraction, at which the values first pass the level."""
    for tick, after in enumerate(rising):
        if after > level:
            before = rising[tick - 1]
            return tick - 1 + (level - before) / (after - before) if tick else 0.0
    return 0.0


def _time_of(share: float) -> float:
    """Share of a minimum-jerk stroke's time after which its speed is this share of the peak."""
    return (1.0 - sqrt(1.0 - sqrt(min(max(share, 0.0), 1.0)))) / 2.0


_MIDDLE_TIME = _time_of(MIDDLE_SPEED)


def _end_s(now_s: float, left_deg: float, whole_deg: float, speed_deg_s: float, leaves_s: float) -> float:
    """Foresee when the limb arrives back at its start, from how far it is from there, and was, and its speed."""
    if left_deg <= 0.0 or whole_deg <= 0.0:
        return now_s
    # the share of a minimum-jerk stroke's time that remains when this share of its way is left
    share = min(_interpolated(left_deg / whole_deg, _WAY, _TIME_TO_GO), 0.6)
    by_time_s = share / (1.0 - share) * (now_s - leaves_s)
    by_speed_s = SLOWING * left_deg / max(-speed_deg_s, 1e-3)
    return now_s + min(by_time_s, by_speed_s)


def _interpolated(at: float, known_at: Sequence[float], values: Sequence[float]) -> float:
    """Interpolate linearly, as numpy's ``interp`` does, of which the call takes several times as long."""
    after = bisect_right(known_at, at)
    if after in (0, len(known_at)):
        return values[max(0, after - 1)]
    first, last, low, high = known_at[after - 1], known_at[after], values[after - 1], values[after]
    return (high - low) / (last - first) * (at - first) + low


def _greatest(speed_deg_s: FloatArray) -> float:
    """The greatest, and 0 where it never goes this way."""
    return max(0.0, speed_deg_s.item(speed_deg_s.argmax()))


def _smooth(values: FloatArray) -> FloatArray:
    return values if len(values) < SMOOTHED_TICKS else moving_mean(values, SMOOTHED_TICKS)


def moving_mean(values: FloatArray, ticks: int) -> FloatArray:
    """Mean over an odd number of ticks about each, shape (n,); the first and the last value are taken to go on."""
    half = ticks // 2
    padded = np.empty(len(values) + 2 * half)
    padded[:half], padded[half:-half], padded[-half:] = values[0], values, values[-1]
    return np.correlate(padded, _equal_weights(ticks))


@lru_cache
def _equal_weights(ticks: int) -> FloatArray:
    return np.full(ticks, 1.0 / ticks)


def speed_of(angle_deg: FloatArray) -> FloatArray:
    """Central differences of the angle at the ticks, shape (n,); one-sided at the ends."""
    if len(angle_deg) < 2:
        return np.zeros(1)
    speed = np.empty_like(angle_deg)
    speed[1:-1] = angle_deg[2:] - angle_deg[:-2]
    speed[0], speed[-1] = 2.0 * (angle_deg[1] - angle_deg[0]), 2.0 * (angle_deg[-1] - angle_deg[-2])
    speed *= 0.5 * TICK_HZ
    return speed
