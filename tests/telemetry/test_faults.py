"""What goes wrong between us and the broker: nothing is lost, nothing comes twice, and the person is told."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import aiomqtt
import pytest

from kneeimu.telemetry.connection import explain
from kneeimu.telemetry.outbox import Outbox
from kneeimu.telemetry.publisher import Publisher
from kneeimu.telemetry.session import SessionTelemetry
from kneeimu.telemetry.topics import topic

from .mosquitto_process import Mosquitto, listening
from .mqtt_stories import Told, once_each, player, publishing, said

MakeMosquitto = Callable[..., Mosquitto]


def numbers(payloads: list[bytes]) -> list[int]:
    return [one["seq"] for one in once_each(payloads)]


async def test_a_broker_that_is_down_at_the_start_gets_everything_later(
    make_mosquitto: MakeMosquitto, tmp_path: Path
) -> None:
    mosquitto = make_mosquitto()
    async with publishing(mosquitto.broker(), tmp_path / "outbox.sqlite") as (publisher, told):
        session = player(5)
        SessionTelemetry(session, publisher)
        await session.run()
        await told.until(lambda status: "no broker answers" in status.problem)
        mosquitto.start()
        async with listening(mosquitto, "kneeimu/#") as ear:
            await ear.until(lambda: len(once_each(ear.of("event"))) == 9)
            assert [one["seq"] for one in once_each(ear.of("event"))] == list(range(1, 10))
        await told.until(lambda status: status.connected and not status.problem)


async def test_a_broker_killed_in_a_set_loses_no_event(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with publishing(mosquitto.broker(), tmp_path / "outbox.sqlite") as (publisher, told):
        async with listening(mosquitto, "kneeimu/#") as ear:
            for number in range(1, 21):
                publisher.event(said(number))
            await ear.until(lambda: len(numbers(ear.of("event"))) >= 20)
            before = numbers(ear.of("event"))
            for number in range(21, 121):
                publisher.event(said(number))
            mosquitto.kill()
            seen = ear.of("event")
        for number in range(121, 131):
            publisher.event(said(number))
        await told.until(lambda status: not status.connected)
        mosquitto.start()
        async with listening(mosquitto, "kneeimu/#") as late:
            publisher.event(said(131))
            await late.until(lambda: numbers(late.of("event"))[-1:] == [131])
            after = numbers(late.of("event"))

    assert before == list(range(1, 21))
    # What the broker took before it died it may have passed on to nobody; what it did not take comes in order.
    assert after == list(range(after[0], 132))
    assert len(seen) <= 120


async def test_events_outlive_the_program(make_mosquitto: MakeMosquitto, tmp_path: Path) -> None:
    mosquitto = make_mosquitto()
    path = tmp_path / "outbox.sqlite"
    async with publishing(mosquitto.broker(), path) as (publisher, told):
        for number in range(1, 31):
            publisher.event(said(number))
        await told.until(lambda status: bool(status.problem))
    mosquitto.start()
    async with listening(mosquitto, "kneeimu/#") as ear, publishing(mosquitto.broker(), path) as (_, told):
        await ear.until(lambda: len(ear.of("event")) == 30)
        assert numbers(ear.of("event")) == list(range(1, 31))
    assert len(Outbox(path)) == 0


@pytest.mark.skipif(os.name != "posix", reason="needs SIGSTOP")
async def test_the_session_never_waits_for_a_broker_that_hangs(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with publishing(mosquitto.broker(), tmp_path / "outbox.sqlite") as (publisher, told):
        await told.until(lambda status: status.connected)
        assert mosquitto.pid is not None
        async with listening(mosquitto, "kneeimu/#") as ear:
            os.kill(mosquitto.pid, signal.SIGSTOP)
            longest_s = 0.0
            for number in range(1, 201):
                began = time.perf_counter()
                publisher.event(said(number))
                longest_s = max(longest_s, time.perf_counter() - began)
                await asyncio.sleep(0)
            os.kill(mosquitto.pid, signal.SIGCONT)
            await ear.until(lambda: len(numbers(ear.of("event"))) == 200)
            assert numbers(ear.of("event")) == list(range(1, 201))
    assert longest_s < 0.1


async def test_a_wrong_password_is_told_without_the_password(make_mosquitto: MakeMosquitto, tmp_path: Path) -> None:
    mosquitto = make_mosquitto(users={"anna": "right"})
    mosquitto.start()
    broker = mosquitto.broker(username="anna", password="wrong-secret")
    async with publishing(broker, tmp_path / "outbox.sqlite") as (publisher, told):
        publisher.event(said(1))
        status = await told.until(lambda status: bool(status.problem))
        assert "refuses the login (user anna)" in status.problem
        assert len(publisher._outbox) == 1
    assert "wrong-secret" not in status.problem + repr(broker)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_the_right_password_lets_us_in(make_mosquitto: MakeMosquitto, protocol: str) -> None:
    mosquitto = make_mosquitto(users={"anna": "right"})
    mosquitto.start()
    async with publishing(mosquitto.broker(username="anna", password="right", protocol=protocol)) as (_, told):
        await told.until(lambda status: status.connected)


async def test_a_topic_that_is_refused_is_told_and_its_events_wait(make_mosquitto: MakeMosquitto) -> None:
    mosquitto = make_mosquitto(users={"anna": "a"}, acl="user anna\ntopic write kneeimu/v1/anna/state\n")
    mosquitto.start()
    async with publishing(mosquitto.broker(username="anna", password="a")) as (publisher, told):
        publisher.event(said(1))
        status = await told.until(lambda status: "does not let us publish" in status.problem)
        assert "kneeimu/v1/anna/event" in status.problem
        assert status.waiting == 1


async def test_of_two_programs_with_one_name_the_older_gives_way(mosquitto: Mosquitto) -> None:
    async with publishing(mosquitto.broker()) as (older, first):
        await first.until(lambda status: status.connected)
        async with publishing(mosquitto.broker()) as (_, second):
            await second.until(lambda status: status.connected)
            await first.until(lambda status: "another program publishes as anna" in status.problem)
            assert second.all[-1].connected
            assert len(second.all) == 1
            assert older._task is not None
            await older._task  # it has given up for good


async def test_the_one_that_stays_is_shown_as_online(mosquitto: Mosquitto) -> None:
    async with publishing(mosquitto.broker()) as (_, first):
        await first.until(lambda status: status.connected)
        async with publishing(mosquitto.broker()) as (_, second):
            await first.until(lambda status: bool(status.problem))
            await second.until(lambda status: status.connected)
            async with listening(mosquitto, topic("anna", "availability")) as ear:
                await ear.until(lambda: ear.of("availability")[-1:] == [b"online"])


async def test_a_program_that_fails_while_it_publishes_says_that_it_is_gone(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_outbox: Outbox, _most: int) -> None:
        raise RuntimeError("a fault of ours")

    async with publishing(mosquitto.broker()) as (publisher, told):
        await told.until(lambda status: status.connected)
        monkeypatch.setattr(Outbox, "oldest", fail)
        publisher.event(said(1))
        await told.until(lambda status: "publishing ended" in status.problem)
        async with listening(mosquitto, topic("anna", "availability")) as ear:
            await ear.until(lambda: ear.of("availability"))
            assert ear.of("availability") == [b"offline"]


def test_a_broker_whose_name_nobody_knows_is_told_by_name() -> None:
    from kneeimu.telemetry.broker import Broker

    error = aiomqtt.MqttError("[Errno -2] Name or service not known")
    assert "no computer is known as attic" in explain(error, Broker("attic"))


def test_a_lost_connection_is_explained_even_without_a_reason() -> None:
    from kneeimu.telemetry.broker import Broker

    assert "it was lost" in explain(aiomqtt.MqttError(), Broker("localhost"))
    assert "it was lost" in explain(aiomqtt.MqttCodeError(4, "Could not publish message"), Broker("localhost"))


async def test_stopping_twice_or_before_the_start_is_fine() -> None:
    from kneeimu.telemetry.broker import Broker

    publisher = Publisher(Broker("127.0.0.1", 9), Outbox(None), on_status=Told())
    await publisher.stop()
    publisher.start()
    await publisher.stop()
    await publisher.stop()


# --- what is told -----------------------------------------------------------------------------------------------------


async def test_events_go_out_and_all_is_well_when_the_access_list_lets_us(
    make_mosquitto: MakeMosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kneeimu.telemetry.publisher.REFUSED_WAIT_S", 0.2)
    mosquitto = make_mosquitto(users={"anna": "a"}, acl="user anna\ntopic write kneeimu/v1/anna/state\n")
    mosquitto.start()
    async with publishing(mosquitto.broker(username="anna", password="a")) as (publisher, told):
        publisher.event(said(1))
        await told.until(lambda status: "does not let us publish" in status.problem)
        (mosquitto.folder / "acl").write_text("user anna\ntopic readwrite kneeimu/v1/anna/#\n")
        assert mosquitto.pid is not None
        os.kill(mosquitto.pid, signal.SIGHUP)
        status = await told.until(lambda status: status.connected and not status.problem and not status.waiting)
        assert not status.dropped


async def test_two_of_one_name_are_told_by_a_broker_that_gives_no_reason(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kneeimu.telemetry.publisher.wait_s", lambda _attempt: 0.05)
    broker = mosquitto.broker(protocol="3.1.1")
    async with publishing(broker) as (one, first), publishing(broker) as (other, second):
        for number in range(1, 11):
            (one if number % 2 else other).event(said(number))
        await first.until(lambda status: "if another program publishes as anna" in status.problem)
        await second.until(lambda status: "if another program publishes as anna" in status.problem)
        async with listening(mosquitto, "kneeimu/#"):
            await first.until(lambda status: not status.waiting)


async def test_a_connection_that_lasts_is_a_good_one(mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kneeimu.telemetry.publisher.wait_s", lambda _attempt: 0.05)
    monkeypatch.setattr("kneeimu.telemetry.publisher.BRIEF_S", 1.0)
    monkeypatch.setattr("kneeimu.telemetry.connection.ASK_WITHIN_S", 0.1)
    async with publishing(mosquitto.broker()) as (_, told):
        for _ in range(3):
            await told.until(lambda status: status.connected)
            mosquitto.kill()
            await told.until(lambda status: not status.connected)
            mosquitto.start()
        await told.until(lambda status: status.connected and "ends each connection" in status.problem)
        await told.until(lambda status: status.connected and not status.problem)


async def test_how_many_events_wait_is_known_at_the_end(tmp_path: Path) -> None:
    from kneeimu.telemetry.broker import Broker

    publisher = Publisher(Broker("127.0.0.1", 9), Outbox(tmp_path / "outbox.sqlite"))
    publisher.start()
    for number in range(1, 8):
        publisher.event(said(number))
    await publisher.stop()
    assert publisher.status.waiting == 7


async def test_a_socket_that_was_closed_meanwhile_is_left_alone(mosquitto: Mosquitto) -> None:
    import socket

    from kneeimu.telemetry.connection import make_client

    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: heard.append(context))
    async with make_client(mosquitto.broker(), "one") as client:
        gone = socket.socket()
        client._on_socket_register_write(client._client, None, gone)
        gone.close()
        await asyncio.sleep(0)
        await client.publish("kneeimu/test", b"x", qos=1)
    assert heard == []


async def test_it_is_told_once_that_no_more_can_wait_and_well_again_when_they_went_out(
    make_mosquitto: MakeMosquitto, tmp_path: Path
) -> None:
    mosquitto = make_mosquitto()
    told = Told()
    publisher = Publisher(mosquitto.broker(), Outbox(tmp_path / "outbox.sqlite", most=5), on_status=told)
    publisher.start()
    await told.until(lambda status: "no broker answers" in status.problem)
    for number in range(1, 11):
        publisher.event(said(number))
    assert sum("the oldest are lost" in status.problem for status in told.all) == 1
    mosquitto.start()
    await told.until(lambda status: status.connected and not status.problem)
    await publisher.stop()
    assert (publisher.status.waiting, publisher.status.dropped) == (0, 5)
