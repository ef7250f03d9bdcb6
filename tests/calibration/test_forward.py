"""Which way is forward: the planes in which the segments swing, and their signs."""

from __future__ import annotations

import numpy as np
import pytest
from boxes import BELOW, STAND, TURN, held, leg, pose, up
from scipy.spatial.transform import Rotation

from calibration import functional as f
from calibration.errors import CalibrationError
from calibration.frames import FloatArray, matrix_of
from calibration.leg import RATE_HZ, Leg


def swung(low_deg: float, high_deg: float, aside_deg: float = 0.0, seconds: float = 12.0) -> FloatArray:
    """Up in the box while the segment swings between both, in a plane turned aside."""
    wave = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(0.0, seconds, 1.0 / RATE_HZ) / 2.0)
    tilt = np.radians(low_deg + (high_deg - low_deg) * wave)
    turn = np.radians(aside_deg)
    return TURN.apply(np.column_stack((np.sin(tilt) * np.cos(turn), np.cos(tilt), np.sin(tilt) * np.sin(turn))))


@pytest.mark.parametrize("aside_deg", [0.0, 25.0, -40.0])
def test_a_segment_swings_in_its_plane(aside_deg: float) -> None:
    way, reach = f._plane(swung(-10.0, 40.0, aside_deg), up(0.0), True)
    turn = np.radians(aside_deg)
    expected = TURN.apply([np.cos(turn), 0.0, np.sin(turn)])
    assert abs(float(way @ expected)) == pytest.approx(1.0, abs=1e-3)
    assert float(way @ up(0.0)) == pytest.approx(0.0, abs=1e-9)
    assert reach == pytest.approx(40.0, abs=1.5)


def test_how_a_segment_leans_for_long_is_posture_and_not_its_plane() -> None:
    leaning = swung(-8.0, 8.0)
    half = len(leaning) // 2
    leaning[:half] = TURN.apply(Rotation.from_euler("x", 25.0, degrees=True).apply(TURN.inv().apply(leaning[:half])))
    front = TURN.apply([1.0, 0.0, 0.0])
    assert abs(float(f._plane(leaning, up(0.0), True)[0] @ front)) > 0.9
    assert abs(float(f._plane(leaning, up(0.0), False)[0] @ front)) < 0.5


@pytest.mark.parametrize(("low_deg", "high_deg", "sign"), [(-10.0, 40.0, 1.0), (-40.0, 10.0, -1.0)])
def test_the_longer_way_and_by_how_many_times(low_deg: float, high_deg: float, sign: float) -> None:
    front = TURN.apply([1.0, 0.0, 0.0])
    for given in (front, -front):
        way, times = f._longer_way(swung(low_deg, high_deg), given)
        assert way == pytest.approx(sign * front)
        assert times == pytest.approx(np.sin(np.radians(40.0)) / np.sin(np.radians(10.0)), rel=0.05)


def test_a_segment_that_swings_one_way_only_is_not_infinitely_lopsided() -> None:
    assert f._longer_way(swung(0.0, 30.0), TURN.apply([1.0, 0.0, 0.0]))[1] == pytest.approx(0.5 / 0.02, rel=0.05)


def test_the_knee_bends_by_what_the_segments_differ_in() -> None:
    fronts = [TURN.apply([1.0, 0.0, 0.0])] * 2
    bends = f._bend_deg(held((50.0, -20.0, 0.1), (170.0, -170.0, 0.1)), pose(0.0), fronts)
    assert bends[0] == pytest.approx(70.0)
    assert bends[-1] == pytest.approx(-20.0)  # the short way round


@pytest.mark.parametrize(("flipped", "agreement"), [(False, 1.0), (True, -1.0)])
def test_fronts_agree_when_the_knee_accelerates_along_both(flipped: bool, agreement: float) -> None:
    still = held((0.0, 0.0, 4.0))
    level = np.random.default_rng(3).normal(size=(len(still.time_s), 2))
    front = TURN.apply([1.0, 0.0, 0.0])
    assert f._agreement(still, [front, -front if flipped else front], (level, level)) == pytest.approx(agreement)


def test_fronts_do_not_agree_when_the_knee_goes_another_way_at_each() -> None:
    still, rng = held((0.0, 0.0, 20.0)), np.random.default_rng(3)
    one, other = rng.normal(size=(2, len(still.time_s), 2))
    front = TURN.apply([1.0, 0.0, 0.0])
    assert abs(f._agreement(still, [front, front], (one, other))) < 0.15


@pytest.mark.parametrize("turn_deg", [0.0, 50.0, -120.0])
def test_the_heading_between_the_filters_is_that_of_the_knees_acceleration(turn_deg: float) -> None:
    still, rng = held((0.0, 0.0, 4.0)), np.random.default_rng(4)
    pull = np.column_stack((rng.normal(size=(len(still.time_s), 2)), np.full(len(still.time_s), 9.81)))
    turned = Rotation.from_euler("z", turn_deg, degrees=True)
    in_box = (STAND * TURN.inv()).inv()
    # the shin's world is the thigh's, turned
    acc = (in_box.apply(turned.apply(pull)), in_box.apply(pull))
    no_lever = np.zeros((len(still.time_s), 3, 3))
    seen = Leg(still.time_s, acc, still.gyr, still.quat, still.up, (no_lever, no_lever))
    heading, (one, other) = f._knee_heading(seen, BELOW)
    assert np.degrees(heading) == pytest.approx(turn_deg, abs=0.01)
    assert one.mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)
    assert np.degrees(np.arctan2(one[0] @ [-other[0, 1], other[0, 0]], one[0] @ other[0])) == pytest.approx(turn_deg)
    front = TURN.apply([1.0, 0.0, 0.0])
    carried = f._by_heading(seen, pose(0.0), front, 0, heading)
    expected = in_box.apply(turned.apply((STAND * TURN.inv()).apply(front)))
    assert carried == pytest.approx(expected, abs=1e-6)
    back = f._by_heading(seen, pose(0.0), carried, 1, heading)
    assert back == pytest.approx(front, abs=1e-6)


def test_the_box_turning_about_the_knee_is_no_acceleration_of_the_knee() -> None:
    still, rng = held((0.0, 0.0, 4.0)), np.random.default_rng(4)
    levers = (rng.normal(size=(len(still.time_s), 3, 3)), rng.normal(size=(len(still.time_s), 3, 3)))
    pull = (STAND * TURN.inv()).inv().apply(rng.normal(size=(len(still.time_s), 3)))
    acc = (pull + levers[0] @ BELOW.thigh_m, pull + levers[1] @ BELOW.shin_m)
    heading, (one, other) = f._knee_heading(Leg(still.time_s, acc, still.gyr, still.quat, still.up, levers), BELOW)
    assert np.degrees(heading) == pytest.approx(0.0, abs=0.01)
    assert one == pytest.approx(other)


def swinging(thigh_deg: tuple[float, float], shin_deg: tuple[float, float], pulled: bool = False) -> Leg:
    """Both segments go from the first to the second tilt and back, six times; the knee is pulled to and fro."""
    wave = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(0.0, 12.0, 1.0 / RATE_HZ) / 2.0)
    seen = leg(*(low + (high - low) * wave for low, high in (thigh_deg, shin_deg)))
    if not pulled:
        return seen
    pull = np.column_stack((np.sin(7.0 * seen.time_s), 0.0 * seen.time_s, 0.0 * seen.time_s))
    acc = tuple(Rotation.from_quat(np.roll(quat, -1, axis=1)).inv().apply(pull) for quat in seen.quat)
    return Leg(seen.time_s, (acc[0], acc[1]), seen.gyr, seen.quat, seen.up, _no_levers(seen))


def _no_levers(seen: Leg) -> tuple[FloatArray, FloatArray]:
    none = np.zeros((len(seen.time_s), 3, 3))
    return none, none


def framed(seen: Leg, standing_first: bool) -> f._Frames:
    seen = Leg(seen.time_s, seen.acc, seen.gyr, seen.quat, seen.up, _no_levers(seen))
    return f._assemble(seen, pose(0.0), BELOW, standing_first, True)


@pytest.mark.parametrize("standing_first", [True, False])
@pytest.mark.parametrize("pulled", [True, False])
def test_in_a_squat_the_thigh_tilts_forward_and_the_shin_back(standing_first: bool, pulled: bool) -> None:
    frames = framed(swinging((0.0, 40.0), (0.0, -25.0), pulled), standing_first)
    for frame in (frames.thigh, frames.shin):
        assert frame == pytest.approx(TURN.as_matrix(), abs=1e-3)
    assert frames.doubts == ()
    assert frames.yaw_sd_deg == (5.0, 5.0)


def test_a_knee_that_is_pulled_tells_the_front_where_both_segments_swing_evenly() -> None:
    frames = framed(swinging((-20.0, 30.0), (25.0, -35.0), pulled=True), False)
    assert frames.thigh == pytest.approx(TURN.as_matrix(), abs=1e-3)
    assert frames.shin == pytest.approx(TURN.as_matrix(), abs=1e-3)
    assert frames.doubts == ()


@pytest.mark.parametrize(("back_deg", "doubts"), [(-10.7, 0), (-12.0, 1)])
def test_without_a_pull_a_segment_that_swings_two_and_a_half_times_farther_one_way_tells_it(
    back_deg: float, doubts: int
) -> None:
    frames = framed(swinging((back_deg, 28.0), (0.0, -28.0)), False)
    assert len(frames.doubts) == doubts
    assert frames.thigh == pytest.approx(TURN.as_matrix(), abs=1e-3)


@pytest.mark.parametrize("little", ["thigh", "shin"])
def test_a_segment_that_hardly_tilts_takes_its_front_from_the_other(little: str) -> None:
    tilts = ((0.0, 9.0), (0.0, -40.0)) if little == "thigh" else ((0.0, 40.0), (0.0, -9.0))
    frames = framed(swinging(*tilts), True)
    assert frames.thigh == pytest.approx(TURN.as_matrix(), abs=1e-3)
    assert frames.shin == pytest.approx(TURN.as_matrix(), abs=1e-3)
    assert frames.doubts == (f"the {little} hardly tilts: its front is that of the other segment",)
    assert frames.yaw_sd_deg == ((10.0, 5.0) if little == "thigh" else (5.0, 10.0))


def test_a_shin_that_hangs_and_is_extended_from_a_thigh_at_rest() -> None:
    seen = swinging((90.0, 90.0), (0.0, 80.0))
    poses = [pose(90.0, 0.0, at_s=3.0), pose(90.0, 0.0, at_s=0.0)]
    found = f._hanging(seen, poses)
    assert matrix_of(found.shin) == pytest.approx(TURN.as_matrix(), abs=1e-3)
    # at the straightest that is seen the thigh is still 10 deg ahead of the shin
    ten = Rotation.from_euler("z", -10.0, degrees=True)
    assert (Rotation.from_matrix(matrix_of(found.thigh)) * (TURN * ten).inv()).magnitude() < np.radians(1.5) or (
        Rotation.from_matrix(matrix_of(found.thigh)) * (TURN * ten.inv()).inv()
    ).magnitude() < np.radians(1.5)
    assert found.yaw_uncertainty_deg == (15.0, 5.0)
    assert found.doubts


@pytest.mark.parametrize(("thigh_deg", "shin_deg"), [((90.0, 90.0), (0.0, 7.0)), ((40.0, 90.0), (0.0, 80.0))])
def test_but_not_from_a_shin_that_hardly_moves_or_a_thigh_that_does(
    thigh_deg: tuple[float, float], shin_deg: tuple[float, float]
) -> None:
    with pytest.raises(CalibrationError) as caught:
        f._hanging(swinging(thigh_deg, shin_deg), [pose(90.0)])
    assert caught.value.code == "no-standing"
