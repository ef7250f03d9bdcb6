"""Lunges seen from the shin are looked at again: one rep is the movement from one rest at home to the next."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim import Activity, Scenario, simulate
from kneeimu.evaluation.judge import analyze, prepare
from kneeimu.evaluation.tasks import Task, load
from kneeimu.motion.orientation import Ticks
from kneeimu.reps.afterwards.review import SetReview
from kneeimu.reps.afterwards.second_look_at_swings import look_again_at_swings
from kneeimu.reps.afterwards.shapes import Swings
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.walk.gait import Gait
from kneeimu.types import FloatArray, Samples, Setup

TICK_S = 0.04


def up_of(angle_deg: FloatArray) -> FloatArray:
    angle = np.radians(angle_deg)
    return np.stack((np.zeros_like(angle), np.sin(angle), np.cos(angle)), axis=1)


def through(*levels: float, seconds: float = 0.7) -> FloatArray:
    phase = np.linspace(0.0, np.pi, round(seconds / TICK_S))
    return np.concatenate([a + (b - a) * 0.5 * (1.0 - np.cos(phase)) for a, b in itertools.pairwise(levels)])


def stepping_lunge(bottom_deg: float = 12.0) -> FloatArray:
    """The foot leaves, swings ahead, the shin leans over it; and back: from home to home."""
    return np.concatenate(
        (through(0.0, 12.0, -18.0, bottom_deg), np.full(15, bottom_deg), through(bottom_deg, -18.0, 12.0, 0.0))
    )


def lunges(count: int, bottom_deg: float = 12.0) -> FloatArray:
    one = np.concatenate((stepping_lunge(bottom_deg), np.zeros(20)))
    return np.concatenate((np.zeros(75), np.tile(one, count), np.zeros(200)))


def rep(start_s: float, turn_s: float, end_s: float) -> Excursion:
    return Excursion(start_s, turn_s, end_s, 20.0, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.3, 0.95))


def look(angle: FloatArray, counted: list[Excursion]) -> tuple[list[int], list[Excursion]]:
    return look_again_at_swings(np.arange(len(angle)) * TICK_S, up_of(angle), counted, [], 7.0)[:2]


def spans(count: int, bottom_deg: float = 12.0) -> list[tuple[float, float]]:
    length_s = len(stepping_lunge(bottom_deg)) * TICK_S
    return [(3.0 + k * (length_s + 0.8), 3.0 + k * (length_s + 0.8) + length_s) for k in range(count)]


def test_lunges_counted_once_each_are_left_alone() -> None:
    counted = [rep(a, 0.5 * (a + b), b) for a, b in spans(6)]
    assert look(lunges(6), counted) == ([], [])


def test_a_lunge_counted_twice_loses_one() -> None:
    counted = [rep(a, 0.5 * (a + b), b) for a, b in spans(6)]
    first, last = spans(6)[2]
    counted[2:3] = [rep(first, first + 1.2, first + 2.0), rep(last - 2.0, last - 1.2, last)]
    removed, added = look(lunges(6), counted)
    assert (len(removed), added) == (1, [])
    assert removed[0] in (2, 3)


def test_a_lunge_that_was_missed_is_found() -> None:
    counted = [rep(a, 0.5 * (a + b), b) for a, b in spans(6)]
    missed = counted.pop(1)
    removed, added = look(lunges(6), counted)
    assert removed == []
    assert len(added) == 1
    assert missed.start_s - 0.2 <= added[0].turn_s <= missed.end_s + 0.2


def test_a_shin_that_comes_by_home_at_the_bottom_makes_no_second_rep() -> None:
    """Some people's shin is as upright at the bottom of the lunge as before it."""
    counted = []
    for a, b in spans(6, bottom_deg=1.0):
        counted += [rep(a, a + 1.2, a + 2.0), rep(b - 2.0, b - 1.2, b)]
    removed, added = look(lunges(6, bottom_deg=1.0), counted)
    assert (len(removed), added) == (6, [])


@given(st.lists(st.floats(-60.0, 60.0), min_size=3, max_size=30), st.integers(0, 12))
def test_whatever_moves_the_answer_fits_what_was_counted(levels: list[float], count: int) -> None:
    angle = np.concatenate((np.zeros(50), through(0.0, *levels, 0.0), np.zeros(100)))
    end_s = len(angle) * TICK_S
    edges = np.linspace(2.0, end_s - 4.0, count + 1)
    counted = [rep(a, 0.5 * (a + b), b) for a, b in itertools.pairwise(edges.tolist())]
    removed, added = look(angle, counted)
    assert set(removed) <= set(range(len(counted)))
    assert all(other.start_s <= other.turn_s <= other.end_s for other in added)


def review_of(angle: FloatArray) -> tuple[SetReview, TickHistory]:
    history, time_s, nothing = TickHistory(), np.arange(len(angle)) * TICK_S, np.zeros(len(angle))
    quat = np.stack((np.cos(0.5 * np.radians(angle)), np.sin(0.5 * np.radians(angle)), nothing, nothing), axis=1)
    history.append(Ticks(time_s, quat, up_of(angle), nothing, nothing, np.zeros((len(angle), 3))))
    return SetReview(Swings(10.0), CounterParameters(), Gait(history, "shin", "lunges")), history


def newest_s(history: TickHistory) -> float:
    return float(history.window(np.inf, np.inf)[0][-1])


def test_lunges_of_which_none_was_counted_are_counted_when_they_are_over() -> None:
    review, history = review_of(lunges(5))
    for a, b in spans(5):
        review.refuse(rep(a, 0.5 * (a + b), b))
    removed, added, _ = review.close(newest_s(history), history, [])
    assert removed == []
    assert [(one.start_s, one.end_s) for one in added] == [pytest.approx(span, abs=0.5) for span in spans(5)]


def test_lunges_counted_when_a_set_was_over_are_none_of_the_set_after() -> None:
    first, second = lunges(4), lunges(6)
    review, history = review_of(np.concatenate((first, second)))
    for a, b in spans(4):
        review.refuse(rep(a, 0.5 * (a + b), b))
    begins_s = len(first) * TICK_S
    _, added, _ = review.close(begins_s, history, [])
    assert len(added) == 4
    for k, (a, b) in enumerate(spans(6)):
        review.count(k + 1, rep(begins_s + a, begins_s + 0.5 * (a + b), begins_s + b))
    removed, added, found_as = review.close(newest_s(history), history, [])
    assert (removed, added) == ([], [])
    assert list(found_as) == [1, 2, 3, 4, 5, 6]


def test_lunges_before_strides_that_were_taken_for_some_are_counted_all_the_same() -> None:
    """The person lunges on to the knee, further than the exercise goes, and walks away."""
    stride = np.concatenate((through(0.0, 60.0, 0.0, seconds=0.4), np.zeros(12)))
    lunged, walked = lunges(5, bottom_deg=70.0), np.tile(stride, 8)
    review, history = review_of(np.concatenate((lunged, walked, np.zeros(100))))
    begins_s, stride_s = len(lunged) * TICK_S, len(stride) * TICK_S
    for a, b in spans(5, bottom_deg=70.0):
        review.refuse(rep(a, 0.5 * (a + b), b))
    for k in range(8):
        review.count(k + 1, rep(begins_s + k * stride_s, begins_s + k * stride_s + 0.4, begins_s + k * stride_s + 0.8))
    removed, added, _ = review.close(newest_s(history), history, [])
    assert removed == list(range(1, 9))
    assert [(one.start_s, one.end_s) for one in added] == [
        pytest.approx(span, abs=0.8) for span in spans(5, bottom_deg=70.0)
    ]


def test_lunges_that_were_counted_before_strides_stay() -> None:
    """The person walks away at once."""
    lunge, stride = (np.concatenate((through(0.0, 60.0, 0.0, seconds=s), np.zeros(10))) for s in (0.8, 0.4))
    starts = 75 + np.cumsum([0, *[len(lunge)] * 5, *[len(stride)] * 6])
    review, history = review_of(np.concatenate((np.zeros(75), np.tile(lunge, 5), np.tile(stride, 7), np.zeros(100))))
    for number, start_s in enumerate((starts * TICK_S).tolist()):
        way_s = 0.8 if number < 5 else 0.4
        review.count(number, rep(start_s, start_s + way_s, start_s + 2.0 * way_s))
    removed, _, _ = review.close(newest_s(history), history, [])
    assert removed == [*range(5, 12)]


def test_three_movements_that_were_refused_are_no_set() -> None:
    review, history = review_of(lunges(3))
    for a, b in spans(3):
        review.refuse(rep(a, 0.5 * (a + b), b))
    assert review.close(newest_s(history), history, []) == ([], [], {})


def test_lunges_three_times_as_fast_as_the_others_stay() -> None:
    hurried = np.interp(
        np.arange(0.0, len(stepping_lunge()) - 1, 2.8), np.arange(len(stepping_lunge())), stepping_lunge()
    )
    parts, counted = [np.zeros(75)], []
    for one in [stepping_lunge(), stepping_lunge(), hurried] * 3:
        start_s = sum(map(len, parts)) * TICK_S
        parts += [one, np.zeros(20)]
        counted.append(rep(start_s, start_s + 0.5 * len(one) * TICK_S, start_s + len(one) * TICK_S))
    assert look(np.concatenate((*parts, np.zeros(200))), counted) == ([], [])


def test_sitting_down_after_the_last_lunge_is_none_though_it_looks_a_little_like_one() -> None:
    sat = 0.6 * np.interp(np.linspace(0.0, 1.0, 200), np.linspace(0.0, 1.0, len(stepping_lunge())), stepping_lunge())
    before = lunges(6)[:-200]
    angle = np.concatenate((before, sat, np.zeros(200)))
    begin_s, end_s = TICK_S * len(before), TICK_S * (len(before) + len(sat))
    counted = [*(rep(a, 0.5 * (a + b), b) for a, b in spans(6)), rep(begin_s, begin_s + 1.5, end_s)]
    assert look(angle, counted) == ([6], [])


def test_a_small_movement_in_the_pause_between_lunges_is_none() -> None:
    angle = np.concatenate((lunges(5)[:-150], through(0.0, 5.0, 0.0), lunges(5)))
    after_s = (len(angle) - len(lunges(5))) * TICK_S
    counted = [rep(a, 0.5 * (a + b), b) for a, b in spans(5)]
    counted += [rep(a + after_s, 0.5 * (a + b) + after_s, b + after_s) for a, b in spans(5)]
    fidget = Excursion(after_s - 1.4, after_s - 0.7, after_s, 5.0, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.1, 0.99))
    assert look(angle, sorted([*counted, fidget], key=lambda one: one.start_s)) == ([5], [])


@pytest.mark.parametrize("faults", [{"dropped": (4, 6)}, {"fast": (2, 3, 5)}])
@pytest.mark.parametrize("seed", [101, 103, 104])
def test_lunges_with_a_step_in_several_paces_are_alike_along_their_way(
    seed: int, faults: dict[str, tuple[int, ...]]
) -> None:
    scenario = Scenario(
        exercise="lunge", side="right", mount="shin", manner="stepping", reps=8, rate_hz=50.0,
        tempo_s=(2.0, 0.3, 2.0, 0.8), variation=0.5, style=0.5, faults=faults, seed=seed,
    )  # fmt: skip
    done = simulate(scenario)
    analysis = analyze(
        Samples(done.time_s, done.acc_m_s2, done.gyr_rad_s), Setup("lunge", "right", "shin", 50.0), file="paces"
    )
    assert 7 <= len(analysis.reps) <= 8


def test_lunges_of_two_paces_that_were_counted_right_are_not_given_up_for_fewer_seen_from_the_far_end() -> None:
    ready = Scenario(
        exercise="lunge", side="right", mount="shin", manner="stepping", alignment="full", reference_reps=4, reps=10,
        tempo_s=(2.08, 0.2, 1.96, 0.7), faults={"fast": (2, 3, 5, 7)}, seed=2014801419225090798,
        before=(Activity("stand", 3.0),), after=(Activity("stand", 3.0),),
    )  # fmt: skip
    recording = load(Task("two-paces", ready, "lunge"))
    samples, alignment, _ = prepare(recording, "lunge")
    analysis = analyze(samples, Setup("lunge", "right", "shin", ready.rate_hz, alignment), file="two-paces")
    assert len(analysis.reps) == 10


@pytest.mark.parametrize("seed", [0, 26, 83, 135])
def test_of_very_uneven_lunges_that_were_counted_right_two_may_be_seen_as_one_and_no_more(seed: int) -> None:
    """Two uneven lunges in a row look like one."""
    scatter = np.random.default_rng(seed)
    angle, counted = [np.zeros(75)], []
    for _ in range(9):
        lift, swing, lean = scatter.normal((12.0, -20.0, 12.0), 5.0)
        seconds = scatter.uniform(0.3, 0.9)
        way = through(0.0, lift, swing, lean, swing * scatter.uniform(0.5, 1.3), 0.0, seconds=seconds)
        start_s = sum(map(len, angle)) * TICK_S
        end_s = start_s + len(way) * TICK_S
        counted.append(rep(start_s, 0.5 * (start_s + end_s), end_s))
        angle += [way, np.full(8, scatter.normal())]
    removed, added = look(np.concatenate((*angle, np.zeros(200))), counted)
    assert (len(removed) <= 1, added) == (True, [])
