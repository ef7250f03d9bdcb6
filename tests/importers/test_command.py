"""``kneeimu import``: a foreign recording becomes a CSV or a session, and what was assumed is said."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from made_leg import squats

from importers import foreign
from kneeimu.cli import kneeimu
from kneeimu.sessions.csv_file import read_csv
from kneeimu.sessions.recording_reader import read_recording

TOLD = ["--exercise", "squat", "--side", "right", "--mount", "thigh"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_csv_comes_out_that_analyze_reads(tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    done = CliRunner().invoke(
        kneeimu, ["import", str(foreign.movella_dot(meant, tmp_path)), "--out", str(tmp_path / "o.csv")]
    )
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'o.csv'}\n"
    assert "assumed: acceleration from Acc_X, Acc_Y, Acc_Z in m/s²" in done.stderr
    np.testing.assert_allclose(read_csv(tmp_path / "o.csv").samples.gyr_rad_s, meant.gyr_rad_s, atol=1e-4)


def test_a_session_comes_out_with_its_reps(tmp_path: Path, home: Path) -> None:
    path = foreign.sensor_logger(squats([[0.0] * 5], rest_s=1.0), tmp_path)
    done = CliRunner().invoke(kneeimu, ["import", str(path), *TOLD])
    assert done.exit_code == 0, done.output
    recording = read_recording(Path(done.stdout.strip()))
    assert sum(event.kind == "rep" for event in recording.events) == 5
    assert recording.started_utc.isoformat() == "2026-05-04T10:20:30.250000+00:00"
    assert recording.events[-1].kind == "set-ended"
    assert recording.closed
    listed = CliRunner().invoke(kneeimu, ["history", "list"])
    assert "squat" in listed.stdout


def test_a_file_that_was_imported_before_is_kept_again_only_when_told(tmp_path: Path, home: Path) -> None:
    path = foreign.movella_dot(foreign.swinging_leg(), tmp_path)
    first = CliRunner().invoke(kneeimu, ["import", str(path), *TOLD])
    copy = tmp_path / "copy.csv"
    copy.write_bytes(path.read_bytes())
    second = CliRunner().invoke(kneeimu, ["import", str(copy), *TOLD])
    assert second.exit_code == 1
    assert f"those of the session {Path(first.stdout.strip()).stem}" in str(second.exception)
    assert len(list((home / "data" / "sessions").glob("*.mcap"))) == 1
    third = CliRunner().invoke(kneeimu, ["import", str(copy), *TOLD, "--again"])
    assert third.exit_code == 0, third.output


def test_the_files_date_is_said_where_it_is_taken_for_the_trainings(tmp_path: Path, home: Path) -> None:
    path = foreign.xsens_mt(foreign.swinging_leg(), tmp_path, 50.0)
    os.utime(path, (1_777_890_030, 1_777_890_030))
    done = CliRunner().invoke(kneeimu, ["import", str(path), *TOLD])
    said = f"begun on {datetime.fromtimestamp(1_777_890_030):%Y-%m-%d %H:%M}, when the file was last changed; --started"
    assert f"assumed: {said}" in done.stderr
    assert any(one.startswith(said) for one in read_recording(Path(done.stdout.strip())).metadata["sensor"]["assumed"])
    told = CliRunner().invoke(
        kneeimu, ["import", str(path), *TOLD, "--again", "--started", "2026-05-04T10:20:30+00:00"]
    )
    assert "begun on" not in told.stderr
    assert read_recording(Path(told.stdout.strip())).started_utc.isoformat() == "2026-05-04T10:20:30+00:00"


def test_a_time_that_is_none_is_a_wrong_call(tmp_path: Path) -> None:
    done = CliRunner().invoke(kneeimu, ["import", str(tmp_path), "--out", "o.csv", "--started", "yesterday"])
    assert done.exit_code == 2
    assert "--started needs a time" in done.output


def test_neither_exercise_nor_file_is_a_wrong_call(tmp_path: Path) -> None:
    done = CliRunner().invoke(kneeimu, ["import", str(foreign.movella_dot(foreign.swinging_leg(), tmp_path))])
    assert done.exit_code == 2
    assert "--out FILE" in done.output


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("hello\n")
    done = CliRunner().invoke(kneeimu, ["import", str(tmp_path / "x.csv"), "--out", str(tmp_path / "o.csv")])
    assert done.exit_code == 1
    assert "has no header line" in str(done.exception)
