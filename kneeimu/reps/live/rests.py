"""Where the segment rested last, and for how long."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.live.course import RESTED_TICKS, Course
from kneeimu.reps.vectors import Vector, between

TICK_S = 1.0 / TICK_HZ
MOST = 16
"""Rests that are remembered: those before the first reps of a set and amid these."""
RECENT_S, LEAST_S = 15.0, 2.5
"""A stand before a set ended no longer before it, and was no shorter."""
STOOD_RECENTLY_S, STOOD_S = 45.0, 1.5
"""Where the person stood for longer than this, no longer ago, they may stand again. Engineering choices."""
NEAR_SHARE, NEAR_S = 0.3, 1.0
"""A movement sets out from a rest that is no further from its home than this share of it, and no longer before it."""


@dataclass(slots=True)
class _Rest:
    pose: Vector
    start_s: float
    end_s: float


class Rests:
    """The last of them, while they go on and afterwards."""

    def __init__(self) -> None:
        self._rests: deque[_Rest] = deque(maxlen=MOST)

    def observe(self, course: Course, ticks: range) -> None:
        """Take ticks of the course."""
        for at in ticks:
            if (lasting := course.sway_ticks[at]) < RESTED_TICKS:
                continue
            time_s, pose = course.lists.time_s[at], course.poses.up[at]
            if lasting == RESTED_TICKS or not self._rests:
                self._rests.append(_Rest(pose, time_s - lasting * TICK_S, time_s))
            else:
                self._rests[-1].pose, self._rests[-1].end_s = pose, time_s

    def poses_before(self, time_s: float) -> list[Vector]:
        """Give the poses of those that began before this, and not long before."""
        return [rest.pose for rest in self._before(time_s)]

    def stood_before(self, time_s: float) -> list[Vector]:
        """Give the poses in which the person stood for long before this."""
        return [
            rest.pose
            for rest in self._rests
            if time_s - STOOD_RECENTLY_S < rest.end_s and rest.end_s - rest.start_s > STOOD_S
        ]

    def longest_before(self, time_s: float) -> Vector | None:
        """Give the pose of the longest that began before this; None where there is none."""
        longest = max(self._before(time_s), key=lambda rest: rest.end_s - rest.start_s, default=None)
        return longest.pose if longest is not None and longest.end_s - longest.start_s > LEAST_S else None

    def _before(self, time_s: float) -> list[_Rest]:
        return [rest for rest in self._rests if time_s - RECENT_S < rest.end_s and rest.start_s < time_s]

    def before(self, movement: Excursion) -> float:
        """Give for how long the segment rested, until this movement began, where that sets out, s."""
        near_deg = NEAR_SHARE * movement.peak_deg
        return max(
            (
                rest.end_s - rest.start_s
                for rest in self._rests
                if rest.start_s < movement.start_s < rest.end_s + NEAR_S
                and between(rest.pose, movement.home) < near_deg
            ),
            default=0.0,
        )
