"""What repeats itself: bursts of movement between rests, seen from each pose that may be home; how alike they are."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

import numpy as np
import numpy.typing as npt

from kneeimu.reps.strokes import turning_points
from kneeimu.types import FloatArray

HOMES = 13
"""So many poses are tried as home, from one end of the movement to the other. Engineering choices, as below."""
CALM_PER_S = 0.5
"""At rest the shin turns by less than this share of the range in a second ..."""
NEAR_SHARES = (0.12, 0.2)
"""... and is this near to home, as a share of the range ..."""
RESTS_S = (0.12, 0.28)
"""... for so long; the one or the other."""
AWAY_SHARE = 0.35
"""A rep leads further from home than this share of the range."""
TURN_SHARE, PEAK_SHARE = 0.3, 0.22
"""A peak of a rep rises by the first share of the range, and is further from home than the second."""
HALVES_S = 1.5
"""Two halves of one rep follow one another faster than this."""
POINTS = 32
"""Reps are compared at so many points in time."""
ALIKE = 0.75
"""Correlation with the usual rep ..."""
SMALLEST, LARGEST, SHORTEST, LONGEST = 0.5, 1.8, 0.3, 1.9
"""... size and duration, as shares of the usual ones, of a rep."""
LEAST_WAY_DEG, ALONG_SHORTEST, ALONG_LONGEST = 0.02, 0.15, 3.0
"""Along their way reps of all paces are compared, within these shares of the usual duration; where the limb rests, each
tick adds so much to the way, so that no two points are the same."""
QUIET_S, QUIET_PERIODS = 8.0, 2.5
FEWEST = 3
TURNS = 0.5
"""Bursts take turns when they are so much more like the next but one."""
APART_SHARE, SAME_POSE = 0.08, 0.25
"""Two poses that are further apart than this share of the range are not the same; home is, by this share of that."""
OUTSIDE_S = 4.0
"""So long before and after what was found the shin rests at home."""
UNLIKE, SIZE, DURATION, ODD = 0.12, 0.25, 0.35, 5.0
"""The first and the last are odd by 1 for each of these in correlation, log of size and of duration; no reps beyond."""

BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Burst:
    """Movement from one rest at home to the next.

    Attributes:
        start, end: indices of ticks.
        first_up, last_up: to which side the first and the last peak lead.
    """

    start: int
    end: int
    first_up: bool
    last_up: bool


@dataclass(slots=True)
class Account:
    """What a pose that is taken for home makes of the set: its reps, and how alike they are (mean correlation)."""

    reps: list[Burst]
    alike: float
    span_s: float


def find_accounts(
    time_s: FloatArray,
    angle: FloatArray,
    begin: int,
    end: int,
    walked: Sequence[tuple[float, float]],
    by_way: bool = False,
) -> list[Account]:
    """Give what each pose makes of a set, where it makes something of it.

    Args:
        time_s, angle: (n,), s and deg, the angle along the way that most of the set goes.
        begin, end: indices between which movements of the set were seen.
        walked: bouts of walking, start and end, s.
        by_way: compare reps along their way and not in time, so that quick and slow ones are alike.
    """
    low, high = np.percentile(angle[begin:end], (4.0, 96.0)).tolist()
    range_deg = high - low
    calm = np.abs(np.gradient(angle, time_s)) < CALM_PER_S * range_deg
    points = turning_points(angle, TURN_SHARE * range_deg)
    accounts = []
    for home in np.linspace(low, high, HOMES).tolist():
        peaks = [(index, peak) for index, peak in points if abs(angle[index] - home) > PEAK_SHARE * range_deg]
        for near_share, rest_s in itertools.product(NEAR_SHARES, RESTS_S):
            rests = _stretches(calm & (np.abs(angle - home) < near_share * range_deg), time_s, rest_s)
            bursts = _bursts(time_s, angle - home, rests, peaks, AWAY_SHARE * range_deg)
            bursts = [burst for burst in bursts if not _walked(time_s, burst, walked)]
            account = _account(time_s, angle - home, calm, NEAR_SHARES[-1] * range_deg, bursts, begin, end, by_way)
            if account is not None:
                accounts.append(account)
    return accounts


def _walked(time_s: FloatArray, burst: Burst, walked: Sequence[tuple[float, float]]) -> bool:
    middle_s = 0.5 * (time_s[burst.start] + time_s[burst.end])
    return any(start <= middle_s <= end for start, end in walked)


def _bursts(
    time_s: FloatArray,
    angle: FloatArray,
    rests: list[tuple[int, int]],
    peaks: list[tuple[int, bool]],
    away_deg: float,
) -> list[Burst]:
    indices = [index for index, _ in peaks]
    bursts: list[Burst] = []
    for (_, start), (stop, _) in itertools.pairwise(rests):
        within = peaks[bisect_left(indices, start) : bisect_left(indices, stop)]
        if within and np.abs(angle[start : stop + 1]).max() >= away_deg:
            bursts.append(Burst(start, stop, within[0][1], within[-1][1]))
    return _without_halves(time_s, bursts)


def _stretches(at_rest: BoolArray, time_s: FloatArray, least_s: float) -> list[tuple[int, int]]:
    """First and last tick of every rest that is long enough."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], at_rest.astype(int), [0]))))
    pairs = [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in pairs if time_s[b] - time_s[a] >= least_s]


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
            joined[-1] = Burst(before.start, burst.end, before.first_up, burst.last_up)
        else:
            joined.append(burst)
    return joined


def _account(
    time_s: FloatArray,
    angle: FloatArray,
    calm: BoolArray,
    near_deg: float,
    bursts: list[Burst],
    begin: int,
    end: int,
    by_way: bool,
) -> Account | None:
    """``angle`` from the pose that is taken for home."""
    core = [k for k, burst in enumerate(bursts) if burst.end > begin and burst.start < end]
    if len(core) < FEWEST:
        return None
    resampled = _along_its_way if by_way else _resampled
    shapes = np.array([resampled(angle[burst.start : burst.end + 1]) for burst in bursts])
    durations_s = np.array([time_s[burst.end] - time_s[burst.start] for burst in bursts])
    usual, usual_s = np.median(shapes[core], axis=0), np.median(durations_s[core])
    sizes, size = np.linalg.norm(shapes, axis=1), np.linalg.norm(usual)
    alike = shapes @ usual / (sizes * size + 1e-9)
    like = (sizes > SMALLEST * size) & (sizes < LARGEST * size)
    shortest, longest = (ALONG_SHORTEST, ALONG_LONGEST) if by_way else (SHORTEST, LONGEST)
    like &= (durations_s > shortest * usual_s) & (durations_s < longest * usual_s)
    alike[~like] = 0.0
    runs = []
    for run in _runs(time_s, [burst for burst, one in zip(bursts, alike, strict=True) if one > ALIKE]):
        if _takes_turns(time_s, angle, run) and _rests_elsewhere(time_s, angle, calm, run, near_deg):
            run = _every_other(time_s, angle, run)
        elif len(run) > 2 * FEWEST:
            run = _pairs(angle, run, APART_SHARE / NEAR_SHARES[-1] * near_deg) or run
        if len(run) >= FEWEST:
            runs.append(run)
    if not runs:
        return None
    span_s = sum(float(time_s[run[-1].end] - time_s[run[0].start]) for run in runs)
    runs = [_without_odd_ends(time_s, angle, run) for run in runs]
    return Account([burst for run in runs for burst in run], float(alike[core].mean()), span_s)


def _takes_turns(time_s: FloatArray, angle: FloatArray, run: list[Burst]) -> bool:
    """Is each burst less like the next than like the next but one?"""
    if len(run) < 2 * FEWEST - 1:
        return False
    return bool(_unlike(time_s, angle, run, 2).mean() < TURNS * _unlike(time_s, angle, run, 1).mean())


def _unlike(time_s: FloatArray, angle: FloatArray, run: list[Burst], apart: int) -> FloatArray:
    """How unlike in shape and duration each burst is to the one that comes ``apart`` later."""
    shapes = np.array([_resampled(angle[burst.start : burst.end + 1]) for burst in run])
    lengths = np.log([time_s[burst.end] - time_s[burst.start] for burst in run])
    between = np.linalg.norm(shapes[apart:] - shapes[:-apart], axis=1) / np.median(np.linalg.norm(shapes, axis=1))
    return np.asarray(between + np.abs(lengths[apart:] - lengths[:-apart]))


def _rests_elsewhere(time_s: FloatArray, angle: FloatArray, calm: BoolArray, run: list[Burst], near_deg: float) -> bool:
    """Before the first and after the last the shin keeps another pose."""
    first, last = np.searchsorted(time_s, (time_s[run[0].start] - OUTSIDE_S, time_s[run[-1].end] + OUTSIDE_S)).tolist()
    outside = [*range(first, run[0].start), *range(run[-1].end + 1, last)]
    poses_deg: list[float] = [angle.item(tick) for tick in outside if calm[tick]]
    return abs(median(poses_deg or [0.0])) > near_deg


def _without_odd_ends(time_s: FloatArray, angle: FloatArray, run: list[Burst]) -> list[Burst]:
    """Sitting down or getting up may look a little like a rep, but is unlike the rep beside it too."""
    while len(run) > FEWEST and _oddness(time_s, angle, run, run[0], run[1]) > ODD:
        run = run[1:]
    while len(run) > FEWEST and _oddness(time_s, angle, run, run[-1], run[-2]) > ODD:
        run = run[:-1]
    return run


def _oddness(time_s: FloatArray, angle: FloatArray, run: list[Burst], end: Burst, inner: Burst) -> float:
    """How much an end differs in shape and size from the usual one, or the one beside it, and how much longer."""
    shapes = np.array([_resampled(angle[burst.start : burst.end + 1]) for burst in run])
    shape, beside = (_resampled(angle[burst.start : burst.end + 1]) for burst in (end, inner))
    usual_s = median(_duration_s(time_s, burst) for burst in run)
    odd = []
    for other, other_s in ((np.median(shapes, axis=0), usual_s), (beside, _duration_s(time_s, inner))):
        size, other_size = float(np.linalg.norm(shape)) + 1e-9, float(np.linalg.norm(other)) + 1e-9
        unlike = 1.0 - float(shape @ other) / (size * other_size)
        longer = max(0.0, log(_duration_s(time_s, end) / other_s))
        odd.append((unlike / UNLIKE) ** 2 + (log(size / other_size) / SIZE) ** 2 + (longer / DURATION) ** 2)
    return min(odd)


def _duration_s(time_s: FloatArray, burst: Burst) -> float:
    return float(time_s[burst.end] - time_s[burst.start])


def _rest_deg(angle: FloatArray, run: list[Burst]) -> FloatArray:
    """Where the shin rests between each burst and the next, (n - 1,)."""
    rests = itertools.pairwise(run)
    return np.array([np.median(angle[one.end : max(other.start, one.end) + 1]) for one, other in rests])


def _pairs(angle: FloatArray, run: list[Burst], least_deg: float) -> list[Burst]:
    """Join ways out with ways back, where the shin rests by turns in one pose, home, and in others; or give none.

    How far apart the poses are tells it, or that the shin is back in one sooner than it ever leaves the other.
    """
    rests_deg = _rest_deg(angle, run)
    rests = np.array([later.start - one.end for one, later in itertools.pairwise(run)])
    for first in (0, 1):
        home, far = slice(1 - first, None, 2), slice(first, None, 2)
        home_deg = np.median(rests_deg[home])
        apart_deg = np.abs(rests_deg[far] - home_deg).mean()
        same = np.abs(rests_deg[home] - home_deg).mean() < SAME_POSE * apart_deg
        if same and (apart_deg > least_deg or rests[far].max() < rests[home].min()):
            pairs = zip(run[first::2], run[first + 1 :: 2], strict=False)
            return [Burst(out.start, back.end, out.first_up, back.last_up) for out, back in pairs]
    return []


def _every_other(time_s: FloatArray, angle: FloatArray, run: list[Burst]) -> list[Burst]:
    """The first, the third and so on, each from the middle of the one before to that of the one after.

    Seen from a pose on the way there is a burst for the far end of every rep, and one for home between two of them.
    Where there is one more, it is a stray at either end.
    """
    if len(run) % 2 == 0:
        unlike = _unlike(time_s, angle, run, 2)
        run = run[1:] if unlike[0] > unlike[-1] else run[:-1]
    edges = [run[0].start, *((burst.start + burst.end) // 2 for burst in run[1::2]), run[-1].end]
    spans = itertools.pairwise(edges)
    return [Burst(*span, one.first_up, one.last_up) for span, one in zip(spans, run[::2], strict=True)]


def _along_its_way(angle: FloatArray) -> FloatArray:
    """At points as far from each other along the way: the same for a rep that is hurried, or dropped."""
    way = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(angle)) + LEAST_WAY_DEG)))
    return np.interp(np.linspace(0.0, way[-1], POINTS), way, angle)


def _resampled(angle: FloatArray) -> FloatArray:
    return np.interp(np.linspace(0.0, len(angle) - 1.0, POINTS), np.arange(len(angle)), angle)


def _runs(time_s: FloatArray, bursts: list[Burst]) -> list[list[Burst]]:
    """Those that follow one another, where there are enough."""
    if len(bursts) < FEWEST:
        return []
    period_s = median(np.diff([time_s[burst.start] for burst in bursts]).tolist())
    pause_s = max(QUIET_S, QUIET_PERIODS * period_s)
    runs: list[list[Burst]] = []
    for burst in bursts:
        if runs and time_s[burst.start] - time_s[runs[-1][-1].end] < pause_s:
            runs[-1].append(burst)
        else:
            runs.append([burst])
    return [run for run in runs if len(run) >= FEWEST]
