"""Are the movements of a set of a kind?

A set is the same thing again and again: each rep has others like it, also where a person does normal, small and quick
ones, and after each the person faces the same way as before. What people do about the house is different each time, and
turns them: a step aside, sitting down, bending for something. A set may be uneven, or it may be done while the person
turns bit by bit, but hardly both.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from kneeimu.reps.afterwards.oddness import LookParameters
from kneeimu.reps.excursion import Excursion
from kneeimu.types import FloatArray

OTHERS = 2
"""A rep has so many others like it: people are asked for three of a size."""
PACE = 0.5
"""Durations that differ by the factor e to this are odd by 1: between the oddness of what is quicker, and slower."""
TURNED_SHARE = 0.75
"""Not all that people do about the house turns them, but what is left of them does."""
MOST, MOST_AHEAD, MOST_SIDEWAYS = 7.0, 10.0, 30.0
"""Oddness for each second of a usual movement, since people vary more what they do slowly, times the turn in deg: of
2770 sets in five simulators and of people 4 are above, of 255 false ones 165. Steps are less even: of 153 monster walks
none is above, of 49 false ones 33, and of 166 walks to the side none, of 23 false ones 10. Engineering choices."""


def of_a_kind(
    movements: Sequence[Excursion],
    turned_deg: FloatArray,
    before: Sequence[Excursion],
    p: LookParameters,
    most: float = MOST,
) -> bool:
    """Say whether these movements are alike, or leave the person facing one way.

    Args:
        movements: what was counted in a set, three or more.
        turned_deg: (n,), how far another way the person faces after each, deg.
        before: reps of the set before, which it may go on with.
        most: oddness for each second, times the turn, that a set may have.
    """
    odd = oddness(movements, [*movements, *before], p)
    np.fill_diagonal(odd, np.inf)
    usual_s = median(one.duration_s for one in movements)
    odd_per_s: float = median(np.partition(odd, OTHERS - 1, axis=1)[:, OTHERS - 1].tolist()) / usual_s
    # as numpy's percentile, which takes a quarter of the time of all this
    most_turned_deg = np.interp(TURNED_SHARE * (len(turned_deg) - 1), np.arange(len(turned_deg)), np.sort(turned_deg))
    return odd_per_s * float(most_turned_deg) <= most


def oddness(movements: Sequence[Excursion], others: Sequence[Excursion], p: LookParameters) -> FloatArray:
    """Say how odd each movement is beside each of others, (n, m): a sum of squares."""
    deg, other_deg = (np.array([one.peak_deg for one in some]) for some in (movements, others))
    s, other_s = (np.array([one.duration_s for one in some]) for some in (movements, others))
    pose_deg = np.maximum(p.pose_share * np.sqrt(np.outer(deg, other_deg)), p.pose_deg)
    axes_deg, homes_deg, fars_deg = _apart_deg(movements, others)
    odd: FloatArray = (
        (np.log(np.divide.outer(deg, other_deg)) / p.large) ** 2
        + (np.log(np.divide.outer(s, other_s)) / PACE) ** 2
        + (np.minimum(axes_deg, 180.0 - axes_deg) / p.axis_deg) ** 2
        + (homes_deg**2 + fars_deg**2) / pose_deg**2
    )
    return odd


def _apart_deg(some: Sequence[Excursion], others: Sequence[Excursion]) -> FloatArray:
    """How far their axes, homes and far poses are apart, (3, n, m)."""
    one, other = (np.array([(each.axis, each.home, each.far) for each in every]) for every in (some, others))
    angles: FloatArray = np.degrees(np.arccos(np.clip(one.transpose(1, 0, 2) @ other.transpose(1, 2, 0), -1.0, 1.0)))
    return angles
