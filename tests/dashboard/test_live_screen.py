"""The live screen, driven by keys, on recorded movements."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from array_link import ArrayLink, SilentLink, squats
from screen_waiting import shown, until
from textual.pilot import Pilot

from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.screens.live import LiveScreen, link_facts
from kneeimu.dashboard.screens.live_pain import PainPrompt
from kneeimu.dashboard.sound import Sound
from kneeimu.errors import SensorError
from kneeimu.live import Link, LiveSession, LiveUpdate
from kneeimu.sensors.stream import Batch, LinkState, LinkStatus
from kneeimu.types import Alignment, Rep, RepCounted, Samples, SetEnded, SetStarted, SetSummary, Setup

ALIGNED = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 2.0, 0.0, 60.0)


@asynccontextmanager
async def live(
    reps: int = 4, size: tuple[int, int] = (80, 24), speed: float | None = None, alignment: Alignment | None = ALIGNED,
    played: list[str] | None = None,
) -> AsyncIterator[tuple[LiveScreen, Pilot[None]]]:  # fmt: skip
    """The app on its live screen."""
    link = ArrayLink(squats(reps), speed=speed, batch=40)
    session = LiveSession(Setup("squat", "right", "thigh", 100.0, alignment), link)
    sound = Sound(played.append) if played is not None else None
    screen = LiveScreen(session, target=10, sound=sound)
    async with KneeimuApp(lambda: screen).run_test(size=size, notifications=True) as pilot:
        yield screen, pilot


async def test_the_count_rises_with_the_reps() -> None:
    async with live(reps=4) as (screen, pilot):
        await until(pilot, lambda: screen.board.count.count == 4)
        assert screen.board.count.caption.startswith("of 10")
        assert [row.number for row in screen.board.table.rows] == [1, 2, 3, 4]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_everything_has_its_place_at_every_size(size: tuple[int, int]) -> None:
    async with live(size=size) as (screen, pilot):
        await until(pilot, lambda: screen.board.count.count == 4)
        await pilot.pause()
        text = shown(pilot)
        for words in ("Connected", "Squat · right leg", "battery", "100 Hz", "Last rep", "inwards", "Quit", "✓  4"):
            assert words in text, words
        assert screen.board.count.size.height >= size[1] // 3


async def test_a_terminal_may_change_its_size_meanwhile() -> None:
    async with live(reps=40, speed=10) as (screen, pilot):
        for width, height in ((20, 6), (1, 1), (44, 50), (300, 90), (80, 24)):
            await pilot.resize_terminal(width, height)
            before = screen.frames
            await until(pilot, lambda before=before: screen.frames > before)  # type: ignore[misc]
        assert "Connected" in shown(pilot)


@pytest.mark.parametrize(
    ("link", "said"), [(SilentLink(), "waiting for the sensor"), (ArrayLink(squats(0)), "ready: start moving")]
)
async def test_nobody_is_told_to_move_before_the_sensor_is_there(link: Link, said: str) -> None:
    screen = LiveScreen(LiveSession(Setup("squat", "right", "thigh", 100.0), link))
    async with KneeimuApp(lambda: screen).run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: said in shown(pilot))


async def test_the_digits_are_as_tall_as_their_place() -> None:
    async with live(size=(120, 40)) as (screen, pilot):
        await until(pilot, lambda: screen.board.count.count == 4)
        await pilot.pause()
        count = screen.board.count
        inked = [y for y in range(count.size.height - 1) if "█" in count.render_line(y).text]
        assert len(inked) >= 0.8 * count.size.height


async def test_undo_and_add_show_both_counts() -> None:
    async with live(reps=4) as (screen, pilot):
        await until(pilot, lambda: screen.session.tally.detected == 4)
        await pilot.press("u", "u", "a")
        await until(pilot, lambda: screen.board.count.count == 3)
        assert "4 detected" in screen.board.count.caption
        notes = [row.note for row in screen.board.table.rows]
        assert notes == ["", "", "taken back", "taken back", "added"]


async def test_a_set_is_started_and_ended_by_key() -> None:
    async with live(reps=40, speed=20) as (screen, pilot):
        await until(pilot, lambda: screen.session.time_s > 1.0)
        await pilot.press("s")
        await until(pilot, lambda: screen.session.tally.in_set)
        await until(pilot, lambda: screen.session.tally.count >= 2)
        await pilot.press("s")
        await until(pilot, lambda: screen.session.tally.sets_done > 0)
        assert screen.session.tally.total >= 2


async def test_pause_says_so_and_goes_on() -> None:
    async with live(reps=40, speed=20) as (screen, pilot):
        await until(pilot, lambda: screen.session.time_s > 1.0)
        await pilot.press("space")
        await until(pilot, lambda: "paused" in shown(pilot))
        await pilot.press("space")
        await until(pilot, lambda: "paused" not in shown(pilot))


async def test_pain_is_asked_and_noted_while_the_session_goes_on() -> None:
    async with live(reps=40, speed=20) as (screen, pilot):
        await until(pilot, lambda: screen.session.time_s > 1.0)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, PainPrompt))
        before_s = screen.session.time_s
        await until(pilot, lambda: screen.session.time_s > before_s + 0.5)
        await pilot.press("6")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert [mark.level for mark in screen.session.tally.pain] == [6]
        await until(pilot, lambda: "■ 6/10" in shown(pilot))


async def test_pain_can_be_answered_by_mouse() -> None:
    async with live(reps=40, speed=20) as (screen, pilot):
        await until(pilot, lambda: screen.session.time_s > 1.0)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, PainPrompt))
        await pilot.click("#pain-10")
        await until(pilot, lambda: [mark.level for mark in screen.session.tally.pain] == [10])


async def test_sounds_are_heard_until_muted() -> None:
    played: list[str] = []
    async with live(reps=40, speed=20, played=played) as (screen, pilot):
        await until(pilot, lambda: screen.session.tally.count >= 2)
        await pilot.press("m")
        await until(pilot, lambda: screen.sound.muted)
        heard = list(played)
        await until(pilot, lambda: screen.session.tally.count >= 4)
        assert heard.count("rep") >= 2
        assert played == heard


async def test_the_gauge_speaks_beside_its_colour() -> None:
    async with live(reps=3) as (screen, pilot):
        await until(pilot, lambda: screen.board.gauge.drift_deg is not None)
        assert "knee over the foot" in screen.board.gauge.words


async def test_the_limits_of_the_gauge_are_those_of_the_exercise_and_mount() -> None:
    session = LiveSession(Setup("squat", "left", "shin", 100.0), ArrayLink(squats(1)))
    screen = LiveScreen(session)
    async with KneeimuApp(lambda: screen).run_test(size=(120, 40)):
        screen.board.gauge.drift_deg = 3.2
        assert screen.board.gauge.zone == "amber"
        assert "3°" in screen.board.gauge.render_line(2).text


async def test_without_an_alignment_the_gauge_says_what_to_do() -> None:
    async with live(reps=2, alignment=None) as (screen, pilot):
        await until(pilot, lambda: screen.session.tally.count == 2)
        assert "align the sensor first" in shown(pilot)


async def test_theme_and_help_have_keys() -> None:
    async with live(reps=2) as (_screen, pilot):
        assert pilot.app.current_theme.dark
        await pilot.press("t")
        assert not pilot.app.current_theme.dark
        await pilot.press("question_mark")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "HelpScreen")
        await pilot.press("question_mark")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "LiveScreen")


async def test_the_palette_finds_every_action() -> None:
    async with live(reps=2) as (screen, pilot):
        offered = {command.title for command in pilot.app.get_system_commands(screen)}
        own = {"Start or end the set", "Pause or go on", "Undo a rep", "Add a rep", "Note pain", "Sound on or off"}
        assert own <= offered


async def test_q_ends_app_and_session() -> None:
    session = LiveSession(Setup("squat", "right", "thigh", 100.0), ArrayLink(squats(2)))
    app = KneeimuApp(lambda: LiveScreen(session))
    async with app.run_test() as pilot:
        await until(pilot, lambda: session.tally.count == 1)
        await pilot.press("q")
    assert session._task is not None
    assert session._task.done()


async def test_no_color_leaves_only_shapes_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with live(reps=2) as (screen, pilot):
        await until(pilot, lambda: screen.session.tally.count == 2)
        assert pilot.app.no_color
        assert "● Connected" in shown(pilot)
        assert "● knee over the foot" in shown(pilot)


def test_the_link_bar_tells_loss_and_pause() -> None:
    status = LinkStatus(LinkState.STREAMING, name="S", received=980, lost=20, rate_hz=99.0, battery_percent=12)
    facts = link_facts(status, paused=True)
    assert facts.state == "paused"
    assert facts.loss_percent == pytest.approx(2.0)


async def test_a_lost_sensor_is_said_in_place_and_the_set_goes_on() -> None:
    async with live(reps=4) as (screen, pilot):
        await until(pilot, lambda: screen.session.tally.count == 4)
        screen.session._take(LinkStatus(LinkState.RECONNECTING, detail="try 2", name="S", received=1800, lost=0))
        await until(pilot, lambda: "the count waits" in shown(pilot))
        assert "Connection lost, trying again" in shown(pilot)
        assert screen.session.tally.in_set
        screen.session._take(LinkStatus(LinkState.STREAMING, name="S", received=1800, lost=150))
        await until(pilot, lambda: "the count waits" not in shown(pilot))
        assert "lost 7.7 %" in shown(pilot)


async def test_what_keeps_the_sensor_from_being_found_is_said() -> None:
    async with live(reps=2) as (screen, pilot):
        screen.session.time_s = 0.0
        words = "Bluetooth is off: switch it on"
        screen.session._take(LinkStatus(LinkState.SEARCHING, detail=words))
        await until(pilot, lambda: f"▲ {words}" in shown(pilot))


class BrokenLink(ArrayLink):
    """A link that gives up: what a missing radio or a refused sensor looks like."""

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        yield LinkStatus(LinkState.SEARCHING)
        raise SensorError("the sensor refused to stream", where="S1", advice="charge it and try again")


async def test_why_a_session_ended_stays_on_screen() -> None:
    session = LiveSession(Setup("squat", "right", "thigh", 100.0), BrokenLink(squats(1)))
    async with KneeimuApp(lambda: LiveScreen(session)).run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "✕ S1: the sensor refused to stream (charge it and try again)" in shown(pilot))


async def test_a_timed_exercise_counts_seconds_of_stillness() -> None:
    rest = squats(0, rate_hz=100.0)
    still = Samples(np.arange(2000) / 100, np.resize(rest.acc_m_s2, (2000, 3)), np.resize(rest.gyr_rad_s, (2000, 3)))
    session = LiveSession(Setup("it-band-stretch", "right", "thigh", 100.0), ArrayLink(still, speed=10))
    screen = LiveScreen(session)
    async with KneeimuApp(lambda: screen).run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: session.time_s > 2.0)
        assert screen.board.count.count == 0
        assert "key s starts the clock" in shown(pilot)
        await pilot.press("s")
        await until(pilot, lambda: (screen.board.count.count or 0) >= 12)
        assert "seconds · still" in shown(pilot)


async def test_the_seconds_of_a_timed_exercise_are_at_least_those_that_the_engine_has_seen() -> None:
    screen = LiveScreen(LiveSession(Setup("massage", "right", "thigh", 100.0), ArrayLink(squats(0))))
    async with KneeimuApp(lambda: screen).run_test(size=(80, 24)) as pilot:
        massage = Rep(1, 14.0, 26.0, 38.0, 24.0, 7.0, 0.0, 24.0, 0.0, 5.0)
        events = (SetStarted(33.0, 1), RepCounted(39.0, 1, massage), SetEnded(39.0, SetSummary(1, 33.0, 39.0, 1, 1)))
        for event in events:
            screen.session.tally.apply(event)
        screen.post_message(LiveScreen.Updated(LiveUpdate(39.0, events=events)))

        await until(pilot, lambda: screen.board.count.count == 24)
        assert "✓  1    24 s  clean" in shown(pilot)


async def test_pain_is_answered_also_before_the_sensor_is_there() -> None:
    screen = LiveScreen(LiveSession(Setup("squat", "right", "thigh", 100.0), SilentLink()))
    async with KneeimuApp(lambda: screen).run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, PainPrompt))
        await pilot.press("8")
        await until(pilot, lambda: any("■ 8/10" in note.message for note in pilot.app._notifications))
