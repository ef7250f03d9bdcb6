"""A sensor in trouble is told, and nothing is invented."""

from __future__ import annotations

import numpy as np
import pytest
from played import counted, person, samples_of

from calibration.alignment import align
from firmware_sim import Activity
from firmware_sim.scenario import Tissue
from kneeimu.engine import Engine
from kneeimu.sessions.alignments import alignment_of
from kneeimu.sessions.analysis import analyze
from kneeimu.types import Event, GapFound, Samples, Setup, Warned


def codes(analysis: object) -> list[str]:
    return [event.code for event in analysis.events if isinstance(event, Warned)]  # type: ignore[attr-defined]


def test_samples_that_are_no_numbers_are_told_once_and_cost_no_rep() -> None:
    done = person("squat", "thigh")
    samples = samples_of(done)
    acc = samples.acc_m_s2.copy()
    acc[[200, 300, 301], 1] = np.nan
    analysis = counted(done, samples=Samples(samples.time_s, acc, samples.gyr_rad_s))
    assert codes(analysis) == ["invalid"]
    assert len(analysis.reps) == 6
    assert all(np.isfinite(rep.range_of_motion_deg) for rep in analysis.reps)


def test_a_gap_is_told_with_its_times_and_no_rep_is_invented_in_it() -> None:
    done = person("squat", "thigh")
    samples = samples_of(done)
    lost = done.truth.reps[2], done.truth.reps[3]
    kept = (samples.time_s < lost[0].start_s) | (samples.time_s > lost[1].end_s)
    analysis = counted(done, samples=Samples(samples.time_s[kept], samples.acc_m_s2[kept], samples.gyr_rad_s[kept]))
    (gap,) = [event for event in analysis.events if isinstance(event, GapFound)]
    assert not gap.bridged
    assert gap.start_s == pytest.approx(lost[0].start_s, abs=0.05)
    assert gap.end_s == pytest.approx(lost[1].end_s, abs=0.05)
    assert len(analysis.reps) <= 4
    assert not [rep for rep in analysis.reps if gap.start_s < rep.turn_s < gap.end_s]


def test_a_burst_of_three_lost_samples_is_bridged() -> None:
    done = person("squat", "thigh")
    samples = samples_of(done)
    kept = np.ones(len(samples), dtype=bool)
    kept[400:403] = False
    analysis = counted(done, samples=Samples(samples.time_s[kept], samples.acc_m_s2[kept], samples.gyr_rad_s[kept]))
    assert [event.bridged for event in analysis.events if isinstance(event, GapFound)] == [True]
    assert len(analysis.reps) == 6


def set_back(samples: Samples, at_s: float, by_s: float) -> Samples:
    """The clock was set back."""
    time_s = samples.time_s - np.where(samples.time_s < at_s, 0.0, by_s)
    return Samples(time_s, samples.acc_m_s2, samples.gyr_rad_s)


def test_a_clock_that_is_set_back_is_told_and_the_count_goes_on_in_a_set_of_its_own() -> None:
    done = person("squat", "thigh", reps=8)
    reps = done.truth.reps
    analysis = counted(done, samples=set_back(samples_of(done), reps[4].start_s - 0.1, 100.0))
    assert codes(analysis) == ["invalid"]
    assert [summary.count for summary in analysis.sets] == [4, 3]
    assert analysis.sets[1].start_s < 0.0


def test_one_wrong_time_may_end_the_set_and_costs_no_rep() -> None:
    done = person("squat", "thigh")
    samples = samples_of(done)
    time_s = samples.time_s.copy()
    time_s[np.searchsorted(time_s, done.truth.reps[2].end_s + 0.1)] = 1e6
    analysis = counted(done, samples=Samples(time_s, samples.acc_m_s2, samples.gyr_rad_s))
    assert codes(analysis) == ["invalid"]
    assert sum(summary.count for summary in analysis.sets) == 6


def test_what_is_said_of_a_clock_that_is_set_back_does_not_depend_on_the_chunks() -> None:
    done = person("squat", "thigh")
    samples = set_back(samples_of(done), done.truth.reps[2].start_s - 0.1, 100.0)
    engine, said = Engine(Setup("squat", "right", "thigh", 50.0)), list[Event]()
    for begin in range(0, len(samples), 7):
        part = slice(begin, begin + 7)
        said += engine.feed(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
    assert (*said, *engine.finish()) == counted(done, samples=samples).events


def test_a_stuck_axis_is_told() -> None:
    done = person("squat", "thigh")
    samples = samples_of(done)
    gyr = samples.gyr_rad_s.copy()
    gyr[:, 2] = 0.0123
    assert "stuck" in codes(counted(done, samples=Samples(samples.time_s, samples.acc_m_s2, gyr)))


def test_a_healthy_sensor_is_not_complained_about() -> None:
    for mount in ("thigh", "shin"):
        assert codes(counted(person("squat", mount))) == []


def test_a_strap_that_turned_is_told_and_drift_is_not_shown_any_more() -> None:
    told = {"reps": 12, "rate_hz": 100.0, "alignment": "full", "before": (Activity("stand", 3.0),)}
    done = person("single-leg-squat", "shin", tissue=Tissue(slip_deg=30.0), **told)
    until = int(np.searchsorted(done.time_s, done.truth.reps[0].start_s - 3.0))
    result = align(done.time_s[:until], done.acc_m_s2[:until], done.gyr_rad_s[:until], "right", "shin")
    setup = Setup("single-leg-squat", "right", "shin", 100.0, alignment_of(result))
    after = Samples(done.time_s[until:], done.acc_m_s2[until:], done.gyr_rad_s[until:])
    analysis = analyze(after, setup)
    assert "strap-moved" in codes(analysis)
    assert analysis.reps[-1].medial_drift_deg is None
    assert analysis.reps[-1].fppa_equivalent_deg is None
