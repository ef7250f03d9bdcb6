"""A lunge with a step is timed to its bottom from the shin, and what a part of one can't tell is not told."""

from __future__ import annotations

import dataclasses
from statistics import median
from typing import Any

import numpy as np
import pytest
from played import counted, samples_of
from test_measure import OUT_S, REST_S, history_of, lifted, seen_from
from test_second_look_at_swings import TICK_S, stepping_lunge, up_of
from test_second_look_at_swings import lunges as steps

from firmware_sim import Scenario, Simulation, simulate
from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.reps.measured.measure import RepMeter
from kneeimu.reps.measured.set_metrics import set_metrics
from kneeimu.reps.strokes import excursion_of
from kneeimu.sessions.alignments import reference_from
from kneeimu.sessions.analysis import Analysis, analyze
from kneeimu.types import Alignment, Rep, RepCounted, RepJudged, Setup, Warned

TEMPO_S = (2.0, 0.3, 2.0, 1.0)


def lunges(seed: int, **told: Any) -> Simulation:
    usual: dict[str, Any] = {"reps": 8, "tempo_s": TEMPO_S, "variation": 0.5, "style": 0.5, "rate_hz": 50.0}
    return simulate(Scenario(exercise="lunge", mount="shin", seed=seed, **{**usual, **told}))


def aligned(done: Simulation) -> Analysis:
    """The engine's analysis with the sensor aligned."""
    truth = done.truth
    alignment = Alignment(truth.quat_segment_to_sensor, "right", "shin", "good", yaw_uncertainty_deg=1.0)
    return analyze(samples_of(done), Setup("lunge", "right", "shin", truth.rate_hz, alignment))


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


def test_a_part_of_a_lunge_with_a_step_has_no_phases_and_no_tilt_and_is_judged_for_nothing() -> None:
    told = [event for seed in (37, 38, 41) for event in aligned(lunges(seed, manner="stepping")).events]
    parts = [event.rep for event in told if isinstance(event, RepCounted) and event.rep.phases_s is None]
    assert len(parts) > 10
    assert {rep.flags for rep in parts} == {()}
    assert {rep.medial_tilt_deg for rep in parts} == {None}
    assert {value for rep in parts for value in rep.metrics.values()} == {None}


@pytest.mark.parametrize("seed", [42, 50])
def test_a_lunge_of_which_only_a_part_was_seen_is_measured_again_when_the_set_is_over(seed: int) -> None:
    done = lunges(seed, manner="stepping", valgus_deg=(6.0,))
    analysis = aligned(done)
    assert any(isinstance(event, RepJudged) and event.rep is not None for event in analysis.events)
    true = done.truth.reps
    assert [rep.end_s for rep in analysis.reps] == pytest.approx([rep.end_s for rep in true], abs=0.3)
    assert [rep.medial_tilt_deg for rep in analysis.reps] == pytest.approx([r.medial_tilt_deg for r in true], abs=1.0)


@pytest.mark.parametrize("seed", [52, 61, 64])
def test_lunges_with_a_step_are_reps_of_one_set_whichever_way_each_leads_further(seed: int) -> None:
    assert len(counted(lunges(seed, manner="stepping")).reps) == 8


@pytest.mark.parametrize("seed", [62, 66])
def test_the_knee_is_looked_at_over_the_foot_that_stands_and_not_in_the_swing(seed: int) -> None:
    done = lunges(seed, manner="stepping", valgus_deg=(8.0,))
    tilts = [rep.medial_tilt_deg for rep in aligned(done).reps]
    assert tilts == pytest.approx([rep.medial_tilt_deg for rep in done.truth.reps], abs=1.0)


@pytest.mark.parametrize("seed", [36, 52])
def test_the_shin_leans_ahead_at_the_bottom_and_no_half_is_taken_for_a_whole_lunge(seed: int) -> None:
    done = lunges(seed, manner="stepping")
    known = [rep for rep in aligned(done).reps if rep.phases_s is not None]
    assert len(known) >= 2
    for rep in known:
        assert any(true.far_s - 0.3 < rep.turn_s < true.turn_s + 0.3 for true in done.truth.reps)


@pytest.mark.parametrize("seed", [166, 181])
def test_halves_that_were_counted_twice_leave_whole_lunges_when_the_set_is_over(seed: int) -> None:
    done = lunges(seed, manner="stepping", reps=5)
    reps = aligned(done).reps
    assert [rep.end_s for rep in reps] == pytest.approx([rep.end_s for rep in done.truth.reps], abs=0.3)
    assert None not in {rep.phases_s for rep in reps}


def test_lunges_that_are_all_halves_of_what_is_found_are_measured_again_whatever_they_seemed() -> None:
    angle_deg, whole_ticks, pause_ticks = steps(4), len(stepping_lunge()), 20
    time_s = np.arange(len(angle_deg)) * TICK_S
    history, up = history_of(time_s, np.radians(angle_deg)), up_of(angle_deg)
    meter = RepMeter(find_exercise("lunge"), Setup("lunge", "right", "shin", 100.0))
    starts = [75 + number * (whole_ticks + pause_ticks) for number in range(4)]
    found_as = {}
    for number, start in enumerate(starts, start=1):
        # from one swing through the bottom to the other
        half = excursion_of(time_s, up, start + 36, start + 60, start + whole_ticks - 36)
        assert meter.measure(half, history, half.end_s).phases_s is not None
        found_as[number] = excursion_of(time_s, up, start, start + 60, start + whole_ticks)
    again = meter.measure_again(found_as, history, time_s.item(-1))
    assert [rep.number for rep in again] == [1, 2, 3, 4]
    assert [rep.start_s for rep in again] == pytest.approx([start * TICK_S for start in starts], abs=0.3)
    assert [rep.duration_s for rep in again] == pytest.approx([whole_ticks * TICK_S] * 4, abs=0.5)


def test_halves_of_lunges_with_a_step_are_no_lunges_in_place_from_swing_to_swing() -> None:
    assert len(aligned(lunges(50, manner="stepping", reps=4)).reps) == 4


def test_lunges_in_place_that_were_counted_from_the_bottom_are_known_when_they_are_found() -> None:
    reps = aligned(lunges(318, style=1.2, variation=1.2)).reps
    assert len(reps) == 8
    assert None not in {rep.medial_tilt_deg for rep in reps}


@pytest.mark.parametrize("seed", [249, 390])
def test_lunges_in_place_are_plain_ones_wherever_home_was_and_however_somebody_hesitates(seed: int) -> None:
    analysis = aligned(lunges(seed, style=1.2, variation=1.2))
    assert len(analysis.reps) == 8
    assert None not in {rep.medial_tilt_deg for rep in analysis.reps}


def test_a_lunge_in_place_that_was_found_too_late_stays_as_it_was_measured() -> None:
    done = lunges(404, style=1.2, variation=1.2)
    ranges = [rep.range_of_motion_deg for rep in aligned(done).reps]
    assert ranges == pytest.approx([rep.range_deg for rep in done.truth.reps], abs=2.0)


@pytest.mark.parametrize("seed", [38, 62])
def test_a_leg_that_turns_in_at_the_bottom_of_a_half_is_no_strap_that_turned(seed: int) -> None:
    done = lunges(seed, manner="stepping", faults={"inward-rotation": (4, 5, 6)})
    assert not [event for event in aligned(done).events if isinstance(event, Warned)]


def test_the_reference_is_taken_from_lunges_that_were_seen_as_a_whole() -> None:
    whole = Rep(1, 0.0, 2.0, 4.0, 4.0, 17.0, 2.0, 0.0, 2.0, 90.0, medial_tilt_deg=1.0, inward_rotation_deg=2.0)
    part = Rep(2, 5.0, 6.0, 7.0, 2.0, 30.0, None, None, None, 90.0)
    found = reference_from([whole, whole, part, whole])
    assert (found.tilt_deg, found.rotation_deg, found.range_deg, found.reps) == (1.0, 2.0, 17.0, 3)
    with pytest.raises(InputError, match="found: 0"):
        reference_from([part] * 4)


@pytest.mark.parametrize("seed", [62, 67])
def test_lunges_with_a_step_that_are_dropped_just_as_fast_as_the_limit_are_all_told(seed: int) -> None:
    reps = counted(lunges(seed, manner="stepping", tempo_s=(0.7, 0.2, 2.0, 1.0))).reps
    assert ["dropped" in rep.flags for rep in reps] == [True] * 8


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
