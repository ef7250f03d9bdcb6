"""Waiting for what an app in a test should do, and no longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual._wait import wait_for_idle
from textual.pilot import Pilot

QUIET_WITHIN_S = 0.04


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait but shortly for idleness after a key: an app that draws a moving leg is never idle, and waits a second."""
    for module in (textual.app, textual.pilot):
        monkeypatch.setattr(module, "wait_for_idle", partial(wait_for_idle, max_sleep=QUIET_WITHIN_S))


async def until(pilot: Pilot[Any], happened: Callable[[], object], *, within_s: float = 30.0) -> None:
    """Wait for it and for its drawing.

    Raises:
        AssertionError: it does not come; with what is on the screen.
    """
    end_s = time.monotonic() + within_s
    while not happened():
        if time.monotonic() > end_s:
            raise AssertionError(f"it did not happen within {within_s} s; on the screen:\n{shown(pilot)}")
        await asyncio.sleep(0.01)
    await pilot.pause()


def shown(pilot: Pilot[Any]) -> str:
    """All that stands on the screen."""
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
