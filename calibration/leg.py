"""Two sensors on one leg, made ready: both on one grid, oriented, and the knee found between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.errors import CalibrationError
from calibration.frames import FloatArray, to_sensor
from calibration.observation import Recorded, resampled, smoothed
from calibration.texts import _

RATE_HZ = 50.0
SHORTEST_S = 8.0
SMOOTHED_S = 0.12
PLACE_SD_M = 0.2
"""The knee is nearer to the boxes than this, whatever the way."""
PERSISTS_S = 0.3
"""Errors of the knee's acceleration last about this long; so many seconds count as one observation."""
NOISE_M_S2 = 0.05


@dataclass(frozen=True, slots=True)
class Leg:
    """Both sensors at ``RATE_HZ``: index 0 is the thigh's, 1 the shin's."""

    time_s: FloatArray
    acc: tuple[FloatArray, FloatArray]
    gyr: tuple[FloatArray, FloatArray]
    quat: tuple[FloatArray, FloatArray]
    up: tuple[FloatArray, FloatArray]
    lever: tuple[FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class Knee:
    """Way from the knee to each box, sensor frames (3,)."""

    thigh_m: FloatArray
    shin_m: FloatArray


def prepare(thigh: Recorded, shin: Recorded, longest_s: float) -> Leg:
    """Put both recordings on one grid from where they overlap, ``longest_s`` at most, and orient them.

    Raises:
        CalibrationError: they overlap by too little.
    """
    from vqf import offlineVQF

    begin, end = max(thigh[0][0], shin[0][0]), min(thigh[0][-1], shin[0][-1])
    if end - begin < SHORTEST_S:
        raise CalibrationError(
            "too-short",
            _("both sensors tell of the same {overlap:.1f} s only").format(overlap=max(end - begin, 0.0)),
            _("record ten seconds or more"),
        )
    grid = np.arange(begin, min(end, begin + longest_s), 1.0 / RATE_HZ)
    width = max(3, round(SMOOTHED_S * RATE_HZ))
    parts = []
    for time_s, acc, gyr in (thigh, shin):
        acc, gyr = resampled(grid, time_s, acc), resampled(grid, time_s, gyr)
        filtered = offlineVQF(gyr, acc, None, 1.0 / RATE_HZ)
        rate = _twice(gyr - filtered["bias"], width)
        quat = filtered["quat6D"]
        up = to_sensor(quat, np.array([0.0, 0.0, 1.0]))
        parts.append((_twice(acc, width), rate, quat, up, _lever(rate)))
    first, second = parts
    return Leg(grid, *((a, b) for a, b in zip(first, second, strict=True)))


def _twice(values: FloatArray, width: int) -> FloatArray:
    return smoothed(smoothed(values, width), width)


def _lever(rate: FloatArray) -> FloatArray:
    """Matrices (n, 3, 3) that turn the way from a joint to the box into the box's acceleration against the joint."""

    def cross(vectors: FloatArray) -> FloatArray:
        x, y, z = vectors.T
        zero = np.zeros_like(x)
        return np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)

    turning = cross(rate)
    return turning @ turning + cross(np.gradient(rate, axis=0) * RATE_HZ)


def find_knee(leg: Leg) -> Knee:
    """Find the knee between the boxes by Gauss-Newton, robustly, held near the boxes where the movement does not tell.

    The size of the knee's acceleration is compared, which needs no common heading; a constant takes up what the
    accelerometers' offsets differ by.
    """
    weight = np.array([1.0] * 6 + [0.0]) * PERSISTS_S * RATE_HZ / PLACE_SD_M**2
    x = np.zeros(7)
    for _round in range(20):
        left, right = leg.acc[0] - leg.lever[0] @ x[:3], leg.acc[1] - leg.lever[1] @ x[3:6]
        sizes = np.linalg.norm(left, axis=1), np.linalg.norm(right, axis=1)
        off = sizes[0] - sizes[1] - x[6]
        spread = max(1.5 * float(np.median(np.abs(off))), NOISE_M_S2)
        trust = 1.0 / np.maximum(1.0, np.abs(off) / spread)
        slope = np.column_stack(
            (
                -np.einsum("ni,nij->nj", left, leg.lever[0]) / sizes[0][:, None],
                np.einsum("ni,nij->nj", right, leg.lever[1]) / sizes[1][:, None],
                -np.ones(len(off)),
            )
        )
        stiff = np.diag(weight * spread**2)
        step = np.linalg.solve(slope.T @ (slope * trust[:, None]) + stiff, -(slope.T @ (trust * off)) - stiff @ x)
        x = x + step
        if float(np.abs(step).max()) < 1e-4:
            break
    return Knee(x[:3], x[3:6])
