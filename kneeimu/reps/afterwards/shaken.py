"""A leg that is shaken, or steps about, on the way of a movement: it goes to and fro all the while."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kneeimu.reps.excursion import Excursion
from kneeimu.types import FloatArray

ASTRAY_DEG_S, WAYS = 15.0, 1.5
"""It turns by so much each second beyond the way out and back, and by this multiple of that in all.

Engineering choices: of 36500 reps of three simulators, but for lunges, which step, none that is hitched, trembles or is
done by a tired person turns by more than 14.5 and by this multiple; 62 movements there that were none do.
"""


def shaken(time_s: FloatArray, up: FloatArray, movements: Sequence[Excursion]) -> list[Excursion]:
    """Give those of some movements in which the limb goes to and fro.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame, at every tick.
        movements: what was counted.
    """
    way_deg = np.concatenate(([0.0], np.cumsum(np.degrees(np.linalg.norm(np.diff(up, axis=0), axis=1)))))
    ends = time_s.searchsorted([(one.start_s, one.end_s) for one in movements]).clip(max=len(up) - 1).reshape(-1, 2)
    turned_deg: list[float] = (way_deg[ends[:, 1]] - way_deg[ends[:, 0]]).tolist()
    return [one for one, deg in zip(movements, turned_deg, strict=True) if _goes_astray(one, deg)]


def _goes_astray(one: Excursion, turned_deg: float) -> bool:
    there_and_back_deg = 2.0 * one.peak_deg
    astray_deg = turned_deg - there_and_back_deg
    return turned_deg > WAYS * there_and_back_deg and astray_deg > ASTRAY_DEG_S * one.duration_s
