"""Which end of a movement is home: an alignment tells it, or it is felt in the first reps of a set."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.likeness import alike, axes_apart_deg
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.rise import FeltEnd
from kneeimu.reps.strokes import as_vector
from kneeimu.reps.vectors import DEG_PER_RAD, Vector, between

RISING_SHARE = 0.3
"""So much of a movement has to lead up to be the wrong way round; sideways ones can be either."""
FEWEST, MOST = 2, 5
"""So many reps tell it, mostly; what is not sure after the second is not asked again. Engineering choices."""

MOST_UNFELT, NEARER_DEG = 3, 3.0
"""Where nothing is felt, no more than so many movements are asked. Steps from one home show that it is the wide stance,
if where the person stood is so much nearer to the far end of each. Engineering choices: in 165 sets of five simulators,
seen from home, the first three never show it."""

NEAR_SHARE = 0.8
"""Who rested by this share nearer to where a knee extension sets out than to where it turns stood at that end of it;
further from either than the movement is large they sat, or stood elsewhere. Engineering choice: in five simulators it
tells 30 of 33 first sets at the thigh that are seen from the straight knee, and 2 of 61 that are not."""


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
        self,
        reps: Sequence[Excursion],
        now_s: float,
        stood: Vector | None = None,
        rested: Sequence[Vector] = (),
        before: Excursion | None = None,
    ) -> list[Excursion]:
        """Feel which end is home, where that is not known yet.

        Args:
            reps: from one home, the newest last.
            stood: where the person stood before them, if that is known.
            rested: where they rested before them.
            before: the last rep of the set before.

        Returns:
            Those like the newest, in order of time, if they turn out to be seen from their far end.
        """
        if self._c.steps and stood is not None:
            return self._from_wide_stance(reps, stood)
        if self._falls_along is not None:
            return []
        last = reps[-1]
        same = [*takewhile(lambda rep: alike(rep, last, self._c.pair_ratio, self._c), reversed(reps))]
        if not FEWEST <= len(same) <= MOST:
            return []
        if self._felt is not None:
            falls_along = self._felt.falls_along(same, now_s)
            self._falls_along = None if falls_along is None else as_vector(falls_along)
            from_far_end = self.leads_up(last)
        else:
            from_far_end = len(reps) <= MOST_UNFELT and self._stood_straight(last, rested, before)
        return sorted(same, key=lambda rep: rep.start_s) if from_far_end else []

    def _stood_straight(self, movement: Excursion, rested: Sequence[Vector], before: Excursion | None) -> bool:
        """Say whether a knee extension sets out from the straight knee.

        Who takes the start pose has stood straight before, at the far end. Who has stood nowhere but where it sets out
        has not taken the start pose. Of a set before it is known which way its reps went.
        """
        if not self._c.stands_far:
            return False
        if before is not None:
            return axes_apart_deg(movement.axis, before.axis, self._c) > 180.0 - self._c.other_axis_deg
        ways = [(between(pose, movement.home), between(pose, movement.far)) for pose in rested]
        near = [(home, far) for home, far in ways if min(home, far) < movement.peak_deg]
        return bool(near) and all(home < NEAR_SHARE * far for home, far in near)

    def _from_wide_stance(self, steps: Sequence[Excursion], stood: Vector) -> list[Excursion]:
        """Give steps to the side, in order of time, that lead from wide to narrow and back.

        With the feet together the leg is nearer to how it was when the person stood.
        """
        if not FEWEST <= len(steps) <= MOST_UNFELT:
            return []
        if not all(alike(step, steps[-1], self._c.pair_ratio, self._c) for step in steps):
            return []
        nearer = (between(stood, step.home) - between(stood, step.far) for step in steps)
        return sorted(steps, key=lambda step: step.start_s) if min(nearer) > NEARER_DEG else []

    def forget(self) -> None:
        """What was felt was of a set that is over, or of movements that were none."""
        if self._felt is not None:
            self._falls_along = None
