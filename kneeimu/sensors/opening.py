"""The first seconds of a sensor that neither counts its samples nor tells the time: rate, phase and losses at once.

A link that waits, loses and delivers late can be told from a sensor that is slow only by what all of it explains.
Lost notifications make everything later by whole notifications; a wrong rate makes it later bit by bit; and nothing
ever comes early. So rates and phases on a grid are scored by how many losses they need to explain what came when.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kneeimu.sensors.envelope import LowerEnvelope
from kneeimu.types import FloatArray

MAX_SKEW = 0.1
STEP = 1e-3
FINE_SHARE = 0.125  # finer: by this share of a notification in all the time
UNLIKELY, MOST_LIKELY = 12.0, 12  # log likelihood; so many rates are kept in mind
PHASES = 16
UNSURE = 2 / PHASES  # of a notification: so exact is the phase
SKEW_SPREAD = 0.015  # rates are seldom off by more
LOSING = 0.005  # chance that losses begin at a notification
GOES_ON, TAKEN_BACK = np.log([0.85, 0.02])
MOST_MISSING = 60  # in one go; more count as that many
CONFIRMING = 3  # bursts; what is late in all of these is
SHORT_DELAYS = 0.3 * np.log1p(1 / np.arange(1, PHASES + 1))  # short ones are likelier
UNCLEAR_S = 2.0  # before that the least delay is the better guess
SPAN_S, BURSTS = 14.0, 60  # so much must have been heard before it is believed
LONGEST_S = 40.0
AGAIN = 2  # times as long, and it is looked at anew
FINE_ENOUGH = 3e-4  # a notification's time over all the time
MOST_LOOKS = 6
HEARD_APART_S = 0.1
RATE_CHECK_S = 5.0
RATE_STRETCH_S = 0.5
RATE_BURST_S = 0.004  # what comes closer together comes at once
LOSS_RATIO = 0.6  # a stretch with less than this share of the usual rate lacks samples
RATE_TOLERANCE = 0.12  # what is less is left to the search
SLOW_RATIO = 0.94  # a sensor that reaches this share of its rate for a while is not slow, it loses


class Opening:
    """Finds rate and phase while the first bursts arrive; stands for the envelope until then.

    Attributes:
        skew: how much longer a sample takes than was agreed, as a share, by the best explanation so far.
        missing: notifications missing until now, by the best explanation.
    """

    def __init__(self, packet_s: float, least: LowerEnvelope) -> None:
        """Begin for a sensor that sends ``packet_s`` of samples at a time; ``least`` is what is known so far."""
        self._packet_s = packet_s
        self._bursts: list[tuple[float, float, int]] = []
        self._least = least
        self._likely, self._apart = _around(0.0, MAX_SKEW, STEP), STEP
        self._search = _Search(self._likely, packet_s)
        self._line = Explanation(0.0, 0.0, 0.0, 0)
        self._wanted_s, self._looks = 0.0, 0
        self._unheard = 0

    @property
    def skew(self) -> float:
        """How much longer a sample takes than was agreed, as a share."""
        return self._line.skew if self._is_clear else self._least.skew

    @property
    def missing(self) -> int:
        """Notifications missing until now."""
        return self._line.missing if self._is_clear else 0

    @property
    def _span_s(self) -> float:
        return self._bursts[-1][1] - self._bursts[0][1] if self._bursts else 0.0

    @property
    def _is_clear(self) -> bool:
        return self._span_s >= UNCLEAR_S

    @property
    def is_ready(self) -> bool:
        """Enough was heard, or much more than when it was looked at last."""
        if self._looks:
            return self._span_s >= self._wanted_s
        return self._span_s >= LONGEST_S or (self._span_s >= SPAN_S and len(self._bursts) >= BURSTS)

    @property
    def is_over(self) -> bool:
        """What comes from now on will hardly tell more."""
        if self._looks >= MOST_LOOKS:
            return True
        clear = all(self.agrees_with(float(skew)) for skew in self._likely)
        return self._looks > 0 and clear and self._packet_s < FINE_ENOUGH * self._span_s

    def at(self, device_s: float) -> float:
        """Give host time minus sensor time."""
        return self._line.delay_s(device_s) if self._is_clear else self._least.at(device_s)

    def add(self, device_s: float, arrival_s: float) -> None:
        """Learn of a notification, as the envelope does."""
        if not self._is_clear:
            self._least.add(device_s, arrival_s)

    def hear(self, counted_s: float, arrival_s: float, packets: int) -> None:
        """Take a burst: the time of its last sample by count, when it came, and of how many notifications it was.

        Of bursts in close succession a few are enough.
        """
        self._unheard += packets
        if self._bursts and arrival_s - self._bursts[-1][1] < HEARD_APART_S:
            return
        self._bursts.append((counted_s, arrival_s, self._unheard))
        if not self._looks:
            self._search.hear(*self._bursts[-1])
            self._line = self._search.best
        self._unheard = 0

    def explained(self, believed_skew: float) -> FloatArray:
        """Give what was heard with what was missing, shape (bursts, 3): time by count, arrival, missing until then.

        What may be one more or less is left out.

        Args:
            believed_skew: what was believed until now, which may be none of the likely.
        """
        self._looks, self._wanted_s = self._looks + 1, AGAIN * self._span_s
        step = FINE_SHARE * self._packet_s / self._span_s
        around = [_around(skew, self._apart, step) for skew in (*self._likely, believed_skew)]
        search = self._heard_by(np.unique(np.round(np.concatenate(around) / step)) * step)
        self._apart = 0.5 * self.skew_spread
        self._likely = search.likely_skews(self._apart)
        self._line = self._heard_by(_around(search.best.skew, step, FINE_SHARE * step)).best
        heard = np.array(self._bursts)[:, :2]
        delay_s = np.array([self._line.delay_s(counted_s) for counted_s in heard[:, 0]])
        late = (heard[:, 1] - heard[:, 0] - delay_s) / (self._packet_s * (1 + self.skew))
        least = np.minimum.accumulate(np.floor(late + UNSURE)[::-1])[::-1]  # what is missing stays missing
        missing = np.minimum(least, self._line.missing)
        missing += max(0.0, -missing[-1])  # where the first burst lacked some, or came late
        # What seems to be hardly late may as well be late by all of a notification, until something was clear.
        is_sure = np.maximum.accumulate(np.where(late - missing > UNSURE, missing, -np.inf)) == missing
        is_sure[0] |= not is_sure.any()
        explained: FloatArray = np.column_stack([heard, missing])[is_sure]
        return explained

    @property
    def skew_spread(self) -> float:
        """How far the skew may be off: by a notification in all the time."""
        return self._packet_s / self._span_s

    def agrees_with(self, skew: float) -> bool:
        """Tell whether a skew is as good as the one that was found: hardly apart in all the time."""
        return abs(self._line.skew - skew) * self._span_s < 2 * UNSURE * self._packet_s

    def _heard_by(self, skews: FloatArray) -> _Search:
        search = _Search(skews, self._packet_s)
        for burst in self._bursts:
            search.hear(*burst)
        return search


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rate, a phase, and what is missing by them."""

    skew: float
    from_device_s: float
    arrival_s: float
    missing: int
    score: float = 0.0

    def delay_s(self, device_s: float) -> float:
        """Give host time minus sensor time."""
        return self.arrival_s - self.from_device_s + (device_s - self.from_device_s) * self.skew


def _around(middle: float, width: float, step: float) -> FloatArray:
    return np.asarray(middle + np.arange(-round(width / step), round(width / step) + 1) * step, dtype=np.float64)


class _Search:
    """Scores rates and phases."""

    def __init__(self, skews: FloatArray, packet_s: float) -> None:
        self._stretch = (1 + skews)[:, None]
        self._packet_s = packet_s
        self._score = np.tile(-0.5 * (skews / SKEW_SPREAD)[:, None] ** 2, (1, PHASES))
        self._phase = np.arange(PHASES)[None, :] / PHASES
        self._from: tuple[float, float] | None = None
        self._recent: deque[FloatArray] = deque(maxlen=CONFIRMING)
        self._before = np.zeros(self._score.shape)
        self._moves = np.arange(-MOST_MISSING, MOST_MISSING + 1)

    def hear(self, counted_s: float, arrival_s: float, packets: int) -> None:
        """Take a burst."""
        if self._from is None:
            self._from = counted_s, arrival_s
        counted0_s, arrival0_s = self._from
        # In notifications, from the phase on: so late the first one came, or else others before it are missing.
        late = ((arrival_s - arrival0_s) / self._stretch - (counted_s - counted0_s)) / self._packet_s + self._phase
        whole = np.floor(late)
        self._recent.append(whole)
        missing: FloatArray = np.minimum.reduce(self._recent)  # the host's own delays make late what is not
        move = np.clip(missing - self._before, -MOST_MISSING, MOST_MISSING).astype(np.intp) + MOST_MISSING
        delay = ((late - whole) * PHASES).astype(np.intp)
        # what is hardly less than a whole one is rounded up to it
        self._score += self._costs(packets)[move] + SHORT_DELAYS.take(delay, mode="clip")
        self._before = missing

    @property
    def best(self) -> Explanation:
        """The best explanation of what was heard until now."""
        rate, phase = np.unravel_index(int(np.argmax(self._score)), self._score.shape)
        stretch = float(self._stretch[rate, 0])
        delay_s = float(self._phase[0, phase]) * self._packet_s * stretch
        so_many, score = max(0, int(self._before[rate, phase])), float(self._score[rate, phase])
        counted0_s, arrival0_s = self._from or (0.0, 0.0)
        return Explanation(stretch - 1, counted0_s, arrival0_s - delay_s, so_many, score)

    def likely_skews(self, apart: float) -> FloatArray:
        """Give those that explain it not much worse than the best does, best first, so far from one another."""
        score, skews = self._score.max(axis=1), self._stretch[:, 0] - 1
        likely: list[float] = []
        while len(likely) < MOST_LIKELY and score.max() > self._score.max() - UNLIKELY:
            likely.append(float(skews[np.argmax(score)]))
            score[np.abs(skews - likely[-1]) < apart] = -np.inf
        return np.array(likely)

    def _costs(self, packets: int) -> FloatArray:
        """Give what it costs, in log likelihood, to have more or fewer missing than at the burst before."""
        lost = np.log(1 - (1 - LOSING) ** packets) + GOES_ON * self._moves
        costs: FloatArray = np.where(self._moves > 0, lost, np.where(self._moves < 0, -TAKEN_BACK * self._moves, 0.0))
        return costs


class RateCheck:
    """Measures whether a sensor samples at quite another rate than was agreed."""

    def __init__(self) -> None:
        self._counted = 0
        self._marks: list[tuple[float, int]] = []  # when a burst began, and how many samples had come before
        self._checked = False
        self._last_s: float | None = None

    def true_rate_hz(self, n: int, arrival_s: float, nominal_hz: float) -> float | None:
        """Give the rate once, when it turns out to be another than ``nominal_hz``."""
        if self._checked:
            return None
        counted, self._counted = self._counted, self._counted + n
        begins = self._last_s is None or arrival_s - self._last_s >= RATE_BURST_S
        self._last_s = arrival_s
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
        pairs = zip(self._marks, self._marks[2:], strict=False)
        best_hz = max(
            ((after - before) / (end_s - begin_s) for (begin_s, before), (end_s, after) in pairs), default=0.0
        )
        if rate_hz < nominal_hz and best_hz > SLOW_RATIO * nominal_hz:
            return None
        return rate_hz if abs(rate_hz / nominal_hz - 1) > RATE_TOLERANCE else None
