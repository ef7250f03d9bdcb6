"""A lunge with a step is timed to its bottom from the shin, and what a part of one can't tell is not told."""

from __future__ import annotations

import dataclasses
from statistics import median
from typing import Any

import pytest
from played import counted, samples_of
from test_measure import OUT_S, REST_S, lifted, seen_from

from firmware_sim import Scenario, Simulation, simulate
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.reps.measure import RepMeter
from kneeimu.reps.set_metrics import set_metrics
from kneeimu.sessions.analysis import analyze
from kneeimu.types import Alignment, Rep, Setup

TEMPO_S = (2.0, 0.3, 2.0, 1.0)


def lunges(seed: int, **told: Any) -> Simulation:
    usual: dict[str, Any] = {"reps": 8, "tempo_s": TEMPO_S, "variation": 0.5, "style": 0.5, "rate_hz": 50.0}
    return simulate(Scenario(exercise="lunge", mount="shin", seed=seed, **{**usual, **told}))


def aligned(done: Simulation) -> tuple[Rep, ...]:
    """The reps of a person whose sensor is aligned."""
    truth = done.truth
    alignment = Alignment(truth.quat_segment_to_sensor, "right", "shin", "good", yaw_uncertainty_deg=1.0)
    return analyze(samples_of(done), Setup("lunge", "right", "shin", truth.rate_hz, alignment)).reps


@pytest.mark.parametrize("seed", [40, 44, 46])
def test_a_slow_lunge_with_a_step_is_timed_to_the_bottom_and_not_called_dropped(seed: int) -> None:
    done = lunges(seed, manner="stepping")
    reps = counted(done).reps
    known = [rep for rep in reps if rep.phases_s is not None]
    assert not any("dropped" in rep.flags or "fast" in rep.flags for rep in reps)
    assert len(known) >= 6
    for rep in known:
        true = max(done.truth.reps, key=lambda q: min(q.end_s, rep.end_s) - max(q.start_s, rep.start_s))
        assert rep.start_s == pytest.approx(true.start_s, abs=0.3)
        assert rep.end_s == pytest.approx(true.end_s, abs=0.3)
        assert true.far_s is not None
        assert true.far_s - 0.3 < rep.turn_s < true.turn_s + 0.3
        assert rep.outward_s == pytest.approx(true.far_s - true.start_s, abs=0.4)
        assert rep.metrics["smoothness_out"] is None


def test_a_part_of_a_lunge_with_a_step_has_no_phases_and_is_judged_for_nothing() -> None:
    reps = [rep for seed in (38, 41, 42) for rep in counted(lunges(seed, manner="stepping")).reps]
    assert {rep.flags for rep in reps} == {()}
    parts = [rep for rep in reps if rep.phases_s is None]
    assert len(parts) > 10
    assert {value for rep in parts for value in rep.metrics.values()} == {None}


@pytest.mark.parametrize("seed", [62, 66])
def test_the_knee_is_looked_at_over_the_foot_that_stands_and_not_in_the_swing(seed: int) -> None:
    done = lunges(seed, manner="stepping", valgus_deg=(8.0,))
    tilts = [rep.medial_tilt_deg for rep in aligned(done)]
    assert tilts == pytest.approx([rep.medial_tilt_deg for rep in done.truth.reps], abs=1.0)


@pytest.mark.parametrize("seed", [36, 52])
def test_the_shin_leans_ahead_at_the_bottom_and_no_half_is_taken_for_a_whole_lunge(seed: int) -> None:
    done = lunges(seed, manner="stepping")
    known = [rep for rep in aligned(done) if rep.phases_s is not None]
    assert len(known) >= 2
    for rep in known:
        assert any(true.far_s - 0.3 < rep.turn_s < true.turn_s + 0.3 for true in done.truth.reps)


def test_a_lunge_with_a_step_that_is_dropped_is_told() -> None:
    reps = counted(lunges(55, manner="stepping", faults={"dropped": (4, 6)})).reps
    assert [rep.number for rep in reps if "dropped" in rep.flags] == [4, 6]


@pytest.mark.parametrize("seed", [40, 41])
def test_a_plain_lunge_is_measured_as_before(seed: int) -> None:
    reps = counted(lunges(seed)).reps
    phases_s = [rep.phases_s for rep in reps if rep.phases_s is not None]
    assert len(phases_s) == len(reps) == 8
    assert [median(part) for part in zip(*phases_s, strict=True)] == pytest.approx([2.0, 0.3, 2.0], abs=0.3)


def test_a_lunge_that_was_found_late_lasts_from_rest_to_rest() -> None:
    history, _ = lifted()
    found = dataclasses.replace(seen_from(REST_S - 0.2), end_s=REST_S + 2.0 * OUT_S - 0.1)
    meter = RepMeter(find_exercise("lunge"), Setup("lunge", "right", "shin", 100.0))
    rep = meter.measure(found, history, REST_S + 2.0 * OUT_S, late=True)
    assert (rep.start_s, rep.end_s) == pytest.approx((found.start_s, found.end_s))
    assert rep.phases_s is not None
    assert sum(rep.phases_s) == pytest.approx(rep.duration_s, abs=0.01)


def test_a_set_of_which_no_phases_are_known_has_none() -> None:
    rep = Rep(1, 0.0, 1.0, 2.0, 2.0, 30.0, None, None, None, 60.0)
    assert set_metrics([rep])["outward_mean_s"] is None
