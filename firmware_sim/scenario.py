"""What the simulated person does, as a small TOML file."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firmware_sim.imu import PRESETS, ErrorModel

EXERCISES = (
    "squat",
    "single-leg-squat",
    "step-down",
    "lunge",
    "terminal-knee-extension",
    "clamshell",
    "hip-abduction",
    "lateral-walk",
    "monster-walk",
    "knee-extension",
    "straight-leg-raise",
    "prone-hip-extension",
    "it-band-stretch",
    "massage",
)
ACTIVITIES = (
    "stand",
    "walk",
    "turn",
    "sit",
    "lie",
    "settle",
    "shake",
    "fidget",
    "strap",
    "pick-up",
    "stairs",
    "band",
    "roll-over",
)
FAULTS = (
    "snapping",
    "incomplete",
    "short-hold",
    "knee-in",
    "inward-rotation",
    "shallow",
    "fast",
    "dropped",
    "forward",
    "toes-up",
    "over-roll",
    "rushed",
    "lost-tension",
    "standing-up",
    "wobble",
)
SIDES = ("left", "right")
MANNERS = {"squat": ("chair",), "lunge": ("stepping",)}
MOUNTS = ("thigh", "shin", "both")
ALIGNMENTS = ("none", "still", "squats", "full")
DIRECTIONS = ("out-and-back", "left", "right", "forward", "back")
MOST_REPS = 20_000
LIMITS = (
    ("rest_s", 0.0, 3600.0), ("range_deg", 1.0, 180.0), ("variation", 0.0, 10.0), ("style", 0.0, 10.0),
    ("sway", 0.0, 10.0), ("fatigue", 0.0, 0.9), ("height_m", 1.0, 2.5), ("alignment_valgus_deg", -30.0, 30.0),
    ("jitter_s", 0.0, 1.0),
)  # fmt: skip
"""Values and where they lie."""
KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "str": ((str,), "a word in quotes"),
    "bool": ((bool,), "true or false"),
}
Mounting = tuple[float, float, float, float] | str | Mapping[str, float]
RATE_RANGE_HZ = (20.0, 500.0)


class ScenarioError(ValueError):
    """A scenario that can't be played; the message names the key and what it may be."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that is not the exercise, for ``duration_s`` seconds; written ``"walk 6"``."""

    name: str
    duration_s: float

    @classmethod
    def parse(cls, text: str) -> Activity:
        """Read the written form.

        Raises:
            ScenarioError: unknown name or no positive number of seconds.
        """
        name, _, seconds = text.strip().rpartition(" ")
        try:
            duration_s = float(seconds)
        except ValueError:
            duration_s = 0.0
        if name not in ACTIVITIES or not 0.0 < duration_s < 3600.0:
            raise ScenarioError(f"{text!r} is no activity: write one of {', '.join(ACTIVITIES)} and seconds: 'walk 6'")
        return cls(name, duration_s)


@dataclass(frozen=True, slots=True)
class Tissue:
    """How the box moves against the bone, as standard deviations between people.

    Attributes:
        frontal_deg, axial_deg, sagittal_deg: turning with the bend of the knee, at 60 deg of it.
        follow: least share of the bone's rotation about its long axis that the skin follows.
        wobble_deg: ringing of the soft parts after a foot strike of 10 m/s².
        slide_mm: sliding along the bone at 60 deg of bend.
        slip_deg: a step of the strap about the limb, at a random time of the set; 0 for none (not a deviation).
    """

    frontal_deg: float = 0.0
    axial_deg: float = 0.0
    sagittal_deg: float = 0.0
    follow: float = 1.0
    wobble_deg: float = 0.0
    slide_mm: float = 0.0
    slip_deg: float = 0.0


SKIN = {
    "thigh": Tissue(frontal_deg=2.0, axial_deg=4.0, sagittal_deg=2.0, follow=0.6, wobble_deg=2.0, slide_mm=12.0),
    "shin": Tissue(frontal_deg=1.0, axial_deg=2.0, sagittal_deg=1.0, follow=0.8, wobble_deg=1.0, slide_mm=5.0),
}
"""Values of the project's notes: anterolateral thigh, medial shin."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One recording of one person.

    Attributes:
        mount: "both" is for ``simulate_pair``.
        tempo_s: out, hold, return, pause. None is what is usual for the exercise, varied with the seed.
        range_deg: of the joint that works (knee for squats, hip for raises); None as above.
        variation: factor on the usual differences between reps; 0 makes them all alike.
        style: how freely the movement is shaped, factor: 0 is minimum jerk throughout, 1 is people.
        sway: factor on how unsteady the person is: sway, tremor, wandering pose; 0 is made of stone.
        fatigue: share by which the range shrinks and the time grows until the last rep.
        valgus_deg: medial tilt of the thigh at full depth, one for each rep; the last goes on, so one does for all.
        valgus_hinge: 1 when the knee stays a hinge and the leg's plane turns inwards, 0 for hip adduction alone.
        inward_rotation_deg: turning in of the thigh at full depth, beyond what the valgus brings.
        mounting: quaternion segment to sensor (scalar-first), or "random", or "aligned", or
            ``{yaw_deg, tilt_deg, turn_deg}``: about the limb, sideways, about the box's normal.
        sensor: "ideal", "bmi270", "rough", or single values of ``ErrorModel`` over those of the BMI270.
        tissue: "none", "skin", or single values of ``Tissue``.
        alignment: what comes first: "none", standing "still", and after it five slow "squats", or "full": what suits
            the mount best, raising the knee for the thigh and straightening it for the shin, and a lift to the side.
        alignment_valgus_deg: how far the knee strays inwards in these moves.
        reference_reps: good reps after the alignment, before ``before``; they are not counted in ``count``.
        before, between, after: activities, such as ``["strap 4", "walk 6", "stand 3"]``.
        faults: form faults to show: rep numbers (over the whole recording, from 1) by name, or "all".
        manner: "usual"; "chair" sits down and stands up for a squat, "stepping" steps out and pushes back for a lunge.
        resting_leg: the sensor is on the leg that does nothing.
        direction: of a band walk: "out-and-back", "left", "right", "forward", "back".
        lost: share of the samples that are missing, in bursts; ``jitter_s``: of the time stamps.
    """

    exercise: str = "squat"
    side: str = "right"
    mount: str = "thigh"
    reps: int = 10
    sets: int = 1
    rest_s: float = 20.0
    tempo_s: tuple[float, float, float, float] | None = None
    range_deg: float | None = None
    variation: float = 1.0
    style: float = 1.0
    sway: float = 1.0
    fatigue: float = 0.0
    valgus_deg: tuple[float, ...] = (0.0,)
    valgus_hinge: float = 0.5
    inward_rotation_deg: tuple[float, ...] = (0.0,)
    rate_hz: float = 100.0
    seed: int = 0
    height_m: float | None = None
    mounting: Mounting = "random"
    sensor: str | ErrorModel = "bmi270"
    tissue: str | Tissue = "none"
    alignment: str = "none"
    alignment_valgus_deg: float = 0.0
    reference_reps: int = 0
    before: tuple[Activity, ...] = (Activity("stand", 3.0),)
    between: tuple[Activity, ...] = ()
    after: tuple[Activity, ...] = (Activity("stand", 3.0),)
    faults: Mapping[str, tuple[int, ...] | str] = field(default_factory=dict)
    manner: str = "usual"
    resting_leg: bool = False
    direction: str = "out-and-back"
    lost: float = 0.0
    jitter_s: float = 0.0

    def __post_init__(self) -> None:
        _one_of("exercise", self.exercise, EXERCISES)
        _one_of("side", self.side, SIDES)
        _one_of("mount", self.mount, MOUNTS)
        _one_of("manner", self.manner, ("usual", *MANNERS.get(self.exercise, ())))
        _one_of("alignment", self.alignment, ALIGNMENTS)
        low, high = RATE_RANGE_HZ
        _demand(low <= self.rate_hz <= high, f"rate_hz = {self.rate_hz:g} must lie between {low:g} and {high:g}")
        _demand(self.reps >= 0 and self.sets >= 1, "reps must be 0 or more and sets 1 or more")
        _demand(self.reps * self.sets <= MOST_REPS, f"{self.reps * self.sets} reps are more than {MOST_REPS}")
        _demand(self.reference_reps >= 0, "reference_reps must be 0 or more")
        _one_of("direction", self.direction, DIRECTIONS)
        for key, low, high in LIMITS:
            value = getattr(self, key)
            _demand(value is None or low <= value <= high, f"{key} = {value} must lie between {low:g} and {high:g}")
        for key in ("valgus_deg", "inward_rotation_deg"):
            angles = getattr(self, key)
            many = isinstance(angles, list | tuple) and len(angles) > 0 and all(_is(v, (int, float)) for v in angles)
            _demand(many, f"{key} = {angles!r} must be one number or more in a tuple, such as (6.0,)")
            _demand(all(abs(v) <= 30 for v in angles), f"{key} must lie between -30 and 30")
        _demand(0.0 <= self.valgus_hinge <= 1.0, "valgus_hinge must lie between 0 and 1")
        _demand(0.0 <= self.lost < 0.9, "lost must lie between 0 and 0.9")
        if self.tempo_s is not None:
            out_s, hold_s, return_s, pause_s = self.tempo_s
            _demand(min(out_s, return_s) >= 0.15, "tempo_s: out and return must last 0.15 s or more")
            _demand(hold_s >= 0.0 and pause_s >= 0.0, "tempo_s: hold and pause can't be negative")
        for fault, reps in self.faults.items():
            _one_of("faults", fault, FAULTS)
            beyond = [rep for rep in reps if not 1 <= int(rep) <= self.reps * self.sets] if reps != "all" else []
            _demand(not beyond, f"faults: {fault} names rep {beyond}, and there are {self.reps * self.sets}")
        if isinstance(self.sensor, str):
            _one_of("sensor", self.sensor, tuple(PRESETS))
        if isinstance(self.tissue, str):
            _one_of("tissue", self.tissue, ("none", "skin"))

    @property
    def side_sign(self) -> float:
        """1 for the right leg, -1 for the left."""
        return 1.0 if self.side == "right" else -1.0

    @property
    def error_model(self) -> ErrorModel:
        """The sensor's errors."""
        return PRESETS[self.sensor] if isinstance(self.sensor, str) else self.sensor

    def tissue_of(self, mount: str) -> Tissue:
        """How soft the place of the box is."""
        if isinstance(self.tissue, Tissue):
            return self.tissue
        return SKIN[mount] if self.tissue == "skin" else Tissue()

    def faults_of(self, rep: int) -> tuple[str, ...]:
        """Which faults the rep of this number (from 1) shows."""
        return tuple(name for name, reps in self.faults.items() if reps == "all" or rep in reps)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scenario:
        """Read plain data as TOML gives it.

        Raises:
            ScenarioError: an unknown key or a value that does not fit.
        """
        kinds = {f.name: str(f.type) for f in dataclasses.fields(cls)}
        for key, value in data.items():
            _one_of("key", key, tuple(sorted(kinds)))
            kind = KINDS.get(kinds[key].removesuffix(" | None"))
            _demand(kind is None or _is(value, kind[0]), f"{key} = {value!r} must be {kind[1] if kind else ''}")
        return cls(**{key: _read(key, value) for key, value in data.items()})

    @classmethod
    def from_toml(cls, path: str | Path) -> Scenario:
        """Read a file.

        Raises:
            ScenarioError: what is wrong with it, and where.
            OSError: it can't be read.
        """
        try:
            return cls.from_dict(tomllib.loads(Path(path).read_text(encoding="utf-8")))
        except UnicodeDecodeError as error:
            raise ScenarioError(f"{path}: this is no text file") from error
        except (tomllib.TOMLDecodeError, ScenarioError) as error:
            raise ScenarioError(f"{path}: {error}") from error


def _demand(holds: bool, message: str) -> None:
    if not holds:
        raise ScenarioError(message)


def _one_of(key: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ScenarioError(f"{key} {value!r} is not known; there are: {', '.join(allowed)}")


def _is(value: Any, types: tuple[type, ...]) -> bool:
    """Tell whether the value is of these types; a truth value is no number, and infinity no amount."""
    return isinstance(value, types) and (bool in types or not isinstance(value, bool)) and _is_finite(value)


def _is_finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _numbers(value: Any, names: str) -> list[float]:
    if not isinstance(value, list | tuple) or len(value) != len(names.split(", ")):
        raise ValueError(f"it must be a list of {names}")
    return [float(one) for one in value]


def _model(kind: type[ErrorModel | Tissue], key: str, values: Mapping[str, Any]) -> ErrorModel | Tissue:
    for name, value in values.items():
        _one_of(f"{key}:", name, tuple(sorted(f.name for f in dataclasses.fields(kind))))
        _demand(_is(value, (int, float)), f"{key}: {name} = {value!r} must be a number")
    return kind(**values)


def _read(key: str, value: Any) -> Any:
    try:
        match key:
            case "before" | "between" | "after":
                return tuple(a if isinstance(a, Activity) else Activity.parse(a) for a in value)
            case "valgus_deg" | "inward_rotation_deg":
                return tuple(float(v) for v in value) if isinstance(value, list | tuple) else (float(value),)
            case "tempo_s":
                return tuple(_numbers(value, "out, hold, return, pause"))
            case "mounting" if isinstance(value, list | tuple):
                return tuple(_numbers(value, "w, x, y, z"))
            case "sensor" if isinstance(value, Mapping):
                return _model(ErrorModel, key, value)
            case "tissue" if isinstance(value, Mapping):
                return _model(Tissue, key, value)
            case "sensor" | "tissue" if not isinstance(value, str | ErrorModel | Tissue):
                raise ValueError("it must be a word or a table")
            case "faults":
                return {name: "all" if reps == "all" else tuple(int(r) for r in reps) for name, reps in value.items()}
    except (TypeError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        raise ScenarioError(f"{key} = {value!r} does not fit: {error}") from error
    return value
