"""A session run through the engine once more, with everything there is to draw and to export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from kneeimu.errors import InputError
from kneeimu.sessions.analysis import Analysis, make_engine, summarise
from kneeimu.sessions.corrections import in_order, of_counted, tally_session
from kneeimu.sessions.csv_file import read_csv
from kneeimu.sessions.files import Request
from kneeimu.sessions.recording_format import Command
from kneeimu.sessions.replay import step
from kneeimu.tally import TalliedRep, Tally
from kneeimu.types import Event, Rep, Samples, Setup, Trace
from kneeimu.words import _

CHUNK = 2000
"""Samples fed at once; the result does not depend on it, memory does."""


@dataclass(frozen=True, slots=True)
class PlayedSet:
    """A set and its reps, numbered within the set as they were announced."""

    number: int
    start_s: float
    end_s: float
    reps: tuple[Rep, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """A session: what came in, what the engine said, and what it saw.

    Attributes:
        name: how to call it, without folders and suffix.
        samples: everything the sensor sent, in its own frame.
        trace: the segment's angles at 25 Hz.
        analysis: the reps of the sets, what the engine said, rejected movements and the state of the link.
        sets: detected reps by set; a set still open at the end is included, and one with none but added reps.
        started: when it began; None when nobody knows.
        prescription: what was asked for (sets, reps, hold_s, tempo_s, …); empty when nothing was.
        commands: what the person did: pain, corrections and the like.
        problems: what is missing or odd in the file, in words.
    """

    name: str
    samples: Samples
    trace: Trace
    analysis: Analysis
    sets: tuple[PlayedSet, ...]
    started: datetime | None = None
    prescription: dict[str, Any] = field(default_factory=dict)
    commands: tuple[Command, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def setup(self) -> Setup:
        """Exercise, side, mount and alignment."""
        return self.analysis.setup

    @property
    def listed(self) -> tuple[TalliedRep, ...]:
        """All reps by set and time: detected ones, those the person took back, and those the person added."""
        return tuple(in_order(tally_session(self.analysis.events, self.commands)))

    def corrected_count(self, group: PlayedSet) -> int:
        """Give the reps of a set as the person has corrected them."""
        return sum(one.counts for one in self.listed if one.set_number == group.number)


def play(
    items: Samples | Iterable[Samples | Command],
    setup: Setup,
    *,
    name: str = "",
    started: datetime | None = None,
    prescription: dict[str, Any] | None = None,
    problems: Iterable[str] = (),
) -> Played:
    """Run the engine over samples and commands in their order.

    Args:
        items: samples, or samples and commands in the order of the recording.
        setup: what the engine is told.
        name: how to call the session.
        started: when it began.
        prescription: what was asked for.

    Raises:
        InputError: the exercise can't be followed from that mount, or there are no samples.
    """
    engine = make_engine(setup, name)
    events: list[Event] = []
    traces: list[Trace] = []
    heard: list[Samples] = []
    commands: list[Command] = []
    for item in [items] if isinstance(items, Samples) else items:
        if isinstance(item, Command):
            events += step(engine, item)
            commands.append(item)
            continue
        heard.append(item)
        for chunk in chunks(item):
            events += engine.feed(chunk)
            traces.append(engine.trace)
    events += engine.finish()
    samples = _joined(heard)
    if not len(samples):
        raise InputError(_("there are no samples"), where=name, advice=_("record it again"))
    duration_s = float(samples.time_s[-1] - samples.time_s[0])
    analysis = summarise(events, setup, samples=len(samples), duration_s=duration_s, file=name)
    trace = Trace(
        np.concatenate([t.time_s for t in traces]),
        np.concatenate([t.angle_deg for t in traces]),
        np.concatenate([t.medial_deg for t in traces]),
        np.concatenate([t.quat_segment_to_world for t in traces]),
    )
    tally = tally_session(events, commands)
    return Played(
        name, samples, trace, of_counted(analysis, tally), sets_of(tally), started, prescription or {},
        tuple(commands), tuple(problems),
    )  # fmt: skip


def play_file(path: str | Path, request: Request | None = None) -> Played:
    """Play a recording, or a CSV of samples with what ``request`` says about it.

    Raises:
        InputError: the file can't be used; names the file, the place and the cure.
    """
    from kneeimu.sessions.recording_reader import is_recording, read_recording

    path, request = Path(path), request or Request()
    if not is_recording(path):
        read = read_csv(path, request.acc_unit, request.gyr_unit)
        if request.exercise is None or request.side is None or request.mount is None:
            advice = _("give --exercise, --side and --mount")
            raise InputError(_("a CSV does not say what was done"), where=str(path), advice=advice)
        setup = Setup(request.exercise, request.side, request.mount, read.sampling_rate_hz, request.alignment)
        return play(read.samples, setup, name=path.stem, problems=read.notes)
    recording = read_recording(path)
    setup = request.about(recording.setup)
    return play(
        recording.items,
        setup,
        name=path.stem,
        started=recording.started_utc,
        prescription=recording.prescription,
        problems=recording.problems,
    )


def sets_of(tally: Tally) -> tuple[PlayedSet, ...]:
    """Give the sets in which there was a rep; one that is still open ends with its last."""
    found: list[PlayedSet] = []
    for number, group in groupby(in_order(tally), key=lambda one: one.set_number):
        own = list(group)
        reps = [_numbered(one.rep, one.number) for one in own if one.rep is not None]
        times = [(rep.start_s, rep.end_s) for rep in reps] or [(one.time_s, one.time_s) for one in own]
        start_s, end_s = times[0][0], times[-1][1]
        if (span := tally.sets.get(number)) is not None and span.end_s is not None:
            start_s, end_s = span.start_s, span.end_s
        found.append(PlayedSet(number, start_s, end_s, tuple(reps)))
    return tuple(found)


def _numbered(rep: Rep, number: int) -> Rep:
    return rep if rep.number == number else replace(rep, number=number)


def chunks(samples: Samples) -> Iterator[Samples]:
    """Cut samples into pieces of at most ``CHUNK``."""
    for first in range(0, len(samples), CHUNK):
        part = slice(first, first + CHUNK)
        yield Samples(
            samples.time_s[part],
            samples.acc_m_s2[part],
            samples.gyr_rad_s[part],
            restart=samples.restart and first == 0,
        )


def _joined(parts: list[Samples]) -> Samples:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Samples(np.empty(0), np.empty((0, 3)), np.empty((0, 3)))
    return Samples(
        np.concatenate([part.time_s for part in parts]),
        np.concatenate([part.acc_m_s2 for part in parts]),
        np.concatenate([part.gyr_rad_s for part in parts]),
    )
