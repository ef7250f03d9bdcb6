"""What a sensor says of itself when it is asked: battery, serial number, firmware."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from bleak import BleakClient

from kneeimu.errors import KneeimuError
from kneeimu.sensors.discovery import Found, look_around, radio_to_oneself
from kneeimu.sensors.driver import FIRMWARE_REVISION, SERIAL_NUMBER, read_text
from kneeimu.sensors.gatt import GattSession
from kneeimu.sensors.radio_errors import RADIO_ERRORS, explain

log = logging.getLogger(__name__)

LONGEST_S = 10.0


@dataclass(frozen=True, slots=True)
class SensorInfo:
    """A sensor in reach.

    Attributes:
        problem: why it could not be asked, for people; empty when it was, or was not to be.
    """

    name: str
    address: str
    family: str
    rssi_dbm: int | None
    battery_percent: int | None = None
    serial_number: str = ""
    firmware: str = ""
    problem: str = ""


async def sensors_in_reach(seconds: float, *, ask: bool = True) -> list[SensorInfo]:
    """Look around for that long, then connect to each sensor for a moment and ask it, unless told not to.

    Raises:
        SensorError: Bluetooth does not work; the message says what to do.
    """
    try:
        async with radio_to_oneself():
            found = await look_around(seconds)
    except RADIO_ERRORS as error:
        raise explain(error) from error
    return [await _ask(sensor) if ask else _seen(sensor) for sensor in found]


def _seen(sensor: Found, **more: object) -> SensorInfo:
    return SensorInfo(sensor.name, sensor.address, sensor.driver.family, sensor.advertisement.rssi_dbm, **more)  # type: ignore[arg-type]


async def _ask(sensor: Found) -> SensorInfo:
    client = BleakClient(sensor.device, timeout=LONGEST_S)
    session = GattSession(client, lambda *_: None)
    try:
        async with radio_to_oneself(), asyncio.timeout(LONGEST_S), client:
            return _seen(
                sensor,
                battery_percent=await sensor.driver().read_charge(session),
                serial_number=await read_text(session, SERIAL_NUMBER) or "",
                firmware=await read_text(session, FIRMWARE_REVISION) or "",
            )
    except (KneeimuError, *RADIO_ERRORS) as error:
        log.debug("asking %s: %r", sensor.address, error)
        return _seen(sensor, problem=explain(error).what)
