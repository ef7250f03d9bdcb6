"""The state of a session as a person sees it: built from the engine's events and the person's own commands.

Live view, replay and summaries all use it, so that they say the same. What was detected and what was corrected are
both kept.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from kneeimu.coaching.tempo import SpeedMeter, still_enough
from kneeimu.types import (
    Cue,
    Event,
    FloatArray,
    Rep,
    RepCounted,
    RepJudged,
    RepRevoked,
    SetEnded,
    SetStarted,
    SetSummary,
    Trace,
    Turn,
    Warned,
)

MOST_REPS = 400
"""A session of hours must not grow in memory."""
START_SHARE, END_SHARE = 0.25, 0.15
"""Shares of the usual range at which a movement is shown as begun and as over."""

LONGEST_STEP_S = 0.5
"""What is not seen for longer than this does not count as still."""

Note = Literal["", "added", "taken back"]


@dataclass(frozen=True, slots=True)
class TalliedRep:
    """A rep on the list. ``rep`` is None for one that a person added."""

    set_number: int
    number: int
    time_s: float
    rep: Rep | None
    note: Note = ""

    @property
    def counts(self) -> bool:
        """It was not taken back."""
        return self.note != "taken back"


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
        turned: the present rep has passed its turning point.
        forgotten: reps that counted and are not kept any more.
        most_reps: kept of sets that are over; those of the present set are all kept.
    """

    set_number: int = 0
    in_set: bool = False
    turned: bool = False
    paused: bool = False
    reps: deque[TalliedRep] = field(default_factory=deque)
    summaries: list[SetSummary] = field(default_factory=list)
    pain: list[PainMark] = field(default_factory=list)
    cue: Cue | None = None
    warning: Warned | None = None
    forgotten: int = 0
    most_reps: int = MOST_REPS

    def apply(self, event: Event) -> None:
        """Take what the engine said."""
        match event:
            case SetStarted():
                self.set_number, self.in_set, self.turned = event.set_number, True, False
                self.cue = None
            case RepCounted():
                self.turned = False
                if event.late:
                    self._forget_added(event.set_number)
                self._add(TalliedRep(event.set_number, event.rep.number, event.time_s, event.rep))
            case RepRevoked():
                self._revoke(event)
            case RepJudged():
                self._judge(event)
            case Turn():
                self.turned = True
            case SetEnded():
                self.in_set, self.turned = False, False
                self.summaries.append(event.summary)
            case Cue():
                self.cue = event
            case Warned():
                self.warning = event

    def command(self, name: str, time_s: float, data: dict[str, Any]) -> None:
        """Take what the person did; unknown commands change nothing."""
        match name:
            case "correction":
                self._correct(int(data.get("by", 0)), time_s)
            case "pain":
                self.pain.append(PainMark(time_s, data.get("level")))
            case "pause":
                self.paused = True
            case "resume":
                self.paused = False

    def of_set(self, number: int | None = None) -> list[TalliedRep]:
        """Give the reps of a set (default: the present one), oldest first."""
        wanted = self.set_number if number is None else number
        return [rep for rep in self.reps if rep.set_number == wanted]

    @property
    def detected(self) -> int:
        """Reps of the present set that the engine counted."""
        return sum(rep.rep is not None for rep in self.of_set())

    @property
    def count(self) -> int:
        """Reps of the present set after the person's corrections."""
        return sum(rep.counts for rep in self.of_set())

    @property
    def total(self) -> int:
        """Reps of the session after the person's corrections."""
        return self.forgotten + sum(rep.counts for rep in self.reps)

    @property
    def sets_done(self) -> int:
        """Sets that are over and in which a rep counted, after the person's corrections."""
        kept = {rep.set_number: False for rep in self.reps}
        kept |= {rep.set_number: True for rep in self.reps if rep.counts}
        return sum(kept.get(summary.number, summary.count > 0) for summary in self.summaries)

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

    def _add(self, rep: TalliedRep) -> None:
        self.reps.append(rep)
        while len(self.reps) > self.most_reps and self.reps[0].set_number != self.set_number:
            self.forgotten += self.reps.popleft().counts

    def _correct(self, by: int, time_s: float) -> None:
        for _ in range(max(0, by)):
            number = max((rep.number for rep in self.of_set()), default=0) + 1
            self._add(TalliedRep(self.set_number, number, time_s, None, "added"))
        for _ in range(max(0, -by)):
            self._take_back()

    def _take_back(self) -> None:
        for index in range(len(self.reps) - 1, -1, -1):
            rep = self.reps[index]
            if rep.set_number == self.set_number and rep.counts:
                if rep.rep is None:
                    del self.reps[index]
                else:
                    self.reps[index] = replace(rep, note="taken back")
                return

    def _forget_added(self, set_number: int) -> None:
        """The engine found a rep that it had missed and the person had added."""
        for index, rep in enumerate(self.reps):
            if rep.set_number == set_number and rep.rep is None:
                del self.reps[index]
                return

    def _revoke(self, event: RepRevoked) -> None:
        for index in range(len(self.reps) - 1, -1, -1):
            rep = self.reps[index]
            if rep.rep is not None and (rep.set_number, rep.number) == (event.set_number, event.rep_number):
                del self.reps[index]
                if not rep.note:
                    self._give_back(event.set_number)
                return

    def _judge(self, event: RepJudged) -> None:
        for index, one in enumerate(self.reps):
            if one.rep is not None and (one.set_number, one.rep.number) == (event.set_number, event.rep_number):
                self.reps[index] = replace(one, rep=replace(one.rep, flags=event.flags))
                return

    def _give_back(self, set_number: int) -> None:
        """The engine took back a rep: it was the one too many that the person had taken back."""
        for index, rep in enumerate(self.reps):
            if rep.set_number == set_number and rep.note == "taken back":
                self.reps[index] = replace(rep, note="")
                return


class StillClock:
    """Seconds of a timed exercise: they run in a set while the leg is as still as the exercise asks.

    Attributes:
        seconds: of the present or last set.
        still: the leg is still enough now; None before anything was seen.
    """

    def __init__(self, exercise: str) -> None:
        self._exercise = exercise
        self._speed = SpeedMeter()
        self._last_s: float | None = None
        self._running = False
        self.seconds = 0.0
        self.still: bool | None = None

    def follow(self, trace: Trace, running: bool) -> None:
        """Take the newest ticks; ``running`` says that a set is under way."""
        if running and not self._running:
            self.seconds = 0.0
        self._running = running
        self._speed.feed(trace)
        speed_deg_s = self._speed.speed_deg_s
        self.still = None if speed_deg_s is None else still_enough(self._exercise, speed_deg_s)
        if not len(trace.time_s):
            return
        now_s = float(trace.time_s[-1])
        if running and self.still and self._last_s is not None:
            self.seconds += min(now_s - self._last_s, LONGEST_STEP_S)
        self._last_s = now_s

    def hear(self, tally: Tally) -> None:
        """Take what the engine timed: it may have seen the beginning before the person started the clock."""
        held = [rep.rep.hold_s for rep in tally.of_set() if rep.counts and rep.rep is not None]
        self.seconds = max(self.seconds, sum(held))


class RepClock:
    """How long the present movement has lasted, from the angle alone: for the tempo shape.

    Attributes:
        start_s: when it began; None at rest.
    """

    def __init__(self, floor_deg: float) -> None:
        self._floor_deg = floor_deg
        self.start_s: float | None = None

    def follow(self, time_s: FloatArray, angle_deg: FloatArray, usual_deg: float | None) -> None:
        """Take the newest ticks, shape (n,) each."""
        reach = max(self._floor_deg, usual_deg or 2 * self._floor_deg)
        for at, angle in zip(time_s.tolist(), angle_deg.tolist(), strict=True):
            if self.start_s is None and angle > START_SHARE * reach:
                self.start_s = at
            elif self.start_s is not None and angle < END_SHARE * reach:
                self.start_s = None
