"""``kneeimu history`` as a user runs it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kneeimu import locations
from kneeimu.coaching.pain import PainLog
from kneeimu.commands.history import command
from kneeimu.dashboard.diary import Diary, Entry
from kneeimu.sessions.recording import Recorder
from kneeimu.sessions.table import why_no_drift
from kneeimu.types import Setup

from .recordings import STARTED, record


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    return locations.sessions_dir()


@pytest.fixture
def two(home: Path) -> list[Path]:
    return [record(home, reps=4)[0], record(home, reps=5, started=STARTED + timedelta(days=2))[0]]


def run(*args: str, **more) -> Result:
    return CliRunner().invoke(command, list(args), **more)


def test_without_sessions_it_says_so() -> None:
    result = run()
    assert result.exit_code == 0
    assert "no sessions yet" in result.stderr


def test_the_list_is_the_newest_first(two: list[Path]) -> None:
    lines = run().stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["1", "2026-03-06"], ["2", "2026-03-04"]]
    assert [line.split()[5] for line in lines[1:]] == ["5", "4"]


def test_the_list_as_json(two: list[Path]) -> None:
    got = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert [session["name"] for session in got] == [two[1].stem, two[0].stem]


def test_the_list_can_be_filtered_by_day(two: list[Path]) -> None:
    assert len(run("list", "--since", "2026-03-05").stdout.splitlines()) == 2
    assert "no session fits" in run("list", "--since", "1d", "--search", "squat").stderr
    assert run("list", "--since", "soon").exit_code == 2


def test_one_session_is_shown_with_what_was_done(two: list[Path]) -> None:
    shown = run("show", "last").stdout
    assert "5 reps" in shown
    assert "pain 2/10" in shown
    assert json.loads(run("show", "2", "--json").stdout)["count"] == 4


def test_a_session_that_was_corrected_is_shown_with_what_counted(home: Path) -> None:
    with Recorder.create(home, Setup("squat", "right", "thigh", 100.0), sensor={}) as recorder:
        recorder.write_command("start-set", 1.0)
        recorder.write_command("correction", 2.0, by=2)

    assert "2 reps counted in the session" in run("show", "last").stdout
    told = json.loads(run("show", "last", "--json").stdout)
    assert (told["count"], told["corrected_count"]) == (0, 2)


def test_deleting_asks_first(two: list[Path]) -> None:
    refused = run("delete", "1", input="n\n")
    assert refused.exit_code == 1
    assert two[1].exists()
    assert two[1].stem in run("delete", "1", input="y\n").stdout
    assert not two[1].exists()


def test_a_range_of_days_includes_its_last_day(two: list[Path]) -> None:
    days = sorted({path.name[:10] for path in two})
    listed = run("list", "--until", days[0], "--json").output.splitlines()
    assert [json.loads(line)["name"][:10] for line in listed] == [days[0]] * len(listed)
    assert listed


def test_drift_that_an_exercise_does_not_have_is_not_said_to_lack_an_alignment() -> None:
    assert why_no_drift(Setup("hip-abduction", "right", "thigh", 100.0)) == "drift is not measured in this exercise"


def test_the_bin_gives_back_until_it_is_emptied(two: list[Path]) -> None:
    run("delete", "1", "2", "--yes")
    assert run("bin").stdout.splitlines() == sorted(path.stem for path in two)
    assert run("restore", two[0].stem).exit_code == 0
    assert two[0].exists()
    run("bin", "--empty", "--yes")
    assert (run("bin").stdout, run("bin").stderr) == ("", "the bin is empty\n")
    assert len(run().stdout.splitlines()) == 2


def test_rebuilding_counts_the_sessions_and_tells_what_is_none(two: list[Path], home: Path) -> None:
    (home / "foreign.mcap").write_text("?")
    result = run("rebuild")
    assert result.stdout == "2 sessions\n"
    assert "foreign.mcap: this is not a recording" in result.stderr
    assert "history delete foreign" in result.stderr
    assert run("delete", "foreign", "--yes").exit_code == 0
    assert "foreign" not in run().stderr


def test_what_the_person_did_is_told_in_words(home: Path) -> None:
    with Recorder.create(home, Setup("squat", "right", "thigh", 100.0), sensor={}) as recorder:
        recorder.write_command("start-set", 1.0)
        recorder.write_command("correction", 2.0, by=-1, set_number=1, detected=4)
        recorder.write_command("note", 3.0, text="warm")
        recorder.write_command("bout-started", 4.0, bout=1, set=1)
        recorder.write_command("bout-ended", 5.0, set=1, corrected=8, held_s=0.0, ended="finished")
        recorder.write_command("bout-ended", 6.0, set=2, corrected=0, held_s=0.0, ended="skipped")
        recorder.write_command("bout-ended", 7.0, set=3, corrected=0, held_s=30.0, ended="pain")
        recorder.write_command("session-finished", 8.0, sets=2, skipped=1)

    shown = run("show", "last").stdout

    assert "1.0 s  set begun by key" in shown
    assert "2.0 s  set 1: reps corrected by -1" in shown
    assert "3.0 s  note: text warm" in shown
    assert "4.0 s  set 1 begun" in shown
    assert "5.0 s  set 1: 8 reps" in shown
    assert "6.0 s  set 2: skipped" in shown
    assert "7.0 s  set 3: 30 s, stopped on pain" in shown
    assert "8.0 s  session over, 2 sets, 1 skipped" in shown


def test_the_pain_of_a_training_is_told_with_what_the_diary_knows_of_it(home: Path) -> None:
    asked = {"session": "20260304T050607"}
    with Recorder.create(home, Setup("squat", "right", "thigh", 100.0), sensor={}, prescription=asked) as recorder:
        recorder.write_command("pain-before", 1.0, level=3)
        recorder.write_command("pain", 2.0, level=4)
    told = {"before": 3, "during": 4, "after": None, "next_morning": None}
    assert json.loads(run("show", "last", "--json").stdout)["pain"] == told

    diary = Diary()
    diary.add(Entry(asked["session"], STARTED, "band", 60.0, (), PainLog(before=3, during=4, after=2)))
    diary.add_pain(asked["session"], "next-morning", 1)

    shown = run("show", "last").stdout
    assert "1.0 s  pain before training 3/10" in shown
    assert "pain after training 2/10\npain the next morning 1/10" in shown
    assert json.loads(run("show", "last", "--json").stdout)["pain"] == {**told, "after": 2, "next_morning": 1}
