"""Reps smaller than the exercise asks for, of a person whose set before was large enough."""

from __future__ import annotations

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.likeness import between
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.turns import Turns

FLOOR_SHARE = 0.6
"""They reach this share of the smallest range that counts. Engineering choice, as below."""
SAME_WAY_DEG, SAME_HOME_DEG = 35.0, 10.0
"""They go the way of the set before, and start from its home."""


class SmallerReps:
    """Recognises them: a leg that is only moved along, or fidgets, has no set before that went the same way."""

    def __init__(self, floor_deg: float, counter: CounterParameters) -> None:
        self._floor_deg = floor_deg
        self._most_apart = counter.few_share
        self._waiting = Turns(counter)
        self._least_deg = 0.0

    def forget(self) -> None:
        """The set is over."""
        self._waiting.forget()
        self._least_deg = 0.0

    def lose(self, until_s: float) -> None:
        """Samples were lost: what began before this can't be measured any more."""
        self._waiting.lose(until_s)

    def go_on(self, excursion: Excursion, before: Excursion | None, count: int) -> list[Excursion] | None:
        """Say whether a movement that was too small is a rep all the same, by the reps before it that are too; or None.

        Args:
            excursion: the movement.
            before: a rep of the set before.
            count: how many reps of this set have been counted.
        """
        if before is None or excursion.peak_deg < FLOOR_SHARE * self._floor_deg:
            return None
        if between(before.axis, excursion.axis) > SAME_WAY_DEG or between(before.home, excursion.home) > SAME_HOME_DEG:
            return None
        if self._least_deg:
            return [] if excursion.peak_deg > self._least_deg / self._most_apart else None
        if count:
            return None
        reps = self._waiting.recall(excursion)
        if not reps:
            self._waiting.pass_by([excursion])
            return None
        self._least_deg = min(rep.peak_deg for rep in [*reps, excursion])
        return reps
