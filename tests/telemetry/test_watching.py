"""Watching others: late, over a bad network, and when somebody sends rubbish."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kneeimu.dashboard.screens.watch_words import happening_words, tile_lines, tone
from kneeimu.telemetry.broker import Broker, BrokerError
from kneeimu.telemetry.payloads import (
    UNSEEN,
    CoachCommand,
    State,
    encode,
    encode_command,
    encode_state,
    read_command,
    read_event,
    read_frame,
    read_state,
)
from kneeimu.telemetry.session import SessionTelemetry
from kneeimu.telemetry.topics import LEAVES, parse_topic, topic
from kneeimu.telemetry.watcher import MOST_PATIENTS, Patient, Watcher

from .mosquitto_process import Mosquitto, listening
from .mqtt_stories import player, publishing, schema

NOWHERE = Broker("127.0.0.1", 9)
FIELDS = sorted({*schema("state")["properties"], *schema("event")["properties"], *schema("frame")["properties"],
                 "text", "reps", "sender"})  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300) | st.sampled_from(["rep", "set"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=20,
)
ALMOST = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=15).map(
    lambda data: json.dumps({**data, "v": 1}).encode()
)  # fmt: skip
RUBBISH = st.binary(max_size=200) | ALMOST


def event(seq: int, session: str = "s", **more: Any) -> bytes:
    return encode({"id": f"{session}-{seq}", "session": session, "seq": seq, "kind": "rep", "count": seq, **more})


class Watching:
    """A watcher that can be waited on."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self._news = asyncio.Event()
        watcher.on_change = lambda _: self._news.set()
        watcher.on_status = lambda _: self._news.set()

    async def until(self, condition: Callable[[], object], within_s: float = 10.0) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def watching(mosquitto: Mosquitto, *wearers: str) -> AsyncIterator[Watching]:
    one = Watching(Watcher(mosquitto.broker(), wearers))
    one.watcher.start()
    try:
        yield one
    finally:
        await one.watcher.stop()


async def test_whoever_comes_late_sees_the_present(mosquitto: Mosquitto) -> None:
    async with publishing(mosquitto.broker()) as (publisher, told):
        await told.until(lambda status: status.connected)
        session = player(4)
        SessionTelemetry(session, publisher, target=10)
        await session.run()
        await publisher.stop()
    async with watching(mosquitto) as one:
        anna = one.watcher.patients.setdefault("anna", Patient("anna"))
        await one.until(lambda: anna.state.session and anna.online is False)
        state = anna.state
        assert (state.count, state.target, state.phase, state.exercise) == (4, 10, "ended", "squat")


async def test_counts_survive_a_broker_that_is_killed(mosquitto: Mosquitto) -> None:
    async with watching(mosquitto, "anna") as one, publishing(mosquitto.broker()) as (publisher, told):
        await told.until(lambda status: status.connected)
        await one.until(lambda: one.watcher.status.connected)
        session = player(5, speed=20.0)
        SessionTelemetry(session, publisher)
        run = asyncio.create_task(session.run())
        patient = one.watcher.patients["anna"]
        await one.until(lambda: patient.state.count == 2)
        mosquitto.kill()
        await run
        mosquitto.start()
        await one.until(lambda: patient.state.phase == "ended" and patient.online, 15)
        assert patient.state.count == 5


@pytest.mark.skipif(os.name != "posix", reason="needs SIGSTOP")
async def test_a_slow_line_is_spared_the_frames_and_gets_them_again(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in {"LOOK_S": 0.05, "SLOW_S": 0.2, "SPARE_S": 0.3}.items():
        monkeypatch.setattr(f"kneeimu.telemetry.watcher.{name}", seconds)
    async with watching(mosquitto, "anna") as one, publishing(mosquitto.broker()) as (publisher, told):
        await told.until(lambda status: status.connected)
        await one.until(lambda: one.watcher.status.connected)
        anna = one.watcher.patients["anna"]
        publisher.state(State(session="s", utc="2026-01-01T00:00:00.000Z"))
        publisher.ticks([(1.0, 10.0, None)])
        await one.until(lambda: len(anna.ticks) == 1)
        assert mosquitto.pid is not None
        os.kill(mosquitto.pid, signal.SIGSTOP)  # for a watcher the same as a line on which nothing moves
        await asyncio.sleep(0.5)
        os.kill(mosquitto.pid, signal.SIGCONT)
        await one.until(lambda: "the line is slow" in one.watcher.status.problem)
        publisher.ticks([(2.0, 20.0, None)])
        publisher.state(State(session="s", seq=1, count=1, utc="2026-01-01T00:00:01.000Z"))
        await one.until(lambda: anna.state.count == 1)
        assert len(anna.ticks) == 1
        await one.until(lambda: one.watcher.status.connected and not one.watcher.status.problem)
        publisher.ticks([(3.0, 30.0, None)])
        await one.until(lambda: [tick[0] for tick in anna.ticks] == [1.0, 3.0])


async def test_a_target_is_sent_shown_and_answered(mosquitto: Mosquitto) -> None:
    async with watching(mosquitto) as one, publishing(mosquitto.broker()) as (publisher, told):
        await told.until(lambda status: status.connected)
        asked: list[CoachCommand] = []
        telemetry = SessionTelemetry(player(1), publisher, ask=lambda command: answer(command))

        def answer(command: CoachCommand) -> None:
            asked.append(command)
            telemetry.answer(command, "declined" if command.kind == "target" else "shown")

        await one.until(lambda: "anna" in one.watcher.patients and one.watcher.patients["anna"].state.session)
        patient = one.watcher.patients["anna"]
        await one.watcher.send_target("anna", 12)
        await one.until(lambda: patient.answer == "declined")
        assert patient.state.target is None
        await one.watcher.send_message("anna", "Slower\x1b[2J on the way back")
        await one.until(lambda: patient.answer == "shown")
    assert [command.kind for command in asked] == ["target", "message"]
    assert asked[1].text == "Slower [2J on the way back"


async def test_what_can_not_be_sent_is_told() -> None:
    watcher = Watcher(NOWHERE)
    for sending in (watcher.send_message("anna", "x"), watcher.send_message("anna", " \n"),
                    watcher.send_target("anna", 0)):  # fmt: skip
        with pytest.raises(BrokerError):
            await sending


def test_a_lost_state_loses_no_count() -> None:
    watcher = Watcher(NOWHERE)
    watcher.take(topic("anna", "state"), encode_state(State(session="s", seq=2, count=2)))
    watcher.take(topic("anna", "event"), event(3, count=3, clean=1))
    patient = watcher.patients["anna"]
    assert (patient.state.count, patient.state.clean, patient.missed) == (3, 1, 0)
    watcher.take(topic("anna", "state"), encode_state(State(session="s", seq=2, count=2)))
    assert patient.state.count == 3


def test_an_event_that_comes_twice_is_taken_once_and_a_hole_is_counted() -> None:
    watcher = Watcher(NOWHERE)
    for seq in (1, 2, 2, 1, 5):
        watcher.take(topic("anna", "event"), event(seq))
    patient = watcher.patients["anna"]
    assert [one.seq for one in patient.events] == [1, 2, 5]
    assert patient.missed == 2


def test_the_wall_has_room_for_thirty() -> None:
    watcher = Watcher(NOWHERE)
    for number in range(MOST_PATIENTS + 5):
        watcher.take(topic(f"p{number}", "availability"), b"online")
    assert len(watcher.patients) == MOST_PATIENTS
    assert len(watcher.strangers) == 5


def test_who_went_away_gives_way_to_somebody_who_trains() -> None:
    changed: list[str] = []
    watcher = Watcher(NOWHERE, on_change=changed.append)
    for number in range(MOST_PATIENTS):
        watcher.take(topic(f"p{number:02}", "availability"), b"online")
    watcher.take(topic("new", "availability"), b"online")
    assert "new" in watcher.strangers
    for number in (7, 3):
        watcher.take(topic(f"p{number:02}", "availability"), b"offline")
    watcher.take(topic("away", "availability"), b"offline")
    watcher.take(topic("yesterday", "state"), encode_state(State(session="s", phase="ended")))
    assert not {"away", "yesterday"} & set(watcher.patients)
    watcher.take(topic("new", "event"), event(1))
    assert "new" in watcher.patients
    assert len(watcher.patients) == MOST_PATIENTS
    assert "p07" not in watcher.patients
    assert "p07" in changed
    assert watcher.strangers == {"away", "yesterday"}


def test_whom_nobody_asked_for_is_not_shown() -> None:
    watcher = Watcher(NOWHERE, ["anna"])
    watcher.take(topic("bert", "availability"), b"online")
    assert list(watcher.patients) == ["anna"]


# --- hostile payloads -------------------------------------------------------------------------------------------------


@given(st.sampled_from(LEAVES), RUBBISH)
def test_rubbish_never_breaks_the_watcher_or_its_screen(leaf: str, payload: bytes) -> None:
    watcher = Watcher(NOWHERE)
    watcher.take(topic("anna", "state"), encode_state(State(session="s")))
    watcher.take(topic("anna", leaf), payload)
    patient = watcher.patients["anna"]
    lines = [*tile_lines(patient), *(happening_words(one) for one in patient.events)]
    assert not any(UNSEEN.search(line) for line in lines)
    assert tone(patient) in ("", "amber", "red")


@given(ALMOST)
def test_a_state_that_is_read_can_be_written_again(payload: bytes) -> None:
    state = read_state(payload)
    if state is not None:
        wrong = [list(one.path) for one in Draft202012Validator(schema("state")).iter_errors(
            json.loads(encode_state(state)))]  # fmt: skip
        assert all(path == ["utc"] for path in wrong)


@given(RUBBISH)
def test_only_a_message_or_a_target_is_a_command(payload: bytes) -> None:
    command = read_command(payload)
    if command is not None:
        Draft202012Validator(schema("command")).validate(json.loads(encode_command(command)))


@given(RUBBISH)
def test_the_other_readers_never_raise(payload: bytes) -> None:
    read_event(payload)
    read_frame(payload)


@pytest.mark.parametrize(
    "payload",
    [b"[" * 10_000, b'{"v":1,"session":"' + b"x" * 20_000 + b'"}', b'{"v":true,"session":"s"}', b'{"v":1.5}',
     b'{"v":1,"time_s":[NaN],"angle_deg":[1],"medial_deg":[1]}', b"\xff\xfe", b'{"v":1,"v":2,"session":"s"}'],
)  # fmt: skip
def test_known_tricks_are_refused(payload: bytes) -> None:
    assert read_state(payload) is None
    assert read_frame(payload) is None
    assert read_command(payload) is None


@given(st.text(max_size=80))
def test_no_topic_breaks_the_reader(text: str) -> None:
    place = parse_topic(text)
    assert place is None or topic(*place) == text


async def test_rubbish_on_every_topic_stops_neither_side(mosquitto: Mosquitto) -> None:
    import aiomqtt

    async with watching(mosquitto) as one, publishing(mosquitto.broker()) as (publisher, told):
        await told.until(lambda status: status.connected)
        asked: list[CoachCommand] = []
        SessionTelemetry(player(1), publisher, ask=asked.append)
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as vandal, listening(mosquitto, "kneeimu/#") as ear:
            for where in (*(topic("anna", leaf) for leaf in LEAVES), "homeassistant/status", "kneeimu/v1/x y/state"):
                for payload in (b"", b"\x00\xff", b"[" * 5000, b'{"v":1,"id":"a","kind":"start-set"}', b"9" * 100_000):
                    await vandal.publish(where, payload, qos=1)
            fine = CoachCommand("fine", "message", "Coach", text="Still there?")
            await vandal.publish(topic("anna", "command"), encode_command(fine), qos=1)
            publisher.state(State(session="after", utc="2026-01-01T00:00:00.000Z"))
            await one.until(lambda: one.watcher.patients["anna"].state.session == "after")
            await ear.until(lambda: asked)
    assert asked == [fine]
    assert isinstance(one.watcher.patients["anna"], Patient)
    assert one.watcher.rubbish > 10
