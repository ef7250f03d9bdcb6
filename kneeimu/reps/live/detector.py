"""Out and back of the segment, seen by gravity alone: needs no calibration and no known mounting.

The tilt of the segment against a *home* pose is followed as a signed angle about the axis learned from the reps
before (unsigned until then). The threshold scales with the movement itself, so small reps are reps too.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import acos, asin, sqrt
from typing import NamedTuple

from kneeimu.reps.excursion import Excursion, ExcursionParameters
from kneeimu.reps.vectors import DEG_PER_RAD, Vector, across, aside_deg, tilt

DEG_PER_HALF_RAD = 2.0 * DEG_PER_RAD
NEAREST, NEAR = 4e-16, 1e-3
"""Between these squares of a chord (up to 1.8 deg) the angle comes from its sine, by ``SECOND_DEG`` and ``FOURTH_DEG``
to eleven places; nearer, it has no sign."""
SECOND_DEG, FOURTH_DEG = DEG_PER_RAD / 6.0, DEG_PER_RAD / 30.0
"""An angle is its sine times 1 + c² / 6 + c⁴ / 30 + ..., with c its chord."""
LOW_SHARE = 0.25
"""Below this share of the angle at which an excursion begins it has not yet begun."""
STILL_HOME_TAU_S = 0.7
"""Time constant with which home follows while the segment is still, s."""


class Poses(NamedTuple):
    """Ticks as the detector needs them: times, unit vectors up, and whether the segment is still."""

    time_s: Sequence[float]
    up: Sequence[Vector]
    still: Sequence[bool]


HALT_S = 2.0
"""Who halts on the way back goes on within this; later it is another pose to start from."""
HALT_SHARE, HALT_DEG = 0.75, 2.5
"""What is left of the way matters where it is more than this share of the smallest rep, and than this. Engineering
choices."""
ASIDE_SHARE, ASIDE_DEG, ACROSS = 1.5, 15.0, 0.5
"""What leads away from home by more than this multiple of the smallest rep, and than this, and by less than this share
of it along the axis of a few reps before, is a movement of its own: those may have been none. Engineering choices."""


class ExcursionDetector:
    """Follows one home pose. Call ``step`` every tick; it gives an excursion when the segment has come back.

    Attributes:
        angle_deg: the signed angle from home at this tick.
        out: an excursion is under way.
        turned: it has passed its far end.
        turn: where the last ``follow`` saw that: index of the tick, and the angle of the far end.
        aside_deg: how far the segment is off the axis of the reps before, while it is out.
        doubted: these were few, and may have been none: what goes another way is seen as well.
        other_way: the present excursion goes the other way round than these.
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
        self.doubted = self.other_way = False
        self._rested: tuple[float, Vector] | None = None
        self.turn: tuple[int, float] | None = None
        self.peak_deg = 0.0
        self.start_s = 0.0
        self._turn_s = 0.0
        self._far: Vector = home
        self._low_s: float | None = None
        self._home_ticks, self._rested_ticks = 0, round(parameters.rested_s / tick_s)
        self._returning = False
        self._return_axis: Vector | None = None
        self._halted_ticks = 0
        self._minimum_deg = 0.0
        self._minimum_home: Vector = home
        self._trough_deg = 0.0
        self._trough_up: Vector = home
        self._previous_deg = 0.0
        self._near_s = 0.0
        self._least_threshold_deg = 0.0
        self.be_keen(False)
        self._still_share = tick_s / STILL_HOME_TAU_S
        self._home_share = tick_s / parameters.home_tau_s

    def be_keen(self, keen: bool) -> None:
        """Look for smaller movements, too: the way and the home of the reps are known."""
        p = self._p
        usual_deg = p.least_share * p.floor_deg
        keen_deg = max(p.keen_share * p.floor_deg, min(usual_deg, p.keen_deg))
        self._least_threshold_deg = keen_deg if keen else usual_deg

    @property
    def threshold_deg(self) -> float:
        """Angle from home at which an excursion begins."""
        usual = self.usual_deg
        if usual is None or self._home_ticks >= self._rested_ticks:
            return self._least_threshold_deg
        return max(self._least_threshold_deg, self._p.start_share * usual)

    def step(self, time_s: float, up: Vector, still: bool) -> Excursion | None:
        """Take one tick."""
        return self.follow(Poses((time_s,), (up,), (still,)), range(1), array("d"))

    def follow(self, poses: Poses, ticks: range, angle_deg: array[float]) -> Excursion | None:
        """Take ticks one after the other, but none after one on which an excursion begins or ends.

        Neither after one on which it passes its turn, if it is smaller than any that counts.

        Args:
            ticks: indices of the poses that may be taken.
            angle_deg: the angle from home at each tick that was taken is added to it.
        """
        self.turn = None
        if self.out:
            return self._follow_out(poses, ticks, angle_deg)
        if self._returning:
            ticks = self._follow_return(poses, ticks, angle_deg)
        self._follow_home(poses, ticks, angle_deg)
        return None

    def _follow_home(self, poses: Poses, ticks: range, angle_deg: array[float]) -> None:
        """Let home follow the segment until it has left."""
        time_s, up, still = poses
        hx, hy, hz = self.home
        axis = None if self._p.swings else self.axis
        ax, ay, az = axis or (0.0, 0.0, 0.0)
        least_deg, rested_from = self._least_threshold_deg, ticks.start + self._rested_ticks - self._home_ticks - 1
        still_share, home_share = self._still_share, self._home_share
        # midway between unit vectors it is shorter by this; what is of higher order is made up for by the next step
        still_gain, home_gain = (0.5 * share * (1.0 - share) for share in (still_share, home_share))
        threshold, signed, low, leaves = self.threshold_deg, self.angle_deg, -1, False
        low_deg = LOW_SHARE * threshold
        doubted = self.doubted and axis is not None
        across_deg = max(ASIDE_DEG, ASIDE_SHARE * self._p.floor_deg) if doubted else 360.0
        self._home_ticks += len(ticks)
        self.other_way = False
        for at in ticks:
            if at == rested_from:
                threshold, low_deg = least_deg, LOW_SHARE * least_deg
            x, y, z = up[at]
            # by the chord, which home is moved along as well: this runs for every tick of a rest
            dx, dy, dz = x - hx, y - hy, z - hz
            square = dx * dx + dy * dy + dz * dz
            if axis is None or not NEAREST < square < 4.0:
                half = 0.5 * sqrt(square)
                signed = asin(half) * DEG_PER_HALF_RAD if half < 1.0 else 180.0
            else:
                along = ax * (hy * dz - hz * dy) + ay * (hz * dx - hx * dz) + az * (hx * dy - hy * dx)
                if square < NEAR:
                    signed = along * (DEG_PER_RAD + square * (SECOND_DEG + square * FOURTH_DEG))
                else:
                    whole = asin(0.5 * sqrt(square)) * DEG_PER_HALF_RAD
                    signed = whole * along / sqrt(square - 0.25 * square * square)
                    if whole > across_deg and abs(signed) < ACROSS * whole:
                        # it goes another way than the reps before, which may have been none
                        self.axis, signed, leaves = None, whole, True
                        angle_deg.append(signed)
                        break
            angle_deg.append(signed)
            if doubted:
                if still[at]:
                    self._rested = time_s[at], up[at]
                elif signed < 0.0 and self._rested is not None:
                    rested_s, rested = self._rested
                    if (opposite := tilt(rested, up[at])[0]) > across_deg:
                        # it goes as far from rest, the other way round than the reps before, which may have been none
                        (hx, hy, hz), self.axis, signed, leaves = rested, None, opposite, True
                        self._low_s, low, angle_deg[-1], self.other_way = rested_s, -1, signed, True
                        break
            if signed < 0.0:
                # beyond home on the other side: home moves there at once
                hx, hy, hz = x, y, z
                low = at
                continue
            if signed < low_deg:
                low = at
            elif signed > threshold:
                leaves = True
                break
            if still[at]:
                share, longer = still_share, 1.0 + still_gain * square
            else:
                share, longer = home_share, 1.0 + home_gain * square
            hx, hy, hz = (hx + share * dx) * longer, (hy + share * dy) * longer, (hz + share * dz) * longer
        if low >= 0:
            self._low_s = time_s[low]
        self.home, self.angle_deg = (hx, hy, hz), signed
        if leaves:
            self._go_out(time_s[at], up[at], signed)

    def _go_out(self, time_s: float, up: Vector, signed: float) -> None:
        x, y, z = self.home
        # what the following left of its length would show in the chords of large angles
        length = sqrt(x * x + y * y + z * z)
        self.home = x / length, y / length, z / length
        self.out, self.turned, self._home_ticks, self._rested = True, False, 0, None
        low_s = self._low_s
        self.start_s = low_s if low_s is not None and time_s - low_s < 4.0 else time_s
        self.peak_deg, self._turn_s, self._far = signed, time_s, up
        self._trough_deg, self._trough_up = signed, up

    def set_out(self, time_s: float, up: Vector, since_s: float) -> None:
        """An excursion has been under way since then, seen from another home so far."""
        self.angle_deg, _ = tilt(self.home, up)
        self._go_out(time_s, up, self.angle_deg)
        self.start_s = since_s

    def _follow_return(self, poses: Poses, ticks: range, angle_deg: array[float]) -> range:
        """Home is where the return ends, also when that is short of the old home or beyond it; give what is left."""
        time_s, up, still = poses
        axis = None if self._p.swings else self._return_axis
        most_rise_deg, least_deg = 0.4 * self.threshold_deg, -self._p.overshoot_share * self.peak_deg
        halted_deg = max(HALT_SHARE * self._p.floor_deg, HALT_DEG, self._p.return_share * self.peak_deg)
        hx, hy, hz = self.home
        wx, wy, wz = across(axis, self.home)
        for at in ticks:
            x, y, z = up[at]
            cosine = x * hx + y * hy + z * hz
            if -1.0 < cosine < 1.0:
                signed = acos(cosine) * DEG_PER_RAD
                if axis is not None:
                    signed *= (x * wx + y * wy + z * wz) / sqrt(1.0 - cosine * cosine)
            else:
                signed = 0.0 if cosine > 0.0 else 180.0
            self.angle_deg = signed
            if signed < least_deg:
                self._returning = False
            else:
                if signed < self._minimum_deg:
                    self._minimum_deg, self._minimum_home = signed, up[at]
                if still[at] and signed > halted_deg:
                    self._halted_ticks += 1
                ends = still[at] and self._may_end_here(signed, halted_deg)
                if ends or signed - self._minimum_deg > most_rise_deg:
                    self._returning = False
                    self.home = up[at] if still[at] else self._minimum_home
                    self._low_s = time_s[at]
                    self.angle_deg = tilt(self.home, up[at])[0]
            angle_deg.append(self.angle_deg)
            if not self._returning:
                return range(at + 1, ticks.stop)
        return range(ticks.stop, ticks.stop)

    def _may_end_here(self, signed: float, halted_deg: float) -> bool:
        """A first return that halts on the way may go on; later ones are known by their axis if they do."""
        return self.axis is not None or signed <= halted_deg or self._halted_ticks * self._tick_s > HALT_S

    def _follow_out(self, poses: Poses, ticks: range, angle_deg: array[float]) -> Excursion | None:
        time_s, up, still = poses
        p, peak, trough, turned = self._p, self.peak_deg, self._trough_deg, self.turned
        hx, hy, hz = self.home
        axis = None if p.swings else self.axis
        wx, wy, wz = across(axis, self.home)
        back_share = max(p.return_share, p.stall_share, p.reversal_share)
        angle, along, signed, back = 0.0, 1.0, self.angle_deg, False
        peak_at = trough_at = -1
        for at in ticks:
            previous = signed
            # away from home the cosine tells as much as the chord, and sooner: this runs for every tick of a movement
            x, y, z = up[at]
            cosine = x * hx + y * hy + z * hz
            if -1.0 < cosine < 1.0:
                signed = angle = acos(cosine) * DEG_PER_RAD
                if axis is not None:
                    along = (x * wx + y * wy + z * wz) / sqrt(1.0 - cosine * cosine)
                    signed *= along
            else:
                signed = angle = 0.0 if cosine > 0.0 else 180.0
            angle_deg.append(signed)
            if signed > peak:
                peak = trough = signed
                peak_at = trough_at = at
                continue
            if signed < trough:
                trough, trough_at = signed, at
            if trough < back_share * peak and self._is_near_home(signed, peak, trough, still[at]):
                back = p.swings or aside_deg(angle, along) < max(p.off_axis_deg, p.off_axis_share * peak)
                if back:
                    break
            if not turned and signed < peak - max(p.turn_drop_deg, p.turn_drop_share * peak):
                self.turned = turned = True
                if peak < p.floor_deg:
                    break
                self.turn = at, peak
        if peak_at >= 0:
            self._turn_s, self._far = time_s[peak_at], up[peak_at]
        if trough_at >= 0:
            self._trough_up = up[trough_at]
        self.peak_deg, self._trough_deg = peak, trough
        self._previous_deg, self.angle_deg, self.aside_deg = previous, signed, aside_deg(angle, along)
        return self._complete(time_s[at]) if back else None

    def _is_near_home(self, signed: float, peak: float, trough: float, still: bool) -> bool:
        """Is it back, in its angle at least?"""
        p = self._p
        stalled = still and signed < p.stall_share * peak
        near = signed < p.return_share * peak
        if p.swings:
            self._near_s = self._near_s + self._tick_s if near else 0.0
            return stalled or self._near_s >= p.dwell_s
        if near or stalled:
            return True
        return trough < p.reversal_share * peak and signed - trough > max(p.reversal_deg, p.reversal_rise_share * peak)

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
        self._returning, self._return_axis, self._halted_ticks = True, axis, 0
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
