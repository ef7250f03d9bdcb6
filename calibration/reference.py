"""Reference reps: what the wearer's own good reps read, so that later ones can be told from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.errors import CalibrationError
from calibration.frames import FloatArray, matrix_of, to_world
from calibration.moves import Move
from calibration.observation import Observation
from calibration.paths import closed
from calibration.standards import DEPTH_FROM
from calibration.texts import _

FEWEST_REPS = 3
CONSISTENT_DEG = 2.0
"""SD of the tilt over the reference reps; above it they do not show what the wearer usually does."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Medians over the reference reps, deg; ``spread_deg`` is the SD of the tilt. Medial and inward are positive."""

    tilt_deg: float
    rotation_deg: float
    range_deg: float
    spread_deg: float
    reps: int


def reference_of_reps(
    tilt_deg: Sequence[float], rotation_deg: Sequence[float], range_deg: Sequence[float]
) -> Reference:
    """Take the reference from measured reps, one value a rep. Of four or more, one that strays is left out.

    Raises:
        CalibrationError: fewer than three, or too unlike each other.
    """
    if len(tilt_deg) < FEWEST_REPS:
        raise CalibrationError(
            "few-reps",
            _("reference reps found: {n}").format(n=len(tilt_deg)),
            _("do at least three slow ones with the knee over the toes"),
        )
    spread = float(np.std(tilt_deg, ddof=1))
    if spread > CONSISTENT_DEG and len(tilt_deg) > FEWEST_REPS:
        kept = _without_stray(tilt_deg)
        tilt_deg, rotation_deg, range_deg = ([of[i] for i in kept] for of in (tilt_deg, rotation_deg, range_deg))
        spread = float(np.std(tilt_deg, ddof=1))
    if spread > CONSISTENT_DEG:
        raise CalibrationError(
            "uneven-reps",
            _("the reference reps differ by {spread:.1f}° in their tilt").format(spread=spread),
            _("do them again: slowly, a hand on the wall, the knee over the second toe each time"),
        )
    tilt, rotation, depth = (round(float(np.median(values)), 2) for values in (tilt_deg, rotation_deg, range_deg))
    return Reference(tilt, rotation, depth, round(spread, 2), len(tilt_deg))


def _without_stray(tilt_deg: Sequence[float]) -> list[int]:
    """Rows of all reps but the one without which the others are most alike."""
    rows = range(len(tilt_deg))
    spreads = [float(np.std([tilt_deg[i] for i in rows if i != left_out])) for left_out in rows]
    stray = int(np.argmin(spreads))
    return [i for i in rows if i != stray]


def reference_of_moves(
    seen: Observation,
    moves: list[Move],
    quat_segment_to_sensor: tuple[float, float, float, float],
    side: str,
    mount: str,
) -> Reference | None:
    """The reference that the guided squats themselves give; None when they are too few or too unlike."""
    angles = [tilt_and_rotation(seen, move, quat_segment_to_sensor, side, mount) for move in moves]
    try:
        return reference_of_reps(*zip(*angles, strict=True)) if angles else None
    except CalibrationError:
        return None


def tilt_and_rotation(
    seen: Observation, move: Move, quat_segment_to_sensor: tuple[float, float, float, float], side: str, mount: str
) -> tuple[float, float, float]:
    """Medial tilt, inward rotation and depth of one movement, deg, in the heading frame of its start.

    ``R = Rz(theta) Rx(phi) Ry(psi)`` (ISB order of the hip): tilt is phi, medial positive, at full depth, fitted over
    70 to 100 % of it.
    """
    quat = closed(seen.quat_sensor_to_world[move.start : move.stop])
    frame = matrix_of(quat_segment_to_sensor)
    x, y = to_world(quat, frame[:, 0]), to_world(quat, frame[:, 1])
    ahead = np.array([x[0, 0], x[0, 1], 0.0]) / np.hypot(x[0, 0], x[0, 1])
    right = np.array([ahead[1], -ahead[0], 0.0])
    phi = np.arcsin(np.clip(y @ right, -1.0, 1.0))
    theta = np.arctan2(-(y @ ahead), y[:, 2])
    psi = np.arcsin(np.clip(-(x @ right) / np.cos(phi), -1.0, 1.0))
    medial = 1.0 if side == "right" else -1.0
    depth = np.abs(theta - theta[0])
    deep = depth >= DEPTH_FROM * depth.max()
    share = depth[deep] / depth.max()
    tilt = medial * (-1.0 if mount == "shin" else 1.0) * (phi - phi[0])[deep]
    inward = medial * (psi - psi[0])[deep]
    return _at_depth_deg(share, tilt), _at_depth_deg(share, inward), float(np.degrees(depth.max()))


def _at_depth_deg(share: FloatArray, values: FloatArray) -> float:
    """Value at full depth of a line through zero. Sway averages out; the peak of a straight knee is nothing else."""
    return float(np.degrees(share @ values / (share @ share)))
