"""How a rep was done beyond timing and range: smoothness, sway, and the values that findings are held against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import degrees, sqrt
from statistics import median

import numpy as np

from calibration.frames import matrix_of
from kneeimu.exercises.exercise import Exercise
from kneeimu.motion.segment import multiply
from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.measured.smoothness import spectral_arc_lengths
from kneeimu.reps.phases import Phases, moving_mean, speed_of
from kneeimu.types import Alignment, FloatArray

METRICS = (
    "time_under_tension_s", "outward_peak_deg_s", "return_peak_deg_s", "mean_velocity_deg_s", "smoothness_out",
    "smoothness_return", "hold_sway_deg",
)  # fmt: skip
"""What every rep is measured for; None where there is none, such as the way out of a position that is held."""
TREND_TICKS = 13
"""Sway is what is left when a moving mean over half a second is taken away: above 1 Hz or so."""
SWAY_TICKS = 10
"""In less than 0.4 s no sway is seen."""
DEEP_SHARE = 0.7
LEAST_LIFT_DEG = 5.0
LEAST_STANCE_DEG = {"standing-up": 5.0, "lost-tension": 2.5}
"""A band walk that usually bends less says nothing about standing up; one that is narrower is held against this."""
STANCES = 15
"""The usual stance is the median of the last so many; it is not less bent than the one that the walk began with."""
MINIMUM_JERK_PEAK = 1.875
"""Peak over mean speed of a minimum-jerk stroke (Flash & Hogan 1985)."""
STEP_OF_STROKE = 2.5
"""A step takes at least so many times as long as its way out, going by its peak speed. Engineering choice: 2 for an
equal way back, and the rest for where the feet stand."""
TWO_STEPS_DIP = 0.6
"""A limb that comes back by this share of a step's range, and goes out again, has made two steps."""
START_TICKS = 3
"""The pose at the start is a mean over so many ticks: nothing has moved yet."""
QUIET_DEG = 0.16
"""The limb stands when it turns by less than this from tick to tick: 4 deg/s."""
SOON_TICKS = 8
SOON_S = SOON_TICKS / TICK_HZ
"""Where the limb never stands between two steps, it is looked for so long. Engineering choice: of simulated walks no
more is found in 0.9 s."""


@dataclass(frozen=True, slots=True)
class _Stance:
    """Bend and width when a step began, and when the foot had closed up, by the name of the finding, deg."""

    begun_deg: dict[str, float]
    ended_deg: dict[str, float]


class QualityMeter:
    """Measures the quality of the reps of one set after another."""

    def __init__(self, exercise: Exercise, alignment: Alignment | None) -> None:
        self._exercise, self._alignment = exercise, alignment
        self._to_segment = matrix_of(alignment.quat_segment_to_sensor) if alignment is not None else None
        self._stances: dict[int, _Stance] = {}

    def begin_set(self) -> None:
        """Forget the set before."""
        self._stances.clear()

    def forget(self, number: int) -> None:
        """That rep was none."""
        self._stances.pop(number, None)

    def measure(
        self,
        excursion: Excursion,
        phases: Phases,
        time_s: FloatArray,
        angle_deg: FloatArray,
        up: FloatArray,
        quat: FloatArray,
    ) -> dict[str, float | None]:
        """Give the metrics of one rep.

        Args:
            time_s, angle_deg: ticks of the rep and the angle from home, shape (n,).
            up, quat: shapes (n, 3) and (n, 4), as in ``motion.orientation.Ticks``.
        """
        speed = speed_of(angle_deg)
        turn = int(angle_deg.argmax())
        way_back = _to_its_end(speed[turn:], phases.end_s - float(time_s[-1]))
        smooth_out, smooth_back = spectral_arc_lengths(speed[: turn + 1], way_back)
        metrics: dict[str, float | None] = {
            "time_under_tension_s": phases.under_tension_s,
            "outward_peak_deg_s": phases.outward_peak_deg_s,
            "return_peak_deg_s": phases.return_peak_deg_s,
            "mean_velocity_deg_s": _mean_velocity_deg_s(time_s, angle_deg, phases),
            "smoothness_out": smooth_out,
            "smoothness_return": smooth_back,
            "hold_sway_deg": _sway_of_hold(time_s, up, phases),
        }
        if not phases.single:
            # several strokes are no single smooth one
            metrics["smoothness_out"] = metrics["smoothness_return"] = None
        elif self._exercise.sagittal:
            metrics["wobble"] = _wobble(up, angle_deg, excursion)
        if self._exercise.kind == "steps":
            metrics["quicker_step_s"] = _quicker_of_two_s(time_s, angle_deg, phases)
        if self._exercise.lifts_sideways:
            metrics.update(self._path_of_lift(quat, turn))
        return metrics

    def _path_of_lift(self, quat: FloatArray, turn: int) -> dict[str, float | None]:
        """Rotation from the start of the lift to its top: share about the vertical, and about the leg."""
        start, top = quat[0], quat[turn]
        if self._alignment is not None:
            start, top = (multiply(q[None], self._alignment.quat_segment_to_sensor)[0] for q in (start, top))
        world = _rotation_deg(top, _conjugate(start))
        lifted = float(np.hypot(world[0], world[1]))
        forward = abs(float(world[2])) / lifted if lifted > LEAST_LIFT_DEG else None
        if self._alignment is None:
            return {"forward": forward}
        own = _rotation_deg(_conjugate(start), top)
        outward = -1.0 if self._alignment.side == "right" else 1.0
        return {"forward": forward, "toes-up": outward * float(own[1])}

    def stance(self, number: int, time_s: FloatArray, up: FloatArray, phases: Phases) -> dict[str, float | None]:
        """Bend and width of a band walk when the foot has closed up, against those of the steps before.

        The limb leans outwards by half the distance of the feet, and to the front or back by the bend of the knee.
        Both need to know where straight is. Ticks ``time_s`` (n,) and ``up`` (n, 3) go on after the end of the step.
        """
        if self._alignment is None or self._to_segment is None:
            return {}
        segment = up @ self._to_segment
        outward = 1.0 if self._alignment.side == "right" else -1.0
        width = outward * np.degrees(np.arcsin(np.clip(segment[:, 2], -1.0, 1.0)))
        bend = np.abs(np.degrees(np.arctan2(segment[:, 0], segment[:, 1])))
        stands = _stand(time_s, up, width, phases)
        starts = int(np.searchsorted(time_s, phases.start_s))
        begins = slice(max(0, starts - START_TICKS), starts + 1)
        angles = {"standing-up": bend, "lost-tension": width}
        now = _Stance(*({name: float(angle[at].mean()) for name, angle in angles.items()} for at in (begins, stands)))
        before = list(self._stances.values())
        self._stances[number] = now
        if len(before) > STANCES:
            # how the walk began is kept
            del self._stances[next(islice(self._stances, 1, None))]
        first = before[0] if before else now
        shares: dict[str, float | None] = {}
        for name, least in LEAST_STANCE_DEG.items():
            usual = [first.begun_deg[name], *(one.ended_deg[name] for one in before)]
            reference = median(usual[-STANCES:])
            if name == "standing-up":
                reference = max(first.begun_deg[name], reference)
            # who stands a little crooked in the alignment seems to walk narrower, or wider, than they do
            known = name == "lost-tension" or reference > least
            shares[name] = 1.0 - (reference - now.ended_deg[name]) / max(reference, least) if known else None
        return shares


def metrics_of_held(held_s: float, up: FloatArray) -> dict[str, float | None]:
    """Give the metrics of a position that was held for so long, with the ticks ``up`` (n, 3) of that time."""
    sway_deg = _sway(up)
    known = {
        "time_under_tension_s": round(held_s, 3),
        "hold_sway_deg": None if sway_deg is None else round(sway_deg, 3),
    }
    return dict.fromkeys(METRICS) | known


def _stand(time_s: FloatArray, up: FloatArray, width_deg: FloatArray, phases: Phases) -> slice:
    """The ticks at which the limb stands with the feet closed after a step.

    Of the quiet moments after the far end it is the narrowest: at the next far end it is quiet as well. Where there is
    none, it is when the limb moves least, soon after the end.
    """
    first = int(np.searchsorted(time_s, phases.hold_end_s))
    moved_deg = np.degrees(np.linalg.norm(np.diff(up[first:], axis=0), axis=1))
    if len(moved_deg) < START_TICKS - 1:
        return slice(-START_TICKS, None)
    most = np.lib.stride_tricks.sliding_window_view(moved_deg, START_TICKS - 1).max(axis=1)
    quiet = (most < QUIET_DEG).nonzero()[0]
    if len(quiet):
        at = int(quiet[np.argmin(width_deg[first + quiet])])
    else:
        ended = min(max(0, int(np.searchsorted(time_s, phases.end_s)) - first), len(most) - 1)
        at = ended + int(np.argmin(most[ended : ended + SOON_TICKS]))
    return slice(first + at, first + at + START_TICKS)


def _quicker_of_two_s(time_s: FloatArray, angle_deg: FloatArray, phases: Phases) -> float | None:
    """Where two steps were taken for one, how long the quicker of them took; None for one step.

    Steps in a hurry follow each other without a pause, but the limb comes nearly home between them.
    """
    within = (time_s >= phases.start_s) & (time_s <= phases.end_s)
    times, angle = time_s[within], angle_deg[within]
    if len(angle) < 3:
        return None
    highest_before = np.maximum.accumulate(angle)
    highest_after = np.maximum.accumulate(angle[::-1])[::-1]
    dip = np.minimum(highest_before, highest_after) - angle
    at = int(dip.argmax())
    if dip[at] < TWO_STEPS_DIP * float(np.ptp(angle)):
        return None
    between_s = float(times[at])
    times_s = (
        _whole_step_s(angle[: at + 1], between_s - phases.start_s),
        _whole_step_s(angle[at:], phases.end_s - between_s),
    )
    return min((step_s for step_s in times_s if step_s is not None), default=None)


def _whole_step_s(angle_deg: FloatArray, duration_s: float) -> float | None:
    """How long one of two steps took; None where its way out or its way back is missing."""
    far = int(angle_deg.argmax())
    low = float(angle_deg[far]) - TWO_STEPS_DIP * float(np.ptp(angle_deg))
    if far == 0 or max(float(angle_deg[0]), float(angle_deg[-1])) > low:
        return None
    rise_deg = float(angle_deg[far] - angle_deg[0])
    return least_step_s(duration_s, rise_deg, float(np.diff(angle_deg[: far + 1]).max()) * TICK_HZ)


def least_step_s(duration_s: float, range_deg: float, fastest_deg_s: float) -> float:
    """How long a step took that seemed to take ``duration_s``: one that is seen in part is no faster than usual."""
    if fastest_deg_s <= 0.0:
        return duration_s
    return max(duration_s, STEP_OF_STROKE * MINIMUM_JERK_PEAK * range_deg / fastest_deg_s)


def _mean_velocity_deg_s(time_s: FloatArray, angle_deg: FloatArray, phases: Phases) -> float | None:
    """The whole way over the whole time; what is left of the way back when the rep is counted is taken as done."""
    duration_s = phases.end_s - phases.start_s
    if duration_s <= 0.0:
        return None
    angle_deg = angle_deg[: time_s.searchsorted(phases.end_s, side="right")]
    left_deg = abs(float(angle_deg[-1])) if phases.end_s > time_s[-1] else 0.0
    return (float(np.add.reduce(np.abs(angle_deg[1:] - angle_deg[:-1]))) + left_deg) / duration_s


def _to_its_end(speed_deg_s: FloatArray, left_s: float) -> FloatArray:
    """Let the speed of the way back run out in the time that is left: its sudden end is none of the movement."""
    ticks = round(left_s * TICK_HZ)
    if ticks < 1 or not len(speed_deg_s):
        return speed_deg_s
    return np.concatenate((speed_deg_s, speed_deg_s[-1] * _fading(ticks)))


@lru_cache
def _fading(ticks: int) -> FloatArray:
    """From 1 to 0, both left out."""
    return np.asarray(0.5 * (1.0 + np.cos(np.pi * np.arange(1, ticks + 1) / (ticks + 1))))


def _sway_of_hold(time_s: FloatArray, up: FloatArray, phases: Phases) -> float | None:
    if phases.hold_s * TICK_HZ < SWAY_TICKS - 2:
        return None
    first, last = time_s.searchsorted(phases.hold_start_s), time_s.searchsorted(phases.hold_end_s, side="right")
    return _sway(up[first:last])


def _sway(up: FloatArray) -> float | None:
    """RMS of the tilt about its mean, deg; None where there are too few ticks."""
    if len(up) < SWAY_TICKS:
        return None
    off = up - up.mean(axis=0)
    return float(np.degrees(np.sqrt((off**2).sum(axis=1).mean())))


def _wobble(up: FloatArray, angle_deg: FloatArray, excursion: Excursion) -> float | None:
    """RMS of the quick sideways tilt while deep, deg; sideways is along the axis about which the rep turns."""
    deep = (angle_deg > DEEP_SHARE * excursion.peak_deg).nonzero()[0]
    if len(deep) < SWAY_TICKS or len(up) <= TREND_TICKS:
        return None
    sideways = up @ np.array(excursion.axis)
    off_trend = (sideways - moving_mean(sideways, TREND_TICKS)).take(deep)
    return degrees(sqrt(off_trend @ off_trend / len(deep)))


def _conjugate(quat: FloatArray) -> FloatArray:
    return np.asarray(quat * np.array((1.0, -1.0, -1.0, -1.0)))


def _rotation_deg(left: FloatArray, right: FloatArray) -> FloatArray:
    """Rotation vector of the product of two quaternions, deg, shape (3,)."""
    w, x, y, z = right.tolist()
    product = multiply(left[None], (w, x, y, z))[0]
    product = product if product[0] >= 0.0 else -product
    sine = float(np.linalg.norm(product[1:]))
    if sine < 1e-9:
        return np.zeros(3)
    return np.asarray(product[1:] / sine * np.degrees(2.0 * np.arctan2(sine, product[0])))
