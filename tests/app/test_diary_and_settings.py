"""What the app keeps between sessions: the diary, the settings, the voice."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from screen_waiting import shown, until

from app.stage import READY, app_on, fill_diary, on_screen, past_session, set_up, text_of
from kneeimu import words
from kneeimu.coaching.pain import PainLog
from kneeimu.dashboard.diary import Entry, advise_all
from kneeimu.dashboard.preferences import Preferences, load_preferences, preferences_path
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.dashboard.screens.settings import SettingsScreen
from kneeimu.dashboard.voice import find_voice
from kneeimu.exercises.programmes.programme import SHIPPED, load_programme, parse_programme
from kneeimu.sessions.atomic import unwritable


def test_a_damaged_line_of_the_diary_costs_only_itself(home: Path) -> None:
    diary = fill_diary(past_session(3), past_session(1))
    lines = diary.path.read_bytes().splitlines()
    diary.path.write_bytes(b"\n".join([lines[0], b'{"kind":"session","x', b"\xff\xfe", lines[1]]) + b"\n")

    assert [entry.session for entry in diary.entries()] == ["s3", "s1"]


def test_half_a_line_costs_the_next_session_nothing(home: Path) -> None:
    diary = fill_diary(past_session(3))
    with diary.path.open("ab") as file:
        file.write(b'{"kind":"session","session":"s2')
    diary.add(past_session(1))

    assert [entry.session for entry in diary.entries()] == ["s3", "s1"]


async def test_a_training_of_a_clock_that_was_ahead_is_not_the_last_for_ever(home: Path) -> None:
    set_up()
    fill_diary(past_session(-400), past_session(5, reps=7))
    async with app_on(HomeScreen) as pilot:
        await on_screen(pilot, "HomeScreen")

        assert "14 reps" in text_of(pilot)


def test_the_diary_is_for_this_user_alone(home: Path) -> None:
    diary = fill_diary(past_session(1))

    assert diary.path.stat().st_mode & 0o077 == 0


def test_the_first_pain_of_the_next_morning_stays_with_its_session() -> None:
    diary = fill_diary(past_session(1, pain=PainLog(before=1, after=2)))
    diary.add_pain("s1", "next-morning", 4)
    diary.add_pain("unknown", "next-morning", 4)

    assert diary.entries()[0].pain.lingered


def test_broken_settings_are_put_aside_and_not_lost(home: Path) -> None:
    preferences_path().parent.mkdir(parents=True)
    preferences_path().write_text("knee = 'middle'\n")

    set_up()

    assert load_preferences().set_up
    assert preferences_path().with_suffix(".toml.broken").read_text() == "knee = 'middle'\n"


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for the speaker")
def test_the_voice_speaks_in_the_chosen_language(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    speaker = home / "espeak-ng"
    speaker.write_text(f'#!/bin/sh\necho "$@" > {home}/said\n')
    speaker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:{os.environ['PATH']}")
    words.use_language("de")

    voice = find_voice(wanted=True)
    voice.say("Langsamer")
    assert voice.able
    assert voice._running is not None
    voice._running.wait()

    assert (home / "said").read_text() == "-v de -- Langsamer\n"
    assert not find_voice(wanted=False).able


def squats(days_ago: float, reps: int = 17, pain: int = 1) -> Entry:
    entry = past_session(days_ago, reps=reps, pain=PainLog(before=1, during=None, after=pain))
    return replace(entry, exercises=(replace(entry.exercises[0], target=(10, 15)),))


def doses(*entries: Entry) -> tuple[str, int, str]:
    advice = advise_all(load_programme(SHIPPED / "band.toml"), "right", entries)[("squat", "right")]
    return advice.kind, advice.dose.sets, advice.dose.band


def test_the_diary_decides_what_comes_next() -> None:
    assert doses() == ("stay", 2, "light")
    assert doses(squats(9), squats(7)) == ("more-sets", 3, "light")
    assert doses(squats(9), squats(7), squats(5)) == ("stay", 3, "light")
    assert doses(squats(9), squats(7), squats(5), squats(3)) == ("next-band", 2, "medium")
    assert doses(squats(9), squats(7, pain=4), squats(5)) == ("stay", 2, "light")
    assert doses(squats(9), squats(7), squats(5, pain=7)) == ("fewer-sets", 2, "light")


@pytest.mark.parametrize("text", ["knee = 3\n", "sound = 'loud'\n", "keys = 3\n", "= nonsense", "notice = true\n"])
def test_settings_that_make_no_sense_are_refused_in_words(text: str, home: Path) -> None:
    from kneeimu.errors import InputError

    preferences_path().parent.mkdir(parents=True)
    preferences_path().write_text(text)

    with pytest.raises(InputError) as caught:
        load_preferences()
    assert caught.value.advice


def test_an_exercise_that_stands_in_a_programme_twice_gets_no_more_by_itself() -> None:
    text = '[[exercises]]\nexercise = "squat"\nsets = [1, 3]\nreps = [8, 12]\nband = "light"\n'
    programme = parse_programme(f'format = 1\ntitle = "Twice"\n{text}{text}', name="twice")
    good = [past_session(3, reps=15), past_session(1, reps=15)]
    hurt = [past_session(3), past_session(1, pain=PainLog(1, 7, 3))]
    said = [advise_all(programme, "right", entries)[("squat", "right")] for entries in (good, hurt)]
    assert [(one.kind, one.dose.band) for one in said] == [("stay", "light"), ("ease", "light")]


async def test_settings_that_can_not_be_written_hold_until_the_app_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_preferences: Preferences) -> None:
        raise unwritable(preferences_path(), OSError(28, "No space left on device"))

    monkeypatch.setattr("kneeimu.dashboard.screens.home.save_preferences", full)
    screen = HomeScreen()
    async with app_on(lambda: screen) as pilot:
        await on_screen(pilot, "FirstStartScreen")
        chosen = replace(READY, sensor="C0:FF:EE:00:00:01", knee="left")
        screen.keep(chosen)
        screen.reload()
        assert screen.preferences == chosen


async def test_the_settings_are_read_on_a_phone() -> None:
    async with app_on(lambda: SettingsScreen(READY), size=(40, 40)) as pilot:
        await until(pilot, lambda: "what this machine has" in shown(pilot))
        buttons = pilot.app.screen.query("#settings-buttons Button")
        assert all(button.region.right <= 40 for button in buttons)


async def test_one_number_of_reps_is_shown_as_one(home: Path) -> None:
    own = home / "config" / "programmes" / "hip-strength.toml"
    own.parent.mkdir(parents=True)
    own.write_text('format = 1\ntitle = "Five"\n[[exercises]]\nexercise = "squat"\nsets = 2\nreps = 5\n')
    set_up()
    async with app_on(HomeScreen) as pilot:
        await on_screen(pilot, "HomeScreen")
        assert "2 × 5 · right leg" in text_of(pilot)
