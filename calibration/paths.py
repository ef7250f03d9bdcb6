"""What one movement says about the limb: the way its long axis goes, and where the limb pivots.

The functional frame is usually taken from the principal axis of the angular rate. That axis turns with any rotation
about the long axis that comes along (screw-home of the knee, hip rotation). The *path of the long axis* does not:
where it goes is where "forward" is, and the medial tilt is by definition the departure from that path.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, degrees

import numpy as np

from calibration.frames import FloatArray, to_sensor, to_world
from calibration.moves import Move
from calibration.observation import Observation, smoothed

DEEP = 0.5
"""The path is judged where the tilt is above this share of its largest: near the start it has no direction."""
LARGEST_DRIFT_DEG = 6.0
TURNING_DEG_S = 15.0
"""Below this rate sway and noise have more to say about the axis than the movement."""


@dataclass(frozen=True, slots=True)
class Path:
    """One movement seen by its long axis.

    Attributes:
        heading_world: (3,), horizontal unit vector, the way the proximal end went.
        direction: (3,), the same in the sensor frame of the standing pose, at right angles to the long axis.
        tilt_deg: how far.
        bow_deg: how far the path is bowed to the side at its far end: the limb leaned in standing and goes round a
            cone, or it strayed more and more as it went. Turning about the long axis does not bow it.
    """

    heading_world: FloatArray
    direction: FloatArray
    tilt_deg: float
    bow_deg: float


@dataclass(frozen=True, slots=True)
class Pivot:
    """Where the box goes round, as its height above the pivot in m: along the way it goes, and in the vertical.

    Both positive: the pivot is below (shin over a planted foot). Both negative: above (a leg swung or raised).
    Ahead negative and vertical positive: no pivot, the limb sinks as it tilts (thigh in a squat).
    ``along_m`` is the height by both together, better where there is one pivot. ``across_m`` is the pivot's distance at
    right angles to what was taken for the long axis: large when the limb lay.
    """

    ahead_m: float
    vertical_m: float
    along_m: float
    across_m: float


def long_axis_path(seen: Observation, move: Move, long_axis: FloatArray) -> Path:
    """Follow ``long_axis`` (3,), sensor frame, through a movement."""
    quat = closed(seen.quat_sensor_to_world[move.start : move.stop])
    axis = to_world(quat, long_axis)
    shift = axis[:, :2] - axis[0, :2]
    reach = np.linalg.norm(shift, axis=1)
    deep = reach >= DEEP * reach.max()
    way = (shift[deep] * reach[deep, None]).sum(axis=0)
    heading = np.array([way[0], way[1], 0.0]) / np.linalg.norm(way)
    direction = to_sensor(quat[:1], heading)[0]
    direction -= (direction @ long_axis) * long_axis
    tilt_deg = degrees(asin(min(1.0, float(reach.max()))))
    return Path(heading, direction / np.linalg.norm(direction), tilt_deg, _bow_deg(axis, heading))


def _bow_deg(axis: FloatArray, heading: FloatArray) -> float:
    """Fit the path as a straight part, ``a sin t`` at the tilt t, and a cone's, ``b (1 - cos t)``; give the latter."""
    tilt = np.arctan2(axis @ heading, axis[:, 2])
    aside = np.arcsin(np.clip(axis[:, 0] * -heading[1] + axis[:, 1] * heading[0], -1.0, 1.0))
    known = np.column_stack((np.sin(tilt), 1.0 - np.cos(tilt)))
    cone = np.linalg.lstsq(known, aside - aside[0], rcond=None)[0][1]
    return float(np.degrees(cone * known[:, 1].max()))


def closed(quat: FloatArray) -> FloatArray:
    """Take the heading's drift out of a movement (n, 4) that ends as it began: the closing error, shared out over time.

    What is left of the gyro's bias turns the heading by a degree in three seconds. A closing error past
    ``LARGEST_DRIFT_DEG`` is no drift; then nothing is changed.
    """
    w0, x0, y0, z0 = quat[0]
    w1, x1, y1, z1 = quat[-1]
    scalar = w1 * w0 + x1 * x0 + y1 * y0 + z1 * z0
    vertical = -w1 * z0 + z1 * w0 - x1 * y0 + y1 * x0
    drift = 2.0 * float(np.arctan2(vertical, scalar))
    drift = (drift + np.pi) % (2.0 * np.pi) - np.pi
    if abs(drift) > np.radians(LARGEST_DRIFT_DEG):
        return quat
    half = -0.5 * drift * np.linspace(0.0, 1.0, len(quat))
    cosine, sine = np.cos(half), np.sin(half)
    w, x, y, z = quat.T
    return np.column_stack((cosine * w - sine * z, cosine * x - sine * y, cosine * y + sine * x, cosine * z + sine * w))


def rotation_axis(seen: Observation, moves: list[Move]) -> tuple[FloatArray, float]:
    """Principal axis of the angular rate over all movements (3,), and the ratio of the second to the first extent."""
    rate = np.concatenate([seen.gyr_rad_s[move.start : move.stop] for move in moves])
    rate = rate[np.linalg.norm(rate, axis=1) > np.radians(TURNING_DEG_S)]
    if len(rate) < 3:
        return np.zeros(3), 1.0
    extent, axes = np.linalg.eigh(rate.T @ rate)
    return axes[:, 2], float(np.sqrt(max(0.0, extent[1]) / extent[2]))


def find_pivot(seen: Observation, moves: list[Move], paths: list[Path], long_axis: FloatArray, gravity: float) -> Pivot:
    """Fit the box's acceleration over all movements to that of a body that goes round a fixed point.

    With the tilt t, the box stands at ``p sin t + q cos t`` ahead and ``p cos t - q sin t`` up; the second derivatives
    of both are fitted to the measured acceleration by least squares: p apart for each direction, q for both together.
    """
    ahead: list[tuple[FloatArray, FloatArray]] = []
    upward: list[tuple[FloatArray, FloatArray]] = []
    width = seen.samples_in(0.2)
    for move, path in zip(moves, paths, strict=True):
        quat = seen.quat_sensor_to_world[move.start : move.stop]
        axis = to_world(quat, long_axis)
        tilt = np.arctan2(axis @ path.heading_world, axis[:, 2])
        force = to_world(quat, seen.acc_m_s2[move.start : move.stop])
        force[:, 2] -= gravity
        sine = _second_derivative(np.sin(tilt), seen.rate_hz, width)
        cosine = _second_derivative(np.cos(tilt), seen.rate_hz, width)
        force = _twice_smoothed(force, width)
        ahead.append((np.column_stack((sine, cosine)), force @ path.heading_world))
        upward.append((np.column_stack((cosine, -sine)), force[:, 2]))
    return Pivot(_fit(ahead)[0], _fit(upward)[0], *_fit(ahead + upward))


def _fit(blocks: list[tuple[FloatArray, FloatArray]]) -> tuple[float, float]:
    known = np.concatenate([block - block.mean(axis=0) for block, _ in blocks])
    measured = np.concatenate([force - force.mean() for _, force in blocks])
    along, across = np.linalg.lstsq(known, measured, rcond=None)[0].tolist()
    return along, across


def _second_derivative(values: FloatArray, rate_hz: float, width: int) -> FloatArray:
    return np.asarray(np.gradient(np.gradient(_twice_smoothed(values, width)))) * rate_hz**2


def _twice_smoothed(values: FloatArray, width: int) -> FloatArray:
    """The same smoothing for both sides of the fit, so that it cancels."""
    return smoothed(smoothed(values, width), width)
