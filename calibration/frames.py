"""Quaternions (scalar-first, shape (n, 4)) and the limb segment's frame.

Segment frame: X anterior, Y proximal, Z to the wearer's right, both legs. World: Z up, heading arbitrary.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Quaternion = tuple[float, float, float, float]


def to_world(quat: FloatArray, vector: FloatArray) -> FloatArray:
    """Turn sensor vectors (3,) or (n, 3) into the world with quaternions (n, 4); gives (n, 3), or (3,) for one (4,)."""
    w, x, y, z = quat.T
    vx, vy, vz = vector.T if vector.ndim > 1 else vector.tolist()
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    turned = (
        vx + w * tx + (y * tz - z * ty),
        vy + w * ty + (z * tx - x * tz),
        vz + w * tz + (x * ty - y * tx),
    )
    return np.array(turned).T


def cross(first: FloatArray, second: FloatArray) -> FloatArray:
    """Cross products of vectors (..., 3); several times as fast as numpy's for the few of a rep."""
    ax, ay, az = first[..., 0], first[..., 1], first[..., 2]
    bx, by, bz = second[..., 0], second[..., 1], second[..., 2]
    return np.stack((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx), axis=-1)


def to_sensor(quat: FloatArray, vector: FloatArray) -> FloatArray:
    """The other way round: world vectors seen by the sensor, (n, 3)."""
    return to_world(quat * np.array([1.0, -1.0, -1.0, -1.0]), vector)


def segment_frame(up: FloatArray, forward: FloatArray) -> FloatArray:
    """Rotation matrix segment to sensor, (3, 3): Y along ``up``, X as near to ``forward`` as that allows."""
    y = up / np.linalg.norm(up)
    x = forward - (forward @ y) * y
    x /= np.linalg.norm(x)
    return np.column_stack((x, y, np.cross(x, y)))


def quaternion_of(matrix: FloatArray) -> Quaternion:
    """Quaternion of a rotation matrix (3, 3), scalar-first and not negative (Shepperd 1978)."""
    m = matrix
    trace = float(m[0, 0] + m[1, 1] + m[2, 2])
    largest = int(np.argmax([trace, m[0, 0], m[1, 1], m[2, 2]]))
    if largest == 0:
        quat = [1.0 + trace, m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]]
    else:
        i = largest - 1
        j, k = (i + 1) % 3, (i + 2) % 3
        quat = [0.0] * 4
        quat[0] = m[k, j] - m[j, k]
        quat[1 + i] = 1.0 + m[i, i] - m[j, j] - m[k, k]
        quat[1 + j] = m[j, i] + m[i, j]
        quat[1 + k] = m[k, i] + m[i, k]
    norm = sqrt(sum(float(part) ** 2 for part in quat)) * (-1.0 if quat[0] < 0 else 1.0)
    w, x, y, z = (float(part) / norm for part in quat)
    return w, x, y, z


def matrix_of(quat: Quaternion) -> FloatArray:
    """Rotation matrix (3, 3) of a unit quaternion, scalar-first."""
    return to_world(np.tile(np.asarray(quat, dtype=np.float64), (3, 1)), np.eye(3)).T


# The entries of a rotation matrix are sums of products of two of the quaternion's four numbers. Of the few dozen
# quaternions of a rep, all the entries that are needed come quickest from those products by one matrix.
_FIRST, _SECOND = np.triu_indices(4)  # ww, wx, wy, wz, xx, xy, xz, yy, yz, zz
_ENTRIES = np.array(
    (
        ((1, 0, 0, 0, 1, 0, 0, -1, 0, -1), (0, 0, 0, -2, 0, 2, 0, 0, 0, 0), (0, 0, 2, 0, 0, 0, 2, 0, 0, 0)),
        ((0, 0, 0, 2, 0, 2, 0, 0, 0, 0), (1, 0, 0, 0, -1, 0, 0, 1, 0, -1), (0, -2, 0, 0, 0, 0, 0, 0, 2, 0)),
        ((0, 0, -2, 0, 0, 0, 2, 0, 0, 0), (0, 2, 0, 0, 0, 0, 0, 0, 2, 0), (1, 0, 0, 0, -1, 0, 0, -1, 0, 1)),
    ),
    dtype=np.float64,
)


def segment_axes(quat_sensor_to_world: FloatArray, quat_segment_to_sensor: Quaternion) -> FloatArray:
    """Where the segment's axes point in the world, (7, n): x and y of X, x, y and z of Y, and x and y of Z.

    That is all that its angles in any heading need.

    Args:
        quat_sensor_to_world: (n, 4).
        quat_segment_to_sensor: the alignment.
    """
    numbers = quat_sensor_to_world.T
    products = numbers.take(_FIRST, axis=0) * numbers.take(_SECOND, axis=0)
    return np.asarray(_axes_of_products(quat_segment_to_sensor) @ products)


@lru_cache(maxsize=8)
def _axes_of_products(quat_segment_to_sensor: Quaternion) -> FloatArray:
    """What gives the ``segment_axes`` of those products, (7, 10). Kept, as an alignment is asked for often."""
    x, y, z = np.einsum("ijp,jk->kip", _ENTRIES, matrix_of(quat_segment_to_sensor))
    axes: FloatArray = np.concatenate((x[:2], y, z[:2]))
    axes.flags.writeable = False
    return axes


def angle_deg(one: FloatArray, other: FloatArray) -> FloatArray:
    """Angle between vectors (n, 3) and (3,), deg, exact for small ones too."""
    cross = np.linalg.norm(np.cross(one, other), axis=-1)
    return np.asarray(np.degrees(np.arctan2(cross, np.asarray(one @ other))))
