"""The lean of a limb to the side alone, without how the knee bends meanwhile.

In a walk to the side the knees straighten and bend by more than the legs spread, and as each person likes. Where an
alignment tells which way is aside, the steps are followed by the lean alone.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from kneeimu.motion.segment import columns
from kneeimu.reps.excursion import Vector
from kneeimu.types import Alignment, FloatArray


class Sideways:
    """Turns up vectors, sensor frame, into those of a limb that only leans, as far out of its sagittal plane.

    Unlike the projection on the frontal plane it has a meaning for a thigh that lies level, too.
    """

    def __init__(self, alignment: Alignment) -> None:
        _, proximal, right = columns(np.array([alignment.quat_segment_to_sensor]))
        self._proximal: FloatArray = proximal[0]
        self._right: FloatArray = right[0]
        self._long_axis, self._aside = self._proximal.tolist(), self._right.tolist()

    def of(self, up: Vector) -> Vector:
        """Give the same for one unit vector."""
        (px, py, pz), (rx, ry, rz) = self._long_axis, self._aside
        lean = up[0] * rx + up[1] * ry + up[2] * rz
        upright = sqrt(max(0.0, 1.0 - lean * lean))
        return upright * px + lean * rx, upright * py + lean * ry, upright * pz + lean * rz

    def of_many(self, up: FloatArray) -> FloatArray:
        """The same for vectors of shape (n, 3)."""
        lean = np.clip(up @ self._right, -1.0, 1.0)
        leaning: FloatArray = np.outer(np.sqrt(1.0 - lean * lean), self._proximal) + np.outer(lean, self._right)
        return leaning
