"""A session on the screen: found sets, corrections, pain, lost links, and what is kept of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from screen_waiting import until

from app.played_session import SQUATS, STRETCH, Played, Told
from app.stage import app_on, on_screen, set_up, text_of
from kneeimu.coaching.stage import Key, Phase, Say
from kneeimu.dashboard.diary import diary_for
from kneeimu.dashboard.preferences import SIMULATED
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.dashboard.session_driver import News
from kneeimu.dashboard.widgets.link_bar import LinkBar
from kneeimu.playback import load_playback
from kneeimu.report.facts import facts_of_recording
from kneeimu.sensors.stream import LinkState
from kneeimu.sessions.play import play_file
from kneeimu.sessions.recording import read_recording
from kneeimu.sessions.session_summary import first_result, summarise_session


async def test_a_session_runs_from_the_first_movement_to_the_end_and_is_recorded(home: Path) -> None:
    played = Played(SQUATS, home / "sessions")
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        assert "Sit back as if onto a chair" in text_of(pilot)

        await played.a_set(pilot, 5)
        played.leg.now.still(8)
        await until(pilot, lambda: "5 reps · 5 clean" in text_of(pilot))
        assert played.driver.view.phase is Phase.REST
        assert "Next: Squat · right leg" in text_of(pilot)

        played.leg.now.still(20)
        await played.phase(pilot, Phase.READY)
        await played.a_set(pilot, 4)
        await pilot.press("enter")
        await until(pilot, lambda: bool(played.over))

    results = played.driver.runner.results
    assert [result.corrected for result in results.values()] == [5, 4]
    recording = read_recording(played.driver.paths[0])
    assert recording.prescription is not None
    assert recording.prescription["session"] == played.driver.session
    assert sum(event.kind == "rep" for event in recording.events) == 9
    assert "bout-ended" in [command.name for command in recording.commands]


async def test_corrections_reach_the_recording_beside_what_was_detected(home: Path) -> None:
    played = Played(SQUATS, home / "sessions")
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 3)
        await pilot.press("plus", "plus", "minus")
        await until(pilot, lambda: played.driver.view.corrected == 4)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: bool(played.over))

    corrections = [one for one in read_recording(played.driver.paths[0]).commands if one.name == "correction"]
    assert [(one.data["by"], one.data["detected"]) for one in corrections] == [(1, 3), (1, 3), (-1, 3)]


async def test_what_is_done_while_pain_is_asked_about_counts_nowhere(home: Path) -> None:
    played = Played(SQUATS, home / "sessions")
    told = Told()
    played.driver.on_live = lambda live, _bout: told.listen(live)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 3)
        await pilot.press("p")
        await played.phase(pilot, Phase.PAIN)
        live = played.driver.live
        assert live is not None
        played.leg.now.reps(4)
        played.leg.now.still(20)
        await until(pilot, lambda: len(live.tally.left_out) == 4 and not played.leg.now.angles)
        await pilot.press("2")
        await played.phase(pilot, Phase.READY)
        await played.a_set(pilot, 4)
        await pilot.press("plus", "escape", "escape")
        await until(pilot, lambda: bool(played.over))

    shown = [result.corrected for result in played.driver.runner.results.values()]
    assert shown == [3, 5]
    path = played.driver.paths[0]
    line, replay = summarise_session(path), load_playback(path)
    assert (line.count, line.corrected_count, line.sets) == (7, 8, 2)
    assert [one.number for one in first_result(read_recording(path)).sets] == [1, 2]
    facts = facts_of_recording(read_recording(path))
    assert (facts.count, [len(one.reps) for one in facts.sets], facts.sets_done) == (8, [3, 4], 2)
    again = play_file(path)
    assert [again.corrected_count(one) for one in again.sets] == shown
    assert (replay.whole.total, [one.number for one in replay.sets()], len(again.analysis.reps)) == (8, [1, 2], 7)
    assert (told.states[-1].total, told.states[-1].sets_done, told.states[-1].set_number) == (8, 2, 2)


async def test_a_set_that_stopped_early_and_went_on_is_one_set_everywhere(home: Path) -> None:
    played = Played(SQUATS.replace("[3, 5]", "[6, 8]"), home / "sessions")
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 3)
        played.leg.now.still(12)
        await played.phase(pilot, Phase.REST)
        played.leg.now.reps(3)
        await until(pilot, lambda: played.driver.view.corrected == 6)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: bool(played.over))

    path = played.driver.paths[0]
    assert (summarise_session(path).corrected_count, summarise_session(path).sets) == (6, 1)
    assert [(one.number, len(one.reps)) for one in play_file(path).sets] == [(1, 6)]
    assert [rep.number for rep in load_playback(path).reps] == [1, 2, 3, 4, 5, 6]


async def test_one_key_stops_on_pain_and_red_ends_the_exercise() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 3)
        await pilot.press("p")
        await until(pilot, lambda: "How much does it hurt?" in text_of(pilot))
        await pilot.press("8")
        await until(pilot, lambda: bool(played.over))

    assert played.driver.runner.worst_pain == 8
    assert {result.ended for result in played.driver.runner.results.values()} == {"pain"}


async def test_the_key_for_pain_also_works_while_the_help_is_open() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 3)
        await pilot.press("question_mark")
        await on_screen(pilot, "HelpScreen")

        await pilot.press("p")

        await played.phase(pilot, Phase.PAIN)
        await on_screen(pilot, "SessionScreen")


async def test_in_a_small_terminal_the_count_stays_large_and_every_score_can_be_chosen() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen, size=(60, 20)) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 3)
        await pilot.pause()
        assert pilot.app.screen.query_one("#count").size.height >= 8

        await pilot.press("p")
        await played.phase(pilot, Phase.PAIN)
        await until(pilot, lambda: bool(pilot.app.screen.query_one("#score-10").region))
        assert pilot.app.screen.query_one("#score-10").region.right <= 60


async def test_a_lost_link_is_said_in_place_and_the_set_goes_on() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 3)
        played.leg.now.say(LinkState.RECONNECTING)
        await until(pilot, lambda: "Connection lost. Keep going" in text_of(pilot))
        assert played.driver.view.corrected == 3
        assert played.driver.view.phase is Phase.WORK

        played.leg.now.say(LinkState.STREAMING, battery_percent=9)
        await until(pilot, lambda: "battery is low" in text_of(pilot))
        assert "Connection lost" not in text_of(pilot)


async def test_pause_says_so_and_the_set_goes_on_with_its_count() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await played.a_set(pilot, 3)
        await pilot.press("space")
        await until(pilot, lambda: "Paused" in text_of(pilot))
        played.leg.now.still(40)
        await until(pilot, lambda: not played.leg.now.angles)
        await pilot.press("space")
        await until(pilot, lambda: "Going on with this set" in text_of(pilot))
        played.leg.now.reps(2)
        await until(pilot, lambda: played.driver.view.corrected == 5)

        assert played.driver.view.phase is Phase.WORK
        assert played.driver.view.bout is played.driver.runner.bouts[0]


async def test_a_stretch_runs_while_the_leg_is_still() -> None:
    played = Played(STRETCH)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Take up the position: it begins by itself" in text_of(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Still: the clock runs" in text_of(pilot))
        played.leg.now.still(21)
        await until(pilot, lambda: bool(played.over))

    assert played.driver.runner.results[1].held_s >= 20.0


async def test_nobody_speaks_of_stillness_in_a_massage() -> None:
    played = Played('[[exercises]]\nexercise = "massage"\nsets = 2\nseconds = 20\nrest_s = 20\nmount = "thigh"\n')
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "At ease: the clock runs" in text_of(pilot))
        played.leg.now.still(5)
        await until(pilot, lambda: played.driver.view.done_s > 3.0)
        await pilot.press("enter")
        await played.phase(pilot, Phase.REST)
        await until(pilot, lambda: "Massage: " in text_of(pilot))
        assert "still" not in text_of(pilot).lower()


async def test_the_sensor_is_put_on_first_and_the_other_leg_asks_again() -> None:
    played = Played(SQUATS.replace("sets = 2", 'sets = 1\nlegs = "both"'), worn=False)
    async with app_on(played.screen) as pilot:
        await until(pilot, lambda: "Put the sensor on the right leg" in text_of(pilot))
        await pilot.click("#go")
        await played.streaming(pilot)
        await pilot.press("s")
        await played.phase(pilot, Phase.MOVE)
        await until(pilot, lambda: "Put the sensor on the left leg" in text_of(pilot))


async def test_nothing_is_said_to_look_for_the_sensor_before_it_sits() -> None:
    played = Played(SQUATS, worn=False)
    async with app_on(played.screen) as pilot:
        await played.phase(pilot, Phase.MOVE)
        bar = pilot.app.screen.query_one(LinkBar)
        assert (played.leg.links, bar.words) == ([], "○ Not connected")
        await pilot.press("enter")
        await played.streaming(pilot)
        await until(pilot, lambda: bar.facts.state == "streaming")


async def test_a_new_set_up_gives_every_exercise_its_own_engine() -> None:
    played = Played(SQUATS + SQUATS.replace("squat", "lunge").replace("reps", 'mount = "thigh"\nreps'))
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        played.driver.press(Key.SKIP_EXERCISE)
        await until(pilot, lambda: len(played.leg.links) == 2)
        await played.streaming(pilot)
        await played.a_set(pilot, 3)

    assert [link.task.exercise for link in played.leg.links] == ["squat", "lunge"]


async def test_the_first_start_and_a_whole_session_over_the_virtual_sensor(home: Path) -> None:
    own = home / "config" / "programmes" / "hip-strength.toml"
    own.parent.mkdir(parents=True)
    own.write_text(f'format = 1\ntitle = "Short"\n{SQUATS.replace("sets = 2", "sets = 1")}')
    async with app_on(lambda: HomeScreen(speed=8.0)) as pilot:
        first: Any = await on_screen(pilot, "FirstStartScreen")
        for step, key in (("notice", "enter"), ("knee", "r"), ("sensor", "s"), ("strap", "enter")):
            await until(pilot, lambda step=step: first.step == step)  # type: ignore[misc]
            await pilot.press(key)
        align: Any = await on_screen(pilot, "AlignScreen")
        await until(pilot, lambda: align.guidance is not None and align.guidance.result is not None, within_s=60)
        assert "The sensor sits well" in text_of(pilot) or "Usable" in text_of(pilot)
        await pilot.press("enter")
        await on_screen(pilot, "GateScreen")
        await pilot.press("n")
        await on_screen(pilot, "PainScreen")
        await pilot.press("1")
        session: Any = await on_screen(pilot, "SessionScreen")
        assert session.driver.view.phase is Phase.READY
        await until(pilot, lambda: session.driver.view.corrected >= 5, within_s=60)
        await on_screen(pilot, "PainScreen", within_s=60)
        await pilot.press("2", "enter")
        await on_screen(pilot, "SummaryScreen")
        assert "5 reps" in text_of(pilot)
        await pilot.press("v")
        await on_screen(pilot, "ReplayScreen")
        await pilot.press("escape")
        await on_screen(pilot, "SummaryScreen")
        await pilot.press("enter")
        await on_screen(pilot, "HomeScreen")

    entry = diary_for(SIMULATED).entries()[0]
    assert entry.exercises[0].sets == (5,)
    assert (entry.pain.before, entry.pain.after) == (1, 2)
    assert list((home / "data" / "alignments").glob("simulated.right-thigh.json"))


async def test_the_gate_sends_home_without_a_session(home: Path) -> None:
    set_up()
    async with app_on(HomeScreen) as pilot:
        await pilot.press("enter")
        gate: Any = await on_screen(pilot, "GateScreen")
        gate.query_one("#gate-no-weight").value = True
        await pilot.press("y")
        await until(pilot, lambda: "No training now" in text_of(pilot))
        await pilot.press("enter")
        await on_screen(pilot, "HomeScreen")

    assert diary_for(SIMULATED).entries() == []


async def test_the_next_exercise_does_not_begin_with_a_lost_connection() -> None:
    played = Played(SQUATS + SQUATS.replace("squat", "lunge").replace("reps", 'mount = "thigh"\nreps'))
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        notices: list[tuple[str, ...]] = []
        played.driver.press(Key.SKIP_EXERCISE)
        await until(pilot, lambda: len(played.leg.links) == 2)
        played.leg.now.say(LinkState.SEARCHING)
        await until(pilot, lambda: notices.append(played.driver.view.notices) or played.driver.live is not None)
        await played.streaming(pilot)

    assert not any("link-lost" in codes for codes in notices)


async def test_an_alignment_between_sets_is_no_lost_connection() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        told: list[str] = []
        followed = played.driver.tell

        def tell(news: News) -> None:
            told.extend(effect.code for effect in news.effects if isinstance(effect, Say))
            followed(news)

        played.driver.tell = tell
        await pilot.press("g")
        await on_screen(pilot, "AlignScreen")
        await pilot.press("escape")
        await on_screen(pilot, "SessionScreen")
        await played.streaming(pilot)

        assert "link-lost" not in [*told, *played.driver.view.notices]
