"""Going about something else, which lands a foot again and again, is no set of squats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.walk.rough import goes_about, strides_beside, walks_on
from kneeimu.types import FloatArray

TICK_S = 0.04
UNEVEN = (83.0, 65.0, 21.0, 30.0, 62.0, 35.0)
TIRED = (60.0, 45.0, 35.0, 50.0, 42.0, 38.0)
EVEN = (60.0, 62.0, 59.0, 61.0, 60.0, 58.0)


def movements(ranges_deg: tuple[float, ...], seconds: float) -> list[Excursion]:
    """One every ``seconds`` and a half."""
    axis, home, far = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
    starts_s = [1.0 + k * (seconds + 0.5) for k in range(len(ranges_deg))]
    return [
        Excursion(start_s, start_s + 0.5 * seconds, start_s + seconds, range_deg, axis, home, far)
        for start_s, range_deg in zip(starts_s, ranges_deg, strict=True)
    ]


def jolts(of: list[Excursion], usual_m_s2: float, strike_m_s2: float) -> tuple[FloatArray, FloatArray]:
    """As much all the time, and a foot that comes down at the end of each."""
    time_s = np.arange(0.0, of[-1].end_s + 2.0, TICK_S)
    jolt_m_s2 = np.full(len(time_s), usual_m_s2)
    jolt_m_s2[np.searchsorted(time_s, [one.end_s for one in of])] = strike_m_s2
    return time_s, jolt_m_s2


def test_who_climbs_does_no_squats() -> None:
    climbing = movements(UNEVEN, 1.3)
    assert goes_about(*jolts(climbing, 1.5, 9.0), climbing)


@pytest.mark.parametrize(
    ("ranges_deg", "seconds", "usual_m_s2", "strike_m_s2"),
    [
        pytest.param(EVEN, 1.3, 1.5, 9.0, id="even"),
        pytest.param(TIRED, 1.3, 1.5, 9.0, id="nearly even"),
        pytest.param(UNEVEN, 3.5, 1.5, 9.0, id="slow"),
        pytest.param(UNEVEN, 1.3, 0.3, 9.0, id="smooth"),
        pytest.param(UNEVEN, 1.3, 1.5, 2.0, id="no foot comes down"),
        pytest.param(3 * UNEVEN, 1.3, 1.5, 9.0, id="many"),
        pytest.param(UNEVEN[:2], 1.3, 1.5, 9.0, id="hardly any"),
    ],
)
def test_reps_that_are_not_all_of_it_stay(
    ranges_deg: tuple[float, ...], seconds: float, usual_m_s2: float, strike_m_s2: float
) -> None:
    reps = movements(ranges_deg, seconds)
    assert not goes_about(*jolts(reps, usual_m_s2, strike_m_s2), reps)


def shin(swing_deg: float, period_s: float, count: int) -> tuple[FloatArray, FloatArray, list[Excursion]]:
    """Out and back in 0.8 s, and a rest until the next."""
    time_s = np.arange(0.0, count * period_s, TICK_S)
    phase = np.minimum((time_s % period_s) / 0.8, 1.0)
    angle = np.radians(swing_deg) * 0.5 * (1.0 - np.cos(2.0 * np.pi * phase))
    up = np.stack((np.sin(angle), np.zeros_like(angle), np.cos(angle)), axis=1)
    axis, home, far = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
    starts_s = [k * period_s for k in range(count)]
    return time_s, up, [Excursion(at_s, at_s + 0.4, at_s + 0.8, swing_deg, axis, home, far) for at_s in starts_s]


@pytest.mark.parametrize(
    ("swing_deg", "period_s", "count", "walks"),
    [
        pytest.param(70.0, 1.3, 12, True, id="strides"),
        pytest.param(70.0, 2.4, 12, False, id="lunges take longer"),
        pytest.param(30.0, 1.3, 12, False, id="too slow for a leg that walks"),
        pytest.param(70.0, 1.3, 3, False, id="hardly any"),
    ],
)
def test_strides_are_known_by_how_fast_they_follow_one_another(
    swing_deg: float, period_s: float, count: int, walks: bool
) -> None:
    assert walks_on(*shin(swing_deg, period_s, count)) == walks


@pytest.mark.parametrize(
    ("seconds", "strike_m_s2", "pause_s", "strode"),
    [
        pytest.param(1.1, 5.0, 4.0, 3, id="quick and hard"),
        pytest.param(1.1, 1.0, 4.0, 0, id="nobody lands a foot"),
        pytest.param(2.4, 5.0, 4.0, 0, id="as slow as reps"),
        pytest.param(1.1, 5.0, 0.5, 0, id="quick reps of the same set"),
    ],
)
def test_quick_movements_apart_from_slow_reps_that_land_a_foot_are_strides(
    seconds: float, strike_m_s2: float, pause_s: float, strode: int
) -> None:
    reps, walk = movements(EVEN, 3.0), movements(EVEN[:3], seconds)
    later_s = reps[-1].end_s + pause_s - walk[0].start_s
    walk = [replace(one, start_s=one.start_s + later_s, end_s=one.end_s + later_s) for one in walk]
    time_s, jolt_m_s2 = jolts([*reps, *walk], 0.3, strike_m_s2)
    assert strides_beside(time_s, jolt_m_s2, [*reps, *walk]) == (walk if strode else [])
