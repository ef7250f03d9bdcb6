"""One queue of sensors, as long as its channel lives: takes batches in order, publishes, keeps, acknowledges."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Protocol

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from kneeimu.cluster.batch import RawBatch, decode_batch
from kneeimu.cluster.checkpoint import Checkpoints
from kneeimu.cluster.sensor_session import SensorSession
from kneeimu.cluster.topology import wearer_of
from kneeimu.sessions.atomic import unwritable
from kneeimu.telemetry.payloads import State

log = logging.getLogger(__name__)

PREFETCH = 32
"""Batches on their way to a worker; what it had not acknowledged goes to the next one."""
IDLE_S = 600.0
"""A session that is silent for so long is forgotten; it is read again when it goes on."""
REFRESH_S = 5.0
"""A state that did not change is told again after so long: nobody keeps it for those who come late."""
MOST_FAILURES = 3
"""Batches that the engine fails at before the session is given up."""
SILENT_S = 15.0
"""After so long without a batch it is told that the wearer is not there; MQTT's last will knows the gateway only."""
MOST_SESSIONS = 2000
"""In memory at once and shard; beyond it the one that was silent longest has to be read again."""
LONGEST_SESSION_BYTES = 128 * 2**20
"""Eleven hours at 104 Hz."""


@dataclass(slots=True)
class Figures:
    """What a worker did since it began.

    Attributes:
        refused: messages that are no batch or that the engine fails at, put aside. again: batches that came before.
        missed: batches that never came, by the holes in their numbers. resumed: sessions taken over.
        headless: sessions whose beginning is in no checkpoint.
        busy_s: time spent on decoding and in the engine, s.
        latest_s: longest time from a batch's last sample to its acknowledgement, since the last report, s.
    """

    batches: int = 0
    samples: int = 0
    events: int = 0
    refused: int = 0
    again: int = 0
    missed: int = 0
    resumed: int = 0
    headless: int = 0
    busy_s: float = 0.0
    latest_s: float = 0.0


class Voice(Protocol):
    """What publishes."""

    async def event(self, wearer: str, data: dict[str, Any]) -> None:
        """Publish; returns when RabbitMQ has it."""

    async def state(self, wearer: str, state: State) -> None:
        """Publish, if it can be."""

    async def gone(self, wearer: str) -> None:
        """Publish that nothing comes from the wearer any more."""


@dataclass(slots=True)
class _Live:
    """A session in memory; times on the monotonic clock, s."""

    session: SensorSession
    stored: int
    heard: float
    told: float = 0.0
    shown: State | None = None
    silent: bool = False


class ChannelGoneError(Exception):
    """RabbitMQ closed the channel, or the connection is lost. What was not acknowledged goes to another worker."""


class Shard:
    """Works on one queue.

    Everything in memory is thrown away with the channel: while there is none, another worker may go on with its
    sessions.

    Attributes:
        active: batches came; with a single active consumer nobody else has this queue then.
    """

    def __init__(
        self, connection: AbstractConnection, queue: str, checkpoints: Checkpoints, voice: Voice, figures: Figures
    ) -> None:  # fmt: skip
        self.queue = queue
        self.active = False
        self._connection, self._checkpoints, self._voice, self._figures = connection, checkpoints, voice, figures
        self._inbox: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
        self._sessions: dict[tuple[str, str], _Live] = {}
        self._failures: Counter[tuple[str, str]] = Counter()
        self._leaving = False

    def leave(self) -> None:
        """Give the queue to the worker that waited longest, after the present batch."""
        self._leaving = True
        self._inbox.put_nowait(None)

    async def run(self, ready: asyncio.Event) -> None:
        """Wait for the queue and work on it until ``leave``; ``ready`` is set as soon as we are in the row.

        Raises:
            ChannelGoneError: the channel is lost.
            InputError: the checkpoint can't be written.
        """
        channel: AbstractChannel = await self._connection.channel(publisher_confirms=False)
        try:
            channel.close_callbacks.add(lambda *_: self._inbox.put_nowait(None))
            await channel.set_qos(prefetch_count=PREFETCH)
            queue = await channel.get_queue(self.queue, ensure=False)
            await queue.consume(self._inbox.put)
            ready.set()
            while not self._leaving:
                message = await self._inbox.get()
                if message is None and not self._leaving:
                    raise ChannelGoneError(self.queue)
                if message is not None:
                    self.active = True
                    await self._take(message)
        finally:
            # closing gives back in one step what was not acknowledged: the next worker has it in its order
            await channel.close()

    async def look_after(self) -> None:
        """Tell of wearers that nothing comes from, and let go of their sessions after a while."""
        now = time.monotonic()
        for key, live in list(self._sessions.items()):
            if not live.silent and now - live.heard > SILENT_S:
                live.silent, live.told = True, -REFRESH_S
                await self._voice.gone(key[0])
            if now - live.heard > IDLE_S:
                self._sessions.pop(key, None)

    @property
    def session_count(self) -> int:
        """Sessions in memory."""
        return len(self._sessions)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        begun = time.perf_counter()
        wearer = wearer_of(message.routing_key or "")
        batch = decode_batch(message.body)
        if wearer is None or batch is None:
            await self._refuse(message, "no batch")
            return
        key = (wearer, batch.session)
        try:
            live = self._live(wearer, batch)
            missed = live.session.missed
            new = batch.number > live.session.number and not live.session.ended
            events = live.session.take(batch)
        except OSError as error:
            raise unwritable(self._checkpoints.folder, error) from error
        except Exception as error:  # one sensor's rubbish must not stop the others
            log.warning("%s: %s fails at batch %d: %r", wearer, batch.session, batch.number, error)
            self._sessions.pop(key, None)
            self._failures[key] += 1
            if len(self._failures) > MOST_SESSIONS:
                self._failures.clear()
            await self._refuse(message, "the engine fails")
            return
        self._figures.busy_s += time.perf_counter() - begun
        if not new:
            self._figures.again += 1
            await message.ack()
            return
        self._figures.missed += live.session.missed - missed
        for event in events:
            await self._voice.event(wearer, event)
        self._keep(wearer, batch, live, message.body)
        await message.ack()
        self._figures.latest_s = max(self._figures.latest_s, time.time() - batch.host_utc_s)
        self._figures.batches += 1
        self._figures.samples += batch.sample_count
        self._figures.events += len(events)
        await self._show(wearer, live)

    def _live(self, wearer: str, batch: RawBatch) -> _Live:
        """Give the session, read from its checkpoint when another worker, or this one, began it."""
        key = (wearer, batch.session)
        live = self._sessions.get(key)
        if live is None:
            if self._failures[key] >= MOST_FAILURES:
                raise ValueError("it failed too often")
            before = self._checkpoints.read(wearer, batch.session)
            session = SensorSession(wearer, before[0] if before else batch, before)
            self._figures.resumed += bool(before)
            if not before and batch.number > 1:
                self._figures.headless += 1
                log.warning("%s: the beginning of %s is not known; do all workers share %s?", wearer, batch.session,
                            self._checkpoints.folder)  # fmt: skip
            live = _Live(session, self._checkpoints.size(wearer, batch.session), 0.0)
            if len(self._sessions) >= MOST_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
        if live.stored > LONGEST_SESSION_BYTES:
            raise ValueError("it is too long")
        live.heard, live.silent = time.monotonic(), False
        self._sessions.pop(key, None)  # the one that was silent longest stands first
        self._sessions[key] = live
        return live

    def _keep(self, wearer: str, batch: RawBatch, live: _Live, data: bytes) -> None:
        try:
            if batch.last:
                self._checkpoints.close(wearer, batch)
            else:
                self._checkpoints.append(wearer, batch.session, data)
                live.stored += len(data)
        except OSError as error:
            raise unwritable(self._checkpoints.folder, error) from error

    async def _show(self, wearer: str, live: _Live) -> None:
        state = live.session.state
        if state is None:
            return
        now = time.monotonic()
        bare = replace(state, utc="", time_s=0.0)
        if bare != live.shown or now - live.told > REFRESH_S:
            live.shown, live.told = bare, now
            await self._voice.state(wearer, state)

    async def _refuse(self, message: AbstractIncomingMessage, reason: str) -> None:
        """Put it aside, into the queue of what was refused."""
        self._figures.refused += 1
        log.info("refused a message of %d bytes on %s: %s", len(message.body), message.routing_key, reason)
        await message.reject(requeue=False)
