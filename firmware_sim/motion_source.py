"""An endless stream out of a finite simulation: after the last rep the person stands, or does another set."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

IDLE_WINDOW_S = 1.0


class MotionClock:
    """When the movement began: at the first stream of a sensor on the body, not before."""

    def __init__(self) -> None:
        self._start_s: float | None = None

    def elapsed_s(self) -> float:
        """Give how long the movement has been going on, and begin it."""
        if self._start_s is None:
            self._start_s = time.monotonic()
        return time.monotonic() - self._start_s


class MotionSource:
    """Gives what the sensor feels at any time.

    After the end, the last second is played back and forth: played backwards a movement turns the other way round, so
    the stream stays true to itself. With ``rest_s`` the simulated set begins again after that long.
    """

    def __init__(
        self, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray, rest_s: float | None = None
    ) -> None:
        """Take the simulation: shapes (n,), (n, 3), (n, 3)."""
        self._time = np.asarray(time_s) - time_s[0]
        self._acc, self._gyr = acc_m_s2, gyr_rad_s
        self._length_s = float(self._time[-1])
        self._window_s = min(IDLE_WINDOW_S, self._length_s)
        # A whole number of there-and-backs, so that the next set begins where the rest ends.
        self._rest_s = None if rest_s is None else 2 * self._window_s * max(1, round(rest_s / (2 * self._window_s)))

    def at(self, time_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give specific force (m/s²) and angular rate (rad/s) at these times, shape (n, 3) each."""
        time = np.asarray(time_s, dtype=float)
        if self._rest_s is not None:
            time = time % (self._length_s + self._rest_s)
        phase = np.maximum(time - self._length_s, 0.0) % (2 * self._window_s)
        backwards = (time > self._length_s) & (phase < self._window_s)
        within = self._length_s - np.where(phase < self._window_s, phase, 2 * self._window_s - phase)
        source = np.where(time > self._length_s, within, time)
        acc = np.column_stack([np.interp(source, self._time, self._acc[:, axis]) for axis in range(3)])
        gyr = np.column_stack([np.interp(source, self._time, self._gyr[:, axis]) for axis in range(3)])
        gyr[backwards] *= -1
        return acc, gyr
