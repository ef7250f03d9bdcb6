"""Samples as they come, with jitter and gaps, to samples on a uniform grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor

import numpy as np
import numpy.typing as npt

from kneeimu.types import FloatArray, Samples

TICK_HZ = 25.0
"""Rate of everything after the orientation filter. A fast rep of 0.8 s has 20 ticks; engineering choice."""

BRIDGED_GAP_S = 0.3
"""Longest gap filled by interpolation (science: up to 0.3 s may be integrated and flagged, longer begins anew)."""

ABSURD = 1e5
"""No sensor measures so much, in m/s² or rad/s: such a sample is as good as none."""

ON_GRID_S = 1e-9
"""Samples this near the grid are taken as they are."""

MISSING_PERIODS = 2.5
"""A step of more periods than this is a gap and not jitter."""


REFUSED_S = 1.0
"""When for so long nothing has come but what is older than the newest sample, its time was wrong or the clock was set
back. Jitter and doubles are over sooner; engineering choice."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples are missing between ``start_s`` and ``end_s``; ``bridged`` when they were interpolated."""

    start_s: float
    end_s: float
    bridged: bool


@dataclass(frozen=True, slots=True)
class GridBlock:
    """Uniform samples at ``time_s`` (n,): ``acc_and_gyr`` (6, n), m/s² and rad/s.

    ``restart`` says that nothing may be carried over from the block before; ``gap`` is what was found before it.
    ``gave_up`` says that time begins anew with it, after nothing but older samples for ``REFUSED_S``.
    """

    time_s: FloatArray
    acc_and_gyr: FloatArray
    restart: bool
    gap: Gap | None
    invalid: int = 0
    invalid_s: float = 0.0
    gave_up: bool = False

    @property
    def acc_m_s2(self) -> FloatArray:
        """Shape (n, 3)."""
        return self.acc_and_gyr[:3].T

    @property
    def gyr_rad_s(self) -> FloatArray:
        """Shape (n, 3)."""
        return self.acc_and_gyr[3:].T


class UniformGrid:
    """Interpolates samples linearly on a grid of a whole number of samples a tick.

    The grid's rate is the multiple of 25 Hz nearest to the nominal rate, so that every n-th grid sample is a tick.
    """

    def __init__(self, sampling_rate_hz: float) -> None:
        self.samples_per_tick = max(1, round(sampling_rate_hz / TICK_HZ))
        self.rate_hz = TICK_HZ * self.samples_per_tick
        self._period_s = 1.0 / self.rate_hz
        self._longest_step_s = max(MISSING_PERIODS / sampling_rate_hz, 0.03)
        self._last: FloatArray | None = None  # t, acc, gyr of the newest sample, (7, 1)
        self._anew = True  # nothing may be carried over to the next sample
        self._gave_up = False
        self._refused = 0  # samples in a row that are older than the newest one
        self._most_refused = round(REFUSED_S * sampling_rate_hz)
        self._origin_s = 0.0
        self._next = 0  # index of the next grid point

    def push(self, samples: Samples) -> list[GridBlock]:
        """Take samples; give the blocks that are complete up to the newest sample."""
        if not len(samples):
            return []
        if samples.restart:
            self._anew, self._refused = True, 0
        last = None if self._anew else self._last
        known = 0 if last is None else 1
        # each of the seven in a row: what follows goes through them one by one
        rows = np.empty((7, known + len(samples)))
        if last is not None:
            rows[:, :known] = last
        rows[0, known:], rows[1:4, known:], rows[4:, known:] = samples.time_s, samples.acc_m_s2.T, samples.gyr_rad_s.T
        blocks: list[GridBlock] = []
        if not (np.isfinite(rows[0]).all() and rows[1:].min() > -ABSURD and rows[1:].max() < ABSURD):
            rows, bad = self._without_bad(rows)
            blocks.append(bad)
        if rows.shape[1] > known:
            for part in self._forwards(rows):
                found = (self._block(run, gap) for run, gap in self._runs(part))
                blocks.extend(block for block in found if len(block.time_s) or block.gap or block.restart)
        return blocks

    def _without_bad(self, rows: FloatArray) -> tuple[FloatArray, GridBlock]:
        """Leave out the samples that hold no numbers, or absurd ones; the block tells of them."""
        good = np.isfinite(rows).all(axis=0) & (np.abs(rows[1:]) < ABSURD).all(axis=0)
        invalid = rows.shape[1] - int(np.count_nonzero(good))
        at_s = self._time_of_first(rows[0], int(np.argmin(good)))
        return rows[:, good], GridBlock(np.empty(0), np.empty((6, 0)), False, None, invalid, at_s)

    def _time_of_first(self, time_s: FloatArray, bad: int) -> float:
        """Time of the first bad sample (index ``bad``), or of the newest one before it whose time is a number."""
        known = time_s[: bad + 1]
        known = known[np.isfinite(known)]
        if len(known):
            return float(known[-1])
        return 0.0 if self._last is None else float(self._last[0, 0])

    def _forwards(self, rows: FloatArray) -> Iterator[FloatArray]:
        """Leave out the samples that are not later than all before; when that goes on for long, begin anew."""
        while not (rows[0, 1:] > rows[0, :-1]).all():
            refused = self._refused_until(rows[0])
            kept, too_many = refused == 0, (refused >= self._most_refused).nonzero()[0]
            if not len(too_many):
                self._refused = int(refused[-1])
                yield rows[:, kept]
                return
            at = int(too_many[0])
            yield rows[:, :at][:, kept[:at]]
            rows, self._refused, self._anew, self._gave_up = rows[:, at:], 0, True, True
        self._refused = 0
        yield rows

    def _refused_until(self, time_s: FloatArray) -> npt.NDArray[np.intp]:
        """How many in a row, up to each sample, are not later than all before."""
        later = np.concatenate(([True], time_s[1:] > np.maximum.accumulate(time_s[:-1])))
        at = np.arange(len(time_s))
        newest = np.maximum.accumulate(np.where(later, at, 0))
        return at - newest + np.where((newest == 0) & (at > 0), self._refused, 0)

    def _runs(self, rows: FloatArray) -> list[tuple[FloatArray, Gap | None]]:
        """Cut the samples at gaps; each run begins with the newest sample before it when it follows on."""
        steps = rows[0, 1:] - rows[0, :-1]
        runs: list[tuple[FloatArray, Gap | None]] = []
        begin, gap = 0, self._gap_before(float(rows[0, 0]))
        for cut in (steps > self._longest_step_s).nonzero()[0].tolist():
            runs.append((rows[:, begin : cut + 1], gap))
            gap = Gap(float(rows[0, cut]), float(rows[0, cut + 1]), bool(steps[cut] <= BRIDGED_GAP_S))
            begin = cut if gap.bridged else cut + 1
        runs.append((rows[:, begin:], gap))
        return runs

    def _gap_before(self, first_s: float) -> Gap | None:
        """What is missing before samples that begin anew at this time."""
        last_s = first_s if self._last is None or not self._anew else float(self._last[0, 0])
        return Gap(last_s, first_s, False) if first_s - last_s > self._longest_step_s else None

    def _block(self, run: FloatArray, gap: Gap | None) -> GridBlock:
        restart, gave_up = self._anew or (gap is not None and not gap.bridged), self._gave_up
        self._anew = self._gave_up = False
        if restart:
            self._origin_s, self._next = float(run[0, 0]), 0
        self._last = run[:, -1:].copy()
        time_s = run[0]
        # how many grid points lie at or before the newest sample; the small excess forgives rounding
        until = floor((float(time_s[-1]) - self._origin_s) * self.rate_hz + 1e-6) + 1
        count = max(0, until - self._next)
        grid: FloatArray = self._origin_s + (self._next + np.arange(count, dtype=np.float64)) * self._period_s
        self._next += count
        if len(time_s) == 1:
            values: FloatArray = np.repeat(run, count, axis=1)
        elif 0 < count <= len(time_s) and np.abs(time_s[-count:] - grid).max() < ON_GRID_S:
            values = run[:, -count:]
        else:
            # the sample before each grid point, but neither before the first nor after the last but one
            before = time_s[1:-1].searchsorted(grid, side="right")
            lower, upper = run.take(before, axis=1), run.take(before + 1, axis=1)
            values = upper - lower
            values *= (grid - lower[0]) / values[0]
            values += lower
            # as above also where only some lie on the grid: which ones come together must not matter
            for samples in (lower, upper):
                on_grid = np.abs(samples[0] - grid) < ON_GRID_S
                np.copyto(values, samples, where=on_grid)
        return GridBlock(grid, values[1:], restart, gap, gave_up=gave_up)
