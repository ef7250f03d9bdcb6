"""Two recordings of one leg, given as files: do they belong together, and what does the command say of them?"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from paired import aligned, leg, recorded, samples

from firmware_sim import write_csv
from kneeimu.cli import kneeimu
from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.sessions.alignment_file import save_alignment
from kneeimu.sessions.csv_file import read_csv
from kneeimu.sessions.pair_analysis import PairRequest, analyze_pair
from kneeimu.sessions.pair_fit import moved_together

SEATED = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "uci"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair")
    thigh, shin, _ = leg(512)
    write_csv(thigh, folder / "thigh.csv")
    write_csv(shin, folder / "shin.csv")
    for alignment in aligned(512):
        save_alignment(folder / f"{alignment.mount}.json", alignment)
    write_csv(dataclasses.replace(shin, time_s=shin.time_s + 900.0), folder / "later.csv")
    return folder


def run(folder: Path, thigh: str, shin: str, *more: str) -> Result:
    given = ["analyze", "--thigh", str(folder / thigh), "--shin", str(folder / shin), "--exercise", "squat"]
    return CliRunner().invoke(kneeimu, [*given, "--side", "right", *more])


def test_the_command_prints_the_knee_of_every_rep(files: Path, tmp_path: Path) -> None:
    stored = ["--alignment-thigh", str(files / "thigh.json"), "--alignment-shin", str(files / "shin.json")]
    outcome = run(files, "thigh.csv", "shin.csv", "--json", *stored, "--angles", str(tmp_path / "knee.csv"))
    assert outcome.exit_code == 0, outcome.output
    content = json.loads(outcome.stdout)
    assert (content["mount"], content["alignment_origin"]) == ("both", "stored")
    for rep in content["reps"]:
        assert 30.0 < rep["knee_flexion_peak_deg"] < 110.0
        assert {
            "knee_flexion_start_deg",
            "knee_range_deg",
            "knee_abduction_deg",
            "knee_rotation_deg",
            "fppa_deg",
        } <= set(rep)
    head, first, *_ = (tmp_path / "knee.csv").read_text().splitlines()
    assert head == "t,flexion_deg,abduction_deg,rotation_deg"
    assert len(first.split(",")) == 4


def test_the_command_does_without_alignments_and_says_so(files: Path) -> None:
    outcome = run(files, "thigh.csv", "shin.csv")
    assert outcome.exit_code == 0
    assert "The knee, from both sensors:" in outcome.stdout
    assert "aligned by the recording itself" in outcome.stderr


@pytest.mark.parametrize(
    ("thigh", "shin", "expected"),
    [
        ("shin.csv", "thigh.csv", "exchange --thigh and --shin"),
        ("thigh.csv", "thigh.csv", "this is the thigh's recording once more"),
        ("thigh.csv", "later.csv", "do not overlap in time"),
        ("thigh.csv", "none.csv", "there is no such file"),
    ],
)
def test_wrong_files_end_in_one_line(files: Path, thigh: str, shin: str, expected: str) -> None:
    error = run(files, thigh, shin).exception
    assert isinstance(error, InputError)
    assert expected in str(error)
    assert "\n" not in str(error)


def copied(files: Path, folder: Path, thigh: str, shin: str) -> Path:
    for source, name in (("thigh.csv", thigh), ("shin.csv", shin)):
        (folder / name).write_bytes((files / source).read_bytes())
    return folder


@pytest.mark.parametrize(("thigh", "shin"), [("squat_right.csv", "squat_left.csv"), ("Left thigh.csv", "shin.csv")])
def test_a_name_of_the_other_leg_is_refused(files: Path, tmp_path: Path, thigh: str, shin: str) -> None:
    error = run(copied(files, tmp_path, thigh, shin), thigh, shin).exception
    assert isinstance(error, InputError)
    assert "of the left leg, not of the right one" in str(error)
    assert "--side" in str(error)


@pytest.mark.parametrize(
    ("thigh", "shin", "told"),
    [
        ("2026-03-04T050607Z_squat_right_samples.csv", "2026-03-11T050607Z_squat_right_samples.csv", True),
        ("2026-03-04T050607Z_thigh.csv", "2026-03-04T110607Z_shin.csv", True),
        ("20260304_thigh.csv", "20260305_shin.csv", True),
        ("2026-03-04T050607Z_thigh.csv", "2026-03-04T050611Z_shin.csv", False),
        ("20260304_thigh.csv", "2026-03-04T050611Z_shin.csv", False),
        ("thigh.csv", "20260304_shin.csv", False),
        ("20269999_thigh.csv", "20260304_shin.csv", False),
    ],
)
def test_names_of_other_sessions_are_warned_of(files: Path, tmp_path: Path, thigh: str, shin: str, told: bool) -> None:
    outcome = run(copied(files, tmp_path, thigh, shin), thigh, shin)
    assert outcome.exit_code == 0
    assert ("of different sessions" in outcome.stderr) is told


@pytest.mark.parametrize("exercise", ["squat", "lunge", "clamshell", "knee-extension"])
def test_two_sessions_that_only_share_the_time_are_warned_of(exercise: str) -> None:
    thigh, own, side = leg(510, exercise, "none", valgus=False)
    other = leg(512, exercise, "none", valgus=False)[1]
    notes = {
        name: analyze_pair(samples(thigh), samples(shin), PairRequest(exercise, side)).notes
        for name, shin in (("own", own), ("other", other))
    }
    assert "do not move together" in notes["other"][0]
    assert not any("do not move together" in note for note in notes["own"])


def test_a_session_whose_clock_began_at_another_moment_is_warned_of() -> None:
    thigh, shin, side = leg(510)
    late = dataclasses.replace(shin, time_s=shin.time_s - 7.0)
    assert "on one clock" in analyze_pair(samples(thigh), samples(late), PairRequest("squat", side)).notes[0]


@pytest.mark.parametrize("exercise", list(CATALOGUE))
def test_one_leg_moves_together_in_every_exercise(exercise: str) -> None:
    thigh, shin, _ = leg(511, exercise, "none", "skin", clocks=True, valgus=False)
    if CATALOGUE[exercise].kind == "reps":
        assert moved_together(recorded(thigh), recorded(shin), CATALOGUE[exercise])


@pytest.mark.skipif(not SEATED.is_dir(), reason="the real recordings are not on this machine")
def test_real_legs_that_exercise_move_together() -> None:
    for file in sorted(SEATED.glob("*_right_thigh_*.csv")):
        thigh, shin = (
            read_csv(file.with_name(file.name.replace("thigh", mount))).samples for mount in ("thigh", "shin")
        )
        exercise = CATALOGUE[file.name.split("_")[1]]
        one, other = ((seen.time_s, seen.acc_m_s2, seen.gyr_rad_s) for seen in (thigh, shin))
        assert moved_together(one, other, exercise), file.name


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--alignment-thigh", "thigh.json"], "give both"),
        (["--alignment", "thigh.json"], "two alignments"),
        (["--executor", "serial"], "--executor"),
        (["extra.csv"], "but not both"),
    ],
)
def test_options_that_do_not_fit_are_usage_errors(files: Path, more: list[str], expected: str) -> None:
    outcome = run(files, "thigh.csv", "shin.csv", *more)
    assert outcome.exit_code == 2
    assert expected in outcome.stderr


def test_alignments_of_the_other_segment_are_named(files: Path) -> None:
    stored = ["--alignment-thigh", str(files / "shin.json"), "--alignment-shin", str(files / "thigh.json")]
    assert "give it as --alignment-shin" in str(run(files, "thigh.csv", "shin.csv", *stored).exception)
