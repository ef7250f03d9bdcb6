"""Steps of a band walk in a hurry are told from steps that were seen in part, and from two that were taken for one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.exercises.exercise import Limit
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.measured.form import judge
from kneeimu.reps.measured.quality import _quicker_of_two_s, least_step_s
from kneeimu.reps.phases import Phases
from kneeimu.types import FloatArray, Rep

RUSHED = find_exercise("lateral-walk").profile("shin").findings["rushed"]
PHASES = Phases(0.0, 1.0, 0.4, 0.2, 0.4, 60.0, 60.0, 60.0, 0.8, 0.4, 0.6, 0.0, True)
STEP = Rep(
    number=2, start_s=0.0, turn_s=0.4, end_s=0.7, duration_s=0.7, range_of_motion_deg=14.0, outward_s=0.35, hold_s=0.0,
    return_s=0.35, peak_velocity_deg_s=75.0, metrics={"outward_peak_deg_s": 75.0, "period_s": 0.75},
)  # fmt: skip


def told(rep: Rep, limit: Limit = RUSHED) -> str | None:
    return judge(rep, PHASES, {"rushed": limit}, None, None, False).get("rushed")


def minimum_jerk(share: FloatArray) -> FloatArray:
    return np.asarray(10.0 * share**3 - 15.0 * share**4 + 6.0 * share**5)


def steps(*durations_s: float, height_deg: float = 14.0) -> tuple[FloatArray, FloatArray, Phases]:
    """One step right after the other: ticks, angles, and the phases of all of them taken for one."""
    waves = [minimum_jerk(1.0 - np.abs(2.0 * np.arange(0.0, d, 1.0 / TICK_HZ) / d - 1.0)) for d in durations_s]
    angle = height_deg * np.concatenate((*waves, [0.0]))
    time_s = np.arange(len(angle)) / TICK_HZ
    return time_s, angle, PHASES._replace(start_s=0.0, end_s=float(time_s[-1]))


def test_a_quick_step_that_the_next_follows_at_once_is_rushed() -> None:
    assert told(STEP) == "red"


def test_a_slow_step_is_not() -> None:
    assert told(replace(STEP, duration_s=1.8, outward_s=0.9, return_s=0.9)) is None


def test_a_step_that_seems_to_begin_late_is_judged_by_when_the_one_before_ended() -> None:
    short = replace(STEP, duration_s=1.1, metrics={**STEP.metrics, "period_s": 2.0})
    assert told(short) is None
    assert told(replace(short, metrics={**STEP.metrics, "period_s": 1.15})) == "amber"


def test_a_step_after_standing_is_judged_by_how_fast_the_limb_went_out_and_back() -> None:
    peaks = {"outward_peak_deg_s": 75.0, "return_peak_deg_s": 75.0}
    after_standing = replace(STEP, duration_s=1.1, metrics={**peaks, "period_s": 3.5})
    assert told(after_standing) == "amber"
    assert told(replace(after_standing, metrics={**peaks, "return_peak_deg_s": 40.0, "period_s": 3.5})) is None


def test_a_hurried_step_in_which_the_foot_swings_on_the_way_back_is_rushed() -> None:
    swings_back = {"outward_peak_deg_s": 40.0, "return_peak_deg_s": 120.0, "period_s": 0.75}
    assert told(replace(STEP, outward_s=0.5, return_s=0.2, metrics=swings_back)) == "red"


def test_a_short_piece_of_a_limb_that_moves_no_faster_than_usual_is_no_hurry() -> None:
    assert told(replace(STEP, metrics={**STEP.metrics, "outward_peak_deg_s": 40.0})) is None


@pytest.mark.parametrize("missing", ["outward_s", "return_s"])
def test_a_step_without_its_way_out_or_back_is_judged_by_when_the_one_before_ended(missing: str) -> None:
    part = replace(STEP, **{missing: 0.0}, metrics={**STEP.metrics, "period_s": 2.4})
    assert told(part) is None


def test_the_least_time_of_a_step_goes_by_its_speed() -> None:
    # a minimum-jerk stroke over 16 deg in 0.4 s peaks at 75 deg/s; the step takes two and a half of it
    assert least_step_s(0.5, 16.0, 75.0) == pytest.approx(1.0)
    assert least_step_s(1.3, 16.0, 75.0) == 1.3
    assert least_step_s(0.5, 16.0, 0.0) == 0.5


@pytest.mark.parametrize("order", [(0.8, 1.8), (1.8, 0.8)])
def test_of_two_steps_taken_for_one_the_hurried_one_is_found(order: tuple[float, float]) -> None:
    quicker_s = _quicker_of_two_s(*steps(*order))
    assert quicker_s == pytest.approx(1.0, abs=0.1)  # two and a half times its way out
    slow = replace(STEP, duration_s=2.6, metrics={**STEP.metrics, "period_s": 2.6, "quicker_step_s": quicker_s})
    assert told(slow) == "amber"


def test_two_calm_steps_taken_for_one_are_not_in_a_hurry() -> None:
    quicker_s = _quicker_of_two_s(*steps(1.6, 1.8))
    assert quicker_s is not None
    assert told(replace(STEP, metrics={"quicker_step_s": quicker_s})) is None


def test_one_step_is_not_taken_for_two() -> None:
    assert _quicker_of_two_s(*steps(1.6)) is None


def test_a_half_step_before_a_whole_one_is_not_a_step() -> None:
    time_s, angle, phases = steps(0.8, 1.8)
    from_the_far_end = time_s >= 0.4
    begun = phases._replace(start_s=0.4)
    assert _quicker_of_two_s(time_s[from_the_far_end], angle[from_the_far_end], begun) == pytest.approx(2.25, abs=0.1)


def test_a_hesitation_far_out_does_not_make_two_steps_of_one() -> None:
    time_s, angle, phases = steps(0.8, 1.8)
    assert _quicker_of_two_s(time_s, 14.0 + 0.4 * angle, phases) is not None  # a small wave is a wave all the same
    high = np.where((time_s > 0.4) & (time_s < 1.6), np.maximum(angle, 8.0), angle)
    assert _quicker_of_two_s(time_s, high, phases) is None
