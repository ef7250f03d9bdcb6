"""A walk ahead and back is looked at again: the steps are the fast swings, also the half ones at either end."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim import Activity, Scenario
from kneeimu.evaluation.judge import evaluate
from kneeimu.evaluation.tasks import Task
from kneeimu.reps.afterwards.second_look_at_steps import look_again_at_steps
from kneeimu.reps.afterwards.shapes import SetOver, SwingThrough
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.parameters import CounterParameters
from kneeimu.types import FloatArray

TICK_S = 0.04
FAST_S, SLOW_S = 0.5, 1.0
HALF_DEG = 15.0
COUNTER = CounterParameters(stride_deg=40.0)


def up_of(angle_deg: FloatArray) -> FloatArray:
    angle = np.radians(angle_deg)
    return np.stack((np.zeros_like(angle), np.sin(angle), np.cos(angle)), axis=1)


def swing(from_deg: float, to_deg: float, seconds: float) -> FloatArray:
    phase = np.linspace(0.0, np.pi, round(seconds / TICK_S))
    return from_deg + (to_deg - from_deg) * 0.5 * (1.0 - np.cos(phase))


def rest(seconds: float) -> FloatArray:
    return np.zeros(round(seconds / TICK_S))


def walk(steps: int, ahead: bool) -> list[FloatArray]:
    """Fast to one side, slowly to the other, from the middle and back to the middle."""
    far = HALF_DEG if ahead else -HALF_DEG
    parts = [swing(0.0, far, FAST_S)]
    for _ in range(steps - 1):
        parts += [swing(far, -far, SLOW_S), swing(-far, far, FAST_S)]
    return [*parts, swing(far, 0.0, SLOW_S)]


def counted_of(angle: FloatArray, turns: FloatArray) -> list[Excursion]:
    """What a counter of out-and-backs says when it takes these ticks for the far ends."""
    up = up_of(angle)
    return [
        Excursion(t * TICK_S - 0.6, t * TICK_S, t * TICK_S + 0.6, 30.0, (1.0, 0.0, 0.0), tuple(up[t]), tuple(up[t]))
        for t in turns
    ]


def peaks(angle: FloatArray) -> FloatArray:
    middle = angle[1:-1]
    return np.flatnonzero((middle > angle[:-2]) & (middle >= angle[2:]) & (middle > 10.0)) + 1


def look(
    angle: FloatArray, counted: list[Excursion], others: tuple[Excursion, ...] = ()
) -> tuple[list[int], list[Excursion]]:
    return look_again_at_steps(np.arange(len(angle)) * TICK_S, up_of(angle), counted, others, COUNTER)


@pytest.mark.parametrize("ahead", [True, False])
def test_steps_one_way_are_the_fast_swings(ahead: bool) -> None:
    angle = np.concatenate([rest(2.0), *walk(8, ahead), rest(9.0)])
    seen = counted_of(angle, peaks(angle if ahead else -angle))
    assert len(seen) == 8
    assert look(angle, seen) == ([], [])


def test_a_step_that_was_missed_is_found() -> None:
    angle = np.concatenate([rest(2.0), *walk(8, ahead=True), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    removed, added = look(angle, seen[1:])
    assert removed == []
    assert [step.turn_s for step in added] == pytest.approx([seen[0].turn_s], abs=0.1)


def test_a_step_after_two_that_were_missed_stays_what_it_is() -> None:
    """The pauses between those that were counted are long: what was missed is near enough to be mistaken for them."""
    angle = np.concatenate([rest(2.0), *walk(8, ahead=True), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    removed, added = look(angle, [seen[0], seen[3], seen[6], seen[7]])
    assert removed == []
    assert [step.turn_s for step in added] == pytest.approx([seen[k].turn_s for k in (1, 2, 4, 5)], abs=0.1)


def test_the_first_step_back_follows_the_last_slow_swing_the_same_way() -> None:
    """Ahead six times, back five: a counter sees ten ways out and back."""
    angle = np.concatenate([rest(2.0), *walk(6, ahead=True), rest(1.0), *walk(5, ahead=False), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    assert len(seen) == 10
    removed, added = look(angle, seen)
    assert (len(removed), len(added)) == (0, 1)


def test_movements_after_a_pause_are_no_steps() -> None:
    angle = np.concatenate([rest(2.0), *walk(8, ahead=True), rest(6.0), swing(0.0, 15.0, 1.0), swing(15.0, 0.0, 1.0)])
    seen = counted_of(angle, peaks(angle))
    assert len(seen) == 9
    assert look(angle, seen) == ([8], [])


def test_swings_that_are_all_as_fast_say_nothing() -> None:
    """Where fast and slow can't be told apart nothing is corrected."""
    there_and_back = [swing(-15.0, 15.0, 0.8), swing(15.0, -15.0, 0.8)] * 8
    angle = np.concatenate([np.full(50, -15.0), *there_and_back, np.full(200, -15.0)])
    assert look(angle, counted_of(angle, peaks(angle))[2:]) == ([], [])


def hold(angle_deg: float, seconds: float) -> FloatArray:
    return np.full(round(seconds / TICK_S), angle_deg)


def test_a_person_who_walks_up_and_stands_first_takes_steps_only_after_it() -> None:
    stride = [swing(-15.0, 15.0, 0.5), swing(15.0, -15.0, 0.9), swing(-15.0, 15.0, 0.5)]
    before = [hold(-15.0, 1.0), *stride, hold(15.0, 2.0), swing(15.0, 0.0, 0.8)]
    angle = np.concatenate([*before, rest(1.0), *walk(6, ahead=True), rest(1.0), *walk(6, ahead=False), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    removed, added = look(angle, seen)
    left = [step.turn_s for k, step in enumerate(seen) if k not in removed] + [step.turn_s for step in added]
    assert len(left) == 12
    assert min(left) > sum(map(len, before)) * TICK_S


def test_two_steps_back_that_are_less_wide_than_those_ahead_are_steps_of_the_same_walk() -> None:
    """With so few the first and the last swing, which are half as wide, are half of all."""
    back = [0.75 * part for part in walk(2, ahead=False)]
    angle = np.concatenate([rest(2.0), *walk(6, ahead=True), rest(1.0), *back, rest(9.0)])
    removed, added = look(angle, counted_of(angle, peaks(angle)))
    assert len(peaks(angle)) + len(added) - len(removed) == 8


def test_a_person_who_dwells_in_the_middle_of_each_step_walks_on() -> None:
    """The shin is upright while the other foot follows."""
    step = [swing(15.0, 0.0, 0.6), hold(0.0, 0.48), swing(0.0, -15.0, 0.4), swing(-15.0, 15.0, FAST_S)]
    ahead = np.concatenate([swing(0.0, 15.0, FAST_S), *step, *step, *step, *step, *step, swing(15.0, 0.0, 0.6)])
    angle = np.concatenate([rest(2.0), ahead, rest(2.0), -ahead, rest(9.0)])
    seen = counted_of(angle, np.flatnonzero((angle[1:-1] > angle[:-2]) & (angle[1:-1] >= angle[2:])) + 1)
    removed, added = look(angle, seen)
    assert len(seen) + len(added) - len(removed) == 12


def test_a_person_who_straightens_right_after_the_last_step_takes_no_further_one() -> None:
    back = [*walk(5, ahead=False)[:-1], swing(-15.0, 15.0, SLOW_S), swing(15.0, -15.0, FAST_S), hold(-15.0, 9.0)]
    angle = np.concatenate([rest(2.0), *walk(6, ahead=True), rest(1.0), *back])
    removed, added = look(angle, counted_of(angle, peaks(angle)))
    assert len(peaks(angle)) + len(added) - len(removed) == 11


def test_wide_steps_that_were_taken_for_walking_are_found_before_others() -> None:
    angle = 1.5 * np.concatenate([rest(2.0), *walk(7, ahead=True), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    time_s, nothing = np.arange(len(angle)) * TICK_S, np.zeros(len(angle))
    walked = [(seen[0].start_s, seen[3].end_s)]
    ticks = time_s, up_of(angle), nothing, nothing, nothing
    over = SetOver(ticks, seen[3:], [], walked, 0.0, float(time_s[-1]))
    assert len(SwingThrough(COUNTER).look_again(over).added) == 3


def test_a_person_who_stands_for_long_after_each_step_walks_on() -> None:
    steps = [
        part
        for _ in range(5)
        for part in (swing(-15.0, 15.0, FAST_S), hold(15.0, 2.0), swing(15.0, -15.0, SLOW_S), hold(-15.0, 0.5))
    ]
    angle = np.concatenate([rest(2.0), swing(0.0, -15.0, SLOW_S), *steps, swing(-15.0, 0.0, SLOW_S), rest(9.0)])
    arrivals = np.flatnonzero((angle[1:-1] > 14.9) & (angle[:-2] < 14.9))
    seen = counted_of(angle, arrivals)
    assert len(seen) == 5
    removed, added = look(angle, seen[1:])
    assert removed == []
    assert seen[0].turn_s in [pytest.approx(step.turn_s, abs=0.2) for step in added]


@pytest.mark.parametrize("steps", [4, 5, 7])
def test_steps_from_stand_to_stand_are_half_of_the_swings_where_all_are_as_fast(steps: int) -> None:
    bout = [swing(0.0, 15.0, 0.4), *[swing(-15.0 * s, 15.0 * s, 0.8) for _ in range(steps - 1) for s in (-1, 1)]]
    bout += [swing(15.0, 0.0, 0.4), rest(1.5)]
    angle = np.concatenate([rest(2.0), *bout, *bout, rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    removed, added = look(angle, seen[1:])
    assert len(seen[1:]) - len(removed) + len(added) == 2 * steps


def test_what_was_counted_stays_in_a_bout_that_says_nothing_beside_one_that_does() -> None:
    there_and_back = [part for _ in range(4) for part in (swing(15.0, -15.0, 0.8), swing(-15.0, 15.0, 0.8))]
    untold = [swing(0.0, 15.0, 0.4), *there_and_back, np.full(250, 15.0)]
    angle = np.concatenate([rest(2.0), *walk(8, ahead=True), rest(2.0), *untold])
    seen = counted_of(angle, peaks(angle))
    assert look(angle, seen) == ([], [])


def test_the_way_turns_where_the_person_stands_however_short_the_bouts() -> None:
    """Ahead and back by two steps each time: a counter of out-and-backs sees one step less whenever it is back."""
    ways = [part for ahead in (True, False, True, False) for part in [*walk(2, ahead), rest(1.0)]]
    angle = np.concatenate([rest(2.0), *ways, rest(9.0)])
    removed, added = look(angle, counted_of(angle, peaks(angle)))
    assert len(peaks(angle)) + len(added) - len(removed) == 8


def test_a_knee_that_lifts_before_a_step_back_is_no_step() -> None:
    heave = [swing(0.0, 5.0, 0.3), swing(5.0, -HALF_DEG, FAST_S)]
    back = [*heave, *walk(5, ahead=False)[1:]]
    angle = np.concatenate([rest(2.0), *walk(6, ahead=True), rest(1.0), *back, rest(9.0)])
    removed, added = look(angle, counted_of(angle, peaks(angle)))
    assert len(peaks(angle)) + len(added) - len(removed) == 11


def ahead_and_back_with_the_leg_held_otherwise(by_deg: float) -> tuple[FloatArray, list[Excursion]]:
    """Eight steps ahead, and seven back about another middle, all of which were counted."""
    ahead = np.concatenate([rest(2.0), *walk(8, ahead=True), rest(1.0), swing(0.0, by_deg, 1.0)])
    back = np.concatenate([rest(1.0), *walk(7, ahead=False), rest(1.0)]) + by_deg
    angle = np.concatenate([ahead, back, swing(by_deg, 0.0, 1.0), rest(9.0)])
    turns = [turn for turn in peaks(angle) if turn < ahead.size]
    turns += [turn for turn in peaks(by_deg - angle) if ahead.size < turn < ahead.size + back.size]
    return angle, counted_of(angle, np.array(turns))


def test_the_first_step_stays_where_the_way_back_has_another_middle() -> None:
    assert look(*ahead_and_back_with_the_leg_held_otherwise(-22.0)) == ([], [])


def test_a_whole_way_back_far_from_the_way_ahead_is_of_the_same_walk() -> None:
    removed, added = look(*ahead_and_back_with_the_leg_held_otherwise(-30.0))
    assert set(removed) <= {0}
    assert added == []


def test_steps_that_were_taken_for_walking_are_found_between_others() -> None:
    angle = np.concatenate([rest(2.0), *walk(7, ahead=True), rest(1.0), *walk(5, ahead=False), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    removed, added = look(angle, seen[7:])
    assert (len(removed), len(added)) == (0, 8)


def test_strides_that_were_counted_before_the_walk_go() -> None:
    """They are wider and quicker, the leg never stands in them, and the person is upright."""
    strides = [part for _ in range(4) for part in (swing(0.0, 45.0, 0.5), swing(45.0, 0.0, 0.6))]
    angle = np.concatenate([rest(2.0), *strides, rest(3.0), *walk(8, ahead=True), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    assert len(seen) == 12
    assert look(angle, seen) == ([0, 1, 2, 3], [])


def test_a_person_who_walks_on_without_a_stand_takes_no_more_steps_there() -> None:
    strides = [part for _ in range(5) for part in (swing(0.0, 45.0, 0.5), swing(45.0, 0.0, 0.6))]
    angle = np.concatenate([rest(2.0), *walk(8, ahead=True), *strides, rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    assert look(angle, seen) == ([8, 9, 10, 11, 12], [])


def hurrying(strides: int) -> FloatArray:
    """Swings no wider than steps, in which the leg is hardly ever slow."""
    return HALF_DEG * np.sin(np.linspace(0.0, 2.0 * np.pi * strides, round(strides * 0.8 / TICK_S)))


def test_strides_as_narrow_as_steps_are_none_where_the_leg_stands_in_others() -> None:
    angle = np.concatenate([rest(2.0), hurrying(6), rest(3.0), *walk(8, ahead=True), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    assert len(seen) == 14
    assert look(angle, seen) == ([0, 1, 2, 3, 4, 5], [])


def test_strides_as_narrow_as_steps_that_go_on_from_them_are_none() -> None:
    angle = np.concatenate([rest(2.0), *walk(8, ahead=True), hurrying(6), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    removed, added = look(angle, seen)
    assert 8 <= len(seen) + len(added) - len(removed) <= 9


def test_smooth_steps_that_take_their_time_stay_though_the_leg_is_never_slow_in_them() -> None:
    there_and_back = np.tile([-HALF_DEG, HALF_DEG], 5)
    time_s = np.arange(0.0, 0.7 * 9, TICK_S)
    smooth = np.interp(time_s, 0.7 * np.arange(10), there_and_back)
    begin, end = swing(0.0, -HALF_DEG, 0.4), swing(HALF_DEG, 0.0, 0.4)
    angle = np.concatenate([rest(2.0), begin, smooth, end, rest(3.0), *walk(8, ahead=True), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    removed, _ = look(angle, seen)
    assert not removed


def test_a_person_who_hardly_stands_between_most_steps_keeps_them() -> None:
    angle = np.concatenate([rest(2.0), hurrying(6), rest(1.0), hurrying(6), rest(1.0), *walk(4, ahead=True), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    removed, _ = look(angle, seen)
    assert not removed


def test_a_handful_in_which_the_leg_never_stands_is_none() -> None:
    there_and_back = [part[1:] for _ in range(3) for part in (swing(15.0, -15.0, 0.48), swing(-15.0, 15.0, 0.24))]
    angle = np.concatenate([rest(2.0), swing(0.0, 15.0, 0.2), *there_and_back, swing(15.0, 0.0, 0.3)[1:], rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    assert len(seen) == 4
    assert look(angle, seen) == ([0, 1, 2, 3], [])


def test_a_handful_that_begins_and_ends_at_a_stand_is_a_walk() -> None:
    angle = np.concatenate([rest(2.0), *walk(3, ahead=True), rest(1.0), *walk(2, ahead=False), rest(9.0)])
    removed, added = look(angle, counted_of(angle, peaks(angle)))
    assert len(peaks(angle)) + len(added) - len(removed) == 5


def test_a_handful_of_which_some_were_taken_back_is_a_walk_too() -> None:
    angle = np.concatenate([rest(2.0), *walk(3, ahead=True), rest(1.0), *walk(2, ahead=False), rest(9.0)])
    seen = counted_of(angle, peaks(angle))
    assert look(angle, seen[2:3]) == ([0], [])
    removed, added = look(angle, seen[2:3], tuple(seen[:2]))
    assert 1 + len(added) - len(removed) == 5


def test_a_handful_of_which_most_were_refused_is_a_walk_too() -> None:
    scenario = Scenario(
        exercise="monster-walk", mount="shin", side="right", reps=5, seed=700, before=(Activity("stand", 1.0),)
    )
    assert evaluate(Task("five steps", scenario, "monster-walk")).count == 5


def test_a_handful_that_does_not_is_none_unless_the_person_said_that_it_is() -> None:
    there_and_back = [swing(-15.0, 15.0, FAST_S), swing(15.0, -15.0, SLOW_S)] * 4
    angle = np.concatenate([np.full(50, -15.0), *there_and_back, np.full(200, -15.0)])
    seen = counted_of(angle, peaks(angle))
    assert look(angle, seen) == ([0, 1, 2, 3], [])
    by_hand = look_again_at_steps(np.arange(len(angle)) * TICK_S, up_of(angle), seen, [], COUNTER, by_hand=True)
    assert by_hand[0] == []


def steps_to(homes_deg: list[float], stand_s: float) -> tuple[FloatArray, list[Excursion]]:
    """Steps out and back, each from its own pose; after each the leg stands while the other foot follows."""
    parts, counted = [np.full(50, homes_deg[0])], []
    for before, home in itertools.pairwise([homes_deg[0], *homes_deg]):
        begin = sum(len(part) for part in parts)
        parts += [swing(before, home, 0.1), swing(home, home + 20.0, FAST_S), swing(home + 20.0, home, SLOW_S)]
        start_s, turn_s, end_s = ((begin + ticks) * TICK_S for ticks in (2, 14, 39))
        counted.append(
            Excursion(
                start_s,
                turn_s,
                end_s,
                20.0,
                (1.0, 0.0, 0.0),
                *(tuple(up_of(np.array([a]))[0]) for a in (home, home + 20.0)),
            )
        )
        parts.append(np.full(round(stand_s / TICK_S), home))
    return np.concatenate([*parts, np.full(200, homes_deg[-1])]), counted


def test_a_handful_of_steps_after_each_of_which_the_other_foot_follows_is_a_walk_too() -> None:
    assert look(*steps_to([0.0, 2.0, 0.0, 1.0], stand_s=0.8)) == ([], [])


def test_a_handful_with_hardly_a_stand_is_none() -> None:
    assert look(*steps_to([0.0, 2.0, 0.0, 1.0], stand_s=0.0)) == ([0, 1, 2, 3], [])


def test_a_handful_from_several_poses_is_none() -> None:
    assert look(*steps_to([0.0, 9.0, 2.0, 15.0], stand_s=0.8)) == ([0, 1, 2, 3], [])


def test_steps_without_a_moments_stand_between_them_stay() -> None:
    """Whoever hurries all the time has no others to tell them by; strides are no different but for their width."""
    angle = np.concatenate([rest(2.0), hurrying(8), rest(9.0)])
    removed, _ = look(angle, counted_of(angle, peaks(angle)))
    assert len(removed) <= 1


@pytest.mark.parametrize(("pause_s", "none"), [(3.0, []), (6.0, list(range(7)))])
def test_movements_each_a_long_time_after_the_other_are_no_walk(pause_s: float, none: list[int]) -> None:
    assert look(*steps_to([0.0] * 7, pause_s)) == (none, [])


@given(st.lists(st.floats(-80.0, 80.0), min_size=3, max_size=40), st.integers(0, 40))
def test_whatever_moves_the_answer_fits_what_was_counted(levels: list[float], count: int) -> None:
    angle = np.concatenate([swing(a, b, 0.7) for a, b in itertools.pairwise(levels)] + [np.full(50, levels[-1])])
    seen = counted_of(angle, peaks(angle)[:count])
    removed, added = look(angle, seen)
    assert set(removed) <= set(range(len(seen)))
    assert all(step.start_s <= step.turn_s <= step.end_s for step in added)


def test_small_swings_that_creep_are_not_parted_by_a_stand_at_their_very_end() -> None:
    """What keeps within two degrees for a moment is most of such a swing."""
    creeping = [
        part for _ in range(6) for part in (swing(-3.5, -0.5, 0.5), swing(-0.5, 1.5, 0.4), swing(1.5, -3.5, 1.9))
    ]
    angle = np.concatenate((np.full(50, -3.5), *creeping, np.full(200, -3.5)))
    tops = np.flatnonzero((angle[1:-1] > angle[:-2]) & (angle[1:-1] >= angle[2:]) & (angle[1:-1] > 1.0)) + 1
    assert len(tops) == 6
    with np.errstate(all="raise"):
        look(angle, counted_of(angle, tops))
