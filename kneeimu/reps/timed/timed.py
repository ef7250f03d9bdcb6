"""Exercises that are timed and not counted by movement: what a position held and a muscle massaged have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterator

from kneeimu.motion.orientation import Ticks
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.counter_words import Counted, CounterWord, Refused, SaidAt, SetClosed, SetOpened
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.vectors import Vector, tilt
from kneeimu.reps.walk.walking import WalkingDetector

TICK_S = 1.0 / TICK_HZ
SET_QUIET_S = 90.0
"""A set ends after so long without another. Engineering choice."""
POSE_LASTS_S = 5.0
"""Who has the same pose as before, so long after the last sample, has kept it. Engineering choice."""
WORTH_TELLING_S = 5.0
"""What is too short to count is told when it was longer than this."""


class TimedCounter(ABC):
    """Times something tick by tick; same calls as ``reps.counter.RepCounter``.

    Args:
        least_s: shorter ones are not counted.
    """

    def __init__(self, least_s: float) -> None:
        self._least_s = least_s
        self._walking = WalkingDetector(CounterParameters(stride_s=0.0))
        self._said: list[CounterWord] = []
        self._in_set = self._manual = False
        self._ended_s = 0.0
        self._seen_s = 0.0
        self._busy = self._lost = False
        self._angle_deg = 0.0

    def follow(self, ticks: Ticks, angle_deg: array[float], moving: bytearray) -> Iterator[SaidAt]:
        """Take ticks; see ``RepCounter.follow``."""
        lists = ticks.lists()
        rows = zip(lists.time_s, lists.up, lists.jolt_m_s2, lists.moved_deg, lists.change_deg, strict=True)
        for at, row in enumerate(rows):
            said = self.step(*row)
            angle_deg.append(self._angle_deg)
            moving.append(self._busy)
            if said:
                yield at, said

    def step(
        self, time_s: float, up: Vector, jolt_m_s2: float, moved_deg: float, change_deg: float
    ) -> list[CounterWord]:
        """Take one tick, on which the segment changed by so much, and over the last 0.6 s."""
        self._said = []
        before_s, self._seen_s = self._seen_s, time_s
        if self._lost and not (self._busy and time_s - before_s <= POSE_LASTS_S and self._goes_on(up)):
            self._interrupt(time_s, before_s)
        self._lost = False
        if self._walking.step(time_s, up, jolt_m_s2, moved_deg):
            self._interrupt(time_s, time_s)
        else:
            self._follow(time_s, up, change_deg)
        if self._in_set and not self._manual and not self._busy and time_s - self._ended_s > SET_QUIET_S:
            self._close(time_s)
        return self._said

    def open_set(self, time_s: float) -> list[CounterWord]:
        """The person says that a set begins."""
        self._said = []
        if self._in_set:
            self._close(time_s)
        self._manual = self._in_set = True
        self._ended_s = time_s
        self._said.append(SetOpened(time_s))
        return self._said

    def close_set(self, time_s: float) -> list[CounterWord]:
        """The person says that the set is over."""
        self._said = []
        self._interrupt(time_s, min(time_s, self._seen_s))
        if self._in_set:
            self._close(time_s)
        return self._said

    end_stream = close_set

    def resume(self, lost_s: float = 0.0) -> None:
        """Samples were lost, for so long: what is under way goes on, or has ended, as the next tick shows."""
        self._lost = True
        if lost_s < SET_QUIET_S:
            self._ended_s += lost_s

    @abstractmethod
    def _follow(self, time_s: float, up: Vector, change_deg: float) -> None:
        """Take one tick that is not walked."""

    @abstractmethod
    def _goes_on(self, up: Vector) -> bool:
        """Say whether what was under way before samples were lost is, by this pose; then take it up again."""

    @abstractmethod
    def _finish(self, time_s: float, end_s: float) -> None:
        """End what is under way, which lasted until ``end_s`` at most."""

    @abstractmethod
    def _forget(self) -> None:
        """Nothing is known of the pose any more."""

    def _interrupt(self, time_s: float, end_s: float) -> None:
        if self._busy:
            self._finish(time_s, end_s)
        self._busy = False
        self._forget()

    def _tell(self, time_s: float, start_s: float, end_s: float, home: Vector, far: Vector, peak_deg: float) -> None:
        """Say what lasted from ``start_s`` to ``end_s``, if it was long enough."""
        lasted_s = end_s - start_s
        if lasted_s < WORTH_TELLING_S:
            return
        _, cross = tilt(home, far)
        size = sum(c * c for c in cross) ** 0.5
        axis = (cross[0] / size, cross[1] / size, cross[2] / size) if size > 1e-9 else (1.0, 0.0, 0.0)
        excursion = Excursion(start_s, start_s + 0.5 * lasted_s, end_s, peak_deg, axis, home, far, held_s=lasted_s)
        if lasted_s < self._least_s:
            self._said.append(Refused(time_s, excursion, "too-quick"))
            return
        if not self._in_set:
            self._in_set = True
            self._said.append(SetOpened(start_s))
        self._ended_s = time_s
        self._said.append(Counted(time_s, excursion))

    def _close(self, time_s: float) -> None:
        self._in_set = self._manual = False
        self._said.append(SetClosed(time_s))
