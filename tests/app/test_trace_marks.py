"""The numbers under the curve are those of the count."""

from __future__ import annotations

from typing import Any

from screen_waiting import until

from app.played_session import SQUATS, Played
from app.stage import app_on
from kneeimu.coaching.stage import Phase
from kneeimu.dashboard.screens.session_work import WorkPanel


async def test_a_set_that_goes_on_after_a_break_is_numbered_on() -> None:
    played = Played(SQUATS.replace("[3, 5]", "[6, 8]"))
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 3)
        await pilot.press("enter")
        await played.phase(pilot, Phase.REST)
        played.leg.now.still(4)
        played.leg.now.reps(3)
        await until(pilot, lambda: played.driver.view.corrected == 6)
        board: Any = pilot.app.screen.query_one(WorkPanel).board

        await until(pilot, lambda: len(board.trace._marks) == 6)
        assert [text for _time_s, text in board.trace._marks] == ["1", "2", "3", "4", "5", "6"]
