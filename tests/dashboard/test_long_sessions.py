"""A session of hours does not grow in memory. Run with -m slow."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from array_link import SilentLink, squats

from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.screens.live import LiveScreen
from kneeimu.dashboard.screens.live_start import recorder_in
from kneeimu.live import LiveSession
from kneeimu.sensors.stream import Batch, LinkState, LinkStatus
from kneeimu.types import Samples, Setup

HOURS = 8.0
MOST_GROWTH_MB = 8.0


class EndlessLink(SilentLink):
    """The same set of twelve squats again and again, as fast as it goes."""

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        yield LinkStatus(LinkState.STREAMING, name="endless", nominal_rate_hz=100.0)
        one, shift_s = squats(12), 0.0
        while shift_s < HOURS * 3600:
            for first in range(0, len(one), 100):
                part = slice(first, first + 100)
                piece = Samples(one.time_s[part] + shift_s, one.acc_m_s2[part], one.gyr_rad_s[part])
                yield Batch(piece, ())
                await asyncio.sleep(0)
            shift_s += float(one.time_s[-1]) + 0.01


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_hours_do_not_grow(tmp_path: Path) -> None:
    setup = Setup("squat", "right", "thigh", 100.0)
    session = LiveSession(setup, EndlessLink(), open_recorder=recorder_in(tmp_path))
    screen = LiveScreen(session)
    used_mb: list[float] = []
    async with KneeimuApp(lambda: screen).run_test(size=(120, 40)) as pilot:
        for share in (0.1, 1.0):
            while session.time_s < share * HOURS * 3600 - 60:
                await pilot.pause(0.2)
            gc.collect()
            used_mb.append(psutil.Process().memory_info().rss / 1e6)
    print(f"\n{used_mb[0]:.0f} MB after {0.1 * HOURS:.1f} h, {used_mb[1]:.0f} MB after {HOURS:.1f} h")
    assert used_mb[1] - used_mb[0] < MOST_GROWTH_MB
