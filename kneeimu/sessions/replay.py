"""Runs the engine over a recording: the same items give the same events as they did live."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

import numpy as np

from kneeimu.engine import Engine
from kneeimu.sessions.analysis import Analysis, make_engine, summarise
from kneeimu.sessions.recording_format import Command
from kneeimu.sessions.recording_reader import Recording
from kneeimu.types import Alignment, Event, GapFound, Samples, Setup
from kneeimu.words import _

RUN_SAMPLES = 30_000


def step(engine: Engine, item: Samples | Command) -> list[Event]:
    """Give one item to the engine, as the live session did."""
    if isinstance(item, Samples):
        return engine.feed(item)
    if item.name == "start-set":
        return engine.start_set(item.time_s)
    if item.name == "end-set":
        return engine.end_set(item.time_s)
    return []


def replayed_events(recording: Recording, setup: Setup | None = None) -> list[Event]:
    """Give all that the engine says to a recording.

    The samples are fed in long runs, which is forty times quicker than as they came; that the engine says the same is
    its promise.
    """
    engine = make_engine(setup or recording.setup, str(recording.path))
    events = [event for item in joined(recording.items) for event in step(engine, item)]
    return [*events, *engine.finish()]


def joined(items: Iterable[Samples | Command]) -> Iterator[Samples | Command]:
    """Join samples that follow each other without a command or a restart between them."""
    run: list[Samples] = []
    length = 0
    for item in items:
        if run and (isinstance(item, Command) or item.restart or length >= RUN_SAMPLES):
            yield _join(run)
            run, length = [], 0
        if isinstance(item, Command):
            yield item
        else:
            run.append(item)
            length += len(item)
    if run:
        yield _join(run)


def _join(run: list[Samples]) -> Samples:
    if len(run) == 1:
        return run[0]
    return Samples(
        np.concatenate([samples.time_s for samples in run]),
        np.concatenate([samples.acc_m_s2 for samples in run]),
        np.concatenate([samples.gyr_rad_s for samples in run]),
        run[0].restart,
    )


def analyze_recording(
    recording: Recording, *, alignment: Alignment | None = None, file: str = "", recorded: bool = False
) -> Analysis:
    """Boil a recording down to its reps.

    Args:
        alignment: another one than that of the session.
        file: the name to report; that of the recording, if not given.
        recorded: take what the engine said then, instead of running today's.
    """
    setup = recording.setup
    if alignment is not None:
        setup = dataclasses.replace(setup, alignment=alignment)
    events = list(recording.events) if recorded else replayed_events(recording, setup)
    problems = () if recording.closed else (_("the recording was not closed"),)
    return summarise(
        events,
        setup,
        samples=sum(len(samples) for samples in recording.samples),
        duration_s=recording.duration_s,
        file=file or str(recording.path),
        lost=_lost(recording, events),
        notes=(*recording.problems, *(p for p in problems if not recording.problems)),
    )


def _lost(recording: Recording, events: list[Event]) -> int | None:
    """Samples that the link says are missing; None when it said nothing."""
    told = [status["lost"] for status in recording.statuses if isinstance(status.get("lost"), int)]
    gaps = any(isinstance(event, GapFound) for event in events)
    return max(told) if told and (max(told) or not gaps) else None
