"""Orientation of the limb segment, and its angles since the rep's start.

Segment frame: X anterior, Y proximal, Z to the wearer's right, both legs. ``R = Rz(theta) Rx(phi) Ry(psi)`` takes
segment vectors to the world at the rep's start (X forward as the segment's X points then, Y up, Z right); Cardan
Z-X-Y is the order ISB gives for the hip (Wu et al. 2002). Everything is elementwise, so that the result for one tick
does not depend on how many ticks are computed together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kneeimu.types import FloatArray

Quaternion = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SegmentAngles:
    """Cardan angles in deg, shape (n,): ``sagittal`` theta, ``frontal`` phi, ``axial`` psi."""

    sagittal_deg: FloatArray
    frontal_deg: FloatArray
    axial_deg: FloatArray


def multiply(left: FloatArray, right: Quaternion) -> FloatArray:
    """Quaternion product of each row of ``left`` (n, 4) with ``right``; scalar-first."""
    a, b, c, d = (left[:, i] for i in range(4))
    w, x, y, z = right
    return np.column_stack(
        (
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        )
    )


def columns(quat: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the rotated X, Y and Z axes, each (n, 3), of quaternions (n, 4)."""
    w, x, y, z = (quat[:, i] for i in range(4))
    return (
        np.column_stack((1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y))),
        np.column_stack((2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x))),
        np.column_stack((2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y))),
    )


def angles_since(quat_segment_to_world: FloatArray, start: int = 0) -> SegmentAngles | None:
    """Angles in the heading frame frozen at row ``start``; the world's Z is up.

    Returns None when the segment's X axis is within 15 deg of the vertical there: it then has no heading.
    """
    axis_x, axis_y, _ = columns(quat_segment_to_world)
    fx, fy = axis_x[start, 0], axis_x[start, 1]
    norm = float(np.hypot(fx, fy))
    if norm < 0.26:
        return None
    fx, fy = fx / norm, fy / norm
    rx, ry = fy, -fx  # right = forward x up
    y_forward = fx * axis_y[:, 0] + fy * axis_y[:, 1]
    y_right = rx * axis_y[:, 0] + ry * axis_y[:, 1]
    x_right = rx * axis_x[:, 0] + ry * axis_x[:, 1]
    phi = np.arcsin(np.clip(y_right, -1.0, 1.0))
    theta = np.arctan2(-y_forward, axis_y[:, 2])
    psi = np.arcsin(np.clip(-x_right / np.maximum(np.cos(phi), 1e-6), -1.0, 1.0))
    return SegmentAngles(np.degrees(theta), np.degrees(phi), np.degrees(psi))
