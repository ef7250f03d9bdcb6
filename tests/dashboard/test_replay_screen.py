"""The replay: any moment of a recording or CSV file, by keys and mouse."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from array_link import squats
from click.testing import CliRunner
from screen_waiting import shown, until
from textual.pilot import Pilot

from kneeimu.commands.replay import command
from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.screens.replay import ReplayScreen, speed_words
from kneeimu.errors import InputError
from kneeimu.playback import Playback, load_playback, make_playback
from kneeimu.types import Alignment, Setup

UCI = Path(__file__).resolve().parents[3] / "shared" / "data" / "uci"
SETUP = Setup(
    "squat", "right", "thigh", 100.0, Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 2.0, 0.0, 60.0)
)


class Clock:
    """Seconds that go on when told."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(scope="module")
def playback() -> Playback:
    """Six squats with a pain mark and a rep taken back."""
    commands = [("pain", 12.0, {"level": 3}), ("correction", 12.5, {"by": -1})]
    samples = squats(6)
    return make_playback(Path("made.mcap"), SETUP, [samples, *commands])


@asynccontextmanager
async def replay(
    playback: Playback, size: tuple[int, int] = (80, 24), speed: float = 1.0
) -> AsyncIterator[tuple[ReplayScreen, Pilot[None], Clock]]:
    """The app on its replay screen, with a clock that only the test turns."""
    clock = Clock()
    screen = ReplayScreen(playback, speed=speed, clock=clock)
    async with KneeimuApp(lambda: screen).run_test(size=size, notifications=True) as pilot:
        yield screen, pilot, clock


async def test_the_help_says_of_each_key_what_it_does(playback: Playback) -> None:
    async with replay(playback) as (_screen, pilot, _clock):
        await pilot.press("question_mark")
        await until(pilot, lambda: "Esc closes this" in shown(pilot))

        for line in (r"n +Next rep", r"b +Previous rep", r"\+ +Faster", r"[-–] +Slower"):
            assert re.search(rf"\b{line}" if line[0].isalpha() else line, shown(pilot))


async def test_what_speaks_against_the_recording_is_told(playback: Playback) -> None:
    async with replay(replace(playback, notes=("looks like deg/s",))) as (_screen, pilot, _clock):
        assert [note.message for note in pilot.app._notifications] == ["looks like deg/s"]


async def test_it_plays_in_real_time(playback: Playback) -> None:
    async with replay(playback) as (screen, pilot, clock):
        clock.now_s += 6.0
        await until(pilot, lambda: screen.now_s == pytest.approx(6.0))
        assert screen.board.count.count == 1
        clock.now_s += 3.0
        await until(pilot, lambda: screen.board.count.count == 2)


@pytest.mark.parametrize("speed", [0.25, 16.0])
async def test_it_plays_slower_and_faster(playback: Playback, speed: float) -> None:
    async with replay(playback, speed=speed) as (screen, pilot, clock):
        clock.now_s += 1.0
        await until(pilot, lambda: screen.now_s == pytest.approx(speed))


async def test_speed_keys_go_from_a_quarter_to_sixteen(playback: Playback) -> None:
    async with replay(playback) as (screen, pilot, _clock):
        await pilot.press("plus", "plus", "plus", "plus", "plus")
        assert screen.speed == 16
        await pilot.press(*["minus"] * 8)
        assert screen.speed == 0.25
        assert "¼×" in shown(pilot)


async def test_pause_holds_the_moment(playback: Playback) -> None:
    async with replay(playback) as (screen, pilot, clock):
        await pilot.press("space")
        clock.now_s += 5.0
        await pilot.pause(0.2)
        assert screen.now_s == pytest.approx(playback.start_s)
        await pilot.press("space")
        clock.now_s += 5.0
        await until(pilot, lambda: screen.now_s == pytest.approx(playback.start_s + 5.0))


async def test_keys_jump_from_rep_to_rep(playback: Playback) -> None:
    starts = [one.rep.start_s for one in playback.reps if one.rep is not None]
    async with replay(playback) as (screen, pilot, _clock):
        await pilot.press("space", "n", "n", "n")
        assert screen.now_s == pytest.approx(starts[2] - 1.0)
        assert screen.board.count.count in (1, 2)
        await pilot.press("b")
        assert screen.now_s == pytest.approx(starts[1] - 1.0)
        await pilot.press("end", "b")
        assert screen.now_s == pytest.approx(starts[-1] - 1.0)
        await pilot.press("home", "b")
        assert screen.now_s == playback.start_s


async def test_the_end_is_the_end_and_play_begins_again(playback: Playback) -> None:
    async with replay(playback) as (screen, pilot, clock):
        clock.now_s += 1000.0
        await until(pilot, lambda: not screen.playing)
        assert screen.now_s == playback.end_s
        assert screen.board.count.count == playback.whole.count
        await pilot.press("space")
        assert screen.playing
        assert screen.now_s < playback.end_s


async def test_a_click_on_the_timeline_jumps(playback: Playback) -> None:
    async with replay(playback) as (screen, pilot, _clock):
        await pilot.press("space")
        middle = screen.timeline.size.width // 2
        await pilot.click(screen.timeline, offset=(middle, 1))
        share = (screen.now_s - playback.start_s) / (playback.end_s - playback.start_s)
        assert share == pytest.approx(0.5, abs=0.03)


async def test_the_timeline_shows_sets_reps_and_pain(playback: Playback) -> None:
    async with replay(playback) as (_screen, pilot, _clock):
        text = shown(pilot)
        assert "set 1" in text
        assert "✚" in text
        assert "×" in text
        assert text.count("╷") == 5


async def test_a_rep_is_compared_with_the_best(playback: Playback) -> None:
    async with replay(playback, size=(120, 40)) as (screen, pilot, _clock):
        await pilot.press("space", "n", "n", "c")
        screen.go(screen.now_s + 1.5)
        await pilot.pause()
        assert screen.compare.words[0].startswith("rep 2 against the best")
        assert "against the best" in shown(pilot)
        await pilot.press("c")
        await until(pilot, lambda: "against the best" not in shown(pilot))


async def test_the_figure_bends_with_the_recording(playback: Playback) -> None:
    rep = playback.reps[1].rep
    assert rep is not None
    async with replay(playback, size=(120, 40)) as (screen, pilot, _clock):
        await pilot.press("space")
        drawn = []
        for time_s in (rep.start_s, rep.turn_s):
            screen.go(time_s)
            await pilot.pause()
            hip = max(stick.end[1] for stick in screen.stick._sticks if stick.part == "leg")
            drawn.append(hip)
        assert drawn[1] < drawn[0] - 0.3


async def test_a_terminal_may_change_its_size_meanwhile(playback: Playback) -> None:
    async with replay(playback) as (screen, pilot, clock):
        await pilot.press("c")
        for width, height in ((20, 6), (1, 1), (44, 50), (300, 90), (80, 24)):
            await pilot.resize_terminal(width, height)
            clock.now_s += 1.0
            await pilot.pause(0.1)
        await until(pilot, lambda: screen.now_s >= 5.0)
        assert "Recording" in shown(pilot)


async def test_the_palette_finds_every_action(playback: Playback) -> None:
    async with replay(playback) as (screen, pilot, _clock):
        offered = {command.title for command in pilot.app.get_system_commands(screen)}
        assert {"Play or pause", "Next rep", "Previous rep", "Compare with the best rep", "Faster", "Slower"} <= offered


@pytest.mark.skipif(not UCI.is_dir(), reason="the real recordings are not beside the project")
async def test_a_real_csv_is_replayed() -> None:
    playback = load_playback(
        UCI / "s1_knee-extension_right_shin_test.csv", exercise="knee-extension", side="right", mount="shin"
    )
    async with replay(playback, size=(120, 40)) as (screen, pilot, _clock):
        await pilot.press("space", "end")
        await pilot.pause()
        assert screen.board.count.count is not None
        assert "Seated knee" in shown(pilot)
        assert len(playback.sets()) == 3


def test_a_csv_without_an_exercise_is_asked_about(tmp_path: Path) -> None:
    file = tmp_path / "legs.csv"
    file.write_text("t,ax,ay,az,gx,gy,gz\n0,0,9.8,0,0,0,0\n0.01,0,9.8,0,0,0,0\n")
    with pytest.raises(InputError, match="--exercise"):
        load_playback(file)


def test_a_missing_file_is_told_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path / "none.mcap")])
    assert isinstance(result.exception, InputError)
    assert "none.mcap" in str(result.exception)


def test_any_moment_says_what_was_known_then(playback: Playback) -> None:
    counts = [playback.tally_at(t).count for t in (0.0, 5.5, 8.5, 11.5, 100.0)]
    assert counts == [0, 1, 2, 3, 5]
    assert playback.whole.detected == 6


def test_speeds_have_names() -> None:
    assert [speed_words(speed) for speed in (0.25, 0.5, 1.0, 16.0)] == ["¼×", "½×", "1×", "16×"]


async def test_the_recording_is_named_by_when_it_began(playback: Playback) -> None:
    recorded = replace(playback, path=Path("2026-05-04T102030Z_squat_right.mcap"))
    async with replay(recorded) as (_screen, pilot, _clock):
        await until(pilot, lambda: "Recording · 4 May 2026 " in shown(pilot))


async def test_escape_is_offered_only_where_there_is_a_way_back(playback: Playback) -> None:
    async with replay(playback) as (screen, pilot, _clock):
        assert "escape" not in screen.active_bindings
        inner = ReplayScreen(playback)
        await pilot.app.push_screen(inner)
        await until(pilot, lambda: "escape" in inner.active_bindings and inner.active_bindings["escape"].enabled)

        await pilot.press("escape")

        await until(pilot, lambda: pilot.app.screen is screen)


async def test_words_beside_the_figure_are_whole_in_a_small_terminal(playback: Playback) -> None:
    async with replay(playback) as (screen, pilot, clock):
        screen.stick.note = "from the movement angle"
        clock.now_s += 9.0
        await until(pilot, lambda: screen.now_s > 8.0)
        await pilot.press("c")
        await pilot.resize_terminal(80, 30)
        await pilot.pause()

        def read(widget: Any) -> str:
            rows = ("".join(part.text for part in widget.render_line(y)).strip() for y in range(widget.size.height))
            return " ".join(" ".join(rows).split())

        assert "from the movement angle" in read(screen.stick)
        assert all(words in read(screen.compare) for words in screen.compare.words)
