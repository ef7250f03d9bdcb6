"""A band walk ahead and back that is over, looked at again as a whole.

A step swings the leg once, fast, and the body follows more slowly. Ahead, the leg swings fast one way, back, the other
way: so the steps are the fast swings. A counter of out-and-backs can't see those that begin or end in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from math import log
from statistics import fmean, median

import numpy as np
import numpy.typing as npt

from kneeimu.reps.afterwards.bouts import PAUSE_S, Bout, Walk
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.handful import take_turns
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.strokes import excursion_of
from kneeimu.reps.vectors import between
from kneeimu.reps.walk.gait import SLOW_DEG_PER_TICK
from kneeimu.types import FloatArray

TURN_COST = 2.0
"""Evidence, as the logarithm of a speed, that it takes to believe that the person turns without standing."""
SLOWER, LEAST_WIDTH = 0.7, 0.3
"""A first or last step slower than the usual one by more than the factor e to this, or narrower than this, was none."""
SURE = 0.15
"""Mean evidence for each swing below which fast and slow can't be told apart. Nothing is corrected then, unless the
person stood before and after."""
FEWEST, HANDFUL = 3, 5
"""A handful of movements is a set only where a walk is found in it that begins and ends at a stand ..."""
HALF, SURE_OF_FEW = 0.85, 0.22
"""... with swings that are not whole, and where fast and slow are told apart by this."""
SAME_STAND_SHARE, DWELLS_SHARE = 0.3, 0.28
"""... or where each brings the feet together, in rhythm: all begin in one pose, give or take this share of a step, and
the leg is slow for more than this share of the time, while the other foot follows. Strides and turns in place that were
counted dwell less (0.11 to 0.24), or begin in several poses. Engineering choices."""
LOOKS = 3
"""What was counted shows roughly where the steps are; each look is founded on the bouts of the one before."""
ASIDE_SHARE, MIDDLE_SHARE, WIDTH_LOG = 0.175, 0.5, 0.5
"""Bouts of one walk lie no further apart than these shares of a swing, and differ in width by a factor e to this."""
STRICT = 0.8
"""Steps as quick and wide as strides have to be alike by this share of it."""
SURE_STEPS, SURE_SHARE = 6, 0.3
"""Where so many steps were counted, and one for so many swings, the person may also have walked with the leg held
otherwise, and wider: by these shares of a swing and of its logarithm. Engineering choices: of 340 walks in three
simulators 3 have such a bout; of what is none of a walk nothing that long is as near."""
OTHERWISE_SHARE, WIDER_LOG = 0.75, 0.6
WHOLE_SHARE = 0.75
"""Where the way turns without a stand the leg swings all the way."""
NEAR_S, NEAR_PERIODS = 0.5, 0.75
"""What was counted is found within this time."""
LEAST_FOUND = 0.5
"""When fewer than this share of what was counted are found, the walk was of another kind."""


def look_again_at_steps(
    time_s: FloatArray,
    up: FloatArray,
    counted: Sequence[Excursion],
    others: Sequence[Excursion],
    counter: CounterParameters,
    by_hand: bool = False,
) -> tuple[list[int], list[Excursion]]:
    """Compare the steps that were counted with what the whole of the walk shows.

    Args:
        time_s: (n,), s: from before the set to its end.
        up: (n, 3), unit vectors up in the sensor frame.
        counted: the steps of the set, in order of time.
        others: movements that were refused or taken back.
        counter: what a handful of reps is like, and how far a walking limb swings.
        by_hand: the person said that the set begins: also a handful of movements is one.

    Returns:
        Indices of ``counted`` that are no steps, and steps that had been missed.
    """
    removed, added = _look(time_s, up, counted, others, counter, by_hand, of_one_middle=True)
    if len(removed) < len(counted) + len(added):
        # each way may have a middle of its own: the account that explains more
        more = _look(time_s, up, counted, others, counter, by_hand, of_one_middle=False)
        if len(more[1]) - len(more[0]) > len(added) - len(removed):
            return more
    return removed, added


def _look(
    time_s: FloatArray,
    up: FloatArray,
    counted: Sequence[Excursion],
    others: Sequence[Excursion],
    counter: CounterParameters,
    by_hand: bool,
    *,
    of_one_middle: bool,
) -> tuple[list[int], list[Excursion]]:
    seen = list(counted)
    if len(counted) < FEWEST:
        seen = sorted([*counted, *(one for one in others if one.start_s >= time_s[0])], key=lambda one: one.turn_s)
    strays = range(len(counted)) if len(counted) <= HANDFUL and not by_hand else range(0)
    none: tuple[list[int], list[Excursion]] = list(strays), []
    if len(seen) < FEWEST:
        return none
    walk, bouts, strides = _bouts_of_the_walk(time_s, up, seen, counter.stride_deg, of_one_middle=of_one_middle)
    walking = [] if by_hand else [k for k, step in enumerate(counted) if _within(time_s, strides, step)]
    if walk is not None and strays:
        # so few that never stand are strides, also where there are no others
        bouts = [bout for bout in bouts if not walk.never_stands(bout)]
    if len(seen) > len(counted):
        bouts = [bout for bout in bouts if _stands_by_itself(bout)]
    if strays and not any(_stands_by_itself(bout) for bout in bouts):
        return ([], []) if _from_one_stand(time_s, up, counted, counter) else none
    if walk is None:
        return (list(range(len(counted))) if _stands_apart(counted) and not by_hand else walking), []
    told = [(bout, _fast_ones(bout)) for bout in bouts]
    # who straightens right after a step swings the leg as fast
    told = [(bout, steps[:-1] if walk.straightens(bout) and bout[-1].end in steps else steps) for bout, steps in told]
    ends = sorted(end for _, steps in told for end in steps)
    untold = [bout for bout, steps in told if not steps]
    doubtful = [k for k, step in enumerate(counted) if k not in walking and not _within(time_s, untold, step)]
    if not ends or len(ends) < LEAST_FOUND * len(doubtful):
        return none if strays else (walking, [])
    found = [_excursion(time_s, up, walk.angle, end) for end in ends]
    removed, added = _differences([counted[k] for k in doubtful], found, _period_s(seen))
    return sorted([*walking, *(doubtful[k] for k in removed)]), added


def _from_one_stand(time_s: FloatArray, up: FloatArray, steps: Sequence[Excursion], c: CounterParameters) -> bool:
    """Does the person bring the feet together after each step? Then all set out from one pose, and the leg dwells."""
    if len(steps) < FEWEST or not take_turns(steps, c):
        return False
    apart_deg = max(between(one.home, other.home) for one, other in combinations(steps, 2))
    if apart_deg > SAME_STAND_SHARE * median(step.peak_deg for step in steps):
        return False
    within = up[(steps[0].start_s <= time_s) & (time_s <= steps[-1].end_s)]
    moved_deg = np.degrees(np.linalg.norm(np.diff(within, axis=0), axis=1))
    return bool(np.mean(moved_deg < SLOW_DEG_PER_TICK) > DWELLS_SHARE)


def _stands_apart(steps: Sequence[Excursion]) -> bool:
    """Is the mean pause between them too long for steps of a walk?"""
    pauses_s = [later.start_s - step.end_s for step, later in pairwise(steps)]
    return bool(pauses_s) and fmean(pauses_s) > PAUSE_S


def _within(time_s: FloatArray, bouts: Sequence[Bout], step: Excursion) -> bool:
    return any(time_s[bout[0].start] <= step.turn_s <= time_s[bout[-1].end] + NEAR_S for bout in bouts)


def _bouts_of_the_walk(
    time_s: FloatArray,
    up: FloatArray,
    seen: Sequence[Excursion],
    stride_deg: float,
    *,
    of_one_middle: bool,
) -> tuple[Walk | None, list[Bout], list[Bout]]:
    """Find the bouts like the one in which most was seen, none where there are only strides; and those of strides."""
    turns_s = np.array([step.turn_s for step in seen])
    core = (seen[0].start_s <= time_s) & (time_s <= seen[-1].end_s)
    walk: Walk | None = None
    bouts: list[Bout] = []
    others: list[Bout] = []
    for _ in range(LOOKS):
        if core.sum() < FEWEST:
            return None, [], []
        walk = Walk(time_s, up, core, of_one_middle)
        every = walk.bouts(turns_s, stride_deg)
        found = [(bout, walk.strides(bout, stride_deg)) for bout in walk.without_strides(every)]
        steps = [bout for bout, are_strides in found if not are_strides]
        if not steps:
            return None, [], every
        main = max(steps, key=lambda bout: _count_in(time_s, turns_s, bout))
        alike = [
            _alike(walk, bout, main, STRICT if are_strides else 1.0)
            or (not are_strides and _goes_on(walk, bout, main, _count_in(time_s, turns_s, bout)))
            for bout, are_strides in found
        ]
        bouts = [bout for (bout, _), is_alike in zip(found, alike, strict=True) if is_alike]
        others = [bout for bout in every if bout not in bouts and bout not in steps]
        was, core = core, _ticks_of(bouts, len(time_s))
        if np.array_equal(was, core):
            break
    return walk, bouts, others


def _period_s(seen: Sequence[Excursion]) -> float:
    return float(np.median(np.diff([step.turn_s for step in seen])))


def _stands_by_itself(bout: Bout) -> bool:
    return max(bout[0].width, bout[-1].width) < HALF and _ways(bout)[1] > SURE_OF_FEW * len(bout)


def _count_in(time_s: FloatArray, turns_s: FloatArray, bout: Bout) -> int:
    begin_s, end_s = time_s[bout[0].start] - NEAR_S, time_s[bout[-1].end] + NEAR_S
    return int(np.sum((begin_s <= turns_s) & (turns_s <= end_s)))


def _ticks_of(bouts: Sequence[Bout], count: int) -> npt.NDArray[np.bool_]:
    inside = np.zeros(count, dtype=bool)
    for bout in bouts:
        inside[bout[0].fastest : bout[-1].fastest + 1] = True
    return inside


def _alike(walk: Walk, bout: Bout, main: Bout, leniency: float) -> bool:
    """Are both bouts of the same walk? Whoever walks otherwise stands in another pose."""
    aside, along, wider = _differ(walk, bout, main)
    return aside < leniency * ASIDE_SHARE and along < leniency * MIDDLE_SHARE and wider < leniency * WIDTH_LOG


def _goes_on(walk: Walk, bout: Bout, main: Bout, counted: int) -> bool:
    """Are both of one walk for sure, though the leg is held otherwise on the way back?"""
    if counted < max(SURE_STEPS, SURE_SHARE * len(bout)):
        return False
    aside, along, wider = _differ(walk, bout, main)
    return aside < ASIDE_SHARE and along < OTHERWISE_SHARE and wider < WIDER_LOG


def _differ(walk: Walk, bout: Bout, main: Bout) -> tuple[float, float, float]:
    """How far two bouts lie apart, aside and along, as shares of a swing, and how they differ in width, as a log."""
    aside = float(np.linalg.norm(walk.aside_of(bout) - walk.aside_of(main)))
    along = abs(walk.middle_of(bout) - walk.middle_of(main))
    # the first and the last may be half as wide
    wider = abs(log(median(swing.width for swing in bout[1:-1]) / median(swing.width for swing in main[1:-1])))
    return aside, along, wider


def _fast_ones(run: Bout) -> list[int]:
    """Give the tick at which each step of a bout ends."""
    ahead, evidence = _ways(run)
    if evidence < SURE * len(run):
        return _every_other(run)
    fast = [swing.up == way for swing, way in zip(run, ahead, strict=True)]
    speeds = [swing.speed for swing, is_fast in zip(run, fast, strict=True) if is_fast]
    if not speeds:
        return []
    least = median(speeds) - SLOWER
    sure = [k for k, swing in enumerate(run) if fast[k] and swing.speed >= least and swing.width > LEAST_WIDTH]
    if not sure:
        return []
    inside = range(sure[0], sure[-1] + 1)
    steps = [run[k].end for k in inside if fast[k]]
    # two slow swings in a row where the way changes: the second half of the first was the first step of the new way
    steps += [
        run[k].end
        for k in inside[:-1]
        if not fast[k] and not fast[k + 1] and ahead[k] != ahead[k + 1] and run[k].width > WHOLE_SHARE
    ]
    return steps


def _every_other(run: Bout) -> list[int]:
    """The same where fast and slow can't be told apart, but the person stood before and after: half of the swings."""
    if len(run) % 2 or max(run[0].width, run[-1].width) >= HALF:
        return []
    first, second = (sum(swing.speed for swing in run[k::2]) for k in (0, 1))
    return [swing.end for swing in run[0 if first >= second else 1 :: 2]]


def _ways(run: Bout) -> tuple[list[bool], float]:
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
    """Pair the two accounts, what is nearest in time first; what is left over was wrong or missed."""
    within_s = NEAR_PERIODS * period_s
    apart_s = {(k, n): abs(one.turn_s - step.turn_s) for k, one in enumerate(counted) for n, step in enumerate(found)}
    wrong, missed = dict.fromkeys(range(len(counted))), dict.fromkeys(range(len(found)))
    for k, n in sorted(apart_s, key=lambda pair: apart_s[pair]):
        if apart_s[k, n] < within_s and k in wrong and n in missed:
            del wrong[k], missed[n]
    return [*wrong], [found[n] for n in missed]
