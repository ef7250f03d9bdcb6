"""A set that is over, looked at again as a whole.

While a set goes on nobody knows yet what its reps look like, so that the first may be missed and the way into or out of
the start pose be counted. Afterwards it is known: the reps are what most of the movements have in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import inf
from statistics import median

import numpy as np
import numpy.typing as npt

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.afterwards.oddness import Judged, Kind, LookParameters, common_kind
from kneeimu.reps.afterwards.runs import median_odd, runs_from_known_home, runs_of_the_set, spans
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.handful import strays
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.strokes import Stroke, angle_deg, as_vector
from kneeimu.types import FloatArray

USUAL = CounterParameters()
GAP_S = 2.5 / TICK_HZ
"""Between two ticks that are further apart samples were lost."""


def look_again(
    time_s: FloatArray,
    up: FloatArray,
    counted: Sequence[Excursion],
    others: Sequence[Excursion],
    walked: Sequence[tuple[float, float]],
    floor_deg: float,
    starts_at_far_end: bool = False,
    falls_along: FloatArray | None = None,
    begins_s: float = -inf,
    ends_s: float = inf,
    p: LookParameters | None = None,
    no_strides: Sequence[Excursion] = (),
) -> tuple[list[int], list[Excursion]]:
    """Compare the reps that were counted in a set with what the whole of it shows.

    Args:
        time_s: (n,), s: from before the set to its end.
        up: (n, 3), unit vectors up in the sensor frame.
        counted: the reps of the set, in order of time.
        others: movements that were refused or taken back.
        walked: bouts of walking, start and end, s.
        floor_deg: smallest range that counts.
        starts_at_far_end: the person stands at the far end of the movement before and after the set.
        falls_along: (3,), a direction in the sensor frame that points lower at the far end than at home, where an
            alignment tells it: then nothing has to be guessed about which end is which.
        no_strides: what of ``counted`` is quick, and no strides for sure.
        begins_s, ends_s: when the recording begins and ends, if it does so amid these times.

    Returns:
        Indices of ``counted`` that are no reps, and reps that had been missed.
    """
    p = p or LookParameters()
    kind = common_kind(counted, others, floor_deg, p)
    if kind is None or len(counted) < p.fewest or len(time_s) < 50:
        return [], []
    if falls_along is None:
        runs = runs_of_the_set(time_s, up, kind, counted, walked, p, starts_at_far_end, (begins_s, ends_s))
    else:
        runs = runs_from_known_home(time_s, up, kind, counted, walked, falls_along, p)
    removed: list[int] = []
    added: list[Excursion] = []
    resumed_s = time_s[1:][time_s[1:] - time_s[:-1] > GAP_S]
    for run, turned in runs:
        found = [_excursion(time_s, judged.stroke) for judged in run]
        within = [k for k, rep in enumerate(counted) if spans(time_s, run, rep)]
        both = _Both.of([counted[k] for k in within], found, resumed_s)
        few = abs(len(found) - len(within)) <= p.most_turned * len(within)
        if few and (turned or (median_odd(run) < p.regular and both.seen_otherwise)):
            removed += within
            added += [one for one, judged in zip(found, run, strict=True) if judged.odd < p.odd_most]
        elif int(both.same.any(axis=0).sum()) >= p.known * len(within):
            between = both.lies_between | (_stands_apart(counted, p)[within] & both.is_no_other)
            removed += [k for k, goes in zip(within, between, strict=True) if goes]
            apart = (both.overlap_s <= p.overlap * both.found_s) & ~both.goes_on
            missed = np.all(apart[~between], axis=0).tolist()
            amid = _amid(run, found, p)
            fits = [j.odd < (p.amid if amid[k] else p.odd) for k, j in enumerate(run)]
            within_reach = _reached(np.any(both.same, axis=0), fits) if p.walks else range(len(run))
            added += [found[k] for k in within_reach if missed[k] and fits[k]]
    outside = [k for k, rep in enumerate(counted) if not any(spans(time_s, run, rep) for run, _ in runs)]
    kept = [rep for k, rep in enumerate(counted) if k not in outside and k not in removed]
    if not starts_at_far_end:  # getting into that pose is like a rep
        soon = _follows_soon(counted, p)
        outside = [k for k in outside if not soon[k] or sum(_is_like(counted[k], rep, p) for rep in kept) < p.like]
    quick = [counted[k] for k in outside if counted[k].duration_s < min(p.stride_s, p.stride_share * kind.duration_s)]
    quick = [rep for rep in quick if rep not in no_strides]
    quick = [rep for rep in quick if sum(_goes_as(rep, one, p) for one in kept) < p.like]
    strides = 0 if len(quick) >= p.quick_reps and _are_alike(quick, kind, p) else len(quick)
    elsewhere = sum(_is_elsewhere(counted[k], kind, p) for k in outside)
    handfuls = handfuls_at_either_end(counted, outside)
    astray = sum(len(few) for few in handfuls if p.walks or _is_quick_pair(few, kind, p))
    few = len(outside) - max(strides, elsewhere, astray) <= max(1, p.most_removed * len(counted))
    if runs and (few or (any(turned for _, turned in runs) and len(outside) <= p.most_outside * len(counted))):
        removed += outside
    # what was counted across a pause belongs to the run on either side
    if starts_at_far_end:
        left = [rep for k, rep in enumerate(counted) if k not in removed] + added
        longest_s = max(p.stands_s, p.stands_share * median(rep.duration_s for rep in left)) if left else inf
        removed += [k for k, rep in enumerate(counted) if rep.duration_s > longest_s]
        added = [rep for rep in added if rep.duration_s <= longest_s]
    return sorted(set(removed)), added


def _reached(known: npt.NDArray[np.bool_], fits: Sequence[bool]) -> range:
    """Give what lies amid those that are known, or next to them without one that does not fit in between.

    Beyond that one the person walks. All of it where none is known.
    """
    at = known.nonzero()[0]
    if not len(at):
        return range(len(fits))
    first, last = at.item(0), at.item(-1) + 1
    while first > 0 and fits[first - 1]:
        first -= 1
    while last < len(fits) and fits[last]:
        last += 1
    return range(first, last)


def handfuls_at_either_end(reps: Sequence[Excursion], outside: Sequence[int]) -> Iterator[list[Excursion]]:
    """Give what begins or ends the set, is outside its runs, and would be no set of its own."""
    c = USUAL
    for _, part in groupby(enumerate(outside), lambda numbered: numbered[1] - numbered[0]):
        indices = [k for _, k in part]
        few = [reps[k] for k in indices]
        if (indices[0] == 0 or indices[-1] == len(reps) - 1) and 1 < len(few) <= c.handful and strays(few, None, c):
            yield few


def _is_quick_pair(few: Sequence[Excursion], kind: Kind, p: LookParameters) -> bool:
    """Two are no group, and who lies down may shake the leg between two groups."""
    return len(few) == 2 and max(rep.duration_s for rep in few) < p.pair_share * kind.duration_s


def _follows_soon(reps: Sequence[Excursion], p: LookParameters) -> list[bool]:
    """Whether the pause before each or the one after it is about as long as usual."""
    pauses_s = [later.start_s - one.end_s for one, later in pairwise(reps)]
    longest_s = p.pause_s + max(0.0, median(pauses_s)) if pauses_s else 0.0
    return [min(around) <= longest_s for around in pairwise([inf, *pauses_s, inf])]


def _amid(run: Sequence[Judged], found: Sequence[Excursion], p: LookParameters) -> list[bool]:
    """Whether each goes on from one and is followed by another as soon as usual, and one of the two is not odd."""
    pauses_s = [later.start_s - one.end_s for one, later in pairwise(found)]
    longest_s = p.amid_share * median(pauses_s) if pauses_s else 0.0
    in_time = [max(around) <= longest_s for around in pairwise([inf, *pauses_s, inf])]
    plain = [False, *(judged.odd < p.odd for judged in run), False]
    return [on_time and (plain[k] or plain[k + 2]) for k, on_time in enumerate(in_time)]


def _is_like(rep: Excursion, other: Excursion, p: LookParameters) -> bool:
    """It is much the same as a rep of the set, however odd beside the rest: sets have groups of quick or small reps."""
    sizes = max(rep.peak_deg, other.peak_deg) < p.like_share * min(rep.peak_deg, other.peak_deg)
    times = max(rep.duration_s, other.duration_s) < p.like_share * min(rep.duration_s, other.duration_s)
    return sizes and times and _goes_as(rep, other, p)


def _goes_as(rep: Excursion, other: Excursion, p: LookParameters) -> bool:
    """It goes from the same home the same way."""
    home_deg = max(p.pose_deg, p.like_home_share * other.peak_deg)
    return angle_deg(rep.axis, other.axis) < p.like_axis_deg and angle_deg(rep.home, other.home) < home_deg


def _is_elsewhere(rep: Excursion, kind: Kind, p: LookParameters) -> bool:
    """It is a movement of another posture: it sets out from elsewhere, and shares little of a rep's way.

    One of its ends is further from that of the set than a rep goes, or both are by more than half of that.
    """
    home_deg, far_deg = angle_deg(rep.home, as_vector(kind.home)), angle_deg(rep.far, as_vector(kind.far))
    nearer_deg, further_deg = sorted((home_deg, far_deg))
    little = further_deg > kind.range_deg or nearer_deg > p.apart_share * kind.range_deg
    return home_deg > p.alike_home_deg and little


def _are_alike(quick: Sequence[Excursion], kind: Kind, p: LookParameters) -> bool:
    """They go the way of the set, from its home, and are of one size."""
    ranges = sorted(rep.peak_deg for rep in quick)
    axis, home = as_vector(kind.axis), as_vector(kind.home)
    ways = (angle_deg(rep.axis, axis) <= p.alike_axis_deg for rep in quick)
    homes = (angle_deg(rep.home, home) <= p.alike_home_deg for rep in quick)
    return ranges[-1] <= p.alike_deg_share * ranges[0] and all(ways) and all(homes)


@dataclass(frozen=True, slots=True)
class _Both:
    """What was counted (n) held against what was found (m) in the same time.

    Attributes:
        same: (n, m), they are the same movement.
        overlap_s: (n, m), for how long they coincide; negative where they do not.
        goes_on: (n, m), what was counted is what came after samples were lost amid the one that was found.
        found_s: (m,), how long those that were found last.
    """

    same: npt.NDArray[np.bool_]
    goes_on: npt.NDArray[np.bool_]
    overlap_s: FloatArray
    found_s: FloatArray

    @staticmethod
    def of(counted: Sequence[Excursion], found: Sequence[Excursion], resumed_s: FloatArray) -> _Both:
        """``resumed_s`` is when samples came again after some had been lost."""
        start_s, turn_s, end_s = (column[:, None] for column in _times(counted))
        found_start_s, found_turn_s, found_end_s = _times(found)
        near_s = 0.25 * np.minimum(end_s - start_s, found_end_s - found_start_s)
        same = (start_s + near_s <= found_turn_s) & (found_turn_s <= end_s - near_s)
        same |= np.abs(turn_s - found_turn_s) < near_s
        overlap_s = np.minimum(end_s, found_end_s) - np.maximum(start_s, found_start_s)
        resumes = (np.abs(start_s - resumed_s) < GAP_S).any(axis=1, keepdims=True)
        goes_on = resumes & (found_start_s < start_s) & (overlap_s > 0.0)
        return _Both(same | goes_on, goes_on, overlap_s, found_end_s - found_start_s)

    @property
    def seen_otherwise(self) -> bool:
        """Some of what was counted is the way from one rep to the next."""
        parts = (self.overlap_s > 0.25 * self.found_s).sum(axis=1)
        return bool(((parts >= 2) & ~self.same.any(axis=1)).any())

    @property
    def is_no_other(self) -> npt.NDArray[np.bool_]:
        """Which coincide with none of those that were found, (n,)."""
        return np.asarray(~np.any(self.same | (self.overlap_s > 0.0), axis=1))

    @property
    def lies_between(self) -> npt.NDArray[np.bool_]:
        """Which are the way from one rep to the next: none of those that were found, but part of two, (n,)."""
        parts: npt.NDArray[np.int_] = (self.overlap_s > 0.0).sum(axis=1)
        return (parts >= 2) & ~self.same.any(axis=1)


def _stands_apart(reps: Sequence[Excursion], p: LookParameters) -> npt.NDArray[np.bool_]:
    """Which come after a pause, and before one, that is longer than usual, (n,)."""
    pauses_s = [later.start_s - one.end_s for one, later in pairwise(reps)]
    longest_s = p.pause_s + max(0.0, median(pauses_s)) if pauses_s else inf
    return np.array([min(around) > longest_s for around in pairwise([0.0, *pauses_s, 0.0])], dtype=bool)


def _times(movements: Sequence[Excursion]) -> FloatArray:
    """Start, turn and end of each, (3, n)."""
    return np.array([(one.start_s, one.turn_s, one.end_s) for one in movements]).reshape(-1, 3).T


def _excursion(time_s: FloatArray, stroke: Stroke) -> Excursion:
    return Excursion(
        start_s=float(time_s[stroke.start]),
        turn_s=float(time_s[stroke.turn]),
        end_s=float(time_s[stroke.end]),
        peak_deg=stroke.height_deg,
        axis=stroke.axis,
        home=stroke.home,
        far=stroke.far,
    )
