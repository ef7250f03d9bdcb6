"""From the sensor to the screen: delay on the virtual link, frames, CPU, memory, first frame. Run with -m benchmark."""

from __future__ import annotations

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest

pytest.importorskip("bumble")

from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.screens.live import LiveScreen
from kneeimu.dashboard.screens.live_start import demo_screen
from kneeimu.live import LiveUpdate

pytestmark = pytest.mark.benchmark

LATENCY_P95_MS = 200.0
FIRST_FRAME_S = 1.0
CPU_PERCENT = 15.0
RSS_MB = 120.0
FRAMES_HZ = 15.0
WATCHED_S = 20.0
SIZE = (40, 120)


async def test_a_sample_is_on_screen_within_200_ms() -> None:
    screen = demo_screen("squat", "right", "thigh", record=False)
    app = KneeimuApp(lambda: screen)
    delays_s: list[float] = []
    pending: list[float] = []

    def arrived(update: LiveUpdate) -> None:
        if update.samples is not None and update.trace is not None and len(update.trace.time_s):
            pending.extend(update.samples.time_s.tolist())

    def painted() -> None:
        link = screen.session._link.link
        if link is None:
            return
        now_s = time.monotonic() - link._origin_s
        delays_s.extend(now_s - at for at in pending)
        pending.clear()

    paint = screen._paint
    screen._paint = lambda: (paint(), screen.call_after_refresh(painted))  # type: ignore[method-assign]
    async with app.run_test(size=(SIZE[1], SIZE[0])) as pilot:
        screen.session.subscribe(arrived)
        while screen.session.time_s < 4.0:
            await pilot.pause(0.1)
        delays_s.clear()
        frames, began_s = screen.frames, time.monotonic()
        await pilot.pause(WATCHED_S)
        rate_hz = (screen.frames - frames) / (time.monotonic() - began_s)
    p50, p95, worst = (1000 * float(np.percentile(delays_s, q)) for q in (50, 95, 100))
    print(f"\nsensor to screen: p50 {p50:.0f} ms, p95 {p95:.0f} ms, worst {worst:.0f} ms; {rate_hz:.1f} frames/s")
    assert p95 < LATENCY_P95_MS


@contextmanager
def demo_in_a_terminal(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    environment = {**os.environ, "KNEEIMU_HOME": str(home), "TERM": "xterm-256color", "KNEEIMU_SOUND": "off"}
    process = subprocess.Popen(
        [sys.executable, "-m", "kneeimu", "demo"], stdin=slave, stdout=slave, stderr=slave, env=environment,
        start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    try:
        yield process, master
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(master)


def read_until(master: int, words: bytes, timeout_s: float) -> bytes:
    """Read what the app writes until it contains ``words`` or the time is over."""
    seen = b""
    end_s = time.monotonic() + timeout_s
    while words not in seen and time.monotonic() < end_s:
        if select.select([master], [], [], 0.05)[0]:
            seen += os.read(master, 65536)
    return seen


def drain(master: int, seconds: float) -> int:
    """Read and count bytes for a while, as a terminal does."""
    count, end_s = 0, time.monotonic() + seconds
    while time.monotonic() < end_s:
        if select.select([master], [], [], 0.05)[0]:
            count += len(os.read(master, 65536))
    return count


def test_the_first_frame_comes_within_a_second(tmp_path: Path) -> None:
    taken_s = []
    for _ in range(3):
        began_s = time.monotonic()
        with demo_in_a_terminal(tmp_path) as (process, master):
            assert b"Squat" in read_until(master, b"Squat", 10.0)
            taken_s.append(time.monotonic() - began_s)
            used = psutil.Process(process.pid).cpu_times()
    cpu_s, load = used.user + used.system, os.getloadavg()[0]
    print(f"\nfirst frame after {min(taken_s):.2f} s at best of 3 (load {load:.1f}); {cpu_s:.2f} s of CPU")
    busy = load > (os.cpu_count() or 1)  # then others have the cores, and only our own share can be judged
    assert (cpu_s if busy else min(taken_s)) < FIRST_FRAME_S


def test_cpu_and_memory_of_the_demo(tmp_path: Path) -> None:
    with demo_in_a_terminal(tmp_path) as (process, master):
        assert b"Squat" in read_until(master, b"Squat", 10.0)
        drain(master, 6.0)
        app = psutil.Process(process.pid)
        before, began_s = app.cpu_times(), time.monotonic()
        written = drain(master, WATCHED_S)
        after, seconds = app.cpu_times(), time.monotonic() - began_s
        rss_mb = app.memory_info().rss / 1e6
    cpu = 100 * (after.user + after.system - before.user - before.system) / seconds
    print(
        f"\nradio, engine, recording and screen together {cpu:.1f} % of a core, "
        f"{rss_mb:.0f} MB, {written / seconds / 1000:.0f} kB/s to the terminal at {SIZE[1]}×{SIZE[0]}"
    )
    assert rss_mb < RSS_MB
    assert cpu < CPU_PERCENT


async def test_the_screen_alone_draws_15_frames_a_second() -> None:
    from array_link import ArrayLink, squats

    from kneeimu.live import LiveSession
    from kneeimu.types import Setup

    session = LiveSession(Setup("squat", "right", "thigh", 100.0), ArrayLink(squats(20), speed=1.0))
    screen = LiveScreen(session)
    async with KneeimuApp(lambda: screen).run_test(size=(SIZE[1], SIZE[0])) as pilot:
        await pilot.pause(2.0)
        process = psutil.Process()
        before, frames, began_s = process.cpu_times(), screen.frames, time.monotonic()
        await pilot.pause(10.0)
        seconds = time.monotonic() - began_s
        after = process.cpu_times()
    cpu = 100 * (after.user + after.system - before.user - before.system) / seconds
    rate_hz = (screen.frames - frames) / seconds
    print(f"\nscreen and engine without a radio: {cpu:.1f} % of a core at {rate_hz:.1f} frames/s")
    assert rate_hz >= FRAMES_HZ
