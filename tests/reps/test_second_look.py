"""A set that is over is looked at again: the first reps, the ways in and out, the right end of the movement."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from looked_again import FLOOR_DEG, TICK_S, excursions, look, out_and_back, ramp, rest, set_of, up_of

from kneeimu.reps.afterwards.oddness import LookParameters
from kneeimu.reps.afterwards.second_look import look_again
from kneeimu.reps.afterwards.shapes import look_parameters
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.strokes import find_strokes
from kneeimu.types import FloatArray


def test_a_set_that_was_counted_right_is_left_alone() -> None:
    angle = np.concatenate((rest(3.0), set_of(8), rest(9.0)))
    assert look(angle, excursions(angle)) == ([], [])


def test_movements_of_another_posture_go_however_many_they_are() -> None:
    """A person who sits down, gets up and turns before the set is counted three times."""
    before = (rest(3.0, 90.0), *(part for _ in range(3) for part in (out_and_back(125.0, 2.0, 90.0), rest(1.0, 90.0))))
    steps = [part for _ in range(5) for part in (out_and_back(30.0, 2.0), rest(1.0))]
    angle = np.concatenate((*before, ramp(90.0, 0.0, 2.0), rest(3.0), *steps, rest(9.0)))
    time_s, up = np.arange(len(angle)) * TICK_S, up_of(angle)
    axis, homes = np.array([-1.0, 0.0, 0.0]), up_of(np.array([90.0, 0.0]))
    seen = [s for home in homes for s in find_strokes(time_s, up, home, axis, 30.0) if 25.0 < s.height_deg < 45.0]
    counted = [Excursion(time_s[s.start], time_s[s.turn], time_s[s.end], s.height_deg, s.axis, s.home, s.far)
               for s in sorted({s.turn: s for s in seen}.values(), key=lambda s: s.turn)]  # fmt: skip
    assert len(counted) == 8
    assert look(angle, counted) == ([0, 1, 2], [])


@pytest.mark.parametrize(("stood_deg", "swung_deg"), [(-28.0, 2.0), (-2.0, -26.0)])
def test_movements_that_share_little_of_the_reps_way_go_however_many_they_are(
    stood_deg: float, swung_deg: float
) -> None:
    """A person straightened the seated knee, got up, and went away softly: the shin swings about hanging down."""
    steps = (part for _ in range(6) for part in (out_and_back(swung_deg, 2.0, stood_deg), rest(0.3, stood_deg)))
    reps = np.concatenate((rest(3.0), set_of(8)))
    angle = np.concatenate((reps, ramp(0.0, stood_deg, 2.0), rest(2.0, stood_deg), *steps, rest(9.0, stood_deg)))
    time_s, up = np.arange(len(angle)) * TICK_S, up_of(angle)
    way = np.array([-1.0 if swung_deg > stood_deg else 1.0, 0.0, 0.0])
    strides = [Excursion(time_s[s.start], time_s[s.turn], time_s[s.end], s.height_deg, s.axis, s.home, s.far)
               for s in find_strokes(time_s, up, up_of(np.array([stood_deg]))[0], way, 30.0)
               if s.turn > len(reps) and s.height_deg < 35.0]  # fmt: skip
    counted = [*excursions(reps), *strides]
    assert (len(counted), len(strides)) == (14, 6)
    assert look(angle, counted) == ([*range(8, 14)], [])


def test_a_person_who_stood_a_little_beyond_home_does_not_come_by() -> None:
    """Whoever steps aside for the first time stood with the feet closer together than later."""
    stood = (rest(3.0, -7.0), ramp(-7.0, 20.0, 0.5), ramp(20.0, 0.0, 0.7))
    steps = [part for _ in range(7) for part in (rest(0.5), out_and_back(22.0, 1.4))]
    angle = np.concatenate((*stood, *steps, rest(9.0)))
    seen = excursions(angle)
    assert len(seen) == 8
    assert look(angle, seen) == ([], [])


@pytest.mark.parametrize("missed", [0, 1, 4, 7])
def test_a_rep_that_was_missed_is_found(missed: int) -> None:
    angle = np.concatenate((rest(3.0), set_of(8), rest(9.0)))
    seen = excursions(angle)
    wanted = seen.pop(missed)
    removed, added = look(angle, seen)
    assert removed == []
    assert [round(rep.turn_s, 2) for rep in added] == [round(wanted.turn_s, 2)]


@pytest.mark.parametrize(("pause_s", "found"), [(0.5, 1), (4.0, 0)])
def test_an_odd_rep_that_was_missed_is_found_amid_the_set_where_it_comes_as_soon_as_usual(
    pause_s: float, found: int
) -> None:
    angle = np.concatenate((rest(3.0), set_of(4), out_and_back(66.0), rest(pause_s), set_of(4), rest(9.0)))
    seen = excursions(angle)
    removed, added = look(angle, seen[:4] + seen[5:])
    assert (removed, len(added)) == ([], found)


def test_a_rep_that_was_missed_may_reach_into_the_next() -> None:
    """The one after it was taken to have begun while it still came back."""
    angle = np.concatenate((rest(3.0), set_of(8), rest(9.0)))
    seen = excursions(angle)
    missed, late = seen.pop(0), seen[0]
    seen[0] = dataclasses.replace(late, start_s=missed.end_s - 0.15)
    removed, added = look(angle, seen)
    assert (removed, [round(rep.turn_s, 2) for rep in added]) == ([], [round(missed.turn_s, 2)])


def test_a_movement_after_a_pause_that_is_unlike_the_reps_goes() -> None:
    angle = np.concatenate((rest(3.0), set_of(8), rest(4.0), out_and_back(17.0, 1.2), rest(9.0)))
    seen = excursions(angle)
    assert len(seen) == 9
    assert look(angle, seen) == ([8], [])


@pytest.mark.parametrize(("rest_s", "strides_found"), [(0.0, 0), (0.5, 5)])
def test_what_is_like_a_rep_while_the_person_walks_is_one_only_if_it_rests_at_home_too(
    rest_s: float, strides_found: int
) -> None:
    """Strides go as far as half squats, and as fast; but one follows the other."""
    reps = np.concatenate([np.concatenate((out_and_back(40.0, 1.4), rest(0.8))) for _ in range(8)])
    strides = np.concatenate([np.concatenate((out_and_back(40.0, 1.2), rest(rest_s))) for _ in range(5)])
    angle = np.concatenate((rest(3.0), reps, rest(2.0), strides, rest(9.0)))
    seen = excursions(angle)
    assert len(seen) == 13
    walked = [(seen[8].start_s - 0.1, seen[12].end_s + 0.1)]
    removed, added = look_again(np.arange(len(angle)) * TICK_S, up_of(angle), seen[:8], seen[8:], walked, FLOOR_DEG)
    assert (removed, len(added)) == ([], strides_found)


def test_a_movement_on_the_way_into_the_start_pose_goes() -> None:
    angle = np.concatenate((rest(2.0), out_and_back(75.0, 6.0), rest(3.0), set_of(8), rest(9.0)))
    removed, added = look(angle, excursions(angle))
    assert (removed, added) == ([0], [])


def test_small_reps_at_the_end_of_a_tiring_set_stay() -> None:
    tired = np.concatenate([np.concatenate((out_and_back(40.0 - 3.0 * k), rest(0.5))) for k in range(9)])
    angle = np.concatenate((rest(3.0), tired, rest(9.0)))
    assert look(angle, excursions(angle)) == ([], [])


@pytest.mark.parametrize(("pause_s", "small"), [(0.5, 0), (4.0, 2)])
def test_far_smaller_ones_at_either_end_stay_where_only_their_size_is_odd(pause_s: float, small: int) -> None:
    """Who begins carefully, or tires, does the same movement; what comes after a pause is another."""
    careful = np.concatenate([out_and_back(19.0), rest(0.5), out_and_back(19.0), rest(pause_s)])
    angle = np.concatenate((rest(3.0), careful, set_of(9), rest(9.0)))
    for seen_from in (angle, angle[::-1]):
        counted = excursions(seen_from)
        assert len(counted) == 11
        assert len(look(seen_from, counted)[0]) == small


def test_a_hitch_is_not_another_rep() -> None:
    hitched = np.concatenate((ramp(0.0, 40.0), ramp(40.0, 25.0, 0.6), ramp(25.0, 40.0, 0.6), ramp(40.0, 0.0)))
    angle = np.concatenate((rest(3.0), set_of(4), hitched, rest(0.5), set_of(3), rest(9.0)))
    seen = excursions(angle)
    assert len(seen) == 8
    assert look(angle, seen) == ([], [])


def test_a_set_with_a_dip_in_a_rep_is_not_turned_over() -> None:
    """From the far end there is one way more to home than reps, as if it were the other end; but it lies in a rep."""
    dips = [np.concatenate((ramp(0.0, 40.0), ramp(40.0, 20.0), rest(0.3, 20.0), ramp(20.0, 40.0), ramp(40.0, 0.0)))] * 2
    angle = np.concatenate((rest(3.0), set_of(3), *dips, rest(0.5), set_of(3), rest(9.0)))
    assert look(angle, excursions(angle)) == ([], [])


def test_the_last_rep_may_come_after_a_rest_of_some_seconds() -> None:
    angle = np.concatenate((rest(3.0), set_of(7), rest(6.0), out_and_back(41.0), rest(9.0)))
    assert look(angle, excursions(angle)) == ([], [])


def test_the_last_rep_may_come_after_a_rest_and_be_a_little_odd() -> None:
    angle = np.concatenate((rest(3.0), set_of(6), rest(5.0), out_and_back(48.0), rest(9.0)))
    assert look(angle, excursions(angle)) == ([], [])


def test_the_first_rep_may_be_held_for_longer() -> None:
    held = np.concatenate((ramp(0.0, 40.0, 1.5), rest(4.5, 40.0), ramp(40.0, 0.0, 1.5), rest(0.5)))
    angle = np.concatenate((rest(3.0), held, set_of(7), rest(9.0)))
    assert look(angle, excursions(angle)) == ([], [])


def test_reps_counted_from_their_far_end_are_turned_over() -> None:
    """Between eight ways out there are seven ways back and out again."""
    angle = np.concatenate((rest(3.0), set_of(8), rest(9.0)))
    ways_back = [
        Excursion(a.turn_s, a.end_s, b.turn_s, 40.0, (1.0, 0.0, 0.0), a.far, a.home)
        for a, b in zip(excursions(angle), excursions(angle)[1:], strict=False)
    ]
    removed, added = look(angle, ways_back)
    assert (removed, len(added)) == (list(range(7)), 8)


def test_what_is_no_rep_amid_a_set_does_not_become_one_when_the_set_is_turned_over() -> None:
    """Amid eight ways out the leg goes twice as far, and quickly."""
    other = (rest(1.0), out_and_back(80.0, 1.5), rest(1.0))
    angle = np.concatenate((rest(3.0), set_of(4), *other, set_of(4), rest(9.0)))
    nine = excursions(angle)
    ways_back = [
        Excursion(a.turn_s, a.end_s, b.turn_s, 40.0, (1.0, 0.0, 0.0), a.far, a.home)
        for a, b in itertools.pairwise(nine)
        if max(a.peak_deg, b.peak_deg) < 60.0
    ]
    falls_along, time_s = np.array([0.0, -1.0, 0.0]), np.arange(len(angle)) * TICK_S
    _, added = look_again(time_s, up_of(angle), ways_back, [], [], FLOOR_DEG, falls_along=falls_along)
    assert [rep.turn_s for rep in added] == pytest.approx([rep.turn_s for rep in nine if rep.peak_deg < 60.0])


def test_what_lies_beyond_strides_before_the_set_is_no_rep_that_was_missed() -> None:
    """One movement like a rep, two that are none, and the set: who walks there walked before it, too."""
    strides = (rest(0.4), out_and_back(75.0, 0.9), rest(0.2), out_and_back(75.0, 0.9), rest(0.4))
    angle = np.concatenate((rest(3.0), out_and_back(40.0, 2.4), *strides, set_of(6), rest(9.0)))
    six = excursions(angle)[3:]
    assert len(six) == 6
    assert look(angle, six) == ([], [])


def test_a_pause_that_was_counted_as_a_rep_is_taken_back_once() -> None:
    """Seen from the far end a pause of ten seconds is a rep, that lies between two runs of reps."""
    part = [out_and_back(40.0), rest(0.5)] * 4
    angle = np.concatenate((rest(3.0), *part, rest(10.0), *part, rest(9.0)))
    ((_, far_y, far_z),) = up_of(np.array([40.0])).tolist()
    counted = [
        Excursion(before.turn_s - 0.1, 0.5 * (before.turn_s + after.turn_s), after.turn_s + 0.1, 40.0,
                  (1.0, 0.0, 0.0), (0.0, far_y, far_z), (0.0, 0.0, 1.0))
        for before, after in itertools.pairwise(excursions(angle))
    ]  # fmt: skip
    falls_along, time_s = np.array([0.0, -1.0, 0.0]), np.arange(len(angle)) * TICK_S
    removed, added = look_again(time_s, up_of(angle), counted, [], [], FLOOR_DEG, falls_along=falls_along)
    assert removed == list(range(7))
    assert len(added) == 8


def test_the_way_from_the_first_rep_to_the_second_gives_place_to_both() -> None:
    """Held reps, of which the live count knew home only from the rest between the first two on."""
    held = np.concatenate((ramp(0.0, 40.0), rest(4.0, 40.0), ramp(40.0, 0.0), rest(0.6)))
    angle = np.concatenate((rest(3.0), *[held] * 8, rest(9.0)))
    first, second, *others = excursions(angle)
    between = Excursion(
        first.end_s - 0.4, 0.5 * (first.end_s + second.start_s), second.start_s + 0.4, 40.0, (1.0, 0.0, 0.0),
        first.far, first.home,
    )  # fmt: skip
    removed, added = look(angle, [between, *others])
    assert removed == [0]
    assert [rep.turn_s for rep in added] == pytest.approx([first.turn_s, second.turn_s])


@pytest.mark.parametrize(("pause_s", "removed"), [(5.0, [4]), (0.5, [])])
def test_a_small_movement_far_from_the_reps_on_either_side_is_none(pause_s: float, removed: list[int]) -> None:
    """In a short rest between two sets the leg is moved; in a set a small rep is one."""
    fidget = (rest(pause_s), out_and_back(16.0, 1.2), rest(pause_s))
    angle = np.concatenate((rest(3.0), set_of(4), *fidget, set_of(4), rest(9.0)))
    counted = excursions(angle)
    assert len(counted) == 9
    assert look(angle, counted) == (removed, [])


def shaken() -> FloatArray:
    """As far out as a rep, and there the leg is shaken."""
    shake = 40.0 + 3.0 * np.sin(2.0 * np.pi * 3.0 * np.arange(0.0, 3.0, TICK_S))
    return np.concatenate((ramp(0.0, 40.0), shake, ramp(40.0, 0.0)))


def sharp() -> FloatArray:
    """About as far and for as long as a rep, but there and back in no time."""
    return np.concatenate((ramp(0.0, 46.0, 0.6), rest(1.2, 46.0), ramp(46.0, 0.0, 0.6)))


@pytest.mark.parametrize(("last", "removed"), [(out_and_back(40.0), []), (shaken(), [6]), (sharp(), [6])])
def test_a_last_movement_that_is_shaken_or_far_sharper_than_any_rep_is_none(
    last: FloatArray, removed: list[int]
) -> None:
    angle = np.concatenate((rest(3.0), set_of(6), rest(4.0), last, rest(9.0)))
    counted = excursions(angle)
    assert len(counted) == 7
    assert look(angle, counted)[0] == removed


def test_a_movement_that_leaves_home_at_once_where_the_others_stay_is_none_of_them() -> None:
    """Half sitting down, up, and down again: it looks like a hurried rep."""
    leaves = np.concatenate((out_and_back(30.0, 2.0), ramp(0.0, 60.0, 0.8), rest(9.0, 60.0)))
    angle = np.concatenate((rest(3.0), *[np.concatenate((out_and_back(40.0), rest(1.5))) for _ in range(8)], leaves))
    assert look(angle, excursions(angle)[:9])[0] == [8]


@pytest.mark.parametrize("stay_s", [0.2, 0.5])
def test_a_stroke_knows_how_long_it_stays_at_home_on_either_side(stay_s: float) -> None:
    angle = np.concatenate((rest(3.0), set_of(1)[:-12], rest(stay_s), set_of(1), rest(3.0)))
    first, second = find_strokes(
        np.arange(len(angle)) * TICK_S, up_of(angle), up_of(np.zeros(1))[0], np.array([-1.0, 0.0, 0.0]), 40.0
    )
    base_s = first.stays_after_s - stay_s
    assert first.stays_after_s == pytest.approx(second.stays_before_s, abs=0.1)
    assert 0.5 < base_s < 1.1
    assert first.stays_before_s == second.stays_after_s == 1.5


def test_three_kinds_of_reps_in_one_set_all_stay() -> None:
    kinds = [out_and_back(40.0), out_and_back(38.0, 1.6), out_and_back(16.0, 2.5)]
    angle = np.concatenate(
        (rest(3.0), *(np.concatenate((kind, rest(0.5))) for kind in kinds for _ in range(3)), rest(9.0))
    )
    seen = excursions(angle)
    assert len(seen) == 9
    assert look(angle, seen) == ([], [])


def test_quick_movements_from_another_home_go_unless_they_are_no_strides() -> None:
    slow = np.concatenate([np.concatenate((out_and_back(40.0, 8.0), rest(1.0))) for _ in range(8)])
    peaks = (12.0, 22.0, 11.0, 20.0, 12.0, 21.0)
    quick = np.concatenate([out_and_back(peak, 1.1, from_deg=-11.0) for peak in peaks])
    angle = np.concatenate((rest(2.0), slow, rest(4.0), ramp(0.0, -11.0), quick, ramp(-11.0, 0.0), rest(5.0)))
    counted = excursions(angle)
    time_s = np.arange(len(angle)) * TICK_S
    last = counted[-6:]
    assert look_again(time_s, up_of(angle), counted, [], [], FLOOR_DEG)[0] == list(range(8, 14))
    assert look_again(time_s, up_of(angle), counted, [], [], FLOOR_DEG, no_strides=last)[0] == []


@pytest.mark.parametrize(("pause_s", "removed"), [(0.4, []), (9.0, [9, 10])])
def test_quick_reps_that_fade_stay_where_they_are_like_those_before_them(pause_s: float, removed: list[int]) -> None:
    slow = [np.concatenate((out_and_back(40.0, 6.0), rest(1.0))) for _ in range(6)]
    quick = [np.concatenate((out_and_back(30.0, 2.4), rest(0.4))) for _ in range(3)]
    last = [np.concatenate((out_and_back(25.0, 2.0), rest(pause_s))) for _ in range(2)]
    angle = np.concatenate((rest(2.0), *slow, rest(5.0), *quick, rest(pause_s), *last, rest(6.0)))
    assert look(angle, excursions(angle))[0] == removed


@pytest.mark.parametrize(("walks", "removed"), [(True, [6, 7, 8]), (False, [])])
def test_a_handful_of_all_kinds_after_the_set_goes_where_the_person_may_walk(walks: bool, removed: list[int]) -> None:
    strays = [out_and_back(20.0, 2.0), rest(0.3), out_and_back(28.0, 0.9), rest(0.3), out_and_back(14.0, 3.0)]
    angle = np.concatenate((rest(3.0), set_of(6), rest(4.0), *strays, rest(9.0)))
    counted, time_s = excursions(angle), np.arange(len(angle)) * TICK_S
    p = LookParameters(walks=walks)
    assert len(counted) == 9
    assert look_again(time_s, up_of(angle), counted, [], [], FLOOR_DEG, p=p)[0] == removed


@pytest.mark.parametrize(("seconds", "removed"), [(1.4, [5, 6]), (4.0, [])])
def test_a_leg_that_is_shaken_twice_after_a_set_lying_down_does_no_rep(seconds: float, removed: list[int]) -> None:
    slow = np.concatenate([np.concatenate((out_and_back(40.0, 6.0), rest(0.5))) for _ in range(5)])
    pair = [out_and_back(85.0, seconds), rest(0.4), out_and_back(55.0, seconds)]
    angle = np.concatenate((rest(3.0), slow, rest(2.0), *pair, rest(9.0)))
    counted, time_s = excursions(angle), np.arange(len(angle)) * TICK_S
    assert len(counted) == 7
    p = LookParameters(walks=False)
    assert look_again(time_s, up_of(angle), counted, [], [], FLOOR_DEG, p=p)[0] == removed


def test_quick_reps_that_go_the_way_of_the_slow_ones_from_their_home_are_no_strides() -> None:
    slow = np.concatenate([np.concatenate((out_and_back(40.0, 5.0), rest(0.5))) for _ in range(6)])
    quick = np.concatenate([np.concatenate((out_and_back(peak, 1.2), rest(0.3))) for peak in (28.0, 28.0, 30.0)])
    angle = np.concatenate((rest(2.0), slow, rest(9.0), quick, rest(5.0)))
    assert look(angle, excursions(angle))[0] == []


def test_quick_steps_to_the_side_are_what_the_set_is_of_and_not_slow_movements_before_it() -> None:
    turns = [part for _ in range(3) for part in (out_and_back(-48.0, 1.8, -30.0), rest(1.0, -30.0))]
    steps = [part for _ in range(9) for part in (out_and_back(12.0, 0.9), rest(0.4))]
    before = np.concatenate((rest(3.0, -30.0), *turns))
    angle = np.concatenate((before, ramp(-30.0, 0.0), rest(2.0), *steps, rest(9.0)))
    time_s, up = np.arange(len(angle)) * TICK_S, up_of(angle)
    homes, ways = up_of(np.array([-30.0, 0.0])), np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]])
    counted = [Excursion(time_s[s.start], time_s[s.turn], time_s[s.end], s.height_deg, s.axis, s.home, s.far)
               for first, home, way in zip((0, len(before)), homes, ways, strict=True)
               for s in find_strokes(time_s, up, home, way, 12.0)
               if s.height_deg < 20.0 and (s.turn > len(before)) == (first > 0)]  # fmt: skip
    assert len(counted) == 12
    p = look_parameters(CounterParameters(steps=True))
    assert look_again(time_s, up, counted, [], [], FLOOR_DEG, p=p)[0] == [0, 1, 2]


@pytest.mark.parametrize("late_s", [0.0, 0.3])
def test_a_run_of_which_nothing_was_counted_may_be_seen_from_its_other_end(late_s: float) -> None:
    """What was counted last began only after the last of them had turned."""
    steps = np.concatenate([out_and_back(40.0, 1.2) for _ in range(3)])
    angle = np.concatenate((rest(3.0), steps, rest(9.0), steps, rest(5.0)))
    seen = excursions(angle)
    begins_s = seen[-1].turn_s + late_s
    late = dataclasses.replace(seen[-1], start_s=begins_s, turn_s=begins_s + 0.4, end_s=begins_s + 1.0)
    removed, _ = look(angle, [*seen[:3], late], stands_far=True)
    assert set(removed) <= {0, 1, 2, 3}


def test_three_reps_show_too_little_to_correct_them() -> None:
    angle = np.concatenate((rest(3.0), set_of(4), rest(9.0)))
    assert look(angle, excursions(angle)[1:]) == ([], [])


@given(st.lists(st.floats(-170.0, 170.0), min_size=2, max_size=40), st.integers(0, 40))
def test_whatever_moves_the_answer_fits_what_was_counted(levels: list[float], counted: int) -> None:
    angle = np.concatenate([ramp(a, b) for a, b in itertools.pairwise(levels)] + [rest(2.0, levels[-1])])
    seen = excursions(angle)[:counted]
    removed, added = look(angle, seen)
    assert set(removed) <= set(range(len(seen)))
    assert all(rep.start_s < rep.turn_s < rep.end_s and rep.peak_deg > 0.0 for rep in added)
    times = sorted([rep for k, rep in enumerate(seen) if k not in removed] + added, key=lambda rep: rep.turn_s)
    assert all(a.turn_s < b.turn_s for a, b in itertools.pairwise(times))
