"""A bleak backend on bumble: bleak programs use the virtual air, or a dongle that the system does not manage.

``install(transport)`` makes plain ``BleakScanner()`` and ``BleakClient(device)`` use it; the programs need not know.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, ClassVar, TypeVar

import bleak
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bleak.uuids import normalize_uuid_str
from bumble import att, core, hci
from bumble.device import Device, Peer

from firmware_sim.air import client_transport, open_radio

log = logging.getLogger(__name__)
T = TypeVar("T")

PREFERRED_MTU = 247
POWER_ON_TIMEOUT_S = 10.0
DISCONNECT_TIMEOUT_S = 5.0

_transport_name = ""


def install(transport: str) -> Callable[[], None]:
    """Make bleak use this backend; ``transport`` is an air's address or a bumble transport.

    Returns:
        what undoes it.
    """
    global _transport_name
    selectors = {
        "get_platform_scanner_backend_type": lambda: (BumbleScanner, "bumble"),
        "get_platform_client_backend_type": lambda: (BumbleClient, "bumble"),
    }
    before = {name: getattr(bleak, name) for name in selectors}
    _transport_name = client_transport(transport)
    vars(bleak).update(selectors)

    def undo() -> None:
        vars(bleak).update(before)

    return undo


async def close() -> None:
    """Switch off this loop's adapters."""
    for opening in _Adapter.by_loop.pop(asyncio.get_running_loop(), {}).values():
        with contextlib.suppress(Exception):
            await (await opening).transport.close()


def _uuid(uuid: core.UUID) -> str:
    digits = uuid.to_bytes(force_128=True)[::-1].hex()
    return normalize_uuid_str("-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))


class _Adapter:
    """One powered-on bumble device for each event loop and transport."""

    by_loop: ClassVar[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Future[_Adapter]]]] = (
        weakref.WeakKeyDictionary()
    )

    def __init__(self, transport: Any, device: Device) -> None:
        self.transport, self.device = transport, device
        self.scanners: set[BumbleScanner] = set()
        self.clients: weakref.WeakSet[BumbleClient] = weakref.WeakSet()
        self.lock = asyncio.Lock()

    @classmethod
    async def get(cls) -> _Adapter:
        name, loop = _transport_name, asyncio.get_running_loop()
        adapters = cls.by_loop.setdefault(loop, {})
        if name not in adapters:
            adapters[name] = asyncio.ensure_future(cls._open(name))
        try:
            return await asyncio.shield(adapters[name])
        except (OSError, TimeoutError, core.BaseBumbleError) as error:
            adapters.pop(name, None)
            away = BleakBluetoothNotAvailableError(
                f"no adapter at {name}: {error}", BleakBluetoothNotAvailableReason.NO_BLUETOOTH
            )
            away.add_note(name)
            raise away from error

    @classmethod
    async def _open(cls, name: str) -> _Adapter:
        transport = await open_radio(name)
        address = hci.Address.generate_static_address()
        device = Device.with_hci("kneeimu", address, transport.source, transport.sink)
        async with asyncio.timeout(POWER_ON_TIMEOUT_S):
            await device.power_on()
        adapter = cls(transport, device)
        loop = asyncio.get_running_loop()
        transport.source.terminated.add_done_callback(lambda _: adapter._unplugged(loop, name))
        return adapter

    def _unplugged(self, loop: asyncio.AbstractEventLoop, name: str) -> None:
        """The air or the dongle is gone, and every connection with it."""
        self.by_loop.get(loop, {}).pop(name, None)
        for client in list(self.clients):
            client.on_disconnection(hci.HCI_ErrorCode.HARDWARE_FAILURE_ERROR)

    async def cancel_connecting(self) -> None:
        """Give up the connection that is being made, or the controller makes no other."""
        with contextlib.suppress(BleakError), _as_bleak_errors():
            await self.device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())

    async def start_scan(self, scanner: BumbleScanner, active: bool) -> None:
        async with self.lock:
            if not self.device.is_scanning:
                try:
                    await self.device.start_scanning(active=active, filter_duplicates=False)
                except BaseException:  # cancelled half-way, and the controller may have begun
                    with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
                        await asyncio.shield(self.device.stop_scanning())
                    raise
            self.scanners.add(scanner)

    async def stop_scan(self, scanner: BumbleScanner) -> None:
        self.scanners.discard(scanner)
        async with self.lock:
            if not self.scanners and self.device.is_scanning:
                with contextlib.suppress(BleakError), _as_bleak_errors():
                    await self.device.stop_scanning()


class BumbleScanner(BaseBleakScanner):
    """bleak's scanner over bumble."""

    def __init__(
        self, detection_callback: Any, service_uuids: list[str] | None, scanning_mode: str, **_: Any
    ) -> None:  # fmt: skip
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode != "passive"
        self._adapter: _Adapter | None = None

    async def start(self) -> None:
        self.seen_devices = {}
        self._adapter = await _Adapter.get()
        self._adapter.device.on("advertisement", self._on_advertisement)
        await self._adapter.start_scan(self, self._active)

    async def stop(self) -> None:
        if self._adapter:
            self._adapter.device.remove_listener("advertisement", self._on_advertisement)
            await self._adapter.stop_scan(self)
            self._adapter = None

    def _on_advertisement(self, advertisement: Any) -> None:
        name, data = _read_advertisement(advertisement)
        address = advertisement.address.to_string(False)
        device = self.create_or_update_device(address, address, name, {"address": advertisement.address}, data)
        if self.is_allowed_uuid(data.service_uuids):
            self.call_detection_callbacks(device, data)


def _read_advertisement(advertisement: Any) -> tuple[str | None, AdvertisementData]:
    types = core.AdvertisingData.Type
    uuid_sizes = {
        types.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
        types.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
        types.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
        types.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    }
    name: str | None = None
    uuids: list[str] = []
    manufacturer: dict[int, bytes] = {}
    service_data: dict[str, bytes] = {}
    for kind, value in advertisement.data.ad_structures:
        if kind in (types.COMPLETE_LOCAL_NAME, types.SHORTENED_LOCAL_NAME):
            name = value.decode("utf-8", "replace")
        elif size := uuid_sizes.get(kind):
            uuids += [_uuid(core.UUID.from_bytes(value[i : i + size])) for i in range(0, len(value), size)]
        elif kind == types.MANUFACTURER_SPECIFIC_DATA:
            manufacturer[int.from_bytes(value[:2], "little")] = bytes(value[2:])
        elif kind == types.SERVICE_DATA_16_BIT_UUID:
            service_data[_uuid(core.UUID.from_bytes(value[:2]))] = bytes(value[2:])
    found = list(dict.fromkeys(uuids))
    return name, AdvertisementData(name, manufacturer, service_data, found, None, advertisement.rssi, (advertisement,))


class BumbleClient(BaseBleakClient):
    """bleak's client over bumble."""

    def __init__(self, address_or_ble_device: BLEDevice | str, **kwargs: Any) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._peer_address: Any = None
        self._name: str | None = None
        if isinstance(address_or_ble_device, BLEDevice):
            self._peer_address, self._name = address_or_ble_device.details["address"], address_or_ble_device.name
        self._connection: Any = None
        self._peer: Any = None
        self._subscribers: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        return int(self._connection.att_mtu) if self._connection else 23

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **_: Any) -> None:
        if self._connection:
            raise BleakError("already connected")
        adapter = await _Adapter.get()
        async with asyncio.timeout(self._timeout) as limit:
            await self._open(adapter)
            try:
                await self._operation(self._peer.request_mtu(PREFERRED_MTU))
                if pair:
                    await self._operation(self._connection.pair())
                self.services = await self._operation(self._discover())
            except BaseException:
                limit.reschedule(None)  # the clean-up has a time limit of its own
                await asyncio.shield(self.disconnect())
                raise

    async def _open(self, adapter: _Adapter) -> None:
        if self._peer_address is None:
            device = await bleak.BleakScanner.find_device_by_address(
                self.address, timeout=self._timeout, backend=BumbleScanner
            )
            if device is None:
                raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found.")
            self._peer_address, self._name = device.details["address"], device.name
        with _as_bleak_errors():
            async with adapter.lock:  # a controller opens one connection at a time
                try:
                    self._connection = await adapter.device.connect_le(self._peer_address, timeout=self._timeout)
                except asyncio.CancelledError:
                    await adapter.cancel_connecting()
                    raise
        self._peer = Peer(self._connection)
        self._connection.on("disconnection", self.on_disconnection)
        adapter.clients.add(self)

    def on_disconnection(self, reason: int) -> None:
        """The link is gone, by whichever side."""
        if self._connection is None:
            return
        log.debug("disconnected: 0x%02x", reason)
        self._connection = self._peer = None
        self._subscribers.clear()
        self.services = None
        if self._disconnected_callback:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        if self._connection is None:
            return
        try:
            async with asyncio.timeout(DISCONNECT_TIMEOUT_S):
                await self._connection.disconnect()
        except (core.BaseBumbleError, TimeoutError) as error:
            log.debug("disconnect: %r", error)
        except asyncio.CancelledError:
            if _really_cancelled():
                raise
        finally:
            self.on_disconnection(hci.HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)

    async def _operation(self, operation: Awaitable[T]) -> T:
        """Await a GATT procedure and turn bumble's errors into bleak's."""
        with _as_bleak_errors():
            return await operation

    async def _discover(self) -> BleakGATTServiceCollection:
        found = BleakGATTServiceCollection()
        peer = self._peer
        for service in await peer.discover_services():
            bleak_service = BleakGATTService(service, service.handle, _uuid(service.uuid))
            found.add_service(bleak_service)
            for item in await peer.discover_characteristics(service=service):
                properties = list(gatt_char_props_to_strs(int(item.properties)))
                characteristic = BleakGATTCharacteristic(
                    item, item.handle, _uuid(item.uuid), properties, lambda: self.mtu_size - 3, bleak_service
                )
                found.add_characteristic(characteristic)
                for descriptor in await peer.discover_descriptors(item):
                    found.add_descriptor(
                        BleakGATTDescriptor(descriptor, descriptor.handle, _uuid(descriptor.type), characteristic)
                    )
        return found

    def _gatt(self) -> Any:
        if self._peer is None:
            raise BleakError("Not connected")
        return self._peer.gatt_client

    async def pair(self, *_: Any, **__: Any) -> None:
        self._gatt()
        await self._operation(self._connection.pair())

    async def unpair(self) -> None:
        raise NotImplementedError("the virtual adapter keeps no bonds")

    async def read_gatt_char(self, characteristic: Any, *, use_cached: bool = False, **_: Any) -> bytearray:  # noqa: ARG002
        return bytearray(await self._operation(self._gatt().read_value(characteristic.obj)))

    async def read_gatt_descriptor(self, descriptor: Any, *, use_cached: bool = False, **_: Any) -> bytearray:  # noqa: ARG002
        return bytearray(await self._operation(self._gatt().read_value(descriptor.obj)))

    async def write_gatt_char(self, characteristic: Any, data: Any, response: bool) -> None:
        await self._operation(self._gatt().write_value(characteristic.obj, bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None:
        await self._operation(self._gatt().write_value(descriptor.obj, bytes(data), with_response=True))

    async def start_notify(self, characteristic: Any, callback: Callable[[bytearray], Any], **_: Any) -> None:
        if characteristic.handle in self._subscribers:
            raise BleakError("Characteristic notifications already started")

        gatt = self._gatt()
        peer = self._peer

        def on_value(value: bytes) -> None:
            if self._peer is peer:  # and not one that does not know yet that it is over
                callback(bytearray(value))

        self._subscribers[characteristic.handle] = on_value
        await self._operation(gatt.subscribe(characteristic.obj, on_value))

    async def stop_notify(self, characteristic: Any) -> None:
        gatt = self._gatt()
        on_value = self._subscribers.pop(characteristic.handle, None)
        await self._operation(gatt.unsubscribe(characteristic.obj, on_value))


def _really_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@contextlib.contextmanager
def _as_bleak_errors() -> Iterator[None]:
    """bumble cancels what waits for an answer when the link is lost; that must not look like a cancelled task."""
    try:
        yield
    except att.ATT_Error as error:
        raise BleakGATTProtocolError(error.error_code) from error
    except asyncio.CancelledError:
        if _really_cancelled():
            raise
        raise BleakError("disconnected") from None
    except core.TimeoutError as error:
        raise TimeoutError from error
    except (core.BaseBumbleError, hci.HCI_Error) as error:
        raise BleakError(str(error)) from error
