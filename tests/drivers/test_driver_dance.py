"""Each family's sensor found, set up, streaming and stopped over the virtual radio, and what variants of it lack."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
from driver_world import configured, connected, find, open_air, rocking_error, switched_on

from kneeimu.errors import SensorError
from kneeimu.sensors import metamotion, thingy52
from kneeimu.sensors.driver import STANDARD_GRAVITY

G = STANDARD_GRAVITY
# family, variant, rate it agrees to when asked for 100 Hz, ranges in g and °/s
SENSORS = [
    ("polar", "verity-sense", 104, 16, 2000),
    ("witmotion", "wt901ble", 100, 16, 2000),
    ("witmotion", "wt9011dcl", 100, 16, 2000),
    ("witmotion", "displacements", 100, 16, 2000),
    ("movella-dot", "dot", 60, 16, 2000),
    ("movesense", "gsp", 104, 8, 2000),
    ("metamotion", "s", 100, 16, 2000),
    ("metamotion", "r", 100, 16, 2000),
    ("thingy52", "thingy52", 60, 2, 1024),
]
TELLS_BATTERY_BY_ITSELF = {"polar", "movella-dot", "movesense", "thingy52"}


@pytest_asyncio.fixture
async def place() -> AsyncIterator[str]:
    async with open_air() as address:
        yield address


@pytest.mark.parametrize(("family", "variant", "rate_hz", "acc_g", "gyr_dps"), SENSORS)
async def test_the_complete_dance(
    place: str, family: str, variant: str, rate_hz: int, acc_g: int, gyr_dps: int
) -> None:
    async with switched_on(place, family, variant) as world:
        found = await find()
        assert found.driver.family == family
        async with connected(world, found) as (driver, session):
            settings = await driver.configure(session, 100.0)
            assert settings.rate_hz == pytest.approx(rate_hz, rel=0.02)
            assert settings.acc_range_m_s2 == pytest.approx(acc_g * G)
            assert settings.gyr_range_rad_s == pytest.approx(math.radians(gyr_dps))
            assert settings.battery_percent == pytest.approx(87, abs=8)  # WitMotion's is guessed from the voltage
            world.heard.clear()
            await world.until(lambda: world.samples() >= 0.5 * rate_hz)

            world.firmware.set_battery(31)
            if family not in TELLS_BATTERY_BY_ITSELF:
                await driver.poll(session)
            await world.until(lambda: bool(world.batteries()))
            assert world.batteries() == [9 if family == "witmotion" else 31]

            await driver.stop(session)
            await asyncio.sleep(0.1)  # what was on its way
            arrivals = world.arrivals
            await asyncio.sleep(0.4)
            assert world.arrivals == arrivals, "silent after stop and unsubscribe, the link still up"
            assert not world.firmware.streaming
    assert world.malformed() == []
    acc_error, gyr_error = rocking_error(world.readings())
    assert acc_error < 0.02
    assert gyr_error < 0.03, "acceleration and rotation belong to the same instants"


REFUSED = [
    ("polar", "h10", "does not measure rotation", "Verity Sense"),
    ("witmotion", "classic", "another protocol", "BLE 5.0"),
    ("movella-dot", "recording-only", "no measurement service", "Movella DOT app"),
    ("movella-dot", "small-packets", "only 20 bytes", "adapter"),
    ("movesense", "other-app", "GATT sensor data protocol", "Showcase"),
    ("movesense", "no-imu", "/Meas/IMU6/104", "firmware"),
    ("metamotion", "no-gyro", "no gyroscope", "MetaMotion"),
    ("metamotion", "old-chip", "another motion chip", "MetaMotion"),
    ("metamotion", "updating", "update mode", "MetaBase"),
    ("thingy52", "thingy53", "no motion service", "Thingy:52 firmware"),
]


@pytest.mark.parametrize(("family", "variant", "what", "advice"), REFUSED)
async def test_what_a_variant_lacks_is_said_with_advice(
    place: str, family: str, variant: str, what: str, advice: str
) -> None:
    with pytest.raises(SensorError) as caught:
        await configured(place, family, variant)
    assert what in caught.value.what
    assert advice in caught.value.advice


async def test_a_polar_without_sdk_mode_streams_at_52_hz_and_says_so(place: str) -> None:
    settings = await configured(place, "polar", "no-sdk-mode")
    assert settings.rate_hz == 52
    assert settings.acc_range_m_s2 == pytest.approx(8 * G)
    assert any("52 Hz only" in note for note in settings.notes)


async def test_a_polar_asked_for_52_hz_stays_out_of_its_sdk_mode(place: str) -> None:
    settings = await configured(place, "polar", rate_hz=52)
    assert settings.rate_hz == 52
    assert settings.acc_range_m_s2 == pytest.approx(8 * G), "the SDK mode would offer 16 g"


@pytest.mark.parametrize(("family", "variant"), [("polar", "busy"), ("movella-dot", "busy")])
async def test_a_stream_left_running_by_an_earlier_session_is_ended_first(
    place: str, family: str, variant: str
) -> None:
    settings = await configured(place, family, variant)
    assert settings.rate_hz == (104 if family == "polar" else 60)


async def test_a_witmotion_that_takes_its_rate_only_when_saved(place: str) -> None:
    assert (await configured(place, "witmotion", "needs-save")).rate_hz == 100


async def test_a_witmotion_that_keeps_its_own_rate_is_measured(place: str) -> None:
    settings = await configured(place, "witmotion", "stubborn")
    assert settings.rate_hz == 50
    assert any("50 Hz" in note for note in settings.notes)


@pytest.mark.parametrize("variant", ["s", "r"])
async def test_a_metamotion_numbers_its_samples(place: str, variant: str) -> None:
    async with (
        switched_on(place, "metamotion", variant) as world,
        connected(world, await find()) as (driver, session),
    ):
        settings = await driver.configure(session, 100.0)
        assert settings.notes == ()
        world.heard.clear()
        await world.until(lambda: world.samples() >= 120)
    numbers = [item.sequence for item in world.readings()]
    assert driver.sequence_wrap == 1 << 32
    first = numbers[0]
    assert first is not None
    assert numbers == [(first + place) % (1 << 32) for place in range(len(numbers))]
    assert 0 in numbers, "it started over in between"


@pytest.mark.parametrize("variant", ["plain", "full", "slow"])
async def test_a_metamotion_that_cannot_number_its_samples_says_so_and_streams(place: str, variant: str) -> None:
    async with (
        switched_on(place, "metamotion", variant) as world,
        connected(world, await find()) as (driver, session),
    ):
        settings = await driver.configure(session, 100.0)
        assert any("does not number" in note for note in settings.notes)
        world.heard.clear()
        await world.until(lambda: world.samples() >= 60)
        assert all(item.sequence is None for item in world.readings())
        await driver.stop(session)
        await asyncio.sleep(0.1)
        assert not world.firmware.streaming
    assert max(rocking_error(world.readings())) < 0.03


async def test_a_metamotion_has_room_for_processors_after_many_connections(place: str) -> None:
    async with switched_on(place, "metamotion") as world:
        found = await find()
        for _ in range(11):
            async with connected(world, found) as (_, session):
                await session.subscribe(metamotion.DATA_UUID)
                number = await metamotion.number_samples(session, metamotion.BMI270)
            assert number is not None
            await world.sensor.advertising.wait()


async def test_a_witmotion_tells_the_time_of_its_samples(place: str) -> None:
    async with (
        switched_on(place, "witmotion", "wt9011dcl") as world,
        connected(world, await find()) as (driver, session),
    ):
        settings = await driver.configure(session, 100.0)
        assert settings.notes == ()
        world.heard.clear()
        await world.until(lambda: world.samples() >= 250)
        await driver.stop(session)
        assert vars(world.firmware)["_registers"][0x96] == 0, "as other apps expect it"
    runs = [item.device_time_s for item in world.readings()]
    steps = np.diff(np.concatenate([run for run in runs if run is not None]))
    assert driver.device_clock_wrap_s is not None
    assert np.abs((steps + 1) % driver.device_clock_wrap_s - 1 - 0.01).max() < 0.002
    assert steps.min() < -1e6, "the time started over in between"


@pytest.mark.parametrize("variant", ["wt901ble", "leaping-times", "mute"])
async def test_a_witmotion_without_good_times_is_counted_and_says_so(place: str, variant: str) -> None:
    async with (
        switched_on(place, "witmotion", variant) as world,
        connected(world, await find()) as (driver, session),
    ):
        settings = await driver.configure(session, 100.0)
        assert any("does not number" in note for note in settings.notes)
        world.heard.clear()
        await world.until(lambda: world.samples() >= 60)
    assert all(item.device_time_s is None for item in world.readings())
    assert max(rocking_error(world.readings())) < 0.03


async def test_a_movesense_without_a_battery_service_is_asked(place: str) -> None:
    async with (
        switched_on(place, "movesense", "no-battery-service") as world,
        connected(world, await find()) as (driver, session),
    ):
        settings = await driver.configure(session, 52.0)
        assert settings.battery_percent == 87
        assert settings.rate_hz == 52


async def test_a_thingy_is_not_made_to_write_its_flash_for_nothing(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thingy52, "_MEASURING_S", 0.2)
    async with switched_on(place, "thingy52") as world:
        for _ in range(2):
            async with connected(world, await find()) as (driver, session):
                await driver.configure(session, 100.0)
                await driver.stop(session)
            await world.sensor.advertising.wait()
        assert vars(world.firmware)["flash_writes"] == 1
