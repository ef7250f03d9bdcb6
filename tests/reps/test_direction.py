"""Which way a step went is told from where the leg is faster."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.reps.measured.direction import MOST_STEPS, DirectionFinder
from kneeimu.reps.phases import Phases


def step(outward_deg_s: float, return_deg_s: float) -> Phases:
    return Phases(0.0, 1.0, 0.4, 0.2, 0.4, 60.0, outward_deg_s, return_deg_s, 0.8, 0.4, 0.6, 0.0, True)


def said_of(finder: DirectionFinder, steps: list[Phases]) -> list[str | None]:
    return [finder.of(number, one._replace(start_s=float(number)), AXIS) for number, one in enumerate(steps, start=1)]


AXIS = (0.0, 1.0, 0.0)
AHEAD, BACK, HALF = step(120.0, 60.0), step(60.0, 120.0), step(50.0, 60.0)


def test_a_monster_walk_starts_forwards_and_the_turn_exchanges_fast_and_slow() -> None:
    finder = DirectionFinder("right", swings_through=True)
    assert said_of(finder, [AHEAD] * 6 + [BACK] * 6) == ["forward"] * 6 + ["back"] * 6


def test_steps_back_that_set_out_from_the_other_end_of_the_swing_are_fast_on_their_way_out() -> None:
    finder = DirectionFinder("right", swings_through=True)
    said_of(finder, [AHEAD] * 6)
    assert finder.of(7, AHEAD._replace(start_s=7.0), (0.1, -0.99, 0.0)) == "back"


@pytest.mark.parametrize("way", [(AHEAD, BACK), (BACK, AHEAD)])
def test_the_first_step_is_half_a_swing_and_says_nothing(way: tuple[Phases, Phases]) -> None:
    finder = DirectionFinder("left", swings_through=True)
    ahead, back = way
    first = BACK if ahead is AHEAD else AHEAD
    assert said_of(finder, [first] + [ahead] * 5 + [back] * 6) == ["forward"] * 6 + ["back"] * 6


def test_one_odd_step_early_on_turns_none_of_the_others_round() -> None:
    finder = DirectionFinder("right", swings_through=True)
    said = said_of(finder, [HALF, HALF] + [AHEAD] * 6 + [BACK] * 6)
    assert said[2:] == ["forward"] * 6 + ["back"] * 6


def test_the_leg_that_leads_in_a_walk_to_the_side_swings_out_fast() -> None:
    finder = DirectionFinder("right", swings_through=False)
    assert said_of(finder, [AHEAD, BACK]) == ["right", "left"]


def test_strides_that_were_no_steps_say_nothing_of_the_way_the_walk_goes() -> None:
    finder = DirectionFinder("right", swings_through=True)
    said_of(finder, [BACK] * 5)
    for number in range(1, 6):
        finder.forget(number)
    assert said_of(finder, [AHEAD] * 6 + [BACK] * 6) == ["forward"] * 6 + ["back"] * 6


def test_of_a_walk_of_hours_the_first_steps_are_remembered() -> None:
    finder = DirectionFinder("right", swings_through=True)
    assert said_of(finder, [AHEAD] * 10 + [BACK] * MOST_STEPS)[-1] == "back"


def test_a_step_found_late_at_the_turn_round_goes_the_way_of_the_next() -> None:
    """It is half a swing, and the seventh in time."""
    finder = DirectionFinder("right", swings_through=True)
    said_of(finder, [AHEAD] * 6 + [BACK] * 6)
    assert finder.of(13, AHEAD._replace(start_s=6.5), AXIS) == "back"


def test_the_first_steps_are_the_first_in_time_however_late_they_are_told() -> None:
    finder = DirectionFinder("right", swings_through=True)
    steps = [one._replace(start_s=float(at)) for at, one in enumerate([BACK, *[AHEAD] * 5, *[BACK] * 6])]
    for number in (2, 3, 4, 0, 1):
        finder.of(number, steps[number], AXIS)
    assert [finder.of(number, steps[number], AXIS) for number in range(5, 12)] == ["forward"] + ["back"] * 6


def test_a_walk_that_is_added_to_the_catalogue_is_told_apart_by_its_data_alone() -> None:
    """The names of the exercises stand in the catalogue and nowhere in the engine."""
    to_the_side = replace(CATALOGUE["lateral-walk"], name="crab-walk")
    assert (to_the_side.ways, CATALOGUE["monster-walk"].ways, CATALOGUE["squat"].ways) == (
        ("left", "right"), ("forward", "back"), (),
    )  # fmt: skip
    finder = DirectionFinder("right", swings_through=to_the_side.swings_through)
    assert said_of(finder, [AHEAD, BACK]) == ["right", "left"]
