"""MbientLab MetaMotion R and S.

The boards look alike and differ in the motion chip (BMI160 in the R, BMI270 in the S), whose registers differ. Of
themselves they send acceleration and rotation in notifications of three samples, apart and without number or time.
Firmware with a data processor can be told to put both together and a count in front: then every sample has a number.
"""

from __future__ import annotations

import math
import struct
from collections import deque
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kneeimu.errors import SensorError
from kneeimu.sensors.driver import (
    FIRMWARE_REVISION,
    SERIAL_NUMBER,
    STANDARD_GRAVITY,
    UNNUMBERED,
    Advertisement,
    Battery,
    Malformed,
    Reading,
    Readings,
    Session,
    StreamSettings,
    battery_percent,
    measure_rate_hz,
    read_text,
    require,
)
from kneeimu.types import FloatArray
from kneeimu.words import _, mark

SERVICE_UUID = "326a9000-85cb-9195-d9dd-464cfbbae75a"
COMMAND_UUID = "326a9001-85cb-9195-d9dd-464cfbbae75a"
DATA_UUID = "326a9006-85cb-9195-d9dd-464cfbbae75a"

ACC_RANGE_G, GYR_RANGE_DPS = 16, 2000

_ACC, _PROCESSOR, _SETTINGS, _GYR = 0x03, 0x09, 0x11, 0x13
_POWER, _ENABLE, _CONFIG, _BATTERY = 0x01, 0x02, 0x03, 0x0C
_ADD, _PROCESSED, _TELL, _REMOVE_ALL = 0x02, 0x03, 0x07, 0x08  # of the data processor
_BUFFER, _FUSER, _ACCOUNTER = 0x0F, 0x1B, 0x11
_ALL_OF_IT = 0xFF  # of a source that has one signal only
_COUNT_OF_4_BYTES, _PRESCALE = 0x30, 0x03
_MOST_FUSED = 12
_READ = 0x80
_NUMBERED = bytes([_PROCESSOR, _PROCESSED])
_FUSED = struct.Struct("<BI6h")  # processor, number, acceleration, rotation
_RATE_CODES = {25: 6, 50: 7, 100: 8, 200: 9}
_GYR_RANGES_DPS = {0: 2000, 1: 1000, 2: 500, 3: 250, 4: 125}
_GYR_FULL_SCALE = 16.4 * 2000  # counts
_LONGEST_UNPAIRED = 8  # notifications
_TRIAL_S, _KEEPS_UP = 1.0, 0.8  # a notification a sample is more than some radios and firmwares can do
_RESTART = mark("switch the sensor off and on, or update its firmware with the MetaBase app")


@dataclass(frozen=True, slots=True)
class Chip:
    """Where the motion chips differ: settings of the accelerometer and the registers of samples, single and packed."""

    name: str
    acc_filter: int  # in the high half of the rate's byte
    acc_range_codes: dict[int, int]
    acc_packed: int
    gyr_packed: int
    gyr_single: int
    acc_single: int = 0x04


BMI160 = Chip("BMI160", 0x20, {3: 2, 5: 4, 8: 8, 12: 16}, 0x1C, 0x07, 0x05)
BMI270 = Chip("BMI270", 0xA0, {0: 2, 1: 4, 2: 8, 3: 16}, 0x05, 0x05, 0x04)
_CHIPS = {(1, 0): BMI160, (4, 1): BMI270}  # by what the two modules say they are


class MetaMotion:
    """Driver of the MetaWear protocol."""

    family: ClassVar[str] = "metamotion"
    data_characteristics: ClassVar[frozenset[str]] = frozenset({DATA_UUID})
    device_clock_wrap_s: ClassVar[float | None] = None
    sequence_wrap: ClassVar[int | None] = 1 << 32
    notification_interval_s: ClassVar[float] = 0.03
    poll_interval_s: ClassVar[float | None] = 60.0

    def __init__(self) -> None:
        self._chip = BMI270
        self._acc_scale = ACC_RANGE_G / 32768
        self._gyr_scale = GYR_RANGE_DPS / _GYR_FULL_SCALE
        self._pairer = _Pairer()
        self._accounter: int | None = None  # the processor that numbers the samples

    @classmethod
    def recognise(cls, advertisement: Advertisement) -> bool:
        names = ("MetaWear", "MetaMotion")
        return SERVICE_UUID in advertisement.service_uuids or advertisement.name.startswith(names)

    async def read_charge(self, session: Session) -> int | None:
        if not session.has(DATA_UUID):
            return None
        await session.subscribe(DATA_UUID)
        charge = await _ask_charge(session)
        await session.unsubscribe(DATA_UUID)
        return charge

    async def configure(self, session: Session, rate_hz: float) -> StreamSettings:
        require(session, DATA_UUID, _("is in its update mode"), _("finish the firmware update with the MetaBase app"))
        await session.subscribe(DATA_UUID)
        self._chip = await _find_chip(session)
        self._pairer = _Pairer()
        battery = await _ask_charge(session)
        await self._switch(session, on=False)  # a stream of an earlier central may still run
        rate = min((rate for rate in _RATE_CODES if rate >= rate_hz), default=max(_RATE_CODES))
        await self._set_rate_and_range(session, rate)
        notes = () if await self._start_numbered(session, rate) else (_(UNNUMBERED),)
        if notes:
            await self._switch(session, on=True)
        return StreamSettings(
            rate_hz=float(rate),
            acc_range_m_s2=ACC_RANGE_G * STANDARD_GRAVITY,
            gyr_range_rad_s=math.radians(GYR_RANGE_DPS),
            battery_percent=battery,
            firmware=await read_text(session, FIRMWARE_REVISION),
            serial_number=await read_text(session, SERIAL_NUMBER),
            notes=notes,
        )

    async def _set_rate_and_range(self, session: Session, rate_hz: int) -> None:
        code = _RATE_CODES[rate_hz]
        acc_range = next(code for code, g in self._chip.acc_range_codes.items() if g == ACC_RANGE_G)
        wanted = {
            _ACC: bytes([self._chip.acc_filter | code, acc_range]),
            _GYR: bytes([0x20 | code, 0]),
        }
        for module, settings in wanted.items():
            await session.write(COMMAND_UUID, bytes([module, _CONFIG]) + settings)
            found = await _ask(session, module, _CONFIG)  # parse takes the scale from this answer
            if found is not None and found[:2] != settings:
                raise SensorError(
                    _("the {name} did not take its settings").format(name=self._chip.name), advice=_(_RESTART)
                )

    async def _start_numbered(self, session: Session, rate_hz: int) -> bool:
        """Start with numbered samples if the firmware can and the radio keeps up; tell whether."""
        self._accounter = await number_samples(session, self._chip)
        if self._accounter is None:
            return False
        await self._switch(session, on=True)
        try:
            rate = await measure_rate_hz(session, DATA_UUID, _TRIAL_S, lambda data: data[:2] == _NUMBERED)
        except SensorError:
            rate = 0.0
        if rate < _KEEPS_UP * rate_hz:
            await self._switch(session, on=False)
            self._accounter = None
        return self._accounter is not None

    async def _switch(self, session: Session, *, on: bool) -> None:
        """Start or stop: subscribe to the samples, enable, run; and the other way round."""
        flags = bytes([1, 0]) if on else bytes([0, 1])
        samples = [bytes([_ACC, self._chip.acc_packed, on]), bytes([_GYR, self._chip.gyr_packed, on])]
        if self._accounter is not None:
            samples = [bytes([*_NUMBERED, on]), bytes([_PROCESSOR, _TELL, self._accounter, on])]
        steps = [
            *samples,
            *(bytes([module, _ENABLE]) + flags for module in (_ACC, _GYR)),
            *(bytes([module, _POWER, on]) for module in (_GYR, _ACC)),  # the gyroscope takes longer to start
        ]
        for step in steps if on else reversed(steps):
            await session.write(COMMAND_UUID, step)
        if not on and self._accounter is not None:
            await session.write(COMMAND_UUID, bytes([_PROCESSOR, _REMOVE_ALL]))

    async def stop(self, session: Session) -> None:
        await self._switch(session, on=False)
        await session.unsubscribe(DATA_UUID)

    async def poll(self, session: Session) -> None:
        """Ask for the battery; the answer comes between the data."""
        await session.write(COMMAND_UUID, bytes([_SETTINGS, _READ | _BATTERY]))

    def parse(self, characteristic: str, data: bytes, host_time_s: float) -> list[Reading]:  # noqa: ARG002
        if characteristic != DATA_UUID:
            return []
        if len(data) < 2:
            return [Malformed("message too short")]
        module, register, values = data[0], data[1], data[2:]
        if register & _READ:
            return self._on_answer(module, register & ~_READ, values)
        if data[:2] == _NUMBERED:
            return [self._numbered(values)]
        if module not in (_ACC, _GYR):
            return []
        if len(values) not in (6, 18):
            return [Malformed("samples of another length")]
        counts = np.frombuffer(values, "<i2").reshape(-1, 3).astype(np.float64)
        if module == _ACC:
            return self._pairer.add_acc(counts * (self._acc_scale * STANDARD_GRAVITY))
        return self._pairer.add_gyr(np.radians(counts * self._gyr_scale))

    def _numbered(self, values: bytes) -> Readings | Malformed:
        if len(values) != _FUSED.size:
            return Malformed("numbered sample of another length")
        _processor, number, *counts = _FUSED.unpack(values)
        acc, gyr = np.array(counts, dtype=np.float64).reshape(2, 1, 3)
        return Readings(acc * (self._acc_scale * STANDARD_GRAVITY), np.radians(gyr * self._gyr_scale), sequence=number)

    def _on_answer(self, module: int, register: int, values: bytes) -> list[Reading]:
        if (module, register) == (_SETTINGS, _BATTERY):
            return [Battery(values[0])] if values[:1] and values[0] <= 100 else [Malformed("battery out of range")]
        if register == _CONFIG and len(values) >= 2:
            if module == _GYR and values[1] & 7 in _GYR_RANGES_DPS:
                self._gyr_scale = _GYR_RANGES_DPS[values[1] & 7] / _GYR_FULL_SCALE
            if module == _ACC and values[1] & 15 in self._chip.acc_range_codes:
                self._acc_scale = self._chip.acc_range_codes[values[1] & 15] / 32768
        elif register == 0 and module == _ACC and values[:1]:
            self._chip = next((chip for (acc, _), chip in _CHIPS.items() if acc == values[0]), self._chip)
        return []


class _Pairer:
    """Joins acceleration and rotation by count: both halves of the chip run from one clock, at one rate."""

    def __init__(self) -> None:
        self._acc: deque[FloatArray] = deque()
        self._gyr: deque[FloatArray] = deque()
        self._began = False
        self._unpaired = 0  # notifications since all samples had their partners
        self._ahead = 0  # samples by which one half was ahead all that time

    def add_acc(self, values: FloatArray) -> list[Reading]:
        """Take accelerations, shape (n, 3), m/s²."""
        return self._add(self._acc, self._gyr, values)

    def add_gyr(self, values: FloatArray) -> list[Reading]:
        """Take rotations, shape (n, 3), rad/s."""
        return self._add(self._gyr, self._acc, values)

    def _add(self, half: deque[FloatArray], other: deque[FloatArray], values: FloatArray) -> list[Reading]:
        half.extend(values)
        if not self._began:
            self._began = bool(other)
            for queue in (half, other):  # what the earlier half felt while the later one was starting
                _drop(queue, len(queue) - len(values))
        n = min(len(half), len(other))
        found: list[Reading] = []
        if n:
            acc, gyr = (np.array([queue.popleft() for _ in range(n)]) for queue in (self._acc, self._gyr))
            found.append(Readings(acc, gyr))
        if self._is_shifted(max(len(half), len(other))):
            _drop(half if half else other, self._ahead)
            self._unpaired = 0
            found.append(Malformed("samples of one half without the other"))
        return found

    def _is_shifted(self, waiting: int) -> bool:
        """Tell whether one half stays ahead: then notifications of the other one were lost.

        The halves come by turns, so that every second notification leaves none waiting.
        """
        self._ahead = waiting if self._unpaired == 0 else min(self._ahead, waiting)
        self._unpaired = self._unpaired + 1 if waiting else 0
        return self._unpaired >= _LONGEST_UNPAIRED


def _drop(queue: deque[FloatArray], n: int) -> None:
    for _each in range(n):
        queue.popleft()


async def _find_chip(session: Session) -> Chip:
    """Find out which motion chip it is.

    Raises:
        SensorError: it is none that kneeimu knows, or there is no gyroscope.
    """
    acc, gyr = [await _ask(session, module, 0) for module in (_ACC, _GYR)]
    if acc is None or gyr is None:
        raise SensorError(_("the sensor's motion modules do not answer"), advice=_(_RESTART))
    if not gyr:
        raise SensorError(_("this MetaWear board has no gyroscope"), advice=_("use a MetaMotion R, RL or S"))
    chip = _CHIPS.get((acc[0] if acc else -1, gyr[0]))
    if chip is None:
        raise SensorError(_("this MetaWear board has another motion chip"), advice=_("use a MetaMotion R, RL or S"))
    return chip


async def number_samples(session: Session, chip: Chip) -> int | None:
    """Make the sensor join each acceleration with the newest rotation and count them; None when it can't.

    The processors of an earlier connection are removed first, for the sensor keeps them and has room for a few only.

    Returns:
        The number of the processor that gives the samples.
    """
    if not await _ask(session, _PROCESSOR, 0):
        return None
    await session.write(COMMAND_UUID, bytes([_PROCESSOR, _REMOVE_ALL]))
    acc = bytes([_ACC, chip.acc_single, _ALL_OF_IT])
    gyr = bytes([_GYR, chip.gyr_single, _ALL_OF_IT])
    buffer = await _add_processor(session, gyr, 6, bytes([_BUFFER, 6 - 1]))
    if buffer is None:
        return None
    references = bytes([buffer]).ljust(_MOST_FUSED, b"\0")
    fuser = await _add_processor(session, acc, 6, bytes([_FUSER, 1]) + references)
    if fuser is None:
        return None
    fused = bytes([_PROCESSOR, _PROCESSED, fuser])
    return await _add_processor(session, fused, 12, bytes([_ACCOUNTER, _COUNT_OF_4_BYTES, _PRESCALE]))


async def _add_processor(session: Session, source: bytes, size: int, settings: bytes) -> int | None:
    """Add a processor for ``size`` bytes of a source; None when the sensor does not say its number."""
    command = bytes([_PROCESSOR, _ADD, *source, (size - 1 << 5) & 0xFF]) + settings
    try:
        answer = await session.request(
            COMMAND_UUID,
            command,
            reply=DATA_UUID,
            matches=lambda data: data[:2] == command[:2] and len(data) == 3,
            timeout_s=1.0,
        )
    except SensorError:
        return None
    return answer[2]


async def _ask_charge(session: Session) -> int | None:
    answer = await _ask(session, _SETTINGS, _BATTERY)
    return battery_percent(answer) if answer is not None else None


async def _ask(session: Session, module: int, register: int) -> bytes | None:
    """Read a register; None when there is no answer."""
    head = bytes([module, _READ | register])
    try:
        answer = await session.request(
            COMMAND_UUID, head, reply=DATA_UUID, matches=lambda data: data[:2] == head, timeout_s=1.0
        )
    except SensorError:
        return None
    return answer[2:]
