"""What a report needs of a session, without the samples: a year of sessions fits into memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

import numpy as np

from kneeimu.coaching.pain import PainLog
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.sessions.corrections import pain_before, pain_while_training, tally_session
from kneeimu.sessions.play import Played, PlayedSet, play, sets_of
from kneeimu.sessions.recording_format import Command
from kneeimu.sessions.recording_reader import Recording
from kneeimu.sessions.replay import analyze_recording
from kneeimu.tally import Tally
from kneeimu.types import FloatArray, Rep, Setup, Trace

TILT_UNCERTAINTY_DEG = {"thigh": 3.3 / 2.3, "shin": 3.8 / 2.25}
"""One standard deviation of the drift against the wearer's own reference reps, deg.

Simulated, not measured on people: root mean square error of the camera-style estimate after taring (20,000 draws with
priors for alignment, soft tissue and hip shift), divided by its gain on the tilt.
"""
Moment = Literal["before", "during", "after"]
"""Of training, when pain was asked about."""
LARGEST = 1e5
"""No number of a rep or a prescription comes near: s, deg, deg/s, reps."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One rep to draw: seconds since its start, shape (n,), and degrees away from home, shape (n,)."""

    time_s: FloatArray
    angle_deg: FloatArray
    flagged: bool


@dataclass(frozen=True, slots=True)
class Prescription:
    """What was asked for; None where nothing was."""

    programme: str = ""
    session: str = ""
    sets: int | None = None
    reps: tuple[int, int] | None = None
    tempo_s: tuple[float, float, float] | None = None
    hold_s: float | None = None
    seconds: float | None = None
    band: str = ""

    @property
    def place(self) -> tuple[object, ...]:
        """Tells apart the places of a programme where one exercise stands; a coach may have changed the reps of one."""
        return self.sets, self.tempo_s, self.hold_s, self.seconds, self.band

    @property
    def total(self) -> int | None:
        """Fewest reps asked for, in all sets; None where time is asked for."""
        return self.sets * self.reps[0] if self.sets and self.reps and self.seconds is None else None

    @property
    def total_s(self) -> float | None:
        """Time asked for in all sets, s; None where reps are."""
        return (self.sets or 1) * self.seconds if self.seconds else None


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One recording, boiled down.

    Attributes:
        corrected: reps that the person added (or took away, negative); ``corrected_sets``: by number of the set.
        pain: scores that were given with this recording, 0 to 10, in order.
        log: scores of the diary; without one, what the recording knows of those asked before and after training.
        held_s: how long a timed exercise was done, by the diary.
        asked_before: reps asked for in other places of the programme where the exercise stands, of a joined training.
    """

    name: str
    setup: Setup
    started: datetime | None
    duration_s: float
    sets: tuple[PlayedSet, ...]
    curves: tuple[Curve, ...]
    prescription: Prescription
    corrected: int = 0
    pain: tuple[int, ...] = ()
    log: PainLog | None = None
    held_s: float | None = None
    lost: int | None = None
    samples: int = 0
    warnings: tuple[str, ...] = ()
    corrected_sets: dict[int, int] = field(default_factory=dict)
    asked_before: int = 0

    @property
    def asked_reps(self) -> int | None:
        """Fewest reps asked for in all, each way of a walk counted; None where none were."""
        total = self.prescription.total
        if total is None:
            return self.asked_before or None
        return self.asked_before + total * max(1, len(find_exercise(self.setup.exercise).ways))

    @property
    def day(self) -> date | None:
        """Local date; None when nobody knows."""
        if self.started is None:
            return None
        return (self.started.astimezone() if self.started.tzinfo else self.started).date()

    @property
    def reps(self) -> list[Rep]:
        """All reps that stand, in order."""
        return [rep for group in self.sets for rep in group.reps]

    @property
    def sets_done(self) -> int:
        """Sets in which a rep counts, after the person's corrections."""
        counts = Counter({one.number: len(one.reps) for one in self.sets})
        counts.update(self.corrected_sets)
        return sum(count > 0 for count in counts.values())

    @property
    def count(self) -> int:
        """Reps with the person's corrections."""
        return max(0, len(self.reps) + self.corrected)

    @property
    def pain_told(self) -> tuple[tuple[Moment, int], ...]:
        """Scores of the training with their moments, in order; what was given while training is this recording's."""
        log = self.log or PainLog()
        during = self.pain or (log.during,)
        said: list[tuple[Moment, int | None]] = [("before", log.before), *(("during", one) for one in during)]
        return tuple((when, score) for when, score in (*said, ("after", log.after)) if score is not None)

    @property
    def worst_pain(self) -> int | None:
        """Highest score of the session, later words of the diary included; None when nobody asked."""
        return max((score for _when, score in self.pain_told), default=None)

    @property
    def drift_uncertainty_deg(self) -> float:
        """One standard deviation of a rep's drift, deg."""
        return TILT_UNCERTAINTY_DEG[self.setup.mount]


def facts_of(played: Played, log: PainLog | None = None, held_s: float | None = None) -> SessionFacts:
    """Boil a played session down to what a report needs."""
    return SessionFacts(
        name=played.name,
        setup=played.setup,
        started=played.started,
        duration_s=played.analysis.duration_s,
        sets=_sound(played.sets),
        curves=tuple(_curves(played.trace, played.sets)),
        prescription=read_prescription(played.prescription),
        log=log or _log(played.commands),
        held_s=held_s,
        lost=played.analysis.link.lost,
        samples=played.analysis.link.samples,
        warnings=(*played.analysis.warnings, *played.problems),
        **_said(tally_session(played.analysis.events, played.commands), played.commands),
    )


def facts_of_recording(recording: Recording, log: PainLog | None = None, held_s: float | None = None) -> SessionFacts:
    """Boil a recording down to what the person saw at the time, without running the engine: there are no curves.

    A recording without results is played with today's engine.
    """
    if not recording.events:
        items, setup = recording.items, recording.setup
        return facts_of(
            play(
                items,
                setup,
                name=recording.path.stem,
                started=recording.started_utc,
                prescription=recording.prescription,
                problems=recording.problems,
            ),
            log,
            held_s,
        )
    result = analyze_recording(recording, recorded=True)
    tally = tally_session(recording.events, recording.commands)
    return SessionFacts(
        name=recording.path.stem,
        setup=recording.setup,
        started=recording.started_utc,
        duration_s=result.duration_s,
        sets=_sound(sets_of(tally)),
        curves=(),
        prescription=read_prescription(recording.prescription or {}),
        log=log or _log(recording.commands),
        held_s=held_s,
        lost=result.link.lost,
        samples=result.link.samples,
        warnings=(*result.warnings, *recording.problems),
        **_said(tally, recording.commands),
    )


KNOWN = (
    "start_s", "turn_s", "end_s", "duration_s", "range_of_motion_deg", "peak_velocity_deg_s",
)  # fmt: skip
MAYBE = (
    "outward_s", "hold_s", "return_s",
    "medial_tilt_deg", "medial_drift_deg", "inward_rotation_deg", "fppa_equivalent_deg",
    "fppa_equivalent_uncertainty_deg",
)  # fmt: skip


def _sound(sets: Iterable[PlayedSet]) -> tuple[PlayedSet, ...]:
    """Leave out reps whose numbers are none: a file may hold anything."""
    kept = (replace(group, reps=tuple(rep for rep in group.reps if _has_numbers(rep))) for group in sets)
    return tuple(group for group in kept if group.reps)


def _has_numbers(rep: Rep) -> bool:
    values = [getattr(rep, name) for name in KNOWN]
    values += [value for name in MAYBE if (value := getattr(rep, name)) is not None]
    return all(_is_number(value) for value in values) and all(isinstance(flag, str) for flag in rep.flags)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST  # NaN is not smaller


def with_curves(facts: SessionFacts, trace: Trace) -> SessionFacts:
    """Add the curves of the reps, cut out of the trace of the same session."""
    return replace(facts, curves=tuple(_curves(trace, facts.sets)))


def _log(commands: Iterable[Command]) -> PainLog | None:
    before = pain_before(commands)
    return None if before is None else PainLog(before=before)


def _said(tally: Tally, commands: Iterable[Command]) -> dict[str, Any]:
    steps: Counter[int] = Counter()
    for one in tally.reps:
        steps[one.set_number] += (one.note == "added") - (one.note == "taken back")
    return {
        "corrected": steps.total(),
        "corrected_sets": dict(steps),
        "pain": pain_while_training(commands),
    }


def read_prescription(content: dict[str, Any]) -> Prescription:
    """Read what a recording holds; a field that does not fit is taken as not asked for."""
    count = content.get("reps")
    reps = _numbers([count, count] if isinstance(count, int) else count, 2)
    tempo = _numbers(content.get("tempo_s"), 3)
    sets, hold = content.get("sets"), _numbers([content.get("hold_s")], 1)
    seconds, band = _numbers([content.get("seconds")], 1), content.get("band")
    return Prescription(
        programme=str(content.get("programme") or ""),
        session=str(content.get("session") or ""),
        sets=sets if isinstance(sets, int) and _is_number(sets) else None,
        reps=(int(reps[0]), int(reps[1])) if reps else None,
        tempo_s=(tempo[0], tempo[1], tempo[2]) if tempo else None,
        hold_s=hold[0] if hold else None,
        seconds=seconds[0] if seconds else None,
        band=band if isinstance(band, str) and band != "none" else "",
    )


def _numbers(value: Any, count: int) -> list[float] | None:
    if not isinstance(value, list | tuple) or len(value) != count:
        return None
    return [float(one) for one in value] if all(_is_number(one) and one >= 0 for one in value) else None


def _curves(trace: Trace, sets: Iterable[PlayedSet]) -> Iterable[Curve]:
    for group in sets:
        for rep in group.reps:
            part = slice(*np.searchsorted(trace.time_s, (rep.start_s - 0.02, rep.end_s + 0.02)))
            if part.stop - part.start > 3:
                angle = tilt_since_start(trace.quat_segment_to_world[part])
                yield Curve(trace.time_s[part] - rep.start_s, angle, not rep.clean)


def tilt_since_start(quats: FloatArray) -> FloatArray:
    """Give the tilt against the first row, towards where the movement went furthest; deg, shape (n,).

    The vertical is looked at from the segment, so that turning round does not show.
    The trace's own angle is no use here: it is measured from the home that the counter knew then, which may change.
    """
    w, x, y, z = quats.T
    up = np.column_stack([2.0 * (x * z - w * y), 2.0 * (y * z + w * x), w * w - x * x - y * y + z * z])
    home = up[0]
    away = up - np.outer(up @ home, home)
    furthest = away[np.argmin(up @ home)]
    length = float(np.linalg.norm(furthest))
    if length < 1e-6:
        return np.zeros(len(up))
    angle: FloatArray = np.degrees(np.arctan2(away @ (furthest / length), up @ home))
    return angle
