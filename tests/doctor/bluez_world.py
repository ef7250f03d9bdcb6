"""A private system bus with a BlueZ on it that is as healthy or as ill as a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

HCI = "/org/bluez/hci0"
SENSOR = HCI + "/dev_F0_F1_F2_F3_F4_F5"
ADAPTER = {
    "Address": Variant("s", "00:11:22:33:44:55"),
    "Powered": Variant("b", True),
    "Discovering": Variant("b", False),
    "Roles": Variant("as", ["central", "peripheral"]),
}
ALLOW = '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>'


@contextlib.contextmanager
def private_bus(folder: Path, *, policy: str = ALLOW) -> Iterator[str]:
    """Run a dbus-daemon for the test alone; gives its address."""
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        pytest.skip("dbus-daemon is not installed")
    config = folder / "bus.conf"
    config.write_text(
        f"<busconfig><type>system</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>"
        f'<policy context="default">{policy}</policy></busconfig>'
    )
    process = subprocess.Popen(
        [daemon, f"--config-file={config}", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(5)
        assert process.stdout is not None
        process.stdout.close()


@contextlib.contextmanager
def fake_bluez(
    address: str, adapter: dict[str, Variant] | None, *, sensor: dict[str, Variant] | None = None, error: str = ""
) -> Iterator[None]:
    """Own org.bluez on the bus, from a thread: answers GetManagedObjects with these objects, or with an error."""
    objects: dict[str, dict[str, dict[str, Variant]]] = {"/org/bluez": {"org.bluez.AgentManager1": {}}}
    if adapter is not None:
        objects[HCI] = {"org.bluez.Adapter1": adapter}
    if sensor is not None:
        objects[SENSOR] = {"org.bluez.Device1": sensor}
    ready, done = threading.Event(), threading.Event()

    def answer(message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.member != "GetManagedObjects":
            return None
        if error:
            return Message.new_error(message, error, "as the test wants it")
        return Message.new_method_return(message, "a{oa{sa{sv}}}", [objects])

    async def serve() -> None:
        bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
        bus.add_message_handler(answer)
        await bus.request_name("org.bluez")
        ready.set()
        await asyncio.to_thread(done.wait)
        bus.disconnect()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join(10)


def adapter(**changes: Any) -> dict[str, Variant]:
    """A healthy adapter but for these properties; None takes one away."""
    properties: dict[str, Variant | None] = {**ADAPTER, **changes}
    return {name: value for name, value in properties.items() if value is not None}
