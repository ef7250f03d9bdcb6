"""Sets that the person begins and ends by the key."""

from __future__ import annotations

import numpy as np
import pytest
from swung import swung

from kneeimu.engine import Engine
from kneeimu.types import Event, RepCounted, RepRevoked, Samples, Setup


def _part(samples: Samples, first: int, last: int) -> Samples:
    part = slice(first, last)
    return Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part])


def count_by_key(samples: Samples, begun_s: float, ended_s: float) -> int:
    """Reps that stand once the set, begun and ended by the key at these times, is over."""
    engine, events = Engine(Setup("squat", "right", "thigh", 100.0)), list[Event]()
    begin, end = np.searchsorted(samples.time_s, (begun_s, ended_s)).tolist()
    events += engine.feed(_part(samples, 0, begin)) + engine.start_set(begun_s)
    events += engine.feed(_part(samples, begin, end)) + engine.end_set(ended_s)
    return sum(isinstance(event, RepCounted) for event in events) - sum(isinstance(e, RepRevoked) for e in events)


@pytest.mark.parametrize("late_s", [-1.0, 0.0, 0.3, 0.5, 0.8])
def test_a_rep_that_was_under_way_when_the_key_was_pressed_counts_once(late_s: float) -> None:
    """The person presses the key and goes down at once; the movement is known to have begun a little before."""
    reps = swung([(0.0, 60.0, 4.0, 6)])  # the first begins after 3 s
    assert count_by_key(reps, 3.0 + late_s, 29.0) == 6


def test_one_rep_stays_when_the_person_says_that_the_set_is_over() -> None:
    one = swung([(0.0, 60.0, 4.0, 1)])
    engine = Engine(Setup("squat", "right", "thigh", 100.0))
    end = int(np.searchsorted(one.time_s, 9.0))
    events = engine.feed(_part(one, 0, end)) + engine.end_set(9.0) + engine.finish()
    assert sum(isinstance(event, RepCounted) for event in events) == 1
    assert not any(isinstance(event, RepRevoked) for event in events)
