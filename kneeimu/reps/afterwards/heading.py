"""Reps in which a level limb turns about the vertical by more than it tilts.

A thigh that lies or rests on a seat hardly tilts in small reps; the pelvis and the hip turn it aside all the same. In
the third group of a person's prone lifts the thigh tilts by 1 to 2 deg and turns by 2 to 5; the thigh that rests turns
by less than 1 (recordings of the UCI set, subject 1). Gravity does not show that, the gyro does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from kneeimu.reps.afterwards.overlooked import PAUSE_S, Look, in_time_of, parted
from kneeimu.reps.afterwards.turning import Turning
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.parameters import CounterParameters
from kneeimu.types import Rep

FLOOR_SHARE = 1.2
"""The other leg shakes the heading, too: the usual rep turns by this multiple of the smallest tilt that counts."""
AS_LARGE = 0.75
"""A heading that turns by less than this share of the tilt adds nothing to it."""
LEVEL_DEG = 8.0
"""Where the limb tilts by more than this in a set, the tilt tells the reps."""
LEAST_TILT_DEG = 0.5
"""What turns and does not tilt at all is the seat, or the mat. All of these are engineering choices, made on the
recordings of one person and on simulated people."""


class HeadingLook(Look[Turning]):
    """Looks at the heading alone, beside the counter that follows the tilt and goes first.

    Args:
        floor_deg: smallest tilt that counts.
        history: the last ticks.
    """

    def __init__(self, floor_deg: float, counter: CounterParameters, history: TickHistory) -> None:
        super().__init__(counter, history)
        self._least_deg = FLOOR_SHARE * floor_deg

    def _see(self, start_s: float, end_s: float) -> Turning:
        return Turning.within(self._history, start_s, end_s)

    def _groups(self, seen: Turning, told: Sequence[Rep]) -> Iterator[list[Excursion]]:
        """Part the turns to the one side and those to the other at each longer pause, and where the limb tilts much."""
        tilted_deg = min((rep.range_of_motion_deg for rep in told), default=0.0)
        if not seen.reaches(self._least_deg, told) and not seen.reaches(max(self._least_deg, AS_LARGE * tilted_deg)):
            return
        for way in (1.0, -1.0):
            turns = seen.turns(self._least_deg, way)
            yield from parted((turn if seen.tilt_deg(turn) < LEVEL_DEG else None for turn in turns), PAUSE_S)

    def _sets(self, group: list[Excursion], told: Sequence[Rep], seen: Turning) -> list[list[Excursion]]:
        """Give all of a group, or parts of it that the tilt hardly shows."""
        whole = self._reps(group, told, seen)
        if whole or not told:
            return [whole] if whole else []
        return [reps for part in _parts(group, told) if (reps := self._reps(part, told, seen))]

    def _reps(self, group: Sequence[Excursion], told: Sequence[Rep], seen: Turning) -> list[Excursion]:
        """Give those of a group that are reps; none where they are no set, or the tilt tells as much."""
        reps = _level(self._usual(group), seen)
        if not self._is_set(reps):
            return []
        turned_deg, others = median(rep.peak_deg for rep in reps), in_time_of(reps, told)
        tilted_deg = median(rep.range_of_motion_deg for rep in others) if others else 0.0
        more = len(reps) > len(others) and turned_deg > max(self._least_deg, AS_LARGE * tilted_deg)
        return reps if more else []


def _parts(group: Sequence[Excursion], told: Sequence[Rep]) -> Iterator[list[Excursion]]:
    """Part a group at the turns in time of which the limb tilts by more."""
    for_tilt_deg = (max((rep.range_of_motion_deg for rep in in_time_of([turn], told)), default=0.0) for turn in group)
    aside = zip(group, for_tilt_deg, strict=True)
    return parted(turn if turn.peak_deg > AS_LARGE * deg else None for turn, deg in aside)


def _level(turns: list[Excursion], seen: Turning) -> list[Excursion]:
    """Give the turns, without those at either end in which the limb was not level yet, or any more.

    None where it tilts much amid them or does not tilt at all.
    """
    tilts_deg = seen.tilts_deg(turns) if turns else []
    level = [k for k, tilted_deg in enumerate(tilts_deg) if tilted_deg < LEVEL_DEG]
    if not level or max(tilts_deg) < LEAST_TILT_DEG or len(level) <= level[-1] - level[0]:
        return []
    return turns[level[0] : level[-1] + 1]
