"""A training that was cut off is not lost: its recordings bring it into the diary."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from screen_waiting import until
from textual.pilot import Pilot

from app.played_session import SQUATS, Played
from app.stage import app_on, fill_diary, on_screen, past_session, set_up, text_of
from kneeimu.dashboard.cut_off import take_up
from kneeimu.dashboard.diary import Diary, diary_for
from kneeimu.dashboard.preferences import SIMULATED
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.report.facts import facts_of_recording
from kneeimu.sessions.recording import read_recording


async def cut_off_after(pilot: Pilot[None], played: Played, reps: int) -> None:
    """Do some reps, hurt a little, do some more, and never come to an end."""
    await played.streaming(pilot)
    await played.a_set(pilot, reps)
    await pilot.press("p", "2")
    played.leg.now.still(12)
    await until(pilot, lambda: not played.leg.now.angles)
    await played.a_set(pilot, reps + 1)


async def test_what_was_recorded_before_the_program_was_killed_is_taken_up_once(home: Path) -> None:
    played = Played(SQUATS, home / "sessions")
    async with app_on(played.screen) as pilot:
        await cut_off_after(pilot, played, 3)

    (entry,) = take_up(Diary(), home / "sessions")
    (one,) = entry.exercises
    assert (entry.session, entry.programme, entry.pain.during) == (played.driver.session, "test", 2)
    assert (one.sets, one.detected, one.target, one.planned, one.finished) == ((3, 4), 7, (3, 5), 2, False)
    assert take_up(Diary(), home / "sessions") == []
    assert [found.reps for found in Diary().entries()] == [7]


async def test_a_training_that_was_cut_off_is_taken_up_also_after_one_of_a_clock_that_was_ahead(home: Path) -> None:
    for days_ago in (5, -400):
        Diary().add(past_session(days_ago))
    played = Played(SQUATS, home / "sessions")
    async with app_on(played.screen) as pilot:
        await cut_off_after(pilot, played, 3)

    assert [entry.session for entry in take_up(Diary(), home / "sessions")] == [played.driver.session]


async def test_the_home_screen_tells_of_a_training_that_was_cut_off(home: Path) -> None:
    set_up()
    played = Played(SQUATS, diary_for(SIMULATED).path.parent)
    async with app_on(played.screen) as pilot:
        await cut_off_after(pilot, played, 4)

    async with app_on(HomeScreen) as pilot:
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: any("cut off" in note.message for note in pilot.app._notifications))
        assert "9 reps" in text_of(pilot)


async def test_a_training_that_is_left_in_a_set_knows_the_recording_of_it(home: Path) -> None:
    played = Played(SQUATS, home / "sessions")
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)

        assert played.driver.live is not None
        assert played.driver.paths == [played.driver.live.path]
    assert len(played.driver.paths) == 1


async def test_the_pain_before_a_training_that_was_cut_off_is_known_from_its_recording(home: Path) -> None:
    played = Played(SQUATS, home / "sessions", pain_before=4)
    async with app_on(played.screen) as pilot:
        await cut_off_after(pilot, played, 3)

    (entry,) = take_up(Diary(), home / "sessions")
    assert (entry.pain.before, entry.pain.during) == (4, 2)
    facts = facts_of_recording(read_recording(played.driver.paths[0]))
    assert facts.pain_told == (("before", 4), ("during", 2))


async def test_what_is_asked_about_the_last_time_comes_before_a_training_however_long_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = threading.Event()
    monkeypatch.setattr("kneeimu.dashboard.cut_off.take_up", lambda *_: read.wait(20) and [])
    set_up()
    fill_diary(past_session(1.0))
    async with app_on(HomeScreen) as pilot:
        await on_screen(pilot, "HomeScreen")
        await pilot.press("enter")
        await pilot.pause(0.1)
        read.set()
        await on_screen(pilot, "PainScreen")
        assert [type(screen).__name__ for screen in pilot.app.screen_stack[1:]] == ["HomeScreen", "PainScreen"]
        await pilot.press("1", "enter")
        await on_screen(pilot, "SettledPrompt")
        await pilot.press("n")
        await on_screen(pilot, "GateScreen")
