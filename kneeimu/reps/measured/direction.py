"""Which way a step of a band walk went, from the rhythm of the leg that wears the sensor.

Each step tilts the leg once. The leg that leads swings out fast and comes back slowly as the body follows; the leg
that trails is left behind slowly and swings in fast (science: one wave a step, "lead fast swing then slow stance").
"""

from __future__ import annotations

from bisect import bisect
from typing import NamedTuple

from kneeimu.reps.phases import Phases
from kneeimu.reps.vectors import Vector, between
from kneeimu.types import Side

UNCLEAR_RATIO = 1.08
"""Closer than this the two speeds say nothing by themselves. Engineering choice."""
FORWARD_STEPS = 5
"""Nobody turns round before; the first of them is half a swing, whose speed misleads. So is the first after the
turn-round, which is mostly missed at first."""
MOST_STEPS = 400
"""Steps of one set that are kept: the first ones, and the newest."""


class _Step(NamedTuple):
    start_s: float
    number: int
    outward_deg_s: float
    return_deg_s: float
    said: str | None

    @property
    def clear(self) -> bool:
        """The two speeds differ enough to say something."""
        out, back = self.outward_deg_s, self.return_deg_s
        return max(out, back) >= UNCLEAR_RATIO * min(out, back)

    @property
    def fast_out(self) -> bool:
        return self.outward_deg_s > self.return_deg_s


class DirectionFinder:
    """Tells the direction of the steps of one set, in whatever order they are told.

    Args:
        swings_through: the steps swing past the other foot, "forward" or "back"; else they go to the side, "left" or
            "right".
        side: the leg that wears the sensor.
    """

    def __init__(self, side: Side, *, swings_through: bool) -> None:
        self._lateral = not swings_through
        self._side = side
        self._steps: list[_Step] = []  # in order of time
        self._axis: Vector | None = None

    def begin_set(self) -> None:
        """A new set may go another way."""
        self._steps.clear()
        self._axis = None

    def forget(self, number: int) -> None:
        """That step was none."""
        self._steps = [step for step in self._steps if step.number != number]
        self._axis = self._axis if self._steps else None

    def of(self, number: int, phases: Phases, axis: Vector) -> str | None:
        """Give the direction of a step, out about an axis and back; None when it can't be told."""
        speeds_deg_s = phases.outward_peak_deg_s, phases.return_peak_deg_s
        if not self._lateral and self._turns_the_other_way(axis):
            speeds_deg_s = speeds_deg_s[::-1]
        step = _Step(phases.start_s, number, *speeds_deg_s, None)
        at = bisect(self._steps, step)
        step = step._replace(said=self._lateral_way(step, at) if self._lateral else self._monster_way(step, at))
        self._steps.insert(at, step)
        if len(self._steps) > MOST_STEPS:
            del self._steps[FORWARD_STEPS]
        return step.said

    def _turns_the_other_way(self, axis: Vector) -> bool:
        """Does a step set out from the other end of the swing than the first one?"""
        if self._axis is None:
            self._axis = axis
        return between(self._axis, axis) > 90.0

    def _lateral_way(self, step: _Step, at: int) -> str | None:
        fast_out = self._fast_out(step, at)
        if fast_out is None:
            return None
        return self._side if fast_out else _other(self._side)

    def _monster_way(self, step: _Step, at: int) -> str | None:
        """A monster walk starts forwards; the turn-round exchanges fast and slow."""
        if at < len(self._steps):
            # found late: half a swing, after which the walk went on as it did in the next step
            return self._steps[at].said
        fast_out = self._fast_out(step, at)
        if fast_out is None:
            return None
        if not self._steps:
            return "forward"
        first = [*self._steps[1:FORWARD_STEPS], step][: FORWARD_STEPS - 1]
        ahead = sum((o - b) / max(o + b, 1.0) for _, _, o, b, _ in first)
        return "forward" if fast_out == (ahead > 0.0) else "back"

    def _fast_out(self, step: _Step, at: int) -> bool | None:
        """Was it faster on its way out? If that is not clear, as the last clear step before it."""
        return next((one.fast_out for one in (step, *reversed(self._steps[:at])) if one.clear), None)


def _other(side: Side) -> Side:
    return "left" if side == "right" else "right"
