"""One session on a worker: raw batches in, events and state out, as the wearer's own machine would have said them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kneeimu.cluster.batch import RawBatch
from kneeimu.engine import Engine
from kneeimu.live import Command as LiveCommand
from kneeimu.live import Listener, LiveUpdate
from kneeimu.sensors.stream import LinkState, LinkStatus
from kneeimu.sessions.recording_format import Command
from kneeimu.sessions.replay import joined, step
from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.payloads import CoachCommand, State
from kneeimu.telemetry.session import SessionTelemetry
from kneeimu.types import Event, Samples


class Mouth:
    """Keeps what a session says until it is published."""

    def __init__(self, wearer: str, name: str) -> None:
        self.broker = Broker("", wearer=wearer, name=name or wearer)
        self.on_command: Callable[[CoachCommand], None] | None = None
        self.events: list[dict[str, Any]] = []
        self.newest: State | None = None

    def state(self, state: State) -> None:
        """The session stands like this now."""
        self.newest = state

    def event(self, data: dict[str, Any]) -> None:
        """Something happened."""
        self.events.append(data)

    def ticks(self, ticks: list[tuple[float, float, float | None]]) -> None:
        """To draw; not sent from here."""


class SensorSession:
    """The engine of one sensor, and what to tell of it.

    Args:
        first: the first batch that is known; it tells the setup.
        before: batches that were taken and published earlier, on whatever worker.

    Attributes:
        number: of the newest batch taken.
        missed: batches that never came, by the holes in their numbers.
        ended: the last batch was taken.

    Raises:
        ValueError: the engine can't follow this exercise from there.
    """

    def __init__(self, wearer: str, first: RawBatch, before: Sequence[RawBatch] = ()) -> None:
        self.setup = first.setup
        self.status: LinkStatus | None = None
        self.number = 0
        self.missed = 0
        self.ended = False
        self._engine = Engine(first.setup)
        self._time_s = 0.0
        self._host_utc_s = first.host_utc_s
        self._listeners: list[Listener] = []
        self._mouth = Mouth(wearer, first.about.name)
        self._telemetry = SessionTelemetry(self, self._mouth, target=first.about.target, name=name_of(first))
        if before:
            for item in joined(item for batch in before for item in batch.items):
                self._feed(item)
            self._note(before[-1])
            self.missed = before[-1].number - len(before)
            self._mouth.events.clear()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be told what is new; gives what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def state(self) -> State | None:
        """How the session stands, with the time at which it came to that."""
        state = self._mouth.newest
        return None if state is None else replace(state, utc=_utc(self._host_utc_s))

    def take(self, batch: RawBatch) -> list[dict[str, Any]]:
        """Take the next batch; give what happened, ready to be published. One that came before says nothing.

        Raises:
            Exception: whatever the engine fails with at samples that can't be; the session is not to be used any more.
        """
        if batch.number <= self.number or self.ended:
            return []
        self.missed += batch.number - self.number - 1
        for item in batch.items:
            self._feed(item)
        self._note(batch)
        said, self._mouth.events = self._mouth.events, []
        for event in said:  # when it happened there, not when it is worked on: batches may have waited for hours
            event["utc"] = _utc(batch.host_utc_s - max(0.0, self._time_s - event["time_s"]))
        return said

    def _feed(self, item: Samples | Command) -> None:
        events = step(self._engine, item)
        if isinstance(item, Samples):
            self._time_s = float(item.time_s[-1])
            self._tell(events)
        else:
            self._tell(events, command=LiveCommand(item.name, item.time_s, dict(item.data)))

    def _note(self, batch: RawBatch) -> None:
        about = batch.about
        self.number, self._host_utc_s = batch.number, batch.host_utc_s
        state = LinkState.CLOSED if batch.last else LinkState.STREAMING
        self.status = LinkStatus(
            state, battery_percent=about.battery_percent, rate_hz=self.setup.sampling_rate_hz, received=about.received,
            lost=about.lost,
        )  # fmt: skip
        if batch.last:
            self.ended = True
            self._tell(self._engine.finish())
            self._tell([], ended=True)
        else:
            self._tell([], status=self.status)

    def _tell(
        self, events: list[Event], *, command: LiveCommand | None = None,
        status: LinkStatus | None = None, ended: bool = False,
    ) -> None:  # fmt: skip
        update = LiveUpdate(self._time_s, None, tuple(events), None, status, command, ended=ended)
        for listener in tuple(self._listeners):
            listener(update)


def name_of(first: RawBatch) -> str:
    """Name the session for others, by its first known batch.

    When the beginning is not known, what was said of it isn't either: then it is another session, or its events would
    have the ids of earlier ones and be dropped as told before.
    """
    return first.session if first.number == 1 else f"{first.session[:48]}-from-{first.number}"


def _utc(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
