"""The link to one sensor: finds it, connects, streams, notices when it falls silent, and comes back.

    async with SensorLink("F0:F1:F2:F3:F4:F5") as link:
        async for item in link:
            ...  # a Batch or a LinkStatus

A state machine of its own (``LinkState``); every step of it is told as a ``LinkStatus``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType

from bleak import BleakClient

from kneeimu.errors import KneeimuError, SensorError
from kneeimu.sensors.discovery import Found, look_around, radio_to_oneself
from kneeimu.sensors.driver import Driver
from kneeimu.sensors.families import find_family
from kneeimu.sensors.gatt import GattSession
from kneeimu.sensors.known import address_of
from kneeimu.sensors.radio_errors import RADIO_ERRORS, explain
from kneeimu.sensors.stream import Batch, LinkState, LinkStatus, Notification, Stream
from kneeimu.words import _, mark

__all__ = ["Batch", "LinkState", "LinkStatus", "LinkTiming", "Notification", "SensorLink"]

log = logging.getLogger(__name__)

PATIENCE = 4  # notification intervals without data before that is called a stall
MIN_WAIT_S = 0.01
NOT_FOUND = mark(
    "no sensor in reach: switch it on and bring it near; if a phone is connected to it, disconnect it there"
)


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """How patient the link is; all in s.

    Attributes:
        scan_s: after so long the user is told that nothing was found; then it looks again.
        look_s: one look; in between other links of this process get their turn.
        settle_s: after the first sensor came in sight, how long to wait for a nearer one.
        connect_s: connecting and service discovery. Windows and BlueZ may need 10 s for a weak signal.
        configure_s: subscribing, setting up and starting.
        stall_s: silence that is told; at least four times the family's notification interval is allowed.
        silence_s: silence after which the link is cut and made anew. Supervision would take up to 6 s, on macOS 10 s.
        backoff_s: pauses before one try after the other; the last holds for all further ones.
        steady_s: after a stream that lasted longer the pauses begin with the shortest again.
        jitter: share by which a pause is longer or shorter at random, so that two links don't collide again.
        farewell_s: stopping the sensor.
        disconnect_s: letting the connection go; one that stays half-open keeps the sensor from being found again.
        status_s: how often the figures are told while streaming.
    """

    scan_s: float = 6.0
    look_s: float = 2.0
    settle_s: float = 0.5
    connect_s: float = 20.0
    configure_s: float = 15.0
    stall_s: float = 1.0
    silence_s: float = 4.0
    backoff_s: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
    steady_s: float = 5.0
    jitter: float = 0.25
    farewell_s: float = 3.0
    disconnect_s: float = 6.0
    status_s: float = 1.0

    def pause_s(self, attempt: int, chance: float) -> float:
        """Give the pause before the ``attempt``-th try (from 1); ``chance`` is from 0 to 1."""
        pause_s = self.backoff_s[min(attempt, len(self.backoff_s)) - 1]
        return pause_s * (1 + self.jitter * (2 * chance - 1))


class SensorLink:
    """Streams from one sensor until closed.

    Args:
        target: nickname of a known sensor, address or name; None for the nearest one. Once connected, only the same
            sensor will do.
        rate_hz: rate to ask for; the sensor may choose the next it has.
        family: only sensors of this family.
        origin_s: zero of the timeline on ``time.monotonic()``, for several sensors on one; None for now.
        timing: how patient the link is.
        clock: the host's, in s; another one only for a simulated sensor that runs faster than time.

    Raises:
        InputError: there is no such family, or the list of known sensors is damaged.
    """

    def __init__(
        self, target: str | None = None, *, rate_hz: float = 100.0, family: str | None = None,
        origin_s: float | None = None, timing: LinkTiming | None = None, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._target, self._rate_hz = address_of(target) if target else None, rate_hz
        self._family = find_family(family) if family else None
        self._origin_s, self._clock = origin_s, clock
        self._timing = timing or LinkTiming()
        self._stream = Stream()
        self._known: Found | None = None
        self._facts = LinkStatus(LinkState.SEARCHING)
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._configured_s: float | None = None  # since when the sensor streams; None while it does not
        self._silent_since_s = 0.0
        self._last_data_s: float | None = None
        self._driver: Driver | None = None  # of the present connection
        self._told = False
        self._choice = ""

    # --- for the user ---------------------------------------------------------------------------------------------

    @property
    def status(self) -> LinkStatus:
        """How the link is doing now."""
        return self._stream.counted(self._stream.status)

    async def __aenter__(self) -> SensorLink:
        if self._origin_s is None:
            self._origin_s = self._clock()
        self._task = asyncio.create_task(self._run(), name="sensor link")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> SensorLink:
        return self

    async def __anext__(self) -> Batch | LinkStatus:
        item = await self._stream.take()
        if item is None:
            raise StopAsyncIteration
        return item

    async def close(self) -> None:
        """Stop the sensor and disconnect; what has arrived can still be taken."""
        self._closing.set()
        if self._task is not None:
            await asyncio.wait({self._task})  # and not the task itself: who gives up waiting must not cancel it
            self._task.result()

    # --- the state machine ----------------------------------------------------------------------------------------

    async def _run(self) -> None:
        closing = asyncio.create_task(self._closing.wait())
        life = asyncio.create_task(self._live())
        detail = ""
        try:
            await asyncio.wait({closing, life}, return_when=asyncio.FIRST_COMPLETED)
            if life.done():
                detail = _("the link gave up: {x!r}").format(x=life.exception())
                life.result()
        finally:
            closing.cancel()
            while not life.done():  # a backend may swallow a cancellation
                life.cancel()
                await asyncio.wait({life}, timeout=self._timing.farewell_s)
            self._tell(LinkState.CLOSED, detail)

    async def _live(self) -> None:
        attempt = 0
        while True:
            attempt += 1
            self._tell(self._looking, self._stream.status.detail)
            self._configured_s = None
            try:
                sensor = await self._find()
                if sensor is None:
                    self._tell(self._looking, _(NOT_FOUND))
                else:
                    await self._stay_with(sensor)
            except (KneeimuError, *RADIO_ERRORS) as error:
                log.debug("link: %r", error)
                self._tell(self._looking if self._configured_s is None else LinkState.LOST, str(explain(error)))
            if self._configured_s is not None and self._now_s() - self._configured_s > self._timing.steady_s:
                attempt = 0
            await asyncio.sleep(self._timing.pause_s(max(1, attempt), random.random()))

    @property
    def _looking(self) -> LinkState:
        return LinkState.RECONNECTING if self._known else LinkState.SEARCHING

    async def _find(self) -> Found | None:
        until_s = self._now_s() + self._timing.scan_s
        found: list[Found] = []
        while not found and (left_s := until_s - self._now_s()) > 0:
            async with radio_to_oneself():
                found = await look_around(
                    min(left_s, self._timing.look_s), wanted=self._is_wanted,
                    settle_s=0.0 if self._known else self._timing.settle_s,
                )  # fmt: skip
        if len(found) > 1:
            others = ", ".join(sensor.address for sensor in found[1:])
            self._choice = _("took {address}, the nearest; also in reach: {others}").format(
                address=found[0].address, others=others
            )
            self._tell(self._looking, self._choice)
        return found[0] if found else None

    def _is_wanted(self, sensor: Found) -> bool:
        if self._known:
            return sensor.address == self._known.address
        if self._family and sensor.driver is not self._family:
            return False
        return self._target is None or self._target.lower() in (sensor.address.lower(), sensor.name.lower())

    async def _stay_with(self, sensor: Found) -> None:
        """Connect and stream until the link is lost.

        Raises:
            SensorError: the link is lost, the sensor is silent, or it refuses.
            bleak's errors and OSError: it can't be connected.
        """
        self._facts = replace(
            self._facts, name=sensor.name, address=sensor.address, family=sensor.driver.family,
            rssi_dbm=sensor.advertisement.rssi_dbm,
        )  # fmt: skip
        self._tell(LinkState.CONNECTING, self._stream.status.detail)
        driver, lost = sensor.driver(), asyncio.Event()
        self._driver = driver

        def on_disconnected(_: BleakClient) -> None:
            lost.set()
            session.lost()

        client = BleakClient(sensor.device, on_disconnected, timeout=self._timing.connect_s)
        session = GattSession(client, lambda uuid, data: self._hear(driver, uuid, data))
        self._stream.connected(driver)
        try:
            try:
                async with radio_to_oneself():
                    await client.connect()
                await self._configure(driver, session)
            except (SensorError, *RADIO_ERRORS) as error:
                if lost.is_set():
                    raise SensorError(_("the connection broke while the sensor was being set up")) from error
                raise
            self._known = sensor
            await self._watch(driver, session, lost)
        finally:
            await self._part(driver, session, client)
            self._driver = None

    async def _configure(self, driver: Driver, session: GattSession) -> None:
        async with asyncio.timeout(self._timing.configure_s):
            settings = await driver.configure(session, self._rate_hz)
        self._facts = replace(
            self._facts, nominal_rate_hz=settings.rate_hz, serial_number=settings.serial_number or "",
            firmware=settings.firmware or "", notes=settings.notes,
        )  # fmt: skip
        self._stream.begin(driver, settings)
        self._configured_s = self._silent_since_s = self._now_s()

    async def _watch(self, driver: Driver, session: GattSession, lost: asyncio.Event) -> None:
        """Mind the stream until it ends, which is always an error."""
        timing = self._timing
        stall_s = max(timing.stall_s, PATIENCE * driver.notification_interval_s)
        silence_s = max(timing.silence_s, 2 * stall_s)
        poll_s = driver.poll_interval_s or math.inf
        next_status_s, next_poll_s = self._now_s() + timing.status_s, self._now_s() + poll_s
        while not lost.is_set():
            now_s = self._now_s()
            silent_s = now_s - self._silent_since_s
            if self._stream.stopped:
                raise SensorError(_("the sensor stopped: {stopped}").format(stopped=self._stream.stopped))
            if silent_s >= silence_s:
                raise SensorError(
                    _("the sensor is connected but silent for {silent_s:.0f} s").format(silent_s=silent_s)
                )
            if silent_s >= stall_s:
                self._tell(LinkState.STALLED, _("no data; is the sensor still near?"))
            elif now_s >= next_status_s:
                next_status_s = now_s + timing.status_s
                self._tell_figures()
            if now_s >= next_poll_s:
                next_poll_s = now_s + poll_s
                await self._poll(driver, session)
            stall_due_s = stall_s if silent_s < stall_s else silence_s
            due_s = min(next_status_s, next_poll_s, self._silent_since_s + stall_due_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(MIN_WAIT_S, due_s - self._now_s())):
                    await lost.wait()
        raise SensorError(_("the connection was lost"))

    async def _poll(self, driver: Driver, session: GattSession) -> None:
        """Ask for the battery and the like; the stream does not depend on the answer."""
        with contextlib.suppress(SensorError, TimeoutError):
            async with asyncio.timeout(self._timing.farewell_s):
                await driver.poll(session)

    async def _part(self, driver: Driver, session: GattSession, client: BleakClient) -> None:
        """Say goodbye as far as the sensor still listens."""
        try:
            async with asyncio.timeout(self._timing.farewell_s):
                if client.is_connected and self._closing.is_set():
                    with contextlib.suppress(SensorError, *RADIO_ERRORS):
                        await driver.stop(session)
        except TimeoutError:
            log.debug("the sensor did not stop in time")
        with contextlib.suppress(*RADIO_ERRORS):
            async with asyncio.timeout(self._timing.disconnect_s):
                await client.disconnect()

    # --- in the radio's callback: nothing here waits --------------------------------------------------------------

    def _hear(self, driver: Driver, characteristic: str, data: bytes) -> None:
        if driver is not self._driver:
            return  # of a connection that was given up, but not yet gone
        now_s = self._now_s()
        if characteristic in driver.data_characteristics and self._configured_s is not None:
            if self._stream.status.state is not LinkState.STREAMING:
                self._tell(LinkState.STREAMING, self._welcome(now_s))
            self._silent_since_s = self._last_data_s = now_s
        self._stream.put(Notification(now_s, characteristic, data))

    def _welcome(self, now_s: float) -> str:
        if self._last_data_s is None:
            return "; ".join(filter(None, (self._choice, *self._facts.notes)))
        return _("back after {x:.1f} s without data; the count goes on").format(x=now_s - self._last_data_s)

    # --- telling --------------------------------------------------------------------------------------------------

    def _tell(self, state: LinkState, detail: str) -> None:
        before = self._stream.status
        if (state, detail) != (before.state, before.detail) or not self._told:
            self._told = True
            self._stream.say(replace(self._facts, state=state, detail=detail))

    def _tell_figures(self) -> None:
        if self._stream.status.state is LinkState.STREAMING and not self._stream.status_waits:
            detail = self._stream.trouble(self._facts.nominal_rate_hz or self._rate_hz)
            self._stream.say(replace(self._facts, state=LinkState.STREAMING, detail=detail))

    def _now_s(self) -> float:
        return self._clock() - (self._origin_s or 0.0)
