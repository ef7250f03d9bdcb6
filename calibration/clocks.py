"""How the clocks of two sensors on one leg run against each other, from the movement alone.

Sensors that keep their own time drift apart by up to a hundredth: half a second in a minute. Two signals must come at
the same time at both: the size of the knee's acceleration, and in a closed chain (squats, lunges) the speed at which
both segments turn. Walking turns them at different times, and their speeds are then little alike; so a window counts
only where the two are very much alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.errors import CalibrationError
from calibration.frames import FloatArray
from calibration.leg import RATE_HZ, Leg, find_knee, prepare
from calibration.observation import Recorded

LONGEST_S = 7200.0
WINDOW_S = 12.0
MOST_WINDOWS = 80
LARGEST_LAG_S = 0.6
ALIKE_TURNING, ALIKE_KNEE = 0.96, 0.8
"""Correlation from which a window counts."""
FEWEST_WINDOWS = 4
SPREAD_S = 0.025
"""Windows that scatter more than this about their line (median) say nothing."""
SMALLEST_DRIFT_S = 0.03
"""A drift that adds up to less than this over the recording is left alone: it is within what the windows scatter."""
SMALLEST_OFFSET_S = 0.08
"""Thigh and shank may really move this far apart in time."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The shin's clock shows ``time_s + offset_s + drift * (time_s - begin_s)`` when the thigh's shows ``time_s``."""

    begin_s: float
    offset_s: float
    drift: float

    def thigh_time_s(self, shin_time_s: FloatArray) -> FloatArray:
        """What the thigh's clock shows, (n,)."""
        return self.begin_s + (shin_time_s - self.begin_s - self.offset_s) / (1.0 + self.drift)

    def shin_time_s(self, thigh_time_s: FloatArray) -> FloatArray:
        """What the shin's clock shows, (n,)."""
        return thigh_time_s + self.offset_s + self.drift * (thigh_time_s - self.begin_s)


def compare_clocks(thigh: Recorded, shin: Recorded) -> Clocks | None:
    """Find how the clocks differ; None where they run alike or the movement does not tell.

    Args:
        thigh, shin: time (n,) in s, acceleration (n, 3) in m/s², angular rate (n, 3) in rad/s.
    """
    begin_s = float(max(thigh[0][0], shin[0][0]))
    try:
        line = _line(prepare(thigh, shin, LONGEST_S))
        if line is None:
            return None
        # once more with the clocks brought together: the knee is found better, and lags are small
        first = Clocks(begin_s, *line)
        again = _line(prepare(thigh, (first.thigh_time_s(shin[0]), *shin[1:]), LONGEST_S))
    except CalibrationError:
        return None
    if again is not None:
        line = line[0] + again[0], (1.0 + line[1]) * (1.0 + again[1]) - 1.0
    offset_s, drift = line
    length_s = float(min(thigh[0][-1], shin[0][-1])) - begin_s
    drift = drift if abs(drift) * length_s >= SMALLEST_DRIFT_S else 0.0
    offset_s = offset_s if abs(offset_s) >= SMALLEST_OFFSET_S else 0.0
    return Clocks(begin_s, offset_s, drift) if drift or offset_s else None


def _line(leg: Leg) -> tuple[float, float] | None:
    """Lag of the shin at the beginning, s, and its growth, from all windows that tell."""
    knee = find_knee(leg)
    speeds = [np.asarray(np.linalg.norm(rate, axis=1)) for rate in leg.gyr]
    forces = [
        np.asarray(np.linalg.norm(acc - lever @ place, axis=1))
        for acc, lever, place in zip(leg.acc, leg.lever, (knee.thigh_m, knee.shin_m), strict=True)
    ]
    found = _lags(speeds[0], speeds[1], ALIKE_TURNING) + _lags(forces[0], forces[1], ALIKE_KNEE)
    if len(found) < FEWEST_WINDOWS:
        return None
    at_s, lag_s = np.array(found).T
    apart = at_s[:, None] - at_s[None, :]
    far = apart > WINDOW_S
    if not far.any():
        return None
    slope = float(np.median((lag_s[:, None] - lag_s[None, :])[far] / apart[far]))  # Theil-Sen
    offset_s = float(np.median(lag_s - slope * at_s))
    scatter_s = float(np.median(np.abs(lag_s - slope * at_s - offset_s)))
    return None if scatter_s > SPREAD_S else (offset_s, slope)


def _lags(one: FloatArray, other: FloatArray, alike: float) -> list[tuple[float, float]]:
    """Middle of each window that tells, s since the beginning, and by how much ``other`` comes later there."""
    width, most = round(WINDOW_S * RATE_HZ), round(LARGEST_LAG_S * RATE_HZ)
    last = len(one) - width - most
    step = max(width // 2, (last - most) // MOST_WINDOWS + 1)
    found = []
    for start in range(most, last + 1, step):
        found += _lag(one[start : start + width], other[start - most : start + width + most], start, most, alike)
    return found


def _lag(one: FloatArray, other: FloatArray, start: int, most: int, alike: float) -> list[tuple[float, float]]:
    width = len(one)
    level = one - one.mean()
    total = np.concatenate(([0.0], np.cumsum(other)))
    square = np.concatenate(([0.0], np.cumsum(other**2)))
    sums, squares = total[width:] - total[:-width], square[width:] - square[:-width]
    power = np.maximum(squares - sums**2 / width, 1e-9)
    correlation = np.correlate(other, level, mode="valid") / np.sqrt(max(float(level @ level), 1e-9) * power)
    best = int(np.argmax(correlation))
    if correlation[best] < alike or not 0 < best < 2 * most:
        return []
    before, peak, after = correlation[best - 1 : best + 2].tolist()
    exact = best + 0.5 * (before - after) / (before - 2.0 * peak + after)
    return [((start + 0.5 * width) / RATE_HZ, (exact - most) / RATE_HZ)]
