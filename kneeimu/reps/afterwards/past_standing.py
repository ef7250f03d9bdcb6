"""Strides beside reps, known by where the person stood before or after them: the leg swings past that pose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import as_vector, unit
from kneeimu.reps.walk.gait import SLOW_DEG_PER_TICK
from kneeimu.reps.walk.reps_or_strides import SLOW_STRIDE_S
from kneeimu.reps.walk.walking import SWING_S, swings_past
from kneeimu.types import FloatArray

PAUSE_S = 0.4
"""Between two strides of a walk there is no longer pause."""
STOOD_TICKS = round(0.4 * TICK_HZ)
"""Who is slow for so long, and not amid a movement, stands."""
NEAR_S = 2.0
"""So long before the first stride, or after the last, the person stood. Engineering choices."""


def past_standing(time_s: FloatArray, up: FloatArray, movements: Sequence[Excursion]) -> list[Excursion]:
    """Give the quick ones of some movements, in order of time, that swing past where the person stood beside them.

    The first of a walk sets out from there, and the last may end there.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame, at every tick.
    """
    strides: list[Excursion] = []
    if not (runs := [run for run in _quick_runs(movements) if len(run) > 1]):
        return strides
    stands = stands_beside(time_s, up, movements)
    stands_s = time_s[stands]
    for run in runs:
        before, after = stands_s.searchsorted((run[0].start_s, run[-1].turn_s)).tolist()
        beside = np.append(stands[max(0, before - 1) : before], stands[after : after + 1])
        near = (time_s[beside] > run[0].start_s - NEAR_S) & (time_s[beside] < run[-1].end_s + NEAR_S)
        poses = [as_vector(unit(up[first : first + STOOD_TICKS].sum(axis=0))) for first in beside[near].tolist()]
        past = [bool(poses) and all(swings_past(one, pose) for pose in poses) for one in run]
        if sum(past) > 1 and all(past[1:-1]):
            strides += run
    return strides


def stands_beside(
    time_s: FloatArray, up: FloatArray, movements: Sequence[Excursion], ticks: int = STOOD_TICKS
) -> npt.NDArray[np.intp]:
    """Give the indices (k,) from which on the person stands for so many ticks, amid none of the movements."""
    slow = np.linalg.norm(np.diff(up, axis=0, prepend=up[:1]), axis=1) < np.radians(SLOW_DEG_PER_TICK)
    for first, last in time_s.searchsorted([(one.start_s, one.end_s) for one in movements]).tolist():
        slow[first:last] = False
    for_long: npt.NDArray[np.bool_] = np.convolve(slow, np.ones(ticks), mode="valid") == ticks
    return np.flatnonzero(for_long)


def _quick_runs(movements: Sequence[Excursion]) -> Iterator[list[Excursion]]:
    """What is quick enough for strides, with hardly a pause between; in a slower last one the person stops."""
    run: list[Excursion] = []
    for one in movements:
        if run and one.start_s - run[-1].end_s > PAUSE_S:
            yield run
            run = []
        quick = one.duration_s < SWING_S
        if quick or (run and one.duration_s < SLOW_STRIDE_S):
            run.append(one)
        if run and not quick:
            yield run
            run = []
    if run:
        yield run
