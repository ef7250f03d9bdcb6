"""Which strokes of a set that is over belong together, and from which end of the movement they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf, log
from statistics import median

import numpy as np

from kneeimu.reps.afterwards.oddness import Judged, Kind, LookParameters, find_runs
from kneeimu.reps.afterwards.stood import stood_at_far_end, stood_beyond_far_end
from kneeimu.reps.excursion import Excursion
from kneeimu.types import FloatArray

MAD_TO_SD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""


def runs_of_the_set(
    time_s: FloatArray,
    up: FloatArray,
    kind: Kind,
    counted: Sequence[Excursion],
    walked: Sequence[tuple[float, float]],
    p: LookParameters,
    starts_at_far_end: bool = False,
    between_s: tuple[float, float] = (-inf, inf),
) -> list[tuple[list[Judged], bool]]:
    """Runs of strokes with reps among them; whether each had to be turned over to be seen from its home."""
    out = find_runs(time_s, up, kind, walked, p)
    ours = [k for k, run in enumerate(out) if any(spans(time_s, run, rep) for rep in counted)]
    # most sets are seen from their home: the other end has too few to be looked at any further
    fewest = 0 if starts_at_far_end else min((len(out[k]) + 1 for k in ours), default=0)
    back = find_runs(time_s, up, kind.from_the_other_end(), walked, p, fewest)
    from_home = stood_beyond_far_end(time_s, up, counted, kind) if starts_at_far_end else None
    stood_far = starts_at_far_end and stood_at_far_end(time_s, up, counted, kind)
    runs = []
    for k in ours:
        run = out[k]
        # seen from the other end two sets may be one, with a fidget between them
        after = out[k - 1][-1].stroke.turn if k else -1
        before = out[k + 1][0].stroke.turn if k + 1 < len(out) else len(up)
        facing = [[j for j in other if after < j.stroke.turn < before] for other in back if _overlap(run, other)]
        alone = len(facing) == 1
        if alone and starts_at_far_end:
            facing = [_without_odd_outside(run, facing[0], p)]
        turned = alone and bool(facing[0])
        if turned and from_home is None:
            turned = _turns_over(time_s, run, facing[0], starts_at_far_end, stood_far, between_s, p)
        elif from_home:
            turned = False
        runs.append((facing[0] if turned else run, turned))
    return runs


def _turns_over(
    time_s: FloatArray,
    run: list[Judged],
    facing: list[Judged],
    starts_at_far_end: bool,
    stood_far: bool,
    between_s: tuple[float, float],
    p: LookParameters,
) -> bool:
    """Are the reps those that are seen from the other end?

    A person who starts and ends at home is out n times, and at home between two ways out n - 1 times. One who stands at
    the far end before and after the set is at home n + 1 times, and once more where what follows begins like a rep.
    """
    if not starts_at_far_end:
        return len(facing) == len(run) + 1 and _take_turns(run, facing) and _regular(facing, False, p)
    # strides before or after the set are none of its ways
    run, facing = [j for j in run if not j.walked], [j for j in facing if not j.walked]
    if not run or not facing:
        return False
    if _leaves_where_it_stood(facing, run, p):
        return True
    if stood_far or _leaves_where_it_stood(run, facing, p):
        return False
    first = min(run[0].stroke.start, facing[0].stroke.start)
    last = max(run[-1].stroke.end, facing[-1].stroke.end)
    stood = int(time_s[first] - between_s[0] > p.stood_s) + int(between_s[1] - time_s[last] > p.stood_after_s)
    expected = (len(run) - 1, len(run) - 2) if stood == 2 else (len(run) + 1 - stood,)
    return len(facing) in expected and _take_turns(run, facing, p.out_of_turn) and _regular(facing, stood > 0, p)


def _leaves_where_it_stood(run: list[Judged], facing: list[Judged], p: LookParameters) -> bool:
    """Say whether the first and the last way out are just like those between, and so are reps too.

    Who gets into a start pose and out of it again stays there for another time than between two reps. How sure that is
    say the odds: the widths of the first and the last, held against those between and how even they are.
    """
    if len(run) != len(facing) + 1 or len(run) < p.fewest + 1 or not _take_turns(run, facing):
        return False
    if not _regular(run, False, p):
        return False
    first, *between, last = (log(judged.stroke.width_s) for judged in run)
    usual = median(between)
    spread = max(p.least_spread, MAD_TO_SD * median(abs(width - usual) for width in between))
    return sum(_odds_of_rep(end - usual, spread, p) for end in (first, last)) > p.surely_reps


def _odds_of_rep(longer: float, spread: float, p: LookParameters) -> float:
    """Logarithm of the odds that it is a rep and not a start pose, longer than a usual rep by this, as a logarithm."""
    rep, pose = longer / spread, (longer - p.pose_longer) / p.pose_spread
    return 0.5 * (pose * pose - rep * rep) + log(p.pose_spread / spread)


def _without_odd_outside(run: list[Judged], facing: list[Judged], p: LookParameters) -> list[Judged]:
    """Drop what came before the first and after the last of the run, where it is odd."""
    first, last = run[0].stroke.turn, run[-1].stroke.turn
    return [j for j in facing if first < j.stroke.turn < last or j.odd < p.odd_outside]


def runs_from_known_home(
    time_s: FloatArray,
    up: FloatArray,
    kind: Kind,
    counted: Sequence[Excursion],
    walked: Sequence[tuple[float, float]],
    falls_along: FloatArray,
    p: LookParameters,
) -> list[tuple[list[Judged], bool]]:
    """As ``runs_of_the_set``, where it is known which end is home."""
    if float((kind.far - kind.home) @ falls_along) > 0.0:
        kind = kind.from_the_other_end()
    lower = [float((np.asarray(rep.far) - np.asarray(rep.home)) @ falls_along) < 0.0 for rep in counted]
    exchanged = sum(lower) < 0.5 * len(lower)
    runs = find_runs(time_s, up, kind, walked, p)
    return [(run, exchanged) for run in runs if any(spans(time_s, run, rep) for rep in counted)]


def median_odd(run: list[Judged]) -> float:
    """How odd the usual stroke of the run is."""
    return median(judged.odd for judged in run)


def _regular(run: list[Judged], starts_at_far_end: bool, p: LookParameters) -> bool:
    """Do all of them, the first and the last too, begin and end alike? Standing between two seats is no rep."""
    if median_odd(run) >= p.regular:
        return False
    if starts_at_far_end:
        return True
    usual_s = median(judged.stroke.width_s for judged in run)
    ends = (run[0], run[-1])
    return all(end.odd < p.regular_ends and end.stroke.width_s < p.regular_ends_s_share * usual_s for end in ends)


def _take_turns(run: list[Judged], other: list[Judged], exceptions: float = 0.0) -> bool:
    """Between two of one lies one of the other, but for this share; where there is a dip in a rep that is not so."""
    turns = sorted([(judged.stroke.turn, 0) for judged in run] + [(judged.stroke.turn, 1) for judged in other])
    return sum(first[1] == second[1] for first, second in pairwise(turns)) <= exceptions * len(turns)


def _overlap(run: list[Judged], other: list[Judged]) -> bool:
    return other[0].stroke.turn < run[-1].stroke.turn and run[0].stroke.turn < other[-1].stroke.turn


def spans(time_s: FloatArray, run: list[Judged], rep: Excursion) -> bool:
    """Say whether a movement that was counted is, in part at least, in the time of the run."""
    return bool(rep.end_s >= time_s[run[0].stroke.turn] and rep.start_s <= time_s[run[-1].stroke.turn])
