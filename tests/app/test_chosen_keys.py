"""Keys that a person chooses: bound anew, refused where they meet another, and given back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from screen_waiting import shown, until
from textual.pilot import Pilot
from textual.widgets import OptionList

from app.stage import app_on, on_screen, set_up
from kneeimu.dashboard import keys
from kneeimu.dashboard.preferences import load_preferences
from kneeimu.dashboard.screens.home import HomeScreen


async def choose_key(pilot: Pilot[Any], action: str) -> None:
    """Open the prompt for the key of an action."""
    await pilot.press("e")
    settings = await on_screen(pilot, "SettingsScreen")
    listed = settings.query_one("#keys", OptionList)
    listed.focus()
    listed.highlighted = listed.get_option_index(action)
    await pilot.press("enter")
    await on_screen(pilot, "KeyPrompt")


async def test_a_key_is_bound_anew_and_works() -> None:
    set_up()
    async with app_on(HomeScreen) as pilot:
        await choose_key(pilot, "home.history")
        await pilot.press("f9")
        await on_screen(pilot, "SettingsScreen")
        assert "f9 · changed" in shown(pilot)
        await pilot.press("ctrl+s")
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: "f9 History" in shown(pilot))
        await pilot.press("question_mark")
        await on_screen(pilot, "HelpScreen")
        assert re.search(r"f9 +History", shown(pilot))
        await pilot.press("escape", "f9")
        await on_screen(pilot, "HistoryScreen")

    assert load_preferences().keys == {"home.history": "f9"}


async def test_ctrl_c_tells_the_key_that_leaves() -> None:
    set_up()
    async with app_on(HomeScreen) as pilot:
        await pilot.press("ctrl+c")
        assert [note.message for note in pilot.app._notifications] == ["q leaves the app"]


@pytest.mark.parametrize(
    ("key", "reason"),
    [("p", "p is taken already: Home: programmes"), ("q", "q is taken already: Everywhere: quit"),
     ("f1", "does the same everywhere"), ("down", "moves through lists")],
)  # fmt: skip
async def test_a_key_that_is_taken_is_refused_with_the_reason(key: str, reason: str) -> None:
    set_up()
    async with app_on(HomeScreen) as pilot:
        await choose_key(pilot, "home.history")
        await pilot.press(key)
        await until(pilot, lambda: reason in shown(pilot))
        await pilot.press("f8")
        await on_screen(pilot, "SettingsScreen")
        assert "f8 · changed" in shown(pilot)


async def test_backspace_gives_the_usual_key_back() -> None:
    set_up(keys={"home.history": "f9"})
    async with app_on(HomeScreen) as pilot:
        await choose_key(pilot, "home.history")
        await pilot.press("backspace")
        await on_screen(pilot, "SettingsScreen")
        await pilot.press("ctrl+s")
        await on_screen(pilot, "HomeScreen")
        await pilot.press("h")
        await on_screen(pilot, "HistoryScreen")


async def test_keys_that_meet_in_the_settings_file_are_said_and_not_used() -> None:
    set_up(keys={"home.history": "p", "home.settings": "f7"})
    async with app_on(HomeScreen) as pilot:
        pilot.app.use_keys(load_preferences().keys)  # type: ignore[attr-defined]
        await until(pilot, lambda: len(pilot.app._notifications) == 1)
        told = [note.message for note in pilot.app._notifications]
        assert told == ["Home: history: p is taken already: Home: programmes"]
        await pilot.press("f7")
        await on_screen(pilot, "SettingsScreen")


def test_every_key_of_every_screen_can_be_chosen_and_none_meets_another() -> None:
    usual = [one for one in keys._usual() if one.action and set(one.keys) - set(keys.FIXED)]
    named = {one.action for one in usual if one.place != "coach"}

    assert named - {"settings.save", "summary.home"} == set(keys.ACTIONS)
    for action in keys.ACTIONS:
        for key in keys.keys_now(action, {}):
            assert key in keys.FIXED or not keys.refusal(key, action, {}), (action, key)
