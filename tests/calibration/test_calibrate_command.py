"""``kneeimu calibrate``: files in, a stored alignment or one clear line out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from acted_leg import Box, Performance, Recording, record
from click.testing import CliRunner, Result
from scipy.spatial.transform import Rotation

from calibration.guide import Stage
from calibration.profiles import load_device
from kneeimu.cli import kneeimu
from kneeimu.commands.calibrate_live import ringing
from kneeimu.errors import KneeimuError
from kneeimu.sessions.alignment_file import load_alignment
from kneeimu.sessions.files import Request, analyze_file
from kneeimu.types import Setup

TURNED = Rotation.random(rng=np.random.default_rng(30))
MOVES = Performance(seed=3, lift_deg=25.0)


def csv(path: Path, recording: Recording, *, acc_factor: float = 1.0, gyr_factor: float = 1.0) -> str:
    rows = np.column_stack((recording.time_s, acc_factor * recording.acc, gyr_factor * recording.gyr))
    np.savetxt(path, rows, delimiter=",", header="t,ax,ay,az,gx,gy,gz", comments="", fmt="%.6f")
    return str(path)


@pytest.fixture
def moves(tmp_path: Path) -> str:
    return csv(tmp_path / "moves.csv", record(MOVES, Box(turned=TURNED)))


def calibrate(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(kneeimu, ["calibrate", *arguments], env=environment)


def align(file: str, *more: str, side: str = "right", mount: str = "thigh") -> Result:
    return calibrate("alignment", "--from", file, "--side", side, "--mount", mount, *more)


def test_an_alignment_is_kept_and_described(moves: str, tmp_path: Path) -> None:
    out = tmp_path / "thigh.json"
    outcome = align(moves, "--out", str(out))
    assert outcome.exit_code == 0, outcome.output
    assert "right thigh: good alignment" in outcome.stdout
    stored = load_alignment(out)
    w, x, y, z = stored.quat_segment_to_sensor
    assert (TURNED.inv() * Rotation.from_quat([x, y, z, w])).magnitude() < np.radians(1.5)
    assert (stored.side, stored.mount, stored.quality) == ("right", "thigh", "good")
    assert stored.reference_tilt_deg == pytest.approx(0.0, abs=1.0)
    assert stored.reference_range_deg == pytest.approx(MOVES.range_deg, abs=5.0)


def test_the_range_of_the_guided_squats_is_a_reference_for_squats_and_for_nothing_else(
    moves: str, tmp_path: Path
) -> None:
    out = tmp_path / "thigh.json"
    align(moves, "--out", str(out))
    stored = load_alignment(out)
    shallow = csv(tmp_path / "set.csv", record(replace(MOVES, range_deg=25.0, lift_deg=0.0), Box(turned=TURNED)))
    squats = analyze_file(shallow, Request("squat", "right", "thigh", stored)).reps

    assert squats
    assert all("shallow" in rep.flags for rep in squats)
    lunge = Setup("lunge", "right", "thigh", 100.0, stored).alignment
    assert lunge is not None
    assert (lunge.reference_range_deg, lunge.reference_tilt_deg) == (None, stored.reference_tilt_deg)


def test_without_a_place_to_keep_it_it_is_printed(moves: str) -> None:
    outcome = align(moves)
    assert json.loads(outcome.stdout)["about"]["side_confirmed"] is True
    assert "--out FILE keeps it" in outcome.stderr


def test_units_are_converted(tmp_path: Path) -> None:
    other = csv(tmp_path / "g.csv", record(MOVES, Box(turned=TURNED)), acc_factor=1 / 9.80665, gyr_factor=180 / np.pi)
    assert align(other, "--acc-unit", "g", "--gyr-unit", "deg/s").exit_code == 0


def test_good_reps_of_the_exercise_are_the_reference(moves: str, tmp_path: Path) -> None:
    good = Performance(range_deg=35.0, medial_deg=(3.0, 3.4, 2.6, 3.1), moves=5, seed=6)
    reps = csv(tmp_path / "reps.csv", record(good, Box(turned=TURNED)))
    out = tmp_path / "thigh.json"
    outcome = align(moves, "--reference", reps, "--exercise", "squat", "--out", str(out))
    assert outcome.exit_code == 0, outcome.output
    stored = load_alignment(out)
    assert stored.reference_tilt_deg == pytest.approx(3.0, abs=1.2)
    assert stored.reference_range_deg == pytest.approx(35.0, abs=3.0)
    assert stored.reference_rotation_deg is not None


@pytest.mark.parametrize(
    ("performance", "box", "said"),
    [
        (replace(MOVES, moves=0, lift_deg=0.0), Box(), "no movement follows"),
        (MOVES, Box(side="left"), "--side left"),
        (MOVES, Box(mount="shin"), "--mount shin"),
        (replace(MOVES, medial_deg=(9.0, -9.0, 8.0, -8.0, 9.0)), Box(), "directions differ"),
    ],
)
def test_a_refusal_names_the_file_the_reason_and_the_cure(
    tmp_path: Path, performance: Performance, box: Box, said: str
) -> None:
    file = csv(tmp_path / "bad.csv", record(performance, box))
    outcome = align(file, "--out", str(tmp_path / "out.json"))
    assert isinstance(outcome.exception, KneeimuError)
    assert str(outcome.exception).startswith(file)
    assert said in str(outcome.exception)
    assert not (tmp_path / "out.json").exists()


def test_a_refusal_ends_with_one_line_and_status_one(tmp_path: Path) -> None:
    file = csv(tmp_path / "bad.csv", record(replace(MOVES, moves=0, lift_deg=0.0), Box()))
    arguments = ["calibrate", "alignment", "--from", file, "--side", "right", "--mount", "thigh"]
    done = subprocess.run([sys.executable, "-m", "kneeimu", *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_too_few_reference_reps_are_refused(moves: str, tmp_path: Path) -> None:
    few = csv(tmp_path / "few.csv", record(Performance(moves=2, range_deg=35.0), Box(turned=TURNED)))
    outcome = align(moves, "--reference", few, "--exercise", "squat")
    assert isinstance(outcome.exception, KneeimuError)
    assert "at least three" in str(outcome.exception)


def test_reference_reps_need_their_exercise(moves: str) -> None:
    assert align(moves, "--reference", moves).exit_code == 2


# --- the sensor itself --------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"KNEEIMU_HOME": str(tmp_path / "home")}


def faces(path: Path, names: str = "+x-x+y-y+z-z", offset: float = 0.3, seconds: int = 4) -> str:
    rng = np.random.default_rng(1)
    still = 100 * seconds
    acc, gyr = [], []
    for name in (names[i : i + 2] for i in range(0, len(names), 2)):
        up = np.zeros(3)
        up["xyz".index(name[1])] = 9.80665 if name[0] == "+" else -9.80665
        acc += [up + np.array([offset, 0.0, 0.0]) + rng.normal(0, 0.02, (still, 3)), up + rng.normal(0, 4.0, (80, 3))]
        gyr += [0.01 + rng.normal(0, 0.002, (still, 3)), rng.normal(0, 1.0, (80, 3))]
    rows = np.column_stack(
        (np.arange((still + 80) * (len(names) // 2)) / 100.0, np.concatenate(acc), np.concatenate(gyr))
    )
    np.savetxt(path, rows, delimiter=",", header="t,ax,ay,az,gx,gy,gz", comments="", fmt="%.6f")
    return str(path)


def test_rest_and_six_positions_are_kept_together(tmp_path: Path, home: dict[str, str]) -> None:
    file = faces(tmp_path / "faces.csv", seconds=10)
    rest = calibrate("device", "rest", "--from", file, "--sensor", "AA:01", environment=home)
    six = calibrate("device", "six", "--from", file, "--sensor", "AA:01", environment=home)
    assert (rest.exit_code, six.exit_code) == (0, 0), rest.output + six.output
    assert "gyro bias  x +0.57" in rest.stdout
    assert re.search(r"offset    x \+0\.(29|30)", six.stdout)
    assert "residual" in six.stdout
    profile = load_device(Path(home["KNEEIMU_HOME"]) / "data" / "devices" / "aa-01.json")
    assert profile.rest is not None
    assert profile.six is not None


def test_a_rest_that_replaces_another_says_so(tmp_path: Path, home: dict[str, str]) -> None:
    table = faces(tmp_path / "table.csv", "+z", seconds=12)
    first, again = (
        calibrate("device", "rest", "--from", table, "--sensor", "AA:01", environment=home) for _ in range(2)
    )
    assert "note: replaces" not in first.stderr
    assert "note: replaces the earlier x +0.57" in again.stderr


def test_a_face_in_another_file_is_found(tmp_path: Path, home: dict[str, str]) -> None:
    one, other = faces(tmp_path / "a.csv", "+x-x+y"), faces(tmp_path / "b.csv", "-y+z-z")
    assert calibrate("device", "six", "--from", one, "--from", other, environment=home).exit_code == 0
    missing = calibrate("device", "six", "--from", one, environment=home)
    assert isinstance(missing.exception, KneeimuError)
    assert "missing: -y, +z, -z up" in str(missing.exception)


def test_the_check_of_a_good_sensor_says_no_nonsense(moves: str, home: dict[str, str]) -> None:
    done = calibrate("alignment", "--from", moves, "--side", "right", "--mount", "thigh", "--json", environment=home)
    said = json.loads(done.stdout)["about"]["checks"]
    assert any(re.fullmatch(r"ok: the sensor shows 9\.\d\d m/s² at rest", one) for one in said)


# --- live -------------------------------------------------------------------------------------------------------------

SCENARIO = """
exercise = "squat"
side = "left"
mount = "shin"
reps = 5
seed = 4
alignment = "full"
before = ["stand 3"]
"""


def test_each_movement_and_each_step_is_heard_for_the_line_is_too_far_away_to_read() -> None:
    played: list[str] = []
    ring = ringing(played.append)
    story = [(Stage.STAND, 0), (Stage.MOVE, 0), (Stage.MOVE, 0), (Stage.MOVE, 1), (Stage.LIFT, 5), (Stage.REFUSED, 6)]
    for stage, movements in story:
        ring(stage, movements)
    assert played == ["start", "rep", "start", "cue"]


@pytest.mark.slow
def test_a_simulated_person_is_led_through_it_over_the_radio(tmp_path: Path) -> None:
    pytest.importorskip("bumble")
    (tmp_path / "scenario.toml").write_text(SCENARIO)
    air = f"unix:{tmp_path}/air"
    sensor = subprocess.Popen(
        [sys.executable, "-m", "firmware_sim", "--scenario", f"{tmp_path}/scenario.toml", "--transport", air],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert sensor.stdout is not None
        assert "READY" in sensor.stdout.readline()
        arguments = ["alignment", "--side", "left", "--mount", "shin", "--exercise", "squat", "--radio", air]
        done = subprocess.run(
            [sys.executable, "-m", "kneeimu", "calibrate", *arguments],
            env={"KNEEIMU_HOME": str(tmp_path / "home"), "PATH": ""},
            capture_output=True, text=True, timeout=110, check=False,
        )  # fmt: skip
    finally:
        sensor.terminate()
        sensor.wait(10)
        sensor.stdout.close()
    assert done.returncode == 0, done.stderr
    assert "left shin: good alignment" in done.stdout
    assert load_alignment(tmp_path / "home/data/alignments/f0-f1-f2-f3-f4-f5.left-shin.json").reference_range_deg
