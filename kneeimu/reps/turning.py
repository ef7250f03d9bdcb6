"""Turns aside and back, found in the heading of a limb over some time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import find_peaks, peak_widths

from kneeimu.motion.orientation import Ticks
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.vectors import Vector
from kneeimu.types import FloatArray

SMALL_SHARE, AMONG = 0.4, 7
"""A turn smaller than this share of the usual one, of so many around it, is a part of another, or none."""
NEAR_HOME = 0.85
"""It begins and ends where it has gone so much of the way back."""
LONGEST_TICKS = int(20.0 * TICK_HZ)
"""Aside and back takes no longer. All of these are engineering choices."""


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

    def reaches(self, least_deg: float) -> bool:
        """Say whether the heading goes so far at all."""
        return bool(np.ptp(self.heading_rad) > radians(least_deg))

    def turns(self, least_deg: float, way: float) -> list[Excursion]:
        """Give the turns, of which the usual one is larger than that, to the left (``way`` 1) or to the right (-1).

        As excursions of a limb that tilts by as much as this one turns, and no more.
        """
        heading_deg = way * np.degrees(self.heading_rad)
        peaks, shape = find_peaks(heading_deg, prominence=SMALL_SHARE * least_deg, wlen=LONGEST_TICKS)
        if not len(peaks):
            return []
        turned_deg = shape["prominences"]
        whole = turned_deg > SMALL_SHARE * median_filter(turned_deg, AMONG)
        peaks, turned_deg = peaks[whole], turned_deg[whole]
        bases = shape["left_bases"][whole], shape["right_bases"][whole]
        _, _, first, last = peak_widths(heading_deg, peaks, NEAR_HOME, (turned_deg, *bases))
        between = [one + int(heading_deg[one:later].argmin()) for one, later in pairwise(peaks)]
        first, last = np.maximum(first, [0, *between]), np.minimum(last, [*between, len(heading_deg)])
        start_s, end_s = np.interp((first, last), np.arange(len(self.time_s)), self.time_s)
        found = np.stack((start_s, self.time_s[peaks], end_s, turned_deg, heading_deg[peaks]), axis=1).tolist()
        return [
            Excursion(start, turn, end, deg, (0.0, way, 0.0), _pose(way * (far_deg - deg)), _pose(way * far_deg))
            for start, turn, end, deg, far_deg in found
        ]

    def as_tilt(self) -> TickHistory:
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
        return float(_tilt_deg(self.up[first : last + 1], self.up[first]).max())


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
