"""Tiny reps of a thigh that rests on a seat: it hardly tilts as the knee straightens, but again and again the same.

In 38 of 66 sets of knee extensions of three simulators the thigh turns by less than 3 deg, in 15 of them by less than
1.9. One alone is not told from sway, but many in a row are. A thigh that rests is taken along by the other leg by
1.6 deg at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from calibration.frames import cross
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.afterwards.overlooked import PAUSE_S, Look, in_time_of, parted
from kneeimu.reps.afterwards.small_reps import Tilting
from kneeimu.reps.afterwards.swells import find_swells
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.strokes import unit
from kneeimu.types import FloatArray, Rep

LEAST_DEG, MOST_DEG = 1.9, 6.0
"""The usual one is larger; from the second on the counter sees them itself."""
LEVEL_DEG, LEVEL_TICKS, SECOND = 8.0, round(8.0 * TICK_HZ), round(TICK_HZ)
"""A thigh that rests stays within this of how it rested for a second first, for so long at least."""
QUICKEST_S, BESIDE_S = 0.6, 1.5
"""They take longer, as a rule; and so long before the first and after the last the thigh rests."""
SMALL_SHARE = 0.5
"""What is smaller than this share of the usual one is none."""
FEWEST, MOST_UNEVEN = 5, 1.8
"""So many of them, of which all but a tenth at either end differ by less than this factor in range and in duration, are
a set. All are engineering choices: of 190 sets in three simulators 11 are counted better, and one worse."""


@dataclass(frozen=True, slots=True)
class Seated:
    """What is known of a thigh, in parts in each of which it rests."""

    parts: list[Tilting]
    history: TickHistory

    def measured_in(self) -> TickHistory:
        """Give the ticks as they are."""
        return self.history


class TinyLook(Look[Seated]):
    """Looks for tilts that are too small for the counter, and even."""

    def __init__(self, counter: CounterParameters, history: TickHistory) -> None:
        super().__init__(counter, history)
        self._least_s = QUICKEST_S

    def _see(self, start_s: float, end_s: float) -> Seated:
        time_s, up, *_ = self._history.window(start_s, end_s)
        return Seated([self._about_its_axis(time_s[part], up[part]) for part in _level(up)], self._history)

    def _about_its_axis(self, time_s: FloatArray, up: FloatArray) -> Tilting:
        """Give the angle about the axis about which the thigh turns most from second to second."""
        turned = np.cross(up[:-SECOND], up[SECOND:])
        axis = np.linalg.svd(turned, full_matrices=False)[2][0]
        middle = unit(up.sum(axis=0))
        axis = unit(axis - (axis @ middle) * middle)
        angle_deg = np.degrees(np.arctan2(up @ cross(axis, middle), up @ middle))
        return Tilting(time_s, up, angle_deg, self._history)

    def _groups(self, seen: Seated, told: Sequence[Rep]) -> Iterator[list[Excursion]]:  # noqa: ARG002
        for part in seen.parts:
            for way in (part, Tilting(part.time_s, part.up, -part.angle_deg, part.history)):
                swells = find_swells(way.angle_deg, LEAST_DEG)
                yield from (g for g in parted(map(way.movement, swells), PAUSE_S) if _rests_at_home(way, g))

    def _sets(self, group: list[Excursion], told: Sequence[Rep], seen: Seated) -> list[list[Excursion]]:  # noqa: ARG002
        """Give them where they are more than those of this set that were told, and no other look has told any."""
        usual_deg = median(one.peak_deg for one in group)
        reps = self._usual([one for one in group if one.peak_deg > SMALL_SHARE * usual_deg])
        known, of_this_set = (len(in_time_of(reps, some)) for some in (self._told, told))
        more = len(reps) >= max(FEWEST, of_this_set + 1) and known == of_this_set
        return [reps] if more and _are_even(reps) else []


def _rests_at_home(seen: Tilting, group: Sequence[Excursion]) -> bool:
    """Before the first and after the last the thigh is nearer to home than to the far end."""
    beside_s = group[0].start_s - BESIDE_S, group[-1].end_s + BESIDE_S
    at_s = [*beside_s, *(one.start_s for one in group), *(one.turn_s for one in group)]
    angle_deg = np.interp(at_s, seen.time_s, seen.angle_deg)
    homes_deg, fars_deg = angle_deg[2:].reshape(2, -1)
    return bool(angle_deg[:2].mean() < 0.5 * (np.median(homes_deg) + np.median(fars_deg)))


def _level(up: FloatArray) -> Iterator[slice]:
    """Give the times, as ticks, in which the limb stays as it was."""
    least = np.cos(np.radians(LEVEL_DEG))
    first = 0
    while len(up) - first >= LEVEL_TICKS:
        off = np.flatnonzero(up[first:] @ unit(up[first : first + SECOND].sum(axis=0)) < least)
        last = first + int(off[0]) if len(off) else len(up)
        if last - first >= LEVEL_TICKS:
            yield slice(first, last)
        first = max(last, first + 1)


def _are_even(reps: Sequence[Excursion]) -> bool:
    ranges_deg, durations_s = np.array([(rep.peak_deg, rep.duration_s) for rep in reps]).T
    smallest, largest = np.percentile((ranges_deg, durations_s), (10.0, 90.0), axis=1)
    return bool((largest < MOST_UNEVEN * smallest).all() and LEAST_DEG < np.median(ranges_deg) < MOST_DEG)
