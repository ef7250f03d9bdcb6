"""The data that flows from the sensor to the screen: frozen, typed, units in the names."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

Side = Literal["left", "right"]
Mount = Literal["thigh", "shin"]


@dataclass(frozen=True, slots=True)
class Samples:
    """Consecutive samples of one sensor, in the sensor's own frame.

    Attributes:
        time_s: shape (n,), s on the session's timeline, strictly increasing.
        acc_m_s2: shape (n, 3), specific force in m/s² (+g up at rest).
        gyr_rad_s: shape (n, 3), angular rate in rad/s.
        restart: the stream begins anew here (long gap, sensor rebooted): nothing may be carried across.
    """

    time_s: FloatArray
    acc_m_s2: FloatArray
    gyr_rad_s: FloatArray
    restart: bool = False

    def __len__(self) -> int:
        return len(self.time_s)


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the box sits on the limb, as found by ``calibration.alignment``.

    Attributes:
        quat_segment_to_sensor: scalar-first; turns a vector of the segment frame (X anterior, Y proximal,
            Z to the wearer's right) into the sensor frame.
        quality: "good", "fair" or "poor"; camera-style estimates are shown with "good" only.
        yaw_uncertainty_deg: one standard deviation of the rotation about the long axis, deg.
        reference_tilt_deg: medial tilt of the wearer's coached reference reps at matched depth, deg;
            None until there are at least three.
        reference_range_deg: range of motion of the reference reps, deg.
        reference_exercise: what these reps were; the range of one exercise says nothing about another.
            None in files that do not tell: then it is meant for whatever the alignment is given to.
        gyro_bias_rad_s: of the sensor as it was aligned, sensor frame; where a session begins its own estimate.
    """

    quat_segment_to_sensor: tuple[float, float, float, float]
    side: Side
    mount: Mount
    quality: str
    yaw_uncertainty_deg: float
    reference_tilt_deg: float | None = None
    reference_range_deg: float | None = None
    reference_rotation_deg: float | None = None
    reference_exercise: str | None = None
    gyro_bias_rad_s: tuple[float, float, float] | None = None

    def is_of(self, side: str, mount: str) -> bool:
        """It is of a sensor at this place of this leg."""
        return (self.side, self.mount) == (side, mount)

    def for_exercise(self, exercise: str) -> Alignment:
        """Give the alignment with the range only if it is of this exercise's reps."""
        if self.reference_range_deg is None or self.reference_exercise in (None, exercise):
            return self
        return dataclasses.replace(self, reference_range_deg=None)


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition: a deliberate out-and-back of the exercise's movement.

    A number that can't be known is None, never 0 and never NaN. Flags are short words such as
    ``short``, ``fast``, ``knee-in``, ``shallow``; a rep without flags is clean.

    Attributes:
        number: within its set, from 1.
        start_s, turn_s, end_s: when it left home, reached the far end, and was back; s on the session's timeline.
        duration_s: from leaving home to being back, s.
        range_of_motion_deg: how far the segment tilted away from home; of a level thigh that turns aside
            by more, how far it turned.
        outward_s, hold_s, return_s: how long it went out, stayed and came back; their sum is the duration. None
            where the far end can't be told, in a lunge with a step of which the shin showed only a part.
        peak_velocity_deg_s: largest angular speed.
        medial_tilt_deg: the segment's long axis out of the rep's sagittal plane, inwards positive, as change from
            the start; the peak at 70 to 100 % of the depth.
        medial_drift_deg: the same, less the wearer's own reference reps at the same depth.
        inward_rotation_deg: about the long axis since the start of the rep.
        fppa_equivalent_deg, fppa_equivalent_uncertainty_deg: what a camera in front might read, and two standard
            deviations of it; only with a good alignment.
        direction: of a step, such as "left"; None for other movements.
        flags: findings of form.
        metrics: further numbers by name, with the unit in the name.
    """

    number: int
    start_s: float
    turn_s: float
    end_s: float
    duration_s: float
    range_of_motion_deg: float
    outward_s: float | None
    hold_s: float | None
    return_s: float | None
    peak_velocity_deg_s: float
    medial_tilt_deg: float | None = None
    medial_drift_deg: float | None = None
    inward_rotation_deg: float | None = None
    fppa_equivalent_deg: float | None = None
    fppa_equivalent_uncertainty_deg: float | None = None
    direction: str | None = None
    flags: tuple[str, ...] = ()
    metrics: dict[str, float | None] = field(default_factory=dict)

    @property
    def phases_s(self) -> tuple[float, float, float] | None:
        """How long it went out, stayed and came back, s; None where that is not known."""
        if self.outward_s is None or self.hold_s is None or self.return_s is None:
            return None
        return self.outward_s, self.hold_s, self.return_s

    @property
    def clean(self) -> bool:
        """No flag was raised."""
        return not self.flags


@dataclass(frozen=True, slots=True)
class SetSummary:
    """A finished set in numbers; ``metrics`` holds what ``reps.metrics`` could compute."""

    number: int
    start_s: float
    end_s: float
    count: int
    clean_count: int
    metrics: dict[str, float | None] = field(default_factory=dict)


# --- what the engine says -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something the engine says: it happened at ``time_s`` (s on the session's timeline), and may be told later."""

    kind: ClassVar[str] = "event"
    time_s: float


@dataclass(frozen=True, slots=True)
class SetStarted(Event):
    """A set began by itself or by the person's key."""

    kind: ClassVar[str] = "set-started"
    set_number: int


@dataclass(frozen=True, slots=True)
class Turn(Event):
    """The movement has reached its far end and is coming back: the instant for a sound.

    Set and rep are those that it will be if it is counted. A set opens by itself when its first rep is counted: that
    rep's turn comes before ``SetStarted``.
    """

    kind: ClassVar[str] = "turn"
    set_number: int
    rep_number: int
    angle_deg: float


FOUND_LATE_S = 3.0
"""A count is told long before this; a step of a band walk within a second."""


@dataclass(frozen=True, slots=True)
class RepCounted(Event):
    """A rep is complete. ``rep.number`` counts within the set from 1."""

    kind: ClassVar[str] = "rep"
    set_number: int
    rep: Rep

    @property
    def late(self) -> bool:
        """It had been missed, and was found when the set was over and looked at again."""
        return self.time_s - self.rep.end_s > FOUND_LATE_S


@dataclass(frozen=True, slots=True)
class RepRevoked(Event):
    """What was counted turned out to be something else (a step, a fidget): take it back."""

    kind: ClassVar[str] = "rep-revoked"
    set_number: int
    rep_number: int
    reason: str


@dataclass(frozen=True, slots=True)
class RepJudged(Event):
    """The set is over, and a rep of it is judged otherwise than when it was counted: ``flags`` hold from now on.

    Ranges are held against the first reps of the session. Movements that were taken back are none of these any more.

    Attributes:
        rep: as it was measured again, where only a part of it had been seen; None where it was measured as a whole.
    """

    kind: ClassVar[str] = "rep-judged"
    set_number: int
    rep_number: int
    flags: tuple[str, ...]
    rep: Rep | None = None

    def of(self, counted: Rep) -> Rep:
        """Give the rep that was ``counted`` as it is from now on."""
        return dataclasses.replace(counted if self.rep is None else self.rep, flags=self.flags)


@dataclass(frozen=True, slots=True)
class Rejected(Event):
    """Movement that is not a rep, and why."""

    kind: ClassVar[str] = "rejected"
    start_s: float
    end_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class SetEnded(Event):
    """The set is over: the person rests."""

    kind: ClassVar[str] = "set-ended"
    summary: SetSummary


@dataclass(frozen=True, slots=True)
class Cue(Event):
    """One thing to say. ``code`` names the form finding, ``level`` is "amber", "red" or "praise"."""

    kind: ClassVar[str] = "cue"
    code: str
    level: str


@dataclass(frozen=True, slots=True)
class GapFound(Event):
    """Samples are missing; the count goes on, what happened in between is not known."""

    kind: ClassVar[str] = "gap"
    start_s: float
    end_s: float
    bridged: bool


@dataclass(frozen=True, slots=True)
class Warned(Event):
    """Something about the sensor or the strap the person should know.

    Codes: ``strap-moved``, ``not-gravity`` (resting norm is not g), ``saturated``, ``stuck``, ``invalid``
    (NaN or infinite samples, or times that run back).
    """

    kind: ClassVar[str] = "warning"
    code: str
    detail: str


EVENT_TYPES: dict[str, type[Event]] = {
    cls.kind: cls
    for cls in (SetStarted, Turn, RepCounted, RepRevoked, RepJudged, Rejected, SetEnded, Cue, GapFound, Warned)
}


def event_to_dict(event: Event) -> dict[str, Any]:
    """Give the event as plain data, with its ``kind`` first."""
    return {"kind": event.kind, **dataclasses.asdict(event)}


def event_to_json(event: Event) -> str:
    """Give the event as one line of JSON: the same event gives the same bytes on every machine."""
    return json.dumps(event_to_dict(event), separators=(",", ":"), allow_nan=False)


def event_from_dict(data: dict[str, Any]) -> Event:
    """Read what ``event_to_dict`` wrote.

    Raises:
        ValueError: unknown kind or fields that do not fit.
    """
    fields = dict(data)
    cls = EVENT_TYPES.get(str(fields.pop("kind", None)))
    if cls is None:
        raise ValueError(f"unknown event kind {data.get('kind')!r}")
    try:
        if cls is RepCounted:
            fields["rep"] = _rep_from_dict(fields["rep"])
        elif cls is RepJudged:
            fields["flags"] = tuple(fields["flags"])
            fields["rep"] = None if fields.get("rep") is None else _rep_from_dict(fields["rep"])
        elif cls is SetEnded:
            fields["summary"] = SetSummary(**fields["summary"])
        return cls(**fields)
    except (KeyError, TypeError) as error:
        raise ValueError(f"event {data.get('kind')!r} does not fit: {error}") from error


def _rep_from_dict(data: dict[str, Any]) -> Rep:
    return Rep(**{**data, "flags": tuple(data.get("flags", ()))})


@dataclass(frozen=True, slots=True)
class Setup:
    """What the engine is told before the first sample.

    Attributes:
        exercise: a name of the catalogue (``kneeimu.exercises.catalogue``).
        sampling_rate_hz: nominal rate of the stream, 20 to 500 Hz.
        alignment: None when there is none; counting needs none. A range of another exercise's reps is dropped.
    """

    exercise: str
    side: Side
    mount: Mount
    sampling_rate_hz: float
    alignment: Alignment | None = None

    def __post_init__(self) -> None:
        if self.alignment is not None:
            object.__setattr__(self, "alignment", self.alignment.for_exercise(self.exercise))

    def told(
        self,
        *,
        exercise: str | None = None,
        side: Side | None = None,
        mount: Mount | None = None,
        alignment: Alignment | None = None,
    ) -> Setup:
        """Give the setup with what somebody says of it; None changes nothing.

        The alignment that it has goes when it is not of the leg or the place that is told.
        """
        side, mount = side or self.side, mount or self.mount
        if alignment is None and self.alignment is not None and self.alignment.is_of(side, mount):
            alignment = self.alignment
        return Setup(exercise or self.exercise, side, mount, self.sampling_rate_hz, alignment)


@dataclass(frozen=True, slots=True)
class Trace:
    """What to draw: the segment's angles at the engine's tick (25 Hz), shape (n,) each.

    ``angle_deg`` is the movement the counter sees; ``medial_deg`` the medial tilt since the rep's start,
    NaN without an alignment; ``quat_segment_to_world`` shape (n, 4), scalar-first.
    """

    time_s: FloatArray
    angle_deg: FloatArray
    medial_deg: FloatArray
    quat_segment_to_world: FloatArray
