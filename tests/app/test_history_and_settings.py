"""The history, the summary and the settings: what a person finds there later, and what is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from screen_waiting import shown, until
from textual.widgets import DataTable, Input, OptionList, Select

from app.stage import app_on, fill_diary, on_screen, past_session, set_up, text_of
from kneeimu.coaching.pain import PainLog
from kneeimu.coaching.review import habit_of
from kneeimu.coaching.safety import NOTICE_VERSION
from kneeimu.dashboard.diary import diary_for
from kneeimu.dashboard.preferences import SIMULATED, Preferences, load_preferences
from kneeimu.dashboard.screens.first_start import FirstStartScreen
from kneeimu.dashboard.screens.history import HistoryScreen
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.dashboard.screens.session_panels import dose_words
from kneeimu.dashboard.screens.session_replay import RecordingPrompt
from kneeimu.dashboard.screens.settings import SettingsScreen
from kneeimu.dashboard.screens.summary import SummaryScreen
from kneeimu.exercises.programmes.plan import plan_session
from kneeimu.exercises.programmes.programme import parse_programme


async def test_history_finds_by_word_and_opens_a_summary() -> None:
    diary = fill_diary(past_session(20, exercise="clamshell"), past_session(3))
    async with app_on(lambda: HistoryScreen(diary)) as pilot:
        table = pilot.app.screen.query_one(DataTable)
        assert table.row_count == 2
        pilot.app.screen.query_one(Input).value = "clam"
        await until(pilot, lambda: table.row_count == 1)
        table.focus()
        await pilot.press("enter")
        await on_screen(pilot, "SummaryScreen")

        assert "Clamshell · right leg" in text_of(pilot)


async def test_a_summary_opened_from_history_says_what_comes_next_time_as_it_did_after_training() -> None:
    diary = fill_diary(past_session(3))
    async with app_on(lambda: HistoryScreen(diary)) as pilot:
        await pilot.press("enter")
        await on_screen(pilot, "SummaryScreen")

        assert "Next time: " in text_of(pilot)


async def test_a_session_whose_recording_is_gone_says_so() -> None:
    diary = fill_diary(past_session(3))
    async with app_on(lambda: HistoryScreen(diary)) as pilot:
        await pilot.press("enter")
        await on_screen(pilot, "SummaryScreen")
        await pilot.press("v")
        await until(pilot, lambda: any("no recording" in note.message for note in pilot.app._notifications))


async def test_an_empty_history_says_so() -> None:
    async with app_on(lambda: HistoryScreen(diary_for(SIMULATED))) as pilot:
        await pilot.pause()

        assert "Nothing here yet." in text_of(pilot)
        assert "`kneeimu history`" in text_of(pilot)


async def test_a_search_that_finds_nothing_is_no_empty_history() -> None:
    async with app_on(lambda: HistoryScreen(fill_diary(past_session(3)))) as pilot:
        pilot.app.screen.query_one(Input).value = "clam"
        await until(pilot, lambda: "Nothing fits." in text_of(pilot))


async def test_settings_are_kept_and_used() -> None:
    set_up()
    async with app_on(HomeScreen) as pilot:
        await pilot.press("e")
        settings = await on_screen(pilot, "SettingsScreen")
        settings.query_one("#knee", Select).value = "left"
        settings.query_one("#per_week", Select).value = "4"
        await pilot.pause()
        await pilot.press("ctrl+s")
        await on_screen(pilot, "HomeScreen")

        assert "of 4 days" in text_of(pilot)

    assert load_preferences().knee == "left"


async def test_settings_that_are_left_change_nothing() -> None:
    set_up()
    async with app_on(lambda: SettingsScreen(load_preferences())) as pilot:
        pilot.app.screen.query_one("#knee", Select).value = "left"
        await pilot.press("escape")
        await pilot.pause()

    assert load_preferences().knee == "right"


async def test_colours_that_were_tried_go_with_the_settings_that_are_left() -> None:
    set_up()
    async with app_on(HomeScreen) as pilot:
        before = pilot.app.theme
        await pilot.press("e")
        settings = await on_screen(pilot, "SettingsScreen")
        settings.query_one("#theme", Select).value = "kneeimu-light"
        await until(pilot, lambda: pilot.app.theme == "kneeimu-light")
        await pilot.press("escape")
        await on_screen(pilot, "HomeScreen")
        assert pilot.app.theme == before == "kneeimu-dark"


async def test_the_usual_colours_are_shown_when_they_are_chosen() -> None:
    set_up(theme="kneeimu-light")
    async with app_on(HomeScreen) as pilot:
        await pilot.press("e")
        settings = await on_screen(pilot, "SettingsScreen")
        settings.query_one("#theme", Select).value = ""
        await until(pilot, lambda: pilot.app.theme == "kneeimu-dark")


async def test_help_lists_the_keys_of_the_screen() -> None:
    set_up()
    async with app_on(HomeScreen) as pilot:
        await pilot.press("question_mark")
        await on_screen(pilot, "HelpScreen")

        for key, words in (("p", "Programmes"), ("o", "One exercise"), ("t", "Colours"), ("q", "Quit")):
            assert re.search(rf"\b{key} +{words}", shown(pilot))


# --- what they tell --------------------------------------------------------------------------------------------------


async def test_tab_and_arrows_stay_on_the_buttons_of_the_first_start() -> None:
    async with app_on(lambda: FirstStartScreen(Preferences(notice=NOTICE_VERSION), "thigh"), size=(80, 24)) as pilot:
        screen: Any = await on_screen(pilot, "FirstStartScreen")
        seen = []
        for key in ("tab", "tab", "left", "left", "right"):
            await pilot.press(key)
            seen.append(screen.focused.id)

        assert seen == ["knee-left", "knee-right", "knee-left", "knee-left", "knee-right"]


async def test_the_summary_tells_the_worst_pain_and_that_stopping_was_right() -> None:
    entry = past_session(0, pain=PainLog(before=0, during=7, after=5))
    async with app_on(lambda: SummaryScreen(entry, [], {}, habit_of([], date(2026, 5, 4), 3))) as pilot:
        await on_screen(pilot, "SummaryScreen")

        assert "pain 0 → 5 · at worst 7" in text_of(pilot)
        assert "You stopped because of pain: that was right." in text_of(pilot)
        assert "Well done" not in text_of(pilot)


async def test_a_choice_of_recordings_names_exercise_and_leg() -> None:
    paths = [Path(f"2026-05-04T10{n}000Z_{name}_left.mcap") for n, name in enumerate(("squat", "hip-abduction"))]
    async with app_on(lambda: RecordingPrompt(paths)) as pilot:
        await on_screen(pilot, "RecordingPrompt")
        options = pilot.app.screen.query_one(OptionList).options

        assert [str(one.prompt)[5:] for one in options] == [" · Squat · left leg", " · Side-lying leg raise · left leg"]


async def test_home_tells_the_worst_pain_of_the_last_session() -> None:
    set_up()
    fill_diary(past_session(1, pain=PainLog(before=0, during=7, after=5, next_morning=0)))
    async with app_on(HomeScreen) as pilot:
        await until(pilot, lambda: "pain while training: 7" in text_of(pilot))


def test_a_massage_is_not_to_be_held_still() -> None:
    items = parse_programme('format = 1\ntitle = "T"\n[[exercises]]\nexercise = "massage"\nseconds = 60\n', name="t")
    (bout, *_more) = plan_session(items, "right")

    assert dose_words(bout) == "60 seconds, the leg at ease"


async def test_what_the_simulated_leg_did_is_not_counted_as_training() -> None:
    set_up()
    fill_diary(past_session(1, pain=PainLog(before=0, during=7, after=5, next_morning=0)))
    async with app_on(HomeScreen) as pilot:
        await until(pilot, lambda: "pain while training: 7" in text_of(pilot))
        set_up(sensor="AA:BB", sensor_name="Knee 1")
        await pilot.press("o")
        await on_screen(pilot, "ExerciseScreen")
        await pilot.press("escape")

        await until(pilot, lambda: "Nothing yet." in text_of(pilot))


async def test_the_summary_and_the_history_tell_of_how_many_sets_were_done() -> None:
    done = past_session(1)
    one = replace(done.exercises[0], planned=3)
    entry = replace(done, exercises=(one,), planned=18)
    async with app_on(lambda: SummaryScreen(entry, [], {}, habit_of([], date(2026, 5, 4), 3))) as pilot:
        await on_screen(pilot, "SummaryScreen")
        assert "2 of 18 sets · 24 reps" in text_of(pilot)
        assert "12 + 12 reps · 2 of 3 sets" in text_of(pilot)
    async with app_on(lambda: HistoryScreen(fill_diary(entry))) as pilot:
        assert "2 / 18" in pilot.app.screen.query_one(DataTable).get_row_at(0)


async def test_a_summary_of_nothing_counts_nothing() -> None:
    entry = replace(past_session(0), exercises=(), duration_s=12.0)
    async with app_on(lambda: SummaryScreen(entry, [], {}, habit_of([], date(2026, 5, 4), 3))) as pilot:
        await on_screen(pilot, "SummaryScreen")
        assert "0 sets" not in text_of(pilot)


async def test_home_does_not_count_the_reps_of_a_stretch() -> None:
    set_up()
    done = past_session(0, exercise="it-band-stretch")
    held = replace(done.exercises[0], sets=(), detected=0, held_s=60.0, timed=2, drift_deg=None)
    fill_diary(replace(done, exercises=(held,), duration_s=20.0))
    async with app_on(HomeScreen) as pilot:
        await pilot.pause()
        assert "2 sets · less than a minute" in text_of(pilot)


async def test_a_drift_of_nothing_has_no_sign() -> None:
    done = past_session(0)
    entry = replace(done, exercises=(replace(done.exercises[0], drift_deg=-0.3),))
    async with app_on(lambda: SummaryScreen(entry, [], {}, habit_of([], date(2026, 5, 4), 3))) as pilot:
        await on_screen(pilot, "SummaryScreen")
        assert "knee 0° against your reference" in text_of(pilot)
