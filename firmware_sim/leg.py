"""The leg as a chain of rigid segments, from joint angles to the acceleration of any point on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_sim.jet import FloatArray, Frame, Jet, fixed_point, stack
from firmware_sim.timeline import MIRRORED, Anchor, Timeline
from firmware_sim.track import Wander, smooth_step

X_AXIS, Y_AXIS, Z_AXIS = np.eye(3)
ANCHOR_BLEND_S = 0.4
SWAY_DEG = {
    "thigh_flexion": 0.45,
    "thigh_adduction": 0.25,
    "thigh_rotation": 0.35,
    "shank_flexion": 0.35,
    "shank_adduction": 0.22,
    "shank_rotation": 0.3,
}
"""Standard deviation of a quiet stance at sway 1, about the usual centimetre at the hip."""
COMMON_SWAY = 0.7
"""Share that thigh and shank have in common: the body leans as a whole."""


@dataclass(frozen=True, slots=True)
class Body:
    """The wearer. Lengths in metres; segment lengths are 0.245 and 0.246 of the height (Winter, after Drillis and
    Contini).

    Attributes:
        thigh_box: the sensor's place from the knee in the thigh's frame (front, up, outwards).
        shin_box: the same in the shank's frame.
        sway: factor on the sway of the stance.
        effort_deg: how much a limb trembles that is held up by its own muscles, 1 to 4 Hz, standard deviation.
        drift_deg: how far the pose wanders in the course of a minute, standard deviation.
        tremor_deg: physiological tremor, standard deviation while muscles work.
    """

    height: float = 1.70
    thigh_box: tuple[float, float, float] = (0.07, 0.15, 0.03)
    shin_box: tuple[float, float, float] = (0.05, -0.10, -0.02)
    sway: float = 1.0
    effort_deg: float = 0.2
    drift_deg: float = 0.0
    tremor_deg: float = 0.002

    @property
    def thigh_m(self) -> float:
        """Hip to knee."""
        return 0.245 * self.height

    @property
    def shank_m(self) -> float:
        """Knee to ankle."""
        return 0.246 * self.height


@dataclass(frozen=True, slots=True)
class LegMotion:
    """The moving leg: ``thigh`` and ``shank`` turn in the world (X forward, Y up, Z right), ``knee`` is a jet (3, n).

    ``knee_flexion`` and the rotations of the segments about their long axes are in radians, ``handle`` says what a
    hand does with the box.
    """

    time_s: FloatArray
    body: Frame
    thigh: Frame
    shank: Frame
    knee: Jet
    knee_flexion: Jet
    thigh_rotation: Jet
    shank_rotation: Jet
    handle: dict[str, Jet]


def play(timeline: Timeline, body: Body, side_sign: float, time_s: FloatArray, rng: np.random.Generator) -> LegMotion:
    """Move the leg along a timeline.

    Args:
        side_sign: 1 for the right leg, -1 for the left.
        rng: for the sway; the same seed gives the same sway.
    """
    channels = timeline.channels(time_s)
    _add_sway(channels, timeline, body, time_s, rng)
    angles = {
        name: jet * (np.pi / 180.0 * (side_sign if name in MIRRORED else 1.0))
        for name, jet in channels.items()
        if name not in ("x", "y", "z", "handle_out")
    }
    count = len(time_s)
    clam_axis = np.array(timeline.clam_axis)
    if side_sign < 0:
        clam_axis = clam_axis * (-1.0, -1.0, 1.0)
    base = Frame.world(count).turn(Y_AXIS, angles["yaw"]).turn(X_AXIS, angles["roll"]).turn(Z_AXIS, angles["pitch"])
    leg = base.turn(clam_axis, angles["clam"]).turn(X_AXIS, angles["lean"])
    thigh = _cardan(leg, angles, "thigh")
    shank = _cardan(leg, angles, "shank")
    path = stack([channels["x"], channels["y"], channels["z"] * side_sign])
    knee = _knee(timeline.anchors, time_s, thigh, shank, body) + path
    flexion = angles["thigh_flexion"] - angles["shank_flexion"]
    handle = {name: angles[name] for name in ("handle_x", "handle_y", "handle_z")}
    handle["handle_out"] = channels["handle_out"]
    return LegMotion(
        time_s, base, thigh, shank, knee, flexion, angles["thigh_rotation"], angles["shank_rotation"], handle
    )


def _cardan(leg: Frame, angles: dict[str, Jet], segment: str) -> Frame:
    """Turn by flexion, adduction and rotation: Rz Rx Ry, the order of the ISB for the hip."""
    return (
        leg.turn(Z_AXIS, angles[f"{segment}_flexion"])
        .turn(X_AXIS, angles[f"{segment}_adduction"])
        .turn(Y_AXIS, angles[f"{segment}_rotation"])
    )


def _add_sway(
    channels: dict[str, Jet], timeline: Timeline, body: Body, time_s: FloatArray, rng: np.random.Generator
) -> None:
    amount = timeline.sway.at(time_s) * body.sway
    effort = timeline.effort.at(time_s) * body.effort_deg
    own = float(np.sqrt(1.0 - COMMON_SWAY**2))
    for joint in ("flexion", "adduction", "rotation"):
        common = Wander(rng).at(time_s)
        trembling = Wander(rng, (1.0, 4.0), 10).at(time_s) * effort
        for segment in ("thigh", "shank"):
            name = f"{segment}_{joint}"
            swaying = common * COMMON_SWAY + Wander(rng).at(time_s) * own
            tremor = Wander(rng, (7.5, 10.5), 5).at(time_s) * body.tremor_deg
            channels[name] = channels[name] + amount * (swaying * SWAY_DEG[name] + tremor) + trembling
            if body.drift_deg:
                channels[name] = channels[name] + Wander(rng, (0.008, 0.05), 6).at(time_s) * body.drift_deg


def _knee(anchors: list[tuple[float, Anchor]], time_s: FloatArray, thigh: Frame, shank: Frame, body: Body) -> Jet:
    """Give the knee's path with the ankle or the hip held; the hand-over from one to the other is soft."""
    count = len(time_s)
    from_end = {
        "ankle": shank.lever(fixed_point((0.0, body.shank_m, 0.0), count)),
        "hip": thigh.lever(fixed_point((0.0, -body.thigh_m, 0.0), count)),
    }
    knee = from_end[anchors[0][1]]
    offset = np.array([[0.0], [0.08 if anchors[0][1] == "ankle" else 0.9], [0.0]])
    knee = Jet(knee.x + offset, knee.v, knee.a)
    before = anchors[0][1]
    for switch_s, which in anchors[1:]:
        at = min(int(np.searchsorted(time_s, switch_s)), count - 1)
        difference = from_end[which] - from_end[before]
        step = smooth_step(time_s, switch_s - ANCHOR_BLEND_S / 2, ANCHOR_BLEND_S)
        apart = Jet(difference.x - difference.x[:, at : at + 1], difference.v, difference.a)
        knee = knee + apart * step
        before = which
    return knee
