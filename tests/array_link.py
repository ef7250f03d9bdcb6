"""Links that give recorded samples, for tests of what comes after the radio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import numpy as np

from kneeimu.sensors.clock import LONGEST_BRIDGED_GAP_S
from kneeimu.sensors.stream import Batch, LinkState, LinkStatus
from kneeimu.types import Samples


def squats(count: int = 5, *, rate_hz: float = 100.0, period_s: float = 3.0, depth_deg: float = 60.0) -> Samples:
    """A thigh that goes forwards and back ``count`` times after two seconds of rest, then rests again."""
    time_s = np.arange(int(rate_hz * (2.0 + count * period_s + 3.0))) / rate_hz
    phase = np.clip(time_s - 2.0, 0.0, count * period_s)
    angle = np.radians(depth_deg) * (1 - np.cos(2 * np.pi * phase / period_s)) / 2
    zero = np.zeros_like(angle)
    acc = 9.81 * np.column_stack((np.sin(angle), np.cos(angle), zero))
    gyr = np.column_stack((zero, zero, np.gradient(angle, 1 / rate_hz)))
    noise = np.random.default_rng(0).normal(size=(2, len(time_s), 3))
    return Samples(time_s, acc + 0.02 * noise[0], gyr + 0.002 * noise[1])


class SilentLink:
    """A link that gives nothing until it is closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        self.closed.set()

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        await self.closed.wait()
        return
        yield


class ArrayLink(SilentLink):
    """Gives samples in batches, ``speed`` times as fast as they were made; ``speed`` None as fast as it goes.

    As from the sensor's clock, a batch after a gap begins anew.
    """

    def __init__(self, samples: Samples, *, speed: float | None = None, batch: int = 8, rate_hz: float = 100.0) -> None:
        super().__init__()
        self.samples, self.speed, self.batch, self.rate_hz = samples, speed, batch, rate_hz

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        yield LinkStatus(LinkState.CONNECTING, name="array")
        yield LinkStatus(
            LinkState.STREAMING, name="array", address="A0", battery_percent=80, nominal_rate_hz=self.rate_hz,
            rate_hz=self.rate_hz,
        )  # fmt: skip
        for first in range(0, len(self.samples), self.batch):
            if self.closed.is_set():
                break
            part = slice(first, first + self.batch)
            samples = self.samples
            step_s = samples.time_s[first] - samples.time_s[first - 1] if first else 0.0
            restart = bool(step_s > LONGEST_BRIDGED_GAP_S)
            piece = Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part], restart)
            yield Batch(piece, ())
            await asyncio.sleep(len(piece) / self.rate_hz / self.speed if self.speed else 0)
        await self.closed.wait()
        yield LinkStatus(LinkState.CLOSED, name="array")
