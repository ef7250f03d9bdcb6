"""A recording in one line: what the history lists."""

from __future__ import annotations

import dataclasses
import json
import statistics
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kneeimu.sessions.analysis import Analysis
from kneeimu.sessions.corrections import of_counted, pain_before, pain_while_training, tally_session
from kneeimu.sessions.recording_reader import Recording, is_being_recorded, read_recording
from kneeimu.sessions.replay import analyze_recording
from kneeimu.sessions.scores import latest_score


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session of the history.

    Attributes:
        name: file name without its ending; the session's handle.
        started_utc: ISO 8601, UTC.
        count, clean_count: reps of the session's sets as the engine saw them then.
        corrected_count: the same with the person's corrections.
        latest_count, latest_clean_count: what the newest score says; None when there is only the first.
        sets: those in which at least one rep counts, after the corrections.
        drift_deg: median medial drift of the reps, deg; None when it is not known.
        range_deg: median range of motion, deg.
        pain: highest pain that was told before or while training, 0 to 10.
        programme: name of the programme that was followed, or empty.
        words: everything a search may look for, in small letters; not given by lists.
        marks: "recording" while it is being recorded, "cut" when it was never closed, "damaged"; separated by spaces.
    """

    name: str
    started_utc: str
    duration_s: float
    exercise: str
    side: str
    mount: str
    count: int
    clean_count: int
    corrected_count: int
    latest_count: int | None
    latest_clean_count: int | None
    sets: int
    drift_deg: float | None
    range_deg: float | None
    pain: int | None
    alignment: str | None
    programme: str
    sensor: str
    software: str
    words: str
    marks: str

    @property
    def started(self) -> datetime:
        """When it began, in local time."""
        return datetime.fromisoformat(self.started_utc).astimezone()


FIELDS = tuple(field.name for field in dataclasses.fields(SessionSummary))


def first_result(recording: Recording, file: str = "") -> Analysis:
    """Give what was counted at the time; today's result for recordings that hold none."""
    result = analyze_recording(recording, file=file, recorded=bool(recording.events))
    return of_counted(result, tally_session(result.events, recording.commands))


def summarise_session(path: Path) -> SessionSummary:
    """Read a recording and boil it down to one line.

    Raises:
        InputError: the recording can't be used.
    """
    recording = read_recording(path)
    result = first_result(recording)
    latest = latest_score(path)
    tally = tally_session(result.events, recording.commands)
    setup, sensor = recording.setup, recording.metadata.get("sensor")
    prescription = recording.prescription or {}
    programme = str(prescription.get("programme") or prescription.get("name") or "")
    sensor_name = str(sensor.get("name") or "") if isinstance(sensor, dict) else ""
    return SessionSummary(
        name=path.stem,
        started_utc=recording.started_utc.isoformat(),
        duration_s=round(recording.duration_s, 3),
        exercise=setup.exercise,
        side=setup.side,
        mount=setup.mount,
        count=len(result.reps),
        clean_count=result.clean_count,
        corrected_count=tally.total,
        latest_count=latest["count"] if latest else None,
        latest_clean_count=latest["clean_count"] if latest else None,
        sets=len({one.set_number for one in tally.reps if one.counts}),
        drift_deg=_median([rep.medial_drift_deg for rep in result.reps]),
        range_deg=_median([rep.range_of_motion_deg for rep in result.reps]),
        pain=_pain(recording),
        alignment=setup.alignment.quality if setup.alignment else None,
        programme=programme,
        sensor=sensor_name,
        software=str(recording.metadata.get("software") or ""),
        words=" ".join(
            [path.stem, setup.exercise, setup.side, setup.mount, programme, sensor_name, _text(recording)]
        ).casefold(),
        marks=_marks(recording),
    )


def _pain(recording: Recording) -> int | None:
    levels = [pain_before(recording.commands), *pain_while_training(recording.commands)]
    return max((level for level in levels if level is not None), default=None)


def _text(recording: Recording) -> str:
    """What the person wrote, and what was prescribed."""
    said = [str(value) for command in recording.commands for value in command.data.values() if isinstance(value, str)]
    return " ".join([*said, json.dumps(recording.prescription or {}, ensure_ascii=False)])[:4000]


def _marks(recording: Recording) -> str:
    damaged = any("damaged" in problem for problem in recording.problems)
    open_mark = [] if recording.closed else ["recording" if is_being_recorded(recording.path) else "cut"]
    return " ".join([*open_mark, *(["damaged"] if damaged else [])])


def _median(values: list[Any]) -> float | None:
    known = [value for value in values if value is not None]
    return round(statistics.median(known), 2) if known else None
