"""Reps that swing to both sides of home (a lunge, seen from the shin), looked at again once the set is over.

One such rep has several peaks: the shin leans as the foot leaves, swings ahead, leans again over the foot, and all that
back. What parts one rep from the next is that the shin rests at home.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

import numpy as np

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of, turning_points, unit
from kneeimu.types import FloatArray

BEFORE_S, AFTER_S = 6.0, 4.0
"""So long before and after what was counted the shin rests at home. Engineering choice, as below."""
CALM_PER_S = 0.5
"""At rest it turns by less than this share of the range in a second ..."""
NEAR_SHARE = 0.18
"""... and is this near to home, as a share of the range ..."""
REST_S = 0.2
"""... for so long."""
AWAY_SHARE = 0.35
"""A rep leads further from home than this share of the range."""
TURN_SHARE, PEAK_SHARE = 0.3, 0.22
"""A peak of a rep rises by the first share of the range, and is further from home than the second."""
HALVES_S = 1.5
"""Two halves of one rep follow one another faster than this."""
SMALLEST, LARGEST, SHORTEST = 0.55, 1.6, 0.5
"""Reps of one set have these shares of the usual range and duration."""
TWO = 1.5
"""What takes longer than this multiple of the usual duration may be two reps."""
MOST_UNEVEN = 0.25
"""Bursts whose durations differ by more (logarithm, median) tell less than counted reps that differ by less."""
QUIET_S, QUIET_PERIODS = 8.0, 2.5
FEWEST = 3
OVERLAP = 0.2
"""A rep that was missed may reach into one that was counted by this share."""
MOST_OUTSIDE = 2
"""Of what was counted before the first and after the last rep no more is taken back."""


@dataclass(slots=True)
class Burst:
    """Movement from one rest at home to the next.

    Attributes:
        start, end: indices of ticks.
        width_deg: from the lowest to the highest angle.
        peaks: number of peaks, to either side.
        first_up, last_up: to which side the first and the last lead.
    """

    start: int
    end: int
    width_deg: float
    peaks: int
    first_up: bool
    last_up: bool


def look_again_at_swings(
    time_s: FloatArray, up: FloatArray, counted: Sequence[Excursion], walked: Sequence[tuple[float, float]]
) -> tuple[list[int], list[Excursion]]:
    """Compare the reps that were counted with the bursts of movement between rests at home.

    Args:
        time_s: (n,), s: from before the set to its end.
        up: (n, 3), unit vectors up in the sensor frame.
        counted: the reps of the set, in order of time.
        walked: bouts of walking, start and end, s.

    Returns:
        Indices of ``counted`` that are no reps, and reps that had been missed.
    """
    if len(counted) < FEWEST:
        return [], []
    begin, end = np.searchsorted(time_s, (counted[0].start_s, counted[-1].end_s))
    if end - begin < 50:
        return [], []
    middle = up[begin:end].mean(axis=0)
    angle = np.degrees((up - middle) @ np.linalg.svd(up[begin:end] - middle, full_matrices=False)[2][0])
    bursts = _bursts(time_s, angle, int(begin), int(end))
    bursts = [burst for burst in bursts if not _walked(time_s, burst, walked)]
    found = _reps(time_s, up, bursts, counted)
    if len(found) < FEWEST:
        return [], []
    return _differences(counted, found)


def _walked(time_s: FloatArray, burst: Burst, walked: Sequence[tuple[float, float]]) -> bool:
    middle_s = 0.5 * (time_s[burst.start] + time_s[burst.end])
    return any(start <= middle_s <= end for start, end in walked)


def _bursts(time_s: FloatArray, angle: FloatArray, begin: int, end: int) -> list[Burst]:
    low, high = np.percentile(angle[begin:end], (4.0, 96.0))
    range_deg = float(high - low)
    calm = np.abs(np.gradient(angle, time_s)) < CALM_PER_S * range_deg
    first, last = np.searchsorted(time_s, (time_s[begin] - BEFORE_S, time_s[end - 1] + AFTER_S))
    outside = np.concatenate((np.arange(first, begin)[calm[first:begin]], np.arange(end, last)[calm[end:last]]))
    if len(outside) < 8:
        return []
    home = median(angle[outside].tolist())
    rests = _stretches(calm & (np.abs(angle - home) < NEAR_SHARE * range_deg), time_s)
    bursts: list[Burst] = []
    for (_, start), (stop, _) in itertools.pairwise(rests):
        part = angle[start : stop + 1]
        if np.abs(part - home).max() < AWAY_SHARE * range_deg:
            continue
        points = turning_points(part.tolist(), TURN_SHARE * range_deg)
        peaks = [peak for index, peak in points if abs(part[index] - home) > PEAK_SHARE * range_deg]
        if peaks:
            bursts.append(Burst(start, stop, float(np.ptp(part)), len(peaks), peaks[0], peaks[-1]))
    return _without_halves(time_s, bursts)


def _stretches(at_rest: np.ndarray, time_s: FloatArray) -> list[tuple[int, int]]:
    """First and last tick of every rest that is long enough."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], at_rest.astype(int), [0]))))
    pairs = [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in pairs if time_s[b] - time_s[a] >= REST_S]


def _without_halves(time_s: FloatArray, bursts: list[Burst]) -> list[Burst]:
    """Join the way out and the way back, where the shin came by its home pose at the far end of the rep.

    The way back mirrors the way out: it begins to the side to which that ended, and ends to the side where that began.
    """
    joined: list[Burst] = []
    for burst in bursts:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.first_up != before.last_up
            and burst.first_up != burst.last_up
            and before.last_up == burst.first_up
            and time_s[burst.start] - time_s[before.end] < HALVES_S
        ):
            width = max(before.width_deg, burst.width_deg)
            peaks = before.peaks + burst.peaks
            joined[-1] = Burst(before.start, burst.end, width, peaks, before.first_up, burst.last_up)
        else:
            joined.append(burst)
    return joined


def _reps(time_s: FloatArray, up: FloatArray, bursts: list[Burst], counted: Sequence[Excursion]) -> list[Excursion]:
    core = [b for b in bursts if time_s[b.end] > counted[0].start_s and time_s[b.start] < counted[-1].end_s]
    if len(core) < FEWEST:
        return []
    width_deg = median(b.width_deg for b in core)
    durations_s = np.array([time_s[b.end] - time_s[b.start] for b in core])
    duration_s = median(durations_s.tolist())
    if _unevenness(durations_s) > MOST_UNEVEN and _unevenness(np.array([r.duration_s for r in counted])) < MOST_UNEVEN:
        return []
    peaks = float(median(b.peaks for b in core))
    period_s = median(np.diff([time_s[b.start] for b in core]).tolist())
    bursts = [
        b
        for b in bursts
        if SMALLEST * width_deg <= b.width_deg <= LARGEST * width_deg
        and time_s[b.end] - time_s[b.start] >= SHORTEST * duration_s
        and b.peaks >= SHORTEST * peaks
    ]
    runs: list[list[Burst]] = []
    for burst in bursts:
        pause_s = max(QUIET_S, QUIET_PERIODS * period_s)
        if runs and time_s[burst.start] - time_s[runs[-1][-1].end] < pause_s:
            runs[-1].append(burst)
        else:
            runs.append([burst])
    reps: list[Excursion] = []
    for run in runs:
        if len(run) >= FEWEST and any(burst in core for burst in run):
            for burst in run:
                longer = (time_s[burst.end] - time_s[burst.start]) / duration_s
                parts = max(1, round(burst.peaks / peaks)) if longer > TWO else 1
                edges = np.linspace(burst.start, burst.end, parts + 1).astype(int)
                reps += [_excursion(time_s, up, a, b) for a, b in itertools.pairwise(edges)]
    return reps


def _unevenness(durations_s: FloatArray) -> float:
    usual_s = median(durations_s.tolist())
    return median(abs(log(duration_s / usual_s)) for duration_s in durations_s.tolist())


def _excursion(time_s: FloatArray, up: FloatArray, start: int, end: int) -> Excursion:
    home = unit(up[start] + up[end])
    return excursion_of(time_s, up, start, start + int(np.argmin(up[start : end + 1] @ home)), end)


def _differences(counted: Sequence[Excursion], found: list[Excursion]) -> tuple[list[int], list[Excursion]]:
    """Each rep that was found may be one that was counted; what is left over was wrong or missed."""
    free = list(range(len(counted)))
    added = []
    for rep in found:
        within = [k for k in free if rep.start_s - 0.3 <= counted[k].turn_s <= rep.end_s + 0.3]
        if within:
            free.remove(max(within, key=lambda k: counted[k].peak_deg))
        else:
            added.append(rep)
    twice = [k for k in free if any(rep.start_s <= counted[k].turn_s <= rep.end_s for rep in found)]
    outside = [k for k in free if counted[k].end_s < found[0].start_s or counted[k].start_s > found[-1].end_s]
    removed = sorted(twice + (outside if len(outside) <= MOST_OUTSIDE else []))
    # what was counted and not found explains the same time in another way
    unexplained = [counted[k] for k in free if k not in removed]
    return removed, [rep for rep in added if all(_overlap_s(rep, o) <= OVERLAP * rep.duration_s for o in unexplained)]


def _overlap_s(rep: Excursion, other: Excursion) -> float:
    return min(rep.end_s, other.end_s) - max(rep.start_s, other.start_s)
