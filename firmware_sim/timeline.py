"""The score of a recording: which joint goes where and when, written down piece after piece.

Angles are in degrees and lengths in metres. Everything is written for a right leg; the left leg is its mirror image.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from firmware_sim.jet import FloatArray, Jet
from firmware_sim.track import Track, add_burst

Anchor = Literal["ankle", "hip"]

ANGLES = (
    "yaw",  # the body about the vertical
    "roll",  # the pelvis about its own front axis: -90 is lying with the leg's side up
    "pitch",  # the pelvis about its own right axis: 90 is lying on the back
    "clam",  # the whole leg about the line from hip to ankle
    "lean",  # the whole leg about the pelvis's front axis: outwards is negative
    "thigh_flexion",
    "thigh_adduction",
    "thigh_rotation",
    "shank_flexion",  # of the shank against the pelvis, not the knee: 0 is parallel to the trunk
    "shank_adduction",
    "shank_rotation",
    "handle_x",  # the box in the hand, before it is on the leg
    "handle_y",
    "handle_z",
)
LENGTHS = ("x", "y", "z", "handle_out")
CHANNELS = ANGLES + LENGTHS
MIRRORED = frozenset(
    {"yaw", "roll", "lean", "thigh_adduction", "thigh_rotation", "shank_adduction", "shank_rotation", "handle_x"}
    | {"handle_y", "z"}
)
"""What changes sign in the mirror (the clam axis is mirrored itself)."""

RAMP_S = 0.6
"""How long it takes to become steadier or less steady."""

Overlay = Callable[[FloatArray], dict[str, Jet]]


@dataclass(frozen=True, slots=True)
class Stroke:
    """The shape of a movement: knots (s, level, rate, acceleration) of a curve that begins at level 0."""

    knots: tuple[tuple[float, float, float, float], ...]

    @property
    def duration_s(self) -> float:
        """Time of the last knot."""
        return self.knots[-1][0]

    def bent(self, power: float) -> Stroke:
        """Give the same stroke with its levels raised to a power: above 1 it comes late, below 1 early."""
        if power == 1.0:
            return self
        return Stroke(tuple(_bend(knot, power) for knot in self.knots))


def _bend(knot: tuple[float, float, float, float], power: float) -> tuple[float, float, float, float]:
    time_s, level, rate, acceleration = knot
    if level <= 0.02:  # near zero the power's slope has no bound
        return time_s, 0.0, 0.0, 0.0
    slope = power * level ** (power - 1.0)
    bend = power * (power - 1.0) * level ** (power - 2.0)
    return time_s, level**power, slope * rate, slope * acceleration + bend * rate**2


@dataclass(frozen=True, slots=True)
class RepMark:
    """When a rep happens, as it was ordered.

    Attributes:
        stands_s: when the foot lands, and when it leaves again; None where it stands all the time.
    """

    set_number: int
    start_s: float
    far_s: float
    turn_s: float
    end_s: float
    direction: str | None = None
    faults: tuple[str, ...] = ()
    stands_s: tuple[float, float] | None = None

    def on_clock(self, rate: float) -> RepMark:
        """Give the same by a clock that goes so much faster."""
        times = {name: getattr(self, name) * rate for name in ("start_s", "far_s", "turn_s", "end_s")}
        stands = None if self.stands_s is None else (self.stands_s[0] * rate, self.stands_s[1] * rate)
        return dataclasses.replace(self, **times, stands_s=stands)


@dataclass(frozen=True, slots=True)
class Span:
    """What the person does for a while."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Strike:
    """A foot that strikes the floor, or another knock."""

    time_s: float
    peak_m_s2: float
    frequency_hz: float
    direction: tuple[float, float, float] = (0.3, 1.0, 0.2)


@dataclass
class Timeline:
    """Writes movements one after the other; the present time is ``now``."""

    rng: np.random.Generator
    now: float = 0.0
    tracks: dict[str, Track] = field(default_factory=lambda: {name: Track() for name in CHANNELS})
    sway: Track = field(default_factory=lambda: Track(1.0))
    effort: Track = field(default_factory=Track)
    overlays: list[tuple[float, float, Overlay]] = field(default_factory=list)
    anchors: list[tuple[float, Anchor]] = field(default_factory=lambda: [(0.0, "ankle")])
    clam_axis: tuple[float, float, float] = (0.0, 1.0, 0.0)
    strikes: list[Strike] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    reps: list[RepMark] = field(default_factory=list)
    references: list[RepMark] = field(default_factory=list)
    set_number: int = 0

    def pose(self, name: str) -> float:
        """Where a channel is now."""
        return self.tracks[name].value

    def wait(self, duration_s: float) -> None:
        """Let time go by."""
        self.now += max(0.0, duration_s)

    def move(self, duration_s: float, **targets: float) -> None:
        """Go to a pose and wait until it is reached."""
        self.follow(Stroke(((duration_s, 1.0, 0.0, 0.0),)), targets)
        self.now += duration_s

    def follow_to(self, name: str, duration_s: float, target: float) -> None:
        """Send one channel somewhere; time does not go by."""
        self.follow(Stroke(((duration_s, 1.0, 0.0, 0.0),)), {name: target})

    def follow(self, stroke: Stroke, targets: Mapping[str, float], delay_s: float = 0.0) -> None:
        """Write a shaped movement that begins now; time does not go by, so that several can run side by side.

        Level 0 of the stroke is the present pose, level 1 is ``targets``.
        """
        begin = self.now + delay_s
        for name, target in targets.items():
            track = self.tracks[name]
            start = track.value
            size = target - start
            if size == 0.0:
                continue
            track.rest_until(begin)
            for time_s, level, rate, acceleration in stroke.knots:
                track.to(begin + time_s, start + size * level, size * rate, size * acceleration)

    def overlay(self, duration_s: float, motion: Overlay, delay_s: float = 0.0) -> None:
        """Add a movement from now on; it gets times from 0 to ``duration_s`` and gives channels that begin and end
        at zero with zero rate."""
        start_s = self.now + delay_s
        self.overlays.append((start_s, start_s + duration_s, motion))

    def anchor(self, which: Anchor) -> None:
        """From now on this end of the leg is held, or led along x, y, z."""
        if self.anchors[-1][1] != which:
            self.anchors.append((self.now, which))

    def set_sway(self, amount: float) -> None:
        """Change how much the person sways: 1 is a relaxed stance on both legs."""
        _ramp(self.sway, self.now, amount)

    def set_effort(self, amount: float) -> None:
        """Change how much the limb trembles: 1 is a limb held up in the air."""
        _ramp(self.effort, self.now, amount)

    def strike(self, peak_m_s2: float, delay_s: float = 0.0) -> None:
        """Let the foot strike: a sharp knock, and the slower wave of the body's weight that follows it."""
        time_s = self.now + delay_s
        for share, slowest_hz, fastest_hz in ((1.0, 12.0, 25.0), (0.5, 5.0, 9.0)):
            ahead, up, aside = self.rng.normal((0.3, 1.0, 0.0), 0.25).tolist()
            frequency_hz = float(self.rng.uniform(slowest_hz, fastest_hz))
            self.strikes.append(Strike(time_s, share * peak_m_s2, frequency_hz, (ahead, up, aside)))

    def span(self, name: str, start_s: float) -> None:
        """Note what was done from ``start_s`` until now."""
        self.spans.append(Span(name, start_s, self.now))

    def channels(self, time_s: FloatArray) -> dict[str, Jet]:
        """Play everything, without sway: one jet (n,) a channel, degrees or metres."""
        played = {name: track.at(time_s) for name, track in self.tracks.items()}
        for start_s, end_s, motion in self.overlays:
            first, last = np.searchsorted(time_s, (start_s, end_s))
            if first == last:
                continue
            for name, part in motion(time_s[first:last] - start_s).items():
                whole = played[name]
                whole.x[first:last] += part.x
                whole.v[first:last] += part.v
                whole.a[first:last] += part.a
        return played

    def knocks(self, time_s: FloatArray, side_sign: float) -> Jet:
        """Give the displacement (3, n) by the strikes, metres; for the left leg mirrored."""
        moved = Jet(*(np.zeros((3, len(time_s))) for _ in range(3)))
        for strike in self.strikes:
            ahead, up, aside = strike.direction
            for axis, share in enumerate((ahead, up, side_sign * aside)):
                row = Jet(moved.x[axis], moved.v[axis], moved.a[axis])
                duration_s = 3.0 / strike.frequency_hz
                add_burst(row, time_s, strike.time_s, duration_s, strike.frequency_hz, strike.peak_m_s2 * share)
        return moved


def _ramp(track: Track, now: float, value: float) -> None:
    if value != track.value:
        start_s = max(now, track.end_s)
        track.rest_until(start_s)
        track.to(start_s + RAMP_S, value)
