"""Hours of two sensors at once: flat memory, no loss, little CPU.

``KNEEIMU_SOAK_S`` and ``KNEEIMU_SOAK_SPEED`` say for how long and how much faster than time.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time

import psutil
import pytest

from kneeimu.engine import Engine
from kneeimu.sensors.link import Batch, LinkState, LinkStatus, LinkTiming, SensorLink
from kneeimu.types import Setup

from .virtual import sensor_process

SOAK_S = float(os.environ.get("KNEEIMU_SOAK_S", "90"))
SPEED = float(os.environ.get("KNEEIMU_SOAK_SPEED", "16"))
RATE_HZ = 104.0
WARM_UP = 0.25  # of the time: windows fill, caches grow


class Listener:
    """Takes all that a link gives and keeps nothing."""

    def __init__(self, link: SensorLink, mount: str) -> None:
        self.link, self.status = link, LinkStatus(LinkState.SEARCHING)
        self.losses = self.stalls = 0
        self.received, self.last_s = 0, 0.0
        self.engine = Engine(Setup("squat", "right", "thigh" if mount == "thigh" else "shin", RATE_HZ))

    async def run(self) -> None:
        async with self.link:
            async for item in self.link:
                if isinstance(item, Batch):
                    if item.samples is not None:
                        assert item.samples.time_s[0] > self.last_s
                        self.last_s = float(item.samples.time_s[-1])
                        self.received += len(item.samples)
                        self.engine.feed(item.samples)
                else:
                    self.losses += item.state is LinkState.LOST
                    self.stalls += item.state is LinkState.STALLED
                    self.status = item


@pytest.mark.slow
@pytest.mark.timeout(SOAK_S + 120)
async def test_hours_of_two_sensors_leave_no_trace(air: str, capsys: pytest.CaptureFixture[str]) -> None:
    clock = lambda: time.monotonic() * SPEED  # noqa: E731
    timing = LinkTiming(scan_s=10 * SPEED, look_s=10 * SPEED, stall_s=2 * SPEED, silence_s=8 * SPEED, status_s=SPEED)
    process = psutil.Process()
    options = ("--transport", air, "--join", "--mount", "both", "--rate", str(RATE_HZ), "--speed", str(SPEED))
    async with sensor_process(*options, "--loop", "20", "--clock-ppm", "40"):
        listeners = [
            Listener(SensorLink(f"kneeimu {mount}", rate_hz=RATE_HZ, clock=clock, timing=timing), mount)
            for mount in ("thigh", "shin")
        ]
        tasks = [asyncio.create_task(listener.run()) for listener in listeners]
        await asyncio.sleep(SOAK_S * WARM_UP)
        gc.collect()
        memory, cpu, since = process.memory_info().rss, process.cpu_times(), time.monotonic()
        await asyncio.sleep(SOAK_S * (1 - WARM_UP))
        gc.collect()
        grown_mb = (process.memory_info().rss - memory) / 2**20
        now = process.cpu_times()
        share = (now.user + now.system - cpu.user - cpu.system) / (time.monotonic() - since)
        for listener in listeners:
            await listener.link.close()
        await asyncio.gather(*tasks)
    hours = SOAK_S * SPEED / 3600
    stalls = sum(listener.stalls for listener in listeners)  # of a busy machine
    with capsys.disabled():
        print(
            f"\n2 x {RATE_HZ:g} Hz, {hours:.2f} h at {SPEED:g}x: grown {grown_mb:+.1f} MB, {share:.1%} of a core, "
            f"{stalls} stalls"
        )
    for listener in listeners:
        assert listener.status.lost == listener.status.dropped == listener.status.malformed == 0
        assert listener.losses == 0
        assert listener.received > 0.9 * RATE_HZ * SOAK_S * SPEED
    assert grown_mb < 5.0
