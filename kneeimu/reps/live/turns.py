"""Movements that take turns with the reps of a set, as a leg that swings forward, and then back past where it stood."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.handful import take_turns
from kneeimu.reps.likeness import alike, unlike
from kneeimu.reps.parameters import CounterParameters

MOST_PASSED = 6
"""Movements that gave way to one unlike them, and are remembered."""


class Turns:
    """Remembers what was taken back at the beginning of a set, because the next movement was unlike it."""

    def __init__(self, counter: CounterParameters) -> None:
        self._c = counter
        self._passed: deque[Excursion] = deque(maxlen=MOST_PASSED)
        self._between: Excursion | None = None
        self._lost_s = -inf

    def forget(self) -> None:
        """The set is over."""
        self._passed.clear()
        self._between = None

    def lose(self, until_s: float) -> None:
        """Samples were lost: what began before this can't be measured any more."""
        self.forget()
        self._lost_s = until_s

    def known(self, reps: Sequence[Excursion]) -> list[Excursion]:
        """Give those that could still be measured."""
        return [rep for rep in reps if rep.start_s > self._lost_s]

    def pass_by(self, reps: Sequence[Excursion]) -> None:
        """These gave way to another movement."""
        self._passed.extend(self.known(reps))

    def recall(self, excursion: Excursion) -> list[Excursion]:
        """Give those that take turns with another movement, and are like this one: they were reps."""
        if self._c.steps:
            return []
        reps: list[Excursion] = []
        for rep in self._passed:
            apart = rep.turn_s > (reps[-1].end_s if reps else -inf) and rep.end_s < excursion.turn_s
            if apart and alike(rep, excursion, self._c.pair_ratio, self._c):
                reps.append(rep)
        while len(reps) + 1 >= self._c.fewest_reps and not take_turns([*reps, excursion], self._c):
            reps = reps[1:]
        if len(reps) + 1 < self._c.fewest_reps:
            return []
        others = [other for other in self._passed if other not in reps]
        self._between = others[-1] if others else None
        self._passed.clear()
        return reps

    def give_back(self, excursion: Excursion) -> list[Excursion]:
        """Give those that gave way to a dip in this one while it was held, and are like it: they were reps."""
        before = [rep for rep in self._passed if rep.end_s < excursion.turn_s and self._take_as_long(rep, excursion)]
        reps = [rep for rep in before if alike(rep, excursion, self._c.pair_ratio, self._c)]
        for rep in reps:
            self._passed.remove(rep)
        return reps

    def _take_as_long(self, rep: Excursion, other: Excursion) -> bool:
        shorter_s, longer_s = sorted((rep.duration_s, other.duration_s))
        return longer_s <= self._c.drawn_out_share * shorter_s

    def comes_between(self, reps: Sequence[Excursion], excursion: Excursion) -> bool:
        """Say whether it is the movement that takes turns with these reps."""
        return (
            self._between is not None
            and len(reps) > 0
            and alike(self._between, excursion, self._c.larger_settled, self._c)
            and unlike(reps[-1], excursion, self._c)
        )
