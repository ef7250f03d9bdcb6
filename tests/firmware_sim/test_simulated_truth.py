"""The truth is what the leg really did, and the mounting and the side change only what they should."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from firmware_sim import Activity, Scenario, Simulation, simulate, simulate_pair, write_csv, write_truth
from firmware_sim.mounting import rotation_matrix
from firmware_sim.scenario import EXERCISES

SQUATS = Scenario(sensor="ideal", mounting="aligned", reps=3, seed=4, valgus_deg=(0.0, 4.0, 8.0))
BUSY = (Activity("walk", 3.0), Activity("turn", 1.5), Activity("shake", 1.5), Activity("fidget", 3.0))


def turned(simulation: Simulation) -> np.ndarray:
    return np.stack([rotation_matrix(tuple(q)) for q in simulation.quat_sensor_to_world])


def test_at_rest_the_sensor_feels_gravity_and_nothing_else() -> None:
    stone = dataclasses.replace(SQUATS, reps=0, before=(Activity("stand", 5.0),), sway=0.0)
    assert np.linalg.norm(simulate(stone).acc_m_s2, axis=1) == pytest.approx(9.80665, abs=1e-9)
    assert np.abs(simulate(stone).gyr_rad_s).max() < 1e-12


def test_a_standing_person_sways_a_little() -> None:
    person = simulate(dataclasses.replace(SQUATS, reps=0, before=(Activity("stand", 10.0),)))
    assert np.linalg.norm(person.acc_m_s2, axis=1).mean() == pytest.approx(9.80665, abs=0.01)
    assert 0.2 < np.degrees(np.linalg.norm(person.gyr_rad_s, axis=1)).mean() < 4.0


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_the_left_leg_is_the_mirror_image_of_the_right_one(exercise: str, mount: str) -> None:
    scenario = dataclasses.replace(
        SQUATS, exercise=exercise, mount=mount, reps=2, before=BUSY, tempo_s=(1.0, 0.5, 1.0, 0.5)
    )
    if exercise == "lateral-walk":  # the leading leg is mirrored with the direction
        right, left = (simulate(dataclasses.replace(scenario, side=side, direction=side)) for side in ("right", "left"))
    else:
        right, left = (simulate(dataclasses.replace(scenario, side=side)) for side in ("right", "left"))
    np.testing.assert_allclose(left.acc_m_s2, right.acc_m_s2 * (1, 1, -1), atol=1e-9)
    np.testing.assert_allclose(left.gyr_rad_s, right.gyr_rad_s * (-1, -1, 1), atol=1e-9)
    for one, other in zip(left.truth.reps, right.truth.reps, strict=True):
        assert one.range_deg == pytest.approx(other.range_deg)
        assert one.medial_tilt_deg == pytest.approx(other.medial_tilt_deg)
        assert one.inward_rotation_deg == pytest.approx(other.inward_rotation_deg, abs=1e-6)


def test_remounting_only_rotates_the_samples() -> None:
    quat = (0.5, -0.5, 0.5, 0.5)
    straight, remounted = simulate(SQUATS), simulate(dataclasses.replace(SQUATS, mounting=quat))
    matrix = rotation_matrix(remounted.truth.quat_segment_to_sensor)
    np.testing.assert_allclose(remounted.acc_m_s2, straight.acc_m_s2 @ matrix.T, atol=1e-12)
    np.testing.assert_allclose(remounted.gyr_rad_s, straight.gyr_rad_s @ matrix.T, atol=1e-12)
    assert remounted.truth.reps == straight.truth.reps


def test_truth_quaternions_turn_the_measured_force_upright() -> None:
    """Segment truth and mounting together give the sensor's orientation."""
    simulation = simulate(dataclasses.replace(SQUATS, mounting=(0.2, 0.7, -0.4, 0.5)))
    truth = simulation.truth
    segment = np.stack([rotation_matrix(tuple(q)) for q in truth.quat_thigh_to_world])
    expected = segment @ rotation_matrix(truth.quat_segment_to_sensor).T
    np.testing.assert_allclose(expected, turned(simulation), atol=1e-9)


@pytest.mark.parametrize("hinge", [0.0, 1.0])
def test_the_ordered_valgus_is_the_valgus_that_happens(hinge: float) -> None:
    scenario = dataclasses.replace(SQUATS, variation=0.0, style=0.0, valgus_hinge=hinge, range_deg=60.0)
    for mount, share in (("thigh", 1.0), ("shin", 0.245 / 0.246)):
        tilts = [rep.medial_tilt_deg for rep in simulate(dataclasses.replace(scenario, mount=mount)).truth.reps]
        np.testing.assert_allclose(tilts, np.array((0.0, 4.0, 8.0)) * share, atol=1.2)


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_the_valgus_of_a_lunge_with_a_step_is_that_over_the_foot_that_stands(mount: str) -> None:
    ordered = {"exercise": "lunge", "manner": "stepping", "mount": mount, "reps": 6, "valgus_deg": (8.0,)}
    reps = simulate(dataclasses.replace(SQUATS, variation=0.0, style=0.0, **ordered)).truth.reps
    assert [rep.medial_tilt_deg for rep in reps] == pytest.approx([8.0] * 6, abs=1.0)


def test_a_hinge_knees_valgus_cannot_be_seen_by_gravity() -> None:
    """The leg's plane turns about the vertical: the box does not roll against gravity, although the knee goes in."""
    scenario = Scenario(
        sensor="ideal", mounting="aligned", reps=1, variation=0.0, style=0.0, valgus_deg=(8.0,), valgus_hinge=1.0,
        range_deg=68.0, seed=2,
    )  # fmt: skip
    simulation = simulate(scenario)
    rep = simulation.truth.reps[0]
    deep = (simulation.time_s > rep.far_s) & (simulation.time_s < rep.turn_s)
    before = (simulation.time_s > rep.start_s - 0.5) & (simulation.time_s < rep.start_s)
    up = np.swapaxes(turned(simulation), 1, 2)[:, :, 1]
    roll = np.degrees(np.arcsin(up[deep, 2].mean()) - np.arcsin(up[before, 2].mean()))
    assert rep.medial_tilt_deg == pytest.approx(8.0, abs=1.0)
    assert abs(roll) < 2.5


def test_reps_lie_where_the_knee_bends() -> None:
    truth = simulate(dataclasses.replace(SQUATS, reps=6)).truth
    assert truth.count == len(truth.reps) == 6
    for rep in truth.reps:
        assert rep.start_s < rep.far_s <= rep.turn_s < rep.end_s
        inside = (truth.time_s >= rep.far_s) & (truth.time_s <= rep.turn_s)
        at_start = np.interp(rep.start_s, truth.time_s, truth.knee_flexion_deg)
        assert truth.knee_flexion_deg[inside].mean() - at_start > 0.9 * rep.knee_range_deg
    assert all(a.end_s <= b.start_s for a, b in zip(truth.reps, truth.reps[1:], strict=False))


def test_knee_angles_are_those_between_the_two_segments() -> None:
    thigh, shin = simulate_pair(dataclasses.replace(SQUATS, mount="both", exercise="knee-extension"))
    assert len(thigh.truth.reps) == len(shin.truth.reps) == 3
    np.testing.assert_allclose(thigh.truth.knee_flexion_deg, shin.truth.knee_flexion_deg, atol=1e-9)
    rep = shin.truth.reps[0]
    assert rep.knee_range_deg == pytest.approx(rep.range_deg, abs=12.0)


def test_thigh_and_shank_stay_joined_at_the_knee() -> None:
    scenario = dataclasses.replace(SQUATS, mount="both", variation=0.0, height_m=1.7, before=BUSY)
    knees = []
    for simulation, box in zip(simulate_pair(scenario), ((0.07, 0.15, 0.03), (0.05, -0.10, -0.02)), strict=True):
        calm = simulation.time_s > simulation.truth.reps[0].start_s  # no knocks there
        lever = np.einsum("nij,j->ni", turned(simulation), np.array(box))
        knees.append((simulation.position_m - lever)[calm])
    np.testing.assert_allclose(*knees, atol=1e-9)


def test_two_sensors_share_the_movement_but_not_their_errors() -> None:
    thigh, shin = simulate_pair(dataclasses.replace(SQUATS, mount="both", sensor="bmi270", mounting="random"))
    assert thigh.truth.quat_segment_to_sensor != shin.truth.quat_segment_to_sensor
    assert thigh.truth.mount == "thigh"
    assert shin.truth.mount == "shin"
    assert abs(thigh.truth.reps[-1].turn_s - shin.truth.reps[-1].turn_s) < 0.03 * thigh.truth.reps[-1].turn_s


def test_the_resting_leg_does_no_reps() -> None:
    resting = simulate(Scenario(exercise="straight-leg-raise", resting_leg=True, reps=5, sensor="ideal"))
    assert resting.truth.count == 0
    assert not resting.truth.moving
    (the_set,) = (span for span in resting.truth.activities if span.name == "set")
    during = (resting.time_s > the_set.start_s) & (resting.time_s < the_set.end_s)
    assert np.degrees(np.linalg.norm(resting.gyr_rad_s[during], axis=1)).max() < 15.0


def test_band_walk_steps_are_told_by_direction() -> None:
    truth = simulate(Scenario(exercise="lateral-walk", side="left", reps=7)).truth
    assert [rep.direction for rep in truth.reps] == ["right"] * 4 + ["left"] * 3


def test_a_standing_foot_stays_where_it_is() -> None:
    """In a band walk the ankle of the instrumented leg stands still between its steps."""
    simulation = simulate(Scenario(exercise="lateral-walk", reps=4, sensor="ideal", mounting="aligned",
                                   mount="shin", direction="right", seed=2, height_m=1.7))  # fmt: skip
    first = simulation.truth.reps[0]
    standing = (simulation.time_s > first.far_s + 0.15) & (simulation.time_s < first.end_s)
    world = turned(simulation)
    box_to_ankle = np.array([-0.05, 0.10 - 0.246 * 1.7, 0.02])
    ankle = simulation.position_m + np.einsum("nij,j->ni", world, box_to_ankle)
    assert np.ptp(ankle[standing], axis=0).max() < 0.03  # box place varies between people by a centimetre or two
    assert np.ptp(simulation.position_m[standing, 2]) > 0.04


def test_truth_and_csv_are_written_whole(tmp_path: Path) -> None:
    simulation = simulate(dataclasses.replace(SQUATS, lost=0.02, jitter_s=0.002, reference_reps=2))
    write_truth(simulation, tmp_path / "a.truth.json")
    write_csv(simulation, tmp_path / "a.csv")
    truth = json.loads((tmp_path / "a.truth.json").read_text())
    assert truth["count"] == 3
    assert len(truth["reference_reps"]) == 2
    assert len(truth["samples"]["quat_shank_to_world"]) == len(simulation)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "t,ax,ay,az,gx,gy,gz"
    assert len(lines) == len(simulation) + 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "a.truth.json"]
