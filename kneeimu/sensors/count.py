"""What the host's clock says of a sensor that neither counts its samples nor tells the time.

Such a sensor's samples are counted as they come. How late notifications are against the count shows what is missing,
and whether the rate is the one that was agreed.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

RATE_CHECK_S = 5.0
LOSS_RATIO = 0.6  # a stretch with less than this share of the usual rate lacks samples
RATE_TOLERANCE = 0.06  # what is less is left to the envelope
COUNT_WINDOW_S = 2.0  # the longest for which everything must have been late before samples are called missing
COUNT_WINDOW_BURSTS = 2.5
COUNT_LOSS_PACKETS = 0.6
COUNT_LOSS_PACKETS_BURSTY = 1.2  # within a long burst a notification may wait for as long as the next takes
COUNT_LOSS_S = 0.04
COUNT_LOSS_EARLY_S = 0.15  # before the rate is known well
RECENT_ARRIVALS = 24
SUSPICIOUS_PACKETS = 0.5
MARGIN_PACKETS = 0.3
USUAL_ARRIVALS = 240
RATE_STRETCH_S = 0.5
BURST_S = 0.004  # what comes closer together comes at once


class SampleCount:
    """What the host's clock says of a stream of which only the samples can be counted."""

    def __init__(self) -> None:
        self._counted = 0
        self._marks: list[tuple[float, int]] = []  # when a burst began, and how many samples had come before
        self._checked = False
        self._pauses: deque[float] = deque(maxlen=RECENT_ARRIVALS)
        self._usual_s = 0.0
        self._last_s: float | None = None
        self._late: deque[tuple[float, float]] = deque()
        self._recently = _Lateness(RECENT_ARRIVALS)
        self._usually = _Lateness(USUAL_ARRIVALS)

    def true_rate_hz(self, n: int, arrival_s: float, nominal_hz: float) -> float | None:
        """Give the rate once, when it turns out to be another than ``nominal_hz``."""
        if self._checked:
            return None
        counted, self._counted = self._counted, self._counted + n
        begins = self._last_s is None or arrival_s - self._last_s >= BURST_S
        if begins and (not self._marks or arrival_s - self._marks[-1][0] >= RATE_STRETCH_S):
            self._marks.append((arrival_s, counted))
        if not self._marks or arrival_s - self._marks[0][0] < RATE_CHECK_S:
            return None
        self._checked = True
        # A notification is sent when it is full, so those of a burst were measured before it began.
        stretches = [(after - before, end_s - begin_s) for (begin_s, before), (end_s, after) in pairwise(self._marks)]
        middle_hz = sorted(count / span_s for count, span_s in stretches)[len(stretches) // 2] if stretches else 0.0
        whole = [(count, span_s) for count, span_s in stretches if count / span_s > LOSS_RATIO * middle_hz]
        rate_hz = sum(count for count, _ in whole) / sum(span_s for _, span_s in whole) if whole else nominal_hz
        return rate_hz if abs(rate_hz / nominal_hz - 1) > RATE_TOLERANCE else None

    def late_for_good_s(self, arrival_s: float, late_s: float, packet_s: float) -> float:
        """Give by how much everything has been late for longer than bursts explain: so much is missing."""
        if self._last_s is not None and arrival_s - self._last_s > packet_s / 4:
            self._pauses.append(arrival_s - self._last_s)
            self._usual_s = sorted(self._pauses)[4 * len(self._pauses) // 5]
        self._last_s = arrival_s
        self._recently.add(late_s)
        self._usually.add(late_s)
        self._late.append((arrival_s, late_s))
        window_s = min(COUNT_WINDOW_S, COUNT_WINDOW_BURSTS * max(self._usual_s, packet_s))
        while len(self._late) > 1 and arrival_s - self._late[1][0] >= window_s:
            self._late.popleft()
        if arrival_s - self._late[0][0] < window_s:
            return 0.0
        return min(late for _, late in self._late)

    def loss_s(self, packet_s: float, least_s: float) -> float:
        """Give how late everything must be to call samples missing."""
        if self._bursty(packet_s):
            return max(COUNT_LOSS_PACKETS_BURSTY * packet_s, least_s)
        return max(COUNT_LOSS_PACKETS * packet_s, self._usually.spread_s + MARGIN_PACKETS * packet_s, least_s)

    def is_suspicious(self, late_s: float, packet_s: float) -> bool:
        """Tell whether a single notification is so late that something may be missing before it."""
        if self._bursty(packet_s) or not self._recently.is_known:
            return False
        return late_s > max(self._recently.high_s + SUSPICIOUS_PACKETS * packet_s, COUNT_LOSS_S)

    def missing_packets(self, late_s: float, next_late_s: float, packet_s: float) -> int:
        """Give how many notifications are missing before a late one, now that the next one has come.

        After a pause of the radio what has been waiting comes at once; after a loss all stays as late as it is.
        """
        recently, margin_s = self._recently, MARGIN_PACKETS * packet_s
        catches_up = next_late_s < late_s - max(margin_s, recently.spread_s)
        if catches_up or next_late_s < recently.high_s + margin_s:
            return 0
        return max(1, round((min(late_s, next_late_s) - recently.middle_s) / packet_s))

    def _bursty(self, packet_s: float) -> bool:
        return self._usual_s > 2 * packet_s

    def forget(self) -> None:
        """Samples have got other times: begin anew with what is late."""
        self._late.clear()


class _Lateness:
    """How late notifications usually are: the middle, and what nine of ten stay below."""

    def __init__(self, arrivals: int) -> None:
        self._values: deque[float] = deque(maxlen=arrivals)
        self._fresh = 0
        self.middle_s = self.high_s = self.spread_s = 0.0

    @property
    def is_known(self) -> bool:
        """Enough have come to say what is usual."""
        return len(self._values) >= RECENT_ARRIVALS

    def add(self, late_s: float) -> None:
        """Learn of one more."""
        self._values.append(late_s)
        self._fresh += 1
        if self._fresh >= len(self._values) // RECENT_ARRIVALS:
            values, n = sorted(self._values), len(self._values)
            self._fresh, self.middle_s, self.high_s = 0, values[n // 2], values[9 * n // 10]
            self.spread_s = self.high_s - values[n // 10]
