"""The newest ticks come out as they went in, however they were cut."""

from __future__ import annotations

import pytest

from kneeimu.reps.vectors import Vector
from kneeimu.reps.walk.recent import RecentTicks

UPS: list[Vector] = [(0.01 * k, 0.0, 1.0) for k in range(50)]
JOLTS, MOVED = [0.1 * k for k in range(50)], [0.2 * k for k in range(50)]


def taken(*cuts: int) -> RecentTicks:
    recent = RecentTicks(12)
    for first, last in zip((0, *cuts), (*cuts, 50), strict=True):
        recent.take(UPS, JOLTS, MOVED, range(first, last))
    return recent


@pytest.mark.parametrize("cuts", [(), (45,), (3, 44, 46), tuple(range(1, 50))])
def test_the_newest_ticks_are_given_in_order_however_they_were_cut(cuts: tuple[int, ...]) -> None:
    recent = taken(*cuts)
    assert recent.ups(9) == UPS[-9:]
    assert recent.jolts_m_s2(12) == JOLTS[-12:]
    assert recent.moved_deg(1) == MOVED[-1:]


def test_what_is_too_old_is_let_go() -> None:
    assert taken(*range(1, 50)).ups(50) == UPS[-12:]


def test_where_there_were_no_more_all_are_given() -> None:
    recent = RecentTicks(12)
    recent.take(UPS, JOLTS, MOVED, range(3))
    assert recent.jolts_m_s2(10) == JOLTS[:3]
