"""A home of its own for every test, silent and in English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from screen_waiting import hurry

from kneeimu import words


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    monkeypatch.setenv("KNEEIMU_SOUND", "off")
    hurry(monkeypatch)
    words.use_language("en")
    yield tmp_path
    words.use_language("en")
