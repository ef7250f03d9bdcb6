"""A session screen on a made leg, and a publisher that keeps what it is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from screen_waiting import until
from textual.pilot import Pilot

from app.stage import MadeLeg, on_screen
from kneeimu.coaching.stage import Phase
from kneeimu.dashboard.screens.session import SessionScreen
from kneeimu.dashboard.session_driver import SessionDriver
from kneeimu.exercises.programmes.plan import plan_session
from kneeimu.exercises.programmes.programme import parse_programme
from kneeimu.live import LiveSession
from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.payloads import CoachCommand, State
from kneeimu.telemetry.session import SessionTelemetry
from kneeimu.types import Mount, Side

SQUATS = '[[exercises]]\nexercise = "squat"\nsets = 2\nreps = [3, 5]\nrest_s = 20\n'
STRETCH = '[[exercises]]\nexercise = "it-band-stretch"\nsets = 1\nseconds = 20\n'


async def streaming(pilot: Pilot[Any], driver: SessionDriver, leg: MadeLeg) -> None:
    """Wait until the present exercise's engine has seen three seconds of stillness."""
    await until(pilot, lambda: driver.live is not None and driver.live.time_s > 0.0)
    leg.now.still(3.5)
    await until(pilot, lambda: driver.live is not None and driver.live.time_s > 3.0)


class Told:
    """A publisher that keeps what it is given."""

    broker = Broker("localhost", wearer="anna")

    def __init__(self) -> None:
        self.on_command: Callable[[CoachCommand], None] | None = None
        self.states: list[State] = []

    def state(self, state: State) -> None:
        self.states.append(state)

    def event(self, data: dict[str, Any]) -> None: ...

    def ticks(self, ticks: list[tuple[float, float, float | None]]) -> None: ...

    def listen(self, live: LiveSession) -> None:
        SessionTelemetry(live, self)


class Played:
    """A session screen on a made leg."""

    def __init__(
        self, items: str, folder: Path | None = None, *, worn: bool = True, pain_before: int | None = None
    ) -> None:
        programme = parse_programme(f'format = 1\ntitle = "Test"\n{items}', name="test")
        self.leg = MadeLeg()
        place: tuple[Side, Mount] = ("right", "thigh")
        self.driver = SessionDriver(
            plan_session(programme, "right"),
            self.leg,
            worn=place if worn else None,
            folder=folder,
            programme="test",
            pain_before=pain_before,
        )
        self.over: list[SessionDriver] = []

    def screen(self) -> SessionScreen:
        return SessionScreen(self.driver, title="Test", finished=self.over.append)

    async def phase(self, pilot: Pilot[Any], phase: Phase) -> None:
        await until(pilot, lambda: self.driver.view.phase is phase)

    async def streaming(self, pilot: Pilot[Any]) -> None:
        await streaming(pilot, self.driver, self.leg)

    async def a_set(self, pilot: Pilot[Any], reps: int) -> None:
        self.leg.now.reps(reps)
        await until(pilot, lambda: self.driver.view.corrected == reps)


async def begun_at_home(pilot: Pilot[None], leg: MadeLeg, *, pain_before: int) -> Any:
    """Begin to train from the home screen, and give the session's screen once the leg is heard."""
    await on_screen(pilot, "HomeScreen")
    await pilot.press("enter")
    await on_screen(pilot, "GateScreen")
    await pilot.press("n")
    await on_screen(pilot, "PainScreen")
    await pilot.press(str(pain_before))
    session: Any = await on_screen(pilot, "SessionScreen")
    await pilot.press("enter")
    await streaming(pilot, session.driver, leg)
    return session
