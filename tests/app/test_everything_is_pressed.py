"""Every key and every button of every screen, one after the other: each is answered, and nothing breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from screen_waiting import shown, until
from textual.binding import Binding
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button, OptionList
from textual.widgets._footer import FooterKey

from app.stage import READY, app_on, fill_diary, past_session, set_up
from app.test_pictures import Picker, own_programme, summary
from kneeimu.dashboard.diary import diary_for
from kneeimu.dashboard.preferences import SIMULATED, Preferences
from kneeimu.dashboard.screens.gate import GateScreen
from kneeimu.dashboard.screens.history import HistoryScreen
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.dashboard.screens.home_exercise import ExerciseScreen
from kneeimu.dashboard.screens.live_pain import PainPrompt
from kneeimu.dashboard.screens.pain import PainScreen, SettledPrompt
from kneeimu.dashboard.screens.programme_editor import NamePrompt, ProgrammeEditor, ProgrammesScreen
from kneeimu.dashboard.screens.programme_form import ProgrammeForm
from kneeimu.dashboard.screens.settings import SettingsScreen

Make = Callable[[], Screen[Any]]
SCREENS: dict[str, Make] = {
    "first start": lambda: Picker(Preferences(), "thigh"),
    "gate": GateScreen,
    "pain": lambda: PainScreen("before"),
    "settled": SettledPrompt,
    "pain in a set": PainPrompt,
    "home": HomeScreen,
    "programmes": lambda: ProgrammesScreen("band", "left"),
    "form": lambda: ProgrammeForm(own_programme(), "right"),
    "editor": lambda: ProgrammeEditor(own_programme(), "right"),
    "name": lambda: NamePrompt("my-band"),
    "exercise": ExerciseScreen,
    "history": lambda: HistoryScreen(diary_for(SIMULATED), 3),
    "settings": lambda: SettingsScreen(READY),
    "summary": summary,
}
SETTLES_S = 0.15
"""A screen that opens in a worker is there by then."""
LEAVES = {"q", "ctrl+q", "ctrl+c"}
SIZES = [(80, 24), (120, 40)]


def keys_of(screen: Screen[Any]) -> list[str]:
    """Give all keys that a screen or the app answers, but those that end the app."""
    found = list(screen.active_bindings)
    for binding in screen.BINDINGS:
        if isinstance(binding, Binding):
            found += [key.strip() for key in binding.key.split(",")]
    return [key for key in dict.fromkeys(found) if key not in LEAVES]


async def afresh(pilot: Pilot[Any], make: Make) -> Screen[Any]:
    """Show the screen as if for the first time."""
    await until(pilot, lambda: all(one.is_mounted for one in pilot.app.screen_stack))
    while len(pilot.app.screen_stack) > 2:
        pilot.app.pop_screen()
    pilot.app.clear_notifications()
    screen = make()
    await pilot.app.push_screen(screen)
    await pilot.pause()
    return screen


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_every_key_of_every_screen_is_answered(name: str, size: tuple[int, int]) -> None:
    set_up()
    fill_diary(past_session(3.0))
    async with app_on(Screen, size) as pilot:
        for key in keys_of(await afresh(pilot, SCREENS[name])):
            await afresh(pilot, SCREENS[name])
            await pilot.press(key)
            await pilot.pause(SETTLES_S)
            assert pilot.app.is_running, key


def clickable(screen: Screen[Any]) -> dict[str, Any]:
    """Give what can be clicked, by a name that it has on every such screen."""
    found: dict[str, Any] = {f"button {one.id}": one for one in screen.query(Button) if one.region}
    keys = {f"key {one.key}": one for one in screen.query(FooterKey) if one.region and one.key not in LEAVES}
    return found | keys


async def found(pilot: Pilot[Any], screen: Screen[Any], what: str) -> Any:
    """Wait for what can be clicked: the footer is made anew when what can be done changes."""
    for _again in range(200):
        await pilot.pause()
        widget = clickable(screen).get(what)
        if widget is not None:
            return widget
        await asyncio.sleep(0.01)
    raise AssertionError(f"there is no {what}")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", [name for name in SCREENS if name != "name"])
async def test_everything_can_be_clicked(name: str, size: tuple[int, int]) -> None:
    set_up()
    fill_diary(past_session(3.0))
    async with app_on(Screen, size) as pilot:
        screen = await afresh(pilot, SCREENS[name])
        await until(pilot, lambda: clickable(screen))
        for what in clickable(screen):
            screen = await afresh(pilot, SCREENS[name])
            widget = await found(pilot, screen, what)
            widget.scroll_visible(animate=False)
            await pilot.pause()
            widget = await found(pilot, screen, what)
            assert await pilot.click(widget), f"{what} can't be clicked: something lies on it"
            await pilot.pause(SETTLES_S)
            assert pilot.app.is_running


async def test_a_click_on_a_list_chooses_and_the_wheel_scrolls_it() -> None:
    set_up()
    async with app_on(ExerciseScreen, (80, 24)) as pilot:
        chosen = pilot.app.screen.query_one(OptionList)
        top = shown(pilot)
        await pilot.click(chosen, offset=(4, 3))
        await until(pilot, lambda: not isinstance(pilot.app.screen, ExerciseScreen) or shown(pilot) != top)


async def test_the_keys_of_the_home_screen_fit_into_80_columns_whatever_has_the_focus() -> None:
    set_up()
    async with app_on(Screen, (80, 24)) as pilot:
        screen = await afresh(pilot, HomeScreen)
        screen.set_focus(None)
        await pilot.pause(SETTLES_S)
        await until(pilot, lambda: screen.query(FooterKey))

        assert max(one.region.right for one in screen.query(FooterKey)) <= 80
