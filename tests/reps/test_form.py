"""Faults of form are found in the reps that show them, and not in those that do not. Seeds are for development."""

from __future__ import annotations

from functools import cache

import pytest

from firmware_sim import Activity, Scenario
from kneeimu.evaluation.judge import Outcome, evaluate
from kneeimu.evaluation.tasks import Task
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.reps.counter_words import Counted, Turned
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.measured.patience import QUIET_TICKS, Patience
from kneeimu.reps.measured.quality import SOON_S
from kneeimu.reps.measured.seen import AFTER_S

SHOWN = (2, 4, 7)
SEED = 70900
STRAYING = (-3.0, 8.0, 2.0, 11.0, 5.0, 0.0, 9.0, 4.0)
STORIES = [
    ("squat", "thigh", "knee-in"),
    ("single-leg-squat", "shin", "knee-in"),
    ("single-leg-squat", "thigh", "inward-rotation"),
    ("single-leg-squat", "shin", "wobble"),
    ("step-down", "shin", "dropped"),
    ("lunge", "thigh", "shallow"),
    ("terminal-knee-extension", "thigh", "short-hold"),
    ("terminal-knee-extension", "shin", "snapping"),
    ("clamshell", "shin", "over-roll"),
    ("hip-abduction", "thigh", "forward"),
    ("hip-abduction", "shin", "toes-up"),
    ("straight-leg-raise", "shin", "dropped"),
    ("lateral-walk", "thigh", "lost-tension"),
    ("lateral-walk", "shin", "lost-tension"),
    ("lateral-walk", "thigh", "standing-up"),
]


@cache
def aligned(
    exercise: str, mount: str, fault: str | None, seed: int = SEED, valgus_deg: tuple[float, ...] = (0.0,)
) -> Outcome:
    """A person who is aligned, shows four good reps, and then does eight, three of them with the fault."""
    usual = CATALOGUE[exercise].tempo_s
    walks = exercise.endswith("-walk")
    scenario = Scenario(
        exercise=exercise, mount=mount, side="right", reps=8, seed=seed, variation=0.4, style=0.3, rate_hz=50.0,
        tempo_s=(0.85, 0.3, 0.9, 0.4) if walks else (usual[0] + 0.3, max(0.3, usual[1] + 0.7), usual[2] + 0.5, 0.9),
        alignment="squats" if mount == "thigh" else "full", reference_reps=4, direction="right" if walks else
        "out-and-back", before=(Activity("stand", 3.0),), after=(Activity("stand", 2.0),),
        faults={fault: SHOWN} if fault else {}, valgus_deg=valgus_deg,
    )  # fmt: skip
    outcome = evaluate(Task("made", scenario, exercise))
    assert not outcome.error
    assert outcome.alignment is not None
    return outcome


@pytest.mark.parametrize(("exercise", "mount", "fault"), STORIES)
def test_a_fault_is_found_where_it_is_shown_and_nowhere_else(exercise: str, mount: str, fault: str) -> None:
    pairs = aligned(exercise, mount, fault).pairs
    shown = [pair for pair in pairs if fault in pair.true.faults]
    clean = [pair for pair in pairs if not pair.true.faults]
    assert len(shown) >= len(SHOWN) - 1
    assert len(clean) >= 4
    assert [pair.counted.number for pair in shown if fault not in pair.counted.flags] == []
    assert [pair.counted.number for pair in clean if fault in pair.counted.flags and fault not in pair.strays] == []


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_a_straight_knee_is_left_in_peace(mount: str) -> None:
    pairs = [pair for seed in range(70920, 70924) for pair in aligned("single-leg-squat", mount, None, seed).pairs]
    assert len(pairs) >= 30
    assert sum("knee-in" in pair.counted.flags and "knee-in" not in pair.strays for pair in pairs) == 0


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_medial_tilt_of_the_whole_chain_is_right_to_eight_tenths_of_a_degree(mount: str) -> None:
    squared = [
        (pair.counted.medial_tilt_deg - pair.true.medial_tilt_deg) ** 2
        for seed in range(70920, 70924)
        for pair in aligned("single-leg-squat", mount, None, seed, STRAYING).pairs
        if pair.counted.medial_tilt_deg is not None and pair.true.medial_tilt_deg is not None
    ]
    assert len(squared) >= 30
    assert (sum(squared) / len(squared)) ** 0.5 < 0.8


# --- a step is told when it is over ----------------------------------------------------------------------------------


def step(end_s: float) -> Excursion:
    pose = (0.0, 0.0, 1.0)
    return Excursion(end_s - 1.0, end_s - 0.6, end_s, 12.0, (1.0, 0.0, 0.0), pose, pose)


def test_a_step_is_told_as_soon_as_the_limb_is_quiet() -> None:
    patience = Patience()
    assert patience.step(9.8, [Counted(9.8, step(10.0))], 1.5) == []
    ticks = [10.0 + 0.04 * tick for tick in range(10)]
    told = [word for time_s in ticks for word in patience.step(time_s, [], 0.05)]
    assert [type(word) for word in told] == [Counted]
    assert told[0].time_s == pytest.approx(10.0 + 0.04 * (QUIET_TICKS - 1), abs=0.05)


@pytest.mark.parametrize("longest_s", [AFTER_S, SOON_S])
def test_a_limb_that_never_rests_is_waited_for_as_long_as_it_is_looked_at(longest_s: float) -> None:
    patience = Patience(longest_s)
    patience.step(9.8, [Counted(9.8, step(10.0))], 1.5)
    told = [(t / 25.0, word) for t in range(246, 300) for word in patience.step(t / 25.0, [], 1.0)]
    assert len(told) == 1
    assert told[0][0] == pytest.approx(10.0 + longest_s, abs=0.05)


def test_a_step_that_is_over_when_it_is_counted_is_told_at_once() -> None:
    said = [Counted(10.2, step(10.0))]
    assert Patience().step(10.2, list(said), 1.5) == said


def test_steps_of_a_monster_walk_that_go_over_into_the_next_are_told_at_once() -> None:
    scenario = Scenario(
        exercise="monster-walk", mount="shin", side="right", reps=10, seed=SEED, tempo_s=(0.6, 0.1, 0.8, 0.0),
        before=(Activity("stand", 3.0),), after=(Activity("stand", 2.0),), style=0.3,
    )  # fmt: skip
    ahead = evaluate(Task("made", scenario, "monster-walk")).pairs[:4]
    assert [pair.counted.direction for pair in ahead] == ["forward"] * 4
    assert max(pair.late_s for pair in ahead) < 0.15


def test_what_is_said_keeps_its_order_and_nothing_is_lost_at_the_end() -> None:
    patience = Patience()
    patience.step(9.8, [Counted(9.8, step(10.0))], 1.5)
    told = patience.step(10.2, [Turned(10.2, 12.0)], 1.5)
    assert [type(word) for word in told] == [Counted, Turned]
    patience.step(10.6, [Counted(10.6, step(10.8))], 1.5)
    assert [type(word) for word in patience.step(10.64, [], 0.0, last=True)] == [Counted]
