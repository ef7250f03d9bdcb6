"""The way of a monster walk turns where the person stands with the feet together."""

from __future__ import annotations

from array import array

import numpy as np
import pytest

from firmware_sim import Activity, Scenario
from kneeimu.evaluation.judge import evaluate
from kneeimu.evaluation.tasks import Task
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.motion.orientation import PoseChange, Ticks
from kneeimu.reps.afterwards.shapes import SwingThrough
from kneeimu.reps.counter_words import Counted, Revoked
from kneeimu.reps.excursion import Excursion, ExcursionParameters
from kneeimu.reps.for_exercise import counter_for, made_of
from kneeimu.reps.history import TickHistory
from kneeimu.reps.live.detector import ExcursionDetector
from kneeimu.reps.live.homes import Home, HomeStack
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.walk.gait import Gait
from kneeimu.types import FloatArray, Setup

TICK_S, FAST_S, SLOW_S, HALF_DEG = 0.04, 0.5, 1.0, 13.0


def course(*poses_deg_s: tuple[float, float], stand_s: float = 2.0) -> FloatArray:
    """The angle of a limb that stands, goes to each of these poses in so many seconds, and stands again, deg."""
    angle, at_deg = [np.zeros(round(3.0 / TICK_S))], 0.0
    for to_deg, seconds in poses_deg_s:
        if to_deg == at_deg:
            angle.append(np.full(round(seconds / TICK_S), to_deg))
        else:
            phase = np.linspace(0.0, np.pi, round(seconds / TICK_S))
            angle.append(at_deg + (to_deg - at_deg) * 0.5 * (1.0 - np.cos(phase)))
        at_deg = to_deg
    return np.concatenate([*angle, np.full(round(stand_s / TICK_S), at_deg)])


def told(angle_deg: FloatArray) -> list[Excursion]:
    """The steps that the counter counts as they come."""
    up = np.column_stack((np.zeros(len(angle_deg)), np.sin(np.radians(angle_deg)), np.cos(np.radians(angle_deg))))
    quiet, still = np.zeros(len(up)), np.tile((1.0, 0.0, 0.0, 0.0), (len(up), 1))
    ticks = Ticks(TICK_S * np.arange(len(up)), still, up, quiet, quiet, PoseChange().of(up))
    setup, history = Setup("monster-walk", "right", "thigh", 100.0, None), TickHistory()
    exercise = CATALOGUE[setup.exercise]
    history.append(ticks)
    gait = Gait(history, setup.mount, made_of(exercise))
    steps: list[Excursion] = []
    for _, said in counter_for(exercise, setup, history, gait).follow(ticks, array("d"), bytearray()):
        for word in said:
            if isinstance(word, Counted):
                steps.append(word.excursion)
            elif isinstance(word, Revoked):
                del steps[-word.count :]
    return steps


def way(steps: int, far_deg: float, last_deg: float = 0.0) -> list[tuple[float, float]]:
    """Fast to the one end, slowly to the other, and at last slowly to a stand."""
    poses = [(far_deg, FAST_S)]
    for _ in range(steps - 1):
        poses += [(far_deg, 0.6), (-far_deg, SLOW_S), (-far_deg, 0.3), (far_deg, FAST_S)]
    return [*poses, (far_deg, 0.3), (last_deg, SLOW_S)]


def test_after_a_stand_with_the_feet_together_steps_may_go_the_other_way() -> None:
    steps = told(course(*way(5, HALF_DEG), (0.0, 2.0), *way(5, -HALF_DEG)))
    assert [step.axis[0] < 0.0 for step in steps] == [True] * 5 + [False] * 5


def step_at(turn_s: float) -> Excursion:
    """A step from one end of the swing to the other, with standing upright amid it."""
    tilt = np.radians(HALF_DEG)
    back, there = (0.0, -np.sin(tilt), np.cos(tilt)), (0.0, np.sin(tilt), np.cos(tilt))
    return Excursion(turn_s - 0.5, turn_s, turn_s + 0.5, 2.0 * HALF_DEG, (-1.0, 0.0, 0.0), back, there)


@pytest.mark.parametrize(("stands_s", "known"), [((4.0,), 0), ((2.0, 4.0), 2)])
def test_who_closes_the_feet_after_each_step_goes_on_the_same_way(stands_s: tuple[float, ...], known: int) -> None:
    upright, stack = (0.0, 0.0, 1.0), HomeStack(ExcursionParameters(), CounterParameters())
    home = Home(ExcursionDetector(ExcursionParameters(), TICK_S, upright))
    stack.homes, stack.rest = [home], upright
    for stand_s in stands_s:
        home.reps = [step for step in (step_at(1.0), step_at(3.0)) if step.end_s < stand_s]
        stack.stand_between(stand_s)
    assert len(home.reps) == known


def test_the_last_step_is_over_where_the_feet_are_together() -> None:
    assert len(told(course(*way(5, HALF_DEG, 0.04 * 2.0 * HALF_DEG)))) == 5


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_every_step_back_is_told_before_the_next(mount: str) -> None:
    scenario = Scenario(
        exercise="monster-walk", mount=mount, side="right", reps=10, seed=70900, tempo_s=(0.6, 0.1, 0.8, 0.0),
        before=(Activity("stand", 3.0),), after=(Activity("stand", 2.0),), style=0.3,
    )  # fmt: skip
    pairs = evaluate(Task("made", scenario, "monster-walk")).pairs
    assert [pair.counted.direction for pair in pairs] == [pair.true.direction for pair in pairs]
    assert len(pairs) == 10
    assert max(pair.late_s for pair in pairs) < 0.6


def test_steps_from_either_end_of_the_swing_are_compared_as_from_one() -> None:
    there, back = (0.0, 0.2, 0.98), (0.0, -0.2, 0.98)
    ahead = Excursion(0.0, 0.5, 1.0, 23.0, (-1.0, 0.0, 0.0), back, there)
    behind = Excursion(2.0, 2.5, 3.0, 23.0, (1.0, 0.0, 0.0), there, back)
    one, other = SwingThrough(CounterParameters()).compared([ahead, behind])
    assert (one.home, one.far, one.axis) == (other.home, other.far, other.axis) == (back, there, (-1.0, 0.0, 0.0))
