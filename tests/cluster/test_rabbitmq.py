"""From a gateway through RabbitMQ to workers and back as events, with what can go wrong on the way."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from kneeimu.cluster.address import Address
from kneeimu.cluster.batch import RawBatch, decode_batch, encode_batch
from kneeimu.cluster.checkpoint import Checkpoints
from kneeimu.cluster.forwarder import Forwarder
from kneeimu.cluster.topology import raw_topic
from kneeimu.telemetry.connection import Client
from kneeimu.telemetry.outbox import Outbox

from .rabbitmq_process import RabbitMQ
from .stories import feed, said, session_batches, written

WITHIN_S = 90.0
"""A machine that others use may take its time; nobody waits longer than it takes."""
HEARD = ("kneeimu/v1/+/event", "kneeimu/v1/+/state")
pytestmark = pytest.mark.timeout(240)


class Coach:
    """Hears what is published and can be waited on."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, dict[str, Any]]] = []
        self._news = asyncio.Event()

    def take(self, message: aiomqtt.Message) -> None:
        _, _, wearer, leaf = message.topic.value.split("/")
        assert isinstance(message.payload, bytes)
        self.heard.append((wearer, leaf, json.loads(message.payload)))
        self._news.set()

    def events(self, wearer: str) -> list[dict[str, Any]]:
        """What a consumer keeps who drops ids that came before."""
        kept: dict[str, dict[str, Any]] = {}
        for who, leaf, data in self.heard:
            if (who, leaf) == (wearer, "event"):
                kept.setdefault(data["id"], data)
        return list(kept.values())

    def state(self, wearer: str) -> dict[str, Any]:
        states = (data for who, leaf, data in reversed(self.heard) if (who, leaf) == (wearer, "state"))
        return next(states, {})

    def ended(self, *wearers: str) -> bool:
        return all(any(event["kind"] == "session-ended" for event in self.events(one)) for one in wearers)

    async def until(self, condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def client(rabbitmq: RabbitMQ, **login: Any) -> AsyncIterator[aiomqtt.Client]:
    login = {"username": "guest", "password": "guest", **login}
    version = aiomqtt.ProtocolVersion.V311
    async with Client(rabbitmq.host, rabbitmq.mqtt_port, protocol=version, clean_session=True, **login) as made:
        yield made


@asynccontextmanager
async def coach_of(rabbitmq: RabbitMQ, *topics: str) -> AsyncIterator[Coach]:
    coach = Coach()
    async with client(rabbitmq) as mqtt:
        await mqtt.subscribe([(one, 1) for one in topics or HEARD])

        async def listen() -> None:
            async for message in mqtt.messages:
                coach.take(message)

        task = asyncio.create_task(listen())
        try:
            yield coach
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def forwarding(rabbitmq: RabbitMQ, path: Path | None = None) -> AsyncIterator[Forwarder]:
    forwarder = Forwarder(rabbitmq.broker(), Outbox(path))
    forwarder.start()
    try:
        yield forwarder
    finally:
        await forwarder.stop()


class WorkerProcess:
    """``kneeimu worker`` in a process of its own."""

    def __init__(self, rabbitmq: RabbitMQ, checkpoints: Path) -> None:
        self._rabbitmq, self._checkpoints = rabbitmq, checkpoints
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self.figures: dict[str, Any] = {}
        self.said: list[str] = []
        self._news = asyncio.Event()

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "kneeimu", "worker", "--queue", f"amqp://guest@{self._rabbitmq.host}:{self._rabbitmq.amqp_port}",
            "--checkpoints", str(self._checkpoints), "--report", "0.2",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read())
        await self.until(lambda: any("connected" in line for line in self.said))

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            text = line.decode().strip()
            if text.startswith("{"):
                self.figures = json.loads(text)
            else:
                self.said.append(text)
            self._news.set()

    async def until(self, condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self._process is not None
        assert self._reader is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        code = await self._process.wait()
        await self._reader
        return code


@pytest.fixture
async def start_worker(rabbitmq: RabbitMQ, tmp_path: Path) -> AsyncIterator[Callable[[], Any]]:
    """Starts workers that share a folder."""
    started: list[WorkerProcess] = []

    async def start() -> WorkerProcess:
        started.append(WorkerProcess(rabbitmq, tmp_path / "checkpoints"))
        await started[-1].start()
        return started[-1]

    yield start
    for one in started:
        await one.end(signal.SIGKILL)


StartWorker = Callable[[], Any]


async def test_reps_come_back_as_the_wearers_own_machine_would_have_said_them(
    rabbitmq: RabbitMQ, start_worker: StartWorker
) -> None:
    sent: list[RawBatch] = []
    async with coach_of(rabbitmq) as coach, forwarding(rabbitmq) as forwarder:
        await start_worker()

        def send(wearer: str, batch: RawBatch) -> None:
            read = decode_batch(encode_batch(batch))
            assert read is not None
            sent.append(read)
            forwarder.put(wearer, batch)

        await feed("anna").run(send)
        await coach.until(lambda: coach.ended("anna") and coach.state("anna").get("phase") == "ended")
    events = coach.events("anna")
    assert [event["kind"] for event in events].count("rep") == 5
    assert written(events) == written(said(sent))
    assert (coach.state("anna")["name"], coach.state("anna")["total"]) == ("Anna", 5)


async def test_a_worker_killed_in_a_set_is_replaced_and_no_rep_is_lost_or_told_twice(
    rabbitmq: RabbitMQ, start_worker: StartWorker
) -> None:
    wearers = [f"killed-{number}" for number in range(6)]
    batches = {wearer: session_batches(5, session=f"s-{wearer}") for wearer in wearers}
    half = len(batches[wearers[0]]) // 2
    async with coach_of(rabbitmq) as coach, forwarding(rabbitmq) as forwarder:
        one = await start_worker()
        for number in range(half):
            for wearer in wearers:
                forwarder.put(wearer, batches[wearer][number])
        await coach.until(lambda: all(len(coach.events(wearer)) >= 3 for wearer in wearers))
        other = await start_worker()
        assert await one.end(signal.SIGKILL) == -signal.SIGKILL
        for number in range(half, len(batches[wearers[0]])):
            for wearer in wearers:
                forwarder.put(wearer, batches[wearer][number])
        await coach.until(lambda: coach.ended(*wearers))
        await other.until(lambda: other.figures.get("resumed", 0) >= 1)
    for wearer in wearers:
        assert written(coach.events(wearer)) == written(said(batches[wearer], wearer))


async def test_a_worker_that_is_added_takes_shards_over(rabbitmq: RabbitMQ, start_worker: StartWorker) -> None:
    wearers = [f"added-{number}" for number in range(30)]
    batches = {wearer: session_batches(3, session=f"s-{wearer}") for wearer in wearers}
    async with coach_of(rabbitmq) as coach, forwarding(rabbitmq) as forwarder:
        one = await start_worker()
        for wearer in wearers:
            forwarder.put(wearer, batches[wearer][0])
        await one.until(lambda: one.figures.get("shards") == 4)
        other = await start_worker()
        await one.until(lambda: one.figures.get("shards") == 2)
        for number in range(1, len(batches[wearers[0]])):
            for wearer in wearers:
                forwarder.put(wearer, batches[wearer][number])
        await coach.until(lambda: coach.ended(*wearers))
        await other.until(lambda: other.figures.get("batches", 0) > 0)
        assert await one.end() == 0
    for wearer in wearers:
        assert written(coach.events(wearer)) == written(said(batches[wearer], wearer))


async def test_hostile_messages_are_put_aside_and_stop_nobody(rabbitmq: RabbitMQ, start_worker: StartWorker) -> None:
    batches = session_batches(2, session="s-hostile")
    rubbish = [b"", b"KIMU", os.urandom(2000), encode_batch(batches[0])[:-1], b"x" * 300_000, b'{"v": 1}']
    async with coach_of(rabbitmq) as coach, client(rabbitmq) as mqtt, forwarding(rabbitmq) as forwarder:
        worker = await start_worker()
        for payload in rubbish:
            await mqtt.publish(raw_topic("hostile"), payload, qos=1)
        for batch in batches:
            forwarder.put("hostile", batch)
        await coach.until(lambda: coach.ended("hostile"))
        await worker.until(lambda: worker.figures.get("refused") == len(rubbish))
    assert written(coach.events("hostile")) == written(said(batches, "hostile"))


async def test_a_sensor_of_nonsense_numbers_stops_no_other(rabbitmq: RabbitMQ, start_worker: StartWorker) -> None:
    good = session_batches(2, session="s-good")
    wild = []
    for batch in session_batches(2, session="s-wild"):
        for item in batch.items:
            if hasattr(item, "acc_m_s2"):
                item.acc_m_s2[::7] = math.inf if batch.number % 2 else 3e38
                item.gyr_rad_s[::5] = math.nan if batch.number % 3 else -3e38
        wild.append(batch)
    async with coach_of(rabbitmq) as coach, forwarding(rabbitmq) as forwarder:
        worker = await start_worker()
        for one, other in zip(good, wild, strict=True):
            forwarder.put("wild", other)
            forwarder.put("good", one)
        await coach.until(lambda: coach.ended("good"))
        # a gateway that waited too long for an answer sends again, and rubbish is refused once more
        await worker.until(lambda: worker.figures.get("batches", 0) + worker.figures.get("refused", 0) >= 2 * len(good))
    assert written(coach.events("good")) == written(said(good, "good"))


async def test_what_was_not_acknowledged_waits_on_disk_and_goes_out_in_order(
    rabbitmq: RabbitMQ, start_worker: StartWorker, tmp_path: Path
) -> None:
    batches = session_batches(3, session="s-resent")
    path = tmp_path / "raw.sqlite"
    unsent = Forwarder(rabbitmq.broker(), Outbox(path))
    for batch in batches:
        unsent.put("resent", batch)
    unsent._outbox.close()  # the gateway is killed before it was ever connected
    async with coach_of(rabbitmq) as coach:
        await start_worker()
        async with forwarding(rabbitmq, path) as forwarder:
            for batch in batches[-3:]:  # and what it does not know of any more is sent once more
                forwarder.put("resent", batch)
            await coach.until(lambda: coach.ended("resent"))
    assert written(coach.events("resent")) == written(said(batches, "resent"))


async def test_a_checkpoint_that_can_not_be_written_is_told_and_nothing_is_acknowledged(
    rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    from kneeimu.cluster.worker import Worker

    batches = session_batches(2, session="s-full")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "full").write_text("not a folder")
    told: list[str] = []
    news = asyncio.Event()

    def tell(text: str) -> None:
        told.append(text)
        news.set()

    async with coach_of(rabbitmq) as coach, forwarding(rabbitmq) as forwarder:
        for batch in batches:
            forwarder.put("full", batch)
        bad = Worker(rabbitmq.address, Checkpoints(tmp_path / "bad"), on_status=tell)
        task = asyncio.create_task(bad.run())
        async with asyncio.timeout(WITHIN_S):
            while not any("bad" in text for text in told):
                news.clear()
                await news.wait()
        bad.stop()
        await task
        good = Worker(rabbitmq.address, Checkpoints(tmp_path / "good"))
        task = asyncio.create_task(good.run())
        await coach.until(lambda: coach.ended("full"))
        good.stop()
        await task
    assert written(coach.events("full")) == written(said(batches, "full"))


async def test_a_broker_without_queues_is_told_with_the_command_that_makes_them(
    rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    from kneeimu.cluster.worker import Worker

    rabbitmq.control("add_vhost", "empty")
    rabbitmq.control("set_permissions", "-p", "empty", "guest", ".*", ".*", ".*")
    told: asyncio.Queue[str] = asyncio.Queue()
    address = Address("127.0.0.1", rabbitmq.amqp_port, False, "guest", "guest", "empty")
    worker = Worker(address, Checkpoints(tmp_path), on_status=told.put_nowait)
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(WITHIN_S):
        assert "--topology" in await told.get()
    worker.stop()
    await task


async def test_a_wearer_that_nothing_comes_from_is_told_to_be_away(
    rabbitmq: RabbitMQ, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kneeimu.cluster import shard, worker

    monkeypatch.setattr(shard, "SILENT_S", 0.3)
    monkeypatch.setattr(worker, "BALANCE_S", 0.1)
    heard: list[bytes] = []
    batches = session_batches(2, session="s-silent")
    async with client(rabbitmq) as mqtt, forwarding(rabbitmq) as forwarder:
        await mqtt.subscribe("kneeimu/v1/silent/availability", qos=1)
        one = worker.Worker(rabbitmq.address, Checkpoints(tmp_path))
        task = asyncio.create_task(one.run())
        forwarder.put("silent", batches[0])
        async with asyncio.timeout(WITHIN_S):
            async for message in mqtt.messages:
                assert isinstance(message.payload, bytes)
                heard.append(message.payload)
                if heard == [b"online", b"offline"]:
                    forwarder.put("silent", batches[1])
                if len(heard) == 3:
                    break
        one.stop()
        await task
    assert heard == [b"online", b"offline", b"online"]
