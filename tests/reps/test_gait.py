"""A leg that walks is told from one that does quick reps by how it turns, without any foot strike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from swung import count

from firmware_sim.simulation import simulate
from firmware_sim.suites import idle_suite
from kneeimu.engine import Engine
from kneeimu.motion.orientation import Ticks, up_in_sensor
from kneeimu.reps.afterwards.review import SetReview
from kneeimu.reps.afterwards.shapes import OutAndBack
from kneeimu.reps.afterwards.small_reps import SmallLook
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.vectors import Vector
from kneeimu.reps.walk.gait import Gait, Movement, features
from kneeimu.reps.walk.walking import WalkingDetector
from kneeimu.types import Event, FloatArray, Mount, Samples, Setup

TICK_S = 0.04
NOW_S = 60.0
AXIS, HOME, FAR = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.766, 0.643)


def leg(swing_deg: FloatArray, pelvis_deg: FloatArray, lean_deg: FloatArray) -> Rotation:
    """Turned about the vertical by the pelvis, leaning to the side, and swinging ahead and back."""
    turned = np.column_stack((swing_deg, lean_deg, pelvis_deg))
    return Rotation.from_euler("zyx", turned[:, ::-1], degrees=True) * Rotation.from_euler("x", 90.0, degrees=True)


def strides(times: int, period_s: float = 1.2, size: float = 1.0, tick_s: float = TICK_S) -> Rotation:
    """Thigh of a soft walker: no jolt at all, but the pelvis turns and the leg leans as the weight comes on to it."""
    phase = 2.0 * np.pi * np.arange(round(times * period_s / tick_s)) * tick_s / period_s
    swing = 10.0 - 20.0 * np.cos(phase) + 3.0 * np.sin(2.0 * phase)
    return leg(size * swing, size * 5.0 * np.cos(phase), size * (3.0 * np.sin(phase) + 1.5 * np.sin(2.0 * phase)))


def quick_reps(times: int, period_s: float = 1.2, tick_s: float = TICK_S) -> Rotation:
    phase = 2.0 * np.pi * np.arange(round(times * period_s / tick_s)) * tick_s / period_s
    swing = 20.0 - 20.0 * np.cos(phase)
    return leg(swing, np.zeros_like(swing), 0.02 * swing)


def ahead_and_back(times: int, period_s: float = 1.2, ahead: float = 0.25, tick_s: float = TICK_S) -> Rotation:
    """In one plane: ahead in this share of the time, and back in the rest of it."""
    phase = np.arange(round(times * period_s / tick_s)) * tick_s / period_s % 1.0
    share = np.minimum(phase / ahead, (1.0 - phase) / (1.0 - ahead))
    return leg(15.0 - 15.0 * np.cos(np.pi * share), *2 * [np.zeros_like(share)])


def steps_in_a_hurry(times: int, period_s: float = 1.08, swing_s: float = 0.32, tick_s: float = TICK_S) -> Rotation:
    """Steps to the side: the foot swings out with the knee bent, and the body follows at once, without a stand."""
    time_s = np.arange(round(times * period_s / tick_s)) * tick_s % period_s
    share = np.clip(time_s / swing_s, 0.0, 1.0)
    out = share**3 * (10.0 - 15.0 * share + 6.0 * share**2)
    lean = 13.0 * np.minimum(out, (period_s - time_s) / (period_s - swing_s))
    lift = np.sin(np.pi * share) ** 2
    return leg(10.0 * lift, 0.2 * lean - 3.0 * lift, lean)


def history_of(pose: Rotation) -> TickHistory:
    quat = pose.as_quat()[:, [3, 0, 1, 2]]
    time_s, nothing = np.arange(len(quat)) * TICK_S, np.zeros(len(quat))
    history = TickHistory()
    history.append(Ticks(time_s, quat, up_in_sensor(quat), nothing, nothing, np.zeros((len(quat), 3))))
    return history


def review_of(history: TickHistory, *, lies: bool = False) -> SetReview:
    counter, gait = CounterParameters(lies=lies), Gait(history, "thigh")
    return SetReview(OutAndBack(8.0, counter, gait), counter, gait)


def movements(times: int, period_s: float = 1.2, pause_s: float = 0.0, first_s: float = 0.0) -> list[Excursion]:
    return [
        Excursion(start, start + 0.5 * period_s, start + period_s, 40.0, AXIS, HOME, FAR)
        for start in first_s + np.arange(times) * (period_s + pause_s)
    ]


def test_soft_strides_are_strides() -> None:
    assert Gait(history_of(strides(6)), "thigh").strides_among(movements(6), NOW_S) == movements(6)


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_quick_reps_in_one_plane_are_none(mount: Mount) -> None:
    assert Gait(history_of(quick_reps(6)), mount).strides_among(movements(6), NOW_S) == []


@pytest.mark.parametrize(("ahead", "period_s", "strode"), [(0.25, 1.2, 6), (0.4, 1.2, 0), (0.25, 2.4, 0)])
def test_a_leg_that_goes_fast_ahead_and_slowly_back_without_a_stand_walks_though_it_stays_in_one_plane(
    ahead: float, period_s: float, strode: int
) -> None:
    gait = Gait(history_of(ahead_and_back(6, period_s, ahead)), "thigh")
    assert len(gait.strides_among(movements(6, period_s), NOW_S)) == strode


@pytest.mark.parametrize(("movement", "mount"), [("steps", "thigh"), ("swings", "shin")])
def test_strides_are_told_from_steps_of_a_band_walk_too(movement: Movement, mount: Mount) -> None:
    assert Gait(history_of(strides(6, size=1.3)), mount, movement).strides_among(movements(6), NOW_S) == movements(6)


@pytest.mark.parametrize(
    ("period_s", "wide_deg", "strode"), [(1.4, 40.0, 0), (1.2, 28.0, 0), (1.2, 40.0, 6), (1.4, 60.0, 6)]
)
def test_swings_of_the_shin_that_are_neither_wide_nor_quick_are_steps_ahead(
    period_s: float, wide_deg: float, strode: int
) -> None:
    """Who hurries against the band never stands between two steps, and the shin turns as one that walks."""
    swings = [replace(one, peak_deg=wide_deg) for one in movements(6, period_s)]
    gait = Gait(history_of(strides(6, period_s, size=1.4)), "shin", "swings")
    assert len(gait.strides_among(swings, NOW_S)) == strode


def test_steps_to_the_side_in_a_hurry_are_no_strides_though_the_leg_never_stands() -> None:
    gait = Gait(history_of(steps_in_a_hurry(6)), "thigh", "steps")
    assert gait.strides_among(movements(6, period_s=1.08), NOW_S) == []


def test_who_stands_between_two_steps_makes_no_strides() -> None:
    stride = strides(1, size=1.3)
    pose = Rotation.concatenate([stride, *12 * [stride[-1]]] * 6)
    assert Gait(history_of(pose), "thigh", "steps").strides_among(movements(6, pause_s=12 * TICK_S), NOW_S) == []


def test_who_dwells_between_quick_movements_makes_no_strides_however_much_the_leg_turns() -> None:
    """A straight leg that is lifted aside turns about the vertical by as much as one that walks."""
    lift = strides(1, size=1.7)
    pose = Rotation.concatenate([*50 * [lift[0]], *[lift, *12 * [lift[-1]]] * 6, *50 * [lift[-1]]])
    lifts = movements(6, pause_s=12 * TICK_S, first_s=50 * TICK_S)
    assert Gait(history_of(pose), "thigh").strides_among(lifts, NOW_S) == []


def test_quick_reps_in_one_plane_are_no_strides_for_sure() -> None:
    gait = Gait(history_of(quick_reps(6)), "thigh")
    assert gait.surely_none(movements(6), NOW_S) == movements(6)
    assert gait.surely_none(movements(2), NOW_S) == []


@pytest.mark.parametrize(("times", "sure"), [(6, True), (4, False)])
def test_many_quick_reps_in_one_plane_are_no_strides_to_the_mat(times: int, sure: bool) -> None:
    detector = WalkingDetector(CounterParameters(lies=True), gait=Gait(history_of(quick_reps(times)), "thigh"))
    assert detector.are_none(movements(times), NOW_S) is sure


def test_strides_may_lead_to_the_mat_however_many() -> None:
    detector = WalkingDetector(CounterParameters(lies=True), gait=Gait(history_of(strides(8)), "thigh"))
    assert not detector.are_none(movements(8), NOW_S)


def test_quick_reps_whose_foot_comes_down_each_time_are_no_strides() -> None:
    """Without a look at how the leg turned they are taken for steps."""
    taken = {}
    for gait in (None, Gait(history_of(quick_reps(6)), "thigh")):
        detector = WalkingDetector(CounterParameters(), gait=gait)
        for rep in movements(6):
            for tick in range(30):
                detector.step(rep.start_s + tick * TICK_S, HOME, 8.0 if tick == 29 else 0.1, 2.0)
            taken[gait is None] = detector.strides(rep)
    assert taken == {True: True, False: False}


def test_of_strides_before_reps_the_strides_alone_are_found() -> None:
    """All but the last, after which the leg stands."""
    pose = Rotation.concatenate([strides(5), leg(*3 * [np.zeros(50)]), quick_reps(6)])
    walk, reps = movements(5), movements(6, first_s=8.0)
    assert Gait(history_of(pose), "thigh").strides_among([*walk, *reps], NOW_S) == walk[:-1]


def test_a_few_that_turn_like_strides_amid_many_as_long_and_as_large_are_none() -> None:
    pose = Rotation.concatenate([quick_reps(4), strides(3, size=0.8), quick_reps(4)])
    assert Gait(history_of(pose), "thigh").strides_among(movements(11), NOW_S) == []


def test_a_few_lopsided_reps_amid_many_as_long_and_as_large_are_none() -> None:
    pose = Rotation.concatenate([ahead_and_back(3), quick_reps(8)])
    gait = Gait(history_of(pose), "thigh")
    assert len(gait.strides_among(movements(3), NOW_S)) > 1
    assert gait.strides_among(movements(11), NOW_S) == []


def test_two_strides_seen_as_one_movement_are_strides() -> None:
    assert Gait(history_of(strides(12)), "thigh").strides_among(movements(6, 2.4), NOW_S) == movements(6, 2.4)


def test_one_alone_that_is_like_a_stride_is_none() -> None:
    assert Gait(history_of(strides(12)), "thigh").strides_among(movements(4, pause_s=3.0), NOW_S) == []


def test_what_is_wider_than_any_stride_is_none() -> None:
    wide = [replace(one, peak_deg=80.0) for one in movements(6)]
    assert Gait(history_of(strides(6)), "thigh").strides_among(wide, NOW_S) == []


@pytest.mark.parametrize(("wide", "strode"), [(0, 6), (1, 6), (2, 0)])
def test_what_is_as_long_and_large_as_two_that_are_wider_than_any_stride_is_none(wide: int, strode: int) -> None:
    nearly = [replace(one, peak_deg=70.0) for one in movements(6)]
    wider = [replace(one, peak_deg=75.0) for one in movements(wide, first_s=20.0)]
    assert len(Gait(history_of(strides(6)), "thigh").strides_among([*nearly, *wider], NOW_S)) == strode


@pytest.mark.parametrize(("lying", "rest"), [(True, None), (False, HOME)])
def test_more_is_asked_where_slow_reps_were_made_lying_or_the_leg_comes_back_to_rest(
    lying: bool, rest: Vector | None
) -> None:
    strode = {True: 0, False: 0}
    for size in np.linspace(0.7, 1.1, 21):
        for is_likely, in_pose, at in ((False, lying, rest), (True, False, None)):
            detector = WalkingDetector(CounterParameters(), gait=Gait(history_of(strides(3, size=size)), "thigh"))
            for tick in range(90):
                detector.step(tick * TICK_S, HOME, 0.1, 2.0)
            strode[is_likely] += [detector.strides(one, at, lying=in_pose) for one in movements(3)][-1]
    assert 0 < strode[False] < strode[True] < 21


@given(st.floats(0.0, 40.0), st.floats(0.0, 20.0), st.integers(0, 2**32 - 1))
def test_any_box_on_any_leg_gives_the_same_features(size_deg: float, pelvis_deg: float, seed: int) -> None:
    phase = 2.0 * np.pi * np.arange(90) * TICK_S / 1.2
    pose = leg(size_deg * np.sin(phase), pelvis_deg * np.cos(phase), np.zeros(90))
    box, heading = Rotation.random(random_state=seed), Rotation.from_euler("z", seed % 360, degrees=True)
    plain, other = (p.as_quat()[:, [3, 0, 1, 2]] for p in (pose, heading * pose * box))
    expected, found = (features(up_in_sensor(quat), quat, 1.2) for quat in (plain, other))
    assert np.all(np.isfinite(found))
    if size_deg > 1.0:
        np.testing.assert_allclose(found, expected, atol=1e-3)


def recorded(pose: Rotation, tick_s: float = 0.01) -> Samples:
    """What an ideal sensor says of these poses, of which gravity alone is felt."""
    turned = (Rotation.concatenate([pose[0], pose[:-1]]).inv() * pose).as_rotvec()
    gravity = pose.inv().apply([0.0, 0.0, 9.81])
    return Samples(np.arange(len(pose)) * tick_s, gravity, turned / tick_s)


def stand(seconds: float) -> Rotation:
    return leg(*3 * [np.zeros(round(seconds / 0.01))])


def test_a_soft_walk_is_not_counted_as_squats() -> None:
    assert count("squat", recorded(Rotation.concatenate([stand(3.0), strides(8, tick_s=0.01), stand(12.0)]))) == 0


def test_a_walk_in_the_plane_of_a_squat_is_not_counted() -> None:
    walk = ahead_and_back(8, tick_s=0.01)
    assert count("squat", recorded(Rotation.concatenate([stand(3.0), walk, stand(12.0)]))) == 0


def test_what_is_said_of_strides_does_not_depend_on_how_samples_come() -> None:
    """The end of a movement is foreseen: nothing later than now may be looked at, though it may be there."""
    scenario = list(idle_suite(4, seed=5))[3]
    made = simulate(scenario)
    setup = Setup(scenario.exercise, scenario.side, scenario.mount, scenario.rate_hz)
    whole, parts = Engine(setup), Engine(setup)
    expected = [*whole.feed(Samples(made.time_s, made.acc_m_s2, made.gyr_rad_s)), *whole.finish()]
    found: list[Event] = []
    for begin in range(0, len(made.time_s), 8):
        part = slice(begin, begin + 8)
        found += parts.feed(Samples(made.time_s[part], made.acc_m_s2[part], made.gyr_rad_s[part]))
    assert [*found, *parts.finish()] == expected


def test_reps_before_samples_were_lost_are_not_judged_by_strides_after() -> None:
    quick = Rotation.concatenate([quick_reps(1, tick_s=0.01) for _ in range(8)])
    samples = recorded(Rotation.concatenate([stand(3.0), quick, stand(0.6), strides(2, tick_s=0.01), stand(12.0)]))
    lost_s = 3.0 + 8 * 1.2 + 0.05
    kept = (samples.time_s < lost_s) | (samples.time_s > lost_s + 0.45)
    assert count("squat", Samples(samples.time_s[kept], samples.acc_m_s2[kept], samples.gyr_rad_s[kept])) >= 8


def test_steps_to_the_side_that_grow_quick_and_rough_all_count() -> None:
    slow = Rotation.concatenate([part for _ in range(6) for part in (steps_in_a_hurry(1, 1.3, 0.5, 0.01), stand(0.7))])
    made = recorded(Rotation.concatenate([stand(3.0), slow, steps_in_a_hurry(6, tick_s=0.01), stand(12.0)]))
    jolts_m_s2 = np.where(made.time_s < 15.0, 0.05, 3.0)[:, None]
    rough = made.acc_m_s2 + jolts_m_s2 * np.random.default_rng(1).uniform(-1.0, 1.0, made.acc_m_s2.shape)
    assert count("lateral-walk", Samples(made.time_s, rough, made.gyr_rad_s)) == 12


@pytest.mark.parametrize(("by_hand", "removed"), [(False, [1, 2, 3, 4, 5, 6]), (True, [])])
def test_strides_that_were_counted_go_when_the_set_is_over(by_hand: bool, removed: list[int]) -> None:
    history = history_of(Rotation.concatenate([strides(6), leg(*3 * [np.zeros(100)])]))
    review = review_of(history)
    if by_hand:
        review.begin_by_hand(0.0)
    for number, one in enumerate(movements(6), 1):
        review.count(number, one)
    assert review.close(10.0, history, []) == (removed, [], {})


def test_movements_that_the_history_has_forgotten_are_no_strides() -> None:
    history, late = TickHistory(), history_of(strides(12)).window(0.0, 60.0)
    time_s, up, quat, *_ = late
    nothing = np.zeros(len(time_s))
    history.append(Ticks(time_s + 20.0, quat, up, nothing, nothing, np.zeros((len(time_s), 3))))
    assert Gait(history, "thigh").strides_among(movements(6), NOW_S) == []


def test_nobody_walks_where_slow_reps_were_made_lying() -> None:
    slow = [replace(movements(1)[0], start_s=-at_s, end_s=5.0 - at_s) for at_s in (30.0, 22.0, 14.0)]
    gait = Gait(history_of(strides(6)), "thigh")
    assert gait.strides_among([*slow, *movements(6)], NOW_S) == movements(6)
    assert gait.strides_among([*slow, *movements(6)], NOW_S, lies=True) == []


def test_quick_movements_among_lunges_are_strides_at_lower_odds_than_slower_ones() -> None:
    """Few lunge so fast, and many walk to where they lunge."""
    gait = Gait(history_of(strides(8, size=0.9)), "thigh", "lunges")
    as_slow = [replace(one, end_s=one.start_s + 1.9) for one in movements(8)]
    assert gait.strides_among(movements(8), NOW_S)
    assert gait.strides_among(as_slow, NOW_S) == []


def turning(times: int, at: int, turn_deg: float) -> Rotation:
    """Slow reps of 4 s, in one of which the person turns about the vertical."""
    phase = np.arange(round(times * 4.0 / TICK_S)) * TICK_S / 4.0
    swing = 20.0 - 20.0 * np.cos(2.0 * np.pi * phase)
    return leg(swing, turn_deg * np.clip(phase - at, 0.0, 1.0), np.zeros_like(swing))


@pytest.mark.parametrize("turn_deg", [-120.0, 120.0, 170.0, 190.0])
def test_a_movement_in_which_the_person_turns_round_is_a_turn(turn_deg: float) -> None:
    gait = Gait(history_of(turning(5, 2, turn_deg)), "thigh")
    assert gait.turns_among(movements(5, 4.0), NOW_S) == movements(5, 4.0)[2:3]


def test_a_turn_by_60_deg_is_no_step_to_the_side_but_may_be_a_rep() -> None:
    history = history_of(turning(5, 2, 60.0))
    assert Gait(history, "thigh", "steps").turns_among(movements(5, 4.0), NOW_S) == movements(5, 4.0)[2:3]
    assert Gait(history, "thigh").turns_among(movements(5, 4.0), NOW_S) == []


def test_who_turns_a_little_in_each_rep_does_reps() -> None:
    history = history_of(Rotation.concatenate([turning(1, 0, 60.0) for _ in range(5)]))
    assert Gait(history, "thigh").turns_among(movements(5, 4.0), NOW_S) == []


def test_a_long_hold_in_which_the_heading_drifts_is_no_turn() -> None:
    history = history_of(turning(5, 0, 120.0))
    assert Gait(history, "thigh").turns_among(movements(1, 20.0), NOW_S) == []


@pytest.mark.parametrize(("lies", "by_hand", "removed"), [(False, False, [3]), (True, False, []), (False, True, [])])
def test_a_turn_that_was_counted_goes_where_the_person_stands(lies: bool, by_hand: bool, removed: list[int]) -> None:
    stood = leg(np.zeros(100), np.full(100, 120.0), np.zeros(100))
    history = history_of(Rotation.concatenate([turning(5, 2, 120.0), stood]))
    review = review_of(history, lies=lies)
    if by_hand:
        review.begin_by_hand(0.0)
    for number, one in enumerate(movements(5, 4.0), 1):
        review.count(number, one)
    assert review.close(23.0, history, []) == (removed, [], {})


@pytest.mark.parametrize(("walked", "missed"), [(False, 2), (True, 0)])
def test_the_second_look_does_not_find_again_what_was_taken_for_strides(walked: bool, missed: int) -> None:
    stood = leg(*3 * [np.zeros(100)])
    history = history_of(Rotation.concatenate([stood, turning(8, 0, 0.0), stood]))
    review = review_of(history)
    ahead = [replace(one, far=(0.0, 0.766, -0.643), axis=(-1.0, 0.0, 0.0)) for one in movements(8, 4.0, first_s=4.0)]
    for number, one in enumerate(ahead, 1):
        review.count(number, one)
    review.take_back([1, 2], walked=walked)
    assert len(review.close(39.0, history, []).added) == missed


@pytest.mark.parametrize(("strode_s", "removed"), [(3.8, [1]), (1.0, []), (None, [])])
def test_a_movement_apart_from_the_reps_goes_where_it_comes_right_after_strides(
    strode_s: float | None, removed: list[int]
) -> None:
    """Who walks up stops with a last stride that is like no other."""
    stood = leg(*3 * [np.zeros(100)])
    history = history_of(Rotation.concatenate([stood, turning(1, 0, 0.0), stood, turning(6, 0, 0.0), stood]))
    review = review_of(history)
    if strode_s is not None:
        review.refuse(replace(movements(1)[0], start_s=strode_s - 1.2, end_s=strode_s), walked=True)
    for number, one in enumerate([*movements(1, 4.0, first_s=4.0), *movements(6, 4.0, first_s=12.0)], 1):
        review.count(number, one)
    assert review.close(38.0, history, []).removed == removed


@pytest.mark.parametrize(("strode", "missed"), [(False, 6), (True, 0)])
def test_strides_are_not_found_again_as_smaller_reps(strode: bool, missed: int) -> None:
    stood = leg(*3 * [np.zeros(250)])
    history = history_of(Rotation.concatenate([stood, ahead_and_back(6, 2.0, 0.5), stood]))
    looks = SmallLook(10.0, CounterParameters(lies=True), history, Gait(history, "shin", "reps"))
    looks.learn([replace(one, axis=(-1.0, 0.0, 0.0), peak_deg=60.0) for one in movements(8, 3.0, first_s=-30.0)])
    looks.strode(movements(6, 2.0, first_s=10.0) if strode else [])
    found = looks.look(32.0, (), last=True)
    assert len(found.added if found else []) == missed
