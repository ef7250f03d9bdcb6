"""A recording played once more, to see what the counter saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kneeimu.engine import Engine
from kneeimu.evaluation.judge import prepare
from kneeimu.evaluation.labels import TrueRep
from kneeimu.evaluation.tasks import Task, load
from kneeimu.sessions.analysis import summarise
from kneeimu.types import Event, FloatArray, Rejected, Rep, Samples, Setup

CHUNK_S = 1.0


@dataclass(frozen=True, slots=True)
class Signal:
    """The counter's angle at its ticks, shape (n,) each, and the reps in it: true, counted, refused."""

    time_s: FloatArray
    angle_deg: FloatArray
    true_reps: tuple[TrueRep, ...]
    counted: tuple[Rep, ...]
    rejected: tuple[Rejected, ...]


def signal_of(task: Task) -> Signal:
    """Play a task's recording.

    Raises:
        KneeimuError: it can't be loaded.
    """
    labelled = load(task)
    samples, alignment, _ = prepare(labelled, task.exercise)
    setup = Setup(task.exercise, labelled.label.side, labelled.label.mount, labelled.rate_hz, alignment)
    engine, events = Engine(setup), list[Event]()
    times: list[FloatArray] = []
    angles: list[FloatArray] = []
    step = max(1, int(CHUNK_S * labelled.rate_hz))
    for begin in range(0, len(samples), step):
        part = slice(begin, begin + step)
        events += engine.feed(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
        times.append(engine.trace.time_s)
        angles.append(engine.trace.angle_deg)
    events += engine.finish()
    time_s = np.concatenate(times)
    done = summarise(events, setup, samples=len(samples), duration_s=float(time_s[-1] - time_s[0]))
    return Signal(time_s, np.concatenate(angles), labelled.label.reps, done.reps, done.rejected)
