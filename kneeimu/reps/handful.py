"""A few movements that are to be a set: do they belong together?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import KEPT_S
from kneeimu.reps.likeness import alike, axes_apart_deg, turned_round
from kneeimu.reps.parameters import OTHER_POSTURE_DEG, CounterParameters
from kneeimu.reps.vectors import between


def strays(reps: Sequence[Excursion], before: Excursion | None, c: CounterParameters) -> int:
    """Say how many, from the last one back, of a set that is over were fidgeting: none, the last, or all.

    Args:
        reps: all reps of the set, a handful at most, in order of time.
        before: a rep of the set before, which this one may go on with.
    """
    # whether swings through are steps is seen when they are looked at again, from how they begin and end
    if not reps or c.swings_through or not _looks_accidental(reps, before, c):
        return 0
    if len(reps) > c.fewest_reps:
        if not _looks_accidental(reps[:-1], before, c):
            return 1
        if not _looks_accidental(reps[1:], before, c):
            return 0
    return len(reps)


def take_turns(reps: Sequence[Excursion], c: CounterParameters) -> bool:
    """Say whether these are alike and in rhythm, with room between two of them for another movement, and no more."""
    longest_s = max(rep.duration_s for rep in reps)
    apart_s = max(later.start_s - rep.end_s for rep, later in pairwise(reps))
    return apart_s <= c.turns_share * longest_s and _regular(reps, c)


def keep_time(reps: Sequence[Excursion], c: CounterParameters) -> bool:
    """Say whether these are alike in range and duration, and follow one another in rhythm."""
    ranges = _spread([rep.peak_deg for rep in reps], odd=False)
    durations = _spread([rep.duration_s for rep in reps], odd=False)
    periods = _spread([later.turn_s - rep.turn_s for rep, later in pairwise(reps)], odd=False)
    return max(ranges, durations) <= c.few_share and periods <= c.few_period_share


def go_on(doubtful: Sequence[Excursion], rep: Excursion, opened_s: float, now_s: float, c: CounterParameters) -> bool:
    """Say whether a few movements, taken back, go on in a set that opened at ``opened_s``, with this rep among others.

    What is too long ago by ``now_s`` can't be measured any more.
    """
    soon = opened_s - doubtful[-1].end_s < c.doubt_s and now_s - doubtful[0].start_s < KEPT_S
    least_s = rep.duration_s / c.doubt_s_share
    return soon and all(one.duration_s > least_s and alike(one, rep, c.pair_ratio, c) for one in doubtful)


def _looks_accidental(reps: Sequence[Excursion], before: Excursion | None, c: CounterParameters) -> bool:
    """One movement or two, or a handful of all sizes and paces, that do not go on with the set before."""
    enough = len(reps) >= c.fewest_reps
    even = enough and (_regular(reps, c) or (not c.steps and _go_one_way(reps, c)))
    slow = len(reps) > c.fewest_reps and min(rep.duration_s for rep in reps) > c.slow_s
    if even and (c.steps or slow):
        return False
    if before is None or (len(reps) == 1 and reps[0].start_s - before.end_s > c.one_more_s):
        return not even
    if all(between(end, rep.home) > OTHER_POSTURE_DEG for end in (before.home, before.far) for rep in reps):
        return not even  # what was done in another posture says nothing of this
    ratio = c.larger_settled if enough else c.pair_ratio
    # the movement of the set before may be seen from its other end this time
    for seen in (before, turned_round(before)):
        most = c.other_ratio if even or _set_out_as(seen, reps, c) else ratio
        if all(alike(seen, rep, most, c) for rep in reps):
            return False
    return True


def _set_out_as(before: Excursion, reps: Sequence[Excursion], c: CounterParameters) -> bool:
    """They set out from the home of the set before, the same way, and take turns as reps do: small ones of the same."""
    homes = max(between(before.home, rep.home) / max(before.peak_deg, rep.peak_deg) for rep in reps)
    ways_deg = max(axes_apart_deg(before.axis, rep.axis, c) for rep in reps)
    even = _spread([rep.duration_s for rep in reps], odd=False) <= c.few_share
    return homes <= c.known_home_share and ways_deg <= c.known_way_deg and even


def _regular(reps: Sequence[Excursion], c: CounterParameters) -> bool:
    """Ranges and durations are much the same; of five, one may be odd; three have to be alike and in rhythm."""
    if len(reps) <= c.fewest_reps:
        return keep_time(reps, c)
    odd = len(reps) >= 5
    ranges = _spread([rep.peak_deg for rep in reps], odd)
    durations = _spread([rep.duration_s for rep in reps], odd)
    return ranges <= c.regular_deg_share and durations <= c.regular_s_share


def _go_one_way(reps: Sequence[Excursion], c: CounterParameters) -> bool:
    """Three that are less alike all go the same way, one soon after the other: fidgeting goes many ways."""
    ways_deg = max(between(one.axis, other.axis) for one in reps for other in reps)
    apart_s = max(later.start_s - rep.end_s for rep, later in pairwise(reps))
    periods_s = [later.turn_s - rep.turn_s for rep, later in pairwise(reps)]
    values = ([rep.peak_deg for rep in reps], [rep.duration_s for rep in reps], periods_s)
    uneven = max(_spread(some, odd=False) for some in values)
    return ways_deg <= c.one_way_deg and apart_s <= c.one_way_s and uneven <= c.one_way_share


def _spread(values: list[float], odd: bool) -> float:
    """Largest over smallest; without the oddest one at either end when ``odd``."""
    ordered = sorted(values)
    if ordered[0] <= 0.0:
        return inf
    if odd:
        return min(ordered[-2] / ordered[0], ordered[-1] / ordered[1])
    return ordered[-1] / ordered[0]
