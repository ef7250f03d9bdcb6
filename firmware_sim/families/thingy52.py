"""Nordic Thingy:52: motion service, raw data."""

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
    StandardBattery,
    advertise,
    counts,
    information,
    notifies,
    takes,
)
from firmware_sim.imu import STANDARD_GRAVITY_M_S2
from firmware_sim.peripheral import Radio

BASE = "EF68{}-9B35-4933-9B10-52FFA9740042"
TRUE_MOST_HZ = 60  # users measured 50 to 70 where 200 was set
ACC_RANGE_G, GYR_RANGE_DPS = 2, 2000


class ThingySensor(FamilyFirmware):
    """``thingy53`` is the successor, whose firmware has no motion service."""

    variants: ClassVar[tuple[str, ...]] = ("thingy52", "thingy53")
    default_name: ClassVar[str] = "Thingy"

    def power_on(self, radio: Radio) -> list[Service]:
        self.radio = radio
        self._config = struct.pack("<HHHHB", 1000, 500, 500, 10, 1)
        self.flash_writes = 0
        self._battery_service = StandardBattery(self)
        self._data = notifies(BASE.format("0406"))
        config = takes(BASE.format("0401"), self._on_config, read=lambda: self._config)
        services = [self._battery_service.service, information("Nordic Semiconductor", "Thingy", "2.2.0")]
        if self.variant == "thingy52":
            services.append(Service(UUID(BASE.format("0400")), [config, self._data]))
        return services

    def advertisement(self, name: str) -> tuple[bytes, bytes]:
        return advertise(name, service=BASE.format("0100"))

    @property
    def rate_hz(self) -> float:  # type: ignore[override]
        return float(min(struct.unpack_from("<H", self._config, 6)[0], TRUE_MOST_HZ))

    @property
    def streaming(self) -> bool:
        return self.variant == "thingy52" and self.radio.subscribed(self._data)

    def set_battery(self, percent: int) -> None:
        self.battery = percent
        self._battery_service.tell()

    def _on_config(self, value: bytes) -> None:
        if len(value) == 9 and 5 <= struct.unpack_from("<H", value, 6)[0] <= 200:
            self._config = value
            self.flash_writes += 1
            self.begin()

    def samples_per_notification(self, mtu: int) -> int:  # noqa: ARG002
        return 1

    def packets(self, first: int, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray) -> Packets:  # noqa: ARG002
        # The accelerometer is turned over against the gyroscope: +1 g where the axis points down.
        downwards = np.clip(-acc_m_s2 / STANDARD_GRAVITY_M_S2, -ACC_RANGE_G, ACC_RANGE_G)
        turning = np.clip(np.degrees(gyr_rad_s), -GYR_RANGE_DPS, GYR_RANGE_DPS)
        values = np.hstack([counts(downwards, 1024), counts(turning, 32), np.zeros((len(time_s), 3), dtype=np.int64)])
        return [(self._data, row.astype("<i2").tobytes()) for row in values]
