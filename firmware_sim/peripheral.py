"""A sensor on the radio: advertises, takes one central, streams what it feels, and fails when it is told to.

What a sensor family says is its ``Firmware``; everything else is the same for all.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from bumble.core import BaseBumbleError
from bumble.device import Device
from bumble.gatt import Characteristic, Service
from bumble.hci import Address

from firmware_sim.air import open_radio
from firmware_sim.faults import Faults, Interval, PacketFaults
from firmware_sim.motion_source import MotionClock, MotionSource

log = logging.getLogger(__name__)
FloatArray = npt.NDArray[np.float64]
Connection = Any  # bumble's classes carry no types

ADVERTISING_INTERVAL_MS = 50
SWALLOWED_S = 0.5  # bumble may swallow a cancellation while it starts to advertise: after so long once more
DISCOVERY_CUT_REQUESTS = 6  # of the central: the exchange of the MTU, and some of the discovery


class Radio(Protocol):
    """What a firmware may do on the air."""

    def subscribed(self, characteristic: Characteristic[Any]) -> bool:
        """Tell whether the central has asked for notifications or indications of it."""
        ...

    def send(self, characteristic: Characteristic[Any], data: bytes) -> None:
        """Notify or indicate, whichever the characteristic does; in the order of the calls."""
        ...

    def wake(self) -> None:
        """Look again whether the firmware wants to stream; ``send`` and subscriptions do so by themselves."""
        ...


class Firmware(Protocol):
    """What one sensor family puts on the air.

    Attributes:
        streaming: samples are wanted. Read before each notification.
        rate_hz: samples a second by the sensor's own clock.
        stream_number: changes with every start, so that a start in mid-stream counts from 0.
    """

    @property
    def streaming(self) -> bool: ...
    @property
    def rate_hz(self) -> float: ...
    @property
    def stream_number(self) -> int: ...

    def power_on(self, radio: Radio) -> list[Service]:
        """Forget everything and give the GATT services; ``radio`` is for replies."""
        ...

    def advertisement(self, name: str) -> tuple[bytes, bytes]:
        """Give advertising data and scan response data, 31 bytes at most each."""
        ...

    def disconnected(self) -> None:
        """The central has gone."""
        ...

    def samples_per_notification(self, mtu: int) -> int:
        """Give how many samples to collect before ``packets`` is called."""
        ...

    def packets(
        self, first: int, time_s: FloatArray, acc_m_s2: FloatArray, gyr_rad_s: FloatArray
    ) -> list[tuple[Characteristic[Any], bytes]]:
        """Encode samples: number of the first since the start, the sensor's clock (n,), what it felt (n, 3) each."""
        ...

    def set_battery(self, percent: int) -> None:
        """Set the charge, and tell the central."""
        ...


class _PowerLossError(Exception):
    """The sensor goes dark for ``for_s``; ``reset`` when it forgets its counters."""

    def __init__(self, for_s: float, reset: bool) -> None:
        self.for_s, self.reset = for_s, reset


@dataclass
class SensorOptions:
    """How the virtual sensor is set up.

    Attributes:
        transport: a bumble transport to the air or to a dongle.
        speed: time compression: simulated seconds per second.
        clock_ppm: how much faster than true the sensor's clock runs.
        seed: of the packet faults.
    """

    transport: str
    name: str = "kneeimu"
    address: str = "F0:F1:F2:F3:F4:F5"
    speed: float = 1.0
    clock_ppm: float = 0.0
    seed: int = 0


class VirtualSensor:
    """Runs one sensor until cancelled."""

    def __init__(
        self, firmware: Firmware, motion: MotionSource, options: SensorOptions, faults: Faults | None = None,
        clock: MotionClock | None = None,
    ) -> None:  # fmt: skip
        """Take what it is and feels; sensors on one body share a ``clock``."""
        self.firmware, self.motion, self.options = firmware, motion, options
        self.faults = faults or Faults()
        self.sent = 0
        self.advertising = asyncio.Event()
        self._packet_faults = PacketFaults(self.faults, options.seed)
        self._boot = time.monotonic()
        self._clock_offset_s = self.faults.clock_start
        self._motion_clock = clock or MotionClock()
        self._done: set[str] = set()
        self._cuts_left = self.faults.discovery
        self._requests = 0
        self._device: Device | None = None
        self._connection: Any = None  # a Connection or None
        self._outgoing: asyncio.Queue[Coroutine[Any, Any, None]] = asyncio.Queue()
        self._changed = asyncio.Event()

    # --- what the firmware may do ---------------------------------------------------------------------------------

    def subscribed(self, characteristic: Characteristic[Any]) -> bool:
        if self._device is None or self._connection is None:
            return False
        cccds = self._device.gatt_server.subscribers.get(self._connection, {})
        return any(cccds.get(characteristic.handle, b""))

    def send(self, characteristic: Characteristic[Any], data: bytes) -> None:
        device, connection = self._device, self._connection
        if device is None or connection is None:
            return
        notifies = characteristic.properties & Characteristic.Properties.NOTIFY
        say = device.notify_subscriber if notifies else device.indicate_subscriber
        self._outgoing.put_nowait(say(connection, characteristic, data))
        self.wake()

    def wake(self) -> None:
        self._changed.set()

    # --- life -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Be switched on, and on again after each loss of power.

        Raises:
            ConnectionError: the air or the dongle is gone.
        """
        while True:
            try:
                await self._live()
            except _PowerLossError as lost:
                await asyncio.sleep(lost.for_s / self.options.speed)
                if lost.reset:
                    self._boot, self._clock_offset_s = time.monotonic(), 0.0

    async def _live(self) -> None:
        async with await open_radio(self.options.transport) as transport:
            device = Device.with_hci(
                self.options.name, Address(self.options.address), transport.source, transport.sink
            )  # fmt: skip
            services = self.firmware.power_on(self)
            for characteristic in (item for service in services for item in service.characteristics):
                characteristic.on(characteristic.EVENT_SUBSCRIPTION, lambda *_: self.wake())
            device.add_services(services)
            device.advertising_data, device.scan_response_data = self.firmware.advertisement(self.options.name)
            device.on("connection", self._on_connection)
            answer = device.gatt_server.on_gatt_pdu
            device.gatt_server.on_gatt_pdu = lambda bearer, pdu: self._cut_or(answer, bearer, pdu)
            self._device, self._connection = device, None
            await device.power_on()
            gone = asyncio.ensure_future(transport.source.terminated)
            talk = asyncio.create_task(self._talk())
            life = asyncio.create_task(self._advertise_and_stream(device))
            try:
                await asyncio.wait({gone, talk, life}, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    raise ConnectionError("the radio is gone")
                await (life if life.done() else talk)
            finally:
                await _end(talk, life)
                self.firmware.disconnected()
                self._device = self._connection = None
                while not self._outgoing.empty():
                    self._outgoing.get_nowait().close()
                self.advertising.clear()

    async def _advertise_and_stream(self, device: Device) -> None:
        while True:
            await device.start_advertising(
                auto_restart=False,
                advertising_interval_min=ADVERTISING_INTERVAL_MS,
                advertising_interval_max=ADVERTISING_INTERVAL_MS,
            )
            self.advertising.set()
            await self._until(lambda: self._connection is not None)
            self.advertising.clear()
            if self.faults.early and self._connection is not None:
                await self._speak_unasked(self._connection)
            while connection := self._connection:
                await self._until(lambda: self._connection is None or self.firmware.streaming)
                if self._connection is not None:
                    await self._stream(connection)

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    async def _talk(self) -> None:
        """Send replies one after the other; an indication waits for its confirmation."""
        while True:
            message = await self._outgoing.get()
            try:
                await message
            except (BaseBumbleError, TimeoutError) as error:
                log.debug("not sent: %r", error)

    def _on_connection(self, connection: Connection) -> None:
        self._connection = connection
        self._changed.set()
        connection.on("disconnection", self._on_disconnection)
        self._requests = 0

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = None
        self.firmware.disconnected()
        self._changed.set()

    def _hang_up(self, connection: Connection) -> None:
        if self._connection is connection:
            self._outgoing.put_nowait(connection.disconnect())

    def _cut_or(self, answer: Callable[[Any, Any], None], bearer: Any, pdu: Any) -> None:
        """Answer a request of the central, unless the connection is to break in the middle of its discovery."""
        self._requests += 1
        if self._cuts_left > 0 and self._requests == DISCOVERY_CUT_REQUESTS:
            self._cuts_left -= 1
            self._hang_up(self._connection)
        else:
            answer(bearer, pdu)

    # --- stream ---------------------------------------------------------------------------------------------------

    def _now_s(self) -> float:
        """The sensor's clock, s since power-on."""
        return (time.monotonic() - self._boot) * self.options.speed * (1 + self.options.clock_ppm * 1e-6)

    async def _stream(self, connection: Connection) -> None:
        firmware, faults = self.firmware, self.faults
        start, number, first = self._now_s(), firmware.stream_number, 0
        shift = self._motion_clock.elapsed_s() * self.options.speed
        self._counted_from = 0
        burst: list[tuple[Characteristic[Any], bytes]] = []
        burst_due = 0.0
        while firmware.streaming and self._connection is connection and firmware.stream_number == number:
            n = firmware.samples_per_notification(connection.att_mtu)
            since_start = (first + np.arange(n + 1)) / (firmware.rate_hz * faults.rate)
            await asyncio.sleep(max(0.0, start + since_start[-1] - self._now_s()) / self.options.speed)
            if firmware.stream_number != number:
                break  # what was being collected is of the stream before
            motion_time = shift + since_start[:-1]
            clock = start + since_start[:-1]
            self._events(float(motion_time[-1]), connection, first, float(clock[0]))
            acc, gyr = faults.samples(float(motion_time[0]), *self.motion.at(motion_time))
            burst += firmware.packets(first - self._counted_from, clock + self._clock_offset_s, acc, gyr)
            first += n
            if motion_time[-1] < burst_due:
                continue
            burst_due = float(motion_time[-1]) + faults.burst_ms / 1e3
            if not (faults.silent and faults.silent.covers(float(motion_time[-1]))):
                await self._notify(connection, burst)
            burst.clear()

    async def _speak_unasked(self, connection: Connection) -> None:
        """Notify before anybody has subscribed."""
        for first in range(0, 40, 4):
            clock = (first + np.arange(4)) / self.firmware.rate_hz
            for characteristic, data in self.firmware.packets(first, clock, *self.motion.at(clock)):
                if self._device is not None:
                    await self._device.notify_subscriber(connection, characteristic, data, force=True)
            await asyncio.sleep(0.01)

    async def _notify(self, connection: Connection, packets: list[tuple[Characteristic[Any], bytes]]) -> None:
        device = self._device
        if device is None:
            return
        for characteristic, packet in packets:
            for data in self._packet_faults.apply(packet):
                await device.notify_subscriber(connection, characteristic, data)
                self.sent += 1

    def _events(self, time_s: float, connection: Connection, first: int, clock_s: float) -> None:
        """Let happen what is due at ``time_s`` of the stream, whose next sample is number ``first`` at ``clock_s``."""
        faults = self.faults
        if self._due("vanish", faults.vanish, time_s) and faults.vanish:
            raise _PowerLossError(faults.vanish.for_s, reset=False)
        if self._due("reboot", faults.reboot, time_s) and faults.reboot:
            raise _PowerLossError(faults.reboot.for_s, reset=True)
        if self._due("clock", faults.clock_jump, time_s) and faults.clock_jump:
            self._clock_offset_s += faults.clock_jump.for_s
        if self._due("bye", faults.bye, time_s):
            self._hang_up(connection)
        if self._due("battery", 1.0 if faults.battery is not None else None, time_s) and faults.battery is not None:
            self.firmware.set_battery(faults.battery)
        if self._due("reset", faults.reset, time_s):
            self._clock_offset_s = -clock_s
            self._counted_from = first

    def _due(self, name: str, when: Interval | float | None, time_s: float) -> bool:
        at = when.at_s if isinstance(when, Interval) else when
        if at is None or name in self._done or time_s < at:
            return False
        self._done.add(name)
        return True


async def _end(*tasks: asyncio.Task[None]) -> None:
    while unfinished := [task for task in tasks if not task.done()]:
        for task in unfinished:
            task.cancel()
        await asyncio.wait(unfinished, timeout=SWALLOWED_S)
    await asyncio.gather(*tasks, return_exceptions=True)
