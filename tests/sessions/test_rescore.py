"""Today's engine over old sessions: seen before it is written, and the first result is kept."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kneeimu import locations
from kneeimu.commands.rescore import command
from kneeimu.engine import Engine
from kneeimu.sessions.history import History
from kneeimu.sessions.recording import Recorder, read_recording
from kneeimu.sessions.rescoring import differences
from kneeimu.sessions.scores import read_scores, scores_path
from kneeimu.types import RepCounted

from .recordings import SETUP, STARTED, batches, record, squats


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    return locations.sessions_dir()


def by_an_engine_that_missed_the_last(home: Path) -> Path:
    """A recording in which one rep less was counted than today's engine counts."""
    started = STARTED + timedelta(days=1)
    with Recorder.create(home, SETUP, sensor={}, started_utc=started) as recorder:
        engine, counted = Engine(SETUP), 0
        for batch in batches(squats(5)):
            recorder.write_samples(batch)
            for event in engine.feed(batch):
                counted += isinstance(event, RepCounted)
                if not (isinstance(event, RepCounted) and counted > 4):
                    recorder.write_event(event)
    return recorder.path


def run(*args: str) -> Result:
    return CliRunner().invoke(command, list(args), catch_exceptions=False)


def test_sessions_that_stay_the_same_are_not_shown(home: Path) -> None:
    record(home)
    result = run()
    assert result.stdout == ""
    assert "none of 1 session changes" in result.stderr


def test_what_would_change_is_shown_and_nothing_is_written(home: Path) -> None:
    record(home)
    changed = by_an_engine_that_missed_the_last(home)
    result = run()
    (line,) = result.stdout.splitlines()[1:]
    assert line.split()[:3] == [changed.stem, "4", "5"]
    assert "reps 4 → 5" in line
    assert "1 of 2 sessions are different" in result.stderr
    assert not scores_path(changed).exists()


def test_written_results_stand_beside_the_first(home: Path) -> None:
    changed = by_an_engine_that_missed_the_last(home)
    before = changed.read_bytes()
    run("--write")
    assert changed.read_bytes() == before
    assert [score["result"]["count"] for score in read_scores(changed)] == [5]
    assert sum(event.kind == "rep" for event in read_recording(changed).events) == 4
    with History() as history:
        history.refresh()
        (found,) = history.sessions()
    assert (found.count, found.latest_count) == (4, 5)
    assert "none of 1 session changes" in run("--write").stderr
    assert len(read_scores(changed)) == 1


def test_as_json_for_one_session(home: Path) -> None:
    record(home)
    changed = by_an_engine_that_missed_the_last(home)
    (got,) = [json.loads(line) for line in run("last", "--json", "--executor", "serial").stdout.splitlines()]
    assert got["path"] == str(changed)
    assert (got["before"]["count"], got["after"]["count"]) == (4, 5)


def test_a_damaged_score_file_is_told_and_the_recording_is_left_alone(home: Path) -> None:
    changed = by_an_engine_that_missed_the_last(home)
    scores_path(changed).write_text("{")
    result = run("--write")
    assert result.exit_code == 1
    assert "delete it and run" in result.stderr
    assert changed.exists()


def test_angles_are_compared_rep_by_rep() -> None:
    def rep(start_s: float, tilt: float | None, *flags: str) -> dict:
        names = ("range_of_motion_deg", "medial_drift_deg", "inward_rotation_deg", "fppa_equivalent_deg")
        known = {"start_s": start_s, "end_s": start_s + 2, "medial_tilt_deg": tilt, "flags": list(flags)}
        return known | dict.fromkeys(names)

    before = {"count": 3, "clean_count": 3, "alignment": None, "reps": [rep(1, 2.0), rep(4, None), rep(7, 1.0)]}
    after = {"count": 2, "clean_count": 1, "alignment": "good", "reps": [rep(4.2, 3.0), rep(7.1, 3.0, "knee-in")]}
    assert differences(before, after) == (
        "reps 3 → 2",
        "clean reps 3 → 1",
        "alignment none → good",
        "medial tilt of 1 by +2.0° on average, medial tilt of 1 now known",
        "flags of 1 rep",
    )
    assert differences(before, before) == ()
