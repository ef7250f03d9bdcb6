"""Who stands at the far end of the movement before and after the set, as in terminal knee extensions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from looked_again import FLOOR_DEG, TICK_S, excursions, look, out_and_back, ramp, rest, set_of, up_of

from kneeimu.reps.afterwards.oddness import LookParameters, common_kind
from kneeimu.reps.afterwards.second_look import look_again
from kneeimu.reps.afterwards.stood import stood_beyond_far_end
from kneeimu.reps.excursion import Excursion
from kneeimu.types import FloatArray


def bends(count: int, first_s: float = 1.0) -> FloatArray:
    """Bend from 40 deg to 0, stay there for a second (at first for as long as is told), and straighten."""
    ways = [(ramp(40.0, 0.0), rest(stay_s), ramp(0.0, 40.0)) for stay_s in (first_s, *[1.0] * (count - 1))]
    return np.concatenate([part for way in ways for part in (*way, rest(1.0, 40.0))])


def ways_between(reps: list[Excursion]) -> list[Excursion]:
    """The same movement seen from its other end."""
    return [
        Excursion(a.turn_s, a.end_s, b.turn_s, 40.0, (1.0, 0.0, 0.0), a.far, a.home)
        for a, b in itertools.pairwise(reps)
    ]


def test_who_stands_at_the_far_end_before_and_after_is_at_home_once_more() -> None:
    """Terminal knee extension: stand straight, bend, then straighten six times, bend, stand."""
    angle = np.concatenate((rest(4.0, 40.0), bends(7, first_s=2.0), rest(9.0, 40.0)))
    seen_from_standing = excursions(40.0 - angle)
    assert len(seen_from_standing) == 7
    removed, added = look(40.0 - angle, seen_from_standing, stands_far=True)
    assert (len(removed), len(added)) == (7, 6)


def test_who_is_not_seen_to_get_into_the_start_pose_is_in_it_already() -> None:
    """Stand with the knee bent, straighten seven times for as long each time, and stand so again."""
    angle = np.concatenate((rest(4.0, 40.0), bends(7), rest(9.0, 40.0)))
    seven = excursions(40.0 - angle)
    assert look(40.0 - angle, seven, stands_far=True) == ([], [])
    removed, added = look(40.0 - angle, ways_between(seven), stands_far=True)
    assert (len(removed), len(added)) == (6, 7)


def test_who_is_not_seen_to_stand_there_before_starts_at_home() -> None:
    """Six times straightened and bent, in a recording that begins with the first: five times straight in between."""
    bent = np.concatenate([np.concatenate((out_and_back(40.0, 2.0), rest(1.0)))] * 6)
    angle = np.concatenate((rest(1.0), bent, rest(0.5)))
    time_s = np.arange(len(angle)) * TICK_S
    whole = {"begins_s": 0.0, "ends_s": float(time_s[-1])}
    removed, added = look_again(time_s, up_of(angle), ways_between(excursions(angle)), (), [], FLOOR_DEG, True, **whole)
    assert (len(removed), len(added)) == (5, 6)


def not_quite_straight(stands_deg: float, count: int = 6) -> FloatArray:
    """Stand, bend to 0 deg, go to 40 deg and back six times in the same time, and stand again."""
    reps = np.concatenate([np.concatenate((ramp(0.0, 40.0), rest(1.0, 40.0), ramp(40.0, 0.0), rest(1.0)))] * count)
    before, after = (rest(4.0, stands_deg), ramp(stands_deg, 0.0), rest(1.0)), (ramp(0.0, stands_deg),)
    return np.concatenate((*before, reps, *after, rest(9.0, stands_deg)))


def test_nobody_stands_straighter_than_straight() -> None:
    """Who stood beyond an end of the reps straightens the leg not quite there, and home is the other end."""
    angle = not_quite_straight(52.0)
    six = excursions(angle)
    assert len(six) == 6
    assert look(angle, six, stands_far=True) == ([], [])
    removed, added = look(angle, ways_between(six), stands_far=True)
    assert (len(removed), len(added)) == (5, 6)


@pytest.mark.parametrize(("stands_deg", "beyond_far"), [(52.0, True), (-15.0, False), (46.0, None), (90.0, None)])
def test_a_stand_tells_the_far_end_where_it_is_clearly_beyond_an_end_and_is_no_seat(
    stands_deg: float, beyond_far: bool | None
) -> None:
    angle = not_quite_straight(stands_deg)
    six = [rep for rep in excursions(angle) if rep.peak_deg < 41.0]
    kind = common_kind(six, (), FLOOR_DEG, LookParameters())
    assert kind is not None
    assert stood_beyond_far_end(np.arange(len(angle)) * TICK_S, up_of(angle), six, kind) is beyond_far


def test_strides_after_knee_extensions_do_not_turn_them_over() -> None:
    """Stand straight, bend, straighten six times, and walk away; two of the strides look like a rep."""
    rep = np.concatenate((ramp(0.0, 40.0, 0.6), rest(0.4, 40.0), ramp(40.0, 0.0, 0.6), rest(0.5)))
    reps = np.concatenate((rest(4.0, 40.0), ramp(40.0, 0.0), rest(2.0), *[rep] * 6))
    ways = [part for to, back in ((0.0, -12.0), (-12.0, 0.0))
            for part in (ramp(to, 40.0, 0.5), rest(0.3, 40.0), ramp(40.0, back, 0.5), rest(0.3, back))]  # fmt: skip
    angle = np.concatenate((reps, rest(0.6), *ways, rest(9.0)))
    time_s, ends_s = np.arange(len(angle)) * TICK_S, len(reps) * TICK_S
    six = [one for one in excursions(angle) if one.end_s < ends_s]
    walked = [(ends_s + 0.2, ends_s + 5.0)]
    removed, _ = look_again(time_s, up_of(angle), six, (), walked, FLOOR_DEG, True)
    assert (len(six), removed) == (6, [])


def test_two_sets_seen_from_the_far_end_are_looked_at_one_by_one_though_the_person_fidgets_between_them() -> None:
    """Stand, bend and straighten, seven times; rest; again. Between the sets the leg is bent a little, twice."""
    begins = np.concatenate((rest(4.0, 40.0), bends(7, first_s=2.0)))
    fidget = np.concatenate((ramp(40.0, 28.0, 0.4), rest(4.0, 28.0), ramp(28.0, 40.0, 0.4), rest(4.0, 40.0)))
    straight = 40.0 - np.concatenate((begins, fidget, fidget, begins, rest(9.0, 40.0)))
    fourteen = [one for one in excursions(straight) if one.peak_deg > 20.0]
    assert len(fourteen) == 14
    removed, added = look(straight, fourteen, stands_far=True)
    assert (len(removed), len(added)) == (14, 12)


@pytest.mark.parametrize(("straight_s", "removed"), [(9.0, []), (14.0, [4])])
def test_who_stands_straight_for_long_amid_knee_extensions_rests_between_two_sets(
    straight_s: float, removed: list[int]
) -> None:
    held = np.concatenate((ramp(0.0, 40.0), rest(straight_s - 2.0, 40.0), ramp(40.0, 0.0), rest(0.5)))
    angle = np.concatenate((rest(3.0), set_of(4), held, set_of(4), rest(9.0)))
    counted = excursions(angle)
    assert len(counted) == 9
    assert look(angle, counted, stands_far=True) == (removed, [])


def test_a_bend_on_the_way_to_something_else_is_no_rep_of_who_stands_at_the_far_end() -> None:
    """Stand straight, bend, straighten six times, bend, stand for longer than in a rep, and bend once more."""
    after = np.concatenate((rest(7.0, 40.0), ramp(40.0, 12.0), rest(1.0, 12.0), ramp(12.0, 40.0), rest(9.0, 40.0)))
    straight = 40.0 - np.concatenate((rest(4.0, 40.0), bends(7, first_s=2.0), after))
    seen_from_standing = excursions(straight)
    assert len(seen_from_standing) == 8
    removed, added = look(straight, seen_from_standing, stands_far=True)
    assert (len(removed), len(added)) == (8, 6)
