"""WitMotion WT901BLE and WT9011DCL: 20-byte frames one after the other, without number, time or checksum."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from kneeimu.errors import SensorError
from kneeimu.sensors.driver import (
    STANDARD_GRAVITY,
    Advertisement,
    Battery,
    Malformed,
    Reading,
    Readings,
    Session,
    StreamSettings,
    measure_rate_hz,
    require,
)
from kneeimu.words import _

# The vendor's own base: it ends in 9a34fb where Bluetooth's ends in 9b34fb.
SERVICE_UUID = "0000ffe5-0000-1000-8000-00805f9a34fb"
DATA_UUID = "0000ffe4-0000-1000-8000-00805f9a34fb"
COMMAND_UUID = "0000ffe9-0000-1000-8000-00805f9a34fb"

ACC_RANGE_G = 16
GYR_RANGE_DPS = 2000

_FRAME_SIZE = 20
_HEAD, _MOTION, _REGISTERS = 0x55, 0x61, 0x71
_RATE_REGISTER, _BATTERY_REGISTER = 0x03, 0x64
_RATE_CODES = {10: 0x06, 20: 0x07, 50: 0x08, 100: 0x09, 200: 0x0B}
_UNLOCK = bytes.fromhex("ffaa6988b5")
_SAVE = bytes.fromhex("ffaa000000")
_DIGEST_S = 0.1
_MEASURING_S = 2.0
_ANSWER_TIMEOUT_S = 1.0
_VOLTS = (3.40, 3.50, 3.68, 3.70, 3.73, 3.77, 3.79, 3.82, 3.87, 3.93, 3.96, 3.99)
_PERCENT = (0, 5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 100)
_NAME = re.compile(r"WT\d")


class WitMotion:
    """Driver of the vendor's "BLE 5.0 protocol"."""

    family: ClassVar[str] = "witmotion"
    data_characteristics: ClassVar[frozenset[str]] = frozenset({DATA_UUID})
    device_clock_wrap_s: ClassVar[float | None] = None
    sequence_wrap: ClassVar[int | None] = None
    notification_interval_s: ClassVar[float] = 0.08
    poll_interval_s: ClassVar[float | None] = 60.0

    def __init__(self) -> None:
        self._frames = FrameReader()

    @classmethod
    def recognise(cls, advertisement: Advertisement) -> bool:
        return SERVICE_UUID in advertisement.service_uuids or bool(_NAME.match(advertisement.name))

    async def read_charge(self, session: Session) -> int | None:
        if not session.has(DATA_UUID):
            return None
        await session.subscribe(DATA_UUID)
        charge = await _ask_charge(session)
        await session.unsubscribe(DATA_UUID)
        return charge

    async def configure(self, session: Session, rate_hz: float) -> StreamSettings:
        for uuid in (DATA_UUID, COMMAND_UUID):
            require(
                session, uuid, _("speaks another protocol"), _("only models with the BLE 5.0 protocol are supported")
            )
        await session.subscribe(DATA_UUID)  # it streams from now on
        battery = await _ask_charge(session)
        rate = min((rate for rate in _RATE_CODES if rate >= rate_hz), default=max(_RATE_CODES))
        taken_hz = await _set_rate(session, rate)
        notes = (
            () if taken_hz == rate else (_("the sensor keeps its own rate, {taken_hz} Hz").format(taken_hz=taken_hz),)
        )
        return StreamSettings(
            rate_hz=float(taken_hz),
            acc_range_m_s2=ACC_RANGE_G * STANDARD_GRAVITY,
            gyr_range_rad_s=math.radians(GYR_RANGE_DPS),
            battery_percent=battery,
            notes=notes,
        )

    async def stop(self, session: Session) -> None:
        await session.unsubscribe(DATA_UUID)  # there is no command to stop

    async def poll(self, session: Session) -> None:
        """Ask for the battery's voltage; the answer comes between the data."""
        await session.write(COMMAND_UUID, _read_command(_BATTERY_REGISTER), response=False)

    def parse(self, characteristic: str, data: bytes, host_time_s: float) -> list[Reading]:  # noqa: ARG002
        if characteristic != DATA_UUID:
            return []
        frames, skipped = self._frames.feed(data)
        readings: list[Reading] = [Malformed("bytes that belong to no frame")] if skipped else []
        if motion := [frame[2:14] for frame in frames if frame[1] == _MOTION]:
            values = np.frombuffer(b"".join(motion), "<i2").reshape(-1, 6) / 32768
            acc, gyr = values[:, :3] * (ACC_RANGE_G * STANDARD_GRAVITY), values[:, 3:] * math.radians(GYR_RANGE_DPS)
            readings.append(Readings(acc, gyr))
        for frame in frames:
            number, values_of = _registers(frame)
            if number == _BATTERY_REGISTER:
                readings.append(Battery(charge_percent(values_of[0] / 100)))
        return readings


class FrameReader:
    """Cuts the byte stream into frames, which notifications neither begin nor end with."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> tuple[list[bytes], int]:
        """Give the frames that are complete, and how many bytes belonged to none."""
        skipped = 0
        if self._rest and _begins_frame(data, 0) and not _begins_frame(data, _FRAME_SIZE - len(self._rest)):
            skipped, self._rest = len(self._rest), b""  # what should have followed the rest was lost
        stream, at = self._rest + data, 0
        frames: list[bytes] = []
        while at + 1 < len(stream):
            if not _begins_frame(stream, at):
                at, skipped = at + 1, skipped + 1
            elif at + _FRAME_SIZE > len(stream):
                break
            else:
                frames.append(stream[at : at + _FRAME_SIZE])
                at += _FRAME_SIZE
        self._rest = stream[at:]
        return frames, skipped


def _begins_frame(data: bytes, at: int) -> bool:
    return data[at : at + 1] == b"\x55" and data[at + 1 : at + 2] in (b"\x61", b"\x71")


def charge_percent(volts: float) -> int:
    """Give the charge for a battery voltage by the vendor's table, steps joined by lines."""
    return round(float(np.interp(volts, _VOLTS, _PERCENT)))


def _registers(frame: bytes) -> tuple[int, tuple[int, ...]]:
    """Give the first register's number and eight values of a register frame; -1 when it is none."""
    if frame[1] != _REGISTERS:
        return -1, ()
    number, *values = struct.unpack_from("<H8h", frame, 2)
    return number, tuple(values)


async def _ask_charge(session: Session) -> int | None:
    answer = await _read_register(session, _BATTERY_REGISTER)
    return None if answer is None else charge_percent(answer[0] / 100)


def _read_command(register: int) -> bytes:
    return bytes([0xFF, 0xAA, 0x27, register, 0x00])


async def _read_register(session: Session, register: int) -> tuple[int, ...] | None:
    """Give the values from a register on; None when this firmware does not answer."""
    frames = FrameReader()
    found: list[tuple[int, ...]] = []

    def matches(data: bytes) -> bool:
        found.extend(values for number, values in map(_registers, frames.feed(data)[0]) if number == register)
        return bool(found)

    return await _unless_silent(session, _read_command(register), matches, found)


async def _unless_silent(
    session: Session, command: bytes, matches: Callable[[bytes], bool], found: list[tuple[int, ...]]
) -> tuple[int, ...] | None:
    try:
        await session.request(
            COMMAND_UUID, command, reply=DATA_UUID, matches=matches, response=False, timeout_s=_ANSWER_TIMEOUT_S
        )
    except SensorError:
        return None
    return found[0]


async def _set_rate(session: Session, rate_hz: int) -> int:
    """Set the rate until it is switched off, and give the one it has now.

    The sensor's memory is written only when it takes the rate no other way. Firmwares that do not answer, or that
    answer what they do not do, are measured.
    """
    code = _RATE_CODES[rate_hz]
    present = await _read_register(session, _RATE_REGISTER)
    for ending in (b"", _SAVE):
        if present is None or present[0] == code:
            break
        await _write_rate(session, code, ending)
        present = await _read_register(session, _RATE_REGISTER)
    if present is None:
        await _write_rate(session, code, b"")
    elif present[0] == code:
        return rate_hz
    measured_hz = await measure_rate_hz(session, DATA_UUID, _MEASURING_S, lambda data: len(data) / _FRAME_SIZE)
    return min(_RATE_CODES, key=lambda rate: abs(rate - measured_hz))


async def _write_rate(session: Session, code: int, ending: bytes) -> None:
    for command in (_UNLOCK, bytes([0xFF, 0xAA, _RATE_REGISTER, code, 0x00]), ending):
        if command:
            await session.write(COMMAND_UUID, command, response=False)
            await session.pause(_DIGEST_S)
