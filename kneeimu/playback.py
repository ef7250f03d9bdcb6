"""A recorded session made ready to be looked at from any moment: the engine's words, the person's, and the trace."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np

from kneeimu.engine import Engine
from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.tally import TalliedRep, Tally
from kneeimu.types import Alignment, Event, Mount, Rep, Samples, Setup, Side, Trace
from kneeimu.words import _

CHUNK = 2000
"""Samples fed at once; the result does not depend on it."""
LEAD_IN_S = 1.0
"""A jump to a rep lands this long before it."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something of the session, at the moment it became known."""

    time_s: float
    event: Event | None = None
    command: tuple[str, float, dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class SetSpan:
    """From when to when a set was."""

    number: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Playback:
    """A session from its first to its last sample.

    Attributes:
        trace: at 25 Hz, shape (n,).
        spoken: events and commands by the time they became known.
        notes: what speaks against the recording, in words.
    """

    path: Path
    setup: Setup
    start_s: float
    end_s: float
    trace: Trace
    spoken: tuple[Spoken, ...]
    notes: tuple[str, ...] = ()

    def tally_at(self, time_s: float) -> Tally:
        """Give counts and lists as they stood then."""
        tally = Tally(most_reps=sys.maxsize)
        for spoken in self.spoken[: self.known_at(time_s)]:
            if spoken.event is not None:
                tally.apply(spoken.event)
            elif spoken.command is not None:
                tally.command(*spoken.command)
        return tally

    def known_at(self, time_s: float) -> int:
        """Count what had been said until then."""
        return bisect_right(self.spoken, time_s, key=lambda one: one.time_s)

    @cached_property
    def whole(self) -> Tally:
        """The tally of the end."""
        return self.tally_at(float("inf"))

    @cached_property
    def reps(self) -> list[TalliedRep]:
        """All reps of the sets that were measured and not revoked, in order."""
        found = [rep for rep in self.whole.reps if rep.rep is not None]
        return sorted(found, key=lambda one: one.rep.start_s if one.rep else 0.0)

    def sets(self) -> list[SetSpan]:
        """Give the sets in which there was a rep; one that is still open ends with the recording."""
        whole = self.whole
        done = {rep.set_number for rep in whole.reps}
        return [
            SetSpan(one.number, one.start_s, self.end_s if one.end_s is None else one.end_s)
            for one in sorted(whole.sets.values(), key=lambda one: one.start_s)
            if one.end_s is None or one.number in done
        ]

    def jump(self, time_s: float, by: int) -> float:
        """Give where to go for the next (+1) or previous (-1) rep, or the end or start when there is none."""
        places = [max(self.start_s, rep.rep.start_s - LEAD_IN_S) for rep in self.reps if rep.rep is not None]
        if by > 0:
            index = bisect_right(places, time_s + 0.05)
            return places[index] if index < len(places) else self.end_s
        index = bisect_left(places, time_s - 0.6) - 1
        return places[index] if index >= 0 else self.start_s

    def rep_at(self, time_s: float) -> Rep | None:
        """Give the rep under way at a time, or else the one before it."""
        index = bisect_right(self.reps, time_s, key=lambda one: one.rep.start_s if one.rep else 0.0)
        return self.reps[index - 1].rep if index else None

    def best_rep(self) -> Rep | None:
        """Give the rep to compare with: fewest flags, least drift, then nearest to the prescribed tempo."""
        target_s = sum(find_exercise(self.setup.exercise).tempo_s)
        reps = [rep.rep for rep in self.reps if rep.rep is not None and rep.counts]
        return min(
            reps,
            key=lambda rep: (len(rep.flags), abs(rep.medial_drift_deg or 0.0), abs(rep.duration_s - target_s)),
            default=None,
        )

    def curve(self, rep: Rep) -> tuple[Any, Any]:
        """Give time since the rep's start in s, and angle in deg, both of shape (n,)."""
        first, last = np.searchsorted(self.trace.time_s, (rep.start_s - 0.1, rep.end_s + 0.1))
        return self.trace.time_s[first:last] - rep.start_s, self.trace.angle_deg[first:last]

    def between(self, start_s: float, end_s: float) -> Trace:
        """Give the part of the trace after ``start_s`` up to ``end_s``."""
        first = int(np.searchsorted(self.trace.time_s, start_s, side="right"))
        last = int(np.searchsorted(self.trace.time_s, end_s, side="right"))
        trace = self.trace
        return Trace(
            trace.time_s[first:last],
            trace.angle_deg[first:last],
            trace.medial_deg[first:last],
            trace.quat_segment_to_world[first:last],
        )


def load_playback(
    path: Path, *, exercise: str | None = None, side: str | None = None, mount: str | None = None,
    alignment: Alignment | None = None, acc_unit: str = "m/s2", gyr_unit: str = "rad/s",
) -> Playback:  # fmt: skip
    """Read a recording (MCAP) or a CSV file and run the engine over it.

    Args:
        exercise, side, mount: needed for a CSV file; overrule what a recording says.

    Raises:
        InputError: the file can't be used, or what was done is not known.
    """
    from kneeimu.sessions.csv_file import read_csv
    from kneeimu.sessions.recording import read_recording
    from kneeimu.sessions.recording_reader import is_recording

    if is_recording(path):
        recording = read_recording(path)
        setup, notes = recording.setup, tuple(recording.problems)
        items = [one if isinstance(one, Samples) else (one.name, one.time_s, dict(one.data)) for one in recording.items]
    else:
        if exercise is None or side is None or mount is None:
            advice = _("add --exercise, --side and --mount: a CSV file does not say what was done")
            raise InputError(_("the exercise is not known"), where=str(path), advice=advice)
        read = read_csv(path, acc_unit, gyr_unit)
        setup = Setup(exercise, cast(Side, side), cast(Mount, mount), read.sampling_rate_hz)
        items, notes = [read.samples], read.notes
    setup = setup.told(exercise=exercise, side=cast(Side, side), mount=cast(Mount, mount), alignment=alignment)
    return replace(make_playback(path, setup, items), notes=notes)


def make_playback(path: Path, setup: Setup, items: list[Samples | tuple[str, float, dict[str, Any]]]) -> Playback:
    """Run the engine over samples and commands (name, time_s, data) in their order.

    Raises:
        InputError: there are no samples, or the exercise can't be followed from that mount.
    """
    try:
        engine = Engine(setup)
    except ValueError as error:
        raise InputError(str(error), where=str(path), advice=_("choose another --exercise or --mount")) from error
    spoken: list[Spoken] = []
    traces: list[Trace] = []
    known_s = start_s = end_s = float("-inf")
    for item in items:
        said: list[Event] = []
        if isinstance(item, Samples):
            if not len(item):
                continue
            start_s = float(item.time_s[0]) if not np.isfinite(start_s) else start_s
            end_s = float(item.time_s[-1])
            for chunk in _chunks(item):
                said += engine.feed(chunk)
                traces.append(engine.trace)
        else:
            name, time_s = item[:2]
            known_s = max(known_s, time_s)
            spoken.append(Spoken(known_s, command=item))
            said = engine.start_set(time_s) if name == "start-set" else []
            said += engine.end_set(time_s) if name == "end-set" else []
        for event in said:
            known_s = max(known_s, event.time_s)
            spoken.append(Spoken(known_s, event))
    if not traces:
        raise InputError(_("there are no samples"), where=str(path), advice=_("record it again"))
    spoken.extend(Spoken(max(known_s, end_s), event) for event in engine.finish())
    trace = Trace(*(np.concatenate([getattr(t, name) for t in traces]) for name in Trace.__slots__))
    return Playback(path, setup, start_s, end_s, trace, tuple(spoken))


def rep_marks(playback: Playback) -> list[tuple[float, str]]:
    """Give what is written under the trace: when each rep was counted, and its number in the set."""
    return [(rep.time_s, str(rep.number)) for rep in playback.reps]


def _chunks(samples: Samples) -> list[Samples]:
    return [
        Samples(
            samples.time_s[first : first + CHUNK],
            samples.acc_m_s2[first : first + CHUNK],
            samples.gyr_rad_s[first : first + CHUNK],
            samples.restart and first == 0,
        )
        for first in range(0, len(samples), CHUNK)
    ]
