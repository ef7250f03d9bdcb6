"""What is like a rep as the person gets into the start pose, or goes about.

Before some exercises, and after, people stand at the far end of the movement. Who stands straight and then bends the
knee to begin goes the way of a rep. But before the first rep and after the last the person is in the start pose; before
this movement they came from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf
from statistics import median

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.afterwards.overlooked import parted
from kneeimu.reps.excursion import Excursion
from kneeimu.types import FloatArray

APART_S = 4.0
"""After a longer pause reps begin anew."""
AWAY = ((0.6, 0.7), (1.5, 1.3))
"""So long before the first rep, s, or after the last, the pose is no further from home than this share of the range.
Engineering choices: of 436 first and last reps in five simulators 3 are not so, of 113 movements there 41."""
AT_HOME = 0.3
"""Within this share of the range from home the person has not set out yet. Engineering choice."""
COMES, GOES, FEWEST_PACED = (1.5, 1.5), (1.0, 1.5), 3
"""Who turns the limb so long before the first rep, or after the last, so many times as fast as in the usual one of so
many reps comes along, or goes away. Engineering choices: of 581 first and last reps in four simulators 2 are so, of 94
movements there 42."""
ASIDE_S = 0.1
"""The rep itself may begin or end so much later."""
ALONE_S, FEW, FEWEST_OTHERS = 3.0, 2, 4
"""So many movements are alone this far from so many others."""
AWAY_ALONE = (1.5, 0.7)
"""The same for these: of 546 such reps in five simulators one is not so, of 61 movements that were none 33."""


def settling(time_s: FloatArray, up: FloatArray, reps: Sequence[Excursion]) -> list[Excursion]:
    """Give those, of reps in order of time, before the first of which or after the last the person was elsewhere.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        reps: those of a set.
    """
    pauses = [True, *(later.start_s - one.end_s > APART_S for one, later in pairwise(reps)), True]
    speed_deg_s = np.degrees(np.linalg.norm(np.gradient(up, axis=0), axis=1)) * TICK_HZ

    def fastest_deg_s(from_s: float, to_s: float) -> float:
        first, last = time_s.searchsorted((from_s, to_s)).tolist()
        return float(speed_deg_s[first:last].max(initial=0.0))

    usual_deg_s = median(fastest_deg_s(rep.start_s, rep.end_s) for rep in reps) if len(reps) >= FEWEST_PACED else inf
    none = []
    for rep, (is_first, is_last) in zip(reps, pairwise(pauses), strict=True):
        sets_out_s = _sets_out_s(time_s, up, rep)
        away = any(
            (is_first and _is_away(time_s, up, rep, (sets_out_s - within_s, sets_out_s), share))
            or (is_last and _is_away(time_s, up, rep, (rep.end_s, rep.end_s + within_s), share))
            for within_s, share in AWAY
        )
        comes = is_first and fastest_deg_s(sets_out_s - COMES[0], sets_out_s - ASIDE_S) > COMES[1] * usual_deg_s
        goes = is_last and fastest_deg_s(rep.end_s + ASIDE_S, rep.end_s + GOES[0]) > GOES[1] * usual_deg_s
        if away or comes or goes:
            none.append(rep)
    return none


def _sets_out_s(time_s: FloatArray, up: FloatArray, rep: Excursion) -> float:
    """Give when the rep leaves home; as it was seen it may begin with a rest there."""
    first, turn = time_s.searchsorted((rep.start_s, rep.turn_s)).tolist()
    at_home = (up[first:turn] @ rep.home > np.cos(np.radians(AT_HOME * rep.peak_deg))).nonzero()[0]
    return float(time_s[first + at_home[-1]]) if len(at_home) else rep.start_s


def _is_away(time_s: FloatArray, up: FloatArray, rep: Excursion, between_s: tuple[float, float], share: float) -> bool:
    first, last = time_s.searchsorted(between_s).tolist()
    return bool(np.any(up[first:last] @ rep.home < np.cos(np.radians(share * rep.peak_deg))))


def on_the_move(time_s: FloatArray, up: FloatArray, reps: Sequence[Excursion]) -> list[Excursion]:
    """Give one or two, of reps in order of time, apart from the others, right before or after which the person moves.

    Who goes somewhere, picks something up or sits down moves as in a rep once or twice, and comes or goes.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        reps: those of a set that begin and end where the person stands.
    """
    within_s, share = AWAY_ALONE
    return [
        rep
        for few in parted(reps, ALONE_S)
        if len(few) <= FEW and len(reps) - len(few) >= FEWEST_OTHERS
        if _is_away(time_s, up, few[0], (few[0].start_s - within_s, few[0].start_s), share)
        or _is_away(time_s, up, few[-1], (few[-1].end_s, few[-1].end_s + within_s), share)
        for rep in few
    ]
