"""A broker for each test that asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .mosquitto_process import PROGRAM, Mosquitto


@pytest.fixture
def make_mosquitto(tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    if PROGRAM is None:
        pytest.skip("mosquitto is not installed (Debian package mosquitto)")
    made: list[Mosquitto] = []

    def make(**options: Any) -> Mosquitto:
        folder = tmp_path / f"broker{len(made)}"
        folder.mkdir()
        made.append(Mosquitto(folder, **options))
        return made[-1]

    yield make
    for one in made:
        one.kill()


@pytest.fixture
def mosquitto(make_mosquitto: Callable[..., Mosquitto]) -> Mosquitto:
    """A broker that is up."""
    broker = make_mosquitto()
    broker.start()
    return broker
