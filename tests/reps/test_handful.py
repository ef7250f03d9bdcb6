"""A handful of movements is a set only when they are alike: before a set people bend down, sit, and put a band on."""

from __future__ import annotations

from dataclasses import replace
from math import cos, radians, sin

import pytest
from swung import count, swung

from firmware_sim import simulate, suite
from kneeimu.engine import Engine
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.handful import strays, take_turns
from kneeimu.reps.live.turns import Turns
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.walk.reps_or_strides import goes_as, on_the_way
from kneeimu.types import RepCounted, RepRevoked, Samples, SetEnded, Setup


def test_three_movements_of_three_kinds_are_no_set() -> None:
    assert count("squat", swung([(0.0, 30.0, 2.0, 1), (0.0, 48.0, 3.6, 1), (0.0, 26.0, 1.6, 1)])) == 0


@pytest.mark.parametrize("period_s", [1.5, 3.0, 6.0])
def test_three_movements_alike_are_a_set(period_s: float) -> None:
    assert count("squat", swung([(0.0, 40.0, period_s, 3)])) == 3


def test_five_reps_of_which_one_is_odd_are_a_set() -> None:
    assert count("squat", swung([(0.0, 40.0, 3.0, 4), (0.0, 54.0, 4.5, 1)])) == 5


def test_a_movement_before_the_set_that_does_not_belong_costs_no_rep() -> None:
    assert count("squat", swung([(0.0, 93.0, 9.0, 1), (0.0, 40.0, 3.0, 3)])) == 3


@pytest.mark.parametrize("back_s", [1.0, 1.4, 2.0])
@pytest.mark.parametrize("forward_s", [2.0, 3.0])
def test_two_movements_that_take_turns_are_one_rep_each_time(forward_s: float, back_s: float) -> None:
    """A thigh that swings forward, back past the pose of rest, and rocks once before it swings forward again."""
    lunge = [(0.0, 45.0, forward_s, 1), (0.0, -20.0, back_s, 1), (-15.0, 0.0, 0.8, 1)]
    assert count("lunge", swung(lunge * 5)) == 5


@pytest.mark.parametrize("following", [5, 10, 20])
@pytest.mark.parametrize(("pause_s", "counted"), [(14.0, 2), (60.0, 0)])
def test_two_reps_before_a_pause_count_when_a_set_of_the_same_follows_soon(
    pause_s: float, counted: int, following: int
) -> None:
    squats = [(0.0, 40.0, 3.0, 2), (0.0, 0.3, pause_s, 1), (0.0, 40.0, 3.0, following)]
    assert count("squat", swung(squats)) == counted + following


def test_two_quick_swings_before_a_set_do_not_count_when_slow_reps_follow() -> None:
    squats = [(0.0, 40.0, 1.0, 2), (0.0, 0.3, 14.0, 1), (0.0, 40.0, 5.0, 6)]
    assert count("squat", swung(squats)) == 6


def test_two_reps_before_samples_were_lost_do_not_count_any_more() -> None:
    samples = swung([(0.0, 40.0, 3.0, 2), (0.0, 0.3, 14.0, 1), (0.0, 40.0, 3.0, 5)])
    kept = (samples.time_s < 15.0) | (samples.time_s > 17.0)
    assert count("squat", Samples(samples.time_s[kept], samples.acc_m_s2[kept], samples.gyr_rad_s[kept])) == 5


@pytest.mark.parametrize("lost_s", [5.6, 6.8, 8.6, 11.2])
def test_movements_that_take_turns_are_not_counted_again_from_before_samples_were_lost(lost_s: float) -> None:
    samples = swung([(0.0, 45.0, 2.5, 1), (0.0, -20.0, 1.4, 1), (-15.0, 0.0, 0.8, 1)] * 6)
    kept = (samples.time_s < lost_s) | (samples.time_s > lost_s + 0.4)
    engine = Engine(Setup("lunge", "right", "thigh", 100.0))
    events = engine.feed(Samples(samples.time_s[kept], samples.acc_m_s2[kept], samples.gyr_rad_s[kept]))
    after = [event.rep for event in events if isinstance(event, RepCounted) and event.time_s > lost_s]
    assert len(after) >= 3
    assert all(rep.start_s > lost_s for rep in after)


def test_two_reps_before_a_set_that_lasts_longer_than_ticks_are_kept_do_not_count_any_more() -> None:
    samples = swung([(0.0, 40.0, 3.0, 2), (0.0, 0.3, 14.0, 1), (0.0, 40.0, 3.0, 205)])
    said = []
    for size in (200, len(samples)):
        engine = Engine(Setup("squat", "right", "thigh", 100.0))
        parts = [slice(begin, begin + size) for begin in range(0, len(samples), size)]
        fed = [Samples(samples.time_s[p], samples.acc_m_s2[p], samples.gyr_rad_s[p]) for p in parts]
        said.append([*(event for part in fed for event in engine.feed(part)), *engine.finish()])
    assert said[0] == said[1]
    assert [event.summary.count for event in said[0] if isinstance(event, SetEnded)] == [0, 205]


def test_reps_that_outnumbered_another_movement_do_not_come_between_themselves() -> None:
    turns = Turns(CounterParameters())
    turns.pass_by(ALIKE[:2])
    assert turns.recall(ALIKE[2]) == ALIKE[:2]
    assert not turns.comes_between(ALIKE[:3], _rep(9.0, 3.0, 98.0))


def test_reps_that_waited_are_recalled_without_the_one_long_before_them() -> None:
    turns = Turns(CounterParameters())
    turns.pass_by([_rep(-30.0, 2.0, 40.0), *ALIKE[:2]])
    assert turns.recall(ALIKE[2]) == ALIKE[:2]


def test_three_strays_of_another_kind_do_not_keep_a_set_from_counting() -> None:
    """A person of whom the first reps were seen askew, so that all that followed was another movement."""
    scenario = list(suite(224, seed=6401))[38]
    done = simulate(scenario)
    engine = Engine(Setup(scenario.exercise, scenario.side, scenario.mount, scenario.rate_hz))
    samples = Samples(done.time_s, done.acc_m_s2, done.gyr_rad_s)
    events = [*engine.feed(samples), *engine.finish()]
    count = sum(isinstance(event, RepCounted) for event in events) - sum(isinstance(e, RepRevoked) for e in events)
    assert count == done.truth.count == 14


def test_a_set_of_few_reps_counts_also_when_they_are_much_larger_than_those_of_the_set_before() -> None:
    assert count("squat", swung([(0.0, 18.0, 3.0, 6), (0.0, 0.3, 14.0, 1), (0.0, 75.0, 3.0, 4)])) == 10


def _rep(start_s: float, duration_s: float, peak_deg: float) -> Excursion:
    up, axis = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
    far = (-sin(radians(peak_deg)), cos(radians(peak_deg)), 0.0)
    return Excursion(start_s, start_s + 0.5 * duration_s, start_s + duration_s, peak_deg, axis, up, far)


ALIKE = [_rep(3.0 * k, 2.0, 40.0) for k in range(4)]


def test_of_a_few_that_are_alike_none_is_a_stray() -> None:
    assert strays(ALIKE, None, CounterParameters()) == 0


@pytest.mark.parametrize(("pause_s", "stray"), [(3.0, 0), (12.0, 1)])
def test_one_movement_alone_goes_on_with_the_set_before_only_if_it_comes_soon(pause_s: float, stray: int) -> None:
    before = _rep(0.0, 3.0, 40.0)
    assert strays([_rep(3.0 + pause_s, 3.0, 40.0)], before, CounterParameters()) == stray


def test_a_last_movement_unlike_the_others_is_the_only_stray() -> None:
    assert strays([*ALIKE[:3], _rep(9.0, 9.0, 95.0)], None, CounterParameters()) == 1


def test_two_of_four_that_are_unlike_the_others_make_all_of_them_strays() -> None:
    assert strays([*ALIKE[:2], _rep(9.0, 9.0, 95.0), _rep(20.0, 0.6, 10.0)], None, CounterParameters()) == 4


def test_swings_through_are_looked_at_again_before_they_are_called_strays() -> None:
    steps = [*ALIKE[:1], _rep(9.0, 9.0, 95.0), _rep(20.0, 0.6, 10.0), _rep(30.0, 3.0, 30.0)]
    assert strays(steps, None, CounterParameters()) == 4
    assert strays(steps, None, CounterParameters(swings_through=True)) == 0


def test_movements_far_apart_do_not_take_turns() -> None:
    far_apart = [_rep(20.0 * k, 2.0, 40.0) for k in range(3)]
    assert take_turns(ALIKE[:3], CounterParameters())
    assert not take_turns(far_apart, CounterParameters())


def test_what_was_passed_by_is_recalled_by_the_third_of_its_kind() -> None:
    turns = Turns(CounterParameters())
    turns.pass_by([ALIKE[0], _rep(1.9, 1.0, 12.0), ALIKE[1]])
    assert turns.recall(ALIKE[2]) == ALIKE[:2]
    assert turns.recall(ALIKE[3]) == []


def test_a_movement_of_another_kind_recalls_nothing() -> None:
    turns = Turns(CounterParameters())
    turns.pass_by(ALIKE[:2])
    assert turns.recall(_rep(6.0, 2.0, 95.0)) == []


def test_steps_down_count_though_the_person_first_settled_in_another_direction() -> None:
    """Two movements that were taken for a set pointed elsewhere, and the reps were refused for it."""
    scenario = list(suite(9, seed=6104))[8]
    made = simulate(scenario)
    engine = Engine(Setup(scenario.exercise, scenario.side, scenario.mount, scenario.rate_hz))
    events = [*engine.feed(Samples(made.time_s, made.acc_m_s2, made.gyr_rad_s)), *engine.finish()]
    assert sum(isinstance(e, RepCounted) - isinstance(e, RepRevoked) for e in events) == made.truth.count == 14


@pytest.mark.parametrize(
    ("duration_s", "turned_deg", "strides"),
    [(1.2, 80.0, True), (1.9, 80.0, True), (2.4, 80.0, False), (1.2, 10.0, False)],
)
def test_quick_movements_in_another_posture_than_lying_were_strides(
    duration_s: float, turned_deg: float, strides: bool
) -> None:
    reps = [_rep(1.3 * k, duration_s, 25.0) for k in range(3)]
    lying = (0.0, cos(radians(turned_deg)), sin(radians(turned_deg)))
    assert on_the_way(reps, lying) is strides
    assert not on_the_way(reps, None)


def test_quick_reps_go_as_slow_ones_before_where_they_are_as_wide_and_begin_in_their_pose() -> None:
    slow, quick = [_rep(4.0 * k, 3.0, 40.0) for k in range(3)], [_rep(20.0 + k, 0.9, 35.0) for k in range(3)]
    assert goes_as(quick, slow)
    assert not goes_as([*quick, _rep(24.0, 0.9, 20.0)], slow)
    assert not goes_as([replace(quick[0], home=quick[0].far)], slow)
    assert not goes_as(quick, quick)
    assert not goes_as(quick, slow[:1])


@pytest.mark.parametrize(("lost_s", "counted"), [(4.0, 8), (20.0, 8), (90.0, 6)])
def test_two_reps_before_the_sensor_was_lost_are_part_of_the_set_when_it_is_back_soon(
    lost_s: float, counted: int
) -> None:
    samples = swung([(0.0, 40.0, 3.0, 8)])
    before, after = slice(0, 920), slice(950, None)
    engine = Engine(Setup("squat", "right", "thigh", 100.0))
    events = engine.feed(Samples(samples.time_s[before], samples.acc_m_s2[before], samples.gyr_rad_s[before]))
    time_s = samples.time_s[after] + lost_s
    events += engine.feed(Samples(time_s, samples.acc_m_s2[after], samples.gyr_rad_s[after]))
    events += engine.finish()
    reps = sum(isinstance(e, RepCounted) for e in events) - sum(isinstance(e, RepRevoked) for e in events)
    assert reps == counted


def test_three_reps_that_fade_are_a_set_where_they_go_the_same_way() -> None:
    assert count("squat", swung([(0.0, 45.0, 3.0, 1), (0.0, 36.0, 2.6, 1), (0.0, 24.0, 2.2, 1)])) == 3


def test_a_few_even_steps_of_a_band_walk_are_a_bout_though_the_person_turned_before_them() -> None:
    """Bent further, or with the other leg ahead: the set before tells nothing of where these begin."""
    before = replace(ALIKE[0], axis=(1.0, 0.0, 0.0), home=(0.0, cos(0.4), sin(0.4)))
    assert strays(ALIKE, before, CounterParameters(steps=True)) == 0
    assert strays(ALIKE, before, CounterParameters()) == 4


def test_a_few_even_and_slow_reps_are_a_set_though_the_box_has_slipped_since_the_one_before() -> None:
    slow = [_rep(5.0 * k, 3.5, 40.0) for k in range(4)]
    before = replace(slow[0], axis=(1.0, 0.0, 0.0), home=(0.0, cos(0.4), sin(0.4)))
    assert strays(slow, before, CounterParameters()) == 0
    assert strays(slow[:3], before, CounterParameters()) == 3


def test_a_few_even_reps_lying_are_a_set_whatever_the_standing_person_did_before() -> None:
    """Strides to the mat, counted until they were looked at again, say nothing of lifts on it."""
    standing = replace(ALIKE[0], axis=(1.0, 0.0, 0.0), home=(0.0, 0.0, 1.0), far=(0.5, 0.0, 0.87))
    assert strays(ALIKE, standing, CounterParameters()) == 0


@pytest.mark.parametrize(("second_s", "stay"), [(3.4, 2), (5.5, 0)])
def test_two_far_smaller_movements_go_on_with_the_set_before_if_they_set_out_as_it_did_in_one_pace(
    second_s: float, stay: int
) -> None:
    few = [(0.0, 15.0, 3.0, 1), (0.0, 15.0, second_s, 1)]
    assert count("squat", swung([(0.0, 40.0, 3.0, 6), (0.0, 0.3, 14.0, 1), *few])) == 6 + stay
