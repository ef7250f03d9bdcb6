"""Drives a session: the runner on one side; sensor, engine, recording and sound on the other. No widgets here."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kneeimu.coaching.runner import Runner
from kneeimu.coaching.stage import (
    Agreed,
    Effect,
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
from kneeimu.coaching.tempo import SpeedMeter
from kneeimu.dashboard.source import FOUND_WITHIN_S, Source, Task
from kneeimu.exercises.programmes.plan import Bout
from kneeimu.live import LiveSession, LiveUpdate, Recorder, RecorderFactory
from kneeimu.types import Mount, Setup, Side

USUAL_RATE_HZ = 100.0
OF_A_BEGINNING = ("searching", "connecting", "closed")
"""States of a link that an exercise of its own begins and ends with: nothing is lost then."""


@dataclass(frozen=True, slots=True)
class News:
    """What a screen is told: an update of the live session, or what the runner wants to be shown."""

    update: LiveUpdate | None = None
    effects: tuple[Effect, ...] = ()


@dataclass(slots=True)
class _Clock:
    """The session's time: the newest sample's, carried on by this machine's clock until the next one."""

    at_s: float = 0.0
    heard: float = field(default_factory=time.monotonic)

    def now_s(self) -> float:
        return self.at_s + time.monotonic() - self.heard

    def set(self, at_s: float) -> None:
        self.at_s, self.heard = max(self.at_s, at_s), time.monotonic()


class SessionDriver:
    """One training session from the first set to the last.

    Args:
        bouts: the plan.
        source: of samples; it is not closed here.
        worn: where the sensor sits already.
        folder: of the recordings; None keeps nothing.
        programme: name, for the recordings.
        pain_before: score before the session.
        tell: is called with news, in the event loop.

    Attributes:
        source: of samples.
        session: names this session in recordings and diary.
        paths: recordings made so far, the one that is being made as well.
        live: the present exercise's; None before the first.
        on_live: is given each live session before it starts, and what is to be done in it.
    """

    def __init__(
        self, bouts: Sequence[Bout], source: Source, *, worn: tuple[Side, Mount] | None, folder: Path | None,
        programme: str = "", pain_before: int | None = None, tell: Callable[[News], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.runner = Runner(bouts, worn=worn, pain_before=pain_before)
        self.started_utc = datetime.now(UTC)
        self.session = self.started_utc.strftime("%Y%m%dT%H%M%S")
        self.paths: list[Path] = []
        self.live: LiveSession | None = None
        self.tell = tell
        self.on_live: Callable[[LiveSession, Bout], None] = lambda _live, _bout: None
        self.source = source
        self._folder, self._programme = folder, programme
        self._clock = _Clock()
        self._tapped_s = 0.0
        self._rebase = False
        self._pain_before = pain_before
        self._opening: list[tuple[str, dict[str, Any]]] = []
        self._speed = SpeedMeter()
        self._switching: asyncio.Task[None] | None = None
        self._ended = False

    @property
    def view(self) -> View:
        """What to draw now."""
        return self.runner.view

    @property
    def now_s(self) -> float:
        """Time of the session, s."""
        return self._clock.now_s()

    def begin(self) -> None:
        """Go to the first step."""
        self._follow(self.runner.begin())

    async def end(self) -> None:
        """Stop the stream and close the recording. May be called again."""
        self._ended = True
        if self._switching is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._switching
        await self._stop_live()

    async def let_go(self) -> None:
        """Leave the sensor to somebody else for a while (an alignment)."""
        if self._switching is not None:
            await self._switching
        self.runner.settle()
        await self._stop_live()

    def take_back(self) -> None:
        """The sensor is ours again: set the engine up anew, with whatever alignment there is now."""
        bout = self.view.bout
        if bout is not None and not self._ended:
            self._switch_to(bout)

    # --- from the person ---------------------------------------------------------------------------------------------

    def press(self, key: Key) -> None:
        """The person wants something."""
        self._follow(self.runner.take(Pressed(self.now_s, key)))

    def score(self, level: int) -> None:
        """The person said how much it hurts, 0 to 10."""
        self._follow(self.runner.take(Scored(self.now_s, level)))

    @property
    def takes_target(self) -> bool:
        """Another number of reps would change something."""
        return not self.over and self.runner.takes_target

    def accept_target(self, reps: int) -> None:
        """A coach asked for another number of reps, and the person agreed."""
        self._follow(self.runner.take(Agreed(self.now_s, reps)))

    def tick(self) -> None:
        """Time goes on."""
        if self._awaits_sensor and self.now_s - self._tapped_s > FOUND_WITHIN_S:
            self._follow(self.runner.take(Link(self.now_s, "searching")))
        self._follow(self.runner.take(Tick(self.now_s)))

    # --- from the sensor ---------------------------------------------------------------------------------------------

    def _hear(self, update: LiveUpdate) -> None:
        if update.samples is not None:
            while (
                self._opening and self.live is not None and self.live.note(self._opening[0][0], **self._opening[0][1])
            ):
                self._opening.pop(0)
            if self._rebase:
                self._rebase = False
                self.runner.offset_s = self.now_s - update.time_s
            self._clock.set(update.time_s + self.runner.offset_s)
        if update.status is not None and not (self._between and update.status.state in OF_A_BEGINNING):
            self._follow(self.runner.take(Link(self.now_s, str(update.status.state), update.status.battery_percent)))
        if update.trace is not None and len(update.trace.time_s):
            self._speed.feed(update.trace)
            angle = float(update.trace.angle_deg[-1])
            self._follow(self.runner.take(Motion(self.now_s, angle, self._speed.speed_deg_s or 0.0)))
        for event in update.events:
            self._follow(self.runner.take(event))
        if update.ended and self.live is not None and not self._ended and self._switching is None:
            self._follow(self.runner.take(Link(self.now_s, "lost")))
        self.tell(News(update=update))

    @property
    def _awaits_sensor(self) -> bool:
        """An exercise is set up, and no sensor was heard in it yet."""
        status = None if self.live is None else self.live.status
        return self.live is not None and self._rebase and (status is None or status.state in OF_A_BEGINNING)

    @property
    def _between(self) -> bool:
        """The sensor was let go, or the next exercise is being set up and nothing has come of it yet."""
        return self.live is None or self._switching is not None or self._rebase

    # --- what the runner wants ---------------------------------------------------------------------------------------

    def _follow(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case TellEngine(command=command) if self.live is not None:
                    (self.live.start_set if command == "start-set" else self.live.end_set)()
                case SetUp(bout=bout):
                    self._switch_to(bout)
                case Record(name=name, data=data):
                    self._note(name, data)
        shown = tuple(effect for effect in effects if isinstance(effect, Say | Sound))
        if shown:
            self.tell(News(effects=shown))

    def _note(self, name: str, data: dict[str, Any]) -> None:
        if self.live is None:
            return
        if name == "paused":
            self.live.pause()
        elif name == "resumed":
            self._rebase = self.live.resume()
        else:
            self.live.note(name, **data)

    def _switch_to(self, bout: Bout) -> None:
        before = self._switching
        self._switching = asyncio.create_task(self._switch(bout, before), name="next exercise")

    async def _switch(self, bout: Bout, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        await self._stop_live()
        if self._ended:
            return
        exercise, side, mount = bout.setup
        task = Task(exercise, side, mount, reps=bout.reps[1], rest_s=max(5.0, bout.rest_s))
        live = LiveSession(
            Setup(exercise, side, mount, USUAL_RATE_HZ),
            self.source.link(task),
            open_recorder=self._recorder(bout),
            find_alignment=lambda: self.source.find_alignment(side, mount),
        )
        live.subscribe(self._hear)
        self.live, self._rebase, self._speed = live, True, SpeedMeter()
        self._tapped_s = self.now_s
        self._opening = [("guided", {})] if bout.item.seconds is None else []
        if self._pain_before is not None:
            self._opening.append(("pain-before", {"level": self._pain_before}))
        if self._switching is asyncio.current_task():
            self._switching = None
        self.on_live(live, bout)
        live.start()
        self.tell(News(effects=(SetUp(bout),)))

    async def _stop_live(self) -> None:
        live, self.live = self.live, None
        if live is not None:
            await live.stop()

    def _recorder(self, bout: Bout) -> RecorderFactory | None:
        folder = self._folder
        if folder is None:
            return None

        def open_recorder(setup: Setup, sensor: dict[str, Any]) -> Recorder:
            from kneeimu.sessions.recording import Recorder as McapRecorder

            newest = self.runner.bouts[bout.number - 1]  # reps may have been agreed on since
            recorder = McapRecorder.create(folder, setup, sensor=sensor, prescription=self._prescription(newest))
            self.paths.append(recorder.path)
            return recorder

        return open_recorder

    def _prescription(self, bout: Bout) -> dict[str, Any]:
        item = bout.item
        return {
            "programme": self._programme,
            "session": self.session,
            "exercise": item.exercise,
            "sets": bout.set_count,
            "reps": list(bout.reps),
            "seconds": item.seconds,
            "tempo_s": list(item.tempo_s),
            "hold_s": item.hold_s,
            "rest_s": item.rest_s,
            "band": bout.band,
        }

    @property
    def over(self) -> bool:
        """Nothing is left to do."""
        return self.view.phase is Phase.DONE
