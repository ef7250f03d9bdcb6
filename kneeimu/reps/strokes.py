"""A stretch of movement, looked at as a whole: every way out and back in it, found from its turning points."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from math import acos, ceil, degrees, sqrt

import numpy as np

from calibration.frames import cross
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.vectors import Vector, across, tilt
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
STAYS_S = 0.6
"""Whoever stays near home, or a little beyond, for so long does not pass."""
LONGEST_STAY_S, STAY_DEG = 1.5, 1.5
"""How long the segment stays near home, give or take its sway, matters up to this."""
STAY_TICKS = ceil(LONGEST_STAY_S * TICK_HZ) + 1


@dataclass(slots=True)
class Stroke:
    """Out and back. Indices count the ticks of the stretch.

    Attributes:
        start, turn, end: where it begins, has its peak and is back.
        height_deg: how far the angle rises, and falls again at least.
        width_s: time spent above half of the height.
        axis: unit vector about which the segment turns.
        home, far: unit vectors up at its start and end, and at its peak.
        stays_before_s, stays_after_s: how long it stays near home before it starts, and after it ends.
        passes: it does not start, or does not end, at rest or at a turn: the segment comes by from elsewhere.
    """

    start: int
    turn: int
    end: int
    height_deg: float
    width_s: float
    axis: Vector
    home: Vector
    far: Vector
    passes: bool
    stays_before_s: float
    stays_after_s: float


def find_strokes(
    time_s: FloatArray, up: FloatArray, home: FloatArray, axis: FloatArray, range_deg: float, fewest: int = 0
) -> list[Stroke]:
    """Find every stroke away from ``home`` about ``axis``; none where they are fewer than ``fewest``.

    Args:
        time_s: (n,), s.
        up: (n, 3), unit vectors up in the sensor frame.
        home, axis: unit vectors, (3,): the pose that strokes start from, and what they turn about.
        range_deg: the usual height of a stroke.
    """
    axis = unit(axis - (axis @ home) * home)
    angles_deg = np.degrees(angle_about(up, as_vector(axis), as_vector(home)))
    points = _without_dips(turning_points(angles_deg, TURN_SHARE * range_deg), angles_deg)
    peaks = [k for k in range(1, len(points) - 1) if points[k][1]]
    if len(peaks) < fewest:
        return []
    times, angle = array("d", time_s.tobytes()), angles_deg.tolist()
    return [_stroke(times, up, angle, *(index for index, _ in points[k - 1 : k + 2])) for k in peaks]


def angle_about(up: FloatArray, axis: Vector, home: Vector) -> FloatArray:
    """Signed angle of each up vector (n, 3) from home about an axis across it, rad, (n,)."""
    ahead, along = np.array((across(axis, home), home)) @ up.T
    angle: FloatArray = np.arctan2(ahead, along)
    return angle


def turning_points(angle: FloatArray, least: float) -> list[tuple[int, bool]]:
    """Give the index of every turning point, and whether it is a peak; peaks and valleys alternate.

    Args:
        angle: (n,).
        least: it has to go back by so much.
    """
    points: list[tuple[int, bool]] = []
    high = low = 0
    highest = lowest = angle.item(0) if len(angle) else 0.0
    rising: bool | None = None
    # only where it turns at all can it turn by that much
    step = np.sign(angle[1:] - angle[:-1])
    turns = np.concatenate(((True,), (step[1:] != step[:-1]), (True,)))[: len(angle)].nonzero()[0]
    for i, value in zip(turns.tolist(), angle[turns].tolist(), strict=True):
        if rising:
            if value > highest:
                high, highest = i, value
            elif highest - value >= least:
                points.append((high, True))
                rising, low, lowest = False, i, value
        elif rising is False:
            if value < lowest:
                low, lowest = i, value
            elif value - lowest >= least:
                points.append((low, False))
                rising, high, highest = True, i, value
        else:
            high, highest = (i, value) if value > highest else (high, highest)
            low, lowest = (i, value) if value < lowest else (low, lowest)
            if highest - lowest >= least:
                rising = low < high
                points.append((low, False) if rising else (high, True))
    if rising is not None:
        points.append((high, True) if rising else (low, False))
    return points


def _without_dips(points: list[tuple[int, bool]], angle: FloatArray) -> list[tuple[int, bool]]:
    """Join two peaks with a dip between them that stays far above the valleys on either side."""
    points = list(points)
    angles: list[float] = angle[[at for at, _ in points]].tolist()
    k = 2
    while k <= len(points) - 3:
        if points[k][1]:
            k += 1
            continue
        before, first, dip, second, after = angles[k - 2 : k + 3]
        floor = max(before, after)
        if dip - floor > DIP_SHARE * (min(first, second) - floor):
            peak, around = k - 1 if first >= second else k + 1, slice(k - 1, k + 2)
            points[around], angles[around] = [points[peak]], [angles[peak]]
            k = max(2, k - 2)
        else:
            k += 1
    return points


def _stroke(time_s: Sequence[float], up: FloatArray, angle: list[float], before: int, turn: int, after: int) -> Stroke:
    peak = angle[turn]
    height = peak - max(angle[before], angle[after])
    base, half = peak - (1.0 - BASE_SHARE) * height, peak - 0.5 * height
    start, end = turn, turn
    while angle[start] > base:
        start -= 1
    while angle[end] > base:
        end += 1
    first, last = start, end
    while angle[first] <= half:
        first += 1
    while angle[last] <= half:
        last -= 1
    far, home = as_vector(up[turn]), middle((as_vector(up[start]), as_vector(up[end])))
    beyond = peak - (1.0 + PASSING_SHARE) * height
    stays_before_s = _stays_s(time_s, angle, range(start, -1, -1), base, beyond)
    stays_after_s = _stays_s(time_s, angle, range(end, len(angle)), base, beyond)
    comes_by = stays_before_s < STAYS_S and _passes(time_s, angle, range(start, before - 1, -1), beyond)
    goes_by = stays_after_s < STAYS_S and _passes(time_s, angle, range(end, after + 1), beyond)
    return Stroke(
        start, turn, end, height, max(time_s[last] - time_s[first], 0.04), _axis(home, far), home, far,
        comes_by or goes_by, stays_before_s, stays_after_s,
    )  # fmt: skip


def _stays_s(time_s: Sequence[float], angle: list[float], outwards: range, base: float, beyond: float) -> float:
    """How long does it stay at home, seen from an end of the stroke?"""
    nearest, furthest = beyond - STAY_DEG, base + STAY_DEG
    for tick in outwards[:STAY_TICKS]:
        if not nearest <= angle[tick] <= furthest:
            return min(abs(time_s[tick] - time_s[outwards.start]), LONGEST_STAY_S)
    return LONGEST_STAY_S


def _passes(time_s: Sequence[float], angle: list[float], outwards: range, beyond: float) -> bool:
    """Look from an end of the stroke away from its peak: does the segment go straight on?"""
    for tick in outwards:
        if abs(time_s[tick] - time_s[outwards.start]) >= PASSING_S:
            return False
        if angle[tick] < beyond:
            return True
    return False


def _axis(home: Vector, far: Vector) -> Vector:
    """Unit vector about which one pose is turned into another."""
    return _unit(*tilt(home, far)[1])


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


def _unit(x: float, y: float, z: float) -> Vector:
    norm = sqrt(x * x + y * y + z * z)
    return (x / norm, y / norm, z / norm) if norm > 1e-12 else (1.0, 0.0, 0.0)


def middle(vectors: Sequence[Vector]) -> Vector:
    """Mean direction of vectors."""
    x, y, z = zip(*vectors, strict=True)
    return _unit(sum(x), sum(y), sum(z))


def angle_deg(first: Vector, second: Vector) -> float:
    """Angle between two unit vectors."""
    along = first[0] * second[0] + first[1] * second[1] + first[2] * second[2]
    return degrees(acos(min(1.0, max(-1.0, along))))
