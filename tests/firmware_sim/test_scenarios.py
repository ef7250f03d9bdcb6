"""Scenarios: small files that say what a person does, refused with a reason when they don't."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import firmware_sim
from firmware_sim import Scenario, ScenarioError, simulate, simulate_pair
from firmware_sim.form_faults import FAULTS_OF
from firmware_sim.mounting import rotation_matrix
from firmware_sim.record import main
from firmware_sim.scenario import EXERCISES
from firmware_sim.truth import cardan_deg

UNMEASURED = ("lost-tension", "standing-up", "wobble", "forward")
"""Faults of which the truth holds no number; the tests below look at the curves."""
SHIPPED = sorted((Path(firmware_sim.__file__).parent / "scenarios").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_shipped_scenarios_play(path: Path) -> None:
    scenario = Scenario.from_toml(path)
    simulation = simulate_pair(scenario)[0] if scenario.mount == "both" else simulate(scenario)
    assert simulation.truth.count == scenario.reps * scenario.sets
    assert np.isfinite(simulation.acc_m_s2).all()
    assert np.isfinite(simulation.gyr_rad_s).all()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("exercise = 'jump'", "'jump' is not known"),
        ("sied = 'left'", "'sied' is not known"),
        ("before = ['walk']", "'walk' is no activity"),
        ("before = ['dance 3']", "'dance 3' is no activity"),
        ("rate_hz = 5", "between 20 and 500"),
        ("tempo_s = [1, 2]", "tempo_s"),
        ("tempo_s = [1, -2, 1, 1]", "can't be negative"),
        ("valgus_deg = 'much'", "valgus_deg"),
        ("valgus_deg = 80", "between -30 and 30"),
        ("faults = { slouching = [1] }", "'slouching' is not known"),
        ("sensor = { noise = 3 }", "sensor: 'noise' is not known; there are: "),
        ("sensor = { gyr_bias_deg_s = 'much' }", "gyr_bias_deg_s = 'much' must be a number"),
        ("tissue = 3", "tissue"),
        ("tempo_s = [1, 2, 3]", "a list of out, hold, return, pause"),
        ("mounting = [1, 0, 0]", "a list of w, x, y, z"),
        ("reps = 'six'", "reps = 'six' must be a whole number"),
        ("reps = true", "must be a whole number"),
        ("reps = 2000000", "more than 20000"),
        ("seed = 1.5", "seed = 1.5 must be a whole number"),
        ("rest_s = inf", "rest_s = inf must be a number"),
        ("resting_leg = 1", "must be true or false"),
        ("height_m = 17", "between 1 and 2.5"),
        ("range_deg = 500", "between 1 and 180"),
        ("direction = 'up'", "direction 'up' is not known"),
        ("reps = 4\nfaults = { fast = [3, 9] }", "fast names rep [9], and there are 4"),
        ("exercise = squat", "line 1"),
    ],
)
def test_a_bad_scenario_is_refused_with_the_place_and_the_reason(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=r"bad\.toml: .*") as caught:
        Scenario.from_toml(path)
    assert says in str(caught.value)


@pytest.mark.parametrize("key", ["valgus_deg", "inward_rotation_deg"])
@pytest.mark.parametrize("value", [6.0, (), "6", (1.0, "2"), (float("nan"),), (200.0,)])
def test_angles_by_rep_that_are_no_tuple_of_fair_numbers_are_refused(key: str, value: object) -> None:
    with pytest.raises(ScenarioError, match=key):
        Scenario(**{key: value})  # type: ignore[arg-type]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "picture.toml").write_bytes(b"\x89PNG")
    with pytest.raises(ScenarioError, match=r"picture\.toml: this is no text file"):
        Scenario.from_toml(tmp_path / "picture.toml")


def test_two_mounts_need_two_recordings() -> None:
    with pytest.raises(ScenarioError, match="simulate_pair"):
        simulate(Scenario(mount="both"))


@pytest.mark.parametrize("mounting", [(0.0, 0.0, 0.0, 0.0), {"spin_deg": 3}, "sideways"])
def test_a_mounting_that_does_not_exist_is_refused(mounting: object) -> None:
    with pytest.raises(ScenarioError, match="mounting"):
        simulate(Scenario(mounting=mounting, reps=0))  # type: ignore[arg-type]


def test_yaw_turns_the_box_about_the_limb() -> None:
    aligned = simulate(Scenario(mounting="aligned", reps=1, sensor="ideal"))
    turned = simulate(Scenario(mounting={"yaw_deg": 180}, reps=1, sensor="ideal"))
    np.testing.assert_allclose(turned.acc_m_s2, aligned.acc_m_s2 * (-1, 1, -1), atol=1e-9)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_exercise_moves_both_segments_its_own_way(exercise: str) -> None:
    """The counted range is what the catalogue's science says to expect at each mount, with room for people."""
    usual = {
        "squat": ((25, 75), (15, 55)), "single-leg-squat": ((18, 48), (14, 36)), "step-down": ((18, 48), (14, 36)),
        "lunge": ((30, 75), (20, 48)), "terminal-knee-extension": ((11, 24), (11, 24)),
        "clamshell": ((17, 58), (17, 58)), "hip-abduction": ((18, 54), (18, 54)), "lateral-walk": ((6, 24), (6, 24)),
        "monster-walk": ((6, 45), (6, 60)), "knee-extension": ((3, 12), (50, 105)),
        "straight-leg-raise": ((20, 58), (18, 54)), "prone-hip-extension": ((6, 19), (7, 26)),
        "it-band-stretch": ((8, 24), (8, 25)), "massage": ((5, 22), (5, 22)),
    }  # fmt: skip
    for mount, (low, high) in zip(("thigh", "shin"), usual[exercise], strict=True):
        for seed in range(3):
            tempo = (1.0, 1.0, 1.0, 1.0) if exercise in ("it-band-stretch", "massage") else None
            scenario = Scenario(exercise=exercise, mount=mount, reps=4, seed=seed, tempo_s=tempo)
            for rep in simulate(scenario).truth.reps:
                assert low <= rep.range_deg <= high


@pytest.mark.parametrize(("exercise", "fault"), [(e, f) for e, faults in FAULTS_OF.items() for f in faults])
def test_a_fault_shows_in_the_reps_it_is_ordered_for(exercise: str, fault: str) -> None:
    scenario = Scenario(
        exercise=exercise, mount="shin", reps=3, faults={fault: (2,)}, sensor="ideal", mounting="aligned", seed=6,
        variation=0.3, style=0.0, direction="right" if exercise == "lateral-walk" else "out-and-back",
    )  # fmt: skip
    truth = simulate(scenario).truth
    good, bad, after = truth.reps
    assert (good.flags, bad.flags, after.flags) == ((), (fault,), ())
    clean = simulate(dataclasses.replace(scenario, faults={})).truth.reps[1]
    assert _size(fault, bad) > 1.4 * _size(fault, clean) or fault in (
        "lost-tension",
        "standing-up",
        "wobble",
        "forward",
    )


def _size(fault: str, rep: firmware_sim.RepTruth) -> float:
    """How much of the fault a rep shows."""
    match fault:
        case "knee-in":
            return abs(rep.medial_tilt_deg or 0.0)
        case "inward-rotation" | "toes-up":
            return abs(rep.inward_rotation_deg)
        case "shallow" | "incomplete":
            return 1.0 / rep.range_deg
        case "over-roll":
            return rep.range_deg
        case "dropped":
            return max(1.0 / (rep.far_s - rep.start_s), 1.0 / (rep.end_s - rep.turn_s))
        case "short-hold":
            return 1.0 / (rep.hold_s + 0.01)
        case "snapping":
            return 1.0 / (rep.far_s - rep.start_s)
        case _:
            return 1.0 / (rep.end_s - rep.start_s)


def curve(exercise: str, mount: str, fault: str, channel: int) -> tuple[firmware_sim.Truth, np.ndarray]:
    """Play reps of which the second has the fault; give one Cardan angle of the mounted segment, deg."""
    scenario = Scenario(
        exercise=exercise, mount=mount, reps=3, faults={fault: (2,)}, sensor="ideal", seed=6, variation=0.3, style=0.0,
        direction="right" if exercise == "lateral-walk" else "out-and-back",
    )  # fmt: skip
    truth = simulate(scenario).truth
    quat = truth.quat_thigh_to_world if mount == "thigh" else truth.quat_shank_to_world
    rot = np.stack([rotation_matrix(tuple(q)) for q in quat]).transpose(1, 2, 0)
    return truth, cardan_deg(rot)[channel]


def within(truth: firmware_sim.Truth, start_s: float, end_s: float) -> np.ndarray:
    return (truth.time_s >= start_s) & (truth.time_s <= end_s)


def test_a_wobble_sways_the_knee_in_the_hold() -> None:
    truth, adduction = curve("single-leg-squat", "shin", "wobble", 1)
    quiet, wobbly = (adduction[within(truth, rep.far_s, rep.turn_s)].std() for rep in truth.reps[:2])
    assert wobbly > 2.5
    assert quiet < 1.0


def test_lost_tension_brings_the_feet_together() -> None:
    truth, adduction = curve("lateral-walk", "thigh", "lost-tension", 1)
    ends = [adduction[within(truth, rep.end_s, rep.end_s + 0.1)].mean() for rep in truth.reps[:2]]
    assert abs(ends[1]) < 0.6 * abs(ends[0])


def test_standing_up_straightens_the_walking_leg() -> None:
    truth, flexion = curve("lateral-walk", "thigh", "standing-up", 0)
    bends = [flexion[within(truth, rep.far_s, rep.turn_s)].mean() for rep in truth.reps[:2]]
    assert bends[1] < 0.75 * bends[0]


def test_a_lift_that_drifts_forward_turns_about_the_vertical() -> None:
    truth, _ = curve("hip-abduction", "thigh", "forward", 0)
    headings = []
    for rep in truth.reps[:2]:
        ends = np.searchsorted(truth.time_s, (rep.start_s, 0.5 * (rep.far_s + rep.turn_s)))
        down = [rotation_matrix(tuple(truth.quat_thigh_to_world[i]))[:, 1] for i in ends]
        ahead = np.cross(down[0], down[1])[1] / (np.hypot(*down[0][[0, 2]]) * np.hypot(*down[1][[0, 2]]))
        headings.append(np.degrees(np.arcsin(ahead)))
    assert abs(headings[1]) > 0.4 * truth.reps[1].range_deg
    assert abs(headings[0]) < 0.25 * truth.reps[0].range_deg


def test_the_suite_covers_everything_and_is_the_same_every_time() -> None:
    scenarios = list(firmware_sim.suite(112, seed=3))
    assert scenarios == list(firmware_sim.suite(112, seed=3))
    assert {s.exercise for s in scenarios} == set(EXERCISES)
    assert {(s.mount, s.side) for s in scenarios} == {(m, s) for m in ("thigh", "shin") for s in ("left", "right")}
    assert len({s.rate_hz for s in scenarios}) >= 7
    assert len({s.seed for s in scenarios}) == len(scenarios)


def test_the_form_suite_shows_every_fault_among_clean_reps() -> None:
    scenarios = list(firmware_sim.form_suite(1, seed=2))
    assert {(s.exercise, fault) for s in scenarios for fault in s.faults} == {
        (exercise, fault) for exercise, faults in FAULTS_OF.items() for fault in faults
    }
    truth = simulate(scenarios[0]).truth
    assert len(truth.reference_reps) == 4
    assert sum(bool(rep.flags) for rep in truth.reps) == 4


def test_idle_recordings_hold_no_reps() -> None:
    for scenario in firmware_sim.idle_suite(2, seed=4):
        simulation = simulate(scenario)
        assert simulation.truth.count == 0
        assert simulation.time_s[-1] > 100.0


def test_a_minute_is_simulated_in_well_under_a_second() -> None:
    scenario = Scenario(reps=15, seed=1, tissue="skin", before=(firmware_sim.Activity("walk", 10.0),))
    simulate(scenario)
    started = time.process_time()
    simulation = simulate(scenario)
    assert (time.process_time() - started) / (simulation.time_s[-1] / 60.0) < 0.6


def test_scenarios_are_recorded_to_files_that_others_read(tmp_path: Path) -> None:
    pair = tmp_path / "pair.toml"
    pair.write_text("mount = 'both'\nreps = 1\nside = 'left'")
    done = CliRunner().invoke(main, [str(pair), "--suite", "1", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        "pair-shin.csv", "pair-shin.truth.json", "pair-thigh.csv", "pair-thigh.truth.json", "set-0000.csv",
        "set-0000.truth.json",
    ]  # fmt: skip
    truth = json.loads((tmp_path / "out" / "pair-shin.truth.json").read_text())
    assert (truth["exercise"], truth["side"], truth["mount"], truth["count"]) == ("squat", "left", "shin", 1)


def test_recording_nothing_is_a_mistake_in_use() -> None:
    assert CliRunner().invoke(main, []).exit_code == 2
