"""Movements that were all refused one by one, as too quick or as steps, and are a set together: quick reps in a row.

What the person did before, walking up or fidgeting, was slower, and the counter held them against that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.vectors import between

FEWEST = 6
"""So many of them repeat each other."""
PAUSE_S, OVERLAP_S = 1.5, 0.3
"""One follows another within this, and begins no earlier before the other ends."""
ALIKE_SHARE = 1.5
"""Each differs from the usual one in range and in duration by less than this factor ..."""
SAME_WAY_DEG, SAME_HOME_DEG = 25.0, 10.0
"""... and in its way and its home by less than these angles. All are engineering choices."""


def refused_sets(others: Sequence[Excursion], floor_deg: float) -> Iterator[list[Excursion]]:
    """Give those of the movements that were no reps, in order of time, that repeat each other.

    Args:
        floor_deg: smallest range that counts.
    """
    for run in _runs([one for one in others if one.peak_deg > floor_deg]):
        if len(run) < FEWEST:
            continue
        usual_deg, usual_s = median(one.peak_deg for one in run), median(one.duration_s for one in run)
        usual = min(run, key=lambda one: abs(one.peak_deg - usual_deg) + abs(one.duration_s - usual_s))
        alike = [
            one
            for one in run
            if max(_ratio(one.peak_deg, usual_deg), _ratio(one.duration_s, usual_s)) < ALIKE_SHARE
            and between(one.axis, usual.axis) < SAME_WAY_DEG
            and between(one.home, usual.home) < SAME_HOME_DEG
        ]
        if len(alike) >= max(FEWEST, len(run) - 1):
            yield alike


def _runs(movements: Sequence[Excursion]) -> Iterator[list[Excursion]]:
    run: list[Excursion] = []
    for one in movements:
        if run and not -OVERLAP_S < one.start_s - run[-1].end_s < PAUSE_S:
            yield run
            run = []
        run.append(one)
    yield run


def _ratio(one: float, other: float) -> float:
    return max(one / other, other / one)
