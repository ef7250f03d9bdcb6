"""A few strides beside slow reps: one follows the other, and between two of them the limb does not stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np
import numpy.typing as npt

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.walk.gait import AROUND_TICKS, SLOW_DEG_PER_TICK
from kneeimu.reps.walk.reps_or_strides import goes_as
from kneeimu.types import FloatArray

PAUSE_S = 0.5
"""One follows the other."""
STRIDE_S, END_S = 1.8, 2.6
"""A stride amid others takes no longer, nor the first and the last, with which the person sets out or stops."""
MOST, A_FEW, FEWEST_REPS = 6, 4, 3
"""More show by how they turn what they are; so many reps show how slow a person is."""
QUICK_SHARE = 0.7
"""Strides take less than this share of the usual rep: who does quick reps hardly dwells either. More than
a few that go the way of slow reps, and as far, are reps in a hurry."""
DWELLS, DWELLS_AROUND = 0.1, 0.15
"""A limb that strides is slow for less than these shares of a stride, and of 3.4 s around it.

Engineering choices: of runs of three to six among what was counted in five simulators, amid which it is slow for less,
45 were none and 5 were reps, all of these of people whose reps are as quick.
"""


def few_strides(
    time_s: FloatArray, up: FloatArray, movements: Sequence[Excursion], before: Sequence[Excursion]
) -> list[Excursion]:
    """Give those of some movements, in order of time, that are strides.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame, at every tick.
        movements: what was counted in a set.
        before: reps of the set before, or none.
    """
    runs = [run for run in _runs(movements) if 3 <= len(run) <= MOST and all(_is_quick(one) for one in run[1:-1])]
    if not runs:
        return []
    slow = np.linalg.norm(np.diff(up, axis=0, append=up[-1:]), axis=1) < np.radians(SLOW_DEG_PER_TICK)
    strides: list[Excursion] = []
    for run in runs:
        amid = run[1:-1]
        reps = [rep for rep in (*before, *movements) if rep not in run]
        if len(reps) < FEWEST_REPS or (len(run) > A_FEW and all(goes_as([one], reps) for one in amid)):
            continue
        quicker = median(one.duration_s for one in amid) < QUICK_SHARE * median(rep.duration_s for rep in reps)
        if quicker and all(_never_stands(time_s, slow, one) for one in amid):
            strides += run
    return strides


def _is_quick(one: Excursion) -> bool:
    return one.duration_s < STRIDE_S


def _never_stands(time_s: FloatArray, slow: npt.NDArray[np.bool_], one: Excursion) -> bool:
    first, turn, last = time_s.searchsorted((one.start_s, 0.5 * (one.start_s + one.end_s), one.end_s)).tolist()
    around = slow[max(0, turn - AROUND_TICKS // 2) : turn + AROUND_TICKS // 2]
    return bool(slow[first:last].mean() < DWELLS and around.mean() < DWELLS_AROUND)


def _runs(movements: Sequence[Excursion]) -> Iterator[list[Excursion]]:
    """What follows one another, none of it slow."""
    run: list[Excursion] = []
    for one in movements:
        if run and (one.duration_s > END_S or one.start_s - run[-1].end_s > PAUSE_S):
            yield run
            run = []
        if one.duration_s <= END_S:
            run.append(one)
    yield run
