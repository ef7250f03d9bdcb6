"""A segment that turns as told, what a counter would have seen of it, and the second look at that."""

from __future__ import annotations

import numpy as np

from kneeimu.reps.afterwards.second_look import look_again
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import find_strokes
from kneeimu.types import FloatArray

TICK_S = 0.04
FLOOR_DEG = 8.0


def up_of(angle_deg: FloatArray) -> FloatArray:
    """A segment that turns about its x axis: shape (n, 3)."""
    angle = np.radians(angle_deg)
    return np.stack((np.zeros_like(angle), np.sin(angle), np.cos(angle)), axis=1)


def rest(seconds: float, at_deg: float = 0.0) -> FloatArray:
    return np.full(round(seconds / TICK_S), at_deg)


def out_and_back(peak_deg: float, seconds: float = 3.0, from_deg: float = 0.0) -> FloatArray:
    phase = np.linspace(0.0, 2.0 * np.pi, round(seconds / TICK_S))
    return from_deg + (peak_deg - from_deg) * 0.5 * (1.0 - np.cos(phase))


def ramp(from_deg: float, to_deg: float, seconds: float = 1.0) -> FloatArray:
    phase = np.linspace(0.0, np.pi, round(seconds / TICK_S))
    return from_deg + (to_deg - from_deg) * 0.5 * (1.0 - np.cos(phase))


def excursions(angle_deg: FloatArray) -> list[Excursion]:
    """What a counter that misses nothing would have seen."""
    time_s, up = np.arange(len(angle_deg)) * TICK_S, up_of(angle_deg)
    strokes = find_strokes(time_s, up, up_of(np.zeros(1))[0], np.array([-1.0, 0.0, 0.0]), 30.0)
    return [
        Excursion(time_s[s.start], time_s[s.turn], time_s[s.end], s.height_deg,
                  s.axis, s.home, s.far)
        for s in strokes
    ]  # fmt: skip


def look(
    angle_deg: FloatArray, counted: list[Excursion], others: tuple[Excursion, ...] = (), stands_far: bool = False
) -> tuple[list[int], list[Excursion]]:
    time_s = np.arange(len(angle_deg)) * TICK_S
    return look_again(time_s, up_of(angle_deg), counted, others, [], FLOOR_DEG, stands_far)


def set_of(count: int) -> FloatArray:
    return np.concatenate([np.concatenate((out_and_back(40.0), rest(0.5))) for _ in range(count)])
