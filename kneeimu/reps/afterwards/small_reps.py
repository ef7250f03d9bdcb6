"""Small reps of a person who did larger ones before or after, lying down or seated.

People are asked for normal, quick and small reps in one session. A small lift lasts long and rests shortly, so that the
counter takes its far end for home, or it comes before the large ones and is too small for the exercise. A leg that is
only moved along has no set that goes the same way from the same pose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import radians, sin
from statistics import median

import numpy as np

from kneeimu.reps.afterwards.overlooked import PAUSE_S, Look, parted
from kneeimu.reps.afterwards.swells import Swell, find_swells, range_apart
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.strokes import angle_about, as_vector, middle
from kneeimu.reps.vectors import Vector, between, tilt
from kneeimu.reps.walk.gait import Gait
from kneeimu.types import FloatArray, Rep

FLOOR_SHARE, LEAST_DEG = 0.45, 1.5
"""The usual one reaches this share of the smallest range that counts, and so much: less is sway."""
LEAST_SHARE, MOST_SHARE = 0.15, 1.25
"""And this share of the range of the reps that are known, and no more than this one."""
MOST_UNEVEN = 2.2
"""All but a tenth at either end differ in range by less than this factor: sway is more uneven."""
SAME_WAY_DEG, SAME_HOME_DEG = 35.0, 12.0
"""They go the way of the reps that are known, and start from their home."""
AS_QUICK = 0.75
"""They take at least this share of the time of quick ones that are known."""
FEWEST_KNOWN = 6
"""So many reps have to be known. All of these are engineering choices."""


@dataclass(frozen=True, slots=True)
class Tilting:
    """Time s (n,), up vectors (n, 3), and the angle (n,), deg, about the axis of the reps that are known."""

    time_s: FloatArray
    up: FloatArray
    angle_deg: FloatArray
    history: TickHistory

    def measured_in(self) -> TickHistory:
        """Give the ticks as they are."""
        return self.history

    def movement(self, swell: Swell) -> Excursion | None:
        """Give it as it goes from pose to pose; None where it goes nowhere."""
        begins, ends = int(swell.start), int(np.ceil(swell.end))
        home = as_vector(self.up[begins if self.angle_deg[begins] < self.angle_deg[ends] else ends])
        far = as_vector(self.up[swell.turn])
        angle_deg, (x, y, z) = tilt(home, far)
        if angle_deg == 0.0:
            return None
        sine = sin(radians(angle_deg))
        ticks = swell.start, swell.turn, swell.end
        start_s, turn_s, end_s = np.interp(ticks, np.arange(len(self.time_s)), self.time_s).tolist()
        return Excursion(start_s, turn_s, end_s, swell.range_deg, (x / sine, y / sine, z / sine), home, far)


class SmallLook(Look[Tilting]):
    """Looks for smaller reps that go the way of those that are known.

    Args:
        floor_deg: smallest tilt that counts.
        history: the last ticks.
        gait: knows strides.
    """

    def __init__(self, floor_deg: float, counter: CounterParameters, history: TickHistory, gait: Gait) -> None:
        super().__init__(counter, history)
        self._least_deg, self._gait = max(FLOOR_SHARE * floor_deg, LEAST_DEG), gait
        self._strides: Sequence[Excursion] = ()
        self._known = 0
        self._axis: Vector | None = None
        self._home: Vector | None = None
        self._usual_deg = 0.0

    def learn(self, reps: Sequence[Excursion]) -> None:
        """A set is over, and the counter saw these reps."""
        self._known += len(reps)
        if len(reps) >= self._c.fewest_reps:
            self._axis, self._home = middle([rep.axis for rep in reps]), middle([rep.home for rep in reps])
            self._usual_deg = max(self._usual_deg, median(rep.peak_deg for rep in reps))
            self._least_s = min(self._least_s, AS_QUICK * median(rep.duration_s for rep in reps))

    def strode(self, strides: Sequence[Excursion]) -> None:
        """These, as far as they are known by now, were strides."""
        self._strides = strides

    def _see(self, start_s: float, end_s: float) -> Tilting | None:
        if self._axis is None or self._home is None or self._known < FEWEST_KNOWN:
            return None
        time_s, up, *_ = self._history.window(start_s, end_s)
        axis, home = np.array(self._axis), np.array(self._home)
        angle_deg = np.degrees(angle_about(up, self._axis, as_vector(home - (home @ axis) * axis)))
        return Tilting(time_s, up, angle_deg, self._history)

    def _groups(self, seen: Tilting, told: Sequence[Rep]) -> Iterator[list[Excursion]]:  # noqa: ARG002
        if range_apart(seen.time_s, seen.angle_deg, self._told) < self._least_deg:
            return iter(())
        swells = find_swells(seen.angle_deg, self._least_deg)
        return parted((self._new(swell, seen) for swell in swells), PAUSE_S)

    def _new(self, swell: Swell, seen: Tilting) -> Excursion | None:
        """Give it where it goes the way of the reps that are known, from their home, and was not told or a stride."""
        turn_s = seen.time_s.item(swell.turn)
        if any(rep.start_s < turn_s < rep.end_s for rep in (*self._told, *self._strides)):
            return None
        one = seen.movement(swell)
        if one is None or any(one.start_s < rep.turn_s < one.end_s for rep in self._told):
            return None
        same = between(self._axis, one.axis) < SAME_WAY_DEG and between(self._home, one.home) < SAME_HOME_DEG
        return one if same else None

    def _sets(self, group: list[Excursion], told: Sequence[Rep], seen: Tilting) -> list[list[Excursion]]:  # noqa: ARG002
        reps = self._usual(group)
        if not self._is_set(reps) or not self._is_even(reps):
            return []
        strides = self._gait.strides_among(reps, seen.time_s.item(-1), lies=True)
        return [reps] if 2 * len(strides) < len(reps) else []

    def _is_even(self, reps: Sequence[Excursion]) -> bool:
        smallest_deg, usual_deg, largest_deg = np.percentile(
            [rep.peak_deg for rep in reps], (10.0, 50.0, 90.0)
        ).tolist()
        least_deg, most_deg = max(self._least_deg, LEAST_SHARE * self._usual_deg), MOST_SHARE * self._usual_deg
        return bool(least_deg < usual_deg < most_deg and largest_deg < MOST_UNEVEN * smallest_deg)
