#!/usr/bin/env python3
"""Stream for hours from two sensors and watch memory, loss and processor time.

    scripts/soak.py --hours 8              time-compressed: packets go straight into the link's stream
    scripts/soak.py --radio-minutes 60     in real time over the virtual radio, the sensors in a process of their own

Both end in the live session with its engine and recording, as ``kneeimu live`` does. One line per simulated hour or
real minute, a verdict at the end; the exit status is 1 when samples were lost or the memory grew.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import psutil

from firmware_sim import profile, simulate
from firmware_sim.motion_source import MotionSource
from firmware_sim.scenario import Scenario
from kneeimu.live import LiveSession, LiveUpdate
from kneeimu.sensors.driver import StreamSettings
from kneeimu.sensors.link import SensorLink
from kneeimu.sensors.open_profile import DATA_UUID, OpenProfile
from kneeimu.sensors.stream import Batch, LinkState, LinkStatus, Notification, Stream
from kneeimu.sessions.recording import Recorder
from kneeimu.types import Setup

RATE_HZ = 104.0
PERIOD_US = round(1e6 / RATE_HZ)
SAMPLES_PER_NOTIFICATION = 8
REPS, REST_S = 10, 240.0
CLOCK_PPM = {"thigh": 40.0, "shin": -70.0}
LATENCY_S, JITTER_S = 0.010, 0.030
WARM_UP_SHARE = 0.2
MOST_GROWTH_MB = 8.0
RADIO_WARM_UP_MIN = 3


@dataclass
class Watch:
    """What both sessions have seen, and what this process costs."""

    sessions: list[LiveSession]
    reps: int = 0

    def __post_init__(self) -> None:
        self._process = psutil.Process()
        self._cpu_s, self._wall_s = self._used_s(), time.perf_counter()
        self.memory_mb: list[float] = []

    def on_update(self, update: LiveUpdate) -> None:
        self.reps += sum(event.kind == "rep" for event in update.events)
        if update.problem:
            raise SystemExit(update.problem)

    def line(self, label: str, elapsed_s: float) -> str:
        """Give a line of figures; ``elapsed_s`` is the time the sensors have streamed since the last one."""
        self.memory_mb.append(self._process.memory_info().rss / 1e6)
        cpu_s, wall_s = self._used_s(), time.perf_counter()
        share, took_s = (cpu_s - self._cpu_s) / elapsed_s, wall_s - self._wall_s
        self._cpu_s, self._wall_s = cpu_s, wall_s
        return (
            f"{label}: {self.received} samples, {self.lost} lost, {self.reps} reps, "
            f"{self.memory_mb[-1]:.1f} MB, {100 * share:.2f} % of a core, took {took_s:.0f} s"
        )

    @property
    def received(self) -> int:
        return sum(session.status.received for session in self.sessions if session.status)

    @property
    def lost(self) -> int:
        return sum(session.status.lost + session.status.dropped for session in self.sessions if session.status)

    def verdict(self, warm_up: int) -> int:
        """Print the outcome and give the exit status."""
        settled = self.memory_mb[min(warm_up, len(self.memory_mb) - 1) :]
        growth_mb = settled[-1] - settled[0]
        good = self.lost == 0 and growth_mb < MOST_GROWTH_MB and self.reps > 0
        print(f"{'good' if good else 'BAD'}: {self.lost} lost, memory grew by {growth_mb:.1f} MB after warming up")
        return 0 if good else 1

    def _used_s(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


def made_session(link: Any, mount: str, folder: str | None) -> LiveSession:
    """A session as ``kneeimu live`` makes it; not recorded without a folder."""
    setup = Setup("squat", "right", mount, RATE_HZ)  # type: ignore[arg-type]
    if folder is None:
        return LiveSession(setup, link)
    return LiveSession(
        setup, link, open_recorder=lambda setup, sensor: Recorder.create(Path(folder, mount), setup, sensor=sensor)
    )


# --- time-compressed ------------------------------------------------------------------------------------------------


def packets(mount: str) -> Iterator[tuple[float, bytes]]:
    """Give packets of an endless session and when each is sent: sets of squats with rests."""
    simulation = simulate(Scenario(exercise="squat", mount=mount, reps=REPS, rate_hz=RATE_HZ))
    motion = MotionSource(simulation.time_s, simulation.acc_m_s2, simulation.gyr_rad_s, REST_S)
    cycle = int((simulation.time_s[-1] + REST_S) * RATE_HZ) // SAMPLES_PER_NOTIFICATION * SAMPLES_PER_NOTIFICATION
    raw = profile.quantise(*motion.at(np.arange(cycle) / RATE_HZ), 16, 2000)
    true_period_s = PERIOD_US / 1e6 / (1 + CLOCK_PPM[mount] * 1e-6)
    first = 0
    while True:
        at = first % cycle
        block = raw[at : at + SAMPLES_PER_NOTIFICATION]
        data = profile.encode_packet(block, first, first * PERIOD_US, PERIOD_US, 16, 2000)
        first += len(block)
        yield (first - 1) * true_period_s, data


class CompressedLink:
    """The link's own stream and clock, fed as fast as it goes with notifications that tell their time."""

    def __init__(self, mount: str, hours: float) -> None:
        self._mount, self._end_s = mount, hours * 3600
        self._stream = Stream()
        self.now_s = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def close(self) -> None:
        self._end_s = 0.0

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        chance = random.Random(1)
        stream, driver = self._stream, OpenProfile()
        stream.connected(driver)
        stream.begin(driver, StreamSettings(RATE_HZ, battery_percent=90))
        status = LinkStatus(LinkState.STREAMING, family="kneeimu", name=self._mount, nominal_rate_hz=RATE_HZ)
        next_status_s, arrival_s = 0.0, 0.0
        for number, (sent_s, data) in enumerate(packets(self._mount)):
            if sent_s > self._end_s:
                break
            arrival_s = max(arrival_s, sent_s + LATENCY_S + chance.random() * JITTER_S)
            self.now_s = arrival_s
            stream.put(Notification(arrival_s, DATA_UUID, data))
            if number == 0:
                continue  # its samples wait for the next, which ends the first burst
            yield await self._next()
            if arrival_s >= next_status_s:
                next_status_s = arrival_s + 1.0
                stream.say(replace(status, detail=stream.trouble(RATE_HZ)))
                yield await self._next()
                await asyncio.sleep(0)  # now the other sensor's second
        stream.say(replace(status, state=LinkState.CLOSED))
        yield await self._next()

    async def _next(self) -> Batch | LinkStatus:
        item = await self._stream.take()
        assert item is not None
        return item


async def compressed(hours: float, folder: str | None) -> int:
    links = {mount: CompressedLink(mount, hours) for mount in CLOCK_PPM}
    watch = Watch([made_session(link, mount, folder) for mount, link in links.items()])
    steps, step_s = 0, min(3600.0, hours * 3600 / 8)

    def on_update(update: LiveUpdate) -> None:
        nonlocal steps
        watch.on_update(update)
        if update.status and min(link.now_s for link in links.values()) >= (steps + 1) * step_s:
            steps += 1
            print(watch.line(f"after {steps * step_s / 3600:.2f} h", step_s), flush=True)

    async def run(session: LiveSession) -> None:
        session.subscribe(on_update)
        await session.run()

    async with asyncio.TaskGroup() as group:
        for session in watch.sessions:
            group.create_task(run(session))
    print(watch.line(f"at the end, {hours:g} h", hours * 3600 - steps * step_s or step_s))
    return watch.verdict(warm_up=int(WARM_UP_SHARE * steps))


# --- over the radio -------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def two_sensors(place: str) -> AsyncIterator[None]:
    """Switch on a sensor at thigh and shin in a process of their own."""
    command = [
        sys.executable, "-m", "firmware_sim", "--mount", "both", "--reps", str(REPS), "--loop", str(REST_S),
        "--rate", str(RATE_HZ), "--transport", place, "--die-with-parent",
    ]  # fmt: skip
    sensors = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert sensors.stdout is not None
    try:
        await asyncio.wait_for(sensors.stdout.readline(), 60)
        yield
    finally:
        sensors.terminate()
        await sensors.wait()


async def over_radio(minutes: int, folder: str | None) -> int:
    from firmware_sim.bleak_backend import close, install

    with tempfile.TemporaryDirectory() as home:
        place = f"unix:{os.path.join(home, 'air')}"
        async with two_sensors(place):
            undo = install(place)
            origin_s = time.monotonic()
            names = {mount: f"kneeimu {mount}" for mount in CLOCK_PPM}
            watch = Watch([
                made_session(SensorLink(name, rate_hz=RATE_HZ, origin_s=origin_s), mount, folder)
                for mount, name in names.items()
            ])  # fmt: skip
            for session in watch.sessions:
                session.subscribe(watch.on_update)
                session.start()
            for minute in range(1, minutes + 1):
                await asyncio.sleep(max(0.0, origin_s + 60 * minute - time.monotonic()))
                print(watch.line(f"after {minute} min", 60.0), flush=True)
            await asyncio.gather(*(session.stop() for session in watch.sessions))
            undo()
            await close()
    return watch.verdict(warm_up=RADIO_WARM_UP_MIN)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=8.0, help="length of the time-compressed stream (default 8)")
    parser.add_argument("--radio-minutes", type=int, default=0, help="stream this long over the radio instead")
    parser.add_argument("--no-recording", action="store_true", help="keep nothing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        folder = None if arguments.no_recording else home
        if arguments.radio_minutes:
            code = asyncio.run(over_radio(arguments.radio_minutes, folder))
        else:
            code = asyncio.run(compressed(arguments.hours, folder))
    sys.exit(code)


if __name__ == "__main__":
    main()
