"""From the home screen through a session and back: gate, pain before, training, pain after, summary."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, cast

from textual.app import App

from kneeimu.coaching.pain import PainLog, light_of
from kneeimu.coaching.review import habit_of, review
from kneeimu.dashboard.diary import Diary, Entry, advise_all
from kneeimu.dashboard.preferences import SIMULATED, Preferences
from kneeimu.dashboard.screens.gate import GateScreen
from kneeimu.dashboard.screens.pain import PainScreen
from kneeimu.dashboard.screens.session import SessionScreen
from kneeimu.dashboard.screens.summary import SummaryScreen
from kneeimu.dashboard.session_driver import SessionDriver
from kneeimu.dashboard.sound import Play, Sound, default_player, ring_bell
from kneeimu.dashboard.source import Source, source_for
from kneeimu.dashboard.voice import find_voice
from kneeimu.errors import KneeimuError
from kneeimu.exercises.programmes.plan import Bout
from kneeimu.exercises.programmes.programme import Programme
from kneeimu.sessions.locations import data_dir, sessions_dir
from kneeimu.types import Side
from kneeimu.words import _


class Training:
    """One session from the gate to the summary. Runs in a worker of the app.

    Args:
        bouts: the plan. diary: is written at the end.
        speed: time compression of the simulated sensor, for tests.
    """

    def __init__(
        self, app: App[Any], preferences: Preferences, programme: Programme, bouts: tuple[Bout, ...], diary: Diary, *,
        speed: float = 1.0,
    ) -> None:  # fmt: skip
        self._app, self._preferences, self._programme, self._bouts = app, preferences, programme, bouts
        self._diary, self._speed = diary, speed

    async def run(self) -> None:
        """Go through all of it; any step may end it."""
        gate = await self._app.push_screen_wait(GateScreen())
        if gate is None or not gate.allowed:
            return
        before = await self._app.push_screen_wait(PainScreen("before"))
        if before is not None and light_of(before) == "red":
            return
        source = source_for(self._preferences.sensor, speed=self._speed)
        try:
            driver = await self._session(source)
        finally:
            await source.close()
        await self._afterwards(driver, before)

    async def _session(self, source: Source) -> SessionDriver:
        simulated = self._preferences.sensor == SIMULATED
        driver = SessionDriver(
            self._bouts,
            source,
            worn=None,
            folder=data_dir() / "demo" if simulated else sessions_dir(),
            programme=self._programme.name,
        )
        over = asyncio.Event()
        screen = SessionScreen(
            driver,
            title=_(self._programme.title),
            finished=lambda _driver: over.set(),
            sound=Sound(_player(self._preferences.sound)),
            voice=find_voice(wanted=self._preferences.speech),
        )
        began = time.monotonic()
        await self._app.push_screen(screen)
        await over.wait()
        await screen.dismiss()
        await driver.end()
        self._duration_s = time.monotonic() - began
        return driver

    async def _afterwards(self, driver: SessionDriver, before: int | None) -> None:
        reviews = review(driver.runner.results.values())
        after = await self._app.push_screen_wait(PainScreen("after")) if reviews else None
        log = PainLog(before=before, during=driver.runner.worst_pain, after=after)
        entry = Entry(
            driver.session, driver.started_utc, self._programme.name, round(self._duration_s, 1), reviews, log,
            tuple(str(path) for path in driver.paths),
        )  # fmt: skip
        earlier = self._diary.entries()
        if reviews:
            try:
                self._diary.add(entry)
            except KneeimuError as error:
                self._app.notify(str(error), severity="error", markup=False)
        entries = [*earlier, entry] if reviews else earlier
        knee = cast(Side, self._preferences.knee)
        habit = habit_of(
            (one.day for one in entries),
            datetime.now(UTC).astimezone().date(),
            self._preferences.per_week or self._programme.per_week,
        )
        advice = advise_all(self._programme, knee, entries)
        await self._app.push_screen_wait(SummaryScreen(entry, earlier, advice, habit))


def _player(wish: str) -> Play | None:
    return None if wish == "off" else ring_bell if wish == "bell" else default_player()
