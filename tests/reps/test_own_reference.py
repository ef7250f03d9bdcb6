"""Without reference reps, the first reps of the session that stand are the reference: what was taken back is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from played import samples_of
from test_measure import history_of, minimum_jerk

import firmware_sim
from firmware_sim import Scenario, simulate
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.measured.measure import RepMeter
from kneeimu.reps.measured.quality import QualityMeter
from kneeimu.reps.phases import Phases
from kneeimu.sessions.analysis import analyze
from kneeimu.types import Alignment, FloatArray, Rep, Setup

STROKE_S, PERIOD_S = 1.5, 4.0


def lifts(ranges_deg: list[float]) -> TickHistory:
    """One lift every four seconds, about the sensor's X."""
    time_s = np.arange(0.0, PERIOD_S * len(ranges_deg), 1.0 / TICK_HZ)
    angle = np.zeros_like(time_s)
    for number, range_deg in enumerate(ranges_deg):
        share = (time_s - PERIOD_S * number - 0.5) / STROKE_S
        angle += np.radians(range_deg) * (minimum_jerk(share) - minimum_jerk(share - 1.0))
    return history_of(time_s, angle)


def lift(number: int, range_deg: float) -> Excursion:
    start_s = PERIOD_S * number + 0.5
    far = (0.0, float(np.sin(np.radians(range_deg))), float(np.cos(np.radians(range_deg))))
    axis, home = (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    return Excursion(start_s, start_s + STROKE_S, start_s + 2.0 * STROKE_S, range_deg, axis, home, far)


class Lifting:
    """Lifts that are measured one after the other."""

    def __init__(self, *ranges_deg: float, exercise: str = "clamshell", alignment: Alignment | None = None) -> None:
        self.meter = RepMeter(find_exercise(exercise), Setup(exercise, "right", "thigh", 100.0, alignment))
        self._ranges_deg, self._history = ranges_deg, lifts(list(ranges_deg))

    def measure(self, *numbers: int, late: bool = False) -> list[Rep]:
        return [self._measure(number, late) for number in numbers]

    def _measure(self, number: int, late: bool) -> Rep:
        excursion = lift(number, self._ranges_deg[number])
        return self.meter.measure(excursion, self._history, excursion.end_s, late=late)


def test_movements_that_were_taken_back_are_no_reference() -> None:
    lifting = Lifting(60.0, 60.0, 60.0, 25.0, 25.0, 25.0, 25.0)
    lifting.measure(0, 1, 2)
    lifting.meter.take_back(3)
    assert [rep.flags for rep in lifting.measure(3, 4, 5, 6)] == [(), (), (), ()]


def test_the_first_three_reps_that_stand_are_the_reference_in_later_sets_too() -> None:
    lifting = Lifting(60.0, 40.0, 40.0, 40.0, 20.0, 39.0)
    lifting.measure(0)
    lifting.meter.take_back(1)
    lifting.measure(1, 2, 3)
    lifting.meter.begin_set()
    assert [rep.flags for rep in lifting.measure(4, 5)] == [("short", "shallow"), ()]


def test_what_was_held_against_movements_that_are_none_is_judged_again() -> None:
    lifting = Lifting(60.0, 60.0, 60.0, 25.0, 25.0, 25.0, 25.0, 12.0)
    for number, rep in enumerate(lifting.measure(*range(8))):
        assert ("short" in rep.flags) == (number > 2)
    for number in (1, 2, 3):
        lifting.meter.drop(number)
    again = {rep.number: rep.flags for rep in lifting.meter.judge_again()}
    assert again == {4: (), 5: (), 6: (), 7: ()}, "the last is short all the same"
    assert lifting.meter.summarise(1, 0.0, 32.0).clean_count == 4


def test_a_rep_found_late_is_a_reference_if_it_was_one_of_the_first() -> None:
    lifting = Lifting(40.0, 40.0, 26.0, 26.0, 40.0)
    assert [rep.flags for rep in lifting.measure(2, 3, 4)] == [(), (), ()]
    lifting.measure(0, 1)
    assert {rep.number: rep.flags for rep in lifting.meter.judge_again()} == {2: ("shallow",)}


def test_nothing_is_judged_again_where_every_rep_stands() -> None:
    lifting = Lifting(40.0, 40.0, 40.0, 30.0, 40.0)
    lifting.measure(*range(5))
    assert lifting.meter.judge_again() == []


def test_movements_while_strapping_on_make_no_rep_shallow() -> None:
    strapped = Scenario.from_toml(Path(firmware_sim.__file__).parent / "scenarios" / "bad-sensor.toml")
    setup = Setup("clamshell", "right", "thigh", strapped.rate_hz)
    analysis = analyze(samples_of(simulate(strapped)), setup)
    assert len(analysis.reps) > 10
    assert analysis.clean_count == len(analysis.reps)
    assert analysis.sets[-1].clean_count == analysis.clean_count


def test_a_step_that_was_none_says_nothing_about_how_wide_the_walk_is() -> None:
    still = Phases(0.0, 1.0, 0.4, 0.2, 0.4, 60.0, 60.0, 60.0, 0.8, 0.4, 0.6, 0.0, True)
    alignment = Alignment((1.0, 0.0, 0.0, 0.0), "right", "shin", "good", 1.0)
    meter = QualityMeter(find_exercise("lateral-walk"), alignment)
    time_s = np.arange(0.0, 1.6, 1.0 / TICK_HZ)

    def standing(width_deg: float) -> FloatArray:
        up = np.array((0.0, np.cos(np.radians(width_deg)), np.sin(np.radians(width_deg))))
        return np.tile(up, (len(time_s), 1))

    meter.stance(1, time_s, standing(30.0), still)
    meter.forget(1)
    assert meter.stance(1, time_s, standing(8.0), still)["lost-tension"] == pytest.approx(1.0)
    assert meter.stance(2, time_s, standing(6.0), still)["lost-tension"] == pytest.approx(0.75)


ASKEW = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 3.0, 1.0)
"""The lifts go far out of its plane."""


@pytest.mark.parametrize(("taken_back", "slipped"), [(0, True), (1, False)])
def test_what_was_taken_back_does_not_tell_that_the_strap_slipped(taken_back: int, slipped: bool) -> None:
    lifting = Lifting(*5 * [60.0], exercise="squat", alignment=ASKEW)
    lifting.measure(0, 1, 2, 3)
    lifting.meter.take_back(taken_back)
    lifting.measure(4)
    assert (lifting.meter.strap_moved is not None) == slipped


def test_what_is_found_late_is_not_held_against_the_reps_after_it() -> None:
    lifting = Lifting(*5 * [60.0], exercise="squat", alignment=ASKEW)
    lifting.measure(1, 2, 3, 4)
    lifting.measure(0, late=True)
    assert lifting.meter.strap_moved is None
