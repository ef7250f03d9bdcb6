"""A stick figure of the leg from what the sensor knows: measured where measured, else usual proportions.

Body frame of a figure: forward, up, right; lengths in units of a segment (thigh and shin are 1). A leg is drawn from
the measured segment and, in sagittal exercises, from the balance of a usual squat for the other segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, radians, sin
from typing import Literal

import numpy as np

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.motion.segment import angles_since
from kneeimu.types import FloatArray, Setup

SHIN_PER_THIGH = 0.76
"""Lean of the shin for each degree of the thigh's bend in a balanced squat."""
TRUNK_PER_THIGH = 0.55
TRUNK, HEAD, FOOT, PELVIS = 1.1, 0.28, 0.45, 0.25

Point = tuple[float, float, float]
Part = Literal["leg", "other", "head"]


@dataclass(frozen=True, slots=True)
class Stick:
    """A stroke between two points of the body frame. The head is a circle about ``start``."""

    start: Point
    end: Point
    part: Part


@dataclass(frozen=True, slots=True)
class LegAngles:
    """Of the mounted segment since the rep's start, deg. ``medial`` is None when it is not known."""

    sagittal_deg: float
    medial_deg: float | None = None


def leg_angles(setup: Setup, angle_deg: float, quats: FloatArray | None) -> LegAngles:
    """Give the segment's angles.

    Args:
        angle_deg: movement angle, used alone without an alignment.
        quats: segment to world, shape (2, 4): at the rep's start and now; None when not known.
    """
    if setup.alignment is None or quats is None:
        return LegAngles(angle_deg)
    since = angles_since(quats)
    if since is None:
        return LegAngles(angle_deg)
    sign = 1.0 if (setup.side == "right") == (setup.mount == "thigh") else -1.0
    sagittal = abs(float(since.sagittal_deg[1] - since.sagittal_deg[0]))
    return LegAngles(sagittal, sign * float(since.frontal_deg[1] - since.frontal_deg[0]))


def figure(setup: Setup, angles: LegAngles) -> list[Stick]:
    """Draw the body of the exercise's posture with the leg at these angles."""
    posture = find_exercise(setup.exercise).posture
    if posture == "standing":
        return _standing(setup, angles)
    if posture == "seated":
        return _seated(setup, angles.sagittal_deg)
    return _lying(setup, angles.sagittal_deg, posture)


def _standing(setup: Setup, angles: LegAngles) -> list[Stick]:
    bend = angles.sagittal_deg if setup.mount == "thigh" else angles.sagittal_deg / SHIN_PER_THIGH
    thigh, shin = radians(min(bend, 110.0)), radians(min(bend, 110.0) * SHIN_PER_THIGH)
    inward = 1.0 if setup.side == "left" else -1.0
    medial = radians(angles.medial_deg or 0.0)
    ankle = (0.0, 0.1, -inward * PELVIS)
    knee = _add(ankle, (sin(shin), cos(shin), inward * sin(medial)))
    hip = _add(knee, (-sin(thigh), cos(thigh), -inward * sin(medial)))
    toe = _add(ankle, (FOOT, -0.1, 0.0))
    lean = thigh * TRUNK_PER_THIGH
    middle = (hip[0], hip[1], 0.0)
    neck = _add(middle, (TRUNK * sin(lean), TRUNK * cos(lean), 0.0))
    other_hip = (hip[0], hip[1], -hip[2])
    other_ankle = (ankle[0], ankle[1], -ankle[2])
    other_knee = (knee[0], knee[1], other_ankle[2])
    sticks = [Stick(ankle, knee, "leg"), Stick(knee, hip, "leg"), Stick(ankle, toe, "leg")]
    sticks += [Stick(hip, other_hip, "other"), Stick(middle, neck, "other"), _head(neck, lean)]
    if setup.exercise in ("squat", "lateral-walk", "monster-walk"):
        sticks += [Stick(other_ankle, other_knee, "other"), Stick(other_knee, other_hip, "other")]
    return sticks


def _seated(setup: Setup, lift_deg: float) -> list[Stick]:
    side = PELVIS if setup.side == "right" else -PELVIS
    lift = radians(min(lift_deg, 110.0))
    hip, knee = (0.0, 1.0, side), (1.0, 1.0, side)
    ankle = _add(knee, (sin(lift), -cos(lift), 0.0))
    toe = _add(ankle, (FOOT * cos(lift), FOOT * sin(lift), 0.0))
    neck = (0.0, 1.0 + TRUNK, 0.0)
    sticks = [Stick(hip, knee, "leg"), Stick(knee, ankle, "leg"), Stick(ankle, toe, "leg")]
    return [*sticks, Stick((0.0, 1.0, -PELVIS), (0.0, 1.0, PELVIS), "other"),
            Stick((0.0, 1.0, 0.0), neck, "other"), _head(neck, 0.0)]  # fmt: skip


def _lying(setup: Setup, lift_deg: float, posture: str) -> list[Stick]:
    """Head at the left, feet at the right; the lifted leg is the instrumented one."""
    lift = radians(min(lift_deg, 100.0))
    hip = (0.0, 0.25, 0.0)
    neck = (-TRUNK, 0.25, 0.0)
    along, up = cos(lift), sin(lift)
    if setup.exercise == "clamshell":
        knee = _add(hip, (0.7, sin(lift), 0.7 * cos(lift)))
        ankle = _add(hip, (1.0, 0.0, -0.2))
    else:
        knee = _add(hip, (along, up, 0.0))
        ankle = _add(knee, (along, up, 0.0))
    toes = (0.0, -FOOT, 0.0) if posture == "prone" else (-FOOT * up, FOOT * along, 0.0)
    if posture == "side-lying":
        toes = (0.0, 0.0, FOOT)
    sticks = [Stick(hip, knee, "leg"), Stick(knee, ankle, "leg"), Stick(ankle, _add(ankle, toes), "leg")]
    if setup.exercise != "clamshell":
        sticks.append(Stick(hip, _add(hip, (2.0, -0.15, 0.0)), "other"))
    return [*sticks, Stick(hip, neck, "other"), Stick(_add(neck, (-HEAD, 0.0, 0.0)), (HEAD, 0.0, 0.0), "head")]


def side_view(point: Point) -> tuple[float, float]:
    """Look from the person's right: forward is right."""
    return point[0], point[1]


def front_view(point: Point) -> tuple[float, float]:
    """Look the person in the face: their right is left."""
    return -point[2], point[1]


def bounds(sticks: list[Stick], posture: str) -> tuple[float, float, float, float]:
    """Give left, right, bottom and top that hold the figure in all its poses, so that it does not jump."""
    if posture == "standing":
        return -0.75, 0.95, -0.1, 3.7
    if posture == "seated":
        return -0.7, 2.6, -0.1, 2.8
    reach = max(abs(stick.end[0]) for stick in sticks)
    return -2.0, max(2.3, reach), -0.1, 2.4


def heading_start(quats: FloatArray, start: int, now: int) -> FloatArray:
    """Give the two rows ``leg_angles`` wants."""
    return np.vstack((quats[start], quats[now]))


def _head(neck: Point, lean: float) -> Stick:
    centre = _add(neck, (HEAD * sin(lean), HEAD * cos(lean), 0.0))
    return Stick(centre, (HEAD * hypot(sin(lean), cos(lean)), 0.0, 0.0), "head")


def _add(point: Point, step: Point) -> Point:
    return point[0] + step[0], point[1] + step[1], point[2] + step[2]
