"""A recording made ready for calibration: uniform in time, oriented, free of the gyro's bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.errors import CalibrationError
from calibration.frames import FloatArray, to_sensor
from calibration.standards import FASTEST_LEG_RAD_S, GRAVITY_M_S2
from calibration.texts import _

Recorded = tuple[FloatArray, FloatArray, FloatArray]
"""Time (n,) in s, acceleration (n, 3) in m/s², angular rate (n, 3) in rad/s."""
SLOWEST_HZ, FASTEST_HZ = 20.0, 500.0
SHORTEST_S = 4.0
LONGEST_GAP_S = 0.3
"""A longer gap can't be bridged: the heading over it is not known."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What the sensor saw, on a uniform grid of ``rate_hz``.

    Attributes:
        time_s: (n,).
        acc_m_s2: (n, 3), specific force, sensor frame.
        gyr_rad_s: (n, 3), angular rate without its bias, sensor frame.
        quat_sensor_to_world: (n, 4).
        up: (n, 3), the world's up in the sensor frame.
        bias_rad_s: (3,), the gyro's bias.
        gap_s: start times of the gaps that were too long to bridge.
    """

    rate_hz: float
    time_s: FloatArray
    acc_m_s2: FloatArray
    gyr_rad_s: FloatArray
    quat_sensor_to_world: FloatArray
    up: FloatArray
    bias_rad_s: FloatArray
    gap_s: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.time_s)

    def samples_in(self, seconds: float) -> int:
        """Number of samples in this time, at least one."""
        return max(1, round(seconds * self.rate_hz))


def observe(time_s: FloatArray, acc: FloatArray, gyr: FloatArray) -> Observation:
    """Prepare a recording: ``time_s`` (n,) in s, ``acc`` (n, 3) in m/s², ``gyr`` (n, 3) in rad/s, any box orientation.

    Orientation by VQF's offline form (Laidig & Seel 2023), which looks both ways in time.

    Raises:
        CalibrationError: too short, not numbers, wrong units, a rate that does not do.
    """
    time_s, acc, gyr = _checked(time_s, acc, gyr)
    step_s = float(np.median(np.diff(time_s)))
    rate_hz = 1.0 / step_s
    if not SLOWEST_HZ * 0.97 <= rate_hz <= FASTEST_HZ * 1.03:
        raise CalibrationError(
            "rate",
            _("{rate_hz:.0f} samples a second").format(rate_hz=rate_hz),
            _("{slowest_hz:.0f} to {fastest_hz:.0f} are needed").format(slowest_hz=SLOWEST_HZ, fastest_hz=FASTEST_HZ),
        )
    gaps = tuple(time_s[:-1][np.diff(time_s) > LONGEST_GAP_S].tolist())
    grid = np.arange(time_s[0], time_s[-1] + 0.5 * step_s, step_s)
    acc = resampled(grid, time_s, acc)
    gyr = resampled(grid, time_s, gyr)
    from vqf import offlineVQF

    found = offlineVQF(gyr, acc, None, step_s)
    quat, bias = found["quat6D"], found["bias"]
    return Observation(
        rate_hz=rate_hz,
        time_s=grid,
        acc_m_s2=acc,
        gyr_rad_s=gyr - bias,
        quat_sensor_to_world=quat,
        up=to_sensor(quat, np.array([0.0, 0.0, 1.0])),
        bias_rad_s=np.median(bias, axis=0),
        gap_s=gaps,
    )


def smoothed(values: FloatArray, width: int) -> FloatArray:
    """Centred moving mean over ``width`` rows, edges with what there is; values (n,) or (n, k)."""
    width = min(max(1, width) | 1, len(values) if len(values) % 2 else max(1, len(values) - 1))
    half = width // 2
    total = np.cumsum(np.concatenate((np.zeros_like(values[:1]), values)), axis=0)
    index = np.arange(len(values))
    low, high = np.maximum(index - half, 0), np.minimum(index + half + 1, len(values))
    count = (high - low).reshape((-1,) + (1,) * (values.ndim - 1))
    return np.asarray((total[high] - total[low]) / count)


def resampled(grid_s: FloatArray, time_s: FloatArray, values: FloatArray) -> FloatArray:
    """Values (n, 3) at ``time_s`` (n,), read linearly at ``grid_s`` (m,): (m, 3), contiguous."""
    return np.ascontiguousarray(np.column_stack([np.interp(grid_s, time_s, values[:, i]) for i in range(3)]))


def usable(time_s: FloatArray, acc: FloatArray, gyr: FloatArray) -> Recorded:
    """Give the samples that are numbers and later than all before them.

    Raises:
        ValueError: shapes that do not fit.
    """
    time_s, acc, gyr = (np.asarray(a, dtype=np.float64) for a in (time_s, acc, gyr))
    if time_s.ndim != 1 or acc.shape != (len(time_s), 3) or gyr.shape != (len(time_s), 3):
        raise ValueError(f"time (n,), acc and gyr (n, 3) are needed, not {time_s.shape}, {acc.shape}, {gyr.shape}")
    whole = np.isfinite(time_s) & np.isfinite(acc).all(axis=1) & np.isfinite(gyr).all(axis=1)
    time_s, acc, gyr = time_s[whole], acc[whole], gyr[whole]
    if len(time_s) > 1:
        later = np.concatenate(([True], np.diff(np.maximum.accumulate(time_s)) > 0))
        time_s, acc, gyr = time_s[later], acc[later], gyr[later]
    return time_s, acc, gyr


def _checked(time_s: FloatArray, acc: FloatArray, gyr: FloatArray) -> Recorded:
    time_s, acc, gyr = usable(time_s, acc, gyr)
    if len(time_s) < 2 or time_s[-1] - time_s[0] < SHORTEST_S:
        length = time_s[-1] - time_s[0] if len(time_s) > 1 else 0.0
        raise CalibrationError(
            "too-short",
            _("the recording has only {length:.1f} s of valid samples").format(length=length),
            _("record the whole alignment: stand still for four seconds, then five slow movements"),
        )
    _check_units(acc, gyr)
    return time_s, acc, gyr


def _check_units(acc: FloatArray, gyr: FloatArray) -> None:
    norm = float(np.median(np.linalg.norm(acc, axis=1)))
    if norm < 0.6 * GRAVITY_M_S2 or norm > 1.5 * GRAVITY_M_S2:
        advice = _("acceleration must be in m/s²; if it is in g, say --acc-unit g")
        raise CalibrationError(
            "acc-unit", _("the resting acceleration is {norm:.2f} and not 9.81 m/s²").format(norm=norm), advice
        )
    if float(np.percentile(np.abs(gyr), 99)) > FASTEST_LEG_RAD_S:
        advice = _("the angular rate must be in rad/s; if it is in deg/s, say --gyr-unit deg/s")
        raise CalibrationError("gyr-unit", _("the leg would turn faster than any leg can"), advice)
