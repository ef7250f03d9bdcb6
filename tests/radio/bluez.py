"""A BlueZ that is none: ``org.bluez`` on a private system bus, with one sensor in reach of it.

bleak's own BlueZ backend runs against it unchanged. It does what bluetoothd 5.66 was seen to do on D-Bus.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from firmware_sim import profile

ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
SERVICE, CHARACTERISTIC = "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
HCI = "/org/bluez/hci0"
ADDRESS = "F0:F1:F2:F3:F4:F5"
SENSOR = HCI + "/dev_" + ADDRESS.replace(":", "_")
BATTERY_SERVICE, BATTERY_LEVEL = (f"0000{short}-0000-1000-8000-00805f9b34fb" for short in ("180f", "2a19"))
PACKET, RATE_HZ = 8, 100.0
SUPERVISION_S = 0.3

Properties = dict[str, Variant]


class FakeBluez:
    """Adapter and sensor.

    Attributes:
        powered: the adapter is switched on.
        in_progress: so many times a scan is refused because another one runs.
        refuses: so many times a connection fails.
        gone: the sensor is out of reach.
    """

    def __init__(self, *, powered: bool = True, in_progress: int = 0, refuses: int = 0) -> None:
        self.in_progress, self.refuses, self.gone = in_progress, refuses, False
        self.discovering = False
        self._control = profile.ControlPoint()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._notifying: set[str] = set()
        self._uuids: dict[str, str] = {}
        self._objects: dict[str, dict[str, Properties]] = {
            "/org/bluez": {"org.bluez.AgentManager1": {}},
            HCI: {
                ADAPTER: {
                    "Address": Variant("s", "00:11:22:33:44:55"),
                    "Powered": Variant("b", powered),
                    "Discovering": Variant("b", False),
                    "Roles": Variant("as", ["central", "peripheral"]),
                }
            },
        }

    async def run(self, address: str) -> None:
        """Appear on the bus."""
        self._bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
        self._bus.add_message_handler(self._on_message)
        await self._bus.request_name("org.bluez")

    async def close(self) -> None:
        """Leave the bus."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    async def vanish(self, for_s: float) -> None:
        """The sensor falls silent; the link is lost a little later; and after ``for_s`` it is back."""
        self.gone = True
        await asyncio.sleep(SUPERVISION_S)
        await self._disconnect()
        await self._remove(SENSOR)
        asyncio.get_running_loop().call_later(for_s, lambda: setattr(self, "gone", False))

    # --- D-Bus ----------------------------------------------------------------------------------------------------

    def _on_message(self, message: Message) -> bool | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface == "org.freedesktop.DBus":
            return None
        self._spawn(self._answer(message))
        return True

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, message: Message) -> None:
        handler = getattr(self, "_" + "".join("_" + c.lower() if c.isupper() else c for c in message.member)[1:], None)
        if handler is None:
            await self._bus.send(Message.new_method_return(message))
            return
        try:
            signature, body = await handler(message) or ("", [])
        except _BluezError as error:
            await self._bus.send(Message.new_error(message, error.name, error.text))
        else:
            await self._bus.send(Message.new_method_return(message, signature, body))

    async def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        await self._bus.send(
            Message(
                message_type=MessageType.SIGNAL, path=path, interface=interface, member=member, signature=signature,
                body=body,
            )
        )  # fmt: skip

    async def _change(self, path: str, interface: str, **changes: Variant) -> None:
        self._objects[path][interface].update(changes)
        body = [interface, changes, []]
        await self._signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", body)

    async def _add(self, path: str, interface: str, properties: Properties) -> None:
        self._objects[path] = {interface: properties}
        body = [path, {interface: properties}]
        await self._signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}", body)

    async def _remove(self, path: str) -> None:
        interfaces = list(self._objects.pop(path, {}))
        await self._signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", "oas", [path, interfaces])

    # --- what bleak asks for --------------------------------------------------------------------------------------

    async def _get_managed_objects(self, _: Message) -> tuple[str, list[Any]]:
        return "a{oa{sa{sv}}}", [self._objects]

    async def _start_discovery(self, _: Message) -> None:
        if self.in_progress:
            self.in_progress -= 1
            raise _BluezError("org.bluez.Error.InProgress", "Operation already in progress")
        self.discovering = True
        await self._change(HCI, ADAPTER, Discovering=Variant("b", True))
        self._spawn(self._advertise())

    async def _stop_discovery(self, _: Message) -> None:
        self.discovering = False
        await self._change(HCI, ADAPTER, Discovering=Variant("b", False))

    async def _advertise(self) -> None:
        while self.discovering:
            if self.gone:
                pass
            elif SENSOR not in self._objects:
                await self._add(SENSOR, DEVICE, _sensor_properties())
            else:
                await self._change(SENSOR, DEVICE, RSSI=Variant("n", -51))
            await asyncio.sleep(0.05)

    async def _connect(self, _: Message) -> None:
        if self.refuses:
            self.refuses -= 1
            raise _BluezError("org.bluez.Error.Failed", "Software caused connection abort")
        if SENSOR not in self._objects:
            raise _BluezError("org.freedesktop.DBus.Error.UnknownObject", "no such device")
        await self._change(SENSOR, DEVICE, Connected=Variant("b", True))
        for path, interface, properties in self._gatt():
            await self._add(path, interface, properties)
        await self._change(SENSOR, DEVICE, ServicesResolved=Variant("b", True))

    def _gatt(self) -> list[tuple[str, str, Properties]]:
        own, battery = f"{SENSOR}/service0010", f"{SENSOR}/service0020"
        return [
            _service(own, profile.SERVICE),
            self._characteristic(f"{own}/char0011", profile.DATA, ["notify"]),
            self._characteristic(f"{own}/char0014", profile.CONTROL, ["write", "indicate"]),
            _service(battery, BATTERY_SERVICE),
            self._characteristic(f"{battery}/char0021", BATTERY_LEVEL, ["read", "notify"]),
        ]

    def _characteristic(self, path: str, uuid: str, flags: list[str]) -> tuple[str, str, Properties]:
        self._uuids[path] = uuid
        service = path.rpartition("/")[0]
        properties = {
            "UUID": Variant("s", uuid), "Service": Variant("o", service), "Value": Variant("ay", b""),
            "Notifying": Variant("b", False), "Flags": Variant("as", flags), "MTU": Variant("q", 247),
        }  # fmt: skip
        return path, CHARACTERISTIC, properties

    async def _disconnect(self, _: Message | None = None) -> None:
        self._control.running = False
        self._notifying.clear()
        if SENSOR not in self._objects or not self._objects[SENSOR][DEVICE]["Connected"].value:
            return
        await self._change(SENSOR, DEVICE, ServicesResolved=Variant("b", False), Connected=Variant("b", False))
        for path in [path for path in self._objects if path.startswith(SENSOR + "/")]:
            await self._remove(path)

    async def _read_value(self, message: Message) -> tuple[str, list[Any]]:
        if self._uuids.get(message.path or "") != BATTERY_LEVEL:
            raise _BluezError("org.bluez.Error.NotPermitted", "Read not permitted")
        return "ay", [bytes([87])]

    async def _write_value(self, message: Message) -> None:
        path, was_running = message.path or "", self._control.running
        reply = self._control.handle(bytes(message.body[0]), f"{SENSOR}/service0010/char0011" in self._notifying)
        self._spawn(self._change(path, CHARACTERISTIC, Value=Variant("ay", reply)))
        if self._control.running and not was_running:
            self._spawn(self._stream())

    async def _start_notify(self, message: Message) -> None:
        self._notifying.add(message.path or "")
        await self._change(message.path or "", CHARACTERISTIC, Notifying=Variant("b", True))

    async def _stop_notify(self, message: Message) -> None:
        self._notifying.discard(message.path or "")
        await self._change(message.path or "", CHARACTERISTIC, Notifying=Variant("b", False))

    async def _stream(self) -> None:
        """Send what a sensor feels that lies still."""
        path, loop = f"{SENSOR}/service0010/char0011", asyncio.get_running_loop()
        raw = profile.quantise(np.tile([0.0, 9.81, 0.0], (PACKET, 1)), np.zeros((PACKET, 3)), 16, 2000)
        start_s, first = loop.time(), 0
        while self._control.running:
            await asyncio.sleep(max(0.0, start_s + (first + PACKET) / RATE_HZ - loop.time()))
            time_us = round((100 + first / RATE_HZ) * 1e6)
            packet = profile.encode_packet(raw, first, time_us, round(1e6 / RATE_HZ), 16, 2000)
            first += PACKET
            if self._control.running and not self.gone:
                await self._change(path, CHARACTERISTIC, Value=Variant("ay", packet))


class _BluezError(Exception):
    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text


def _service(path: str, uuid: str) -> tuple[str, str, Properties]:
    properties = {
        "UUID": Variant("s", uuid), "Device": Variant("o", SENSOR), "Primary": Variant("b", True),
        "Includes": Variant("ao", []),
    }  # fmt: skip
    return path, SERVICE, properties


def _sensor_properties() -> Properties:
    no, yes = Variant("b", False), ("Paired", "Bonded", "Trusted", "Blocked", "LegacyPairing", "Connected")
    return {
        **dict.fromkeys(yes, no),
        "ServicesResolved": no,
        "Address": Variant("s", ADDRESS),
        "AddressType": Variant("s", "random"),
        "Name": Variant("s", "kneeimu"),
        "Alias": Variant("s", "kneeimu"),
        "UUIDs": Variant("as", [profile.SERVICE]),
        "Adapter": Variant("o", HCI),
        "RSSI": Variant("n", -50),
    }


@contextlib.asynccontextmanager
async def bluez(address: str, **how: Any) -> AsyncIterator[FakeBluez]:
    """Put a BlueZ on the bus until the end of the block."""
    fake = FakeBluez(**how)
    await fake.run(address)
    try:
        yield fake
    finally:
        await _let_go_of_bleaks_bus()
        await fake.close()


async def _let_go_of_bleaks_bus() -> None:
    """bleak keeps its connection for as long as the program runs."""
    from bleak.backends.bluezdbus import manager

    instance = manager._global_instances.pop(asyncio.get_running_loop(), None)
    if instance is not None and instance._bus is not None:
        instance._bus.disconnect()
        await instance._bus.wait_for_disconnect()
