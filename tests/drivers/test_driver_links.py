"""Sensors of every family at once, each over a link of its own, on one timeline and one adapter."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from driver_world import GRAVITY, TURN_HZ, open_air, switched_on

from firmware_sim.bleak_backend import close, install
from firmware_sim.faults import Faults
from firmware_sim.motion_source import MotionClock
from kneeimu.sensors.inspection import sensors_in_reach
from kneeimu.sensors.link import Batch, LinkState, LinkTiming, SensorLink
from kneeimu.types import Samples

FAMILIES = ("polar", "witmotion", "movella-dot", "movesense", "metamotion", "thingy52")
HAVE_A_CLOCK = {"polar", "movella-dot", "movesense"}
STREAM_S = 1.5
QUICK = LinkTiming(settle_s=0.0)


async def _stream(link: SensorLink, stream_s: float) -> list[Samples]:
    """Take samples until there are so many seconds of them."""
    runs: list[Samples] = []
    async with link:
        async for item in link:
            if isinstance(item, Batch) and item.samples is not None:
                runs.append(item.samples)
                if runs[-1].time_s[-1] - runs[0].time_s[0] >= stream_s:
                    break
        assert link.status.state is LinkState.STREAMING
    return runs


async def test_every_family_streams_through_one_adapter_at_once() -> None:
    origin_s = time.monotonic()
    async with open_air() as place, contextlib.AsyncExitStack() as stack:
        links = []
        for number, family in enumerate(FAMILIES):
            address = f"F0:F1:F2:F3:F4:{number:02X}"
            await stack.enter_async_context(switched_on(place, family, address=address))
            links.append(SensorLink(address, family=family, origin_s=origin_s, timing=QUICK))
        everything = await asyncio.gather(*(_stream(link, STREAM_S) for link in links))
    for family, link, runs in zip(FAMILIES, links, everything, strict=True):
        time_s = np.concatenate([run.time_s for run in runs])
        size = np.linalg.norm(np.vstack([run.acc_m_s2 for run in runs]), axis=1)
        assert np.all(np.diff(time_s) > 0), family
        assert size == pytest.approx(np.hypot(0.5, 0.25) * GRAVITY, abs=0.03), family
        assert (link.status.family, link.status.malformed) == (family, 0)
        if family in HAVE_A_CLOCK:  # without one, a host that stops for a moment looks like a loss
            assert [run.restart for run in runs].count(True) == 1, family
            assert link.status.lost == 0, family
        assert link.status.battery_percent == pytest.approx(87, abs=8), family


@pytest.mark.parametrize("families", [("movesense", "witmotion"), ("movella-dot", "metamotion")], ids="+".join)
async def test_two_families_on_one_body_share_one_timeline(families: tuple[str, str]) -> None:
    origin_s, clock = time.monotonic(), MotionClock()
    async with open_air() as place, contextlib.AsyncExitStack() as stack:
        links = []
        for number, family in enumerate(families):
            address = f"F0:F1:F2:F3:F4:{number:02X}"
            await stack.enter_async_context(switched_on(place, family, address=address, clock=clock))
            links.append(SensorLink(address, family=family, origin_s=origin_s, timing=QUICK))
        both = await asyncio.gather(*(_stream(link, 4.0) for link in links))
    first, second = (_movement_began_s(runs) for runs in both)
    apart_s = (second - first + 0.5 / TURN_HZ) % (1 / TURN_HZ) - 0.5 / TURN_HZ
    assert abs(apart_s) < 0.05


def _movement_began_s(runs: list[Samples]) -> float:
    """When the rocking began on the session's timeline: its angle tells for how long it has gone on."""
    time_s, acc = (np.concatenate(parts) for parts in zip(*[(run.time_s, run.acc_m_s2) for run in runs], strict=True))
    moving_s = np.unwrap(np.arctan2(acc[:, 0], acc[:, 2])) / (2 * np.pi * TURN_HZ)
    began_s = time_s - moving_s
    return float(np.median(began_s[len(began_s) // 2 :]))


async def test_every_family_survives_a_bad_radio() -> None:
    faults = Faults(loss=0.03, duplicate=0.03, reorder=0.03, corrupt=0.03, truncate=0.03, oversize=0.03)
    async with open_air() as place, contextlib.AsyncExitStack() as stack:
        links = []
        for number, family in enumerate(FAMILIES):
            address = f"F0:F1:F2:F3:F4:{number:02X}"
            await stack.enter_async_context(switched_on(place, family, faults=faults, address=address, seed=number))
            links.append(SensorLink(address, family=family, timing=QUICK))
        everything = await asyncio.gather(*(_stream(link, 2 * STREAM_S) for link in links))
    for family, runs in zip(FAMILIES, everything, strict=True):
        time_s = np.concatenate([run.time_s for run in runs])
        with np.errstate(all="ignore"):  # spoilt bits are any number
            size = np.linalg.norm(np.vstack([run.acc_m_s2 for run in runs]), axis=1)
        assert np.all(np.diff(time_s) > 0), family
        sound = np.abs(size - np.hypot(0.5, 0.25) * GRAVITY) < 0.05
        assert sound.mean() > 0.85, family
    assert sum(link.status.malformed for link in links) > 0


async def test_a_scan_tells_every_family_and_its_battery() -> None:
    async with open_air() as place, contextlib.AsyncExitStack() as stack:
        for number, family in enumerate(FAMILIES):
            await stack.enter_async_context(switched_on(place, family, address=f"F0:F1:F2:F3:F4:{number:02X}"))
        seen = {sensor.family: sensor for sensor in await sensors_in_reach(0.5)}
    assert set(seen) == set(FAMILIES)
    for family, sensor in seen.items():
        assert sensor.problem == ""
        assert sensor.battery_percent == pytest.approx(87, abs=8), family


@pytest.mark.parametrize("family", ["polar"])
async def test_the_emulation_runs_as_a_process_of_its_own(family: str, tmp_path: Path) -> None:
    place = f"unix:{tmp_path}/air"
    command = [sys.executable, "-m", "firmware_sim", "--family", family, "--transport", place, "--die-with-parent"]
    sensor = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    undo = install(place)
    try:
        assert sensor.stdout is not None
        assert await asyncio.wait_for(sensor.stdout.readline(), 20) == b"READY\n"
        runs = await _stream(SensorLink(family=family, timing=QUICK), 0.5)
    finally:
        undo()
        await close()
        sensor.kill()
        await sensor.wait()
    size = np.linalg.norm(np.vstack([run.acc_m_s2 for run in runs]), axis=1)
    assert size.mean() == pytest.approx(GRAVITY, abs=1.0), "the leg stands still at first"
