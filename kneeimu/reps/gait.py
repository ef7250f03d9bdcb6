"""Is it a leg that walks? Told by how it turns, however softly the foot comes down.

A leg that does reps turns about one horizontal axis, and dwells at either end. One that walks turns about the vertical
too, since the pelvis does, leaves the plane of its swing, and hardly ever dwells; the shin swings fast ahead and slowly
back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log
from typing import Literal

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.reps_or_strides import lies_as
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
MOST = 0.5
"""Where more of them than this are strides, all that follow one another are."""


Movement = Literal["reps", "steps", "swings"]
"""What has to be told from strides: reps, steps to the side, steps that swing ahead."""
WEIGHTS: dict[tuple[Movement, Mount], tuple[float, float, float, float, float]] = {
    ("reps", "thigh"): (5.8, -11.4, 4.1, 0.4, -7.7),
    ("reps", "shin"): (1.8, -5.4, 1.1, 0.6, -1.8),
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


def features(up: FloatArray, quat_sensor_to_world: FloatArray, period_s: float) -> tuple[float, float, float, float]:
    """Say how the leg moved over some strides, or reps.

    Args:
        up: (n, 3), unit vectors up in the sensor frame, at every tick.
        quat_sensor_to_world: (n, 4), scalar-first.
        period_s: from one to the next.

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
    turn = 2.0 * np.pi * np.arange(len(off)) / (TICK_HZ * period_s)
    first, second = (abs(complex(swing @ np.cos(k * turn), swing @ np.sin(k * turn))) for k in (1, 2))
    return (
        log(1.0 + yaw_deg_s),
        float(np.mean(speed_deg_s < SLOW_DEG_S)),
        log(0.01 + aside / (along + 1e-9)),
        log(0.02 + second / (first + 1e-6)),
    )


def follows(one: Excursion, later: Excursion) -> bool:
    """Say whether there was hardly a pause between two movements."""
    return later.start_s - one.end_s <= PAUSE_S


class Gait:
    """Looks at what the leg did in some movements.

    Args:
        history: the last ticks.
        mount: where the sensor is.
        movement: what the exercise is made of.
    """

    def __init__(self, history: TickHistory, mount: Mount, movement: Movement = "reps") -> None:
        self._history, self._weights = history, WEIGHTS[movement, mount]
        self._most_slow = 1.0 if movement == "reps" else STANDS_SHARE

    def strides_among(self, movements: Sequence[Excursion], *, lies: bool = False) -> list[Excursion]:
        """Give those of many movements, in order of time, that are strides; ``lies``, of an exercise done lying."""
        strides: list[Excursion] = []
        for run, odds in self._runs(movements):
            least = SURE if lies and all(lies_as(one, movements) for one in run) else 0.0
            found = [value > least for value in odds]
            every = sum(found) > MOST * len(found)
            strides += [one for k, one in enumerate(run) if every or any(found[max(0, k - STRIDES + 1) : k + 1])]
        return strides

    def surely_none(self, movements: Sequence[Excursion]) -> list[Excursion]:
        """Give those of many movements, in order of time, that are no strides, however often the foot comes down."""
        return [one for run, odds in self._runs(movements) if odds and max(odds) < NEVER for one in run]

    def odds(self, movements: Sequence[Excursion]) -> float:
        """Logarithm of the odds that these movements, one right after the other, are strides."""
        return self._odds(movements, *self._history.window(movements[0].start_s, movements[-1].end_s)[:3])

    def _runs(self, movements: Sequence[Excursion]) -> Iterator[tuple[list[Excursion], list[float]]]:
        """Movements that follow one another, and the odds of each three in a row."""
        if not movements:
            return
        time_s, up, quats, *_ = self._history.window(movements[0].start_s, max(one.end_s for one in movements))
        for run in _runs(movements):
            odds = []
            for three in (run[k : k + STRIDES] for k in range(len(run) - STRIDES + 1)):
                first, last = time_s.searchsorted((three[0].start_s - 1e-9, three[-1].end_s + 1e-9)).tolist()
                odds.append(self._odds(three, time_s[first:last], up[first:last], quats[first:last]))
            yield run, odds

    def _odds(self, movements: Sequence[Excursion], time_s: FloatArray, up: FloatArray, quats: FloatArray) -> float:
        if len(time_s) < FEWEST_TICKS:
            return UNKNOWN
        period_s = (movements[-1].turn_s - movements[0].turn_s) / (len(movements) - 1)
        values = features(up, quats, period_s)
        if values[1] > self._most_slow:
            return UNKNOWN
        return sum(weight * value for weight, value in zip(self._weights, (*values, 1.0), strict=True))


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
