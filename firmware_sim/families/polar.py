"""Polar Verity Sense: measurement data service with delta-compressed frames."""

from __future__ import annotations

import struct
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from bumble.core import UUID
from bumble.gatt import Service

from firmware_sim.families.base import (
    FamilyFirmware,
    FloatArray,
    Packets,
    StandardBattery,
    advertise,
    counts,
    information,
    notifies,
    takes,
)
from firmware_sim.imu import STANDARD_GRAVITY_M_S2
from firmware_sim.peripheral import Radio

SERVICE = "FB005C80-02E7-F387-1CAD-8ACD2D8DF0C8"
CONTROL = "FB005C81-02E7-F387-1CAD-8ACD2D8DF0C8"
DATA = "FB005C82-02E7-F387-1CAD-8ACD2D8DF0C8"

ACC, GYRO, SDK = 2, 5, 9
OK, BAD_COMMAND, NO_SUCH_TYPE, NOT_SUPPORTED, BAD_LENGTH, BAD_PARAMETER, ALREADY = range(7)
INVALID_STATE = 12
EPOCH_NS = 852_076_800_000_000_000  # some day of 2027, ns since 2000
GYRO_LAG_S = 0.003  # the two streams are not sampled at the same instants
GROUP = 12  # differences of one width
FRAME_BITS_PER_SAMPLE = 30

NORMAL = {ACC: {0: [52], 1: [16], 2: [8], 4: [3]}, GYRO: {0: [52], 1: [16], 2: [2000], 4: [3]}}
IN_SDK_MODE = {
    ACC: {0: [26, 52, 104, 208, 416], 1: [16], 2: [2, 4, 8, 16], 4: [3]},
    GYRO: {0: [26, 52, 104, 208, 416], 1: [16], 2: [250, 500, 1000, 2000], 4: [3]},
}
SIZES = {0: 2, 1: 2, 2: 2, 3: 4, 4: 1, 5: 4}


class PolarSensor(FamilyFirmware):
    """``no-sdk-mode`` is an early firmware, ``h10`` a chest strap without a gyroscope."""

    variants: ClassVar[tuple[str, ...]] = ("verity-sense", "no-sdk-mode", "h10", "busy")
    default_name: ClassVar[str] = "Polar Sense A1B2C3D4"

    def power_on(self, radio: Radio) -> list[Service]:
        self.radio = radio
        self._sdk = False
        self._started: dict[int, dict[int, int]] = {}
        self._mtu = 23
        self._last_gyr: tuple[float, FloatArray] | None = None
        if self.variant == "busy":  # still streaming to nobody since the last central left
            self._started[ACC] = {0: 52, 2: 8}
        self._battery_service = StandardBattery(self)
        self._data = notifies(DATA)
        self._control = takes(CONTROL, self._on_command, read=self._features, indicates=True)
        return [
            Service(UUID(SERVICE), [self._control, self._data]),
            self._battery_service.service,
            information("Polar", "Verity Sense", "2.3.0"),
        ]

    def advertisement(self, name: str) -> tuple[bytes, bytes]:
        return advertise(name, company=0x006B)

    @property
    def rate_hz(self) -> float:  # type: ignore[override]
        settings = next(iter(self._started.values()), {})
        return float(settings.get(0, 52))

    @property
    def streaming(self) -> bool:
        return bool(self._started) and self.radio.subscribed(self._data)

    def disconnected(self) -> None:
        self._started.clear()
        self._sdk = False

    def set_battery(self, percent: int) -> None:
        self.battery = percent
        self._battery_service.tell()

    def _features(self) -> bytes:
        has_gyro = self.variant != "h10"
        has_sdk_mode = self.variant in ("verity-sense", "busy")
        bits = 1 << ACC | has_gyro << GYRO | has_sdk_mode << SDK
        return bytes([0x0F]) + bits.to_bytes(2, "little") + bytes(14)

    # --- control point ----------------------------------------------------------------------------------------------

    def _on_command(self, command: bytes) -> None:
        code, measurement = (command + b"\xff\xff")[:2]
        status, parameters = self._obey(code, measurement, command[2:])
        more = b"\0" if status == OK else b""
        self.radio.send(self._control, bytes([0xF0, code, measurement, status]) + more + parameters)

    def _obey(self, code: int, measurement: int, arguments: bytes) -> tuple[int, bytes]:
        known = {ACC} if self.variant == "h10" else {ACC, GYRO}
        if measurement == SDK and self.variant in ("verity-sense", "busy"):
            return self._switch_mode(code), b""
        if measurement not in known:
            return NO_SUCH_TYPE, b""
        if code == 1:
            offered = (IN_SDK_MODE if self._sdk else NORMAL)[measurement]
            return OK, b"".join(self._tlv(kind, values) for kind, values in offered.items())
        if code == 2:
            return self._start(measurement, arguments)
        if code == 3:
            was_running = self._started.pop(measurement, None) is not None
            return (OK if was_running else INVALID_STATE), b""
        return BAD_COMMAND, b""

    def _switch_mode(self, code: int) -> int:
        if self._started:
            return INVALID_STATE
        if code not in (2, 3):
            return BAD_COMMAND
        if self._sdk == (code == 2):
            return ALREADY
        self._sdk = code == 2
        return OK

    def _start(self, measurement: int, arguments: bytes) -> tuple[int, bytes]:
        if measurement in self._started:
            return ALREADY, b""
        offered = (IN_SDK_MODE if self._sdk else NORMAL)[measurement]
        chosen: dict[int, int] = {}
        at = 0
        while at < len(arguments):
            kind = arguments[at]
            size = SIZES.get(kind, 1)
            chosen[kind] = int.from_bytes(arguments[at + 2 : at + 2 + size], "little")
            at += 2 + size
        if set(chosen) != set(offered) or any(value not in offered[kind] for kind, value in chosen.items()):
            return BAD_PARAMETER, b""
        self._started[measurement] = chosen
        self._last_gyr = None
        self.begin()
        return OK, bytes([5, 1]) + struct.pack("<f", self._factor(measurement))

    def _factor(self, measurement: int) -> float:
        full_scale = self._started[measurement][2]
        return full_scale * (1000 if measurement == ACC else 1) / 32768

    def _tlv(self, kind: int, values: list[int]) -> bytes:
        return bytes([kind, len(values)]) + b"".join(value.to_bytes(SIZES[kind], "little") for value in values)

    # --- data -------------------------------------------------------------------------------------------------------

    def samples_per_notification(self, mtu: int) -> int:
        self._mtu = mtu
        return max(1, (mtu - 3 - 10 - 6 - 2) * 8 // FRAME_BITS_PER_SAMPLE)

    def packets(self, first: int, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray) -> Packets:  # noqa: ARG002
        found: list[bytes] = []
        if ACC in self._started:
            milli_g = counts(acc_m_s2, 1000 / STANDARD_GRAVITY_M_S2 / self._factor(ACC))
            found += self._frames(ACC, 1, milli_g, time_s)
        if GYRO in self._started:
            dps = counts(np.degrees(self._lagging(time_s, gyr_rad_s)), 1 / self._factor(GYRO))
            found += self._frames(GYRO, 0, dps, time_s - GYRO_LAG_S)
        return [(self._data, frame) for frame in found]

    def _lagging(self, time_s: FloatArray, gyr: FloatArray) -> FloatArray:
        """What the gyroscope felt a little before each of the times."""
        before_s, before = self._last_gyr or (time_s[0] - 1 / self.rate_hz, gyr[0])
        known_s, known = np.append(before_s, time_s), np.vstack([before, gyr])
        self._last_gyr = float(time_s[-1]), gyr[-1]
        return np.column_stack([np.interp(time_s - GYRO_LAG_S, known_s, known[:, axis]) for axis in range(3)])

    def _frames(self, measurement: int, form: int, values: npt.NDArray[np.int64], time_s: FloatArray) -> list[bytes]:
        """Encode; two frames where one would not fit the radio packet."""
        stamp = EPOCH_NS + round(float(time_s[-1]) * 1e9)
        frame = struct.pack("<BQB", measurement, stamp, 0x80 | form) + compress(values)
        if len(frame) <= self._mtu - 3 or len(values) == 1:
            return [frame]
        half = len(values) // 2
        early = self._frames(measurement, form, values[:half], time_s[:half])
        return early + self._frames(measurement, form, values[half:], time_s[half:])


def compress(values: npt.NDArray[Any]) -> bytes:
    """Encode shape (n, 3): the first sample whole, then groups of differences in as many bits as they need."""
    out = b"".join(int(value).to_bytes(2, "little", signed=True) for value in values[0])
    differences = np.diff(values, axis=0)
    for start in range(0, len(differences), GROUP):
        group = [int(value) for value in differences[start : start + GROUP].ravel()]
        width = max((value if value >= 0 else ~value).bit_length() + 1 for value in group)
        packed = 0
        for place, value in enumerate(group):
            packed |= (value & ((1 << width) - 1)) << (place * width)
        out += bytes([width, len(group) // 3]) + packed.to_bytes((width * len(group) + 7) // 8, "little")
    return out
