"""The strap is watched during the session: slips are told, turning people and drifting knees are not slips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from acted_leg import Box, Performance, record
from scipy.spatial.transform import Rotation

from calibration.alignment import align
from calibration.frames import FloatArray, quaternion_of, segment_axes
from calibration.moves import find_moves, find_still
from calibration.observation import observe
from calibration.recheck import StrapCheck, StrapMoved

TURNED = Rotation.random(rng=np.random.default_rng(9))
SET = Performance(moves=10, range_deg=40.0, seed=5)
Rep = tuple[float, FloatArray]


def session(performance: Performance = SET, box: Box | None = None) -> tuple[StrapCheck, list[Rep]]:
    """A check with the wearer's alignment, and the reps of a session: end and quaternions."""
    box = box or Box(turned=TURNED)
    moves = record(Performance(seed=1), replace(box, slip_deg=0.0))
    aligned = align(moves.time_s, moves.acc, moves.gyr, "right", "thigh")
    recording = record(performance, box)
    seen = observe(recording.time_s, recording.acc, recording.gyr)
    found = find_moves(seen, find_still(seen)[0])
    reps = [(float(seen.time_s[m.stop - 1]), seen.quat_sensor_to_world[m.start : m.stop]) for m in found]
    return StrapCheck(aligned.quat_segment_to_sensor), reps


def told(check: StrapCheck, reps: list[Rep]) -> list[StrapMoved]:
    frame = quaternion_of(check._frame)
    said = (check.rep(end_s, segment_axes(quat, frame)) for end_s, quat in reps)
    return [moved for moved in said if moved is not None]


def turned_by(quat: FloatArray, heading_deg: float) -> FloatArray:
    """The same rep by a person who faces another way."""
    turn = Rotation.from_euler("Z", heading_deg, degrees=True)
    return np.asarray((turn * Rotation.from_quat(quat[:, [1, 2, 3, 0]])).as_quat()[:, [3, 0, 1, 2]])


def test_a_strap_that_holds_is_left_in_peace() -> None:
    check, reps = session()
    assert len(reps) == 10
    assert told(check, reps) == []


@pytest.mark.parametrize("slip_deg", [-12.0, 10.0, 25.0])
def test_a_slip_about_the_limb_is_told_once_within_three_reps(slip_deg: float) -> None:
    check, reps = session(SET, Box(turned=TURNED, slip_deg=slip_deg, slip_at_s=16.6))
    moved = told(check, reps)
    assert len(moved) == 1
    assert moved[0].change_deg == pytest.approx(abs(slip_deg), abs=2.5)
    whole_reps_since = [end_s for end_s, quat in reps if end_s - len(quat) / 100 > 16.6 and end_s <= moved[0].time_s]
    assert len(whole_reps_since) <= 3
    assert check.moved


def test_a_knee_that_drifts_in_is_not_a_slip() -> None:
    check, reps = session(replace(SET, medial_deg=tuple(np.linspace(0.0, 9.0, 10))))
    assert told(check, reps) == []


def test_a_slip_is_seen_behind_a_knee_that_does_as_it_likes() -> None:
    straying = tuple(np.random.default_rng(3).uniform(-3.0, 9.0, 10))
    still, slipping = Box(turned=TURNED), Box(turned=TURNED, slip_deg=16.0, slip_at_s=16.6)
    assert told(*session(replace(SET, medial_deg=straying), still)) == []
    assert len(told(*session(replace(SET, medial_deg=straying), slipping))) == 1


def test_a_person_who_turns_round_is_not_a_slip() -> None:
    check, reps = session()
    turning = [(end_s, turned_by(quat, 30.0 * (i >= 5))) for i, (end_s, quat) in enumerate(reps)]
    assert told(check, turning) == []


@pytest.mark.parametrize("drift_deg_s", [-1.0, 1.0])
def test_a_heading_that_drifts_under_a_straying_knee_is_not_a_slip(drift_deg_s: float) -> None:
    """What is left of the gyro's bias turns everything by five degrees a rep, and the knee goes in on three of them."""
    check, reps = session(replace(SET, medial_deg=(0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 9.0, 9.0, 0.0, 0.0)))
    assert told(check, [(end_s, turned_by(quat, drift_deg_s * end_s)) for end_s, quat in reps]) == []


def test_a_slip_is_seen_through_a_heading_that_drifts() -> None:
    check, reps = session(SET, Box(turned=TURNED, slip_deg=16.0, slip_at_s=16.6))
    moved = told(check, [(end_s, turned_by(quat, 0.8 * end_s)) for end_s, quat in reps])
    assert len(moved) == 1
    assert moved[0].change_deg == pytest.approx(16.0, abs=3.0)


def test_reps_long_after_are_not_compared_in_the_room() -> None:
    check, reps = session()
    later = [(end_s + 60.0 * (i >= 5), turned_by(quat, 8.0 * (i >= 5))) for i, (end_s, quat) in enumerate(reps)]
    assert told(check, later) == []


def test_a_box_put_on_another_way_round_is_told() -> None:
    check, _ = session()
    _, put_on = session(SET, Box(turned=TURNED * Rotation.from_euler("Y", 40.0, degrees=True)))
    moved = told(check, put_on)
    assert len(moved) == 1
    assert "another plane" in moved[0].detail


def test_a_shin_that_swings_ahead_and_leans_over_the_foot_is_not_a_slip() -> None:
    share = np.linspace(0.0, 1.0, 100)
    sagittal_deg = 18.0 * np.sin(2.0 * np.pi * share)
    check = StrapCheck((1.0, 0.0, 0.0, 0.0))
    for number in range(10):
        medial_deg = (-1.0) ** number * np.sin(np.pi * share) ** 2
        angles = np.stack((sagittal_deg, medial_deg), axis=1)
        upright = Rotation.from_euler("X", 90.0, degrees=True)
        quat = (upright * Rotation.from_euler("ZX", angles, degrees=True)).as_quat()[:, [3, 0, 1, 2]]
        assert check.rep(4.0 * number, np.asarray(quat)) is None


def test_a_rest_pose_that_moves_is_told_after_three_rests() -> None:
    check, _ = session()
    up = check._frame[:, 1]
    slid = Rotation.from_euler("X", 9.0, degrees=True).apply(up)
    said = [check.rest(float(i), pose) for i, pose in enumerate([up, up, up, slid, slid, slid])]
    assert [moved is not None for moved in said] == [False] * 5 + [True]
    assert said[-1] is not None
    assert 5.0 < said[-1].change_deg < 10.0


def test_one_crooked_rest_is_nothing() -> None:
    check, _ = session()
    up = check._frame[:, 1]
    crooked = Rotation.from_euler("X", 15.0, degrees=True).apply(up)
    assert all(check.rest(float(i), pose) is None for i, pose in enumerate([up, up, up, crooked, up, up, crooked, up]))


def test_a_box_that_sits_otherwise_from_the_start_is_told() -> None:
    check, _ = session()
    slid = Rotation.from_euler("X", 16.0, degrees=True).apply(check._frame[:, 1])
    assert [check.rest(float(i), slid) is not None for i in range(3)] == [False, False, True]


def test_nothing_is_learnt_from_reps_that_were_taken_back() -> None:
    check, good = session()
    _, aside = session(SET, Box(turned=TURNED * Rotation.from_euler("Y", 40.0, degrees=True)))
    for end_s, quat in aside[:4]:
        assert check.rep(end_s, quat) is None
        check.forget(end_s - len(quat) / 100, end_s)

    assert told(check, [(end_s + 40.0, quat) for end_s, quat in good]) == []


def test_a_rest_before_a_rep_that_was_taken_back_is_no_pose() -> None:
    check, _ = session()
    up = check._frame[:, 1]
    slid = Rotation.from_euler("X", 9.0, degrees=True).apply(up)
    for time_s, pose in enumerate([up, up, up, slid, slid]):
        check.rest(float(time_s), pose)
    check.forget(4.0, 5.0)

    assert check.rest(6.0, slid) is None
