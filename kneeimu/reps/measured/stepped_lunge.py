"""A lunge with a step, seen from the shin: it swings ahead, leans over the foot at the bottom, and the same way back.

The far end of such a rep is not where the shin turns furthest, which is in the swing, but the bottom between the two
swings.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Literal, NamedTuple

import numpy as np

from calibration.frames import matrix_of
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.phases import LEAST_HOLD_S, SMOOTHED_TICKS, UNDER_TENSION, Phases, Stroke, moving_mean, speed_of
from kneeimu.reps.strokes import turning_points
from kneeimu.types import Alignment, FloatArray

TURN_SHARE = 0.3
"""A turning point is one where the shin goes back by this share of all its way. Engineering choices, as below."""
HOME_SHARE = 0.25
"""A turning point nearer than this share of the furthest is at home, if it is the first or the last."""
ALIKE_SHARE = 0.5
"""The swing out and the swing back lead about equally far from the bottom: the smaller by this share of the larger."""
PASSES_SHARE = 0.5
"""At the bottom the shin is nearer to its home than this share of the swing, or beyond it."""
REST_SHARE, REST_SPEED = 0.35, 0.08
"""The shin rests at home: it is this near, as a share of the swing, and slower than this share of its fastest."""
OF_RANGE, OF_ENDS = frozenset(("short", "shallow")), frozenset(("dropped",))
"""In a lunge with a step the shin turns furthest in the swing, which says nothing about the depth. Which way is out is
known where it is known which rest is home."""
BEFORE_S = 0.3
PLAIN_POINTS, BEYOND_SHARE = 3, 0.3
"""A plain lunge turns at home, at the bottom, and at home, and leads less than this share of its range beyond home."""

STEPPED_SHARE = 0.33
"""In a set of which so many are no plain lunges, what looks like one is the second half of one with a step."""


class Lunge(NamedTuple):
    """What a lunge is at the shin.

    Attributes:
        phases: of a lunge with a step, or of a plain one.
        known: the phases are what they seem; a part of a lunge with a step has none.
        untold: findings that it can't be judged for.
        stands_s: of one with a step, when the foot has landed and when it leaves again; None for a plain one.
    """

    phases: Phases
    known: bool = True
    untold: frozenset[str] = frozenset()
    stands_s: tuple[float, float] | None = None


def leans_about(alignment: Alignment | None) -> FloatArray | None:
    """Give the axis in the sensor frame (3,) about which the segment leans ahead; None without an alignment."""
    return None if alignment is None else matrix_of(alignment.quat_segment_to_sensor)[:, 2]


class LungeShapes:
    """Tells which lunges of a set were made with a step, and which of these were not seen as a whole.

    Args:
        alignment: tells which way the shin leans ahead, as it does at the bottom.
    """

    def __init__(self, alignment: Alignment | None = None) -> None:
        self._leans_about = leans_about(alignment)
        self._plain: dict[int, bool] = {}
        self._told_as: dict[int, Literal["plain", "whole", "part"]] = {}

    @property
    def with_step(self) -> bool:
        """The lunges of this set are made with a step."""
        return sum(self._plain.values()) < (1.0 - STEPPED_SHARE) * len(self._plain)

    def is_plain(self, number: int) -> bool:
        """That rep was told as a plain one: its range is how deep it was."""
        return self._told_as.get(number) == "plain"

    def is_part(self, number: int) -> bool:
        """That rep was a part of a lunge with a step, whatever it was told as."""
        return self._told_as.get(number) == "part" or (self.with_step and self.is_plain(number))

    def begin_set(self) -> None:
        """Forget the set before."""
        self._plain.clear()
        self._told_as.clear()

    def forget(self, number: int) -> None:
        """That rep was none."""
        self._plain.pop(number, None)
        self._told_as.pop(number, None)

    def look(
        self,
        number: int,
        excursion: Excursion,
        time_s: FloatArray,
        angle_deg: FloatArray,
        split: Phases,
        before_s: float,
        *,
        late: bool,
    ) -> Lunge:
        """Tell what a lunge is.

        Args:
            time_s, angle_deg: ticks and angle from home, shape (n,), from before the rep to when it was over.
            split: its phases as those of a plain one.
            before_s: end of the rep before.
            late: the second look found it: it lasts from one rest to the next, but it is not sure which is home.
        """
        leans = None if self._leans_about is None else float(self._leans_about @ np.asarray(excursion.axis))
        stepped = split_stepped(time_s, angle_deg, excursion.start_s, before_s, leans)
        self._plain[number] = stepped is None and _is_plain(time_s, angle_deg, excursion.start_s, leans)
        if stepped is not None:
            self._told_as[number] = "whole"
            return stepped
        if late:
            split = _from_rest_to_rest(split, excursion)
        # from rest to rest it is what it seems, where it is known which way the shin leans
        sure = late and leans is not None and self._plain[number]
        if self.with_step and not sure:
            self._told_as[number] = "part"
            return Lunge(split, known=False)
        self._told_as[number] = "plain"
        return Lunge(split, untold=OF_ENDS if late else frozenset())


def _away_from_home(points: list[int], angle_deg: FloatArray) -> list[int]:
    """Leave out turning points at home before and after the rep."""
    away = [
        at for at, point in enumerate(points) if abs(angle_deg[point]) > HOME_SHARE * np.abs(angle_deg[points]).max()
    ]
    return points[away[0] : away[-1] + 1] if away else []


def _is_plain(time_s: FloatArray, angle_deg: FloatArray, start_s: float, leans: float | None) -> bool:
    """Is it one way out and back that does not lead beyond home?"""
    angle_deg = angle_deg[time_s.searchsorted(start_s - BEFORE_S) :]
    if leans is not None:
        # a foot that steps swings the shin back from where it leaned at either end
        ahead_deg = angle_deg if leans > 0.0 else -angle_deg
        swung_deg = min(ahead_deg.item(0), ahead_deg.item(-1)) - float(ahead_deg.min())
        return swung_deg < BEYOND_SHARE * float(np.ptp(angle_deg))
    points = turning_points(angle_deg, TURN_SHARE * float(np.ptp(angle_deg)))
    return len(points) <= PLAIN_POINTS and -float(angle_deg.min()) < BEYOND_SHARE * float(angle_deg.max())


def _from_rest_to_rest(split: Phases, excursion: Excursion) -> Phases:
    start_s, end_s = excursion.start_s, excursion.end_s
    first, last = (min(max(at_s, start_s), end_s) for at_s in (split.hold_start_s, split.hold_end_s))
    return split._replace(
        start_s=start_s,
        end_s=end_s,
        outward_s=first - start_s,
        hold_s=last - first,
        return_s=end_s - last,
        hold_start_s=first,
        hold_end_s=last,
    )


def split_stepped(
    time_s: FloatArray, angle_deg: FloatArray, start_s: float, earliest_s: float, leans: float | None = None
) -> Lunge | None:
    """Split a lunge with a step; None for what is none, or is not seen as a whole.

    Args:
        time_s, angle_deg: ticks and angle from home, shape (n,), from somewhat before the rep to when it was over.
        start_s: where the counter saw it begin.
        earliest_s: end of the rep before.
        leans: positive where the angle grows as the shin leans ahead, negative where it falls; None where nobody knows.
    """
    begin = max(0, int(time_s.searchsorted(start_s)) - SMOOTHED_TICKS)
    points = [begin + at for at, _ in turning_points(angle_deg[begin:], TURN_SHARE * float(np.ptp(angle_deg[begin:])))]
    points = _away_from_home(points, angle_deg)
    if len(points) < 3:
        return None
    # the way back mirrors the way out; where the lift of the foot shows on one of them only, the time tells
    middle_s = 0.5 * (start_s + float(time_s[-1]))
    middles = {(len(points) - 1) // 2, len(points) // 2} - {0, len(points) - 1}
    if leans is not None:
        middles = {k for k in middles if leans * float(angle_deg[points[k]] - angle_deg[points[k - 1]]) > 0.0}
    if not middles:
        return None
    at = min(middles, key=lambda k: abs(time_s.item(points[k]) - middle_s))
    swing, bottom, swing_back = points[at - 1 : at + 2]
    out_deg, bottom_deg, back_deg = angle_deg[[swing, bottom, swing_back]].tolist()
    ways = sorted((abs(out_deg - bottom_deg), abs(back_deg - bottom_deg)))
    if ways[0] < ALIKE_SHARE * ways[1] or bottom_deg / (out_deg or 1e-9) > PASSES_SHARE or out_deg * back_deg < 0.0:
        return None
    speed = moving_mean(speed_of(angle_deg), SMOOTHED_TICKS)
    near = np.abs(angle_deg) < REST_SHARE * min(abs(out_deg), abs(back_deg))
    rests = (near & (np.abs(speed) < REST_SPEED * np.abs(speed[begin:]).max())).nonzero()[0]
    before, after = rests[: rests.searchsorted(swing)], rests[rests.searchsorted(swing_back) :]
    if not len(after):
        return None
    times, way = time_s.tolist(), 1.0 if bottom_deg > out_deg else -1.0
    start, end = max(times[before[-1]] if len(before) else start_s, earliest_s), times[after[0]]
    if start >= times[swing]:
        return None
    there, back = slice(swing, bottom + 1), slice(bottom, swing_back + 1)
    down = Stroke(times[swing], (way * angle_deg[there]).tolist(), (way * speed[there]).tolist())
    # the way back, read from its end, is another way down
    up_deg, up_deg_s = way * angle_deg[back][::-1], -way * speed[back][::-1]
    up = Stroke(-times[swing_back], up_deg.tolist(), up_deg_s.tolist())
    first, last = down.arrives_s(), up.arrives_s()
    first, last = times[bottom] if first is None else first, times[bottom] if last is None else -last
    if last - first < LEAST_HOLD_S:
        first = last = 0.5 * (first + last)
    fast = np.abs(speed_of(angle_deg))
    whole = slice(bisect_left(times, start), bisect_right(times, end))
    away = np.abs(angle_deg[whole])
    out_peak, back_peak = float(fast[whole.start : bottom + 1].max()), float(fast[bottom : whole.stop].max())
    phases = Phases(
        start_s=start,
        end_s=end,
        outward_s=first - start,
        hold_s=last - first,
        return_s=end - last,
        peak_velocity_deg_s=max(out_peak, back_peak),
        outward_peak_deg_s=out_peak,
        return_peak_deg_s=back_peak,
        under_tension_s=float(np.count_nonzero(away > UNDER_TENSION * away.max())) / TICK_HZ,
        hold_start_s=first,
        hold_end_s=last,
        base_deg=float(np.interp(start, time_s, angle_deg)),
        start_seen=True,
        single=False,
    )
    return Lunge(phases, untold=OF_RANGE, stands_s=(times[swing], times[swing_back]))
