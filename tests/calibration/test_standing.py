"""Which of the poses in a recording is standing, and what is a pose."""

from __future__ import annotations

import numpy as np
import pytest
from boxes import BELOW, TURN, held, pose, up

from calibration import functional as f
from calibration.errors import CalibrationError
from calibration.leg import Knee, Leg


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
