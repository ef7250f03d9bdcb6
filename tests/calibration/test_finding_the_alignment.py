"""A person straps the box on somehow, stands still, moves as told: the alignment is found, or refused with the cure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from acted_leg import Box, Performance, Recording, record
from scipy.spatial.transform import Rotation

from calibration.alignment import AlignmentResult, Mount, Side, align
from calibration.errors import CalibrationError
from calibration.frames import matrix_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SQUATS = Performance(seed=3)
ANY_WAY = Rotation.random(rng=np.random.default_rng(20))


def found(recording: Recording, side: Side = "right", mount: Mount = "thigh") -> AlignmentResult:
    return align(recording.time_s, recording.acc, recording.gyr, side, mount)


def error_deg(result: AlignmentResult, turned: Rotation) -> tuple[float, float]:
    """Whole error, and the part of it about the long axis."""
    error = (turned.inv() * Rotation.from_matrix(matrix_of(result.quat_segment_to_sensor))).as_rotvec(degrees=True)
    return float(np.linalg.norm(error)), abs(float(error[1]))


def refused(recording: Recording, side: Side = "right", mount: Mount = "thigh") -> CalibrationError:
    with pytest.raises(CalibrationError) as caught:
        found(recording, side, mount)
    assert caught.value.advice
    return caught.value


def after(first: Recording, second: Recording) -> Recording:
    """One recording after another."""
    shift = first.time_s[-1] + 0.01 - second.time_s[0]
    return Recording(
        np.concatenate((first.time_s, second.time_s + shift)),
        np.concatenate((first.acc, second.acc)),
        np.concatenate((first.gyr, second.gyr)),
        Rotation.concatenate((first.bone, second.bone)),
        np.concatenate((first.share, second.share)),
    )


# --- found ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("kind", "mount", "movement"),
    [
        ("squat", "thigh", "squat"),
        ("squat", "shin", "squat"),
        ("raise", "thigh", "raise"),
        ("extension", "shin", "swing"),
        ("swing", "thigh", "raise"),
        ("swing", "shin", "swing"),
    ],
)
def test_the_frame_is_found_however_the_box_is_turned(side: Side, kind: str, mount: Mount, movement: str) -> None:
    for turn in Rotation.random(3, rng=np.random.default_rng(11)):
        result = found(record(replace(SQUATS, kind=kind), Box(side, mount, turn)), side, mount)
        whole, about_limb = error_deg(result, turn)
        assert whole < 1.5
        assert about_limb < 1.2
        assert result.movement == movement
        assert (result.quality, result.movements) == ("good", 5)


@pytest.mark.parametrize("rate_hz", [25.0, 50.0, 100.0, 200.0])
def test_any_rate_will_do(rate_hz: float) -> None:
    result = found(record(SQUATS, Box(turned=ANY_WAY, rate_hz=rate_hz)))
    assert error_deg(result, ANY_WAY)[0] < 1.5


def test_turning_the_box_turns_the_answer_and_nothing_else() -> None:
    ideal = Box(gyr_bias_deg_s=0.0, acc_offset_m_s2=0.0, noise=0.0)
    straight = found(record(SQUATS, ideal))
    turned = found(record(SQUATS, replace(ideal, turned=ANY_WAY)))
    difference = matrix_of(turned.quat_segment_to_sensor) @ matrix_of(straight.quat_segment_to_sensor).T
    assert (ANY_WAY.inv() * Rotation.from_matrix(difference)).magnitude() < np.radians(0.05)


def test_a_leg_that_turns_in_as_it_bends_does_not_turn_the_frame() -> None:
    """The principal axis of the angular rate would be 3 deg off here."""
    result = found(record(replace(SQUATS, inward_deg=(7.0,), sway_deg=0.0), Box(turned=ANY_WAY)))
    assert error_deg(result, ANY_WAY)[1] < 0.7


def test_jitter_and_short_gaps_do_no_harm() -> None:
    whole = record(SQUATS, Box(turned=ANY_WAY))
    rng = np.random.default_rng(4)
    kept = np.sort(rng.choice(len(whole.time_s), round(0.97 * len(whole.time_s)), replace=False))
    time_s = whole.time_s[kept] + rng.uniform(-0.001, 0.001, len(kept))
    result = align(time_s, whole.acc[kept], whole.gyr[kept], "right", "thigh")
    assert error_deg(result, ANY_WAY)[0] < 1.5


def test_samples_that_are_no_numbers_are_left_out() -> None:
    whole = record(SQUATS, Box(turned=ANY_WAY))
    acc = whole.acc.copy()
    acc[::50] = np.nan
    assert error_deg(align(whole.time_s, acc, whole.gyr, "right", "thigh"), ANY_WAY)[0] < 1.5


def test_what_comes_after_a_pause_is_exercise_and_not_used() -> None:
    box = Box(turned=ANY_WAY)
    exercise = record(replace(SQUATS, medial_deg=(9.0,), moves=6, stand_s=6.0, seed=8), box)
    result = found(after(record(SQUATS, box), exercise))
    assert result.movements == 5
    assert error_deg(result, ANY_WAY)[1] < 1.2


def test_fidgeting_before_standing_still_is_not_used() -> None:
    box = Box(turned=ANY_WAY)
    fidgeting = record(Performance(moves=1, range_deg=20.0, stand_s=0.6, sway_deg=6.0, after_s=6.0), box)
    result = found(after(fidgeting, record(SQUATS, box)))
    assert error_deg(result, ANY_WAY)[1] < 1.2


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_a_lift_to_the_side_confirms_the_side(side: Side, mount: Mount) -> None:
    lifted = record(replace(SQUATS, lift_deg=25.0), Box(side, mount, ANY_WAY))
    plain = record(SQUATS, Box(side, mount, ANY_WAY))
    assert found(lifted, side, mount).side_seen
    assert not found(plain, side, mount).side_seen


def test_uneven_movements_make_it_fair_and_less_sure() -> None:
    even = found(record(SQUATS, Box()))
    uneven = found(record(replace(SQUATS, medial_deg=(4.0, -4.0, 4.0, -3.0, 3.0)), Box()))
    assert (even.quality, uneven.quality) == ("good", "fair")
    assert uneven.yaw_uncertainty_deg > even.yaw_uncertainty_deg + 0.2
    assert any("knee over the second toe" in warning for warning in uneven.warnings)


def test_an_accelerometer_that_is_off_is_used_and_named() -> None:
    recording = record(SQUATS, Box(turned=ANY_WAY))
    result = found(replace(recording, acc=1.05 * recording.acc))
    assert error_deg(result, ANY_WAY)[0] < 1.5
    assert result.gravity_m_s2 == pytest.approx(1.05 * 9.80665, abs=0.1)
    assert any("at rest and not 9.81" in warning for warning in result.warnings)


# --- the reference that the squats themselves give --------------------------------------------------------------------


def test_guided_squats_are_a_reference_near_zero() -> None:
    result = found(record(SQUATS, Box(turned=ANY_WAY)))
    assert result.reference is not None
    assert abs(result.reference.tilt_deg) < 1.0
    assert result.reference.range_deg == pytest.approx(45.0, abs=3.0)


def test_swings_are_no_reference_for_a_squat() -> None:
    assert found(record(replace(SQUATS, kind="extension"), Box(mount="shin")), mount="shin").reference is None


# --- refused ----------------------------------------------------------------------------------------------------------


def test_no_still_standing() -> None:
    restless = record(replace(SQUATS, stand_s=1.0, pause_s=0.1, after_s=0.1), Box())
    assert refused(restless).code == "not-still"


def test_nothing_but_standing() -> None:
    assert refused(record(replace(SQUATS, moves=0), Box())).code == "too-little-motion"


def test_too_few_movements() -> None:
    error = refused(record(replace(SQUATS, moves=2), Box()))
    assert (error.code, "told from the recording: 2" in error.what) == ("too-little-motion", True)


def test_too_small_movements() -> None:
    assert refused(record(replace(SQUATS, range_deg=14.0), Box())).code == "too-little-motion"


def test_too_fast_movements() -> None:
    hurried = replace(SQUATS, out_s=0.4, back_s=0.4, range_deg=30.0)
    assert refused(record(hurried, Box())).code == "too-fast"


def test_a_wobbling_axis() -> None:
    wobbling = replace(SQUATS, medial_deg=(9.0, -9.0, 8.0, -8.0, 9.0))
    assert refused(record(wobbling, Box(turned=ANY_WAY))).code == "axis-wobble"


def test_a_tilted_stance() -> None:
    """The leg stands 13 deg out to the side and bends in that plane: its path is bowed."""
    assert refused(record(replace(SQUATS, stance_out_deg=13.0), Box())).code == "tilted-stance"


def test_a_strap_that_slips_meanwhile() -> None:
    slipping = Box(slip_deg=14.0, slip_at_s=9.5)
    assert refused(record(SQUATS, slipping)).code == "strap-moved"


@pytest.mark.parametrize(("truly", "said"), [("thigh", "shin"), ("shin", "thigh")])
def test_the_wrong_mount(truly: Mount, said: Mount) -> None:
    error = refused(record(SQUATS, Box(mount=truly, turned=ANY_WAY)), mount=said)
    assert (error.code, f"--mount {truly}" in error.advice) == ("wrong-mount", True)


@pytest.mark.parametrize(("truly", "said"), [("left", "right"), ("right", "left")])
def test_the_wrong_side(truly: Side, said: Side) -> None:
    error = refused(record(replace(SQUATS, lift_deg=25.0), Box(side=truly, turned=ANY_WAY)), side=said)
    assert (error.code, f"--side {truly}" in error.advice) == ("wrong-side", True)


def test_a_gap_in_the_movements() -> None:
    whole = record(SQUATS, Box())
    keep = (whole.time_s < 6.0) | (whole.time_s > 6.5)
    with pytest.raises(CalibrationError) as caught:
        align(whole.time_s[keep], whole.acc[keep], whole.gyr[keep], "right", "thigh")
    assert caught.value.code == "gap"


@pytest.mark.parametrize(("acc_factor", "gyr_factor", "code"), [(1 / 9.81, 1.0, "acc-unit"), (1.0, 57.3, "gyr-unit")])
def test_the_wrong_unit(acc_factor: float, gyr_factor: float, code: str) -> None:
    whole = record(SQUATS, Box())
    assert refused(replace(whole, acc=acc_factor * whole.acc, gyr=gyr_factor * whole.gyr)).code == code


def test_a_recording_that_is_too_short() -> None:
    assert refused(record(SQUATS, Box()).cut(0.0, 3.0)).code == "too-short"


def test_arrays_that_do_not_fit_are_a_mistake_of_the_program() -> None:
    whole = record(SQUATS, Box())
    with pytest.raises(ValueError, match=r"\(n, 3\)"):
        align(whole.time_s, whole.acc[:, :2], whole.gyr, "right", "thigh")


@pytest.mark.skipif(not DATA.is_dir(), reason="the real recordings are not beside the project")
@pytest.mark.parametrize(
    "name", ["qmt/stand_sit_walk_right", "uci/s1_hip-abduction_right", "uci/s1_prone-hip-extension_right"]
)
@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_walking_and_lying_people_are_not_aligned(name: str, mount: Mount) -> None:
    ending = "" if name.startswith("qmt") else "_template_session"
    rows = np.loadtxt(DATA / f"{name}_{mount}{ending}.csv", delimiter=",", skiprows=1)
    with pytest.raises(CalibrationError):
        align(rows[:, 0], rows[:, 1:4], rows[:, 4:7], "right", mount)
