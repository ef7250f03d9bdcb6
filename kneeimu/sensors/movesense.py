"""Movesense: acceleration and rotation over the GATT sensor data protocol, each message with a time in ms."""

from __future__ import annotations

import math
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
    battery_percent,
    battery_readings,
    read_battery,
    read_battery_once,
    read_text,
    require,
)
from kneeimu.words import _

SERVICE_UUID = "34802252-7185-4d5d-b431-630e7050e8f0"
COMMAND_UUID = "34800001-7185-4d5d-b431-630e7050e8f0"
DATA_UUID = "34800002-7185-4d5d-b431-630e7050e8f0"

RATES_HZ = (13, 26, 52, 104)  # faster ones need more than the two parts a message can have
DEFAULT_ACC_RANGE_G, DEFAULT_GYR_RANGE_DPS = 8, 2000  # the protocol has no command to change them

_SUBSCRIBE, _UNSUBSCRIBE, _GET = 1, 2, 4
_RESULT, _DATA, _DATA_PART2 = 1, 2, 3
_IMU_REFERENCE, _BATTERY_REFERENCE = 0x63, 0x62
_BATTERY_PATH = b"/System/Energy/Level"
_OK, _NOT_FOUND = 200, 404
_OK_BYTES = struct.pack("<H", _OK)
_MESSAGE_INTERVAL_HZ = 13
_SAMPLE_SIZE = 24
_ALONE_TO_BELIEVE = 3
_ANSWER_TIMEOUT_S = 1.0


class Movesense:
    """Driver of the GATT sensor data protocol, resource IMU6."""

    family: ClassVar[str] = "movesense"
    data_characteristics: ClassVar[frozenset[str]] = frozenset({DATA_UUID})
    device_clock_wrap_s: ClassVar[float | None] = 2**32 / 1e3
    sequence_wrap: ClassVar[int | None] = None
    notification_interval_s: ClassVar[float] = 1 / _MESSAGE_INTERVAL_HZ
    poll_interval_s: ClassVar[float | None] = 60.0

    def __init__(self) -> None:
        self._assembler = _Assembler(samples=4)
        self._rate_hz = 52.0
        self._asks_for_battery = False

    @classmethod
    def recognise(cls, advertisement: Advertisement) -> bool:
        return SERVICE_UUID in advertisement.service_uuids or advertisement.name.startswith("Movesense")

    async def read_charge(self, session: Session) -> int | None:
        if session.has(BATTERY_LEVEL) or not session.has(DATA_UUID):
            return await read_battery_once(session)
        await session.subscribe(DATA_UUID)
        charge = await _ask_battery(session)
        await session.unsubscribe(DATA_UUID)
        return charge

    async def configure(self, session: Session, rate_hz: float) -> StreamSettings:
        require(
            session, DATA_UUID, _("runs an app without the GATT sensor data protocol"),
            _("load firmware 2.3 or newer, or the gatt_sensordata app, with the Movesense Showcase " "app"),
        )  # fmt: skip
        self._asks_for_battery = not session.has(BATTERY_LEVEL)
        await session.subscribe(DATA_UUID)
        battery = await (_ask_battery(session) if self._asks_for_battery else read_battery(session))
        rate = min((rate for rate in RATES_HZ if rate >= rate_hz), default=max(RATES_HZ))
        self._rate_hz, self._assembler = float(rate), _Assembler(max(1, rate // _MESSAGE_INTERVAL_HZ))
        await _subscribe(session, rate)
        return StreamSettings(
            rate_hz=self._rate_hz,
            acc_range_m_s2=DEFAULT_ACC_RANGE_G * STANDARD_GRAVITY,
            gyr_range_rad_s=math.radians(DEFAULT_GYR_RANGE_DPS),
            battery_percent=battery,
            firmware=await read_text(session, FIRMWARE_REVISION),
            serial_number=await read_text(session, SERIAL_NUMBER),
            notes=(_("the sensor's ranges can't be set over this protocol: it keeps the ones it has"),),
        )

    async def stop(self, session: Session) -> None:
        await session.write(COMMAND_UUID, bytes([_UNSUBSCRIBE, _IMU_REFERENCE]))
        await session.unsubscribe(DATA_UUID)

    async def poll(self, session: Session) -> None:
        """Ask for the battery level where the sensor has no battery service."""
        if self._asks_for_battery:
            await session.write(COMMAND_UUID, bytes([_GET, _BATTERY_REFERENCE]) + _BATTERY_PATH)

    def parse(self, characteristic: str, data: bytes, host_time_s: float) -> list[Reading]:  # noqa: ARG002
        if characteristic == BATTERY_LEVEL:
            return battery_readings(data)
        if characteristic != DATA_UUID:
            return []
        if len(data) < 2:
            return [Malformed("message too short")]
        kind, reference, payload = data[0], data[1], data[2:]
        if kind == _RESULT and reference == _BATTERY_REFERENCE:
            return battery_readings(payload[2:]) if payload[:2] == _OK_BYTES else []
        if kind not in (_DATA, _DATA_PART2) or reference != _IMU_REFERENCE:
            return []
        message = self._assembler.add(payload, second=kind == _DATA_PART2)
        if isinstance(message, Malformed):
            return [message]
        return [] if message is None else [decode_imu6(message, self._rate_hz)]


class _Assembler:
    """Joins the two parts of long messages.

    A first part does not tell that a second one follows: the number of samples in a message does.
    """

    def __init__(self, samples: int) -> None:
        self._size = 4 + _SAMPLE_SIZE * samples
        self._pending = b""
        self._alone = 0

    def add(self, payload: bytes, *, second: bool) -> bytes | Malformed | None:
        """Give the message that this part completes, if any."""
        pending, self._pending = self._pending, b""
        if second:
            self._alone = 0
            return pending + payload if pending else Malformed("second part of a message without the first")
        if len(payload) == self._size:
            return payload
        self._pending = payload
        if not pending:
            return None
        # Never a second part: the firmware puts another number of samples into its messages than expected.
        self._alone = self._alone + 1 if len(pending) == len(payload) else 0
        if self._alone >= _ALONE_TO_BELIEVE and len(payload) > 4 and (len(payload) - 4) % _SAMPLE_SIZE == 0:
            self._size, self._pending = len(payload), b""
            return payload
        return Malformed("message without its second part")


def decode_imu6(message: bytes, rate_hz: float) -> Readings | Malformed:
    """Give the samples of a whole message: time of the first, all accelerations, then all rotations."""
    if len(message) <= 4 or (len(message) - 4) % _SAMPLE_SIZE:
        return Malformed("message of another length")
    (time_ms,) = struct.unpack_from("<I", message)
    with np.errstate(all="ignore"):  # not every bit pattern is a number
        values = np.frombuffer(message, "<f4", offset=4).astype(np.float64).reshape(2, -1, 3)
        rotation = np.radians(values[1])
    return Readings(values[0], rotation, time_ms / 1e3 + np.arange(len(rotation)) / rate_hz)


async def _subscribe(session: Session, rate_hz: int) -> None:
    """Subscribe; the first data may come before the result, or instead of it."""
    path = f"/Meas/IMU6/{rate_hz}"
    reply = await _command(session, _SUBSCRIBE, _IMU_REFERENCE, path.encode())
    if reply is None:
        raise SensorError(_("the sensor does not answer"), advice=_("take it off the strap's studs and on again"))
    status = struct.unpack_from("<H", reply, 2)[0] if reply[0] == _RESULT else _OK
    if status == _NOT_FOUND:
        raise SensorError(
            _("the sensor's firmware does not offer {path}").format(path=path),
            advice=_("load firmware with the IMU modules, 2.3 or newer, with the Movesense Showcase app"),
        )
    if status != _OK:
        raise SensorError(
            _("the sensor refuses to measure (code {status})").format(status=status),
            advice=_("take it off the studs and on again"),
        )


async def _ask_battery(session: Session) -> int | None:
    reply = await _command(session, _GET, _BATTERY_REFERENCE, _BATTERY_PATH)
    return battery_percent(reply[4:]) if reply and reply[2:4] == _OK_BYTES else None


async def _command(session: Session, command: int, reference: int, path: bytes) -> bytes | None:
    """Give the first message that bears the reference: a whole result or data; None when none comes."""
    try:
        return await session.request(
            COMMAND_UUID, bytes([command, reference]) + path, reply=DATA_UUID, timeout_s=_ANSWER_TIMEOUT_S,
            matches=lambda data: data[1:2] == bytes([reference]) and (data[0] == _DATA or len(data) >= 4),
        )  # fmt: skip
    except SensorError:
        return None
