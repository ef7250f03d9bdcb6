"""Is it a leg that walks? Told by how it turns, however softly the foot comes down.

A leg that does reps turns about one horizontal axis, and dwells at either end. One that walks turns about the vertical
too, since the pelvis does, leaves the plane of its swing, and hardly ever dwells; the shin swings fast ahead and slowly
back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log
from typing import Literal

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.types import FloatArray, Mount

SLOW_DEG_S = 10.0
"""A leg that is slower dwells."""
FEWEST_TICKS, UNKNOWN = 40, -1.0
"""Less shows no more than a stride, and says neither that it is one nor that it is none."""
LONGEST_STRIDE_S, PAUSE_S = 2.2, 0.8
"""A slow stride up or down stairs takes so long; between two there is hardly a pause."""
STRIDES = 3
"""So many in a row are looked at together."""
STANDS_SHARE = 0.14
"""Between two steps of a band walk both feet stand: a limb that is slow for longer did not walk."""
NEVER = -2.5
"""Below this they are none: so are 2 or 3 of 100 strides, and most quick reps."""
SURE = 1.0
"""What is asked more of quick movements in a pose in which slow reps were made lying."""
LONGEST_S, LEAST_AROUND_S, AROUND_S = 3.4, 1.7, 0.5
"""Two strides may have been seen as one movement. What the leg did is looked at from so long before the middle to so
long after it, and for so much longer than the movement took."""
BESIDE_S, NEARLY = 2.0, -1.0
"""Of two movements so close to each other one is a stride where the other is one, and it nearly is. Of reps 2 of 1000
are taken for strides so, lunges apart, of the strides of two simulators that were counted 80 in 100."""
SPECTRUM, PERIODS_HZ = 512, (0.35, 1.7)
WIDEST_DEG: dict[Mount, float] = {"thigh": 72.0, "shin": 110.0}
"""Strides up stairs turn the thigh by 70 (simulated), a brisk walk the shin by 85 (a person)."""
Movement = Literal["reps", "lunges", "steps", "swings"]
"""What has to be told from strides: reps, those that step out, steps to the side, steps that swing ahead."""
WEIGHTS: dict[tuple[Movement, Mount], tuple[float, float, float, float, float]] = {
    ("reps", "thigh"): (5.8, -11.4, 4.1, 0.4, -7.7),
    ("reps", "shin"): (1.8, -5.4, 1.1, 0.6, -1.8),
    ("lunges", "thigh"): (5.8, -11.4, 4.1, 0.4, -10.7),
    ("lunges", "shin"): (1.8, -5.4, 1.1, 0.6, -1.8),
    ("steps", "thigh"): (2.0, -20.9, -3.1, 0.8, -4.7),
    ("steps", "shin"): (5.5, -14.1, -5.3, 2.4, -17.1),
    ("swings", "thigh"): (3.2, -9.3, 2.3, -2.4, -10.4),
    ("swings", "shin"): (7.2, -20.2, 2.8, 0.6, -12.6),
}
"""Of the four features, and what is added. Logistic regression on three quick movements in a row: some 1700 of walking,
stairs and fidgeting in two simulators by different people and of one person, 800 of quick reps in three simulators and
of another person, 1000 steps of band walks. At 0 it finds 92 of 100 strides (70 among swings of a thigh) and takes 1 or
2 of 100 quick reps and steps for strides; fitted without one of the simulators 80 to 95 of its strides are found, among
steps at the thigh 54 and fewer."""


def features(
    up: FloatArray, quat_sensor_to_world: FloatArray, period_s: float | None = None
) -> tuple[float, float, float, float]:
    """Say how the leg moved over some strides, or reps.

    Args:
        up: (n, 3), unit vectors up in the sensor frame, at every tick.
        quat_sensor_to_world: (n, 4), scalar-first.
        period_s: from one to the next; None where it is to be found.

    Returns:
        logarithm of its turning about the vertical, deg/s RMS; share of the time in which it is slow; logarithms of how
        far it leaves its plane, and of the second harmonic of its swing, as shares.
    """
    w, x, y, z = quat_sensor_to_world.T
    turned = w[:-1] * z[1:] - w[1:] * z[:-1] - x[1:] * y[:-1] + y[1:] * x[:-1]
    yaw_deg_s = np.degrees(2.0 * np.sqrt(np.mean(turned**2))) * TICK_HZ
    speed_deg_s = np.degrees(np.linalg.norm(np.diff(up, axis=0), axis=1)) * TICK_HZ
    off = up - up.mean(axis=0)
    spread, axes = np.linalg.eigh(off.T @ off)
    _, aside, along = np.sqrt(np.maximum(spread, 0.0)).tolist()
    swing = (off @ axes[:, 2]) * np.hanning(len(off))
    if period_s is None:
        period_s = _strongest_period_s(swing)
    turn = 2.0 * np.pi * np.arange(len(off)) / (TICK_HZ * period_s)
    first, second = (abs(complex(swing @ np.cos(k * turn), swing @ np.sin(k * turn))) for k in (1, 2))
    return (
        log(1.0 + yaw_deg_s),
        float(np.mean(speed_deg_s < SLOW_DEG_S)),
        log(0.01 + aside / (along + 1e-9)),
        log(0.02 + second / (first + 1e-6)),
    )


def _strongest_period_s(swing: FloatArray) -> float:
    """Period of the strongest part of a swing (n,), among those that strides and quick reps have."""
    hz = np.fft.rfftfreq(SPECTRUM, 1.0 / TICK_HZ)
    strength = np.abs(np.fft.rfft(swing, SPECTRUM)) * ((hz > PERIODS_HZ[0]) & (hz < PERIODS_HZ[1]))
    return float(1.0 / hz[np.argmax(strength)])


def follows(one: Excursion, later: Excursion) -> bool:
    """Say whether there was hardly a pause between two movements."""
    return later.start_s - one.end_s <= PAUSE_S


class Gait:
    """Looks at what the leg did in some movements.

    Args:
        history: the last ticks.
        mount: where the sensor is.
        movement: what the exercise is made of.

    Attributes:
        widest_deg: no stride turns the segment by more.
    """

    def __init__(self, history: TickHistory, mount: Mount, movement: Movement = "reps") -> None:
        self._history, self._weights = history, WEIGHTS[movement, mount]
        self.widest_deg = WIDEST_DEG[mount]
        made_of_steps = movement in ("steps", "swings")
        self._most_slow, self._nearly = (STANDS_SHARE, 0.0) if made_of_steps else (1.0, NEARLY)

    def strides_among(self, movements: Sequence[Excursion]) -> list[Excursion]:
        """Give those of many movements, in order of time, that are strides, from what the leg did around each."""
        quick = [one for one in movements if one.duration_s <= LONGEST_S and one.peak_deg <= self.widest_deg]
        if not quick:
            return []
        time_s, up, quats, *_ = self._history.window(quick[0].start_s - AROUND_S, quick[-1].end_s + AROUND_S)
        odds = []
        for one in quick:
            middle_s, half_s = 0.5 * (one.start_s + one.end_s), max(LEAST_AROUND_S, 0.5 * one.duration_s + AROUND_S)
            first, last = time_s.searchsorted((middle_s - half_s, middle_s + half_s)).tolist()
            odds.append(self._odds(up[first:last], quats[first:last]))
        pairs = [(k, k + 1) for k, (one, later) in enumerate(pairwise(quick)) if later.start_s - one.end_s < BESIDE_S]
        near = [two for two in pairs if max(odds[k] for k in two) > 0.0 and min(odds[k] for k in two) > self._nearly]
        return [quick[k] for k in sorted({k for two in near for k in two})]

    def surely_none(self, movements: Sequence[Excursion]) -> list[Excursion]:
        """Give those of many movements, in order of time, that are no strides, however often the foot comes down."""
        if not movements:
            return []
        time_s, up, quats, *_ = self._history.window(movements[0].start_s, max(one.end_s for one in movements))
        none: list[Excursion] = []
        for run in _runs(movements):
            odds = []
            for three in (run[k : k + STRIDES] for k in range(len(run) - STRIDES + 1)):
                first, last = time_s.searchsorted((three[0].start_s - 1e-9, three[-1].end_s + 1e-9)).tolist()
                odds.append(self._odds(up[first:last], quats[first:last], _period_s(three)))
            if odds and max(odds) < NEVER:
                none += run
        return none

    def odds(self, movements: Sequence[Excursion]) -> float:
        """Logarithm of the odds that these movements, one right after the other, are strides."""
        _, up, quats, *_ = self._history.window(movements[0].start_s, movements[-1].end_s)
        return self._odds(up, quats, _period_s(movements))

    def _odds(self, up: FloatArray, quats: FloatArray, period_s: float | None = None) -> float:
        if len(up) < FEWEST_TICKS:
            return UNKNOWN
        values = features(up, quats, period_s)
        if values[1] > self._most_slow:
            return UNKNOWN
        return sum(weight * value for weight, value in zip(self._weights, (*values, 1.0), strict=True))


def _period_s(movements: Sequence[Excursion]) -> float:
    return (movements[-1].turn_s - movements[0].turn_s) / (len(movements) - 1)


def _runs(movements: Sequence[Excursion]) -> Iterator[list[Excursion]]:
    """Those that are quick enough for strides, as far as they follow one another."""
    run: list[Excursion] = []
    for one in movements:
        if one.duration_s > LONGEST_STRIDE_S or (run and not follows(run[-1], one)):
            yield run
            run = []
        if one.duration_s <= LONGEST_STRIDE_S:
            run.append(one)
    yield run
