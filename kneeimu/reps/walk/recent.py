"""The newest ticks, as they were taken in parts, and put together when somebody asks for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from kneeimu.reps.vectors import Vector

T = TypeVar("T")


class _Part(NamedTuple):
    up: Sequence[Vector]
    jolt_m_s2: Sequence[float]
    moved_deg: Sequence[float]
    ticks: range
    """Those of them that were taken."""


class RecentTicks:
    """Ticks with their pose, their jolt, and how far the segment tilted on each.

    Args:
        most: so many are known for sure.
    """

    def __init__(self, most: int) -> None:
        self._most, self._count = most, 0
        self._parts: deque[_Part] = deque()

    def take(self, up: Sequence[Vector], jolt_m_s2: Sequence[float], moved_deg: Sequence[float], ticks: range) -> None:
        """Take these of the ticks."""
        self._parts.append(_Part(up, jolt_m_s2, moved_deg, ticks))
        self._count += len(ticks)
        while self._count - len(self._parts[0].ticks) >= self._most:
            self._count -= len(self._parts.popleft().ticks)

    def ups(self, count: int) -> list[Vector]:
        """Give the newest so many poses, the newest last; fewer where there were no more."""
        return _newest([(part.up, part.ticks) for part in self._parts], count)

    def jolts_m_s2(self, count: int) -> list[float]:
        """The same of the jolts."""
        return _newest([(part.jolt_m_s2, part.ticks) for part in self._parts], count)

    def moved_deg(self, count: int) -> list[float]:
        """The same of the tilts."""
        return _newest([(part.moved_deg, part.ticks) for part in self._parts], count)


def _newest(parts: Sequence[tuple[Sequence[T], range]], count: int) -> list[T]:
    found: list[Sequence[T]] = []
    for values, ticks in reversed(parts):
        if count <= 0:
            break
        first = max(ticks.start, ticks.stop - count)
        found.append(values[first : ticks.stop])
        count -= ticks.stop - first
    return [value for values in reversed(found) for value in values]
