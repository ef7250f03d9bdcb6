"""The whole chain from samples to events: pure and synchronous, no clock, no files, no screen."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from heapq import merge
from operator import itemgetter
from typing import get_args

from kneeimu.coaching.cues import Coach
from kneeimu.drawing import Drawing
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.motion.health import SignalHealth
from kneeimu.motion.orientation import OrientationFilter, Ticks
from kneeimu.motion.uniform import Gap, GridBlock, UniformGrid
from kneeimu.reps.afterwards.overlooked import Missed
from kneeimu.reps.counter_words import (
    Counted,
    CounterWord,
    LookAside,
    Refused,
    Revoked,
    SaidAt,
    SetClosed,
    SetOpened,
    Turned,
)
from kneeimu.reps.for_exercise import counter_for, made_of, overlooked_for, patience_for, review_for
from kneeimu.reps.history import TickHistory
from kneeimu.reps.measured.measure import RepMeter
from kneeimu.reps.walk.gait import Gait
from kneeimu.types import (
    Alignment,
    Event,
    GapFound,
    Rejected,
    Rep,
    RepCounted,
    RepJudged,
    RepRevoked,
    Samples,
    SetEnded,
    SetStarted,
    Setup,
    Side,
    Trace,
    Turn,
    Warned,
)

PART = 32768
"""Samples that are worked on together; a longer feed is cut. Measured: with a quarter of it numpy is called too often,
with four times as many the processor's caches are too small."""
TICKS_TOGETHER = 512
"""Ticks that are counted together: as Python's own numbers they take more room in the caches."""


class Engine:
    """Turns samples into events. The same samples give the same events, however they are cut into chunks.

    Args:
        setup: exercise, side, mount, nominal rate, and the alignment if there is one.

    Raises:
        ValueError: unknown exercise, mount or side, an alignment of another leg or place, or a rate outside 20 to
            500 Hz.
    """

    def __init__(self, setup: Setup) -> None:
        check_sensor(setup.side, setup.mount, setup.sampling_rate_hz, setup.alignment)
        exercise = find_exercise(setup.exercise)
        if setup.mount not in exercise.mounts:
            raise ValueError(f"{setup.exercise} can't be followed from the {setup.mount}")
        self.setup = setup
        self._exercise = exercise
        self._grid = UniformGrid(setup.sampling_rate_hz)
        bias_rad_s = setup.alignment.gyro_bias_rad_s if setup.alignment is not None else None
        self._orientation = OrientationFilter(
            self._grid.rate_hz, self._grid.samples_per_tick, bias_rad_s, turning=exercise.restless
        )
        self._health = SignalHealth(self._grid.rate_hz)
        self._strap_told = False
        self._set_number = 0
        self._pending: list[Event] = []
        self._drawing = Drawing(setup.alignment, exercise.sagittal)
        self._begin_at(0.0)

    def _begin_at(self, time_s: float) -> None:
        """Know nothing of what was before: set and rep, movement and person."""
        exercise, setup = self._exercise, self.setup
        self._meter = RepMeter(exercise, setup)
        self._patience = patience_for(exercise, setup)
        self._coach = Coach()
        self._history = TickHistory()
        gait = Gait(self._history, setup.mount, made_of(exercise))
        self._counter = counter_for(exercise, setup, self._history, gait)
        self._review = review_for(exercise, setup, gait)
        self._overlooked = overlooked_for(exercise, setup, self._history, gait)
        self._set_start_s = self._time_s = time_s
        self._in_set = False

    def feed(self, samples: Samples) -> list[Event]:
        """Take the next samples and give what they mean, in the order in which it is told.

        An event's ``time_s`` is when it happened, and may lie before that of the event before: a set is known when its
        first rep is counted, and has begun when that rep did.
        """
        events: list[Event] = []
        self._drawing.begin()
        for block in self._blocks(samples):
            events.extend(self._gaps(block))
            self._pending.extend(self._health.check(block))
            self._pending.sort(key=lambda event: (event.time_s, event.kind, str(event)))
            ticks = self._orientation.process(block)
            angles, moving = self._tick(ticks, events)
            self._drawing.add(ticks, angles, moving)
        return events

    @property
    def trace(self) -> Trace:
        """The ticks that the last ``feed`` produced, for drawing."""
        return self._drawing.trace

    def _blocks(self, samples: Samples) -> Iterator[GridBlock]:
        """Give what is fed in parts."""
        for begin in range(0, len(samples), PART):
            part = slice(begin, begin + PART)
            restart = samples.restart and not begin
            yield from self._grid.push(
                Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part], restart)
            )

    def start_set(self, time_s: float) -> list[Event]:
        """The person pressed the key: a set begins at ``time_s``."""
        events = self._translate(self._at_last(self._counter.open_set(time_s)))
        if self._review is not None:
            self._review.begin_by_hand(time_s)
        return events

    def end_set(self, time_s: float) -> list[Event]:
        """The person pressed the key: the set is over at ``time_s``."""
        return self._translate(self._at_last(self._counter.close_set(time_s)), last=True)

    def finish(self) -> list[Event]:
        """No more samples will come: give what is still open."""
        pending, self._pending = self._pending, []
        events = self._translate(self._at_last(self._counter.end_stream(self._time_s)), last=True)
        return pending + events + self._set_overlooked(last=True)

    def _at_last(self, said: list[CounterWord]) -> list[CounterWord]:
        """Hold nothing back any more."""
        return said if self._patience is None else self._patience.step(self._time_s, said, 0.0, last=True)

    def _gaps(self, block: GridBlock) -> list[Event]:
        gap: Gap | None = block.gap
        held: list[Event] = []
        if block.restart and block.time_s[0] < self._time_s:
            # the clock was set back: what went before can't be put in order with what comes
            held = self.finish()
            self._begin_at(float(block.time_s[0]))
            self._drawing.forget_home()
        elif block.restart:
            held = self._translate(self._at_last([]))
            lost_s = gap.end_s - gap.start_s if gap else 0.0
            self._counter.resume(lost_s)
            held += self._set_overlooked(last=True)
            self._overlooked.resume(float(block.time_s[0]))
            self._history.begin_anew()
            self._drawing.forget_home()
        return held + ([GapFound(gap.end_s, gap.start_s, gap.end_s, gap.bridged)] if gap else [])

    def _tick(self, ticks: Ticks, events: list[Event]) -> tuple[array[float], bytearray]:
        """Count: give the angle at each tick, and whether an excursion is under way."""
        self._history.append(ticks)
        angles, moving = array("d"), bytearray()
        # the counter first and what it means afterwards: each is quicker while the other leaves the processor's caches
        # alone
        for at, said in list(self._follow(ticks, angles, moving)):
            self._time_s = ticks.time_s.item(at)
            events.extend(self._due())
            events.extend(self._translate(said))
        if len(ticks):
            self._time_s = ticks.time_s.item(-1)
            events.extend(self._due())
        return angles, moving

    def _follow(self, ticks: Ticks, angles: array[float], moving: bytearray) -> Iterator[SaidAt]:
        """What the counter says, and at which of the ticks."""
        for begin in range(0, len(ticks), TICKS_TOGETHER):
            part = ticks.part(begin, begin + TICKS_TOGETHER)
            words = self._counter.follow(part, angles, moving)
            if self._patience is not None:
                words = self._patience.hold(words, part)
            if looks := self._overlooked.follow(part):
                words = merge(words, looks, key=itemgetter(0))
            for at, said in words:
                yield begin + at, said

    def _due(self) -> Iterator[Event]:
        """Troubles of the signal that have been found by now."""
        while self._pending and self._pending[0].time_s <= self._time_s:
            yield self._pending.pop(0)

    # --- from the counter's words to events --------------------------------------------------------------------------

    def _translate(self, said: list[CounterWord], *, last: bool = False) -> list[Event]:
        events: list[Event] = []
        for word in said:
            match word:
                case Counted():
                    rep = self._count(word, events)
                    self._tell_of_strap(word.time_s, events)
                    events.extend(self._coach.after(word.time_s, rep, self._meter.levels))
                case Revoked():
                    numbers = self._meter.take_back(word.count)
                    self._coach.take_back(numbers)
                    if self._review is not None:
                        self._review.take_back(numbers, walked=word.reason == "walking")
                    events.extend(RepRevoked(word.time_s, self._set_number, number, word.reason) for number in numbers)
                case Turned():
                    events.append(self._turn(word))
                case Refused():
                    excursion = word.excursion
                    if self._review is not None:
                        self._review.refuse(excursion, walked=word.reason == "walking")
                    events.append(
                        Rejected(word.time_s, _round(excursion.start_s), _round(excursion.end_s), word.reason)
                    )
                case SetOpened():
                    self._set_number += 1
                    self._set_start_s, self._in_set = word.time_s, True
                    self._meter.begin_set()
                    self._coach.begin_set()
                    events.append(SetStarted(word.time_s, self._set_number))
                case SetClosed():
                    self._look_again(word, events, last)
                    self._look_for_others(word.time_s, events, last)
                    events.extend(self._close(word.time_s))
                case LookAside():
                    events.extend(self._set_overlooked())
        return events

    def _turn(self, word: Turned) -> Turn:
        """A set opens when its first rep is counted: the turn before is of that one."""
        angle_deg = _round(word.angle_deg)
        if self._in_set:
            return Turn(word.time_s, self._set_number, self._meter.count + 1, angle_deg)
        return Turn(word.time_s, self._set_number + 1, 1, angle_deg)

    def _count(self, word: Counted, events: list[Event]) -> Rep:
        rep = self._meter.measure(word.excursion, self._history, word.time_s)
        if self._review is not None:
            self._review.count(rep.number, word.excursion, word.trusted)
        events.append(RepCounted(word.time_s, self._set_number, rep))
        return rep

    def _look_again(self, over: SetClosed, events: list[Event], last: bool) -> None:
        """A set is over: correct what only the whole of it shows."""
        if self._review is None:
            return
        time_s = over.time_s
        removed, added, found_as = self._review.close(time_s, self._history, over.walked, last=last, meant=over.by_hand)
        for number in removed:
            self._meter.drop(number)
            events.append(RepRevoked(time_s, self._set_number, number, "second-look"))
        for excursion in added:
            rep = self._meter.measure(excursion, self._history, time_s, late=True)
            events.append(RepCounted(time_s, self._set_number, rep))
        again = self._meter.measure_again(found_as, self._history, time_s)
        events.extend(RepJudged(time_s, self._set_number, rep.number, rep.flags, rep) for rep in again)

    def _look_for_others(self, time_s: float, events: list[Event], last: bool) -> None:
        """Correct what was not seen at all of the set that is over."""
        reps = [] if self._review is None else self._review.kept
        self._tell_of_strides()
        for missed in self._overlooked.look_at_set(time_s, list(self._meter.reps), reps, last=last):
            self._take_over(missed, time_s, events)

    def _set_overlooked(self, *, last: bool = False) -> list[Event]:
        """A set of which the counter has seen nothing."""
        events: list[Event] = []
        if not self._in_set:
            self._tell_of_strides()
            for missed in self._overlooked.look(self._time_s, last=last):
                events += self._translate([SetOpened(missed.added[0].start_s)])
                self._take_over(missed, self._time_s, events)
                events += self._close(self._time_s)
        return events

    def _tell_of_strides(self) -> None:
        if self._review is not None:
            self._overlooked.strode(self._review.strides)

    def _take_over(self, missed: Missed, time_s: float, events: list[Event]) -> None:
        for number in missed.removed:
            self._meter.drop(number)
            events.append(RepRevoked(time_s, self._set_number, number, "second-look"))
        for excursion in missed.added:
            rep = self._meter.measure(excursion, missed.history, time_s, late=True)
            events.append(RepCounted(time_s, self._set_number, rep))

    def _close(self, time_s: float) -> list[Event]:
        events = self._judge_again(time_s)
        summary = self._meter.summarise(self._set_number, self._set_start_s, time_s)
        self._in_set = False
        return [*events, SetEnded(time_s, summary)]

    def _judge_again(self, time_s: float) -> list[Event]:
        judged = self._meter.judge_again()
        return [RepJudged(time_s, self._set_number, rep.number, rep.flags) for rep in judged]

    def _tell_of_strap(self, time_s: float, events: list[Event]) -> None:
        if self._meter.strap_moved is not None and not self._strap_told:
            self._strap_told = True
            events.append(Warned(time_s, "strap-moved", self._meter.strap_moved))


def check_sensor(side: str, mount: str, rate_hz: float, alignment: Alignment | None) -> None:
    """Refuse what no sensor can be, or what is another one's.

    Raises:
        ValueError: no such side, a rate outside 20 to 500 Hz, or an alignment of another leg or place.
    """
    if side not in get_args(Side):
        raise ValueError(f"the side {side!r} is neither left nor right")
    if not 20.0 <= rate_hz <= 500.0:
        raise ValueError(f"a sampling rate of {rate_hz:g} Hz is outside 20 to 500 Hz")
    if alignment is not None and not alignment.is_of(side, mount):
        raise ValueError(f"the alignment is of the {alignment.side} {alignment.mount}, not of the {side} {mount}")


def _round(value: float) -> float:
    return round(value, 3)
