"""Reps that swing to both sides of home (a lunge, seen from the shin), looked at again once the set is over.

One such rep has several peaks: the shin leans as the foot leaves, swings ahead, leans again over the foot, and all that
back. What a rep is shows in that it repeats itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from kneeimu.reps.afterwards.other_leg import reps_between
from kneeimu.reps.afterwards.out_and_back_again import joined
from kneeimu.reps.afterwards.plain_swings import plain_reps
from kneeimu.reps.afterwards.repeats import FEWEST, find_repeats
from kneeimu.reps.afterwards.second_look import handfuls_at_either_end
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of, unit
from kneeimu.types import FloatArray

MOST_MISSED, MOST_AT_ALL = 1.8, 2.5
"""No more plain reps, and no more reps at all, than this multiple of what was counted: else they are parts of reps."""
SHORTEST_TICKS = 50
SMALLEST = 0.5
"""What was counted between two reps goes if it is smaller than this share of the usual."""
OVERLAP = 0.2
"""A rep that was missed may reach into one that was counted by this share."""
MOST_OUTSIDE, QUICK = 2, 0.6
"""Of what was counted before the first and after the last rep no more is taken back, or a third of the reps, unless it
took less than this share of a rep's time: then it was strides."""


def look_again_at_swings(
    time_s: FloatArray,
    up: FloatArray,
    counted: Sequence[Excursion],
    walked: Sequence[tuple[float, float]],
    floor_deg: float,
    leans_about: FloatArray | None = None,
) -> tuple[list[int], list[Excursion], dict[int, Excursion]]:
    """Compare the reps that were counted with what repeats itself.

    Args:
        time_s: (n,), s: from before the set to its end.
        up: (n, 3), unit vectors up in the sensor frame.
        counted: the reps of the set, in order of time.
        walked: bouts of walking, start and end, s.
        floor_deg: smallest range that counts.
        leans_about: axis (3,) in the sensor frame about which the shin leans ahead; None when nobody knows.

    Returns:
        Indices of ``counted`` that are no reps, reps that had been missed, and by the indices of those that stay how
        each was found.
    """
    plain = plain_reps(time_s, up, counted, walked, floor_deg, leans_about)
    if 0 < len(plain) <= MOST_MISSED * len(counted):
        return _differences(counted, joined(time_s, up, plain) or plain, plain=True)
    found = what_repeats(time_s, up, counted, walked)
    if own := reps_between(time_s, up, found, floor_deg):
        return _differences(counted, own, plain=True)
    if whole := joined(time_s, up, found or counted):
        return _differences(counted, whole, plain=False)
    return _differences(counted, found, plain=False) if found else ([], [], {})


def what_repeats(
    time_s: FloatArray,
    up: FloatArray,
    seen: Sequence[Excursion],
    walked: Sequence[tuple[float, float]],
    *,
    even: bool = False,
) -> list[Excursion]:
    """Give the reps of a set, about the movements that were ``seen`` in it; none where nothing repeats itself.

    ``even`` asks for reps that are more alike, as where none was counted.
    """
    if len(seen) < FEWEST:
        return []
    begin, end = time_s.searchsorted((seen[0].start_s, seen[-1].end_s)).clip(max=len(time_s) - 1).tolist()
    if end - begin < SHORTEST_TICKS:
        return []
    spans = find_repeats(time_s, up, begin, end, walked, even=even)
    return [_excursion(time_s, up, *span) for span in spans] if len(spans) <= MOST_AT_ALL * len(seen) else []


def _excursion(time_s: FloatArray, up: FloatArray, start: int, end: int) -> Excursion:
    home = unit(up[start] + up[end])
    return excursion_of(time_s, up, start, start + int(np.argmin(up[start : end + 1] @ home)), end)


def _differences(
    counted: Sequence[Excursion], found: list[Excursion], *, plain: bool
) -> tuple[list[int], list[Excursion], dict[int, Excursion]]:
    """Each rep that was found may be one that was counted; what is left over was wrong or missed.

    Between ``plain`` reps there is nothing else.
    """
    free = list(range(len(counted)))
    added, found_as = [], {}
    for rep in found:
        within = [k for k in free if rep.start_s - 0.3 <= counted[k].turn_s <= rep.end_s + 0.3]
        if within:
            same = max(within, key=lambda k: counted[k].peak_deg)
            free.remove(same)
            found_as[same] = rep
        else:
            added.append(rep)
    outside = [k for k in free if counted[k].turn_s < found[0].start_s or counted[k].turn_s > found[-1].end_s]
    least_deg = SMALLEST * median(rep.peak_deg for rep in counted)
    between = [k for k in free if (plain or counted[k].peak_deg < least_deg) and k not in outside]
    twice = [k for k in free if any(_overlap_s(rep, counted[k]) > OVERLAP * counted[k].duration_s for rep in found)]
    quick_s = QUICK * median(rep.duration_s for rep in found)
    astray = {id(one) for few in handfuls_at_either_end(counted, outside) for one in few}
    slow = [k for k in outside if counted[k].duration_s > quick_s and id(counted[k]) not in astray]
    if len(slow) > max(MOST_OUTSIDE, len(found) // 3):
        outside = [k for k in outside if k not in slow]
    return sorted({*twice, *between, *outside}), added, found_as


def _overlap_s(rep: Excursion, other: Excursion) -> float:
    return min(rep.end_s, other.end_s) - max(rep.start_s, other.start_s)
