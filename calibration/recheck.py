"""Watching the strap during a session: tells when the box no longer sits as it was aligned, never corrects silently.

Three directions, three readings of a rep (the gyro's heading is good to half a degree over some seconds):

* the person turns: the box's heading and the path of the leg turn together in the room; the path in the box stays;
* the knee drifts: the path turns in the room and in the box; the box's heading stays;
* the strap turns about the limb: the box's heading turns, the path in the room stays, the path in the box moves.

Only the last is a slip. A tilt of the resting pose shows the other two directions. A turn of the strap while the
person walks can't be told from a turn of the person; then only a large change of the path is told.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, sin
from statistics import median

import numpy as np

from calibration.frames import FloatArray, angle_deg, matrix_of, to_world

IN_A_ROW = 3
"""Rests or reps that must agree before it is told."""
POSE_DEG = 6.0
"""Change of the resting pose within a session."""
STANDING_DEG = 10.0
"""Resting pose of a standing exercise away from the standing of the alignment."""
TURN_DEG = 6.0
"""Turn of the strap about the limb: 4 deg of false tilt at 45 deg of depth."""
SAME_SHARE = 0.4
"""The path in the room counts as unchanged when it moved by less than this share."""
PLANE_DEG, PLANE_REPS = 18.0, 5
"""A path this far from the aligned one, in so many reps, is more than a knee does; whatever happened in between."""
CONTINUOUS_S = 15.0
"""Reps further apart are not compared in the room: the gyro's heading is not good enough, and people walk about."""
LEAST_TILT_DEG = 12.0


@dataclass(frozen=True, slots=True)
class StrapMoved:
    """The box does not sit as before. ``detail`` is for people; ``change_deg`` is how far."""

    time_s: float
    change_deg: float
    detail: str


class StrapCheck:
    """Follows rests and reps of a session; memory does not grow.

    Args:
        quat_segment_to_sensor: the alignment, scalar-first.
        standing: the exercise rests in upright standing, as the alignment did.
        sagittal: the exercise moves in the sagittal plane, as the alignment did.

    Tells each slip once; ``moved`` stays true.
    """

    def __init__(
        self, quat_segment_to_sensor: tuple[float, float, float, float], *, standing: bool = True, sagittal: bool = True
    ) -> None:
        self.moved = False
        self._frame = matrix_of(quat_segment_to_sensor)
        self._standing, self._sagittal = standing, sagittal
        self._poses: deque[FloatArray] = deque(maxlen=IN_A_ROW)
        self._usual_pose: FloatArray | None = None
        self._usual: deque[tuple[float, float]] = deque(maxlen=IN_A_ROW)
        self._odd: deque[float] = deque(maxlen=IN_A_ROW)
        self._aside: deque[float] = deque(maxlen=PLANE_REPS)
        self._last_s = -1e9

    def rest(self, time_s: float, up: FloatArray) -> StrapMoved | None:
        """The person rested for a second or more in the exercise's own start pose; ``up`` (3,) in the sensor frame."""
        self._poses.append(np.asarray(up, dtype=np.float64))
        if self.moved or len(self._poses) < IN_A_ROW:
            return None
        poses = np.array(self._poses)
        pose = np.median(poses, axis=0)
        pose /= np.linalg.norm(pose)
        if self._usual_pose is None:
            self._usual_pose = pose
            return self._away(time_s, poses, self._frame[:, 1], STANDING_DEG) if self._standing else None
        return self._away(time_s, poses, self._usual_pose, POSE_DEG)

    def rep(self, time_s: float, quat_sensor_to_world: FloatArray) -> StrapMoved | None:
        """A rep was counted; quaternions (n, 4) from its start to its end."""
        path = self._path(np.asarray(quat_sensor_to_world, dtype=np.float64))
        if self.moved or path is None:
            return None
        in_room, in_box = path
        if time_s - self._last_s > CONTINUOUS_S:
            self._usual.clear()
            self._odd.clear()
        self._last_s = time_s
        self._aside.append(abs(in_box))
        if self._sagittal and len(self._aside) == PLANE_REPS and min(self._aside) > PLANE_DEG:
            detail = "the leg moves in another plane than when it was aligned: the strap has turned about the limb"
            return self._tell(time_s, median(self._aside), detail)
        return self._turned(time_s, in_room, in_box)

    def _turned(self, time_s: float, in_room: float, in_box: float) -> StrapMoved | None:
        if len(self._usual) < IN_A_ROW:
            self._usual.append((in_room, in_box))
            return None
        room = _difference(in_room, _middle([pair[0] for pair in self._usual]))
        box = _difference(in_box, _middle([pair[1] for pair in self._usual]))
        if abs(box) > TURN_DEG and abs(room) < SAME_SHARE * abs(box):
            self._odd.append(box)
            if len(self._odd) == IN_A_ROW and (min(self._odd) > 0 or max(self._odd) < 0):
                return self._tell(time_s, abs(median(self._odd)), "the strap has turned about the limb")
            return None
        self._odd.clear()
        self._usual.append((in_room, in_box))
        return None

    def _away(self, time_s: float, poses: FloatArray, usual: FloatArray, limit_deg: float) -> StrapMoved | None:
        change = angle_deg(poses, usual)
        if float(change.min()) <= limit_deg:
            return None
        return self._tell(time_s, float(np.median(change)), "the box no longer sits as it did when you stood still")

    def _tell(self, time_s: float, change_deg: float, what: str) -> StrapMoved:
        self.moved = True
        cure = "tighten it and align again; until then take the knee's drift as unknown"
        return StrapMoved(time_s, round(change_deg, 1), f"{what} ({change_deg:.0f}°): {cure}")

    def _path(self, quat: FloatArray) -> tuple[float, float] | None:
        """Heading of the long axis' path in the room and from the box's own X axis, deg."""
        if len(quat) < 4:
            return None
        axis = to_world(quat, self._frame[:, 1])[:, :2]
        shift = axis - axis[0]
        reach = np.hypot(shift[:, 0], shift[:, 1])
        if float(reach.max()) < sin(np.radians(LEAST_TILT_DEG)):
            return None
        way = (shift * reach[:, None])[reach > 0.5 * reach.max()].sum(axis=0)
        x = to_world(quat[:1], self._frame[:, 0])[0]
        if hypot(x[0], x[1]) < 0.3:
            return None
        room = degrees(atan2(way[1], way[0]))
        box = _difference(room, degrees(atan2(x[1], x[0])))
        # Forwards or backwards is the exercise's business; what counts is the line.
        return room, _difference(box, 180.0) if abs(box) > 90.0 else box


def _difference(one_deg: float, other_deg: float) -> float:
    return (one_deg - other_deg + 180.0) % 360.0 - 180.0


def _middle(angles_deg: list[float]) -> float:
    """Mean direction."""
    radians = [np.radians(angle) for angle in angles_deg]
    return degrees(atan2(sum(sin(a) for a in radians), sum(cos(a) for a in radians)))
