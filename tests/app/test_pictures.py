"""What a person sees at three sizes: nothing that matters is cut off. ``scripts/screenshots.py`` makes the pictures."""

from __future__ import annotations

import html
import importlib.util
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from screen_waiting import until
from textual.pilot import Pilot
from textual.screen import Screen

from app.stage import READY, MadeLeg, app_on, fill_diary, past_session, set_up
from kneeimu.coaching.stage import Key, Phase
from kneeimu.dashboard.preferences import Preferences
from kneeimu.dashboard.screens.first_start import FirstStartScreen
from kneeimu.dashboard.screens.gate import GateScreen
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.dashboard.screens.pain import PainScreen
from kneeimu.dashboard.screens.programme_editor import ProgrammesScreen
from kneeimu.dashboard.screens.session import SessionScreen
from kneeimu.dashboard.screens.settings import SettingsScreen
from kneeimu.dashboard.session_driver import SessionDriver
from kneeimu.exercises.programmes.plan import plan_session
from kneeimu.exercises.programmes.programme import SHIPPED, load_programme

ROOT = Path(__file__).resolve().parents[2]
SIZES = [(80, 24), (120, 40), (200, 60)]


def seen(pilot: Pilot[Any]) -> str:
    """All text of the picture, spaces and all; what is cut off is not in it."""
    words = re.findall(r">([^<]*)</text>", pilot.app.export_screenshot())
    return re.sub(r"\s+", " ", " ".join(html.unescape(word) for word in words))


STILL: list[tuple[str, Callable[[], Screen[Any]], tuple[str, ...]]] = [
    ("welcome", lambda: FirstStartScreen(Preferences(), "thigh"), ("medical device", "Stop at sharp", "I understand")),
    ("gate", GateScreen, ("short breath", "losing weight", "None of these", "Yes, as ticked")),
    ("pain", lambda: PainScreen("before"), ("How much does the knee hurt now?", "10", "3–5 smaller and slower")),
    ("home", HomeScreen, ("Hip strength", "Side-lying leg raise", "Lunge", "Train (Enter)", "of 3 days", "Your week")),
    ("programmes", lambda: ProgrammesScreen("band", "left"), ("Band", "Relief", "20 sets", "Copy")),
    ("settings", lambda: SettingsScreen(READY), ("Trained knee", "Language", "Sound")),
]  # fmt: skip


async def resized(pilot: Pilot[Any]) -> AsyncIterator[str]:
    """Give the size in words while the screen has it."""
    for width, height in SIZES:
        await pilot.resize_terminal(width, height)
        await pilot.pause(0.1)
        yield f"{width}x{height}"


@pytest.mark.parametrize(("name", "screen", "words"), STILL, ids=[one[0] for one in STILL])
async def test_everything_that_matters_is_seen_at_every_size(
    name: str, screen: Callable[[], Screen[Any]], words: tuple[str, ...]
) -> None:
    set_up()
    fill_diary(past_session(0.01))
    async with app_on(screen) as pilot:
        async for size in resized(pilot):
            picture = seen(pilot)
            for word in words:
                assert word in picture, size


async def test_a_session_is_readable_at_every_size() -> None:
    programme = load_programme(SHIPPED / "hip-strength.toml")
    leg = MadeLeg()
    driver = SessionDriver(plan_session(programme, "right"), leg, worn=None, folder=None)

    async def readable(*words: str) -> None:
        async for _size in resized(pilot):
            await until(pilot, lambda: all(word in seen(pilot) for word in words))

    async with app_on(lambda: SessionScreen(driver, title=programme.title)) as pilot:
        await until(pilot, lambda: driver.view.phase is Phase.MOVE)
        await readable("Front of the right thigh")
        driver.press(Key.GO)
        await until(pilot, lambda: driver.live is not None and driver.live.time_s > 0.0)
        leg.now.still(3.5)
        await readable("Start moving", "set 1 of 3", "The sensor can't see")

        leg.now.reps(3)
        await until(pilot, lambda: driver.view.corrected == 3)
        await readable("of 8–12", "clean", "last rep", "Pain: stop")
        driver.press(Key.GO)
        await readable("seconds of rest", "Next: Side-lying leg raise")
        driver.press(Key.PAIN)
        await readable("6–10 stop this exercise")


async def test_nothing_depends_on_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with app_on(lambda: PainScreen("after")) as pilot:
        await pilot.press("6")
        await pilot.pause()

        assert "■ 6/10" in seen(pilot)
        colours = re.findall(r"fill: #([0-9a-f]{6})", pilot.app.export_screenshot())
        assert all(one[0:2] == one[2:4] == one[4:6] for one in colours if one not in ("c5c8c6",))


def screenshots() -> ModuleType:
    spec = importlib.util.spec_from_file_location("screenshots", ROOT / "scripts" / "screenshots.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["screenshots"] = module
    spec.loader.exec_module(module)
    return module


def test_the_review_page_shows_every_picture_at_every_size(tmp_path: Path) -> None:
    script = screenshots()
    for width, height in script.SIZES:
        (tmp_path / f"home-{width}x{height}.svg").write_text("<svg/>")

    page = script.review_page(tmp_path, ["home"]).read_text()

    assert re.findall(r'src="([^"]+)"', page) == [f"home-{w}x{h}.svg" for w, h in script.SIZES]


def test_blocks_become_shapes_that_touch_and_words_stay() -> None:
    svg = '<text class="a-r1" x="12.2" y="20" textLength="36.6" clip-path="url(#a-line-2)">█a▄</text>'

    drawn = screenshots().square_blocks(svg)

    assert drawn.count("<rect") == 2
    assert ">&#160;a&#160;</text>" in drawn
