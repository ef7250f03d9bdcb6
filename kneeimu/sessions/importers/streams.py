"""Two streams with clocks of their own become one run of samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import numpy as np

from kneeimu.errors import InputError
from kneeimu.sessions.importers.units import acceleration_unit, rate_unit, time_unit
from kneeimu.types import FloatArray, Samples
from kneeimu.words import _, n_

LONGEST_BRIDGE_S = 0.1
"""Samples are not made up across a longer hole: the engine must see it."""
BURST_SHARE = 0.2
"""Stamps of which a larger share repeats or jumps were given by the receiver, in bursts."""
NEW_BURST_S = 1.0
LARGEST = 1e20
"""No clock and no sensor gives more: nanoseconds since 1970 are 2e18."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Three axes as a file holds them.

    Attributes:
        time: shape (n,), in the unit ``time_unit`` or, when that is None, in one to be found.
        values: shape (n, 3), in ``unit``, or in one to be found.
        label: the columns it came from, for the list of what was assumed.
    """

    time: FloatArray
    values: FloatArray
    label: str
    unit: str | None = None
    time_unit: str | None = None


@dataclass(slots=True)
class Found:
    """What a format's reader found in a file; ``assumed`` grows as decisions fall."""

    format: str
    acceleration: Stream
    rate: Stream
    assumed: list[str] = field(default_factory=list)
    started: datetime | None = None
    receiver_stamped: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """A foreign recording in the program's own units.

    Attributes:
        samples: in m/s² (specific force, +g up at rest) and rad/s, in the sensor's own frame; time starts at 0 s.
        sampling_rate_hz: from the usual step of the time stamps.
        format: name of the format found.
        assumed: what was decided and why, one sentence each.
        started: when the recording began, if the file says; naive when it does not say the zone.
    """

    samples: Samples
    sampling_rate_hz: float
    format: str
    assumed: tuple[str, ...]
    started: datetime | None = None


def combine(found: Found, where: str) -> Imported:
    """Bring both streams to SI units and to the stamps of the acceleration.

    Raises:
        InputError: units can't be told, the streams don't overlap, or too little is left.
    """
    assumed = list(found.assumed)
    acc_time, acc = _on_seconds(found.acceleration, found, assumed, where)
    gyr_time, gyr = _on_seconds(found.rate, found, assumed, where)
    force = acceleration_unit(acc, found.acceleration.unit, where)
    assumed.append(
        _("acceleration from {label} in {name} ({reason})").format(
            label=found.acceleration.label, name=force.name, reason=force.reason
        )
    )
    acc = acc * force.factor
    time_s, acc, gyr = _together(acc_time, acc, gyr_time, gyr, where)
    rate = rate_unit(time_s, acc, gyr, found.rate.unit, where)
    assumed.append(
        _("angular rate from {label} in {name} ({reason})").format(
            label=found.rate.label, name=rate.name, reason=rate.reason
        )
    )
    rate_hz = 1.0 / float(np.median(np.diff(time_s)))
    samples = Samples(time_s - time_s[0], acc, gyr * rate.factor)
    return Imported(samples, round(rate_hz, 3), found.format, tuple(assumed), found.started)


def _on_seconds(stream: Stream, found: Found, assumed: list[str], where: str) -> tuple[FloatArray, FloatArray]:
    good = (np.abs(stream.time) < LARGEST) & (np.abs(stream.values) < LARGEST).all(axis=1)  # NaN is not smaller
    time, values = stream.time[good], stream.values[good]
    lost = len(good) - len(time)
    if lost:
        assumed.append(
            n_(
                "{n} row of {label} without all numbers left out",
                "{n} rows of {label} without all numbers left out",
                lost,
                label=stream.label,
            )
        )
    if len(time) < 20:
        raise InputError(
            n_(
                "{label}: only {n} row holds numbers",
                "{label}: only {n} rows hold numbers",
                len(time),
                label=stream.label,
            ),
            where=where,
        )
    steps = np.diff(time)
    usual = float(np.median(steps[steps > 0])) if np.any(steps > 0) else 0.0
    if found.receiver_stamped:
        usual = float((time[-1] - time[0]) / (len(time) - 1))
    unit = time_unit(usual, stream.time_unit, where)
    note = _("time in {name} ({reason})").format(name=unit.name, reason=unit.reason)
    if note not in assumed:
        assumed.append(note)
    time_s = (time - time[0]) * unit.factor + time[0] * unit.factor
    if found.receiver_stamped and _in_bursts(time_s):
        time_s = even_out(time_s)
        assumed.append(_("the stamps come in bursts, as the receiver gave them: samples spread evenly between holes"))
    forward = np.concatenate(([True], time_s[1:] > np.maximum.accumulate(time_s)[:-1]))
    back = int(len(forward) - forward.sum())
    if back > len(forward) // 2:
        raise InputError(_("the time stamps of {label} do not run forwards").format(label=stream.label), where=where)
    if back:
        assumed.append(
            n_(
                "{n} row of {label} whose time did not advance left out",
                "{n} rows of {label} whose time did not advance left out",
                back,
                label=stream.label,
            )
        )
    return time_s[forward], values[forward]


def _in_bursts(time_s: FloatArray) -> bool:
    steps = np.diff(time_s)
    mean = float(np.mean(steps[steps < NEW_BURST_S])) if np.any(steps < NEW_BURST_S) else 0.0
    return bool(np.mean((steps <= 0.2 * mean) | (steps >= 2.5 * mean)) > BURST_SHARE)


def even_out(time_s: FloatArray) -> FloatArray:
    """Spread stamps evenly between holes longer than ``NEW_BURST_S``; shape (n,)."""
    out = time_s.copy()
    edges = np.concatenate(([0], np.flatnonzero(np.diff(time_s) > NEW_BURST_S) + 1, [len(time_s)]))
    for first, last in pairwise(edges):
        if last - first > 2:
            out[first:last] = np.linspace(time_s[first], time_s[last - 1], last - first)
    return out


def _together(
    acc_time: FloatArray, acc: FloatArray, gyr_time: FloatArray, gyr: FloatArray, where: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    if len(acc_time) == len(gyr_time) and np.array_equal(acc_time, gyr_time):
        return acc_time, acc, gyr
    after = np.searchsorted(gyr_time, acc_time)
    inside = (after > 0) & (after < len(gyr_time))
    after = np.clip(after, 1, len(gyr_time) - 1)
    bridge = max(LONGEST_BRIDGE_S, 3.0 * float(np.median(np.diff(gyr_time))))
    keep = inside & (gyr_time[after] - gyr_time[after - 1] <= bridge)
    if keep.sum() < 20:
        raise InputError(_("acceleration and angular rate were not recorded at the same time"), where=where)
    time_s = acc_time[keep]
    return time_s, acc[keep], np.column_stack([np.interp(time_s, gyr_time, gyr[:, axis]) for axis in range(3)])
