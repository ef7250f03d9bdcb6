"""A sensor that never comes: the person is told where they look, and may count by hand."""

from __future__ import annotations

from typing import Any

import pytest
from array_link import SilentLink
from screen_waiting import until

from app.played_session import SQUATS, Played
from app.stage import MadeLeg, app_on, text_of
from kneeimu.dashboard.screens.align import AlignScreen
from kneeimu.dashboard.source import Task
from kneeimu.live import Link


class NoSensor(MadeLeg):
    """A source whose sensor is switched off."""

    def link(self, task: Task) -> Link:  # noqa: ARG002
        return SilentLink()


async def test_who_moves_without_a_sensor_is_told_that_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kneeimu.dashboard.session_driver.FOUND_WITHIN_S", 0.2)
    played = Played(SQUATS)
    played.driver.source = NoSensor()
    async with app_on(played.screen) as pilot:
        await until(pilot, lambda: "▲ No sensor yet, nothing is counted" in text_of(pilot))
        await pilot.press("enter", "enter", "+")
        await until(pilot, lambda: played.driver.view.corrected == 1)


async def test_a_sensor_that_comes_in_time_is_not_missed() -> None:
    played = Played(SQUATS)
    async with app_on(played.screen) as pilot:
        await played.streaming(pilot)
        assert played.driver.view.notices == ()


async def test_an_alignment_says_that_it_waits_for_the_sensor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kneeimu.dashboard.screens.align.FOUND_WITHIN_S", 0.2)
    async with app_on(lambda: AlignScreen(NoSensor(), "right", "thigh")) as pilot:
        await until(pilot, lambda: "No sensor yet. Is it on?" in text_of(pilot))


async def test_an_alignment_goes_on_when_the_sensor_comes_late(monkeypatch: pytest.MonkeyPatch) -> None:
    leg = MadeLeg()
    async with app_on(lambda: AlignScreen(leg, "right", "thigh")) as pilot:
        screen: Any = pilot.app.screen
        monkeypatch.setattr(screen, "_guide", None)
        screen._miss()
        await until(pilot, lambda: "Stand still" in text_of(pilot))
