"""Alignment of people whom ``firmware_sim`` makes up: they stand a little crooked, sway, tremble; sensors err."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from calibration.alignment import AlignmentResult, align
from calibration.errors import CalibrationError
from calibration.frames import FloatArray
from calibration.moves import Move
from calibration.observation import observe
from calibration.reference import tilt_and_rotation
from firmware_sim.scenario import Activity, Scenario
from firmware_sim.simulation import Simulation, simulate

PEOPLE = [
    (mount, side, moves) for mount in ("thigh", "shin") for side in ("left", "right") for moves in ("full", "squats")
]


@cache
def person(mount: str, side: str, moves: str, seed: int, tissue: str = "none") -> tuple[Simulation, AlignmentResult]:
    """Somebody who is aligned, and then does single-leg squats with a knee that strays by a different angle each."""
    strays = tuple(np.random.default_rng(seed).uniform(-3.0, 12.0, 6))
    seen = simulate(
        Scenario(
            exercise="single-leg-squat", side=side, mount=mount, reps=6, alignment=moves, seed=seed, tissue=tissue,
            valgus_deg=strays, valgus_hinge=(seed % 3) / 2, before=(Activity("stand", 3.0),),
        )
    )  # fmt: skip
    return seen, align(seen.time_s, seen.acc_m_s2, seen.gyr_rad_s, side, mount)  # type: ignore[arg-type]


def yaw_error_deg(seen: Simulation, result: AlignmentResult) -> float:
    """Error about the long axis."""
    w, x, y, z = seen.truth.quat_segment_to_sensor
    a, b, c, d = result.quat_segment_to_sensor
    error = Rotation.from_quat([x, y, z, w]).inv() * Rotation.from_quat([b, c, d, a])
    return float(error.as_rotvec(degrees=True)[1])


def tilts_deg(seen: Simulation, result: AlignmentResult) -> tuple[FloatArray, FloatArray]:
    """Medial tilt of each rep as measured with the alignment, and as the bones had it."""
    prepared = observe(seen.time_s, seen.acc_m_s2, seen.gyr_rad_s)
    measured = []
    for rep in seen.truth.reps:
        start, turn, stop = np.searchsorted(prepared.time_s, (rep.start_s, rep.turn_s, rep.end_s)).tolist()
        move = Move(start, turn, stop, 0.0)
        measured.append(tilt_and_rotation(prepared, move, result.quat_segment_to_sensor, result.side, result.mount)[0])
    return np.array(measured), np.array([rep.medial_tilt_deg for rep in seen.truth.reps])


def rms(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


@pytest.mark.parametrize(("mount", "side", "moves"), PEOPLE)
def test_the_way_forward_is_found_within_its_stated_uncertainty(mount: str, side: str, moves: str) -> None:
    seen, result = person(mount, side, moves, 40)
    assert abs(yaw_error_deg(seen, result)) < result.yaw_uncertainty_deg
    assert result.side_seen


def test_medial_tilt_is_right_to_eight_tenths_of_a_degree() -> None:
    errors = [np.subtract(*tilts_deg(*person(*who, 300 + i))) for i, who in enumerate(PEOPLE)]
    assert rms(np.concatenate(errors)) < 0.8


def test_the_change_from_rep_to_rep_is_right_to_a_degree_under_moving_skin() -> None:
    changes = []
    for i, who in enumerate(PEOPLE):
        measured, true = tilts_deg(*person(*who, 320 + i, "skin"))
        changes.append(np.diff(measured) - np.diff(true))
    assert rms(np.concatenate(changes)) < 1.0


def test_moving_skin_is_borne() -> None:
    """The skin turns the box by some degrees as the knee bends; the alignment takes that as its own."""
    errors = [np.subtract(*tilts_deg(*person(*who, 320 + i, "skin"))) for i, who in enumerate(PEOPLE)]
    assert rms(np.concatenate(errors)) < 1.6


def straying(seed: int) -> Simulation:
    return simulate(Scenario(mount="thigh", reps=0, alignment="squats", alignment_valgus_deg=5.0, seed=seed))


def test_a_knee_that_strays_evenly_in_the_guided_movements_goes_unnoticed() -> None:
    """It can't be told from a knee that goes straight another way; that is what the uncertainty is for."""
    seen = straying(5)
    result = align(seen.time_s, seen.acc_m_s2, seen.gyr_rad_s, "right", "thigh")
    assert result.quality == "good"
    assert abs(yaw_error_deg(seen, result)) > 4.0


def test_a_knee_that_strays_more_and_more_is_noticed() -> None:
    seen = straying(2)
    with pytest.raises(CalibrationError) as caught:
        align(seen.time_s, seen.acc_m_s2, seen.gyr_rad_s, "right", "thigh")
    assert caught.value.code == "tilted-stance"


@pytest.mark.parametrize(("mount", "said"), [("shin", "thigh"), ("thigh", "shin")])
@pytest.mark.parametrize("seed", [40, 41, 42])
def test_a_leg_moved_off_the_floor_tells_by_its_lift_which_segment_wears_the_box(
    mount: str, said: str, seed: int
) -> None:
    """A swing of the shin looks like a raise of the thigh; but the lift to the side goes round the hip in both."""
    seen, _ = person(mount, "left", "full", seed)
    with pytest.raises(CalibrationError, match=f"one on the {mount} does") as caught:
        align(seen.time_s, seen.acc_m_s2, seen.gyr_rad_s, "left", said)  # type: ignore[arg-type]
    assert caught.value.code == "wrong-mount"


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_strap_that_turns_in_the_middle_of_a_movement_is_told_as_such(share: float) -> None:
    seen, steady = person("thigh", "left", "squats", 40)
    start, stop = steady.moves_s[2]
    turns_s = start + share * (stop - start)
    w, x, y, z = seen.truth.quat_segment_to_sensor
    limb = Rotation.from_quat([x, y, z, w]).apply([0.0, 1.0, 0.0])
    turn, late = Rotation.from_rotvec(np.radians(20.0) * limb), seen.time_s > turns_s
    acc, gyr = (np.where(late[:, None], turn.apply(values), values) for values in (seen.acc_m_s2, seen.gyr_rad_s))
    with pytest.raises(CalibrationError, match=r"(18|19|20|21)° further round the limb") as caught:
        align(seen.time_s, acc, gyr, "left", "thigh")
    assert caught.value.code == "strap-moved"
    assert "tighten" in caught.value.advice


def test_one_guided_movement_that_goes_astray_does_not_turn_the_way_forward() -> None:
    turned = []
    for stray_deg in (0.0, 8.0):
        seen, straight = person("thigh", "right", "squats", 43)
        start, stop = straight.moves_s[2]
        at = (seen.time_s >= start) & (seen.time_s < stop)
        w, x, y, z = seen.truth.quat_segment_to_sensor
        limb = Rotation.from_quat([x, y, z, w]).apply([0.0, 1.0, 0.0])
        turn = Rotation.from_rotvec(np.radians(stray_deg) * limb)
        acc, gyr = (np.where(at[:, None], turn.apply(values), values) for values in (seen.acc_m_s2, seen.gyr_rad_s))
        turned.append(yaw_error_deg(seen, align(seen.time_s, acc, gyr, "right", "thigh")))
    assert turned[1] == pytest.approx(turned[0], abs=0.6)


@pytest.mark.parametrize("exercise", ["straight-leg-raise", "hip-abduction", "prone-hip-extension", "clamshell"])
@pytest.mark.parametrize("mount", ["thigh", "shin"])
@pytest.mark.parametrize("seed", [1, 2])
def test_exercise_on_the_floor_is_not_taken_for_an_alignment(exercise: str, mount: str, seed: int) -> None:
    seen = simulate(Scenario(exercise=exercise, mount=mount, reps=6, seed=seed, before=(Activity("stand", 4.0),)))
    with pytest.raises(CalibrationError):
        align(seen.time_s, seen.acc_m_s2, seen.gyr_rad_s, "right", mount)  # type: ignore[arg-type]
