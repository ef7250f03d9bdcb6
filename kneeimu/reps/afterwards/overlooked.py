"""Reps that the counter did not see at all, looked for in what is known as a whole.

When a set is over, and every 40 s while there is none. What a look finds are groups of out-and-backs that are
reps together; each kind of look has a room of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median
from typing import Any, Generic, Protocol, TypeVar

from kneeimu.motion.orientation import Ticks
from kneeimu.reps.counter_words import LookAside, SaidAt
from kneeimu.reps.excursion import Excursion, meet
from kneeimu.reps.handful import strays
from kneeimu.reps.history import TickHistory
from kneeimu.reps.parameters import CounterParameters
from kneeimu.types import Rep

PAUSE_S = 6.0
"""After so long another group of reps begins, of another size perhaps."""
LEAST_S = 1.0
"""Who moves the leg out and back quicker than this, as a rule, walks; but for who has done reps as quick as that."""
LOOK_S = 40.0
"""How often is looked while there is no set. All are engineering choices."""


class Sight(Protocol):
    """What is known of some time, as a look needs it."""

    def measured_in(self) -> TickHistory:
        """Give ticks that show what is found in it."""


Seen = TypeVar("Seen", bound=Sight)
AnyRep = TypeVar("AnyRep", Rep, Rep | Excursion)


@dataclass(frozen=True, slots=True)
class Missed:
    """What was overlooked: reps that were told, by number, that are none; and those that are, in this history."""

    removed: list[int]
    added: list[Excursion]
    history: TickHistory


class Look(ABC, Generic[Seen]):
    """One way of looking. What goes on is looked at when it is over, and the longer it takes the later."""

    def __init__(self, counter: CounterParameters, history: TickHistory) -> None:
        self._c, self._history, self._least_s = counter, history, LEAST_S
        self._told: list[Rep | Excursion] = []
        self.resume(-inf)

    def resume(self, time_s: float) -> None:
        """Nothing before this time can be measured any more."""
        self._from_s = self._wait_s = time_s

    def tell(self, reps: Sequence[Rep | Excursion]) -> None:
        """These were told, and can't have been overlooked."""
        self._told = [rep for rep in self._told if rep.end_s > self._from_s] + list(reps)

    def learn(self, reps: Sequence[Excursion]) -> None:
        """A set is over, and the counter saw these reps."""

    def strode(self, strides: Sequence[Excursion]) -> None:
        """These, as far as they are known by now, were strides."""

    def look(self, now_s: float, told: Sequence[Rep], *, last: bool) -> Missed | None:
        """Say what was overlooked until now; None where there is nothing.

        Args:
            told: what was told of the set that is over; nothing when there is none.
            last: no more will come of this.
        """
        if now_s < self._wait_s and not told and not last:
            return None
        seen = self._see(self._from_s, now_s)
        if seen is None:
            return None
        groups = list(self._groups(seen, told))
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
        removed = [rep.number for reps in sets for rep in in_time_of(reps, told)]
        return Missed(removed, [rep for reps in sets for rep in reps], seen.measured_in())

    @abstractmethod
    def _see(self, start_s: float, end_s: float) -> Seen | None:
        """What is known of that time, as this look needs it."""

    @abstractmethod
    def _groups(self, seen: Seen, told: Sequence[Rep]) -> Iterator[list[Excursion]]:
        """Out-and-backs without a longer pause, those that may be more than was told."""

    @abstractmethod
    def _sets(self, group: list[Excursion], told: Sequence[Rep], seen: Seen) -> list[list[Excursion]]:
        """What of a group are reps that were not told, or not all of them."""

    def _usual(self, group: Sequence[Excursion]) -> list[Excursion]:
        """Those of a group that take neither far less time than is usual in it nor far more."""
        usual_s = median(one.duration_s for one in group)
        hasty_s, drawn_out_s = min(self._c.hasty_s, self._c.hasty_share * usual_s), self._c.drawn_out_share * usual_s
        return [one for one in group if hasty_s < one.duration_s < drawn_out_s] if usual_s > self._least_s else []

    def _is_set(self, reps: Sequence[Excursion]) -> bool:
        """They are enough, and alike where they are few."""
        return len(reps) >= self._c.fewest_reps and not (len(reps) <= self._c.handful and strays(reps, None, self._c))


class Overlooked:
    """Asks each look in turn."""

    def __init__(self, looks: Sequence[Look[Any]]) -> None:
        self._looks = looks
        self._next_s: float | None = None

    def resume(self, time_s: float) -> None:
        """Nothing before this time can be measured any more."""
        self._next_s = None
        for look in self._looks:
            look.resume(time_s)

    def follow(self, ticks: Ticks) -> list[SaidAt]:
        """Give the ticks at which it is time to look."""
        if not self._looks:
            return []
        if self._next_s is None:
            self._next_s = float(ticks.time_s[0]) + LOOK_S
        times: list[SaidAt] = []
        while self._next_s <= ticks.time_s[-1]:
            times.append((int(ticks.time_s.searchsorted(self._next_s)), [LookAside()]))
            self._next_s += LOOK_S
        return times

    def strode(self, strides: Sequence[Excursion]) -> None:
        """These, as far as they are known by now, were strides."""
        for look in self._looks:
            look.strode(strides)

    def look(self, now_s: float, *, last: bool = False) -> Iterator[Missed]:
        """Give what was overlooked since the last set."""
        return self._ask(now_s, (), last=last)

    def look_at_set(
        self, now_s: float, told: Sequence[Rep], reps: Sequence[Excursion], *, last: bool = False
    ) -> Iterator[Missed]:
        """Give what was overlooked until the end of a set, of which these were told, in which these excursions are."""
        for look in self._looks:
            look.learn(reps)
        return self._ask(now_s, told, last=last)

    def _ask(self, now_s: float, told: Sequence[Rep], *, last: bool) -> Iterator[Missed]:
        self._tell(told)
        for look in self._looks if self._next_s is not None else ():
            missed = look.look(now_s, told, last=last)
            if missed is not None:
                self._tell(missed.added)
                yield missed

    def _tell(self, reps: Sequence[Rep | Excursion]) -> None:
        for look in self._looks:
            look.tell(reps)


def parted(some: Iterable[Excursion | None], longest_pause_s: float = inf) -> Iterator[list[Excursion]]:
    """Part these, in order of time, at each longer pause and at each None, which stands for what does not belong."""
    group: list[Excursion] = []
    for one in some:
        if group and (one is None or one.start_s - group[-1].end_s > longest_pause_s):
            yield group
            group = []
        if one is not None:
            group.append(one)
    if group:
        yield group


def in_time_of(run: Sequence[Excursion], reps: Sequence[AnyRep]) -> list[AnyRep]:
    """Give those of the reps that are in the time of some of the run."""
    return [rep for rep in reps if any(meet(rep, one) for one in run)]


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
