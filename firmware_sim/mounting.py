"""The box on the limb: how it is turned, how the skin carries it, and what a hand does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from firmware_sim.jet import FloatArray, Frame, Jet, stack
from firmware_sim.leg import X_AXIS, Y_AXIS, Z_AXIS, Body, LegMotion
from firmware_sim.scenario import Mounting, ScenarioError, Tissue
from firmware_sim.timeline import Timeline
from firmware_sim.track import add_burst, smooth_step

Quaternion = tuple[float, float, float, float]

FULL_BEND_RAD = np.radians(60.0)
"""Bend of the knee for which a tissue's values are given."""
RINGING_HZ = (8.0, 12.0)
RINGING_S = 0.35
SLIP_S = 0.3


@dataclass(frozen=True, slots=True)
class Skin:
    """The soft parts of one person under one strap.

    Attributes:
        turn_deg: about X, Y, Z of the segment, at 60 deg of bend.
        follow: share of the bone's rotation about its long axis that arrives at the box.
        ringing_deg: after a strike of 10 m/s²; at ``ringing_hz``.
        slide_m: up the segment, at 60 deg of bend.
        slip_s, slip_deg: when the strap slips, and how far about the limb.
    """

    turn_deg: tuple[float, float, float]
    follow: float
    ringing_deg: float
    ringing_hz: float
    slide_m: float
    slip_s: float | None
    slip_deg: float

    @classmethod
    def draw(cls, tissue: Tissue, timeline: Timeline, rng: np.random.Generator) -> Skin:
        """Meet somebody's limb."""
        frontal, axial, sagittal, slide_mm = rng.normal(
            0.0, (tissue.frontal_deg, tissue.axial_deg, tissue.sagittal_deg, tissue.slide_mm)
        ).tolist()
        first_s = timeline.reps[0].start_s if timeline.reps else 0.0
        last_s = timeline.reps[-1].end_s if timeline.reps else timeline.now
        return cls(
            (frontal, axial, sagittal),
            float(rng.uniform(tissue.follow, 1.0)),
            tissue.wobble_deg,
            float(rng.uniform(*RINGING_HZ)),
            1e-3 * slide_mm,
            first_s + float(rng.uniform(0.3, 0.7)) * (last_s - first_s) if tissue.slip_deg else None,
            tissue.slip_deg,
        )


def wear(
    motion: LegMotion,
    mount: str,
    mounting: Quaternion,
    body: Body,
    timeline: Timeline,
    skin: Skin,
    side_sign: float,
) -> tuple[Frame, Jet]:
    """Give the box's frame and its path in the world, metres, (3, n)."""
    thigh = mount == "thigh"
    segment, place = (motion.thigh, body.thigh_box) if thigh else (motion.shank, body.shin_box)
    bend = motion.knee_flexion * (1.0 / FULL_BEND_RAD)
    held_out = motion.handle["handle_out"]
    point = stack([held_out + place[0], bend * skin.slide_m + place[1], (held_out + place[2]) * side_sign])
    position = motion.knee + segment.lever(point) + timeline.knocks(motion.time_s, side_sign) * (1.0 if thigh else 1.7)
    box = _on_skin(segment, motion.thigh_rotation if thigh else motion.shank_rotation, bend, motion, timeline, skin,
                   side_sign)  # fmt: skip
    box = (
        box.turn(X_AXIS, motion.handle["handle_x"])
        .turn(Y_AXIS, motion.handle["handle_y"])
        .turn(Z_AXIS, motion.handle["handle_z"])
        .turn_fixed(rotation_matrix(mounting).T)
    )
    return box, position


def _on_skin(
    segment: Frame, rotation: Jet, bend: Jet, motion: LegMotion, timeline: Timeline, skin: Skin, side_sign: float
) -> Frame:
    """Turn the segment's frame by what the soft parts do."""
    frontal, axial, sagittal = (np.radians(value) for value in skin.turn_deg)
    about_y = bend * float(side_sign * axial) + rotation * (skin.follow - 1.0)
    if skin.slip_s is not None:
        slipped = smooth_step(motion.time_s, skin.slip_s, SLIP_S)
        about_y = about_y + slipped * float(side_sign * np.radians(skin.slip_deg))
    about_x, about_z = bend * float(side_sign * frontal), bend * float(sagittal)
    if skin.ringing_deg:
        ringing = Jet.constant(0.0, len(motion.time_s))
        size = np.radians(skin.ringing_deg) * (2.0 * np.pi * skin.ringing_hz) ** 2
        for strike in timeline.strikes:
            peak = float(size) * strike.peak_m_s2 / 10.0
            add_burst(ringing, motion.time_s, strike.time_s, RINGING_S, skin.ringing_hz, peak)
        about_x, about_z = about_x + ringing * (0.6 * side_sign), about_z + ringing
        about_y = about_y + ringing * side_sign
    return segment.turn(X_AXIS, about_x).turn(Y_AXIS, about_y).turn(Z_AXIS, about_z)


def mounting_quaternion(wanted: Mounting, rng: np.random.Generator) -> Quaternion:
    """Give how the box sits, segment to sensor, scalar-first, unit length.

    Raises:
        ScenarioError: there is no such rotation.
    """
    if wanted == "aligned":
        return 1.0, 0.0, 0.0, 0.0
    if wanted == "random":
        quat = rng.normal(size=4)
    elif isinstance(wanted, tuple):
        quat = np.array(wanted)
    elif isinstance(wanted, Mapping):
        quat = _from_angles(wanted)
    else:
        raise ScenarioError(f"mounting {wanted!r} is not known; there are: random, aligned, a quaternion, angles")
    length = float(np.linalg.norm(quat))
    if not 1e-6 < length < np.inf:
        raise ScenarioError("mounting: a quaternion needs a length above zero")
    w, x, y, z = (quat / length * (1.0 if quat[0] >= 0 else -1.0)).tolist()
    return w, x, y, z


def _from_angles(angles: Mapping[str, float]) -> FloatArray:
    unknown = set(angles) - {"yaw_deg", "tilt_deg", "turn_deg"}
    if unknown:
        raise ScenarioError(f"mounting knows yaw_deg, tilt_deg and turn_deg, not {', '.join(sorted(unknown))}")
    quat = np.array([1.0, 0.0, 0.0, 0.0])
    for name, axis in (("yaw_deg", 1), ("tilt_deg", 2), ("turn_deg", 0)):
        half = np.radians(angles.get(name, 0.0)) / 2.0
        step = np.zeros(4)
        step[0], step[1 + axis] = np.cos(half), np.sin(half)
        quat = _multiply(step, quat)
    return quat


def _multiply(p: FloatArray, q: FloatArray) -> FloatArray:
    scalar = p[0] * q[0] - p[1:] @ q[1:]
    return np.concatenate(([scalar], p[0] * q[1:] + q[0] * p[1:] + np.cross(p[1:], q[1:])))


def rotation_matrix(quat: Quaternion) -> FloatArray:
    """Give the matrix (3, 3) of a unit quaternion, scalar-first."""
    w, x, y, z = quat
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
