"""What is asked before and after a session: signs that forbid it, and how much the knee hurts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from screen_waiting import shown, until
from textual.events import Key

from app.played_session import SQUATS, Played
from app.stage import app_on, fill_diary, on_screen, past_session, set_up, text_of
from kneeimu.coaching.stage import Phase
from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.diary import Diary
from kneeimu.dashboard.screens.gate import GateScreen, Tick
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.dashboard.screens.live_pain import PainPrompt
from kneeimu.dashboard.screens.pain import PainScreen, SettledPrompt
from kneeimu.sessions.atomic import unwritable


async def test_none_of_these_opens_the_gate_with_one_key() -> None:
    async with app_on(GateScreen) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(pilot.app.screen, GateScreen))


async def test_a_ticked_sign_ends_in_advice_and_no_exercise() -> None:
    async with app_on(GateScreen) as pilot:
        screen = pilot.app.screen
        screen.query_one("#gate-calf-breath", Tick).focus()
        await pilot.press("space", "y")
        await pilot.pause()

        assert "emergency number" in text_of(pilot)
        assert "No training now" in text_of(pilot)
        assert screen.query_one("#gate-ask").display is False


async def test_none_of_these_does_not_overrule_a_tick() -> None:
    async with app_on(GateScreen) as pilot:
        pilot.app.screen.query_one("#gate-locked", Tick).value = True
        await pilot.press("n")
        await pilot.pause()

        assert "No training now" in text_of(pilot)


async def test_yes_without_a_tick_asks_which() -> None:
    async with app_on(GateScreen) as pilot:
        await pilot.press("y")
        await pilot.pause()

        assert isinstance(pilot.app.focused, Tick)
        assert "No training now" not in text_of(pilot)


async def test_red_pain_before_training_is_answered_with_rest() -> None:
    async with app_on(lambda: PainScreen("before")) as pilot:
        await pilot.press("7")
        await pilot.pause()

        assert "■ 7/10 · Rest today." in text_of(pilot)


async def test_pain_is_told_with_two_keys_however_fast_they_follow() -> None:
    """The second may come before the button that it is meant for has the focus."""
    answers: list[int | None] = []
    async with app_on(lambda: PainScreen("before")) as pilot:
        asked = PainScreen("after")
        await pilot.app.push_screen(asked, answers.append)
        await pilot.pause()
        asked.action_answer(2)
        await pilot.pause()
        asked.set_focus(None)
        await pilot.press("enter")
        await pilot.pause()

    assert answers == [2]


async def test_the_second_key_waits_for_the_first() -> None:
    answers: list[int | None] = []
    async with app_on(lambda: PainScreen("before")) as pilot:
        await pilot.app.push_screen(PainScreen("after"), answers.append)
        await pilot.pause()
        for key, character in (("2", "2"), ("enter", "\r")):
            pilot.app.post_message(Key(key, character))
        await until(pilot, lambda: answers == [2])


async def test_pain_can_be_told_by_mouse() -> None:
    async with app_on(lambda: PainScreen("after")) as pilot:
        await pilot.click("#score-4")
        await pilot.pause()

        assert "▲ 4/10" in text_of(pilot)


async def test_a_diary_that_can_not_be_written_does_not_end_the_app_in_the_morning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_arguments: Any, **_more: Any) -> None:
        raise unwritable(Path("diary.jsonl"), OSError(28, "No space left on device"))

    monkeypatch.setattr(Diary, "add_pain", full)
    set_up()
    fill_diary(past_session(1.0))
    async with app_on(HomeScreen) as pilot:
        await on_screen(pilot, "PainScreen")
        await pilot.press("2", "enter")
        await on_screen(pilot, "SettledPrompt")
        await pilot.press("n")
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: any("No space left" in note.message for note in pilot.app._notifications))


@pytest.mark.parametrize("size", [(60, 20), (40, 20), (40, 40)], ids=str)
async def test_the_whole_scale_of_pain_is_there_on_a_narrow_terminal(size: tuple[int, int]) -> None:
    async with app_on(lambda: PainScreen("before"), size=size) as pilot:
        await pilot.click("#score-10")
        await pilot.pause()

        assert "■ 10/10" in text_of(pilot)


async def test_what_the_scale_of_pain_means_is_read_on_a_phone() -> None:
    async with app_on(lambda: PainScreen("before"), size=(40, 24)) as pilot:
        await until(pilot, lambda: "10 the worst there is" in shown(pilot))

    played = Played(SQUATS)
    async with app_on(played.screen, size=(40, 24)) as pilot:
        await played.streaming(pilot)
        await pilot.press("p")
        await until(pilot, lambda: "■ 6–10 stop this exercise" in shown(pilot))
        assert "Keys 0 to 9" in shown(pilot)


async def test_pain_in_one_exercise_can_be_told_on_a_phone() -> None:
    told: list[int | None] = []
    async with app_on(GateScreen, size=(40, 40)) as pilot:
        await pilot.app.push_screen(PainPrompt(), told.append)
        await pilot.pause()
        await pilot.click("#pain-10")
        await until(pilot, lambda: told == [10])


async def test_a_word_beside_the_question_of_pain_hides_no_answer() -> None:
    async with KneeimuApp(GateScreen).run_test(size=(80, 24), notifications=True) as pilot:
        pilot.app.notify("Wait until the sensor is connected.")
        await pilot.app.push_screen(PainPrompt())
        await until(pilot, lambda: "Wait until the sensor" in shown(pilot))

        assert "6      7" in shown(pilot)
        assert "stop this exercise" in shown(pilot)


async def test_the_last_question_fits_on_a_phone() -> None:
    async with app_on(GateScreen, size=(40, 40)) as pilot:
        await pilot.app.push_screen(SettledPrompt())
        await pilot.pause()
        assert pilot.app.screen.query_one("#yes").region.right <= 40


async def test_pain_in_a_set_can_be_told_on_a_phone() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen, size=(40, 40)) as pilot:
        await played.streaming(pilot)
        await pilot.press("p")
        await played.phase(pilot, Phase.PAIN)
        await until(pilot, lambda: pilot.app.screen.query_one("#score-9").region.width > 0)
        await pilot.click("#score-9")
        await until(pilot, lambda: played.driver.runner.worst_pain == 9)
