"""Sends raw batches to the broker: in order, at least once, and those that were not acknowledged again."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

import aiomqtt

from kneeimu.cluster.batch import RawBatch, encode_batch
from kneeimu.cluster.topology import raw_topic
from kneeimu.errors import KneeimuError
from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.connection import PUSHY_WAIT_S, explain, is_refused, make_client, wait_s
from kneeimu.telemetry.outbox import Outbox
from kneeimu.words import _

MOST_BATCHES = 100_000
"""At two batches a second of 1.8 kB: 30 sensors for half an hour without a broker, in 180 MB."""
WINDOW = 200
"""Batches on their way at once: with fewer, a broker that answers late holds up many sensors."""
FAREWELL_S = 5.0
FRUITLESS = 3
"""Connections that end before a batch was acknowledged, after which it is told that the broker may not let us."""


@dataclass(frozen=True, slots=True)
class ForwarderStatus:
    """How it goes.

    Attributes:
        waiting: batches that were not acknowledged. dropped: batches that gave way in a full outbox.
        problem: what is wrong, for people; empty when all is well.
    """

    connected: bool = False
    sent: int = 0
    waiting: int = 0
    dropped: int = 0
    problem: str = ""


class Forwarder:
    """One connection for many sensors.

    Args:
        outbox: is closed at the end.
        on_status: is told when the connection or the problem changes.

    Attributes:
        status: newest.
    """

    def __init__(
        self, broker: Broker, outbox: Outbox, on_status: Callable[[ForwarderStatus], None] = lambda _: None
    ) -> None:  # fmt: skip
        # RabbitMQ speaks no other before its version 3.13
        self.broker = replace(broker, protocol="3.1.1")
        self.status = ForwarderStatus(waiting=len(outbox), problem=outbox.problem)
        self._outbox, self._on_status = outbox, on_status
        self._identifier = f"kneeimu-gateway-{secrets.token_hex(4)}"
        self._news, self._drained = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._outbox_told = outbox.problem
        self._news.set()

    def put(self, wearer: str, batch: RawBatch) -> None:
        """Let a batch go out as soon as can be. Does not wait."""
        self._outbox.put(raw_topic(wearer), encode_batch(batch))
        self._drained.clear()
        self._news.set()
        if self._outbox.problem != self._outbox_told:
            self._outbox_told = self._outbox.problem
            if self._outbox_told:
                self._tell(connected=self.status.connected, problem=self._outbox_told)

    def start(self) -> None:
        """Run in a task of its own until ``stop``."""
        if self._task is None:
            self._task = asyncio.create_task(self.run(), name="mqtt raw")

    async def stop(self, within_s: float = FAREWELL_S) -> None:
        """Send what can be sent in that time and end. May be called again."""
        task, self._task = self._task, None
        if task is None:
            return
        if self.status.connected and len(self._outbox):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._drained.wait(), within_s)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        self._tell(connected=False)
        self._outbox.close()

    async def run(self) -> None:
        """Connect and stay connected until cancelled."""
        fruitless = attempt = 0
        while True:
            sent = self.status.sent
            problem, refused = await self._connection()
            if self.status.connected:
                attempt = 0
                fruitless = 0 if self.status.sent > sent or not len(self._outbox) else fruitless + 1
            if fruitless >= FRUITLESS:
                problem = _(
                    "{address} ends the connection when raw samples are published: is there room in its queues, and "
                    "may this user write there?"
                ).format(address=self.broker.address)
            self._tell(connected=False, problem=problem)
            await asyncio.sleep(PUSHY_WAIT_S if refused else wait_s(max(attempt, fruitless)))
            attempt += 1

    async def _connection(self) -> tuple[str, bool]:
        """One connection from its beginning to its end; give why it ended, and whether only a person can mend it."""
        problem, refused = "", False
        try:
            async with make_client(self.broker, self._identifier, window=WINDOW) as client:
                self._tell(connected=True, problem=self._outbox.problem)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._send(client), name="mqtt raw out")
                    tasks.create_task(_until_lost(client), name="mqtt raw in")
        except* aiomqtt.MqttError as group:
            error = group.exceptions[0]
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            assert isinstance(error, aiomqtt.MqttError)
            problem, refused = explain(error, self.broker), is_refused(error)
        except* KneeimuError as group:
            problem, refused = str(group.exceptions[0]), True
        return problem, refused

    async def _send(self, client: aiomqtt.Client) -> None:
        while True:
            waiting = self._outbox.oldest(WINDOW)
            if not waiting:
                self._news.clear()
                self._drained.set()
                await self._news.wait()
                continue
            await asyncio.gather(*(client.publish(one.topic, one.payload, qos=1) for one in waiting))
            self._outbox.done(waiting[-1].number)
            self.status = replace(self.status, sent=self.status.sent + len(waiting), waiting=len(self._outbox))

    def _tell(self, *, connected: bool, problem: str = "") -> None:
        status = replace(
            self.status, connected=connected, problem=problem, waiting=len(self._outbox), dropped=self._outbox.dropped
        )
        news = (status.connected, status.problem) != (self.status.connected, self.status.problem)
        self.status = status
        if news:
            self._on_status(status)


async def _until_lost(client: aiomqtt.Client) -> None:
    """Notice at once when the connection is lost; publishing alone would wait for an answer."""
    async for _message in client.messages:
        pass
