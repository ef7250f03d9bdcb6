"""The session runner when something comes in between: pain, pauses, skips, the sensor."""

from __future__ import annotations

import pytest

from coaching.stories import LUNGES, SQUATS, Session
from kneeimu.coaching.runner import Runner
from kneeimu.coaching.stage import Key, Link, Phase
from kneeimu.types import RepRevoked, Warned

BOTH_LEGS = SQUATS.replace("sets = 2", 'sets = 1\nlegs = "both"')


def test_pain_stops_everything_with_one_key() -> None:
    session = Session()
    session.begin_moving()
    session.reps(2)

    session.press(Key.PAIN)

    assert session.phase is Phase.PAIN
    assert session.told_engine() == ["end-set"]
    assert session.runner.results[1].ended == "pain"
    assert session.records("pain-stop")


def test_red_pain_ends_this_exercise_on_both_legs_and_goes_on_with_another() -> None:
    session = Session(BOTH_LEGS + LUNGES)
    session.begin_moving()
    session.reps(2)

    session.press(Key.PAIN)
    session.score(7)

    assert session.view.bout is not None
    assert session.view.bout.item.exercise == "lunge"
    assert [session.runner.results[number].ended for number in (1, 3)] == ["pain", "pain"]
    assert session.view.advice is not None
    assert session.view.advice.light == "red"


@pytest.mark.parametrize(("before", "during", "light"), [(4, 1, "amber"), (1, 4, "amber"), (None, 1, "green")])
def test_the_session_stays_as_light_as_its_worst_pain_asks(before: int | None, during: int, light: str) -> None:
    session = Session()
    session.runner = Runner(session.runner.bouts, worn=("right", "thigh"), pain_before=before)
    session.runner.begin()
    session.press(Key.PAIN)
    session.score(during)

    assert session.view.advice is not None
    assert session.view.advice.light == light


def test_red_pain_in_the_only_exercise_ends_the_session() -> None:
    session = Session()

    session.press(Key.PAIN)
    session.score(8)

    assert session.phase is Phase.DONE


def test_amber_pain_before_the_session_is_kept_in_sight() -> None:
    session = Session()
    runner = Runner(session.runner.bouts, worn=("right", "thigh"), pain_before=4)

    assert runner.view.advice is not None
    assert runner.view.advice.light == "amber"
    assert not runner.view.advice.may_progress


def test_amber_pain_goes_on_and_says_how() -> None:
    session = Session()
    session.begin_moving()
    session.reps(2)

    session.press(Key.PAIN)
    session.score(4)

    assert session.phase is Phase.READY
    assert session.view.bout is not None
    assert session.view.bout.set_number == 2
    assert "pain-during-amber" in session.said()


def test_pause_stops_the_clock_and_the_count() -> None:
    session = Session()
    session.a_set(5)
    session.wait(10)

    session.press(Key.PAUSE)
    session.wait(100)
    session.press(Key.PAUSE)
    session.wait(10)

    assert session.phase is Phase.REST
    assert session.view.seconds_left is not None
    assert abs(session.view.seconds_left - 10.0) < 0.3


def test_reps_during_a_pause_do_not_count() -> None:
    session = Session()
    session.begin_moving()
    session.reps(2)
    session.press(Key.PAUSE)

    session.reps(3)
    session.press(Key.GO)
    session.reps(1)

    assert session.view.corrected == 3


@pytest.mark.parametrize("key", [Key.PAIN, Key.SKIP, Key.FINISH])
def test_whatever_is_done_in_a_pause_ends_it_for_the_recording_too(key: Key) -> None:
    session = Session()
    session.begin_moving()
    session.reps(2)
    session.press(Key.PAUSE)

    session.press(key)

    assert session.records("resumed") == [{}]


def test_a_set_before_an_alignment_stays_as_it_is_for_its_recording_is_over() -> None:
    session = Session()
    session.a_set(2)
    session.runner.settle()

    session.press(Key.ADD)
    session.take(RepRevoked(session.now_s, 1, 1, "walking"))
    assert session.runner.results[1].corrected == 2

    session.a_set(3)
    assert [result.corrected for result in session.runner.results.values()] == [2, 3]


def test_skip_goes_to_the_next_set_and_says_so_in_the_record() -> None:
    session = Session()

    session.press(Key.SKIP)

    assert session.view.bout is not None
    assert session.view.bout.set_number == 2
    assert session.runner.results[1].ended == "skipped"


def test_a_set_that_was_skipped_is_not_among_those_that_were_done() -> None:
    session = Session()

    session.press(Key.SKIP)
    assert (session.view.done, session.view.left_out, session.view.total) == (0, (1,), 2)
    session.a_set(5)

    assert session.records("session-finished") == [{"sets": 1, "skipped": 1}]


def test_a_session_that_is_ended_before_a_set_has_skipped_none() -> None:
    session = Session()
    session.a_set(5)
    session.wait(31)

    session.press(Key.FINISH)

    assert session.records("session-finished") == [{"sets": 1, "skipped": 0}]


def test_skipping_an_exercise_leaves_the_other_leg_alone() -> None:
    session = Session(SQUATS.replace("sets = 2", 'sets = 2\nlegs = "both"'))

    session.press(Key.SKIP_EXERCISE)

    assert session.phase is Phase.MOVE
    assert session.view.bout is not None
    assert session.view.bout.side == "left"


def test_the_other_leg_asks_for_the_sensor_to_move_first() -> None:
    session = Session(BOTH_LEGS)
    session.a_set(5)

    session.press(Key.GO)
    assert session.phase is Phase.MOVE
    session.press(Key.GO)

    assert session.phase is Phase.READY
    assert session.set_ups() == [("squat", "right"), ("squat", "left")]


def test_without_a_sensor_on_the_session_begins_by_putting_it_on() -> None:
    session = Session(worn=None)

    assert session.phase is Phase.MOVE
    assert "move-sensor" in session.said()


def test_a_set_that_a_lost_link_has_cut_in_two_is_one_set() -> None:
    session = Session()
    session.begin_moving()
    session.reps(4)
    session.take(Link(session.now_s, "reconnecting"))
    session.wait(12)
    session.take(Link(session.now_s, "streaming"))
    session.stop_moving()

    session.begin_moving()
    session.reps(1)

    assert session.phase is Phase.WORK
    assert session.view.corrected == 5
    assert session.view.done == 0


def test_a_lost_link_is_shown_in_place_and_the_set_goes_on() -> None:
    session = Session()
    session.begin_moving()
    session.reps(3)

    session.take(Link(session.now_s, "reconnecting"))
    assert session.phase is Phase.WORK
    assert session.view.notices == ("link-lost",)
    assert session.view.corrected == 3

    session.take(Link(session.now_s, "streaming"))
    session.reps(1)
    assert session.view.notices == ()
    assert session.view.corrected == 4


def test_low_battery_is_said_once_and_stays_in_sight() -> None:
    session = Session()

    for percent in (16, 14, 14, 17, 13):
        session.take(Link(session.now_s, "streaming", percent))

    assert session.said().count("battery-low") == 1
    assert session.view.notices == ("battery-low",)


def test_a_slipped_strap_is_shown_without_stopping_the_set() -> None:
    session = Session()
    session.begin_moving()

    session.take(Warned(session.now_s, "strap-moved", "14 deg"))

    assert session.phase is Phase.WORK
    assert session.view.notices == ("strap-moved",)
