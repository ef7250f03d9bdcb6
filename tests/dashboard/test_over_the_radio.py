"""The demo as a person runs it, sped up: simulated sensor, virtual radio, ordinary bleak, recording, screen."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import psutil
import pytest

pytest.importorskip("bumble", reason="the simulated sensor needs the extra 'sim'")

from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.screens.live_start import demo_screen
from kneeimu.sessions.recording import read_recording
from kneeimu.sessions.replay import replayed_events
from kneeimu.types import event_to_json

SPEED = 8.0


async def test_the_simulated_sensor_is_counted_recorded_and_replayed() -> None:
    screen = demo_screen("squat", "right", "thigh", reps=5, speed=SPEED)
    said: list[str] = []
    screen.session.subscribe(lambda update: said.extend(event_to_json(event) for event in update.events))
    async with KneeimuApp(lambda: screen).run_test(size=(120, 40), notifications=True) as pilot:
        async with asyncio.timeout(30):
            while (screen.board.count.count or 0) < 5:
                await pilot.pause(0.05)
        text = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        assert "Connected · kneeimu (simulated)" in text
        assert "battery" in text
        assert screen.board.gauge.drift_deg is not None
        await pilot.press("q")
    assert screen.session.path is not None
    recording = read_recording(screen.session.path)
    assert [event_to_json(event) for event in replayed_events(recording)] == said
    assert recording.setup.alignment is not None


def demo(home: Path, *options: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start ``kneeimu demo`` on a terminal of its own."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "KNEEIMU_HOME": str(home), "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-m", "kneeimu", "demo", *options], stdin=slave, stdout=slave, stderr=slave, env=environment,
        start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    return process, master


def read_until(master: int, words: bytes, timeout_s: float = 30.0) -> bytes:
    """Read what the app writes until it contains ``words``."""
    seen, end_s = b"", time.monotonic() + timeout_s
    while words not in seen:
        assert time.monotonic() < end_s, f"{words!r} never came: {seen[-500:]!r}"
        if select.select([master], [], [], 0.05)[0]:
            seen += os.read(master, 65536)
    return seen


def sensor_of(process: subprocess.Popen[bytes]) -> psutil.Process:
    """The simulated sensor's process."""
    children = psutil.Process(process.pid).children(recursive=True)
    return next(child for child in children if "firmware_sim" in " ".join(child.cmdline()))


def keep_reading(master: int, process: subprocess.Popen[bytes], timeout_s: float = 10.0) -> int:
    """Read until the app has ended; give its exit status."""
    end_s = time.monotonic() + timeout_s
    while process.poll() is None and time.monotonic() < end_s:
        if select.select([master], [], [], 0.05)[0]:
            with contextlib.suppress(OSError):
                os.read(master, 65536)
    return process.wait(1)


def test_q_leaves_no_process_behind(tmp_path: Path) -> None:
    process, master = demo(tmp_path)
    read_until(master, b"Connected")
    sensor = sensor_of(process)
    os.write(master, b"q")
    assert keep_reading(master, process) == 0
    assert psutil.wait_procs([sensor], timeout=5)[1] == []
    os.close(master)


def test_kill_9_leaves_no_process_behind_and_a_recording_that_opens(tmp_path: Path) -> None:
    process, master = demo(tmp_path)
    read_until(master, b"Hz")
    sensor = sensor_of(process)
    process.send_signal(signal.SIGKILL)
    process.wait(5)
    assert psutil.wait_procs([sensor], timeout=5)[1] == []
    os.close(master)
    recordings = list((tmp_path / "data" / "demo").glob("*.mcap*"))
    assert len(recordings) == 1
    assert read_recording(recordings[0]).setup.exercise == "squat"


def test_live_streams_across_processes(tmp_path: Path) -> None:
    """``kneeimu live`` on a sensor that somebody else has started."""
    air = f"unix:{tmp_path / 'air'}"
    sensor = subprocess.Popen(
        [sys.executable, "-m", "firmware_sim", "--transport", air, "--die-with-parent", "--reps", "3"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert sensor.stdin is not None
    assert sensor.stdout is not None
    assert sensor.stdout.readline().strip() == b"READY"
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "KNEEIMU_HOME": str(tmp_path), "TERM": "xterm-256color", "KNEEIMU_RADIO": air}
    arguments = ["--exercise", "squat", "--side", "right", "--mount", "thigh"]
    live = subprocess.Popen(
        [sys.executable, "-m", "kneeimu", "live", *arguments], stdin=slave, stdout=slave, stderr=slave, env=environment,
        start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    read_until(master, b"Connected")
    os.write(master, b"q")
    assert keep_reading(master, live) == 0
    os.close(master)
    assert sensor.poll() is None
    sensor.stdin.close()
    assert sensor.wait(5) == 0
    sensor.stdout.close()


def test_without_a_terminal_there_is_one_clear_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kneeimu", "demo"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        env={**os.environ, "KNEEIMU_HOME": str(tmp_path)}, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("kneeimu: the dashboard needs a terminal")
    assert done.stderr.count("\n") == 1
