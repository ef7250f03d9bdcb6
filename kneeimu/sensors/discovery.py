"""Looks for sensors: one scanner at a time in this process, as adapters can't do more."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from kneeimu.sensors.driver import Advertisement, Driver
from kneeimu.sensors.families import recognise

NO_SIGNAL_DBM = -127

_locks: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Found:
    """A supported sensor in reach."""

    device: BLEDevice
    advertisement: Advertisement
    driver: type[Driver]

    @property
    def name(self) -> str:
        return self.advertisement.name or self.advertisement.address

    @property
    def address(self) -> str:
        return self.advertisement.address


@contextlib.asynccontextmanager
async def radio_to_oneself() -> AsyncIterator[None]:
    """Scan or connect while nobody else of this process does either."""
    async with _locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        yield


async def look_around(
    longest_s: float, *, wanted: Callable[[Found], bool] = lambda _: True, settle_s: float | None = None
) -> list[Found]:
    """Scan, and give the wanted sensors in reach, the nearest first.

    Args:
        longest_s: how long to look.
        wanted: which sensors count.
        settle_s: with one in sight, look only this much longer for a nearer one; None for all the time.

    Raises:
        bleak's errors and OSError: the adapter can't scan.
    """
    found: dict[str, Found] = {}
    in_sight = asyncio.Event()

    def on_advertisement(device: BLEDevice, data: AdvertisementData) -> None:
        advertisement = _advertisement(device, data, found.get(device.address))
        driver = recognise(advertisement)
        if driver is None:
            return
        sensor = Found(device, advertisement, driver)
        if wanted(sensor):
            found[device.address] = sensor
            in_sight.set()

    async with BleakScanner(on_advertisement):
        if settle_s is None:
            await asyncio.sleep(longest_s)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(longest_s):
                    await in_sight.wait()
                await asyncio.sleep(settle_s)
    return sorted(found.values(), key=lambda sensor: -(sensor.advertisement.rssi_dbm or NO_SIGNAL_DBM))


def _advertisement(device: BLEDevice, data: AdvertisementData, before: Found | None) -> Advertisement:
    """Advertisement and scan response come apart on some systems: a name once heard is kept."""
    name = data.local_name or device.name or (before.advertisement.name if before else "")
    return Advertisement(
        address=device.address,
        name=name,
        rssi_dbm=data.rssi if data.rssi is not None and data.rssi > NO_SIGNAL_DBM else None,
        service_uuids=tuple(uuid.lower() for uuid in data.service_uuids),
        manufacturer_data=dict(data.manufacturer_data),
    )
