"""What repeats itself: pieces of a movement, from one slow moment to a later one, that go the same way.

Nothing is known beforehand of what a rep looks like: every piece may be one. The reps are told by the piece that
explains most of the movement, when all that is like it is laid side by side; among those that explain nearly as much,
by the shortest. So a rep may have several peaks, and what comes between two reps does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.types import FloatArray

FEWEST = 3
SLOW_DEG_S, RESTS_TICKS = 12.0, 12
"""A piece begins and ends where the limb is slower than this: when it is slowest, or at either end of a rest ..."""
DIP_SHARE, AROUND_TICKS = 0.45, 12
"""... or where it is slower than this share of its speed shortly before and after. Engineering choices, as below."""
SHORTEST_S, LONGEST_S = 1.2, 14.0
ENDS_SHARE, WALKED_SHARE = 0.6, 0.3
"""A piece ends near to where it began, by this share of how far the limb goes; no more of it than this was walking."""
POINTS = 24
"""Pieces are compared at so many points, half by time and half by the way gone: what is hurried, or rests on the
way, is like what is not."""
MIDDLE = 0.6
"""How much it matters where a piece has its middle, beside how it goes."""
ALIKE, ROUGHLY = 0.35, 0.7
"""Squared distance, as a share of the size, of what is alike; where that leaves more than ``UNEXPLAINED`` of the
movement, people are less even, and what is roughly alike is a rep too."""
UNEXPLAINED, MORE = 0.15, 0.05
TWICE, PART = 0.8, 0.3
"""A piece is two where it parts into two that are alike by this, of which the first has so much of its size."""
SMALLEST = 0.35
"""A piece that may be a rep goes as far as the limb usually does, by this."""
NEARLY = 0.86
"""What explains this share of the most explains nearly as much."""
MOST_TRIED, MOST_REFINED = 200, 40
LOOKS = 3
"""The mean of what was found stands for the piece in the next look."""


class Span(NamedTuple):
    """First and last tick of a rep."""

    start: int
    end: int


def find_repeats(
    time_s: FloatArray,
    up: FloatArray,
    begin: int,
    end: int,
    walked: Sequence[tuple[float, float]],
    *,
    even: bool = False,
) -> list[Span]:
    """Find the reps of a set, in order of time; none where nothing repeats itself.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        begin, end: first and last tick of the movements that were seen of the set; reps may also be found around them.
        walked: bouts of walking, start and end, s.
        even: what is roughly alike is no rep.
    """
    pieces = _pieces(time_s, up, begin, end, walked)
    if len(pieces.ends) < FEWEST:
        return []
    spans = _most_telling(pieces, ALIKE)
    explained = pieces.explained(spans, begin, end)
    if not even and explained < 1.0 - UNEXPLAINED:
        roughly = _most_telling(pieces, ROUGHLY)
        spans = roughly if pieces.explained(roughly, begin, end) > explained + MORE else spans
    return spans


@dataclass(frozen=True, slots=True)
class _Pieces:
    """All that may be a rep.

    Attributes:
        ends: (n, 2), first and last tick of each, in order of the first.
        courses: (n, 3 * POINTS), how each goes, deg from its middle.
        middles: (n, 3), deg.
        sizes: (n,), mean square of its course.
        ways_deg: (n,), how far the limb turns in each.
        way_deg: (ticks,), how far it has turned until then.
        seen: (n,), which lie within the set.
    """

    ends: npt.NDArray[np.int_]
    courses: FloatArray
    middles: FloatArray
    sizes: FloatArray
    ways_deg: FloatArray
    way_deg: FloatArray
    seen: npt.NDArray[np.bool_]

    def apart(self, course: FloatArray, middle: FloatArray) -> FloatArray:
        """Squared distance of each piece from another one, as a share of their mean size, (n,)."""
        size = float(np.mean(course**2)) * 3.0
        squares = self.sizes + size - 2.0 * (self.courses @ course) / POINTS
        squares += MIDDLE * np.sum((self.middles - middle) ** 2, axis=1)
        apart: FloatArray = squares / (0.5 * (self.sizes + size))
        return apart

    def explained(self, spans: Sequence[Span], begin: int, end: int) -> float:
        """What share of the way between two ticks is in these."""
        clipped = [(max(span.start, begin), min(span.end, end)) for span in spans]
        way_deg = sum(float(self.way_deg[last] - self.way_deg[first]) for first, last in clipped if last > first)
        return way_deg / max(float(self.way_deg[end] - self.way_deg[begin]), 1e-6)


def _pieces(time_s: FloatArray, up: FloatArray, begin: int, end: int, walked: Sequence[tuple[float, float]]) -> _Pieces:
    way_deg = np.concatenate(([0.0], np.cumsum(np.degrees(np.linalg.norm(np.diff(up, axis=0), axis=1)))))
    middle = up[begin : end + 1].mean(axis=0)
    reach_deg = float(np.degrees(np.percentile(np.linalg.norm(up[begin : end + 1] - middle, axis=1), 85)))
    in_walk = np.zeros(len(time_s) + 1)
    for start_s, end_s in walked:
        in_walk[1:][(time_s >= start_s) & (time_s <= end_s)] = 1.0
    in_walk = np.cumsum(in_walk)
    moments = _slow_moments(up)
    at_s = time_s[moments]
    firsts, lasts = at_s.searchsorted(at_s + SHORTEST_S), at_s.searchsorted(at_s + LONGEST_S, "right")
    pairs = [
        np.column_stack((np.full(b - a, k), np.arange(a, b)))
        for k, (a, b) in enumerate(zip(firsts, lasts, strict=True))
    ]
    ends = moments[np.concatenate(pairs)] if pairs else np.zeros((0, 2), dtype=int)
    start, stop = ends[:, 0], ends[:, 1]
    apart_deg = np.degrees(np.linalg.norm(up[stop] - up[start], axis=1))
    walked_share = (in_walk[stop + 1] - in_walk[start]) / (stop + 1 - start)
    may_be = (way_deg[stop] - way_deg[start] >= reach_deg) & (apart_deg <= ENDS_SHARE * reach_deg)
    ends = ends[may_be & (walked_share <= WALKED_SHARE)]
    courses = _courses(up, way_deg, ends)
    middles = courses.mean(axis=1)
    courses = (courses - middles[:, None, :]).reshape(len(ends), -1)
    sizes = (courses**2).sum(axis=1) / POINTS
    start, stop = ends[:, 0], ends[:, 1]
    seen = (start >= begin - TICK_HZ) & (stop <= end + TICK_HZ) & (sizes > (SMALLEST * reach_deg) ** 2)
    return _Pieces(ends, courses, middles, sizes, way_deg[stop] - way_deg[start], way_deg, seen)


def _slow_moments(up: FloatArray) -> npt.NDArray[np.int_]:
    """Ticks at which a rep may begin or end."""
    speed = np.degrees(np.linalg.norm(np.gradient(up, axis=0), axis=1)) * TICK_HZ
    speed = np.convolve(speed, (0.25, 0.5, 0.25), "same")
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (speed < SLOW_DEG_S).astype(int), [0]))))
    moments: set[int] = set()
    for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        rests = after - first > RESTS_TICKS
        moments |= {first, after - 1} if rests else {first + int(np.argmin(speed[first:after]))}
    dips = np.flatnonzero((speed[1:-1] <= speed[:-2]) & (speed[1:-1] < speed[2:])) + 1
    for dip in dips.tolist():
        around = speed[max(0, dip - AROUND_TICKS) : dip + 1], speed[dip : dip + AROUND_TICKS + 1]
        if speed[dip] < DIP_SHARE * min(part.max() for part in around) and moments.isdisjoint(range(dip - 2, dip + 3)):
            moments.add(dip)
    return np.array(sorted(moments), dtype=int)


def _courses(up: FloatArray, way_deg: FloatArray, ends: npt.NDArray[np.int_]) -> FloatArray:
    """Where the limb is at points of each piece, (n, POINTS, 3), deg."""
    start, stop = ends[:, :1], ends[:, 1:]
    ways = np.maximum(way_deg[stop] - way_deg[start], 1e-6)

    def share(ticks: npt.NDArray[np.int_]) -> FloatArray:
        shares: FloatArray = 0.5 * (ticks - start) / (stop - start) + 0.5 * (way_deg[ticks] - way_deg[start]) / ways
        return shares

    points = np.broadcast_to(np.linspace(0.0, 1.0, POINTS), (len(ends), POINTS))
    low, high = (np.broadcast_to(edge, points.shape).copy() for edge in (start, stop))
    while np.any(high - low > 1):
        between = (low + high) // 2
        before = share(between) <= points
        low, high = np.where(before, between, low), np.where(before, high, between)
    at, after = share(low), share(high)
    part = np.clip((points - at) / np.maximum(after - at, 1e-9), 0.0, 1.0)[..., None]
    return np.degrees((1.0 - part) * up[low] + part * up[high])


def _most_telling(pieces: _Pieces, alike: float) -> list[Span]:
    """Lay out what is like each of many pieces; the reps are where that explains most, or nearly, in most parts."""
    tried = np.flatnonzero(pieces.seen)
    tried = tried[np.unique(np.linspace(0, max(len(tried) - 1, 0), MOST_TRIED).astype(int))] if len(tried) else tried
    index = {(int(start), int(stop)): k for k, (start, stop) in enumerate(pieces.ends)}
    laid_out = [
        (_laid_out(pieces, _gains(pieces, pieces.courses[k], pieces.middles[k], alike)), k) for k in tried.tolist()
    ]
    best_first = sorted((laid for laid in laid_out if len(laid[0][1]) >= FEWEST), key=lambda laid: -laid[0][0])
    found = islice((laid for laid, k in best_first if not _is_two(pieces, index, k)), MOST_REFINED)
    refined = []
    for laid in found:
        for _ in range(LOOKS):
            reps = laid[1]
            laid = _laid_out(
                pieces, _gains(pieces, pieces.courses[reps].mean(axis=0), pieces.middles[reps].mean(axis=0), alike)
            )
            if len(laid[1]) < FEWEST:
                break
        if len(laid[1]) >= FEWEST and 2 * sum(_is_two(pieces, index, k) for k in laid[1]) < len(laid[1]):
            refined.append(laid)
    if not refined:
        return []
    most = max(gain for gain, _ in refined)
    _, reps = max((laid for laid in refined if laid[0] >= NEARLY * most), key=lambda laid: (len(laid[1]), laid[0]))
    return [Span(int(start), int(stop)) for start, stop in pieces.ends[reps]]


def _gains(pieces: _Pieces, course: FloatArray, middle: FloatArray, alike: float) -> FloatArray:
    """How much of the way each piece explains as another one like this."""
    return pieces.ways_deg * np.maximum(1.0 - pieces.apart(course, middle) / alike, 0.0)


def _laid_out(pieces: _Pieces, gains: FloatArray) -> tuple[float, list[int]]:
    """Choose pieces that do not overlap and gain most together; give that, and their indices in order of time."""
    useful = np.flatnonzero(gains)
    useful = useful[np.argsort(pieces.ends[useful, 1], kind="stable")]
    starts, stops = pieces.ends[useful].T
    until = np.searchsorted(stops, starts, "right").tolist()
    most, taken = [0.0], []
    for n, (gain, before) in enumerate(zip(gains[useful].tolist(), until, strict=True)):
        with_it = most[before] + gain
        taken.append(with_it > most[n])
        most.append(max(with_it, most[n]))
    chosen, n = [], len(taken)
    while n:
        if taken[n - 1]:
            chosen.append(int(useful[n - 1]))
            n = until[n - 1]
        else:
            n -= 1
    return most[-1], chosen[::-1]


def _is_two(pieces: _Pieces, index: dict[tuple[int, int], int], k: int) -> bool:
    """Say whether a piece is two that are alike, one after the other."""
    start, stop = pieces.ends[k].tolist()
    first = np.searchsorted(pieces.ends[:, 0], start)
    after = np.searchsorted(pieces.ends[:, 0], start, "right")
    for one in range(int(first), int(after)):
        other = index.get((int(pieces.ends[one, 1]), stop))
        if other is None or pieces.sizes[one] <= PART * pieces.sizes[k]:
            continue
        squares = np.sum((pieces.courses[one] - pieces.courses[other]) ** 2) / POINTS
        squares += np.sum((pieces.middles[one] - pieces.middles[other]) ** 2)
        if squares < TWICE * 0.5 * (pieces.sizes[one] + pieces.sizes[other]):
            return True
    return False
