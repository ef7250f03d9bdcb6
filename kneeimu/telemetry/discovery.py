"""Home Assistant finds the wearer by itself: one retained message describes a device with all its entities.

Facts of the form: device-based discovery, Home Assistant 2024.11 and later; ``default_entity_id``, 2025.10 and later
(before that ids are made of the names). A component takes the state topic and the availability from the root of the
message.
"""

from __future__ import annotations

import json
import re
import unicodedata
from importlib.metadata import version
from typing import Any

from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.payloads import KINDS, LINKS, MOST_REPS, PHASES, ZONES
from kneeimu.telemetry.topics import AVAILABILITY, COMMAND, EVENT, OFFLINE, ONLINE, STATE, VERSION, topic
from kneeimu.words import _, mark

Component = dict[str, Any]
DEVICE_NAME = mark("Knee training {name}")
NO_NUMBER = "{{{{ value_json.{path} if value_json.{path} is not none else none }}}}"


def device_id(broker: Broker) -> str:
    """Give the id of the device: letters, digits, ``_`` and ``-`` only."""
    return f"kneeimu_{broker.wearer}"


def config_topic(broker: Broker) -> str:
    """Give where the description is kept; an empty retained message there removes the device."""
    return f"{broker.discovery_prefix}/device/{device_id(broker)}/config"


def birth_topic(broker: Broker) -> str:
    """Give where Home Assistant says that it has started."""
    return f"{broker.discovery_prefix}/status"


def config_payload(broker: Broker) -> bytes:
    """Give the description."""
    return json.dumps(config(broker), separators=(",", ":"), ensure_ascii=False).encode()


def config(broker: Broker) -> dict[str, Any]:
    """Describe the device and its entities."""
    wearer = broker.wearer
    components = {key: _component(broker, key, entity) for key, entity in _entities(wearer)}
    return {
        "device": {
            "identifiers": [device_id(broker)],
            "name": _(DEVICE_NAME).format(name=broker.name or wearer),
            "manufacturer": "kneeimu",
            "model": _("Knee trainer"),
            "sw_version": version("kneeimu"),
        },
        "origin": {"name": "kneeimu", "sw_version": version("kneeimu")},
        "state_topic": topic(wearer, STATE),
        "availability_topic": topic(wearer, AVAILABILITY),
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "qos": 1,
        "components": components,
    }


def _component(broker: Broker, key: str, entity: Component) -> Component:
    """Give an entity its ids and its name in the person's language; automations are written with ids, which stay."""
    english = f"{DEVICE_NAME.format(name=broker.name or broker.wearer)} {entity['name']}"
    return {
        "unique_id": f"{device_id(broker)}_{key}",
        "default_entity_id": f"{entity['platform']}.{_slug(english)}",
        "qos": 1,
        **entity,
        "name": _(entity["name"]),
    }


def _slug(words: str) -> str:
    """Write a name the way Home Assistant makes ids of names: small letters of ASCII, digits and ``_``."""
    plain = unicodedata.normalize("NFKD", words.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _entities(wearer: str) -> list[tuple[str, Component]]:
    return [
        ("reps", _sensor(mark("Reps"), "count", icon="mdi:counter", state_class="measurement")),
        ("clean_reps", _sensor(mark("Clean reps"), "clean", icon="mdi:check-circle-outline",
                               state_class="measurement")),
        ("total_reps", _sensor(mark("Reps of the session"), "total", icon="mdi:sigma", state_class="measurement")),
        ("sets_done", _sensor(mark("Sets done"), "sets_done", icon="mdi:format-list-numbered",
                              state_class="measurement")),
        ("exercise", _sensor(mark("Exercise"), "exercise", icon="mdi:human-handsup")),
        ("side", _sensor(mark("Side"), "side", icon="mdi:swap-horizontal")),
        ("phase", _sensor(mark("Phase"), "phase", device_class="enum", options=list(PHASES))),
        ("drift", _sensor(mark("Knee drift inwards"), "drift_deg", unit="°", icon="mdi:angle-acute",
                          state_class="measurement", suggested_display_precision=1)),
        ("zone", _sensor(mark("Knee zone"), "zone", device_class="enum", options=list(ZONES))),
        ("range", _sensor(mark("Range of motion"), "range_deg", unit="°", state_class="measurement",
                          suggested_display_precision=0)),
        ("tempo", _sensor(mark("Time of the last rep"), "tempo_s", unit="s", device_class="duration",
                          state_class="measurement", suggested_display_precision=1,
                          value_template="{{ value_json.tempo_s | sum | round(1) if value_json.tempo_s else none }}")),
        ("cue", _sensor(mark("Cue"), "cue", icon="mdi:bullhorn-outline")),
        ("pain", _sensor(mark("Pain"), "pain", icon="mdi:alert-circle-outline", state_class="measurement")),
        ("link", _sensor(mark("Sensor link"), "link.state", device_class="enum", options=list(LINKS),
                         entity_category="diagnostic")),
        ("battery", _sensor(mark("Sensor battery"), "link.battery_percent", unit="%", device_class="battery",
                            state_class="measurement", entity_category="diagnostic")),
        ("rssi", _sensor(mark("Sensor signal"), "link.rssi_dbm", unit="dBm", device_class="signal_strength",
                         state_class="measurement", entity_category="diagnostic", enabled_by_default=False)),
        ("lost", _sensor(mark("Samples lost"), "link.lost_percent", unit="%", state_class="measurement",
                         entity_category="diagnostic", suggested_display_precision=1)),
        ("connected", _binary(mark("Sensor connected"), "value_json.link.state == 'streaming'",
                              device_class="connectivity", entity_category="diagnostic")),
        ("training", _binary(mark("Training"), "value_json.phase in ['set', 'rest', 'paused']",
                             device_class="running")),
        ("mounting_poor", _binary(mark("Sensor sits badly"), "value_json.mounting == 'poor'", device_class="problem",
                                  entity_category="diagnostic")),
        ("happening", _event(wearer)),
        ("target", _target(wearer)),
        ("message", _message(wearer)),
    ]  # fmt: skip


def _sensor(name: str, path: str, *, unit: str = "", **more: Any) -> Component:
    measure = {"unit_of_measurement": unit} if unit else {}
    return {"platform": "sensor", "name": name, "value_template": NO_NUMBER.format(path=path)} | measure | more


def _binary(name: str, condition: str, **more: Any) -> Component:
    template = f"{{{{ 'ON' if {condition} else 'OFF' }}}}"
    return {"platform": "binary_sensor", "name": name, "value_template": template, **more}


def _event(wearer: str) -> Component:
    fields = ("kind", "id", "set_number", "count", "clean", "data")
    pairs = ", ".join(f"'{'event_type' if one == 'kind' else one}': value_json.{one}" for one in fields)
    return {
        "platform": "event",
        "name": mark("Happening"),
        "icon": "mdi:bell-outline",
        "state_topic": topic(wearer, EVENT),
        "event_types": list(KINDS),
        "value_template": f"{{{{ {{{pairs}}} | tojson }}}}",
    }


def _target(wearer: str) -> Component:
    return {
        "platform": "number",
        "name": mark("Target"),
        "icon": "mdi:bullseye-arrow",
        "min": 1,
        "max": MOST_REPS,
        "step": 1,
        "mode": "box",
        "value_template": NO_NUMBER.format(path="target"),
        "command_topic": topic(wearer, COMMAND),
        "command_template": _command("target", "'reps': value | int"),
    }


def _message(wearer: str) -> Component:
    return {
        "platform": "notify",
        "name": mark("Message"),
        "command_topic": topic(wearer, COMMAND),
        "command_template": _command("message", "'text': value"),
    }


def _command(kind: str, field: str) -> str:
    head = f"'v': {VERSION}, 'id': 'ha-' ~ now().timestamp(), 'kind': '{kind}', 'sender': 'Home Assistant'"
    return f"{{{{ {{{head}, {field}}} | tojson }}}}"
