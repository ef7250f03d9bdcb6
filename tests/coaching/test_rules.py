"""The rules beside the runner: pain, the gate, and when to do more or less."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kneeimu.coaching.pain import PainLog, advise_pain, light_of
from kneeimu.coaching.progression import Advice, Outcome, advise_next
from kneeimu.coaching.safety import QUESTIONS, judge_gate
from kneeimu.coaching.tempo import Pacer
from kneeimu.exercises.programmes.plan import Dose, plan_session, sensor_moves, usual_duration_s
from kneeimu.exercises.programmes.programme import SHIPPED, load_programme, parse_programme

ITEM = parse_programme(
    'format = 1\ntitle = "x"\n[[exercises]]\nexercise = "squat"\nsets = [2, 3]\nreps = [10, 15]\nband = "light"\n',
    name="x",
).items[0]
CALM = PainLog(before=1, during=2, after=1)


def outcome(**changes: object) -> Outcome:
    good: dict[str, object] = {
        "last_set_reps": 17,
        "target_reps": 15,
        "clean_share": 0.9,
        "drift_level": "none",
        "range_share": 0.95,
        "pain": CALM,
    }
    return Outcome(**(good | changes))  # type: ignore[arg-type]


def after(*outcomes: Outcome, dose: Dose | None = None) -> Advice:
    return advise_next(ITEM, dose or Dose(3, "light"), outcomes)


# --- pain -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "light"), [(0, "green"), (2, "green"), (3, "amber"), (5, "amber"), (6, "red"), (10, "red")]
)
def test_the_light_of_a_score(score: int, light: str) -> None:
    assert light_of(score) == light


def test_red_stops_and_amber_goes_on_without_more() -> None:
    red, amber, green = (advise_pain("during", score) for score in (6, 4, 1))

    assert (red.go, amber.go, green.go) == (False, True, True)
    assert (red.may_progress, amber.may_progress, green.may_progress) == (False, False, True)


@pytest.mark.parametrize("score", [-1, 11])
def test_a_score_off_the_scale_is_refused(score: int) -> None:
    with pytest.raises(ValueError, match="0 to 10"):
        light_of(score)
    with pytest.raises(ValueError, match="0 to 10"):
        PainLog().note("before", score)


def test_the_worst_score_while_training_is_the_one_that_stays() -> None:
    log = PainLog().note("during", 4).note("during", 2)

    assert log.during == 4
    assert log.light == "amber"


def test_two_worse_the_next_morning_is_too_much_and_one_is_noise() -> None:
    assert PainLog(before=1, next_morning=3).lingered
    assert not PainLog(before=1, next_morning=2).lingered
    assert PainLog(before=1, settled_min=90).lingered


# --- the gate -------------------------------------------------------------------------------------------------------


def answers(*yes: str) -> dict[str, bool]:
    return {question.code: question.code in yes for question in QUESTIONS}


def test_all_no_opens_the_gate() -> None:
    assert judge_gate(answers()).allowed


@pytest.mark.parametrize("code", [question.code for question in QUESTIONS])
def test_any_yes_closes_the_gate(code: str) -> None:
    result = judge_gate(answers(code))

    assert not result.allowed
    assert result.signs == (code,)
    assert result.urgency in ("soon", "urgent")


def test_one_urgent_sign_makes_all_of_it_urgent() -> None:
    assert judge_gate(answers("night-pain", "calf-breath")).urgency == "urgent"


def test_an_open_question_is_no_answer() -> None:
    given_answers = answers()
    given_answers.pop("locked")

    with pytest.raises(ValueError, match="locked"):
        judge_gate(given_answers)


# --- more or less ---------------------------------------------------------------------------------------------------


def test_two_good_sessions_two_reps_over_bring_the_next_band_at_fewer_reps() -> None:
    advice = after(outcome(), outcome())

    assert advice.kind == "next-band"
    assert advice.dose == Dose(2, "medium")


def test_a_stretch_gets_no_more_and_nobody_speaks_of_its_reps() -> None:
    stretch = parse_programme(
        'format = 1\ntitle = "x"\n[[exercises]]\nexercise = "it-band-stretch"\nsets = [1, 3]\nseconds = 30\n', name="x"
    ).items[0]
    held = outcome(last_set_reps=0, clean_share=None, range_share=None)
    assert advise_next(stretch, Dose(1, "none"), [held, held]) == Advice("stay", Dose(1, "none"), ())


def test_sets_grow_before_the_band_does() -> None:
    assert after(outcome(), outcome(), dose=Dose(2, "light")).dose == Dose(3, "light")


def test_one_good_session_is_not_enough() -> None:
    advice = after(outcome())

    assert (advice.kind, advice.reasons) == ("stay", ("once-more",))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"last_set_reps": 16}, "target-not-passed"),
        ({"pain": PainLog(during=4)}, "pain-amber"),
        ({"pain": PainLog()}, "pain-unknown"),
        ({"clean_share": 0.7}, "form-open"),
        ({"clean_share": None}, "form-open"),
        ({"drift_level": "red"}, "drift-red"),
        ({"drift_level": None}, "drift-unknown"),
        ({"range_share": 0.85}, "range-small"),
        ({"range_share": None}, "range-unknown"),
        ({"finished": False}, "not-finished"),
    ],
)
@pytest.mark.parametrize("which", [0, 1])
def test_each_condition_alone_holds_progress_back(change: dict[str, object], reason: str, which: int) -> None:
    pair = [outcome(), outcome()]
    pair[which] = outcome(**change)

    advice = after(*pair)

    assert advice.kind == "stay"
    assert reason in advice.reasons


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pain": PainLog(during=6)}, "pain-red"),
        ({"pain": PainLog(before=1, during=2, next_morning=3)}, "pain-lingered"),
        ({"clean_share": 0.5}, "form-slipped"),
    ],
)
def test_too_much_brings_less(change: dict[str, object], reason: str) -> None:
    heavy = after(outcome(), outcome(**change), dose=Dose(3, "heavy"))
    light = after(outcome(), outcome(**change), dose=Dose(3, "light"))
    least = after(outcome(), outcome(**change), dose=Dose(2, "light"))

    assert (heavy.kind, light.kind, least.kind) == ("less-band", "fewer-sets", "ease")
    assert heavy.reasons == (reason,)
    assert heavy.dose == Dose(3, "medium")


@given(
    st.lists(
        st.builds(
            Outcome,
            st.integers(0, 30),
            st.just(15),
            st.none() | st.floats(0, 1),
            st.sampled_from([None, "none", "amber", "red"]),
            st.none() | st.floats(0, 2),
            st.builds(PainLog, *[st.none() | st.integers(0, 10)] * 4),
            st.booleans(),
        ),
        max_size=4,
    )
)
def test_nobody_is_ever_asked_for_more_with_pain_above_two(outcomes: list[Outcome]) -> None:
    advice = advise_next(ITEM, Dose(3, "light"), outcomes)

    if advice.kind in ("more-sets", "next-band", "add-load"):
        for one in outcomes[-2:]:
            scores = (one.pain.before, one.pain.during, one.pain.after)
            assert max(score for score in scores if score is not None) <= 2
            assert one.clean_share is not None
            assert one.clean_share >= 0.8


# --- the plan and the pacer -----------------------------------------------------------------------------------------


def test_everything_on_one_leg_first_moves_the_sensor_once() -> None:
    bouts = plan_session(load_programme(SHIPPED / "hip-strength.toml"), "left")

    assert [bout.side for bout in bouts] == ["left"] * 9 + ["right"] * 9
    assert sensor_moves(bouts) == 1


def test_a_walk_is_done_once_each_way_in_every_set() -> None:
    bouts = plan_session(load_programme(SHIPPED / "band.toml"), "right")

    walks = [(bout.set_number, bout.way) for bout in bouts if bout.item.exercise == "lateral-walk"]
    assert walks == [(1, "left"), (1, "right"), (2, "left"), (2, "right")]


def test_a_dose_changes_sets_and_band() -> None:
    bouts = plan_session(load_programme(SHIPPED / "band.toml"), "right", {("squat", "right"): Dose(3, "heavy")})

    squats = [bout for bout in bouts if bout.item.exercise == "squat"]
    assert (len(squats), squats[0].band) == (3, "heavy")


def test_sessions_stay_short() -> None:
    for name, minutes in (("hip-strength", 50), ("band", 45), ("relief", 12)):
        bouts = plan_session(load_programme(SHIPPED / f"{name}.toml"), "right")
        assert usual_duration_s(bouts) < minutes * 60


@given(st.floats(0, 1e5), st.tuples(st.floats(0.3, 10), st.floats(0, 10), st.floats(0.3, 10)))
def test_the_pacer_always_knows_where_it_is(time_s: float, tempo: tuple[float, float, float]) -> None:
    pace = Pacer(tempo).at(time_s)

    assert 0.0 <= pace.share <= 1.0
    assert 0.0 <= pace.position <= 1.0
    assert pace.left_s >= 0.0


WARMED_UP = """
format = 1
title = "Warmed up"
[[exercises]]
exercise = "squat"
sets = 1
reps = 5
[[exercises]]
exercise = "squat"
sets = [1, 3]
reps = [8, 12]
band = "heavy"
"""


def test_an_exercise_that_stands_in_a_programme_twice_keeps_the_band_of_each_place() -> None:
    programme = parse_programme(WARMED_UP, name="warmed-up")
    bouts = plan_session(programme, "right", {("squat", "right"): Dose(3, "heavy")})
    assert [(bout.band, bout.reps, bout.nth) for bout in bouts] == [("none", (5, 5), 1), ("heavy", (8, 12), 2)]
