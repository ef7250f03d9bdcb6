"""Reps of a lunge in place, seen from the shin: out and back and nothing else, unlike those of a step ahead."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median

import numpy as np

from calibration.frames import cross
from kneeimu.reps.afterwards.oddness import Judged, LookParameters, common_kind
from kneeimu.reps.afterwards.runs import runs_of_the_set
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.phases import moving_mean
from kneeimu.reps.strokes import excursion_of, unit
from kneeimu.types import FloatArray

FEWEST = 4
"""Fewer strokes may be alike by chance. Engineering choices, as below: of 90 recordings of lunges in five simulators 49
have plain reps by these, and 45 of them are counted right then."""
SMOOTHED_TICKS = 5
MOST_WAY = 1.12
"""The shin goes no further in all than out and back, by this factor."""
UNEVEN_TURNS, UNEVEN_WIDTHS = 0.4, 0.3
"""Standard deviation of the logarithms of the times from one far end to the next, and of the strokes' widths ..."""
ODD, ALIKE, MOST_ALIKE = 0.65, 1.0, 0.6
"""... and oddness in the median, and the share of strokes that are less odd than that."""
PAUSE_S = 8.0
"""A pause longer than usual by this says nothing of how even they are."""


def plain_reps(
    time_s: FloatArray,
    up: FloatArray,
    seen: Sequence[Excursion],
    walked: Sequence[tuple[float, float]],
    floor_deg: float,
    leans_about: FloatArray | None = None,
) -> list[Excursion]:
    """Give the reps of a set of plain ones; none where there is any other movement to them.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        seen: movements of the set, in order of time.
        walked: bouts of walking, start and end, s.
        floor_deg: smallest range that counts.
        leans_about: axis (3,) in the sensor frame about which the shin leans ahead, as in a lunge; None when there is
            no alignment to tell it.
    """
    p = LookParameters()
    kind = common_kind(seen, (), floor_deg, p)
    if kind is None or (leans_about is not None and kind.axis @ leans_about < 0.0):
        return []
    axis = unit(kind.axis - (kind.axis @ kind.home) * kind.home)
    angle = np.degrees(np.arctan2(up @ cross(axis, kind.home), up @ kind.home))
    smooth = moving_mean(angle, SMOOTHED_TICKS)
    runs = [run for run, _ in runs_of_the_set(time_s, up, kind, seen, walked, p)]
    if not all(_is_plain(time_s, smooth, run) for run in runs):
        return []
    return [
        excursion_of(time_s, up, judged.stroke.start, judged.stroke.turn, judged.stroke.end)
        for run in runs
        for judged in run
    ]


def _is_plain(time_s: FloatArray, angle_deg: FloatArray, run: list[Judged]) -> bool:
    if len(run) < FEWEST:
        return False
    strokes = [judged.stroke for judged in run]
    way_deg = float(np.abs(np.diff(angle_deg[strokes[0].start : strokes[-1].end + 1])).sum())
    if way_deg > MOST_WAY * 2.0 * sum(stroke.height_deg for stroke in strokes):
        return False
    turns_s = [float(time_s[later.turn] - time_s[one.turn]) for one, later in pairwise(strokes)]
    turns_s = [one_s for one_s in turns_s if one_s < PAUSE_S + median(turns_s)]
    if _spread(turns_s) > UNEVEN_TURNS or _spread([stroke.width_s for stroke in strokes]) > UNEVEN_WIDTHS:
        return False
    odd = [judged.odd for judged in run]
    return median(odd) < ODD and fmean(one < ALIKE for one in odd) >= MOST_ALIKE


def _spread(values: Sequence[float]) -> float:
    """Standard deviation of the logarithms."""
    return float(np.std(np.log(values)))
