"""A session on a worker: the same words wherever it is cut, taken over or told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kneeimu.cluster.sensor_session import SensorSession
from kneeimu.engine import Engine
from kneeimu.types import RepCounted, Samples

from .stories import BEGAN_UTC_S, SQUAT, said, session_batches, written

BATCHES = session_batches(5)
SAID = said(BATCHES)


def test_a_worker_says_what_the_engine_says() -> None:
    engine = Engine(SQUAT)
    reps = [
        event for batch in BATCHES for item in batch.items if isinstance(item, Samples) for event in engine.feed(item)
        if isinstance(event, RepCounted)
    ]  # fmt: skip
    assert [event["time_s"] for event in SAID if event["kind"] == "rep"] == [round(rep.time_s, 3) for rep in reps]
    assert len(reps) == 5


def test_a_session_begins_and_ends_and_tells_of_pain_in_its_place() -> None:
    kinds = [event["kind"] for event in SAID]
    assert kinds == ["session-started", "pain", "set-started", *["rep"] * 5, "set-ended", "session-ended"]
    assert [event["seq"] for event in SAID] == list(range(1, len(SAID) + 1))


@settings(max_examples=25)
@given(st.integers(1, len(BATCHES) - 1))
def test_a_worker_that_takes_over_goes_on_as_if_nothing_happened(cut: int) -> None:
    one = SensorSession("anna", BATCHES[0])
    first = [event for batch in BATCHES[:cut] for event in one.take(batch)]
    other = SensorSession("anna", BATCHES[0], BATCHES[:cut])
    second = [event for batch in BATCHES[cut:] for event in other.take(batch)]
    assert written(first + second) == written(SAID)
    assert other.missed == 0


@settings(max_examples=25)
@given(st.lists(st.integers(0, 3), min_size=len(BATCHES), max_size=len(BATCHES)))
def test_batches_that_come_again_say_nothing(back: list[int]) -> None:
    session = SensorSession("anna", BATCHES[0])
    events = []
    for index, steps in enumerate(back):
        for again in range(max(0, index - steps), index + 1):
            events += session.take(BATCHES[again])
    assert written(events) == written(SAID)


def test_a_batch_that_never_came_is_missed_and_the_count_goes_on() -> None:
    session = SensorSession("anna", BATCHES[0])
    events = [event for batch in BATCHES if batch.number != 5 for event in session.take(batch)]
    assert session.missed == 1
    assert [event["kind"] for event in events].count("gap") == 1
    assert events[-1]["data"]["total"] >= 4


def test_after_the_end_nothing_is_said() -> None:
    session = SensorSession("anna", BATCHES[0])
    for batch in BATCHES:
        session.take(batch)
    assert session.take(replace(BATCHES[0], number=len(BATCHES) + 1)) == []


def test_an_event_has_the_time_at_which_it_happened_however_late_it_is_worked_on() -> None:
    for event in SAID:
        happened_s = datetime.fromisoformat(event["utc"]).timestamp()
        assert happened_s == pytest.approx(BEGAN_UTC_S + event["time_s"], abs=0.002)


def test_a_session_whose_beginning_is_not_known_is_another_one_for_others() -> None:
    """Else its events would have the ids of those that were told before, and be dropped."""
    late = said(BATCHES[10:])
    assert {event["session"] for event in late} == {f"{BATCHES[0].session}-from-11"}
    assert not {event["id"] for event in late} & {event["id"] for event in SAID}
    assert late[-1]["kind"] == "session-ended"
