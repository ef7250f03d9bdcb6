"""A session that is left before its end: what is asked, and what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen_waiting import shown, until
from textual.pilot import Pilot
from textual.screen import Screen

from app.played_session import SQUATS, Played, begun_at_home
from app.stage import MadeLeg, app_on, set_up, text_of
from kneeimu.coaching.review import ExerciseReview, review
from kneeimu.coaching.stage import Phase
from kneeimu.dashboard.diary import diary_for
from kneeimu.dashboard.preferences import SIMULATED
from kneeimu.dashboard.screens import session as session_screen
from kneeimu.dashboard.screens.home import HomeScreen


async def left(pilot: Pilot[None], played: Played) -> ExerciseReview:
    """Leave the session; what the review says of its only exercise."""
    await pilot.press("escape", "escape")
    await until(pilot, lambda: bool(played.over))
    (one,) = review(played.driver.runner.results.values(), played.driver.runner.bouts)
    return one


@pytest.mark.parametrize(
    ("key", "question"),
    [("escape", "Esc again ends the session"), ("q", "q again leaves the app; what is done is kept")],
)
async def test_the_first_press_asks_aloud_and_ends_nothing(key: str, question: str) -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 3)
        spoken: list[str] = []
        pilot.app.screen.voice.say = spoken.append  # type: ignore[attr-defined]
        await pilot.press(key)
        await until(pilot, lambda: question in text_of(pilot))

        assert len(spoken) == 1
        assert pilot.app.is_running
        assert played.driver.view.phase is Phase.WORK
        assert not played.over


@pytest.mark.parametrize("rows", [24, 40])
async def test_what_q_asks_is_read_on_a_phone(rows: int) -> None:
    played = Played(SQUATS)
    async with app_on(played.screen, size=(40, rows)) as pilot:
        await played.streaming(pilot)
        await pilot.press("q")
        await until(pilot, lambda: "is kept" in shown(pilot))


async def test_q_and_then_esc_ask_two_things() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await pilot.press("q", "escape")
        await until(pilot, lambda: "Esc again ends the session" in text_of(pilot))

        assert pilot.app.is_running
        assert not played.over


async def test_the_second_q_leaves_also_from_a_screen_before_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        left: list[bool] = []
        monkeypatch.setattr(pilot.app, "exit", lambda: left.append(True))
        await pilot.app.push_screen(Screen())
        await pilot.press("q")
        await until(pilot, lambda: any("q again" in note.message for note in pilot.app._notifications))
        assert not left
        await pilot.press("q")

        assert left


async def test_an_esc_long_after_another_asks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(session_screen, "monotonic", lambda: now[0])
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await pilot.press("escape")
        now[0] += session_screen.ASKS_S
        await until(pilot, lambda: "Esc again" not in text_of(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "Esc again" in text_of(pilot))

        assert not played.over


async def test_one_esc_ends_the_session_where_the_question_of_pain_says_so() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await pilot.press("p")
        await played.phase(pilot, Phase.PAIN)
        assert "Esc ends the session" in text_of(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: bool(played.over))


async def test_a_skipped_set_is_shown_for_what_it_is(home: Path) -> None:
    played = Played(SQUATS.replace("sets = 2", "sets = 3"), home / "sessions")
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await pilot.press("s")
        await until(pilot, lambda: "–◐○  0 of 3 sets · 1 skipped" in text_of(pilot))
        await played.a_set(pilot, 4)
        one = await left(pilot, played)
    assert (one.done, one.planned, one.finished) == (1, 3, False)


async def test_a_session_that_is_left_in_its_rest_was_not_finished() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 5)
        await pilot.press("enter")
        await played.phase(pilot, Phase.REST)
        one = await left(pilot, played)
    assert (one.done, one.planned, one.finished) == (1, 2, False)


async def test_leaving_the_app_in_the_middle_keeps_what_was_done(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up()
    leg = MadeLeg()
    monkeypatch.setattr("kneeimu.dashboard.screens.session_start.source_for", lambda _sensor, **_: leg)
    async with app_on(HomeScreen) as pilot:
        session = await begun_at_home(pilot, leg, pain_before=0)
        leg.now.reps(3)
        await until(pilot, lambda: session.driver.view.corrected == 3)

    assert diary_for(SIMULATED).entries()[0].exercises[0].sets == (3,)
