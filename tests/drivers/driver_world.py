"""A virtual air with one emulated sensor, seen through bleak."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from bleak import BleakClient

from firmware_sim.air import client_transport, serve
from firmware_sim.bleak_backend import close, install
from firmware_sim.families import build
from firmware_sim.families.base import FamilyFirmware
from firmware_sim.faults import Faults
from firmware_sim.motion_source import MotionClock, MotionSource
from firmware_sim.peripheral import SensorOptions, VirtualSensor
from kneeimu.sensors.discovery import Found, look_around
from kneeimu.sensors.driver import Battery, Driver, Malformed, Readings, StreamSettings
from kneeimu.sensors.gatt import GattSession

TURN_HZ = 0.5
GRAVITY = 9.80665


def rocking() -> MotionSource:
    """A box rocking round its x axis: what it feels of gravity tells what its gyroscope must say."""
    time_s = np.arange(0, 120, 0.002)
    phase = 2 * np.pi * TURN_HZ * time_s
    acc = GRAVITY * np.column_stack([0.5 * np.sin(phase), 0 * phase + 0.25, 0.5 * np.cos(phase)])
    gyr = np.column_stack([2 * np.sin(phase), -3 * np.cos(phase), 0 * phase + 0.5])
    return MotionSource(time_s, acc, gyr)


def rocking_error(readings: list[Readings]) -> tuple[float, float]:
    """Give the largest error of acceleration (m/s²) and of rotation against it (rad/s)."""
    acc = np.concatenate([item.acc_m_s2 for item in readings])
    gyr = np.concatenate([item.gyr_rad_s for item in readings])
    expected = np.column_stack([4 * acc[:, 0] / GRAVITY, -6 * acc[:, 2] / GRAVITY, np.full(len(acc), 0.5)])
    size = np.hypot(acc[:, 0], acc[:, 2])
    acc_error = max(np.abs(size - 0.5 * GRAVITY).max(), np.abs(acc[:, 1] - 0.25 * GRAVITY).max())
    return float(acc_error), float(np.abs(gyr - expected).max())


@dataclass
class World:
    """The emulated sensor and what came of it."""

    firmware: FamilyFirmware
    sensor: VirtualSensor
    heard: list[Any] = field(default_factory=list)
    arrivals: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def readings(self) -> list[Readings]:
        return [item for item in self.heard if isinstance(item, Readings)]

    def batteries(self) -> list[int]:
        return [item.percent for item in self.heard if isinstance(item, Battery)]

    def malformed(self) -> list[str]:
        return [item.reason for item in self.heard if isinstance(item, Malformed)]

    async def until(self, condition: Callable[[], bool], timeout_s: float = 15) -> None:
        """Wait until what was heard fulfils the condition."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self.news.clear()
                await self.news.wait()

    def samples(self) -> int:
        return sum(len(item.acc_m_s2) for item in self.readings())


@contextlib.asynccontextmanager
async def open_air() -> AsyncIterator[str]:
    """Open an air and let bleak use it; gives its address."""
    with tempfile.TemporaryDirectory() as folder:
        place = f"unix:{folder}/air"
        async with serve(place):
            undo = install(place)
            try:
                yield place
            finally:
                undo()
                await close()


@contextlib.asynccontextmanager
async def switched_on(
    place: str,
    family: str,
    variant: str = "",
    *,
    faults: Faults | None = None,
    motion: MotionSource | None = None,
    clock: MotionClock | None = None,
    **options: Any,
) -> AsyncIterator[World]:
    """Switch on a sensor of the family; those with one ``clock`` move together."""
    firmware = build(family, variant)
    named = {"name": firmware.default_name, **options}
    sensor = VirtualSensor(
        firmware, motion or rocking(), SensorOptions(client_transport(place), **named), faults, clock
    )
    life = asyncio.create_task(sensor.run())
    try:
        await sensor.advertising.wait()
        yield World(firmware, sensor)
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def find() -> Found:
    """Scan as ``kneeimu scan`` does and give the one sensor in reach."""
    (found,) = await look_around(3.0, settle_s=0.1)
    return found


@contextlib.asynccontextmanager
async def connected(world: World, found: Found) -> AsyncIterator[tuple[Driver, GattSession]]:
    """Connect; whatever comes goes through the driver's parser into ``world.heard``."""
    driver = found.driver()

    def on_notification(uuid: str, data: bytes) -> None:
        world.arrivals += 1
        world.heard.extend(driver.parse(uuid, data, 0.0))
        world.news.set()

    async with BleakClient(found.device) as client:
        yield driver, GattSession(client, on_notification)


async def configured(place: str, family: str, variant: str = "", rate_hz: float = 100.0) -> StreamSettings:
    """Set up a sensor as far as it lets."""
    async with switched_on(place, family, variant) as world:
        found = await find()
        async with connected(world, found) as (driver, session):
            return await driver.configure(session, rate_hz)
