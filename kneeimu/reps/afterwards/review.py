"""Keeps what a set was made of until it is over, and then looks at it again."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from math import inf

from kneeimu.reps.afterwards.alone import alone
from kneeimu.reps.afterwards.apart import quick_and_apart
from kneeimu.reps.afterwards.few_strides import few_strides
from kneeimu.reps.afterwards.of_a_kind import of_a_kind
from kneeimu.reps.afterwards.shapes import SecondLook, SetOver, Shape, look_parameters
from kneeimu.reps.excursion import Excursion, meet
from kneeimu.reps.handful import strays
from kneeimu.reps.history import TickHistory
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.walk.gait import Gait
from kneeimu.reps.walk.rough import before_strides, goes_about

MOST_OTHERS = 400
BEFORE_S = 25.0
"""A set of which nothing was counted began no more than so long before the first movement that was refused."""
FEWEST_AFTER_ALL = 4
"""Of movements that were all refused so many have to repeat each other to be a set."""


STRODE_SHARE = 0.4
"""What was known as strides for so much of its time is no rep that was missed. Engineering choice."""
FEWEST_STEADY, MOST_STRAY, STRAY_TURN_DEG, FOR_SURE = 5, 2, 25.0, 0.5
"""Movements that are no set may be so many reps, and no more than so many strays at either end with which the person
turned by more than this: if the others are a set by this share of what is allowed. Engineering choices."""


APART_S, BESIDE_S, MOST_LAST = 2.5, 0.8, 2
"""One or two movements that are this far from the reps, and no further than that from strides, were the first of these
or the last. Engineering choices."""


class SetReview:
    """Reps and other movements of the present set.

    Args:
        shape: what a rep looks like.
        counter: what reps and a handful of them are like.
        gait: knows how the leg turned in some movements.

    Attributes:
        kept: the reps of the set that was closed last.
    """

    def __init__(self, shape: Shape, counter: CounterParameters, gait: Gait) -> None:
        self._shape, self._c, self._gait = shape, counter, gait
        self._look = look_parameters(counter)
        self._counted: dict[int, Excursion] = {}
        self._others: deque[Excursion] = deque(maxlen=MOST_OTHERS)
        self._strides: deque[Excursion] = deque(maxlen=MOST_OTHERS)
        self._trusted: set[int] = set()
        self._not_before_s, self._by_hand = -inf, False
        self._before: list[Excursion] = []
        self._largest_deg = 0.0
        self.kept: list[Excursion] = []

    def count(self, number: int, excursion: Excursion, trusted: bool = False) -> None:
        """A rep was counted; one that is ``trusted`` only goes where another explains the same time, or as a stride."""
        self._counted[number] = excursion
        if trusted:
            self._trusted.add(number)

    def take_back(self, numbers: Sequence[int], *, walked: bool = False) -> None:
        """Reps were taken back, because the person ``walked`` perhaps."""
        for number in numbers:
            if number in self._counted:
                self.refuse(self._counted.pop(number), walked=walked)

    def refuse(self, excursion: Excursion, *, walked: bool = False) -> None:
        """A movement was no rep, but a stride perhaps."""
        self._others.append(excursion)
        if walked:
            self._strides.append(excursion)

    @property
    def strides(self) -> list[Excursion]:
        """The last movements that were strides."""
        return list(self._strides)

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
        counted = dict(sorted(self._counted.items(), key=lambda seen: seen[1].start_s))
        others, by_hand, trusted = list(self._others), self._by_hand, self._trusted
        self._counted, self._by_hand, self._trusted, self.kept = {}, False, set(), []
        self._others.clear()
        if not counted:
            return self._say(counted, self._after_all(time_s, others, history, walked), {})
        asked_s = max(self._not_before_s, next(iter(counted.values())).start_s - self._shape.before_s)
        ticks = history.window(asked_s, time_s, across_gaps=True)
        known = {number: rep for number, rep in counted.items() if rep.start_s >= ticks[0][0]}
        over = SetOver(ticks, list(known.values()), others, walked, asked_s, time_s, by_hand, last)
        (removed, added, found_as), numbers = self._shape.look_again(over), list(known)
        left = self._corrected(over, counted, [numbers[index] for index in removed], added, trusted)
        none = {id(rep) for rep in [*self._shape.settling(over, left), *self._alone(left)]}
        left = [rep for rep in left if by_hand or id(rep) not in none]
        if not by_hand and self._is_something_else(over, left):
            before = before_strides(left)
            if len(before) < FEWEST_AFTER_ALL or self._is_something_else(over, before):
                # before the strides there may have been lunges, all refused
                until_s = left[0].start_s
                refused = [other for other in others if other.end_s <= until_s]
                return self._say(counted, self._after_all(until_s, refused, history, walked), {})
            left = before
        if not by_hand:
            left = self._without_strides_and_turns(over, left, time_s)
            refused = [rep for rep in self._shape.refused(over, left) if not self._strode(rep)]
            left = sorted([*left, *refused], key=_start_s)
        if not meant and self._shape.hangs(over.ticks, left):
            left = []
        if not meant and not self._are_a_set(left, time_s):
            left = self._but_for_turns(left, time_s)
            left = left if len(left) >= FEWEST_STEADY and self._are_a_set(left, time_s, FOR_SURE) else []
        if not by_hand and (shaken := self._shape.shaken(over.ticks, left)):
            left = [rep for rep in left if rep not in shaken]
            left = left if self._are_a_set(left, time_s) else []
        if len(left) >= self._c.fewest_reps:
            self._before = self._shape.compared(left)
        self._largest_deg = max(self._largest_deg, *(rep.peak_deg for rep in left), 0.0)
        self.kept = left
        return self._say(counted, left, {numbers[index]: rep for index, rep in found_as.items()})

    def _corrected(
        self,
        over: SetOver,
        counted: dict[int, Excursion],
        removed: Sequence[int],
        added: Sequence[Excursion],
        trusted: set[int],
    ) -> list[Excursion]:
        """Give the reps, in order of time, once it is known what was none, and what was missed."""
        # one that was under way when what is looked at begins has been counted, and is not missed
        begins_s = over.ticks[0][0]
        under_way_s = max((rep.end_s for rep in counted.values() if rep.start_s < begins_s), default=-inf)
        added = [rep for rep in added if rep.turn_s > under_way_s and not self._strode(rep)]
        left = [
            rep
            for number, rep in counted.items()
            if number not in removed or (number in trusted and not any(meet(rep, one) for one in added))
        ]
        left = sorted([*left, *added], key=_start_s)
        also = [rep for rep in self._shape.also_missed(over, left) if rep.turn_s > under_way_s]
        return sorted([*left, *also], key=_start_s)

    def _alone(self, reps: list[Excursion]) -> list[Excursion]:
        """Give those alone, or a few apart and unlike the others; a band walk rests where it turns."""
        if self._c.steps or self._c.swings_through:
            return []
        if not self._shape.repeats:
            return alone(reps)
        apart = quick_and_apart(self._shape.compared(reps), self._before, self._look)
        return [*alone(reps), *(reps[index] for index in apart)]

    def _strode(self, rep: Excursion) -> bool:
        """It was seen as a stride, where reps are no steps themselves."""
        if self._c.steps or self._c.swings_through or self._c.lands:
            return False
        strode_s = sum(max(0.0, min(one.end_s, rep.end_s) - max(one.start_s, rep.start_s)) for one in self._strides)
        return strode_s > STRODE_SHARE * rep.duration_s

    def _say(self, counted: dict[int, Excursion], left: list[Excursion], found_as: dict[int, Excursion]) -> SecondLook:
        self._not_before_s = max((rep.end_s for rep in left), default=self._not_before_s)
        staying = {id(rep) for rep in left}
        removed = [number for number, rep in counted.items() if id(rep) not in staying]
        known = {id(rep) for rep in counted.values()}
        added = [rep for rep in left if id(rep) not in known]
        return SecondLook(removed, added, {number: rep for number, rep in found_as.items() if number not in removed})

    def _after_all(
        self, time_s: float, others: list[Excursion], history: TickHistory, walked: Sequence[tuple[float, float]]
    ) -> list[Excursion]:
        """None of a set's movements was taken for a rep: together they may be reps all the same."""
        others = sorted((o for o in others if o.start_s > self._not_before_s), key=_start_s)
        if len(others) < FEWEST_AFTER_ALL:
            return []
        asked_s = max(self._not_before_s, others[0].start_s - BEFORE_S)
        ticks = history.window(asked_s, time_s, across_gaps=True)
        others = [other for other in others if other.start_s >= ticks[0][0]]
        reps = self._shape.among_refused(SetOver(ticks, [], others, walked, asked_s, time_s))
        reps = [rep for rep in reps if not (self._shape.repeats and self._strode(rep))]
        return reps if len(reps) >= FEWEST_AFTER_ALL else []

    def _without_strides_and_turns(self, over: SetOver, reps: list[Excursion], time_s: float) -> list[Excursion]:
        none = self._shape.no_strides(over, reps)
        strides = [*self._shape.strides(over, reps), *self._gait.strides_among(reps, time_s, lies=self._c.lies)]
        strides = [one for one in strides if one not in none]
        if self._shape.repeats and self._look.walks:
            strides += few_strides(*over.ticks[:2], reps, self._before)
        self._strides.extend(strides)
        if strides:
            reps = _apart_from(strides, reps, self._c)
        if not (self._c.steps or self._c.swings_through or self._c.lands):
            reps = _without_last_strides(reps, self._strides)
        if not self._look.walks or self._c.swings_through:
            return reps
        turns = {id(one) for one in self._gait.turns_among(reps, time_s)}
        return [rep for rep in reps if id(rep) not in turns]

    def _is_something_else(self, over: SetOver, reps: list[Excursion]) -> bool:
        time_s, *_, jolt_m_s2 = over.ticks
        return self._shape.walks(over.ticks, reps) or (not self._c.steps and goes_about(time_s, jolt_m_s2, reps))

    def _but_for_turns(self, reps: list[Excursion], time_s: float) -> list[Excursion]:
        """Leave out a movement or two at either end with which the person turned."""
        stray = (self._gait.turned_deg(reps, time_s) > STRAY_TURN_DEG).tolist()
        first, last = (
            next((k for k, turned in enumerate(end[:MOST_STRAY]) if not turned), MOST_STRAY)
            for end in (stray, stray[::-1])
        )
        return reps[first : len(reps) - last]

    def _are_a_set(self, reps: list[Excursion], time_s: float, share: float = 1.0) -> bool:
        """These are a set, or go on with the one before."""
        if not reps:
            return True
        compared = self._shape.compared(reps)
        if max(self._largest_deg, *(rep.peak_deg for rep in reps)) <= self._c.taken_along_deg:
            return False
        if len(reps) < self._c.fewest_reps:
            return not strays(compared, self._before[-1] if self._before else None, self._c)
        turned_deg = self._gait.turned_deg(reps, time_s)
        return of_a_kind(compared, turned_deg, self._before, self._look, share * self._shape.most_odd)


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


def _without_last_strides(reps: Sequence[Excursion], strides: Collection[Excursion]) -> list[Excursion]:
    """Give the reps, in order of time, but for one or two apart from the others and right beside strides."""
    runs: list[list[Excursion]] = []
    for rep in reps:
        if not runs or rep.start_s - runs[-1][-1].end_s > APART_S:
            runs.append([])
        runs[-1].append(rep)
    return [
        rep
        for run in runs
        if len(run) > MOST_LAST or len(run) == len(reps) or not any(_is_beside(run, one) for one in strides)
        for rep in run
    ]


def _is_beside(run: Sequence[Excursion], stride: Excursion) -> bool:
    after_s, before_s = run[0].start_s - stride.end_s, stride.start_s - run[-1].end_s
    return -BESIDE_S < after_s < BESIDE_S or -BESIDE_S < before_s < BESIDE_S


def _start_s(rep: Excursion) -> float:
    return rep.start_s
