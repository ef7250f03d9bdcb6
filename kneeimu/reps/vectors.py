"""Unit vectors up in the sensor frame, as Python's own numbers, and the tilt from one to another."""

from __future__ import annotations

from math import atan2, degrees, sqrt

Vector = tuple[float, float, float]
DEG_PER_RAD = degrees(1.0)


def tilt(home: Vector, up: Vector) -> tuple[float, Vector]:
    """Give the angle between two unit vectors in deg, and the rotation axis times its sine."""
    hx, hy, hz = home
    x, y, z = up
    cross = (hy * z - hz * y, hz * x - hx * z, hx * y - hy * x)
    sine = sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2])
    return degrees(atan2(sine, hx * x + hy * y + hz * z)), cross


def between(first: Vector | None, second: Vector) -> float:
    """Angle between two unit vectors, deg; 0 when the first is not known yet."""
    return 0.0 if first is None else tilt(first, second)[0]


def across(axis: Vector | None, home: Vector) -> Vector:
    """The way in which home sets off when it is turned about the axis; none without an axis."""
    (ax, ay, az), (hx, hy, hz) = axis or (0.0, 0.0, 0.0), home
    return ay * hz - az * hy, az * hx - ax * hz, ax * hy - ay * hx


def aside_deg(angle_deg: float, along: float) -> float:
    """How far off its axis a tilt is of which this share is about the axis."""
    return angle_deg * sqrt(1.0 - along * along) if -1.0 < along < 1.0 else 0.0


def blend(old: Vector, new: Vector, share: float) -> Vector:
    """Move a unit vector by ``share`` of the way to another."""
    x = old[0] + share * (new[0] - old[0])
    y = old[1] + share * (new[1] - old[1])
    z = old[2] + share * (new[2] - old[2])
    norm = sqrt(x * x + y * y + z * z)
    return x / norm, y / norm, z / norm
