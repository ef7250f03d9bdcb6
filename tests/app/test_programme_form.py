"""The usual changes of a programme, without knowing its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from screen_waiting import shown
from textual.widgets import Input, OptionList, Select

from app.stage import app_on, on_screen, text_of, until
from kneeimu.dashboard.screens.programme_editor import ProgrammeEditor, ProgrammesScreen, own_folder
from kneeimu.dashboard.screens.programme_form import ProgrammeForm
from kneeimu.exercises.programmes.programme import SHIPPED, load_programme


def own_programme() -> Path:
    path = own_folder() / "mine.toml"
    path.parent.mkdir(parents=True)
    path.write_text((SHIPPED / "hip-strength.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return path


async def test_values_order_and_exercises_are_changed_and_kept(home: Path) -> None:
    path = own_programme()
    async with app_on(lambda: ProgrammesScreen("mine", "right")) as pilot:
        await pilot.press("e")
        form: Any = await on_screen(pilot, "ProgrammeForm")
        form.query_one("#field-reps", Input).value = "5-6"
        band = form.query_one("#field-band", Select)
        band.focus()
        await pilot.press("enter")
        await until(pilot, lambda: band.expanded)
        await pilot.press("down", "enter")
        await until(pilot, lambda: band.value == "light")
        form.query_one(OptionList).focus()
        await pilot.press("j", "down", "d", "a")
        await on_screen(pilot, "ExerciseScreen")
        await pilot.press("enter")
        form = await on_screen(pilot, "ProgrammeForm")
        assert "not saved yet" in text_of(pilot)
        await pilot.press("ctrl+s")
        await on_screen(pilot, "ProgrammesScreen")

    items = load_programme(path).items
    assert [item.exercise for item in items][:2] == ["single-leg-squat", "hip-abduction"]
    assert len(items) == 3
    assert (items[1].reps, items[1].band) == ((5, 6), "light")


async def test_a_wrong_value_is_refused_with_the_name_of_its_exercise_and_the_reason(home: Path) -> None:
    path = own_programme()
    before = path.read_text(encoding="utf-8")
    async with app_on(lambda: ProgrammesScreen("mine", "right")) as pilot:
        await pilot.press("e")
        form: Any = await on_screen(pilot, "ProgrammeForm")
        form.query_one("#field-rest_s", Input).value = "long"
        await until(pilot, lambda: "■ Side-lying leg raise: rest_s has to be a number, not 'long'" in text_of(pilot))
        await pilot.press("ctrl+s", "escape")
        assert type(pilot.app.screen).__name__ == "ProgrammeForm"
        await pilot.press("escape")
        await on_screen(pilot, "ProgrammesScreen")

    assert path.read_text(encoding="utf-8") == before


async def test_the_text_is_one_key_away_and_takes_the_changes_along(home: Path) -> None:
    path = own_programme()
    async with app_on(lambda: ProgrammesScreen("mine", "right")) as pilot:
        await pilot.press("e")
        form: Any = await on_screen(pilot, "ProgrammeForm")
        form.query_one("#field-sets", Input).value = "2"
        await until(pilot, lambda: "not saved yet" in text_of(pilot))
        await pilot.press("ctrl+t")
        editor: Any = await on_screen(pilot, "ProgrammeEditor")
        assert "sets = 2" in editor.query_one("#editor").text
        await pilot.press("ctrl+s")
        await on_screen(pilot, "ProgrammeForm")
        await pilot.press("escape")
        await on_screen(pilot, "ProgrammesScreen")

    assert load_programme(path).items[0].sets == (2, 2)


async def test_the_last_exercise_stays(home: Path) -> None:
    own_programme()
    async with app_on(lambda: ProgrammesScreen("mine", "right")) as pilot:
        await pilot.press("e")
        form: Any = await on_screen(pilot, "ProgrammeForm")
        await pilot.press("d", "d", "d")
        assert len(form.draft.exercises) == 1


async def test_a_wrong_text_is_refused_with_its_line() -> None:
    path = own_programme()
    async with app_on(lambda: ProgrammeEditor(path, "right", text="format = 1\ntitle = 3\n")) as pilot:
        await until(pilot, lambda: "■ line 2: title" in text_of(pilot))


async def test_the_keys_of_the_form_fit_a_small_terminal() -> None:
    path = own_programme()
    async with app_on(lambda: ProgrammeForm(path, "right"), size=(80, 24)) as pilot:
        await until(pilot, lambda: shown(pilot).rstrip().endswith("t Theme"))
