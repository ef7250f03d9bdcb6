"""Quantities that know their first and second derivative, and frames that know how they turn.

Everything the leg does is written once, as position; velocity and acceleration follow by the chain rule, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Jet:
    """A quantity over time: value ``x``, rate ``v`` and acceleration ``a``, arrays of one shape (..., n)."""

    x: FloatArray
    v: FloatArray
    a: FloatArray

    @classmethod
    def constant(cls, value: float, count: int) -> Jet:
        """Give a quantity that stays as it is for ``count`` samples."""
        return cls(np.full(count, value), np.zeros(count), np.zeros(count))

    @classmethod
    def clock(cls, time_s: FloatArray) -> Jet:
        """Give time itself."""
        return cls(np.asarray(time_s, dtype=float), np.ones_like(time_s), np.zeros_like(time_s))

    def __add__(self, other: Jet | float) -> Jet:
        if isinstance(other, Jet):
            return Jet(self.x + other.x, self.v + other.v, self.a + other.a)
        return Jet(self.x + other, self.v, self.a)

    __radd__ = __add__

    def __neg__(self) -> Jet:
        return Jet(-self.x, -self.v, -self.a)

    def __sub__(self, other: Jet | float) -> Jet:
        return self + (-other)

    def __rsub__(self, other: float) -> Jet:
        return -self + other

    def __mul__(self, other: Jet | float) -> Jet:
        if isinstance(other, Jet):
            return Jet(
                self.x * other.x,
                self.v * other.x + self.x * other.v,
                self.a * other.x + 2.0 * self.v * other.v + self.x * other.a,
            )
        return Jet(self.x * other, self.v * other, self.a * other)

    __rmul__ = __mul__

    def through(self, value: FloatArray, slope: FloatArray, bend: FloatArray) -> Jet:
        """Apply a function, given its value and its first and second derivative at ``x``."""
        return Jet(value, slope * self.v, bend * self.v**2 + slope * self.a)

    def sin(self) -> Jet:
        """Give the sine."""
        sine, cosine = np.sin(self.x), np.cos(self.x)
        return self.through(sine, cosine, -sine)

    def cos(self) -> Jet:
        """Give the cosine."""
        sine, cosine = np.sin(self.x), np.cos(self.x)
        return self.through(cosine, -sine, -cosine)

    def sqrt(self) -> Jet:
        """Give the square root of a positive quantity."""
        root = np.sqrt(self.x)
        return self.through(root, 0.5 / root, -0.25 / (self.x * root))

    def inverse(self) -> Jet:
        """Give one over the quantity."""
        one = 1.0 / self.x
        return self.through(one, -(one**2), 2.0 * one**3)

    def arccos(self) -> Jet:
        """Give the arc cosine of a quantity inside (-1, 1)."""
        rest = 1.0 - self.x**2
        return self.through(np.arccos(self.x), -1.0 / np.sqrt(rest), -self.x / rest**1.5)

    def arctan(self) -> Jet:
        """Give the arc tangent."""
        one = 1.0 / (1.0 + self.x**2)
        return self.through(np.arctan(self.x), one, -2.0 * self.x * one**2)


def stack(components: list[Jet]) -> Jet:
    """Join three scalar quantities into a vector, shape (3, n)."""
    return Jet(
        np.stack([c.x for c in components]), np.stack([c.v for c in components]), np.stack([c.a for c in components])
    )


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """Give the cross product of vectors of shape (3, n)."""
    return np.stack((a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]))


def axis_rotation(axis: FloatArray, angle_rad: FloatArray) -> FloatArray:
    """Give the rotation matrices (3, 3, n) about one unit axis (Rodrigues)."""
    x, y, z = axis
    cross_matrix = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sine, versine = np.sin(angle_rad), 1.0 - np.cos(angle_rad)
    square = cross_matrix @ cross_matrix
    return np.asarray(np.eye(3)[:, :, None] + cross_matrix[:, :, None] * sine + square[:, :, None] * versine)


def apply(rot: FloatArray, vector: FloatArray) -> FloatArray:
    """Turn vectors (3, n) by matrices (3, 3, n)."""
    return np.asarray(np.einsum("ijn,jn->in", rot, vector))


def apply_back(rot: FloatArray, vector: FloatArray) -> FloatArray:
    """Turn vectors (3, n) by the transposed matrices."""
    return np.asarray(np.einsum("jin,jn->in", rot, vector))


@dataclass(frozen=True, slots=True)
class Frame:
    """A rigid body's orientation over time.

    Attributes:
        rot: body to world, shape (3, 3, n).
        omega: angular velocity in the body's own frame, rad/s, shape (3, n).
        alpha: its derivative, rad/s².
    """

    rot: FloatArray
    omega: FloatArray
    alpha: FloatArray

    @classmethod
    def world(cls, count: int) -> Frame:
        """Give the frame that never moves."""
        return cls(np.repeat(np.eye(3)[:, :, None], count, axis=2), np.zeros((3, count)), np.zeros((3, count)))

    def turn(self, axis: FloatArray, angle_rad: Jet) -> Frame:
        """Give the frame turned about a fixed unit axis of its own."""
        if not (angle_rad.x.any() or angle_rad.v.any() or angle_rad.a.any()):
            return self
        step = axis_rotation(axis, angle_rad.x)
        spin = axis[:, None] * angle_rad.v
        carried = apply_back(step, self.omega)
        return Frame(
            np.asarray(np.einsum("ijn,jkn->ikn", self.rot, step)),
            carried + spin,
            apply_back(step, self.alpha) + axis[:, None] * angle_rad.a + cross(carried, spin),
        )

    def turn_fixed(self, matrix: FloatArray) -> Frame:
        """Give a frame glued on: ``matrix`` (3, 3) takes its vectors to this one's."""
        return Frame(
            np.asarray(np.einsum("ijn,jk->ikn", self.rot, matrix)), matrix.T @ self.omega, matrix.T @ self.alpha
        )

    def lever(self, point: Jet) -> Jet:
        """Give the world vector to a point (3, n) of this frame, which may itself move in it."""
        velocity = cross(self.omega, point.x) + point.v
        acceleration = (
            cross(self.alpha, point.x)
            + cross(self.omega, cross(self.omega, point.x))
            + 2.0 * cross(self.omega, point.v)
            + point.a
        )
        return Jet(apply(self.rot, point.x), apply(self.rot, velocity), apply(self.rot, acceleration))


def fixed_point(xyz: tuple[float, float, float], count: int) -> Jet:
    """Give a point that stays where it is in its frame."""
    return stack([Jet.constant(value, count) for value in xyz])
