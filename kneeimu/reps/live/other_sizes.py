"""Reps of another size than was looked for.

They are smaller than the exercise asks for, of a person whose set before, or whose reps before, were large enough, or
of one who repeats them so evenly that they are meant; or far larger than the reps before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf
from statistics import median

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.handful import keep_time
from kneeimu.reps.live.turns import Turns
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.vectors import between

FLOOR_SHARE = 0.45
"""They reach this share of the smallest range that counts. Engineering choice, as below."""
LEAST_DEG = 1.5
"""Less than this is sway."""
SLOW_SHARE = 0.5
"""Those that are hardly larger than sway, and quick, take this share of the time of the reps before."""
SAME_WAY_DEG, SAME_HOME_DEG = 35.0, 10.0
"""They go the way of the reps before, and start from their home."""
ENOUGH = 4
"""So many that are alike and in rhythm are reps of somebody who stands, though nothing larger was seen before: in six
simulators six sets show such, and no other recording. Engineering choice."""


class OtherSizes:
    """Recognises them.

    Small ones: a leg that is only moved along has no set that went the same way, and who fidgets does not do the same
    thing again and again. Large ones: three are a group, where they take turns with rests and are alike.
    """

    def __init__(self, floor_deg: float, counter: CounterParameters) -> None:
        self._floor_deg = floor_deg
        self._c = counter
        self._waiting = Turns(counter)
        self._small: deque[Excursion] = deque(maxlen=ENOUGH)
        self._large: deque[Excursion] = deque(maxlen=counter.fewest_reps)

    def lose(self, until_s: float) -> None:
        """Samples were lost: what began before this can't be measured any more."""
        self._waiting.lose(until_s)
        self._small.clear()

    def go_on(self, excursion: Excursion, before: Excursion | None, reps: list[Excursion]) -> list[Excursion] | None:
        """Say whether a movement that was too small is a rep all the same, by those before it that are too; or None.

        Args:
            excursion: the movement.
            before: a rep of the set before.
            reps: what has been counted of this set.
        """
        known = reps[-1] if len(reps) >= self._c.fewest_reps else before
        if excursion.peak_deg < max(FLOOR_SHARE * self._floor_deg, LEAST_DEG):
            return None
        if known is None:
            return self._repeated_by(excursion, reps)
        large_deg = min(self._floor_deg, known.peak_deg / self._c.few_share)
        slow_s = SLOW_SHARE * known.duration_s if excursion.peak_deg >= large_deg else inf
        if excursion.duration_s < min(self._c.tiny_s, slow_s):
            return None
        if not _goes_as(excursion, known):
            return None
        if reps and excursion.peak_deg > median(rep.peak_deg for rep in reps) / self._c.few_share:
            return []
        return self.join(excursion, reps) or None

    def _repeated_by(self, excursion: Excursion, reps: Sequence[Excursion]) -> list[Excursion] | None:
        """Give those before it where it is one of enough that are alike, and are not counted yet; or None.

        A leg that rests beside the one that lifts is taken along as evenly; one that stands is not.
        """
        if self._c.lies or self._c.dangles:
            return None
        self._small.append(excursion)
        few = sorted([*self._small, *reps], key=lambda one: one.start_s)[-ENOUGH:]
        if len(few) < ENOUGH or not (keep_time(few, self._c) and all(_goes_as(one, excursion) for one in few)):
            return None
        self._small.clear()
        return [one for one in few[:-1] if one not in reps]

    def wait(self, excursion: Excursion) -> None:
        """A movement was too large for its set: with what comes it may be another."""
        self._waiting.pass_by([excursion])
        self._large.append(excursion)

    def join(self, excursion: Excursion, reps: Sequence[Excursion]) -> list[Excursion]:
        """Give what was too small, or too large, and that this movement, whatever its size, makes a set of."""
        found = self._waiting.recall(excursion)
        if not found:
            self._waiting.pass_by([excursion])
        late = [rep for rep in found if self._floor_deg < inf and (self._is_too_small(rep) or rep in self._large)]
        return [rep for rep in late if not any(rep.start_s < one.turn_s < rep.end_s for one in reps)]

    def _is_too_small(self, movement: Excursion) -> bool:
        """Smaller than any that counts, or hardly larger and quick."""
        peak_deg, floor_deg = movement.peak_deg, self._floor_deg
        return peak_deg < floor_deg or self._c.is_sway(peak_deg, movement.duration_s, floor_deg)


def _goes_as(one: Excursion, known: Excursion) -> bool:
    return between(known.axis, one.axis) <= SAME_WAY_DEG and between(known.home, one.home) <= SAME_HOME_DEG
