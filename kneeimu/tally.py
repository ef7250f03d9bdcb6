"""The state of a session as a person sees it: built from the engine's events and the person's own commands.

Live view, replay, history, report, exports and MQTT all use it, so that they say the same. What was detected and what
was corrected are both kept.

Where the app leads through a plan it says which reps count: the engine also sees what is done while the person answers
a question or carries the sensor to the other leg. Its notes (``SET_NOTES``) name the set of the plan and the reps that
it is made of so far; the last one holds. Between sets nothing counts. Without such notes every rep counts, in the sets
that the engine found.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import compress
from operator import not_
from typing import Any, Literal

from kneeimu.corrections import Corrections
from kneeimu.types import (
    Cue,
    Event,
    Rep,
    RepCounted,
    RepJudged,
    RepRevoked,
    SetEnded,
    SetStarted,
    Turn,
    Warned,
)

MOST_REPS = 400
"""A session of hours must not grow in memory."""
MOST_BY = 100
"""A key is pressed once for each rep; a file that claims more at once was not written by the app."""
SET_NOTES = ("guided", "bout-started", "bout-goes-on", "bout-ended", "bout-left")
"""The app's notes: that it leads, and about its sets; those of timed exercises name no reps and change nothing here."""
Note = Literal["", "added", "taken back"]


@dataclass(frozen=True, slots=True)
class TalliedRep:
    """A rep on the list.

    Attributes:
        rep: None for one that a person added.
        found_in: the engine's number of the set that it found the rep in; 0 for one that a person added.
    """

    set_number: int
    number: int
    time_s: float
    rep: Rep | None
    note: Note = ""
    found_in: int = 0

    @property
    def counts(self) -> bool:
        """It was not taken back."""
        return self.note != "taken back"


@dataclass(slots=True)
class TalliedSet:
    """From when to when a set was, s; ``end_s`` is None while it goes on. ``forgotten``: reps not kept any more."""

    number: int
    start_s: float
    end_s: float | None = None
    forgotten: int = 0


@dataclass(frozen=True, slots=True)
class LedSet:
    """What a note of the app says about a set.

    Attributes:
        number: of the set, among those of this exercise on this leg.
        turns_s: the turning points of its reps so far: another version of the engine may number them otherwise.
        since_s: what is counted from then on belongs to it, too, until another note comes; None in those that end it.
        corrected: its reps with the person's corrections.
    """

    number: int
    turns_s: tuple[float, ...]
    since_s: float | None
    corrected: int

    @classmethod
    def read(cls, data: dict[str, Any]) -> LedSet | None:
        """Read what ``coaching.bout_state`` wrote; None for what is no such note."""
        number, turns, since, corrected = (data.get(name) for name in ("number", "reps", "since_s", "corrected"))
        if not isinstance(number, int) or not isinstance(corrected, int) or not isinstance(turns, list):
            return None
        if not all(map(_is_moment, turns)) or not (since is None or _is_moment(since)):
            return None
        return cls(number, tuple(turns), since, corrected) if abs(corrected - len(turns)) <= MOST_BY else None

    def holds(self, one: TalliedRep) -> bool:
        """Tell whether a measured rep is one of its."""
        if self.since_s is not None and one.time_s >= self.since_s:
            return True
        return one.rep is not None and any(one.rep.start_s <= turn <= one.rep.end_s for turn in self.turns_s)


def _is_moment(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(frozen=True, slots=True)
class PainMark:
    """Where it hurt: 0 to 10, None when no number was given."""

    time_s: float
    level: int | None


@dataclass(slots=True)
class Tally:
    """Counts and lists of a session; feed it with ``apply`` and ``command``.

    Attributes:
        set_number: the present or last set; 0 before the first.
        in_set: a set is under way.
        engine_in_set: the engine sees one; the app that leads may not.
        turned: the present rep has passed its turning point.
        sets: by number.
        led: the app says what counts.
        left_out: reps that the engine counted and the app did not; the newest only.
        most_reps: kept of sets that are over; those of the present set are all kept.
    """

    set_number: int = 0
    in_set: bool = False
    engine_in_set: bool = False
    turned: bool = False
    paused: bool = False
    reps: deque[TalliedRep] = field(default_factory=deque)
    sets: dict[int, TalliedSet] = field(default_factory=dict)
    pain: list[PainMark] = field(default_factory=list)
    cue: Cue | None = None
    warning: Warned | None = None
    left_out: deque[TalliedRep] = field(default_factory=lambda: deque(maxlen=MOST_REPS))
    most_reps: int = MOST_REPS
    led: bool = False
    _corrections: Corrections = field(default_factory=Corrections, init=False, repr=False, compare=False)

    def apply(self, event: Event) -> None:
        """Take what the engine said."""
        match event:
            case SetStarted():
                self.engine_in_set, self.turned = True, False
                if not self.led:
                    self._begin(event.set_number, event.time_s)
            case RepCounted():
                self.turned = False
                self._count(event)
            case RepRevoked():
                self._revoke(event)
            case RepJudged():
                self._judge(event)
            case Turn():
                self.turned = True
            case SetEnded():
                self.engine_in_set, self.turned = False, False
                if not self.led:
                    summary = event.summary
                    self.in_set = False
                    self._set(summary.number, summary.start_s).end_s = summary.end_s
            case Cue():
                self.cue = event
            case Warned():
                self.warning = event

    def command(self, name: str, time_s: float, data: dict[str, Any]) -> None:
        """Take what the person did, and what the app said of its sets; unknown commands change nothing."""
        match name:
            case "correction":
                self._corrections.spoken()
                self._correct(int(data.get("by", 0)), time_s)
            case "pain":
                self.pain.append(PainMark(time_s, data.get("level")))
            case "pause":
                self.paused = True
            case "resume":
                self.paused = False
            case "guided":
                self._lead()
            case _ if name in SET_NOTES and (led := LedSet.read(data)) is not None:
                self._follow(led, time_s)

    def of_set(self, number: int | None = None) -> list[TalliedRep]:
        """Give the reps of a set (default: the present one), oldest first."""
        wanted = self.set_number if number is None else number
        return [rep for rep in self.reps if rep.set_number == wanted]

    @property
    def detected(self) -> int:
        """Reps of the present set that the engine counted."""
        return self._detected(self.set_number)

    @property
    def count(self) -> int:
        """Reps of the present set after the person's corrections."""
        return self._counts(self.set_number)

    @property
    def total(self) -> int:
        """Reps of the session after the person's corrections."""
        return self.forgotten + sum(rep.counts for rep in self.reps)

    @property
    def forgotten(self) -> int:
        """Reps that counted and are not kept any more."""
        return sum(one.forgotten for one in self.sets.values())

    @property
    def sets_done(self) -> int:
        """Sets that are over and in which a rep counted, after the person's corrections."""
        counted = {rep.set_number for rep in self.reps if rep.counts}
        return sum(one.end_s is not None and (one.number in counted or one.forgotten > 0) for one in self.sets.values())

    @property
    def clean(self) -> int:
        """Counted reps of the present set without a flag; an added one was not seen and isn't judged."""
        return sum(rep.counts and rep.rep is not None and rep.rep.clean for rep in self.of_set())

    @property
    def last_rep(self) -> Rep | None:
        """The newest measured rep of the present set that counts."""
        return next((rep.rep for rep in reversed(self.of_set()) if rep.counts and rep.rep is not None), None)

    @property
    def usual_range_deg(self) -> float | None:
        """Mean range of the last reps, deg."""
        ranges = [rep.rep.range_of_motion_deg for rep in self.reps if rep.rep is not None][-5:]
        return sum(ranges) / len(ranges) if ranges else None

    # --- sets --------------------------------------------------------------------------------------------------------

    def _set(self, number: int, start_s: float) -> TalliedSet:
        return self.sets.setdefault(number, TalliedSet(number, start_s))

    def _begin(self, number: int, start_s: float) -> None:
        self._set(number, start_s).end_s = None
        self.set_number, self.in_set, self.cue = number, True, None

    def _lead(self) -> None:
        """The app says what counts from here on."""
        if not self.led:
            self.led, self.in_set, self.set_number = True, False, 0
            self.left_out.extend(rep for rep in self.reps if rep.rep is not None)
            self.reps.clear()
            self.sets.clear()

    def _follow(self, led: LedSet, time_s: float) -> None:
        """The app says what one of its sets is made of."""
        self._lead()
        if led.since_s is not None:
            if not led.turns_s:
                self.sets.pop(led.number, None)
            self._begin(led.number, led.since_s)
        else:
            self.set_number, self.in_set = led.number, False
            own = self._set(led.number, time_s)
            own.end_s = time_s if own.end_s is None else own.end_s
        self._sort(led)
        if led.since_s is None:
            self._bring_to(led.corrected, led.number)
            self._correct(led.corrected - self.count, time_s)  # those that the person added

    def _sort(self, led: LedSet) -> None:
        """Take in the reps of a set that were left out, and leave out those that are none of its."""
        kept, left = list(self.reps), list(self.left_out)
        stays = [rep.set_number != led.number or rep.rep is None or led.holds(rep) for rep in kept]
        joins = [led.holds(rep) for rep in left]
        self.reps = deque(compress(kept, stays))
        self.left_out.clear()
        self.left_out.extend(compress(left, map(not_, joins)))
        self.left_out.extend(compress(kept, map(not_, stays)))
        for rep in compress(left, joins):
            self._add(replace(rep, set_number=led.number, number=self._next_number()))

    def _bring_to(self, corrected: int, number: int) -> None:
        """Let so many reps of a set count, as far as there are so many."""
        while self._counts(number) > corrected and (self._forget_added(number) or self._take_back(number)):
            pass
        while self._counts(number) < corrected and self._give_back(number):
            pass

    def _counts(self, number: int) -> int:
        return sum(rep.counts for rep in self.of_set(number))

    def _detected(self, number: int) -> int:
        return sum(rep.rep is not None for rep in self.of_set(number))

    # --- reps --------------------------------------------------------------------------------------------------------

    def _count(self, event: RepCounted) -> None:
        number = self.set_number if self.led else event.set_number
        place = self._next_number() if self.led else event.rep.number
        rep = TalliedRep(number, place, event.time_s, event.rep, found_in=event.set_number)
        if self.led and not self.in_set:
            self.left_out.append(rep)
            return
        before, detected = self._counts(number), self._detected(number)
        self._add(rep)
        self._bring_to(self._corrections.counted(event.rep, before, detected, late=event.late), number)

    def _next_number(self) -> int:
        return max((rep.number for rep in self.of_set()), default=0) + 1

    def _add(self, rep: TalliedRep) -> None:
        self.reps.append(rep)
        while len(self.reps) > self.most_reps and self.reps[0].set_number != self.set_number:
            old = self.reps.popleft()
            self._set(old.set_number, old.time_s).forgotten += old.counts

    def _correct(self, by: int, time_s: float) -> None:
        for _ in range(max(0, by)):
            self._add(TalliedRep(self.set_number, self._next_number(), time_s, None, "added"))
        for _ in range(max(0, -by)):
            self._take_back(self.set_number)

    def _take_back(self, set_number: int) -> bool:
        """Let the last rep that counts do so no more. False when there is none."""
        for index in range(len(self.reps) - 1, -1, -1):
            rep = self.reps[index]
            if rep.set_number == set_number and rep.counts:
                if rep.rep is None:
                    del self.reps[index]
                else:
                    self.reps[index] = replace(rep, note="taken back")
                return True
        return False

    def _forget_added(self, set_number: int) -> bool:
        """Drop a rep that the person had added. False when there is none."""
        for index, rep in enumerate(self.reps):
            if rep.set_number == set_number and rep.rep is None:
                del self.reps[index]
                return True
        return False

    def _revoke(self, event: RepRevoked) -> None:
        for index, rep in enumerate(self.left_out):
            if _is_it(rep, event):
                del self.left_out[index]
                return
        if self.led and not self.in_set:
            return  # the app may have shown it already: it says what becomes of it
        for index in range(len(self.reps) - 1, -1, -1):
            rep = self.reps[index]
            if rep.rep is not None and _is_it(rep, event):
                number = rep.set_number
                before, detected = self._counts(number), self._detected(number)
                del self.reps[index]
                self._bring_to(self._corrections.revoked(rep.rep, before, detected), number)
                return

    def _judge(self, event: RepJudged) -> None:
        for reps in (self.reps, self.left_out):
            for index, one in enumerate(reps):
                if one.rep is not None and _is_it(one, event):
                    reps[index] = replace(one, rep=event.of(one.rep))
                    return

    def _give_back(self, set_number: int) -> bool:
        """Let a rep count again that the person had taken back. False when there is none."""
        for index, rep in enumerate(self.reps):
            if rep.set_number == set_number and rep.note == "taken back":
                self.reps[index] = replace(rep, note="")
                return True
        return False


def _is_it(one: TalliedRep, event: RepRevoked | RepJudged) -> bool:
    return one.rep is not None and (one.found_in, one.rep.number) == (event.set_number, event.rep_number)
