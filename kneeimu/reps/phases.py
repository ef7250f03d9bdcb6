"""When a rep starts, reaches its far end, leaves it and ends, and how fast it goes: from the angle at its ticks.

A stroke is found from its speed: it begins and ends where that is near zero. Sway hides the slowest part, so the
instants are extrapolated from where the speed passes a low and a middle share of its peak, as in a minimum-jerk
stroke (Flash & Hogan 1985). The pose that a rep starts from need not be the counter's home: the angle of a rep is
measured from where it really starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

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
_TO_GO = (10.0 * _TIME**3 - 15.0 * _TIME**4 + 6.0 * _TIME**5, _TIME)


@dataclass(frozen=True, slots=True)
class Phases:
    """Instants and durations in s, speeds in deg/s; ``base_deg`` is the angle from home at the start.

    ``start_seen`` says that the limb was seen to set off; it was on its way already at the first tick otherwise.
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
    rising = slice(0, turn + 1)
    start, first = _stroke(time_s[rising], angle_deg[rising], speed[rising])
    start_seen = start is not None
    start = max(min(start_s if start is None else start, float(time_s[turn])), earliest_s)
    base = float(np.interp(start, time_s, angle_deg))
    middle = float(time_s[turn])
    # the way back, read from its end, is another way out
    back = slice(None, turn - 1 if turn else None, -1)
    ended, last = _stroke(-time_s[back], angle_deg[back], -speed[back])
    _, sagged = _stroke(-time_s[back], angle_deg[back], -speed[back], SAGGING_SPEED, SAGGING_FAR)
    if last is not None and sagged is not None and last - sagged > SAGGING_S:
        last = sagged
    first, last = middle if first is None else first, middle if last is None else -last
    if last - first < LEAST_HOLD_S:
        first = last = min(max(middle, start), float(time_s[-1]))
    end = _end_s(time_s, angle_deg, base, speed, last) if ended is None else -ended
    out_peak, back_peak = float(raw[rising].max(initial=0.0)), float((-raw[turn:]).max(initial=0.0))
    peak = float(angle_deg[turn]) - base
    working = (angle_deg - base > UNDER_TENSION * peak) & (time_s >= start)
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


def _stroke(
    time_s: FloatArray,
    angle_deg: FloatArray,
    speed_deg_s: FloatArray,
    low_speed: float = LOW_SPEED,
    near_far: float = NEAR_FAR,
) -> tuple[float | None, float | None]:
    """When a stroke that rises to its last tick begins and arrives, s; None for what is not seen."""
    fastest = int(speed_deg_s.argmax())
    slow_deg_s = _slow_deg_s(speed_deg_s, low_speed)
    fast = speed_deg_s > slow_deg_s
    low, high = float(angle_deg.min()), float(angle_deg[-1])
    before = (~fast[:fastest] & (angle_deg[:fastest] < low + NEAR_START * (high - low))).nonzero()[0]
    after = fastest + (~fast[fastest:] & (angle_deg[fastest:] > low + near_far * (high - low))).nonzero()[0]
    begins = _instant(time_s, speed_deg_s, int(before[-1]), 1, slow_deg_s) if len(before) else None
    arrives = _instant(time_s, speed_deg_s, int(after[0]), -1, slow_deg_s) if len(after) else None
    return begins, arrives


def _slow_deg_s(speed_deg_s: FloatArray, low_speed: float) -> float:
    fastest = float(speed_deg_s.max())
    return min(max(low_speed * fastest, SWAY_DEG_S), MIDDLE_SPEED * fastest)


def _instant(time_s: FloatArray, speed_deg_s: FloatArray, still: int, way: int, low: float) -> float:
    """When the speed was zero, extrapolated from what follows the tick ``still`` in the direction ``way``."""
    speed = speed_deg_s[still::way]
    slow = (speed[1:] <= low).nonzero()[0]
    burst = speed[: 1 + int(slow[0]) + 1] if len(slow) and slow[0] > 0 else speed
    fastest = float(burst.max())
    if fastest <= low:
        return float(time_s[still])
    step_s = float(time_s[1] - time_s[0])
    low_at = _passes(burst, low)
    middle_at = max(_passes(burst, MIDDLE_SPEED * fastest), low_at)
    early, half = _time_of(low / fastest), _time_of(MIDDLE_SPEED)
    ahead = early / max(half - early, 0.02) * (middle_at - low_at) if low < MIDDLE_SPEED * fastest else 0.0
    ahead_s = min(ahead * step_s, LONGEST_ONSET_S)
    return float(time_s[still]) + way * (low_at * step_s - ahead_s)


def _passes(rising: FloatArray, level: float) -> float:
    """Tick, with its fraction, at which the values first pass the level."""
    above = int((rising > level).argmax())
    if above == 0:
        return 0.0
    before, after = float(rising[above - 1]), float(rising[above])
    return above - 1 + (level - before) / (after - before)


def _time_of(share: float) -> float:
    """Share of a minimum-jerk stroke's time after which its speed is this share of the peak."""
    return (1.0 - sqrt(1.0 - sqrt(min(max(share, 0.0), 1.0)))) / 2.0


def _end_s(
    time_s: FloatArray, angle_deg: FloatArray, base_deg: float, speed_deg_s: FloatArray, leaves_s: float
) -> float:
    """Foresee when the limb arrives back at its start, from the last tick that there is."""
    now_s = float(time_s[-1])
    left_deg, back_deg_s = float(angle_deg[-1]) - base_deg, -float(speed_deg_s[-1])
    whole_deg = float(angle_deg.max()) - base_deg
    if left_deg <= 0.0 or whole_deg <= 0.0:
        return now_s
    share = min(_time_to_go(left_deg / whole_deg), 0.6)
    by_time_s = share / (1.0 - share) * (now_s - leaves_s)
    by_speed_s = SLOWING * left_deg / max(back_deg_s, 1e-3)
    return now_s + min(by_time_s, by_speed_s)


def _time_to_go(left: float) -> float:
    """Share of a minimum-jerk stroke's time that remains when this share of its way is left."""
    return float(np.interp(left, *_TO_GO))


def _smooth(values: FloatArray) -> FloatArray:
    return values if len(values) < SMOOTHED_TICKS else moving_mean(values, SMOOTHED_TICKS)


def moving_mean(values: FloatArray, ticks: int) -> FloatArray:
    """Mean over an odd number of ticks about each, shape (n,); the first and the last value are taken to go on."""
    half = ticks // 2
    padded = np.concatenate((values[:1].repeat(half), values, values[-1:].repeat(half)))
    return np.convolve(padded, np.full(ticks, 1.0 / ticks), mode="valid")


def speed_of(angle_deg: FloatArray) -> FloatArray:
    """Central differences of the angle at the ticks, shape (n,); one-sided at the ends."""
    if len(angle_deg) < 2:
        return np.zeros(1)
    speed = np.empty_like(angle_deg)
    speed[1:-1] = (angle_deg[2:] - angle_deg[:-2]) / 2.0
    speed[0], speed[-1] = angle_deg[1] - angle_deg[0], angle_deg[-1] - angle_deg[-2]
    speed *= TICK_HZ
    return speed
