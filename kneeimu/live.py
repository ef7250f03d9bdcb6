"""The live session: link → engine → recording → whoever listens (dashboard, MQTT).

Runs in one asyncio task. Listeners are called in that task with plain data and must return at once; a dashboard posts
itself a message. One that fails is logged, and neither the session nor the other listeners hear of it. The recording
and the engine see the samples and the person's commands in the same order, so that a replay gives the same events.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from kneeimu.absence import Absence
from kneeimu.engine import Engine
from kneeimu.errors import KneeimuError
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.sensors.stream import Batch, LinkStatus, Notification
from kneeimu.tally import Tally
from kneeimu.types import Alignment, Event, Samples, Setup, Trace
from kneeimu.words import _

log = logging.getLogger(__name__)

FAREWELL_S = 5.0
"""How long the link may take to stop the sensor and disconnect."""


class Link(AbstractAsyncContextManager[Any], Protocol):
    """What gives batches and news: ``kneeimu.sensors.link.SensorLink``, or something that acts like it."""

    def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]: ...

    async def close(self) -> None:
        """Stop; what has arrived can still be taken."""
        ...


class Recorder(Protocol):
    """Where a session is kept: ``kneeimu.sessions.recording.Recorder``."""

    @property
    def path(self) -> Path: ...

    def write_samples(self, samples: Samples) -> None: ...

    def write_notification(self, notification: Notification) -> None: ...

    def write_event(self, event: Event) -> None: ...

    def write_status(self, status: dict[str, Any]) -> None: ...

    def write_command(self, name: str, time_s: float, **data: Any) -> None: ...

    def close(self) -> None: ...


RecorderFactory = Callable[[Setup, dict[str, Any]], Recorder]
"""Opens the recording once the sensor is known: takes the setup and what is known of the sensor."""


@dataclass(frozen=True, slots=True)
class Command:
    """What the person did, or what the app that leads says of its sets: see ``kneeimu.tally``."""

    name: str
    time_s: float
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LiveUpdate:
    """What is new. Every field may be empty.

    Attributes:
        time_s: newest sample, s on the session's timeline.
        samples: what arrived, in the sensor's frame.
        events: what the engine said to it.
        trace: ticks to draw.
        status: how the link is doing.
        command: what the person did.
        problem: what went wrong beside the session, for people (the recording can't be written).
        ended: nothing more will come.
    """

    time_s: float
    samples: Samples | None = None
    events: tuple[Event, ...] = ()
    trace: Trace | None = None
    status: LinkStatus | None = None
    command: Command | None = None
    problem: str = ""
    ended: bool = False


Listener = Callable[[LiveUpdate], None]


class LiveSession:
    """One session with one sensor.

    Args:
        setup: its ``sampling_rate_hz`` gives way to what the sensor agrees to.
        link: where samples come from.
        open_recorder: opens the recording; None keeps nothing.
        find_alignment: asked once samples come, when ``setup`` has no alignment.

    Attributes:
        tally: counts and lists so far.
        status: newest news of the link; None before the first.
        time_s: newest sample; 0.0 before the first.
        path: the recording; None when there is none.
    """

    def __init__(
        self, setup: Setup, link: Link, *, open_recorder: RecorderFactory | None = None,
        find_alignment: Callable[[], Alignment | None] | None = None,
    ) -> None:  # fmt: skip
        self.setup = setup
        self.tally = Tally()
        self.status: LinkStatus | None = None
        self.time_s = 0.0
        self.path: Path | None = None
        self._link = link
        self._open_recorder = open_recorder
        self._find_alignment = find_alignment
        self._recorder: Recorder | None = None
        self._engine: Engine | None = None
        self._listeners: list[Listener] = []
        self._failed: list[Listener] = []
        self._untold: deque[LiveUpdate] = deque()
        self._telling = False
        self._finished = False
        self._task: asyncio.Task[None] | None = None
        self._absence = Absence()

    # --- for listeners --------------------------------------------------------------------------------------------

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be told what is new; gives what ends it."""
        self._listeners.append(listener)

        def leave() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return leave

    async def run(self) -> None:
        """Stream until the link ends or the task is cancelled; then close the recording."""
        try:
            async with self._link:
                async for item in self._link:
                    self._take(item)
        finally:
            self.finish()

    def start(self) -> None:
        """Run in a task of its own until ``stop``."""
        if self._task is None:
            self._task = asyncio.create_task(self._run_and_tell(), name="live session")

    async def stop(self) -> None:
        """End the stream, say farewell to the sensor and close the recording. May be called again."""
        if self._task is None:
            self.finish()
            return
        await self._link.close()
        _, late = await asyncio.wait({self._task}, timeout=FAREWELL_S)
        for task in late:
            task.cancel()

    async def _run_and_tell(self) -> None:
        try:
            await self.run()
        except KneeimuError as error:
            self._publish(LiveUpdate(self.time_s, problem=str(error)))
        except Exception as error:
            log.exception("the session ended")
            self._publish(
                LiveUpdate(
                    self.time_s,
                    problem=_("the session ended: {name}: {error}").format(name=type(error).__name__, error=error),
                )
            )

    def finish(self) -> None:
        """Let the engine say its last words and close the recording. May be called again."""
        if self._finished:
            return
        self._finished = True
        try:
            events = tuple(self._engine.finish()) if self._engine else ()
            self._publish(LiveUpdate(self.time_s, events=events))
        finally:
            self._write(lambda recorder: recorder.close())
            self._recorder = None
            self._publish(LiveUpdate(self.time_s, ended=True))

    # --- the person's commands ------------------------------------------------------------------------------------

    def start_set(self) -> bool:
        """Begin a set now. False when no data has come yet, or one is under way."""
        return not self.tally.engine_in_set and self._command("start-set")

    def end_set(self) -> bool:
        """End the set now. False when there is none."""
        return self.tally.engine_in_set and self._command("end-set")

    def correct(self, by: int) -> bool:
        """Add (+1) or take back (-1) a rep of the present or last set. False when there is nothing to correct."""
        if by == 0 or self.tally.set_number == 0 or (by < 0 and self.tally.count == 0):
            return False
        return self._command("correction", by=by, set_number=self.tally.set_number, detected=self.tally.detected)

    def mark_pain(self, level: int | None = None) -> bool:
        """Note that it hurts now, 0 to 10."""
        return self._command("pain", level=level)

    def note(self, name: str, **data: Any) -> bool:
        """Write something else that happened into the recording. False when no data has come yet."""
        return self._command(name, **data)

    def pause(self) -> bool:
        """Keep the link, but neither record nor count; the session's time stands still."""
        return not self.tally.paused and self._command("pause")

    def resume(self) -> bool:
        """Go on where it was left, the set and its count too: with reps, as soon as the leg moves."""
        if not (self.tally.paused and self._command("resume")):
            return False
        self._absence.end(for_movement=find_exercise(self.setup.exercise).kind != "timed")
        return True

    def _command(self, name: str, **data: Any) -> bool:
        engine = self._engine
        if engine is None or self._finished:
            return False
        time_s = self.time_s
        self._write(lambda recorder: recorder.write_command(name, time_s, **data))
        events: list[Event] = []
        if name == "start-set":
            events = engine.start_set(time_s)
        elif name == "end-set":
            events = engine.end_set(time_s)
        self._publish(LiveUpdate(time_s, events=tuple(events), command=Command(name, time_s, data)))
        return True

    # --- from the link --------------------------------------------------------------------------------------------

    def _take(self, item: Batch | LinkStatus) -> None:
        if isinstance(item, LinkStatus):
            self.status = item
            self._write(lambda recorder: recorder.write_status(_status_dict(item, self.time_s)))
            self._publish(LiveUpdate(self.time_s, status=item))
            return
        if self.tally.paused:
            return
        batch = self._absence.take(item, self.time_s)
        samples = batch.samples
        engine = self._engine
        if engine is None and samples is not None and len(samples):
            engine = self._begin()  # before the notification is written: the first one belongs to the recording
        for notification in batch.notifications:
            self._write(lambda recorder, one=notification: recorder.write_notification(one))  # type: ignore[misc]
        if engine is None or samples is None or not len(samples):
            return
        self._write(lambda recorder: recorder.write_samples(samples))
        events = tuple(engine.feed(samples))
        self.time_s = float(samples.time_s[-1])
        self._publish(LiveUpdate(self.time_s, samples=samples, events=events, trace=engine.trace))

    def _begin(self) -> Engine:
        nominal_hz = self.status.nominal_rate_hz if self.status else None
        if nominal_hz:
            self.setup = replace(self.setup, sampling_rate_hz=nominal_hz)
        if self.setup.alignment is None and self._find_alignment is not None:
            self.setup = replace(self.setup, alignment=self._find_alignment())
        self._engine = Engine(self.setup)
        if self._open_recorder is not None:
            try:
                self._recorder = self._open_recorder(self.setup, _sensor_dict(self.status))
                self.path = self._recorder.path
            except (OSError, KneeimuError) as error:
                self._lose_recorder(error)
        return self._engine

    def _publish(self, update: LiveUpdate) -> None:
        if update.command:
            self.tally.command(update.command.name, update.command.time_s, update.command.data)
        for event in update.events:
            self.tally.apply(event)
            self._write(lambda recorder, one=event: recorder.write_event(one))  # type: ignore[misc]
        self._untold.append(update)
        if not self._telling:  # what a listener does about an update is told when all have heard that one
            self._telling = True
            while self._untold:
                self._tell(self._untold.popleft())
            self._telling = False

    def _tell(self, update: LiveUpdate) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(update)
            except Exception:
                if listener not in self._failed:  # a dozen updates come a second
                    self._failed.append(listener)
                    log.exception("a listener of the session failed")

    # --- the recording must never stop the training ---------------------------------------------------------------

    def _write(self, write: Callable[[Recorder], Any]) -> None:
        if self._recorder is None:
            return
        try:
            write(self._recorder)
        except (OSError, KneeimuError) as error:
            self._lose_recorder(error)

    def _lose_recorder(self, error: Exception) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            with contextlib.suppress(OSError, KneeimuError):
                recorder.close()
        problem = str(error)
        if isinstance(error, OSError):
            reason = error.strerror or error
            problem = _("the session is not recorded any more: {reason}").format(reason=reason)
        self._publish(LiveUpdate(self.time_s, problem=problem))


def _sensor_dict(status: LinkStatus | None) -> dict[str, Any]:
    if status is None:
        return {}
    return {
        "name": status.name,
        "address": status.address,
        "family": status.family,
        "nominal_rate_hz": status.nominal_rate_hz,
        "serial_number": status.serial_number,
        "firmware": status.firmware,
    }


def _status_dict(status: LinkStatus, time_s: float) -> dict[str, Any]:
    return {
        "time_s": time_s,
        "state": str(status.state),
        "detail": status.detail,
        "battery_percent": status.battery_percent,
        "rssi_dbm": status.rssi_dbm,
        "rate_hz": status.rate_hz,
        "received": status.received,
        "lost": status.lost,
        "dropped": status.dropped,
    }
