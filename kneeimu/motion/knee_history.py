"""The knee's last angles, kept to measure a rep once it has been counted."""

from __future__ import annotations

from collections import deque

import numpy as np

from kneeimu.motion.knee import KneeAngles, join_angles

JOINED = 32
"""Blocks of a live stream hold a few readings: so many are joined to one."""


class KneeHistory:
    """Angles of the last ``kept_s`` seconds; in long blocks a little more."""

    def __init__(self, kept_s: float) -> None:
        self._kept_s = kept_s
        self._blocks: deque[KneeAngles] = deque()
        self._recent: list[KneeAngles] = []

    def append(self, angles: KneeAngles) -> None:
        """Keep one more block."""
        if len(angles):
            self._recent.append(angles)

    def forget(self) -> None:
        """Let the oldest go."""
        if len(self._recent) < JOINED:
            return
        self._blocks.append(join_angles(self._recent))
        self._recent = []
        oldest_s = self._blocks[-1].time_s[-1] - self._kept_s
        while self._blocks[0].time_s[-1] < oldest_s:
            self._blocks.popleft()

    def between(self, start_s: float, end_s: float) -> KneeAngles:
        """Give the angles of that time, both ends included."""
        found: list[KneeAngles] = []
        for block in (*reversed(self._recent), *reversed(self._blocks)):
            if block.time_s[-1] < start_s - 1e-9:
                break
            first, last = np.searchsorted(block.time_s, (start_s - 1e-9, end_s + 1e-9)).tolist()
            if last > first:
                found.append(block.rows(slice(first, last)))
        return join_angles(found[::-1])
