"""Lunges of the other leg, by turns with those of the leg that the sensor is on.

In a lunge of the other leg this foot stays behind: its knee drops, so that the shin goes far over and back, and nothing
else. In its own the foot steps ahead, and the shin turns by less. The far and smooth ones are more alike, so that they
are found first; the reps are what lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median, pstdev

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of, unit
from kneeimu.reps.walk.gait import SLOW_DEG_S
from kneeimu.types import FloatArray

FEWEST = 4
"""So many lie between others at least. All of these are engineering choices."""
BETWEEN = 0.8
"""Such a share of the pauses between the others has one in it."""
AS_FAR = 0.7
"""They turn the shin by no more than this share of what the others do."""
UNEVEN = 0.35
"""Standard deviation of the logarithms of how long they take: what lies between by chance is less even."""
SHORTEST_S = 0.8
"""What takes less is a movement of the foot."""
AS_LONG = 1.7
"""One before the first of the others, or after the last, takes as long as these within this factor."""


def reps_between(time_s: FloatArray, up: FloatArray, others: Sequence[Excursion], floor_deg: float) -> list[Excursion]:
    """Give what lies by turns with these movements, where it is the reps; none where it is not.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        others: movements that are alike, in order of time.
        floor_deg: smallest range that counts.
    """
    pauses = [(one.end_s, later.start_s) for one, later in pairwise(others)]
    if len(pauses) < FEWEST:
        return []
    between = [rep for pause in pauses if (rep := _movement(time_s, up, *pause, floor_deg)) is not None]
    if len(between) < max(FEWEST, BETWEEN * len(pauses)):
        return []
    usual_s, usual_deg = median(rep.duration_s for rep in between), median(rep.peak_deg for rep in between)
    uneven = pstdev(np.log([rep.duration_s for rep in between]))
    if uneven > UNEVEN or usual_deg > AS_FAR * median(other.peak_deg for other in others):
        return []
    pause_s = median(until_s - from_s for from_s, until_s in pauses)
    outside = [(others[0].start_s - pause_s, others[0].start_s), (others[-1].end_s, others[-1].end_s + pause_s)]
    ends = [_movement(time_s, up, *span, floor_deg) for span in outside]
    before, after = ([] if one is None or not _fits(one, usual_s, usual_deg) else [one] for one in ends)
    return [*before, *between, *after]


def _fits(one: Excursion, usual_s: float, usual_deg: float) -> bool:
    as_long = usual_s / AS_LONG < one.duration_s < usual_s * AS_LONG
    return as_long and usual_deg / AS_LONG < one.peak_deg < usual_deg * AS_LONG


def _movement(time_s: FloatArray, up: FloatArray, from_s: float, until_s: float, floor_deg: float) -> Excursion | None:
    """All that the limb does in that time as one movement; None where that is nothing to speak of."""
    first, last = time_s.searchsorted((from_s, until_s)).clip(max=len(time_s) - 1).tolist()
    if last - first < SHORTEST_S * TICK_HZ:
        return None
    moved_deg = np.degrees(np.linalg.norm(np.diff(up[first : last + 1], axis=0), axis=1))
    fast = (moved_deg > SLOW_DEG_S / TICK_HZ).nonzero()[0]
    if not len(fast) or (fast[-1] - fast[0]) < SHORTEST_S * TICK_HZ:
        return None
    start, end = first + int(fast[0]), first + int(fast[-1]) + 1
    home = unit(up[start] + up[end])
    rep = excursion_of(time_s, up, start, start + int(np.argmin(up[start : end + 1] @ home)), end)
    return rep if rep.peak_deg > floor_deg else None
