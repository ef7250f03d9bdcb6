"""A stretch of movement, looked at as a whole: every way out and back in it, found from its turning points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import acos, degrees, sqrt

import numpy as np

from calibration.frames import cross
from kneeimu.reps.excursion import Excursion, Vector
from kneeimu.types import FloatArray

TURN_SHARE = 0.33
"""Share of the usual range by which the angle has to go back before it is a turning point."""
DIP_SHARE = 0.45
"""Two peaks with a dip between them that stays above this share of their height are one, with a hitch."""
BASE_SHARE = 0.25
"""A stroke begins and ends where the angle has this share of its height left."""
PASSING_S = 0.25
"""Whoever starts from a pose stays there at least so long ..."""
PASSING_SHARE = 0.3
"""... within this share of the height; whoever is faster only passes through it."""


@dataclass(slots=True)
class Stroke:
    """Out and back. Indices count the ticks of the stretch.

    Attributes:
        start, turn, end: where it begins, has its peak and is back.
        height_deg: how far the angle rises, and falls again at least.
        width_s: time spent above half of the height.
        axis: unit vector about which the segment turns, (3,).
        home, far: unit vectors up at its start and end, and at its peak, (3,).
        passes: it does not start, or does not end, at rest or at a turn: the segment comes by from elsewhere.
    """

    start: int
    turn: int
    end: int
    height_deg: float
    width_s: float
    axis: FloatArray
    home: FloatArray
    far: FloatArray
    passes: bool


def find_strokes(
    time_s: FloatArray, up: FloatArray, home: FloatArray, axis: FloatArray, range_deg: float
) -> list[Stroke]:
    """Find every stroke away from ``home`` about ``axis``.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        home, axis: unit vectors, (3,): the pose that strokes start from, and what they turn about.
        range_deg: the usual height of a stroke.
    """
    axis = unit(axis - (axis @ home) * home)
    angle = np.degrees(np.arctan2(up @ cross(axis, home), up @ home))
    points = _without_dips(turning_points(angle.tolist(), TURN_SHARE * range_deg), angle)
    return [
        _stroke(time_s, up, angle, *(index for index, _ in points[k - 1 : k + 2]))
        for k in range(1, len(points) - 1)
        if points[k][1]
    ]


def turning_points(angle: list[float], least: float) -> list[tuple[int, bool]]:
    """Give the index of every turning point, and whether it is a peak; peaks and valleys alternate."""
    points: list[tuple[int, bool]] = []
    high = low = 0
    rising: bool | None = None
    for i, value in enumerate(angle):
        if value > angle[high]:
            high = i
        if value < angle[low]:
            low = i
        if rising is not False and angle[high] - value >= least:
            if rising is None and low < high:
                points.append((low, False))
            points.append((high, True))
            rising, low = False, i
        elif rising is not True and value - angle[low] >= least:
            if rising is None and high < low:
                points.append((high, True))
            points.append((low, False))
            rising, high = True, i
    if rising is not None:
        points.append((high, True) if rising else (low, False))
    return points


def _without_dips(points: list[tuple[int, bool]], angle: FloatArray) -> list[tuple[int, bool]]:
    """Join two peaks with a dip between them that stays far above the valleys on either side."""
    points = list(points)
    k = 2
    while k <= len(points) - 3:
        if points[k][1]:
            k += 1
            continue
        first, dip, second = (angle[points[i][0]] for i in (k - 1, k, k + 1))
        floor = max(angle[points[k - 2][0]], angle[points[k + 2][0]])
        if dip - floor > DIP_SHARE * (min(first, second) - floor):
            points[k - 1 : k + 2] = [points[k - 1] if first >= second else points[k + 1]]
            k = max(2, k - 2)
        else:
            k += 1
    return points


def _stroke(time_s: FloatArray, up: FloatArray, angle: FloatArray, before: int, turn: int, after: int) -> Stroke:
    peak = angle[turn]
    height = float(peak - max(angle[before], angle[after]))
    base, half = peak - (1.0 - BASE_SHARE) * height, peak - 0.5 * height
    start = before + int((angle[before : turn + 1] <= base).nonzero()[0][-1])
    end = turn + int((angle[turn : after + 1] <= base).nonzero()[0][0])
    first = start + int((angle[start : turn + 1] > half).argmax())
    last = end - int((angle[turn : end + 1][::-1] > half).argmax())
    home = unit(up[start] + up[end])
    return Stroke(
        start, turn, end, height, float(max(time_s[last] - time_s[first], 0.04)),
        unit(cross(home, up[turn])), home, up[turn],
        _passes(time_s[before : start + 1][::-1], angle[before : start + 1][::-1], peak, height)
        or _passes(time_s[end : after + 1], angle[end : after + 1], peak, height),
    )  # fmt: skip


def _passes(time_s: FloatArray, angle: FloatArray, peak: float, height: float) -> bool:
    """Look from an end of the stroke away from its peak: does the segment go straight on?"""
    beyond = (angle < peak - (1.0 + PASSING_SHARE) * height).nonzero()[0]
    return len(beyond) > 0 and abs(time_s[beyond[0]] - time_s[0]) < PASSING_S


def excursion_of(time_s: FloatArray, up: FloatArray, start: int, turn: int, end: int) -> Excursion:
    """Describe what happened between these ticks as a movement from the pose midway between its ends, and back."""
    home = unit(up[start] + up[end])
    tilt_deg = float(np.degrees(np.arccos(np.clip(home @ up[turn], -1.0, 1.0))))
    return Excursion(
        float(time_s[start]), float(time_s[turn]), float(time_s[end]), tilt_deg,
        as_vector(unit(cross(home, up[turn]))), as_vector(home), as_vector(up[turn]),
    )  # fmt: skip


def as_vector(array: FloatArray) -> Vector:
    """Give a vector (3,) as a tuple."""
    x, y, z = array.tolist()
    return x, y, z


def unit(vector: FloatArray) -> FloatArray:
    """Scale a vector (3,) to length 1."""
    norm = sqrt(vector @ vector)
    return vector / norm if norm > 1e-12 else np.array([1.0, 0.0, 0.0])


def middle(vectors: Sequence[FloatArray]) -> FloatArray:
    """Mean direction of vectors (3,)."""
    return unit(sum(vectors[1:], vectors[0]))


def angle_deg(first: FloatArray, second: FloatArray) -> float:
    """Angle between two unit vectors (3,)."""
    return degrees(acos(min(1.0, max(-1.0, float(first @ second)))))
