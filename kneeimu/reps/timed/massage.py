"""A massage: the limb is rolled or kneaded to and fro for a while, in one pose."""

from __future__ import annotations

from kneeimu.reps.counter_words import CounterWord
from kneeimu.reps.timed.timed import TICK_S, TimedCounter
from kneeimu.reps.vectors import Vector, blend, tilt

LEAST_S = 20.0
"""Shorter massages are not counted. This and what follows are engineering choices."""
SPAN_S = 0.6
"""What ``change_deg`` spans."""
FASTEST_DEG_S = 30.0
"""A single jerk must not last in the mean of the speed."""
ACTIVE_TAU_S = 2.0
BEGINS_DEG_S, GOES_ON_DEG_S = 0.8, 0.5
"""Mean speed of turning at which a massage begins, and above which it goes on."""
QUIET_DEG_S = 0.8
"""Slower than this, the limb lies still at this moment."""
AWAY_DEG = 1.5
AWAY_S = 1.0
"""A limb that lies still for so long, so far from where it was kneaded, has left the roller, once the massage counts:
who stops at a sore spot before that goes on."""
PAUSE_S = 5.0
"""One that lies still where it is kneaded has so long to go on."""
PLACE_TAU_S = 8.0
"""How fast the place may wander."""
OTHER_POSE_DEG = 20.0
"""A massage does not move the limb by more than this from where it began."""


class MassageCounter(TimedCounter):
    """Times massages.

    ``change_deg`` must have the heading in it: of a leg that lies on its side and is rolled, gravity tells little.
    """

    def __init__(self) -> None:
        super().__init__(LEAST_S)
        self._forget()

    def open_set(self, time_s: float) -> list[CounterWord]:
        """The person says that a set begins: the rolling before that was to find the spot."""
        if self._busy:
            self._start_s = time_s
        return super().open_set(time_s)

    def _forget(self) -> None:
        self._began_at: Vector = (0.0, 0.0, 1.0)
        self._place: Vector = self._began_at
        self._start_s = self._active_s = self._there_s = self._moved_s = 0.0
        self._speed_deg_s = self._peak_deg = 0.0

    def _follow(self, time_s: float, up: Vector, change_deg: float) -> None:
        speed = min(change_deg / SPAN_S, FASTEST_DEG_S) if change_deg < 180.0 else 0.0
        self._speed_deg_s += TICK_S / ACTIVE_TAU_S * (speed - self._speed_deg_s)
        if not self._busy:
            self._angle_deg = 0.0
            if self._speed_deg_s > BEGINS_DEG_S and speed > QUIET_DEG_S:
                self._begin(time_s, up)
            return
        if speed > QUIET_DEG_S:
            self._moved_s = time_s
        if self._speed_deg_s > GOES_ON_DEG_S:
            self._active_s = time_s
        off_deg = tilt(self._place, up)[0]
        self._place = blend(self._place, up, TICK_S / PLACE_TAU_S)
        if off_deg < AWAY_DEG:
            self._there_s = time_s
        self._angle_deg = tilt(self._began_at, up)[0]
        if self._angle_deg > OTHER_POSE_DEG:
            self._finish(time_s, time_s)
            self._begin(time_s, up)
            return
        self._peak_deg = max(self._peak_deg, self._angle_deg)
        left = off_deg > AWAY_DEG and time_s - self._moved_s > AWAY_S and time_s - self._start_s > LEAST_S
        if left or time_s - self._active_s > PAUSE_S:
            self._finish(time_s, time_s)

    def _begin(self, time_s: float, up: Vector) -> None:
        self._busy = True
        self._began_at = self._place = up
        self._start_s = self._active_s = self._there_s = self._moved_s = time_s
        self._peak_deg = 0.0

    def _goes_on(self, up: Vector) -> bool:
        if tilt(self._began_at, up)[0] > OTHER_POSE_DEG:
            return False
        # whether the limb moves shows only when there are ticks to compare
        self._active_s = self._moved_s = self._seen_s
        return True

    def _finish(self, time_s: float, end_s: float) -> None:
        self._busy = False
        end_s = min(end_s, self._moved_s, self._there_s)
        self._tell(time_s, self._start_s, end_s, self._began_at, self._place, self._peak_deg)
