"""A programme is changed value by value, and what stands around the values stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.exercises.programmes.draft import Draft
from kneeimu.exercises.programmes.programme import SHIPPED

TEXT = """# mine since May
format = 1
title = "Mine"

[[exercises]]
exercise = "squat"
reps = [8, 12]   # more hurts
how_to = "Slowly."
mount = "thigh"

[[exercises]]
exercise = "clamshell"
hold_s = 1
"""


def test_comments_and_own_instructions_stay() -> None:
    draft = Draft(TEXT)
    draft.change(0, "reps", "10-15")

    assert draft.text == TEXT.replace("[8, 12]", "[10, 15]")


@pytest.mark.parametrize(("written", "meant"), [("3", (3, 3)), ("2-3", (2, 3)), (" 2 – 4 ", (2, 4))])
def test_a_span_is_written_as_people_write_it(written: str, meant: tuple[int, int]) -> None:
    draft = Draft(TEXT)
    draft.change(0, "sets", written)

    assert draft.check("mine", "line").items[0].sets == meant


def test_one_part_of_the_tempo_changes_and_the_hold_follows() -> None:
    draft = Draft(TEXT)
    draft.change(1, "hold", "1,5")
    item = draft.check("mine", "line").items[1]

    assert (item.hold_s, item.tempo_s[1], draft.value(1, "hold")) == (1.5, 1.5, "1.5")


def test_what_makes_no_sense_is_told_with_its_line() -> None:
    draft = Draft(TEXT)
    draft.change(0, "reps", "many")

    with pytest.raises(InputError, match=r"line:7: reps has to be a whole number, not 'many'"):
        draft.check("mine", "line")


def test_the_exercise_on_a_line_is_known_and_none_stands_at_the_top() -> None:
    draft = Draft(TEXT)
    draft.change(1, "sets", "many")
    with pytest.raises(InputError) as raised:
        draft.check("mine", "")

    assert draft.exercise_at(int(raised.value.where[1:])) == 1
    assert draft.exercise_at(1) is None


def test_exercises_are_added_where_the_sensor_is_moved_and_removed() -> None:
    draft = Draft(TEXT)
    assert draft.add("lunge", 0) == 1
    assert draft.move(1, -1) == 0
    assert draft.move(0, -1) == 0
    draft.remove(2)

    assert draft.exercises == ["lunge", "squat"]
    assert [item.mount for item in draft.check("mine", "line").items] == ["thigh", "thigh"]
    assert "# more hurts" in draft.text


def test_another_exercise_takes_no_instructions_along() -> None:
    draft = Draft(TEXT)
    draft.change(0, "exercise", "massage")

    assert draft.check("mine", "line").items[0].seconds == CATALOGUE["massage"].hold_s


@pytest.mark.parametrize("text", ["", "format = ", "exercises = 3", '[[exercises]]\nexercise = "flying"'])
def test_what_is_no_programme_is_left_to_the_text_editor(text: str) -> None:
    with pytest.raises(InputError):
        Draft(text)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "up", "down"]), st.integers(0, 5)), max_size=8))
def test_any_rearrangement_of_a_good_programme_is_a_good_programme(steps: list[tuple[str, int]]) -> None:
    draft = Draft((SHIPPED / "band.toml").read_text(encoding="utf-8"))
    for step, place in steps:
        at = min(place, len(draft.exercises) - 1)
        if step == "add":
            draft.add("lunge", at)
        elif step == "remove" and len(draft.exercises) > 1:
            draft.remove(at)
        elif step in ("up", "down"):
            draft.move(at, 1 if step == "down" else -1)

    assert [item.exercise for item in draft.check("band", "line").items] == draft.exercises
