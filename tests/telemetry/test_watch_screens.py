"""The screens of MQTT: the wearer is shown what a coach sends, the coach sees who trains."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from array_link import ArrayLink, squats
from click.testing import CliRunner
from screen_waiting import hurry, shown, until
from textual.widgets import Input

from kneeimu.cli import kneeimu
from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.coach_line import CoachQuestion
from kneeimu.dashboard.screens.live import LiveScreen
from kneeimu.dashboard.screens.watch import PatientTile, WatchScreen
from kneeimu.dashboard.screens.watch_one import WatchOneScreen
from kneeimu.dashboard.widgets.big_count import BigCount
from kneeimu.errors import KneeimuError
from kneeimu.live import LiveSession
from kneeimu.telemetry.outbox import Outbox
from kneeimu.telemetry.payloads import CoachCommand, State, encode_state
from kneeimu.telemetry.session import SessionTelemetry
from kneeimu.telemetry.topics import topic
from kneeimu.telemetry.watcher import Watcher, WatcherStatus

from .mosquitto_process import Mosquitto
from .mqtt_stories import SQUAT, player, publishing
from .test_watching import NOWHERE


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KNEEIMU_LANGUAGE", "en")
    monkeypatch.setenv("KNEEIMU_SOUND", "off")
    monkeypatch.setenv("KNEEIMU_WEARER", "anna")
    monkeypatch.delenv("KNEEIMU_BROKER", raising=False)
    hurry(monkeypatch)


@pytest.mark.parametrize(("key", "answer", "target"), [("y", "accepted", 12), ("n", "declined", 10)])
async def test_a_changed_target_is_asked_and_answered(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch, key: str, answer: str, target: int
) -> None:
    monkeypatch.setenv("KNEEIMU_BROKER", f"127.0.0.1:{mosquitto.port}")
    screen = LiveScreen(LiveSession(SQUAT, ArrayLink(squats(2))), target=10, publish=True)
    watcher = Watcher(mosquitto.broker("coach"), ["anna"])
    app = KneeimuApp(lambda: screen)
    async with app.run_test(size=(100, 36)) as pilot:
        watcher.start()
        anna = watcher.patients["anna"]
        await until(pilot, lambda: anna.state.count == 2 and anna.online)
        assert not app.check_action("answer_coach", (True,))
        await watcher.send_target("anna", 12)
        await until(pilot, lambda: app.coach is not None and app.coach.asked)
        await until(pilot, lambda: bool(screen.query(CoachQuestion)))
        assert "Do 12 reps?" in shown(pilot)
        await pilot.press(key)
        await until(pilot, lambda: anna.answer == answer and anna.state.target == target)
        assert screen.board.target == target
        await watcher.send_message("anna", "Well done [bold]")
        await until(pilot, lambda: any(one.message == "Well done [bold]" for one in app._notifications))
        await until(pilot, lambda: anna.answer == "shown")
        await watcher.stop()


async def test_the_training_goes_on_without_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNEEIMU_BROKER", "127.0.0.1:9")
    session = LiveSession(SQUAT, ArrayLink(squats(3)))
    app = KneeimuApp(lambda: LiveScreen(session, publish=True))
    async with app.run_test() as pilot:
        await until(pilot, lambda: session.tally.count == 3)
        await until(pilot, lambda: any("no broker answers" in one.message for one in app._notifications))
    outbox = Outbox(Path(os.environ["KNEEIMU_HOME"]) / "state" / "mqtt" / "outbox-anna@127.0.0.1-9.sqlite")
    assert len(outbox) >= 5
    outbox.close()


async def test_nobody_is_told_without_being_asked_to(mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNEEIMU_BROKER", f"127.0.0.1:{mosquitto.port}")
    session = LiveSession(SQUAT, ArrayLink(squats(1)))
    app = KneeimuApp(lambda: LiveScreen(session))
    async with app.run_test() as pilot:
        await until(pilot, lambda: session.tally.count == 1)
        assert app.coach is None


async def test_the_wall_shows_who_trains_and_one_large(mosquitto: Mosquitto) -> None:
    screen = WatchScreen(Watcher(mosquitto.broker("coach")))
    app = KneeimuApp(lambda: screen)
    async with app.run_test(size=(100, 36)) as pilot, publishing(mosquitto.broker()) as (publisher, _):
        await until(pilot, lambda: screen.watcher.status.connected)
        asked: list[CoachCommand] = []
        session = player(3, speed=30.0)
        telemetry = SessionTelemetry(session, publisher, target=10, ask=asked.append)
        await session.run()
        await until(pilot, lambda: "3 of 10 · 3 clean" in "".join(tile._lines[1] for tile in screen.query(PatientTile)
                                                                if tile._lines))  # fmt: skip
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, WatchOneScreen))
        await until(pilot, lambda: app.screen.query_one(BigCount).count == 3)
        telemetry.leave()
        await pilot.press("m")
        await until(pilot, lambda: app.screen.query(Input))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, WatchOneScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)


async def test_a_coach_is_told_when_what_is_shown_is_old(mosquitto: Mosquitto) -> None:
    screen = WatchScreen(Watcher(mosquitto.broker("coach")), one="anna")
    app = KneeimuApp(lambda: screen)
    async with app.run_test(size=(100, 36)) as pilot, publishing(mosquitto.broker()) as (publisher, _):
        session = player(3, speed=30.0)
        telemetry = SessionTelemetry(session, publisher, target=10, ask=lambda _command: None)
        await session.run()
        await until(pilot, lambda: isinstance(app.screen, WatchOneScreen) and app.screen.query_one(BigCount).count == 3)
        assert "Connection lost" not in shown(pilot)

        mosquitto.kill()

        await until(pilot, lambda: "Connection lost, trying again" in shown(pilot))
        telemetry.leave()


def test_a_picture_that_changes_while_its_screen_is_put_up_harms_nobody() -> None:
    WatchOneScreen(Watcher(NOWHERE), "anna").show()


async def test_thirty_fit_on_the_wall_and_the_urgent_stand_out() -> None:
    watcher = Watcher(NOWHERE)
    for number in range(30):
        zone = ("good", "amber", "red")[number % 3]
        state = State(session="s", name=f"P{number:02}", phase="set", exercise="squat", side="left", set_number=1,
                      count=number, drift_deg=1.0, zone=zone)  # fmt: skip
        watcher.take(topic(f"p{number:02}", "state"), encode_state(state))
    screen = WatchScreen(watcher)
    async with KneeimuApp(lambda: screen).run_test(size=(160, 60)) as pilot:
        await until(pilot, lambda: all(tile._lines for tile in screen.query(PatientTile)) and screen._tiles)
        tiles = list(screen.query(PatientTile))
        assert [str(tile.border_title)[2:] for tile in tiles] == [f"P{number:02}" for number in range(30)]
        assert [tile.has_class("red") for tile in tiles[:3]] == [False, False, True]
        assert all(tile.region.bottom <= 59 for tile in tiles)


async def test_on_a_full_wall_who_went_away_gives_way_and_may_come_back() -> None:
    watcher = Watcher(NOWHERE)
    for number in range(30):
        watcher.take(topic(f"p{number:02}", "availability"), b"online")
    screen = WatchScreen(watcher)
    async with KneeimuApp(lambda: screen).run_test(size=(160, 60)) as pilot:
        await until(pilot, lambda: len(screen.query(PatientTile)) == 30)
        watcher.take(topic("a-new", "availability"), b"online")
        screen._status(WatcherStatus(True))
        await until(pilot, lambda: "30 people · 1 more find no room" in shown(pilot))
        for wearer, word in (("p05", b"offline"), ("a-new", b"online"), ("p08", b"offline"), ("p05", b"online")):
            watcher.take(topic(wearer, "availability"), word)
        await until(pilot, lambda: set(screen._tiles) == set(watcher.patients) and "a-new" in screen._tiles)
        assert len(screen.query(PatientTile)) == 30
        assert "p08" not in screen._tiles
        assert screen._tiles["p05"].patient is watcher.patients["p05"]


async def test_a_name_is_shown_as_it_is_whatever_it_holds() -> None:
    watcher = Watcher(NOWHERE)
    watcher.take(topic("anna", "state"), encode_state(State(session="s", name="[@click=app.quit]A[/]")))
    screen = WatchScreen(watcher)
    async with KneeimuApp(lambda: screen).run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: screen._tiles and screen._tiles["anna"]._lines)
        assert "… [@click=app.quit]A[/]" in pilot.app.export_screenshot().replace("&#160;", " ")


def test_publishing_and_watching_need_a_broker() -> None:
    live = ["publish", "--live", "--exercise", "squat", "--side", "left", "--mount", "thigh"]
    for arguments in (live, ["watch"], ["publish", "--forget"]):
        outcome = CliRunner().invoke(kneeimu, arguments, standalone_mode=False)
        assert isinstance(outcome.exception, KneeimuError)
        assert "no MQTT broker is set up" in str(outcome.exception)


def test_a_file_that_is_not_there_is_told_before_a_broker_is_asked_for(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(kneeimu, ["publish", str(tmp_path / "a.csv")], standalone_mode=False)
    assert isinstance(outcome.exception, KneeimuError)
    assert "there is no such file" in str(outcome.exception)


@pytest.mark.parametrize("arguments", [[], ["--live", "--forget"], ["--live"], ["x.csv", "--live"]])
def test_publish_says_what_it_needs(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNEEIMU_BROKER", "127.0.0.1:9")
    assert CliRunner().invoke(kneeimu, ["publish", *arguments]).exit_code == 2
