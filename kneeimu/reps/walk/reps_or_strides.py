"""Quick movements, held against slow reps before: are they reps too, or strides?"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.parameters import OTHER_POSTURE_DEG, SAME_POSTURE_DEG
from kneeimu.reps.vectors import Vector, between

QUICK_S, SLOW_STRIDE_S = 1.6, 2.2
"""Strides take no longer; those of a slow walker."""
AS_FAR, SAME_AXIS_DEG, SAME_HOME_DEG = 1.4, 25.0, 10.0
"""Quick reps go the way of the slow ones before, within this factor and these angles. Engineering choices."""


def on_the_way(reps: Sequence[Excursion], lying: Vector | None) -> bool:
    """Say whether they were strides to the mat or from it: quick ones, in another posture than that of the exercise."""
    if lying is None or not reps:
        return False
    quick = median(rep.duration_s for rep in reps) < SLOW_STRIDE_S
    return quick and median(between(rep.home, lying) for rep in reps) > OTHER_POSTURE_DEG


def lies_as(excursion: Excursion, known: Sequence[Excursion]) -> bool:
    """Say whether a movement begins in the pose in which slow reps were made before."""
    return any(rep.duration_s > QUICK_S and between(rep.home, excursion.home) < SAME_POSTURE_DEG for rep in known)


def goes_as(reps: Sequence[Excursion], known: Sequence[Excursion]) -> bool:
    """Say whether each goes the way of two slow reps before, from the same pose and as far; one may be a first step."""
    slow = [rep for rep in known if rep.duration_s > QUICK_S]
    return all(sum(_goes_as(rep, one) for one in slow) >= 2 for rep in reps)


def _goes_as(rep: Excursion, one: Excursion) -> bool:
    as_far = max(rep.peak_deg, one.peak_deg) < AS_FAR * min(rep.peak_deg, one.peak_deg)
    return as_far and between(rep.axis, one.axis) < SAME_AXIS_DEG and between(rep.home, one.home) < SAME_HOME_DEG
