"""Workers come, go and are killed by chance, again and again: every wearer has each event once, and the right ones."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from .rabbitmq_process import RabbitMQ
from .stories import said, session_batches, written
from .test_rabbitmq import WorkerProcess, coach_of, forwarding

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WEARERS, PACE_S = 24, 0.4


@pytest.mark.parametrize("seed", [1, 2])
async def test_workers_that_come_and_go_lose_and_double_nothing(rabbitmq: RabbitMQ, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    wearers = [f"chaos-{seed}-{number}" for number in range(WEARERS)]
    batches = {wearer: session_batches(8, session=f"s-{wearer}") for wearer in wearers}
    workers: list[WorkerProcess] = []
    fates = Counter[str]()

    async def start() -> None:
        workers.append(WorkerProcess(rabbitmq, tmp_path / "checkpoints"))
        await workers[-1].start()

    async def send() -> None:
        for number in range(len(batches[wearers[0]])):
            for wearer in wearers:
                forwarder.put(wearer, batches[wearer][number])
            await asyncio.sleep(PACE_S)

    async with coach_of(rabbitmq, "kneeimu/v1/+/event") as coach, forwarding(rabbitmq) as forwarder:
        await start()
        sending = asyncio.create_task(send())
        while not sending.done():
            await asyncio.sleep(chance.uniform(0.1, 1.0))
            if len(workers) < 2 or (len(workers) < 4 and chance.random() < 0.4):
                await start()
                fates["started"] += 1
            else:
                how = chance.choice([*[signal.SIGKILL] * 3, signal.SIGTERM])
                await workers.pop(chance.randrange(len(workers))).end(how)
                fates[how.name] += 1
        await sending
        await coach.until(lambda: coach.ended(*wearers), 90.0)
        for one in workers:
            await one.end()
    assert fates["SIGKILL"] >= 2
    for wearer in wearers:
        assert written(coach.events(wearer)) == written(said(batches[wearer], wearer))
        once = Counter(data["id"] for who, _, data in coach.heard if who == wearer)
        again = {data["id"]: data for who, _, data in coach.heard if who == wearer and once[data["id"]] > 1}
        # one that was told again, because its worker was killed before the checkpoint, is the same to the byte
        for data in again.values():
            assert all(other == data for who, _, other in coach.heard if who == wearer and other["id"] == data["id"])
