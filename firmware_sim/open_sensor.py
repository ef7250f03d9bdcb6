"""The firmware of a sensor that speaks the kneeimu profile."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from bumble import data_types
from bumble.core import UUID, AdvertisingData
from bumble.gatt import (
    GATT_BATTERY_LEVEL_CHARACTERISTIC,
    GATT_BATTERY_SERVICE,
    Characteristic,
    CharacteristicValue,
    Service,
)
from bumble.profiles.device_information_service import DeviceInformationService

from firmware_sim import profile
from firmware_sim.peripheral import Radio

FloatArray = npt.NDArray[np.float64]

FULL_BATTERY = 87
EMPTY_BATTERY = 2


class OpenSensor:
    """Firmware of the kneeimu profile, version 1."""

    def __init__(self, rate_hz: float = 100.0, serial_number: str = "SIM-0001", chip_broken: bool = False) -> None:
        rates = tuple(sorted({*profile.ControlPoint.rates_hz, float(rate_hz)}))
        self._control = profile.ControlPoint(rate_hz=rate_hz, rates_hz=rates)
        self._serial_number = serial_number
        self._chip_broken = chip_broken
        self._battery = FULL_BATTERY
        self.stream_number = 0

    @property
    def streaming(self) -> bool:
        return self._control.running

    @property
    def rate_hz(self) -> float:
        return self._control.rate_hz

    def power_on(self, radio: Radio) -> list[Service]:
        self._radio = radio
        self._control.running = False
        self._control.fault = profile.CHIP_SILENT if self._chip_broken else profile.DONE
        kinds, allowed = Characteristic.Properties, Characteristic.Permissions
        self._data = Characteristic(UUID(profile.DATA), kinds.NOTIFY, allowed(0), b"")
        self._control_point = Characteristic(
            UUID(profile.CONTROL),
            kinds.WRITE | kinds.INDICATE,
            allowed.WRITEABLE,
            CharacteristicValue(write=self._on_command),
        )
        state = Characteristic(
            UUID(profile.STATE), kinds.READ, allowed.READABLE, CharacteristicValue(read=lambda _: self._control.state())
        )
        self._battery_level = Characteristic(
            GATT_BATTERY_LEVEL_CHARACTERISTIC,
            kinds.READ | kinds.NOTIFY,
            allowed.READABLE,
            CharacteristicValue(read=lambda _: bytes([self._battery])),
        )
        information = DeviceInformationService(
            manufacturer_name="kneeimu",
            model_number="virtual sensor",
            serial_number=self._serial_number,
            firmware_revision="1.0.0",
        )
        return [
            Service(UUID(profile.SERVICE), [self._data, self._control_point, state]),
            Service(GATT_BATTERY_SERVICE, [self._battery_level]),
            information,
        ]

    def advertisement(self, name: str) -> tuple[bytes, bytes]:
        flags = AdvertisingData.Flags.LE_GENERAL_DISCOVERABLE_MODE | AdvertisingData.Flags.BR_EDR_NOT_SUPPORTED
        services = data_types.CompleteListOf128BitServiceUUIDs([UUID(profile.SERVICE)])
        return (
            bytes(AdvertisingData([data_types.Flags(flags), services])),
            bytes(AdvertisingData([data_types.CompleteLocalName(name)])),
        )

    def disconnected(self) -> None:
        self._control.running = False

    def samples_per_notification(self, mtu: int) -> int:
        return profile.samples_per_packet(mtu, self.rate_hz)

    def packets(
        self, first: int, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray
    ) -> list[tuple[Characteristic[Any], bytes]]:
        control = self._control
        raw = profile.quantise(acc_m_s2, gyr_rad_s, control.acc_range_g, control.gyr_range_dps)
        period_us = round(1e6 * (time_s[-1] - time_s[0]) / max(1, len(time_s) - 1))
        packet = profile.encode_packet(
            raw, first, round(time_s[0] * 1e6), period_us, control.acc_range_g, control.gyr_range_dps
        )
        return [(self._data, packet)]

    def set_battery(self, percent: int) -> None:
        self._battery = percent
        if percent < EMPTY_BATTERY:
            self._control.fault = profile.BATTERY_LOW
        self._radio.send(self._battery_level, bytes([percent]))

    def _on_command(self, _connection: Any, command: bytes) -> None:
        starts = command[:1] == bytes([profile.START])
        reply = self._control.handle(bytes(command), self._radio.subscribed(self._data))
        if starts and reply[1] == profile.DONE:
            self.stream_number += 1
        self._radio.send(self._control_point, reply)
