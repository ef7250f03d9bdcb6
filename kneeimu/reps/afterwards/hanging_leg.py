"""Reps that the other leg does, which stands: the shin of the one that is lifted moves along.

Where the foot stays on the floor, the sensor on the shin sinks, for how far it tilts, by no more than its height above
the ankle. The leg that hangs sinks with the whole body and hardly tilts. And it was lifted for the set: who has not
lifted it stands as before the first rep and after the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.afterwards.past_standing import stands_beside
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import Block
from kneeimu.reps.rise import lever
from kneeimu.reps.strokes import unit
from kneeimu.types import FloatArray

LEAST_T = 4.0
"""The lever is longer than a standing leg's for sure."""
AROUND_S = 20.0
"""So long before the first rep and after the last it is looked at how the person stood."""
STOOD_TICKS, STOOD_S, LONG_S = 13, 1.0, 4.0
"""Who keeps still for so many ticks stands, and for so long anywhere else; who does so on one leg, right before the
first rep or after the last, for no longer than this."""
SAME_DEG, LIFTED_DEG = 12.0, (40.0, 75.0)
"""A shin that is as far from its home in the reps as this was lifted for them, if it never was as it is in them.

A seat leaves it nearer, and who lies has it further away. All are engineering choices: of 240 sets in six simulators
none shows either sign.
"""


def hangs(ticks: Block, reps: Sequence[Excursion], longest_lever_m: float) -> bool:
    """Say whether these reps are those of a leg that hangs down.

    Args:
        ticks: from before the set to its end.
        reps: in order of time.
        longest_lever_m: a standing leg sinks by no more for each radian, m.
    """
    if not reps:
        return False
    time_s, up, _, heave_m_s2, _ = ticks
    return _sinks_along(time_s, up, heave_m_s2, reps, longest_lever_m) or _was_lifted(time_s, up, reps)


def _sinks_along(
    time_s: FloatArray, up: FloatArray, heave_m_s2: FloatArray, reps: Sequence[Excursion], longest_lever_m: float
) -> bool:
    usual = sorted(reps, key=lambda rep: rep.peak_deg)[len(reps) // 2]
    spans_s = [(rep.start_s, rep.end_s) for rep in reps]
    felt = lever(time_s, up, heave_m_s2, spans_s, np.asarray(usual.home), np.asarray(usual.axis))
    return felt is not None and abs(felt.m_per_rad) > max(longest_lever_m, LEAST_T * felt.spread_m_per_rad)


def _was_lifted(time_s: FloatArray, up: FloatArray, reps: Sequence[Excursion]) -> bool:
    home = unit(np.sum([rep.home for rep in reps], axis=0))
    first, last = time_s.searchsorted((reps[0].start_s - AROUND_S, reps[-1].end_s + AROUND_S)).tolist()
    before: list[_Stand] = []
    after: list[_Stand] = []
    for start, end in _runs(stands_beside(time_s, up, reps, STOOD_TICKS).tolist()):
        beside = before if time_s[start] < reps[0].start_s else after
        if first < end and start < last and not reps[0].start_s < time_s[start] < reps[-1].start_s:
            away_deg = float(np.degrees(np.arccos(np.clip(unit(up[start:end].sum(axis=0)) @ home, -1.0, 1.0))))
            beside.append(_Stand(away_deg, (end - start) / TICK_HZ))
    elsewhere = [*_elsewhere(before[::-1]), *_elsewhere(after)]
    least_deg, most_deg = LIFTED_DEG
    lifted = any(least_deg < stand.away_deg < most_deg and stand.lasts_s > STOOD_S for stand in elsewhere)
    return lifted and all(stand.away_deg > SAME_DEG for stand in elsewhere)


class _Stand(NamedTuple):
    """How far the leg was from its home in the reps, and for how long."""

    away_deg: float
    lasts_s: float


def _elsewhere(stood: Sequence[_Stand]) -> list[_Stand]:
    """Leave out the short stands right beside the reps, which begin and end with them on one leg."""
    beside_s = 0.0
    for k, stand in enumerate(stood):
        beside_s += stand.lasts_s
        if stand.away_deg > SAME_DEG or beside_s > LONG_S:
            return [*stood[k:]]
    return []


def _runs(firsts: Sequence[int]) -> list[tuple[int, int]]:
    """Starts and ends of what goes on from one index to the next; each stands for ``STOOD_TICKS``."""
    runs: list[tuple[int, int]] = []
    for first in firsts:
        if runs and first <= runs[-1][1]:
            runs[-1] = (runs[-1][0], first + STOOD_TICKS)
        else:
            runs.append((first, first + STOOD_TICKS))
    return runs
