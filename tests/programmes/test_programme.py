"""Programmes: the shipped ones are what the issue asks for, and a bad file is refused with its line and the cure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.exercises.programmes.guide import find_guide
from kneeimu.exercises.programmes.programme import (
    SHIPPED,
    Programme,
    find_programmes,
    load_programme,
    parse_programme,
)
from kneeimu.types import Mount

HEAD = 'format = 1\ntitle = "Mine"\n'


def load(name: str) -> Programme:
    return load_programme(SHIPPED / f"{name}.toml")


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        parse_programme(text, name="mine", source="mine.toml")
    return caught.value


def test_three_programmes_are_shipped() -> None:
    assert set(find_programmes(None)) == {"hip-strength", "band", "relief"}


def test_hip_strength_is_three_times_eight_to_twelve() -> None:
    doses = {item.exercise: (item.sets, item.reps) for item in load("hip-strength").items}

    assert doses == dict.fromkeys(("hip-abduction", "single-leg-squat", "lunge"), ((3, 3), (8, 12)))


def test_band_has_its_six_exercises_with_dose_hold_and_ways() -> None:
    items = {item.exercise: item for item in load("band").items}

    assert {name: item.reps for name, item in items.items()} == {
        "terminal-knee-extension": (10, 15),
        "squat": (10, 15),
        "clamshell": (15, 20),
        "hip-abduction": (12, 15),
        "lateral-walk": (10, 15),
        "monster-walk": (10, 15),
    }
    assert all(item.sets == (2, 3) and item.band != "none" for item in items.values())
    assert 1.0 <= items["terminal-knee-extension"].hold_s <= 2.0
    assert items["lateral-walk"].ways == ("left", "right")
    assert items["monster-walk"].ways == ("forward", "back")
    assert items["clamshell"].sides("left") == ("left", "right")


def test_relief_is_timed() -> None:
    assert {item.exercise: item.seconds for item in load("relief").items} == {"it-band-stretch": 30, "massage": 60}


def test_every_exercise_has_words() -> None:
    for name in CATALOGUE:
        guide = find_guide(name)
        assert guide.title
        assert guide.how_to
        assert guide.tip
        assert guide.muscles


@pytest.mark.parametrize(("name", "mount"), [(name, mount) for name, one in CATALOGUE.items() for mount in one.mounts])
def test_every_drawing_fits_and_shows_the_sensor(name: str, mount: Mount) -> None:
    drawing = find_guide(name, mount).drawing

    assert "▣" in drawing
    assert len(drawing.splitlines()) <= 10
    assert max(map(len, drawing.splitlines())) <= 40
    assert not re.search(r"[a-z]{3}", drawing), "words in drawings can't be translated"


def test_the_drawing_shows_the_sensor_where_the_programme_wants_it() -> None:
    item = '[[exercises]]\nexercise = "single-leg-squat"\nmount = "{}"\n'

    def rows(mount: str) -> list[int]:
        text = 'format = 1\ntitle = "T"\n' + item.format(mount)
        lines = parse_programme(text, name="t").items[0].guide.drawing.splitlines()
        return [row for row, line in enumerate(lines) if "▣" in line]

    assert max(rows("thigh")) < min(rows("shin"))


def test_the_programme_of_the_documentation_works() -> None:
    page = (Path(__file__).parents[2] / "docs" / "programmes.md").read_text(encoding="utf-8")
    text = page.split("```toml\n")[1].split("```")[0]

    programme = parse_programme(text, name="anna")

    assert [item.exercise for item in programme.items] == ["clamshell", "it-band-stretch"]
    assert all(f"`{key}`" in page for key in CATALOGUE)


def test_a_programme_may_say_things_in_its_own_words() -> None:
    programme = parse_programme(HEAD + '[[exercises]]\nexercise = "squat"\ntip = "Slowly, Anna."\n', name="mine")

    assert programme.items[0].guide.tip == "Slowly, Anna."
    assert programme.items[0].guide.title == "Squat"


def test_one_number_stands_for_a_range() -> None:
    item = parse_programme(HEAD + '[[exercises]]\nexercise = "squat"\nsets = 2\nreps = 10\n', name="mine").items[0]

    assert (item.sets, item.reps) == ((2, 2), (10, 10))


@pytest.mark.parametrize(
    ("body", "line", "says", "cure"),
    [
        ("[[exercises]]\nexercise = 'sqat'\n", 4, "sqat", "squat"),
        ("[[exercises]]\nexercise = 'squat'\n\nresp = 12\n", 6, "resp is not known", "reps"),
        ("[[exercises]]\nexercise = 'squat'\nreps = [12, 8]\n", 5, "backwards", "[8, 12]"),
        ("[[exercises]]\nexercise = 'squat'\nreps = 1000\n", 5, "1000", "1 to 100"),
        ("[[exercises]]\nexercise = 'squat'\nsets = 'three'\n", 5, "whole number", "1 to 10"),
        ("[[exercises]]\nexercise = 'squat'\nrest_s = true\n", 5, "a number", "0 to 600"),
        ("[[exercises]]\nexercise = 'squat'\nrest_s = nan\n", 5, "nan", "0 to 600"),
        ("[[exercises]]\nexercise = 'squat'\nmount = 'arm'\n", 5, "arm", "thigh"),
        ("[[exercises]]\nexercise = 'squat'\nband = 'lite'\n", 5, "lite", "light"),
        ("[[exercises]]\nexercise = 'squat'\nways = ['left']\n", 5, "no way", "leave ways out"),
        ("[[exercises]]\nexercise = 'massage'\nreps = 12\n", 5, "timed", "seconds"),
        ("[[exercises]]\nexercise = 'squat'\nseconds = 12\n", 5, "reps", "reps ="),
        ("[[exercises]]\nexercise = 'squat'\nhold_s = 2\ntempo_s = [2, 1, 2]\n", 6, "holds 1", "the same"),
        ("[[exercises]]\nexercise = 'squat'\ntip = '''\n\n\n'''\nzzz = 1\n", 9, "zzz", "known are"),
        ("[[exercises]]\nreps = 12\n", 3, "exercise is missing", "exercise ="),
        ("[[exercises]]\nexercise = 'squat'\n[[exercises]]\nexercise = 'lunge'\nreps = 0\n", 7, "0", "1 to 100"),
        ("per_week = 30\n[[exercises]]\nexercise = 'squat'\n", 3, "30", "1 to 14"),
        ("exercises = []\n", 3, "no exercises", "[[exercises]]"),
        ("[[exercises]\n", 3, "not valid TOML", "kneeimu programme show"),
        ("title = 'twice'\n", 3, "not valid TOML", "kneeimu programme show"),
    ],
)  # fmt: skip
def test_a_bad_programme_is_refused_with_line_reason_and_cure(body: str, line: int, says: str, cure: str) -> None:
    error = refusal(HEAD + body)

    assert error.where == f"mine.toml:{line}"
    assert says in error.what
    assert cure in error.advice


def test_a_programme_of_another_format_is_refused() -> None:
    assert "format = 1" in refusal('format = 2\ntitle = "Later"\n').advice


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        load_programme(tmp_path / "nowhere.toml")


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(b"format = 1\ntitle = '\xff'\n")

    with pytest.raises(InputError) as caught:
        load_programme(path)

    assert caught.value.where.endswith(":2")


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    path.write_bytes(b"#" * 200_000)

    with pytest.raises(InputError, match="too large"):
        load_programme(path)


def test_ones_own_programme_wins_over_a_shipped_one_of_the_same_name(tmp_path: Path) -> None:
    mine = tmp_path / "band.toml"
    mine.write_text((SHIPPED / "band.toml").read_text())

    assert find_programmes(tmp_path)["band"] == mine


def read_or_refuse(text: str) -> Programme | InputError:
    try:
        return parse_programme(text, name="any", source="any.toml")
    except InputError as error:
        return error


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    read = read_or_refuse(HEAD + text)

    if isinstance(read, InputError):
        assert read.what
        assert read.advice
        assert int(read.where.rpartition(":")[2]) >= 1


VALUES = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.text(max_size=5), st.lists(st.integers(-5, 200), max_size=3)
)
KEYS = ["sets", "reps", "seconds", "legs", "ways", "hold_s", "tempo_s", "rest_s", "band", "mount", "tip"]


@given(st.sampled_from(KEYS), VALUES)
def test_any_value_for_any_key_is_taken_or_refused_in_words(key: str, value: object) -> None:
    table = tomlkit.document()
    table.update({"format": 1, "title": "Mine", "exercises": [{"exercise": "squat", key: value}]})

    read = read_or_refuse(tomlkit.dumps(table))

    if isinstance(read, InputError):
        assert key in read.what or "TOML" in read.what
    else:
        assert 1 <= read.items[0].reps[0] <= read.items[0].reps[1] <= 100
