"""The lean of a limb one way alone, whatever else it does meanwhile, where an alignment or its stands tell which way.

In a walk to the side the knees straighten and bend by more than the legs spread, and as each person likes. In a lift to
the side a limb whose toes turn up turns about itself by as much as it is lifted. Neither is part of the rep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

import numpy as np

from kneeimu.motion.segment import columns
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import unit
from kneeimu.reps.vectors import Vector, tilt
from kneeimu.reps.walk.gait import SLOW_DEG_PER_TICK
from kneeimu.types import Alignment, FloatArray


class Lean:
    """Turns up vectors, sensor frame, into those of a limb that leans as far one way, and does nothing else.

    Unlike a projection on the plane of the lean it has a meaning for every pose, as for a thigh that lies level.

    Args:
        upright: (3,), unit vector in the sensor frame, up where the limb does not lean.
        towards: (3,), at right angles to it: the lean is the elevation of this direction.
    """

    def __init__(self, upright: FloatArray, towards: FloatArray) -> None:
        self._uprights, self._towards = upright, towards
        self._upright, self._toward = upright.tolist(), towards.tolist()

    def of(self, up: Vector) -> Vector:
        """Give one unit vector."""
        (ux, uy, uz), (tx, ty, tz) = self._upright, self._toward
        lean = up[0] * tx + up[1] * ty + up[2] * tz
        rest = sqrt(max(0.0, 1.0 - lean * lean))
        return rest * ux + lean * tx, rest * uy + lean * ty, rest * uz + lean * tz

    def of_many(self, up: FloatArray) -> FloatArray:
        """Give vectors of shape (n, 3)."""
        lean = np.clip(up @ self._towards, -1.0, 1.0)
        leaning: FloatArray = np.outer(np.sqrt(1.0 - lean * lean), self._uprights) + np.outer(lean, self._towards)
        return leaning

    def of_excursion(self, excursion: Excursion) -> Excursion:
        """Give a movement as the lean alone shows it."""
        home, far = self.of(excursion.home), self.of(excursion.far)
        peak_deg, (x, y, z) = tilt(home, far)
        sine = sqrt(x * x + y * y + z * z) or 1.0
        return replace(excursion, home=home, far=far, peak_deg=peak_deg, axis=(x / sine, y / sine, z / sine))


def sideways(alignment: Alignment) -> Lean:
    """The lean of an upright limb to the side."""
    _, proximal, right = columns(np.array([alignment.quat_segment_to_sensor]))
    return Lean(proximal[0], right[0])


def lift_sideways(alignment: Alignment) -> Lean:
    """The lift of the upper limb of a person who lies on the other side."""
    _, proximal, right = columns(np.array([alignment.quat_segment_to_sensor]))
    return Lean(right[0] if alignment.side == "right" else -right[0], proximal[0])


def lean_of_stands(up: FloatArray, spans: Sequence[tuple[int, int]]) -> Lean:
    """The lean to the side of a leg that steps to the side, from its poses alone.

    Between two steps both feet stand, by turns wide and narrow, with the knee bent alike; it bends further only while
    the leg is fast. So the lean is the main axis of the poses, each weighted by how slow the leg is there.

    Args:
        up: (n, 3), unit vectors up in the sensor frame, at every tick.
        spans: first and last tick of movements that may be steps.
    """
    moved_deg = np.degrees(np.linalg.norm(np.gradient(up, axis=0), axis=1))
    weights = np.zeros(len(up))
    for first, last in spans:
        among = slice(first, last + 1)
        weights[among] = 1.0 / (moved_deg[among] ** 2 + SLOW_DEG_PER_TICK**2)
    center = weights @ up / weights.sum()
    off = up - center
    towards = np.linalg.eigh((off * weights[:, None]).T @ off)[1][:, 2]
    upright = unit(center)
    return Lean(upright, unit(towards - (towards @ upright) * upright))
