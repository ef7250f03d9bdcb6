"""Makes one stream of samples out of an accelerometer and a gyroscope that are sent apart."""

from __future__ import annotations

import itertools

import numpy as np

from kneeimu.sensors.driver import Malformed, Reading, Readings
from kneeimu.types import FloatArray

ACC, GYR = "acc", "gyr"
LONGEST_STEP_PERIODS = 2.5  # between samples further apart than this nothing is known
LONGEST_WAIT_S = 5.0  # a half that has waited this long has lost the other
BACK_TO_START_S = 10.0  # a clock that goes back this far has been set anew


class TimeMerger:
    """Joins two streams that carry times of the same clock.

    The rotation's samples are kept as they are and the acceleration is interpolated at their times: the rotation is
    integrated later and must not be smoothed. Where either stream is interrupted, so is the result.
    """

    def __init__(self) -> None:
        self._times: dict[str, FloatArray] = {}
        self._values: dict[str, FloatArray] = {}
        self._newest_s: dict[str, float] = {}
        self.clear()

    def clear(self) -> None:
        """Forget what waits for its other half."""
        for kind in (ACC, GYR):
            self._times[kind], self._values[kind] = np.empty(0), np.empty((0, 3))
            self._newest_s[kind] = -np.inf

    def add(self, kind: str, time_s: FloatArray, values: FloatArray, period_s: float) -> list[Reading]:
        """Take samples of one stream and give what is complete.

        Args:
            kind: ``ACC`` or ``GYR``.
            time_s: shape (n,), ascending, the sensor's clock.
            values: shape (n, 3).
            period_s: usual time between two samples.
        """
        if len(time_s) and time_s[-1] < self._newest_s[kind] - BACK_TO_START_S:
            self.clear()
        new = time_s > self._newest_s[kind]
        self._times[kind] = np.concatenate([self._times[kind], time_s[new]])
        self._values[kind] = np.concatenate([self._values[kind], values[new]])
        if len(time_s):
            self._newest_s[kind] = max(self._newest_s[kind], float(time_s[-1]))
        complete: list[Reading] = list(self._take(period_s))
        if any(self._span_s(kind) > LONGEST_WAIT_S for kind in (ACC, GYR)):
            self.clear()
            complete.append(Malformed("acceleration and rotation are of different times"))
        return complete

    def _span_s(self, kind: str) -> float:
        times = self._times[kind]
        return float(times[-1] - times[0]) if len(times) else 0.0

    def _take(self, period_s: float) -> list[Readings]:
        acc_s, gyr_s = self._times[ACC], self._times[GYR]
        if len(acc_s) < 2 or not len(gyr_s):
            return []
        ready = gyr_s <= acc_s[-1]
        times, rotation = gyr_s[ready], self._values[GYR][ready]
        after = np.searchsorted(acc_s, times)
        before = np.maximum(after - 1, 0)
        gap = acc_s[after] - acc_s[before] > LONGEST_STEP_PERIODS * period_s
        known = (times == acc_s[after]) | ((times >= acc_s[0]) & ~gap)
        acceleration = np.column_stack([np.interp(times, acc_s, self._values[ACC][:, axis]) for axis in range(3)])
        self._times[GYR], self._values[GYR] = gyr_s[~ready], self._values[GYR][~ready]
        if len(times):
            keep = max(0, int(np.searchsorted(acc_s, times[-1])) - 1)
            self._times[ACC], self._values[ACC] = acc_s[keep:], self._values[ACC][keep:]
        return _runs(times[known], acceleration[known], rotation[known], LONGEST_STEP_PERIODS * period_s)


def _runs(time_s: FloatArray, acc: FloatArray, gyr: FloatArray, longest_step_s: float) -> list[Readings]:
    """Cut where samples are missing: readings are consecutive."""
    cuts = np.flatnonzero(np.diff(time_s) > longest_step_s) + 1
    bounds = [0, *cuts.tolist(), len(time_s)]
    pieces = [slice(first, end) for first, end in itertools.pairwise(bounds) if end > first]
    return [Readings(acc[piece], gyr[piece], time_s[piece]) for piece in pieces]
