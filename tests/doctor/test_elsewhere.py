"""Bluetooth on macOS and Windows, where only a scan tells: looked at with the virtual radio in the place of theirs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from tempfile import TemporaryDirectory

import pytest
from radio.virtual import sensor_process

from firmware_sim import bleak_backend
from firmware_sim.air import serve
from kneeimu.doctor import elsewhere

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sockets with a path")


@pytest.fixture(autouse=True)
def radio(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A place for an air that bleak looks for; nobody has opened it yet."""
    monkeypatch.setattr(elsewhere, "SCAN_S", 1.0)
    with TemporaryDirectory(prefix="air") as folder:
        place = f"unix:{folder}/air"
        undo = bleak_backend.install(place)
        yield place
        undo()


async def test_sensors_in_reach_show_that_bluetooth_works(radio: str) -> None:
    async with serve(radio), sensor_process("--transport", radio, "--join", "--reps", "0", "--mount", "both"):
        (finding,) = await elsewhere.check_by_scanning("darwin")
        await bleak_backend.close()
    assert (finding.code, finding.level) == ("bluetooth", "ok")
    assert "2 devices in reach" in finding.what


@pytest.mark.parametrize(
    ("platform", "advice"), [("darwin", "Privacy & Security"), ("win32", "do not pair the sensor")]
)
async def test_silence_is_told_with_what_to_look_at(radio: str, platform: str, advice: str) -> None:
    async with serve(radio):
        (finding,) = await elsewhere.check_by_scanning(platform)
        await bleak_backend.close()
    assert finding.code == "bluetooth-silent"
    assert advice in finding.advice


async def test_a_machine_without_bluetooth_is_told() -> None:
    (finding,) = await elsewhere.check_by_scanning("win32")
    assert (finding.code, finding.level) == ("bluetooth", "bad")
    assert "this radio can't be opened" in finding.what
    assert "Radios" in finding.advice
