"""The count does not depend on whose sensor it is."""

from __future__ import annotations

import asyncio
import contextlib

import numpy as np
import pytest
from driver_world import open_air, switched_on

from firmware_sim import simulate
from firmware_sim.motion_source import MotionSource
from firmware_sim.scenario import Scenario
from kneeimu.live import LiveSession, LiveUpdate
from kneeimu.sensors.link import LinkTiming, SensorLink
from kneeimu.types import Setup

FAMILIES = ("polar", "witmotion", "movella-dot", "movesense", "metamotion", "thingy52")
REPS = 5
STILL_S = 4.0


@pytest.mark.slow
async def test_every_family_counts_the_same_squats() -> None:
    simulation = simulate(Scenario(exercise="squat", mount="thigh", reps=REPS, rate_hz=200.0))
    still = round(STILL_S * 200.0)  # some families measure their rate before they stream
    time_s = np.arange(still + len(simulation.time_s)) / 200.0
    acc, gyr = (
        np.vstack([np.repeat(felt[:1], still, axis=0), felt]) for felt in (simulation.acc_m_s2, simulation.gyr_rad_s)
    )
    motion = MotionSource(time_s, acc, gyr)
    duration_s = float(time_s[-1]) + 4.0
    counts = dict.fromkeys(FAMILIES, 0)

    async def train(family: str, address: str) -> None:
        def on_update(update: LiveUpdate) -> None:
            counts[family] += sum(event.kind == "rep" for event in update.events)
            counts[family] -= sum(event.kind == "rep-revoked" for event in update.events)

        link = SensorLink(address, family=family, timing=LinkTiming(settle_s=0.0))
        session = LiveSession(Setup("squat", "right", "thigh", 100.0), link)
        session.subscribe(on_update)
        session.start()
        await asyncio.sleep(duration_s)
        await session.stop()

    async with open_air() as place, contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        for number, family in enumerate(FAMILIES):
            address = f"F0:F1:F2:F3:F4:{number:02X}"
            await stack.enter_async_context(switched_on(place, family, address=address, motion=motion))
            group.create_task(train(family, address))
    assert counts == dict.fromkeys(FAMILIES, REPS)
