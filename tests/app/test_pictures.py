"""What a person sees at three sizes: nothing that matters is cut off. ``scripts/screenshots.py`` makes the pictures."""

from __future__ import annotations

import html
import importlib.util
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from picture import at_rest, check_picture, sizes
from screen_waiting import shown
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen

from app.stage import READY, app_on, fill_diary, past_session, set_up
from kneeimu.coaching.review import habit_of
from kneeimu.dashboard.diary import advise_all, diary_for
from kneeimu.dashboard.preferences import SIMULATED, Preferences
from kneeimu.dashboard.screens.first_start import FirstStartScreen, FoundSensor
from kneeimu.dashboard.screens.gate import GateScreen
from kneeimu.dashboard.screens.history import HistoryScreen
from kneeimu.dashboard.screens.home import HomeScreen
from kneeimu.dashboard.screens.home_exercise import ExerciseScreen
from kneeimu.dashboard.screens.live_pain import PainPrompt
from kneeimu.dashboard.screens.pain import PainScreen, SettledPrompt
from kneeimu.dashboard.screens.programme_editor import NamePrompt, ProgrammeEditor, ProgrammesScreen, own_folder
from kneeimu.dashboard.screens.programme_form import ProgrammeForm
from kneeimu.dashboard.screens.session_replay import RecordingPrompt
from kneeimu.dashboard.screens.settings import KeyPrompt, SettingsScreen
from kneeimu.dashboard.screens.summary import SummaryScreen
from kneeimu.dashboard.screens.watch_one import LinePrompt
from kneeimu.exercises.programmes.programme import SHIPPED, load_programme
from kneeimu.words import _

ROOT = Path(__file__).resolve().parents[2]


def seen(pilot: Pilot[Any]) -> str:
    """All text of the picture, spaces and all; what is cut off is not in it."""
    words = re.findall(r">([^<]*)</text>", pilot.app.export_screenshot())
    return re.sub(r"\s+", " ", " ".join(html.unescape(word) for word in words))


NOW = datetime(2026, 5, 4, 17, 30, tzinfo=UTC)
OWN = (SHIPPED / "hip-strength.toml").read_text(encoding="utf-8")


class Still(datetime):
    """Clocks of pictures do not run."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return NOW.astimezone(tz) if tz is not None else NOW.replace(tzinfo=None)


def own_programme(text: str = OWN) -> Path:
    path = own_folder() / "mine.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def summary() -> SummaryScreen:
    entry = past_session(0.0)
    earlier = [past_session(4.0, reps=10), past_session(2.0, reps=11)]
    advice = advise_all(load_programme(SHIPPED / "band.toml"), "right", [*earlier, entry])
    habit = habit_of((one.day for one in (*earlier, entry)), NOW.date(), 3)
    return SummaryScreen(entry, earlier, advice, habit)


class Picker(FirstStartScreen):
    """Finds sensors of four kinds."""

    def _look_around(self) -> None:  # type: ignore[override]
        self._show_found(
            [FoundSensor("A0", "Movesense 2233", "Movesense", -54), FoundSensor("B1", "DOT 7", "Movella DOT", -77),
             FoundSensor("C2", "WT901", "WitMotion", -91), FoundSensor("D3", "kneeimu", "kneeimu")]
        )  # fmt: skip


Case = tuple[str, Callable[[], Screen[Any]], tuple[str, ...], tuple[str, ...]]
STILL: list[Case] = [
    ("first-welcome", lambda: FirstStartScreen(Preferences(), "thigh"), (), ("medical device", "Stop at sharp")),
    ("first-knee", lambda: FirstStartScreen(Preferences(), "thigh"), ("enter",), ("Which knee", "weaker one")),
    ("first-strap", lambda: FirstStartScreen(Preferences(), "thigh"), ("enter", "r", "s"), ("Strap it on", "it sits")),
    ("first-sensor", lambda: Picker(Preferences(), "thigh"), ("enter", "r"),
     ("Movesense 2233", "near", "far away", "4 found")),
    ("gate", GateScreen, (), ("short breath", "losing weight", "None of these", "Yes, as ticked")),
    ("gate-advice", GateScreen, ("shift+tab", "space", "y"), ("No training now", "A person can.")),
    ("pain", lambda: PainScreen("before"), (), ("How much does the knee hurt now?", "10", "3–5 smaller and slower")),
    ("pain-advice", lambda: PainScreen("before"), ("4",), ("▲ 4/10", "Go gently today")),
    ("home", HomeScreen, (), ("Hip strength", "Side-lying leg raise", "Lunge", "Train (Enter)", "of 3 days")),
    ("programmes", lambda: ProgrammesScreen("band", "left"), (), ("Band", "Relief", "20 sets", "Copy")),
    ("programme-form", lambda: ProgrammeForm(own_programme(), "right"), (), ("Sets", "Tempo back", "is good", "Add")),
    ("programme-text", lambda: ProgrammeEditor(own_programme(OWN.replace("[8, 12]", "[12, 8]")), "right"), (),
     ("line 11: reps runs backwards", "Save")),
    ("programme-name", lambda: NamePrompt("my-band"), (), ("my-band", "Esc goes back")),
    ("exercise", ExerciseScreen, ("down",), ("Clamshell", "Back")),
    ("history", lambda: HistoryScreen(diary_for(SIMULATED), 3), (), ("2026-05-04", "Minutes", "Search")),
    ("settings", lambda: SettingsScreen(READY), (), ("Trained knee", "Language", "Sound")),
    ("key", lambda: KeyPrompt("home.history", {}), ("p",), ("Home: history", "p is taken already: Home: programmes")),
    ("help", HomeScreen, ("question_mark",), ("Keys", "One exercise", "Esc closes this")),
    ("palette", HomeScreen, ("ctrl+p",), ("Search for what can be done", "Settings")),
    ("pain-settled", SettledPrompt, (), ("longer than an hour", "No (n)")),
    ("pain-live", PainPrompt, (), ("How much does it hurt now?", "10")),
    ("recordings", lambda: RecordingPrompt([Path("2026-05-04-squat.mcap"), Path("2026-05-04-lunge.mcap")]), (),
     ("Which recording?", "lunge")),
    ("coach-line", lambda: LinePrompt(_("Message (Enter sends, Esc goes back)")), (), ("Enter sends",)),
    ("summary", summary, (), ("Well done", "24 reps", "range 45°")),
]  # fmt: skip


async def test_every_screen_looks_as_it_did_and_nothing_that_matters_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    for module in ("app.stage", "kneeimu.dashboard.screens.home", "kneeimu.dashboard.diary"):
        monkeypatch.setattr(f"{module}.datetime", Still)
    set_up()
    fill_diary(past_session(0.01))
    different = []
    async with app_on(Screen) as pilot:  # one app for all: its start takes longer than all pictures of a screen
        for name, screen, keys, words in STILL:
            made = screen()
            if isinstance(made, ModalScreen):  # a prompt lies on another screen
                await pilot.app.push_screen(HomeScreen())
            await pilot.app.push_screen(made)
            await at_rest(pilot)
            await pilot.press(*keys)
            async for size in sizes(pilot):
                picture = " ".join(shown(pilot).split())
                different += [f"{name}-{size} does not show {word!r}" for word in words if word not in picture]
                try:
                    check_picture(pilot.app, f"{name}-{size}")
                except AssertionError as error:
                    different.append(str(error))
            while len(pilot.app.screen_stack) > 2:
                pilot.app.pop_screen()
    assert not different


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
