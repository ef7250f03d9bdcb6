"""A lower leg that hangs down and is lifted far to one side, however quick and rough, makes no strides."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from swung import count

from kneeimu.reps.afterwards.lifted import lifted
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of
from kneeimu.types import FloatArray, Samples

SWING_TICKS = 26


def shin(lowest_deg: float, highest_deg: float, times: int) -> tuple[FloatArray, FloatArray]:
    """Hangs for 2 s, swings from the lowest to the highest and back, 1.04 s each, and hangs for 2 s."""
    share = 0.5 * (1.0 - np.cos(2.0 * np.pi * np.arange(times * SWING_TICKS) / SWING_TICKS))
    angle = np.radians(np.concatenate((np.zeros(50), lowest_deg + (highest_deg - lowest_deg) * share, np.zeros(50))))
    return np.arange(len(angle)) / 25.0, np.column_stack((np.sin(angle), 0.0 * angle, np.cos(angle)))


def swings_in(time_s: FloatArray, up: FloatArray, times: int) -> list[Excursion]:
    edges = [50 + SWING_TICKS * k for k in range(times + 1)]
    return [excursion_of(time_s, up, begin, begin + SWING_TICKS // 2, end) for begin, end in pairwise(edges)]


@pytest.mark.parametrize(("lowest_deg", "highest_deg", "found"), [(0.0, 80.0, 5), (-20.0, 60.0, 0), (0.0, 45.0, 0)])
def test_what_goes_far_to_one_side_of_where_the_shin_hung_is_lifted(
    lowest_deg: float, highest_deg: float, found: int
) -> None:
    time_s, up = shin(lowest_deg, highest_deg, 5)
    assert len(lifted(time_s, up, swings_in(time_s, up, 5))) == found


def test_where_the_leg_never_rested_nothing_is_known() -> None:
    time_s, up = shin(0.0, 80.0, 5)
    amid = slice(50, -50)
    swings = swings_in(time_s, up, 5)
    assert lifted(time_s[amid], up[amid], swings) == []


def quick_extensions(times: int, swing_s: float = 0.96) -> Samples:
    """The shin swings up by 85 deg about once a second, and turns and leans as much as one that walks."""
    share = 0.5 * (1.0 - np.cos(2.0 * np.pi * np.arange(round(100 * swing_s * times)) / (100 * swing_s)))
    still, more = np.zeros(300), np.zeros(1200)
    turn, lean = (np.concatenate((still, size * np.sin(np.pi * share), more)) for size in (9.0, 6.0))
    lift = np.concatenate((still, 85.0 * share, more))
    pose = Rotation.from_euler("zyx", np.column_stack((turn, lean, lift)), degrees=True)
    rate = (Rotation.concatenate([pose[0], pose[:-1]]).inv() * pose).as_rotvec() * 100.0
    return Samples(np.arange(len(pose)) / 100.0, pose.inv().apply([0.0, 0.0, 9.81]), rate)


def test_quick_knee_extensions_that_turn_the_shin_about_the_vertical_all_count() -> None:
    assert count("knee-extension", quick_extensions(10), "shin") == 10
