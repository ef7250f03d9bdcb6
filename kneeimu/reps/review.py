"""Keeps what a set was made of until it is over, and then looks at it again."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf
from statistics import median
from typing import Literal, NamedTuple

import numpy as np

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.gait import Gait
from kneeimu.reps.handful import strays
from kneeimu.reps.history import TickHistory
from kneeimu.reps.oddness import LookParameters
from kneeimu.reps.of_a_kind import MOST, MOST_AHEAD, MOST_SIDEWAYS, of_a_kind
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.reps_or_strides import QUICK_S
from kneeimu.reps.rise import rises
from kneeimu.reps.rough import goes_about, walks_on
from kneeimu.reps.second_look import look_again
from kneeimu.reps.second_look_at_side_steps import SideSteps
from kneeimu.reps.second_look_at_steps import look_again_at_steps
from kneeimu.reps.second_look_at_swings import look_again_at_swings, what_repeats
from kneeimu.reps.sideways import Lean
from kneeimu.reps.walking import leads_along
from kneeimu.types import FloatArray

BEFORE_S, BEFORE_SWINGS_S = 25.0, 45.0
"""The first reps of a set may have been missed: so long before the first that was counted is looked for them."""
MOST_OTHERS = 400
FEWEST_AFTER_ALL = 4
"""Of movements that were all refused so many have to repeat each other to be a set."""
QUICK_REPS = 4
"""Of quick movements that many alike are reps where the person lies or sits, and does not walk."""
GAP_S = 0.5
"""Ticks that begin so much later than was asked for begin with the recording."""


Shape = Literal["out-and-back", "back-and-out", "swing", "swings"]


class SecondLook(NamedTuple):
    """What a second look at a set says.

    Attributes:
        removed: numbers of reps that are none.
        added: reps that were missed.
        found_as: by their numbers, how it sees those that stay; empty where it looks at these only.
    """

    removed: list[int]
    added: list[Excursion]
    found_as: dict[int, Excursion]


class SetReview:
    """Reps and other movements of the present set.

    Args:
        floor_deg: smallest range that counts.
        shape: what a rep looks like: out and back; the same, but the person stands at the far end before and after
            the set; a swing through the middle; swings to both sides.
        falls_along: direction in the sensor frame (3,) that points lower at the far end than at home; None when there
            is no alignment to tell it.
        rises: the sensor rises on the way out, or sinks; None when it does neither for sure.
        lean: where movements are compared by this lean alone.
        stride_deg: a walking limb swings by more than this.
        lies: the person lies, and does not walk among the reps.
        steps: each rep lands a foot.
        gait: knows how the leg turned in some movements.
        counter: what a handful of reps is like.
        leans_about: axis in the sensor frame (3,) about which the shin leans ahead; None as ``falls_along``.
        least_lever_m: a rise of less than this for each rad says nothing.
        side_steps: finds steps to the side that were missed, where no alignment tells the lean.
    """

    def __init__(
        self,
        floor_deg: float,
        shape: Shape,
        falls_along: FloatArray | None = None,
        rises: bool | None = None,
        lean: Lean | None = None,
        stride_deg: float = inf,
        least_lever_m: float = 0.0,
        leans_about: FloatArray | None = None,
        lies: bool = False,
        steps: bool = False,
        gait: Gait | None = None,
        counter: CounterParameters | None = None,
        side_steps: SideSteps | None = None,
    ) -> None:
        self._c = counter or CounterParameters()
        self._gait, self._side_steps = gait, side_steps
        self._stride_deg, self._by_hand, self._steps = stride_deg, False, steps
        self._floor_deg, self._shape, self._falls_along, self._rises = floor_deg, shape, falls_along, rises
        self._lean, self._least_lever_m, self._leans_about = lean, least_lever_m, leans_about
        stays_there = lies or self._c.dangles
        self._lies = lies
        self._look = LookParameters(quick_reps=QUICK_REPS, walks=False) if stays_there else LookParameters()
        self._counted: list[tuple[int, Excursion]] = []
        self._others: deque[Excursion] = deque(maxlen=MOST_OTHERS)
        self._not_before_s = -inf
        self._trusted: set[int] = set()
        self._most_odd = (MOST_AHEAD if shape == "swing" else MOST_SIDEWAYS) if steps else MOST
        self._before: list[Excursion] = []
        self.kept: list[Excursion] = []

    def count(self, number: int, excursion: Excursion, trusted: bool = False) -> None:
        """A rep was counted; one that is ``trusted`` only goes where another explains the same time, or as a stride."""
        self._counted.append((number, excursion))
        if trusted:
            self._trusted.add(number)

    def take_back(self, numbers: Sequence[int]) -> None:
        """Reps were taken back."""
        taken_back = [excursion for number, excursion in self._counted if number in numbers]
        self._others.extend(taken_back)
        self._counted = [(number, excursion) for number, excursion in self._counted if number not in numbers]

    def refuse(self, excursion: Excursion) -> None:
        """A movement was no rep."""
        self._others.append(excursion)

    def begin_by_hand(self, time_s: float) -> None:
        """The person said that the set begins: nothing before belongs to it."""
        self._not_before_s, self._by_hand = time_s, True

    def close(
        self,
        time_s: float,
        history: TickHistory,
        walked: Sequence[tuple[float, float]],
        *,
        last: bool = False,
        meant: bool = False,
    ) -> SecondLook:
        """Look at the set that ends.

        ``last`` says that nobody knows what the person does next: the recording ends, or the set was ended by hand.
        ``meant`` says that the person began it or ended it by hand: then it was one.
        """
        counted = sorted(self._counted, key=lambda seen: seen[1].start_s)
        others = list(self._others)
        by_hand, self._by_hand = self._by_hand, False
        self._counted = []
        self.kept = []
        self._others.clear()
        if not counted:
            added = self._after_all(time_s, others, history, walked)
            self._not_before_s = max((rep.end_s for rep in added), default=self._not_before_s)
            return SecondLook([], added, {})
        before_s = BEFORE_SWINGS_S if self._shape == "swings" else BEFORE_S
        since_s = max(self._not_before_s, counted[0][1].start_s - before_s)
        times, up, _, heave, jolt = history.window(since_s, time_s)
        seen = [(number, rep) for number, rep in counted if rep.start_s >= times[0]]
        reps = [rep for _, rep in seen]
        whole = up
        found_as: dict[int, Excursion] = {}
        if self._lean is not None:
            up = self._lean.of_many(up)
            reps, others = ([self._lean.of_excursion(one) for one in some] for some in (reps, others))
        match self._shape:
            case "swing":
                removed, added = look_again_at_steps(
                    times, up, reps, others, walked, self._stride_deg, by_hand, self._c
                )
            case "swings":
                removed, added, found_as = look_again_at_swings(
                    times, up, reps, walked, self._floor_deg, self._leans_about
                )
            case _:
                others = [other for other in others if other.start_s >= times[0]]
                far = self._shape == "back-and-out"
                falls_along = self._falls_along
                if falls_along is None and self._rises is not None:
                    falls_along = self._felt_to_fall(times, up, heave, reps)
                begins_s = times.item(0) if times[0] > since_s + GAP_S else -inf
                removed, added = look_again(
                    times,
                    up,
                    reps,
                    others,
                    () if self._lies and median(rep.duration_s for _, rep in counted) > QUICK_S else walked,
                    self._floor_deg,
                    far,
                    falls_along,
                    begins_s,
                    times.item(-1) if last else inf,
                    self._look,
                    self._gait.surely_none(reps, time_s) if self._gait is not None else (),
                )
        if self._lean is not None:
            added = [step for step in added if not leads_along(step, _turned_deg(times, whole, step))]
        # one that was under way when what is looked at begins has been counted, and is not missed
        under_way_s = max((rep.end_s for _, rep in counted if rep.start_s < times[0]), default=-inf)
        added = [rep for rep in added if rep.turn_s > under_way_s]
        numbers = [seen[index][0] for index in removed if not self._stays(*seen[index], added)]
        self._trusted.clear()
        left = sorted([rep for number, rep in counted if number not in numbers] + added, key=lambda rep: rep.start_s)
        if self._side_steps is not None:
            window = history.window(since_s, time_s)
            missed = [rep for rep in self._side_steps.missed(window, left, others) if rep.turn_s > under_way_s]
            added += missed
            left = sorted(left + missed, key=lambda rep: rep.start_s)
        if not by_hand and self._is_something_else(times, whole, jolt, left):
            # before the strides there may have been lunges, all refused
            until_s = left[0].start_s
            refused = [other for other in others if other.end_s <= until_s]
            added = self._after_all(until_s, refused, history, walked)
            self._not_before_s = max((rep.end_s for rep in added), default=self._not_before_s)
            return SecondLook([number for number, _ in counted], added, {})
        if (
            not by_hand
            and self._gait is not None
            and (strides := self._gait.strides_among(left, time_s, lies=self._lies))
        ):
            kept = _apart_from(strides, left, self._c)
            staying = {id(rep) for rep in kept}
            numbers = [number for number, rep in counted if number in numbers or id(rep) not in staying]
            added = [rep for rep in added if id(rep) in staying]
            left = kept
        if not by_hand and self._gait is not None and self._look.walks and self._shape != "swing":
            turns = {id(one) for one in self._gait.turns_among(left, time_s)}
            numbers += [number for number, rep in counted if id(rep) in turns]
            added = [rep for rep in added if id(rep) not in turns]
            left = [rep for rep in left if id(rep) not in turns]
        leans = left if self._lean is None else [self._lean.of_excursion(rep) for rep in left]
        if not meant and not self._of_a_kind(left, leans, time_s):
            numbers, added, left = [number for number, _ in counted], [], []
        elif len(left) >= self._c.fewest_reps:
            self._before = leans
        self.kept = left
        ends_s = [rep.end_s for rep in left]
        self._not_before_s = max(ends_s, default=self._not_before_s)
        by_number = ((seen[index][0], rep) for index, rep in found_as.items())
        return SecondLook(numbers, added, {number: rep for number, rep in by_number if number not in numbers})

    def _after_all(
        self, time_s: float, others: list[Excursion], history: TickHistory, walked: Sequence[tuple[float, float]]
    ) -> list[Excursion]:
        """None of a set's movements was taken for a rep: together they may be reps all the same."""
        others = sorted((o for o in others if o.start_s > self._not_before_s), key=lambda other: other.start_s)
        if len(others) < FEWEST_AFTER_ALL or (self._shape != "swings" and self._side_steps is None):
            return []
        window = history.window(max(self._not_before_s, others[0].start_s - BEFORE_S), time_s)
        times, up, *_ = window
        others = [other for other in others if other.start_s >= times[0]]
        if self._side_steps is not None:
            reps = self._without_strides_and_turns(self._side_steps.missed(window, [], others), time_s)
        else:
            reps = what_repeats(times, up, others, walked)
        if len(reps) < FEWEST_AFTER_ALL or (self._shape == "swings" and walks_on(times, up, reps)):
            return []
        return reps

    def _without_strides_and_turns(self, reps: list[Excursion], time_s: float) -> list[Excursion]:
        if self._gait is None:
            return reps
        none = {id(one) for one in (*self._gait.strides_among(reps, time_s), *self._gait.turns_among(reps, time_s))}
        return [rep for rep in reps if id(rep) not in none]

    def _is_something_else(self, times: FloatArray, up: FloatArray, jolt: FloatArray, reps: list[Excursion]) -> bool:
        walks = self._shape == "swings" and walks_on(times, up, reps)
        return walks or (not self._steps and goes_about(times, jolt, reps))

    def _of_a_kind(self, reps: list[Excursion], leans: list[Excursion], time_s: float) -> bool:
        """These, also as their leans, are a set, or go on with the one before."""
        if self._gait is None or not reps:
            return True
        if len(reps) < self._c.fewest_reps:
            return not strays(leans, self._before[-1] if self._before else None, self._c)
        turned_deg = self._gait.turned_deg(reps, time_s)
        return of_a_kind(leans, turned_deg, self._before, self._look, self._most_odd)

    def _stays(self, number: int, rep: Excursion, added: Sequence[Excursion]) -> bool:
        return number in self._trusted and not any(a.start_s < rep.end_s and rep.start_s < a.end_s for a in added)

    def _felt_to_fall(
        self, times: FloatArray, up: FloatArray, heave: FloatArray, reps: Sequence[Excursion]
    ) -> FloatArray | None:
        """Give what an alignment would tell, from how the sensor rose and sank in these reps; None when it can't."""
        if not reps:
            return None
        middle = sorted(reps, key=lambda rep: rep.peak_deg)[len(reps) // 2]
        home, far = np.array(middle.home), np.array(middle.far)
        spans = [(rep.start_s, rep.end_s) for rep in reps]
        risen = rises(times, up, heave, spans, home, np.asarray(middle.axis), self._least_lever_m)
        if risen is None:
            return None
        outwards: FloatArray = far - home
        return -outwards if risen == self._rises else outwards


def _apart_from(strides: Sequence[Excursion], movements: Sequence[Excursion], c: CounterParameters) -> list[Excursion]:
    """Give the reps among movements, in order of time; a few between strides that are no set of their own are none."""
    parts: list[list[Excursion]] = [[]]
    taken = {id(one) for one in strides}
    for one in movements:
        if id(one) not in taken:
            parts[-1].append(one)
        elif parts[-1]:
            parts.append([])
    return [one for part in parts if len(part) > c.handful or not strays(part, None, c) for one in part]


def _turned_deg(times: FloatArray, up: FloatArray, excursion: Excursion) -> float:
    """How far the limb turned from where it was at the start, deg."""
    first, last = np.searchsorted(times, (excursion.start_s, excursion.end_s))
    within = up[first : max(last, first + 1)]
    return float(np.degrees(np.arccos(np.clip(within @ within[0], -1.0, 1.0)).max()))
