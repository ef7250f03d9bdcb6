"""Watching the strap during a session: tells when the box no longer sits as it was aligned, never corrects silently.

The gyro's heading drifts evenly, by a degree a second at most. So a step of the box's heading from rep to rep is seen
well against the reps before and after, and the path of the leg, seen from the box, tells what turned. When the person
did, the path turned along and stands in the box as before; when the strap did, the path moved in the box by as much,
the other way. A knee that drifts moves the path without a step of the heading. A tilt of the resting pose shows the
other two directions. A strap that turns while the person walks about can't be told from a person who turned; then only
a large change is told.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, degrees, hypot, radians, sin
from statistics import fmean, median

import numpy as np

from calibration.frames import FloatArray, angle_deg, matrix_of

IN_A_ROW = 3
"""Rests or reps that must agree before it is told."""
POSE_DEG = 6.0
"""Change of the resting pose within a session."""
STANDING_DEG = 10.0
"""Resting pose of a standing exercise away from the standing of the alignment."""
TURN_DEG = 7.0
"""Turn of the strap about the limb: 5 deg of false tilt at 45 deg of depth."""
BEFORE, LEAST_BEFORE = 6, 2
"""Reps that a step is held against."""
PLANE_DEG, PLANE_REPS = 30.0, 5
"""A path this far from the aligned one, median of so many reps, is more than a knee does; whatever happened before."""
CONTINUOUS_S = 15.0
"""Reps further apart are not compared in the room: the gyro's heading is not good enough, and people walk about."""
LEAST_TILT_DEG = 12.0
ROUNDED_S = 0.001
"""Times of reps are told to the millisecond."""


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
        self._poses: deque[tuple[float, FloatArray]] = deque(maxlen=IN_A_ROW)
        self._usual_pose: FloatArray | None = None
        self._turns: deque[tuple[float, float, float]] = deque(maxlen=BEFORE + IN_A_ROW)
        self._aside: deque[tuple[float, float]] = deque(maxlen=PLANE_REPS)
        self._last_s = -1e9

    def rest(self, time_s: float, up: FloatArray) -> StrapMoved | None:
        """The person rested for a second or more in the exercise's own start pose; ``up`` (3,) in the sensor frame."""
        self._poses.append((time_s, np.asarray(up, dtype=np.float64)))
        if self.moved or len(self._poses) < IN_A_ROW:
            return None
        poses = np.array([one for _, one in self._poses])
        pose = np.median(poses, axis=0)
        pose /= np.linalg.norm(pose)
        if self._usual_pose is None:
            self._usual_pose = pose
            return self._away(time_s, poses, self._frame[:, 1], STANDING_DEG) if self._standing else None
        return self._away(time_s, poses, self._usual_pose, POSE_DEG)

    def rep(self, time_s: float, axes: FloatArray) -> StrapMoved | None:
        """A rep was counted that ended at ``time_s``; ``frames.segment_axes`` (7, n) from its start to its end."""
        path = _path(axes)
        if self.moved or path is None:
            return None
        box, in_box = path
        if time_s - self._last_s > CONTINUOUS_S:
            self._turns.clear()
        self._last_s = time_s
        self._aside.append((time_s, abs(in_box)))
        aside = median(one for _, one in self._aside)
        if self._sagittal and len(self._aside) == PLANE_REPS and aside > PLANE_DEG:
            detail = "the leg moves in another plane than when it was aligned: the strap has turned about the limb"
            return self._tell(time_s, aside, detail)
        return self._turned(time_s, box, in_box)

    def forget(self, start_s: float, end_s: float) -> None:
        """A rep was taken back: nothing is held against what the leg did in that time."""
        for seen in (self._poses, self._turns, self._aside):
            kept = [one for one in seen if not start_s - ROUNDED_S <= one[0] <= end_s + ROUNDED_S]
            seen.clear()
            seen.extend(kept)  # type: ignore[arg-type]

    def _turned(self, time_s: float, box: float, path: float) -> StrapMoved | None:
        """Look for a step of the box's heading that the path answers the other way: then only the box has turned."""
        turns = self._turns
        turns.append((time_s, turns[-1][1] + _difference(box, turns[-1][1]) if turns else box, path))
        if len(turns) < LEAST_BEFORE + IN_A_ROW:
            return None
        known = list(turns)
        before, after = known[:-IN_A_ROW], known[-IN_A_ROW:]
        # what is left of the gyro's bias turns the heading all the time, also before and after a step
        pairs = [*pairwise(before), *pairwise(after)]
        rate = median((heading - last) / max(at - last_s, 1e-3) for (last_s, last, _), (at, heading, _) in pairs)
        straight = [heading - rate * (at - known[0][0]) for at, heading, _ in known]
        usual = fmean(straight[:-IN_A_ROW][-IN_A_ROW:])
        steps = [heading - usual for heading in straight[-IN_A_ROW:]]
        if not (min(steps) >= TURN_DEG or max(steps) <= -TURN_DEG):
            return None
        turned = median(steps)
        answer = median(path for _, _, path in after) - median(path for _, _, path in before)
        if abs(answer + turned) < abs(answer):
            return self._tell(time_s, abs(turned), "the strap has turned about the limb")
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


def _path(axes: FloatArray) -> tuple[float, float] | None:
    """Heading of the box in the room, and of the long axis' path from there, deg."""
    if axes.shape[1] < 4:
        return None
    shift = axes[2:4] - axes[2:4, :1]  # how the horizontal part of the long axis changes
    reach = np.hypot(shift[0], shift[1])
    furthest = int(reach.argmax())
    if reach[furthest] < sin(radians(LEAST_TILT_DEG)):
        return None
    far = (reach > 0.5 * reach[furthest]).nonzero()[0]
    shift_far = shift.take(far, axis=1)
    # a shin that swings ahead and then leans over the foot goes both ways
    way = shift_far @ np.copysign(reach.take(far), shift[:, furthest] @ shift_far)
    front_x, front_y = axes[:2, 0].tolist()
    if hypot(front_x, front_y) < 0.3:
        return None
    box = degrees(atan2(front_y, front_x))
    path = _difference(degrees(atan2(way[1], way[0])), box)
    # Forwards or backwards is the exercise's business; what counts is the line.
    return box, _difference(path, 180.0) if abs(path) > 90.0 else path


def _difference(one_deg: float, other_deg: float) -> float:
    return (one_deg - other_deg + 180.0) % 360.0 - 180.0
