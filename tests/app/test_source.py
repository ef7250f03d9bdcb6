"""One real sensor for a whole session: it stays connected while exercises and alignments come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from app.stage import MadeLink
from kneeimu.dashboard.source import SensorSource, SimulatedSource, Task, source_for
from kneeimu.errors import SensorError
from kneeimu.live import Link
from kneeimu.sensors.stream import Batch, LinkStatus, Notification
from kneeimu.types import Samples

SQUAT = Task("squat", "right", "thigh")


class Counting:
    """Opens links and counts them."""

    def __init__(self) -> None:
        self.links: list[MadeLink] = []

    def __call__(self) -> Link:
        self.links.append(MadeLink(SQUAT, speed=50.0))
        self.links[-1].still(600)
        return self.links[-1]


async def take(link: Link, batches: int) -> tuple[list[LinkStatus], list[Batch]]:
    statuses: list[LinkStatus] = []
    got: list[Batch] = []
    async with link:
        async for item in link:
            if isinstance(item, LinkStatus):
                statuses.append(item)
            else:
                got.append(item)
            if len(got) == batches:
                break
    return statuses, got


def times(batches: list[Batch]) -> list[float]:
    return [float(batch.samples.time_s[0]) for batch in batches if batch.samples is not None]


async def test_the_next_exercise_uses_the_same_connection_and_a_timeline_of_its_own() -> None:
    opened = Counting()
    source = SensorSource("AA:BB", opened)

    _, first = await take(source.link(SQUAT), 5)
    statuses, second = await take(source.link(SQUAT), 5)
    await source.close()

    assert len(opened.links) == 1
    assert opened.links[0].closed.is_set()
    assert times(first)[0] == 0.0
    assert 0.0 < times(second)[0] < 1.0
    assert [str(status.state) for status in statuses] == ["streaming"]


async def test_notifications_move_with_the_samples() -> None:
    class Once(MadeLink):
        async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
            for second in range(3):
                samples = Samples(np.array([float(second)]), np.ones((1, 3)), np.ones((1, 3)))
                yield Batch(samples, (Notification(second + 0.5, "x", b"\x01"),))
                await asyncio.sleep(0)

    source = SensorSource("AA:BB", lambda: Once(SQUAT, 1.0))
    tap = source.link(SQUAT)

    _, got = await take(tap, 3)
    await source.close()

    for batch in got:
        assert batch.samples is not None
        assert batch.notifications[0].host_time_s - batch.samples.time_s[0] == 0.5


async def test_a_link_that_fails_says_so_to_the_one_who_listens_and_is_opened_again() -> None:
    class Failing(MadeLink):
        async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
            raise SensorError("the adapter is off", advice="switch it on")
            yield

    opened: list[Link] = []

    def open_link() -> Link:
        opened.append(Failing(SQUAT, 1.0) if not opened else Counting()())
        return opened[-1]

    source = SensorSource("AA:BB", open_link)
    with pytest.raises(SensorError, match="switch it on"):
        await take(source.link(SQUAT), 1)
    _, got = await take(source.link(SQUAT), 1)
    await source.close()

    assert len(got) == 1


async def test_closing_twice_does_no_harm() -> None:
    source = SensorSource("AA:BB", Counting())
    await take(source.link(SQUAT), 1)

    await source.close()
    await source.close()


def test_no_sensor_chosen_means_the_simulated_one() -> None:
    assert isinstance(source_for(""), SimulatedSource)
    assert isinstance(source_for("simulated"), SimulatedSource)
    assert isinstance(source_for("AA:BB:CC:DD:EE:FF"), SensorSource)
