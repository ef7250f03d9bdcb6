"""The session runner: a session told step by step."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from coaching.stories import LUNGES, SQUATS, STRETCH, Session, a_rep
from kneeimu.coaching.stage import Input, Key, Link, Motion, Phase, Pressed, Scored, Tick
from kneeimu.types import Cue, Event, RepCounted, RepJudged, RepRevoked, SetEnded, SetStarted, SetSummary, Turn, Warned

BOTH_LEGS = SQUATS.replace("sets = 2", 'sets = 1\nlegs = "both"')


def test_a_session_begins_with_the_first_exercise_and_sets_the_engine_up() -> None:
    session = Session()

    assert session.phase is Phase.READY
    assert session.set_ups() == [("squat", "right")]
    assert session.view.bout is not None
    assert (session.view.bout.set_number, session.view.bout.set_count) == (1, 2)


def test_movement_starts_the_set_by_itself() -> None:
    session = Session()

    session.begin_moving()
    session.reps(2)

    assert session.phase is Phase.WORK
    assert (session.view.detected, session.view.corrected) == (2, 2)
    assert session.told_engine() == []


def test_the_key_counts_down_then_tells_the_engine_to_begin() -> None:
    session = Session()

    session.press(Key.GO)
    session.wait(2.5)
    assert session.phase is Phase.COUNTDOWN
    session.wait(0.6)

    assert session.phase is Phase.WORK
    assert session.told_engine() == ["start-set"]
    assert session.sounds() == ["tick", "tick", "tick", "go"]


def test_stillness_ends_the_set_and_the_rest_begins_with_what_comes_next() -> None:
    session = Session()

    session.a_set(5)
    session.wait(10)

    view = session.view
    assert view.phase is Phase.REST
    assert view.seconds_left is not None
    assert abs(view.seconds_left - 20.0) < 0.2
    assert view.upcoming is not None
    assert view.upcoming.set_number == 2


def test_a_set_that_the_key_began_also_ends_when_the_leg_is_still() -> None:
    session = Session()
    session.press(Key.GO)
    session.wait(3.1)
    session.set_number = 1
    session.move(2.0, speed_deg_s=40.0)
    session.reps(5)
    session.move(2.0, speed_deg_s=40.0)

    session.move(10.0, speed_deg_s=1.0)
    assert session.phase is Phase.WORK, "a short rest at the end of a rep does not end the set"
    session.move(2.0, speed_deg_s=1.0)

    assert session.phase is Phase.REST
    assert session.told_engine() == ["start-set", "end-set"]
    assert session.runner.results[1].corrected == 5


def test_a_set_that_the_key_began_does_not_end_because_the_sensor_was_away() -> None:
    session = Session()
    session.press(Key.GO)
    session.wait(3.1)
    session.set_number = 1
    session.reps(2)
    session.move(2.0, speed_deg_s=40.0)
    session.take(Link(session.now_s, "lost"))
    session.wait(60)
    session.take(Link(session.now_s, "streaming"))

    session.move(5.0, speed_deg_s=1.0)

    assert session.phase is Phase.WORK


def test_a_set_that_the_key_began_waits_for_its_first_rep() -> None:
    session = Session()
    session.press(Key.GO)
    session.wait(3.1)

    session.move(60.0, speed_deg_s=1.0)

    assert session.phase is Phase.WORK


def test_after_the_rest_the_next_set_waits_for_the_person() -> None:
    session = Session()

    session.a_set(5)
    session.wait(31)

    assert session.phase is Phase.READY
    assert "ready" in session.sounds()
    assert session.view.bout is not None
    assert session.view.bout.set_number == 2
    assert session.view.corrected == 0


def test_all_sets_done_ends_the_session() -> None:
    session = Session()

    session.a_set(5)
    session.press(Key.GO)
    session.a_set(4)

    assert session.phase is Phase.DONE
    assert [result.corrected for result in session.runner.results.values()] == [5, 4]
    assert session.records("session-finished") == [{"sets": 2, "skipped": 0}]


def test_a_set_that_began_without_a_rep_never_was() -> None:
    session = Session()

    session.begin_moving()
    session.stop_moving()

    assert session.phase is Phase.READY
    assert not session.runner.results


def test_ending_a_set_before_its_first_rep_goes_back_to_ready() -> None:
    session = Session()
    session.press(Key.GO)
    session.wait(3.1)

    session.press(Key.GO)

    assert session.phase is Phase.READY
    assert session.told_engine() == ["start-set", "end-set"]
    assert not session.runner.results


def test_going_on_soon_after_stopping_early_is_the_same_set() -> None:
    session = Session()
    session.a_set(2)
    session.wait(5)

    session.a_set(2)

    assert session.runner.results[1].corrected == 4
    assert "set-goes-on" in session.said()


def test_moving_again_after_a_full_set_starts_the_next_one() -> None:
    session = Session()
    session.a_set(5)
    session.wait(5)

    session.begin_moving()
    session.reps(1)

    assert session.view.bout is not None
    assert session.view.bout.set_number == 2
    assert session.view.corrected == 1


def test_moving_while_the_exercise_changes_is_not_a_set() -> None:
    session = Session(SQUATS.replace("sets = 2", "sets = 1") + LUNGES)
    session.a_set(5)

    session.begin_moving()

    assert session.phase is Phase.REST


def test_detected_and_corrected_counts_are_both_kept() -> None:
    session = Session()
    session.begin_moving()
    session.reps(4)

    session.press(Key.ADD)
    session.press(Key.ADD)
    session.press(Key.UNDO)
    session.stop_moving()

    result = session.runner.results[1]
    assert (result.detected, result.corrected) == (4, 5)
    assert [(entry["detected"], entry["corrected"]) for entry in session.records("correction")] == [
        (4, 5),
        (4, 6),
        (4, 5),
    ]


def test_the_count_can_be_corrected_while_resting() -> None:
    session = Session()
    session.a_set(5)

    session.press(Key.UNDO)

    assert (session.runner.results[1].detected, session.runner.results[1].corrected) == (5, 4)


def test_the_count_never_falls_below_nothing() -> None:
    session = Session()
    session.begin_moving()

    session.press(Key.UNDO)

    assert session.view.corrected == 0
    assert session.records("correction") == []


def test_a_rep_the_engine_takes_back_is_gone() -> None:
    session = Session()
    session.begin_moving()
    session.reps(3)

    session.take(RepRevoked(session.now_s, 1, 2, "walking"))
    session.take(RepRevoked(session.now_s, 1, 2, "walking"))

    assert (session.view.detected, session.view.corrected) == (2, 2)


def test_a_rep_the_engine_judges_again_is_clean_in_the_end() -> None:
    session = Session()
    session.begin_moving()
    session.reps(2)
    session.take(RepCounted(session.now_s, 1, replace(a_rep(3, session.now_s - 0.1), flags=("short",))))
    assert session.runner.view.detected == 3

    session.take(RepJudged(session.now_s, 1, 3, ()))
    session.press(Key.GO)

    assert session.runner.results[1].clean == 3


def test_a_rep_the_engine_measures_again_is_kept_as_measured() -> None:
    session = Session()
    session.begin_moving()
    session.reps(2)
    whole = replace(a_rep(2, session.now_s), medial_drift_deg=7.0, flags=("knee-in",))

    session.take(RepJudged(session.now_s, 1, 2, whole.flags, whole))
    session.press(Key.GO)

    assert session.runner.results[1].reps[1] == whole
    assert session.runner.results[1].corrected == 2


def test_a_rep_heard_of_just_after_the_key_still_counts() -> None:
    session = Session()
    session.begin_moving()
    session.reps(3)
    session.press(Key.GO)

    session.take(RepCounted(session.now_s, 1, a_rep(4, session.now_s - 0.1)))

    assert session.phase is Phase.REST
    assert session.runner.results[1].corrected == 4


def found_again(session: Session, number: int, ended_ago_s: float = 15.0) -> None:
    session.take(RepCounted(session.now_s, session.set_number, a_rep(number, session.now_s - ended_ago_s)))


def test_a_rep_found_when_the_set_is_looked_at_again_counts_in_silence() -> None:
    session = Session()
    session.begin_moving()
    session.reps(3)
    heard = session.sounds()

    found_again(session, 4)

    assert (session.view.detected, session.view.corrected) == (4, 4)
    assert session.sounds() == heard


def test_a_rep_that_the_person_had_added_is_not_counted_twice_when_it_is_found() -> None:
    session = Session()
    session.begin_moving()
    session.reps(3)
    session.press(Key.ADD)

    found_again(session, 4)

    assert (session.view.detected, session.view.corrected) == (4, 4)


def test_a_rep_that_the_person_had_taken_back_is_not_taken_back_twice() -> None:
    session = Session()
    session.begin_moving()
    session.reps(4)
    session.press(Key.UNDO)

    session.take(RepRevoked(session.now_s, session.set_number, 4, "second-look"))

    assert (session.view.detected, session.view.corrected) == (3, 3)


def test_what_the_person_said_holds_when_a_rep_is_taken_back_and_counted_anew() -> None:
    for key, counted in ((Key.ADD, 5), (Key.UNDO, 3)):
        session = Session()
        session.begin_moving()
        session.reps(4)
        ended_s = session.now_s
        session.press(key)
        session.wait(10.0)

        session.take(RepRevoked(session.now_s, session.set_number, 4, "second-look"))
        found_again(session, 5, session.now_s - ended_s)

        assert (session.view.detected, session.view.corrected) == (4, counted)


MOMENTS = st.floats(0, 60).map(lambda value: round(value, 2))
ANYTHING: st.SearchStrategy[Input | Event] = st.one_of(
    st.builds(Tick, MOMENTS),
    st.builds(Pressed, MOMENTS, st.sampled_from(Key)),
    st.builds(Scored, MOMENTS, st.integers(0, 10)),
    st.builds(Motion, MOMENTS, st.floats(-90, 90), st.floats(0, 300)),
    st.builds(Link, MOMENTS, st.sampled_from(["streaming", "lost", "searching", "stalled"]), st.floats(0, 100)),
    st.builds(SetStarted, MOMENTS, st.integers(1, 3)),
    st.builds(RepCounted, MOMENTS, st.integers(1, 3), st.builds(a_rep, st.integers(1, 9), MOMENTS)),
    st.builds(RepRevoked, MOMENTS, st.integers(1, 3), st.integers(1, 9), st.just("walking")),
    st.builds(RepJudged, MOMENTS, st.integers(1, 3), st.integers(1, 9), st.just(("short",))),
    st.builds(SetEnded, MOMENTS, st.just(SetSummary(1, 0.0, 1.0, 0, 0))),
    st.builds(Turn, MOMENTS, st.integers(1, 3), st.integers(1, 9), st.just(50.0)),
    st.builds(Cue, MOMENTS, st.just("knee-in"), st.just("red")),
    st.builds(Warned, MOMENTS, st.just("strap-moved"), st.just("")),
)


@given(st.lists(ANYTHING, max_size=40))
def test_whatever_comes_in_whatever_order_the_books_stay_in_order(story: list[Input | Event]) -> None:
    session = Session(BOTH_LEGS + LUNGES + STRETCH)

    for what in story:
        session.take(what)
        view = session.view
        assert view.corrected >= 0
        assert view.detected == len(session.runner._state.result.reps)
        assert view.done <= view.total
        assert (view.bout is None) == (view.phase is Phase.DONE)
        assert view.seconds_left is None or view.seconds_left >= 0.0


def test_each_place_of_an_exercise_in_a_programme_is_a_recording_of_its_own() -> None:
    session = Session(SQUATS.replace("sets = 2", "sets = 1") + SQUATS.replace("sets = 2", "sets = 1\nband = 'heavy'"))
    session.press(Key.SKIP)
    assert session.set_ups() == [("squat", "right"), ("squat", "right")]
