"""Where the person stood tells which end of a movement is home, where an exercise begins from a pose of its own.

Who bends the knee to straighten it stands straight before the set and after it, and nobody stands straighter than that.
So where the person stood beyond an end of the reps that end is the far one: they do not straighten the leg to the last.
Beyond home is only who sits, and that is much further.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calibration.frames import cross
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.afterwards.oddness import Kind
from kneeimu.reps.excursion import Excursion
from kneeimu.types import FloatArray

STILL_TICKS, STILL_DEG = 15, 0.8
"""Who stands sways by less than this in so long."""
LEAST_SHARE, LEAST_DEG, MOST_DEG = 0.25, 4.0, 30.0
"""Beyond an end is further than this share of the range and than this; who is further than that sits."""
ASIDE_DEG = 10.0
"""A pose further off the way of the reps has nothing to do with them."""
LEAST_S, MORE = 1.0, 4.0
"""For so long, and so much longer than beyond the other end. All are engineering choices: of 171 sets in five
simulators 38 show it, 3 of them the wrong way round."""
RECENT_S, STOOD_S, SWAY_DEG = 15.0, 0.2, 2.5
"""Who takes the start pose stood no longer ago than this, for so long at least, and swayed by no more in 0.6 s.
Engineering choices."""
NEAR_SHARE = 0.8
"""A pose is at home that is by this share nearer to it than to the far end. Engineering choice."""


def stood_beyond_far_end(time_s: FloatArray, up: FloatArray, counted: Sequence[Excursion], kind: Kind) -> bool | None:
    """Say whether the person stood beyond the far end of the reps, or beyond their home; None for neither.

    Args:
        time_s: (n,), s: from before the set to its end.
        up: (n, 3), unit vectors up in the sensor frame.
        counted: the reps.
        kind: what they have in common.
    """
    still = np.zeros(len(up), dtype=bool)
    still[STILL_TICKS:] = np.sum(up[STILL_TICKS:] * up[:-STILL_TICKS], axis=1) > np.cos(np.radians(STILL_DEG))
    for first, last in time_s.searchsorted([(rep.start_s, rep.end_s) for rep in counted]).tolist():
        still[first:last] = False
    poses = up[still & (np.abs(up @ kind.axis) < np.sin(np.radians(ASIDE_DEG)))]
    ahead = cross(kind.axis, kind.home)
    angle_deg = np.degrees(np.arctan2(poses @ ahead, poses @ kind.home))
    far_deg = np.degrees(np.arctan2(kind.far @ ahead, kind.far @ kind.home))
    least_deg = max(LEAST_DEG, LEAST_SHARE * kind.range_deg)
    far_s, home_s = (
        np.count_nonzero((least_deg < beyond_deg) & (beyond_deg < MOST_DEG)) / TICK_HZ
        for beyond_deg in (angle_deg - far_deg, -angle_deg)
    )
    if max(far_s, home_s) < max(LEAST_S, MORE * min(far_s, home_s)):
        return None
    return bool(far_s > home_s)


def stood_at_far_end(time_s: FloatArray, up: FloatArray, counted: Sequence[Excursion], kind: Kind) -> bool:
    """Say whether the person stood, before the first rep, nearer to the far end than to home.

    Who takes the start pose comes from there: then the reps are seen from home. Who was never seen there may have come
    from either end.

    Args:
        time_s, up, counted, kind: as of ``stood_beyond_far_end``.
    """
    first, last = time_s.searchsorted((counted[0].start_s - RECENT_S, counted[0].start_s)).tolist()
    before = up[first:last]
    rested = np.sum(before[STILL_TICKS:] * before[:-STILL_TICKS], axis=1) > np.cos(np.radians(SWAY_DEG))
    poses = before[STILL_TICKS:][rested]
    home_deg, far_deg = (np.degrees(np.arccos(np.clip(poses @ end, -1.0, 1.0))) for end in (kind.home, kind.far))
    at_far_end = (far_deg < kind.range_deg) & (NEAR_SHARE * far_deg < home_deg)
    return bool(np.count_nonzero(at_far_end) > STOOD_S * TICK_HZ)
