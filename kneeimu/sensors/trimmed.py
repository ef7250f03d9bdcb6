"""A link whose samples are corrected with what is known of its sensor: offset, scale, bias."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from types import TracebackType
from typing import Protocol

from kneeimu.sensors.link import SensorLink
from kneeimu.sensors.stream import Batch, LinkStatus
from kneeimu.types import FloatArray


class Correction(Protocol):
    """What corrects readings: ``calibration.profiles.DeviceProfile``."""

    def apply(self, acc: FloatArray, gyr: FloatArray, /) -> tuple[FloatArray, FloatArray]: ...


class TrimmedLink:
    """Passes on everything that its link gives; samples are corrected, notifications stay as they came.

    Args:
        find: gives the correction for the sensor with this address, or None; asked once an address is known.
    """

    def __init__(self, link: SensorLink, find: Callable[[str], Correction | None]) -> None:
        self._link, self._find = link, find
        self._address = ""
        self._correction: Correction | None = None

    @property
    def status(self) -> LinkStatus:
        """How the link is doing now."""
        return self._link.status

    async def __aenter__(self) -> TrimmedLink:
        await self._link.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._link.__aexit__(kind, error, trace)

    async def close(self) -> None:
        """Stop; what has arrived can still be taken."""
        await self._link.close()

    async def __aiter__(self) -> AsyncIterator[Batch | LinkStatus]:
        async for item in self._link:
            if isinstance(item, LinkStatus):
                self._look_up(item.address)
                yield item
            else:
                yield self._trimmed(item)

    def _look_up(self, address: str) -> None:
        if address and address != self._address:
            self._address, self._correction = address, self._find(address)

    def _trimmed(self, batch: Batch) -> Batch:
        samples = batch.samples
        if self._correction is None or samples is None:
            return batch
        acc, gyr = self._correction.apply(samples.acc_m_s2, samples.gyr_rad_s)
        return replace(batch, samples=replace(samples, acc_m_s2=acc, gyr_rad_s=gyr))
