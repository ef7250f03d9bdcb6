"""MbientLab MetaMotion S and R: modules with registers, three samples a notification; a chain of data processors."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from bumble.core import UUID
from bumble.gatt import Service

from firmware_sim.families.base import (
    FamilyFirmware,
    FloatArray,
    Packets,
    advertise,
    counts,
    information,
    notifies,
    takes,
)
from firmware_sim.imu import STANDARD_GRAVITY_M_S2
from firmware_sim.peripheral import Radio

SERVICE = "326A9000-85CB-9195-D9DD-464CFBBAE75A"
COMMAND = "326A9001-85CB-9195-D9DD-464CFBBAE75A"
DATA = "326A9006-85CB-9195-D9DD-464CFBBAE75A"

ACC, GYR, SETTINGS, PROCESSOR = 0x03, 0x13, 0x11, 0x09
RATES = {6: 25.0, 7: 50.0, 8: 100.0, 9: 200.0}
GYR_RANGES = (2000, 1000, 500, 250, 125)
PACKED = 3
GYRO_START_UP_S = 0.08
MOST_PROCESSORS = 28
FIRST_COUNT = (1 << 32) - 150
BUFFER, ACCOUNTER, FUSER = 0x0F, 0x11, 0x1B


@dataclass(frozen=True)
class Processor:
    """What it works on (module, register, number; how many bytes), what it is, and its settings."""

    source: tuple[int, int, int]
    size: int
    kind: int
    settings: bytes

    @classmethod
    def parse(cls, command: bytes) -> Processor:
        """Read what follows module and register of an add command.

        Raises:
            ValueError: it is cut off.
        """
        module, register, number, token, kind, *settings = command
        return cls((module, register, number), (token >> 5) + 1, kind, bytes(settings))


class MetaMotionSensor(FamilyFirmware):
    """A MetaMotion.

    ``s`` has a BMI270, ``r`` a BMI160, ``no-gyro`` is a bare MetaWear, ``old-chip`` one that nobody knows. ``plain`` is
    firmware without data processors, ``full`` has no room for more, ``slow`` loses every third single sample.
    """

    variants: ClassVar[tuple[str, ...]] = ("s", "r", "plain", "full", "slow", "no-gyro", "old-chip", "updating")
    default_name: ClassVar[str] = "MetaWear"

    def power_on(self, radio: Radio) -> list[Service]:
        self.radio = radio
        self._registers: dict[tuple[int, int], bytes] = {(ACC, 3): b"\x28\x00", (GYR, 3): b"\x28\x03"}
        self._processors: dict[int, Processor] = {}
        self._told: set[int] = set()
        self._count = FIRST_COUNT
        self._data = notifies(DATA)
        command = takes(COMMAND, self._on_command, without_response=True)
        if self.variant == "updating":
            return [information("MbientLab Inc", "8", "bootloader")]
        return [
            Service(UUID(SERVICE), [command, self._data]),
            information("MbientLab Inc", "8", "1.7.3"),
        ]

    def advertisement(self, name: str) -> tuple[bytes, bytes]:
        return advertise(name, service=SERVICE)

    def disconnected(self) -> None:
        """Subscriptions end with the connection; what was switched on stays so."""
        for key in [key for key in self._registers if key in self._stream_registers()]:
            del self._registers[key]
        self._told.clear()

    @property
    def _is_r(self) -> bool:
        return self.variant == "r"

    def _stream_registers(self) -> tuple[tuple[int, int], tuple[int, int]]:
        return ((ACC, 0x1C), (GYR, 0x07)) if self._is_r else ((ACC, 0x05), (GYR, 0x05))

    def _on(self, module: int, stream: tuple[int, int]) -> bool:
        flags = [self._registers.get(key, b"\0")[:1] for key in ((module, 1), (module, 2), stream)]
        return all(flag == b"\x01" for flag in flags)

    @property
    def rate_hz(self) -> float:  # type: ignore[override]
        return RATES.get(self._registers[ACC, 3][0] & 0x0F, 100.0)

    @property
    def streaming(self) -> bool:
        acc, gyr = self._stream_registers()
        return self._on(ACC, acc) or self._on(GYR, gyr) or self._counted is not None

    @property
    def _runs(self) -> bool:
        return all(self._registers.get((module, key), b"")[:1] == b"\1" for module in (ACC, GYR) for key in (1, 2))

    @property
    def _counted(self) -> int | None:
        """The processor that is told and counts accelerations joined with rotations."""
        gyr_single = 0x05 if self._is_r else 0x04
        if not self._runs or self._registers.get((PROCESSOR, 3)) != b"\1":
            return None
        for number in self._told & self._processors.keys():
            last = self._processors[number]
            fuser = self._processors.get(last.source[2])
            if last.kind != ACCOUNTER or last.source[:2] != (PROCESSOR, 3) or not fuser or fuser.kind != FUSER:
                continue
            buffer = self._processors.get(fuser.settings[1])
            joins = fuser.source == (ACC, 4, 0xFF) and fuser.size == 6 and fuser.settings[0] == 1
            holds = buffer == Processor((GYR, gyr_single, 0xFF), 6, BUFFER, b"\x05")
            # Three bits hold the length less one, so that of 12 bytes those of 4 are left.
            if joins and holds and last.size == 12 % 8 and last.settings == b"\x30\x03":
                return number
        return None

    def set_battery(self, percent: int) -> None:
        self.battery = percent

    def _on_command(self, command: bytes) -> None:
        if len(command) < 2:
            return
        module, register, values = command[0], command[1] & 0x3F, command[2:]
        if command[1] & 0x80:
            if (answer := self._read(module, register)) is not None:
                self.radio.send(self._data, bytes([module, 0x80 | register]) + answer)
            return
        was_streaming = self.streaming
        if module == PROCESSOR and register != 3:
            self._process(register, values)
        else:
            self._set(module, register, values)
        if self.streaming and not was_streaming:
            self.begin()

    def _process(self, register: int, values: bytes) -> None:
        if self.variant == "plain":
            return
        if register == 2:
            room = (number for number in range(MOST_PROCESSORS) if number not in self._processors)
            number = next(room) if self.variant != "full" else None
            if number is not None:
                self._processors[number] = Processor.parse(values)
                self.radio.send(self._data, bytes([PROCESSOR, 2, number]))
        elif register == 7:
            (self._told.add if values[1] else self._told.discard)(values[0])
        elif register == 8:
            self._processors.clear()
            self._told.clear()

    def _set(self, module: int, register: int, values: bytes) -> None:
        if register == 2 and len(values) == 2:  # bits to set, bits to clear
            values = bytes([values[0] & 1])
        self._registers[module, register] = values

    def _read(self, module: int, register: int) -> bytes | None:
        chips = {"r": (1, 0), "no-gyro": (1, None), "old-chip": (3, 0)}.get(self.variant, (4, 1))
        if register == 0 and module in (ACC, GYR):
            chip = chips[module == GYR]
            return b"" if chip is None else bytes([chip, 1])
        if (module, register) == (PROCESSOR, 0):
            return b"" if self.variant == "plain" else bytes([0, 3, MOST_PROCESSORS])
        if (module, register) == (SETTINGS, 0x0C):
            return struct.pack("<BH", self.battery, 3500 + 7 * self.battery)
        return self._registers.get((module, register))

    def samples_per_notification(self, mtu: int) -> int:  # noqa: ARG002
        return 1 if self._counted is not None else PACKED

    def packets(self, first: int, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray) -> Packets:  # noqa: ARG002
        acc_counts = counts(acc_m_s2, self._counts_per_g() / STANDARD_GRAVITY_M_S2)
        gyr_counts = counts(np.degrees(gyr_rad_s), self._counts_per_dps())
        gyro_runs = first >= GYRO_START_UP_S * self.rate_hz
        if (counted := self._counted) is not None:
            return self._counted_packets(counted, acc_counts, gyr_counts if gyro_runs else 0 * gyr_counts)
        acc, gyr = self._stream_registers()
        packets: Packets = []
        if self._on(ACC, acc):
            packets.append((self._data, bytes(acc) + _raw(acc_counts)))
        if self._on(GYR, gyr) and gyro_runs:
            packets.append((self._data, bytes(gyr) + _raw(gyr_counts)))
        return packets

    def _counted_packets(self, number: int, acc: npt.NDArray[np.int64], gyr: npt.NDArray[np.int64]) -> Packets:
        packets: Packets = []
        for both in np.hstack([acc, gyr]):
            if self.variant != "slow" or self._count % 3:
                head = struct.pack("<BBBI", PROCESSOR, 3, number, self._count)
                packets.append((self._data, head + _raw(both)))
            self._count = (self._count + 1) % (1 << 32)
        return packets

    def _counts_per_g(self) -> float:
        code = self._registers[ACC, 3][1]
        ranges = {3: 2, 5: 4, 8: 8, 12: 16} if self._is_r else {0: 2, 1: 4, 2: 8, 3: 16}
        return 32768 / ranges.get(code, 2)

    def _counts_per_dps(self) -> float:
        return 16.4 * 2000 / GYR_RANGES[self._registers[GYR, 3][1]]


def _raw(values: npt.NDArray[np.int64]) -> bytes:
    return values.astype("<i2").tobytes()
