"""The app on a small stage: wait for what should happen, read what is on the screen, and a leg to order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from array_link import SilentLink
from screen_waiting import until
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from kneeimu.coaching.pain import PainLog
from kneeimu.coaching.review import ExerciseReview
from kneeimu.coaching.safety import NOTICE_VERSION
from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.diary import Diary, Entry, diary_for
from kneeimu.dashboard.preferences import Preferences, save_preferences
from kneeimu.dashboard.source import Task
from kneeimu.live import Link
from kneeimu.sensors.stream import Batch, LinkState, LinkStatus
from kneeimu.types import Alignment, Mount, Samples, Side

READY = Preferences(notice=NOTICE_VERSION, sensor="simulated", sensor_name="Simulated sensor")


@asynccontextmanager
async def app_on(first: Callable[[], Screen[Any]], size: tuple[int, int] = (100, 32)) -> AsyncIterator[Pilot[None]]:
    async with KneeimuApp(first).run_test(size=size) as pilot:
        yield pilot


async def on_screen(pilot: Pilot[Any], name: str, *, within_s: float = 30.0) -> Any:
    """Wait for a screen by the name of its class."""
    await until(pilot, lambda: type(pilot.app.screen).__name__ == name, within_s=within_s)
    return pilot.app.screen


def text_of(pilot: Pilot[Any]) -> str:
    """All that can be read in the visible texts of the screen."""
    screen = pilot.app.screen
    words = [str(one.content) for one in screen.query(Static) if _shown(one)]
    return "\n".join(words)


def _shown(widget: Static) -> bool:
    return all(getattr(node, "display", True) for node in widget.ancestors_with_self)


def set_up(**changes: Any) -> None:
    """As if the first start had been gone through."""
    from dataclasses import replace

    save_preferences(replace(READY, **changes))


def past_session(days_ago: float, *, reps: int = 12, pain: PainLog | None = None, exercise: str = "squat") -> Entry:
    started = datetime.now(UTC) - timedelta(days=days_ago)
    one = ExerciseReview(
        exercise=exercise, side="right", band="light", target=(8, 12), sets=(reps, reps), detected=2 * reps,
        clean=2 * reps - 1, held_s=0.0, range_deg=45.0, drift_deg=1.0, drift_level="none", in_time=0.9, flags={},
        finished=True, praise="all-clean", work_on=None,
    )  # fmt: skip
    return Entry(f"s{days_ago}", started, "band", 1200.0, (one,), pain or PainLog(before=1, during=None, after=1))


def fill_diary(*entries: Entry) -> Diary:
    diary = diary_for(READY.sensor)
    for entry in entries:
        diary.add(entry)
    return diary


class MadeLeg:
    """A source whose thigh goes forwards and back when it is told to; the link can be broken on the way."""

    name = "made"

    def __init__(self, *, speed: float = 60.0) -> None:
        self.speed = speed
        self.links: list[MadeLink] = []

    def link(self, task: Task) -> Link:
        self.links.append(MadeLink(task, self.speed))
        return self.links[-1]

    @property
    def now(self) -> MadeLink:
        return self.links[-1]

    def find_alignment(self, side: Side, mount: Mount) -> Alignment | None:  # noqa: ARG002
        return None

    async def close(self) -> None:
        pass


class MadeLink(SilentLink):
    """Streams at 100 Hz: what was ordered ``speed`` times as fast as life, then stillness in real time."""

    def __init__(self, task: Task, speed: float) -> None:
        super().__init__()
        self.task, self.speed = task, speed
        self.statuses: asyncio.Queue[LinkStatus] = asyncio.Queue()
        self.angles: list[float] = []

    def reps(self, count: int, *, period_s: float = 3.0, range_deg: float = 60.0) -> None:
        phase = np.arange(int(100 * period_s)) / (100 * period_s)
        one = (np.radians(range_deg) * (1 - np.cos(2 * np.pi * phase)) / 2).tolist()
        self.angles += count * [*one, *([0.0] * 30)]

    def still(self, seconds: float) -> None:
        self.angles += [0.0] * round(100 * seconds)

    def say(self, state: LinkState, battery_percent: int | None = 80) -> None:
        self.statuses.put_nowait(
            LinkStatus(state, name="made", address="made", battery_percent=battery_percent, nominal_rate_hz=100.0)
        )

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        self.say(LinkState.STREAMING)
        n, angle, rng = 0, 0.0, np.random.default_rng(1)
        while not self.closed.is_set():
            while not self.statuses.empty():
                yield self.statuses.get_nowait()
            hurry = bool(self.angles)
            batch = [self.angles.pop(0) if self.angles else 0.0 for _ in range(20)]
            time_s = (n + np.arange(20)) / 100.0
            turned = np.array([angle, *batch])
            n, angle = n + 20, batch[-1]
            zero = np.zeros(20)
            acc = 9.81 * np.column_stack((np.sin(turned[1:]), np.cos(turned[1:]), zero)) + rng.normal(0, 0.01, (20, 3))
            gyr = np.column_stack((zero, zero, np.diff(turned) * 100.0)) + rng.normal(0, 0.001, (20, 3))
            yield Batch(Samples(time_s, acc, gyr), ())
            await asyncio.sleep(0.2 / self.speed if hurry else 0.2)
