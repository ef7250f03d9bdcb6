"""A sensor in one process, the ordinary client in another: found, connected, streamed, counted, let go."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from firmware_sim import bleak_backend
from kneeimu.sensors.known import KnownSensor, remember
from kneeimu.sensors.link import Batch, LinkState, LinkStatus, LinkTiming, SensorLink

from .virtual import Heard, listen, scenario_file, sensor_process


@pytest.fixture
async def own_air(air_address: str):
    """The sensor's process opens the air itself, as with ``kneeimu demo``."""
    undo = bleak_backend.install(air_address)
    yield air_address
    await bleak_backend.close()
    undo()


async def test_time_is_that_of_the_session_and_of_the_measurement(own_air: str, tmp_path: Path) -> None:
    origin_s = time.monotonic()
    async with sensor_process("--transport", own_air, "--reps", "0"):
        heard = await listen(SensorLink(origin_s=origin_s), 8.0, until=lambda heard: heard.received >= 100)
        end_s = time.monotonic() - origin_s
    times = np.concatenate([samples.time_s for samples in heard.samples])
    assert np.all(np.diff(times) > 0)
    assert np.diff(times).mean() == pytest.approx(0.01, rel=0.02)
    assert 0 < times[0] < times[-1] < end_s
    assert end_s - times[-1] < 1.0


async def test_two_sensors_share_one_timeline(air: str, tmp_path: Path) -> None:
    scenario = str(scenario_file(tmp_path, reps=1, mount="both", stand_s=0.3))
    origin_s = time.monotonic()
    async with sensor_process("--transport", air, "--join", "--scenario", scenario):
        thigh, shin = await asyncio.gather(
            listen(SensorLink("kneeimu thigh", origin_s=origin_s), 15.0, until=_has_seen_the_rep),
            listen(SensorLink("kneeimu shin", origin_s=origin_s), 15.0, until=_has_seen_the_rep),
        )
    assert thigh.last.address != shin.last.address
    assert thigh.last.lost == shin.last.lost == 0
    # Thigh and shin turn together in a squat: shifted by one sample the correlation is worse.
    assert abs(_lag_s(thigh, shin)) < 0.05


def _has_seen_the_rep(heard: Heard) -> bool:
    return heard.received >= 330


def _lag_s(a: Heard, b: Heard) -> float:
    """How much later the movement is in ``b``, s, by the cross-correlation of the rates of turn."""
    times = [np.concatenate([samples.time_s for samples in heard.samples]) for heard in (a, b)]
    grid = np.arange(max(time_s[0] for time_s in times), min(time_s[-1] for time_s in times), 0.005)
    curves = []
    for heard, time_s in zip((a, b), times, strict=True):
        rate = np.linalg.norm(np.vstack([samples.gyr_rad_s for samples in heard.samples]), axis=1)
        curve = np.convolve(np.interp(grid, time_s, rate), np.ones(20) / 20, "same")
        curves.append(curve - curve.mean())
    correlation = np.correlate(curves[1], curves[0], "full")
    return float((np.argmax(correlation) - len(grid) + 1) * 0.005)


async def test_close_ends_the_stream_and_leaves_the_sensor_free(own_air: str) -> None:
    async with sensor_process("--transport", own_air, "--reps", "0"):
        first = await listen(SensorLink(), 8.0, until=lambda heard: heard.received > 30)
        second = await listen(SensorLink(), 8.0, until=lambda heard: heard.received > 30)
    assert first.received > 30
    assert second.received > 30
    assert LinkState.LOST not in first.states + second.states


async def test_a_sensor_that_comes_later_is_found(air: str) -> None:
    async with SensorLink() as link:
        item = await anext(link)
        assert isinstance(item, LinkStatus)
        assert item.state is LinkState.SEARCHING
        async with sensor_process("--transport", air, "--join", "--reps", "0"):
            async with asyncio.timeout(15):
                async for item in link:
                    if isinstance(item, Batch) and item.samples is not None:
                        break


async def test_an_absent_sensor_is_explained(air: str) -> None:
    heard = await listen(SensorLink("F0:00:00:00:00:01", timing=LinkTiming(scan_s=0.3)), 0.6)
    assert heard.states == [LinkState.SEARCHING, LinkState.CLOSED]
    assert "if a phone is connected to it, disconnect it there" in heard.told


async def test_a_sensor_that_another_has_taken_is_explained(own_air: str) -> None:
    async with sensor_process("--transport", own_air, "--reps", "0"), SensorLink() as taker:
        async for item in taker:
            if isinstance(item, Batch):
                break
        heard = await listen(SensorLink(timing=LinkTiming(scan_s=0.3)), 0.6)
    assert heard.received == 0
    assert "if a phone is connected to it, disconnect it there" in heard.told


async def test_a_sensor_is_found_by_its_nickname(own_air: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    remember(KnownSensor("F0:F1:F2:F3:F4:F6", nickname="Blue"))
    async with sensor_process("--transport", own_air, "--reps", "0", "--mount", "both"):
        heard = await listen(SensorLink("blue"), 8.0, until=lambda heard: heard.received > 20)
    assert heard.last.name == "kneeimu shin"


async def test_without_an_adapter_the_link_says_so(air_address: str) -> None:
    undo = bleak_backend.install(air_address)  # nobody has opened this air
    try:
        heard = await listen(SensorLink(), 0.5)
    finally:
        undo()
    assert "this radio can't be opened" in heard.told


async def test_a_connection_that_was_given_up_has_no_say_any_more(own_air: str) -> None:
    async with sensor_process("--transport", own_air, "--reps", "0"), SensorLink() as link:
        async for item in link:
            if isinstance(item, Batch) and item.samples is not None:
                break
        driver, late = link._driver, item.notifications[0]
        assert driver is not None
        await link.close()
        link._hear(driver, late.characteristic, late.data)
        assert link.status.state is LinkState.CLOSED
        assert [item async for item in link][-1] == link.status


async def test_who_gives_up_waiting_for_the_close_does_not_stop_it(own_air: str) -> None:
    async with sensor_process("--transport", own_air, "--reps", "0"):
        link = SensorLink()
        async with link:
            async for item in link:
                if isinstance(item, Batch):
                    break
            impatient = asyncio.create_task(link.close())
            await asyncio.sleep(0)
            impatient.cancel()
            states = [item.state async for item in link if isinstance(item, LinkStatus)]
    assert states[-1] is LinkState.CLOSED
