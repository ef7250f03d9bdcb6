"""Home Assistant finds the wearer by itself: one retained message describes a device with all its entities.

Facts of the form: device-based discovery, Home Assistant 2024.11 and later. A component takes the state topic and the
availability from the root of the message.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.payloads import KINDS, LINKS, MOST_REPS, PHASES, ZONES
from kneeimu.telemetry.topics import AVAILABILITY, COMMAND, EVENT, OFFLINE, ONLINE, STATE, VERSION, topic

Component = dict[str, Any]
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
    components = {
        key: {"unique_id": f"{device_id(broker)}_{key}", "qos": 1, **entity} for key, entity in _entities(wearer)
    }
    return {
        "device": {
            "identifiers": [device_id(broker)],
            "name": f"Knee training {broker.name or wearer}",
            "manufacturer": "kneeimu",
            "model": "Knee trainer",
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


def _entities(wearer: str) -> list[tuple[str, Component]]:
    return [
        ("reps", _sensor("Reps", "count", icon="mdi:counter", state_class="measurement")),
        ("clean_reps", _sensor("Clean reps", "clean", icon="mdi:check-circle-outline", state_class="measurement")),
        ("total_reps", _sensor("Reps of the session", "total", icon="mdi:sigma", state_class="measurement")),
        ("sets_done", _sensor("Sets done", "sets_done", icon="mdi:format-list-numbered", state_class="measurement")),
        ("exercise", _sensor("Exercise", "exercise", icon="mdi:human-handsup")),
        ("side", _sensor("Side", "side", icon="mdi:swap-horizontal")),
        ("phase", _sensor("Phase", "phase", device_class="enum", options=list(PHASES))),
        ("drift", _sensor("Knee drift inwards", "drift_deg", unit="°", icon="mdi:angle-acute",
                          state_class="measurement", suggested_display_precision=1)),
        ("zone", _sensor("Knee zone", "zone", device_class="enum", options=list(ZONES))),
        ("range", _sensor("Range of motion", "range_deg", unit="°", state_class="measurement",
                          suggested_display_precision=0)),
        ("tempo", _sensor("Time of the last rep", "tempo_s", unit="s", device_class="duration",
                          state_class="measurement", suggested_display_precision=1,
                          value_template="{{ value_json.tempo_s | sum | round(1) if value_json.tempo_s else none }}")),
        ("cue", _sensor("Cue", "cue", icon="mdi:bullhorn-outline")),
        ("pain", _sensor("Pain", "pain", icon="mdi:alert-circle-outline", state_class="measurement")),
        ("link", _sensor("Sensor link", "link.state", device_class="enum", options=list(LINKS),
                         entity_category="diagnostic")),
        ("battery", _sensor("Sensor battery", "link.battery_percent", unit="%", device_class="battery",
                            state_class="measurement", entity_category="diagnostic")),
        ("rssi", _sensor("Sensor signal", "link.rssi_dbm", unit="dBm", device_class="signal_strength",
                         state_class="measurement", entity_category="diagnostic", enabled_by_default=False)),
        ("lost", _sensor("Samples lost", "link.lost_percent", unit="%", state_class="measurement",
                         entity_category="diagnostic", suggested_display_precision=1)),
        ("connected", _binary("Sensor connected", "value_json.link.state == 'streaming'",
                              device_class="connectivity", entity_category="diagnostic")),
        ("training", _binary("Training", "value_json.phase in ['set', 'rest', 'paused']", device_class="running")),
        ("mounting_poor", _binary("Sensor sits badly", "value_json.mounting == 'poor'", device_class="problem",
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
        "name": "Happening",
        "icon": "mdi:bell-outline",
        "state_topic": topic(wearer, EVENT),
        "event_types": list(KINDS),
        "value_template": f"{{{{ {{{pairs}}} | tojson }}}}",
    }


def _target(wearer: str) -> Component:
    return {
        "platform": "number",
        "name": "Target",
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
        "name": "Message",
        "command_topic": topic(wearer, COMMAND),
        "command_template": _command("message", "'text': value"),
    }


def _command(kind: str, field: str) -> str:
    head = f"'v': {VERSION}, 'id': 'ha-' ~ now().timestamp(), 'kind': '{kind}', 'sender': 'Home Assistant'"
    return f"{{{{ {{{head}, {field}}} | tojson }}}}"
