"""From a sensor's clock to the host's, knowing only when notifications arrived.

A notification is never early and mostly late: it waits for a connection event, a full burst, a busy host. The least
delayed ones show the true relation. So the line under all points (device time, arrival - device time) is sought. The
likeliest one, if delays are exponential, is the edge of the lower convex hull below the middle of the window, the
linear-programme estimate of clock skew of Moon, Skelly and Towsley (INFOCOM 1999). With few points many lines are
nearly as likely, so the mean of all is taken, weighted by likelihood times how usual the skew is (Laplace).
"""

from __future__ import annotations

from collections import deque

import numpy as np

from kneeimu.types import FloatArray

BIN_S = 1.0
SHORTEST_BIN_S, BIN_SHARE = 0.25, 0.05  # in the beginning: of what was heard so far
WINDOW_BINS = 600  # crystals wander with temperature: not much longer
COUNTED_BINS = 300  # what is only counted may have been miscounted: that must be forgotten sooner
FEWEST_ABOVE = 2  # points above the hull, before which nobody knows how long delays are
LEAST_DELAY_S = 1e-3
UNLIKELY, STEPS = 12.0, 101  # log likelihood
USUAL_SKEW = 0.01  # of what samples at a rate of its own
MAX_SKEW = 0.03  # RC oscillators are off by 1 to 2 %


class LowerEnvelope:
    """The line ``delay = offset + skew * (device time - reference)`` below all recent points."""

    def __init__(
        self,
        max_skew: float = MAX_SKEW,
        skew: float = 0.0,
        usual_skew: float = USUAL_SKEW,
        window_bins: int = WINDOW_BINS,
    ) -> None:
        """Begin with a guess at the skew, and how far it is usually off; points older than the window are forgotten."""
        self._max_skew, self._guess, self._usual_skew = max_skew, skew, usual_skew
        self._bins: deque[tuple[float, float]] = deque(maxlen=window_bins)
        self._bin_end_s: float | None = None
        self._reference_s = 0.0
        self._offset_s = 0.0
        self.skew = skew

    def at(self, device_s: float) -> float:
        """Give host time minus device time at ``device_s``."""
        return self._offset_s + self.skew * (device_s - self._reference_s)

    def add(self, device_s: float, arrival_s: float) -> None:
        """Learn that what was measured until ``device_s`` arrived at ``arrival_s``.

        Device times ascend, but after ``forget``.
        """
        delay = arrival_s - device_s
        if self._bin_end_s is None or device_s >= self._bin_end_s:
            while self._bins and self._bins[-1][0] >= device_s:  # what was counted too far has been taken back
                self._bins.pop()
            heard_s = device_s - self._bins[0][0] if self._bins else 0.0
            self._bin_end_s = device_s + min(BIN_S, max(SHORTEST_BIN_S, BIN_SHARE * heard_s))
            self._bins.append((device_s, delay))
            self._fit()
        elif delay < self._bins[-1][1]:
            self._bins[-1] = (device_s, delay)
        below = delay - self.at(device_s)
        if below < 0:
            self._offset_s += below

    def forget(self, since_s: float) -> None:
        """Forget what was learnt since a device time that turned out to be wrong."""
        while self._bins and self._bins[-1][0] >= since_s - BIN_S:
            self._bins.pop()
        self._bin_end_s = None
        if self._bins:
            self._fit()

    def _fit(self) -> None:
        points = np.array(self._bins)
        hull = np.array(_lower_hull(self._bins))
        self._reference_s = float(points[-1, 0])
        above = len(points) - len(hull)
        if above < FEWEST_ABOVE:
            self._offset_s = float(_lowest(hull, np.array([self.skew]), self._reference_s)[0])
            return
        heights = points[:, 1] - np.interp(points[:, 0], *hull.T)
        usual_s = float(np.median(heights[heights > 0])) if np.any(heights > 0) else 0.0
        pull = 0.5 * len(points) / max(LEAST_DELAY_S, usual_s)  # as many as lie within the usual delay, over that
        skews, weights = self._likely(hull, float(points[:, 0].mean()), pull)
        self.skew = float(weights @ skews)
        self._offset_s = float(weights @ _lowest(hull, skews, self._reference_s)) - 1 / pull

    def _likely(self, hull: FloatArray, middle_s: float, pull: float) -> tuple[FloatArray, FloatArray]:
        """Give skews and how likely they are; ``pull`` is how many points lie near the edge, per second of delay."""

        def costs(skews: FloatArray) -> FloatArray:
            return np.abs(skews - self._guess) / self._usual_skew - pull * _lowest(hull, skews, middle_s)

        bounds = np.array([-self._max_skew, self._max_skew, self._guess])
        kinks = np.concatenate([bounds, np.diff(hull[:, 1]) / np.diff(hull[:, 0])])
        kinks = np.sort(kinks[np.abs(kinks) <= self._max_skew])  # between them the costs are straight
        cost = costs(kinks)
        best, limit = int(np.argmin(cost)), float(cost.min()) + UNLIKELY
        first = float(np.interp(limit, cost[best::-1], kinks[best::-1]))
        last = float(np.interp(limit, cost[best:], kinks[best:]))
        skews = np.linspace(first, last, STEPS)
        weights = np.exp(float(cost.min()) - costs(skews))
        return skews, weights / weights.sum()


def _lowest(hull: FloatArray, skews: FloatArray, device_s: float) -> FloatArray:
    """Give how high at ``device_s`` the lines of these slopes are that touch the hull from below."""
    heights: FloatArray = np.min(hull[:, 1] - skews[:, None] * (hull[:, 0] - device_s), axis=1)
    return heights


def _lower_hull(points: deque[tuple[float, float]]) -> list[tuple[float, float]]:
    """Give the lower convex hull of points with ascending x (Andrew's monotone chain)."""
    hull: list[tuple[float, float]] = []
    for x, y in points:
        while len(hull) >= 2:
            (x0, y0), (x1, y1) = hull[-2], hull[-1]
            if (y1 - y0) * (x - x0) < (y - y0) * (x1 - x0):
                break
            hull.pop()
        hull.append((x, y))
    return hull
