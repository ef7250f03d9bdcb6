"""Where the samples of the app come from: one real sensor that stays connected, or the simulated one.

A session is made of several exercises, each with an engine and a recording of its own; the radio link outlives them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol

from kneeimu.dashboard.preferences import SIMULATED
from kneeimu.errors import KneeimuError
from kneeimu.live import Link
from kneeimu.sensors.stream import Batch, LinkStatus
from kneeimu.types import Alignment, Mount, Samples, Side

QUEUE_LIMIT = 2048
FOUND_WITHIN_S = 10.0
"""A sensor that is on and near is found and streams by then. Engineering choice."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the wearer is about to do: only the simulated one needs to be told.

    Attributes:
        align: begin with the movements of an alignment.
    """

    exercise: str
    side: Side
    mount: Mount
    reps: int = 10
    rest_s: float = 12.0
    align: bool = False


class Source(Protocol):
    """Gives links, one after the other."""

    @property
    def name(self) -> str:
        """What the sensor is called in the files of alignments."""
        ...

    def link(self, task: Task) -> Link:
        """Give a link for the next task. Its timeline begins near 0 s."""
        ...

    def find_alignment(self, side: Side, mount: Mount) -> Alignment | None:
        """Give what is known of how the box sits now."""
        ...

    async def close(self) -> None:
        """Let the sensor go."""
        ...


class SimulatedSource:
    """A simulated person for each task, over the ordinary Bluetooth client.

    Args:
        speed: time compression, for tests.
        seed: who the person is; the box sits the same way for the same seed.
        scenario: more keys of the scenario, such as ``valgus_deg``.
    """

    name = SIMULATED

    def __init__(
        self, *, speed: float = 1.0, seed: int = 1, scenario: Mapping[str, object] | None = None
    ) -> None:  # fmt: skip
        self.speed, self.seed, self.scenario = speed, seed, dict(scenario or {})
        self._now: object | None = None

    def link(self, task: Task) -> Link:
        """Give a person who does the task."""
        from kneeimu.sensors.simulated import SimulatedLink, SimulatedWearer

        scenario = {**self.scenario, "alignment": "squats"} if task.align else self.scenario
        wearer = SimulatedWearer(
            task.exercise, task.side, task.mount, reps=task.reps, rest_s=task.rest_s, seed=self.seed, speed=self.speed,
            scenario=scenario,
        )  # fmt: skip
        link = SimulatedLink(wearer)
        self._now = link
        return link

    def find_alignment(self, side: Side, mount: Mount) -> Alignment | None:
        """Ask the simulation how the box sits."""
        from kneeimu.sensors.simulated import SimulatedLink

        known = self._now.sensor.alignment() if isinstance(self._now, SimulatedLink) else None
        return known if known is not None and (known.side, known.mount) == (side, mount) else None

    async def close(self) -> None:
        """Nothing is kept between tasks."""


class SensorSource:
    """One sensor that stays connected; each task taps its stream.

    Args:
        address: of the sensor.
        open_link: makes the link; tests give another one.
    """

    def __init__(self, address: str, open_link: Callable[[], Link] | None = None) -> None:
        self.name = address
        self._open = open_link or self._open_sensor
        self._link: Link | None = None
        self._pump: asyncio.Task[None] | None = None
        self._taps: list[Tap] = []
        self._status: LinkStatus | None = None
        self._newest_s = 0.0

    def link(self, task: Task) -> Link:  # noqa: ARG002 (a real person needs no telling)
        """Give a tap into the stream; the first one connects."""
        return Tap(self)

    def find_alignment(self, side: Side, mount: Mount) -> Alignment | None:
        """Look into the stored alignments of this sensor."""
        from kneeimu.sessions.alignments import find_alignment

        try:
            return find_alignment(self.name, side, mount)
        except KneeimuError:
            return None

    async def close(self) -> None:
        """Say farewell to the sensor."""
        if self._link is not None:
            await self._link.close()
        if self._pump is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({self._pump}, timeout=5.0)
            self._pump.cancel()

    def _open_sensor(self) -> Link:
        from kneeimu.sensors.link import SensorLink
        from kneeimu.sensors.trimmed import TrimmedLink
        from kneeimu.sessions.devices import find_device

        return TrimmedLink(SensorLink(self.name), find_device)

    def add(self, tap: Tap) -> tuple[LinkStatus | None, float]:
        """Let a tap listen; give the present status and the newest time, s."""
        self._taps.append(tap)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run(), name="sensor source")
        return self._status, self._newest_s

    def remove(self, tap: Tap) -> None:
        """A tap has heard enough."""
        with contextlib.suppress(ValueError):
            self._taps.remove(tap)

    async def _run(self) -> None:
        end: KneeimuError | None = None
        try:
            async with self._open() as link:
                self._link = link
                async for item in link:
                    self._hand_on(item)
        except KneeimuError as error:
            end = error
        finally:
            self._link = None
            for tap in tuple(self._taps):
                tap.end(end)

    def _hand_on(self, item: Batch | LinkStatus) -> None:
        if isinstance(item, LinkStatus):
            self._status = item
        elif item.samples is not None and len(item.samples):
            self._newest_s = float(item.samples.time_s[-1])
        for tap in tuple(self._taps):
            tap.put(item)


class Tap:
    """One listener of a ``SensorSource``; acts like a link whose timeline begins when it is opened."""

    def __init__(self, source: SensorSource) -> None:
        self._source = source
        self._queue: asyncio.Queue[Batch | LinkStatus | None] = asyncio.Queue(QUEUE_LIMIT)
        self._from_s = 0.0
        self._failure: KneeimuError | None = None
        self._ended = False

    async def __aenter__(self) -> Tap:
        status, self._from_s = self._source.add(self)
        if status is not None:
            self._queue.put_nowait(status)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        while (item := await self._queue.get()) is not None:
            yield item if isinstance(item, LinkStatus) else self._rebased(item)
        if self._failure is not None:
            raise self._failure

    async def close(self) -> None:
        """Listen no more; the sensor stays connected."""
        self._source.remove(self)
        self.end(None)

    def put(self, item: Batch | LinkStatus) -> None:
        """Take what the sensor sent; a listener that sleeps loses the newest."""
        if not self._ended:
            with contextlib.suppress(asyncio.QueueFull):
                self._queue.put_nowait(item)

    def end(self, failure: KneeimuError | None) -> None:
        """Nothing more will come."""
        if self._ended:
            return
        self._ended, self._failure = True, failure
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    def _rebased(self, batch: Batch) -> Batch:
        samples = batch.samples
        if samples is not None:
            samples = Samples(samples.time_s - self._from_s, samples.acc_m_s2, samples.gyr_rad_s, samples.restart)
        notifications = tuple(replace(one, host_time_s=one.host_time_s - self._from_s) for one in batch.notifications)
        return Batch(samples, notifications)


def source_for(sensor: str, *, speed: float = 1.0) -> Source:
    """Give the source of a sensor by its address, or the simulated one."""
    return SimulatedSource(speed=speed) if sensor in ("", SIMULATED) else SensorSource(sensor)
