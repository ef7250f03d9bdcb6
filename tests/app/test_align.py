"""The alignment on the screen: refused with a cure, gone on from when it is known, stopped by pain."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from screen_waiting import until

from app.stage import MadeLeg, app_on, on_screen, set_up, text_of
from calibration.guide import Guidance, Stage
from kneeimu.dashboard.screens.align import AlignScreen
from kneeimu.dashboard.screens.home import HomeScreen


async def test_an_alignment_that_fails_says_the_cure_and_begins_again() -> None:
    leg = MadeLeg()
    async with app_on(lambda: AlignScreen(leg, "right", "thigh")) as pilot:
        screen: Any = pilot.app.screen
        leg.now.still(6)
        await until(pilot, lambda: screen.guidance.stage is Stage.MOVE)
        leg.now.still(125)
        await until(pilot, lambda: screen.guidance.stage is Stage.REFUSED)
        assert "■" in text_of(pilot)
        await pilot.press("r")
        await until(pilot, lambda: screen.guidance.stage is not Stage.REFUSED)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is not screen)


async def test_going_on_is_offered_only_when_the_alignment_is_known() -> None:
    screen, found = AlignScreen(MadeLeg(), "right", "thigh"), SimpleNamespace(quality="good", yaw_uncertainty_deg=2.6)
    async with app_on(lambda: screen) as pilot:
        await pilot.pause()
        assert "enter" not in screen.active_bindings
        screen._show(Guidance(Stage.DONE, 1.0, 1.0, 5, 0.0, result=cast(Any, found)))
        assert screen.active_bindings["enter"].binding.action == "go_on"


async def test_the_key_for_pain_also_stops_an_alignment() -> None:
    set_up()
    async with app_on(HomeScreen) as pilot:
        await pilot.app.push_screen(AlignScreen(MadeLeg(), "right", "thigh"))
        screen = await on_screen(pilot, "AlignScreen")

        await pilot.press("p")

        await until(pilot, lambda: pilot.app.screen is not screen)


async def test_the_bar_of_stillness_fits_a_narrow_terminal() -> None:
    leg = MadeLeg()
    async with app_on(lambda: AlignScreen(leg, "right", "thigh"), size=(60, 20)) as pilot:
        screen = await on_screen(pilot, "AlignScreen")
        leg.now.still(2.0)
        still = screen.query_one("#align-still")

        await until(pilot, lambda: "█" in str(still.content))
        assert len(str(still.content)) <= still.size.width
