"""What the session runner says, paces and times."""

from __future__ import annotations

from coaching.stories import MASSAGE, SQUATS, STRETCH, Session
from kneeimu.coaching.stage import Key, Link, Phase
from kneeimu.types import Cue

BOTH_LEGS = SQUATS.replace("sets = 2", 'sets = 1\nlegs = "both"')


def test_a_cue_is_said_once_and_then_left_for_three_reps() -> None:
    session = Session()
    session.begin_moving()
    session.reps(2)

    for _ in range(4):
        session.take(Cue(session.now_s, "knee-in", "amber"))
        session.reps(1)

    assert session.said().count("knee-in") == 2


def test_hurried_reps_get_one_word_about_the_tempo() -> None:
    session = Session()
    session.begin_moving()

    session.reps(1, duration_s=1.5)
    assert "slower" not in session.said()
    session.reps(2, duration_s=1.5)

    assert session.said().count("slower") == 1


def test_no_more_than_three_cues_in_a_set() -> None:
    session = Session(SQUATS.replace("[3, 5]", "[30, 50]"))
    session.begin_moving()

    session.reps(30, duration_s=1.5)

    assert session.said().count("slower") == 3


def test_reaching_the_target_is_said() -> None:
    session = Session()
    session.begin_moving()

    session.reps(6)

    assert session.sounds() == ["go", "rep", "rep", "target", "rep", "target", "rep"]
    assert "target-reached" in session.said()


def test_the_pacer_follows_the_persons_own_reps() -> None:
    session = Session()
    session.begin_moving()
    session.reps(1)

    session.wait(1.0)
    going_down = session.view.pace
    session.wait(2.0)
    coming_up = session.view.pace

    assert going_down is not None
    assert coming_up is not None
    assert (going_down.part, coming_up.part) == ("out", "back")
    assert abs(going_down.share - 0.5) < 0.1


def test_a_hold_is_measured_while_the_end_is_held() -> None:
    session = Session()
    session.begin_moving()
    session.reps(2)

    session.move(1.0, speed_deg_s=2.0, angle_deg=48.0)
    held = session.view.held_s
    session.move(0.2, speed_deg_s=40.0, angle_deg=30.0)

    assert abs(held - 0.9) < 0.11
    assert session.view.held_s == 0.0


def test_a_stretch_runs_only_while_the_leg_is_still() -> None:
    session = Session(STRETCH)
    session.press(Key.GO)
    session.wait(10.1)

    session.move(10, speed_deg_s=2.0)
    session.move(5, speed_deg_s=40.0)
    assert session.view.still is False
    assert session.view.seconds_left is not None
    assert abs(session.view.seconds_left - 10.0) < 0.4
    session.move(11, speed_deg_s=2.0)

    assert session.phase is Phase.DONE
    assert abs(session.runner.results[1].held_s - 20.0) < 0.2


def test_there_is_time_to_get_from_the_key_into_a_stretch() -> None:
    session = Session(STRETCH)

    session.press(Key.GO)
    session.wait(6.9)
    assert session.phase is Phase.COUNTDOWN
    assert session.said() == ["take-position"]
    assert session.sounds() == [], "only the last seconds are heard"
    session.wait(3.2)

    assert session.phase is Phase.WORK
    assert session.sounds() == ["tick", "tick", "tick", "go"]


def test_what_was_said_before_a_stretch_is_gone_when_it_begins() -> None:
    session = Session(STRETCH)
    session.press(Key.GO)
    session.wait(1.0)
    assert session.view.said is not None

    session.press(Key.GO)

    assert session.view.said is None


def test_the_next_stretch_begins_by_itself_for_the_hands_are_not_free() -> None:
    session = Session(STRETCH.replace("sets = 1", "sets = 2\nrest_s = 15"))
    session.press(Key.GO)
    session.wait(10.1)
    session.move(20.5, speed_deg_s=2.0)
    assert session.phase is Phase.REST

    session.wait(15.1)
    assert session.phase is Phase.COUNTDOWN
    session.wait(10.1)
    assert session.phase is Phase.WORK
    session.move(20.5, speed_deg_s=2.0)

    assert session.phase is Phase.DONE
    assert session.view.done == 2


def test_another_stretch_is_read_about_before_it_begins() -> None:
    session = Session(STRETCH.replace("sets = 1", "sets = 1\nrest_s = 15") + MASSAGE)
    session.press(Key.GO)
    session.wait(10.1)
    session.move(20.5, speed_deg_s=2.0)

    session.wait(15.1)

    assert session.phase is Phase.READY


def test_a_stretch_without_a_sensor_runs_by_the_clock() -> None:
    session = Session(STRETCH)
    session.take(Link(session.now_s, "lost"))
    session.press(Key.GO)

    session.wait(10.1 + 20.5)

    assert session.phase is Phase.DONE


def test_finishing_early_keeps_what_was_done() -> None:
    session = Session()
    session.begin_moving()
    session.reps(3)

    session.press(Key.FINISH)

    assert session.phase is Phase.DONE
    assert session.runner.results[1].corrected == 3


def test_after_the_end_nothing_happens_any_more() -> None:
    session = Session()
    session.press(Key.FINISH)

    effects = [effect for key in Key for effect in session.press(key)]

    assert effects == []
    assert session.view.bout is None
