"""Are two movements reps of one set?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.parameters import CounterParameters
from kneeimu.reps.vectors import Vector, between


def alike(one: Excursion, other: Excursion, ratio: float, c: CounterParameters) -> bool:
    """Much the same movement: range within ``ratio``, axis and home pose close."""
    larger, smaller = max(one.peak_deg, other.peak_deg), min(one.peak_deg, other.peak_deg)
    return (
        larger <= ratio * smaller
        and axes_apart_deg(one.axis, other.axis, c) <= c.other_axis_deg
        and between(one.home, other.home) <= max(c.early_home_deg, 0.5 * larger)
    )


def unlike(one: Excursion, other: Excursion, c: CounterParameters) -> bool:
    """Two movements that can't be reps of one set: another size, axis or posture."""
    larger, smaller = max(one.peak_deg, other.peak_deg), min(one.peak_deg, other.peak_deg)
    apart = between(one.home, other.home)
    if larger > c.larger_share * smaller or apart > max(c.early_home_deg, c.early_home_share * larger):
        return True
    longer = one.duration_s > c.drawn_out_share * other.duration_s + c.drawn_out_s
    if longer and one.peak_deg > c.drawn_out_deg_share * other.peak_deg:
        return True
    return apart < c.same_home_share * smaller and axes_apart_deg(one.axis, other.axis, c) > c.other_axis_deg


def at_one_end(one: Excursion, other: Excursion, c: CounterParameters) -> bool:
    """Do both homes of one movement lie at the same end of it?

    Steps have poses between their ends, and so has the way into a start pose: there it is not said.
    """
    return not (c.steps or c.settles) and between(one.home, other.home) < c.same_home_share * other.peak_deg


def turned_round(excursion: Excursion) -> Excursion:
    """The same movement, seen from its far end."""
    return replace(excursion, home=excursion.far, far=excursion.home, axis=_opposite(excursion.axis))


def between_them(movements: Sequence[Excursion], c: CounterParameters) -> list[Excursion]:
    """From the far end of each to that of the next, by way of their home, where that takes as long as a rep may."""
    ways = [
        replace(turned_round(other), start_s=one.turn_s, turn_s=0.5 * (one.end_s + other.start_s), end_s=other.turn_s)
        for one, other in pairwise(movements)
    ]
    return [way for way in ways if c.shortest_s < way.duration_s < c.longest_s]


def _opposite(axis: Vector) -> Vector:
    x, y, z = axis
    return -x, -y, -z


def axes_apart_deg(one: Vector | None, other: Vector, c: CounterParameters) -> float:
    """Angle between two axes, deg; either way round where a rep leads both ways. 0 when the first is not known yet."""
    apart = between(one, other)
    return min(apart, 180.0 - apart) if c.both_ways else apart


def mean_axis(reps: Sequence[Excursion], c: CounterParameters) -> Vector:
    """Mean direction of the axes of the reps, the last way round where a rep leads both ways."""
    axes = [rep.axis for rep in reps]
    if c.both_ways:
        axes = [_opposite(axis) if between(axes[-1], axis) > 90.0 else axis for axis in axes]
    x, y, z = map(sum, zip(*axes, strict=True))
    norm = (x * x + y * y + z * z) ** 0.5 or 1.0
    return x / norm, y / norm, z / norm
