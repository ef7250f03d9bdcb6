"""The last ticks, kept to measure a rep once it has been counted, and to look at a set once it is over."""

from __future__ import annotations

from collections import deque

import numpy as np

from kneeimu.motion.orientation import Ticks
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.types import FloatArray

KEPT_S = 600.0
"""Longer than most sets; of one that takes longer only the end is looked at again."""
TICK_S = 1.0 / TICK_HZ
JOINED = 32
"""Blocks of a live stream hold a tick or two: so many are joined to one."""

Block = tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]


class TickHistory:
    """Times, poses, orientations, heave and jolts of the last ``KEPT_S`` seconds."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()
        self._recent: list[Block] = []
        self._begins_s: deque[float] = deque()
        self._anew = False

    def append(self, ticks: Ticks) -> None:
        """Keep one more block; the oldest go."""
        if not len(ticks):
            return
        if self._anew:
            self._anew = False
            self._begins_s.append(ticks.time_s.item(0))
        self._recent.append((ticks.time_s, ticks.up, ticks.quat_sensor_to_world, ticks.heave_m_s2, ticks.jolt_m_s2))
        if len(self._recent) == JOINED:
            self._blocks.append(_join(self._recent))
            self._recent = []
            oldest_s = ticks.time_s[0] - KEPT_S
            while self._blocks[0][0][-1] < oldest_s:
                self._blocks.popleft()
            while self._begins_s and self._begins_s[0] < oldest_s:
                self._begins_s.popleft()

    def begin_anew(self) -> None:
        """Samples were lost: the heading of what comes has nothing to do with that of what was."""
        self._anew = True

    def resumes_at(self, time_s: float) -> bool:
        """Say whether this is the first tick after samples were lost."""
        return any(abs(begin_s - time_s) < 0.5 * TICK_S for begin_s in self._begins_s)

    def window(
        self, start_s: float, end_s: float, *, around_s: float | None = None, across_gaps: bool = False
    ) -> Block:
        """Give ``time_s``, ``up`` (n, 3), ``quat_sensor_to_world`` (n, 4), ``heave_m_s2``, ``jolt_m_s2`` of that time.

        Of what is older than ``KEPT_S`` at their end nothing is given, though in long blocks it is still there: what
        is known must not depend on how the samples came. When there are none, the newest tick is given.

        Args:
            around_s: of a time in which samples were lost, what holds this moment is given; None for the end.
            across_gaps: all of it is given, though the orientation's heading does not go on.
        """
        start_s = max(start_s, end_s - KEPT_S)
        if not across_gaps:
            around_s = end_s if around_s is None else around_s
            for begin_s in self._begins_s:
                if begin_s <= around_s + 1e-9:
                    start_s = max(start_s, begin_s)
                else:
                    end_s = min(end_s, begin_s - TICK_S)
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
