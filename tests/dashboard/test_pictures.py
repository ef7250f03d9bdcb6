"""How the live and the replay screen look at three sizes, from made data: the engine has no part in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from array_link import SilentLink
from picture import check_picture

from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.screens.live import LiveScreen
from kneeimu.dashboard.screens.replay import ReplayScreen
from kneeimu.dashboard.themes import DARK, LIGHT
from kneeimu.live import LiveSession
from kneeimu.motion.segment import multiply
from kneeimu.playback import Playback, Spoken
from kneeimu.sensors.stream import LinkState, LinkStatus
from kneeimu.types import Alignment, Cue, Event, Rep, RepCounted, SetStarted, Setup, Trace
from kneeimu.words import _

ALIGNED = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 2.0, 0.0, 58.0)
SETUP = Setup("squat", "right", "thigh", 100.0, ALIGNED)
PERIOD_S, DEPTH_DEG, TICK_HZ = 4.0, 58.0, 25.0
DRIFTS_DEG = (0.4, -0.6, 1.1, 0.2, 4.6, 6.1, 7.8, 1.0)
STATUS = LinkStatus(
    LinkState.STREAMING, name="kneeimu", battery_percent=87, nominal_rate_hz=100.0, rate_hz=100.2, received=9950,
    lost=50,
)  # fmt: skip


def made_rep(number: int, drift_deg: float) -> Rep:
    start_s = 2.0 + PERIOD_S * (number - 1)
    depth_deg = DEPTH_DEG + 2.0 * np.sin(number)
    flags = ("knee-in",) if drift_deg >= 4 else ()
    return Rep(
        number, start_s, start_s + 1.8, start_s + 3.6, 3.6, round(float(depth_deg), 1), 1.7, 0.2, 1.7, 70.0,
        medial_tilt_deg=drift_deg, medial_drift_deg=drift_deg, flags=flags,
    )  # fmt: skip


def made_events() -> list[Event]:
    events: list[Event] = [SetStarted(2.0, 1)]
    for number, drift_deg in enumerate(DRIFTS_DEG, 1):
        rep = made_rep(number, drift_deg)
        events.append(RepCounted(rep.end_s - 0.2, 1, rep))
        if number == 6:
            events.append(Cue(rep.end_s - 0.2, "knee-in", "amber"))
    return events


def made_trace(until_s: float) -> Trace:
    time_s = np.arange(0.0, until_s, 1 / TICK_HZ)
    angle, medial = np.zeros_like(time_s), np.zeros_like(time_s)
    for number, drift_deg in enumerate(DRIFTS_DEG, 1):
        rep = made_rep(number, drift_deg)
        share = np.clip((time_s - rep.start_s) / rep.duration_s, 0, 1)
        wave = (1 - np.cos(2 * np.pi * share)) / 2
        angle, medial = angle + rep.range_of_motion_deg * wave, medial + drift_deg * wave
    half, lean, zero = np.radians(angle) / 2, np.radians(medial) / 2, np.zeros_like(angle)
    flexed = np.column_stack((np.cos(half), zero, -np.sin(half), zero))
    leaned = np.column_stack((np.cos(lean), np.sin(lean), zero, zero))
    upright = (np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0)
    tilted = np.vstack([multiply(flexed[i : i + 1], tuple(leaned[i])) for i in range(len(time_s))])
    quats = multiply(tilted, upright)
    return Trace(time_s, angle, medial, quats)


async def live_picture(size: tuple[int, int], theme: str, name: str, status: LinkStatus = STATUS) -> None:
    screen = LiveScreen(LiveSession(SETUP, SilentLink()), target=10)
    app = KneeimuApp(lambda: screen, theme=theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        tally = screen.session.tally
        for event in made_events()[:-1]:
            tally.apply(event)
        trace = made_trace(30.0)
        screen.session.status, screen.session.time_s = status, 30.0
        screen.board.push_trace(trace, DEPTH_DEG)
        screen.board.show_tally(tally)
        for rep in tally.reps:
            screen.board.trace.mark(rep.time_s, str(rep.number))
        screen.board.set_class(True, "in-set")
        screen._show_link()
        screen.board.draw(30.0)
        await pilot.pause()
        check_picture(app, name)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (44, 46)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_live_screen_looks_as_it_did(size: tuple[int, int]) -> None:
    await live_picture(size, DARK.name, f"live-dark-{size[0]}x{size[1]}")


async def test_the_light_theme_looks_as_it_did() -> None:
    await live_picture((120, 40), LIGHT.name, "live-light-120x40")


async def test_no_color_looks_as_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    await live_picture((80, 24), DARK.name, "live-no-color-80x24")


async def test_a_lost_sensor_looks_as_it_did() -> None:
    lost = _("the connection was lost")
    status = LinkStatus(LinkState.RECONNECTING, detail=lost, name="kneeimu", battery_percent=12, received=9000)
    await live_picture((80, 24), DARK.name, "live-lost-80x24", status)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_replay_screen_looks_as_it_did(size: tuple[int, int]) -> None:
    trace = made_trace(36.0)
    commands: list[Any] = [Spoken(16.0, command=("pain", 16.0, {"level": 3}))]
    spoken = sorted([*(Spoken(event.time_s, event) for event in made_events()), *commands], key=lambda one: one.time_s)
    playback = Playback(Path("session.mcap"), SETUP, 0.0, 36.0, trace, tuple(spoken))
    screen = ReplayScreen(playback, clock=lambda: 0.0)
    app = KneeimuApp(lambda: screen)
    async with app.run_test(size=size) as pilot:
        await pilot.press("space")
        if size[0] > 80:
            await pilot.press("c")
        screen.go(27.4)
        await pilot.pause()
        check_picture(app, f"replay-{size[0]}x{size[1]}")
