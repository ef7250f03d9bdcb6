"""Reps are alike, and leave the person facing one way; what people do about the house is neither."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
import pytest
from swung import count, swung
from test_gait import history_of, review_of, turning

from firmware_sim import idle_suite, simulate
from kneeimu.reps.afterwards.oddness import LookParameters
from kneeimu.reps.afterwards.of_a_kind import MOST_SIDEWAYS, of_a_kind
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.walk.gait import Gait
from kneeimu.types import Samples

LOOK = LookParameters()
SIZES = [(40.0, 3.0)] * 3 + [(15.0, 2.0)] * 3 + [(38.0, 1.2)] * 3
UNEVEN = [(20.0, 1.2), (48.0, 3.0), (9.0, 0.8), (31.0, 1.0), (70.0, 2.5), (14.0, 4.0)]
TURNS_DEG = np.array([2.0, 30.0, 5.0, 45.0, 60.0, 10.0])


def made(sizes: list[tuple[float, float]], begin_s: float = 1.0) -> list[Excursion]:
    """Movements of so many deg, that last so many s, each a second after the other."""
    some: list[Excursion] = []
    for range_deg, lasts_s in sizes:
        far = (sin(radians(range_deg)), 0.0, cos(radians(range_deg)))
        some.append(
            Excursion(
                begin_s, begin_s + 0.5 * lasts_s, begin_s + lasts_s, range_deg, (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), far
            )
        )
        begin_s += lasts_s + 1.0
    return some


def test_movements_that_are_all_different_and_turn_the_person_are_no_set() -> None:
    assert not of_a_kind(made(UNEVEN), TURNS_DEG, [], LOOK)


def test_uneven_movements_after_which_the_person_faces_the_same_way_are_reps() -> None:
    assert of_a_kind(made(UNEVEN), np.full(6, 0.3), [], LOOK)


def test_groups_of_three_sizes_are_reps_even_where_the_person_turns_a_little_in_each() -> None:
    assert of_a_kind(made(SIZES), np.full(9, 20.0), [], LOOK)


def test_movements_that_are_like_those_of_the_set_before_go_on_with_it() -> None:
    assert of_a_kind(made(UNEVEN), TURNS_DEG, made(2 * UNEVEN), LOOK)


def test_the_same_movements_done_slowly_may_be_less_alike() -> None:
    slowly = [(range_deg, 4.0 * lasts_s) for range_deg, lasts_s in UNEVEN]
    assert of_a_kind(made(slowly), 0.06 * TURNS_DEG, [], LOOK)
    assert not of_a_kind(made(UNEVEN), 0.06 * TURNS_DEG, [], LOOK)


def test_steps_to_the_side_may_be_less_alike_than_reps() -> None:
    turns_deg = 0.06 * TURNS_DEG
    assert not of_a_kind(made(UNEVEN), turns_deg, [], LOOK)
    assert of_a_kind(made(UNEVEN), turns_deg, [], LOOK, MOST_SIDEWAYS)


@pytest.mark.parametrize(("meant", "removed"), [(False, [1, 2, 3, 4, 5, 6]), (True, [])])
def test_a_set_that_is_none_goes_when_it_is_over_unless_the_person_said_that_it_is_one(
    meant: bool, removed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    history = history_of(turning(8, 0, 0.0))
    monkeypatch.setattr(Gait, "turned_deg", lambda _, reps, __: np.full(len(reps), 30.0))
    monkeypatch.setattr(Gait, "strides_among", lambda *_, **__: [])
    review = review_of(history)
    for number, one in enumerate(made(UNEVEN), 1):
        review.count(number, one)
    assert review.close(30.0, history, [], meant=meant).removed == removed


def test_uneven_reps_stay_where_the_person_turned_only_with_the_two_movements_after_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    movements = made([*UNEVEN, (25.0, 1.0), (12.0, 0.9)])
    turned_from_s = movements[6].start_s
    monkeypatch.setattr(
        Gait, "turned_deg", lambda _, reps, __: np.array([60.0 * (rep.start_s >= turned_from_s) for rep in reps])
    )
    monkeypatch.setattr(Gait, "strides_among", lambda *_, **__: [])
    review = review_of(history_of(turning(8, 0, 0.0)))
    for number, one in enumerate(movements, 1):
        review.count(number, one)
    assert review.close(40.0, history_of(turning(8, 0, 0.0)), []).removed == [7, 8]


def test_two_that_the_second_look_leaves_are_no_set_but_may_go_on_with_one() -> None:
    history, two = history_of(turning(16, 0, 0.0)), made(SIZES[:2], 50.0)
    alone, after_a_set = (review_of(history) for _ in range(2))
    for number, one in enumerate(made(4 * SIZES[:1]), 1):
        after_a_set.count(number, one)
    assert after_a_set.close(25.0, history, []).removed == []
    for number, one in enumerate(two, 11):
        after_a_set.count(number, one)
        alone.count(number, one)
    assert alone.close(64.0, history, []).removed == [11, 12]
    assert after_a_set.close(64.0, history, []).removed == []


@pytest.mark.parametrize("exercise", ["squat", "hip-abduction"])
def test_what_a_person_does_about_the_house_counts_no_more_when_it_is_over(exercise: str) -> None:
    scenario = list(idle_suite(5, seed=6103))[4]
    made_of_it = simulate(scenario)
    samples = Samples(made_of_it.time_s, made_of_it.acc_m_s2, made_of_it.gyr_rad_s)
    assert count(exercise, samples, scenario.mount) == 0


@pytest.mark.parametrize(("largest_deg", "counted"), [(3.0, 0), (6.0, 6)])
def test_a_thigh_that_never_rises_more_than_the_other_leg_takes_it_along_has_done_no_lifts(
    largest_deg: float, counted: int
) -> None:
    lifts = [(0.0, largest_deg, 4.0, 3), (0.0, 3.0, 4.0, 3)]
    assert count("prone-hip-extension", swung(lifts)) == counted


def test_small_lifts_count_after_a_set_of_larger_ones() -> None:
    lifts = [(0.0, 9.0, 4.0, 4), (0.0, 0.1, 14.0, 1), (0.0, 3.0, 4.0, 4)]
    assert count("prone-hip-extension", swung(lifts)) == 8
