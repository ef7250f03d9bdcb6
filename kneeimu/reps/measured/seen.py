"""What was seen of a rep: its ticks, from somewhat before it to its end, and its phases."""

from __future__ import annotations

from math import acos, degrees, sqrt
from typing import NamedTuple

import numpy as np

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.measured.quality import START_TICKS
from kneeimu.reps.phases import Phases, split_phases
from kneeimu.reps.strokes import angle_about
from kneeimu.types import FloatArray

AFTER_S = 0.1
"""So long after its foreseen end a rep is over."""
LARGER = 1.15
"""What leads further than the rep by this factor, shortly before, is another movement."""


class Seen(NamedTuple):
    """The ticks of a rep, from somewhat before it to its end; ``with_after``: times and poses beyond it as well."""

    time_s: FloatArray
    up: FloatArray
    quats: FloatArray
    angle_deg: FloatArray
    phases: Phases
    with_after: tuple[FloatArray, FloatArray]


def see(excursion: Excursion, history: TickHistory, now_s: float, lead_s: float, before_s: float | None) -> Seen:
    """Look up a rep that was completed at ``now_s``, s, from ``lead_s`` before the counter saw it begin.

    Args:
        before_s: end of the rep before; None where there is none.
    """
    first_s = excursion.start_s - lead_s
    earliest_s = min(first_s if before_s is None else before_s, excursion.start_s)
    time_s, up, quats, *_ = history.window(max(first_s, earliest_s), now_s, around_s=excursion.turn_s)
    with_after = time_s, up
    # a step is told when the foot stands: the next one may have begun by then
    whole = time_s.searchsorted(max(excursion.end_s, excursion.turn_s) + AFTER_S, side="right")
    time_s, up, quats = time_s[:whole], up[:whole], quats[:whole]
    angle = angle_from_home(up, excursion)
    if begins := _after_another_movement(time_s, angle, excursion):
        time_s, up, quats, angle = time_s[begins:], up[begins:], quats[begins:], angle[begins:]
    phases = split_phases(time_s, angle, excursion.start_s, earliest_s)
    return Seen(time_s, up, quats, angle, phases, with_after)


def _after_another_movement(time_s: FloatArray, angle_deg: FloatArray, excursion: Excursion) -> int:
    """Index of the tick where a larger movement is over that came shortly before, such as sitting down; 0 for none."""
    turn, before = time_s.searchsorted((excursion.turn_s, excursion.start_s)).tolist()
    larger = (np.abs(angle_deg[:before]) > LARGER * excursion.peak_deg).nonzero()[0]
    if not len(larger):
        return 0
    last = int(larger[-1])
    # from beyond the far end it led by home; from the other side it ended there
    return last + int(angle_deg[last : turn + 1].argmin()) if angle_deg[last] > 0.0 else before


def angle_from_home(up: FloatArray, excursion: Excursion) -> FloatArray:
    """Signed angle of each up vector (n, 3) from home about the rep's axis, deg, shape (n,)."""
    return np.degrees(angle_about(up, excursion.axis, excursion.home))


def greatest_tilt_deg(up: FloatArray) -> float:
    """Greatest tilt of the up vectors (n, 3) against the pose they begin with, deg."""
    start = np.add.reduce(up[:START_TICKS])
    along = up @ start
    return degrees(acos(max(-1.0, min(1.0, along.item(along.argmin()) / sqrt(start @ start)))))
