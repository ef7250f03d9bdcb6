"""Turns aside and back, found in the heading of a limb over some time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import acos, cos, degrees, radians, sin

import numpy as np

from kneeimu.motion.orientation import Ticks
from kneeimu.reps.afterwards.swells import find_swells, range_apart
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.vectors import Vector
from kneeimu.types import FloatArray, Rep


@dataclass(frozen=True, slots=True)
class Turning:
    """Time s, up vectors (n, 3), orientations (n, 4) and heading (rad, unwrapped) of a limb at n ticks."""

    time_s: FloatArray
    up: FloatArray
    quats: FloatArray
    heading_rad: FloatArray

    @classmethod
    def within(cls, history: TickHistory, start_s: float, end_s: float) -> Turning:
        """What is known of that time."""
        time_s, up, quats, *_ = history.window(start_s, end_s)
        return cls(time_s, up, quats, np.cumsum(_turned_rad(quats)))

    def reaches(self, least_deg: float, but_for: Sequence[Rep] = ()) -> bool:
        """Say whether the heading goes so far at all, in the time of these reps apart."""
        return range_apart(self.time_s, self.heading_rad, but_for) > radians(least_deg)

    def turns(self, least_deg: float, way: float) -> list[Excursion]:
        """Give the turns, of which the usual one is larger than that, to the left (``way`` 1) or to the right (-1).

        As excursions of a limb that tilts by as much as this one turns, and no more.
        """
        swells = find_swells(way * np.degrees(self.heading_rad), least_deg)
        ticks = np.array([(one.start, one.turn, one.end) for one in swells]).reshape(-1, 3)
        times_s = np.interp(ticks, np.arange(len(self.time_s)), self.time_s).tolist()
        return [
            Excursion(
                start_s,
                turn_s,
                end_s,
                one.range_deg,
                axis=(0.0, way, 0.0),
                home=_pose(way * (one.far_deg - one.range_deg)),
                far=_pose(way * one.far_deg),
            )
            for one, (start_s, turn_s, end_s) in zip(swells, times_s, strict=True)
        ]

    def measured_in(self) -> TickHistory:
        """Give a limb that tilts by as much as this one turns, and no more."""
        nothing = np.zeros(len(self.time_s))
        up = np.stack((np.sin(self.heading_rad), nothing, np.cos(self.heading_rad)), axis=1)
        history = TickHistory()
        history.append(Ticks(self.time_s, self.quats, up, nothing, nothing, np.zeros_like(up)))
        return history

    def tilts_deg(self, turns: Sequence[Excursion]) -> list[float]:
        """Say how far the limb tilts at most in each of them, from the middle of its poses meanwhile, deg."""
        spans = self.time_s.searchsorted([(turn.start_s, turn.end_s) for turn in turns])
        begin, end = int(spans[0, 0]), int(spans[-1, 1]) + 1
        tilt_deg = _tilt_deg(self.up[begin:end], np.median(self.up[begin:end], axis=0))
        return [float(tilt_deg[first - begin : last + 1 - begin].max()) for first, last in spans.tolist()]

    def tilt_deg(self, turn: Excursion) -> float:
        """Say how far the limb tilts at most in this one, from where it begins, deg."""
        first, last = self.time_s.searchsorted((turn.start_s, turn.end_s)).tolist()
        nearest: float = (self.up[first : last + 1] @ self.up[first]).min().item()
        return degrees(acos(min(nearest, 1.0)))


def _turned_rad(quats: FloatArray) -> FloatArray:
    """By how much each of the poses (n, 4) is turned about the vertical against the one before, (n,)."""
    w, x, y, z = quats.T
    v, a, b, c = np.concatenate((quats[:1], quats[:-1])).T
    # the twist of a quaternion
    turn = 2.0 * np.arctan2(v * z - w * c - x * b + y * a, w * v + x * a + y * b + z * c)
    turned: FloatArray = turn - 2.0 * np.pi * np.round(turn / (2.0 * np.pi))
    return turned


def _tilt_deg(up: FloatArray, pose: FloatArray) -> FloatArray:
    """How far each of the up vectors (n, 3) is from this one, (n,)."""
    tilt_deg: FloatArray = np.degrees(np.arccos(np.minimum(up @ (pose / np.linalg.norm(pose)), 1.0)))
    return tilt_deg


def _pose(heading_deg: float) -> Vector:
    heading_rad = radians(heading_deg)
    return sin(heading_rad), 0.0, cos(heading_rad)
