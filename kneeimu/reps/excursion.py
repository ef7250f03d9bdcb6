"""Out and back of the segment, seen by gravity alone: needs no calibration and no known mounting.

The tilt of the segment against a *home* pose is followed as a signed angle about the axis learned from the reps
before (unsigned until then). The threshold scales with the movement itself, so small reps are reps too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, sqrt

import numpy as np
import numpy.typing as npt

from kneeimu.reps.stretch import angles_deg, follow
from kneeimu.types import FloatArray

Vector = tuple[float, float, float]

DEG_PER_RAD = degrees(1.0)
STILL_HOME_TAU_S = 0.7
"""Time constant with which home follows while the segment is still, s."""


@dataclass(frozen=True, slots=True)
class ExcursionParameters:
    """How an excursion is told from drift and fidgeting. All engineering choices, tested on people and in simulation.

    Attributes:
        floor_deg, ceiling_deg: smallest and largest range that counts, deg.
        start_share: share of the usual range at which an excursion is taken to have begun.
        return_share: share of the peak below which the segment is back.
        stall_share: share of the peak below which a standstill also ends the excursion.
        reversal_share: share of the peak below which a reversal also ends it.
        reversal_deg, reversal_rise_share: a rise by more than this, and than this share of the peak, is a reversal.
        turn_drop_deg, turn_drop_share: a drop by more than this, and than this share of the peak, is the turn.
        off_axis_share: further than this share of the peak (or ``off_axis_deg``) off the axis it is not back.
        swings: the rep swings to both sides of home: only the size of the tilt is followed, and it is back only after
            ``dwell_s`` near home.
        overshoot_share: a return further beyond the old home than this share of the peak is a new movement.
        home_tau_s: time constant with which home follows slow drift, s.
        rested_s: after so long at home the next movement may be of another size, s.
    """

    floor_deg: float = 8.0
    ceiling_deg: float = 150.0
    start_share: float = 0.22
    return_share: float = 0.20
    stall_share: float = 0.5
    reversal_share: float = 0.38
    reversal_deg: float = 1.5
    reversal_rise_share: float = 0.08
    off_axis_deg: float = 12.0
    off_axis_share: float = 0.6
    swings: bool = False
    dwell_s: float = 0.28
    overshoot_share: float = 1.2
    home_tau_s: float = 3.0
    rested_s: float = 4.0
    turn_drop_deg: float = 2.0
    turn_drop_share: float = 0.12


@dataclass(slots=True)
class Excursion:
    """One out-and-back. Angles in deg, times in s; ``axis`` is a unit vector in the sensor frame."""

    start_s: float
    turn_s: float
    end_s: float
    peak_deg: float
    axis: Vector
    home: Vector
    far: Vector
    held_s: float | None = None
    """For a timed exercise: how long."""

    @property
    def duration_s(self) -> float:
        """Out and back, s."""
        return self.end_s - self.start_s


def tilt(home: Vector, up: Vector) -> tuple[float, Vector]:
    """Give the angle between two unit vectors in deg, and the rotation axis times its sine."""
    hx, hy, hz = home
    x, y, z = up
    cross = (hy * z - hz * y, hz * x - hx * z, hx * y - hy * x)
    sine = sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2])
    return degrees(atan2(sine, hx * x + hy * y + hz * z)), cross


class ExcursionDetector:
    """Follows one home pose. Call ``step`` every tick; it gives an excursion when the segment has come back.

    Attributes:
        angle_deg: the signed angle from home at this tick.
        out: an excursion is under way.
        turned: it has passed its far end.
        aside_deg: how far the segment is off the axis of the reps before, while it is out.
    """

    def __init__(self, parameters: ExcursionParameters, tick_s: float, home: Vector) -> None:
        self._p = parameters
        self._tick_s = tick_s
        self.home = home
        self.axis: Vector | None = None
        self.usual_deg: float | None = None
        self.angle_deg = self.aside_deg = 0.0
        self.out = False
        self.turned = False
        self.peak_deg = 0.0
        self.start_s = 0.0
        self._turn_s = 0.0
        self._far: Vector = home
        self._low_s: float | None = None
        self._home_s = 0.0
        self._returning = False
        self._return_axis: Vector | None = None
        self._minimum_deg = 0.0
        self._minimum_home: Vector = home
        self._trough_deg = 0.0
        self._trough_up: Vector = home
        self._previous_deg = 0.0
        self._near_s = 0.0
        self._least_threshold_deg = 0.6 * parameters.floor_deg
        self._still_share = tick_s / STILL_HOME_TAU_S
        self._home_share = tick_s / parameters.home_tau_s

    @property
    def threshold_deg(self) -> float:
        """Angle from home at which an excursion begins."""
        usual = self.usual_deg
        if usual is None or self._home_s > self._p.rested_s:
            return self._least_threshold_deg
        return max(self._least_threshold_deg, self._p.start_share * usual)

    def step(self, time_s: float, up: Vector, still: bool) -> Excursion | None:
        """Take the up vector of one tick."""
        # the cross product and the angle of ``tilt``, written out: this runs for every tick
        hx, hy, hz = self.home
        x, y, z = up
        cx, cy, cz = hy * z - hz * y, hz * x - hx * z, hx * y - hy * x
        sine = sqrt(cx * cx + cy * cy + cz * cz)
        signed = atan2(sine, hx * x + hy * y + hz * z) * DEG_PER_RAD
        off_axis = 0.0
        axis = self._return_axis if self._returning else self.axis
        if axis is not None and not self._p.swings and sine > 1e-8:
            along = (cx * axis[0] + cy * axis[1] + cz * axis[2]) / sine
            off_axis = signed * sqrt(1.0 - along * along) if -1.0 < along < 1.0 else 0.0
            signed *= along
        self._previous_deg, self.angle_deg = self.angle_deg, signed
        if self.out:
            self.aside_deg = off_axis
            return self._outward(time_s, up, off_axis, still)
        self._at_home(time_s, up, still)
        return None

    @property
    def rests(self) -> bool:
        """The segment is at home and no movement is known yet: home only follows, until it is left."""
        return not self.out and not self._returning and self.axis is None and self.usual_deg is None

    def rest(self, time_s: FloatArray, up: FloatArray, still: npt.NDArray[np.bool_]) -> list[float]:
        """Take many ticks at once, as ``step`` would, while the segment ``rests``.

        Args:
            time_s, up, still: of the ticks, shapes (n,), (n, 3), (n,).

        Returns:
            The angles of the ticks before home is left, deg; these have been taken.
        """
        up = np.ascontiguousarray(up.T)
        homes = follow(self.home, up, np.where(still, self._still_share, self._home_share))
        angle_deg = angles_deg(homes[:, :-1], up)
        left = (angle_deg > self._least_threshold_deg).nonzero()[0]
        angle_deg = angle_deg[: left[0]] if len(left) else angle_deg
        count = len(angle_deg)
        low = (angle_deg < 0.25 * self._least_threshold_deg).nonzero()[0]
        if len(low):
            self._low_s = time_s.item(low[-1])
        if count:
            x, y, z = homes[:, count].tolist()
            self.home, self.angle_deg = (x, y, z), angle_deg.item(-1)
            self._home_s += count * self._tick_s
        taken: list[float] = angle_deg.tolist()
        return taken

    def _at_home(self, time_s: float, up: Vector, still: bool) -> None:
        signed = self.angle_deg
        if self._returning:
            # home is where the return ends, also when that is short of the old home or beyond it
            if signed < -self._p.overshoot_share * self.peak_deg:
                self._returning = False
                return
            if signed < self._minimum_deg:
                self._minimum_deg, self._minimum_home = signed, up
            if still or signed - self._minimum_deg > 0.4 * self.threshold_deg:
                self._returning = False
                self.home = up if still else self._minimum_home
                self._low_s = time_s
                self.angle_deg = tilt(self.home, up)[0]
            return
        self._home_s += self._tick_s
        threshold = self._least_threshold_deg if self.usual_deg is None else self.threshold_deg
        if signed < 0.0:
            # beyond home on the other side: home moves there at once
            self.home = up
            self._low_s = time_s
            return
        if signed < 0.25 * threshold:
            self._low_s = time_s
        if signed > threshold:
            self.out, self.turned, self._home_s = True, False, 0.0
            self.start_s = self._low_s if self._low_s is not None and time_s - self._low_s < 4.0 else time_s
            self.peak_deg, self._turn_s, self._far = signed, time_s, up
            self._trough_deg, self._trough_up = signed, up
            return
        self.home = blend(self.home, up, self._still_share if still else self._home_share)

    def _outward(self, time_s: float, up: Vector, off_axis: float, still: bool) -> Excursion | None:
        signed, p = self.angle_deg, self._p
        if signed > self.peak_deg:
            self.peak_deg, self._turn_s, self._far = signed, time_s, up
            self._trough_deg, self._trough_up = signed, up
            return None
        peak = self.peak_deg
        if signed < self._trough_deg:
            self._trough_deg, self._trough_up = signed, up
        if not self.turned and signed < peak - max(p.turn_drop_deg, p.turn_drop_share * peak):
            self.turned = True
        if p.swings:
            return self._dwells(time_s, still)
        stalled = still and signed < p.stall_share * peak
        back = signed < p.return_share * peak or stalled or self._reverses_near_home()
        if back and off_axis < max(p.off_axis_deg, p.off_axis_share * peak):
            return self._complete(time_s)
        return None

    def _dwells(self, time_s: float, still: bool) -> Excursion | None:
        near = self.angle_deg < self._p.return_share * self.peak_deg
        self._near_s = self._near_s + self._tick_s if near else 0.0
        stalled = still and self.angle_deg < self._p.stall_share * self.peak_deg
        return self._complete(time_s) if stalled or self._near_s >= self._p.dwell_s else None

    def _reverses_near_home(self) -> bool:
        p, peak, trough = self._p, self.peak_deg, self._trough_deg
        if trough >= p.reversal_share * peak:
            return False
        return self.angle_deg - trough > max(p.reversal_deg, p.reversal_rise_share * peak)

    def cut_short(self, time_s: float, share: float) -> Excursion | None:
        """The stream ends: give the excursion under way when it is on its way back, below ``share`` of its peak."""
        if not (self.out and self.turned and self.angle_deg < share * self.peak_deg):
            return None
        return self._complete(time_s)

    def _complete(self, time_s: float) -> Excursion:
        signed = self.angle_deg
        axis = self._axis_to(self._far)
        speed = max(1.0, (self._previous_deg - signed) / self._tick_s)
        ahead = min(0.5, 2.0 * max(0.0, signed) / speed)
        excursion = Excursion(
            start_s=self.start_s,
            turn_s=self._turn_s,
            end_s=time_s + ahead,
            peak_deg=self.peak_deg,
            axis=axis,
            home=self.home,
            far=self._far,
        )
        self.out, self._near_s = False, 0.0
        self._returning, self._return_axis = True, axis
        self._minimum_deg, self._minimum_home = self._trough_deg, self._trough_up
        return excursion

    def _axis_to(self, far: Vector) -> Vector:
        _, cross = tilt(self.home, far)
        norm = sqrt(cross[0] ** 2 + cross[1] ** 2 + cross[2] ** 2) or 1.0
        return cross[0] / norm, cross[1] / norm, cross[2] / norm

    def forget(self) -> None:
        """A new set may be another movement: unlearn the axis and the usual range."""
        self.axis = self.usual_deg = None

    def rehome(self, up: Vector) -> None:
        """Forget an excursion under way and take this pose as home."""
        self.home, self.out, self.turned, self._returning = up, False, False, False
        self.angle_deg = 0.0
        self._low_s = None


def blend(old: Vector, new: Vector, share: float) -> Vector:
    """Move a unit vector by ``share`` of the way to another."""
    x = old[0] + share * (new[0] - old[0])
    y = old[1] + share * (new[1] - old[1])
    z = old[2] + share * (new[2] - old[2])
    norm = sqrt(x * x + y * y + z * z)
    return x / norm, y / norm, z / norm
