"""A rep is measured as a whole, also where the counter came upon it on its way."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from played import person, samples_of
from swung import swung

from kneeimu.engine import Engine
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.motion.orientation import Ticks
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.measure import MOST_REPS, RepMeter
from kneeimu.sessions.analysis import analyze
from kneeimu.types import FloatArray, RepCounted, SetEnded, Setup

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
    return history, angle


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
