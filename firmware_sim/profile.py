"""The sensor's side of the kneeimu profile (docs/sensor-profile.md): packets and the control point, without a radio."""

from __future__ import annotations

import struct
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from firmware_sim.imu import STANDARD_GRAVITY_M_S2

SERVICE = "7e1a0001-5c3d-4c5e-9a6e-6b6e65696d75"
DATA = "7e1a0002-5c3d-4c5e-9a6e-6b6e65696d75"
CONTROL = "7e1a0003-5c3d-4c5e-9a6e-6b6e65696d75"
STATE = "7e1a0004-5c3d-4c5e-9a6e-6b6e65696d75"

VERSION = 1
ACC_RANGES_G = (2, 4, 8, 16)
GYR_RANGES_DPS = (250, 500, 1000, 2000)
MAX_SAMPLES = 40
MAX_HOLD_S = 0.080

STOP, START, SET_RATE, SET_RANGE = range(4)
DONE, UNKNOWN_COMMAND, WRONG_LENGTH, OUT_OF_REACH, NOT_NOW, NOBODY_LISTENS, CHIP_SILENT, BATTERY_LOW = range(8)


def samples_per_packet(mtu: int, rate_hz: float) -> int:
    """Give how many samples to put into one packet: what fits the MTU and waits no longer than 80 ms."""
    room = (mtu - 3 - 10) // 12
    patience = int(MAX_HOLD_S * rate_hz)
    return max(1, min(room, patience, MAX_SAMPLES))


def quantise(
    acc_m_s2: npt.NDArray[Any], gyr_rad_s: npt.NDArray[Any], acc_range_g: int, gyr_range_dps: int
) -> npt.NDArray[np.int16]:
    """Give raw samples, shape (n, 6); values beyond the range saturate, what is no number becomes 0."""
    acc = np.asarray(acc_m_s2) / STANDARD_GRAVITY_M_S2 / acc_range_g
    gyr = np.degrees(gyr_rad_s) / gyr_range_dps
    both = np.nan_to_num(np.hstack([acc, gyr]) * 32768, nan=0.0)
    raw: npt.NDArray[np.int16] = np.clip(np.rint(both), -32768, 32767).astype(np.int16)
    return raw


def encode_packet(
    raw: npt.NDArray[np.int16], seq: int, time_us: int, period_us: int, acc_range_g: int, gyr_range_dps: int
) -> bytes:
    """Give one packet of the raw samples, shape (n, 6); ``seq`` and ``time_us`` are those of the first."""
    form = VERSION | ACC_RANGES_G.index(acc_range_g) << 4 | GYR_RANGES_DPS.index(gyr_range_dps) << 6
    head = struct.pack("<BBHI", form, len(raw), seq & 0xFFFF, time_us & 0xFFFFFFFF)
    if len(raw) > 1:
        head += struct.pack("<H", period_us)
    return head + raw.astype("<i2").tobytes()


@dataclass
class ControlPoint:
    """What the sensor has been told, and its answers.

    Attributes:
        rates_hz: the rates the motion chip has, ascending.
        fault: a status that ``start`` answers instead of starting; 0 for none.
    """

    rate_hz: float = 100.0
    acc_range_g: int = 16
    gyr_range_dps: int = 2000
    rates_hz: tuple[float, ...] = (25.0, 50.0, 100.0, 104.0, 200.0, 400.0, 500.0)
    running: bool = False
    fault: int = DONE
    unsent: int = 0

    def state(self) -> bytes:
        """Give the bytes of the state characteristic."""
        chip = CHIP_SILENT if self.fault == CHIP_SILENT else DONE
        return struct.pack(
            "<BBIBHBI", VERSION, self.running, round(self.rate_hz * 1000), self.acc_range_g, self.gyr_range_dps, chip,
            self.unsent,
        )  # fmt: skip

    def handle(self, command: bytes, data_subscribed: bool) -> bytes:
        """Obey a command and give the reply; an empty write is an unknown command."""
        code = command[0] if command else 0xFF
        status, data = self._obey(code, command[1:], data_subscribed)
        return bytes([0x80 | code, status]) + data

    def _obey(self, code: int, args: bytes, data_subscribed: bool) -> tuple[int, bytes]:
        lengths = {STOP: 0, START: 0, SET_RATE: 2, SET_RANGE: 3}
        if code not in lengths:
            return UNKNOWN_COMMAND, b""
        if len(args) != lengths[code]:
            return WRONG_LENGTH, b""
        if code == STOP:
            self.running = False
            return DONE, b""
        if code == START:
            return self._start(data_subscribed)
        if self.running:
            return NOT_NOW, b""
        if code == SET_RATE:
            return self._set_rate(*struct.unpack("<H", args))
        return self._set_range(*struct.unpack("<BH", args))

    def _start(self, data_subscribed: bool) -> tuple[int, bytes]:
        if self.fault:
            return self.fault, b""
        if not data_subscribed:
            return NOBODY_LISTENS, b""
        self.running, self.unsent = True, 0
        return DONE, struct.pack("<IBH", round(self.rate_hz * 1000), self.acc_range_g, self.gyr_range_dps)

    def _set_rate(self, rate_hz: int) -> tuple[int, bytes]:
        if rate_hz == 0:
            return OUT_OF_REACH, b""
        self.rate_hz = self.rates_hz[min(bisect_left(self.rates_hz, rate_hz), len(self.rates_hz) - 1)]
        return DONE, struct.pack("<I", round(self.rate_hz * 1000))

    def _set_range(self, acc_g: int, gyr_dps: int) -> tuple[int, bytes]:
        if acc_g > ACC_RANGES_G[-1] or gyr_dps > GYR_RANGES_DPS[-1]:
            return OUT_OF_REACH, b""
        self.acc_range_g = ACC_RANGES_G[bisect_left(ACC_RANGES_G, acc_g)]
        self.gyr_range_dps = GYR_RANGES_DPS[bisect_left(GYR_RANGES_DPS, gyr_dps)]
        return DONE, struct.pack("<BH", self.acc_range_g, self.gyr_range_dps)
