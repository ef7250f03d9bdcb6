"""Every test keeps its files in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen_waiting import hurry


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KNEEIMU_LANGUAGE", "en")
    monkeypatch.setenv("KNEEIMU_SOUND", "off")
    hurry(monkeypatch)
