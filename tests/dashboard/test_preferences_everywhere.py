"""What a person has set holds for demo, live and replay as well as for the home screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from array_link import ArrayLink, squats

from kneeimu.dashboard import sound
from kneeimu.dashboard.app import KneeimuApp
from kneeimu.dashboard.preferences import Preferences
from kneeimu.dashboard.screens.live import LiveScreen
from kneeimu.live import LiveSession
from kneeimu.types import Setup


async def test_theme_and_keys_are_as_set() -> None:
    preferences = Preferences(theme="kneeimu-light", keys={"live.mute": "f9"})
    screen = LiveScreen(LiveSession(Setup("squat", "right", "thigh", 100.0), ArrayLink(squats(1))))
    async with KneeimuApp(lambda: screen, preferences=preferences).run_test() as pilot:
        assert not pilot.app.current_theme.dark
        await pilot.press("m")
        assert not screen.sound.muted
        await pilot.press("f9")
        assert screen.sound.muted


@pytest.mark.parametrize(("language", "word"), [("de", "Aus"), ("en", "Quit")])
def test_the_language_is_as_set(tmp_path: Path, language: str, word: str) -> None:
    settings = tmp_path / "config" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text(f'language = "{language}"\n')
    environment = {name: value for name, value in os.environ.items() if name != "KNEEIMU_LANGUAGE"}
    program = "from kneeimu.dashboard.app import KneeimuApp as App; print([one.description for one in App.BINDINGS])"
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "KNEEIMU_HOME": str(tmp_path), "LANG": "C"}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert word in said


@pytest.mark.parametrize("wish", ["off", "bell", "tones"])
def test_sound_is_as_set(monkeypatch: pytest.MonkeyPatch, wish: str) -> None:
    monkeypatch.delenv("KNEEIMU_SOUND", raising=False)
    monkeypatch.setattr(sound.shutil, "which", lambda name: f"/usr/bin/{name}")
    player = sound.default_player(wish)
    kinds = {"off": player is None, "bell": player is sound.ring_bell, "tones": isinstance(player, sound.ToneFiles)}
    assert kinds[wish]
