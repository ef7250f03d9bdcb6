"""A band walk to the side that is over, looked at again by the lean to the side alone.

While the foot is in the air the knee bends as well, as far as the leg leans, on the way out or on the way back: with
both at once no step is like the next. So the steps are counted once more by the lean, which the stands between show.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf
from statistics import median

from kneeimu.motion.orientation import PoseChange, Ticks
from kneeimu.reps.counter_words import Counted, Revoked
from kneeimu.reps.excursion import Excursion, ExcursionParameters
from kneeimu.reps.history import Block
from kneeimu.reps.live.counter import RepCounter
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.strokes import angle_deg, excursion_of, middle
from kneeimu.reps.walk.gait import Gait
from kneeimu.reps.walk.sideways import Lean, lean_of_stands

LEAST_PERIODS, MOST_PERIODS, PAUSE_S = 0.6, 2.0, 2.0
"""A step comes no sooner before or after the next than these shares of the usual time from one to the next, and no
later, or than this. Engineering choices."""


class SideSteps:
    """Finds steps to the side that were missed.

    Args:
        limits: smallest and largest range of a step.
        counter: what steps are like.
        gait: knows how the leg turned in some movements.
    """

    def __init__(self, limits: ExcursionParameters, counter: CounterParameters, gait: Gait) -> None:
        self._limits, self._c, self._gait = limits, counter, gait

    def missed(self, window: Block, counted: Sequence[Excursion], others: Sequence[Excursion]) -> list[Excursion]:
        """Give the steps that the lean shows besides those that were counted.

        None where it misses as many of those that were counted: then it was another movement.

        Args:
            window: what is looked at.
            counted: the steps of the set, in order of time.
            others: movements that were refused or taken back; they show the lean where too few were counted.
        """
        seen = counted if len(counted) >= self._c.fewest_reps else [*counted, *others]
        if len(seen) < self._c.fewest_reps:
            return []
        time_s, up, *_ = window
        spans = time_s.searchsorted([(step.start_s, step.end_s) for step in seen]).tolist()
        steps = list(self._steps(window, lean_of_stands(up, spans)))
        known = [one for one in counted if any(_coincide(one, step) for step in steps)]
        new = [step for step in steps if not any(_coincide(one, step) for one in counted)]
        new = self._like_the_others(counted, new)
        return new if len(new) > len(counted) - len(known) else []

    def _steps(self, window: Block, lean: Lean) -> Iterator[Excursion]:
        """Count by the lean, and give each step as the whole pose shows it."""
        time_s, up, quats, heave, jolt = window
        counter = RepCounter(self._limits, self._c, None, lean, self._gait)
        ticks = Ticks(time_s, quats, up, jolt, heave, PoseChange().of(up))
        words = [word for _, said in counter.follow(ticks, array("d"), bytearray()) for word in said]
        words += counter.end_stream(time_s.item(-1))
        steps: list[Excursion] = []
        for word in words:
            if isinstance(word, Counted):
                steps.append(word.excursion)
            elif isinstance(word, Revoked):
                del steps[-word.count :]
        steps.sort(key=lambda step: step.turn_s)
        for step in steps:
            ticks_of = time_s.searchsorted((step.start_s, step.turn_s, step.end_s)).clip(max=len(time_s) - 1)
            whole = excursion_of(time_s, up, *ticks_of.tolist())
            if whole.peak_deg <= self._limits.ceiling_deg:
                yield whole

    def _like_the_others(self, counted: Sequence[Excursion], new: Sequence[Excursion]) -> list[Excursion]:
        """Give those new ones that go on with the rest: in rhythm, about as wide, from the same pose to the same."""
        kept, enough, most = list(new), self._c.fewest_reps, self._c.regular_deg_share
        while True:
            steps = sorted([*counted, *kept], key=lambda step: step.turn_s)
            if len(steps) < enough:
                return []
            apart_s = [later.turn_s - step.turn_s for step, later in pairwise(steps)]
            soon_s = LEAST_PERIODS * median(apart_s)
            late_s = max(MOST_PERIODS * median(apart_s), PAUSE_S)
            around_s = pairwise([inf, *apart_s, inf])
            in_rhythm = {id(step) for step, two in zip(steps, around_s, strict=True) if soon_s < min(two) < late_s}
            sure = counted if len(counted) >= enough else steps
            home, far = middle([step.home for step in sure]), middle([step.far for step in sure])
            width_deg = median(step.peak_deg for step in sure)
            left = [
                step
                for step in kept
                if id(step) in in_rhythm
                and width_deg / most < step.peak_deg < width_deg * most
                and max(angle_deg(step.home, home), angle_deg(step.far, far)) < width_deg
            ]
            if len(left) == len(kept):
                return kept
            kept = left


def _coincide(one: Excursion, other: Excursion) -> bool:
    return one.start_s < other.turn_s < one.end_s or other.start_s < one.turn_s < other.end_s
