"""WitMotion WT901BLE: a stream of 20-byte frames cut into notifications anywhere."""

from __future__ import annotations

import struct
from typing import ClassVar

import numpy as np
from bumble.core import UUID
from bumble.gatt import Service

from firmware_sim.families.base import (
    FamilyFirmware,
    FloatArray,
    Packets,
    advertise,
    counts,
    notifies,
    takes,
)
from firmware_sim.imu import STANDARD_GRAVITY_M_S2
from firmware_sim.peripheral import Radio

SERVICE = "0000FFE5-0000-1000-8000-00805F9A34FB"
DATA = "0000FFE4-0000-1000-8000-00805F9A34FB"
COMMAND = "0000FFE9-0000-1000-8000-00805F9A34FB"

RATES = {1: 0.2, 2: 0.5, 3: 1.0, 4: 2.0, 5: 5.0, 6: 10.0, 7: 20.0, 8: 50.0, 9: 100.0, 0x0B: 200.0}
RATE, BATTERY, KEY, OUTPUT = 0x03, 0x64, 0x69, 0x96
TIMED = ("wt9011dcl", "leaping-times")
FIRST_MS = (1 << 32) - 3000
UNLOCK_KEY = 0xB588
HOLD_S = 0.08
CUT_STEP = 7


class WitMotionSensor(FamilyFirmware):
    """A WitMotion.

    ``wt9011dcl`` can tell the time of each sample, ``leaping-times`` tells it wrong, ``displacements`` was left sending
    those by another app. ``mute`` does not answer reads, ``needs-save`` takes a rate only when it is saved,
    ``stubborn`` keeps 50 Hz.
    """

    variants: ClassVar[tuple[str, ...]] = (
        "wt901ble", *TIMED, "displacements", "mute", "needs-save", "stubborn", "classic",
    )  # fmt: skip
    default_name: ClassVar[str] = "WT901BLE67"

    def power_on(self, radio: Radio) -> list[Service]:
        self.radio = radio
        self._registers = {RATE: 8 if self.variant == "stubborn" else 6}
        if self.variant in (*TIMED, "displacements"):
            self._registers[OUTPUT] = 1 if self.variant == "displacements" else 0
        self._wanted = dict(self._registers)
        self._unlocked = False
        self._stream = b""
        self._cut = 0
        self._data = notifies(DATA)
        if self.variant == "classic":  # an older model: another service
            return [Service(UUID("49535343-FE7D-4AE5-8FA9-9FAFD205E455"), [])]
        command = takes(COMMAND, self._on_command, without_response=True)
        return [Service(UUID(SERVICE), [self._data, command])]

    def advertisement(self, name: str) -> tuple[bytes, bytes]:
        return advertise(name)

    @property
    def rate_hz(self) -> float:  # type: ignore[override]
        return RATES[self._registers[RATE]]

    @property
    def streaming(self) -> bool:
        return self.variant != "classic" and self.radio.subscribed(self._data)

    def disconnected(self) -> None:
        self._stream = b""

    def set_battery(self, percent: int) -> None:
        self.battery = percent

    def samples_per_notification(self, mtu: int) -> int:
        room = max(1, (mtu - 3) // 20 - 2)
        return max(1, min(room, round(HOLD_S * self.rate_hz)))

    def packets(self, first: int, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray) -> Packets:
        output = self._registers.get(OUTPUT, 0)
        motion = np.hstack([
            counts(acc_m_s2, 32768 / 16 / STANDARD_GRAVITY_M_S2), counts(np.degrees(gyr_rad_s), 32768 / 2000)
        ])  # fmt: skip
        values = np.hstack([motion * (output % 2 == 0), np.zeros((len(time_s), 3), dtype=np.int64)])
        if output >= 2:
            values[:, 6:8] = self._time_words(first, time_s)
        self._stream += b"".join(b"\x55\x61" + row.astype("<i2").tobytes() for row in values)
        self._cut = (self._cut + CUT_STEP) % 20  # so many bytes wait for the next notification
        data, self._stream = self._stream[: -self._cut or None], self._stream[len(self._stream) - self._cut :]
        return [(self._data, data)] if data else []

    @property
    def _outputs(self) -> int:
        return 4 if self.variant in TIMED else 2

    def _time_words(self, first: int, time_s: FloatArray) -> FloatArray:
        ms = (FIRST_MS + np.floor(1000 * time_s).astype(np.int64)) % (1 << 32)
        if self.variant == "leaping-times":
            ms = ms // (1 + (first + np.arange(len(ms))) % 7)
        words: FloatArray = ms.astype("<u4").view("<i2").reshape(-1, 2)
        return words

    def _on_command(self, command: bytes) -> None:
        if len(command) != 5 or command[:2] != b"\xff\xaa":
            return
        register, value = command[2], int.from_bytes(command[3:], "little")
        if register == 0x27:
            self._answer(value & 0xFF)
        elif register == KEY:
            self._unlocked = value == UNLOCK_KEY
        elif self._unlocked and register == 0x00:
            self._take(self._wanted)
        elif self._unlocked and register == RATE and value in RATES and self.variant != "stubborn":
            self._wanted = {**self._registers, RATE: value}
            if self.variant != "needs-save":
                self._take(self._wanted)
        elif self._unlocked and register == OUTPUT and OUTPUT in self._registers and value < self._outputs:
            self._registers[OUTPUT] = self._wanted[OUTPUT] = value

    def _take(self, registers: dict[int, int]) -> None:
        if registers != self._registers:
            self._registers = dict(registers)
            self.begin()

    def _answer(self, register: int) -> None:
        """The answer goes the way of the data, which ends with a whole frame."""
        if self.variant == "mute":
            return
        volts = 3.5 + 0.005 * self.battery
        known = {**self._registers, BATTERY: round(volts * 100)}
        values = [known.get(number, 0) for number in range(register, register + 8)]
        self._stream += struct.pack("<BBH8h", 0x55, 0x71, register, *values)
