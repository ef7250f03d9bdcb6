"""Orientation of the limb segment, and its angles since the rep's start.

Segment frame: X anterior, Y proximal, Z to the wearer's right, both legs. ``R = Rz(theta) Rx(phi) Ry(psi)`` takes
segment vectors to the world at the rep's start (X forward as the segment's X points then, Y up, Z right); Cardan
Z-X-Y is the order ISB gives for the hip (Wu et al. 2002). Everything is elementwise, so that the result for one tick
does not depend on how many ticks are computed together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import hypot

import numpy as np

from calibration.frames import Quaternion, segment_axes
from kneeimu.types import FloatArray

Heading = tuple[float, float]

ITSELF: Quaternion = (1.0, 0.0, 0.0, 0.0)
LEAST_HORIZONTAL = 0.26
"""An axis within 15 deg of the vertical has no heading."""


@dataclass(frozen=True, slots=True)
class SegmentAngles:
    """Cardan angles in deg: ``sagittal_deg`` theta (n,), and ``aside_deg`` phi and psi (2, n)."""

    sagittal_deg: FloatArray
    aside_deg: FloatArray

    @property
    def frontal_deg(self) -> FloatArray:
        """Phi, (n,)."""
        frontal: FloatArray = self.aside_deg[0]
        return frontal


def multiply(left: FloatArray, right: Quaternion) -> FloatArray:
    """Quaternion product of each row of ``left`` (n, 4) with ``right``; scalar-first."""
    columns = product_matrix(right)[:, :, None]
    a, b, c, d = left.T
    product: FloatArray = a * columns[0] + b * columns[1] + c * columns[2] + d * columns[3]
    return product.T


@lru_cache(maxsize=8)
def product_matrix(right: Quaternion) -> FloatArray:
    """Give (4, 4): rows of quaternions times this are their products with ``right``, but for the last bits.

    Of a few dozen rows that is several times as fast as ``multiply``. Kept, as an alignment is asked for often.
    """
    w, x, y, z = right
    matrix = np.array(((w, x, y, z), (-x, w, -z, y), (-y, z, w, -x), (-z, -y, x, w)))
    matrix.flags.writeable = False
    return matrix


def columns(quat: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the rotated X, Y and Z axes, each (n, 3), of quaternions (n, 4)."""
    w, x, y, z = quat.T
    x2, y2, z2 = 2.0 * x, 2.0 * y, 2.0 * z
    xx, yy, zz, xy, xz, yz = x * x2, y * y2, z * z2, x * y2, x * z2, y * z2
    wx, wy, wz = w * x2, w * y2, w * z2
    axes = np.array(
        (1.0 - (yy + zz), xy + wz, xz - wy, xy - wz, 1.0 - (xx + zz), yz + wx, xz + wy, yz - wx, 1.0 - (xx + yy))
    )
    return axes[:3].T, axes[3:6].T, axes[6:].T


def angles_since(quat_segment_to_world: FloatArray, start: int = 0) -> SegmentAngles | None:
    """Angles of the segment's quaternions (n, 4): see ``angles_of``."""
    return angles_of(segment_axes(quat_segment_to_world, ITSELF), start)


def angles_of(axes: FloatArray, start: int = 0) -> SegmentAngles | None:
    """Angles in the heading frame frozen at column ``start``.

    Args:
        axes: (7, n), as ``calibration.frames.segment_axes`` gives them.

    Returns:
        None when the segment's X axis is within 15 deg of the vertical there: it then has no heading.
    """
    forward = _level_direction(*axes[:2, start].tolist())
    if forward is None:
        return None
    fx, fy = forward
    # sines above, cosines below: Y to the back and to the right, X to the left; Y up, a place to fill, Z to the right
    frame = (
        (0.0, 0.0, -fx, -fy, 0.0, 0.0, 0.0), (0.0, 0.0, fy, -fx, 0.0, 0.0, 0.0), (-fy, fx, 0.0, 0.0, 0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0, 0.0, fy, -fx),
    )  # fmt: skip
    sides = np.array(frame) @ axes
    np.hypot(sides[2], sides[5], out=sides[4])
    np.abs(sides[5], out=sides[5])  # psi stays within a quarter turn
    angles = np.degrees(np.arctan2(sides[:3], sides[3:]))
    return SegmentAngles(angles[0], angles[1:])


def heading(quat_segment_to_world: FloatArray) -> Heading | None:
    """Give the horizontal direction, a unit vector, of the X axis of one quaternion (4,); None near the vertical."""
    w, x, y, z = quat_segment_to_world.tolist()
    return _level_direction(1 - 2 * (y * y + z * z), 2 * (x * y + w * z))


def _level_direction(fx: float, fy: float) -> Heading | None:
    norm = hypot(fx, fy)
    return None if norm < LEAST_HORIZONTAL else (fx / norm, fy / norm)


def frontal_deg(quat_segment_to_world: FloatArray, forward: Heading) -> FloatArray:
    """The frontal angle of ``angles_since`` alone, (n,), in the frame of this heading."""
    w, x, y, z = quat_segment_to_world.T
    return np.degrees(_sideways(2 * (x * y - w * z), 1 - 2 * (x * x + z * z), forward))


def _sideways(y_axis_x: FloatArray, y_axis_y: FloatArray, forward: Heading) -> FloatArray:
    """Lean of the Y axis to the right of the heading (right = forward x up), rad."""
    fx, fy = forward
    return np.arcsin(_no_more_than_one(fy * y_axis_x - fx * y_axis_y))


def _no_more_than_one(sine: FloatArray) -> FloatArray:
    """What rounding took beyond 1 or -1 is put back; for a few values several times as fast as ``np.clip``."""
    return np.minimum(np.maximum(sine, -1.0), 1.0)
