"""Movesense with the GATT sensor data protocol: messages of one or two parts."""

from __future__ import annotations

import re
import struct
from typing import ClassVar

import numpy as np
from bumble.core import UUID
from bumble.gatt import Service

from firmware_sim.families.base import (
    FamilyFirmware,
    FloatArray,
    Packets,
    StandardBattery,
    advertise,
    information,
    notifies,
    takes,
)
from firmware_sim.peripheral import Radio

SERVICE = "34802252-7185-4D5D-B431-630E7050E8F0"
COMMAND = "34800001-7185-4D5D-B431-630E7050E8F0"
DATA = "34800002-7185-4D5D-B431-630E7050E8F0"

HELLO, SUBSCRIBE, UNSUBSCRIBE, GET = 0, 1, 2, 4
RESULT, MESSAGE, SECOND_PART = 1, 2, 3
RATES = (13, 26, 52, 104, 208, 416, 833, 1666)
MESSAGES_PER_SECOND = 13
MOST_MTU = 158


class MovesenseSensor(FamilyFirmware):
    """``other-app`` lacks the protocol, ``no-imu`` the motion modules, ``no-battery-service`` tells it on request."""

    variants: ClassVar[tuple[str, ...]] = ("gsp", "other-app", "no-imu", "no-battery-service")
    default_name: ClassVar[str] = "Movesense 210330000123"

    def power_on(self, radio: Radio) -> list[Service]:
        self.radio = radio
        self._reference = 0
        self.rate_hz = 52.0
        self._mtu = 23
        self.running = False
        self._battery_service = StandardBattery(self)
        self._data = notifies(DATA)
        command = takes(COMMAND, self._on_command)
        services = [information("Movesense", "MD", "2.3.1")]
        if self.variant != "no-battery-service":
            services.append(self._battery_service.service)
        if self.variant != "other-app":
            services.append(Service(UUID(SERVICE), [command, self._data]))
        return services

    def advertisement(self, name: str) -> tuple[bytes, bytes]:
        return advertise(name, service="FE06", company=0x009F)

    def set_battery(self, percent: int) -> None:
        self.battery = percent
        if self.variant != "no-battery-service":
            self._battery_service.tell()

    def _on_command(self, command: bytes) -> None:
        if len(command) < 2:
            return
        code, reference, path = command[0], command[1], command[2:].decode("ascii", "replace")
        status, data = self._obey(code, reference, path)
        self.radio.send(self._data, struct.pack("<BBH", RESULT, reference, status) + data)

    def _obey(self, code: int, reference: int, path: str) -> tuple[int, bytes]:
        if code == HELLO:
            return 200, b"\x01210330000123\0Movesense\0"
        if code == GET and path == "/System/Energy/Level":
            return 200, bytes([self.battery])
        if code == UNSUBSCRIBE:
            self.running = self.running and reference != self._reference
            return 200, b""
        match = re.fullmatch(r"/Meas/IMU6/(\d+)", path)
        if code != SUBSCRIBE or not match or self.variant == "no-imu":
            return 404, b""
        if int(match[1]) not in RATES:
            return 400, b""
        self._reference, self.rate_hz = reference, float(match[1])
        self.begin()
        return 200, b""

    def samples_per_notification(self, mtu: int) -> int:
        self._mtu = min(mtu, MOST_MTU)
        return max(1, round(self.rate_hz / MESSAGES_PER_SECOND))

    def packets(self, first: int, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray) -> Packets:  # noqa: ARG002
        head = struct.pack("<I", int(time_s[0] * 1e3) & 0xFFFFFFFF)
        message = head + acc_m_s2.astype("<f4").tobytes() + np.degrees(gyr_rad_s).astype("<f4").tobytes()
        room = self._mtu - 3 - 2
        parts = [bytes([MESSAGE, self._reference]) + message[:room]]
        if len(message) > room:
            parts.append(bytes([SECOND_PART, self._reference]) + message[room:])
        return [(self._data, part) for part in parts]
