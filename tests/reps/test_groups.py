"""A set with groups of reps of different size and pace, as physiotherapists ask for."""

from __future__ import annotations

from swung import count, swung

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.live.groups import MOST_GROUPS, Groups
from kneeimu.reps.parameters import CounterParameters

C = CounterParameters()


def _rep(peak_deg: float, at_s: float = 0.0, duration_s: float = 3.0) -> Excursion:
    up = (0.0, 0.0, 1.0)
    return Excursion(at_s, at_s + 0.5 * duration_s, at_s + duration_s, peak_deg, (1.0, 0.0, 0.0), up, up)


def _groups_of(*peaks_deg: float) -> Groups:
    groups = Groups(C)
    for k, peak_deg in enumerate(peaks_deg):
        groups.add(_rep(peak_deg, 4.0 * k))
    return groups


def test_large_reps_count_again_after_small_ones() -> None:
    large, small, quick = (0.0, 40.0, 6.0, 3), (0.0, 13.0, 4.0, 3), (0.0, 38.0, 2.0, 3)
    assert count("hip-abduction", swung([large, small, quick])) == 9


def test_a_slow_rep_like_the_quick_ones_after_it_stays_where_a_larger_one_before_it_goes() -> None:
    settling, slow, quick = (0.0, 33.0, 15.0, 1), (0.0, 24.0, 8.0, 1), (0.0, 23.0, 3.0, 3)
    assert count("hip-abduction", swung([settling, slow, quick])) == 4


def test_a_size_of_which_the_set_had_too_few_is_not_known() -> None:
    assert not _groups_of(40.0, 40.0, 9.0, 9.0, 9.0).know(_rep(40.0))
    assert _groups_of(40.0, 40.0, 40.0, 9.0, 9.0).know(_rep(40.0))


def test_what_takes_far_longer_than_the_reps_of_its_size_is_none_of_them() -> None:
    assert not _groups_of(40.0, 40.0, 40.0, 9.0).know(_rep(40.0, duration_s=9.0))


def test_reps_that_were_taken_back_are_not_remembered() -> None:
    groups, reps = Groups(C), [_rep(40.0, 4.0 * k) for k in range(3)]
    for rep in reps:
        groups.add(rep)
    groups.take_back(reps[:1])
    assert not groups.know(_rep(40.0))


def test_the_oldest_of_many_groups_is_forgotten() -> None:
    sizes = [5.0 * 2.0**k for k in range(MOST_GROUPS + 1)]
    groups = _groups_of(*(size for size in sizes for _ in range(3)))
    assert [groups.know(_rep(size)) for size in sizes] == [False, *[True] * MOST_GROUPS]
