"""A session in few words: a runner, what it said, and a leg that does what it is told."""

from __future__ import annotations

from kneeimu.coaching.runner import Runner
from kneeimu.coaching.stage import (
    Effect,
    Input,
    Key,
    Link,
    Motion,
    Phase,
    Pressed,
    Record,
    Say,
    Scored,
    SetUp,
    Sound,
    TellEngine,
    Tick,
    View,
)
from kneeimu.exercises.programmes.plan import plan_session
from kneeimu.exercises.programmes.programme import parse_programme
from kneeimu.types import Event, Rep, RepCounted, SetEnded, SetStarted, SetSummary

SQUATS = '[[exercises]]\nexercise = "squat"\nsets = 2\nreps = [3, 5]\nrest_s = 30\n'
LUNGES = '[[exercises]]\nexercise = "lunge"\nsets = 1\nreps = [3, 5]\nmount = "thigh"\n'
MASSAGE = '[[exercises]]\nexercise = "massage"\nsets = 1\nseconds = 30\nmount = "thigh"\n'
STRETCH = '[[exercises]]\nexercise = "it-band-stretch"\nsets = 1\nseconds = 20\n'


def a_rep(number: int, end_s: float, duration_s: float = 4.0, flags: tuple[str, ...] = ()) -> Rep:
    start = end_s - duration_s
    return Rep(number, start, start + duration_s / 2, end_s, duration_s, 50.0, 2.0, 0.0, 2.0, 60.0, flags=flags)


class Session:
    """Drives a runner and keeps everything it gave."""

    def __init__(self, items: str = SQUATS, *, worn: str | None = "right", training: str = "right") -> None:
        programme = parse_programme(f'format = 1\ntitle = "Story"\n{items}', name="story")
        self.runner = Runner(
            plan_session(programme, training),  # type: ignore[arg-type]
            worn=(worn, "thigh") if worn else None,  # type: ignore[arg-type]
        )
        self.given: list[Effect] = self.runner.begin()
        self.now_s = 0.0
        self.set_number = 0
        self.rep_number = 0
        self.take(Link(0.0, "streaming"))

    @property
    def view(self) -> View:
        return self.runner.view

    @property
    def phase(self) -> Phase:
        return self.view.phase

    def take(self, what: Input | Event) -> list[Effect]:
        effects = self.runner.take(what)
        self.given += effects
        return effects

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            self.take(Tick(self.now_s))

    def press(self, key: Key) -> list[Effect]:
        return self.take(Pressed(self.now_s, key))

    def score(self, score: int) -> None:
        self.take(Scored(self.now_s, score))

    def begin_moving(self) -> None:
        self.set_number, self.rep_number = self.set_number + 1, 0
        self.take(SetStarted(self.now_s, self.set_number))

    def reps(self, count: int, duration_s: float = 4.0, flags: tuple[str, ...] = ()) -> None:
        for _ in range(count):
            self.wait(duration_s)
            self.rep_number += 1
            rep = a_rep(self.rep_number, self.now_s, duration_s, flags)
            self.take(RepCounted(self.now_s, self.set_number, rep))

    def stop_moving(self) -> None:
        self.wait(3.0)
        self.take(SetEnded(self.now_s, SetSummary(self.set_number, 0.0, self.now_s, self.rep_number, 0)))

    def a_set(self, count: int = 5) -> None:
        self.begin_moving()
        self.reps(count)
        self.stop_moving()

    def move(self, seconds: float, speed_deg_s: float, angle_deg: float = 0.0) -> None:
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            self.take(Motion(self.now_s, angle_deg, speed_deg_s))

    def said(self) -> list[str]:
        return [effect.code for effect in self.given if isinstance(effect, Say)]

    def sounds(self) -> list[str]:
        return [effect.name for effect in self.given if isinstance(effect, Sound)]

    def records(self, name: str) -> list[dict[str, object]]:
        return [effect.data for effect in self.given if isinstance(effect, Record) and effect.name == name]

    def told_engine(self) -> list[str]:
        return [effect.command for effect in self.given if isinstance(effect, TellEngine)]

    def set_ups(self) -> list[tuple[str, str]]:
        return [(effect.bout.item.exercise, effect.bout.side) for effect in self.given if isinstance(effect, SetUp)]
