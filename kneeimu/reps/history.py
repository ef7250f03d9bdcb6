"""The last ticks, kept to measure a rep once it has been counted, and to look at a set once it is over."""

from __future__ import annotations

from collections import deque

import numpy as np

from kneeimu.motion.orientation import Ticks
from kneeimu.types import FloatArray

KEPT_S = 600.0
"""Longer than most sets; of one that takes longer only the end is looked at again."""
JOINED = 32
"""Blocks of a live stream hold a tick or two: so many are joined to one."""

Block = tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]


class TickHistory:
    """Times, poses, orientations, heave and jolts of the last ``KEPT_S`` seconds."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()
        self._recent: list[Block] = []

    def append(self, ticks: Ticks) -> None:
        """Keep one more block; the oldest go."""
        if not len(ticks):
            return
        self._recent.append((ticks.time_s, ticks.up, ticks.quat_sensor_to_world, ticks.heave_m_s2, ticks.jolt_m_s2))
        if len(self._recent) == JOINED:
            self._blocks.append(_join(self._recent))
            self._recent = []
            oldest_s = ticks.time_s[0] - KEPT_S
            while self._blocks[0][0][-1] < oldest_s:
                self._blocks.popleft()

    def clear(self) -> None:
        """The stream began anew."""
        self._blocks.clear()
        self._recent = []

    def window(self, start_s: float, end_s: float) -> Block:
        """Give ``time_s``, ``up`` (n, 3), ``quat_sensor_to_world`` (n, 4), ``heave_m_s2``, ``jolt_m_s2`` of that time.

        Of what is older than ``KEPT_S`` at their end nothing is given, though in long blocks it is still there: what
        is known must not depend on how the samples came. When there are none, the newest tick is given.
        """
        start_s = max(start_s, end_s - KEPT_S)
        found: list[Block] = []
        for block in (*reversed(self._recent), *reversed(self._blocks)):
            time_s = block[0]
            if time_s[-1] < start_s - 1e-9:
                break
            first, last = time_s.searchsorted((start_s - 1e-9, end_s + 1e-9)).tolist()
            if last > first:
                time_s, up, quats, heave, jolt = block
                part = slice(first, last)
                found.append((time_s[part], up[part], quats[part], heave[part], jolt[part]))
        if not found:
            time_s, up, quats, heave, jolt = self._recent[-1] if self._recent else self._blocks[-1]
            return time_s[-1:], up[-1:], quats[-1:], heave[-1:], jolt[-1:]
        return found[0] if len(found) == 1 else _join(found[::-1])


def _join(blocks: list[Block]) -> Block:
    times, ups, quats, heaves, jolts = zip(*blocks, strict=True)
    joined = np.concatenate
    return joined(times), joined(ups), joined(quats), joined(heaves), joined(jolts)
