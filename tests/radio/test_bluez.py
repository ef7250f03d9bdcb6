"""bleak's BlueZ backend, as on any Linux machine, over a private D-Bus: scan, connect, stream, and what goes wrong."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from doctor.bluez_world import ALLOW, private_bus

from kneeimu.errors import SensorError
from kneeimu.sensors.inspection import sensors_in_reach
from kneeimu.sensors.link import LinkState, LinkTiming, SensorLink

from .bluez import ADDRESS, bluez
from .virtual import Heard, listen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is Linux's")

HASTY = LinkTiming(scan_s=1.0, settle_s=0.1, backoff_s=(0.1,))


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with private_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address


async def test_sensors_are_found_and_asked(bus: str) -> None:
    async with bluez(bus):
        (info,) = await sensors_in_reach(0.5)
    assert (info.name, info.address, info.family, info.battery_percent) == ("kneeimu", ADDRESS, "kneeimu", 87)
    assert info.problem == ""


async def test_a_sensor_streams(bus: str) -> None:
    async with bluez(bus) as fake:
        heard = await listen(SensorLink(timing=HASTY), 10.0, until=lambda heard: heard.received >= 200)
        await asyncio.sleep(0.1)
        assert not fake.discovering
    assert heard.states == [LinkState.SEARCHING, LinkState.CONNECTING, LinkState.STREAMING, LinkState.CLOSED]
    assert heard.last.lost == heard.last.malformed == 0
    assert np.allclose(np.vstack([samples.acc_m_s2 for samples in heard.samples]), [0, 9.81, 0], atol=0.01)


async def test_a_sensor_that_vanishes_is_found_again(bus: str) -> None:
    async with bluez(bus) as fake:
        vanishing: list[asyncio.Task[None]] = []

        def until(heard: Heard) -> bool:
            if heard.received >= 100 and not vanishing:
                vanishing.append(asyncio.create_task(fake.vanish(0.5)))
            return LinkState.LOST in heard.states and heard.received >= 200

        heard = await listen(SensorLink(timing=HASTY), 15.0, until=until)
        await asyncio.gather(*vanishing)
    assert heard.states[2:6] == [
        LinkState.STREAMING, LinkState.LOST, LinkState.RECONNECTING, LinkState.CONNECTING,
    ]  # fmt: skip
    assert "back after" in heard.told
    assert sum(samples.restart for samples in heard.samples) == 2


async def test_a_scan_of_another_program_is_waited_for(bus: str) -> None:
    async with bluez(bus, in_progress=2):
        heard = await listen(SensorLink(timing=HASTY), 15.0, until=lambda heard: heard.received >= 50)
    assert "another program is using the Bluetooth adapter" in heard.told
    assert heard.received >= 50


async def test_a_connection_that_fails_is_tried_again(bus: str) -> None:
    async with bluez(bus, refuses=2):
        heard = await listen(SensorLink(timing=HASTY), 15.0, until=lambda heard: heard.received >= 50)
    assert heard.received >= 50
    assert heard.states.count(LinkState.CONNECTING) == 3


async def test_an_adapter_that_is_off_is_told(bus: str) -> None:
    async with bluez(bus, powered=False):
        with pytest.raises(SensorError, match="switched off"):
            await sensors_in_reach(0.5)
        heard = await listen(SensorLink(timing=HASTY), 0.5)
    assert "Bluetooth is switched off (switch it on" in heard.told


async def test_missing_permission_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, policy=ALLOW + '<deny send_destination="org.bluez"/>') as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        async with bluez(address):
            with pytest.raises(SensorError, match="group bluetooth"):
                await sensors_in_reach(0.5)


async def test_a_machine_without_bluez_is_told(bus: str) -> None:
    with pytest.raises(SensorError, match="Bluetooth"):
        await sensors_in_reach(0.5)


async def test_a_machine_without_d_bus_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    with pytest.raises(SensorError, match="can't be reached"):
        await sensors_in_reach(0.5)
