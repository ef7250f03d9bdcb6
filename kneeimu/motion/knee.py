"""The knee's own angles, from the orientations of thigh and shin.

Two 6-axis sensors share the vertical but not the heading: each filter's is arbitrary and drifts by itself. The knee is
nearly a hinge, so the mediolateral axes (Z) of both segments are nearly parallel near straight, and their headings tell
the difference. ``RelativeHeading`` follows it slowly and much more slowly in a bent knee, so that a knee that falls
inwards is measured and not absorbed.

Angles are those of Grood & Suntay in the order ISB gives for the knee (Wu et al. 2002): flexion about the thigh's Z,
abduction about the floating axis, rotation about the shank's Y. Everything but the heading's recursion is elementwise,
so that the result does not depend on how the samples are cut into chunks (but for the last bit of a float).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, nan, pi, sin

import numpy as np
import numpy.typing as npt
from vqf import VQF

from kneeimu.motion.orientation import known_bias
from kneeimu.motion.segment import columns, multiply
from kneeimu.motion.uniform import GridBlock, UniformGrid
from kneeimu.types import Alignment, FloatArray, Samples, Side

SMALLEST_DIAGONAL = 0.05
"""A mediolateral axis steeper than this (sine of the angle from the vertical) has no heading."""
SAME_S = 1e-6
"""Times nearer than this are the same but for rounding."""
ANYWHERE = pi**2
"""Variance of a heading nobody knows, rad²."""
NOTHING_SEEN = 1e9

Axes = tuple[FloatArray, FloatArray, FloatArray]
"""A segment's X, Y and Z axes in its filter's world, Z up, each (n, 3)."""


@dataclass(frozen=True, slots=True)
class KneeAngles:
    """The knee at ``time_s`` (n,), angles in deg (n,); NaN where one of the two sensors is missing.

    Attributes:
        flexion_deg: 0 as in the calibration's standing, bent is positive.
        abduction_deg: the shank outwards against the thigh (valgus) is positive, for both legs.
        rotation_deg: the shank turned inwards against the thigh is positive, for both legs.
        quat_thigh_to_world, quat_shin_to_world: (n, 4), scalar-first, each in its own filter's heading.
    """

    time_s: FloatArray
    flexion_deg: FloatArray
    abduction_deg: FloatArray
    rotation_deg: FloatArray
    quat_thigh_to_world: FloatArray
    quat_shin_to_world: FloatArray

    def __len__(self) -> int:
        return len(self.time_s)

    def rows(self, rows: slice | npt.NDArray[np.bool_]) -> KneeAngles:
        """Give a part of the readings."""
        return KneeAngles(*(getattr(self, name)[rows] for name in KneeAngles.__slots__))


def knee_cardan_deg(
    thigh: Axes, shin: Axes, heading_rad: FloatArray, side: Side
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Flexion, abduction and inward rotation of the shank against the thigh, deg, each (n,).

    Args:
        thigh, shin: axes of the segments, each in its own filter's world.
        heading_rad: (n,), by which the shank's world is to be turned about the vertical to be the thigh's.
        side: "left" or "right".
    """
    x, y, z = thigh
    shank = _turned(shin, heading_rad)
    sign = 1.0 if side == "right" else -1.0
    frontal = np.arcsin(np.clip(_dot(z, shank[1]), -1.0, 1.0))
    flexion = np.arctan2(_dot(x, shank[1]), _dot(y, shank[1]))
    axial = np.arctan2(-_dot(z, shank[0]), _dot(z, shank[2]))
    return np.degrees(flexion), -sign * np.degrees(frontal), sign * np.degrees(axial)


def _turned(axes: Axes, heading_rad: FloatArray) -> tuple[FloatArray, ...]:
    c, s = np.cos(heading_rad), np.sin(heading_rad)
    return tuple(np.array((c * v[:, 0] - s * v[:, 1], s * v[:, 0] + c * v[:, 1], v[:, 2])).T for v in axes)


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    product: FloatArray = a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2]
    return product


def tilt_deg(segment: Axes) -> FloatArray:
    """Sagittal tilt of a segment by gravity alone, deg (n,): 0 upright, positive with the lower end forward.

    Needs no heading; has a meaning while Z is near level.
    """
    x, y, _ = segment
    return np.degrees(np.arctan2(x[:, 2], y[:, 2]))


# --- one sensor ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stretch:
    """Orientation of a segment at its sensor's own grid: ``time_s`` (n,), ``quat_segment_to_world`` (n, 4).

    ``restart`` says that the heading has nothing to do with the one before, and that samples are missing before it.
    """

    time_s: FloatArray
    quat_segment_to_world: FloatArray
    restart: bool


class SegmentStream:
    """Samples of one sensor to the orientation of its segment at the full rate.

    Args:
        sampling_rate_hz: nominal rate, 20 to 500 Hz.
        alignment: how the box sits on the segment.
    """

    def __init__(self, sampling_rate_hz: float, alignment: Alignment) -> None:
        self._grid = UniformGrid(sampling_rate_hz)
        self._alignment = alignment
        self._filter = VQF(1.0 / self._grid.rate_hz)
        self._bias = known_bias(alignment.gyro_bias_rad_s)

    def push(self, samples: Samples) -> list[Stretch]:
        """Take samples; give the orientation up to the newest."""
        blocks = self._grid.push(samples)
        return [self._orient(block) for block in blocks if len(block.time_s) or block.restart]

    def _orient(self, block: GridBlock) -> Stretch:
        if block.restart:
            self._filter = VQF(1.0 / self._grid.rate_hz)
            if self._bias is not None:
                self._filter.setBiasEstimate(*self._bias)
        if not len(block.time_s):
            return Stretch(block.time_s, np.empty((0, 4)), block.restart)
        found = self._filter.updateBatch(np.ascontiguousarray(block.gyr_rad_s), np.ascontiguousarray(block.acc_m_s2))
        self._bias = found["bias"][-1].copy(), float(found["biasSigma"][-1])
        quats = multiply(found["quat6D"], self._alignment.quat_segment_to_sensor)
        return Stretch(block.time_s, quats, block.restart)


class _Track:
    """The recent orientation of one segment, read out at any time between its samples."""

    def __init__(self, longest_step_s: float) -> None:
        self._longest_step_s = longest_step_s
        self._time_s = np.empty(0)
        self._quat = np.empty((0, 4))
        self._epoch = np.empty(0, dtype=np.int64)
        self._newest_epoch = 0

    @property
    def newest_s(self) -> float:
        """Up to here it can be read: a single sample has nothing to be read between."""
        return float(self._time_s[-1]) if len(self._time_s) > 1 else -np.inf

    @property
    def oldest_s(self) -> float:
        return float(self._time_s[0]) if len(self._time_s) else np.inf

    def add(self, stretches: list[Stretch]) -> None:
        for stretch in stretches:
            self._newest_epoch += stretch.restart
            if len(stretch.time_s):
                if len(self._time_s) and stretch.time_s[0] <= self._time_s[-1]:  # the clock was set back
                    self._time_s, self._quat, self._epoch = self._time_s[:0], self._quat[:0], self._epoch[:0]
                self._time_s = np.concatenate((self._time_s, stretch.time_s))
                self._quat = np.concatenate((self._quat, stretch.quat_segment_to_world))
                epochs = np.full(len(stretch.time_s), self._newest_epoch, dtype=np.int64)
                self._epoch = np.concatenate((self._epoch, epochs))

    def forget_before(self, time_s: float) -> None:
        """Drop what no later reading needs: all but the newest sample before ``time_s``."""
        first = int(np.searchsorted(self._time_s, time_s - SAME_S)) - 1
        if first > 0:
            self._time_s, self._quat, self._epoch = self._time_s[first:], self._quat[first:], self._epoch[first:]

    def read(self, time_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Orientation (n, 4) at ``time_s`` (n,), NaN in gaps, and the filter's epoch (n,), -1 in gaps."""
        count = len(self._time_s)
        quat = np.full((len(time_s), 4), np.nan)
        epoch = np.full(len(time_s), -1.0)
        if count < 2:
            return quat, epoch
        at = np.minimum(np.maximum(np.searchsorted(self._time_s, time_s - SAME_S) - 1, 0), count - 2)
        step = self._time_s[at + 1] - self._time_s[at]
        share = (time_s - self._time_s[at]) / step
        slack = SAME_S / step
        inside = (share >= -slack) & (share <= 1.0 + slack) & (step <= self._longest_step_s)
        good = inside & (self._epoch[at] == self._epoch[at + 1])
        a, b = self._quat[at], self._quat[at + 1]
        flip = np.where(_dot4(a, b) < 0.0, -1.0, 1.0)
        mixed = a + share[:, None] * (flip[:, None] * b - a)
        mixed = mixed / np.sqrt(_dot4(mixed, mixed))[:, None]
        quat[good] = mixed[good]
        epoch[good] = self._epoch[at][good]
        return quat, epoch


def _dot4(a: FloatArray, b: FloatArray) -> FloatArray:
    product: FloatArray = a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2] + a[:, 3] * b[:, 3]
    return product


# --- the heading between them ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeadingParameters:
    """How the heading between the two filters is followed; engineering choices.

    Attributes:
        drift_deg_s: what the filters leave of the gyros' biases at first, one SD of the heading's rate.
        drift_walk_deg_s_sqrt_s: by which that rate wanders.
        walk_deg_sqrt_s: by which the heading wanders besides.
        straight_deg: a knee bent less than this obeys the hinge best.
        straight_sd_deg, bent_sd_share: how far the axes are from parallel there, one SD, and by how much more for each
            deg of bend beyond; such an error persists for about a second, so a second counts as one observation.
        unknown_deg: above this SD the angles are not given.
        bend_unknown_deg: on the side the heading is the bend: above this SD of what it adds to it they are not given.
    """

    drift_deg_s: float = 0.4
    drift_walk_deg_s_sqrt_s: float = 0.02
    walk_deg_sqrt_s: float = 0.05
    straight_deg: float = 7.0
    straight_sd_deg: float = 2.0
    bent_sd_share: float = 0.5
    unknown_deg: float = 20.0
    bend_unknown_deg: float = 3.0


class RelativeHeading:
    """A Kalman filter for the heading by which the shank's world differs from the thigh's, and for its rate.

    Args:
        rate_hz: of the readings.
    """

    def __init__(self, rate_hz: float, parameters: HeadingParameters | None = None) -> None:
        self._p = p = parameters or HeadingParameters()
        self._rate_hz = rate_hz
        self._walk = float(np.radians(p.walk_deg_sqrt_s)) ** 2 / rate_hz
        self._drift_walk = float(np.radians(p.drift_walk_deg_s_sqrt_s)) ** 2 / rate_hz
        self._unknown = float(np.radians(p.unknown_deg)) ** 2
        self._bend_unknown = float(np.radians(p.bend_unknown_deg)) ** 2
        self._state = (0.0, 0.0, ANYWHERE, 0.0, float(np.radians(p.drift_deg_s)) ** 2)

    def follow(self, seen_rad: FloatArray, variance: FloatArray, anew: list[bool], most: FloatArray) -> FloatArray:
        """Take observations (n,) with their variances per reading (n,), infinite for none; give the heading (n,).

        ``anew`` says before which reading a filter began anew. NaN where its variance is not below ``most`` (n,).
        """
        known: list[float] = []
        step, walk, drift_walk = 1.0 / self._rate_hz, self._walk, self._drift_walk
        heading, rate, p, c, r = self._state  # p, c, r: variances of heading and rate, and their covariance c
        for seen, noise, new, limit in zip(seen_rad.tolist(), variance.tolist(), anew, most.tolist(), strict=True):
            if new:
                p, c = ANYWHERE, 0.0
            heading += rate * step
            p, c, r = min(p + (2.0 * c + r * step) * step + walk, ANYWHERE), c + r * step, r + drift_walk
            if noise < NOTHING_SEEN:
                off = seen - heading
                off = atan2(sin(off), cos(off)) / (p + noise)
                heading, rate = heading + p * off, rate + c * off
                share = noise / (p + noise)
                p, c, r = p * share, c * share, r - c * c / (p + noise)
            known.append(heading if p < limit else nan)
        self._state = heading, rate, p, c, r
        return np.array(known)

    def most(self, thigh_axes: Axes) -> FloatArray:
        """Variance (n,) below which the heading is known well enough: on the side, the axis upright, it is the bend."""
        share = np.maximum(thigh_axes[2][:, 2] ** 2, self._bend_unknown / self._unknown)
        return np.asarray(self._bend_unknown / share)

    def observe(self, thigh_axes: Axes, shin_axes: Axes) -> tuple[FloatArray, FloatArray]:
        """What the mediolateral axes say about the heading, rad (n,), and the variance of each reading (n,)."""
        thigh, shank = thigh_axes[2], shin_axes[2]
        seen = np.arctan2(thigh[:, 1], thigh[:, 0]) - np.arctan2(shank[:, 1], shank[:, 0])
        level = (thigh[:, 0] ** 2 + thigh[:, 1] ** 2) * (shank[:, 0] ** 2 + shank[:, 1] ** 2)
        bend = np.abs(tilt_deg(thigh_axes) - tilt_deg(shin_axes))
        bend = np.minimum(bend, 360.0 - bend)
        p = self._p
        beyond = np.maximum(bend - p.straight_deg, 0.0)
        spread = np.radians(p.straight_sd_deg + p.bent_sd_share * beyond)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = np.where(level > SMALLEST_DIAGONAL**2, spread**2 * self._rate_hz / level, np.inf)
        return seen, np.where(np.isfinite(seen), variance, np.inf)


# --- both ------------------------------------------------------------------------------------------------------------


class KneeTracker:
    """Samples of two sensors to the knee's angles on one grid of the session's timeline.

    Args:
        thigh, shin: alignments of the two sensors, of the same leg.
        thigh_rate_hz, shin_rate_hz: nominal rates, 20 to 500 Hz; they may differ.
        rate_hz: of the angles.
        wait_s: when one stream is this far behind the other, the angles go on without it, as NaN.
    """

    def __init__(
        self,
        thigh: Alignment,
        shin: Alignment,
        thigh_rate_hz: float,
        shin_rate_hz: float,
        *,
        rate_hz: float = 100.0,
        wait_s: float = 60.0,
        heading: HeadingParameters | None = None,
    ) -> None:
        self.rate_hz = rate_hz
        self._side: Side = thigh.side
        self._wait_s = wait_s
        self._streams = (SegmentStream(thigh_rate_hz, thigh), SegmentStream(shin_rate_hz, shin))
        self._tracks = (_Track(4.0 / thigh_rate_hz), _Track(4.0 / shin_rate_hz))
        self._heading = RelativeHeading(rate_hz, heading)
        self._next: int | None = None  # number of the next reading: it is at next / rate_hz
        self._epochs = (-1.0, -1.0)

    @property
    def time_s(self) -> float:
        """Up to here, inclusive, the angles have been given."""
        return -np.inf if self._next is None else (self._next - 1) / self.rate_hz

    def feed(self, thigh: Samples | None = None, shin: Samples | None = None) -> KneeAngles:
        """Take the next samples of one sensor or both; give the angles for which both are there."""
        for samples, stream, track in zip((thigh, shin), self._streams, self._tracks, strict=True):
            if samples is not None and len(samples):
                track.add(stream.push(samples))
        newest = [track.newest_s for track in self._tracks]
        return self._read(max(min(newest), max(newest) - self._wait_s))

    def finish(self) -> KneeAngles:
        """No more samples will come: read on to the end of the longer stream."""
        return self._read(max(track.newest_s for track in self._tracks))

    def _read(self, until_s: float) -> KneeAngles:
        if not np.isfinite(until_s):
            return no_angles()
        if self._next is None:
            self._next = int(np.ceil(min(track.oldest_s for track in self._tracks) * self.rate_hz - 1e-6))
        last = int(np.floor(until_s * self.rate_hz + 1e-6))
        if last < self._next:
            return no_angles()
        time_s = np.arange(self._next, last + 1) / self.rate_hz
        self._next = last + 1
        (thigh, thigh_epoch), (shin, shin_epoch) = (track.read(time_s) for track in self._tracks)
        for track in self._tracks:
            track.forget_before(float(time_s[-1]))
        axes = columns(thigh), columns(shin)
        seen, variance = self._heading.observe(*axes)
        heading = self._heading.follow(seen, variance, self._anew(thigh_epoch, shin_epoch), self._heading.most(axes[0]))
        flexion, abduction, rotation = knee_cardan_deg(*axes, heading, self._side)
        return KneeAngles(time_s, flexion, abduction, rotation, thigh, shin)

    def _anew(self, thigh: FloatArray, shin: FloatArray) -> list[bool]:
        """Before which readings a filter began anew; readings in a gap (epoch -1) wait for the next one outside."""
        anew: list[bool] = []
        before = self._epochs
        for now in zip(thigh.tolist(), shin.tolist(), strict=True):
            merged = (now[0] if now[0] >= 0 else before[0], now[1] if now[1] >= 0 else before[1])
            anew.append(merged != before)
            before = merged
        self._epochs = before
        return anew


def no_angles() -> KneeAngles:
    """Nothing."""
    none = np.empty(0)
    return KneeAngles(none, none, none, none, np.empty((0, 4)), np.empty((0, 4)))


def join_angles(parts: list[KneeAngles]) -> KneeAngles:
    """Put consecutive angles together."""
    parts = [part for part in parts if len(part)] or [no_angles()]
    return KneeAngles(*(np.concatenate([getattr(part, name) for part in parts]) for name in KneeAngles.__slots__))
