"""The queue between the radio and whoever takes the samples: bounded, in order, with honest figures."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_sim import profile
from kneeimu.sensors import stream as stream_module
from kneeimu.sensors.driver import StreamSettings
from kneeimu.sensors.link import LinkTiming
from kneeimu.sensors.open_profile import DATA_UUID, OpenProfile
from kneeimu.sensors.stream import Batch, LinkState, LinkStatus, Notification, Stream

CLOSED = LinkStatus(LinkState.CLOSED)


def notification(number: int, rate_hz: float = 100.0) -> Notification:
    first = 8 * number
    packet = profile.encode_packet(np.zeros((8, 6), np.int16), first, int(first * 10_000), 10_000, 16, 2000)
    return Notification((first + 8) / rate_hz, DATA_UUID, packet)


def streaming() -> Stream:
    stream = Stream()
    driver = OpenProfile()
    stream.connected(driver)
    stream.begin(driver, StreamSettings(100.0, battery_percent=50))
    return stream


async def take_all(stream: Stream) -> list[Batch | LinkStatus]:
    stream.say(CLOSED)
    items: list[Batch | LinkStatus] = []
    while (item := await stream.take()) is not None:
        items.append(item)
    return items


async def test_what_nobody_takes_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "QUEUE_LIMIT", 100)
    stream = streaming()
    for number in range(1000):
        stream.put(notification(number))
        if number % 10 == 0:
            stream.say(LinkStatus(LinkState.STREAMING, detail=str(number)))
    *items, last = await take_all(stream)
    assert isinstance(last, LinkStatus)
    batches = [item for item in items if isinstance(item, Batch)]
    assert len(items) <= 101
    taken = sum(len(item.notifications) for item in batches)
    assert last.dropped == 1000 - taken
    assert last.received == 8 * taken


async def test_news_and_samples_come_in_the_order_in_which_they_happened() -> None:
    stream = streaming()
    stream.put(notification(0))
    stream.put(notification(1))
    stream.say(LinkStatus(LinkState.STALLED))
    stream.put(notification(2))
    kinds = [item.state if isinstance(item, LinkStatus) else "batch" for item in await take_all(stream)]
    assert kinds == ["batch", LinkState.STALLED, "batch", LinkState.CLOSED]


async def test_a_straggler_does_not_reopen_what_is_over() -> None:
    stream = streaming()
    stream.say(CLOSED)
    stream.say(LinkStatus(LinkState.STREAMING))
    stream.put(notification(0))
    assert await take_all(stream) == [stream.counted(CLOSED)]


async def test_what_a_sensor_sends_before_it_was_started_is_kept_but_is_no_sample() -> None:
    stream = Stream()
    driver = OpenProfile()
    stream.connected(driver)
    stream.put(notification(3))
    stream.begin(driver, StreamSettings(100.0))
    stream.put(notification(0))
    stream.put(notification(1))
    early, first, _ = await take_all(stream)
    assert isinstance(early, Batch)
    assert early.samples is None
    assert len(early.notifications) == 1
    assert isinstance(first, Batch)
    assert first.samples is not None
    assert first.samples.restart
    assert len(first.samples) == 16
    assert first.notifications == (notification(0), notification(1)), "the first waited for the second"


async def test_what_is_missing_while_the_link_was_down_is_lost() -> None:
    stream = streaming()
    for number in range(10):
        stream.put(notification(number))
    driver = OpenProfile()
    stream.connected(driver)
    stream.begin(driver, StreamSettings(100.0))
    for late in (notification(0), notification(1)):
        stream.put(Notification(late.host_time_s + 5.8, late.characteristic, late.data))
    *items, last = await take_all(stream)
    assert isinstance(last, LinkStatus)
    assert last.received == 96
    assert last.lost == pytest.approx(500, abs=2)
    restarts = [item.samples.restart for item in items if isinstance(item, Batch) and item.samples is not None]
    assert restarts == [True, *[False] * 8, True]


@pytest.mark.parametrize(
    ("rate_hz", "skip", "told"),
    [
        (100.0, 10**6, ""),
        (100.0, 10, "10% of the samples get lost"),
        (80.0, 10**6, "80 samples a second arrive instead"),
    ],
)
async def test_trouble_is_said_in_words(rate_hz: float, skip: int, told: str) -> None:
    stream = streaming()
    for number in range(100):
        if (number + 1) % skip:
            stream.put(notification(number, rate_hz))
    await take_all(stream)
    assert stream.trouble(100.0).startswith(told)
    assert bool(stream.trouble(100.0)) == bool(told)


def test_pauses_grow_vary_and_are_bounded() -> None:
    timing = LinkTiming(backoff_s=(0.5, 1.0, 4.0), jitter=0.25)
    assert [timing.pause_s(attempt, 0.5) for attempt in (1, 2, 3, 4, 99)] == [0.5, 1.0, 4.0, 4.0, 4.0]
    assert timing.pause_s(2, 0.0) == 0.75
    assert timing.pause_s(2, 1.0) == 1.25
