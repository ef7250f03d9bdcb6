"""Who gets into a start pose of the exercise's own is told every rep from there as it ends, in the next set too."""

from __future__ import annotations

import numpy as np
import pytest
from looked_again import ramp, rest
from played import person, samples_of
from swung import tilted

from firmware_sim import Activity
from kneeimu.engine import Engine
from kneeimu.types import FloatArray, RepCounted, RepRevoked, Samples, Setup

AT_ONCE_S = 0.3
"""A rep is told so soon after its end."""
BEFORE = (Activity("walk", 8.0), Activity("stand", 1.0))
BENDS, STRAIGHTENS = (ramp(0.0, 17.0), rest(2.5, 17.0)), (ramp(17.0, 0.0), rest(8.5))
REP = (ramp(17.0, 0.0), rest(1.5), ramp(0.0, 17.0), rest(1.2, 17.0))


def told(samples: Samples, mount: str = "thigh") -> tuple[int, int]:
    """How many terminal knee extensions are counted, and how many of them as they end."""
    engine = Engine(Setup("terminal-knee-extension", "right", mount, 100.0))  # type: ignore[arg-type]
    events = [*engine.feed(samples), *engine.finish()]
    reps: dict[tuple[int, int], bool] = {}
    for event in events:
        if isinstance(event, RepCounted):
            reps[event.set_number, event.rep.number] = event.time_s - event.rep.end_s < AT_ONCE_S
        elif isinstance(event, RepRevoked):
            del reps[event.set_number, event.rep_number]
    return len(reps), sum(reps.values())


def test_who_stands_straight_before_knee_extensions_is_told_each_at_once() -> None:
    assert told(tilted(np.concatenate((rest(3.0), *BENDS, *REP * 6, *STRAIGHTENS)))) == (6, 6)


def test_who_stood_straight_for_long_and_bends_the_knee_only_to_begin_is_told_each_at_once() -> None:
    bends = (ramp(0.0, 17.0), rest(0.5, 17.0))
    assert told(tilted(np.concatenate((rest(5.0), *bends, *REP * 6, *STRAIGHTENS)))) == (6, 6)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param((ramp(0.0, 70.0), rest(5.0, 70.0), ramp(70.0, 0.0), rest(3.0)), id="sits-down"),
        pytest.param((ramp(0.0, -6.5), rest(1.5, -6.5), ramp(-6.5, 0.0), rest(2.0)), id="shifts-the-weight"),
        pytest.param((ramp(0.0, -6.0), ramp(-6.0, 0.0), rest(2.0)), id="moves-the-leg"),
    ],
)
def test_what_a_person_does_while_standing_straight_is_no_way_into_the_start_pose(before: tuple[FloatArray]) -> None:
    assert told(tilted(np.concatenate((rest(3.0), *before, *BENDS, *REP * 6, *STRAIGHTENS)))) == (6, 6)


def test_who_stands_in_the_start_pose_and_holds_a_rep_for_less_than_is_asked_is_told_each_at_once() -> None:
    rep = (ramp(0.0, 17.0), rest(1.0, 17.0), ramp(17.0, 0.0), rest(1.2))
    bends = (rest(3.0, 17.0), ramp(17.0, 0.0), rest(3.0))
    assert told(tilted(np.concatenate((*bends, *rep * 6, rest(9.0))))) == (6, 6)


def test_who_stood_straight_for_a_moment_and_bends_the_knee_only_to_begin_is_told_all_but_the_first_at_once() -> None:
    bends = (ramp(0.0, 17.0), rest(0.5, 17.0))
    assert told(tilted(np.concatenate((rest(2.0), *bends, *REP * 6, *STRAIGHTENS)))) == (6, 5)


def test_who_stays_in_the_start_pose_between_two_sets_is_told_the_second_at_once_too() -> None:
    angle = np.concatenate((rest(3.0), *BENDS, *REP * 6, rest(20.0, 17.0), *REP * 6, *STRAIGHTENS))
    assert told(tilted(angle)) == (12, 12)


def test_who_stands_straight_between_two_sets_is_told_the_second_at_once_too() -> None:
    between = (ramp(17.0, 0.0), rest(20.0), ramp(0.0, 17.0), rest(2.5, 17.0))
    angle = np.concatenate((rest(3.0), *BENDS, *REP * 6, *between, *REP * 6, *STRAIGHTENS))
    assert told(tilted(angle)) == (12, 12)


def test_who_stood_straight_and_ends_the_recording_in_the_start_pose_has_been_told_each_at_once() -> None:
    assert told(tilted(np.concatenate((rest(3.0), *BENDS, *REP * 6)))) == (6, 6)


def test_who_has_come_walking_stands_straight_as_soon_as_the_leg_rests() -> None:
    came = person("terminal-knee-extension", "shin", seed=4101, before=BEFORE, rate_hz=100.0)
    count, at_once = told(samples_of(came), "shin")
    assert count == 6
    assert at_once >= 5
