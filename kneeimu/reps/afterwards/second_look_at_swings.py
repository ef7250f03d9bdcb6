"""Reps that swing to both sides of home (a lunge, seen from the shin), looked at again once the set is over.

One such rep has several peaks: the shin leans as the foot leaves, swings ahead, leans again over the foot, and all that
back. What parts one rep from the next is that the shin rests at home.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from kneeimu.reps.afterwards.other_leg import reps_between
from kneeimu.reps.afterwards.out_and_back_again import joined
from kneeimu.reps.afterwards.plain_swings import plain_reps
from kneeimu.reps.afterwards.repeats import FEWEST, SMALLEST, Account, Burst, find_accounts
from kneeimu.reps.afterwards.second_look import handfuls_at_either_end
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of, unit
from kneeimu.types import FloatArray

SURE = 0.85
"""Reps that are less alike than this say nothing."""
MORE_ALIKE, SURE_ALONG = 0.02, 0.93
"""Reps that are more alike along their way than in time, by this, and as much, were done in several paces."""
AS_ALIKE = 0.05
"""Two accounts whose reps are alike to this much are as good as one another."""
ALL_OF_IT = 0.97
"""Accounts that explain this share of the longest explain as much."""
WHOLE, AS_LONG = 0.65, 0.75
"""One that has so many fewer reps, which are more alike, and explains so much of the time, has whole reps where the
other has halves."""
MOST_MISSED = 1.8
"""No more reps than this multiple of what was counted: else they are parts of reps."""
UNEVEN = 0.3
"""Standard deviation of the logarithms of how long bursts take, where some are one rep and others two: stretched to one
length they are alike. Engineering choice: of fifteen simulated sets with so few bursts the ten that were found right
were at 0.04 to 0.26, the five that were not at 0.34 to 0.56."""
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
    """Compare the reps that were counted with the bursts of movement between rests at home.

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
    time_s: FloatArray, up: FloatArray, seen: Sequence[Excursion], walked: Sequence[tuple[float, float]]
) -> list[Excursion]:
    """Give the reps of a set, about the movements that were ``seen`` in it; none where nothing repeats itself for sure.

    Which pose is home shows in what the others would make of the set: from home all bursts are alike. Seen from the far
    end they are alike too, but there is one less, so that they explain less of the time.
    """
    if len(seen) < FEWEST:
        return []
    accounts = _accounts_of(time_s, up, seen, walked)
    slow = _without_quick_ends(seen)
    if FEWEST <= len(slow) < len(seen):
        accounts += _accounts_of(time_s, up, slow, walked)
    most = max((account.alike for account in accounts), default=0.0)
    if most + MORE_ALIKE < 1.0:
        along = _accounts_of(time_s, up, seen, walked, by_way=True)
        most_along = max((account.alike for account in along), default=0.0)
        if most_along > max(most + MORE_ALIKE, SURE_ALONG):
            accounts, most = along, most_along
    if most < SURE:
        return []
    best = most_telling([account for account in accounts if account.alike > most - AS_ALIKE])
    if len(best.reps) > MOST_MISSED * len(seen) or _are_several(time_s, best.reps, len(seen)):
        return []
    return [_excursion(time_s, up, burst.start, burst.end) for burst in best.reps]


def _are_several(time_s: FloatArray, bursts: Sequence[Burst], seen: int) -> bool:
    """Say whether the bursts are several reps each: fewer than was seen, and now one rep, now two."""
    durations_s = [float(time_s[burst.end] - time_s[burst.start]) for burst in bursts]
    return len(bursts) < WHOLE * seen and float(np.std(np.log(durations_s))) > UNEVEN


def _without_quick_ends(seen: Sequence[Excursion]) -> Sequence[Excursion]:
    """The movements without strides before and after, which would tell where the shin goes in a rep."""
    quick_s = QUICK * float(np.quantile([one.duration_s for one in seen], 0.75))
    slow = [k for k, one in enumerate(seen) if one.duration_s > quick_s]
    return seen[slow[0] : slow[-1] + 1]


def _accounts_of(
    time_s: FloatArray,
    up: FloatArray,
    seen: Sequence[Excursion],
    walked: Sequence[tuple[float, float]],
    by_way: bool = False,
) -> list[Account]:
    begin, end = np.searchsorted(time_s, (seen[0].start_s, seen[-1].end_s)).tolist()
    if end - begin < 50:
        return []
    middle = up[begin:end].mean(axis=0)
    angle = np.degrees((up - middle) @ np.linalg.svd(up[begin:end] - middle, full_matrices=False)[2][0])
    return find_accounts(time_s, angle, begin, end, walked, by_way)


def most_telling(accounts: list[Account]) -> Account:
    """That which explains most of the time, in whole reps."""
    longest_s = max(account.span_s for account in accounts)
    best = max((a for a in accounts if a.span_s > ALL_OF_IT * longest_s), key=lambda account: account.alike)
    whole = [
        account
        for account in accounts
        if len(account.reps) < WHOLE * len(best.reps)
        and account.span_s > AS_LONG * best.span_s
        and account.alike > best.alike
    ]
    return most_telling(whole) if whole else best


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
