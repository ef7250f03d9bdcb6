"""Whatever a limb does, and wherever samples are lost, the engine's events tell a story without contradictions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from anything_done import Limb, any_setup, with_gaps
from hypothesis import given, settings
from hypothesis import strategies as st

from kneeimu.engine import Engine
from kneeimu.types import (
    Event,
    Rep,
    RepCounted,
    RepJudged,
    RepRevoked,
    Samples,
    SetEnded,
    SetStarted,
    Setup,
    event_to_json,
)

Keys = list[tuple[int, bool]]
"""Before which sample a set is begun, or ended, by hand."""


def said(samples: Samples, setup: Setup, keys: Keys, cuts: Sequence[int] = ()) -> list[Event]:
    engine, events = Engine(setup), list[Event]()
    edges = sorted({0, len(samples), *cuts, *(at for at, _ in keys)})
    for begin, end in pairwise(edges):
        for at, starts in keys:
            if at == begin:
                now_s = float(samples.time_s[at])
                events += engine.start_set(now_s) if starts else engine.end_set(now_s)
        part = slice(begin, end)
        events += engine.feed(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
    return [*events, *engine.finish()]


def contradictions(events: list[Event]) -> list[str]:
    found: list[str] = []
    under_way, sets = 0, 0
    reps: dict[int, Rep] = {}
    for event in events:
        match event:
            case SetStarted():
                if under_way or event.set_number != sets + 1:
                    found.append(f"{event} while set {under_way} was under way")
                under_way = sets = event.set_number
                reps = {}
            case RepCounted():
                if event.set_number != under_way or event.rep.number in reps:
                    found.append(f"{event} in set {under_way}, after {list(reps)}")
                if not event.rep.start_s <= event.rep.turn_s <= event.rep.end_s:
                    found.append(f"{event} does not turn between start and end")
                reps[event.rep.number] = event.rep
            case RepRevoked():
                if event.set_number != under_way or reps.pop(event.rep_number, None) is None:
                    found.append(f"{event} in set {under_way} of {list(reps)}")
            case RepJudged():
                if event.set_number != under_way or event.rep_number not in reps:
                    found.append(f"{event} in set {under_way} of {list(reps)}")
                else:
                    reps[event.rep_number] = event.of(reps[event.rep_number])
            case SetEnded(summary=summary):
                if summary.number != under_way or summary.count != len(reps):
                    found.append(f"{event} of set {under_way} with {len(reps)} reps")
                if summary.clean_count != sum(rep.clean for rep in reps.values()):
                    found.append(f"{event}: other reps were clean")
                under_way = 0
    return [*found, *(["the last set never ended"] if under_way else [])]


@settings(max_examples=150)
@given(seed=st.integers(0, 2**31), rate_hz=st.sampled_from([25.0, 25.0, 52.0, 100.0]), data=st.data())
def test_what_is_said_never_contradicts_itself(seed: int, rate_hz: float, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    samples = with_gaps(Limb(rng, rate_hz).do(rng.choice([10.0, 40.0, 90.0])), rng)
    setup = any_setup(rng, rate_hz)
    moment = st.integers(0, len(samples) - 1)
    keys = data.draw(st.lists(st.tuples(moment, st.booleans()), max_size=4))
    cuts = data.draw(st.lists(moment, max_size=20))
    events = said(samples, setup, keys)
    assert contradictions(events) == []
    assert [event_to_json(event) for event in said(samples, setup, keys, cuts)] == [*map(event_to_json, events)]
