"""A session is published: what arrives, when, and how it fits the schemas."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import aiomqtt
import pytest
from jsonschema import Draft202012Validator

from kneeimu.live import Command
from kneeimu.telemetry.payloads import KINDS, CoachCommand, State, encode_command, encode_state
from kneeimu.telemetry.session import SessionTelemetry, _data
from kneeimu.telemetry.topics import LEAVES, topic
from kneeimu.types import Rep, RepJudged

from .mosquitto_process import Mosquitto, listening
from .mqtt_stories import events, once_each, player, publishing, schema

JSON_LEAVES = ("state", "event", "frame")


async def test_a_session_arrives_as_events_in_order(mosquitto: Mosquitto) -> None:
    async with listening(mosquitto) as ear, publishing(mosquitto.broker()) as (publisher, _):
        session = player(5)
        SessionTelemetry(session, publisher)
        await session.run()
        await ear.until(lambda: any(one["kind"] == "session-ended" for one in events(ear.of("event"))))
        heard = events(ear.of("event"))

    assert [one["seq"] for one in heard] == list(range(1, len(heard) + 1))
    assert [one["count"] for one in heard if one["kind"] == "rep"] == [1, 2, 3, 4, 5]
    assert [one["kind"] for one in heard if one["kind"] != "rep"] == [
        "session-started", "set-started", "set-ended", "session-ended",
    ]  # fmt: skip


async def test_everything_published_fits_its_schema(mosquitto: Mosquitto) -> None:
    async with listening(mosquitto, "kneeimu/#") as ear, publishing(mosquitto.broker()) as (publisher, told):
        await told.until(lambda status: status.connected)
        session = player(2, speed=20.0)
        SessionTelemetry(session, publisher, target=8)
        await session.run()
        await ear.until(lambda: b'"ended"' in b"".join(ear.of("state")))

    for leaf in JSON_LEAVES:
        assert ear.of(leaf)
        for payload in ear.of(leaf):
            Draft202012Validator(schema(leaf)).validate(json.loads(payload))
    for payload in ear.of("availability"):
        Draft202012Validator(schema("availability")).validate(payload.decode())


def test_a_rep_that_is_judged_again_fits_the_schema_with_and_without_what_was_measured() -> None:
    rep = Rep(2, 4.0, 6.0, 8.0, 4.0, 17.0, 2.0, 0.0, 2.0, 90.0, medial_drift_deg=7.0, metrics={"hold_sway_deg": 0.1})
    events = schema("event")
    kinds = {one["if"]["properties"]["kind"]["const"]: one["then"] for one in events["allOf"]}
    fits = Draft202012Validator({"$defs": events["$defs"], **kinds["rep-judged"]})
    for judged in (RepJudged(20.0, 1, 2, ("short",)), RepJudged(20.0, 1, 2, ("knee-in",), rep)):
        fits.validate({"data": json.loads(json.dumps(_data(judged)))})


@pytest.mark.parametrize("name", ["topics", *LEAVES])
def test_the_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


def test_the_schema_of_topics_names_those_that_are_used() -> None:
    (example,) = schema("topics")["examples"]
    Draft202012Validator(schema("topics")).validate(example)
    assert {one["pattern"] for one in example["topics"]} == {topic("WEARER", leaf) for leaf in LEAVES}


def test_the_schema_knows_every_kind_of_event() -> None:
    assert tuple(schema("event")["properties"]["kind"]["enum"]) == KINDS


@pytest.mark.parametrize(
    "command", [CoachCommand("c1", "message", "Coach", text="Slower"), CoachCommand("c2", "target", "Coach", reps=12)]
)
def test_what_a_coach_sends_fits_its_schema(command: CoachCommand) -> None:
    Draft202012Validator(schema("command")).validate(json.loads(encode_command(command)))


def test_an_empty_state_fits_its_schema_but_for_the_time_it_was_made() -> None:
    (wrong,) = Draft202012Validator(schema("state")).iter_errors(json.loads(encode_state(State())))
    assert list(wrong.path) == ["utc"]


async def test_whoever_comes_late_gets_the_present_state(mosquitto: Mosquitto) -> None:
    async with publishing(mosquitto.broker()) as (publisher, told):
        await told.until(lambda status: status.connected)
        session = player(3)
        SessionTelemetry(session, publisher)
        await session.run()
        await publisher.stop()
    async with listening(mosquitto, "kneeimu/#") as ear:
        await ear.until(lambda: ear.of("state") and ear.of("availability"))

    assert json.loads(ear.of("state")[0])["count"] == 3
    assert ear.of("availability") == [b"offline"]
    assert not ear.of("event")


async def test_at_most_ten_state_messages_a_second(mosquitto: Mosquitto) -> None:
    async with listening(mosquitto, "kneeimu/#") as ear, publishing(mosquitto.broker()) as (publisher, told):
        await told.until(lambda status: status.connected)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(200):
            publisher.state(State(session="s", count=number))
            publisher.ticks([(number / 100, 1.0, None)])
            await asyncio.sleep(0.005)
        await ear.until(lambda: ear.of("state") and json.loads(ear.of("state")[-1])["count"] == 199)
        lasted_s = loop.time() - began

    assert len(ear.of("state")) + len(ear.of("frame")) <= 10 * lasted_s + 2
    assert len(ear.of("state")) > 3


async def test_the_last_will_says_offline_when_the_program_is_gone(mosquitto: Mosquitto) -> None:
    async with listening(mosquitto, "kneeimu/+/+/availability") as ear:
        publisher = await _killed_publisher(mosquitto)
        await ear.until(lambda: ear.of("availability")[-1:] == [b"offline"])
        assert publisher.returncode != 0


async def _killed_publisher(mosquitto: Mosquitto) -> asyncio.subprocess.Process:
    import sys

    program = (
        "import asyncio, os\n"
        "from kneeimu.telemetry.broker import Broker\nfrom kneeimu.telemetry.outbox import Outbox\n"
        "from kneeimu.telemetry.publisher import Publisher\n"
        "async def main():\n"
        f"    publisher = Publisher(Broker('127.0.0.1', {mosquitto.port}, wearer='anna'), Outbox(None),\n"
        "        on_status=lambda status: status.connected and os.abort())\n"
        "    await publisher.run()\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stderr=asyncio.subprocess.DEVNULL)
    await process.wait()
    return process


async def test_pain_and_corrections_are_told(mosquitto: Mosquitto) -> None:
    session = player(1)
    async with listening(mosquitto, "kneeimu/#") as ear, publishing(mosquitto.broker()) as (publisher, _):
        SessionTelemetry(session, publisher)
        for name, data in (("pain", {"level": 6}), ("correction", {"by": 1, "set_number": 1, "detected": 0})):
            session._tell(1.0, [], command=Command(name, 1.0, dict(data)))
        await ear.until(lambda: len(ear.of("event")) == 3)
        await ear.until(lambda: ear.of("state") and json.loads(ear.of("state")[-1])["pain"] == 6)

    _, pain, correction = events(ear.of("event"))
    assert (pain["kind"], pain["data"]) == ("pain", {"level": 6})
    assert (correction["data"], correction["count"]) == ({"by": 1}, 1)


async def test_a_retained_command_of_another_day_is_not_heeded(mosquitto: Mosquitto) -> None:
    broker = mosquitto.broker()
    command = encode_command(CoachCommand("old", "message", "Coach", text="yesterday's"))
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as coach:
        await coach.publish(topic("anna", "command"), command, qos=1, retain=True)
        heard: list[CoachCommand] = []
        came = asyncio.Event()
        async with publishing(broker) as (publisher, told):
            publisher.on_command = lambda command: (heard.append(command), came.set())
            await told.until(lambda status: status.connected)
            fresh = CoachCommand("new", "message", "Coach", text="today's")
            await coach.publish(topic("anna", "command"), encode_command(fresh), qos=1)
            async with asyncio.timeout(5):
                await came.wait()
    assert heard == [fresh]


async def test_a_declined_target_changes_nothing_an_accepted_one_does(mosquitto: Mosquitto) -> None:
    asked: list[CoachCommand] = []
    async with listening(mosquitto, "kneeimu/#") as ear, publishing(mosquitto.broker()) as (publisher, _):
        telemetry = SessionTelemetry(player(1), publisher, target=10, ask=asked.append)
        assert publisher.on_command is not None
        publisher.on_command(CoachCommand("a", "target", "Coach", reps=30))
        telemetry.answer(asked[0], "declined")
        assert telemetry.target == 10
        publisher.on_command(CoachCommand("b", "target", "Coach", reps=8))
        publisher.on_command(CoachCommand("b", "target", "Coach", reps=8))
        telemetry.answer(asked[1], "accepted")
        await ear.until(lambda: ear.of("state") and json.loads(ear.of("state")[-1])["target"] == 8)
        await ear.until(lambda: len(ear.of("event")) == 4)

    assert len(asked) == 2
    answers = [one["data"] for one in once_each(ear.of("event")) if one["kind"] == "answer"]
    assert answers == [{"command": "a", "answer": "declined"}, {"command": "b", "answer": "accepted"}]


async def test_the_outbox_is_for_its_owner_alone(mosquitto: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "outbox.sqlite"
    async with publishing(mosquitto.broker(), path) as (publisher, _):
        publisher.event({"id": "1"})
        modes = {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()}
    assert os.name != "posix" or set(modes.values()) == {0o600}
