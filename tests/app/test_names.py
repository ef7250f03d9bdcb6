"""Names are shown as they were written: long ones, wide letters, and signs that mean something to the toolkit."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen_waiting import shown, until

from app.played_session import SQUATS, Played
from app.stage import app_on, set_up
from kneeimu.dashboard.preferences import Preferences
from kneeimu.dashboard.screens.first_start import FirstStartScreen, FoundSensor
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.dashboard.screens.programme_editor import ProgrammesScreen, own_folder
from kneeimu.dashboard.screens.programme_form import ProgrammeForm
from kneeimu.dashboard.screens.session import SessionScreen

NAME = "Phase [/2] [bold]knee"


def programme_of_that_name() -> Path:
    path = own_folder() / "mine.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f'format = 1\ntitle = "{NAME}"\n{SQUATS}', encoding="utf-8")
    return path


async def test_a_programme_may_have_brackets_in_its_name(home: Path) -> None:
    path = programme_of_that_name()
    set_up(programme="mine")
    async with app_on(HomeScreen) as pilot:
        for screen in (None, ProgrammesScreen("mine", "right"), ProgrammeForm(path, "right")):
            if screen is not None:
                await pilot.app.push_screen(screen)
            await until(pilot, lambda: NAME in shown(pilot))


class Picker(FirstStartScreen):
    """Finds a sensor of that name."""

    def _look_around(self) -> None:  # type: ignore[override]
        self._show_found([FoundSensor("A0", NAME, "kneeimu", -54)])


async def test_a_sensor_may_have_brackets_in_its_name() -> None:
    async with app_on(lambda: Picker(Preferences(), "thigh")) as pilot:
        await pilot.press("enter", "r")
        await until(pilot, lambda: NAME in shown(pilot))


@pytest.mark.parametrize("title", ["Training " * 12, "膝のリハビリテーション" * 5])
async def test_how_far_a_session_is_stands_beside_any_name(title: str) -> None:
    played = Played(SQUATS)
    async with app_on(lambda: SessionScreen(played.driver, title=title), size=(80, 24)) as pilot:
        await until(pilot, lambda: "0 of 2 sets" in shown(pilot))
