"""Walking and climbing stairs: the swing of hip and knee, the bob of the pelvis, the strike of the heel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_sim.jet import FloatArray, Jet
from firmware_sim.performer import Performer
from firmware_sim.track import Wander, window

# One stride in steps of 5 % from heel strike, deg; smoothed from textbook curves (Perry, Winter).
_THIGH = (28, 27, 24, 20, 15, 10, 5, 1, -4, -8, -11, -11, -7, 1, 10, 18, 24, 28, 30, 29)
_KNEE = (5, 11, 16, 18, 16, 12, 8, 5, 4, 6, 12, 24, 40, 54, 61, 60, 51, 37, 20, 9)
_ADDUCTION = (0, 3, 4, 4, 4, 4, 3, 3, 2, 1, -1, -3, -4, -3, -2, -2, -1, 0, 0, 0)
_ROTATION = (-3, -1, 1, 2, 3, 3, 2, 2, 1, 0, -1, -3, -4, -4, -3, -2, -1, -2, -3, -3)
_STAIR_THIGH = (55, 50, 43, 34, 26, 19, 13, 8, 6, 5, 5, 8, 16, 28, 42, 54, 62, 66, 64, 60)
_STAIR_KNEE = (60, 54, 46, 38, 30, 22, 15, 10, 8, 8, 12, 22, 40, 62, 80, 90, 92, 86, 76, 67)
HARMONICS = 5


def _fourier(curve: tuple[int, ...]) -> FloatArray:
    """Give mean and cosine/sine pairs, shape (1 + HARMONICS, 2)."""
    spectrum = np.fft.rfft(curve) / len(curve)
    pairs = np.column_stack((2 * spectrum.real, -2 * spectrum.imag))[: HARMONICS + 1]
    pairs[0] = spectrum[0].real, 0.0
    return pairs


def _curves(thigh: tuple[int, ...], knee: tuple[int, ...]) -> dict[str, FloatArray]:
    return {
        "thigh_flexion": _fourier(thigh),
        "shank_flexion": _fourier(tuple(t - k for t, k in zip(thigh, knee, strict=True))),
        "thigh_adduction": _fourier(_ADDUCTION),
        "shank_adduction": _fourier(_ADDUCTION) * 0.6,
        "thigh_rotation": _fourier(_ROTATION),
        "shank_rotation": _fourier(_ROTATION) * 1.3,
    }


@dataclass(frozen=True, slots=True)
class Gait:
    """A way of going on foot.

    Attributes:
        curves: angles over one stride.
        stride_m, rise_m: forward and up in one stride.
        pace: strides a second, as a share of this person's walking.
    """

    curves: dict[str, FloatArray]
    stride_m: float
    rise_m: float
    pace: float


WALKING = Gait(_curves(_THIGH, _KNEE), 1.35, 0.0, 1.0)
STAIRS = Gait(_curves(_STAIR_THIGH, _STAIR_KNEE), 0.56, 0.34, 0.75)
_SHAKING_DEG = {
    "thigh_flexion": 0.12,
    "thigh_adduction": 0.1,
    "thigh_rotation": 0.2,
    "shank_flexion": 0.12,
    "shank_adduction": 0.1,
    "shank_rotation": 0.2,
}
"""Unsteadiness of a walking leg between 3 and 12 Hz; most of what shakes a sensor comes with the strikes."""


def _play(pairs: FloatArray, phase: Jet) -> Jet:
    total = phase * 0.0 + float(pairs[0, 0])
    for harmonic in range(1, len(pairs)):
        turned = phase * float(harmonic)
        total = total + turned.cos() * float(pairs[harmonic, 0]) + turned.sin() * float(pairs[harmonic, 1])
    return total


def walk(performer: Performer, duration_s: float) -> None:
    """Walk straight on for a while."""
    _go(performer, duration_s, WALKING)


def climb(performer: Performer, duration_s: float) -> None:
    """Go up some stairs."""
    _go(performer, duration_s, STAIRS)


def _go(performer: Performer, duration_s: float, gait: Gait) -> None:
    timeline, person, rng = performer.timeline, performer.person, performer.rng
    frequency_hz = gait.pace * person.gait_hz * float(rng.uniform(0.9, 1.1))
    size = person.gait_size * min(1.0, 0.3 + duration_s / 4.0)
    first_phase = float(rng.choice([0.9, 1.9])) * np.pi
    pace, vigour = Wander(rng, (0.1, 0.5), 6), Wander(rng, (0.1, 0.5), 6)
    shaking = {name: Wander(rng, (3.0, 12.0), 10) for name in _SHAKING_DEG}
    edge_s = 0.8 / frequency_hz
    bob_m, shift_m = 0.02 * size, 0.02 * float(rng.uniform(0.6, 1.4))

    def phase_at(time_s: FloatArray) -> Jet:
        return Jet.clock(time_s) * (2 * np.pi * frequency_hz) + pace.at(time_s) * 0.15 + first_phase

    def motion(time_s: FloatArray) -> dict[str, Jet]:
        on = window(time_s, 0.0, duration_s, edge_s)
        phase = phase_at(time_s)
        amount = on * (vigour.at(time_s) * 0.05 + size)
        moved = {name: _play(pairs, phase) * amount for name, pairs in gait.curves.items()}
        for name, wander in shaking.items():
            moved[name] = moved[name] + amount * wander.at(time_s) * _SHAKING_DEG[name]
        moved["y"] = (phase * 2.0 - 0.6).cos() * on * -bob_m
        moved["z"] = (phase - 0.5).sin() * on * -shift_m
        moved["x"] = (phase * 2.0).sin() * on * (0.5 * bob_m)
        return moved

    timeline.set_sway(1.0)
    timeline.anchor("hip")
    timeline.overlay(duration_s, motion)
    _travel(performer, duration_s, gait, frequency_hz * size, edge_s)
    _strike(performer, phase_at, duration_s, edge_s)
    timeline.wait(duration_s)
    timeline.anchor("ankle")
    timeline.wait(0.3)


def _travel(performer: Performer, duration_s: float, gait: Gait, strides_hz: float, edge_s: float) -> None:
    """Lead the hip along, in the direction the body faces."""
    timeline = performer.timeline
    heading = np.radians(timeline.pose("yaw"))
    edge_s = min(edge_s, 0.45 * duration_s)
    ahead = gait.stride_m * strides_hz
    speeds = {"x": ahead * float(np.cos(heading)), "z": -ahead * float(np.sin(heading)), "y": gait.rise_m * strides_hz}
    for name, speed in speeds.items():
        if speed == 0.0:
            continue
        track = timeline.tracks[name]
        start = track.value
        track.rest_until(timeline.now)
        track.to(timeline.now + edge_s, start + 0.5 * speed * edge_s, speed)
        track.to(timeline.now + duration_s - edge_s, start + speed * (duration_s - 1.5 * edge_s), speed)
        track.to(timeline.now + duration_s, start + speed * (duration_s - edge_s))


def _strike(performer: Performer, phase_at: object, duration_s: float, edge_s: float) -> None:
    """Let both heels strike; the other one is felt through the pelvis."""
    person, rng = performer.person, performer.rng
    grid = np.arange(0.0, duration_s, 0.005)
    turns = phase_at(grid).x / np.pi  # type: ignore[operator]
    for at in np.flatnonzero(np.floor(turns[1:]) > np.floor(turns[:-1])):
        own = int(np.floor(turns[at + 1])) % 2 == 0
        if edge_s * 0.4 < grid[at] < duration_s - 0.3 * edge_s:
            peak = person.strike_m_s2 * (1.0 if own else 0.25) * float(rng.lognormal(0.0, 0.2))
            performer.timeline.strike(peak, float(grid[at]))


def turn(performer: Performer, duration_s: float) -> None:
    """Turn on the spot in small steps."""
    timeline, rng = performer.timeline, performer.rng
    steps = max(2, round(duration_s / float(rng.uniform(0.45, 0.7))))
    step_s = duration_s / steps
    angle = float(rng.choice([-1.0, 1.0])) * min(180.0, 45.0 * steps)
    own = bool(rng.random() < 0.5)
    for _ in range(steps):
        timeline.follow_to("yaw", step_s * 0.95, timeline.pose("yaw") + angle / steps)
        lift = float(rng.uniform(8.0, 18.0)) if own else float(rng.uniform(-3.0, 3.0))
        home = {name: timeline.pose(name) for name in ("thigh_flexion", "shank_flexion")}
        timeline.move(
            0.5 * step_s,
            thigh_flexion=home["thigh_flexion"] + lift,
            shank_flexion=home["shank_flexion"] - 0.6 * lift,
        )
        timeline.move(0.48 * step_s, **home)
        timeline.strike(performer.person.strike_m_s2 * (0.5 if own else 0.15))
        timeline.wait(0.02 * step_s)
        own = not own
