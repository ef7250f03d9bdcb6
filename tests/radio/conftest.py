"""A virtual air for each test, and a ward full of sick sensors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from firmware_sim import bleak_backend
from firmware_sim.air import serve

from .virtual import Heard
from .ward import ROWS, Ward


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the tests of this folder, put those that wait for the ward last: it goes on beside the others."""
    places = [i for i, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ordered = sorted((items[i] for i in places), key=_waits_for_the_ward)
    for i, item in zip(places, ordered, strict=True):
        items[i] = item


def _waits_for_the_ward(item: pytest.Item) -> bool:
    return "outcomes" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", autouse=True)
def ward(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """The sick sensors that the chosen tests ask for; they all fail side by side."""
    chosen = {item.callspec.params.get("row") for item in request.session.items if hasattr(item, "callspec")}
    ward = Ward({name: row for name, row in ROWS.items() if name in chosen}, tmp_path_factory.mktemp("ward"))
    yield ward
    ward.close()


@pytest.fixture(scope="session")
def outcomes(ward: Ward) -> dict[str, Heard]:
    """What was heard of each of them."""
    return ward.heard()
