"""A position that is left for another one, held there, and come back to."""

from __future__ import annotations

from kneeimu.reps.counter_words import Turned
from kneeimu.reps.timed.timed import TICK_S, TimedCounter
from kneeimu.reps.vectors import Vector, blend, tilt

LEAST_S = 10.0
"""Shorter holds are not counted. This and what follows are engineering choices."""
WITHIN_DEG = 5.0
"""So far may the held pose wander ..."""
SAG_TAU_S = 8.0
"""... and so slowly may it sag."""
REST_S = 1.5
"""A pose kept for so long may be the resting pose."""
SHARE = 0.4
"""A pose that is no further from the resting pose than this share of the last hold is the resting pose again."""
DETOUR_SHARE, DETOUR_DEG = 0.5, 5.0
"""The way into a hold leads no further than the hold itself, but for so much: sitting and lying down do."""


class HoldCounter(TimedCounter):
    """Times holds.

    The resting pose is the one that the person keeps before the first hold. Who walks up and stretches at once has kept
    none: then the first pose kept was the hold if the person returns to the one passed before it.

    Args:
        floor_deg: the held pose differs from the resting pose by at least this ...
        ceiling_deg: ... and by no more than this.
    """

    def __init__(self, floor_deg: float, ceiling_deg: float) -> None:
        super().__init__(LEAST_S)
        self._floor_deg, self._ceiling_deg = floor_deg, ceiling_deg
        self._rest: Vector | None = None
        self._last_deg = 0.0
        self._forget()

    def _forget(self) -> None:
        self._pose: Vector | None = None
        self._passed: Vector | None = None
        self._first: tuple[float, float, Vector] | None = None
        self._since_s = self._peak_deg = self._furthest_deg = 0.0
        self._told = False

    def _follow(self, time_s: float, up: Vector, change_deg: float) -> None:
        self._angle_deg = tilt(self._rest, up)[0] if self._rest is not None else 0.0
        if self._pose is None:
            self._furthest_deg = max(self._furthest_deg, self._angle_deg)
            if change_deg < WITHIN_DEG / 2:
                self._settle(time_s, up)
        elif tilt(self._pose, up)[0] <= WITHIN_DEG:
            self._keep(self._pose, time_s, up)
        else:
            self._leave(self._pose, time_s)

    def _settle(self, time_s: float, up: Vector) -> None:
        self._look_back(time_s, up)
        self._pose, self._since_s, self._peak_deg, self._told = up, time_s, 0.0, False
        least_deg = max(self._floor_deg, SHARE * self._last_deg)
        direct = self._furthest_deg <= self._angle_deg + max(DETOUR_DEG, DETOUR_SHARE * self._angle_deg)
        self._busy = least_deg <= self._angle_deg <= self._ceiling_deg and direct

    def _keep(self, pose: Vector, time_s: float, up: Vector) -> None:
        self._pose = blend(pose, up, TICK_S / SAG_TAU_S)
        self._peak_deg = max(self._peak_deg, self._angle_deg)
        kept_s = time_s - self._since_s
        if not self._busy and kept_s >= REST_S:
            if self._rest is None:
                self._first = self._since_s, time_s, self._pose
            self._rest, self._furthest_deg = self._pose, 0.0
        elif self._busy and kept_s >= LEAST_S and not self._told:
            self._told = True
            self._said.append(Turned(time_s, self._peak_deg))

    def _leave(self, pose: Vector, time_s: float) -> None:
        if self._busy:
            self._finish(time_s, time_s)
        elif self._first is not None:
            self._first = self._first[0], time_s, pose
        if time_s - self._since_s < REST_S:
            self._passed = pose
        self._pose = None

    def _look_back(self, time_s: float, up: Vector) -> None:
        """The first pose that was kept has been left: it was a hold, if this is the pose passed before it."""
        first, self._first = self._first, None
        if first is None or self._passed is None:
            return
        start_s, end_s, far = first
        way_deg = tilt(self._passed, far)[0]
        back = tilt(self._passed, up)[0] < SHARE * way_deg
        if end_s - start_s >= LEAST_S and self._floor_deg <= way_deg <= self._ceiling_deg and back:
            self._rest, self._last_deg, self._furthest_deg = self._passed, way_deg, 0.0
            self._angle_deg = tilt(self._passed, up)[0]
            self._tell(time_s, start_s, end_s, self._passed, far, way_deg)

    def _goes_on(self, up: Vector) -> bool:
        return self._pose is not None and tilt(self._pose, up)[0] <= WITHIN_DEG

    def _finish(self, time_s: float, end_s: float) -> None:
        self._busy = False
        if self._rest is None or self._pose is None:
            return
        if end_s - self._since_s >= LEAST_S:
            self._last_deg = self._peak_deg
        self._tell(time_s, self._since_s, end_s, self._rest, self._pose, self._peak_deg)
