"""A recording played as if it were live, for ``kneeimu publish FILE``."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Iterator, Sequence

from kneeimu.live import Command, Listener, LiveUpdate
from kneeimu.sensors.stream import LinkState, LinkStatus
from kneeimu.sessions.analysis import make_engine
from kneeimu.sessions.recording_format import Command as RecordedCommand
from kneeimu.sessions.replay import step
from kneeimu.tally import Tally
from kneeimu.types import Event, Samples, Setup, Trace

PIECE_S = 0.1
"""Samples are given to the engine in pieces of this length, as a sensor would send them."""


class Player:
    """Gives the updates of a session at its own pace.

    Args:
        items: samples and commands in their order.
        speed: multiple of real time; ``math.inf`` does not wait at all.
        where: the file, for errors.

    Raises:
        InputError: the setup does not fit.
    """

    def __init__(
        self, setup: Setup, items: Sequence[Samples | RecordedCommand], *, speed: float = 1.0, where: str = ""
    ) -> None:  # fmt: skip
        self.setup = setup
        self.tally = Tally()
        self.status: LinkStatus | None = LinkStatus(
            LinkState.STREAMING, name="recording", rate_hz=setup.sampling_rate_hz
        )  # fmt: skip
        self._items, self._speed = items, speed
        self._engine = make_engine(setup, where)
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be told what is new; gives what ends it."""
        self._listeners.append(listener)

        def leave() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return leave

    async def run(self) -> None:
        """Play from the first to the last item."""
        loop = asyncio.get_running_loop()
        started, first_s, time_s = loop.time(), None, 0.0
        for item in pieces(self._items):
            if isinstance(item, Samples):
                time_s = float(item.time_s[-1])
                first_s = float(item.time_s[0]) if first_s is None else first_s
                due = started + (time_s - first_s) / self._speed
                await asyncio.sleep(max(0.0, due - loop.time()))
                self._tell(time_s, step(self._engine, item), samples=item, trace=self._engine.trace)
            else:
                command = Command(item.name, item.time_s, dict(item.data))
                self._tell(item.time_s, step(self._engine, item), command=command)
        self._tell(time_s, self._engine.finish())
        self.status = LinkStatus(LinkState.CLOSED, name="recording")
        self._tell(time_s, [], ended=True)

    def _tell(
        self, time_s: float, events: list[Event], *, samples: Samples | None = None, trace: Trace | None = None,
        command: Command | None = None, ended: bool = False,
    ) -> None:  # fmt: skip
        if command is not None:
            self.tally.command(command.name, command.time_s, command.data)
        for event in events:
            self.tally.apply(event)
        update = LiveUpdate(time_s, samples, tuple(events), trace, command=command, ended=ended)
        for listener in tuple(self._listeners):
            listener(update)


def pieces(items: Sequence[Samples | RecordedCommand]) -> Iterator[Samples | RecordedCommand]:
    """Give the items with long runs of samples cut into pieces of ``PIECE_S``."""
    for item in items:
        if not isinstance(item, Samples):
            yield item
            continue
        if not len(item):
            continue
        span_s = float(item.time_s[-1] - item.time_s[0])
        size = max(1, math.ceil(len(item) * min(1.0, PIECE_S / span_s)) if span_s > 0 else len(item))
        for first in range(0, len(item), size):
            part = slice(first, first + size)
            restart = item.restart and first == 0
            yield Samples(item.time_s[part], item.acc_m_s2[part], item.gyr_rad_s[part], restart)
