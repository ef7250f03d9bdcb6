"""Out-and-backs in an angle that is known as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import find_peaks, peak_widths

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.types import FloatArray, Rep

SMALL_SHARE, AMONG = 0.4, 7
"""A swell smaller than this share of the usual one, of so many around it, is none."""
UPPER_PART = 0.5
"""A peak this far up another is a part of it: who holds a limb trembles."""
NEAR_HOME = 0.85
"""It begins and ends where it has gone so much of the way back."""
LONGEST_TICKS = int(20.0 * TICK_HZ)
"""Out and back takes no longer. All of these are engineering choices."""


class Swell(NamedTuple):
    """Where it begins, turns and ends, by tick; by how much it stands out, and where it turns, deg."""

    start: float
    turn: int
    end: float
    range_deg: float
    far_deg: float


def find_swells(angle_deg: FloatArray, least_deg: float) -> list[Swell]:
    """Give them, in order of time.

    Args:
        angle_deg: (n,), an angle at each tick.
        least_deg: the usual swell stands out by more.
    """
    turns, shape = find_peaks(angle_deg, prominence=SMALL_SHARE * least_deg, wlen=LONGEST_TICKS)
    if not len(turns):
        return []
    prominences, left, right = shape["prominences"], shape["left_bases"], shape["right_bases"]
    _, _, start, end = peak_widths(angle_deg, turns, UPPER_PART, (prominences, left, right))
    trembles = (start < turns[:, None]) & (turns[:, None] < end) & (prominences > prominences[:, None])
    whole = np.flatnonzero(~trembles.any(axis=1))
    whole = whole[prominences[whole] > SMALL_SHARE * median_filter(prominences[whole], AMONG)]
    turns, range_deg, bases = turns[whole], prominences[whole], (left[whole], right[whole])
    _, _, start, end = peak_widths(angle_deg, turns, NEAR_HOME, (range_deg, *bases))
    between = [one + int(angle_deg[one:later].argmin()) for one, later in pairwise(turns)]
    start, end = np.maximum(start, [0, *between]), np.minimum(end, [*between, len(angle_deg) - 1])
    rows = zip(start.tolist(), turns.tolist(), end.tolist(), range_deg.tolist(), angle_deg[turns].tolist(), strict=True)
    return [Swell(*row) for row in rows]


def range_apart(time_s: FloatArray, values: FloatArray, reps: Sequence[Rep | Excursion]) -> float:
    """Give the range of values (n,) at these times, those in the time of reps apart."""
    apart = np.ones(len(values), dtype=bool)
    for first, last in time_s.searchsorted([(rep.start_s, rep.end_s) for rep in reps]).reshape(-1, 2).tolist():
        apart[first : last + 1] = False
    return float(np.ptp(values[apart])) if apart.any() else 0.0
