"""The tally takes what is found when a set is looked at again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kneeimu.playback import Playback, Spoken
from kneeimu.tally import Tally
from kneeimu.types import Event, Rep, RepCounted, RepJudged, RepRevoked, SetEnded, SetStarted, SetSummary, Setup, Trace


def rep(number: int, end_s: float) -> Rep:
    return Rep(number, end_s - 3.0, end_s - 1.5, end_s, 3.0, 40.0, 1.5, 0.0, 1.5, 60.0)


def tally_of(count: int) -> Tally:
    tally = Tally("squat")
    tally.apply(SetStarted(1.0, 1))
    for number in range(1, count + 1):
        tally.apply(RepCounted(4.0 * number, 1, rep(number, 4.0 * number)))
    return tally


def test_a_rep_found_late_counts() -> None:
    tally = tally_of(3)
    tally.apply(RepCounted(30.0, 1, rep(4, 8.0)))
    assert (tally.detected, tally.count) == (4, 4)


def test_a_rep_found_late_takes_the_place_of_the_one_that_the_person_added() -> None:
    tally = tally_of(3)
    tally.command("correction", 13.0, {"by": 1})
    assert (tally.detected, tally.count) == (3, 4)
    tally.apply(RepCounted(30.0, 1, rep(4, 8.0)))
    assert (tally.detected, tally.count) == (4, 4)


def test_a_rep_that_was_taken_back_already_is_not_taken_back_twice() -> None:
    tally = tally_of(3)
    tally.command("correction", 13.0, {"by": -1})
    tally.apply(RepRevoked(30.0, 1, 1, "second-look"))
    assert tally.count == 2


def test_a_rep_that_the_person_took_back_stays_so_when_it_is_counted_anew() -> None:
    tally = tally_of(3)
    tally.command("correction", 13.0, {"by": -1})
    tally.apply(RepRevoked(30.0, 1, 3, "second-look"))
    tally.apply(RepCounted(30.0, 1, rep(4, 12.5)))
    assert (tally.detected, tally.count) == (3, 2)


def test_a_rep_that_the_person_added_stays_when_another_is_counted_anew() -> None:
    tally = tally_of(3)
    tally.command("correction", 13.0, {"by": 1})
    tally.apply(RepRevoked(30.0, 1, 3, "second-look"))
    tally.apply(RepCounted(30.0, 1, rep(4, 12.5)))
    assert (tally.detected, tally.count) == (3, 4)


def test_a_rep_that_was_taken_back_and_then_added_by_the_person_is_not_counted_twice_when_it_is_counted_anew() -> None:
    tally = tally_of(3)
    tally.apply(RepRevoked(14.0, 1, 3, "walking"))
    tally.command("correction", 15.0, {"by": 1})
    tally.apply(RepCounted(30.0, 1, rep(3, 12.0)))
    assert (tally.detected, tally.count) == (3, 3)


def test_a_set_seen_from_the_other_end_keeps_what_the_person_said() -> None:
    for by in (1, -1):
        tally = tally_of(3)
        tally.command("correction", 13.0, {"by": by})
        for number in (1, 2, 3):
            tally.apply(RepRevoked(30.0, 1, number, "second-look"))
        for number in (1, 2, 3):
            tally.apply(RepCounted(30.0, 1, rep(3 + number, 4.0 * number - 1.5)))
        assert (tally.detected, tally.count) == (3, 3 + by)


def test_a_rep_that_is_judged_again_shows_its_new_flags() -> None:
    tally = tally_of(3)
    tally.apply(RepJudged(30.0, 1, 2, ("short",)))
    assert [one.rep.flags for one in tally.reps if one.rep is not None] == [(), ("short",), ()]
    assert tally.clean == 2


def test_a_set_without_a_rep_is_not_done() -> None:
    tally = tally_of(2)
    tally.apply(SetEnded(20.0, SetSummary(1, 1.0, 20.0, 2, 2)))
    for number in (2, 3):
        tally.apply(SetStarted(30.0 * number, number))
        if number == 3:
            tally.command("correction", 91.0, {"by": 1})
        tally.apply(SetEnded(30.0 * number + 9.0, SetSummary(number, 30.0 * number, 30.0 * number + 9.0, 0, 0)))
    assert tally.sets_done == 2, "the first, and the one that the person has put right"


def test_a_long_session_keeps_its_total_and_a_long_set_its_count() -> None:
    tally = Tally()
    number = 0
    for set_number in (1, 2, 3):
        tally.apply(SetStarted(0.0, set_number))
        for number in range(1, 301):
            tally.apply(RepCounted(float(number), set_number, rep(number, float(number))))
    assert (tally.total, tally.count) == (900, 300)
    tally.apply(SetStarted(0.0, 4))
    for number in range(1, 501):
        tally.apply(RepCounted(float(number), 4, rep(number, float(number))))
    assert (tally.total, tally.count) == (1400, 500)
    assert len(tally.reps) == 500


def test_a_replay_shows_all_reps_of_a_long_session() -> None:
    first: list[Event] = [RepCounted(float(n), 1, rep(n, float(n))) for n in range(1, 451)]
    said = [SetStarted(0.0, 1), *first, SetStarted(900.0, 2), RepCounted(904.0, 2, rep(1, 904.0))]
    trace = Trace(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros((0, 4)))
    spoken = tuple(Spoken(event.time_s, event) for event in said)
    playback = Playback(Path("long.mcap"), Setup("squat", "right", "thigh", 100.0), 0.0, 905.0, trace, spoken)
    assert len(playback.reps) == 451
