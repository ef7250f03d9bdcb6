"""Sensors that speak the kneeimu profile (docs/sensor-profile.md)."""

from __future__ import annotations

import struct
from typing import ClassVar

import numpy as np

from kneeimu.errors import SensorError
from kneeimu.sensors.driver import (
    BATTERY_LEVEL,
    FIRMWARE_REVISION,
    SERIAL_NUMBER,
    STANDARD_GRAVITY,
    Advertisement,
    Malformed,
    Reading,
    Readings,
    Session,
    StreamSettings,
    battery_readings,
    read_battery,
    read_battery_once,
    read_text,
)
from kneeimu.words import _, mark

SERVICE_UUID = "7e1a0001-5c3d-4c5e-9a6e-6b6e65696d75"
DATA_UUID = "7e1a0002-5c3d-4c5e-9a6e-6b6e65696d75"
CONTROL_UUID = "7e1a0003-5c3d-4c5e-9a6e-6b6e65696d75"

VERSION = 1
WANTED_ACC_RANGE_G = 16  # a foot strike reaches 12 g at the shin
WANTED_GYR_RANGE_DPS = 2000

_MAX_SAMPLES = 40
_STOP, _START, _SET_RATE, _SET_RANGE = 0x00, 0x01, 0x02, 0x03
_REFUSALS = {
    1: (mark("does not know the command"), mark("update the sensor's firmware")),
    2: (mark("calls the command's length wrong"), mark("update the sensor's firmware")),
    3: (mark("can't do the rate or range asked for"), mark("choose another rate")),
    4: (mark("is streaming already"), mark("switch the sensor off and on")),
    5: (mark("says nobody listens"), mark("try again")),
    6: (
        mark("reports that its motion chip does not answer"),
        mark("switch it off and on; if that does not help it is broken"),
    ),
    7: (mark("has not enough battery to measure"), mark("charge the sensor")),
}


class OpenProfile:
    """Driver of the kneeimu profile, version 1."""

    family: ClassVar[str] = "kneeimu"
    data_characteristics: ClassVar[frozenset[str]] = frozenset({DATA_UUID})
    device_clock_wrap_s: ClassVar[float | None] = 2**32 / 1e6
    sequence_wrap: ClassVar[int | None] = 2**16
    notification_interval_s: ClassVar[float] = 0.08
    poll_interval_s: ClassVar[float | None] = None

    @classmethod
    def recognise(cls, advertisement: Advertisement) -> bool:
        return SERVICE_UUID in advertisement.service_uuids

    async def read_charge(self, session: Session) -> int | None:
        return await read_battery_once(session)

    async def configure(self, session: Session, rate_hz: float) -> StreamSettings:
        battery = await read_battery(session)
        firmware = await read_text(session, FIRMWARE_REVISION)
        serial_number = await read_text(session, SERIAL_NUMBER)
        await session.subscribe(CONTROL_UUID)
        await session.subscribe(DATA_UUID)
        await _command(session, bytes([_STOP]), 0)  # a stream of an earlier central may still run
        await _command(session, struct.pack("<BBH", _SET_RANGE, WANTED_ACC_RANGE_G, WANTED_GYR_RANGE_DPS), 3)
        await _command(session, struct.pack("<BH", _SET_RATE, max(1, round(rate_hz))), 4)
        reply = await _command(session, bytes([_START]), 7)
        rate_mhz, acc_g, gyr_dps = struct.unpack_from("<IBH", reply)
        return StreamSettings(
            rate_hz=rate_mhz / 1000,
            acc_range_m_s2=acc_g * STANDARD_GRAVITY,
            gyr_range_rad_s=float(np.radians(gyr_dps)),
            battery_percent=battery,
            firmware=firmware,
            serial_number=serial_number,
        )

    async def stop(self, session: Session) -> None:
        await _command(session, bytes([_STOP]), 0)
        for uuid in (DATA_UUID, CONTROL_UUID):
            await session.unsubscribe(uuid)

    async def poll(self, session: Session) -> None:
        """Nothing to ask for: the battery level is notified."""

    def parse(self, characteristic: str, data: bytes, host_time_s: float) -> list[Reading]:  # noqa: ARG002
        if characteristic == DATA_UUID:
            return [decode_packet(data)]
        if characteristic == BATTERY_LEVEL:
            return battery_readings(data)
        return []


def decode_packet(data: bytes) -> Readings | Malformed:
    """Give the samples of one data packet."""
    if len(data) < 20:
        return Malformed("packet too short")
    form, n, sequence, time_us = struct.unpack_from("<BBHI", data)
    if form & 0x0F != VERSION:
        return Malformed("packet of another version")
    header = 8 if n == 1 else 10
    if not 1 <= n <= _MAX_SAMPLES or len(data) != header + 12 * n:
        return Malformed("length does not fit the number of samples")
    period_us = struct.unpack_from("<H", data, 8)[0] if n > 1 else 0
    if n > 1 and period_us == 0:
        return Malformed("no time between samples")
    values = np.frombuffer(data, "<i2", offset=header).reshape(n, 6) / 32768
    return Readings(
        acc_m_s2=values[:, :3] * ((2 << (form >> 4 & 3)) * STANDARD_GRAVITY),
        gyr_rad_s=values[:, 3:] * np.radians(250 << (form >> 6)),
        device_time_s=(time_us + np.arange(n) * period_us) / 1e6,
        sequence=sequence,
    )


async def _command(session: Session, command: bytes, reply_size: int) -> bytes:
    """Send a command to the control point and give the data of its reply.

    Raises:
        SensorError: the sensor refuses, or answers with less than it should.
    """
    code = 0x80 | command[0]
    reply = await session.request(
        CONTROL_UUID, command, reply=CONTROL_UUID, matches=lambda data: len(data) >= 2 and data[0] == code
    )
    status, data = reply[1], reply[2:]
    if status:
        what, advice = _REFUSALS.get(
            status, (_("refuses with code {status}").format(status=status), _("update kneeimu"))
        )
        raise SensorError(_("the sensor {what}").format(what=_(what)), advice=_(advice))
    if len(data) < reply_size:
        raise SensorError(_("the sensor's answer is cut short"), advice=_("update the sensor's firmware"))
    return data
