"""WitMotion WT901BLE and WT9011DCL: 20-byte frames one after the other, without number or checksum.

Newer firmwares can be told to put the time, in ms, where the angles are.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from itertools import pairwise
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from kneeimu.errors import SensorError
from kneeimu.sensors.driver import (
    STANDARD_GRAVITY,
    UNNUMBERED,
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
from kneeimu.types import FloatArray
from kneeimu.words import _

# The vendor's own base: it ends in 9a34fb where Bluetooth's ends in 9b34fb.
SERVICE_UUID = "0000ffe5-0000-1000-8000-00805f9a34fb"
DATA_UUID = "0000ffe4-0000-1000-8000-00805f9a34fb"
COMMAND_UUID = "0000ffe9-0000-1000-8000-00805f9a34fb"

ACC_RANGE_G = 16
GYR_RANGE_DPS = 2000

_FRAME_SIZE = 20
_HEAD, _MOTION, _REGISTERS = 0x55, 0x61, 0x71
_RATE_REGISTER, _BATTERY_REGISTER, _OUTPUT_REGISTER = 0x03, 0x64, 0x96
_WITH_ANGLES, _WITH_TIME, _LAST_OUTPUT = 0, 2, 3
_TIME_WRAP = 1 << 32  # ms
_RATE_CODES = {10: 0x06, 20: 0x07, 50: 0x08, 100: 0x09, 200: 0x0B}
_UNLOCK = bytes.fromhex("ffaa6988b5")
_SAVE = bytes.fromhex("ffaa000000")
_DIGEST_S = 0.1
_MEASURING_S = 2.0
_TRIAL_S, _STEADY_SHARE, _STEADY_RATE = 0.6, 0.9, 0.15  # times of one firmware are known to leap about
_LONGEST_STEP_PERIODS = 2.5
_ANSWER_TIMEOUT_S = 1.0
_VOLTS = (3.40, 3.50, 3.68, 3.70, 3.73, 3.77, 3.79, 3.82, 3.87, 3.93, 3.96, 3.99)
_PERCENT = (0, 5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 100)
_NAME = re.compile(r"WT\d")


class WitMotion:
    """Driver of the vendor's "BLE 5.0 protocol"."""

    family: ClassVar[str] = "witmotion"
    data_characteristics: ClassVar[frozenset[str]] = frozenset({DATA_UUID})
    device_clock_wrap_s: ClassVar[float | None] = _TIME_WRAP / 1000
    sequence_wrap: ClassVar[int | None] = None
    notification_interval_s: ClassVar[float] = 0.08
    poll_interval_s: ClassVar[float | None] = 60.0

    def __init__(self) -> None:
        self._frames = FrameReader()
        self._tells_time, self._period_s = False, 0.01

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
        self._period_s = 1 / taken_hz
        notes = (
            [] if taken_hz == rate else [_("the sensor keeps its own rate, {taken_hz} Hz").format(taken_hz=taken_hz)]
        )
        if not await _make_it_tell_time(session, taken_hz):
            notes.append(_(UNNUMBERED))
        return StreamSettings(
            rate_hz=float(taken_hz),
            acc_range_m_s2=ACC_RANGE_G * STANDARD_GRAVITY,
            gyr_range_rad_s=math.radians(GYR_RANGE_DPS),
            battery_percent=battery,
            notes=tuple(notes),
        )

    async def stop(self, session: Session) -> None:
        await session.unsubscribe(DATA_UUID)  # there is no command to stop
        if self._tells_time:
            await _write_register(session, _OUTPUT_REGISTER, _WITH_ANGLES)  # as other apps expect it

    async def poll(self, session: Session) -> None:
        """Ask for the battery's voltage; the answer comes between the data."""
        await session.write(COMMAND_UUID, _read_command(_BATTERY_REGISTER), response=False)

    def parse(self, characteristic: str, data: bytes, host_time_s: float) -> list[Reading]:  # noqa: ARG002
        if characteristic != DATA_UUID:
            return []
        frames, skipped = self._frames.feed(data)
        readings: list[Reading] = [Malformed("bytes that belong to no frame")] if skipped else []
        if motion := [frame[2:] for frame in frames if frame[1] == _MOTION]:
            readings += self._motion(np.frombuffer(b"".join(motion), "<i2").reshape(-1, 9))
        for frame in frames:
            number, values_of = _registers(frame)
            if number == _BATTERY_REGISTER:
                readings.append(Battery(charge_percent(values_of[0] / 100)))
            elif number == _OUTPUT_REGISTER:
                self._tells_time = values_of[0] == _WITH_TIME
        return readings

    def _motion(self, frames: npt.NDArray[np.int16]) -> list[Reading]:
        values = frames[:, :6] / 32768
        acc, gyr = values[:, :3] * (ACC_RANGE_G * STANDARD_GRAVITY), values[:, 3:] * math.radians(GYR_RANGE_DPS)
        if not self._tells_time:
            return [Readings(acc, gyr)]
        times_ms = _times_ms(frames)
        steps_s = (np.diff(times_ms) % _TIME_WRAP) / 1000
        cuts = np.flatnonzero((steps_s == 0) | (steps_s > _LONGEST_STEP_PERIODS * self._period_s)) + 1
        bounds = pairwise([0, *cuts.tolist(), len(frames)])
        return [
            Readings(acc[first:end], gyr[first:end], _evened_s(times_ms[first:end], self._period_s))
            for first, end in bounds
        ]


def _times_ms(frames: npt.NDArray[np.int16]) -> npt.NDArray[np.int64]:
    return np.ascontiguousarray(frames[:, 6:8]).view("<u4")[:, 0].astype(np.int64)


def _evened_s(times_ms: npt.NDArray[np.int64], period_s: float) -> FloatArray:
    """Give the times of consecutive samples, evenly apart: they are told in whole ms."""
    since_ms = (times_ms - times_ms[0]) % _TIME_WRAP
    evenly_s: FloatArray = np.arange(len(times_ms), dtype=np.float64) * period_s
    return evenly_s + (float(times_ms[0]) / 1000 + float(np.mean(since_ms / 1000 - evenly_s)))


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


async def _make_it_tell_time(session: Session, rate_hz: int) -> bool:
    """Have the time in the place of angles, until it is switched off; tell whether it comes and grows steadily.

    Firmwares that do not know of it are left with angles, and never with the displacements another app may have chosen.
    """
    present = await _read_register(session, _OUTPUT_REGISTER)
    if present is None or not 0 <= present[0] <= _LAST_OUTPUT:
        return False
    if await _choose_output(session, _WITH_TIME) == _WITH_TIME:
        frames = FrameReader()
        heard = [frame for _, data in await session.listen(DATA_UUID, _TRIAL_S) for frame in frames.feed(data)[0]]
        if _is_steady([frame for frame in heard if frame[1] == _MOTION], rate_hz):
            return True
    await _choose_output(session, _WITH_ANGLES)
    return False


async def _choose_output(session: Session, output: int) -> int | None:
    await _write_register(session, _OUTPUT_REGISTER, output)
    taken = await _read_register(session, _OUTPUT_REGISTER)  # parse hears the answer, too
    return None if taken is None else taken[0]


def _is_steady(frames: list[bytes], rate_hz: int) -> bool:
    if len(frames) < 3:
        return False
    times_ms = _times_ms(np.frombuffer(b"".join(frame[2:] for frame in frames), "<i2").reshape(-1, 9))
    steps = np.diff(times_ms) % _TIME_WRAP * (rate_hz / 1000)
    steady = (steps > 0) & (steps < _LONGEST_STEP_PERIODS)
    return bool(steady.mean() >= _STEADY_SHARE and abs(float(steps[steady].mean()) - 1) < _STEADY_RATE)


async def _write_rate(session: Session, code: int, ending: bytes) -> None:
    await _write_register(session, _RATE_REGISTER, code)
    if ending:
        await session.write(COMMAND_UUID, ending, response=False)
        await session.pause(_DIGEST_S)


async def _write_register(session: Session, register: int, value: int) -> None:
    for command in (_UNLOCK, bytes([0xFF, 0xAA, register, value, 0x00])):
        await session.write(COMMAND_UUID, command, response=False)
        await session.pause(_DIGEST_S)
