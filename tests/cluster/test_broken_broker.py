"""RabbitMQ killed in a set, and RabbitMQ that has no room; each with a broker of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kneeimu.cluster.address import Address
from kneeimu.cluster.checkpoint import Checkpoints
from kneeimu.cluster.forwarder import Forwarder, ForwarderStatus
from kneeimu.cluster.topology import definitions, shard_name
from kneeimu.cluster.worker import Worker
from kneeimu.telemetry.outbox import Outbox

from .rabbitmq_process import ABSENT, SERVER, RabbitMQ
from .stories import said, session_batches, written
from .test_rabbitmq import StartWorker, WorkerProcess, coach_of, forwarding

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RabbitMQ]:
    if SERVER is None:
        pytest.skip(ABSENT)
    made = RabbitMQ(tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
async def start_worker(own: RabbitMQ, tmp_path: Path) -> AsyncIterator[Callable[[], Any]]:
    started: list[WorkerProcess] = []

    async def start() -> WorkerProcess:
        started.append(WorkerProcess(own, tmp_path / "checkpoints"))
        await started[-1].start()
        return started[-1]

    yield start
    for one in started:
        await one.end()


async def test_a_broker_killed_in_a_set_costs_time_and_no_rep(
    own: RabbitMQ, start_worker: StartWorker, tmp_path: Path
) -> None:
    own.set_up(definitions(2))
    batches = session_batches(6, session="s-power")
    async with forwarding(own, tmp_path / "raw.sqlite") as forwarder:
        await start_worker()
        async with coach_of(own) as coach:
            for batch in batches[:20]:
                forwarder.put("power", batch)
            await coach.until(lambda: len(coach.events("power")) >= 4)
            before = coach.events("power")
            for batch in batches[20:30]:
                forwarder.put("power", batch)
            own.kill()
        for batch in batches[30:]:
            forwarder.put("power", batch)
        own.start()
        async with coach_of(own) as coach:
            await coach.until(lambda: coach.ended("power"), 90.0)
            after = coach.events("power")
    ids = {event["id"] for event in before}
    whole = before + [event for event in after if event["id"] not in ids]
    told = {event["id"]: event for event in said(batches, "power")}
    assert len(ids) == len(before)
    for event, line in zip(whole, written(whole), strict=True):
        assert [line] == written([told[event["id"]]])
    # what went out between the kill and the coach's coming back nobody heard; nothing was said twice or otherwise
    assert whole[-1]["data"]["total"] == 6


async def test_a_full_queue_holds_the_gateway_back_and_loses_nothing(own: RabbitMQ, start_worker: StartWorker) -> None:
    content = definitions(1)
    queue = next(one for one in content["queues"] if one["name"] == shard_name(0))
    queue["arguments"]["x-max-length-bytes"] = 30_000  # some twenty batches
    own.set_up(content)
    wearers = [f"full-{number}" for number in range(20)]
    batches = {wearer: session_batches(8, session=f"s-{wearer}") for wearer in wearers}
    told: asyncio.Queue[ForwarderStatus] = asyncio.Queue()
    outbox = Outbox(None)
    forwarder = Forwarder(own.broker(), outbox, told.put_nowait)
    for number in range(len(batches[wearers[0]])):
        for wearer in wearers:
            forwarder.put(wearer, batches[wearer][number])
    forwarder.start()
    async with coach_of(own) as coach:
        async with asyncio.timeout(60.0):
            while "room in its queues" not in (await told.get()).problem:
                pass
        assert len(outbox) > 0
        await start_worker()
        await coach.until(lambda: coach.ended(*wearers), 90.0)
    await forwarder.stop()
    for wearer in wearers:
        assert written(coach.events(wearer)) == written(said(batches[wearer], wearer))


async def test_one_of_three_nodes_killed_in_a_set_takes_nothing_with_it(own: RabbitMQ, tmp_path: Path) -> None:
    nodes = [own]
    for host in ("127.0.0.2", "127.0.0.3"):
        folder = tmp_path / host
        folder.mkdir()
        nodes.append(RabbitMQ(folder, joins=own, host=host))
    worker = WorkerProcess(nodes[2], tmp_path / "checkpoints")
    wearers = [f"node-{number}" for number in range(6)]
    batches = {wearer: session_batches(5, session=f"s-{wearer}") for wearer in wearers}
    half = len(batches[wearers[0]]) // 2
    try:
        for node in nodes[1:]:
            node.start()
        own.set_up(definitions(2))  # so that it leads them
        async with coach_of(nodes[2], "kneeimu/v1/+/event") as coach, forwarding(nodes[1]) as forwarder:
            await worker.start()
            for number in range(half):
                for wearer in wearers:
                    forwarder.put(wearer, batches[wearer][number])
            await coach.until(lambda: all(len(coach.events(wearer)) >= 3 for wearer in wearers))
            own.kill()
            for number in range(half, len(batches[wearers[0]])):
                for wearer in wearers:
                    forwarder.put(wearer, batches[wearer][number])
            await coach.until(lambda: coach.ended(*wearers), 90.0)
        assert await worker.end() == 0
    finally:
        for node in nodes[1:]:
            node.kill()
    for wearer in wearers:
        assert written(coach.events(wearer)) == written(said(batches[wearer], wearer))


CLUSTER = "rabbit.clinic.test"
"""One name with the addresses of three nodes."""


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the name have three addresses; nothing but a name server could."""
    ask = socket.getaddrinfo

    def answer(host: Any, *arguments: Any, **more: Any) -> list[Any]:
        if host != CLUSTER:
            return list(ask(host, *arguments, **more))
        return [one for number in (1, 2, 3) for one in ask(f"127.0.0.{number}", *arguments, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.usefixtures("named")
async def test_whoever_was_at_the_killed_node_goes_to_another(own: RabbitMQ, tmp_path: Path) -> None:
    nodes = [own]
    for host in ("127.0.0.2", "127.0.0.3"):
        folder = tmp_path / host
        folder.mkdir()
        nodes.append(RabbitMQ(folder, joins=own, host=host))
    wearers = [f"moved-{number}" for number in range(6)]
    batches = {wearer: session_batches(6, session=f"s-{wearer}") for wearer in wearers}
    third = len(batches[wearers[0]]) // 3
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    said_of: list[str] = []
    workers = [
        Worker(Address(CLUSTER, own.amqp_port, False, "guest", "guest"), checkpoints, on_status=said_of.append)
        for _ in range(2)
    ]
    forwarder = Forwarder(own.broker(), Outbox(tmp_path / "raw.sqlite"))
    forwarder.broker = replace(forwarder.broker, host=CLUSTER)

    def send(first: int, end: int) -> None:
        for number in range(first, end):
            for wearer in wearers:
                forwarder.put(wearer, batches[wearer][number])

    try:
        for node in nodes[1:]:
            node.start()
        own.set_up(definitions(2))
        async with coach_of(nodes[2], "kneeimu/v1/+/event") as coach:
            running = [asyncio.create_task(worker.run()) for worker in workers]
            forwarder.start()
            send(0, third)
            await coach.until(lambda: all(coach.events(wearer) for wearer in wearers))
            own.kill()
            send(third, 2 * third)
            before = {wearer: len(coach.events(wearer)) for wearer in wearers}
            await coach.until(lambda: all(len(coach.events(wearer)) > before[wearer] for wearer in wearers), 90.0)
            own.start()  # it comes back and is told what it missed
            await asyncio.to_thread(own.control, "await_online_nodes", "3")
            nodes[1].kill()
            send(2 * third, len(batches[wearers[0]]))
            await coach.until(lambda: coach.ended(*wearers), 90.0)
            for worker in workers:
                worker.stop()
            await asyncio.gather(*running)
            await forwarder.stop()
    finally:
        for node in nodes[1:]:
            node.kill()
    assert any("tried again" in one for one in said_of)
    for wearer in wearers:
        assert written(coach.events(wearer)) == written(said(batches[wearer], wearer))
