"""A virtual air for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from firmware_sim import bleak_backend
from firmware_sim.air import serve


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
