"""What goes into the session runner and what comes out of it: plain data, no clock, no screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kneeimu.coaching.pain import PainAdvice
from kneeimu.coaching.tempo import Pace
from kneeimu.exercises.programmes.plan import Bout
from kneeimu.types import Rep


class Phase(StrEnum):
    """Where the session is."""

    MOVE = "move"
    READY = "ready"
    COUNTDOWN = "countdown"
    WORK = "work"
    REST = "rest"
    PAIN = "pain"
    DONE = "done"


class Key(StrEnum):
    """What the person may ask for, whatever key or button it is on."""

    GO = "go"
    PAUSE = "pause"
    SKIP = "skip"
    SKIP_EXERCISE = "skip-exercise"
    ADD = "add-rep"
    UNDO = "undo-rep"
    PAIN = "pain"
    FINISH = "finish"


# --- in -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """Time goes on."""

    time_s: float


@dataclass(frozen=True, slots=True)
class Pressed:
    """The person pressed a key."""

    time_s: float
    key: Key


@dataclass(frozen=True, slots=True)
class Scored:
    """The person said how much it hurts, 0 to 10."""

    time_s: float
    score: int


@dataclass(frozen=True, slots=True)
class Motion:
    """The newest angle of the movement and the speed of the segment."""

    time_s: float
    angle_deg: float
    speed_deg_s: float


@dataclass(frozen=True, slots=True)
class Link:
    """How the sensor's link is: a word of ``LinkState``, and its battery when known."""

    time_s: float
    state: str
    battery_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """A coach asked for another number of reps, and the person agreed."""

    time_s: float
    reps: int


# --- out ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Something to show and perhaps to speak; ``code`` names the words, ``values`` fill them."""

    code: str
    level: str = "plain"
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound: "tick", "go", "rep", "target", "turn", "cue", "rest", "ready", "stop", "done"."""

    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """Something to write into the recording."""

    name: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TellEngine:
    """A word to the engine: "start-set" or "end-set"."""

    command: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """From here on another exercise, leg or mount: the engine needs to be set up for ``bout``."""

    bout: Bout


Input = Tick | Pressed | Scored | Motion | Link | Agreed
Effect = Say | Sound | Record | TellEngine | SetUp


@dataclass(frozen=True, slots=True)
class BoutResult:
    """How one set went.

    Attributes:
        detected: what the engine counted; corrected: what the person made of it. Both are kept.
        held_s: how long a timed exercise was really done.
        ended: "finished", "skipped" or "pain".
    """

    bout: Bout
    detected: int = 0
    corrected: int = 0
    reps: tuple[Rep, ...] = ()
    held_s: float = 0.0
    ended: str = "finished"
    start_s: float = 0.0
    end_s: float = 0.0

    @property
    def clean(self) -> int:
        """Reps without a flag."""
        return sum(rep.clean for rep in self.reps)

    @property
    def done(self) -> bool:
        """Something was done in it; a set that was skipped or left before its first rep was not."""
        return bool(self.corrected or self.held_s)

    @property
    def hurt(self) -> bool:
        """It was under way, or next, when pain ended it; those that were left out for that pain did not hurt."""
        return self.ended == "pain" and self.end_s > 0.0


class Results(dict[int, BoutResult]):
    """The sets that are over, by number in the plan."""

    @property
    def done(self) -> int:
        """How many something was done in."""
        return sum(result.done for result in self.values())

    @property
    def left_out(self) -> tuple[int, ...]:
        """Numbers of those that were skipped, or left before anything was done."""
        return tuple(sorted(number for number, result in self.items() if not result.done))


@dataclass(frozen=True, slots=True)
class View:
    """All a screen needs to draw the session as it is now.

    Attributes:
        bout: the present one; while resting, the one that was just done; after the end, None.
        upcoming: the one after it.
        done: sets in which something was done, of total; left_out: numbers of the bouts that were skipped.
        seconds_left, seconds_total: of the countdown, the rest or a timed exercise.
        held_s: how long the far end is being held in this rep; done_s: how long a timed exercise has been done.
        notices: what to know about the sensor, by code, worst first.
        advice: what follows from the worst pain so far.
        can_begin: a movement or a key begins the set.
    """

    phase: Phase
    paused: bool
    bout: Bout | None
    upcoming: Bout | None
    done: int
    total: int
    left_out: tuple[int, ...] = ()
    detected: int = 0
    corrected: int = 0
    clean: int = 0
    seconds_left: float | None = None
    seconds_total: float | None = None
    held_s: float = 0.0
    done_s: float = 0.0
    pace: Pace | None = None
    said: Say | None = None
    last_rep: Rep | None = None
    still: bool | None = None
    notices: tuple[str, ...] = ()
    advice: PainAdvice | None = None
