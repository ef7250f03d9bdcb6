"""The diary: one line of JSON a session and one a later word about pain; only ever added to.

The recordings hold every rep; the diary holds what the app asks again and again: when, how much, how it felt.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from kneeimu.coaching.pain import SCALE, SETTLED_WITHIN_MIN, PainLog, When
from kneeimu.coaching.progression import Advice, Outcome, advise_next
from kneeimu.coaching.review import ExerciseReview, outcome_of
from kneeimu.dashboard.preferences import SIMULATED
from kneeimu.exercises.programmes.plan import Dose, stands_alone
from kneeimu.exercises.programmes.programme import BANDS, Programme
from kneeimu.locations import data_dir
from kneeimu.sessions.atomic import unwritable
from kneeimu.sessions.private import private_dir
from kneeimu.types import Side

MORNING_FROM_H, MORNING_TO_H = 4, 48
"""The question about the next morning is asked once, between these hours after a session, on another day."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A session in the diary. ``session`` names it; ``exercises`` are its reviews, ``recordings`` its files.

    ``planned`` is how many sets were meant, those of exercises that nothing was done of as well; None in old diaries.
    """

    session: str
    started_utc: datetime
    programme: str
    duration_s: float
    exercises: tuple[ExerciseReview, ...]
    pain: PainLog
    recordings: tuple[str, ...] = ()
    planned: int | None = None

    @property
    def sets(self) -> int:
        """Sets in which something was done."""
        return sum(one.done for one in self.exercises)

    @property
    def day(self) -> date:
        """Local date."""
        return self.started_utc.astimezone().date()

    @property
    def reps(self) -> int:
        """All reps, corrected."""
        return sum(one.count for one in self.exercises)


def diary_for(sensor: str) -> Diary:
    """Give the diary of a sensor: what the simulated leg does is kept apart, it is nobody's training."""
    return Diary(data_dir() / "demo" / "diary.jsonl" if sensor == SIMULATED else None)


def find_entry(session: str) -> Entry | None:
    """Give the training of that name, real or simulated; None when no diary knows it."""
    entries = (entry for sensor in (SIMULATED, "") for entry in diary_for(sensor).entries())
    return next((entry for entry in entries if entry.session == session), None)


class Diary:
    """Reads and adds. A line that can't be read is left out, whatever made it.

    Args:
        path: the file; None for the usual one.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_dir() / "diary.jsonl"

    def add(self, entry: Entry) -> None:
        """Write a session.

        Raises:
            InputError: it can't be written.
        """
        content = asdict(entry)
        content["started_utc"] = entry.started_utc.isoformat()
        self._append({"kind": "session", **content})

    def add_pain(self, session: str, when: When, score: int, *, settled: bool | None = None) -> None:
        """Write a later word about pain; ``settled``: within the hour after training, None when not known.

        Raises:
            InputError: it can't be written.
        """
        self._append({"kind": "pain", "session": session, "when": when, "score": score, "settled": settled})

    def entries(self) -> list[Entry]:
        """Give all sessions with their pain, oldest first: as they were written, for a clock may have been ahead."""
        found: dict[str, Entry] = {}
        for line in self._lines():
            try:
                if line["kind"] == "session":
                    entry = _entry(line)
                    found[entry.session] = entry
                elif line["kind"] == "pain":
                    entry = found[line["session"]]
                    found[entry.session] = _with_pain(entry, line["when"], int(line["score"]), line.get("settled"))
            except (KeyError, TypeError, ValueError):
                continue
        return list(found.values())

    def morning_due(self, now: datetime) -> Entry | None:
        """Give the session whose next morning is to be asked about now; None when there is none."""
        last = next(reversed(self.entries()), None)
        if last is None or last.pain.next_morning is not None or last.day == now.astimezone().date():
            return None
        since = now - last.started_utc
        return last if timedelta(hours=MORNING_FROM_H) < since < timedelta(hours=MORNING_TO_H) else None

    def _append(self, content: dict[str, Any]) -> None:
        line = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n"
        private_dir(self.path.parent)
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "r+b") as file:
                if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) and file.read(1) != b"\n":
                    line = "\n" + line  # a full disk or a power cut left half a line
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise unwritable(self.path, error) from error

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            raw = self.path.read_bytes()
        except OSError:
            return
        for line in raw.splitlines():
            try:
                content = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(content, dict):
                yield content


def days_trained(entries: Iterable[Entry]) -> list[date]:
    """Give the local dates of sessions in which something was done; pain alone may have ended one."""
    return [entry.day for entry in entries if entry.sets]


def outcomes_of(entries: Sequence[Entry], exercise: str, side: Side) -> list[Outcome]:
    """Give how an exercise went on a leg so far; the first session's range is the reference."""
    found = [
        (entry, one) for entry in entries for one in entry.exercises if (one.exercise, one.side) == (exercise, side)
    ]
    reference = next((one.range_deg for _, one in found if one.range_deg is not None), None)
    return [outcome_of(one, entry.pain, reference) for entry, one in found]


def advise_all(programme: Programme, training: Side, entries: Sequence[Entry]) -> dict[tuple[str, Side], Advice]:
    """Go through the diary as the rules would have, session by session; give what they say for the next one.

    An exercise that stands in the programme more than once is never made more: at most it is said to be eased.
    """
    advice: dict[tuple[str, Side], Advice] = {}
    for item in programme.items:
        for side in item.sides(training):
            dose = Dose(item.sets[0], item.band)
            outcomes = outcomes_of(entries, item.exercise, side)
            said, since = Advice("stay", dose, ("first-time",)), 0
            for end in range(1, len(outcomes) + 1):
                said = advise_next(item, dose, outcomes[since:end])
                if not stands_alone(programme, item.exercise):
                    said = _kept_as_it_is(said, dose)
                if said.dose != dose:
                    dose, since = said.dose, end
            advice[(item.exercise, side)] = said
    return advice


def _kept_as_it_is(said: Advice, dose: Dose) -> Advice:
    if said.kind in ("more-sets", "next-band", "add-load"):
        return Advice("stay", dose, ())
    return said if said.dose == dose else Advice("ease", dose, said.reasons)


def _with_pain(entry: Entry, when: When, score: int, settled: object) -> Entry:
    pain = entry.pain.note(when, score)
    if isinstance(settled, bool):
        pain = replace(pain, settled_min=SETTLED_WITHIN_MIN if settled else SETTLED_WITHIN_MIN + 1)
    return replace(entry, pain=pain)


def _entry(line: dict[str, Any]) -> Entry:
    started = datetime.fromisoformat(line["started_utc"])
    pain = PainLog(**line["pain"])
    scores = (pain.before, pain.during, pain.after, pain.next_morning)
    if any(score is not None and score not in SCALE for score in scores):
        raise ValueError("a pain score that is none")
    return Entry(
        session=str(line["session"]),
        started_utc=started if started.tzinfo else started.replace(tzinfo=UTC),
        programme=str(line["programme"]),
        duration_s=float(line["duration_s"]),
        exercises=tuple(_review(one) for one in line["exercises"]),
        pain=pain,
        recordings=tuple(str(path) for path in line.get("recordings", ())),
        planned=None if line.get("planned") is None else int(line["planned"]),
    )


def _review(content: dict[str, Any]) -> ExerciseReview:
    fields = {**content, "target": tuple(content["target"]), "sets": tuple(int(one) for one in content["sets"])}
    if fields["band"] not in BANDS:
        raise ValueError(f"no band is called {fields['band']!r}")
    return ExerciseReview(**fields)
