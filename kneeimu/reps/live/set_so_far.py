"""The set that goes on: how many reps, the last of them, and when it will be over."""

from __future__ import annotations

from collections import deque

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.likeness import axes_apart_deg
from kneeimu.reps.live.groups import Groups
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.walk.reps_or_strides import goes_as

TICK_S = 1.0 / TICK_HZ
KEPT = 8
"""Reps of a set that are remembered."""
LOST_S = 60.0
"""A sensor that was lost for less is put right and the set goes on. Engineering choice."""
HURRY_S = 7.0
"""Quick reps take no longer until they look like walking."""
PERIOD_SHARE = 0.3
"""Share by which the usual time from rep to rep follows the newest."""


class SetSoFar:
    """What has been counted of the present set, with bounded memory.

    Attributes:
        under_way: a set has begun.
        count: how many reps it has.
        opened_s, last_rep_s: when it began, and its last rep ended.
        before: the last rep of the set before, if that was one.
    """

    def __init__(self, counter: CounterParameters) -> None:
        self._c = counter
        self.under_way = False
        self.count = 0
        self.opened_s = self.last_rep_s = self._period_s = 0.0
        self.before: Excursion | None = None
        self._reps_before: list[Excursion] = []
        self._recent: deque[Excursion] = deque(maxlen=KEPT)
        self._groups = Groups(counter)

    @property
    def reps(self) -> list[Excursion]:
        """The last reps, in order of time."""
        return list(self._recent)

    @property
    def known(self) -> list[Excursion]:
        """The same, after those of the set before."""
        return [*self._reps_before, *self._recent]

    @property
    def shows_reps(self) -> bool:
        """It is known what the reps of this person are like."""
        return self.before is not None or self.count >= self._c.fewest_reps

    def has(self, movement: Excursion) -> bool:
        """It has been counted, perhaps as seen from another home."""
        return any(abs(rep.turn_s - movement.turn_s) < TICK_S for rep in self._recent)

    def since(self, time_s: float) -> list[Excursion]:
        """Those of them that ended after this."""
        return [rep for rep in self._recent if rep.end_s > time_s]

    def goes_the_known_way(self, movement: Excursion) -> bool:
        """It goes as the reps of the set before, where the way into the start pose is the other way round."""
        if self.before is None or not self._c.stands_far:
            return False
        return axes_apart_deg(movement.axis, self.before.axis, self._c) <= self._c.other_axis_deg

    def goes_on(self, movements: list[Excursion]) -> bool:
        """They go as slow reps before: quick and rough, but no strides."""
        return not self._c.lands and goes_as(movements, self.known)

    def hurries(self, began_s: float) -> bool:
        """What looks like walking since then goes on from quick reps, which go as slow ones before them."""
        reps = self.since(began_s - HURRY_S)
        before = [rep for rep in self.known if rep not in reps]
        return not self._c.lands and len(reps) > 1 and goes_as(reps, before)

    @property
    def patience_s(self) -> float:
        """So long after the last rep the set is over."""
        patience = self._c.lone_rep_s if self.count <= 1 else self._c.quiet_s
        return max(patience, self._c.quiet_periods * self._period_s)

    def open(self, time_s: float) -> None:
        """A set begins."""
        self.under_way, self.count = True, 0
        self.last_rep_s = self.opened_s = time_s
        self._period_s = 0.0

    def add(self, rep: Excursion) -> None:
        """A rep is counted as it ends."""
        if self.count:
            period = rep.end_s - self.last_rep_s
            self._period_s += (period - self._period_s) * (PERIOD_SHARE if self._period_s else 1.0)
        self.count += 1
        self.last_rep_s = rep.end_s
        self._recent.append(rep)
        self._groups.add(rep)

    def add_late(self, reps: list[Excursion]) -> None:
        """Movements turn out to have been reps."""
        if reps:
            self.count += len(reps)
            self.last_rep_s = reps[-1].end_s
            for rep in reps:
                self._groups.add(rep)
            self._recent = deque(sorted([*self._recent, *reps], key=lambda rep: rep.start_s), KEPT)

    def has_had(self, movement: Excursion) -> bool:
        """It is like some reps of this set, before the last ones, which are of another size.

        Steps to the side differ in size from one to the next, and have no groups.
        """
        return (not self._c.steps or self._c.swings_through) and self._groups.know(movement)

    def wait(self, lost_s: float) -> None:
        """Nothing was seen for so long: that was no rest, unless it was longer than a set waits for a lost sensor."""
        if lost_s < LOST_S:
            self.last_rep_s += lost_s

    def replace_last(self, rep: Excursion) -> None:
        """The last rep was this movement, seen from its other end."""
        if self._recent:
            self._groups.take_back([self._recent[-1]])
            self._groups.add(rep)
            self._recent[-1] = rep

    def take_back(self, count: int) -> int:
        """The last ones were none; give how many of so many there were."""
        count = min(count, self.count)
        self.count -= count
        for _ in range(min(count, len(self._recent))):
            self._groups.take_back([self._recent.pop()])
        return count

    def close(self) -> None:
        """The set is over."""
        if self.count >= self._c.fewest_reps and self._recent:
            self.before = self._recent[-1]
            self._reps_before = self.reps
        self.under_way, self.count = False, 0
        self._recent.clear()
        self._groups.forget()
