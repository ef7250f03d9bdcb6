"""Who may do what on RabbitMQ, and how workers prove who they are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from click.testing import CliRunner

from kneeimu.cli import kneeimu
from kneeimu.cluster.address import Address, parse_address
from kneeimu.cluster.checkpoint import Checkpoints
from kneeimu.cluster.forwarder import Forwarder, ForwarderStatus
from kneeimu.cluster.topology import PERMISSIONS, passwords_in, raw_topic
from kneeimu.errors import KneeimuError
from kneeimu.telemetry.outbox import Outbox

from .rabbitmq_process import RabbitMQ
from .stories import said, session_batches, written
from .test_rabbitmq import WITHIN_S, client, coach_of

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def passwords(rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The users as the documented command makes them; their passwords are files."""
    folder = tmp_path_factory.mktemp("passwords")
    made = CliRunner().invoke(kneeimu, ["worker", "--topology", "--shards", "4", "--users", str(folder)])
    assert made.exit_code == 0, made.output
    rabbitmq.set_up(json.loads(made.stdout))
    yield folder
    for role in PERMISSIONS:
        rabbitmq.control("delete_user", role)


def login(folder: Path, role: str) -> dict[str, str]:
    return {"username": role, "password": (folder / role).read_text().strip()}


async def may(rabbitmq: RabbitMQ, user: dict[str, str], topic: str) -> bool:
    """Tell whether a message arrives; RabbitMQ ends the connection of who may not."""
    async with coach_of(rabbitmq, topic) as coach:
        try:
            async with client(rabbitmq, **user) as mqtt:
                await _or_lost(mqtt, mqtt.publish(topic, b'{"id": "x"}', qos=1))
        except aiomqtt.MqttError:
            return False
        await coach.until(lambda: coach.heard)
    return True


async def _or_lost(mqtt: aiomqtt.Client, wish: Coroutine[Any, Any, Any]) -> None:
    """Wait for the answer, or for the end of the connection."""

    async def listen() -> None:
        async for _ in mqtt.messages:
            pass

    tasks = [asyncio.create_task(wish), asyncio.create_task(listen())]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for task in done:
        granted = task.result()
        if isinstance(granted, tuple | list) and any(getattr(code, "value", code) >= 128 for code in granted):
            raise aiomqtt.MqttError("refused")


async def may_hear(rabbitmq: RabbitMQ, user: dict[str, str], topics: str) -> bool:
    try:
        async with client(rabbitmq, **user) as mqtt:
            await _or_lost(mqtt, mqtt.subscribe(topics, qos=1))
            return True
    except aiomqtt.MqttError:
        return False


@pytest.mark.parametrize(
    ("role", "leaf", "allowed"),
    [
        ("gateway", "raw", True),
        ("gateway", "event", False),
        ("gateway", "state", False),
        ("gateway", "command", False),
        ("coach", "raw", False),
        ("coach", "event", False),
        ("coach", "state", False),
    ],
)
async def test_what_each_may_publish(rabbitmq: RabbitMQ, passwords: Path, role: str, leaf: str, allowed: bool) -> None:
    assert await may(rabbitmq, login(passwords, role), f"kneeimu/v1/anna/{leaf}") is allowed


@pytest.mark.parametrize(
    ("role", "topics", "allowed"),
    [
        ("coach", "kneeimu/v1/+/event", True),
        ("coach", "kneeimu/v1/anna/state", True),
        ("coach", "kneeimu/v1/+/raw", False),
        ("coach", "#", False),
        ("gateway", "kneeimu/v1/+/event", False),
        ("worker", "kneeimu/v1/+/event", False),
    ],
)
async def test_what_each_may_hear(rabbitmq: RabbitMQ, passwords: Path, role: str, topics: str, allowed: bool) -> None:
    assert await may_hear(rabbitmq, login(passwords, role), topics) is allowed


def user_address(rabbitmq: RabbitMQ, passwords: Path, role: str) -> Address:
    return parse_address(f"amqp://{role}@localhost:{rabbitmq.amqp_port}", password_file=passwords / role)


async def test_gateway_and_worker_do_their_work_with_their_own_rights(
    rabbitmq: RabbitMQ, passwords: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kneeimu.cluster import worker as module

    monkeypatch.setattr(module, "BALANCE_S", 0.05)  # so that it asks who else is there before the session is over
    told: list[str] = []
    batches = session_batches(2, session="s-rights")
    forwarder = Forwarder(rabbitmq.broker(**login(passwords, "gateway")), Outbox(None))
    address = user_address(rabbitmq, passwords, "worker")
    worker = module.Worker(address, Checkpoints(tmp_path), on_status=told.append)
    async with coach_of(rabbitmq) as coach:
        task = asyncio.create_task(worker.run())
        forwarder.start()
        for batch in batches:
            forwarder.put("rights", batch)
            await asyncio.sleep(0.02)
        await coach.until(lambda: coach.ended("rights"))
        await forwarder.stop()
        worker.stop()
        await task
    assert written(coach.events("rights")) == written(said(batches, "rights"))
    assert told == [f"connected to {address}, 4 shards"]


async def test_a_worker_may_neither_make_nor_delete_queues_nor_read_others(rabbitmq: RabbitMQ, passwords: Path) -> None:
    import aio_pika
    from aiormq.exceptions import ChannelAccessRefused

    address = user_address(rabbitmq, passwords, "worker")
    connection = await aio_pika.connect(
        host=address.host, port=address.port, login=address.user, password=address.password
    )
    async with connection:
        for attempt in (_declare, _delete, _read_refused, _write_command):
            channel = await connection.channel()
            with pytest.raises(ChannelAccessRefused):
                await attempt(channel)


async def _declare(channel: Any) -> None:
    await channel.declare_queue("mine")


async def _delete(channel: Any) -> None:
    await channel.queue_delete("kneeimu.raw.0")


async def _read_refused(channel: Any) -> None:
    await (await channel.get_queue("kneeimu.refused", ensure=False)).get()


async def _write_command(channel: Any) -> None:
    import aio_pika

    exchange = await channel.get_exchange("amq.topic", ensure=False)
    await exchange.publish(aio_pika.Message(b"{}"), "kneeimu.v1.anna.command")


async def test_a_wrong_password_is_told_without_it(rabbitmq: RabbitMQ, passwords: Path, tmp_path: Path) -> None:
    from kneeimu.cluster.worker import Worker

    told: asyncio.Queue[str] = asyncio.Queue()
    address = Address("127.0.0.1", rabbitmq.amqp_port, False, "worker", "not-the-password")
    worker = Worker(address, Checkpoints(tmp_path), on_status=told.put_nowait)
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(WITHIN_S):
        text = await told.get()
    worker.stop()
    await task
    assert "refuses worker" in text
    assert "not-the-password" not in text
    assert "not-the-password" not in repr(address)


async def test_a_gateway_that_may_not_write_is_told_and_keeps_its_batches(rabbitmq: RabbitMQ, passwords: Path) -> None:
    told: asyncio.Queue[ForwarderStatus] = asyncio.Queue()
    outbox = Outbox(None)
    forwarder = Forwarder(rabbitmq.broker(**login(passwords, "coach")), outbox, told.put_nowait)
    forwarder.put("anna", session_batches(1)[0])
    forwarder.start()
    async with asyncio.timeout(WITHIN_S):
        while "may this user write" not in (await told.get()).problem:
            pass
    assert len(outbox) == 1
    await forwarder.stop()


# --- TLS --------------------------------------------------------------------------------------------------------------


async def test_gateway_and_worker_verify_who_they_speak_to(rabbitmq: RabbitMQ, passwords: Path, tmp_path: Path) -> None:
    from kneeimu.cluster.worker import Worker

    assert rabbitmq.certificates is not None
    authority = rabbitmq.certificates / "ca.pem"
    batches = session_batches(1, session="s-tls")
    broker = rabbitmq.broker(**login(passwords, "gateway"), tls=True, ca_file=authority)
    forwarder = Forwarder(replace(broker, port=rabbitmq.mqtts_port), Outbox(None))
    address = parse_address(
        f"amqps://worker@127.0.0.1:{rabbitmq.amqps_port}", password_file=passwords / "worker", ca_file=authority
    )
    worker = Worker(address, Checkpoints(tmp_path))
    async with coach_of(rabbitmq) as coach:
        task = asyncio.create_task(worker.run())
        forwarder.start()
        for batch in batches:
            forwarder.put("tls", batch)
        await coach.until(lambda: coach.ended("tls"))
        await forwarder.stop()
        worker.stop()
        await task
    assert written(coach.events("tls")) == written(said(batches, "tls"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_stranger_is_not_spoken_to(rabbitmq: RabbitMQ, passwords: Path, tmp_path: Path, host: str) -> None:
    """Its certificate is of no authority we know, or for another name."""
    from kneeimu.cluster.worker import Worker

    assert rabbitmq.certificates is not None
    known = rabbitmq.certificates / "ca.pem" if host == "localhost" else None
    address = parse_address(
        f"amqps://worker@{host}:{rabbitmq.amqps_port}", password_file=passwords / "worker", ca_file=known
    )
    told: asyncio.Queue[str] = asyncio.Queue()
    worker = Worker(address, Checkpoints(tmp_path), on_status=told.put_nowait)
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(WITHIN_S):
        assert "certificate" in await told.get()
    worker.stop()
    await task


# --- the address and the password -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("amqp://worker@clinic.example", "could be read on the way"),
        ("amqps://worker:secret@clinic.example", "holds a password"),
        ("mqtt://clinic.example", "no address"),
        ("clinic.example", "no address"),
        ("amqps://worker@host:port", "no address"),
        ("amqps://worker@clinic.example", "password of worker is not known"),
    ],
)
def test_an_address_that_can_not_be_used_is_told(text: str, what: str) -> None:
    with pytest.raises(KneeimuError, match=what) as raised:
        parse_address(text)
    assert "secret" not in str(raised.value)


def test_a_password_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("secret\n")
    path.chmod(0o644)
    with pytest.raises(KneeimuError, match="others can read"):
        parse_address("amqps://worker@clinic.example", password_file=path)
    path.chmod(0o600)
    address = parse_address("amqps://worker@clinic.example", password_file=path)
    assert (address.port, address.tls, address.password) == (5671, True, "secret")
    assert address.tls_context() is not None


def test_passwords_are_made_once_for_this_user_alone(tmp_path: Path) -> None:
    words = passwords_in(tmp_path / "new")
    assert words == passwords_in(tmp_path / "new")
    assert len(set(words.values())) == 3
    for role in words:
        assert (tmp_path / "new" / role).stat().st_mode & 0o077 == 0


def test_definitions_hold_no_password(tmp_path: Path) -> None:
    made = CliRunner().invoke(kneeimu, ["worker", "--topology", "--users", str(tmp_path)])
    content: dict[str, Any] = json.loads(made.stdout)
    assert {user["name"] for user in content["users"]} == {"gateway", "worker", "coach"}
    for word in passwords_in(tmp_path).values():
        assert word not in made.stdout


def test_raw_topics_of_any_wearer_are_found_and_nothing_else_is() -> None:
    from kneeimu.cluster.topology import wearer_of

    assert wearer_of(raw_topic("anna-7").replace("/", ".")) == "anna-7"
    for key in ("", "kneeimu.v1.anna.event", "kneeimu.v1.a.b.raw", "kneeimu.v2.anna.raw", "kneeimuxv1.anna.raw"):
        assert wearer_of(key) is None
