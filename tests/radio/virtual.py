"""Virtual sensors in processes of their own, and what a link makes of them."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from kneeimu.engine import Engine
from kneeimu.live import LiveSession, LiveUpdate
from kneeimu.sensors.link import Batch, LinkState, LinkStatus, Notification, SensorLink
from kneeimu.sessions.recording import Recorder
from kneeimu.types import Event, RepCounted, RepRevoked, Samples, Setup

START_S = 30.0
SETUP = Setup("squat", "right", "thigh", 100.0)


@dataclass
class Heard:
    """All that came out of a link."""

    samples: list[Samples] = field(default_factory=list)
    statuses: list[LinkStatus] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    recording: Path | None = None

    @property
    def states(self) -> list[LinkState]:
        """The states in order, each once in a row."""
        states = [status.state for status in self.statuses]
        return [state for i, state in enumerate(states) if i == 0 or state != states[i - 1]]

    @property
    def told(self) -> str:
        """All details, a line each."""
        return "\n".join(dict.fromkeys(status.detail for status in self.statuses if status.detail))

    @property
    def last(self) -> LinkStatus:
        return self.statuses[-1]

    @property
    def count(self) -> int:
        """Reps that the engine counted and did not take back."""
        return sum(isinstance(e, RepCounted) for e in self.events) - sum(isinstance(e, RepRevoked) for e in self.events)

    @property
    def received(self) -> int:
        return sum(len(samples) for samples in self.samples)


@contextlib.asynccontextmanager
async def sensor_process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``python -m firmware_sim`` until the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "firmware_sim", "--die-with-parent", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        ready = await asyncio.wait_for(process.stdout.readline(), START_S)
        assert ready == b"READY\n"
        yield process
    finally:
        process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _never(_: Heard) -> bool:
    return False


async def listen(
    link: SensorLink, seconds: float, *, until: Callable[[Heard], bool] = _never, into: Heard | None = None,
    setup: Setup = SETUP,
) -> Heard:  # fmt: skip
    """Take what the link gives, with an engine running, for that long or until something is true; then close it."""
    heard = into if into is not None else Heard()
    engine = Engine(setup)
    async with link:
        end = asyncio.create_task(_close_after(link, seconds))
        async for item in link:
            if isinstance(item, LinkStatus):
                heard.statuses.append(item)
            else:
                take(heard, item, engine)
                if until(heard):
                    until = _never
                    end.cancel()
                    end = asyncio.create_task(link.close())
        await asyncio.wait({end})
    heard.events.extend(engine.finish())
    return heard


async def _close_after(link: SensorLink, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await link.close()


def take(heard: Heard, batch: Batch, engine: Engine) -> None:
    heard.notifications.extend(batch.notifications)
    if batch.samples is not None:
        heard.samples.append(batch.samples)
        heard.events.extend(engine.feed(batch.samples))


async def record(link: SensorLink, seconds: float, until: Callable[[Heard], bool], setup: Setup, folder: Path) -> Heard:
    """Hold a session as the app does, with engine and recording, for that long or until something is true."""
    heard = Heard()
    session = LiveSession(
        setup, link, open_recorder=lambda setup, sensor: Recorder.create(folder, setup, sensor=sensor)
    )
    over = asyncio.Event()

    def listener(update: LiveUpdate) -> None:
        heard.events.extend(update.events)
        heard.problems.extend(filter(None, [update.problem]))
        if update.samples is not None:
            heard.samples.append(update.samples)
        if update.status is not None:
            heard.statuses.append(update.status)
        if until(heard):
            over.set()

    session.subscribe(listener)
    session.start()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await over.wait()
    await session.stop()
    heard.recording = session.path
    return heard


def scenario_file(folder: Path, reps: int = 4, mount: str = "thigh", stand_s: float = 1.5) -> Path:
    """Write a short set of quick squats."""
    path = folder / "scenario.toml"
    path.write_text(
        f'mount = "{mount}"\nreps = {reps}\ntempo_s = [0.7, 0.1, 0.7, 0.3]\nseed = 5\nvariation = 0\n'
        f'before = ["stand {stand_s}"]\nafter = ["stand 1"]\n'
    )
    return path
