"""Ways out and ways back of lunges with a step, each of which was seen as a rep.

The shin swings back as the foot steps ahead, and once more as it steps back. Between the two the person stands in the
lunge, and before and after with the feet together: the shin rests in two poses by turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log
from statistics import median

import numpy as np
import numpy.typing as npt

from kneeimu.reps.afterwards.overlooked import parted
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of, unit
from kneeimu.types import FloatArray

FEWEST = 7
"""Fewer rests may lie in two poses by chance. All of these are engineering choices."""
APART_DEG, APART = 2.5, 3.0
"""The two poses are so far from each other, and so many times further than the rests of each are from it."""
BY_TURNS = 0.8
"""Such a share of the rests is in the other pose than the one before."""
AS_FAR = 1.5
"""The way out leads as far as the way back, within this factor: else legs took turns."""
FEWEST_BY_SIZE, LARGER, CLEARLY = 16, 1.12, 2.0
"""Of so many swings, every other is not larger by this factor and by so many standard deviations by chance."""
STRIDE = 1.6
"""What is larger than the usual swing by this is a stride before or after."""
OUTSIDE_S, QUIET_S = 1.0, 12.0
"""So long before the first and after the last the person stands; who rests for longer begins anew."""


def joined(time_s: FloatArray, up: FloatArray, swings: Sequence[Excursion]) -> list[Excursion]:
    """Give the reps of which these are the ways out and back; none where they are reps themselves.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        swings: movements of a set, in order of time.
    """
    if not swings:
        return []
    usual_deg = median(swing.peak_deg for swing in swings)
    runs = parted((swing for swing in swings if swing.peak_deg < STRIDE * usual_deg), QUIET_S)
    whole = [(run, _whole_reps(time_s, up, run)) for run in runs]
    return [rep for run, reps in whole for rep in reps or run] if any(reps for _, reps in whole) else []


def _whole_reps(time_s: FloatArray, up: FloatArray, swings: Sequence[Excursion]) -> list[Excursion]:
    """The reps of a few swings with no long rest between them, or none."""
    if len(swings) <= FEWEST:
        return []
    poses = np.array([_pose(time_s, up, one.end_s, later.start_s) for one, later in pairwise(swings)])
    stands = _stands(poses, [_pose(time_s, up, *outside) for outside in _outside(swings)])
    if stands is None:
        stands = _after_every_other(swings)
    if stands is None:
        return []
    reps: list[list[Excursion]] = [[swings[0]]]
    for swing, stood in zip(swings[1:], stands, strict=True):
        if stood:
            reps.append([])
        reps[-1].append(swing)
    outs, backs = ([parts[at].peak_deg for parts in reps if len(parts) > 1] for at in (0, -1))
    if not outs or abs(log(median(outs) / median(backs))) > log(AS_FAR):
        return []
    return [_whole(time_s, up, parts) for parts in reps]


def _after_every_other(swings: Sequence[Excursion]) -> npt.NDArray[np.bool_] | None:
    """Say that the person stands after the second swing, the fourth and so on, where larger and smaller take turns."""
    if len(swings) < FEWEST_BY_SIZE or len(swings) % 2:
        return None
    sizes = np.log([swing.peak_deg for swing in swings]).reshape(-1, 2)
    larger = abs(float(np.diff(sizes.mean(axis=0))[0]))
    if larger < max(log(LARGER), CLEARLY * float(np.sqrt(sizes.var(axis=0, ddof=1).mean()))):
        return None
    stands: npt.NDArray[np.bool_] = np.arange(len(swings) - 1) % 2 == 1
    return stands


def _outside(swings: Sequence[Excursion]) -> list[tuple[float, float]]:
    return [(swings[0].start_s - OUTSIDE_S, swings[0].start_s), (swings[-1].end_s, swings[-1].end_s + OUTSIDE_S)]


def _pose(time_s: FloatArray, up: FloatArray, from_s: float, until_s: float) -> FloatArray:
    first, last = time_s.searchsorted((from_s, until_s)).clip(max=len(time_s) - 1).tolist()
    return unit(up[first : max(last, first) + 1].mean(axis=0))


def _stands(poses: FloatArray, outside: Sequence[FloatArray]) -> npt.NDArray[np.bool_] | None:
    """Say of which rests (n, 3) the pose is that of standing; None where they do not lie in two poses by turns."""
    middle = poses.mean(axis=0)
    axis = np.linalg.svd(poses - middle, full_matrices=False)[2][0]
    along = (poses - middle) @ axis
    low, high = np.percentile(along, (20.0, 80.0)).tolist()
    upper: npt.NDArray[np.bool_] = along > 0.5 * (low + high)
    if upper.all() or not upper.any() or float(np.mean(upper[1:] != upper[:-1])) < BY_TURNS:
        return None
    either = [poses[which].mean(axis=0) for which in (upper, ~upper)]
    spread = np.where(upper, *(np.linalg.norm(poses - one, axis=1) for one in either))
    if np.linalg.norm(either[0] - either[1]) < max(np.radians(APART_DEG), APART * float(np.median(spread))):
        return None
    nearer = sum(float((np.array(pose) - middle) @ (either[0] - either[1])) for pose in outside)
    return upper if nearer > 0.0 else np.logical_not(upper)


def _whole(time_s: FloatArray, up: FloatArray, parts: Sequence[Excursion]) -> Excursion:
    if len(parts) == 1:
        return parts[0]
    start, end = time_s.searchsorted((parts[0].start_s, parts[-1].end_s)).clip(max=len(time_s) - 1).tolist()
    home = unit(up[start] + up[end])
    return excursion_of(time_s, up, start, start + int(np.argmin(up[start : end + 1] @ home)), end)
