"""A worker: takes a fair share of the shards from RabbitMQ and runs the engine over them.

RabbitMQ decides who works on a shard: it has one active consumer, and when that goes the next in the row. A worker that
has more than its share leaves a shard and queues up again; that is all that is done here about balance.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import ssl
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity, ProbableAuthenticationError

from kneeimu.cluster.address import Address
from kneeimu.cluster.checkpoint import Checkpoints
from kneeimu.cluster.shard import ChannelGoneError, Figures, Shard
from kneeimu.cluster.topology import EVENTS_EXCHANGE, MOST_SHARDS, WORKERS, routing_key, shard_name
from kneeimu.errors import KneeimuError
from kneeimu.telemetry.broker import BrokerError
from kneeimu.telemetry.connection import PUSHY_WAIT_S, wait_s
from kneeimu.telemetry.payloads import State, encode, encode_state
from kneeimu.telemetry.topics import AVAILABILITY, EVENT, OFFLINE, ONLINE, STATE
from kneeimu.words import _

log = logging.getLogger(__name__)
logging.getLogger("aiormq").addHandler(logging.NullHandler())  # what it tells is told here in words for people
logging.getLogger("aio_pika").addHandler(logging.NullHandler())

CONNECT_WITHIN_S = 10.0
HEARTBEAT_S = 10
"""A machine that is gone without a word is noticed within twice this."""
LASTING_S = 20.0
"""A connection that lasted so long was a good one: the next attempt comes soon."""
BALANCE_S = 3.0
REJOIN_S = 0.2
SWEEP_S = 3600.0
AT_LEAST_ONCE = {"x-mqtt-publish-qos": 1}
"""Tells the MQTT plugin the quality that the event is published with."""


class AmqpVoice:
    """Publishes as MQTT's topics: events confirmed, states not."""

    def __init__(self, sure: AbstractChannel, quick: AbstractChannel) -> None:
        self._sure, self._quick = sure, quick

    async def event(self, wearer: str, data: dict[str, Any]) -> None:
        """Publish; returns when RabbitMQ has it."""
        message = aio_pika.Message(
            encode(data), delivery_mode=aio_pika.DeliveryMode.PERSISTENT, headers=dict(AT_LEAST_ONCE)
        )
        exchange = await self._sure.get_exchange(EVENTS_EXCHANGE, ensure=False)
        await exchange.publish(message, routing_key(wearer, EVENT), mandatory=False)

    async def state(self, wearer: str, state: State) -> None:
        """Publish, with the word whether the wearer is there."""
        await self._say(wearer, AVAILABILITY, (OFFLINE if state.phase == "ended" else ONLINE).encode())
        await self._say(wearer, STATE, encode_state(state))

    async def gone(self, wearer: str) -> None:
        """Publish that nothing comes from the wearer any more."""
        await self._say(wearer, AVAILABILITY, OFFLINE.encode())

    async def _say(self, wearer: str, leaf: str, payload: bytes) -> None:
        exchange = await self._quick.get_exchange(EVENTS_EXCHANGE, ensure=False)
        await exchange.publish(aio_pika.Message(payload), routing_key(wearer, leaf), mandatory=False)


class Worker:
    """One process's work.

    Args:
        keep_s: how long the checkpoint of a session that nothing comes from any more is kept, s.
        on_status: is told for people when the connection or the problem changes.

    Attributes:
        figures: what was done.
        shards: those we queue up for; ``active`` tells which we have.
    """

    def __init__(
        self, address: Address, checkpoints: Checkpoints, *, keep_s: float = 86_400.0,
        on_status: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.address, self.figures = address, Figures()
        self.shards: list[Shard] = []
        self._checkpoints, self._keep_s, self._on_status = checkpoints, keep_s, on_status
        self._stopping = asyncio.Event()
        self._said = ""

    def stop(self) -> None:
        """Finish the batches in hand, give the shards away in order and end."""
        self._stopping.set()
        for shard in self.shards:
            shard.leave()

    async def run(self) -> None:
        """Connect and stay connected until ``stop``.

        Raises:
            BrokerError: the file of authorities can't be used.
        """
        attempt = 0
        context = self.address.tls_context()
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            begun_s = loop.time()
            try:
                connection = await self._connect(context)
                async with connection:
                    await self._work(connection)
                continue
            except* (AMQPError, OSError, ChannelGoneError, KneeimuError, RuntimeError) as group:
                failure = first_of(group)
            self.shards = []
            if self._stopping.is_set():
                break
            self._tell(explain(failure, self.address))
            if loop.time() - begun_s > LASTING_S:
                attempt = 0
            pushy = isinstance(failure, KneeimuError | ProbableAuthenticationError | ssl.SSLCertVerificationError)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), PUSHY_WAIT_S if pushy else wait_s(attempt))
            attempt += 1

    async def _connect(self, context: ssl.SSLContext | None) -> AbstractConnection:
        address = self.address
        return await aio_pika.connect(
            host=address.host, port=address.port, login=address.user, password=address.password,
            virtualhost=address.vhost, ssl=address.tls, ssl_context=context, timeout=CONNECT_WITHIN_S,
            heartbeat=HEARTBEAT_S,
        )  # fmt: skip

    async def _work(self, connection: AbstractConnection) -> None:
        names = await find_shards(connection)
        if not names:
            advice = "kneeimu worker --topology | rabbitmqctl import_definitions"
            raise BrokerError(_("has no queues for raw samples"), where=str(self.address), advice=advice)
        voice = AmqpVoice(await connection.channel(), await connection.channel(publisher_confirms=False))
        self.shards = [self._shard(connection, name, voice) for name in names]
        async with asyncio.TaskGroup() as tasks:
            ready = [asyncio.Event() for _ in names]
            keepers = [
                tasks.create_task(self._keep_shard(connection, number, voice, ready[number]), name=name)
                for number, name in enumerate(names)
            ]
            for one in ready:
                await one.wait()
            # Only who is in the row everywhere is counted: others make room for it.
            helpers = [
                tasks.create_task(self._balance(connection), name="balance"),
                tasks.create_task(self._sweep(), name="sweep"),
            ]
            self._tell("")
            await asyncio.gather(*keepers)
            for helper in helpers:
                helper.cancel()

    def _shard(self, connection: AbstractConnection, name: str, voice: AmqpVoice) -> Shard:
        return Shard(connection, name, self._checkpoints, voice, self.figures)

    async def _keep_shard(
        self, connection: AbstractConnection, number: int, voice: AmqpVoice, ready: asyncio.Event
    ) -> None:
        """Work on a shard; when it is given away, queue up for it again."""
        while not self._stopping.is_set():
            shard = self.shards[number]
            await shard.run(ready)
            if self._stopping.is_set():
                return
            self.shards[number] = self._shard(connection, shard.queue, voice)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), REJOIN_S)

    async def _balance(self, connection: AbstractConnection) -> None:
        """Leave shards while we have more than our share; look after the others."""
        channel = await connection.channel(publisher_confirms=False)
        roster = await channel.get_queue(WORKERS, ensure=False)
        await roster.consume(_ignore, no_ack=True)
        while True:
            await asyncio.sleep(BALANCE_S)
            queue = await channel.get_queue(WORKERS, ensure=True)
            workers = queue.declaration_result.consumer_count or 1
            share = math.ceil(len(self.shards) / workers)
            active = [shard for shard in self.shards if shard.active]
            for shard in active[share:]:
                shard.leave()
            for shard in active[:share]:
                await shard.look_after()

    async def _sweep(self) -> None:
        while True:
            await asyncio.to_thread(self._checkpoints.sweep, self._keep_s)
            await asyncio.sleep(min(SWEEP_S, self._keep_s))

    def _tell(self, problem: str) -> None:
        connected = _("connected to {address}, {shards} shards").format(address=self.address, shards=len(self.shards))
        said = problem or connected
        if said != self._said:
            self._said = said
            self._on_status(said)

    def report(self) -> dict[str, Any]:
        """Give the figures, and what we have now."""
        active = [shard for shard in self.shards if shard.active]
        sessions = sum(shard.session_count for shard in active)
        figures = asdict(self.figures)
        self.figures.latest_s = 0.0
        return {"shards": len(active), "sessions": sessions, **figures}


async def find_shards(connection: AbstractConnection) -> list[str]:
    """Give the queues of the shards, as many as there are."""
    found: list[str] = []
    for number in range(MOST_SHARDS):
        channel = await connection.channel(publisher_confirms=False)
        try:
            await channel.get_queue(shard_name(number), ensure=True)
        except ChannelNotFoundEntity:
            break
        found.append(shard_name(number))
        await channel.close()
    return found


def explain(error: BaseException, address: Address) -> str:
    """Say what is wrong and what to do, in one line. It holds no password."""
    words = str(error).lower()
    if isinstance(error, KneeimuError):
        return str(error)
    if isinstance(error, ProbableAuthenticationError) or "access_refused" in words:
        reason = str(error) or _("check the name, the password and the permissions")
        return _("{address} refuses {user}: {reason}").format(address=address, user=address.user, reason=reason)
    if "certificate" in words:
        untrusted = _("the certificate of {address} is not trusted: name its authority with --ca ({error})")
        return untrusted.format(address=address, error=error)
    if isinstance(error, ConnectionRefusedError) or "refused" in words or "connect call failed" in words:
        return _("no RabbitMQ answers at {address}; it is tried again").format(address=address)
    reason = str(error) or type(error).__name__
    return _("no connection to {address}: {reason}; it is tried again").format(address=address, reason=reason)


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Give the most telling of several errors: one that a person can mend, if there is one."""
    errors = [first_of(one) if isinstance(one, BaseExceptionGroup) else one for one in group.exceptions]
    return next((one for one in errors if isinstance(one, KneeimuError)), errors[0])


async def _ignore(_: object) -> None:
    """Nothing is ever sent to the roster; to consume from it is to be counted."""
