"""The virtual sensor itself: what it feels when the scenario is over, its faults, its life as a process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim import bleak_backend
from firmware_sim.__main__ import main
from firmware_sim.faults import Faults, Interval, PacketFaults
from firmware_sim.motion_source import MotionSource
from kneeimu.sensors.link import SensorLink

from .virtual import listen, sensor_process

RATE_HZ = 100.0


def swing(seconds: float = 4.0) -> MotionSource:
    """A box that turns there and back about its x axis, and ends in mid-movement."""
    time_s = np.arange(0, seconds, 1 / RATE_HZ)
    angle = 0.4 * (1 - np.cos(2.1 * time_s))
    acc = 9.81 * np.column_stack([0 * angle, np.cos(angle), -np.sin(angle)])
    gyr = np.column_stack([np.gradient(angle, 1 / RATE_HZ), 0 * angle, 0 * angle])
    return MotionSource(time_s, acc, gyr)


def test_after_the_end_the_sensor_still_moves_as_things_move() -> None:
    time_s = np.arange(0, 30, 1 / RATE_HZ)
    acc, gyr = swing().at(time_s)
    turned = np.arctan2(-acc[:, 2], acc[:, 1])
    assert np.abs(np.diff(acc, axis=0)).max() < 0.2  # no jump, also not where the end was
    mismatch = np.abs(np.diff(turned) * RATE_HZ - (gyr[1:, 0] + gyr[:-1, 0]) / 2)
    assert np.percentile(mismatch, 98) < 0.05  # all but where it turns back
    assert np.abs(np.cumsum(gyr[:, 0]) / RATE_HZ - turned).max() < 0.1  # the gyroscope says the same for 30 s


def test_with_a_rest_the_set_begins_again() -> None:
    source = swing()
    again = MotionSource(source._time, source._acc, source._gyr, rest_s=4.0)
    time_s = np.arange(0, 2, 1 / RATE_HZ)
    first, _ = again.at(time_s)
    period_s = source._length_s + 4.0
    second, _ = again.at(time_s + period_s)
    assert np.allclose(first, second, atol=0.02)


def test_faults_are_read_as_they_are_written() -> None:
    faults = Faults.parse(["loss=0.1", "vanish=5:2", "silent=3", "clock-jump=1:-3", "early", "nan=2"])
    assert faults == Faults(
        loss=0.1, vanish=Interval(5, 2), silent=Interval(3), clock_jump=Interval(1, -3), early=True, nan=2
    )


@pytest.mark.parametrize("text", ["loss", "loss=x", "vanish=a:b", "nan=1.5", "gremlins", "gremlins=1"])
def test_faults_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        Faults.parse([text])


@given(st.integers(0, 1000), st.floats(0.01, 0.3))
def test_losses_are_as_many_as_asked_for_and_the_same_for_a_seed(seed: int, loss: float) -> None:
    def sent() -> list[int]:
        packets = PacketFaults(Faults(loss=loss), seed)
        return [len(packets.apply(b"x")) for _ in range(3000)]

    assert sent() == sent()
    assert 1 - sum(sent()) / 3000 == pytest.approx(loss, abs=0.06)


def test_overtaking_loses_nothing() -> None:
    packets = PacketFaults(Faults(reorder=0.3), 1)
    out = [int.from_bytes(data) for number in range(1000) for data in packets.apply(number.to_bytes(2))]
    assert sorted(out) == list(range(len(out)))
    assert out != sorted(out)


async def test_the_sensor_dies_with_its_parent(air_address: str) -> None:
    """The parent is killed without a word; the sensor's standard input closes."""
    script = (
        "import subprocess, sys\n"
        f"command = [sys.executable, '-m', 'firmware_sim', '--transport', {air_address!r}, '--die-with-parent']\n"
        "child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    sensor = psutil.Process(int(await parent.stdout.readline()))
    parent.kill()
    await parent.wait()
    with contextlib.suppress(psutil.NoSuchProcess):
        await asyncio.to_thread(sensor.wait, 10)
    assert not sensor.is_running() or sensor.status() == psutil.STATUS_ZOMBIE


async def test_an_air_over_tcp_works_where_there_are_no_unix_sockets(unused_tcp_port: int) -> None:
    address = f"tcp:127.0.0.1:{unused_tcp_port}"
    undo = bleak_backend.install(address)
    try:
        async with sensor_process("--transport", address, "--reps", "0"):
            heard = await listen(SensorLink(), 8.0, until=lambda heard: heard.received > 30)
            await bleak_backend.close()
    finally:
        undo()
    assert heard.received > 30


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (["--exercise", "flying"], "exercise 'flying' is not known", 2),
        (["--tempo", "1/2"], "is no tempo", 2),
        (["--fault", "gremlins"], "no fault is called 'gremlins'", 2),
        (["--family", "nobody"], "no family is called 'nobody'", 2),
        (["--transport", "unix:/nowhere/air"], "can't open the air", 1),
        (["--transport", "carrier-pigeon"], "no radio at carrier-pigeon", 1),
        (["--transport", "unix:/nowhere/air", "--join"], "no radio at", 1),
        (["--transport", "tcp:127.0.0.1:99999"], "can't open the air", 1),
        (["--transport", "usb:FFFF:FFFF"], "no radio at usb:FFFF:FFFF", 1),
        (["--truth", "/proc/nowhere/truth.json", "--reps", "1"], "can't be written", 1),
        (["--address", "zz"], "'zz' is no address", 2),
    ],
)
def test_what_can_not_be_is_said_in_one_line(arguments: list[str], said: str, status: int) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == status
    assert said in result.stderr.splitlines()[-1]


def test_a_truth_is_written_for_each_mount(tmp_path: Path) -> None:
    arguments = ["--mount", "both", "--reps", "1", "--truth", str(tmp_path / "truth.json")]
    CliRunner().invoke(main, [*arguments, "--transport", "unix:/nowhere/air"])
    assert sorted(os.listdir(tmp_path)) == ["truth-shin.json", "truth-thigh.json"]


async def test_a_sensor_that_speaks_too_early_is_heard_by_nobody(air: str, caplog: pytest.LogCaptureFixture) -> None:
    async with sensor_process("--transport", air, "--join", "--reps", "0", "--fault", "early"):
        heard = await listen(SensorLink(), 10.0, until=lambda heard: heard.received >= 50)
    assert "received notification with no subscriber" in caplog.text
    assert heard.last.lost == heard.last.malformed == 0
    assert heard.received >= 50
