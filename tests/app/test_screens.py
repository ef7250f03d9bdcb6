"""The screens before and after a session: their main way, and what happens when something is wrong."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime

import pytest
from textual.binding import Binding
from textual.widgets import OptionList, TextArea

from app.stage import app_on, fill_diary, on_screen, past_session, set_up, text_of
from kneeimu.dashboard.preferences import load_preferences, preferences_path
from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.dashboard.screens.home_exercise import ExerciseScreen
from kneeimu.dashboard.screens.programme_editor import ProgrammesScreen, own_folder

GUIDED = [
    f"kneeimu.dashboard.screens.{name}"
    for name in (
        "align", "first_start", "gate", "history", "home", "home_exercise", "pain", "programme_editor", "session",
        "settings", "summary",
    )
]  # fmt: skip
SIZES = [(80, 24), (120, 40), (200, 60)]


# --- home -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_home_shows_todays_programme_and_the_week_at_every_size(size: tuple[int, int]) -> None:
    set_up(programme="band")
    fill_diary(past_session(7), past_session(0.01))
    async with app_on(HomeScreen, size) as pilot:
        shown = text_of(pilot)

        assert "Knee straightening with band" in shown
        assert "1 of 3 days" in shown
        assert "24 reps" in shown


async def test_the_first_start_opens_by_itself() -> None:
    async with app_on(HomeScreen) as pilot:
        await on_screen(pilot, "FirstStartScreen")

        assert "not a medical device" in text_of(pilot)


async def test_leaving_the_first_start_leaves_nothing_behind() -> None:
    async with app_on(HomeScreen) as pilot:
        await on_screen(pilot, "FirstStartScreen")
        await pilot.press("escape")
        await on_screen(pilot, "HomeScreen")

    assert not preferences_path().exists()


async def test_the_next_morning_is_asked_about_once() -> None:
    set_up()
    diary = fill_diary(past_session(1))
    async with app_on(HomeScreen) as pilot:
        await on_screen(pilot, "PainScreen")
        await pilot.press("2", "enter")
        await on_screen(pilot, "SettledPrompt")
        await pilot.press("y")
        await on_screen(pilot, "HomeScreen")

    assert diary.entries()[-1].pain.next_morning == 2
    assert diary.entries()[-1].pain.lingered
    assert diary.morning_due(datetime.now(UTC)) is None


async def test_broken_settings_are_said_and_the_app_still_opens() -> None:
    preferences_path().parent.mkdir(parents=True)
    preferences_path().write_text("knee = 'middle'\n")
    async with app_on(HomeScreen) as pilot:
        await pilot.pause()

        assert any("middle" in note.message for note in pilot.app._notifications)


async def test_every_action_of_home_is_in_the_palette_and_works() -> None:
    set_up()
    async with app_on(HomeScreen) as pilot:
        commands = {command.title: command for command in pilot.app.get_system_commands(pilot.app.screen)}
        assert {"Train", "Programmes", "One exercise", "History", "Settings"} <= set(commands)

        await commands["History"].callback()
        await on_screen(pilot, "HistoryScreen")


@pytest.mark.parametrize("module", sorted(GUIDED))
def test_every_action_of_every_screen_has_an_id_to_bind_and_a_word_to_find(module: str) -> None:
    for name, screen in vars(importlib.import_module(module)).items():
        if isinstance(screen, type) and issubclass(screen, GuidedScreen) and screen.__module__ == module:
            named = [one for one in screen.BINDINGS if isinstance(one, Binding) and one.show]
            assert all(one.id and one.description for one in named), name
            assert screen.HELP, name


# --- programmes -----------------------------------------------------------------------------------------------------


async def test_choosing_a_programme_makes_it_todays() -> None:
    set_up()
    async with app_on(HomeScreen) as pilot:
        await pilot.press("p")
        await on_screen(pilot, "ProgrammesScreen")
        pilot.app.screen.query_one("#programme-list", OptionList).highlighted = 0
        await pilot.press("enter")
        await on_screen(pilot, "HomeScreen")

    assert load_preferences().programme == "band"


async def test_a_shipped_programme_is_copied_edited_and_saved() -> None:
    async with app_on(lambda: ProgrammesScreen("band", "right")) as pilot:
        await pilot.press("c")
        await on_screen(pilot, "NamePrompt")
        await pilot.press("enter")
        await on_screen(pilot, "ProgrammesScreen")
        await pilot.press("e")
        await on_screen(pilot, "ProgrammeForm")
        await pilot.press("ctrl+t")
        editor = await on_screen(pilot, "ProgrammeEditor")
        area = editor.query_one(TextArea)
        area.text = area.text.replace('title = "Band"', 'title = "Mine"')
        await pilot.press("ctrl+s")
        await on_screen(pilot, "ProgrammeForm")

    assert 'title = "Mine"' in (own_folder() / "my-band.toml").read_text()


async def test_a_broken_programme_is_not_saved_and_its_line_is_said() -> None:
    own_folder().mkdir(parents=True)
    path = own_folder() / "mine.toml"
    path.write_text('format = 1\ntitle = "Mine"\n[[exercises]]\nexercise = "squat"\nreps = 10\n')
    async with app_on(lambda: ProgrammesScreen("mine", "right")) as pilot:
        await pilot.press("e")
        await on_screen(pilot, "ProgrammeForm")
        await pilot.press("ctrl+t")
        editor = await on_screen(pilot, "ProgrammeEditor")
        editor.query_one(TextArea).text = path.read_text().replace("reps = 10", "reps = 1000")
        await pilot.press("ctrl+s")
        await pilot.pause()

        assert "line 5: reps can't be 1000" in text_of(pilot)
        assert type(pilot.app.screen).__name__ == "ProgrammeEditor"

    assert "reps = 10\n" in path.read_text()


async def test_changing_a_shipped_programme_makes_a_copy_of_ones_own() -> None:
    async with app_on(lambda: ProgrammesScreen("band", "right")) as pilot:
        await pilot.press("e")
        await on_screen(pilot, "NamePrompt")
        await pilot.press("escape")
        await on_screen(pilot, "ProgrammesScreen")
        assert not own_folder().exists()
        await pilot.press("e")
        await on_screen(pilot, "NamePrompt")
        await pilot.press("enter")
        await on_screen(pilot, "ProgrammeForm")

    assert (own_folder() / "my-band.toml").is_file()


async def test_a_broken_file_of_ones_own_is_listed_with_its_fault() -> None:
    own_folder().mkdir(parents=True)
    (own_folder() / "aaa.toml").write_text("format = 7\n")
    async with app_on(lambda: ProgrammesScreen("aaa", "right")) as pilot:
        await pilot.press("enter")
        await pilot.pause()

        assert "aaa.toml:1" in text_of(pilot)
        assert type(pilot.app.screen).__name__ == "ProgrammesScreen"


async def test_an_exercise_shows_how_it_is_done() -> None:
    async with app_on(ExerciseScreen) as pilot:
        await pilot.pause()

        assert "Open the upper knee like a shell" in text_of(pilot)
