"""A training that pain ended is kept, also where no rep had been done."""

from __future__ import annotations

from typing import Any

import pytest
from screen_waiting import until
from textual.pilot import Pilot

from app.played_session import SQUATS, begun_at_home
from app.stage import MadeLeg, app_on, on_screen, set_up, text_of
from kneeimu.coaching.stage import Phase
from kneeimu.dashboard.diary import diary_for
from kneeimu.dashboard.preferences import SIMULATED
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.exercises.programmes.programme import parse_programme


@pytest.fixture
def leg(monkeypatch: pytest.MonkeyPatch) -> MadeLeg:
    made = MadeLeg()
    programme = parse_programme(f'format = 1\ntitle = "Test"\n{SQUATS}', name="test")
    monkeypatch.setattr("kneeimu.dashboard.screens.session_start.source_for", lambda _sensor, **_: made)
    monkeypatch.setattr("kneeimu.dashboard.screens.home.load_programme", lambda _path: programme)
    set_up()
    return made


async def stop_on_pain(pilot: Pilot[None], leg: MadeLeg, level: str) -> None:
    """Train, and say at once how much it hurts."""
    session = await begun_at_home(pilot, leg, pain_before=1)
    await pilot.press("p")
    await until(pilot, lambda: session.driver.view.phase is Phase.PAIN)
    await pilot.press(level)


async def test_pain_that_ends_a_training_before_its_first_rep_is_kept_and_eases_the_next(leg: MadeLeg) -> None:
    async with app_on(HomeScreen) as pilot:
        await stop_on_pain(pilot, leg, "8")
        await on_screen(pilot, "PainScreen")
        await pilot.press("6", "enter")
        await on_screen(pilot, "SummaryScreen")
        said = text_of(pilot)

    assert "You stopped because of pain: that was right." in said
    assert "0 of 2 sets" in said
    assert "smaller and slower" in said
    (entry,) = diary_for(SIMULATED).entries()
    assert (entry.pain.before, entry.pain.during, entry.pain.after) == (1, 8, 6)


async def test_a_day_on_which_pain_allowed_nothing_is_no_day_of_training(leg: MadeLeg) -> None:
    async with app_on(HomeScreen) as pilot:
        await stop_on_pain(pilot, leg, "8")
        await on_screen(pilot, "PainScreen")
        await pilot.press("6", "enter")
        await on_screen(pilot, "SummaryScreen")
        await pilot.press("enter")
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: "You stopped when it hurt" in text_of(pilot))
        assert "0 of 3 days" in text_of(pilot)


async def test_lesser_pain_is_kept_also_where_nothing_follows_it(leg: MadeLeg) -> None:
    async with app_on(HomeScreen) as pilot:
        await stop_on_pain(pilot, leg, "4")
        session: Any = pilot.app.screen
        await until(pilot, lambda: session.driver.view.phase is Phase.READY)
        await pilot.press("escape", "escape")
        await on_screen(pilot, "SummaryScreen")
        assert "Nothing was done this time" in text_of(pilot)

    assert [entry.pain.during for entry in diary_for(SIMULATED).entries()] == [4]


async def test_a_training_is_kept_though_the_app_is_left_at_the_last_question(leg: MadeLeg) -> None:
    async with app_on(HomeScreen) as pilot:
        await stop_on_pain(pilot, leg, "8")
        await on_screen(pilot, "PainScreen")

    (entry,) = diary_for(SIMULATED).entries()
    assert (entry.pain.before, entry.pain.during, entry.pain.after) == (1, 8, None)
