"""A connected sensor over bleak, as the drivers see it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic

from kneeimu.errors import SensorError
from kneeimu.words import _


class GattSession:
    """Implements ``driver.Session``: what is subscribed goes to ``on_notification``, replies to who waits for them."""

    def __init__(self, client: BleakClient, on_notification: Callable[[str, bytes], None]) -> None:
        self._client, self._on_notification = client, on_notification
        self._waiting: list[tuple[str, Callable[[bytes], bool], asyncio.Future[bytes]]] = []
        self._subscribed: set[str] = set()
        self._heard: dict[str, list[tuple[float, bytes]]] = {}

    def has(self, uuid: str) -> bool:
        services = self._client.services
        return services.get_characteristic(uuid) is not None or services.get_service(uuid) is not None

    async def subscribe(self, uuid: str) -> None:
        if uuid in self._subscribed:
            return
        self._subscribed.add(uuid)

        def on_value(_: BleakGATTCharacteristic, data: bytearray) -> None:
            self._hear(uuid, bytes(data))

        await self._client.start_notify(uuid, on_value)

    async def unsubscribe(self, uuid: str) -> None:
        if uuid in self._subscribed:
            self._subscribed.discard(uuid)
            await self._client.stop_notify(uuid)

    async def read(self, uuid: str) -> bytes:
        return bytes(await self._client.read_gatt_char(uuid))

    async def write(self, uuid: str, data: bytes, *, response: bool = True) -> None:
        characteristic = self._client.services.get_characteristic(uuid)
        kinds = characteristic.properties if characteristic else ()
        if ("write" if response else "write-without-response") not in kinds:
            response = "write" in kinds  # models of one family differ: the other kind will do
        await self._client.write_gatt_char(uuid, data, response=response)

    async def request(
        self, uuid: str, data: bytes, *, reply: str, matches: Callable[[bytes], bool], response: bool = True,
        timeout_s: float = 3.0,
    ) -> bytes:  # fmt: skip
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        waiting = (reply, matches, answer)
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(timeout_s):
                await self.write(uuid, data, response=response)
                return await answer
        except TimeoutError:
            raise SensorError(_("the sensor does not answer a command"), advice=_("switch it off and on")) from None
        finally:
            self._waiting.remove(waiting)

    async def listen(self, uuid: str, seconds: float) -> list[tuple[float, bytes]]:
        heard = self._heard.setdefault(uuid, [])
        try:
            await asyncio.sleep(seconds)
        finally:
            del self._heard[uuid]
        return heard

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def lost(self) -> None:
        """The connection is gone: nobody will answer any more."""
        for _reply, _matches, answer in self._waiting:
            if not answer.done():
                answer.set_exception(SensorError(_("the connection was lost")))

    def _hear(self, uuid: str, data: bytes) -> None:
        if uuid in self._heard:
            self._heard[uuid].append((time.monotonic(), data))
        for reply, matches, answer in self._waiting:
            if reply == uuid and not answer.done() and matches(data):
                answer.set_result(data)
                break
        self._on_notification(uuid, data)
