"""Two sensors on one leg: the engine on the mount that counts, and the knee's own angles beside it.

Pure and synchronous like ``kneeimu.engine``. A count never waits for the second sensor: the engine's events come at
once, and what the knee did in that rep follows as ``KneeMeasured`` when both sensors have told of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from calibration.standards import DEPTH_FROM
from kneeimu.engine import Engine, check_sensor
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.motion.knee import KneeAngles, KneeTracker, no_angles
from kneeimu.motion.knee_history import KneeHistory
from kneeimu.motion.segment import SegmentAngles, angles_since
from kneeimu.reps.history import KEPT_S as TICKS_KEPT_S
from kneeimu.reps.phases import moving_mean
from kneeimu.types import Alignment, Event, FloatArray, Mount, Rep, RepCounted, Samples, Setup, Side

SMOOTHED_S = 0.12
LEAD_S = 0.8
"""The counter notices a rep when it is under way: the pose before it is looked for in this time, but not in the rep
before."""
START_S = 0.2
"""The pose at a rep's start is the mean over this time."""
KEPT_S = TICKS_KEPT_S + 10.0
"""As long as the counter keeps its ticks, in which a second look finds reps, and for what leads up to them."""
MOST_MISSING = 0.1
"""A rep of which more than this share is missing at one sensor is not measured."""
STEEPEST_DEG = 70.0
"""A thigh more tilted than this has no frontal projection worth a number."""


@dataclass(frozen=True, slots=True)
class PairSetup:
    """What the engine for two sensors is told before the first sample.

    Attributes:
        exercise: a name of the catalogue.
        side: the leg that wears both sensors.
        thigh_rate_hz, shin_rate_hz: nominal rates, 20 to 500 Hz; they may differ.
        thigh, shin: alignments; without both there are counts, but no knee angles.
        counting: the mount that counts; None takes the better one for the exercise.
        angles_hz: rate of the knee's angles.
    """

    exercise: str
    side: Side
    thigh_rate_hz: float
    shin_rate_hz: float
    thigh: Alignment | None = None
    shin: Alignment | None = None
    counting: Mount | None = None
    angles_hz: float = 100.0

    @property
    def mount(self) -> Mount:
        """The mount that counts."""
        return self.counting or counting_mount(self.exercise)

    def single(self) -> Setup:
        """The setup of the engine on the counting mount."""
        thigh = self.mount == "thigh"
        rate_hz = self.thigh_rate_hz if thigh else self.shin_rate_hz
        return Setup(self.exercise, self.side, self.mount, rate_hz, self.thigh if thigh else self.shin)


def counting_mount(exercise: str) -> Mount:
    """The mount that sees most of an exercise: where its movement is large against what is around it.

    Raises:
        ValueError: no such exercise.
    """
    mounts = find_exercise(exercise).mounts
    return max(mounts, key=lambda mount: mounts[mount].floor_deg)


@dataclass(frozen=True, slots=True)
class KneeRep:
    """What the knee did in one rep, deg. None where it is not known.

    Attributes:
        flexion_start_deg: bend at the start; 0 as in the calibration's standing.
        flexion_peak_deg: greatest bend.
        range_deg: between the greatest and the least bend.
        abduction_deg: change of the shank's abduction (valgus positive, both legs) since the start, at its peak
            between 70 and 100 % of the depth.
        rotation_deg: inward rotation of the shank against the thigh, as above.
        fppa_deg: frontal plane projection angle as a camera ahead would see it (knee inwards positive), as change
            since the start and as above; measured, without an assumption about the hip. None with a thigh near level.
    """

    flexion_start_deg: float
    flexion_peak_deg: float
    range_deg: float
    abduction_deg: float
    rotation_deg: float
    fppa_deg: float | None


@dataclass(frozen=True, slots=True)
class KneeMeasured(Event):
    """The knee's angles in a rep that was counted; ``knee`` is None when a sensor was missing."""

    kind: ClassVar[str] = "knee"
    set_number: int
    rep_number: int
    start_s: float
    knee: KneeRep | None


class PairEngine:
    """Turns the samples of two sensors into events. The same samples give the same events, however they are cut.

    Two orders are kept: that of the engine's events, and that of the ``KneeMeasured``; how the two interleave depends
    on which sensor's samples came first. This holds while no stream is more than a minute behind the other.

    Args:
        setup: exercise, side, rates and alignments. Times of both streams are on one timeline, s.

    Raises:
        ValueError: unknown exercise or side, alignments of another leg or exchanged, or a rate outside 20 to 500 Hz.

    Attributes:
        engine: counts, on ``setup.mount``.
        angles: the knee's angles that the last ``feed`` or ``finish`` completed.
    """

    def __init__(self, setup: PairSetup) -> None:
        _check(setup)
        self.setup = setup
        self.engine = Engine(setup.single())
        self.angles = no_angles()
        self._tracker: KneeTracker | None = None
        if setup.thigh is not None and setup.shin is not None:
            self._tracker = KneeTracker(
                setup.thigh, setup.shin, setup.thigh_rate_hz, setup.shin_rate_hz, rate_hz=setup.angles_hz
            )
        self._history = KneeHistory(KEPT_S)
        self._waiting: list[tuple[int, Rep]] = []
        self._before_s = -np.inf

    def feed(self, thigh: Samples | None = None, shin: Samples | None = None) -> list[Event]:
        """Take the next samples of one sensor or both; give what they mean."""
        counting = thigh if self.setup.mount == "thigh" else shin
        events = self.engine.feed(counting) if counting is not None else []
        self._expect(events)
        if self._tracker is not None:
            self.angles = self._tracker.feed(thigh, shin)
            self._history.append(self.angles)
            events += self._measured(self._tracker.time_s)
            self._history.forget()
        return events

    def start_set(self, time_s: float) -> list[Event]:
        """The person pressed the key: a set begins at ``time_s``."""
        return self._also(self.engine.start_set(time_s))

    def end_set(self, time_s: float) -> list[Event]:
        """The person pressed the key: the set is over at ``time_s``."""
        return self._also(self.engine.end_set(time_s))

    def finish(self) -> list[Event]:
        """No more samples will come: give what is still open."""
        events = self._also(self.engine.finish())
        if self._tracker is not None:
            self.angles = self._tracker.finish()
            self._history.append(self.angles)
        return events + self._measured(np.inf)

    def _also(self, events: list[Event]) -> list[Event]:
        self._expect(events)
        return events

    def _expect(self, events: list[Event]) -> None:
        if self._tracker is not None:
            self._waiting += [(event.set_number, event.rep) for event in events if isinstance(event, RepCounted)]

    def _measured(self, until_s: float) -> list[Event]:
        events: list[Event] = []
        while self._waiting and self._waiting[0][1].end_s <= until_s:
            set_number, rep = self._waiting.pop(0)
            earliest_s = max(min(self._before_s, rep.start_s), rep.start_s - LEAD_S)
            knee = measure_knee(self._history.between(earliest_s, rep.end_s), self.setup.side, rep.start_s)
            self._before_s = rep.end_s
            events.append(KneeMeasured(rep.end_s, set_number, rep.number, rep.start_s, knee))
        return events


def _check(setup: PairSetup) -> None:
    check_sensor(setup.side, "thigh", setup.thigh_rate_hz, setup.thigh)
    check_sensor(setup.side, "shin", setup.shin_rate_hz, setup.shin)


def measure_knee(angles: KneeAngles, side: Side, start_s: float = -np.inf) -> KneeRep | None:
    """Measure a rep from the knee's angles between its start and its end; None when they are not known.

    Args:
        start_s: when the rep was noticed; ``angles`` may begin before it, and the rep's start is looked for there.
    """
    known = np.isfinite(angles.flexion_deg)
    if len(angles) < 8 or np.count_nonzero(~known) > MOST_MISSING * len(angles):
        return None
    angles = angles.rows(known)
    rate_hz = 1.0 / float(np.median(np.diff(angles.time_s)))
    wide, begin = max(3, round(SMOOTHED_S * rate_hz) | 1), max(1, round(START_S * rate_hz))
    flexion = moving_mean(angles.flexion_deg, wide)
    first = _rest_before(flexion, int(np.searchsorted(angles.time_s, start_s)))
    home = slice(max(0, first - begin // 2), max(0, first - begin // 2) + begin)
    start = float(np.mean(flexion[home]))
    change = np.abs(flexion - start)
    change[:first] = 0.0
    deep = change >= DEPTH_FROM * change.max()
    fppa = _fppa_deg(angles, side, first)
    return KneeRep(
        flexion_start_deg=round(start, 2),
        flexion_peak_deg=round(float(flexion[first:].max()), 2),
        range_deg=round(float(np.ptp(flexion[first:])), 2),
        abduction_deg=_peak(angles.abduction_deg, deep, wide, home),
        rotation_deg=_peak(angles.rotation_deg, deep, wide, home),
        fppa_deg=None if fppa is None else _peak(fppa, deep, wide, home),
    )


def _rest_before(flexion_deg: FloatArray, noticed: int) -> int:
    """The reading before ``noticed`` at which the knee is farthest from where the rep takes it."""
    if noticed <= 0:
        return 0
    rep = flexion_deg[noticed:]
    turn = rep[np.argmax(np.abs(rep - flexion_deg[min(noticed, len(flexion_deg) - 1)]))] if len(rep) else 0.0
    away = np.abs(flexion_deg[: noticed + 1] - turn)
    return int(np.flatnonzero(away >= away.max() - 0.3)[-1])


def _fppa_deg(angles: KneeAngles, side: Side, start: int) -> FloatArray | None:
    """Frontal projections of thigh and shank together, each ahead as it was at reading ``start`` (n,)."""
    thigh, shank = angles_since(angles.quat_thigh_to_world, start), angles_since(angles.quat_shin_to_world, start)
    if thigh is None or shank is None or float(np.abs(thigh.sagittal_deg).max()) > STEEPEST_DEG:
        return None
    if float(np.abs(shank.sagittal_deg).max()) > STEEPEST_DEG:
        return None
    sign = 1.0 if side == "right" else -1.0
    return np.asarray(sign * (_projected_deg(thigh) - _projected_deg(shank)))


def _projected_deg(segment: SegmentAngles) -> FloatArray:
    theta, phi = np.radians(segment.sagittal_deg), np.radians(segment.frontal_deg)
    return np.asarray(np.degrees(np.arctan2(np.sin(phi), np.cos(theta) * np.cos(phi))))


def _peak(values: FloatArray, deep: npt.NDArray[np.bool_], wide: int, home: slice) -> float:
    change = moving_mean(values - float(np.mean(values[home])), wide)[deep]
    return round(float(change[np.argmax(np.abs(change))]), 2)
