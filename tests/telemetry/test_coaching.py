"""A coach asks somebody who trains for another number of reps: it is asked, answered, done and written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from app.stage import MadeLeg, text_of
from screen_waiting import hurry, until
from textual.pilot import Pilot

from kneeimu import words
from kneeimu.coaching.stage import Phase
from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.coach_line import CoachQuestion
from kneeimu.dashboard.screens.session import SessionScreen
from kneeimu.dashboard.screens.session_start import publish_session
from kneeimu.dashboard.session_driver import SessionDriver
from kneeimu.exercises.programmes.plan import plan_session
from kneeimu.exercises.programmes.programme import parse_programme
from kneeimu.locations import config_dir
from kneeimu.sessions.recording import read_recording
from kneeimu.telemetry.watcher import Patient, Watcher

from .mosquitto_process import Mosquitto

SQUATS = '[[exercises]]\nexercise = "squat"\nsets = 2\nreps = [3, 5]\nrest_s = 20\n'
LUNGES = '[[exercises]]\nexercise = "lunge"\nsets = 1\nreps = [4, 6]\nmount = "thigh"\n'
STRETCH = '[[exercises]]\nexercise = "it-band-stretch"\nsets = 1\nseconds = 20\nmount = "thigh"\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KNEEIMU_SOUND", "off")
    monkeypatch.delenv("KNEEIMU_BROKER", raising=False)
    words.use_language("en")
    hurry(monkeypatch)
    return tmp_path / "home"


class Coached:
    """Someone at a programme, and a coach who watches."""

    def __init__(self, items: str, mosquitto: Mosquitto, folder: Path | None) -> None:
        programme = parse_programme(f'format = 1\ntitle = "Test"\n{items}', name="test")
        self.leg = MadeLeg()
        self.driver = SessionDriver(
            plan_session(programme, "right"), self.leg, worn=("right", "thigh"), folder=folder, programme="test"
        )
        self.over: list[SessionDriver] = []
        self.screen = SessionScreen(self.driver, title="Test", finished=self.over.append)
        self.app = KneeimuApp(lambda: self.screen)
        self.coach = Watcher(mosquitto.broker("coach"), ["anna"])
        (config_dir()).mkdir(parents=True, exist_ok=True)
        (config_dir() / "broker.toml").write_text(
            f'url = "mqtt://127.0.0.1:{mosquitto.port}"\nwearer = "anna"\napp = true\n'
        )

    @property
    def anna(self) -> Patient:
        return self.coach.patients["anna"]

    @asynccontextmanager
    async def training(self) -> AsyncIterator[Pilot[Any]]:
        publish_session(self.app, self.driver, self.screen)
        async with self.app.run_test(size=(100, 32)) as pilot:
            self.coach.start()
            await until(pilot, lambda: self.driver.live is not None and self.driver.live.time_s > 0.0)
            self.leg.now.still(3.5)
            await until(pilot, lambda: self.driver.live is not None and self.driver.live.time_s > 3.0)
            await until(pilot, lambda: self.anna.online and self.anna.state.session)
            yield pilot
            await self.coach.stop()

    async def a_set(self, pilot: Pilot[Any], reps: int) -> None:
        self.leg.now.reps(reps)
        await until(pilot, lambda: self.driver.view.corrected == reps)

    async def asked(self, pilot: Pilot[Any], reps: int) -> None:
        await self.coach.send_target("anna", reps)
        await until(pilot, lambda: f"Do {reps} reps?" in text_of(pilot))


async def test_an_accepted_target_changes_the_set_under_way_and_the_next_one(mosquitto: Mosquitto, home: Path) -> None:
    trained = Coached(SQUATS, mosquitto, home / "sessions")
    async with trained.training() as pilot:
        await trained.a_set(pilot, 2)
        assert trained.anna.state.target == 5
        await trained.asked(pilot, 4)
        assert "set 1 of 2 · 3–5 reps" in text_of(pilot)
        await pilot.press("y")
        await until(pilot, lambda: trained.anna.answer == "accepted" and trained.anna.state.target == 4)
        await until(pilot, lambda: "set 1 of 2 · 4 reps" in text_of(pilot))
        await until(pilot, lambda: not pilot.app.screen.query(CoachQuestion))

        trained.leg.now.reps(2)
        await until(pilot, lambda: "4 done. Stop here" in text_of(pilot))
        trained.leg.now.still(8)
        await until(pilot, lambda: trained.driver.view.phase is Phase.REST)
        upcoming = trained.driver.view.upcoming
        assert upcoming is not None
        assert upcoming.reps == (4, 4)
        await until(pilot, lambda: "set 2 of 2 · 4 reps" in text_of(pilot))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: bool(trained.over))

    notes = [one.data for one in read_recording(trained.driver.paths[0]).commands if one.name == "coach"]
    assert notes == [{"what": "target", "answer": "accepted", "reps": 4, "before": 5}]


async def test_a_declined_target_changes_nothing(mosquitto: Mosquitto, home: Path) -> None:
    trained = Coached(SQUATS, mosquitto, home / "sessions")
    async with trained.training() as pilot:
        await trained.a_set(pilot, 2)
        await trained.asked(pilot, 30)
        await pilot.press("n")
        await until(pilot, lambda: trained.anna.answer == "declined")
        assert trained.anna.state.target == 5
        assert trained.driver.view.bout is not None
        assert trained.driver.view.bout.reps == (3, 5)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: bool(trained.over))

    notes = [one.data for one in read_recording(trained.driver.paths[0]).commands if one.name == "coach"]
    assert notes == [{"what": "target", "answer": "declined", "reps": 30, "before": 5}]


async def test_the_question_can_be_answered_with_the_mouse(mosquitto: Mosquitto) -> None:
    trained = Coached(SQUATS, mosquitto, None)
    async with trained.training() as pilot:
        await trained.asked(pilot, 4)
        answers = pilot.app.screen.query_one("CoachQuestion .answers")
        await pilot.click(answers, offset=(2, 0))
        await until(pilot, lambda: trained.anna.answer == "accepted")
        assert trained.driver.view.bout is not None
        assert trained.driver.view.bout.reps == (4, 4)


async def test_a_target_already_reached_is_said_at_once(mosquitto: Mosquitto) -> None:
    trained = Coached(SQUATS, mosquitto, None)
    async with trained.training() as pilot:
        await trained.a_set(pilot, 4)
        await trained.asked(pilot, 3)
        await pilot.press("y")
        await until(pilot, lambda: "3 done. Stop here" in text_of(pilot))


async def test_a_target_is_refused_where_seconds_count(mosquitto: Mosquitto) -> None:
    trained = Coached(STRETCH, mosquitto, None)
    async with trained.training() as pilot:
        await trained.coach.send_target("anna", 12)
        await until(pilot, lambda: trained.anna.answer == "refused")
        assert any("12 reps would be better" in one.message for one in pilot.app._notifications)
        assert not pilot.app.check_action("answer_coach", (True,))


async def test_the_next_exercise_keeps_its_own_reps_and_an_old_question_is_over(mosquitto: Mosquitto) -> None:
    trained = Coached(SQUATS.replace("sets = 2", "sets = 1") + LUNGES, mosquitto, None)
    async with trained.training() as pilot:
        await trained.a_set(pilot, 3)
        await trained.asked(pilot, 4)
        await pilot.press("s", "s")
        await until(pilot, lambda: trained.anna.answer == "unanswered")
        await until(pilot, lambda: trained.anna.state.exercise == "lunge")
        await until(pilot, lambda: not pilot.app.screen.query(CoachQuestion))
        assert trained.anna.state.target == 6


async def test_a_coach_may_say_something_when_the_training_is_over(mosquitto: Mosquitto) -> None:
    trained = Coached(SQUATS, mosquitto, None)
    async with trained.training() as pilot:
        await trained.a_set(pilot, 3)
        await pilot.press("escape", "escape")
        await trained.driver.end()
        await until(pilot, lambda: trained.anna.state.phase == "ended")
        await trained.coach.send_message("anna", "Well done")
        await until(pilot, lambda: trained.anna.answer == "shown")
        assert any(one.message == "Well done" for one in pilot.app._notifications)
        await trained.coach.send_target("anna", 3)
        await until(pilot, lambda: trained.anna.answer == "refused")
