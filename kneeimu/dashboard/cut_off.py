"""Trainings that were cut off, by a crash or an empty battery: taken up into the diary from their recordings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kneeimu.coaching.pain import PainLog
from kneeimu.coaching.review import review
from kneeimu.coaching.stage import BoutResult
from kneeimu.dashboard.diary import Diary, Entry
from kneeimu.errors import KneeimuError
from kneeimu.exercises.programmes.guide import find_guide
from kneeimu.exercises.programmes.plan import Bout
from kneeimu.exercises.programmes.programme import Item
from kneeimu.sessions.corrections import pain_before, pain_while_training, tally_session
from kneeimu.sessions.recording_format import SUFFIX
from kneeimu.sessions.recording_reader import Recording, is_being_recorded, read_recording
from kneeimu.tally import SET_NOTES

MOST = 12
"""Recordings that are looked at, the newest that no training in the diary has: a training has hardly more exercises and
legs. Engineering choice."""
SAME_START_S = 60.0
"""A training begins before its first recording, and a recording is named by whole seconds."""


def take_up(diary: Diary, folder: Path) -> list[Entry]:
    """Add to the diary what was trained since its last entry and is not in it; give what was added, oldest first.

    Recordings that can't be read, are being recorded or belong to no training of the app are left out.

    Raises:
        InputError: the diary can't be written.
    """
    known = diary.entries()
    trained = {entry.session for entry in known}
    now = datetime.now(UTC)
    last = next((entry.started_utc for entry in reversed(known) if entry.started_utc <= now), None)
    since = f"{last - timedelta(seconds=SAME_START_S):%Y-%m-%dT%H%M%S}" if last else ""
    listed = {Path(path).name for entry in known for path in entry.recordings}
    sessions: dict[str, list[Recording]] = {}
    unknown = (path for path in folder.glob(f"*{SUFFIX}") if path.name >= since and path.name not in listed)
    for path in sorted(unknown)[-MOST:]:
        recording = _read(path)
        name = str((recording.prescription or {}).get("session") or "") if recording else ""
        if recording is not None and name and name not in trained:
            sessions.setdefault(name, []).append(recording)
    found = [_entry(name, recordings) for name, recordings in sessions.items()]
    added = [entry for entry in found if entry.exercises]
    for entry in added:
        diary.add(entry)
    return added


def _read(path: Path) -> Recording | None:
    try:
        return None if is_being_recorded(path) else read_recording(path)
    except KneeimuError:
        return None


def _entry(session: str, recordings: Sequence[Recording]) -> Entry:
    first, last = recordings[0], recordings[-1]
    results = [result for recording in recordings for result in _results(recording)]
    end = last.started_utc + timedelta(seconds=last.duration_s)
    commands = [one for recording in recordings for one in recording.commands]
    return Entry(
        session=session,
        started_utc=first.started_utc,
        programme=str((first.prescription or {}).get("programme") or ""),
        duration_s=round((end - first.started_utc).total_seconds(), 1),
        exercises=review(results, _planned(results)),
        pain=PainLog(
            before=pain_before(commands),
            during=max(pain_while_training(commands), default=None),
        ),
        recordings=tuple(str(recording.path) for recording in recordings),
    )


def _results(recording: Recording) -> list[BoutResult]:
    """Give the sets of a recording, as far as they went."""
    tally = tally_session(recording.events, recording.commands)
    notes = {one.data.get("bout"): one for one in recording.commands if one.name in SET_NOTES and one.data.get("bout")}
    results = []
    for note in notes.values():
        reps = [one for one in tally.of_set(note.data.get("number")) if tally.led]
        measured = tuple(one.rep for one in reps if one.rep is not None)
        over = note.name == "bout-ended"
        try:
            result = BoutResult(
                _bout(recording, note.data),
                detected=len(measured),
                corrected=sum(one.counts for one in reps),
                reps=measured,
                held_s=float(note.data.get("held_s") or 0.0) if over else 0.0,
                ended=str(note.data.get("ended")) if over else "skipped",
                end_s=note.time_s,
            )
        except (KeyError, TypeError, ValueError):
            continue  # a file may hold anything
        results.append(result)
    return results


def _bout(recording: Recording, note: dict[str, Any]) -> Bout:
    asked, setup = recording.prescription or {}, recording.setup
    low, high = asked["reps"]
    out, hold, back = asked["tempo_s"]
    way = note.get("way")
    item = Item(
        exercise=setup.exercise,
        sets=(int(asked["sets"]), int(asked["sets"])),
        reps=(int(low), int(high)),
        seconds=None if asked.get("seconds") is None else float(asked["seconds"]),
        legs="training",
        ways=(way,) if way else (),
        hold_s=float(asked["hold_s"]),
        tempo_s=(float(out), float(hold), float(back)),
        rest_s=float(asked["rest_s"]),
        band=str(asked["band"]),
        mount=setup.mount,
        guide=find_guide(setup.exercise),
    )
    number, of = int(note["bout"]), int(asked["sets"])
    return Bout(number, item, setup.side, way, int(note["set"]), of, item.band, item.rest_s, int(note["number"]))


def _planned(results: Iterable[BoutResult]) -> list[Bout]:
    """Give as many sets as were asked for of what was begun; each way of a walk is a set."""
    planned: list[Bout] = []
    for way in {(one.bout.item.exercise, one.bout.side, one.bout.way): one.bout for one in results}.values():
        planned += [way] * way.set_count
    return planned
