"""What the host's clock says of a sensor that neither counts its samples nor tells the time.

Such a sensor's samples are counted as they come. Those of a burst were measured before it came, and those after it
were not: so the time of a burst tells how many notifications should have come until then, give or take the host's own
delays. What is missing stays missing in all later bursts; what is only late comes. A burst that lacks something is
held until the next ones tell which, and where the gap is.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np

from kneeimu.sensors.driver import Readings
from kneeimu.sensors.envelope import COUNTED_BINS, LowerEnvelope
from kneeimu.sensors.opening import MAX_SKEW, Opening
from kneeimu.types import FloatArray

USUAL = 240  # so many bursts tell what is usual
FRESH = 12  # and what is usual is found out anew every so many
SIZES = 15
TOGETHER_S, TOGETHER_SHARE = 0.004, 0.25  # what comes closer than this, or than this share of a pause, is one burst
LONGEST_TOGETHER_S = 0.05
MOST_IN_BURST = 512
RECENT, MEETING = 6, 2  # where so many of the last bursts are several notifications, the link waits for longer
ANY_DELAY = 0.8  # a link that often waits for as much of a notification's time may wait for all of it
ALONE = 1.5
RARE = 1e-4  # how seldom delays of the host may be taken for a loss
LEAST_LATE_SHARE = 0.02
MOST_CONFIRMING = 6
SETTLED_BURSTS = 8  # what is missing before these won't change
COMPARED = 9  # so many of them, when more was heard
LONGEST_HOLD_S = 1.2
EARLY_S, EARLY_SHARE = 0.002, 0.125
SKIPPED = 1.5  # so much more than usual after the one before
HOST_S = 0.003  # what is this much late is the host's delay, where nothing was missing for long
HARDLY_S, GOES_ON = 0.001, 3  # so exact is the line; where losses go on, so many times that is unlikely
TAKE_BACK_BURSTS = 60  # so long after a loss was told it may turn out to be none


@dataclass(slots=True)
class Burst:
    """Notifications that came together."""

    began_s: float
    last_s: float = 0.0
    notifications: list[Readings] = field(default_factory=list)
    samples: int = 0
    ended: bool = False

    def add(self, readings: Readings, arrival_s: float) -> None:
        """Take one more."""
        self.last_s = arrival_s
        self.notifications.append(readings)
        self.samples += len(readings.acc_m_s2)


@dataclass(frozen=True, slots=True)
class Run:
    """Readings with nothing between them.

    Attributes:
        first: number of the first sample, those that are missing counted.
        arrival_s: when the first of them arrived.
    """

    readings: list[Readings]
    first: int
    arrival_s: float


class SampleCount:
    """Finds out what is missing of a stream of which only the samples can be counted.

    Attributes:
        line: how host and sensor time relate, as far as is known.
    """

    def __init__(self, rate_hz: float) -> None:
        self._least = LowerEnvelope(window_bins=COUNTED_BINS)
        self.line: LowerEnvelope | Opening = self._least
        self._rate_hz = rate_hz
        self._opening: Opening | None = None
        self._settled = False  # the opening is understood
        self._unheard: list[tuple[float, float, int]] = []  # bursts from before it began
        self._heard, self._counted = Burst(0.0), 0  # the present burst, and the samples before it
        self._next = 0  # number of the next sample, if nothing is missing
        self._placed_samples = 0
        self._placed_missing: list[tuple[int, int]] = []  # samples that were placed, and those missing among them
        self._sizes: deque[int] = deque(maxlen=SIZES)
        self._size = 1
        self._pending: deque[Burst] = deque()
        self._last_s, self._before_s = -math.inf, 0.0
        self._pauses, self._first_late, self._last_late = _Usual(0.5), _Usual(0.95), _Usual(0.95)
        self._recent: deque[bool] = deque(maxlen=RECENT)  # were bursts several notifications?
        self._open = False  # samples were missing up to the end of the last burst
        self._told: deque[tuple[float, int, int]] = deque()  # losses: when, after which burst, how many
        self._bursts, self._lossy = 0, -USUAL  # of which nothing was missing; when last something was

    def take(self, readings: Readings, arrival_s: float) -> list[Run]:
        """Take a notification and give what is certain enough to be placed."""
        self._sizes.append(len(readings.acc_m_s2))
        self._size = sorted(self._sizes)[len(self._sizes) // 2]
        begins = self._begins_burst(arrival_s)
        if begins:
            if self._heard.notifications:
                self._recent.append(len(self._heard.notifications) > 1)
                self._hear(self._heard)
            self._heard = Burst(arrival_s)
        self._heard.add(readings, arrival_s)
        if not self._settled:
            run = Run([readings], self._next, arrival_s)
            self._next += len(readings.acc_m_s2)
            return [run]
        if begins and self._pending:
            self._pending[-1].ended = True
        if begins or not self._pending:
            self._pending.append(Burst(self._heard.began_s))
        self._pending[-1].add(readings, arrival_s)
        return list(self._runs())

    def _begins_burst(self, arrival_s: float) -> bool:
        pause_s, self._last_s = arrival_s - self._last_s, arrival_s
        longest_s = min(LONGEST_TOGETHER_S, max(TOGETHER_S, TOGETHER_SHARE * self._pauses.value))
        if longest_s < pause_s < math.inf:
            self._pauses.add(pause_s)
        return pause_s > longest_s or len(self._heard.notifications) >= MOST_IN_BURST

    def _hear(self, burst: Burst) -> None:
        """Let the opening hear a burst, and believe it when it is ready."""
        self._counted += burst.samples
        opening = self._opening
        if opening is None and self._settled:
            return
        self._unheard.append(((self._counted - 1) / self._rate_hz, self._sent_s(burst), len(burst.notifications)))
        if opening is None:
            if len(self._sizes) < SIZES:
                return
            self.line = opening = self._opening = Opening(self._packet_s, self._least)
        for heard in self._unheard:
            opening.hear(*heard)
        self._unheard.clear()
        if opening.is_ready:
            self._settle(opening)
        elif not self._settled:  # nothing is held yet: what is missing is put right when it is understood
            self._next = self._counted + opening.missing * self._size

    def _settle(self, opening: Opening) -> None:
        """Go over to an envelope of all that was heard, now that it is understood."""
        explained = opening.explained(self.line.skew)
        if opening.is_over:
            self._opening = None
        if self._settled and opening.agrees_with(self.line.skew):
            return
        more = self._misunderstood(explained)
        line = LowerEnvelope(MAX_SKEW, opening.skew, opening.skew_spread, COUNTED_BINS)
        for counted_s, arrival_s, missing in explained if more else self._agreed(explained):
            device_s = counted_s + missing * self._packet_s
            line.add(device_s, arrival_s)
            self._last_late.add(arrival_s - device_s - opening.at(device_s))
        if self._settled:
            if more > 0:
                self._tell(more)
            self._next += more * self._size
        else:
            self._next = self._counted + int(explained[-1, 2]) * self._size
            self._placed_samples, self._before_s = self._counted, float(explained[-1, 1])
        self.line, self._settled = line, True

    def _misunderstood(self, explained: FloatArray) -> int:
        """Give how many notifications more are missing than was thought until the last samples that were placed."""
        thought = self._thought(explained)
        more = (explained[:, 2] - thought)[np.isfinite(thought)][-COMPARED:]
        return int(np.sort(more)[len(more) // 2]) if len(more) else 0

    def _agreed(self, explained: FloatArray) -> FloatArray:
        """Leave out the bursts until which more or fewer were thought missing, or nothing is certain yet.

        The opening's line is coarse: a late burst just before a loss it often takes for the first one after it, and so
        for one that came too early. What was thought missing was weighed by a finer line and by what came next.
        """
        thought = self._thought(explained)
        is_agreed = (explained[:, 2] == thought) | ~np.logical_or.accumulate(np.isfinite(thought))
        agreed: FloatArray = explained[is_agreed]
        return agreed

    def _thought(self, explained: FloatArray) -> FloatArray:
        """Give how many notifications were thought missing until each burst; NaN at the beginning and the end."""
        placed = dict(self._placed_missing[:-SETTLED_BURSTS])
        missing = [placed.get(round(counted_s * self._rate_hz) + 1, math.nan) for counted_s in explained[:, 0]]
        thought: FloatArray = np.round(np.array(missing) / self._size)
        return thought

    def _runs(self) -> Iterator[Run]:
        while self._pending:
            run_s = self._packet_s * (1 + self.line.skew)
            late_s = self._late_s()
            latest_s = [self._too_late_s(run_s), *[self._latest_s(run_s)] * (len(late_s) - 1)]
            missing = [math.floor((late - at) / run_s) + 1 for late, at in zip(late_s, latest_s, strict=True)]
            least = list(accumulate(reversed(missing), min))[::-1]
            burst = self._pending[0]
            if least[0] <= 0:
                if self._told and min(late_s) < -_tolerance_s(run_s):
                    self._take_back(math.ceil(-min(late_s) / run_s))
                    continue
                self._learn(burst, late_s[0])
                yield self._placed(burst.notifications, burst)
            elif self._is_confirmed(missing, least[0]):
                least = self._likeliest(least, late_s, run_s)
                if least[0]:
                    self._tell(least[0])
                self._last_late.add(late_s[0] - least[0] * run_s)
                yield from self._split(burst, least)
            else:
                return
            self._before_s = burst.began_s
            self._pending.popleft()

    def _likeliest(self, least: list[int], late_s: list[float], run_s: float) -> list[int]:
        """Give how many are missing until each burst, now that some are, for the line is not known to the last.

        Where any delay is usual, a later burst that seems to lack one less may as well have come at once. And what is
        hardly enough to be missing from the first is rather missing from the next, the more so when that lacks others.
        """
        if self._latest_s(run_s) < run_s:
            return least
        later = [math.floor((late + HARDLY_S) / run_s) for late in late_s[1:]]
        least = list(accumulate([*later[::-1], math.floor(late_s[0] / run_s)], min))[::-1]
        hardly_s = GOES_ON * HARDLY_S if len(least) > 2 and least[1] > least[0] else HARDLY_S
        return [least[0] - (late_s[0] - least[0] * run_s < hardly_s), *least[1:]]

    def _tell(self, missing: int) -> None:
        self._told.append((self._next / self._rate_hz, self._bursts, missing))
        self._lossy = self._bursts

    def _take_back(self, missing: int) -> None:
        """Samples come before they could be measured: what was thought missing was only late, the last most likely."""
        while missing and self._told:
            told_s, burst, told = self._told.pop()
            back = min(missing, told)
            missing -= back
            self._next -= back * self._size
            if told > back:
                self._told.append((told_s, burst, told - back))
            if isinstance(self.line, LowerEnvelope):
                self.line.forget(told_s)

    def _placed(self, notifications: list[Readings], burst: Burst, missing: int = 0) -> Run:
        """Place notifications after as many that are missing."""
        run = Run(notifications, self._next + missing * self._size, self._sent_s(burst))
        samples = sum(len(readings.acc_m_s2) for readings in notifications)
        self._next, self._placed_samples = run.first + samples, self._placed_samples + samples
        if self._opening is not None:
            self._placed_missing.append((self._placed_samples, self._next - self._placed_samples))
        return run

    @property
    def _packet_s(self) -> float:
        return self._size / self._rate_hz

    # --- how much is missing? -------------------------------------------------------------------------------------

    def _late_s(self) -> list[float]:
        """Give how long before each burst its last sample was taken, if nothing is missing."""
        late_s, number = [], self._next - 1
        for burst in self._pending:
            number += burst.samples
            late_s.append(self._delay_s(burst, number))
        return late_s

    def _delay_s(self, burst: Burst, number: int) -> float:
        """Give how long before a burst sample ``number`` was taken."""
        device_s = number / self._rate_hz
        return self._sent_s(burst) - device_s - self.line.at(device_s)

    def _sent_s(self, burst: Burst) -> float:
        """Give by when all of a burst had been measured: when it began, unless they only met by chance."""
        return burst.last_s if self._comes_alone else burst.began_s

    @property
    def _comes_alone(self) -> bool:
        return self._pauses.value < ALONE * self._packet_s

    def _latest_s(self, packet_s: float) -> float:
        """Give how late the last sample of a burst may be before something is missing.

        Where the link waits for longer than a notification takes, any delay up to that is usual. Elsewhere it may be
        less, but not so little that with something missing the burst would have come before it could be measured.
        """
        usual_s = self._last_late.value
        if usual_s > ANY_DELAY * packet_s or sum(self._recent) >= MEETING:
            return packet_s
        return max((usual_s + packet_s) / 2, packet_s - _tolerance_s(packet_s))

    def _too_late_s(self, packet_s: float) -> float:
        """Give from when on it is worth waiting whether something is missing: a little more is the host's delay."""
        latest_s = self._latest_s(packet_s)
        if latest_s < packet_s:
            return latest_s
        return packet_s + (HARDLY_S if self._bursts - self._lossy < USUAL else HOST_S)

    def _is_confirmed(self, missing: list[int], least: int) -> bool:
        """Tell whether bursts enough came after the first one to trust that so many are missing before its end."""
        if not self._pending[0].ended:
            return False
        if self._last_s - self._pending[0].began_s > LONGEST_HOLD_S and len(missing) > 2:
            return True
        share = max(LEAST_LATE_SHARE, self._last_late.share_above(self._latest_s(self._packet_s)))
        wanted = min(MOST_CONFIRMING, max(1, math.ceil(math.log(RARE) / math.log(min(0.5, share))) - 1))
        wanted = max(wanted, len(missing) - 2)
        later = list(self._pending)[1 : 1 + wanted]
        catching_up = missing[len(later)] < min(missing[: len(later)])
        if len(later) < wanted or catching_up:
            return False
        alone = self._comes_alone and all(len(burst.notifications) == 1 for burst in self._pending)
        return later[-1].ended or (alone and missing[wanted] == least)

    # --- where are they missing? ----------------------------------------------------------------------------------

    def _split(self, burst: Burst, least: list[int]) -> Iterator[Run]:
        """Give a burst of which notifications are missing, in two runs when they are missing amid them.

        What should have come with the burst before is missing before this one. For the rest there is no telling
        within a burst: losses come together, so it goes to the side where others are missing; else into the middle,
        where the fewest samples are likely to be wrong.
        """
        before = min(least[0], max(0, self._certainly_before(burst)))
        rest, all_of_it = least[0] - before, burst.notifications
        if before or self._open or not rest:
            self._open = False
            yield self._placed(all_of_it, burst, least[0])
        elif len(least) > 1 and least[1] > least[0]:
            self._open = True
            yield self._placed(all_of_it, burst, before)
        else:
            middle = len(all_of_it) // 2
            if middle:
                yield self._placed(all_of_it[:middle], burst, before)
                before = 0
            yield self._placed(all_of_it[middle:], burst, before + rest)

    def _certainly_before(self, burst: Burst) -> int:
        """Give how many are missing before the burst because they should have come with an earlier one."""
        longest_s = burst.began_s - self._before_s
        if self._first_late.is_known and longest_s > SKIPPED * self._first_late.value:
            longest_s = self._first_late.value  # all of a burst is missing
        packet_s = self._packet_s * (1 + self.line.skew)
        return math.ceil((self._first_delay_s(burst) - longest_s - _tolerance_s(packet_s)) / packet_s)

    def _first_delay_s(self, burst: Burst) -> float:
        return self._delay_s(burst, self._next + len(burst.notifications[0].acc_m_s2) - 1)

    def _learn(self, burst: Burst, late_s: float) -> None:
        self._first_late.add(self._first_delay_s(burst))
        self._last_late.add(late_s)
        self._open = False
        self._bursts += 1
        while self._told and self._told[0][1] < self._bursts - TAKE_BACK_BURSTS:
            self._told.popleft()


def _tolerance_s(packet_s: float) -> float:
    """Give by how much something may seem to come too early, for the line is not known better."""
    return max(EARLY_S, EARLY_SHARE * packet_s)


class _Usual:
    """A quantile of the last values."""

    def __init__(self, quantile: float) -> None:
        self._quantile = quantile
        self._values: deque[float] = deque(maxlen=USUAL)
        self._sorted: list[float] = []
        self._fresh = 0
        self.value = 0.0

    @property
    def is_known(self) -> bool:
        """Enough have come to say what is usual."""
        return len(self._values) >= FRESH

    def add(self, value: float) -> None:
        """Learn of one more."""
        self._values.append(value)
        self._fresh += 1
        if self._fresh >= FRESH or len(self._values) < FRESH:
            self._sorted, self._fresh = sorted(self._values), 0
            self.value = self._sorted[int(self._quantile * (len(self._sorted) - 1))]

    def share_above(self, limit: float) -> float:
        """Give the share of values above a limit."""
        above = sum(value > limit for value in self._sorted)
        return above / len(self._sorted) if self._sorted else 0.0
