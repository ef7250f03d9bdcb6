"""The clocks that a screen shows: the seconds of a timed exercise, and how long the present movement has lasted."""

from __future__ import annotations

from kneeimu.coaching.tempo import SpeedMeter, still_enough
from kneeimu.tally import Tally
from kneeimu.types import FloatArray, Trace

START_SHARE, END_SHARE = 0.25, 0.15
"""Shares of the usual range at which a movement is shown as begun and as over."""

LONGEST_STEP_S = 0.5
"""What is not seen for longer than this does not count as still."""


class StillClock:
    """Seconds of a timed exercise: they run in a set while the leg is as still as the exercise asks.

    Attributes:
        seconds: of the present or last set.
        still: the leg is still enough now; None before anything was seen.
    """

    def __init__(self, exercise: str) -> None:
        self._exercise = exercise
        self._speed = SpeedMeter()
        self._last_s: float | None = None
        self._running = False
        self.seconds = 0.0
        self.still: bool | None = None

    def follow(self, trace: Trace, running: bool) -> None:
        """Take the newest ticks; ``running`` says that a set is under way."""
        if running and not self._running:
            self.seconds = 0.0
        self._running = running
        self._speed.feed(trace)
        speed_deg_s = self._speed.speed_deg_s
        self.still = None if speed_deg_s is None else still_enough(self._exercise, speed_deg_s)
        if not len(trace.time_s):
            return
        now_s = float(trace.time_s[-1])
        if running and self.still and self._last_s is not None:
            self.seconds += min(now_s - self._last_s, LONGEST_STEP_S)
        self._last_s = now_s

    def hear(self, tally: Tally) -> None:
        """Take what the engine timed: it may have seen the beginning before the person started the clock."""
        held = [rep.rep.hold_s or 0.0 for rep in tally.of_set() if rep.counts and rep.rep is not None]
        self.seconds = max(self.seconds, sum(held))


class RepClock:
    """How long the present movement has lasted, from the angle alone: for the tempo shape.

    Attributes:
        start_s: when it began; None at rest.
    """

    def __init__(self, floor_deg: float) -> None:
        self._floor_deg = floor_deg
        self.start_s: float | None = None

    def follow(self, time_s: FloatArray, angle_deg: FloatArray, usual_deg: float | None) -> None:
        """Take the newest ticks, shape (n,) each."""
        reach = max(self._floor_deg, usual_deg or 2 * self._floor_deg)
        for at, angle in zip(time_s.tolist(), angle_deg.tolist(), strict=True):
            if self.start_s is None and angle > START_SHARE * reach:
                self.start_s = at
            elif self.start_s is not None and angle < END_SHARE * reach:
                self.start_s = None
