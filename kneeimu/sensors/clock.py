"""Puts a sensor's samples on the session's timeline: in order, each once, with what is missing known.

The same readings and arrival times give the same samples.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from kneeimu.sensors.count import Run, SampleCount
from kneeimu.sensors.driver import Readings
from kneeimu.sensors.envelope import LowerEnvelope
from kneeimu.sensors.opening import Opening, RateCheck
from kneeimu.types import FloatArray, Samples

LONGEST_BRIDGED_GAP_S = 0.3  # a longer one ends the segment
LATE_S = 2.0  # what is this much behind is a duplicate or was overtaken
BACKLOG_S = 5.0  # a sensor can't be further ahead of the host's clock than what was waiting
FAR_STRAYS, NEAR_STRAYS = 2, 4  # notifications in a row before a new count is believed
CLOCK_JUMP_S = 0.05
CLOCK_JUMP_RATIO = 0.1
SLEW_TIME_S = 0.5
MAX_SLEW = 0.05
CRYSTAL_SKEW, RATE_SKEW = 1e-4, 0.15  # usual of clocks; most of samples without one, or their rate is measured anew
TOGETHER_S, LONGEST_FIRST_BURST = 0.008, 64
AHEAD_S = 0.1  # what the first notifications' delay may have been; more is put right at once


@dataclass(slots=True)
class ClockCounts:
    """What became of the samples: placed, missing by the sensor's own count, and dropped as doubles or strays."""

    received: int = 0
    lost: int = 0
    late: int = 0
    strays: int = 0
    clock_jumps: int = 0
    segments: int = 0


class SensorClock:
    """The clock of one connected sensor.

    Attributes:
        rate_hz: rate by the sensor's own clock; for a sensor without one, by the host's.
        counts: what became of the samples.
    """

    def __init__(
        self, rate_hz: float, *, device_clock_wrap_s: float | None, sequence_wrap: int | None, not_before_s: float = 0.0
    ) -> None:
        """Begin a stream; no sample is placed before ``not_before_s``."""
        self.rate_hz = rate_hz
        self.counts = ClockCounts()
        self._clock_wrap_s, self._sequence_wrap = device_clock_wrap_s, sequence_wrap
        self._last_out_s = not_before_s
        self._stray_next: float | None = None
        self._stray_run = 0
        self._began = False
        self._envelope = LowerEnvelope()
        self._count: SampleCount | None = None  # of a sensor that neither counts nor tells the time
        self._runs: deque[Run] = deque()
        self._rate_check = RateCheck()
        self._first_burst: list[tuple[Readings, float]] = []
        self._learnt: LowerEnvelope | None = None  # of the first burst

    @property
    def waits(self) -> bool:
        """Readings wait for the end of the first burst."""
        return bool(self._first_burst)

    def place(self, readings: Readings, arrival_s: float) -> Samples | None:
        """Give the readings with host times; None when they came twice, too late or make no sense, or have to wait.

        Those of the first burst wait for the next one, and those after what may be a loss until that is certain.

        Args:
            readings: as the driver parsed them.
            arrival_s: when the notification arrived, s on the session's timeline.
        """
        n = len(readings.acc_m_s2)
        if n == 0:
            return None
        if self._began or _is_counted(readings):
            return self._place(readings, arrival_s)
        burst = self._first_burst
        if not burst or (arrival_s - burst[-1][1] < TOGETHER_S and len(burst) < LONGEST_FIRST_BURST):
            burst.append((readings, arrival_s))
            return None
        self._learn_from(burst)
        self._first_burst = []
        placed = [samples for item in [*burst, (readings, arrival_s)] if (samples := self._place(*item))]
        begins = max(number for number, samples in enumerate(placed) if samples.restart)
        return joined(placed[begins:])  # what lies before a long gap is too little to be of use

    def _learn_from(self, burst: list[tuple[Readings, float]]) -> None:
        """Learn from all of the first burst before any of it is placed: its last notification waited least."""
        trial = SensorClock(
            self.rate_hz, device_clock_wrap_s=self._clock_wrap_s, sequence_wrap=self._sequence_wrap
        )  # fmt: skip
        for item in burst:
            trial._place(*item)
        if trial.counts.segments == 1:
            self._learnt = trial._envelope

    def _place(self, readings: Readings, arrival_s: float) -> Samples | None:
        if not self._began:
            return self._begin(readings, arrival_s)
        if self._count is not None:
            return self._place_counted(self._count, readings, arrival_s)
        missing = self._missing(readings, arrival_s)
        if missing is None:
            return None
        if missing < 0 or (
            readings.device_time_s is None and self._found_another_rate(missing + len(readings.acc_m_s2), arrival_s)
        ):
            return self._begin(readings, arrival_s)
        self.counts.lost += missing
        period_s = 1 / self.rate_hz
        device_s = self._unwrap(readings, self._next_s + missing * period_s)
        return self._put(readings, device_s, arrival_s, restart=device_s[0] - self._next_s > LONGEST_BRIDGED_GAP_S)

    # --- which sample is it? ----------------------------------------------------------------------------------------

    def _begin(self, readings: Readings, arrival_s: float) -> Samples:
        self._began, self._stray_next, self._stray_run = True, None, 0
        self._wrap_offset_s = 0.0
        n = len(readings.acc_m_s2)
        times = readings.device_time_s
        self._count = SampleCount(self.rate_hz) if _is_counted(readings) else None
        self._runs.clear()
        new = LowerEnvelope(RATE_SKEW) if times is None else LowerEnvelope(usual_skew=CRYSTAL_SKEW)
        self._envelope, self._learnt = self._learnt or new, None
        if self._count is not None:
            self._count.take(readings, arrival_s)
        device_s = np.arange(n) / self.rate_hz if times is None else times.astype(float)
        self.counts.segments += 1
        return self._put(readings, device_s, arrival_s, restart=True)

    def _missing(self, readings: Readings, arrival_s: float) -> int | None:
        """Give how many samples are missing before these; None to drop them, -1 for a new stream."""
        ahead = self._ahead(readings)
        ahead_s = ahead / self.rate_hz
        if 0 <= ahead_s <= arrival_s - self._last_arrival_s + BACKLOG_S:
            self._stray_next, self._stray_run = None, 0
            return ahead
        near = -LATE_S <= ahead_s < 0
        follows = self._stray_next is not None and 0 <= ahead - self._stray_next <= self.rate_hz
        self._stray_run = self._stray_run + 1 if follows else 1
        self._stray_next = ahead + len(readings.acc_m_s2)
        if self._stray_run >= (NEAR_STRAYS if near else FAR_STRAYS):
            return -1
        if near:
            self.counts.late += 1
        else:
            self.counts.strays += 1
        return None

    def _ahead(self, readings: Readings) -> int:
        """Give how many samples lie between the last one and these; negative when they are older."""
        if readings.sequence is not None and self._sequence_wrap:
            return int(_signed(readings.sequence - self._next_sequence, self._sequence_wrap))
        if readings.device_time_s is not None:
            expected = self._next_s - self._wrap_offset_s
            ahead_s = _signed(float(readings.device_time_s[0]) - expected, self._clock_wrap_s)
            return round(ahead_s * self.rate_hz)
        return 0

    def _unwrap(self, readings: Readings, expected_s: float) -> FloatArray:
        """Give device times that never go back, continuing at about ``expected_s``."""
        times = readings.device_time_s
        if times is None:
            return expected_s + np.arange(len(readings.acc_m_s2)) / self.rate_hz
        first = expected_s + _signed(float(times[0]) + self._wrap_offset_s - expected_s, self._clock_wrap_s)
        error = first - expected_s
        if abs(error) > CLOCK_JUMP_S + CLOCK_JUMP_RATIO * (expected_s - self._next_s) and readings.sequence is not None:
            self.counts.clock_jumps += 1  # the count goes on, so the clock must have been changed
            first = expected_s
        self._wrap_offset_s = first - float(times[0])
        steps = times - times[0] if self._clock_wrap_s is None else np.mod(times - times[0], self._clock_wrap_s)
        unwrapped: FloatArray = max(first, float(self._device_s[-1]) + 0.1 / self.rate_hz) + steps
        return unwrapped

    @property
    def _line(self) -> LowerEnvelope | Opening:
        return self._envelope if self._count is None else self._count.line

    # --- when was it? -----------------------------------------------------------------------------------------------

    def _put(self, readings: Readings, device_s: FloatArray, arrival_s: float, *, restart: bool) -> Samples:
        n = len(device_s)
        self._line.add(float(device_s[-1]), arrival_s)
        time_s = self._before_arrival(self._anew(device_s) if restart else self._steered(device_s), arrival_s)
        self._device_s, self._last_out_s = device_s, float(time_s[-1])
        self._next_s = float(device_s[-1]) + 1 / self.rate_hz
        self._next_sequence = (readings.sequence or 0) + n
        self._last_arrival_s = arrival_s
        self.counts.received += n
        return Samples(time_s, readings.acc_m_s2, readings.gyr_rad_s, bool(restart))

    def _before_arrival(self, time_s: FloatArray, arrival_s: float) -> FloatArray:
        """No sample is taken long after it arrived, nor before the one in front of it."""
        latest_s = arrival_s + AHEAD_S
        earliest_s = self._last_out_s + 0.1 / self.rate_hz
        start = max(earliest_s, float(time_s[0]) - max(0.0, float(time_s[-1]) - latest_s))
        since_start = time_s - time_s[0]
        room_s = latest_s - start
        if since_start[-1] > room_s > 0:
            since_start = since_start * max(0.1, room_s / float(since_start[-1]))
        placed: FloatArray = start + since_start
        return placed

    def _anew(self, device_s: FloatArray) -> FloatArray:
        """Place the first samples of a segment: where the envelope says."""
        first_s = float(device_s[0])
        placed: FloatArray = first_s + self._line.at(first_s) + (device_s - first_s) * (1 + self._line.skew)
        return placed

    def _steered(self, device_s: FloatArray) -> FloatArray:
        """Go on from the last sample towards where the envelope says, by making time run a little faster or slower.

        A jump would look like movement.
        """
        since_last = device_s - float(self._device_s[-1])
        elapsed_s, pace = float(since_last[-1]), 1 + self._line.skew
        target_s = float(device_s[-1]) + self._line.at(float(device_s[-1]))
        correction_s = target_s - self._last_out_s - elapsed_s * pace
        slew = correction_s / max(elapsed_s, SLEW_TIME_S)
        placed: FloatArray = self._last_out_s + since_last * (pace + min(MAX_SLEW, max(-MAX_SLEW, slew)))
        return placed

    # --- sensors that neither count nor tell the time ---------------------------------------------------------------

    def _place_counted(self, count: SampleCount, readings: Readings, arrival_s: float) -> Samples | None:
        """Place what is certain enough, by count; at a break the rest waits for the next notification."""
        if self._found_another_rate(len(readings.acc_m_s2), arrival_s):
            return self._begin(readings, arrival_s)
        self._runs.extend(count.take(readings, arrival_s))
        placed: list[Samples] = []
        while self._runs:
            gap_s = self._runs[0].first / self.rate_hz - self._next_s
            if placed and gap_s > LONGEST_BRIDGED_GAP_S:
                break
            placed.append(self._put_run(self._runs.popleft(), gap_s))
        return joined(placed)

    def _found_another_rate(self, n: int, arrival_s: float) -> bool:
        """Tell, once, that a sensor without a clock samples at quite another rate than was agreed."""
        rate_hz = self._rate_check.true_rate_hz(n, arrival_s, self.rate_hz)
        self.rate_hz = rate_hz or self.rate_hz
        return rate_hz is not None

    def _put_run(self, run: Run, gap_s: float) -> Samples:
        missing = round(gap_s * self.rate_hz)
        self.counts.lost += missing
        if missing < 0:  # so many were thought missing that are not
            self._device_s = self._device_s + gap_s
        together = Readings(
            np.concatenate([readings.acc_m_s2 for readings in run.readings]),
            np.concatenate([readings.gyr_rad_s for readings in run.readings]),
        )
        device_s = (run.first + np.arange(len(together.acc_m_s2))) / self.rate_hz
        return self._put(together, device_s, run.arrival_s, restart=gap_s > LONGEST_BRIDGED_GAP_S)


def _is_counted(readings: Readings) -> bool:
    return readings.device_time_s is None and readings.sequence is None


def joined(runs: list[Samples]) -> Samples | None:
    """Make one of several runs that follow each other without a break."""
    if len(runs) <= 1:
        return runs[0] if runs else None
    return Samples(
        np.concatenate([run.time_s for run in runs]),
        np.concatenate([run.acc_m_s2 for run in runs]),
        np.concatenate([run.gyr_rad_s for run in runs]),
        any(run.restart for run in runs),
    )


def _signed(difference: float, wrap: float | None) -> float:
    """Give the difference of two values of a counter that starts over at ``wrap``, the short way round."""
    return difference if wrap is None else (difference + wrap / 2) % wrap - wrap / 2
