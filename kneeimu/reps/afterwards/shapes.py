"""What a rep looks like: out and back, a swing through the middle, or swings to both sides.

A set that is over is looked at again as a whole, and how depends on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import median
from typing import NamedTuple

import numpy as np

from kneeimu.reps.afterwards.bent_steps import bent_steps
from kneeimu.reps.afterwards.getting_up import getting_up
from kneeimu.reps.afterwards.hanging_leg import hangs
from kneeimu.reps.afterwards.lifted import lifted
from kneeimu.reps.afterwards.oddness import LookParameters
from kneeimu.reps.afterwards.of_a_kind import MOST, MOST_AHEAD, MOST_SIDEWAYS
from kneeimu.reps.afterwards.past_standing import past_standing
from kneeimu.reps.afterwards.refused import refused_sets
from kneeimu.reps.afterwards.second_look import look_again
from kneeimu.reps.afterwards.second_look_at_side_steps import SideSteps
from kneeimu.reps.afterwards.second_look_at_steps import look_again_at_steps
from kneeimu.reps.afterwards.second_look_at_swings import look_again_at_swings, what_repeats
from kneeimu.reps.afterwards.settling import on_the_move, settling
from kneeimu.reps.afterwards.shaken import shaken
from kneeimu.reps.excursion import Excursion, meet
from kneeimu.reps.history import Block
from kneeimu.reps.likeness import turned_round
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.rise import LowerEnd
from kneeimu.reps.vectors import between
from kneeimu.reps.walk.gait import Gait
from kneeimu.reps.walk.reps_or_strides import QUICK_S
from kneeimu.reps.walk.rough import strides_beside, walks_on
from kneeimu.reps.walk.sideways import Lean
from kneeimu.reps.walk.walking import leads_along
from kneeimu.types import FloatArray

QUICK_REPS = 4
"""Of quick movements that many alike are reps where the person lies or sits, and does not walk."""
QUICKEST_STEP_S, QUICK_STEP_S = 0.4, 0.8
"""What a step to the side takes at least, and what it may take for sure. Engineering choices."""
GAP_S = 0.5
"""Ticks that begin so much later than was asked for begin with the recording."""


@dataclass(frozen=True, slots=True)
class SetOver:
    """What is known of a set when it is over.

    Attributes:
        ticks: since some time before its first rep.
        reps: what was counted, as far as it is within ``ticks``, in order of time.
        others: movements that were refused or taken back.
        walked: bouts of walking, start and end, s.
        asked_s: ``ticks`` were asked for since then, s.
        ends_s: when it was over, s.
        by_hand: the person said that it begins.
        last: nobody knows what the person does next: the recording ends, or the set was ended by hand.
    """

    ticks: Block
    reps: list[Excursion]
    others: list[Excursion]
    walked: Sequence[tuple[float, float]]
    asked_s: float
    ends_s: float
    by_hand: bool = False
    last: bool = False


class SecondLook(NamedTuple):
    """What the whole of a set shows beside what was counted.

    A shape names what was counted by its place in ``SetOver.reps``, a review by its number.

    Attributes:
        removed: reps that are none.
        added: reps that were missed.
        found_as: how it sees those that stay; empty where it looks at these only.
    """

    removed: list[int]
    added: list[Excursion]
    found_as: dict[int, Excursion]


class Shape:
    """What a rep looks like.

    Attributes:
        before_s: the first reps of a set may have been missed: so long before the first that was counted is looked for
            them.
        most_odd: how different the movements of a set that turns the person may be (see ``of_a_kind``).
        repeats: every rep is like the others.
    """

    before_s = 25.0
    most_odd = MOST
    repeats = False

    def look_again(self, over: SetOver) -> SecondLook:
        """Compare what was counted with the whole of the set."""
        raise NotImplementedError

    def also_missed(self, over: SetOver, reps: Sequence[Excursion]) -> list[Excursion]:  # noqa: ARG002
        """Give what was missed beside the reps that are known by now."""
        return []

    def among_refused(self, over: SetOver) -> list[Excursion]:  # noqa: ARG002
        """Give the reps among movements of which none was counted."""
        return []

    def refused(self, over: SetOver, reps: Sequence[Excursion]) -> list[Excursion]:  # noqa: ARG002
        """Give what was refused one by one, and is a set together, beside the reps that are known by now."""
        return []

    def strides(self, over: SetOver, reps: Sequence[Excursion]) -> list[Excursion]:  # noqa: ARG002
        """Give those of them that are strides, as far as the shape shows it."""
        return []

    def settling(self, over: SetOver, reps: Sequence[Excursion]) -> list[Excursion]:  # noqa: ARG002
        """Give those of them that are the way into the start pose or out of it."""
        return []

    def no_strides(self, over: SetOver, reps: Sequence[Excursion]) -> list[Excursion]:  # noqa: ARG002
        """Give those of them that are no strides, however the leg turns."""
        return []

    def walks(self, ticks: Block, reps: Sequence[Excursion]) -> bool:  # noqa: ARG002
        """Say whether these are not reps but the person walks, as far as the shape shows it."""
        return False

    def hangs(self, ticks: Block, reps: Sequence[Excursion]) -> bool:  # noqa: ARG002
        """Say whether these are reps of the other leg, along with which this one moves."""
        return False

    def shaken(self, ticks: Block, reps: Sequence[Excursion]) -> list[Excursion]:  # noqa: ARG002
        """Give those of them in which the leg was shaken."""
        return []

    def compared(self, reps: list[Excursion]) -> list[Excursion]:
        """Give these as they are compared with one another."""
        return reps


class OutAndBack(Shape):
    """Out and back; where the person stands at the far end before and after the set, back and out.

    Args:
        floor_deg: smallest range that counts.
        counter: what reps are like.
        gait: knows how the leg turned in some movements.
        lower_end: which end of the movement is lower.
        lean: where movements are compared by this lean alone.
        side_steps: finds steps to the side that were missed, where no alignment tells the lean.
        longest_lever_m: a leg that stands sinks by no more for each radian, m; 0 where nothing of the kind is known.
    """

    def __init__(
        self,
        floor_deg: float,
        counter: CounterParameters,
        gait: Gait,
        lower_end: LowerEnd | None = None,
        lean: Lean | None = None,
        side_steps: SideSteps | None = None,
        longest_lever_m: float = 0.0,
    ) -> None:
        self._floor_deg, self._c, self._gait = floor_deg, counter, gait
        self._lower_end, self._lean, self._side_steps = lower_end or LowerEnd(), lean, side_steps
        self._look, self._longest_lever_m = look_parameters(counter), longest_lever_m
        self.most_odd = MOST_SIDEWAYS if counter.steps else MOST
        self.repeats = not counter.steps

    def look_again(self, over: SetOver) -> SecondLook:
        """Compare what was counted with what most of the movements have in common."""
        if not over.reps:
            return SecondLook([], [], {})
        times, whole, _, heave, _ = over.ticks
        up = whole if self._lean is None else self._lean.of_many(whole)
        reps = self.compared(over.reps)
        slowly_lying = self._c.lies and median(rep.duration_s for rep in reps) > QUICK_S
        removed, added = look_again(
            times,
            up,
            reps,
            self.compared([other for other in over.others if other.start_s >= times[0]]),
            () if slowly_lying else over.walked,
            self._floor_deg,
            self._c.stands_far,
            self._lower_end.falls_along(times, up, heave, reps),
            times.item(0) if times[0] > over.asked_s + GAP_S else -inf,
            times.item(-1) if over.last else inf,
            self._look,
            self._gait.surely_none(reps, over.ends_s),
        )
        if self._lean is not None:
            added = [step for step in added if not leads_along(step, _turned_deg(times, whole, step))]
        return SecondLook(removed, added, {})

    def also_missed(self, over: SetOver, reps: Sequence[Excursion]) -> list[Excursion]:
        """Give what the lean to the side shows beside the steps that are known by now."""
        return [] if self._side_steps is None else self._side_steps.missed(over.ticks, reps, over.others)

    def among_refused(self, over: SetOver) -> list[Excursion]:
        """Give quick reps, or steps to the side that are no strides."""
        if self.repeats:
            return self.refused(over, [])
        steps = self.also_missed(over, [])
        none = self._gait.strides_among(steps, over.ends_s) + self._gait.turns_among(steps, over.ends_s)
        bent = self.no_strides(over, steps)
        return [step for step in steps if step in bent or step not in none]

    def refused(self, over: SetOver, reps: Sequence[Excursion]) -> list[Excursion]:
        """Give quick reps in a row that are no strides for sure, where nobody was seen to walk."""
        if self._c.lands or not (self.repeats and self._look.walks):
            return []
        others = [one for one in over.others if not any(meet(one, rep) for rep in reps)]
        others = [one for one in others if not any(start <= one.turn_s <= end for start, end in over.walked)]
        sets = refused_sets(others, self._floor_deg)
        return [one for some in sets if self._gait.surely_none(some, over.ends_s) == some for one in some]

    def strides(self, over: SetOver, reps: Sequence[Excursion]) -> list[Excursion]:
        """Give those that swing past where the person stood, or are quick and land a foot beside slow reps.

        A leg that hangs down swings past that pose as well.
        """
        times, up, _, _, jolts = over.ticks
        if self._c.steps or self._c.dangles:
            return []
        return [*past_standing(times, up, reps), *([] if self._c.lands else strides_beside(times, jolts, reps))]

    def settling(self, over: SetOver, reps: Sequence[Excursion]) -> list[Excursion]:
        """Give the way into a start pose that is not the pose in which the person stands, and out of it.

        Where they are the same, what is like a rep as the person goes about, or gets up.
        """
        times, up, *_ = over.ticks
        if self._c.stands_far:
            return settling(times, up, reps)
        if self._c.supine:
            return getting_up(times, up, reps)
        return on_the_move(times, up, reps) if self._look.walks and not (self._c.steps or self._c.lands) else []

    def no_strides(self, over: SetOver, reps: Sequence[Excursion]) -> list[Excursion]:
        """Give steps to the side in a squat, since who walks is upright, and lifts of a leg that hangs down."""
        times, up, *_ = over.ticks
        if self._c.dangles:
            return lifted(times, up, reps)
        return bent_steps(times, up, reps) if self._c.steps else []

    def hangs(self, ticks: Block, reps: Sequence[Excursion]) -> bool:
        """Say whether the leg hangs down, where it should stand."""
        return self._longest_lever_m > 0.0 and hangs(ticks, reps, self._longest_lever_m)

    def shaken(self, ticks: Block, reps: Sequence[Excursion]) -> list[Excursion]:
        """Give those in which the leg goes to and fro all the while, as one that steps or lunges may."""
        return [] if self._c.steps or self._c.lands else shaken(*ticks[:2], reps)

    def compared(self, reps: list[Excursion]) -> list[Excursion]:
        """Give the lean of each, where the lean alone tells."""
        return reps if self._lean is None else [self._lean.of_excursion(rep) for rep in reps]


class SwingThrough(Shape):
    """A step of a band walk ahead or back, from one side of the start pose to the other.

    Args:
        counter: what steps are like.
    """

    most_odd = MOST_AHEAD

    def __init__(self, counter: CounterParameters) -> None:
        self._c = counter

    def look_again(self, over: SetOver) -> SecondLook:
        """Compare what was counted with the fast swings of the whole walk."""
        times, up, *_ = over.ticks
        removed, added = look_again_at_steps(times, up, over.reps, over.others, self._c, over.by_hand)
        return SecondLook(removed, added, {})

    def compared(self, reps: list[Excursion]) -> list[Excursion]:
        """Give each as if it set out from the same end of the swing as the first."""
        return [turned_round(rep) if between(reps[0].axis, rep.axis) > 90.0 else rep for rep in reps]


class Swings(Shape):
    """Swings to both sides of home: a lunge, seen from the shin.

    Args:
        floor_deg: smallest range that counts.
        leans_about: axis in the sensor frame (3,) about which the shin leans ahead; None when there is no alignment to
            tell it.
    """

    before_s = 45.0

    def __init__(self, floor_deg: float, leans_about: FloatArray | None = None) -> None:
        self._floor_deg, self._leans_about = floor_deg, leans_about

    def look_again(self, over: SetOver) -> SecondLook:
        """Compare what was counted with the bursts of movement between rests."""
        times, up, *_ = over.ticks
        return SecondLook(*look_again_at_swings(times, up, over.reps, over.walked, self._floor_deg, self._leans_about))

    def among_refused(self, over: SetOver) -> list[Excursion]:
        """Give what repeats itself and is no walking."""
        times, up, *_ = over.ticks
        reps = what_repeats(times, up, over.others, over.walked, even=True)
        return [] if self.walks(over.ticks, reps) else reps

    def walks(self, ticks: Block, reps: Sequence[Excursion]) -> bool:
        """Say whether the leg goes on swinging, as one that walks."""
        times, up, *_ = ticks
        return walks_on(times, up, reps)


def look_parameters(counter: CounterParameters) -> LookParameters:
    """Give what a set is held against: who lies or sits does not walk; steps to the side are as quick as strides."""
    if counter.steps:
        return LookParameters(least_s=QUICKEST_STEP_S, sure_s=QUICK_STEP_S)
    stays_there = counter.lies or counter.dangles
    return LookParameters(quick_reps=QUICK_REPS, walks=False) if stays_there else LookParameters()


def _turned_deg(times: FloatArray, up: FloatArray, excursion: Excursion) -> float:
    """How far the limb turned from where it was at the start, deg."""
    first, last = np.searchsorted(times, (excursion.start_s, excursion.end_s))
    within = up[first : max(last, first + 1)]
    return float(np.degrees(np.arccos(np.clip(within @ within[0], -1.0, 1.0)).max()))
