"""Groups of reps of different size in one set: which sizes has it had?"""

from __future__ import annotations

from collections.abc import Iterable

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.likeness import alike
from kneeimu.reps.parameters import CounterParameters

MOST_GROUPS = 4
"""Groups of a set that are remembered. Engineering choice."""


class Groups:
    """Remembers the last few reps of each size, with bounded memory."""

    def __init__(self, counter: CounterParameters) -> None:
        self._c = counter
        self._groups: list[list[Excursion]] = []

    def add(self, rep: Excursion) -> None:
        """A rep was counted."""
        newest = self._groups[-1] if self._groups else []
        ratio = rep.peak_deg / newest[-1].peak_deg if newest else 0.0
        if 1.0 < ratio * self._c.pair_ratio < self._c.pair_ratio**2:
            # most reps: what follows another in a set goes its way from its home
            self._groups[-1] = [*newest[1 - self._c.fewest_reps :], rep]
            return
        group = next((group for group in self._groups if alike(group[-1], rep, self._c.pair_ratio, self._c)), [])
        others = [other for other in self._groups if other is not group]
        self._groups = [*others[1 - MOST_GROUPS :], [*group[1 - self._c.fewest_reps :], rep]]

    def take_back(self, reps: Iterable[Excursion]) -> None:
        """These were none."""
        taken = {id(rep) for rep in reps}
        left = ([rep for rep in group if id(rep) not in taken] for group in self._groups)
        self._groups = [group for group in left if group]

    def forget(self) -> None:
        """The set is over."""
        self._groups.clear()

    def know(self, movement: Excursion) -> bool:
        """Some reps of the set were like this movement, and took no less time, whatever the last ones are like."""
        c = self._c
        return any(
            len(group) == c.fewest_reps
            and all(alike(rep, movement, c.few_share, c) for rep in group)
            and movement.duration_s < c.few_share * max(rep.duration_s for rep in group)
            for group in self._groups
        )
