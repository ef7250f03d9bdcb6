"""Both boxes of a leg aligned from any recording of it: which pose is standing, which way is forward."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from calibration import functional as f
from calibration.errors import CalibrationError
from calibration.frames import FloatArray, matrix_of
from calibration.leg import RATE_HZ, Knee, Leg
from firmware_sim import Activity, Scenario, Simulation, simulate_pair

TURN = Rotation.from_rotvec([0.7, -1.1, 0.4])
"""How a box sits: every component of every vector counts."""
BELOW = Knee(TURN.apply([0.0, 0.15, 0.0]), TURN.apply([0.0, -0.12, 0.0]))
"""The knee is below the thigh's box and above the shin's, for boxes turned so."""


def up(forward_deg: float, aside_deg: float = 0.0) -> FloatArray:
    """Up in the box of a segment (Y long) that leans."""
    a, b = np.radians(forward_deg), np.radians(aside_deg)
    return TURN.apply([np.sin(a) * np.cos(b), np.cos(a) * np.cos(b), np.sin(b)])


def pose(thigh_deg: float, shin_deg: float = 0.0, at_s: float = 0.0, held_s: float = 1.0) -> f._Pose:
    return f._Pose((up(thigh_deg), up(shin_deg)), at_s, held_s)


# --- which pose is standing ------------------------------------------------------------------------------------------


def test_who_lies_or_sits_and_also_stands_is_straight_when_standing() -> None:
    poses = [pose(90.0), pose(80.0, 5.0), pose(2.0, -2.0)]
    assert f._choose(poses, BELOW, standing_first=False) is poses[2]


@pytest.mark.parametrize(("seated_deg", "seen"), [(44.0, False), (47.0, True)])
def test_standing_is_told_only_against_a_pose_that_is_far_from_it(seated_deg: float, seen: bool) -> None:
    poses = [pose(seated_deg), pose(0.0)]
    if seen:
        assert f._choose(poses, BELOW, standing_first=False) is poses[1]
        return
    with pytest.raises(CalibrationError) as caught:
        f._choose(poses, BELOW, standing_first=False)
    assert caught.value.code == "no-standing"


@pytest.mark.parametrize(("height_m", "seen"), [(0.06, True), (0.04, False)])
def test_in_standing_both_boxes_are_well_away_from_the_knee(height_m: float, seen: bool) -> None:
    poses = [pose(90.0), pose(0.0)]
    for knee in (Knee(TURN.apply([0, height_m, 0]), BELOW.shin_m), Knee(BELOW.thigh_m, TURN.apply([0, -height_m, 0]))):
        if seen:
            assert f._choose(poses, knee, standing_first=False) is poses[1]
        else:
            with pytest.raises(CalibrationError, match="not seen standing"):
                f._choose(poses, knee, standing_first=False)


@pytest.mark.parametrize(("far_m", "seen"), [(0.31, True), (0.33, False)])
def test_a_joint_that_is_far_from_a_box_is_not_the_knee(far_m: float, seen: bool) -> None:
    """A leg that is moved with a straight knee goes round the hip as one piece."""
    poses = [pose(90.0), pose(0.0)]
    far = Knee(BELOW.thigh_m, TURN.apply([0.0, -far_m, 0.0]))
    if seen:
        assert f._choose(poses, far, standing_first=False) is poses[1]
    else:
        with pytest.raises(CalibrationError, match="not seen standing"):
            f._choose(poses, far, standing_first=False)


def test_boxes_that_are_exchanged_are_told() -> None:
    exchanged = Knee(TURN.apply([0.0, -0.12, 0.0]), TURN.apply([0.0, 0.15, 0.0]))
    with pytest.raises(CalibrationError) as caught:
        f._choose([pose(0.0), pose(50.0, -20.0)], exchanged, standing_first=True)
    assert caught.value.code == "exchanged"


@pytest.mark.parametrize(
    "knee",
    [
        Knee(TURN.apply([0.0, -0.03, 0.0]), TURN.apply([0.0, 0.03, 0.0])),
        Knee(TURN.apply([0.0, 0.02, 0.0]), TURN.apply([0.0, 0.30, 0.0])),
    ],
)
def test_boxes_are_not_called_exchanged_for_little(knee: Knee) -> None:
    assert f._choose([pose(0.0)], knee, standing_first=True).at_s == 0.0


def test_one_pose_that_can_be_is_enough_not_to_call_boxes_exchanged() -> None:
    f._refuse_exchanged([(-0.2, -0.2), (0.15, 0.1)])
    with pytest.raises(CalibrationError):
        f._refuse_exchanged([(-0.2, -0.2), (-0.15, -0.1)])


def test_who_trains_standing_stands_in_the_first_pose_held_for_a_while() -> None:
    usual, first = pose(0.0, at_s=9.0, held_s=3.0), pose(8.0, at_s=1.0, held_s=2.0)
    assert f._choose([usual, first], BELOW, standing_first=True) is first


@pytest.mark.parametrize(
    ("thigh_deg", "held_s", "stands"),
    [(8.0, 1.4, False), (8.0, 1.6, True), (39.0, 2.0, True), (41.0, 2.0, False)],
)
def test_the_bottom_of_a_rep_is_shorter_or_farther(thigh_deg: float, held_s: float, stands: bool) -> None:
    usual, other = pose(0.0, at_s=9.0, held_s=3.0), pose(thigh_deg, at_s=1.0, held_s=held_s)
    assert (f._choose([usual, other], BELOW, standing_first=True) is other) is stands


def test_who_usually_sat_stood_where_the_box_was_much_higher() -> None:
    sat, stood = pose(88.0, at_s=1.0, held_s=4.0), pose(0.0, at_s=20.0, held_s=2.0)
    assert f._choose([sat, stood], BELOW, standing_first=True) is stood


def test_but_not_where_it_was_hardly_higher() -> None:
    low = Knee(TURN.apply([0.0, 0.045, 0.0]), BELOW.shin_m)
    sat, stood = pose(88.0, at_s=1.0, held_s=4.0), pose(0.0, at_s=20.0, held_s=2.0)
    assert f._choose([sat, stood], low, standing_first=True) is sat


def test_who_kneels_does_not_stand() -> None:
    poses = [pose(88.0), pose(0.0, 100.0), pose(1.0, 1.0)]
    assert f._choose(poses, BELOW, standing_first=False) is poses[2]


@pytest.mark.parametrize(
    ("knee", "standing"),
    [
        (Knee(TURN.apply([0.03, 0.06, 0.0]), BELOW.shin_m), pose(0.0, at_s=20.0)),  # the thigh's box hardly rises
        (BELOW, pose(0.0, 85.0, at_s=20.0)),  # it does, but the shin's sinks as much
    ],
)
def test_a_box_must_be_much_higher_for_the_usual_pose_to_be_seated(knee: Knee, standing: f._Pose) -> None:
    sat = pose(88.0, at_s=1.0, held_s=4.0)
    assert f._choose([sat, standing], knee, standing_first=True) is sat


# --- poses -----------------------------------------------------------------------------------------------------------


def leg(thigh_deg: FloatArray, shin_deg: FloatArray) -> Leg:
    """Tilts of both segments, each tick at ``RATE_HZ``, in the sagittal plane; nothing is turning."""
    count = len(thigh_deg)
    ups = tuple(np.array([up(deg) for deg in degs]) for degs in (thigh_deg, shin_deg))
    zero = np.zeros((count, 3))
    quats = tuple(
        np.array(
            [np.roll((Rotation.from_euler("y", deg, degrees=True) * STAND * TURN.inv()).as_quat(), 1) for deg in d]
        )
        for d in (thigh_deg, shin_deg)
    )
    return Leg(np.arange(count) / RATE_HZ, (zero, zero), (zero, zero), quats, (ups[0], ups[1]), (zero, zero))  # type: ignore[arg-type]


STAND = Rotation.from_euler("x", 90.0, degrees=True)
"""A segment (Y long) upright in a world whose Z is up; its X points along the world's."""


def held(*spans: tuple[float, float, float]) -> Leg:
    """Poses (thigh, shin) in deg, held for so many seconds each."""
    parts = [(np.full(round(s * RATE_HZ), t), np.full(round(s * RATE_HZ), k)) for t, k, s in spans]
    return leg(*(np.concatenate(both) for both in zip(*parts, strict=True)))


def test_the_pose_held_longest_comes_first_each_with_when_it_was_first_held() -> None:
    poses = f._find_poses(held((0.0, 0.0, 2.0), (60.0, -20.0, 6.0), (0.0, 0.0, 1.0)))
    assert len(poses) == 2
    assert [found.at_s for found in poses] == pytest.approx([2.0, 0.0], abs=0.03)
    assert poses[0].up[0] == pytest.approx(up(60.0), abs=0.01)
    assert poses[0].up[1] == pytest.approx(up(-20.0), abs=0.01)
    assert [found.held_s for found in poses] == pytest.approx([f.LONGEST_HELD_S, 2.0], abs=0.03)


@pytest.mark.parametrize(("apart_deg", "count"), [(7.0, 1), (9.0, 2)])
def test_poses_eight_degrees_apart_are_different(apart_deg: float, count: int) -> None:
    assert len(f._find_poses(held((0.0, 0.0, 3.0), (apart_deg, 0.0, 2.0)))) == count
    assert len(f._find_poses(held((0.0, 0.0, 3.0), (0.0, apart_deg, 2.0)))) == count


@pytest.mark.parametrize(("seconds", "count"), [(0.36, 1), (0.44, 2)])
def test_a_pose_is_held_for_four_tenths_of_a_second(seconds: float, count: int) -> None:
    assert len(f._find_poses(held((0.0, 0.0, 3.0), (40.0, 0.0, seconds)))) == count


def test_a_passing_touch_of_a_pose_does_not_count_as_held() -> None:
    found = f._find_poses(held((0.0, 0.0, 0.3), (60.0, 0.0, 1.0), (0.0, 0.0, 2.0)))
    assert found[0].at_s == pytest.approx(1.3, abs=0.03)


@pytest.mark.parametrize(("rate_deg_s", "count"), [(24.0, 2), (49.0, 1), (51.0, 0)])
def test_a_pose_is_quiet_and_only_in_need_half_as_quiet(rate_deg_s: float, count: int) -> None:
    quiet = held((0.0, 0.0, 2.0), (60.0, 0.0, 2.0))
    rate = np.zeros_like(quiet.gyr[0])
    rate[:, 1] = np.radians(rate_deg_s)
    if rate_deg_s == 49.0:  # both poses, though restless, are found when the limit is doubled
        count = 2
    for gyr in ((rate, 0.0 * rate), (0.0 * rate, rate)):
        restless = Leg(quiet.time_s, quiet.acc, gyr, quiet.quat, quiet.up, quiet.lever)
        assert len(f._find_poses(restless)) == count


# --- planes and signs ------------------------------------------------------------------------------------------------


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


# --- whole people ----------------------------------------------------------------------------------------------------


@cache
def person(exercise: str, side: str = "left") -> tuple[Simulation, Simulation]:
    return simulate_pair(
        Scenario(exercise=exercise, side=side, mount="both", reps=6, seed=31, variation=0.3, style=0.3, rate_hz=50.0,
                 before=(Activity("stand", 4.0),), after=(Activity("stand", 3.0),))
    )  # fmt: skip


def recorded(seen: Simulation) -> tuple[FloatArray, FloatArray, FloatArray]:
    return seen.time_s, seen.acc_m_s2, seen.gyr_rad_s


def off_deg(quat: tuple[float, float, float, float], seen: Simulation) -> FloatArray:
    """Error of a frame about its segment's X, Y and Z, deg (3,)."""
    w, x, y, z = seen.truth.quat_segment_to_sensor
    true = Rotation.from_quat([x, y, z, w])
    return np.asarray((true.inv() * Rotation.from_matrix(matrix_of(quat))).as_rotvec(degrees=True))


@pytest.mark.parametrize(
    ("exercise", "sagittal", "yaw_deg"),
    [("squat", True, 4.0), ("lunge", True, 4.0), ("terminal-knee-extension", True, 4.0), ("monster-walk", False, 15.0)],
)
@pytest.mark.parametrize("side", ["left", "right"])
def test_both_frames_are_found_from_what_is_done_standing(
    exercise: str, sagittal: bool, yaw_deg: float, side: str
) -> None:
    thigh, shin = person(exercise, side)
    found = f.align_pair(recorded(thigh), recorded(shin), standing_first=True, sagittal=sagittal)
    assert found.straight_s < 4.0
    assert found.yaw_uncertainty_deg == ((5.0, 5.0) if sagittal else (15.0, 15.0))
    for quat, seen in zip((found.thigh, found.shin), (thigh, shin), strict=True):
        x, y, z = np.abs(off_deg(quat, seen))
        assert max(x, z) < 4.0
        assert y < yaw_deg


def test_who_sets_out_from_a_half_squat_stood_before() -> None:
    found = f.align_pair(*map(recorded, person("lateral-walk")), standing_first=True, sagittal=False)
    assert found.straight_s < 4.0


def test_a_leg_that_hardly_moves_can_not_be_aligned() -> None:
    thigh, shin = simulate_pair(Scenario(mount="both", reps=0, seed=31, before=(Activity("stand", 12.0),)))
    with pytest.raises(CalibrationError) as caught:
        f.align_pair(recorded(thigh), recorded(shin), standing_first=True)
    assert caught.value.code == "too-little-motion"


def test_who_is_only_seen_seated_is_aligned_where_that_is_said() -> None:
    thigh, shin = person("knee-extension")
    begins, ends = thigh.truth.reps[0].start_s - 1.5, thigh.truth.reps[-1].end_s
    seated = [
        tuple(values[(seen.time_s > begins) & (seen.time_s < ends)] for values in recorded(seen))
        for seen in (thigh, shin)
    ]
    found = f.align_pair(*seated, seated=True)  # type: ignore[arg-type]
    assert np.abs(off_deg(found.shin, shin)).max() < 5.0
    with pytest.raises(CalibrationError) as caught:
        f.align_pair(*seated)  # type: ignore[arg-type]
    assert caught.value.code == "no-standing"
