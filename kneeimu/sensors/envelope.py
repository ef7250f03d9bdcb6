"""From a sensor's clock to the host's, knowing only when notifications arrived.

A notification is never early and mostly late: it waits for a connection event, a full burst, a busy host. The least
delayed ones show the true relation. So the line under all points (device time, arrival - device time) is sought: the
edge of the lower convex hull below the middle of the window, the linear-programme estimate of clock skew of Moon,
Skelly and Towsley (INFOCOM 1999).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

BIN_S = 1.0
WINDOW_BINS = 300  # crystals wander with temperature: not much longer
MIN_SPAN_S = 12.0  # before that a slope would be drawn from jitter
MAX_SKEW = 0.03  # RC oscillators are off by 1 to 2 %


class LowerEnvelope:
    """The line ``delay = offset + skew * (device time - reference)`` below all recent points."""

    def __init__(self, max_skew: float = MAX_SKEW, skew: float = 0.0) -> None:
        """Begin with a guess at the skew, which stands until there is more to go by."""
        self._max_skew = max_skew
        self._bins: deque[tuple[float, float]] = deque(maxlen=WINDOW_BINS)
        self._bin_end_s: float | None = None
        self._reference_s = 0.0
        self._offset_s = 0.0
        self.skew = skew

    def at(self, device_s: float) -> float:
        """Give host time minus device time at ``device_s``."""
        return self._offset_s + self.skew * (device_s - self._reference_s)

    def add(self, device_s: float, arrival_s: float) -> None:
        """Learn that what was measured until ``device_s`` arrived at ``arrival_s``; device times ascend."""
        delay = arrival_s - device_s
        if self._bin_end_s is None or device_s >= self._bin_end_s:
            self._bin_end_s = device_s + BIN_S
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
        first, last = self._bins[0], self._bins[-1]
        if last[0] - first[0] < MIN_SPAN_S:
            self._lay(self._bins)
            return
        hull = _lower_hull(self._bins)
        middle = sum(device for device, _ in self._bins) / len(self._bins)
        right = next(i for i, (device, _) in enumerate(hull) if device >= middle and i)
        (x0, y0), (x1, y1) = hull[right - 1], hull[right]
        self.skew = min(self._max_skew, max(-self._max_skew, (y1 - y0) / (x1 - x0)))
        self._lay(hull)

    def _lay(self, points: Iterable[tuple[float, float]]) -> None:
        """Shift the line below all points."""
        self._reference_s = self._bins[-1][0]
        self._offset_s = min(y + self.skew * (self._reference_s - x) for x, y in points)


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
