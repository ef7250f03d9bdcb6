"""``kneeimu scan``: what is in reach, and what it is called."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kneeimu.commands.scan import command
from kneeimu.dashboard.screens.live_start import live_screen
from kneeimu.errors import InputError, SensorError
from kneeimu.sensors.known import (
    KnownSensor,
    address_of,
    find_known,
    forget,
    known_sensors,
    registry_path,
    remember,
    worn_at,
)
from kneeimu.sensors.link import SensorLink
from kneeimu.sensors.trimmed import TrimmedLink

from .virtual import sensor_process

THIGH, SHIN = "F0:F1:F2:F3:F4:F5", "F0:F1:F2:F3:F4:F6"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
async def two_sensors(air_address: str) -> AsyncIterator[str]:
    async with sensor_process("--transport", air_address, "--mount", "both", "--reps", "0"):
        yield air_address


async def scan(radio: str, *arguments: str) -> Result:
    """Run the command beside the sensors; it has an event loop of its own."""
    import asyncio

    return await asyncio.to_thread(CliRunner().invoke, command, ["--radio", radio, "--seconds", "0.6", *arguments])


async def test_sensors_are_listed_asked_and_known_again(two_sensors: str) -> None:
    result = await scan(
        two_sensors, "--remember", SHIN.lower(), "--nickname", "Blue", "--side", "left", "--mount", "shin"
    )
    assert result.exit_code == 0, result.output
    head, *rows = result.stdout.splitlines()
    assert head.split("  ")[0] == "NAME"
    assert sorted(rows) == [
        f"kneeimu shin   kneeimu  {SHIN}  -50 dBm  87 %     Blue, left shin",
        f"kneeimu thigh  kneeimu  {THIGH}  -50 dBm  87 %",
    ]
    again = await scan(two_sensors, "--no-battery", "--json")
    entries = {entry["name"]: entry for entry in json.loads(again.stdout)}
    assert entries["kneeimu thigh"]["known"] is None
    assert entries["kneeimu thigh"]["battery_percent"] is None
    assert entries["kneeimu shin"]["known"] == {"nickname": "Blue", "side": "left", "mount": "shin"}
    (known,) = known_sensors()
    assert known.serial_number == "SIM-0002"


@pytest.mark.parametrize("radio", ["usb:FFFF:FFFF", "tcp:127.0.0.1:99999", "unix:/nowhere/air", "morse:1"])
async def test_a_radio_that_can_not_be_opened_is_named(radio: str) -> None:
    result = await scan(radio)
    assert isinstance(result.exception, SensorError)
    assert result.exception.where.endswith(radio.partition(":")[2])
    assert "can't be opened" in result.exception.what


async def test_a_known_sensor_that_is_away_is_named(air: str) -> None:
    remember(KnownSensor(THIGH, nickname="Red"))
    result = await scan(air)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "No sensor in reach" in result.stderr
    assert "Not in reach: Red" in result.stderr


async def test_a_sensor_out_of_reach_is_not_remembered(air: str) -> None:
    result = await scan(air, "--remember", THIGH)
    assert isinstance(result.exception, InputError)
    assert "switch it on" in str(result.exception)
    assert known_sensors() == ()


def test_a_nickname_without_a_sensor_is_a_mistake() -> None:
    assert CliRunner().invoke(command, ["--nickname", "Red"]).exit_code == 2


def test_a_sensor_is_found_by_each_of_its_names() -> None:
    remember(KnownSensor(THIGH, serial_number="S1", nickname="Red", side="left"))
    for text in ("red", THIGH.lower(), "s1"):
        assert find_known(text) is not None
    assert address_of("RED") == THIGH
    assert address_of("somebody else") == "somebody else"
    assert find_known("") is None


async def test_a_sensor_is_remembered_by_its_name(two_sensors: str) -> None:
    result = await scan(two_sensors, "--no-battery", "--remember", "kneeimu shin", "--nickname", "Blue")
    assert result.exit_code == 0, result.output
    assert [(one.address, one.nickname) for one in known_sensors()] == [(SHIN, "Blue")]


def test_the_sensor_that_is_worn_there_is_taken() -> None:
    remember(KnownSensor(THIGH, side="left", mount="thigh"))
    remember(KnownSensor(SHIN, side="left", mount="shin"))
    assert worn_at("left", "shin") == SHIN
    assert worn_at("right", "shin") is None
    remember(KnownSensor("F0:F1:F2:F3:F4:FF", side="left", mount="shin"))
    assert worn_at("left", "shin") is None, "nobody knows which of the two"


@pytest.mark.parametrize(("mount", "worn"), [("thigh", THIGH), ("shin", SHIN)])
def test_a_live_session_takes_the_sensor_of_its_place(mount: str, worn: str) -> None:
    remember(KnownSensor(THIGH, side="left", mount="thigh"))
    remember(KnownSensor(SHIN, side="left", mount="shin"))
    session = live_screen("squat", "left", mount, record=False)().session
    assert isinstance(session._link, TrimmedLink)
    assert isinstance(session._link._link, SensorLink)
    assert session._link._link._target == worn


def test_a_sensor_with_another_address_is_the_same_by_its_serial_number() -> None:
    remember(KnownSensor("address on this Mac", serial_number="S1", nickname="Red"))
    remember(KnownSensor("address on that Mac", serial_number="S1", nickname="Red"))
    assert [sensor.address for sensor in known_sensors()] == ["address on that Mac"]


def test_two_sensors_have_two_nicknames() -> None:
    remember(KnownSensor(THIGH, nickname="Red"))
    with pytest.raises(InputError, match="another sensor is called 'red'"):
        remember(KnownSensor(SHIN, nickname="red"))


def test_what_is_forgotten_is_gone() -> None:
    remember(KnownSensor(THIGH, nickname="Red"))
    remember(KnownSensor(SHIN))
    assert forget("red").address == THIGH
    assert [sensor.address for sensor in known_sensors()] == [SHIN]
    with pytest.raises(InputError, match=f"known are: {SHIN}"):
        forget("red")


def test_the_list_is_for_its_owner_alone() -> None:
    remember(KnownSensor(THIGH))
    assert registry_path().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"sensors": 3}', '{"sensors": [3]}', '{"sensors": [{}]}', '{"sensors": [{"address": 1}]}',
     '{"sensors": [{"address": "a", "side": "middle"}]}', "\x00"],
)  # fmt: skip
def test_a_damaged_list_is_told(content: str) -> None:
    remember(KnownSensor(THIGH))
    registry_path().write_text(content)
    with pytest.raises(InputError, match="damaged") as caught:
        known_sensors()
    assert str(registry_path()) in str(caught.value)
