"""Does the sensor rise or sink on the way out? Its own vertical acceleration tells which end of a movement is home.

Gravity alone can't tell a movement from the same one the other way round: a knee that bends and straightens looks like
one that straightens and bends. But a lifted leg rises, and a body that squats sinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt, tan
from statistics import median
from typing import NamedTuple

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.phases import speed_of
from kneeimu.reps.strokes import angle_about, as_vector, unit
from kneeimu.types import FloatArray

CUTOFF_HZ = 3.0
"""Above this there is tremor and skin, and little of a rep."""
AROUND_S = 0.4
LEAST_M_PER_RAD, LEAST_T = 0.03, 6.0
"""Less than this is not told from nothing. Measured on a person's lifted legs: 0.08 to 0.63 m at t from 10 to 84."""
ALIKE_TICKS = 6.0
"""Residuals this near each other are alike (filtered, and so is sway): they count as one."""
FEWEST_TICKS = 60
OUTLYING = 4.0
"""A movement whose vertical acceleration varies by more than so many times the usual variance is no rep of the set:
sitting down after it would outweigh all of them."""
KERNEL_TICKS = 40
REACH_TICKS = KERNEL_TICKS + 1
"""What is further away has no part in an angle that is filtered, or in its second difference."""
LEAST_APART = 1e-6
"""Determinant of the correlations of the three causes: of a limb that has not moved, or has swung as a pure sine and
nothing else, nobody can say what made it rise. In 415 looks at sets of three simulators it is 0.1 and more."""
LEAD_S = 2.0
"""The filter needs so much before the first rep."""


@dataclass(frozen=True, slots=True)
class LowerEnd:
    """Which end of a movement is lower than the other: an alignment tells it, or it is felt.

    Attributes:
        known: direction in the sensor frame (3,) that points lower at the far end than at home; None when there is no
            alignment to tell it.
        rises: the sensor rises on the way out, or sinks; None when it does neither for sure.
        least_m_per_rad: a rise of less than this says nothing.
    """

    known: FloatArray | None = None
    rises: bool | None = None
    least_m_per_rad: float = 0.0

    def falls_along(
        self, time_s: FloatArray, up: FloatArray, heave_m_s2: FloatArray, reps: Sequence[Excursion]
    ) -> FloatArray | None:
        """Give the direction that is ``known``, or how the sensor rose and sank in these reps; None when it can't."""
        if self.known is not None or self.rises is None or not reps:
            return self.known
        usual = sorted(reps, key=lambda rep: rep.peak_deg)[len(reps) // 2]
        home, far = np.array(usual.home), np.array(usual.far)
        spans_s = [(rep.start_s, rep.end_s) for rep in reps]
        risen = rises(time_s, up, heave_m_s2, spans_s, home, np.asarray(usual.axis), self.least_m_per_rad)
        if risen is None:
            return None
        outwards: FloatArray = far - home
        return -outwards if risen == self.rises else outwards


@dataclass(frozen=True, slots=True)
class FeltEnd:
    """Which end of a movement is lower, as it is felt while the set goes on."""

    history: TickHistory
    lower_end: LowerEnd

    def falls_along(self, reps: Sequence[Excursion], now_s: float) -> FloatArray | None:
        """Give a unit vector in the sensor frame (3,) that points lower at the far end of a rep than at home.

        Args:
            reps: the first of the set, seen from whichever end.

        Returns:
            None where they neither rose nor sank for sure.
        """
        since_s = min(rep.start_s for rep in reps) - LEAD_S
        time_s, up, _, heave_m_s2, _ = self.history.window(since_s, now_s)
        falls_along = self.lower_end.falls_along(time_s, up, heave_m_s2, reps)
        return None if falls_along is None else unit(falls_along)


def rises(
    time_s: FloatArray,
    up: FloatArray,
    heave_m_s2: FloatArray,
    spans_s: Sequence[tuple[float, float]],
    home: FloatArray,
    axis: FloatArray,
    least_m_per_rad: float = 0.0,
) -> bool | None:
    """Say whether the sensor rises on the way from ``home`` about ``axis``, sinks, or can't be told to do either.

    Args:
        time_s, up, heave_m_s2, spans_s, home, axis: as of ``lever``.
        least_m_per_rad: a lever smaller than this says nothing.
    """
    felt = lever(time_s, up, heave_m_s2, spans_s, home, axis)
    if felt is None:
        return None
    sure = abs(felt.m_per_rad) > max(LEAST_M_PER_RAD, least_m_per_rad, LEAST_T * felt.spread_m_per_rad)
    return felt.m_per_rad > 0.0 if sure else None


class Lever(NamedTuple):
    """How far the sensor rises for each radian on the way out, m, and the standard error of that."""

    m_per_rad: float
    spread_m_per_rad: float


def lever(
    time_s: FloatArray,
    up: FloatArray,
    heave_m_s2: FloatArray,
    spans_s: Sequence[tuple[float, float]],
    home: FloatArray,
    axis: FloatArray,
) -> Lever | None:
    """Give how far the sensor rises on the way from ``home`` about ``axis``; None where too little is seen.

    A sensor at a lever arm r from where the movement turns has the height r * sin(angle) at least, so that its vertical
    acceleration is near r times the angular acceleration. The angle itself is in the fit because the accelerometer's
    offset looks like it, the squared rate because of the centripetal share.

    Args:
        time_s: (n,), s, evenly spaced at the engine's tick.
        up: (n, 3), unit vectors up in the sensor frame.
        heave_m_s2: (n,), vertical acceleration.
        spans_s: start and end of the reps, s.
        home, axis: unit vectors (3,) in the sensor frame.
    """
    if len(time_s) < FEWEST_TICKS:
        return None
    edges = time_s.searchsorted([(start_s - AROUND_S, end_s + AROUND_S) for start_s, end_s in spans_s]).tolist()
    begin = max(0, min(first for first, _ in edges) - REACH_TICKS)
    whole = slice(begin, max(last for _, last in edges) + REACH_TICKS)
    axis = unit(axis - (axis @ home) * home)
    angle = _low_pass(angle_about(up[whole], as_vector(axis), as_vector(home)))
    heave = _low_pass(heave_m_s2[whole])
    rate = speed_of(angle)
    columns = np.array((speed_of(rate), angle, rate**2, heave)).T
    seen = [columns[first - begin : last - begin] for first, last in edges if last - first >= 2]
    if sum(map(len, seen)) < FEWEST_TICKS:
        return None
    seen = [part - part.sum(axis=0) / len(part) for part in seen]
    shaken = [float(part[:, 3] @ part[:, 3]) / len(part) for part in seen]
    most = OUTLYING * median(shaken)
    about_mean = np.concatenate([part for part, variance in zip(seen, shaken, strict=True) if variance <= most])
    products = about_mean.T @ about_mean
    cause, effect = products[:3, :3], products[:3, 3]
    alone = float(cause.diagonal().prod())
    if not alone or np.linalg.det(cause) < LEAST_APART * alone:
        return None
    inverse = np.linalg.inv(cause)
    levers = inverse @ effect
    left = max(0.0, float(products[3, 3] - levers @ effect)) / len(about_mean)
    return Lever(float(levers[0]), sqrt(float(inverse[0, 0]) * left * ALIKE_TICKS))


def _low_pass(values: FloatArray) -> FloatArray:
    """Second-order Butterworth, forwards and backwards, (n,); scipy's takes a second to import, amid a session."""
    half = len(_KERNEL) // 2
    before, after = 2.0 * values[0] - values[half:0:-1], 2.0 * values[-1] - values[-2 : -half - 2 : -1]
    return np.convolve(np.concatenate((before, values, after)), _KERNEL, mode="valid")


def _kernel() -> FloatArray:
    """Its response to an impulse, for as long as that is more than a millionth."""
    warped = tan(pi * CUTOFF_HZ / TICK_HZ)
    scale = 1.0 / (1.0 + sqrt(2.0) * warped + warped**2)
    response = np.zeros(KERNEL_TICKS)
    drive = np.zeros(KERNEL_TICKS)
    drive[:3] = warped**2 * scale * np.array((1.0, 2.0, 1.0))
    for i in range(KERNEL_TICKS):
        response[i] = drive[i] - 2.0 * (warped**2 - 1.0) * scale * response[i - 1] * (i > 0)
        response[i] -= (1.0 - sqrt(2.0) * warped + warped**2) * scale * response[i - 2] * (i > 1)
    return np.convolve(response, response[::-1])


_KERNEL = _kernel()
