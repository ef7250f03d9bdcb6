"""A rep is measured as a whole, also where the counter came upon it on its way."""

from __future__ import annotations

import dataclasses
from statistics import median

import numpy as np
import pytest
from played import counted, person, samples_of
from swung import swung

from kneeimu.engine import Engine
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.motion.orientation import Ticks
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.measured.measure import MOST_REPS, RepMeter
from kneeimu.reps.measured.quality import QualityMeter
from kneeimu.reps.phases import Phases
from kneeimu.sessions.analysis import analyze
from kneeimu.types import FloatArray, Rep, RepCounted, SetEnded, SetSummary, Setup

OUT_S, REST_S, RANGE_DEG = 3.0, 2.0, 40.0


def minimum_jerk(share: FloatArray) -> FloatArray:
    t = np.clip(share, 0.0, 1.0)
    return np.asarray(10.0 * t**3 - 15.0 * t**4 + 6.0 * t**5)


def lifted(from_deg: float = 0.0) -> tuple[TickHistory, FloatArray]:
    """A leg that comes from elsewhere, rests, lifts about the sensor's X in three seconds, and comes back."""
    time_s = np.arange(0.0, REST_S + 2.0 * OUT_S, 1.0 / TICK_HZ)
    since = time_s - REST_S
    angle = np.radians(RANGE_DEG) * (minimum_jerk(since / OUT_S) - minimum_jerk(since / OUT_S - 1.0))
    angle += np.radians(from_deg) * (1.0 - minimum_jerk((since + REST_S) / (REST_S - 0.5)))
    return history_of(time_s, angle), angle


def history_of(time_s: FloatArray, angle: FloatArray) -> TickHistory:
    """A limb that turns about the sensor's X, rad."""
    zero = np.zeros_like(angle)
    history = TickHistory()
    history.append(
        Ticks(
            time_s,
            np.column_stack((np.cos(angle / 2), np.sin(-angle / 2), zero, zero)),
            np.column_stack((zero, np.sin(angle), np.cos(angle))),
            zero,
            zero,
            np.zeros((len(time_s), 3)),
        )
    )
    return history


def seen_from(start_s: float) -> Excursion:
    far = (0.0, float(np.sin(np.radians(RANGE_DEG))), float(np.cos(np.radians(RANGE_DEG))))
    end_s = REST_S + 2.0 * OUT_S
    return Excursion(start_s, REST_S + OUT_S, end_s, RANGE_DEG, (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0), far)


def meter() -> RepMeter:
    return RepMeter(find_exercise("hip-abduction"), Setup("hip-abduction", "right", "shin", 100.0))


@pytest.mark.parametrize("noticed_s", [0.1, 1.0, 1.9, 2.4])
def test_a_rep_begins_where_the_limb_set_off_whenever_the_counter_noticed(noticed_s: float) -> None:
    history, _ = lifted()
    rep = meter().measure(seen_from(REST_S + noticed_s), history, REST_S + 2.0 * OUT_S)
    assert rep.start_s == pytest.approx(REST_S, abs=0.3)
    assert rep.range_of_motion_deg == pytest.approx(RANGE_DEG, abs=1.0)
    assert rep.outward_s == pytest.approx(OUT_S, abs=0.5)


def test_a_rep_that_was_noticed_late_begins_where_the_limb_set_off_also_after_another_rep() -> None:
    history, _ = lifted()
    measuring = meter()
    measuring.measure(dataclasses.replace(seen_from(0.2), turn_s=0.6, end_s=1.0), history, 1.0)
    rep = measuring.measure(seen_from(REST_S + 2.4), history, REST_S + 2.0 * OUT_S)
    assert rep.start_s == pytest.approx(REST_S, abs=0.3)
    assert rep.range_of_motion_deg == pytest.approx(RANGE_DEG, abs=1.0)


def test_a_larger_movement_before_is_not_taken_for_the_rep() -> None:
    """The person lifted the leg, pressed the key for a new set on the way out, and lifted it a little less high."""
    out_s = 1.3
    time_s = np.arange(0.0, 4.0 * out_s + 0.2, 1.0 / TICK_HZ)
    share = time_s / out_s
    there = minimum_jerk(share) - minimum_jerk(share - 1.0)
    again = minimum_jerk(share - 2.0) - minimum_jerk(share - 3.0)
    history = history_of(time_s, np.radians(RANGE_DEG) * (1.1 * there + again))
    late = dataclasses.replace(seen_from(2.95 * out_s), turn_s=3.0 * out_s, end_s=4.0 * out_s)
    rep = meter().measure(late, history, 4.0 * out_s)
    assert rep.turn_s == pytest.approx(3.0 * out_s, abs=0.3)
    assert rep.end_s == pytest.approx(4.0 * out_s, abs=0.5)


def test_a_set_begins_with_its_first_rep_also_where_that_was_found_later() -> None:
    history, _ = lifted()
    measuring = meter()
    rep = measuring.measure(seen_from(REST_S + 0.1), history, REST_S + 2.0 * OUT_S)
    summary = measuring.summarise(1, REST_S + 2.0 * OUT_S + 1.0, REST_S + 2.0 * OUT_S + 9.0)
    assert (summary.start_s, summary.end_s) == (rep.start_s, rep.end_s)


def test_a_rep_does_not_begin_before_the_one_before_it_ended() -> None:
    history, _ = lifted()
    measuring = meter()
    first = dataclasses.replace(seen_from(REST_S), turn_s=REST_S + 1.0, end_s=REST_S + 1.8)
    before = measuring.measure(first, history, REST_S + 1.8)
    rep = measuring.measure(seen_from(REST_S + 2.4), history, REST_S + 2.0 * OUT_S)
    assert rep.start_s >= before.end_s - 0.05


@pytest.mark.parametrize("from_deg", [-80.0, 80.0])
def test_sitting_down_just_before_is_no_part_of_a_rep(from_deg: float) -> None:
    history, _ = lifted(from_deg)
    rep = meter().measure(seen_from(REST_S + 0.1), history, REST_S + 2.0 * OUT_S)
    assert rep.start_s == pytest.approx(REST_S, abs=0.4)
    assert rep.range_of_motion_deg == pytest.approx(RANGE_DEG, abs=1.0)


@pytest.mark.parametrize(("one_set", "count"), [(False, 0), (True, 2)])
def test_of_a_recording_that_holds_one_set_and_nothing_else_two_reps_count_as_well(one_set: bool, count: int) -> None:
    two = person("squat", "thigh", reps=2)
    analysis = analyze(samples_of(two), Setup("squat", "right", "thigh", 50.0), one_set=one_set)
    assert len(analysis.reps) == count


def test_of_a_set_of_hundreds_of_reps_each_is_in_the_summary() -> None:
    engine = Engine(Setup("squat", "right", "thigh", 100.0))
    events = [*engine.feed(swung([(0.0, 40.0, 1.5, MOST_REPS + 20)])), *engine.finish()]
    (summary,) = [event.summary for event in events if isinstance(event, SetEnded)]
    reps = [event.rep for event in events if isinstance(event, RepCounted)]
    assert (summary.count, summary.clean_count) == (MOST_REPS + 20, sum(rep.clean for rep in reps))


def test_a_mean_velocity_is_none_of_what_comes_after_the_rep() -> None:
    """The leg swings about once the rep is over."""
    time_s = np.arange(0.0, 6.0, 1.0 / TICK_HZ)
    angle = RANGE_DEG * (minimum_jerk(time_s / 1.5) - minimum_jerk(time_s / 1.5 - 1.0))
    angle += np.where(time_s > 3.0, 6.0 * np.sin(12.0 * (time_s - 3.0)), 0.0)
    phases = Phases(0.0, 3.0, 1.5, 0.0, 1.5, 50.0, 50.0, 50.0, 2.0, 1.5, 1.5, 0.0, True)
    _, up, quats, *_ = history_of(time_s, np.radians(angle)).window(0.0, 6.0)
    metrics = QualityMeter(find_exercise("clamshell"), None).measure(seen_from(0.0), phases, time_s, angle, up, quats)
    assert metrics["mean_velocity_deg_s"] == pytest.approx(2.0 * RANGE_DEG / 3.0, rel=0.02)


def measured(exercise: str) -> tuple[list[Rep], SetSummary]:
    analysis = counted(person(exercise, "thigh", reps=2))
    return list(analysis.reps), analysis.sets[-1]


def test_a_stretch_is_under_tension_as_long_as_it_is_held_and_has_no_strokes() -> None:
    reps, summary = measured("it-band-stretch")
    for rep in reps:
        assert rep.metrics["time_under_tension_s"] == rep.hold_s > 20.0
        assert 0.0 < (rep.metrics["hold_sway_deg"] or 0.0) < 3.0
        strokes = ("smoothness_out", "smoothness_return", "mean_velocity_deg_s")
        assert {rep.metrics[name] for name in strokes} == {None}
        assert rep.peak_velocity_deg_s < 6.0, "of the hold alone"
    assert summary.metrics["time_under_tension_s"] == pytest.approx(sum(rep.hold_s for rep in reps))
    assert summary.metrics["mean_velocity_median_deg_s"] is None


def test_a_massage_has_neither_tension_nor_sway_nor_strokes() -> None:
    reps, summary = measured("massage")
    assert [set(rep.metrics.values()) for rep in reps] == [{None}, {None}]
    assert summary.metrics["time_under_tension_s"] is None
    assert [rep.flags for rep in reps] == [(), ()]


def test_a_set_has_the_median_velocity_smoothness_and_sway_of_its_reps() -> None:
    analysis = counted(person("straight-leg-raise", "thigh", reps=5))
    names = {
        "mean_velocity_deg_s": "mean_velocity_median_deg_s",
        "smoothness_out": "smoothness_out_median",
        "smoothness_return": "smoothness_return_median",
        "hold_sway_deg": "hold_sway_median_deg",
    }
    for name, of_set in names.items():
        known = [value for rep in analysis.reps if (value := rep.metrics[name]) is not None]
        assert len(known) > 1
        assert analysis.sets[-1].metrics[of_set] == pytest.approx(median(known), abs=1e-3)
