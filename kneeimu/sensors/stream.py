"""What a link gives: batches of samples and news of the link, through a queue that never blocks the radio."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum

from kneeimu.sensors.clock import SensorClock, joined
from kneeimu.sensors.driver import Battery, Driver, Malformed, Reading, Readings, Stopped, StreamSettings
from kneeimu.types import Samples
from kneeimu.words import _, n_

QUEUE_LIMIT = 4096  # notifications; five minutes of the kneeimu profile, some 200 bytes each
RATE_WINDOW_S = 4.0
RATE_TOLERANCE = 0.05
BURST_S = 0.01  # what comes within this time is counted as one, or the first of a burst would count for the rate
LOSS_TOLERANCE = 0.01
LOW_BATTERY_PERCENT = 15
TOLD_S = 10.0  # how long something that is over is told


class LinkState(StrEnum):
    """Where the link stands."""

    SEARCHING = "searching"
    CONNECTING = "connecting"
    STREAMING = "streaming"
    STALLED = "stalled"
    LOST = "lost"
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """How the link is doing.

    Attributes:
        state: where it stands.
        detail: what happened or what to do, for people; empty when there is nothing to say.
        nominal_rate_hz: what the sensor agreed to; None before.
        rate_hz: samples a second as they arrive, over the last seconds.
        received: samples delivered since the beginning.
        lost: samples missing: by the sensor's count, and while the link was down.
        dropped: notifications thrown away because nobody took them in time.
        malformed: notifications that made no sense.
        notes: what this sensor's firmware lacks or does otherwise.
    """

    state: LinkState
    detail: str = ""
    name: str = ""
    address: str = ""
    family: str = ""
    battery_percent: int | None = None
    rssi_dbm: int | None = None
    nominal_rate_hz: float | None = None
    rate_hz: float | None = None
    received: int = 0
    lost: int = 0
    dropped: int = 0
    malformed: int = 0
    serial_number: str = ""
    firmware: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notification:
    """What the sensor sent, as it arrived; ``host_time_s`` on the session's timeline."""

    host_time_s: float
    characteristic: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples and the notifications they came in."""

    samples: Samples | None
    notifications: tuple[Notification, ...]


@dataclass(frozen=True, slots=True)
class _Begin:
    """From here on the notifications are a new stream."""

    driver: Driver
    settings: StreamSettings | None


class Stream:
    """Between the notification callback and whoever takes the samples.

    The callback only appends; parsing and clock work happen when an item is taken.

    Attributes:
        status: the newest status.
        stopped: why the sensor ended the stream by itself; empty while it has not.
    """

    def __init__(self) -> None:
        self.status = LinkStatus(LinkState.SEARCHING)
        self.stopped = ""
        self._items: deque[Notification | LinkStatus | _Begin] = deque()
        self._news = asyncio.Event()
        self._dropped = self._malformed = 0
        self._heard_s = 0.0
        self._malformed_s = self._clock_jumped_s = -math.inf
        self._received_before = self._lost_before = 0
        self._driver: Driver | None = None
        self._clock: SensorClock | None = None
        self._last_sample_s = 0.0
        self._arrivals: deque[tuple[float, int, int]] = deque()
        self._battery: int | None = None
        self._waiting: list[Notification] = []  # of the first burst

    # --- from the radio -------------------------------------------------------------------------------------------

    def put(self, notification: Notification) -> None:
        """Take a notification; the newest is dropped when nobody has taken the others. After the end nothing comes."""
        if self.status.state is LinkState.CLOSED:
            return
        if len(self._items) >= QUEUE_LIMIT:
            self._dropped += 1
            return
        self._items.append(notification)
        self._news.set()

    def say(self, status: LinkStatus) -> None:
        """Tell a new status; one that nobody has seen yet and that comes right before it is replaced."""
        if self.status.state is LinkState.CLOSED:
            return  # a straggler must not reopen what is over
        self.status = status
        if len(self._items) >= QUEUE_LIMIT and isinstance(self._items[-1], LinkStatus):
            self._items.pop()
        self._items.append(status)
        self._news.set()

    def connected(self, driver: Driver) -> None:
        """A sensor is connected and being set up: what it sends now is no data yet."""
        self._items.append(_Begin(driver, None))

    def begin(self, driver: Driver, settings: StreamSettings) -> None:
        """The sensor streams from here on."""
        self.stopped = ""
        if settings.battery_percent is not None:
            self._battery = settings.battery_percent
        self._items.append(_Begin(driver, settings))

    @property
    def status_waits(self) -> bool:
        """The newest status has not been taken yet."""
        return self.status in self._items

    # --- to the user ----------------------------------------------------------------------------------------------

    async def take(self) -> Batch | LinkStatus | None:
        """Give the next item, None after the last (a status of state closed)."""
        while True:
            while self._items:
                item = self._items.popleft()
                if isinstance(item, LinkStatus):
                    return self.counted(item)
                if isinstance(item, Notification):
                    if batch := self._batch(item):
                        return batch
                    continue
                self._start(item)
            if self.status.state is LinkState.CLOSED:
                return None
            self._news.clear()
            await self._news.wait()

    def counted(self, status: LinkStatus) -> LinkStatus:
        """Give the status with today's figures."""
        clock = self._clock
        return replace(
            status,
            battery_percent=self._battery,
            rate_hz=self._rates_hz()[0],
            received=self._received_before + (clock.counts.received if clock else 0),
            lost=self._lost_before + (clock.counts.lost if clock else 0),
            dropped=self._dropped,
            malformed=self._malformed,
        )

    def trouble(self, nominal_rate_hz: float) -> str:
        """Say what is wrong with the stream though it runs; empty when nothing is."""
        if self._battery is not None and self._battery <= LOW_BATTERY_PERCENT:
            return _("the battery is at {battery} %: charge the sensor").format(battery=self._battery)
        if self._heard_s - self._malformed_s < TOLD_S:
            return n_(
                "{n} notification made no sense and was left out",
                "{n} notifications made no sense and were left out",
                self._malformed,
            )
        if self._heard_s - self._clock_jumped_s < TOLD_S:
            return _("the sensor's clock has jumped; its count was trusted instead")
        rate_hz, lost_hz = self._rates_hz()
        if rate_hz is None:
            return ""
        if lost_hz > LOSS_TOLERANCE * (rate_hz + lost_hz):
            return _("{x:.0%} of the samples get lost: bring the sensor nearer").format(x=lost_hz / (rate_hz + lost_hz))
        if abs((rate_hz + lost_hz) / nominal_rate_hz - 1) > RATE_TOLERANCE:
            return _("{rate_hz:.0f} samples a second arrive instead of {nominal_rate_hz:.0f}").format(
                rate_hz=rate_hz, nominal_rate_hz=nominal_rate_hz
            )
        return ""

    def _start(self, begin: _Begin) -> None:
        self._driver = begin.driver
        self._arrivals.clear()
        self._waiting.clear()
        if self._clock is not None:
            self._received_before += self._clock.counts.received
            self._lost_before += self._clock.counts.lost
            self._clock = None
        if begin.settings is not None:
            self._clock = SensorClock(
                begin.settings.rate_hz,
                device_clock_wrap_s=begin.driver.device_clock_wrap_s,
                sequence_wrap=begin.driver.sequence_wrap,
                not_before_s=self._last_sample_s,
            )

    def _batch(self, notification: Notification) -> Batch | None:
        """Give what a notification brings; None while its samples wait for the end of the first burst."""
        driver = self._driver
        assert driver is not None  # nothing is subscribed before ``connected``
        self._heard_s = notification.host_time_s
        readings = driver.parse(notification.characteristic, notification.data, notification.host_time_s)
        runs = [samples for reading in readings if (samples := self._digest(reading, notification.host_time_s))]
        self._waiting.append(notification)
        if self._clock is not None and self._clock.waits:
            return None
        waited, self._waiting = tuple(self._waiting), []
        return Batch(joined(runs), waited)

    def _digest(self, reading: Reading, arrival_s: float) -> Samples | None:
        match reading:
            case Readings():
                return self._placed(reading, arrival_s)
            case Battery(percent=percent):
                self._battery = percent
            case Stopped(reason=reason):
                self.stopped = reason
            case Malformed():
                self._malformed += 1
                self._malformed_s = arrival_s
        return None

    def _placed(self, readings: Readings, arrival_s: float) -> Samples | None:
        if self._clock is None:
            return None
        jumps = self._clock.counts.clock_jumps
        samples = self._clock.place(readings, arrival_s)
        if self._clock.counts.clock_jumps > jumps:
            self._clock_jumped_s = arrival_s
        if samples is None:
            return None
        if samples.restart and self._last_sample_s and self._clock.counts.received == len(samples):
            missing_s = float(samples.time_s[0]) - self._last_sample_s
            self._lost_before += max(0, round(missing_s * self._clock.rate_hz) - 1)
        self._last_sample_s = float(samples.time_s[-1])
        burst_s, n = arrival_s, len(samples)
        if self._arrivals and arrival_s - self._arrivals[-1][0] < BURST_S:
            burst_s, before, _ = self._arrivals.pop()
            n += before
        self._arrivals.append((burst_s, n, self._clock.counts.lost))
        while arrival_s - self._arrivals[0][0] > RATE_WINDOW_S:
            self._arrivals.popleft()
        return samples

    def _rates_hz(self) -> tuple[float | None, float]:
        """Give how many samples a second arrived, and how many were lost, over the last seconds."""
        if len(self._arrivals) < 2:
            return None, 0.0
        (first_s, n, lost_before), (last_s, _, lost) = self._arrivals[0], self._arrivals[-1]
        elapsed_s = last_s - first_s
        if elapsed_s < RATE_WINDOW_S / 2:
            return None, 0.0
        return (sum(n for _, n, _ in self._arrivals) - n) / elapsed_s, (lost - lost_before) / elapsed_s
