"""What must hold of a decoder whatever bytes it is given."""

from __future__ import annotations

import inspect
import struct
import sys
from collections.abc import Iterator

from kneeimu.sensors import metamotion, movella_dot, movesense, open_profile, polar, thingy52, witmotion
from kneeimu.sensors.clock import SensorClock
from kneeimu.sensors.driver import BATTERY_LEVEL, Battery, Driver, Malformed, Readings, Stopped
from kneeimu.sensors.families import find_family

MOST_SAMPLES = 6000  # out of one notification: what a merger may hold back, and then some
MOST_NOTIFICATIONS = 8  # of one input
FIXED_GAP_S = 0.05

CHARACTERISTICS: dict[str, tuple[str, ...]] = {
    "kneeimu": (open_profile.DATA_UUID, open_profile.CONTROL_UUID, BATTERY_LEVEL),
    "polar": (polar.DATA_UUID, polar.CONTROL_UUID, BATTERY_LEVEL),
    "witmotion": (witmotion.DATA_UUID,),
    "movella-dot": (movella_dot.DATA_UUID, movella_dot.BATTERY_UUID, movella_dot.REPORT_UUID),
    "movesense": (movesense.DATA_UUID, BATTERY_LEVEL),
    "metamotion": (metamotion.DATA_UUID,),
    "thingy52": (thingy52.DATA_UUID, BATTERY_LEVEL),
}

# Well-formed notifications to start from: (number of the characteristic, bytes).
_IMU6 = (
    "0263aca1020094b578bf399b8840cdb20d4155ff7cbf6a60884092c70c4182627cbfa2e988405da00c418bf871bf71248940c38c0c4148e17abf"
    "713daabf3333b3bec3f568bf713daabf3e0ad7beae4721bff628bcbf3e0ad7beae4721bf3333b3bf3e0ad7be"
)
SEEDS: dict[str, list[tuple[int, str]]] = {
    "kneeimu": [
        (0, "f1010000000000000100020003000400050006 00"),
        (0, "f1020000000000001027" + "0001" * 12),
        (1, "8100a086010010d007"),
        (2, "57"),
    ],
    "polar": [
        (1, "f00202000005010000003f"),
        (1, "f0020500000501eb05783d"),
        (0, "0200416fc41245930a81ee021ffe82ff080a10da20d6a30bd9cbe7d6f6c4e6f1e1f3e0151afe281bf8372c2520131911"),
        (0, "0500416fc41245930a80eaff08000d000301df00"),
        (0, "0500516fc41245930a80eaff08000d000301df00"),
        (0, "0200516fc41245930a01f7ffffffe703f8fffeffe503"),
        (1, "010205"),
        (2, "57"),
    ],
    "witmotion": [
        (0, "5561000000040008000000200000000000200040"),
        (0, "5571960002000000000000000000000000000000"),
        (0, "5561000000040008000000200000102700000040" + "55610000000400080000002000001a2700000040"),
        (0, "00002000400000" + "5561e403ebf43f007c0202ff330052fe00000000"),
    ],
    "movella-dot": [
        (0, "40420f00cdcccc3dc3f51cc1cdcc4c3e0000803f00000040000040c0" + "00" * 12),
        (1, "5700"),
        (2, "01" + "00" * 15),
    ],
    "movesense": [(0, _IMU6), (0, _IMU6[:140]), (0, "0363" + _IMU6[140:]), (0, "0162c80057"), (1, "57")],
    "metamotion": [
        (0, "03800401"),
        (0, "0383a803"),
        (0, "13832800"),
        (0, "030562b7530de9fd16d04d0e57028affa1050a01"),
        (0, "13050915ad2608de8a1a0d2665e48d20ac2773ec"),
        (0, "0903031e020000f40d3c3999110180d691d367"),
        (0, "118c633410"),
    ],
    "thingy52": [(0, "000000fc0004a00f60f00100000000000000"), (1, "57")],
}


def notifications(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Cut fuzz data into notifications: number of the characteristic, length, bytes; the last takes the rest."""
    at = 0
    for number in range(MOST_NOTIFICATIONS):
        if at + 2 > len(data):
            return
        end = at + 2 + data[at + 1] if number < MOST_NOTIFICATIONS - 1 else len(data)
        yield data[at], data[at + 2 : end]
        at = end


def mended(family: str, order: int, data: bytes) -> bytes:
    """Make what chance hardly ever hits: Polar frames of both measurements that follow each other in time."""
    if family != "polar" or len(data) < 11:
        return data
    head = struct.pack("<BQ", (2, 5)[data[0] % 2], 10**18 + (order + data[1] % 4) * 10**8)
    return head + (b"\x81" if data[0] % 2 == 0 else b"\x80") + data[10:]


def pack(parts: list[tuple[int, bytes]]) -> bytes:
    """Put notifications together, as ``notifications`` takes them apart."""
    return b"".join(bytes([number, len(part)]) + part for number, part in parts)


class Oracle:
    """A driver and the clock behind it, watched."""

    def __init__(self, family: str) -> None:
        self.family = family
        self.driver: Driver = find_family(family)()
        self.clock = SensorClock(
            100.0,
            device_clock_wrap_s=self.driver.device_clock_wrap_s,
            sequence_wrap=self.driver.sequence_wrap,
        )
        self.now_s = 0.0
        self.samples = 0

    def hear(self, number: int, data: bytes) -> None:
        """Decode one notification and place its samples in time; everything of it must be sound.

        Raises:
            AssertionError: it is not, or it raised.
        """
        characteristics = CHARACTERISTICS[self.family]
        self.now_s += FIXED_GAP_S
        found = self.driver.parse(characteristics[number % len(characteristics)], data, self.now_s)
        assert isinstance(found, list)
        for reading in found:
            if isinstance(reading, Readings):
                self._check(reading)
                self.clock.place(reading, self.now_s)
            elif isinstance(reading, Battery):
                assert 0 <= reading.percent <= 100
            else:
                assert isinstance(reading, Malformed | Stopped)
                assert reading.reason

    def _check(self, reading: Readings) -> None:
        n = len(reading.acc_m_s2)
        self.samples += n
        assert 1 <= n <= MOST_SAMPLES
        assert reading.acc_m_s2.shape == reading.gyr_rad_s.shape == (n, 3)
        assert reading.acc_m_s2.dtype == reading.gyr_rad_s.dtype == float
        if reading.device_time_s is not None:
            assert reading.device_time_s.shape == (n,)


def weight(thing: object) -> int:
    """Give roughly how many bytes a driver holds, without what all drivers share."""
    seen: set[int] = set()

    def of(item: object) -> int:
        if id(item) in seen or isinstance(item, type) or inspect.ismodule(item):
            return 0
        seen.add(id(item))
        total = sys.getsizeof(item) + getattr(item, "nbytes", 0)
        if isinstance(item, dict):
            return total + sum(of(part) for part in item.values())
        if isinstance(item, list | tuple | set) or type(item).__name__ == "deque":
            return total + sum(of(part) for part in item)  # type: ignore[attr-defined]
        return total + of(getattr(item, "__dict__", None)) if hasattr(item, "__dict__") else total

    return of(thing)
