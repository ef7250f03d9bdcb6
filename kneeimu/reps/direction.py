"""Which way a step of a band walk went, from the rhythm of the leg that wears the sensor.

Each step tilts the leg once. The leg that leads swings out fast and comes back slowly as the body follows; the leg
that trails is left behind slowly and swings in fast (science: one wave a step, "lead fast swing then slow stance").
"""

from __future__ import annotations

from itertools import islice

from kneeimu.reps.phases import Phases
from kneeimu.types import Side

UNCLEAR_RATIO = 1.08
"""Closer than this the two speeds say nothing by themselves. Engineering choice."""
FORWARD_STEPS = 5
"""Nobody turns round before; the first of them is half a swing, whose speed misleads."""
MOST_STEPS = 400
"""Steps of one set that are kept: the first ones, and the newest."""


class DirectionFinder:
    """Tells the direction of the steps of one set.

    Args:
        exercise: ``lateral-walk`` gives "left" or "right"; ``monster-walk`` gives "forward" or "back".
        side: the leg that wears the sensor.
    """

    def __init__(self, exercise: str, side: Side) -> None:
        self._lateral = exercise == "lateral-walk"
        self._side = side
        self._steps: dict[int, tuple[float, float, float]] = {}

    def begin_set(self) -> None:
        """A new set may go another way."""
        self._steps.clear()

    def forget(self, number: int) -> None:
        """That step was none."""
        self._steps.pop(number, None)

    def of(self, number: int, phases: Phases) -> str | None:
        """Give the direction of the newest step; None when it can't be told."""
        out, back = phases.outward_peak_deg_s, phases.return_peak_deg_s
        self._steps[number] = phases.start_s, out, back
        if len(self._steps) > MOST_STEPS:
            del self._steps[next(islice(self._steps, FORWARD_STEPS, None))]
        fast_out = self._outward_before(phases.start_s) if _unclear(out, back) else out > back
        if fast_out is None:
            return None
        if self._lateral:
            return self._side if fast_out else _other(self._side)
        # a monster walk starts forwards; the turn-round exchanges fast and slow
        forward = sum((o - b) / max(o + b, 1.0) for _, o, b in islice(self._steps.values(), 1, FORWARD_STEPS))
        return "forward" if len(self._steps) == 1 or fast_out == (forward > 0.0) else "back"

    def _outward_before(self, start_s: float) -> bool | None:
        """Was the last clear step before that time faster on its way out?"""
        clear = [(at, out > back) for at, out, back in self._steps.values() if at < start_s and not _unclear(out, back)]
        return max(clear)[1] if clear else None


def _unclear(out_deg_s: float, back_deg_s: float) -> bool:
    return max(out_deg_s, back_deg_s) < UNCLEAR_RATIO * min(out_deg_s, back_deg_s)


def _other(side: Side) -> Side:
    return "left" if side == "right" else "right"
