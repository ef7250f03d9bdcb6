"""What people do who go about something else: it lands a foot again and again.

A few quick, very uneven movements that all do so are climbing, boxing or jumping about: reps are even, slow, or soft.
At the shin, so are strides.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log
from statistics import median, pstdev

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.parameters import STRIDING_DEG_S
from kneeimu.reps.walk.reps_or_strides import goes_as
from kneeimu.reps.walk.walking import LANDING_S, SOFT_STRIKE_M_S2, STRIKE_M_S2
from kneeimu.types import FloatArray

FEWEST, MOST = 3, 12
"""Fewer movements show too little; more of them than this are meant."""
LONGEST_S = 2.8
"""Reps that take longer in the median are reps however they land."""
RESTLESS_M_S2 = 0.8
"""Lower quartile of the jolts within a movement, in the median of them: that of squats is below 0.2."""
STRUCK_SHARE = 0.75
"""So many of them come down hard."""
UNEVEN = 0.35
"""Standard deviation of the logarithms of range. Quick reps jolt and a tired person's are uneven: half of this loses
whole sets of them."""
LANDED_S, APART_S = 0.2, 2.5
"""A foot that was put down so soon before or after belongs to a movement; a pause as long parts strides from reps."""
A_FEW, MOST_AS_REPS = 4, 0.8
"""More movements than this, of which such a share goes as the slow reps, are a group of quick ones. Engineering
choices."""
BEFORE_S = 0.3
"""A foot that was put down just before the movement began belongs to it."""
QUICK_S, QUICK_SHARE = 1.6, 0.6
"""Beside slow reps strides are quick: they take less than this, and than this share of the usual rep. In two simulators
29 of 33 strides that were so quick beside reps came down with more than ``SOFT_STRIKE_M_S2``, and none of 6 reps."""
FEWEST_STRIDES, STRIDE_S = 4, 1.5
"""From one stride to the next it takes less; from one lunge to the next 1.6 s and more in 95 of 100 sets."""


def goes_about(time_s: FloatArray, jolt_m_s2: FloatArray, movements: Sequence[Excursion]) -> bool:
    """Say whether these movements are what people do who go about something else.

    Args:
        time_s: (n,), s.
        jolt_m_s2: (n,), change of specific force from tick to tick.
        movements: what was counted in a set.
    """
    if not FEWEST <= len(movements) <= MOST or median(one.duration_s for one in movements) > LONGEST_S:
        return False
    if pstdev(log(one.peak_deg) for one in movements) <= UNEVEN:
        return False
    quartiles, struck = [], 0
    for one in movements:
        start, end, before, after = time_s.searchsorted(
            (one.start_s, one.end_s, one.start_s - BEFORE_S, one.end_s + LANDING_S)
        ).tolist()
        jolts = sorted(jolt_m_s2[start : end + 1].tolist())
        quartiles.append(jolts[len(jolts) // 4] if jolts else 0.0)
        struck += bool((jolt_m_s2[before : after + 1] > STRIKE_M_S2).any())
    return median(quartiles) > RESTLESS_M_S2 and struck >= STRUCK_SHARE * len(movements)


def strides_beside(time_s: FloatArray, jolt_m_s2: FloatArray, movements: Sequence[Excursion]) -> list[Excursion]:
    """Give what was counted apart from slow reps, where most of it is far quicker than these and lands a foot.

    Args:
        time_s: (n,), s.
        jolt_m_s2: (n,), change of specific force from tick to tick.
        movements: what was counted in a set, in order of time.
    """
    if not movements:
        return []
    longest_s = min(QUICK_S, QUICK_SHARE * median(one.duration_s for one in movements))
    runs: list[list[Excursion]] = [[movements[0]]]
    for one, later in pairwise(movements):
        if later.start_s - one.end_s > APART_S:
            runs.append([])
        runs[-1].append(later)
    strides: list[Excursion] = []
    for run in runs:
        spans = time_s.searchsorted([(one.start_s - LANDED_S, one.end_s + LANDED_S) for one in run]).tolist()
        landed = [jolt_m_s2[first:last].max(initial=0.0) > SOFT_STRIKE_M_S2 for first, last in spans]
        quick = sum(one.duration_s < longest_s and lands for one, lands in zip(run, landed, strict=True))
        if quick > 0.5 * len(run) and not (len(run) > A_FEW and _go_as_reps(run, movements)):
            strides += run
    return strides if len(strides) < len(movements) else []


def _go_as_reps(run: Sequence[Excursion], movements: Sequence[Excursion]) -> bool:
    """Most of a run go as slow ones among the others do."""
    others = [one for one in movements if one not in run]
    return sum(goes_as([one], others) for one in run) >= MOST_AS_REPS * len(run)


def walks_on(time_s: FloatArray, up: FloatArray, movements: Sequence[Excursion]) -> bool:
    """Say whether these swings of a shin follow one another as strides do, and turn it as fast.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        movements: what was counted in a set, in order of time.
    """
    if len(movements) < FEWEST_STRIDES:
        return False
    if median(later.turn_s - one.turn_s for one, later in pairwise(movements)) > STRIDE_S:
        return False
    moved_deg = np.degrees(np.linalg.norm(np.diff(up, axis=0, prepend=up[:1]), axis=1))
    fast_deg = [
        float(np.percentile(moved_deg[slice(*time_s.searchsorted((one.start_s, one.end_s)).tolist())], 90))
        for one in movements
        if one.end_s > one.start_s and one.start_s < time_s[-1]
    ]
    return median(fast_deg or [0.0]) * TICK_HZ > STRIDING_DEG_S["shin"]


def before_strides(movements: Sequence[Excursion]) -> list[Excursion]:
    """Give these movements, in order of time, without the last ones that follow one another as strides do."""
    last = len(movements) - 1
    while last > 0 and movements[last].turn_s - movements[last - 1].turn_s <= STRIDE_S:
        last -= 1
    return list(movements[:last])
