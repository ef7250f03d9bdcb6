"""A box on the thigh and one on the shin, turned anyhow: what they show of a leg that is posed by hand."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from calibration import functional as f
from calibration.frames import FloatArray
from calibration.leg import RATE_HZ, Knee, Leg

TURN = Rotation.from_rotvec([0.7, -1.1, 0.4])
"""How a box sits: every component of every vector counts."""
BELOW = Knee(TURN.apply([0.0, 0.15, 0.0]), TURN.apply([0.0, -0.12, 0.0]))
"""The knee is below the thigh's box and above the shin's, for boxes turned so."""


def up(forward_deg: float, aside_deg: float = 0.0) -> FloatArray:
    """Up in the box of a segment (Y long) that leans."""
    a, b = np.radians(forward_deg), np.radians(aside_deg)
    return TURN.apply([np.sin(a) * np.cos(b), np.cos(a) * np.cos(b), np.sin(b)])


def pose(thigh_deg: float, shin_deg: float = 0.0, at_s: float = 0.0, held_s: float = 1.0) -> f._Pose:
    return f._Pose((up(thigh_deg), up(shin_deg)), at_s, held_s)


def leg(thigh_deg: FloatArray, shin_deg: FloatArray) -> Leg:
    """Tilts of both segments, each tick at ``RATE_HZ``, in the sagittal plane; nothing is turning."""
    count = len(thigh_deg)
    ups = tuple(np.array([up(deg) for deg in degs]) for degs in (thigh_deg, shin_deg))
    zero = np.zeros((count, 3))
    quats = tuple(
        np.array(
            [np.roll((Rotation.from_euler("y", deg, degrees=True) * STAND * TURN.inv()).as_quat(), 1) for deg in d]
        )
        for d in (thigh_deg, shin_deg)
    )
    return Leg(np.arange(count) / RATE_HZ, (zero, zero), (zero, zero), quats, (ups[0], ups[1]), (zero, zero))  # type: ignore[arg-type]


STAND = Rotation.from_euler("x", 90.0, degrees=True)
"""A segment (Y long) upright in a world whose Z is up; its X points along the world's."""


def held(*spans: tuple[float, float, float]) -> Leg:
    """Poses (thigh, shin) in deg, held for so many seconds each."""
    parts = [(np.full(round(s * RATE_HZ), t), np.full(round(s * RATE_HZ), k)) for t, k, s in spans]
    return leg(*(np.concatenate(both) for both in zip(*parts, strict=True)))
