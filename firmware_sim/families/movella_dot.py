"""Movella DOT: measurement service, payload "rate quantities"."""

from __future__ import annotations

import struct
from typing import ClassVar

import numpy as np
from bumble.core import UUID
from bumble.gatt import Service

from firmware_sim.families.base import FamilyFirmware, FloatArray, Packets, advertise, information, notifies, takes
from firmware_sim.peripheral import Radio

BASE = "1517{}-4947-11E9-8646-D663BD873D93"
RATES = (1, 4, 10, 12, 15, 20, 30, 60, 120)
RATE_QUANTITIES = 21
MEDIUM_PAYLOAD = 40
SWITCHED_OFF = 1


class DotSensor(FamilyFirmware):
    """``small-packets`` is behind an adapter that keeps to 20 bytes, ``busy`` still streams from an earlier session."""

    variants: ClassVar[tuple[str, ...]] = ("dot", "small-packets", "busy", "recording-only")
    default_name: ClassVar[str] = "Movella DOT"

    def power_on(self, radio: Radio) -> list[Service]:
        self.radio = radio
        self._mode = 0
        self._rate_hz = 60
        self._settings = bytearray(32)
        self.running = self.variant == "busy"
        self._battery_level = notifies(BASE.format("3001"), read=self._battery_value)
        self._data = notifies(BASE.format("2003"))
        self._report = notifies(BASE.format("1004"))
        self._measurement = takes(BASE.format("2001"), self._on_measurement, read=self._measurement_value)
        control = takes(BASE.format("1002"), self._on_settings, read=self._settings_value)
        short, long = (notifies(BASE.format(number)) for number in ("2004", "2002"))
        measuring = [self._measurement, long, self._data, short]
        if self.variant == "recording-only":
            measuring = [self._measurement]
        return [
            Service(UUID(BASE.format("1000")), [control, self._report]),
            Service(UUID(BASE.format("2000")), measuring),
            Service(UUID(BASE.format("3000")), [self._battery_level]),
            information("Movella", "DOT", "3.0.0"),
        ]

    def advertisement(self, name: str) -> tuple[bytes, bytes]:
        return advertise(name, company=0x0886)

    @property
    def rate_hz(self) -> float:  # type: ignore[override]
        return float(self._rate_hz)

    @property
    def streaming(self) -> bool:
        return self.running and self._mode == RATE_QUANTITIES

    def set_battery(self, percent: int) -> None:
        self.battery = percent
        self.radio.send(self._battery_level, self._battery_value())
        if percent < 2:
            self.radio.send(self._report, bytes([SWITCHED_OFF]) + bytes(15))

    def _battery_value(self) -> bytes:
        return bytes([self.battery, 0])

    def _measurement_value(self) -> bytes:
        return bytes([1, self.running, self._mode])

    def _on_measurement(self, value: bytes) -> None:
        if len(value) != 3 or value[0] != 1:
            return
        self._mode = value[2]
        if value[1] == 1 and not self.running:
            self.begin()
        elif value[1] == 0:
            self.running = False

    def _settings_value(self) -> bytes:
        struct.pack_into("<H", self._settings, 24, self._rate_hz)
        return bytes(self._settings)

    def _on_settings(self, value: bytes) -> None:
        """Only what the mask in the first byte names is taken, and nothing while measuring."""
        if len(value) != 32 or self.running:
            return
        rate = struct.unpack_from("<H", value, 24)[0]
        if value[0] & 0x10 and rate in RATES:
            self._rate_hz = rate

    def samples_per_notification(self, mtu: int) -> int:  # noqa: ARG002
        return 1

    def packets(self, first: int, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray) -> Packets:  # noqa: ARG002
        size = 20 if self.variant == "small-packets" else MEDIUM_PAYLOAD
        payloads = (
            struct.pack("<I6f", round(time * 1e6) & 0xFFFFFFFF, *acc, *np.degrees(gyr))
            for time, acc, gyr in zip(time_s, acc_m_s2, gyr_rad_s, strict=True)
        )
        return [(self._data, payload.ljust(MEDIUM_PAYLOAD, b"\0")[:size]) for payload in payloads]
