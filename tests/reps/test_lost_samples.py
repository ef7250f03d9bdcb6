"""A stretch of samples is lost amid a set: what is left of it is still one set."""

from __future__ import annotations

import pytest
from swung import count, swung

from kneeimu.engine import Engine
from kneeimu.types import Rep, RepCounted, Samples, Setup

SET = swung([(0.0, 40.0, 6.0, 8)])
"""Its third rep sets off at 15 s, turns at 18 s and is back at 21 s."""


def without(samples: Samples, lost_s: float) -> Samples:
    """What is left where so long after the beginning 0.45 s were lost."""
    kept = (samples.time_s < lost_s) | (samples.time_s > lost_s + 0.45)
    return Samples(samples.time_s[kept], samples.acc_m_s2[kept], samples.gyr_rad_s[kept])


def reps_of(samples: Samples) -> list[Rep]:
    engine = Engine(Setup("squat", "right", "thigh", 100.0))
    events = [*engine.feed(samples), *engine.finish()]
    return [event.rep for event in events if isinstance(event, RepCounted)]


@pytest.mark.parametrize("lost_s", [18.0, 19.6, 22.6, 23.2])
def test_a_rep_in_which_samples_were_lost_is_found_when_the_set_is_over(lost_s: float) -> None:
    assert count("squat", without(SET, lost_s)) == 8


@pytest.mark.parametrize("lost_s", [18.8, 19.0])
def test_a_rep_in_which_samples_were_lost_is_no_other_than_the_part_that_was_counted(lost_s: float) -> None:
    assert count("squat", without(SET, lost_s)) == 8


@pytest.mark.parametrize("lost_s", [33.6, 37.0])
def test_a_slow_rep_between_lost_samples_and_quick_ones_goes_on_with_those_before(lost_s: float) -> None:
    samples = swung([(0.0, 40.0, 6.0, 6), (0.0, 40.0, 1.6, 8)])
    assert count("squat", without(samples, lost_s)) == 14


@pytest.mark.parametrize("lost_s", [15.8, 18.0, 18.8])
def test_a_rep_of_which_the_way_out_was_lost_is_not_judged(lost_s: float) -> None:
    """Only a part of it was seen: that is neither quick nor shallow."""
    [flags] = [rep.flags for rep in reps_of(without(SET, lost_s)) if 15.0 < rep.start_s < 20.0]
    assert flags == ("gap",)


def test_a_rep_of_which_the_way_back_was_lost_is_not_judged() -> None:
    [late] = [rep for rep in reps_of(without(SET, 19.6)) if 14.0 < rep.start_s < 20.0]
    assert late.flags == ("gap",)
