"""What the emulated families have in common."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from bumble import data_types
from bumble.core import UUID, AdvertisingData
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.profiles.device_information_service import DeviceInformationService

from firmware_sim.peripheral import Radio

FloatArray = npt.NDArray[np.float64]
Packets = list[tuple[Characteristic[Any], bytes]]

FULL_BATTERY = 87
_KINDS, _ALLOWED = Characteristic.Properties, Characteristic.Permissions


class FamilyFirmware(abc.ABC):
    """A sensor that is not streaming yet.

    Attributes:
        variants: models and firmwares, the usual one first.
        default_name: what it calls itself.
        rate_hz: samples a second by the sensor's own clock.
        stream_number: changes with every start of the stream.
    """

    variants: ClassVar[tuple[str, ...]]
    default_name: ClassVar[str]
    rate_hz: float

    def __init__(self, variant: str) -> None:
        self.variant = variant
        self.stream_number = 0
        self.battery = FULL_BATTERY
        self.radio: Radio
        self.running = False

    @property
    def streaming(self) -> bool:
        """Samples are wanted."""
        return self.running

    @abc.abstractmethod
    def power_on(self, radio: Radio) -> list[Service]:
        """Forget everything and give the services."""

    @abc.abstractmethod
    def advertisement(self, name: str) -> tuple[bytes, bytes]:
        """Give advertising data and scan response data."""

    @abc.abstractmethod
    def samples_per_notification(self, mtu: int) -> int:
        """Give how many samples to collect before ``packets`` is called."""

    @abc.abstractmethod
    def packets(self, first: int, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray) -> Packets:
        """Encode samples."""

    @abc.abstractmethod
    def set_battery(self, percent: int) -> None:
        """Set the charge, and tell the central where the family does."""

    def disconnected(self) -> None:
        """The central has gone."""
        self.running = False

    def begin(self) -> None:
        """Start to stream, or start anew."""
        self.running = True
        self.stream_number += 1
        self.radio.wake()


class StandardBattery:
    """The battery service of the Bluetooth SIG."""

    def __init__(self, firmware: FamilyFirmware) -> None:
        self._firmware = firmware
        self._level = notifies("2A19", read=lambda: bytes([firmware.battery]))
        self.service = Service(UUID("180F"), [self._level])

    def tell(self) -> None:
        """Notify the level."""
        self._firmware.radio.send(self._level, bytes([self._firmware.battery]))


def information(maker: str, model: str, firmware: str) -> Service:
    """Give a device information service."""
    service: Service = DeviceInformationService(
        manufacturer_name=maker, model_number=model, serial_number="SIM-0001", firmware_revision=firmware
    )
    return service


def notifies(uuid: str, read: Callable[[], bytes] | None = None) -> Characteristic[Any]:
    """Give a characteristic that notifies, and can be read where ``read`` says what."""
    if read is None:
        return Characteristic(UUID(uuid), _KINDS.NOTIFY, _ALLOWED(0), b"")
    return Characteristic(
        UUID(uuid), _KINDS.NOTIFY | _KINDS.READ, _ALLOWED.READABLE, CharacteristicValue(read=lambda _: read())
    )


def takes(
    uuid: str, write: Callable[[bytes], None], *, read: Callable[[], bytes] | None = None, indicates: bool = False,
    without_response: bool = False,
) -> Characteristic[Any]:  # fmt: skip
    """Give a characteristic that takes commands, and can be read where ``read`` says what."""
    kinds, allowed = _KINDS.WRITE, _ALLOWED.WRITEABLE
    if read is not None:
        kinds, allowed = kinds | _KINDS.READ, allowed | _ALLOWED.READABLE
    if indicates:
        kinds |= _KINDS.INDICATE
    if without_response:
        kinds |= _KINDS.WRITE_WITHOUT_RESPONSE
    value: CharacteristicValue[bytes] = CharacteristicValue(
        read=(lambda _: read()) if read is not None else None, write=lambda _, data: write(bytes(data))
    )
    return Characteristic(UUID(uuid), kinds, allowed, value)


def advertise(name: str, *, service: str = "", company: int | None = None) -> tuple[bytes, bytes]:
    """Give advertising data with a service or a maker's id, and the name in the scan response."""
    flags = AdvertisingData.Flags.LE_GENERAL_DISCOVERABLE_MODE | AdvertisingData.Flags.BR_EDR_NOT_SUPPORTED
    parts: list[Any] = [data_types.Flags(flags)]
    if service:
        kind = data_types.CompleteListOf128BitServiceUUIDs if len(service) > 8 else _SHORT_LIST
        parts.append(kind([UUID(service)]))
    if company is not None:
        parts.append(data_types.ManufacturerSpecificData(company, b"\0\0"))
    return bytes(AdvertisingData(parts)), bytes(AdvertisingData([data_types.CompleteLocalName(name)]))


_SHORT_LIST = data_types.CompleteListOf16BitServiceUUIDs


def counts(values: FloatArray, per_unit: float, bits: int = 16) -> npt.NDArray[np.int64]:
    """Give whole counts as a chip would: saturated at its range, and 0 for what is no number."""
    limit = 1 << (bits - 1)
    clean = np.nan_to_num(np.asarray(values) * per_unit, nan=0.0)
    whole: npt.NDArray[np.int64] = np.clip(np.rint(clean), -limit, limit - 1).astype(np.int64)
    return whole
