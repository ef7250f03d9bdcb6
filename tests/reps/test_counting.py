"""Reps are counted however the box is strapped on, at any rate, and nothing else is."""

from __future__ import annotations

import re

import numpy as np
import pytest
from looked_again import ramp, rest
from played import counted, late, person, samples_of
from swung import count, swung, tilted

from firmware_sim import Activity
from kneeimu.engine import Engine
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.types import Mount, RepCounted, RepRevoked, Samples, SetEnded, SetStarted, Setup, Turn

COUNTED = [
    (name, mount) for name, exercise in CATALOGUE.items() if exercise.kind != "timed" for mount in exercise.mounts
]
EVERYDAY = (Activity("walk", 10.0), Activity("turn", 2.0), Activity("sit", 12.0), Activity("stand", 8.0))


@pytest.mark.parametrize(("exercise", "mount"), COUNTED)
def test_a_plain_set_of_every_exercise_is_counted(exercise: str, mount: str) -> None:
    # who waits in the bent start pose for just as long as between reps can't be told from one who stood bent all along
    usual = {"seed": 4101} if (exercise, mount) == ("terminal-knee-extension", "thigh") else {}
    done = person(exercise, mount, **usual)
    assert len(counted(done).reps) == done.truth.count == 6


def test_most_who_stand_straight_before_and_after_knee_extensions_are_known_to() -> None:
    people = [person("terminal-knee-extension", "thigh", seed=seed) for seed in range(4200, 4212)]
    assert sum(len(counted(done).reps) == done.truth.count for done in people) >= 11


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_who_stands_in_the_start_pose_before_and_after_knee_extensions_does_one_more(mount: str) -> None:
    """The knee is bent a little all the while, and straightened eight times."""
    one = [ramp(0.0, 17.0), rest(1.5, 17.0), ramp(17.0, 0.0), rest(1.2)]
    angle = np.concatenate((rest(4.0), *one * 8, rest(9.0)))
    assert count("terminal-knee-extension", tilted(angle), mount) == 8


@pytest.mark.parametrize(("largest_deg", "reps"), [(64.0, 7), (80.0, 5)])
def test_in_a_set_near_the_largest_range_of_the_exercise_some_reps_are_a_little_larger(
    largest_deg: float, reps: int
) -> None:
    """Of a lift lying on the front, 60 deg at the shin."""
    angle = np.concatenate(
        [part for deg in (55.0, 57.0, 54.0, largest_deg, 56.0, largest_deg, 55.0)
         for part in (ramp(0.0, deg, 1.2), rest(0.6, deg), ramp(deg, 0.0, 1.2), rest(0.8))]
    )  # fmt: skip
    engine = Engine(Setup("prone-hip-extension", "right", "shin", 100.0))
    events = [*engine.feed(tilted(np.concatenate((rest(4.0), angle))))]
    assert sum(isinstance(event, RepCounted) for event in events) == reps


@pytest.mark.parametrize(("mount", "range_deg"), [("thigh", 60.0), ("shin", 35.0)])
def test_a_lunge_that_is_held_below_is_no_start_pose(mount: Mount, range_deg: float) -> None:
    one = [ramp(0.0, range_deg, 1.4), rest(1.8, range_deg), ramp(range_deg, 0.0, 1.4), rest(1.0)]
    engine = Engine(Setup("lunge", "right", mount, 100.0))
    events = [*engine.feed(tilted(np.concatenate((rest(4.0), *one * 6, rest(9.0))))), *engine.finish()]
    assert sum(isinstance(event, RepCounted) for event in events) == 6
    assert not [event for event in events if isinstance(event, RepRevoked)]


@pytest.mark.parametrize("exercise", ["hip-abduction", "straight-leg-raise"])
def test_a_few_quick_lifts_of_who_gets_up_at_once_are_no_way_to_the_mat(exercise: str) -> None:
    lift = [ramp(85.0, 57.0, 0.65), ramp(57.0, 85.0, 0.65), rest(0.3, 85.0)]
    lies_down, gets_up = (ramp(0.0, 85.0, 1.5), rest(3.0, 85.0)), (rest(3.0, 85.0), ramp(85.0, 0.0, 1.5))
    angle = np.concatenate((rest(5.0), *lies_down, *lift * 5, *gets_up, rest(12.0)))
    assert count(exercise, tilted(angle), "shin") == 5


@pytest.mark.parametrize("halt_s", [0.6, 1.0, 1.5])
@pytest.mark.parametrize("left_deg", [8.0, 12.0, 18.0])
def test_who_halts_on_the_way_back_from_the_first_rep_does_no_other(halt_s: float, left_deg: float) -> None:
    first = (ramp(0.0, 40.0), rest(1.0, 40.0), ramp(40.0, left_deg), rest(halt_s, left_deg), ramp(left_deg, 0.0))
    others = (rest(1.0), ramp(0.0, 40.0), rest(1.0, 40.0), ramp(40.0, 0.0)) * 4
    angle = np.concatenate((rest(3.0), *first, *others, rest(9.0)))
    assert count("squat", tilted(angle)) == 5


@pytest.mark.parametrize("mount", ["thigh", "shin"])
@pytest.mark.parametrize("exercise", ["squat", "single-leg-squat"])
def test_no_still_start_is_needed(exercise: str, mount: str) -> None:
    done = person(exercise, mount)
    first = done.truth.reps[0]
    analysis = counted(done, samples=late(done, first.start_s - 0.4))
    assert len(analysis.reps) == 6


def test_a_lunge_counts_at_the_shin_of_the_leg_behind_too() -> None:
    """Its knee comes down to the floor, and the shin lies."""
    assert count("lunge", swung([(0.0, 100.0, 4.0, 6)]), "shin") == 6


@pytest.mark.parametrize("mount", ["thigh", "shin"])
@pytest.mark.parametrize("rate_hz", [25.0, 52.0, 104.0, 200.0])
def test_every_rate_will_do(rate_hz: float, mount: str) -> None:
    assert len(counted(person("squat", mount, rate_hz=rate_hz)).reps) == 6


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_the_way_the_box_is_turned_changes_nothing(mount: str) -> None:
    done = person("single-leg-squat", mount)
    samples = samples_of(done)
    before = counted(done)
    rng = np.random.default_rng(5)
    for _ in range(3):
        turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        turned *= np.sign(np.linalg.det(turned))
        after = counted(done, samples=Samples(samples.time_s, samples.acc_m_s2 @ turned, samples.gyr_rad_s @ turned))
        assert [rep.turn_s for rep in after.reps] == pytest.approx([rep.turn_s for rep in before.reps], abs=0.05)
        ranges = [rep.range_of_motion_deg for rep in before.reps]
        assert [rep.range_of_motion_deg for rep in after.reps] == pytest.approx(ranges, abs=0.3)


@pytest.mark.parametrize("exercise", ["squat", "single-leg-squat", "step-down"])
@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_walking_turning_sitting_and_standing_are_not_counted(exercise: str, mount: str) -> None:
    idle = person("squat", mount, reps=0, before=EVERYDAY)
    assert counted(idle, exercise).reps == ()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_stairs_are_not_counted(mount: str, seed: int) -> None:
    climbs = (Activity("stand", 3.0), Activity("stairs", 12.0), Activity("stand", 12.0))
    assert counted(person("squat", mount, reps=0, before=climbs, seed=seed)).reps == ()


def test_the_leg_that_rests_is_not_counted() -> None:
    for exercise in ("knee-extension", "straight-leg-raise", "hip-abduction"):
        assert counted(person(exercise, "shin", resting_leg=True)).reps == ()


@pytest.mark.parametrize(("exercise", "mount"), [("squat", "thigh"), ("squat", "shin"), ("single-leg-squat", "thigh")])
def test_the_times_of_a_rep_are_right_to_four_tenths_of_a_second(exercise: str, mount: str) -> None:
    errors: list[tuple[float, float, float]] = []
    for seed in range(4100, 4106):
        done = person(exercise, mount, seed=seed)
        for true, rep in zip(done.truth.reps, counted(done).reps, strict=True):
            turn_s = max(true.far_s - rep.turn_s, rep.turn_s - true.turn_s, 0.0)
            errors.append((abs(rep.start_s - true.start_s), turn_s, abs(rep.end_s - true.end_s)))
    assert (np.quantile(errors, 0.95, axis=0) <= 0.4).all()


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_the_range_of_a_rep_is_right_to_three_degrees(mount: str) -> None:
    done = person("single-leg-squat", mount)
    for true, rep in zip(done.truth.reps, counted(done).reps, strict=True):
        assert rep.range_of_motion_deg == pytest.approx(true.range_deg, abs=3.0)


def test_the_turn_is_told_before_the_count_and_once_a_rep() -> None:
    events = counted(person("squat", "thigh")).events
    turns = [event for event in events if isinstance(event, Turn)]
    assert len(turns) == 6
    kinds = [event.kind for event in events if event.kind in ("turn", "rep")]
    assert kinds == ["turn", "rep"] * 6


@pytest.mark.parametrize(("exercise", "mount"), COUNTED)
def test_a_rep_has_one_turn_also_where_its_far_end_is_held(exercise: str, mount: str) -> None:
    """Getting into position may turn once before the first rep, and out of it once after the last."""
    events = counted(person(exercise, mount)).events
    told = [event for event in events if isinstance(event, Turn) or (isinstance(event, RepCounted) and not event.late)]
    assert re.fullmatch("t?(tr)+t?", "".join(event.kind[0] for event in told))


def test_a_turn_names_the_set_and_the_rep_that_it_is_of() -> None:
    events = counted(person("squat", "thigh", sets=2, rest_s=20.0)).events
    turns = [(event.set_number, event.rep_number) for event in events if isinstance(event, Turn)]
    reps = [(event.set_number, event.rep.number) for event in events if isinstance(event, RepCounted)]
    assert turns == reps
    assert {number for number, _ in reps} == {1, 2}


@pytest.mark.parametrize(("exercise", "lasts_s"), [("it-band-stretch", 30.0), ("massage", 60.0)])
def test_timed_exercises_are_timed(exercise: str, lasts_s: float) -> None:
    done = person(exercise, "thigh", reps=1, tempo_s=(2.0, lasts_s, 2.0, 3.0), after=(Activity("walk", 5.0),))
    (rep,) = counted(done).reps
    (true,) = done.truth.reps
    assert rep.hold_s == pytest.approx(true.end_s - true.start_s, abs=5.0)


def test_a_set_that_is_begun_by_hand_ends_the_one_that_a_hold_had_begun() -> None:
    done = person("it-band-stretch", "thigh", reps=1, tempo_s=(2.0, 30.0, 2.0, 3.0), after=(Activity("walk", 5.0),))
    engine = Engine(Setup("it-band-stretch", "right", "thigh", 100.0))
    begun = [event.kind for event in engine.feed(samples_of(done)) if isinstance(event, SetStarted | SetEnded)]
    by_hand = [event.kind for event in engine.start_set(float(done.time_s[-1]))]
    assert (begun, by_hand) == (["set-started"], ["set-ended", "set-started"])
