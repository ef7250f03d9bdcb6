"""The samples of each tick to one step of the orientation filter.

Only a tick's orientation is looked at, so that the filter need not go through every sample: the quick part, how the
sensor turns from one tick to the next, is worked out for all ticks at once, and the filter runs at the tick. This is
the two-speed strapdown of inertial navigation (Savage 1998, J Guid Control Dyn 21:19-28).
"""

from __future__ import annotations

import numpy as np

from kneeimu.types import FloatArray

SWIFT_RAD_S = 5.0
"""A tick with a faster sample (11 deg in a tick) is turned exactly. Below, what is left out stays under 0.01 deg a
tick, in the worst of whirls."""
TOGETHER = 2048
"""Ticks that are worked out together: the numbers of more of them leave the processor's caches."""
CYCLE = np.array((0, 1, 2, 0, 1))
"""Vectors are kept as (x, y, z, x, y): a cross product is then a difference of two products of whole slices."""


def step_of_ticks(acc_and_gyr: FloatArray, period_s: float) -> tuple[FloatArray, FloatArray]:
    """Give for each tick the mean specific force of its samples, and the steady rate that turns the sensor as they do.

    The specific force is the mean in the frame of the tick's last sample. To that each is turned to first order: its
    direction is right to third order, and its length, which the filter does not use, to second. Turns about different
    axes do not add up: to their sum comes half the cross product of what was turned before with what is turned next
    (coning, Bortz 1971). What that leaves out is of third order in the turn of a tick.

    Args:
        acc_and_gyr: m samples of each of n ticks, (2, 3, n, m), m/s² and rad/s.
        period_s: from one sample to the next.

    Returns:
        Specific force and rate, (n, 3). What a tick gets does not depend on how many are worked out together.
    """
    if acc_and_gyr.shape[3] == 1:
        acc, gyr = acc_and_gyr[..., 0]
        return np.ascontiguousarray(acc.T), np.ascontiguousarray(gyr.T)
    begins = range(0, acc_and_gyr.shape[2], TOGETHER)
    force, rate = zip(*(_steps(acc_and_gyr[:, :, at : at + TOGETHER], period_s) for at in begins), strict=True)
    return np.concatenate(force), np.concatenate(rate)


def _steps(acc_and_gyr: FloatArray, period_s: float) -> tuple[FloatArray, FloatArray]:
    """Do as ``step_of_ticks`` for some of the ticks, of two or more samples each."""
    samples = acc_and_gyr.shape[3]
    acc, gyr = acc_and_gyr.transpose(0, 3, 1, 2).take(CYCLE, axis=2)
    turned = gyr[:-1].copy()
    for sample in range(1, samples - 1):
        turned[sample] += turned[sample - 1]
    whole = turned[-1] + gyr[-1]
    coning = _cross(turned, gyr[1:]).sum(axis=0)
    turned -= whole  # what is to come
    aside = _cross(turned, acc[:-1]).sum(axis=0)
    force = np.divide((acc[:, :3].sum(axis=0) + period_s * aside).T, samples, order="C")
    rate = np.divide((whole[:3] + 0.5 * period_s * coning).T, samples, order="C")
    if max(gyr.max(), -gyr.min()) > SWIFT_RAD_S:
        swift = (np.abs(gyr[:, :3]).max(axis=(0, 1)) > SWIFT_RAD_S).nonzero()[0]
        rate[swift] = _whole_turn(gyr[..., swift] * period_s).T / (samples * period_s)
    return force, rate


def _whole_turn(turns: FloatArray) -> FloatArray:
    """Give the rotation vector, (3, n), of turns one after the other, (m, 5, n), rad: the product of quaternions."""
    scalar, vector = np.ones(turns.shape[2]), np.zeros(turns.shape[1:])
    for turn in 0.5 * turns:
        half = _length(turn)
        c, v = np.cos(half), np.sin(half) / np.maximum(half, 1e-12) * turn
        along = scalar * c - (vector[:3] * v[:3]).sum(axis=0)
        beside = _cross(vector[None], v[None])[0].take(CYCLE, axis=0)
        scalar, vector = along, scalar * v + c * vector + beside
    sine = _length(vector)
    whole: FloatArray = 2.0 * np.arctan2(sine, scalar) / np.maximum(sine, 1e-12) * vector[:3]
    return whole


def _length(vector: FloatArray) -> FloatArray:
    """Length, (n,), of vectors (3 or more, n)."""
    length: FloatArray = np.sqrt(vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2)
    return length


def _cross(left: FloatArray, right: FloatArray) -> FloatArray:
    """Cross products, (m, 3, n), of vectors (m, 5, n) kept as in ``CYCLE``."""
    across: FloatArray = left[:, 1:4] * right[:, 2:5] - left[:, 2:5] * right[:, 1:4]
    return across
