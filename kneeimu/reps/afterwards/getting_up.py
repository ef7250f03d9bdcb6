"""Who lies down or gets up bends the knee, which leads the thigh the way of a rep, and nearly back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import unit
from kneeimu.types import FloatArray

APART_S = 4.0
"""After a longer pause reps begin anew."""
UP_DEG, WITHIN_S = 60.0, 7.0
"""Who is so far from where the leg lay, so soon after the far end of the movement, has got up, or turned over."""
AT_HOME_DEG = 3.0
LIES = (0.15, 0.28), (0.1, 0.3)
"""Before the first rep the leg lies within this share of the range from where it lies between others, or within
``AT_HOME_DEG``, for so long; and so after the last. Engineering choices: in four simulators it does before and after
each of 386 reps where the person has just lain down, or soon gets up; as they do so themselves, in 2 of 21 cases."""
LEAST_DEG = 20.0
"""Of smaller movements it is not known so well where they end."""


def getting_up(time_s: FloatArray, up: FloatArray, reps: Sequence[Excursion]) -> list[Excursion]:
    """Give those, of reps in order of time, with which the person lies down or gets up.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        reps: those of a set that is done lying on the back.
    """
    if len(reps) < 2:
        return []
    pauses = [True, *(later.start_s - one.end_s > APART_S for one, later in pairwise(reps)), True]
    none = []
    for rep, (is_first, is_last) in zip(reps, pairwise(pauses), strict=True):
        if rep.peak_deg < LEAST_DEG or not (is_first or is_last):
            continue
        first, turn, last = time_s.searchsorted((rep.turn_s - WITHIN_S, rep.turn_s, rep.turn_s + WITHIN_S)).tolist()
        home = unit(np.median([one.home for one in reps if one is not rep], axis=0))
        from_home_deg = np.degrees(np.arccos(np.clip(up[first:last] @ home, -1.0, 1.0)))
        before_deg, after_deg = from_home_deg[: turn - first][::-1], from_home_deg[turn - first :]
        if (is_first and _moves_over(before_deg, rep, *LIES[0])) or (is_last and _moves_over(after_deg, rep, *LIES[1])):
            none.append(rep)
    return none


def _moves_over(from_home_deg: FloatArray, rep: Excursion, share: float, rests_s: float) -> bool:
    """Say whether the leg goes on from the far end to where nobody lies, and hardly rests at home on the way."""
    elsewhere = np.flatnonzero(from_home_deg > UP_DEG)
    # a movement as wide as that leads there itself
    if not len(elsewhere) or elsewhere[0] == 0:
        return False
    rests = np.count_nonzero(from_home_deg[: elsewhere[0]] < max(AT_HOME_DEG, share * rep.peak_deg))
    return bool(rests < rests_s * TICK_HZ)
