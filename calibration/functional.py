"""Alignment of two sensors on one leg from any recording of it: no calibration movements, whatever way the boxes sit.

Rests on the leg alone. The long axes: gravity in the straightest upright pose that is seen. Which pose that is: both
sensors must agree on the acceleration of the knee between them (the joint-centre idea of Seel et al. 2012), and they do
so only where the knee lies below the thigh's box and above the shin's. Forward: the plane in which each long axis
tilts most. The signs: the knee's acceleration is the same for both, and a knee bends one way only.

What this can't know: how straight the straightest pose was (it is called 0), and a plane in which the wearer always
moved but should not have. So the result is never "good".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.errors import CalibrationError
from calibration.frames import FloatArray, angle_deg, quaternion_of, segment_frame, to_sensor, to_world
from calibration.leg import RATE_HZ, Knee, Leg, find_knee, prepare
from calibration.observation import Recorded, smoothed
from calibration.texts import _

LONGEST_S = 600.0
"""Enough to see the leg move; the rest is not looked at."""
QUIET_DEG_S = 25.0
"""Slower than this a pose is held or turned in."""
POSE_DEG = 8.0
"""Poses nearer than this, at both sensors, are the same pose."""
MOST_POSES = 8
SHORTEST_POSE_S = 0.4
SMALLEST_TILT_DEG = 12.0
"""A segment that tilts less than this does not show its plane."""
LEAST_TILT_DEG = 8.0
"""When neither segment tilts by this, nothing moves that could be aligned."""
UPRIGHT_M = 0.05
"""In standing the thigh's box is higher than this above the knee, and the shin's that much below: 0.1 to 0.2 in
recordings of people; for the thigh about 0 when seated."""
FARTHEST_M = 0.32
"""And not farther from it than this: of a leg moved with a straight knee the hip would be taken for the knee."""
SEATED_DEG = 45.0
"""The thigh of somebody who sits is tilted by more than this against standing."""
LOPSIDED = 2.5
"""A segment that tilts this many times farther one way than the other shows its sense by that."""
POSTURE_S = 6.0
"""A tilt that stays for longer is posture and not movement."""
CLEAR = 0.4
"""Correlation of the knee's acceleration, along the front of both segments, from which its sign counts."""
NEAR_DEG = 40.0
STANDS_S = 1.5
"""Who holds a pose for so long, the thigh within so many deg of the usual one, stands; a turn at the bottom of a rep is
shorter or farther."""
IN_PLANE_YAW_SD_DEG, UNCLEAR_YAW_SD_DEG, WALK_YAW_SD_DEG = 5.0, 10.0, 15.0
"""Rotation about the long axis, one SD: where the segment moves to the front and back; where it hardly tilts; where it
also moves to the side, as in band walks (10 to 28 deg off in simulation)."""
HELD_S, LONGEST_HELD_S = 0.5, 4.0
"""What is taken of a pose is the first time that it is held for so long."""


@dataclass(frozen=True, slots=True)
class FunctionalPair:
    """What the recording says about both boxes.

    Attributes:
        thigh, shin: quaternions segment to sensor, scalar-first.
        straight_s: a time at which the pose called straight was held.
        yaw_uncertainty_deg: one SD of the rotation about the long axes (thigh, shin).
        doubts: what makes the result less sure, in words.
    """

    thigh: tuple[float, float, float, float]
    shin: tuple[float, float, float, float]
    straight_s: float
    yaw_uncertainty_deg: tuple[float, float]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pose:
    """Both sensors' up (3,) in a pose, first held at ``at_s`` and for ``held_s`` (``LONGEST_HELD_S`` at most)."""

    up: tuple[FloatArray, FloatArray]
    at_s: float
    held_s: float


Rows = npt.NDArray[np.intp]


def align_pair(
    thigh: Recorded, shin: Recorded, *, standing_first: bool = False, sagittal: bool = True, seated: bool = False
) -> FunctionalPair:
    """Find both alignments in one recording of the leg.

    Args:
        thigh, shin: time (n,) in s on one timeline, acceleration (n, 3) in m/s², angular rate (n, 3) in rad/s.
        standing_first: the exercise begins standing; decides where the movement does not.
        sagittal: the movement is mostly to the front and back.
        seated: a shin that hangs from a thigh at rest is extended; without standing, 0 is the straightest that is seen.

    Raises:
        CalibrationError: too short, no movement, no pose, or the boxes are exchanged; says what to do.
    """
    leg = prepare(thigh, shin, LONGEST_S)
    if max(_reach_deg(up) for up in leg.up) < LEAST_TILT_DEG:
        raise CalibrationError(
            "too-little-motion", _("the leg hardly moves"), _("record a few knee bends or some steps")
        )
    poses = _find_poses(leg)
    if not poses:
        raise CalibrationError(
            "not-still", _("no pose is held for half a second"), _("stand straight for two seconds, then begin")
        )
    knee = find_knee(leg)
    try:
        pose = _choose(poses, knee, standing_first)
    except CalibrationError as error:
        if seated and error.code == "no-standing":
            return _hanging(leg, poses)
        raise
    frames = _assemble(leg, pose, knee, standing_first, sagittal)
    return FunctionalPair(
        quaternion_of(frames.thigh), quaternion_of(frames.shin), round(pose.at_s, 2), frames.yaw_sd_deg, frames.doubts
    )


def _choose(poses: list[_Pose], knee: Knee, standing_first: bool) -> _Pose:
    """The pose in which the knee is below the thigh's box and above the shin's: standing."""
    heights = [(float(knee.thigh_m @ pose.up[0]), -float(knee.shin_m @ pose.up[1])) for pose in poses]
    if standing_first:
        _refuse_exchanged(heights)
        return poses[_standing(poses, heights)]
    both = [thigh + shin for thigh, shin in heights]
    best = int(np.argmax(both))
    # who sits or lies in the exercise has a thigh that points elsewhere then
    farthest_deg = max(_between_deg(pose, poses[best]) for pose in poses)
    if min(heights[best]) < UPRIGHT_M or max(heights[best]) > FARTHEST_M or farthest_deg < SEATED_DEG:
        raise CalibrationError(
            "no-standing",
            _("the leg is not seen standing straight, so the knee's angle has no zero"),
            _("stand straight for two seconds before or after the exercise, or give both alignments"),
        )
    return poses[best]


def _refuse_exchanged(heights: list[tuple[float, float]]) -> None:
    """With the boxes exchanged the knee is above the "thigh's" and below the "shin's"."""
    if all(max(height) < 0.0 and sum(height) < -2.0 * UPRIGHT_M for height in heights):
        raise CalibrationError(
            "exchanged",
            _("the sensor said to be on the thigh moves as one on the shin, and the other way round"),
            _("exchange --thigh and --shin"),
        )


def _standing(poses: list[_Pose], heights: list[tuple[float, float]]) -> int:
    """Where somebody stands who trains standing: the first pose that is held for a while, or else the usual one.

    Unless the thigh's box is much higher above the knee in another pose: then the usual one was seated.
    """
    usual, highest = 0, int(np.argmax([thigh for thigh, _ in heights]))
    higher = heights[highest][0] - heights[usual][0], sum(heights[highest]) - sum(heights[usual])
    if _between_deg(poses[usual], poses[highest]) > SEATED_DEG:
        usual = highest if min(higher) > UPRIGHT_M else usual
    held = [
        index
        for index, pose in enumerate(poses)
        if pose.held_s >= STANDS_S and _between_deg(pose, poses[usual]) < NEAR_DEG
    ]
    return min(held, key=lambda index: poses[index].at_s, default=usual)


def _between_deg(one: _Pose, other: _Pose) -> float:
    """How far the thigh is tilted from one pose to the other."""
    return float(angle_deg(one.up[0], other.up[0]))


# --- the pose that is straight ---------------------------------------------------------------------------------------


def _reach_deg(up: FloatArray) -> float:
    """Largest tilt that is usual, from the usual pose."""
    middle = np.median(up, axis=0)
    return float(np.percentile(angle_deg(up, middle / np.linalg.norm(middle)), 95))


def _find_poses(leg: Leg) -> list[_Pose]:
    """Poses in which both sensors are quiet, those held longest first."""
    fastest = np.maximum(*(np.degrees(np.linalg.norm(rate, axis=1)) for rate in leg.gyr))
    for limit in (QUIET_DEG_S, 2.0 * QUIET_DEG_S):
        poses = _cluster(leg, np.flatnonzero(fastest < limit))
        if len(poses) > 1:
            break
    return poses


def _cluster(leg: Leg, quiet: Rows) -> list[_Pose]:
    poses: list[_Pose] = []
    left = quiet
    while len(left) and len(poses) < MOST_POSES:
        # the densest neighbourhood among some of the readings
        some = left[:: max(1, len(left) // 60)]
        near = [_near(leg, left, tuple(up[index] for up in leg.up)) for index in some.tolist()]
        best = near[int(np.argmax([np.count_nonzero(each) for each in near]))]
        members = left[best]
        if len(members) < SHORTEST_POSE_S * RATE_HZ:
            break
        held = _first_held(members)
        ups = tuple(np.median(up[held], axis=0) for up in leg.up)
        first, second = (up / np.linalg.norm(up) for up in ups)
        poses.append(_Pose((first, second), float(leg.time_s[held[0]]), len(held) / RATE_HZ))
        left = left[~best]
    return poses


def _first_held(members: Rows) -> Rows:
    """The first unbroken stretch among the readings of a pose that is long enough, or the longest."""
    runs = np.split(members, np.flatnonzero(np.diff(members) > 1) + 1)
    long = [run for run in runs if len(run) >= HELD_S * RATE_HZ]
    return (long[0] if long else max(runs, key=len))[: round(LONGEST_HELD_S * RATE_HZ)]


def _near(leg: Leg, rows: Rows, pose: tuple[FloatArray, ...]) -> npt.NDArray[np.bool_]:
    return np.asarray(
        (angle_deg(leg.up[0][rows], pose[0]) < POSE_DEG) & (angle_deg(leg.up[1][rows], pose[1]) < POSE_DEG)
    )


# --- the planes and their signs --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Frames:
    thigh: FloatArray
    shin: FloatArray
    yaw_sd_deg: tuple[float, float]
    doubts: tuple[str, ...]


def _assemble(leg: Leg, pose: _Pose, knee: Knee, standing_first: bool, sagittal: bool) -> _Frames:
    """Frames (3, 3), segment to sensor, as if the leg stood upright and straight in ``pose``."""
    ways, reaches = zip(
        *(_plane(up, upright, sagittal) for up, upright in zip(leg.up, pose.up, strict=True)), strict=True
    )
    heading, level = _knee_heading(leg, knee)
    ways_list = list(ways)
    doubts: list[str] = []
    for index, other in ((0, 1), (1, 0)):
        if reaches[index] < min(SMALLEST_TILT_DEG, reaches[other]):
            ways_list[index] = _by_heading(leg, pose, ways_list[other], index, heading)
            doubts.append(
                _("the {segment} hardly tilts: its front is that of the other segment").format(
                    segment=_(("thigh", "shin")[index])
                )
            )
    # in what is done standing the thigh tilts forward and the shin back, and hardly the other way
    longer, lopsided = zip(*(_longer_way(up, way) for up, way in zip(leg.up, ways_list, strict=True)), strict=True)
    agreement = _agreement(leg, ways_list, level)
    if abs(agreement) < CLEAR or (standing_first and min(lopsided) > LOPSIDED):
        ways_list = [longer[0], -longer[1]]
        if min(lopsided) < LOPSIDED:
            doubts.append(_("the movement hardly tells the front of thigh and shin apart"))
    elif agreement < 0.0:
        ways_list[1] = -ways_list[1]
    flexion = _bend_deg(leg, pose, ways_list)
    low, high = np.percentile(flexion, [1.0, 99.0]).tolist()
    if -low > high:
        ways_list = [-way for way in ways_list]
    first, second = (segment_frame(up, way) for up, way in zip(pose.up, ways_list, strict=True))
    clear_deg = IN_PLANE_YAW_SD_DEG if sagittal else WALK_YAW_SD_DEG
    spread = tuple(clear_deg if reach >= SMALLEST_TILT_DEG else max(clear_deg, UNCLEAR_YAW_SD_DEG) for reach in reaches)
    return _Frames(first, second, (spread[0], spread[1]), tuple(doubts))


def _hanging(leg: Leg, poses: list[_Pose]) -> FunctionalPair:
    """Frames from a shin that hangs and is extended, the thigh at rest; straight as far as it gets.

    The thigh's frame is the shin's in that instant. The heading between the filters does not matter for a thigh that
    keeps still.
    """
    at_rest = min(poses, key=lambda pose: pose.at_s)
    upright = at_rest.up[1]
    way, reach = _plane(leg.up[1], upright, True)
    if reach < LEAST_TILT_DEG or _reach_deg(leg.up[0]) > 2.0 * SMALLEST_TILT_DEG:
        raise CalibrationError(
            "no-standing",
            _("the leg is not seen standing straight, nor the shin extended from a thigh at rest"),
            _("stand straight for two seconds before or after the exercise, or give both alignments"),
        )
    shin = segment_frame(upright, _longer_way(leg.up[1], way)[0])
    tilt = np.arctan2(leg.up[1] @ shin[:, 0], leg.up[1] @ shin[:, 1])
    row = int(np.argmin(np.abs(tilt - np.percentile(tilt, 99.0))))
    world = to_world(np.tile(leg.quat[1][row], (3, 1)), shin.T)
    thigh = to_sensor(np.tile(leg.quat[0][row], (3, 1)), world).T
    doubt = _("standing is not seen: the knee's bend is 0 at the straightest that is seen")
    return FunctionalPair(
        quaternion_of(thigh), quaternion_of(shin), round(float(leg.time_s[row]), 2), (15.0, 5.0), (doubt,)
    )


def _plane(up: FloatArray, upright: FloatArray, sagittal: bool) -> tuple[FloatArray, float]:
    """The way, in the sensor frame (3,), in which the segment tilts most, and how far it usually gets.

    In a sagittal movement against where it is for some seconds around: how it leans for long is posture.
    """
    aside = up - (up @ upright)[:, None] * upright
    seen = aside - smoothed(aside, round(POSTURE_S * RATE_HZ)) if sagittal else aside
    _, axes = np.linalg.eigh(seen.T @ seen)
    way = axes[:, 2] - (axes[:, 2] @ upright) * upright
    reach = float(np.degrees(np.arcsin(min(1.0, float(np.percentile(np.abs(aside @ axes[:, 2]), 95))))))
    return way / np.linalg.norm(way), reach


def _longer_way(up: FloatArray, way: FloatArray) -> tuple[FloatArray, float]:
    """The sense of ``way`` in which the segment tilts farther, and by how many times."""
    low, high = np.percentile(up @ way, [1.0, 99.0]).tolist()
    backward, forward = max(-low, 0.02), max(high, 0.02)
    return (way, forward / backward) if forward >= backward else (-way, backward / forward)


def _knee_heading(leg: Leg, knee: Knee) -> tuple[float, tuple[FloatArray, FloatArray]]:
    """Heading of the thigh's world in the shin's, rad, and the knee's level acceleration in each (n, 2)."""
    level = []
    for index in (0, 1):
        force = leg.acc[index] - leg.lever[index] @ (knee.thigh_m, knee.shin_m)[index]
        level.append(to_world(leg.quat[index], force)[:, :2])
    one, other = (each - each.mean(axis=0) for each in level)
    return float(
        np.arctan2(
            np.sum(other[:, 0] * one[:, 1] - other[:, 1] * one[:, 0]),
            np.sum(other[:, 0] * one[:, 0] + other[:, 1] * one[:, 1]),
        )
    ), (one, other)


def _by_heading(leg: Leg, pose: _Pose, way: FloatArray, index: int, heading: float) -> FloatArray:
    """Carry the other segment's front over, through the world at the upright pose."""
    other = 1 - index
    row = int(np.argmin(np.abs(leg.time_s - pose.at_s)))
    world = to_world(leg.quat[other][row : row + 1], way)[0]
    turn = heading if index == 0 else -heading
    c, s = np.cos(turn), np.sin(turn)
    turned = np.array([c * world[0] - s * world[1], s * world[0] + c * world[1], world[2]])
    return np.asarray(to_sensor(leg.quat[index][row : row + 1], turned)[0])


def _agreement(leg: Leg, ways: list[FloatArray], level: tuple[FloatArray, FloatArray]) -> float:
    """Correlation of the knee's acceleration along the front of both segments: -1 when one of them points back."""
    along = []
    for index in (0, 1):
        front = to_world(leg.quat[index], ways[index])[:, :2]
        along.append(np.sum(front * level[index], axis=1))
    one, other = along
    return float(one @ other / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-9))


def _bend_deg(leg: Leg, pose: _Pose, ways: list[FloatArray]) -> FloatArray:
    """Bend of the knee by gravity, deg (n,)."""
    tilts = [np.arctan2(up @ way, up @ upright) for up, way, upright in zip(leg.up, ways, pose.up, strict=True)]
    off = tilts[0] - tilts[1]
    return np.asarray(np.degrees(np.arctan2(np.sin(off), np.cos(off))))
