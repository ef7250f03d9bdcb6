"""A virtual air for each test, and a ward full of sick sensors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from firmware_sim import bleak_backend
from firmware_sim.air import serve

from .virtual import Heard
from .ward import ROWS, run_rows


@pytest.fixture
def air_address() -> Iterator[str]:
    """A place for an air; the path must be short enough for a socket."""
    with TemporaryDirectory(prefix="air") as folder:
        yield f"unix:{Path(folder) / 'air'}"


@pytest.fixture
async def air(air_address: str) -> AsyncIterator[str]:
    """An open air which plain bleak uses; sensors join it."""
    async with serve(air_address):
        undo = bleak_backend.install(air_address)
        try:
            yield air_address
        finally:
            await bleak_backend.close()
            undo()


@pytest.fixture(scope="session")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Heard]:
    """What was heard of each sick sensor that the chosen tests ask for; they all fail side by side."""
    chosen = {item.callspec.params.get("row") for item in request.session.items if hasattr(item, "callspec")}
    rows = {name: row for name, row in ROWS.items() if name in chosen}
    return run_rows(rows, tmp_path_factory.mktemp("ward"))
