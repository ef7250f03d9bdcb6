"""Many ticks at once leave the homes as they are left by one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kneeimu.motion.orientation import Ticks
from kneeimu.reps.excursion import Excursion, ExcursionParameters
from kneeimu.reps.live.course import Course
from kneeimu.reps.live.detector import ExcursionDetector
from kneeimu.reps.live.homes import Home, HomeStack
from kneeimu.reps.parameters import CounterParameters

STEPS = CounterParameters(settles=True, steps=True)
Stretches = list[tuple[float, int]]
stretches = st.lists(st.tuples(st.sampled_from([0.5, 2.0, 4.0]), st.integers(1, 30)), min_size=1, max_size=8)


def leaning(stretches: Stretches) -> Ticks:
    """A limb that leans more and more; its pose has changed by so many deg, at so many ticks."""
    changed = np.concatenate([np.full(ticks, change_deg) for change_deg, ticks in stretches])
    lean = np.radians(0.1 * np.arange(len(changed)))
    up = np.column_stack((np.sin(lean), np.zeros(len(lean)), np.cos(lean)))
    quiet = np.zeros(len(lean))
    return Ticks(0.04 * np.arange(len(lean)), np.ones((len(lean), 4)), up, quiet, quiet, changed[:, None] * np.ones(3))


def observe(stack: HomeStack, ticks: Ticks, size: int, away_deg: float | None) -> None:
    for begin in range(0, len(ticks), size):
        part = ticks.part(begin, begin + size)
        course = Course(part, None, CounterParameters(), stack.sway_ticks)
        stack.observe(course, range(len(part)), None if away_deg is None else [away_deg] * len(part))


@given(stretches, stretches, st.sampled_from([None, 5.0, 30.0]))
def test_many_ticks_at_once(before: Stretches, then: Stretches, away_deg: float | None) -> None:
    stacks = [HomeStack(ExcursionParameters(), CounterParameters()) for _ in range(2)]
    for stack, size in zip(stacks, (1, 1000), strict=True):
        observe(stack, leaning(before), 1, None)
        observe(stack, leaning(then), size, away_deg)
    one, other = ({name: value for name, value in vars(stack).items() if name != "homes"} for stack in stacks)
    assert one == other


def test_home_is_taken_for_rest_after_half_a_second() -> None:
    stack = HomeStack(ExcursionParameters(), CounterParameters())
    observe(stack, leaning([(0.5, 12)]), 5, None)
    assert stack.rest is None
    observe(stack, leaning([(0.5, 1)]), 5, None)
    assert stack.rest is not None
    assert stack.comes_to_rest


@given(stretches, st.integers(1, 40))
def test_where_the_segment_comes_to_rest_is_known_beforehand(stretches: Stretches, size: int) -> None:
    ticks, stack = leaning(stretches), HomeStack(ExcursionParameters(), CounterParameters())
    for begin in range(0, len(ticks), size):
        course = Course(ticks.part(begin, begin + size), None, CounterParameters(), stack.sway_ticks)
        first = course.next_rest(0)
        for at in range(len(course)):
            stack.observe(course, range(at, at + 1), None)
            assert at >= first or not stack.comes_to_rest
            assert at != first or stack.comes_to_rest


def moving(stretches: Sequence[tuple[float, float]]) -> Ticks:
    """A limb that leans on by so many deg within so many s; it is still where that is nothing."""
    lean_deg, changed = [0.0], [0.5]
    for deg, seconds in stretches:
        ticks = round(seconds / 0.04)
        lean_deg += (lean_deg[-1] + deg * np.arange(1, ticks + 1) / ticks).tolist()
        changed += [4.0 if deg else 0.5] * ticks
    lean, quiet = np.radians(lean_deg), np.zeros(len(lean_deg))
    up = np.column_stack((np.sin(lean), quiet, np.cos(lean)))
    return Ticks(0.04 * np.arange(len(lean)), np.ones((len(lean), 4)), up, quiet, quiet, np.outer(changed, np.ones(3)))


@pytest.mark.parametrize(("stays_s", "since_s"), [(2.0, 1.8), (0.2, 0.0)])
def test_who_stays_where_a_movement_the_other_way_led_has_taken_another_pose(stays_s: float, since_s: float) -> None:
    c = CounterParameters()
    ticks, stack = moving([(0.0, 1.0), (-25.0, 0.8), (0.0, stays_s)]), HomeStack(ExcursionParameters(), c)
    course = Course(ticks, None, c, 0)
    for at in range(len(course)):
        stack.observe(course, range(at, at + 1), stack.away_deg)
        detector = stack.homes[0].detector
        if not at:
            detector.axis, detector.doubted = (0.0, 1.0, 0.0), True
        detector.step(course.lists.time_s[at], course.poses.up[at], course.poses.still[at])
        stack.try_another(course, at)
    assert [home.since_s for home in stack.homes] == pytest.approx([since_s])


@pytest.mark.parametrize(("c", "bends"), [(CounterParameters(settles=True, stands_far=True), True), (STEPS, False)])
def test_a_long_stand_shows_the_way_into_the_start_pose_where_people_stand_at_the_far_end_alone(
    c: CounterParameters, bends: bool
) -> None:
    stack, ticks = HomeStack(ExcursionParameters(), c), moving([(0.0, 5.0)])
    stack.observe(Course(ticks, None, c, 0), range(len(ticks)), None)
    movement = Excursion(5.0, 5.8, 6.6, 20.0, axis=(0.0, 1.0, 0.0), home=(0.0, 0.0, 1.0), far=(0.34, 0.0, 0.94))
    assert stack.had_settled(6.6, 0, movement) == bends


@pytest.mark.parametrize(("c", "doubted"), [(CounterParameters(), True), (CounterParameters(stands_far=True), False)])
def test_a_few_reps_may_have_been_strides_but_where_the_way_into_the_start_pose_leads_the_other_way(
    c: CounterParameters, doubted: bool
) -> None:
    home = Home(ExcursionDetector(ExcursionParameters(), 0.04, (0.0, 0.0, 1.0)))
    for start_s in (0.0, 3.0):
        far = (0.34, 0.0, 0.94)
        home.learn(Excursion(start_s, start_s + 1.0, start_s + 2.0, 20.0, (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), far), c)
    assert home.detector.doubted == doubted
