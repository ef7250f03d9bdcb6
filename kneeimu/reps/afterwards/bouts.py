"""Swings of a leg that walks ahead and back against a band, and the stands between them.

The person sets out from standing with the feet together, and stands like that again where the way turns and at the
end. From one such stand to the next is a *bout*: the leg swings from the middle ahead and back and to the middle again,
so the first and the last swing are half as wide.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
import numpy.typing as npt

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.strokes import turning_points
from kneeimu.reps.walk.gait import SLOW_DEG_PER_TICK
from kneeimu.types import FloatArray

LEAST_SHARE = 0.3
"""A swing is at least this share of the usual: the first and the last are half of it. Engineering choice, as below."""
WIDEST_SHARE = 2.0
"""A swing wider than this multiple of the usual is a stride of walking, or a change of posture."""
PAUSE_S, PAUSE_PERIODS = 4.0, 2.2
"""A pause longer than both separates steps from other movements."""
FEWEST_SWINGS = 4
"""Two steps: out, through, through and to the middle."""
STILL_TICKS, STILL_DEG, STILL_SHARE = 10, 2.0, 0.1
"""Who stands with the feet together moves by no more than this, and than this share of a swing, in 0.4 s ..."""
MIDDLE_SHARE = 0.25
"""... and has the leg in the middle of the swings, give or take this share of one."""
STAND_TICKS = 15
"""Where the leg turns round it is still for a moment anyway; a stand takes 0.6 s."""
REST_S, REST_DWELLS = 1.2, 2.0
"""Who stands for longer than this, and than this multiple of what both feet stand for between two steps, has come to
where the walk begins, or it is over, whatever the pose. Engineering choices."""
STAND_DWELLS, LONGEST_STAND_TICKS = 1.5, 20
"""Who dwells in the middle of most steps stands there by this longer where the way turns, but need not for longer than
0.8 s; who stands for longer each time does not walk. Engineering choices."""
PART_SHARE, PART_OF_SWINGS = 0.35, 1.3
"""At least this share of a swing, and of so many usual ones, is left on either side of a stand in the midst of it."""
HEAVE_SHARE = 0.42
"""Who steps back from standing lifts the knee first, and the leg goes ahead by less than this share of the step."""
STANDS_SHARE, STRIDE_S = 0.1, 1.45
"""A leg that walks is slower than 10 deg/s in at most this share of its ticks, and takes no longer for a stride."""
NEVER_STANDS_SHARE = 0.06
"""Between two steps both feet stand: of 498 bouts of steps in four simulators none is slow for less than 0.08 of the
time, of 213 bouts of other movements 78 are for less than this."""
BRISK_S = 1.25
"""... and a stride there and back takes no longer: in a fifth simulator smooth steps of 1.3 s are never slow either."""
STANDS_WELL_SHARE = 0.15
"""A person who hurries hardly stands between the steps either: that tells something only beside steps between which the
leg is slow for so much of the time (in a fifth simulator, steps of 0.02 to 0.14). Engineering choice."""
SWINGS_OF_WALKING = 5
"""So many swings in a row show that the person walks."""
STRIDES_SHARE = 1.5
"""Swings wider than the narrowest of strides by this are no steps, however slow."""


@dataclass(slots=True)
class Swing:
    """From one turning point, or stand, to the next.

    Attributes:
        start, end: indices of ticks.
        up: the angle rises.
        width_deg: how far it goes.
        speed: logarithm of its greatest speed for its width, against that of the median swing.
        fastest: index of the tick with the greatest speed.
        width: share of the usual width.
    """

    start: int
    end: int
    up: bool
    width_deg: float
    speed: float
    fastest: int
    width: float = 1.0


Bout = list[Swing]


@dataclass(frozen=True, slots=True)
class Walk:
    """The poses of a walk, seen along its main axis.

    Attributes:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        core: (n,), which ticks are taken to be steps: they give axis, middle and range.
        of_one_middle: the swings of all bouts have one middle, and not each bout its own.
        angle: (n,), deg from the middle along the axis.
        aside_deg: (n, 3), deg from the middle, without what is along the axis.
        range_deg: how far the angle goes.
        kept_still: (n,), for how many ticks before each the leg has done no more than sway.
        slow_before: (n,), in how many steps from tick to tick before each the leg is slow.
    """

    time_s: FloatArray
    up: FloatArray
    core: npt.NDArray[np.bool_]
    of_one_middle: bool = True
    angle: FloatArray = field(init=False)
    aside_deg: FloatArray = field(init=False)
    range_deg: float = field(init=False)
    kept_still: npt.NDArray[np.int_] = field(init=False)
    slow_before: npt.NDArray[np.int_] = field(init=False)
    _from_middle_deg: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        middle = self.up[self.core].mean(axis=0)
        axis = np.linalg.svd(self.up[self.core] - middle, full_matrices=False)[2][0]
        away = self.up - middle
        along = away @ axis
        from_middle = along if self.of_one_middle else along - _middles(along, self.core)
        low, high = np.percentile(from_middle[self.core], (8.0, 92.0))
        object.__setattr__(self, "angle", np.degrees(along))
        object.__setattr__(self, "aside_deg", np.degrees(away - np.outer(along, axis)))
        object.__setattr__(self, "range_deg", float(np.degrees(high - low)))
        object.__setattr__(self, "_from_middle_deg", np.degrees(from_middle))
        object.__setattr__(self, "kept_still", _kept_within(self.angle, self._sway_deg))
        moved_deg = np.degrees(np.linalg.norm(np.diff(self.up, axis=0), axis=1))
        object.__setattr__(self, "slow_before", np.concatenate(([0], np.cumsum(moved_deg < SLOW_DEG_PER_TICK))))

    @property
    def _sway_deg(self) -> float:
        """Who stands moves by no more."""
        return max(STILL_DEG, STILL_SHARE * self.range_deg)

    def middle_of(self, bout: Bout) -> float:
        """Where a bout has its middle, as a share of the range."""
        return median(float(self.angle[swing.start] + self.angle[swing.end]) for swing in bout) / (2 * self.range_deg)

    def aside_of(self, bout: Bout) -> FloatArray:
        """How far aside of the axis the swings of a bout are, (3,), as a share of the range."""
        aside: FloatArray = np.median(self.aside_deg[[swing.fastest for swing in bout]], axis=0) / self.range_deg
        return aside

    def straightens(self, bout: Bout) -> bool:
        """Does the last swing lead from a step to a stand elsewhere than in the middle, where the first began?"""
        end = bout[-1].end
        stands = self.kept_still[end : end + 2 * STAND_TICKS].max() >= STAND_TICKS
        return bool(len(bout) % 2 and stands and self._amid[bout[0].start] and not self._amid[end])

    def strides(self, bout: Bout, stride_deg: float) -> bool:
        """Are these strides of walking? They are wide and quick, and the leg never stands."""
        width_deg = _width_deg(bout)
        quick = width_deg > stride_deg and self._cycle_s(bout) < STRIDE_S and self._slow_share(bout) < STANDS_SHARE
        return quick or width_deg > STRIDES_SHARE * stride_deg

    def never_stands(self, bout: Bout) -> bool:
        """Is the leg never slow? Then these are strides, where the person stands between the swings of others."""
        return self._cycle_s(bout) < BRISK_S and self._slow_share(bout) < NEVER_STANDS_SHARE

    def without_strides(self, bouts: Sequence[Bout]) -> list[Bout]:
        """Give those in which the leg is slow at times, where most swings are in such ones and it is often slow."""
        standing = [bout for bout in bouts if not self.never_stands(bout)]
        most = 2 * sum(map(len, standing)) > sum(map(len, bouts))
        well = most and median(map(self._slow_share, standing)) > STANDS_WELL_SHARE
        return standing if well else list(bouts)

    def _cycle_s(self, bout: Bout) -> float:
        at_s = [self.time_s[swing.fastest] for swing in bout]
        return float(median(after - before for before, after in zip(at_s, at_s[2:], strict=False)))

    def _slow_share(self, bout: Bout) -> float:
        first, last = bout[0].fastest, bout[-1].fastest
        return float(self.slow_before[last] - self.slow_before[first]) / (last - first)

    def bouts(self, steps_s: FloatArray, stride_deg: float) -> list[Bout]:
        """Find the swings that follow one another with no stand between them.

        Args:
            steps_s: times of steps that are known, s.
            stride_deg: a swing of walking is wider than this.
        """
        pause_s = max(PAUSE_S, PAUSE_PERIODS * float(np.median(np.diff(steps_s))))
        rests = self._rests(max(REST_S, REST_DWELLS * self._dwell_ticks(steps_s, self.kept_still) / TICK_HZ))
        amid = self._dwell_ticks(steps_s, np.where(self._amid, self.kept_still, 0))
        longer = min(STAND_DWELLS * amid, LONGEST_STAND_TICKS) if amid < LONGEST_STAND_TICKS else 0.0
        bouts: list[Bout] = []
        for swing in self._swings(rests, max(STILL_TICKS, round(longer))):
            before = bouts[-1][-1] if bouts else None
            if (
                before
                and before.end == swing.start
                and self.time_s[swing.fastest] - self.time_s[before.fastest] < pause_s
                and not self._stands_at(swing.start, max(STAND_TICKS, longer))
                and not any(before.fastest <= first and last <= swing.fastest for first, last in rests)
            ):
                bouts[-1].append(swing)
            else:
                bouts.append([swing])
        parts = [part for bout in bouts for part in self._without_strides(bout, stride_deg)]
        return [bout for bout in parts if len(bout) >= FEWEST_SWINGS]

    def _without_strides(self, bout: Bout, stride_deg: float) -> list[Bout]:
        """Part a bout where the person walks on, or comes walking."""
        begins = range(len(bout) - SWINGS_OF_WALKING + 1)
        some = [bout[k : k + SWINGS_OF_WALKING] for k in begins]
        slow = [self._slow_share(five) for five in some]
        others = [share for share in slow if share >= NEVER_STANDS_SHARE]
        well = bool(others) and median(others) > STANDS_WELL_SHARE
        walks = [k for k in begins if (well and self.never_stands(some[k])) or self.strides(some[k], stride_deg)]
        if len(walks) == len(begins):
            return [bout]
        inside = {k for begin in walks for k in range(begin, begin + SWINGS_OF_WALKING)}
        parts = itertools.groupby(range(len(bout)), inside.__contains__)
        return [[bout[k] for k in part] for _, part in parts]

    def _dwell_ticks(self, steps_s: FloatArray, kept_still: npt.NDArray[np.int_]) -> float:
        """For how many ticks the leg keeps still between two steps, in the median."""
        at = np.searchsorted(self.time_s, steps_s).tolist()
        return float(median(int(kept_still[a : b + 1].max()) for a, b in itertools.pairwise(at)))

    def _rests(self, least_s: float) -> list[tuple[int, int]]:
        """Where the leg keeps still for so long, whatever the pose: first and last tick."""
        count = round(least_s * TICK_HZ) + 1
        if len(self.angle) < count:
            return []
        windows = np.lib.stride_tricks.sliding_window_view(self.angle, count)
        begins = np.flatnonzero(np.ptp(windows, axis=1) < self._sway_deg).tolist()
        rests: list[tuple[int, int]] = []
        for first in begins:
            if rests and first <= rests[-1][1]:
                rests[-1] = rests[-1][0], first + count - 1
            else:
                rests.append((first, first + count - 1))
        return rests

    def _swings(self, rests: Sequence[tuple[int, int]], still_ticks: int) -> list[Swing]:
        angle, time_s = self.angle, self.time_s
        points = self._without_heaves(turning_points(angle, LEAST_SHARE * self.range_deg))
        speed = np.abs(np.gradient(angle, time_s))
        still = self._still_in_the_middle(still_ticks)
        swings = []
        for (whole_start, _), (whole_end, up) in itertools.pairwise(points):
            for start, end in self._parted(whole_start, whole_end, still, rests):
                width_deg = abs(float(angle[end] - angle[start]))
                fast = float(np.log(np.sort(speed[start : end + 1])[-3:].mean() + 1e-9))
                fastest = start + int(np.argmax(speed[start : end + 1]))
                swings.append(Swing(start, end, up, width_deg, fast, fastest))
        core = [swing for swing in swings if self.core[(swing.start + swing.end) // 2]] or swings
        if not core:
            return []
        usual_deg = median(swing.width_deg for swing in core)
        swings = [swing for swing in swings if swing.width_deg < WIDEST_SHARE * usual_deg]
        for swing in swings:
            swing.width = swing.width_deg / usual_deg
            swing.speed -= float(np.log(min(1.0, swing.width)))
        middle = median(swing.speed for swing in core)
        for swing in swings:
            swing.speed -= middle
        return swings

    def _without_heaves(self, points: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
        """Leave out how the knee lifts before a step back from standing: a little ahead, then all the way back."""
        angle, amid = self.angle, self._amid
        kept = points[:1]
        for k in range(1, len(points)):
            before, turn = kept[-1][0], points[k][0]
            after = points[k + 1][0] if k + 1 < len(points) else turn
            if not amid[before] or abs(angle[turn] - angle[before]) >= HEAVE_SHARE * abs(angle[after] - angle[turn]):
                kept.append(points[k])
            elif len(kept) > 1:
                kept.pop()
        return kept

    @property
    def _amid(self) -> npt.NDArray[np.bool_]:
        """Of each tick: is the leg in the middle of the swings?"""
        amid: npt.NDArray[np.bool_] = np.abs(self._from_middle_deg) < MIDDLE_SHARE * self.range_deg
        return amid

    def _still_in_the_middle(self, ticks: int) -> npt.NDArray[np.bool_]:
        """Of each tick: does the leg keep still from there on, so long, in the middle of the swings?"""
        still = np.zeros(len(self.angle), dtype=bool)
        still[: max(0, len(still) - ticks)] = self.kept_still[ticks:] >= ticks
        return still & self._amid

    def _parted(
        self, start: int, end: int, still: npt.NDArray[np.bool_], rests: Sequence[tuple[int, int]]
    ) -> list[tuple[int, int]]:
        """Give a swing, or the parts of one in the midst of which the person rested or stood."""
        inside = [(first, last) for first, last in rests if start < last and first < end]
        edges = [start, *itertools.chain.from_iterable(inside), end]
        parts = [
            (a, b)
            for a, b in zip(edges[::2], edges[1::2], strict=True)
            if b > a and (not inside or abs(self.angle[b] - self.angle[a]) > self._sway_deg)
        ]
        return [part for a, b in parts for part in self._parted_by_a_stand(a, b, still)]

    def _parted_by_a_stand(self, start: int, end: int, still: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
        """Give a swing, or the parts of one in the midst of which the person stood with the feet together."""
        last = max(start, end - STILL_TICKS + 1)
        if not still[start:last].any():
            return [(start, end)]
        come_deg = np.abs(self.angle[start:last] - self.angle[start])
        whole_deg = abs(float(self.angle[end] - self.angle[start]))
        least_deg = PART_SHARE * min(whole_deg, PART_OF_SWINGS * self.range_deg)
        midway = (least_deg < come_deg) & (come_deg < whole_deg - least_deg)
        stands = start + np.flatnonzero(midway & still[start:last])
        if not len(stands):
            return [(start, end)]
        parts = [(start, int(stands[0])), (int(stands[-1]) + STILL_TICKS, end)]
        # of a small swing little may be left after the stand, and what is less than sway has no speed
        return [(a, b) for a, b in parts if abs(self.angle[b] - self.angle[a]) > self._sway_deg]

    def _stands_at(self, turn: int, ticks: float) -> bool:
        """Does the person stand with the feet together where the leg turns round?"""
        angle = self.angle
        if abs(self._from_middle_deg[turn]) > MIDDLE_SHARE * self.range_deg:
            return False
        apart = np.abs(angle - angle[turn]) >= self._sway_deg
        before, after = np.flatnonzero(apart[:turn]), np.flatnonzero(apart[turn:])
        first = int(before[-1]) + 1 if len(before) else 0
        last = turn + int(after[0]) - 1 if len(after) else len(angle) - 1
        return last - first >= ticks


def _middles(along: FloatArray, core: npt.NDArray[np.bool_]) -> FloatArray:
    """Of each tick: the middle of the swings about it, (n,); between two runs of the core that of the nearer one."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], core.astype(int), [0]))))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    middles = [float(np.percentile(along[first:last], (8.0, 92.0)).mean()) for first, last in runs]
    bounds = [(before[1] + after[0]) // 2 for before, after in itertools.pairwise(runs)]
    return np.repeat(middles, np.diff([0, *bounds, len(along)]))


def _width_deg(bout: Bout) -> float:
    return median(swing.width_deg for swing in bout)


def _kept_within(angle: FloatArray, sway_deg: float) -> npt.NDArray[np.int_]:
    """Of each tick: for how many before it has the angle done no more than sway?"""
    kept = np.zeros(len(angle), dtype=int)
    # of the ticks since the first, those that are lower, or higher, than all after them
    lows: deque[int] = deque()
    highs: deque[int] = deque()
    first, values = 0, angle.tolist()
    for last, value in enumerate(values):
        while lows and values[lows[-1]] >= value:
            lows.pop()
        while highs and values[highs[-1]] <= value:
            highs.pop()
        lows.append(last)
        highs.append(last)
        while values[highs[0]] - values[lows[0]] >= sway_deg:
            first = min(lows[0], highs[0]) + 1
            (lows if lows[0] < first else highs).popleft()
        kept[last] = last - first
    return kept
