"""Home Assistant's own rules take the description, where Home Assistant is installed (in a Python of its own).

python3.13 -m venv /tmp/ha && /tmp/ha/bin/pip install homeassistant paho-mqtt
KNEEIMU_HOME_ASSISTANT=/tmp/ha/bin/python pytest tests/telemetry/test_home_assistant_itself.py
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from kneeimu.telemetry import discovery
from kneeimu.telemetry.broker import Broker

PYTHON = os.environ.get("KNEEIMU_HOME_ASSISTANT")
LATER = {"default_entity_id"}
"""Known from 2025.10 on, and dropped without a word before."""
RULES = """
import asyncio, importlib, json, sys, tempfile
from homeassistant.components.mqtt.schemas import DEVICE_DISCOVERY_SCHEMA
from homeassistant.const import __version__
from homeassistant.core import HomeAssistant
from homeassistant.helpers import frame

async def check(config):
    home = HomeAssistant(tempfile.gettempdir())
    frame.async_setup(home)
    DEVICE_DISCOVERY_SCHEMA(config)
    shared = {name: config[name] for name in ("state_topic", "availability_topic", "qos", "device", "origin")}
    dropped = {}
    for key, entity in config["components"].items():
        module = importlib.import_module("homeassistant.components.mqtt." + entity["platform"])
        own = {name: value for name, value in entity.items() if name != "platform"}
        dropped[key] = sorted(set(own) - set(module.DISCOVERY_SCHEMA({**shared, **own})))
    await home.async_stop(force=True)
    print(json.dumps({"version": __version__, "dropped": dropped}))

asyncio.run(check(json.load(sys.stdin)))
"""

pytestmark = pytest.mark.skipif(not PYTHON, reason="KNEEIMU_HOME_ASSISTANT names no Python with Home Assistant")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ["Anna", "", "Zoë \N{WHITE HEAVY CHECK MARK} " + "x" * 40])
def test_home_assistants_own_rules_take_all_of_it(name: str) -> None:
    config = discovery.config(Broker("localhost", wearer="anna", name=name))
    assert PYTHON is not None
    done = subprocess.run(
        [PYTHON, "-c", RULES], input=json.dumps(config), capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert set(said["dropped"]) == set(config["components"])
    assert {one for names in said["dropped"].values() for one in names} <= LATER
