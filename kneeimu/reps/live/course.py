"""Ticks that are known together, and where among them something may happen: all between can be gone through at once."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from functools import cached_property
from math import floor

import numpy as np
import numpy.typing as npt

from kneeimu.motion.orientation import Ticks
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.live.detector import Poses
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.walk.sideways import Lean
from kneeimu.reps.walk.walking import SOFT_STRIKE_M_S2

RESTED_TICKS, SWAY_DEG = 13, 2.5
"""A person rests who only sways for so long, whatever the pose."""

FURTHEST_DEG = 90.0
"""No start pose is further from standing."""


class Course:
    """A batch of ticks.

    Args:
        sideways: where the lean alone is followed.
        sway_ticks: how long the segment has not done more than sway before.

    Attributes:
        lists: the ticks.
        poses: the same, as the movement is followed.
        short_deg, steady_deg: change of tilt at each tick over 0.28 s; and that or over 0.6 s, whichever is more, (n,).
        sway_ticks: at each tick, for how many it has not done more than sway.
    """

    def __init__(self, ticks: Ticks, sideways: Lean | None, c: CounterParameters, sway_ticks: int) -> None:
        self._c = c
        self.lists = ticks.lists()
        ups = self.lists.up if sideways is None else [sideways.of(up) for up in self.lists.up]
        self.short_deg = ticks.tilted_deg[:, 1]
        self.steady_deg = np.maximum(self.short_deg, ticks.tilted_deg[:, 2])
        self.poses = Poses(self.lists.time_s, ups, (self.steady_deg < c.still_deg).tolist())
        self._sway_ticks = _runs(self.steady_deg < SWAY_DEG, sway_ticks)
        self.sway_ticks: list[int] = self._sway_ticks.tolist()
        self._strikes = _indices(ticks.jolt_m_s2 > SOFT_STRIKE_M_S2)

    @cached_property
    def _rests(self) -> array[int]:
        return _indices(self._sway_ticks == RESTED_TICKS)

    @cached_property
    def _turns(self) -> array[int]:
        return _indices(self.short_deg <= max(self._c.turn_deg, self._c.turn_share * FURTHEST_DEG))

    @cached_property
    def _plateaus(self) -> array[int]:
        # what was before is not known here: it may have been steady for long
        ticks = floor(self._c.plateau_s * TICK_HZ)
        return _indices(_runs(self.steady_deg < max(self._c.still_deg, self._c.plateau_deg), ticks) >= ticks)

    def __len__(self) -> int:
        return len(self.lists.time_s)

    def next_strike(self, at: int) -> int:
        """Index of the next tick, from ``at`` on, at which a foot may strike."""
        return _next(self._strikes, at)

    def next_home(self, at: int, turns_from_s: float) -> int:
        """The same for when the segment may have been on a plateau for long enough, or turn round away from home."""
        return min(_next(self._plateaus, at), _next(self._turns, self.before(turns_from_s, at)))

    def next_rest(self, at: int) -> int:
        """The same for when the segment comes to rest."""
        return _next(self._rests, at)

    def before(self, time_s: float, at: int) -> int:
        """Index, from ``at`` on, of the first tick that is not for sure earlier."""
        return bisect_left(self.lists.time_s, time_s - 1.0 / TICK_HZ, at)


def _indices(flags: npt.NDArray[np.bool_]) -> array[int]:
    """Where it is so; after these, the end."""
    found = array("q", flags.nonzero()[0].tobytes())
    found.append(len(flags))
    return found


def _next(indices: array[int], at: int) -> int:
    return indices[bisect_left(indices, at)]


def _runs(flags: npt.NDArray[np.bool_], before: int) -> npt.NDArray[np.intp]:
    """At each tick, for how many it has been so; ``before`` the first it had been for so many."""
    at = np.arange(len(flags))
    runs: npt.NDArray[np.intp] = at - np.maximum.accumulate(np.where(flags, -1 - before, at))
    return runs
