"""What the engine gives to be drawn, worked out only when somebody looks at it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from kneeimu.motion.orientation import Ticks
from kneeimu.motion.segment import frontal_deg, heading, multiply
from kneeimu.types import Alignment, FloatArray, Trace


@dataclass(frozen=True, slots=True)
class _Part:
    """Ticks with the angle that is followed at each, and whether an excursion is under way, (n,).

    ``at_home`` is the newest orientation at home before them, (1, 4).
    """

    time_s: FloatArray
    quats: FloatArray
    angle_deg: FloatArray
    moving: npt.NDArray[np.bool_]
    at_home: FloatArray


class Drawing:
    """Keeps the ticks of one feed of the engine, and of those before only where home was.

    Args:
        sagittal: the movement has a medial tilt.
    """

    def __init__(self, alignment: Alignment | None, sagittal: bool) -> None:
        self._alignment, self._sagittal = alignment, sagittal
        self._at_home: FloatArray | None = None
        self._parts: list[_Part] = []
        self._trace: Trace | None = None

    def begin(self) -> None:
        """Another feed: forget the ticks of the one before."""
        self._parts, self._trace = [], None

    def forget_home(self) -> None:
        """The stream began anew."""
        self._at_home = None

    def add(self, ticks: Ticks, angle_deg: array[float], moving: bytearray) -> None:
        """Keep ticks, all of them followed."""
        if not len(ticks):
            return
        quats = ticks.quat_sensor_to_world
        if self._at_home is None:
            self._at_home = quats[:1]
        away = np.frombuffer(moving, dtype=np.bool_)
        self._parts.append(_Part(ticks.time_s, quats, np.frombuffer(angle_deg), away, self._at_home))
        home = (~away).nonzero()[0]
        if len(home):
            self._at_home = quats[home[-1] :][:1]

    @property
    def trace(self) -> Trace:
        """What there is to draw of this feed."""
        if self._trace is None:
            self._trace = _join([self._drawn(part) for part in self._parts])
        return self._trace

    def _drawn(self, part: _Part) -> Trace:
        if self._alignment is None:
            return Trace(part.time_s, part.angle_deg, np.full(len(part.time_s), np.nan), part.quats)
        quats = multiply(np.concatenate((part.at_home, part.quats)), self._alignment.quat_segment_to_sensor)
        return Trace(part.time_s, part.angle_deg, self._medial_deg(part.moving, quats, self._alignment), quats[1:])

    def _medial_deg(self, moving: npt.NDArray[np.bool_], quats: FloatArray, alignment: Alignment) -> FloatArray:
        """Medial tilt at each tick since the excursion under way began; 0 at home.

        The first row of ``quats`` (1 + n, 4) is before them, at home.
        """
        if not self._sagittal:
            return np.full(len(moving), np.nan)
        medial = np.zeros(len(moving))
        begin = 0
        for out, run in groupby(moving.tolist()):
            end = begin + len(list(run))
            if out:
                medial[begin:end] = _medial_change_deg(quats[begin : end + 1], alignment)
            begin = end
        return medial


def _medial_change_deg(quats: FloatArray, alignment: Alignment) -> FloatArray:
    """Medial tilt of ``quats`` (1 + n, 4) against the first of them, (n,); NaN where that has no heading."""
    forward = heading(quats[0])
    if forward is None:
        return np.full(len(quats) - 1, np.nan)
    frontal = frontal_deg(quats, forward)
    sign = 1.0 if (alignment.side == "right") == (alignment.mount == "thigh") else -1.0
    change: FloatArray = sign * (frontal[1:] - frontal[0])
    return change


def _join(traces: list[Trace]) -> Trace:
    if not traces:
        return Trace(np.empty(0), np.empty(0), np.empty(0), np.empty((0, 4)))
    if len(traces) == 1:
        return traces[0]
    return Trace(
        np.concatenate([t.time_s for t in traces]),
        np.concatenate([t.angle_deg for t in traces]),
        np.concatenate([t.medial_deg for t in traces]),
        np.concatenate([t.quat_segment_to_world for t in traces]),
    )
