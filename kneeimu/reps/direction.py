"""Which way a step of a band walk went, from the rhythm of the leg that wears the sensor.

Each step tilts the leg once. The leg that leads swings out fast and comes back slowly as the body follows; the leg
that trails is left behind slowly and swings in fast (science: one wave a step, "lead fast swing then slow stance").
"""

from __future__ import annotations

from kneeimu.reps.phases import Phases
from kneeimu.types import Side

UNCLEAR_RATIO = 1.08
"""Closer than this the two speeds say nothing by themselves. Engineering choice."""
FORWARD_STEPS = 5
"""Nobody turns round before; the first of them is half a swing, whose speed misleads."""


class DirectionFinder:
    """Tells the direction of the steps of one set.

    Args:
        exercise: ``lateral-walk`` gives "left" or "right"; ``monster-walk`` gives "forward" or "back".
        side: the leg that wears the sensor.
    """

    def __init__(self, exercise: str, side: Side) -> None:
        self._lateral = exercise == "lateral-walk"
        self._side = side
        self._outward_first: bool | None = None
        self._forward = 0.0
        self._steps = 0

    def begin_set(self) -> None:
        """A new set may go another way."""
        self._outward_first = None
        self._forward = 0.0
        self._steps = 0

    def of(self, phases: Phases) -> str | None:
        """Give the direction of the newest step; None when it can't be told."""
        self._steps += 1
        out, back = phases.outward_peak_deg_s, phases.return_peak_deg_s
        fast_out = out > back
        unclear = max(out, back) < UNCLEAR_RATIO * min(out, back)
        if unclear:
            if self._outward_first is None:
                return None
            fast_out = self._outward_first
        self._outward_first = fast_out
        if self._lateral:
            return self._side if fast_out else _other(self._side)
        # a monster walk starts forwards; the turn-round exchanges fast and slow
        if 1 < self._steps <= FORWARD_STEPS:
            self._forward += (out - back) / max(out + back, 1.0)
        return "forward" if self._steps == 1 or fast_out == (self._forward > 0.0) else "back"


def _other(side: Side) -> Side:
    return "left" if side == "right" else "right"
