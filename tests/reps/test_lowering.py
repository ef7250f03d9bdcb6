"""A leg or a body that is let drop is told from one that is lowered slowly and begins to sink in the hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.reps.measured.form import judge
from kneeimu.reps.phases import Phases
from kneeimu.types import Rep

DROPPED = {"dropped": find_exercise("prone-hip-extension").profile("thigh").findings["dropped"]}
PHASES = Phases(0.0, 4.0, 1.6, 1.6, 0.8, 40.0, 40.0, 40.0, 3.0, 1.6, 3.2, 0.0, True)
REP = Rep(
    number=2, start_s=0.0, turn_s=2.0, end_s=4.0, duration_s=4.0, range_of_motion_deg=10.0, outward_s=1.6, hold_s=1.6,
    return_s=0.8, peak_velocity_deg_s=40.0, metrics={"outward_peak_deg_s": 12.0, "return_peak_deg_s": 30.0},
)  # fmt: skip


def told(rep: Rep, lowers_first: bool = False) -> str | None:
    return judge(rep, PHASES, DROPPED, None, None, lowers_first).get("dropped")


def test_a_leg_that_falls_is_dropped() -> None:
    assert told(REP) == "amber"
    assert told(replace(REP, return_s=0.5)) == "red"


def test_a_leg_that_sinks_slowly_is_not_however_long_the_hold_seemed() -> None:
    # 10 deg at 8 deg/s and no faster take 2.3 s
    assert told(replace(REP, metrics={**REP.metrics, "return_peak_deg_s": 8.0})) is None


def test_the_time_from_the_speed_is_that_of_a_minimum_jerk_stroke() -> None:
    for peak_deg_s, level in ((18.6, None), (18.9, "amber"), (26.6, "amber"), (27.0, "red")):
        fast = replace(REP, return_s=0.4, metrics={"return_peak_deg_s": peak_deg_s})
        assert told(fast) == level


@pytest.mark.parametrize("peak", [{}, {"outward_peak_deg_s": 0.0}, {"outward_peak_deg_s": None}])
def test_without_a_speed_the_time_alone_counts(peak: dict[str, float | None]) -> None:
    assert told(replace(REP, outward_s=0.6, metrics=peak), lowers_first=True) == "red"


def test_a_body_that_sinks_first_is_judged_on_its_way_out() -> None:
    falling = replace(REP, outward_s=0.5, return_s=2.0, metrics={"outward_peak_deg_s": 40.0, "return_peak_deg_s": 9.0})
    assert told(falling, lowers_first=True) == "red"
    assert told(falling, lowers_first=False) is None
