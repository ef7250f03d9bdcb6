"""Gathers what one sensor sends into batches, at most two a second."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from kneeimu.cluster.batch import MOST_MARKS, MOST_SAMPLES, About, RawBatch
from kneeimu.live import Link
from kneeimu.sensors.stream import LinkStatus
from kneeimu.sessions.recording_format import Command
from kneeimu.telemetry.player import pieces
from kneeimu.telemetry.session import new_session_name
from kneeimu.types import Alignment, Samples, Setup

BATCH_S = 0.5
"""Two messages a second: as many as 100 wearers can send through one client."""

Item = Samples | Command | LinkStatus


class Source(Protocol):
    """Where a sensor's samples come from."""

    def items(self) -> AsyncIterator[Item]:
        """Give them as they come."""


class PlayedSource:
    """Samples and commands that are known already, at their own pace.

    Args:
        speed: multiple of real time; ``math.inf`` does not wait.
    """

    def __init__(self, items: Sequence[Samples | Command], speed: float = 1.0) -> None:
        self._items, self._speed = items, speed

    async def items(self) -> AsyncIterator[Item]:
        """Give them as a sensor would."""
        loop = asyncio.get_running_loop()
        started, first_s = loop.time(), None
        for item in pieces(self._items):
            if isinstance(item, Samples):
                first_s = float(item.time_s[0]) if first_s is None else first_s
                due = started + (float(item.time_s[-1]) - first_s) / self._speed
                await asyncio.sleep(max(0.0, due - loop.time()))
            yield item


class LinkSource:
    """A sensor over the air."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def items(self) -> AsyncIterator[Item]:
        """Give samples and news of the link until it ends."""
        async with self._link:
            async for item in self._link:
                if isinstance(item, LinkStatus):
                    yield item
                elif item.samples is not None and len(item.samples):
                    yield item.samples


class Feed:
    """One wearer's sensor.

    Args:
        wearer: names the person in topics.
        setup: its rate gives way to what the sensor agrees to.
        find_alignment: asked for the sensor of that address once samples come; None when there is none to find.

    Attributes:
        session: names the session.
        status: newest news of the link; None before the first.
    """

    def __init__(
        self, wearer: str, setup: Setup, source: Source, about: About, *,
        find_alignment: Callable[[str], Alignment | None] | None = None,
    ) -> None:  # fmt: skip
        self.wearer, self.setup, self.about = wearer, setup, about
        self.session = new_session_name()
        self.status: LinkStatus | None = None
        self._source, self._find_alignment = source, find_alignment
        self._items: list[Samples | Command] = []
        self._number = 0
        self._begun = False
        self._host_utc_s = time.time()

    async def run(
        self, send: Callable[[str, RawBatch], None], tell: Callable[[str, LinkStatus], None] = lambda *_: None
    ) -> None:  # fmt: skip
        """Send batches until the source ends or the task is cancelled; then the last one.

        Args:
            tell: is told when the link's state changes.
        """
        beat = asyncio.create_task(self._beat(send), name=f"beat {self.wearer}")
        try:
            async for item in self._source.items():
                if isinstance(item, LinkStatus) and (self.status is None or self.status.state != item.state):
                    tell(self.wearer, item)
                self._take(item)
        finally:
            beat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beat
            self._send(send, last=True)

    async def _beat(self, send: Callable[[str, RawBatch], None]) -> None:
        # sensors that begin together don't send together
        await asyncio.sleep(random.uniform(0.0, BATCH_S))
        while True:
            if self._items:
                self._send(send)
            await asyncio.sleep(BATCH_S)

    def _take(self, item: Item) -> None:
        if isinstance(item, LinkStatus):
            self.about = replace(
                self.about, battery_percent=item.battery_percent, received=item.received, lost=item.lost
            )  # fmt: skip
            self.status = item
            if item.nominal_rate_hz and not self._begun:
                self.setup = replace(self.setup, sampling_rate_hz=item.nominal_rate_hz)
            return
        if not self._begun:
            self._begun = True
            if self.setup.alignment is None and self._find_alignment is not None:
                address = self.status.address if self.status else ""
                self.setup = replace(self.setup, alignment=self._find_alignment(address))
        self._items.append(item)
        self._host_utc_s = time.time()

    def _send(self, send: Callable[[str, RawBatch], None], *, last: bool = False) -> None:
        items, self._items = self._items, []
        groups = list(_groups(items))
        if last and not groups and self._number:
            groups = [[]]
        for index, group in enumerate(groups):
            self._number += 1
            ends = last and index == len(groups) - 1
            batch = RawBatch(
                self.session, self._number, self.setup, tuple(group), self._host_utc_s, ends, self.about
            )  # fmt: skip
            send(self.wearer, batch)


def _groups(items: list[Samples | Command]) -> list[list[Samples | Command]]:
    """Divide what is too much for one message."""
    groups: list[list[Samples | Command]] = []
    count = MOST_SAMPLES
    for item in items:
        size = len(item) if isinstance(item, Samples) else 0
        if not groups or count + size > MOST_SAMPLES or len(groups[-1]) >= MOST_MARKS:
            groups.append([])
            count = 0
        groups[-1].append(item)
        count += size
    return groups
