"""Movella (Xsens) DOT: calibrated acceleration and rotation at up to 60 Hz, each sample with a time in µs."""

from __future__ import annotations

import math
import struct
from typing import ClassVar

import numpy as np

from kneeimu.errors import SensorError
from kneeimu.sensors.driver import (
    FIRMWARE_REVISION,
    SERIAL_NUMBER,
    STANDARD_GRAVITY,
    Advertisement,
    Battery,
    Malformed,
    Reading,
    Readings,
    Session,
    Stopped,
    StreamSettings,
    read_text,
    require,
)
from kneeimu.words import _, mark


def _uuid(short: str) -> str:
    return f"1517{short}-4947-11e9-8646-d663bd873d93"


DEVICE_CONTROL_UUID = _uuid("1002")
REPORT_UUID = _uuid("1004")
SERVICE_UUID = _uuid("2000")
MEASUREMENT_UUID = _uuid("2001")
DATA_UUID = _uuid("2003")  # of the middle payload length
BATTERY_UUID = _uuid("3001")
COMPANY_ID = 0x0886

RATES_HZ = (1, 4, 10, 12, 15, 20, 30, 60)
ACC_RANGE_G, GYR_RANGE_DPS = 16, 2000  # fixed

_RATE_QUANTITIES = 0x15
_START, _STOP = bytes([1, 1, _RATE_QUANTITIES]), bytes([1, 0, _RATE_QUANTITIES])
_VISIT_RATE, _RATE_OFFSET, _CONTROL_SIZE = 0x10, 24, 32
_PAYLOAD = struct.Struct("<I6f")
_REPORTS = {1: mark("the sensor was switched off"), 4: mark("the sensor went to sleep: nobody moved it")}


class MovellaDot:
    """Driver of the DOT's measurement service, payload "rate quantities"."""

    family: ClassVar[str] = "movella-dot"
    data_characteristics: ClassVar[frozenset[str]] = frozenset({DATA_UUID})
    device_clock_wrap_s: ClassVar[float | None] = 2**32 / 1e6
    sequence_wrap: ClassVar[int | None] = None
    notification_interval_s: ClassVar[float] = 1 / 60
    poll_interval_s: ClassVar[float | None] = None

    @classmethod
    def recognise(cls, advertisement: Advertisement) -> bool:
        return advertisement.name.startswith(("Xsens DOT", "Movella DOT")) or (
            COMPANY_ID in advertisement.manufacturer_data and not advertisement.name
        )

    async def read_charge(self, session: Session) -> int | None:
        if not session.has(BATTERY_UUID):
            return None
        (level,) = _battery_readings(await session.read(BATTERY_UUID))
        return level.percent if isinstance(level, Battery) else None

    async def configure(self, session: Session, rate_hz: float) -> StreamSettings:
        for uuid in (MEASUREMENT_UUID, DATA_UUID, DEVICE_CONTROL_UUID):
            require(session, uuid, _("has no measurement service"), _("update its firmware with the Movella DOT app"))
        if (await session.read(MEASUREMENT_UUID))[1:2] == b"\x01":  # a stream of an earlier central still runs
            await session.write(MEASUREMENT_UUID, _STOP)
        rate = min((rate for rate in RATES_HZ if rate >= rate_hz), default=max(RATES_HZ))
        await _set_rate(session, rate)
        battery = await self.read_charge(session)
        for uuid in (BATTERY_UUID, REPORT_UUID):
            if session.has(uuid):
                await session.subscribe(uuid)
        await session.subscribe(DATA_UUID)
        await _start(session)
        return StreamSettings(
            rate_hz=float(rate),
            acc_range_m_s2=ACC_RANGE_G * STANDARD_GRAVITY,
            gyr_range_rad_s=math.radians(GYR_RANGE_DPS),
            battery_percent=battery,
            firmware=await read_text(session, FIRMWARE_REVISION),
            serial_number=await read_text(session, SERIAL_NUMBER),
            notes=() if rate >= rate_hz else (_("{rate} Hz is the most this sensor streams").format(rate=rate),),
        )

    async def stop(self, session: Session) -> None:
        await session.write(MEASUREMENT_UUID, _STOP)
        for uuid in (DATA_UUID, REPORT_UUID, BATTERY_UUID):
            await session.unsubscribe(uuid)

    async def poll(self, session: Session) -> None:
        """Nothing to ask for: the battery level is notified."""

    def parse(self, characteristic: str, data: bytes, host_time_s: float) -> list[Reading]:  # noqa: ARG002
        if characteristic == DATA_UUID:
            return [decode_payload(data)]
        if characteristic == BATTERY_UUID:
            return _battery_readings(data)
        if characteristic == REPORT_UUID and data[:1] and data[0] in _REPORTS:
            return [Stopped(_(_REPORTS[data[0]]))]
        return []


def decode_payload(data: bytes) -> Readings | Malformed:
    """Give the sample of one notification, which is padded with zeros."""
    if len(data) < _PAYLOAD.size:
        return Malformed("payload too short")
    time_us, *values = _PAYLOAD.unpack_from(data)
    sample = np.array(values).reshape(1, 6)
    return Readings(sample[:, :3], np.radians(sample[:, 3:]), np.array([time_us / 1e6]))


def _battery_readings(data: bytes) -> list[Reading]:
    if len(data) < 2 or data[0] > 100:
        return [Malformed("battery level out of range")]
    return [Battery(data[0], charging=data[1] == 1)]


async def _set_rate(session: Session, rate_hz: int) -> None:
    """Change the rate and nothing else of the device's settings."""
    control = bytearray(await session.read(DEVICE_CONTROL_UUID))
    if len(control) < _CONTROL_SIZE:
        raise SensorError(
            _("the sensor's settings are cut short"), advice=_("update its firmware with the Movella DOT app")
        )
    if struct.unpack_from("<H", control, _RATE_OFFSET)[0] == rate_hz:
        return
    control[0] = _VISIT_RATE
    struct.pack_into("<H", control, _RATE_OFFSET, rate_hz)
    await session.write(DEVICE_CONTROL_UUID, bytes(control))


async def _start(session: Session) -> None:
    """Start and wait for the first sample: a refused mode or a short radio packet shows there only."""
    first = await session.request(MEASUREMENT_UUID, _START, reply=DATA_UUID, matches=lambda _: True)
    if len(first) < _PAYLOAD.size:
        raise SensorError(
            _("only {n} bytes of each sample arrive, {size} are needed").format(n=len(first), size=_PAYLOAD.size),
            advice=_("the Bluetooth adapter keeps to packets of 23 bytes: update its driver or use another"),
        )
