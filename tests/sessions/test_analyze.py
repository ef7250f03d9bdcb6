"""``kneeimu analyze`` as a user runs it."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kneeimu.commands.analyze import command
from kneeimu.sessions.alignment_file import save_alignment
from kneeimu.sessions.analysis import summarise
from kneeimu.sessions.csv_file import HEADER
from kneeimu.sessions.play import sets_of
from kneeimu.sessions.table import describe
from kneeimu.tally import Tally
from kneeimu.types import (
    Alignment,
    GapFound,
    Rejected,
    Rep,
    RepCounted,
    RepJudged,
    RepRevoked,
    SetEnded,
    SetSummary,
    Setup,
    event_from_dict,
    event_to_json,
)

from .recordings import record, squats

DATA = Path(__file__).parents[3] / "shared" / "data" / "uci"
OPTIONS = ["--exercise", "squat", "--side", "right", "--mount", "thigh"]


def squats_csv(path: Path, reps: int = 5) -> Path:
    samples = squats(reps)
    rows = np.column_stack((samples.time_s, samples.acc_m_s2, samples.gyr_rad_s))
    np.savetxt(path, rows, delimiter=",", header=HEADER, comments="", fmt="%.5f")
    return path


def test_json_has_the_fields_that_are_promised(tmp_path: Path) -> None:
    path = squats_csv(tmp_path / "squats.csv")
    result = CliRunner().invoke(command, [str(path), *OPTIONS, "--json"], catch_exceptions=False)
    assert result.exit_code == 0
    got = json.loads(result.stdout)
    assert list(got) == [
        "file", "exercise", "side", "mount", "sampling_rate_hz", "duration_s", "count", "clean_count", "alignment",
        "reps", "rejected", "link",
    ]  # fmt: skip
    assert got["file"] == str(path)
    assert got["count"] == len(got["reps"]) == 5
    assert got["clean_count"] == sum(not rep["flags"] for rep in got["reps"])
    assert got["alignment"] is None
    assert got["link"] == {"samples": 2300, "lost": 0, "gaps": 0}
    assert list(got["reps"][0]) == [
        "number", "start_s", "turn_s", "end_s", "duration_s", "range_of_motion_deg", "outward_s", "hold_s", "return_s",
        "peak_velocity_deg_s", "medial_tilt_deg", "medial_drift_deg", "inward_rotation_deg", "fppa_equivalent_deg",
        "fppa_equivalent_uncertainty_deg", "direction", "flags",
    ]  # fmt: skip
    assert [rep["number"] for rep in got["reps"]] == [1, 2, 3, 4, 5]
    assert got["reps"][0]["medial_drift_deg"] is None


def test_the_table_says_what_the_json_says(tmp_path: Path) -> None:
    path = squats_csv(tmp_path / "squats.csv", reps=5)
    result = CliRunner().invoke(command, [str(path), *OPTIONS], catch_exceptions=False)
    assert "5 reps" in result.stdout
    assert "squat, right thigh" in result.stdout
    assert "calibrate alignment" in result.stdout


def test_one_bad_file_of_two_is_told_and_the_other_is_still_analysed(tmp_path: Path) -> None:
    good, bad = squats_csv(tmp_path / "good.csv", reps=5), tmp_path / "bad.csv"
    bad.write_text("nonsense\n")
    result = CliRunner().invoke(command, [str(bad), str(good), *OPTIONS, "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["count"] == 5
    assert result.stderr.count("\n") == 1
    assert f"{bad}, line 1" in result.stderr


def test_a_missing_file_exits_1_with_one_line_and_no_traceback() -> None:
    line = [sys.executable, "-m", "kneeimu", "analyze", "nowhere.csv", *OPTIONS]
    line[1:3] = ["-c", "from kneeimu.cli import main; main()"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("kneeimu: nowhere.csv: there is no such file")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("missing", [0, 2, 4])
def test_a_csv_without_exercise_side_or_mount_is_a_usage_error(tmp_path: Path, missing: int) -> None:
    options = [*OPTIONS[:missing], *OPTIONS[missing + 2 :]]
    result = CliRunner().invoke(command, [str(squats_csv(tmp_path / "a.csv", reps=1)), *options])
    assert result.exit_code == 2
    assert "needs --exercise, --side and --mount" in result.stderr


def test_an_alignment_of_the_other_leg_is_refused(tmp_path: Path) -> None:
    stored = tmp_path / "left.json"
    save_alignment(stored, Alignment((1.0, 0.0, 0.0, 0.0), "left", "thigh", "good", 3.0))
    options = [*OPTIONS, "--alignment", str(stored)]
    result = CliRunner().invoke(command, [str(squats_csv(tmp_path / "a.csv", reps=1)), *options])
    assert result.exit_code == 1
    assert "left leg, not of the right" in str(result.exception)


def test_an_alignment_gives_numbers_for_the_knee(tmp_path: Path) -> None:
    stored = tmp_path / "right.json"
    save_alignment(stored, Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 3.0, 1.0, 60.0))
    path = squats_csv(tmp_path / "a.csv", reps=5)
    result = CliRunner().invoke(command, [str(path), *OPTIONS, "--alignment", str(stored), "--json"])
    got = json.loads(result.stdout)
    assert got["alignment"] == "good"
    assert abs(got["reps"][1]["medial_tilt_deg"]) < 2.0
    assert got["reps"][1]["medial_drift_deg"] == pytest.approx(got["reps"][1]["medial_tilt_deg"] - 1.0, abs=0.02)


def _rep(number: int, start_s: float, **more) -> RepCounted:
    rep = Rep(number, start_s, start_s + 1, start_s + 2, 2.0, 60.0, 1.0, 0.0, 1.0, 90.0, **more)
    return RepCounted(start_s + 2, 1, rep)


def test_a_revoked_rep_is_gone_and_the_rest_is_numbered_anew() -> None:
    setup = Setup("squat", "right", "thigh", 100.0)
    events = [_rep(1, 1), _rep(2, 4), RepRevoked(7.0, 1, 2, "walking"), _rep(2, 9, flags=("fast",)), _rep(3, 12)]
    got = summarise(events, setup, samples=1500, duration_s=15.0)
    assert [(rep.number, rep.start_s) for rep in got.reps] == [(1, 1), (2, 9), (3, 12)]
    assert got.clean_count == 2


def test_a_rep_that_was_judged_again_has_its_new_flags_everywhere() -> None:
    setup = Setup("squat", "right", "thigh", 100.0)
    judged = RepJudged(14.0, 1, 2, ())
    events = [_rep(1, 1), _rep(2, 4, flags=("short",)), event_from_dict(json.loads(event_to_json(judged)))]
    assert events[-1] == judged
    assert summarise(events, setup, samples=1500, duration_s=15.0).clean_count == 2
    tally = Tally()
    for event in events:
        tally.apply(event)
    assert [rep.flags for group in sets_of(tally) for rep in group.reps] == [(), ()]


def test_a_rep_that_was_measured_again_is_as_it_was_measured_last_everywhere() -> None:
    setup = Setup("lunge", "right", "shin", 100.0)
    whole = dataclasses.replace(_rep(2, 3).rep, flags=("knee-in",), medial_drift_deg=7.0)
    judged = RepJudged(14.0, 1, 2, whole.flags, whole)
    events = [_rep(1, 1), _rep(2, 4), event_from_dict(json.loads(event_to_json(judged)))]
    assert events[-1] == judged
    assert summarise(events, setup, samples=1500, duration_s=15.0).reps[1] == whole
    tally = Tally()
    for event in events:
        tally.apply(event)
    assert [rep for group in sets_of(tally) for rep in group.reps][1] == whole


def test_a_recording_from_before_reps_were_measured_again_can_be_read() -> None:
    old = {"kind": "rep-judged", "time_s": 14.0, "set_number": 1, "rep_number": 2, "flags": ["short"]}
    assert event_from_dict(old) == RepJudged(14.0, 1, 2, ("short",))


@pytest.mark.parametrize(("range_deg", "words"), [(60.0, "the reference reps"), (None, "your first three reps")])
def test_a_shallow_rep_is_less_deep_than_reps_that_were_done(range_deg: float | None, words: str) -> None:
    alignment = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 2.0, reference_range_deg=range_deg)
    setup = Setup("squat", "right", "thigh", 100.0, alignment)
    said = describe(summarise([_rep(1, 1, flags=("shallow",))], setup, samples=1500, duration_s=15.0))
    assert f"shallow (1): less deep than {words}\n" in said


def test_what_was_not_counted_is_told_with_its_reasons_in_words() -> None:
    events = [Rejected(3.0, 1.0, 2.0, "small"), Rejected(6.0, 4.0, 5.0, "small"), Rejected(9.0, 7.0, 8.0, "posture")]
    said = describe(summarise(events, Setup("squat", "right", "thigh", 100.0), samples=1500, duration_s=15.0))
    assert "Not counted: too small (2), a change of posture (1)" in said


def test_the_table_shows_each_set_with_its_metrics() -> None:
    known = {"time_under_tension_s": 31.4, "smoothness_out_median": -1.62, "hold_sway_median_deg": None}
    events = [
        _rep(1, 1),
        SetEnded(9.0, SetSummary(1, 1.0, 9.0, 1, 1, known)),
        SetEnded(9.0, SetSummary(2, 9.0, 9.0, 0, 0)),
    ]
    said = describe(summarise(events, Setup("squat", "right", "thigh", 100.0), samples=1500, duration_s=15.0))
    (head, row, *_), _ = [part.splitlines() for part in said.split("\n\n")[2:4]]
    assert head.split()[:3] == ["set", "tension", "s"]
    assert row.split() == ["1", "31", "–", "–", "-1.62", "–", "–", "–"]


def test_lost_samples_are_estimated_from_the_gaps_and_nan_becomes_null() -> None:
    setup = Setup("squat", "right", "thigh", 100.0)
    events = [GapFound(2.0, 1.5, 2.0, False), _rep(1, 1, medial_tilt_deg=float("nan"))]
    got = summarise(events, setup, samples=100, duration_s=15.0).to_dict()
    assert got["link"] == {"samples": 100, "lost": 49, "gaps": 1}
    assert got["reps"][0]["medial_tilt_deg"] is None


def test_a_recording_needs_no_options(tmp_path: Path) -> None:
    path, said = record(tmp_path)
    result = CliRunner().invoke(command, [str(path), "--json"], catch_exceptions=False)
    got = json.loads(result.stdout)
    assert (got["file"], got["exercise"], got["side"], got["mount"]) == (str(path), "squat", "right", "thigh")
    assert got["count"] == sum(event.kind == "rep" for event in said) == 4


@pytest.mark.parametrize(("by", "words"), [(0, ""), (-1, "in the session 3 reps counted, `kneeimu history show`")])
def test_it_is_told_where_other_reps_counted_than_the_engine_sees(tmp_path: Path, by: int, words: str) -> None:
    path, _ = record(tmp_path, corrected_by=by)
    result = CliRunner().invoke(command, [str(path), "--json"])
    assert json.loads(result.stdout)["count"] == 4
    assert words in result.stderr if words else result.stderr == ""


def test_another_unit_of_the_angular_rate_is_told_on_stderr(tmp_path: Path) -> None:
    path = squats_csv(tmp_path / "squats.csv")
    result = CliRunner().invoke(command, [str(path), *OPTIONS, "--gyr-unit", "deg/s"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "looks like rad/s, not deg/s" in result.stderr


def test_a_cut_recording_is_analysed_and_the_loss_is_told_on_stderr(tmp_path: Path) -> None:
    path, _ = record(tmp_path)
    path.write_bytes(path.read_bytes()[:-5000])
    result = CliRunner().invoke(command, [str(path), "--json"], catch_exceptions=False)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["count"] >= 3
    assert "cut off" in result.stderr


@pytest.mark.skipif(not DATA.is_dir(), reason="the real recordings are not on this machine")
def test_a_real_leg_is_analysed() -> None:
    path = DATA / "s1_knee-extension_right_shin_test.csv"
    options = ["--exercise", "knee-extension", "--side", "right", "--mount", "shin", "--json"]
    got = json.loads(CliRunner().invoke(command, [str(path), *options], catch_exceptions=False).stdout)
    assert got["sampling_rate_hz"] == 25.0
    assert abs(got["count"] - 30) <= 3
