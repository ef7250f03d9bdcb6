"""200 sensors through RabbitMQ and two workers; how many a core can serve."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from firmware_sim import simulate
from firmware_sim.scenario import Scenario
from kneeimu.cluster.topology import SHARDS, definitions
from kneeimu.engine import Engine
from kneeimu.types import RepCounted, RepRevoked, Samples, Setup

from .rabbitmq_process import ABSENT, SERVER, RabbitMQ
from .test_rabbitmq import client

pytestmark = pytest.mark.benchmark

SENSORS, KINDS, WORKERS = 200, 10, 2
RATE_HZ = 104.0
SECONDS = 45.0
WITHIN_S = 100.0
MOST_LATENCY_S = 1.5


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RabbitMQ]:
    if SERVER is None:
        pytest.skip(ABSENT)
    made = RabbitMQ(tmp_path)
    try:
        made.start()
        made.set_up(definitions(SHARDS))
        yield made
    finally:
        made.close()


def leg(seed: int) -> Samples:
    """A simulated person's squats at 104 Hz."""
    made = simulate(Scenario(exercise="squat", rate_hz=RATE_HZ, seed=seed, reps=10))
    few = made.time_s < SECONDS
    return Samples(made.time_s[few], made.acc_m_s2[few], made.gyr_rad_s[few])


def write_csv(path: Path, samples: Samples) -> None:
    rows = np.column_stack((samples.time_s, samples.acc_m_s2, samples.gyr_rad_s))
    np.savetxt(path, rows, fmt="%.7g", delimiter=",", header="t,ax,ay,az,gx,gy,gz", comments="")


def reps_of(samples: Samples) -> int:
    engine = Engine(Setup("squat", "right", "thigh", RATE_HZ))
    events = [*engine.feed(samples), *engine.finish()]
    return sum(isinstance(event, RepCounted) - isinstance(event, RepRevoked) for event in events)


class Run:
    """A program and what it said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = psutil.Process(process.pid)
        self.lines: list[str] = []
        self.cpu_s = 0.0
        self._news = asyncio.Event()
        self._asyncio = process
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._asyncio.stdout is not None
        async for line in self._asyncio.stdout:
            self.lines.append(line.decode().strip())
            self.measure()
            self._news.set()

    def measure(self) -> float:
        try:
            times = self.process.cpu_times()
            self.cpu_s = times.user + times.system
        except psutil.Error:
            pass
        return self.cpu_s

    async def says(self, what: str) -> None:
        while not any(what in line for line in self.lines):
            self._news.clear()
            await self._news.wait()

    async def end(self) -> None:
        if self._asyncio.returncode is None:
            self._asyncio.terminate()
        await self._asyncio.wait()
        await self._reading

    def figures(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(next(line for line in reversed(self.lines) if line.startswith("{")))
        return found


async def begin(broker: RabbitMQ, *arguments: str, **env: str) -> Run:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kneeimu", *arguments, env={**os.environ, **env},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    return Run(process)


@pytest.mark.timeout(300)
async def test_200_sensors_on_two_workers(broker: RabbitMQ, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected: dict[str, int] = {}
    tables = []
    for kind in range(KINDS):
        samples = leg(kind)
        write_csv(tmp_path / f"{kind}.csv", samples)
        reps = reps_of(samples)
        for number in range(kind, SENSORS, KINDS):
            expected[f"w{number}"] = reps
            tables.append(
                f'[[sensor]]\nwearer = "w{number}"\nexercise = "squat"\nside = "right"\nmount = "thigh"\n'
                f'file = "{kind}.csv"\n'
            )
    (tmp_path / "sensors.toml").write_text("".join(tables))
    queue = f"amqp://guest@127.0.0.1:{broker.amqp_port}"
    workers = [
        await begin(
            broker, "worker", "--queue", queue, "--checkpoints", str(tmp_path / "checkpoints"), "--report", "1"
        ) for _ in range(WORKERS)
    ]  # fmt: skip
    latencies: list[float] = []
    reps, ended, ids = Counter[str](), set[str](), set[str]()

    async def listen() -> None:
        async with client(broker) as mqtt:
            await mqtt.subscribe("kneeimu/v1/+/event", qos=1)
            ready.set()
            async for message in mqtt.messages:
                now = time.time()
                assert isinstance(message.payload, bytes)
                event = json.loads(message.payload)
                if event["id"] in ids:
                    continue
                ids.add(event["id"])
                wearer = message.topic.value.split("/")[2]
                if event["kind"] == "rep":
                    latencies.append(now - datetime.fromisoformat(event["utc"]).timestamp())
                reps[wearer] += (event["kind"] == "rep") - (event["kind"] == "rep-revoked")
                if event["kind"] == "session-ended":
                    ended.add(wearer)
                    if len(ended) == SENSORS:
                        return

    ready = asyncio.Event()
    async with asyncio.timeout(WITHIN_S + 60):
        for worker in workers:
            await worker.says("connected")
        listening = asyncio.create_task(listen())
        await ready.wait()
        beam = next(one for one in psutil.process_iter(["name", "environ"]) if _is_node(one, broker))
        beam_before, workers_before = sum(beam.cpu_times()[:2]), [worker.measure() for worker in workers]
        gateway = await begin(
            broker, "gateway", str(tmp_path / "sensors.toml"), KNEEIMU_HOME=str(tmp_path / "home"),
            KNEEIMU_BROKER=f"mqtt://guest@127.0.0.1:{broker.mqtt_port}", KNEEIMU_BROKER_PASSWORD="guest",
        )  # fmt: skip
        await gateway.says("connected")
        begun, gateway_before, machine_before = time.monotonic(), gateway.measure(), _machine_cpu_s()
        await listening
        wall_s = time.monotonic() - begun
        gateway_cpu = gateway.measure() - gateway_before
        await gateway.says("batches sent")
        cpu = [worker.measure() - before for worker, before in zip(workers, workers_before, strict=True)]
        beam_cpu = sum(beam.cpu_times()[:2]) - beam_before
        own_cpu = sum(cpu) + beam_cpu + gateway_cpu
        others = (_machine_cpu_s() - machine_before - own_cpu) / wall_s
        await asyncio.sleep(1.5)  # the workers' next report has it all
        for one in (*workers, gateway):
            await one.end()
    sent = int(re.findall(r"(\d+) batches sent", "\n".join(gateway.lines))[0])
    figures = [worker.figures() for worker in workers]
    p50, p95, worst = np.percentile(latencies, [50, 95, 100])
    with capsys.disabled():
        print(
            f"\n{SENSORS} sensors, {wall_s:.0f} s: {sent} batches, {len(latencies)} reps;"
            f" sample to event p50 {p50:.2f} s, p95 {p95:.2f} s, worst {worst:.2f} s"
            f"\nCPU: workers {' + '.join(f'{one / wall_s:.2f}' for one in cpu)}, RabbitMQ {beam_cpu / wall_s:.2f},"
            f" gateway {gateway_cpu / wall_s:.2f} cores; {SENSORS * wall_s / sum(cpu):.0f} sensors a core of workers,"
            f" {SENSORS * wall_s / beam_cpu:.0f} a core of RabbitMQ, {SENSORS * wall_s / gateway_cpu:.0f} a core of"
            f" gateways; shards {[one['shards'] for one in figures]}, resumed {sum(one['resumed'] for one in figures)};"
            f" this test and other programs used {others:.2f} cores meanwhile"
        )
    assert sum(one["batches"] for one in figures) == sent
    assert sum(one["missed"] + one["refused"] for one in figures) == 0
    assert dict(reps) == expected
    assert p95 < MOST_LATENCY_S, f"{p95:.2f} s; others used {others:.2f} cores: repeat it when they are quiet"


def _machine_cpu_s() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.system + times.nice)


def _is_node(process: psutil.Process, broker: RabbitMQ) -> bool:
    environ = process.info["environ"] or {}
    return process.info["name"] == "beam.smp" and environ.get("RABBITMQ_PID_FILE") == str(broker.folder / "pid")
