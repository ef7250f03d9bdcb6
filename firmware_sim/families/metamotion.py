"""MbientLab MetaMotion S and R: modules with registers, three samples a notification."""

from __future__ import annotations

import struct
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from bumble.core import UUID
from bumble.gatt import Service

from firmware_sim.families.base import (
    STANDARD_GRAVITY,
    FamilyFirmware,
    FloatArray,
    Packets,
    advertise,
    counts,
    information,
    notifies,
    takes,
)
from firmware_sim.peripheral import Radio

SERVICE = "326A9000-85CB-9195-D9DD-464CFBBAE75A"
COMMAND = "326A9001-85CB-9195-D9DD-464CFBBAE75A"
DATA = "326A9006-85CB-9195-D9DD-464CFBBAE75A"

ACC, GYR, SETTINGS = 0x03, 0x13, 0x11
RATES = {6: 25.0, 7: 50.0, 8: 100.0, 9: 200.0}
GYR_RANGES = (2000, 1000, 500, 250, 125)
PACKED = 3
GYRO_START_UP_S = 0.08


class MetaMotionSensor(FamilyFirmware):
    """``s`` has a BMI270, ``r`` a BMI160, ``no-gyro`` is a bare MetaWear, ``old-chip`` one that nobody knows."""

    variants: ClassVar[tuple[str, ...]] = ("s", "r", "no-gyro", "old-chip", "updating")
    default_name: ClassVar[str] = "MetaWear"

    def power_on(self, radio: Radio) -> list[Service]:
        self.radio = radio
        self._registers: dict[tuple[int, int], bytes] = {(ACC, 3): b"\x28\x00", (GYR, 3): b"\x28\x03"}
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
        return self._on(ACC, acc) or self._on(GYR, gyr)

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
        if register == 2 and len(values) == 2:  # bits to set, bits to clear
            values = bytes([values[0] & 1])
        self._registers[module, register] = values
        if self.streaming and not was_streaming:
            self.begin()

    def _read(self, module: int, register: int) -> bytes | None:
        chips = {"s": (4, 1), "r": (1, 0), "no-gyro": (1, None), "old-chip": (3, 0)}[self.variant]
        if register == 0 and module in (ACC, GYR):
            chip = chips[module == GYR]
            return b"" if chip is None else bytes([chip, 1])
        if (module, register) == (SETTINGS, 0x0C):
            return struct.pack("<BH", self.battery, 3500 + 7 * self.battery)
        return self._registers.get((module, register))

    def samples_per_notification(self, mtu: int) -> int:  # noqa: ARG002
        return PACKED

    def packets(self, first: int, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray) -> Packets:  # noqa: ARG002
        acc, gyr = self._stream_registers()
        packets: Packets = []
        if self._on(ACC, acc):
            packets.append((self._data, bytes(acc) + _raw(counts(acc_m_s2, self._counts_per_g() / STANDARD_GRAVITY))))
        if self._on(GYR, gyr) and first >= GYRO_START_UP_S * self.rate_hz:
            dps = np.degrees(gyr_rad_s)
            packets.append((self._data, bytes(gyr) + _raw(counts(dps, self._counts_per_dps()))))
        return packets

    def _counts_per_g(self) -> float:
        code = self._registers[ACC, 3][1]
        ranges = {3: 2, 5: 4, 8: 8, 12: 16} if self._is_r else {0: 2, 1: 4, 2: 8, 3: 16}
        return 32768 / ranges.get(code, 2)

    def _counts_per_dps(self) -> float:
        return 16.4 * 2000 / GYR_RANGES[self._registers[GYR, 3][1]]


def _raw(values: npt.NDArray[np.int64]) -> bytes:
    return values.astype("<i2").tobytes()
