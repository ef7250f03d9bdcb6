"""Calibration of the sensor itself: the gyro's bias at rest, the accelerometer from six positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.errors import CalibrationError
from calibration.frames import FloatArray
from calibration.observation import Recorded, usable
from calibration.standards import GRAVITY_M_S2
from calibration.texts import _

FACE_S = 2.0
"""A face is seen when the sensor lay on it for so long, of the three seconds that are asked for."""
REST_S = 8.0
"""The gyro's bias needs so long, of the ten seconds that are asked for: a table gives it, a leg between reps hardly."""
LARGEST_BIAS_RAD_S = 0.35
"""20 deg/s, ten times what small sensors have."""
REST_SD_DEG_S = 1.0
"""SD of each gyro axis over a second; a sensor on a table shows 0.05 to 0.3."""
REST_SD_M_S2 = 0.25
FACES = ("+x", "-x", "+y", "-y", "+z", "-z")
FACE_COS = 0.9
"""A face lies within 26 deg of level to be told from the others."""
LARGEST_RESIDUAL_M_S2 = 0.35
"""RMS residual (2 deg of a badly laid box); above it the positions were not held or not level."""


@dataclass(frozen=True, slots=True)
class RestCalibration:
    """A sensor at rest: ``bias_rad_s`` and ``noise_rad_s`` (SD of a sample) by axis; ``gravity_m_s2`` the norm seen."""

    bias_rad_s: tuple[float, float, float]
    noise_rad_s: tuple[float, float, float]
    gravity_m_s2: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class SixPositions:
    """Accelerometer calibration: ``true = matrix (measured - offset)``.

    Attributes:
        matrix: 3 x 3 as rows. offset_m_s2: (3,).
        residual_m_s2: RMS over positions and axes of what the fit leaves; ``residuals_m_s2`` the norm by face.
        norm_before_m_s2, norm_after_m_s2: largest departure of the norm from g over the positions.
    """

    matrix: tuple[tuple[float, float, float], ...]
    offset_m_s2: tuple[float, float, float]
    residual_m_s2: float
    residuals_m_s2: dict[str, float]
    norm_before_m_s2: float
    norm_after_m_s2: float

    def apply(self, acc: FloatArray) -> FloatArray:
        """Correct readings (n, 3), m/s²."""
        return np.asarray((acc - np.array(self.offset_m_s2)) @ np.array(self.matrix).T)


def _rests(recording: Recorded, shortest_s: float) -> list[Recorded]:
    """Stretches of at least this length in which the sensor lay still, in order of time."""
    time_s, acc, gyr = usable(*recording)
    if len(time_s) < 8:
        return []
    rate_hz = 1.0 / float(np.median(np.diff(time_s)))
    width = min(max(4, round(rate_hz)), len(time_s))
    quiet = (_spread(gyr, width) < np.radians(REST_SD_DEG_S)) & (_spread(acc, width) < REST_SD_M_S2)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False])).astype(np.int8)))
    parts = [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(time_s[part], acc[part], gyr[part]) for part in parts if (part.stop - part.start) / rate_hz >= shortest_s]


def calibrate_rest(time_s: FloatArray, acc: FloatArray, gyr: FloatArray) -> RestCalibration:
    """Gyro bias from the longest rest in the recording: time (n,) s, acc (n, 3) m/s², gyr (n, 3) rad/s.

    Samples that are no numbers, or not later than those before, are left out.

    Raises:
        CalibrationError: it did not lie still for ``REST_S``, or turned steadily.
        ValueError: shapes that do not fit.
    """
    rests = _rests((time_s, acc, gyr), REST_S)
    if not rests:
        raise CalibrationError(
            "not-still",
            _("the sensor never lay still for {rest_s:.0f} seconds").format(rest_s=REST_S),
            _("lay it on a table that nobody touches, switch it on and wait for ten seconds"),
        )
    still_s, force, rate = max(rests, key=lambda rest: len(rest[0]))
    bias = rate.mean(axis=0)
    fastest = float(np.abs(bias).max())
    if fastest > LARGEST_BIAS_RAD_S:
        raise CalibrationError(
            "bias",
            _("the gyro shows {rate_deg_s:.0f} °/s at rest, more than any sensor's bias").format(
                rate_deg_s=np.degrees(fastest)
            ),
            _("lay it on a table that does not turn; if the angular rate is in deg/s, say --gyr-unit deg/s"),
        )
    return RestCalibration(
        bias_rad_s=_triple(bias),
        noise_rad_s=_triple(rate.std(axis=0)),
        gravity_m_s2=round(float(np.linalg.norm(force.mean(axis=0))), 4),
        duration_s=round(float(still_s[-1] - still_s[0]), 2),
    )


def six_positions(recordings: Sequence[Recorded]) -> SixPositions:
    """Accelerometer from rests on each of the box's six faces, in one recording or several, in any order.

    Args:
        recordings: (time_s (n,), acc (n, 3) m/s², gyr (n, 3) rad/s) each.

    Twelve parameters (offset and 3 x 3 matrix) by linear least squares against +-g along the box's axes, after
    Ferraris et al. 1995; eighteen equations, so that six residuals show how well the faces lay.

    Raises:
        CalibrationError: a face is missing, or the residuals are too large to believe.
    """
    faces = _faces([mean for recording in recordings for mean in _forces(recording)])
    measured = np.array([faces[face] for face in FACES])
    true = np.array([_axis(face) for face in FACES]) * GRAVITY_M_S2
    known = np.column_stack((measured, np.ones(6)))
    solution = np.linalg.lstsq(known, true, rcond=None)[0]
    matrix = solution[:3].T
    offset = -np.linalg.solve(matrix, solution[3])
    left = known @ solution - true
    rms = float(np.sqrt(np.mean(left**2)))
    if rms > LARGEST_RESIDUAL_M_S2:
        raise CalibrationError(
            "bad-fit",
            _("the six positions don't fit together: {rms:.2f} m/s² are left over").format(rms=rms),
            _("hold each face flat against a level table or a straight block, three seconds each"),
        )
    return SixPositions(
        matrix=(_triple(matrix[0]), _triple(matrix[1]), _triple(matrix[2])),
        offset_m_s2=_triple(offset),
        residual_m_s2=round(rms, 4),
        residuals_m_s2={face: round(float(np.linalg.norm(row)), 4) for face, row in zip(FACES, left, strict=True)},
        norm_before_m_s2=_off_norm(measured),
        norm_after_m_s2=_off_norm(known @ solution),
    )


def faces_seen(time_s: FloatArray, acc: FloatArray, gyr: FloatArray) -> list[str]:
    """The faces that pointed up while the sensor lay still, of ``FACES``."""
    return sorted(_by_face(_forces((time_s, acc, gyr))))


def _forces(recording: Recorded) -> list[FloatArray]:
    return [acc.mean(axis=0) for _time_s, acc, _gyr in _rests(recording, FACE_S)]


def _faces(means: Sequence[FloatArray]) -> dict[str, FloatArray]:
    found = _by_face(means)
    missing = [face for face in FACES if face not in found]
    if missing:
        raise CalibrationError(
            "face-missing",
            _("{n} of six positions were found; missing: {missing} up").format(
                n=len(found), missing=", ".join(missing)
            ),
            _("lay the box on each of its six faces in turn, still for three seconds each"),
        )
    return {face: np.mean(rows, axis=0) for face, rows in found.items()}


def _by_face(means: Sequence[FloatArray]) -> dict[str, list[FloatArray]]:
    found: dict[str, list[FloatArray]] = {}
    for mean in means:
        way = mean / np.linalg.norm(mean)
        for face in FACES:
            if way @ _axis(face) > FACE_COS:
                found.setdefault(face, []).append(mean)
    return found


def _axis(face: str) -> FloatArray:
    axis = np.zeros(3)
    axis["xyz".index(face[1])] = 1.0 if face[0] == "+" else -1.0
    return axis


def _spread(values: FloatArray, width: int) -> FloatArray:
    """Largest SD of the three axes over a centred window, (n,)."""
    kernel = np.ones(width) / width
    centred = values - values.mean(axis=0)
    spread = [np.convolve(column**2, kernel, "same") - np.convolve(column, kernel, "same") ** 2 for column in centred.T]
    return np.asarray(np.sqrt(np.maximum(0.0, np.max(spread, axis=0))))


def _off_norm(rows: FloatArray) -> float:
    return round(float(np.max(np.abs(np.linalg.norm(rows, axis=1) - GRAVITY_M_S2))), 4)


def _triple(values: FloatArray) -> tuple[float, float, float]:
    x, y, z = (round(float(value), 7) for value in values)
    return x, y, z
