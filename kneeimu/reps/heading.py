"""Reps in which a level limb turns about the vertical by more than it tilts.

A thigh that lies or rests on a seat hardly tilts in small reps; the pelvis and the hip turn it aside all the same. In
the third group of a person's prone lifts the thigh tilts by 1 to 2 deg and turns by 2 to 5; the thigh that rests turns
by less than 1 (recordings of the UCI set, subject 1). Gravity does not show that, the gyro does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from kneeimu.motion.orientation import Ticks
from kneeimu.reps.counter_words import LookAside, SaidAt
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.handful import strays
from kneeimu.reps.history import TickHistory
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.turning import Turning
from kneeimu.types import Rep

FLOOR_SHARE = 1.2
"""The other leg shakes the heading, too: the usual rep turns by this multiple of the smallest tilt that counts."""
AS_LARGE = 0.75
"""A heading that turns by less than this share of the tilt adds nothing to it."""
PAUSE_S = 6.0
"""After so long another group of reps begins, of another size perhaps."""
LEVEL_DEG = 8.0
"""Where the limb tilts by more than this in a set, the tilt tells the reps."""
LEAST_TILT_DEG = 0.5
"""What turns and does not tilt at all is the seat, or the mat."""
LEAST_S = 1.0
"""Who turns the leg aside and back quicker than this, as a rule, walks."""
LOOK_S = 30.0
"""How often the heading is looked at while the tilt shows no set. All of these are engineering choices, made on the
recordings of one person and on simulated people."""


@dataclass(frozen=True, slots=True)
class Missed:
    """What a heading tells of some time: reps told by the tilt, by number, that are none; and those that are.

    ``history`` has up vectors of a limb that tilts by as much as this one turns, and no more.
    """

    removed: list[int]
    added: list[Excursion]
    history: TickHistory


class HeadingLook:
    """Looks for reps in the heading alone, beside the counter that follows the tilt and goes first.

    Args:
        floor_deg: smallest tilt that counts.
        history: the last ticks.
    """

    def __init__(self, floor_deg: float, counter: CounterParameters, history: TickHistory) -> None:
        self._least_deg, self._c, self._history = FLOOR_SHARE * floor_deg, counter, history
        self.resume(-inf)

    def resume(self, time_s: float) -> None:
        """Nothing before this time can be measured any more."""
        self._from_s = self._wait_s = time_s
        self._next_s: float | None = None

    def follow(self, ticks: Ticks) -> list[SaidAt]:
        """Give the ticks at which it is time to look."""
        if self._next_s is None:
            self._next_s = float(ticks.time_s[0]) + LOOK_S
        looks: list[SaidAt] = []
        while self._next_s <= ticks.time_s[-1]:
            looks.append((int(ticks.time_s.searchsorted(self._next_s)), [LookAside()]))
            self._next_s += LOOK_S
        return looks

    def look(self, now_s: float, told: Sequence[Rep] = (), *, last: bool = False) -> Missed | None:
        """Say what the tilt missed until now.

        Args:
            told: what the tilt told, of the set that is over; nothing when there is none.
            last: no more will come of this.

        Returns:
            None where there is nothing.
        """
        if self._next_s is None or (now_s < self._wait_s and not told and not last):
            return None
        seen = Turning.within(self._history, self._from_s, now_s)
        groups = list(self._groups(seen))
        # what goes on is looked at when it is over, and the longer it takes the later
        open_s = min((group[0].start_s for group in groups if now_s - group[-1].end_s < PAUSE_S), default=now_s)
        if last or any(rep.end_s > open_s for rep in told):
            open_s = now_s
        self._wait_s = 2.0 * now_s - open_s
        over = (group for group in groups if group[0].start_s < open_s)
        sets = _apart(reps for group in over for reps in self._sets(group, told, seen))
        known_s = [open_s - PAUSE_S, *(rep.end_s for rep in told), *(reps[-1].end_s for reps in sets)]
        self._from_s = max(self._from_s, now_s if last else max(known_s))
        if not sets:
            return None
        removed = [rep.number for reps in sets for rep in _in_time_of(reps, told)]
        return Missed(removed, [rep for reps in sets for rep in reps], seen.as_tilt())

    def _groups(self, seen: Turning) -> Iterator[list[Excursion]]:
        """Part the turns to the one side and those to the other at each longer pause, and where the limb tilts much."""
        if not seen.reaches(self._least_deg):
            return
        for way in (1.0, -1.0):
            group: list[Excursion] = []
            for turn in seen.turns(self._least_deg, way):
                level = seen.tilt_deg(turn) < LEVEL_DEG
                if group and (not level or turn.start_s - group[-1].end_s > PAUSE_S):
                    yield group
                    group = []
                if level:
                    group.append(turn)
            if group:
                yield group

    def _sets(self, group: Sequence[Excursion], told: Sequence[Rep], seen: Turning) -> list[list[Excursion]]:
        """Give what of a group are reps that the tilt did not tell: all of it, or parts of it that it hardly shows."""
        whole = self._reps(group, told, seen)
        if whole or not told:
            return [whole] if whole else []
        return [reps for part in _parts(group, told) if (reps := self._reps(part, told, seen))]

    def _reps(self, group: Sequence[Excursion], told: Sequence[Rep], seen: Turning) -> list[Excursion]:
        """Give those of a group that are reps; none where they are no set, or the tilt tells as much."""
        c, usual_s = self._c, median(turn.duration_s for turn in group)
        hasty_s, drawn_out_s = min(c.hasty_s, c.hasty_share * usual_s), c.drawn_out_share * usual_s
        reps = _level([turn for turn in group if hasty_s < turn.duration_s < drawn_out_s], seen)
        if usual_s < LEAST_S or len(reps) < c.fewest_reps or (len(reps) <= c.handful and strays(reps, None, c)):
            return []
        turned_deg, others = median(rep.peak_deg for rep in reps), _in_time_of(reps, told)
        tilted_deg = median(rep.range_of_motion_deg for rep in others) if others else 0.0
        more = len(reps) > len(others) and turned_deg > max(self._least_deg, AS_LARGE * tilted_deg)
        return reps if more else []


def _parts(group: Sequence[Excursion], told: Sequence[Rep]) -> Iterator[list[Excursion]]:
    """Part a group at the turns in time of which the limb tilts by more."""
    part: list[Excursion] = []
    for turn in group:
        if turn.peak_deg > AS_LARGE * max((rep.range_of_motion_deg for rep in _in_time_of([turn], told)), default=0.0):
            part.append(turn)
        elif part:
            yield part
            part = []
    if part:
        yield part


def _level(turns: list[Excursion], seen: Turning) -> list[Excursion]:
    """Give the turns, without those at either end in which the limb was not level yet, or any more.

    None where it tilts much amid them or does not tilt at all.
    """
    tilts_deg = seen.tilts_deg(turns)
    level = [k for k, tilted_deg in enumerate(tilts_deg) if tilted_deg < LEVEL_DEG]
    if not level or max(tilts_deg) < LEAST_TILT_DEG or len(level) <= level[-1] - level[0]:
        return []
    return turns[level[0] : level[-1] + 1]


def _apart(sets: Iterable[list[Excursion]]) -> list[list[Excursion]]:
    """Give them in order of time; of two at one time, to either side, the one with more, or the more even one."""
    apart: list[list[Excursion]] = []
    for reps in sorted(sets, key=_more_and_more_even):
        if all(other[-1].end_s <= reps[0].start_s or reps[-1].end_s <= other[0].start_s for other in apart):
            apart.append(reps)
    return sorted(apart, key=lambda reps: reps[0].start_s)


def _more_and_more_even(reps: Sequence[Excursion]) -> tuple[int, float]:
    durations_s = [rep.duration_s for rep in reps]
    return -len(reps), max(durations_s) / min(durations_s)


def _in_time_of(run: Sequence[Excursion], reps: Sequence[Rep]) -> list[Rep]:
    return [rep for rep in reps if any(rep.start_s < one.end_s and one.start_s < rep.end_s for one in run)]
