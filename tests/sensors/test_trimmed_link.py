"""A sensor that was calibrated streams corrected samples; what it sent stays as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import numpy as np

from calibration.device import RestCalibration, SixPositions
from calibration.profiles import DeviceProfile
from kneeimu.sensors.stream import Batch, LinkState, LinkStatus, Notification
from kneeimu.sensors.trimmed import TrimmedLink
from kneeimu.types import Samples

SAMPLES = Samples(np.arange(4) / 100, np.full((4, 3), 1.0), np.full((4, 3), 0.5))
SENT = (Notification(0.0, "motion", b"raw"),)
PROFILE = DeviceProfile(
    "AA",
    "2026-01-01T00:00:00+00:00",
    RestCalibration((0.1, 0.2, 0.3), (0.0, 0.0, 0.0), 9.81, 5.0),
    SixPositions(((2.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.5, 0.0, 0.0), 0.0, {}, 0.0, 0.0),
)


class Played:
    """A link that gives these items."""

    def __init__(self, *items: Batch | LinkStatus) -> None:
        self.items, self.open = items, False

    async def __aenter__(self) -> Played:
        self.open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self.open = False

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        for item in self.items:
            yield item


async def heard(link: Any, known: dict[str, DeviceProfile]) -> list[Batch | LinkStatus]:
    asked: list[str] = []

    def find(address: str) -> DeviceProfile | None:
        asked.append(address)
        return known.get(address)

    async with TrimmedLink(link, find) as trimmed:
        items = [item async for item in trimmed]
    assert len(asked) <= 1
    assert not link.open
    return items


async def test_samples_are_corrected_once_the_sensor_is_known() -> None:
    status = LinkStatus(LinkState.STREAMING, address="AA")
    news, batch = await heard(Played(status, Batch(SAMPLES, SENT)), {"AA": PROFILE})
    assert news is status
    assert isinstance(batch, Batch)
    assert batch.samples is not None
    assert batch.samples.acc_m_s2[0].tolist() == [1.0, 1.0, 1.0]  # (1 - 0.5) * 2 in x
    assert np.allclose(batch.samples.gyr_rad_s[0], [0.4, 0.3, 0.2])
    assert batch.notifications == SENT


async def test_a_sensor_without_calibration_passes_untouched() -> None:
    batch = Batch(SAMPLES, SENT)
    assert (await heard(Played(LinkStatus(LinkState.STREAMING, address="BB"), batch), {"AA": PROFILE}))[1] is batch


async def test_news_before_the_sensor_is_known_ask_for_nothing() -> None:
    items = await heard(Played(LinkStatus(LinkState.SEARCHING), Batch(None, SENT)), {})
    assert len(items) == 2
