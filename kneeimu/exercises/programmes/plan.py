"""From a programme to what is done one after the other: every set, leg and way, and when the sensor moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from kneeimu.exercises.programmes.programme import Item, Programme
from kneeimu.types import Mount, Side

TURN_REST_S = 5.0
"""Rest between the two ways of a walk: time to turn round, no more."""


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of an exercise a person does at present, as progression left it."""

    sets: int
    band: str


@dataclass(frozen=True, slots=True)
class Bout:
    """One set of one exercise on one leg, one way.

    Attributes:
        number: place in the plan, from 1.
        set_number, set_count: of this exercise on this leg.
        rest_s: rest that follows it, s.
        nth: place among all sets of the exercise on the leg, from 1; each way of a walk is one.
        agreed_reps: what a coach asked for instead of the programme's reps, and the person agreed to.
    """

    number: int
    item: Item
    side: Side
    way: str | None
    set_number: int
    set_count: int
    band: str
    rest_s: float
    nth: int
    agreed_reps: int | None = None

    @property
    def reps(self) -> tuple[int, int]:
        """Fewest and most reps to do."""
        return self.item.reps if self.agreed_reps is None else (self.agreed_reps, self.agreed_reps)

    @property
    def place(self) -> tuple[Side, Mount]:
        """Where the sensor sits for it."""
        return self.side, self.item.mount

    @property
    def task(self) -> tuple[Item, Side]:
        """What one recording is of: an exercise that stands in a programme twice is asked for otherwise each time."""
        return self.item, self.side

    @property
    def setup(self) -> tuple[str, Side, Mount]:
        """What the engine has to know."""
        return self.item.exercise, self.side, self.item.mount


def plan_session(
    programme: Programme, training: Side, doses: Mapping[tuple[str, Side], Dose] | None = None
) -> tuple[Bout, ...]:
    """Give all sets of one session in order.

    ``doses`` holds what progression decided, by exercise and leg; without it everything begins at the programme's
    smallest number of sets and its own band. So does an exercise that stands in the programme more than once: which of
    its places a decision is meant for is not known.
    """
    bouts: list[Bout] = []
    nth: Counter[tuple[str, Side]] = Counter()
    decided = {key: dose for key, dose in (doses or {}).items() if stands_alone(programme, key[0])}
    for item, side in _in_order(programme, training):
        dose = decided.get((item.exercise, side)) or Dose(item.sets[0], item.band)
        for number in range(1, dose.sets + 1):
            ways: tuple[str | None, ...] = item.ways or (None,)
            for way in ways:
                rest = item.rest_s if way == ways[-1] else TURN_REST_S
                nth[item.exercise, side] += 1
                place = nth[item.exercise, side]
                bouts.append(Bout(len(bouts) + 1, item, side, way, number, dose.sets, dose.band, rest, place))
    return tuple(bouts)


def stands_alone(programme: Programme, exercise: str) -> bool:
    """Tell whether an exercise stands in the programme only once."""
    return sum(item.exercise == exercise for item in programme.items) == 1


def left_of(bouts: tuple[Bout, ...], here: Bout, done: Container[int], *, both_legs: bool = False) -> tuple[Bout, ...]:
    """Give the bouts of ``here``'s exercise that are not among the numbers of ``done``, on its leg or on both."""
    return tuple(
        bout
        for bout in bouts
        if bout.item == here.item and (both_legs or bout.side == here.side) and bout.number not in done
    )


def agree_on(bouts: tuple[Bout, ...], changed: tuple[Bout, ...], reps: int) -> tuple[Bout, ...]:
    """Give the plan with another number of reps in the bouts of ``changed``."""
    return tuple(replace(bout, agreed_reps=reps) if bout in changed else bout for bout in bouts)


def sensor_moves(bouts: tuple[Bout, ...]) -> int:
    """Count how often the sensor has to be put elsewhere."""
    return sum(before.place != after.place for before, after in pairwise(bouts))


def usual_duration_s(bouts: tuple[Bout, ...]) -> float:
    """Give about how long a session takes, s: middle of the rep range at the tempo, rests, 20 s a move."""
    work = sum(
        bout.item.seconds if bout.item.seconds is not None else sum(bout.item.reps) / 2 * (sum(bout.item.tempo_s) + 0.5)
        for bout in bouts
    )
    return work + sum(bout.rest_s + 5.0 for bout in bouts[:-1]) + 20.0 * sensor_moves(bouts)


def _in_order(programme: Programme, training: Side) -> Iterator[tuple[Item, Side]]:
    pairs = [(item, side) for item in programme.items for side in item.sides(training)]
    if programme.order == "leg":
        pairs.sort(key=lambda pair: pair[1] != training)
    return iter(pairs)
