"""Sensor-to-segment alignment: how the box sits on the limb, from standing still and a few guided movements.

Standing gives the long axis (specific force is up at rest). The movements give the way forward: see ``paths``. The
plane in which a wearer moves can't be told from the plane in which the wearer should move; that is why the result
carries a yaw uncertainty and why drift is reported against reference reps.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, degrees, hypot, radians, sqrt
from typing import Literal

import numpy as np

from calibration.errors import CalibrationError
from calibration.frames import FloatArray, angle_deg, quaternion_of, segment_frame
from calibration.gates import Check, Evidence, judge
from calibration.moves import FEWEST_MOVES, Guided, Move, Stretch, find_guided, find_still, usual_duration_s
from calibration.observation import Observation, observe
from calibration.paths import Path, Pivot, find_pivot, long_axis_path, rotation_axis
from calibration.reference import Reference, reference_of_moves
from calibration.texts import _

Side = Literal["left", "right"]
Mount = Literal["thigh", "shin"]

SIDEWAYS_COS = 0.5
"""A movement more than 60 deg out of the first one's plane is a sideways lift: it tells the side, not the front."""
YAW_SYSTEMATIC_DEG = {("thigh", "squat"): 3.5, ("thigh", "raise"): 3.0, ("shin", "squat"): 3.0, ("shin", "swing"): 2.5}
"""Yaw error that no recording shows, because the wearer's own plane is taken for the right one; one SD. From
published functional calibrations: 2 to 3 deg for a hinge movement of the shank, 3 to 5 for the thigh."""
PLANTED_M = 0.08
"""A shin whose pivot is lower than this below the box leans over its foot: there it is 0.15 to 0.35, the distance to
the ankle; in a swing it is the distance to the knee or hip, above and so negative."""
STRAY_DEG = 5.0
"""A movement this far from the middle of the others does not count for the direction; sway makes 1 to 2 deg."""
SHORTEST_LEVER_M = 0.02
"""What the acceleration tells of a distance that is shorter is noise."""
HEADING_DEG = 0.3
"""What the gyro's heading adds over one movement."""


@dataclass(frozen=True, slots=True)
class AlignmentResult:
    """An alignment that passed its gates.

    Attributes:
        quat_segment_to_sensor: scalar-first.
        quality: "good" or "fair"; what makes it fair is in ``checks``.
        yaw_uncertainty_deg: one SD of the rotation about the long axis.
        movement: "squat" (the box sinks or leans over a planted foot), "raise" or "swing".
        movements: how many were used; ``range_deg`` their median tilt.
        side_seen: a sideways lift confirmed the declared side.
        checks: all gates with their values.
        reference: of these movements, when they were squats and at least three; otherwise None.
        gravity_m_s2: resting norm; 9.81 for a calibrated sensor.
        bias_rad_s: the gyro's bias, sensor frame.
        stand_s, moves_s: when the person stood and moved, for drawing.
    """

    side: Side
    mount: Mount
    quat_segment_to_sensor: tuple[float, float, float, float]
    quality: Literal["good", "fair"]
    yaw_uncertainty_deg: float
    movement: str
    movements: int
    range_deg: float
    side_seen: bool
    checks: tuple[Check, ...]
    reference: Reference | None
    gravity_m_s2: float
    bias_rad_s: tuple[float, float, float]
    stand_s: tuple[float, float]
    moves_s: tuple[tuple[float, float], ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What keeps the alignment from being good, with the cure."""
        return tuple(f"{check.what}: {check.advice}" for check in self.checks if check.level == "warn")


def align(time_s: FloatArray, acc: FloatArray, gyr: FloatArray, side: Side, mount: Mount) -> AlignmentResult:
    """Find the alignment in a recording of still standing and guided movements, however the box is turned.

    Args:
        time_s: (n,), s. acc: (n, 3), m/s². gyr: (n, 3), rad/s.
        side: the leg. mount: "thigh" or "shin".

    The movements: at least three slow out-and-backs in the sagittal plane, all alike: squats with the knees over the
    second toes; or, with the foot off the floor, raises of the thigh or swings of the shin to the front. One or
    two lifts of the leg to the side may follow; they confirm the side. What comes after a longer pause is left alone.

    Raises:
        CalibrationError: refused; the reason and the cure are in it.
        ValueError: shapes that do not fit.
    """
    seen = observe(time_s, acc, gyr)
    return align_observation(seen, side, mount)


def align_observation(seen: Observation, side: Side, mount: Mount) -> AlignmentResult:
    """As ``align``, of a prepared recording."""
    guided = _guided(seen)
    up = guided.stand.up
    paths = [long_axis_path(seen, move, up) for move in guided.moves]
    sagittal = [i for i, path in enumerate(paths) if abs(path.direction @ paths[0].direction) > SIDEWAYS_COS]
    moves, ways = [guided.moves[i] for i in sagittal], [paths[i] for i in sagittal]
    pivot = find_pivot(seen, moves, ways, up, guided.stand.norm_m_s2)
    movement = _movement(mount, pivot)
    proximal, directions_deg = _mean_direction(ways, up)
    forward = proximal if movement == "squat" and mount == "shin" else -proximal
    frame = segment_frame(up, forward)
    lifts = _lifts(seen, guided, paths, sagittal)
    axis, wobble = rotation_axis(seen, moves)
    evidence = Evidence(
        side=side,
        mount=mount,
        movement=movement,
        pivot=pivot,
        still_deg_s=guided.stand.rate_deg_s,
        gravity_m_s2=guided.stand.norm_m_s2,
        moves=len(moves),
        range_deg=float(np.median([path.tilt_deg for path in ways])),
        duration_s=usual_duration_s(seen, moves),
        directions_deg=directions_deg,
        wobble=wobble,
        bow_deg=abs(float(np.median([path.bow_deg for path in ways]))),
        axis_tilt_deg=abs(degrees(asin(float(np.clip(axis @ up, -1.0, 1.0))))),
        return_deg=_return_deg(seen, guided),
        outward=float(np.mean([-(path.direction @ frame[:, 2]) for _, path in lifts])) if lifts else None,
        lever_ratio=_lever_ratio(seen, lifts, pivot, guided.stand) if movement != "squat" else None,
        gap_s=_gap_within(seen, guided),
    )
    checks = judge(evidence)
    quat = quaternion_of(frame)
    systematic = YAW_SYSTEMATIC_DEG[(mount, movement)]
    return AlignmentResult(
        side=side,
        mount=mount,
        quat_segment_to_sensor=quat,
        quality="fair" if any(check.level == "warn" for check in checks) else "good",
        yaw_uncertainty_deg=round(hypot(systematic, HEADING_DEG, evidence.spread_deg / sqrt(len(moves))), 2),
        movement=movement,
        movements=len(moves),
        range_deg=round(evidence.range_deg, 1),
        side_seen=evidence.outward is not None,
        checks=checks,
        reference=reference_of_moves(seen, moves, quat, side, mount) if movement == "squat" else None,
        gravity_m_s2=round(guided.stand.norm_m_s2, 4),
        bias_rad_s=(float(seen.bias_rad_s[0]), float(seen.bias_rad_s[1]), float(seen.bias_rad_s[2])),
        stand_s=_span(seen, guided.stand.start, guided.stand.stop),
        moves_s=tuple(_span(seen, move.start, move.stop) for move in moves),
    )


def _guided(seen: Observation) -> Guided:
    still = find_still(seen)
    if not still:
        raise CalibrationError(
            "not-still",
            _("nowhere in the recording does the leg stay still for two seconds"),
            _("stand with both feet on the floor and do not move for four seconds, then begin the movements"),
        )
    guided = find_guided(seen, still)
    if guided is None:
        raise CalibrationError(
            "too-little-motion",
            _("no movement follows the still standing"),
            _("after standing still make five slow movements and come back to standing after each"),
        )
    if len(guided.moves) < FEWEST_MOVES:
        raise CalibrationError(
            "too-little-motion",
            _("too few movements could be told from the recording: {n}").format(n=len(guided.moves)),
            _("make five slow movements without a pause between them, and come back to standing after each"),
        )
    return guided


def _movement(mount: Mount, pivot: Pivot) -> str:
    if mount == "shin":
        return "squat" if pivot.along_m > PLANTED_M else "swing"
    return "squat" if pivot.vertical_m > 0.0 else "raise"


def _mean_direction(paths: list[Path], up: FloatArray) -> tuple[FloatArray, tuple[float, ...]]:
    """Way of the proximal end in the first movement's sense, (3,), and the angle of each movement's about the limb."""
    first = paths[0].direction
    aside = np.cross(up, first)
    signs = [1.0 if path.direction @ first > 0 else -1.0 for path in paths]
    turned = [s * path.direction for s, path in zip(signs, paths, strict=True)]
    angles = np.array([np.arctan2(way @ aside, way @ first) for way in turned])
    alike = np.abs(angles - np.median(angles)) < radians(STRAY_DEG)
    middle = float(angles[alike].mean()) if np.count_nonzero(alike) >= FEWEST_MOVES else float(angles.mean())
    return np.cos(middle) * first + np.sin(middle) * aside, tuple(np.degrees(angles).tolist())


def _return_deg(seen: Observation, guided: Guided) -> float:
    """How far the pose between and after the movements stays away from the standing pose: median over the movements."""
    poses = []
    for i, move in enumerate(guided.moves):
        following = guided.moves[i + 1].start if i + 1 < len(guided.moves) else move.stop + seen.samples_in(0.5)
        rest = seen.up[move.stop - 1 : max(following, move.stop + 1)]
        poses.append(float(np.median(angle_deg(rest, guided.stand.up))))
    return float(np.median(poses[len(poses) // 2 :]))


def _lifts(seen: Observation, guided: Guided, paths: list[Path], sagittal: list[int]) -> list[tuple[Move, Path]]:
    """The lifts to the side, among the movements or soon after them."""
    lifts = [(guided.moves[i], path) for i, path in enumerate(paths) if i not in sagittal]
    for move in guided.later:
        path = long_axis_path(seen, move, guided.stand.up)
        if abs(path.direction @ paths[0].direction) > SIDEWAYS_COS:
            break  # the exercise has begun
        lifts.append((move, path))
    return lifts


def _lever_ratio(seen: Observation, lifts: list[tuple[Move, Path]], pivot: Pivot, stand: Stretch) -> float | None:
    """How many times farther the box is from what it goes round in the lifts, than in the movements before them."""
    if not lifts:
        return None
    moves, paths = [move for move, _ in lifts], [path for _, path in lifts]
    lever_m = -find_pivot(seen, moves, paths, stand.up, stand.norm_m_s2).along_m
    return lever_m / max(-pivot.along_m, SHORTEST_LEVER_M) if lever_m > SHORTEST_LEVER_M else None


def _gap_within(seen: Observation, guided: Guided) -> float | None:
    begin, end = _span(seen, guided.stand.start, guided.moves[-1].stop)
    return next((gap for gap in seen.gap_s if begin <= gap <= end), None)


def _span(seen: Observation, start: int, stop: int) -> tuple[float, float]:
    return round(float(seen.time_s[start]), 3), round(float(seen.time_s[min(stop, len(seen)) - 1]), 3)
