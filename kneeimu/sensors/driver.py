"""What a sensor family has to offer: recognise it, set it up, and turn its bytes into readings.

A driver is one module with one class. ``parse`` has no radio, no clock and no side effects beyond the driver's own
parsing state: the same notifications in the same order give the same readings, which is how golden vectors, fuzzing
and recordings are decoded without hardware. What it needs to know from the sensor's replies (a scale factor, a frame
type) it takes from those replies in ``parse``, for they arrive as notifications too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from calibration.standards import GRAVITY_M_S2
from kneeimu.errors import SensorError
from kneeimu.types import FloatArray
from kneeimu.words import _, mark

BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
FIRMWARE_REVISION = "00002a26-0000-1000-8000-00805f9b34fb"
SERIAL_NUMBER = "00002a25-0000-1000-8000-00805f9b34fb"

STANDARD_GRAVITY = GRAVITY_M_S2
UNNUMBERED = mark("the sensor does not number its samples: lost ones are found by the times at which the others arrive")
BURST_S = 0.008  # notifications closer than this came with one connection event


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a sensor says of itself before it is connected. UUIDs are full and lower case."""

    address: str
    name: str
    rssi_dbm: int | None = None
    service_uuids: tuple[str, ...] = ()
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Readings:
    """Consecutive samples out of one notification.

    Attributes:
        acc_m_s2: shape (n, 3), specific force.
        gyr_rad_s: shape (n, 3).
        device_time_s: shape (n,), the sensor's clock at each sample, not unwrapped; None when it has no clock.
        sequence: number of the first sample by the sensor's count, not unwrapped; None when it does not count.
    """

    acc_m_s2: FloatArray
    gyr_rad_s: FloatArray
    device_time_s: FloatArray | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Battery:
    """The battery's charge as the sensor tells it."""

    percent: int
    charging: bool = False


@dataclass(frozen=True, slots=True)
class Malformed:
    """Bytes that mean nothing; counted, never raised."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The sensor ended the stream by itself; ``reason`` is for people."""

    reason: str


Reading = Readings | Battery | Malformed | Stopped


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What the sensor agreed to.

    Attributes:
        rate_hz: nominal rate of the samples that ``parse`` gives.
        notes: what this firmware variant lacks or does otherwise, for people.
    """

    rate_hz: float
    acc_range_m_s2: float | None = None
    gyr_range_rad_s: float | None = None
    battery_percent: int | None = None
    firmware: str | None = None
    serial_number: str | None = None
    notes: tuple[str, ...] = ()


class Session(Protocol):
    """The connected sensor, as a driver sees it. UUIDs are full and lower case.

    Every notification of a subscribed characteristic also goes through ``parse``. Methods raise ``SensorError`` when
    the sensor refuses or does not answer, and the link's own errors when the connection is lost.
    """

    def has(self, uuid: str) -> bool:
        """Tell whether the sensor has this characteristic or service."""
        ...

    async def subscribe(self, uuid: str) -> None:
        """Ask for notifications or indications."""
        ...

    async def unsubscribe(self, uuid: str) -> None:
        """Ask for no more."""
        ...

    async def read(self, uuid: str) -> bytes:
        """Read a characteristic."""
        ...

    async def write(self, uuid: str, data: bytes, *, response: bool = True) -> None:
        """Write a characteristic."""
        ...

    async def request(
        self, uuid: str, data: bytes, *, reply: str, matches: Callable[[bytes], bool], response: bool = True,
        timeout_s: float = 3.0,
    ) -> bytes:  # fmt: skip
        """Write ``data`` and give the first notification of ``reply`` that matches."""
        ...

    async def listen(self, uuid: str, seconds: float) -> list[tuple[float, bytes]]:
        """Give what comes of a subscribed characteristic within this time, each with its arrival in s."""
        ...

    async def pause(self, seconds: float) -> None:
        """Let the sensor digest a command."""
        ...


class Driver(Protocol):
    """One sensor family.

    Attributes:
        family: the name people see and settings hold.
        data_characteristics: those whose silence means that the stream has stalled.
        device_clock_wrap_s: after how long the sensor's clock starts over; None when never or without a clock.
        sequence_wrap: where the sample counter starts over; None when there is none.
        notification_interval_s: the usual time between two notifications.
        poll_interval_s: how often ``poll`` is called while streaming; None for never.
    """

    family: ClassVar[str]
    data_characteristics: ClassVar[frozenset[str]]
    device_clock_wrap_s: ClassVar[float | None]
    sequence_wrap: ClassVar[int | None]
    notification_interval_s: ClassVar[float]
    poll_interval_s: ClassVar[float | None]

    @classmethod
    def recognise(cls, advertisement: Advertisement) -> bool:
        """Tell whether this is one of the family."""
        ...

    async def read_charge(self, session: Session) -> int | None:
        """Give the battery's charge in percent, without starting a stream; None when the sensor does not tell."""
        ...

    async def configure(self, session: Session, rate_hz: float) -> StreamSettings:
        """Subscribe, choose rate and range, and start the stream.

        Raises:
            SensorError: the sensor refuses, or its firmware lacks what is needed.
        """
        ...

    async def stop(self, session: Session) -> None:
        """Stop the stream and unsubscribe."""
        ...

    async def poll(self, session: Session) -> None:
        """Ask for what the sensor does not tell by itself (battery)."""
        ...

    def parse(self, characteristic: str, data: bytes, host_time_s: float) -> list[Reading]:
        """Give what a notification means. Never raises, whatever the bytes."""
        ...


def require(session: Session, uuid: str, what: str, advice: str) -> None:
    """Make sure that the sensor has a characteristic.

    Raises:
        SensorError: it has not; ``what`` completes "the sensor ...".
    """
    if not session.has(uuid):
        raise SensorError(_("the sensor {what}").format(what=what), advice=advice)


async def measure_rate_hz(session: Session, uuid: str, seconds: float, samples: Callable[[bytes], float]) -> float:
    """Measure how many samples a second come, by the host's clock, from the first burst to the last.

    Args:
        samples: how many samples a notification holds.

    Raises:
        SensorError: nothing comes.
    """
    heard = await session.listen(uuid, seconds)
    begin = next((i for i in range(1, len(heard)) if heard[i][0] - heard[i - 1][0] > BURST_S), None)
    if begin is None:
        raise SensorError(_("the sensor sends no data"), advice=_("switch it off and on"))
    return sum(samples(data) for _, data in heard[begin:]) / (heard[-1][0] - heard[begin - 1][0])


async def read_battery(session: Session) -> int | None:
    """Subscribe to and read the standard battery service; None when the sensor has none or says nonsense."""
    if not session.has(BATTERY_LEVEL):
        return None
    await session.subscribe(BATTERY_LEVEL)
    return await read_battery_once(session)


async def read_battery_once(session: Session) -> int | None:
    """Read the standard battery service; None when the sensor has none or says nonsense."""
    return battery_percent(await session.read(BATTERY_LEVEL)) if session.has(BATTERY_LEVEL) else None


def battery_percent(data: bytes) -> int | None:
    """Give the percentage in a battery level value, None when it is none."""
    return data[0] if len(data) >= 1 and data[0] <= 100 else None


def battery_readings(data: bytes) -> list[Reading]:
    """Give what a notification of the standard battery level means."""
    percent = battery_percent(data)
    return [Malformed("battery level out of range")] if percent is None else [Battery(percent)]


async def read_text(session: Session, uuid: str) -> str | None:
    """Read a text of the device information service; None when there is none."""
    if not session.has(uuid):
        return None
    return (await session.read(uuid)).split(b"\0")[0].decode("utf-8", "replace").strip() or None
