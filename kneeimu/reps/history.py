"""The last ticks, kept so that a rep can be measured once it has been counted."""

from __future__ import annotations

from collections import deque

import numpy as np

from kneeimu.motion.orientation import Ticks
from kneeimu.types import FloatArray

KEPT_S = 40.0
"""Longer than the longest rep."""


class TickHistory:
    """Ticks of the last ``KEPT_S`` seconds, as the blocks they came in."""

    def __init__(self) -> None:
        self._blocks: deque[Ticks] = deque()

    def append(self, ticks: Ticks) -> None:
        """Keep one more block; the oldest go."""
        if not len(ticks):
            return
        self._blocks.append(ticks)
        oldest_s = ticks.time_s[0] - KEPT_S
        while self._blocks[0].time_s[-1] < oldest_s:
            self._blocks.popleft()

    def clear(self) -> None:
        """The stream began anew."""
        self._blocks.clear()

    def window(self, start_s: float, end_s: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give ``time_s`` (n,), ``up`` (n, 3) and ``quat_sensor_to_world`` (n, 4) of the ticks within these times.

        When there are none, the newest tick is given.
        """
        found: list[tuple[FloatArray, FloatArray, FloatArray]] = []
        for block in reversed(self._blocks):
            if block.time_s[-1] < start_s - 1e-9:
                break
            first, last = np.searchsorted(block.time_s, (start_s - 1e-9, end_s + 1e-9))
            if last > first:
                found.append((block.time_s[first:last], block.up[first:last], block.quat_sensor_to_world[first:last]))
        if not found:
            newest = self._blocks[-1]
            return newest.time_s[-1:], newest.up[-1:], newest.quat_sensor_to_world[-1:]
        times, ups, quats = zip(*reversed(found), strict=True)
        return np.concatenate(times), np.concatenate(ups), np.concatenate(quats)
