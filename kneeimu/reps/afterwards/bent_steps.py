"""Steps to the side in a squat: unlike in a walk the limb keeps away from the pose of standing upright."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.afterwards.past_standing import stands_beside
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import unit
from kneeimu.reps.walk.bent import stays_bent
from kneeimu.types import FloatArray

STOOD_TICKS = round(1.0 * TICK_HZ)
"""Who is slow for so long stands, also amid a walk. Engineering choice."""


def bent_steps(time_s: FloatArray, up: FloatArray, steps: Sequence[Excursion]) -> list[Excursion]:
    """Give those of some steps, in order of time, that keep away from a pose in which the person stood.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame, at every tick.
    """
    stands = stands_beside(time_s, up, steps, STOOD_TICKS)
    if not len(stands) or not steps:
        return []
    poses = np.array([unit(up[first : first + STOOD_TICKS].sum(axis=0)) for first in stands[::STOOD_TICKS].tolist()])
    spans = time_s.searchsorted([(one.start_s, one.end_s) for one in steps]).tolist()
    return [step for step, (first, last) in zip(steps, spans, strict=True) if stays_bent(up[first : last + 1], poses)]
