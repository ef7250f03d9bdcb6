"""Which end of a movement is home: an alignment tells it, or it is felt in the first reps of a set."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.likeness import alike
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.rise import FeltEnd
from kneeimu.reps.strokes import as_vector
from kneeimu.reps.vectors import DEG_PER_RAD, Vector, between

RISING_SHARE = 0.3
"""So much of a movement has to lead up to be the wrong way round; sideways ones can be either."""
FEWEST, MOST = 2, 5
"""So many reps tell it, mostly; what is not sure after the second is not asked again. Engineering choices."""

MOST_STEPS, NEARER_DEG = 3, 3.0
"""So many steps from one home show that it is the wide stance, if where the person stood is so much nearer to the far
end of each. Engineering choices: in 165 sets of five simulators, seen from home, the first three never show it."""


class WhichEnd:
    """Knows movements that are seen from their far end, as soon as anything tells it.

    Args:
        floor_deg: smallest range that counts.
        counter: what reps that are alike are like.
        falls_along: direction in the sensor frame that points lower at the far end than at home, or None.
        felt: tells the same from how the sensor rose, where no alignment does.
    """

    def __init__(
        self,
        floor_deg: float,
        counter: CounterParameters,
        falls_along: Vector | None = None,
        felt: FeltEnd | None = None,
    ) -> None:
        self._floor_deg, self._c = floor_deg, counter
        self._falls_along, self._felt = falls_along, felt

    def leads_up(self, movement: Excursion) -> bool:
        """Say whether it is seen from its far end: it leads up where a rep leads down."""
        if self._falls_along is None or movement.peak_deg < self._floor_deg:
            return False
        rise = sum(a * (f - h) for a, f, h in zip(self._falls_along, movement.far, movement.home, strict=True))
        return rise > RISING_SHARE * movement.peak_deg / DEG_PER_RAD

    def seen_from_far_end(
        self, reps: Sequence[Excursion], now_s: float, stood: Vector | None = None
    ) -> list[Excursion]:
        """Feel which end is home, where that is not known yet.

        Args:
            reps: from one home, the newest last.
            stood: where the person stood before them, if that is known.

        Returns:
            Those like the newest, in order of time, if they turn out to be seen from their far end.
        """
        if self._c.steps and stood is not None:
            return self._from_wide_stance(reps, stood)
        if self._felt is None or self._falls_along is not None:
            return []
        last = reps[-1]
        same = [*takewhile(lambda rep: alike(rep, last, self._c.pair_ratio, self._c), reversed(reps))]
        if not FEWEST <= len(same) <= MOST:
            return []
        falls_along = self._felt.falls_along(same, now_s)
        self._falls_along = None if falls_along is None else as_vector(falls_along)
        return sorted(same, key=lambda rep: rep.start_s) if self.leads_up(last) else []

    def _from_wide_stance(self, steps: Sequence[Excursion], stood: Vector) -> list[Excursion]:
        """Give steps to the side, in order of time, that lead from wide to narrow and back.

        With the feet together the leg is nearer to how it was when the person stood.
        """
        if not FEWEST <= len(steps) <= MOST_STEPS:
            return []
        if not all(alike(step, steps[-1], self._c.pair_ratio, self._c) for step in steps):
            return []
        nearer = (between(stood, step.home) - between(stood, step.far) for step in steps)
        return sorted(steps, key=lambda step: step.start_s) if min(nearer) > NEARER_DEG else []

    def forget(self) -> None:
        """What was felt was of a set that is over, or of movements that were none."""
        if self._felt is not None:
            self._falls_along = None
