"""Makes recordings for the tests: a leg that squats, the engine that listens, the recorder that keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from kneeimu.engine import Engine
from kneeimu.sessions.recording import RawNotification, Recorder
from kneeimu.types import Alignment, Event, Samples, Setup

ALIGNMENT = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 3.0, 1.0, 60.0)
SETUP = Setup("squat", "right", "thigh", 100.0, ALIGNMENT)
STARTED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PRESCRIPTION = {"reps": 5, "sets": 1, "tempo_s": [2.0, 0.0, 2.0]}


def squats(reps: int = 4, rate_hz: float = 100.0, seed: int = 1) -> Samples:
    """A thigh that tilts by 60 degrees and back, with a little noise and jitter."""
    random = np.random.default_rng(seed)
    time_s = np.arange(0.0, 3.0 + 4.0 * reps, 1 / rate_hz)
    phase = np.clip(np.mod(time_s - 2.0, 4.0) / 3.0, 0.0, 1.0)
    moving = (time_s >= 2.0) & (time_s < 2.0 + 4.0 * reps)
    angle = np.where(moving, np.radians(30.0) * (1 - np.cos(2 * np.pi * phase)), 0.0)
    zero = np.zeros_like(time_s)
    acc = np.column_stack((9.81 * np.sin(angle), 9.81 * np.cos(angle), zero)) + random.normal(0, 0.05, (len(angle), 3))
    gyr = np.column_stack((zero, zero, np.gradient(angle, time_s))) + random.normal(0, 0.005, (len(angle), 3))
    return Samples(time_s + random.uniform(-0.001, 0.001, len(angle)), acc, gyr)


def batches(samples: Samples, size: int = 8) -> Iterator[Samples]:
    for begin in range(0, len(samples), size):
        part = slice(begin, begin + size)
        yield Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part], begin == 0)


def record(
    folder: Path, *, reps: int = 4, seed: int = 1, started: datetime = STARTED, **more
) -> tuple[Path, list[Event]]:
    """Record a session as the live one does; give the file and what the engine said."""
    setup = more.pop("setup", SETUP)
    recorder = Recorder.create(
        folder, setup, sensor={"name": "Knee 1", "address": "AA:BB"}, prescription=PRESCRIPTION, started_utc=started
    )
    engine, said = Engine(setup), []

    def keep(events: list[Event]) -> None:
        said.extend(events)
        for event in events:
            recorder.write_event(event)

    samples = squats(reps, setup.sampling_rate_hz, seed)
    for number, batch in enumerate(batches(samples)):
        now_s = float(batch.time_s[-1])
        recorder.write_notification(RawNotification(now_s, "6e1e0002", bytes([number % 256]) * 12))
        recorder.write_samples(batch)
        keep(engine.feed(batch))
        if number == 20:
            recorder.write_command("start-set", now_s)
            keep(engine.start_set(now_s))
    recorder.write_command("pain", now_s, level=2)
    recorder.write_command("end-set", now_s)
    keep(engine.end_set(now_s))
    if by := more.pop("corrected_by", 0):
        recorder.write_command("correction", now_s, by=by, set_number=1)
    recorder.write_status({"state": "closed", "received": len(samples), "lost": 3})
    keep(engine.finish())
    recorder.close()
    return recorder.path, said
