"""Who steps to the side in a squat keeps away from the pose of standing upright; a leg that walks swings past that."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kneeimu.reps.vectors import Vector
from kneeimu.types import FloatArray

BENT_DEG = 10.0
"""Who steps to the side with bent knees keeps so far from the pose of standing upright ..."""
SEATED_DEG, FURTHEST_DEG = 45.0, 60.0
"""... and who is further from a pose than this all the while, or than that at times, sat or lay in it. Engineering
choices: of five simulators the walks to the side of one are in so shallow a squat."""


def stays_bent(up: FloatArray | Sequence[Vector], stood: FloatArray | Sequence[Vector]) -> bool:
    """Say whether the limb keeps away from any of the poses in which the person stood.

    Args:
        up: (n, 3), unit vectors up in the sensor frame, of a movement.
        stood: (k, 3), the poses.
    """
    if not len(stood):
        return False
    away_deg = np.degrees(np.arccos(np.clip(np.asarray(stood) @ np.asarray(up).T, -1.0, 1.0)))
    nearest_deg, furthest_deg = away_deg.min(axis=1), away_deg.max(axis=1)
    bent: npt.NDArray[np.bool_] = (nearest_deg > BENT_DEG) & (nearest_deg < SEATED_DEG) & (furthest_deg < FURTHEST_DEG)
    return bool(bent.any())
