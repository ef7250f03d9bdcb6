"""A calibration with the sensor itself says what it waits for, and does not wait for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kneeimu.commands import calibrate_live
from kneeimu.errors import SensorError
from kneeimu.sensors.stream import LinkState, LinkStatus


class Unheard:
    """A link that says where it stands, and never finds a sensor."""

    status = LinkStatus(LinkState.SEARCHING)

    async def __aiter__(self) -> AsyncIterator[Any]:
        yield self.status
        yield LinkStatus(LinkState.SEARCHING, detail="Bluetooth is off")
        await asyncio.Event().wait()


async def test_who_calibrates_without_a_sensor_is_told_why_and_let_go(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calibrate_live, "PATIENCE_S", 0.01)
    source = calibrate_live._Sensor(Unheard())  # type: ignore[arg-type]

    with pytest.raises(SensorError, match="no samples came"):
        async for _samples in source.samples():
            pass

    assert capsys.readouterr().err.splitlines() == [
        "Looking for the sensor",
        "Looking for the sensor (Bluetooth is off)",
    ]
