"""Home Assistant is given one description that keeps to its published rules, and templates that render."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import aiomqtt
import pytest
from jsonschema import Draft202012Validator

from kneeimu import words
from kneeimu.telemetry import discovery
from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.payloads import LinkNumbers, State, encode_state, read_command
from kneeimu.telemetry.service import forget
from kneeimu.telemetry.session import SessionTelemetry

from .mosquitto_process import Mosquitto, listening
from .mqtt_stories import events, player, publishing

ANNA = Broker("localhost", wearer="anna", name="Anna")
CONFIG = discovery.config(ANNA)
COMMON = {
    "platform", "unique_id", "default_entity_id", "qos", "name", "icon", "entity_category", "enabled_by_default",
    "device_class",
}  # fmt: skip
OWN = {
    "sensor": {"value_template", "unit_of_measurement", "state_class", "options", "suggested_display_precision"},
    "binary_sensor": {"value_template"},
    "event": {"state_topic", "event_types", "value_template"},
    "number": {"min", "max", "step", "mode", "value_template", "command_topic", "command_template"},
    "notify": {"command_topic", "command_template"},
}
UNITS = {"battery": {"%"}, "signal_strength": {"dB", "dBm"}, "duration": {"s", "min", "h", "d", "ms"}}
FULL = State(
    session="s", seq=3, utc="2026-01-01T00:00:00.000Z", name="Anna", phase="set", exercise="squat", side="left",
    mount="thigh", set_number=1, target=10, count=4, clean=3, total=4, drift_deg=5.2, zone="amber", range_deg=71.0,
    tempo_s=(1.0, 0.5, 1.25), cue="knee-in", cue_level="amber", pain=3, mounting="good",
    link=LinkNumbers("streaming", 80, -60, 100.0, 0.1),
)  # fmt: skip


def render(template: str, **values: Any) -> str:
    jinja2 = pytest.importorskip("jinja2")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    text: str = environment.from_string(template).render(now=lambda: datetime.now(UTC), **values)
    return text


def test_the_root_keeps_to_the_rules() -> None:
    assert set(CONFIG) <= {
        "device", "origin", "components", "state_topic", "command_topic", "qos", "encoding", "availability_topic",
        "payload_available", "payload_not_available",
    }  # fmt: skip
    assert CONFIG["device"]["identifiers"]
    assert set(CONFIG["device"]) <= {"identifiers", "name", "manufacturer", "model", "sw_version"}
    assert set(CONFIG["origin"]) <= {"name", "sw_version", "support_url"}
    assert re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", discovery.config_topic(ANNA))


@pytest.mark.parametrize("key", CONFIG["components"])
def test_each_entity_keeps_to_the_rules_of_its_platform(key: str) -> None:
    entity = CONFIG["components"][key]
    assert set(entity) <= COMMON | OWN[entity["platform"]]
    if entity.get("device_class") == "enum":
        assert entity["options"]
        assert not {"state_class", "unit_of_measurement"} & set(entity)
    elif entity["platform"] == "sensor":
        assert "options" not in entity
        allowed = UNITS.get(entity.get("device_class", ""))
        assert allowed is None or entity["unit_of_measurement"] in allowed


def test_ids_are_unique_and_of_allowed_letters() -> None:
    ids = [entity["unique_id"] for entity in CONFIG["components"].values()]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", one) for one in ids)


def test_names_are_in_the_persons_language_and_ids_are_the_same_in_any() -> None:
    words.use_language("de")
    try:
        german = discovery.config(ANNA)
    finally:
        words.use_language("en")

    assert german["device"]["name"] == "Knietraining Anna"
    assert german["components"]["clean_reps"]["name"] == "Saubere Wiederholungen"
    assert german["components"]["clean_reps"]["default_entity_id"] == "sensor.knee_training_anna_clean_reps"
    for key, entity in CONFIG["components"].items():
        changed = {name for name, value in entity.items() if german["components"][key][name] != value}
        assert changed <= {"name"}


@pytest.mark.parametrize(
    ("name", "entity_id"),
    [("Jörg Groß", "sensor.knee_training_jorg_gross_reps"), ("", "sensor.knee_training_anna_reps")],
)
def test_ids_hold_only_letters_home_assistant_takes(name: str, entity_id: str) -> None:
    config = discovery.config(Broker("localhost", wearer="anna", name=name))

    assert config["components"]["reps"]["default_entity_id"] == entity_id


@pytest.mark.parametrize("state", [FULL, State(session="s")], ids=["full", "empty"])
@pytest.mark.parametrize(
    "key", [k for k, e in CONFIG["components"].items() if e["platform"] in ("sensor", "binary_sensor", "number")]
)
def test_templates_render_whatever_is_known(key: str, state: State) -> None:
    entity = CONFIG["components"][key]
    text = render(entity["value_template"], value_json=json.loads(encode_state(state)))
    if entity["platform"] == "binary_sensor":
        assert text in ("ON", "OFF")
    elif "unit_of_measurement" in entity or "state_class" in entity:
        assert text == "None" or float(text) is not None
    elif "options" in entity:
        assert text == "None" or text in entity["options"]


def test_the_values_are_those_of_the_state() -> None:
    data = json.loads(encode_state(FULL))
    shown = {
        key: render(CONFIG["components"][key]["value_template"], value_json=data)
        for key in ("reps", "drift", "zone", "tempo", "battery", "connected", "training", "target")
    }
    assert shown == {
        "reps": "4", "drift": "5.2", "zone": "amber", "tempo": "2.8", "battery": "80", "connected": "ON",
        "training": "ON", "target": "10",
    }  # fmt: skip


@pytest.mark.parametrize(("key", "value", "field"), [("target", 12, "reps"), ("message", "Well done", "text")])
def test_what_home_assistant_sends_is_a_command(key: str, value: Any, field: str) -> None:
    payload = render(CONFIG["components"][key]["command_template"], value=value).encode()
    command = read_command(payload)
    assert command is not None
    assert getattr(command, field) == value


def test_the_message_is_quoted_whatever_it_holds() -> None:
    payload = render(CONFIG["components"]["message"]["command_template"], value="\"}{ \\ '").encode()
    command = read_command(payload)
    assert command is not None
    assert command.text == "\"}{ \\ '"


async def test_it_is_announced_again_when_home_assistant_starts_and_removed_cleanly(mosquitto: Mosquitto) -> None:
    async with listening(mosquitto) as ear:
        async with publishing(mosquitto.broker()) as (_, told):
            await told.until(lambda status: status.connected)
            await ear.until(lambda: len(ear.of("config")) == 1)
            async with aiomqtt.Client("127.0.0.1", mosquitto.port) as home:
                await home.publish("homeassistant/status", "online", qos=1)
            await ear.until(lambda: len(ear.of("config")) == 2)
        await forget(mosquitto.broker())
        await ear.until(lambda: ear.of("config")[-1] == b"")
    async with listening(mosquitto) as late, aiomqtt.Client("127.0.0.1", mosquitto.port) as marker:
        await marker.publish("end/marker", b"x", qos=1)
        await late.until(lambda: late.of("marker"))
        assert len(late.heard) == 1


async def test_an_event_becomes_one_of_home_assistants(mosquitto: Mosquitto) -> None:
    entity = CONFIG["components"]["happening"]
    async with listening(mosquitto) as ear, publishing(mosquitto.broker()) as (publisher, _):
        session = player(2)
        SessionTelemetry(session, publisher)
        await session.run()
        await ear.until(lambda: any(one["kind"] == "session-ended" for one in events(ear.of("event"))))
    for event in events(ear.of("event")):
        rendered = json.loads(render(entity["value_template"], value_json=event))
        assert rendered["event_type"] in entity["event_types"]
        assert rendered["count"] == event["count"]


def test_the_description_is_json_of_reasonable_size() -> None:
    Draft202012Validator({"type": "object"}).validate(json.loads(discovery.config_payload(ANNA)))
    assert len(discovery.config_payload(ANNA)) < 16_384
