"""``kneeimu export``: a recording or a CSV into the formats of others."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from made_leg import STARTED, alignment, squats

from kneeimu.cli import kneeimu
from kneeimu.sessions.recording import Recorder
from kneeimu.types import Setup

TOLD = ["--exercise", "squat", "--side", "right", "--mount", "thigh"]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    setup = Setup("squat", "right", "thigh", 100.0, alignment())
    with Recorder.create(
        tmp_path, setup, sensor={"name": "box", "address": "C0:FF:EE:00:00:01"}, started_utc=STARTED
    ) as r:
        r.write_samples(squats([[0.0, 1.0, 2.0, 6.0]]))
        return r.path


def test_a_recording_is_exported_with_its_alignment(recording: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(kneeimu, ["export", str(recording), "--to", "csv", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    files = [Path(line) for line in done.stdout.splitlines()]
    assert all(file.exists() for file in files)
    assert "knee-in" in files[0].read_text()
    assert json.loads(files[3].read_text())["frames"]["aligned"] == "yes"


def test_one_session_that_can_not_be_exported_does_not_keep_the_others(recording: Path, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.mcap")
    done = CliRunner().invoke(
        kneeimu, ["export", missing, str(recording), "--to", "csv", "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 1
    assert "missing.mcap: there is no such file" in done.stderr
    assert len(done.stdout.splitlines()) == 4


def test_a_pseudonym_takes_the_place_of_the_session(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(
        kneeimu, ["export", str(recording), "--to", "csv", "--out", str(out), "--pseudonym", "P 7"]
    )
    assert done.exit_code == 0, done.output
    assert {path.name for path in out.iterdir()} == {
        f"P7-01_{kind}" for kind in ("reps.csv", "angles.csv", "samples.csv", "columns.json")
    }
    told = "".join(path.read_text() for path in out.iterdir())
    assert recording.stem not in told
    assert "C0:FF:EE" not in told


def test_a_csv_is_exported_when_told_what_it_is(tmp_path: Path) -> None:
    samples = squats([[0.0] * 4])
    path = tmp_path / "mine.csv"
    rows = np.column_stack([samples.time_s, samples.acc_m_s2, samples.gyr_rad_s])
    np.savetxt(path, rows, delimiter=",", header="t,ax,ay,az,gx,gy,gz", comments="", fmt="%.5f")
    refused = CliRunner().invoke(kneeimu, ["export", str(path), "--to", "fit", "--out", str(tmp_path), *TOLD])
    assert refused.exit_code == 1
    begun = ["--started", "2026-05-04T10:20:30+02:00"]
    done = CliRunner().invoke(kneeimu, ["export", str(path), "--to", "fit", "--out", str(tmp_path), *TOLD, *begun])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "mine.fit").exists()


def test_what_speaks_against_a_csv_is_told_when_it_is_exported(tmp_path: Path) -> None:
    samples = squats([[0.0] * 4])
    path = tmp_path / "mine.csv"
    rows = np.column_stack([samples.time_s, samples.acc_m_s2, np.radians(samples.gyr_rad_s)])
    np.savetxt(path, rows, delimiter=",", header="t,ax,ay,az,gx,gy,gz", comments="", fmt="%.7f")
    done = CliRunner().invoke(kneeimu, ["export", str(path), "--to", "csv", "--out", str(tmp_path), *TOLD])
    assert "no unit fits" in done.stderr


def test_without_the_library_of_the_streams_no_reader_is_waited_for(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pylsl", None)
    done = CliRunner().invoke(kneeimu, ["export", str(recording), "--to", "lsl"])
    assert "pylsl is missing" in str(done.exception)
    assert "waiting" not in done.output


def test_a_stream_that_nobody_reads_is_told(recording: Path) -> None:
    pytest.importorskip("pylsl", exc_type=ImportError)
    done = CliRunner().invoke(kneeimu, ["export", str(recording), "--to", "lsl", "--wait", "0.1"])
    assert done.exit_code == 1
    assert "nobody read the stream" in str(done.exception)
