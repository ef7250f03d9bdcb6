"""A band walk ahead and back that is over, looked at again as a whole.

A step swings the leg once, fast, and the body follows more slowly. Ahead, the leg swings fast one way, back, the other
way: so the steps are the fast swings. The first and the last begin or end in the middle and are half as wide, and where
the person goes back instead of ahead the first fast swing follows the last slow one the same way: those a counter of
out-and-backs can't see.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of, turning_points
from kneeimu.types import FloatArray

LEAST_SHARE = 0.3
"""A swing is at least this share of the usual: the first and the last are half of it. Engineering choice, as below."""
WIDEST_SHARE = 1.5
"""A swing wider than this multiple of the usual is a stride of walking, or a change of posture."""
REACH_PERIODS = 1.2
"""So many periods before and after what was counted are looked through."""
TURN_COST = 1.2
"""Evidence, as the logarithm of a speed, that it takes to believe that the person goes the other way now."""
SLOWER = 0.7
"""A first or last step slower than the usual one by more than the factor e to this was none."""
PAUSE_S, PAUSE_PERIODS = 4.0, 2.2
"""A pause longer than both separates steps from other movements."""
SURE = 0.15
"""Mean evidence for each swing below which fast and slow can't be told apart, and nothing is corrected."""
FEWEST = 4


@dataclass(slots=True)
class Swing:
    """From one turning point to the next.

    Attributes:
        start, end: indices of ticks.
        up: the angle rises.
        speed: logarithm of its greatest speed, against that of the median swing.
        fastest: index of the tick with the greatest speed.
        width: share of the usual width.
    """

    start: int
    end: int
    up: bool
    speed: float
    fastest: int
    width: float


def look_again_at_steps(
    time_s: FloatArray, up: FloatArray, counted: Sequence[Excursion], walked: Sequence[tuple[float, float]]
) -> tuple[list[int], list[Excursion]]:
    """Compare the steps that were counted with what the whole of the walk shows.

    Args:
        time_s: (n,), s: from before the set to its end.
        up: (n, 3), unit vectors up in the sensor frame.
        counted: the steps of the set, in order of time.
        walked: bouts of walking, start and end, s.

    Returns:
        Indices of ``counted`` that are no steps, and steps that had been missed.
    """
    if len(counted) < FEWEST:
        return [], []
    period_s = median(np.diff([step.turn_s for step in counted]).tolist())
    reach_s = REACH_PERIODS * period_s
    first, begin, end, last = np.searchsorted(
        time_s, (counted[0].start_s - reach_s, counted[0].start_s, counted[-1].end_s, counted[-1].end_s + reach_s)
    )
    if end - begin < FEWEST:
        return [], []
    middle = up[begin:end].mean(axis=0)
    axis = np.linalg.svd(up[begin:end] - middle, full_matrices=False)[2][0]
    angle = np.degrees((up[first:last] - middle) @ axis)
    swings = _swings(time_s[first:last], angle, begin - first, end - first, walked)
    steps: list[int] = []
    for run in _runs(time_s[first:last], swings, period_s):
        steps += _fast_ones(run)
    found = [_excursion(time_s[first:last], up[first:last], angle, step) for step in sorted(steps)]
    return _differences(counted, found, period_s)


def _swings(
    time_s: FloatArray, angle: FloatArray, begin: int, end: int, walked: Sequence[tuple[float, float]]
) -> list[Swing]:
    low, high = np.percentile(angle[begin:end], (8.0, 92.0))
    points = turning_points(angle.tolist(), LEAST_SHARE * (high - low))
    speed = np.abs(np.gradient(angle, time_s))
    swings = []
    for (start, _), (stop, up) in itertools.pairwise(points):
        if any(a <= time_s[start] and time_s[stop] <= b for a, b in walked):
            continue
        fast = float(np.log(np.sort(speed[start : stop + 1])[-3:].mean() + 1e-9))
        fastest = start + int(np.argmax(speed[start : stop + 1]))
        swings.append(Swing(start, stop, up, fast, fastest, abs(float(angle[stop] - angle[start]))))
    core = [swing for swing in swings if begin <= swing.end <= end] or swings
    if not core:
        return []
    usual = median(swing.width for swing in core)
    swings = [swing for swing in swings if swing.width < WIDEST_SHARE * usual]
    middle = median(swing.speed for swing in swings) if swings else 0.0
    for swing in swings:
        swing.speed -= middle
        swing.width /= usual
    return swings


def _runs(time_s: FloatArray, swings: list[Swing], period_s: float) -> list[list[Swing]]:
    """Swings that follow one another."""
    pause_s = max(PAUSE_S, PAUSE_PERIODS * period_s)
    runs: list[list[Swing]] = []
    for swing in swings:
        if runs and time_s[swing.fastest] - time_s[runs[-1][-1].fastest] < pause_s:
            runs[-1].append(swing)
        else:
            runs.append([swing])
    return [run for run in runs if len(run) >= FEWEST]


def _fast_ones(run: list[Swing]) -> list[int]:
    """Give the tick at which each step of a run ends."""
    ahead, evidence = _ways(run)
    if evidence < SURE * len(run):
        return []
    fast = [swing.up == way for swing, way in zip(run, ahead, strict=True)]
    speeds = [swing.speed for swing, is_fast in zip(run, fast, strict=True) if is_fast]
    if not speeds:
        return []
    least = median(speeds) - SLOWER
    sure = [k for k, swing in enumerate(run) if fast[k] and swing.speed >= least]
    if not sure:
        return []
    inside = range(sure[0], sure[-1] + 1)
    steps = [run[k].end for k in inside if fast[k]]
    # two slow swings in a row where the way changes: the second half of the first was the first step of the new way
    steps += [
        run[k].end
        for k in inside[:-1]
        if not fast[k] and not fast[k + 1] and ahead[k] != ahead[k + 1] and run[k].end == run[k + 1].start
    ]
    return steps


def _ways(run: list[Swing]) -> tuple[list[bool], float]:
    """For each swing: do steps go up at that time? The most likely sequence (Viterbi), and the evidence for it."""
    score = np.zeros((len(run), 2))
    came_from = np.zeros((len(run), 2), dtype=int)
    for k, swing in enumerate(run):
        for way in (0, 1):
            evidence = swing.speed if swing.up == bool(way) else -swing.speed
            if k:
                before = score[k - 1] - TURN_COST * (np.arange(2) != way)
                came_from[k, way] = int(np.argmax(before))
                evidence += float(before.max())
            score[k, way] = evidence
    ways = [int(np.argmax(score[-1]))]
    for k in range(len(run) - 1, 0, -1):
        ways.append(int(came_from[k, ways[-1]]))
    ways.reverse()
    evidence = sum(s.speed if s.up == bool(way) else -s.speed for s, way in zip(run, ways, strict=True))
    return [bool(way) for way in ways], float(evidence)


def _excursion(time_s: FloatArray, up: FloatArray, angle: FloatArray, turn: int) -> Excursion:
    """The step that ends with this turning point: from the slowest ticks before to those after."""
    return excursion_of(time_s, up, _slowest(angle, turn, -1), turn, _slowest(angle, turn, 1))


def _slowest(angle: FloatArray, turn: int, towards: int) -> int:
    """Go on from a turning point until the angle turns again."""
    sign = 1.0 if angle[turn] >= angle[max(0, turn - 8) : turn + 9].mean() else -1.0
    k = best = turn
    while 0 <= k < len(angle) and abs(k - turn) < 50 and sign * (angle[k] - angle[best]) < 1.0:
        if sign * angle[k] < sign * angle[best]:
            best = k
        k += towards
    return best if best != turn else int(np.clip(turn + towards, 0, len(angle) - 1))


def _differences(
    counted: Sequence[Excursion], found: list[Excursion], period_s: float
) -> tuple[list[int], list[Excursion]]:
    """Pair the two accounts in order of time; what is left over was wrong or missed."""
    if len(found) < 0.6 * len(counted) or len(found) > 1.7 * len(counted) or len(found) == len(counted):
        return [], []
    free = list(range(len(counted)))
    added = []
    for step in found:
        near = [k for k in free if abs(counted[k].turn_s - step.turn_s) < 0.75 * period_s]
        if near:
            free.remove(min(near, key=lambda k: abs(counted[k].turn_s - step.turn_s)))
        else:
            added.append(step)
    return free, added
