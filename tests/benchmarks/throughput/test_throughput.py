"""Recorded hours a second: one core, all cores, a Dask cluster on loopback; and how fast recordings come and go."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from kneeimu.engine import Engine
from kneeimu.sessions.batch import make_executor, run_batch
from kneeimu.sessions.files import Request
from kneeimu.sessions.recording import RawNotification, Recorder, read_recording
from kneeimu.types import Samples, Setup

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

CLUSTER = Path(__file__).parents[2] / "sessions" / "loopback_cluster.py"
SETUP = Setup("squat", "right", "thigh", 100.0)
SESSION_S = 900.0
SESSIONS = 24


def training(duration_s: float) -> Samples:
    random = np.random.default_rng(3)
    time_s = np.arange(0.0, duration_s, 0.01)
    in_set = np.mod(time_s, 108.0)
    angle = np.where(in_set < 48.0, np.radians(30.0) * (1 - np.cos(2 * np.pi * in_set / 4.0)), 0.0)
    zero = np.zeros_like(time_s)
    acc = np.column_stack((9.81 * np.sin(angle), 9.81 * np.cos(angle), zero)) + random.normal(0, 0.03, (len(angle), 3))
    gyr = np.column_stack((zero, zero, np.gradient(angle, time_s))) + random.normal(0, 0.004, (len(angle), 3))
    # what a 16-bit sensor of 16 g and 2000 deg/s can tell
    return Samples(time_s, np.round(acc / 0.00479) * 0.00479, np.round(gyr / 0.001065) * 0.001065)


def write(folder: Path, samples: Samples) -> Path:
    started = datetime(2026, 1, 1, tzinfo=UTC)
    with Recorder.create(folder, SETUP, sensor={"name": "Knee"}, started_utc=started) as recorder:
        engine = Engine(SETUP)
        for begin in range(0, len(samples), 8):
            part = slice(begin, begin + 8)
            batch = Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part])
            raw = np.round(np.hstack((batch.acc_m_s2 / 0.00479, batch.gyr_rad_s / 0.001065))).astype("<i2").tobytes()
            recorder.write_notification(RawNotification(float(batch.time_s[-1]), "6e1e0002", raw))
            recorder.write_samples(batch)
            for event in engine.feed(batch):
                recorder.write_event(event)
    return recorder.path


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> list[str]:
    folder = tmp_path_factory.mktemp("recordings")
    first = write(folder, training(SESSION_S))
    copies = [folder / f"{number:03}.mcap" for number in range(SESSIONS - 1)]
    for copy in copies:
        shutil.copy(first, copy)
    return [str(first), *map(str, copies)]


def hours_a_second(files: list[str], executor: Executor | None) -> float:
    if executor is not None:  # processes that have started and imported everything
        list(run_batch(files[: 2 * (os.cpu_count() or 1)], Request(), executor))
    begin_s = time.perf_counter()
    results = list(run_batch(files, Request(), executor))
    spent_s = time.perf_counter() - begin_s
    assert all(done.result and done.result["count"] > 90 for done in results)
    return len(files) * SESSION_S / 3600.0 / spent_s


def test_hours_a_second(recordings: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    begin_s = time.process_time()
    told = [f"one core {hours_a_second(recordings[:8], None):.2f}"]
    told[0] += f" (if it were ours alone {8 * SESSION_S / 3600.0 / (time.process_time() - begin_s):.2f})"
    with make_executor("processes") as pool:
        told.append(f"all {os.cpu_count()} cores {hours_a_second(recordings, pool):.2f}")
    line = [sys.executable, str(CLUSTER)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as cluster:
        assert cluster.stdout is not None
        address = cluster.stdout.readline().strip()
        if address:
            with make_executor(address) as executor:
                told.append(f"Dask, two workers {hours_a_second(recordings, executor):.2f}")
        cluster.communicate("")
    with capsys.disabled():
        print(f"\nrecorded hours a second at 100 Hz: {', '.join(told)}")


def test_recording_and_reading_an_hour(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = training(3600.0)
    begin_s = time.process_time()
    engine = Engine(SETUP)
    for begin in range(0, len(samples), 8):
        part = slice(begin, begin + 8)
        engine.feed(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
    engine_s = time.process_time() - begin_s
    begin_s = time.process_time()
    path = write(tmp_path, samples)
    write_s = time.process_time() - begin_s - engine_s
    begin_s = time.process_time()
    recording = read_recording(path)
    read_s = time.process_time() - begin_s
    with capsys.disabled():
        print(
            f"\nan hour of one sensor: {path.stat().st_size / 2**20:.1f} MiB, recorded in {write_s:.1f} s of CPU "
            f"({write_s / len(samples) * 1e6:.1f} µs a sample), read in {read_s:.2f} s"
        )
    assert sum(len(part) for part in recording.samples) == len(samples)
    assert write_s < 36.0  # one per cent of a core


def test_listing_five_thousand_sessions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from kneeimu.sessions.history import Filter, History

    started = datetime(2015, 1, 1, tzinfo=UTC)
    for number in range(5000):
        at = started + timedelta(hours=18 * number)
        with Recorder.create(tmp_path / "sessions", SETUP, sensor={"name": "Knee"}, started_utc=at) as recorder:
            recorder.write_command("pain", 0.0, level=number % 4)
    spent: dict[str, float] = {}

    def measure(name: str, run) -> None:
        begin_s = time.perf_counter()
        run()
        spent[name] = time.perf_counter() - begin_s

    with History(tmp_path / "sessions", tmp_path / "history.sqlite") as history:
        measure("rebuild", history.rebuild)

    def open_and_list(wanted: Filter) -> None:
        with History(tmp_path / "sessions", tmp_path / "history.sqlite") as history:
            history.refresh()
            assert history.sessions(wanted)

    measure("list all", lambda: open_and_list(Filter()))
    measure("search", lambda: open_and_list(Filter(text="knee squat")))
    measure("newest 20", lambda: open_and_list(Filter(limit=20)))
    with capsys.disabled():
        print("\n5,000 sessions: " + ", ".join(f"{name} {took * 1e3:.0f} ms" for name, took in spent.items()))
    assert max(spent["list all"], spent["search"], spent["newest 20"]) < 0.2
