"""From the home screen through a session and back: gate, pain before, training, pain after, summary."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from textual.app import App

from kneeimu.coaching.pain import PainLog, light_of
from kneeimu.coaching.review import habit_of, review
from kneeimu.coaching.stage import Key
from kneeimu.dashboard.diary import Diary, Entry, advise_all, days_trained
from kneeimu.dashboard.preferences import SIMULATED, Preferences
from kneeimu.dashboard.screens.gate import GateScreen
from kneeimu.dashboard.screens.pain import PainScreen
from kneeimu.dashboard.screens.session import SessionScreen
from kneeimu.dashboard.screens.summary import SummaryScreen
from kneeimu.dashboard.session_driver import SessionDriver
from kneeimu.dashboard.sound import Sound, default_player, ring_bell
from kneeimu.dashboard.source import Source, source_for
from kneeimu.dashboard.voice import find_voice
from kneeimu.errors import KneeimuError
from kneeimu.exercises.programmes.plan import Bout
from kneeimu.exercises.programmes.programme import Programme
from kneeimu.locations import data_dir, sessions_dir
from kneeimu.telemetry.broker import settings_path
from kneeimu.types import Mount, Side
from kneeimu.words import _


class Training:
    """One session from the gate to the summary. Runs in a worker of the app.

    Args:
        bouts: the plan. diary: is written at the end.
        worn: where the sensor sits already.
        speed: time compression of the simulated sensor, for tests.
    """

    def __init__(
        self, app: App[Any], preferences: Preferences, programme: Programme, bouts: tuple[Bout, ...], diary: Diary, *,
        worn: tuple[Side, Mount] | None = None, speed: float = 1.0,
    ) -> None:  # fmt: skip
        self._app, self._preferences, self._programme, self._bouts = app, preferences, programme, bouts
        self._diary, self._worn, self._speed = diary, worn, speed
        self._began, self._duration_s = time.monotonic(), 0.0

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
            driver = await self._session(source, before)
        finally:
            await source.close()
        await self._afterwards(driver, before)

    async def _session(self, source: Source, before: int | None) -> SessionDriver:
        simulated = self._preferences.sensor == SIMULATED
        driver = SessionDriver(
            self._bouts,
            source,
            worn=self._worn,
            folder=data_dir() / "demo" if simulated else sessions_dir(),
            programme=self._programme.name,
            pain_before=before,
        )
        over = asyncio.Event()
        screen = SessionScreen(
            driver,
            title=_(self._programme.title),
            finished=lambda _driver: over.set(),
            sound=sound_of(self._preferences),
            voice=find_voice(wanted=self._preferences.speech),
        )
        publish_session(self._app, driver, screen)
        self._began = time.monotonic()
        await self._app.push_screen(screen)
        try:
            await over.wait()
        except asyncio.CancelledError:  # the app is left in the middle: what was done is kept
            driver.press(Key.FINISH)
            self._keep(self._entry(driver, before))
            raise
        self._duration_s = time.monotonic() - self._began
        await screen.dismiss()
        await driver.end()
        return driver

    async def _afterwards(self, driver: SessionDriver, before: int | None) -> None:
        entry = self._entry(driver, before)
        earlier = self._diary.entries()
        self._keep(entry)  # before anything is asked: the answer may never come
        after = await self._app.push_screen_wait(PainScreen("after")) if entry.exercises else None
        if after is not None:
            with self._told():
                self._diary.add_pain(entry.session, "after", after)
            entry = replace(entry, pain=entry.pain.note("after", after))
        entries = [*earlier, entry] if entry.exercises else earlier
        habit = habit_of(
            days_trained(entries),
            datetime.now(UTC).astimezone().date(),
            self._preferences.per_week or self._programme.per_week,
        )
        advice = advise_all(self._programme, cast(Side, self._preferences.knee), entries)
        await self._app.push_screen_wait(SummaryScreen(entry, earlier, advice, habit))

    def _entry(self, driver: SessionDriver, before: int | None) -> Entry:
        return Entry(
            session=driver.session,
            started_utc=driver.started_utc,
            programme=self._programme.name,
            duration_s=round(self._duration_s or time.monotonic() - self._began, 1),
            exercises=review(driver.runner.results.values(), driver.runner.bouts),
            pain=PainLog(before=before, during=driver.runner.worst_pain),
            recordings=tuple(str(path) for path in driver.paths),
            planned=len(driver.runner.bouts),
        )

    def _keep(self, entry: Entry) -> None:
        if entry.exercises or entry.pain.during is not None:
            with self._told():
                self._diary.add(entry)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What can't be written is told, and the app goes on."""
        try:
            yield
        except KneeimuError as error:
            self._app.notify(str(error), severity="error", markup=False)


def publish_session(app: App[Any], driver: SessionDriver, screen: SessionScreen) -> None:
    """Tell a coach or a home of the session, when the settings of the broker say so."""
    if not settings_path().exists():
        return
    from kneeimu.dashboard.coach_line import open_coach_line

    line = open_coach_line(app)  # type: ignore[arg-type]
    if line is not None:
        driver.on_live = lambda live, bout: line.attach(
            live, None if bout.item.seconds else bout.reps[1], driver, screen
        )


def sound_of(preferences: Preferences) -> Sound:
    """Give the sound that was wished for."""
    wish = preferences.sound
    return Sound(None if wish == "off" else ring_bell if wish == "bell" else default_player())
