"""Steps that someone plans: two feet, a pelvis between them, and a leg that reaches from one to the other.

A foot that stands stays exactly where it is; the leg's angles follow from the triangle of hip, knee and ankle.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, sqrt

import numpy as np

from firmware_sim.jet import FloatArray, Jet
from firmware_sim.stage import Stage
from firmware_sim.track import Track

LONGEST = 0.994
"""Share of the whole leg's length that a step is planned with: a knee that is never quite straight has a plane."""
LIMIT = 0.9995
"""The same for all that happens: where a sway and a wide step meet, the leg gets a little longer than planned."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A leg of two bones that reaches for the floor.

    Attributes:
        front_m, down_m, out_m: from hip to ankle in the pose at the start.
    """

    thigh_m: float
    shank_m: float
    front_m: float
    down_m: float
    out_m: float

    @classmethod
    def from_pose(cls, thigh_m: float, shank_m: float, thigh_deg: float, shank_deg: float, lean_deg: float) -> Reach:
        """Measure a pose."""
        thigh, shank, lean = radians(thigh_deg), radians(shank_deg), radians(lean_deg)
        in_plane = thigh_m * cos(thigh) + shank_m * cos(shank)
        front = thigh_m * sin(thigh) + shank_m * sin(shank)
        return cls(thigh_m, shank_m, front, in_plane * cos(lean), -in_plane * sin(lean))

    def angles(self, front: Jet, down: Jet, out: Jet) -> dict[str, Jet]:
        """Give lean, thigh and shank flexion, deg, for an ankle so far in front of, below and outside the hip."""
        in_plane = (down * down + out * out).sqrt()
        length = (front * front + in_plane * in_plane).sqrt()
        longest = LIMIT * (self.thigh_m + self.shank_m)
        if float(length.x.max()) > longest:
            raise ValueError(f"a leg of {longest:.2f} m can't reach {float(length.x.max()):.2f} m")
        a, b = self.thigh_m, self.shank_m
        square = length * length
        knee_inside = ((a * a + b * b - square) * (0.5 / (a * b))).arccos()
        at_hip = ((square + (a * a - b * b)) * length.inverse() * (0.5 / a)).arccos()
        thigh = (front * in_plane.inverse()).arctan() + at_hip
        shank = thigh + knee_inside - np.pi
        lean = -((out * down.inverse()).arctan())
        to_deg = 180.0 / np.pi
        return {"lean": lean * to_deg, "thigh_flexion": thigh * to_deg, "shank_flexion": shank * to_deg}


class Stepper:
    """Plans steps in local time and writes them to the timeline as one overlay."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        timeline, body = stage.timeline, stage.person.body
        self._home = {name: timeline.pose(name) for name in ("lean", "thigh_flexion", "shank_flexion")}
        self._reach = Reach.from_pose(
            body.thigh_m, body.shank_m, self._home["thigh_flexion"], self._home["shank_flexion"], self._home["lean"]
        )
        self.now = 0.0
        self._own = {axis: Track() for axis in "xyz"}
        self._other = {axis: Track() for axis in "xz"}
        self._pelvis = {axis: Track() for axis in "xyz"}
        self._strikes: list[tuple[float, float]] = []

    def longest_step_m(self, lift_m: float = 0.0) -> float:
        """How far apart from the pelvis a foot may be, sideways or ahead, without a straight knee."""
        reach = self._reach
        longest = 0.98 * LONGEST * (reach.thigh_m + reach.shank_m)
        down = reach.down_m + lift_m
        return sqrt(max(0.0, longest**2 - down**2)) - max(abs(reach.out_m), abs(reach.front_m))

    @property
    def stance_m(self) -> float:
        """How far out the ankle stands from under its hip."""
        return self._reach.out_m

    def room_above_m(self, step_m: float) -> float:
        """How far the pelvis may rise before a step to the side of this length straightens the knee."""
        reach = self._reach
        longest = 0.985 * LONGEST * (reach.thigh_m + reach.shank_m)
        aside = abs(reach.out_m) + 0.55 * abs(step_m)
        return max(0.0, sqrt(longest**2 - aside**2 - reach.front_m**2) - reach.down_m)

    def rise(self, height_m: float, over_s: float) -> None:
        """Raise (or lower) the pelvis to a height in the course of the next seconds."""
        self._send("y", height_m, over_s)

    def shift(self, ahead_m: float, over_s: float) -> None:
        """Bring the pelvis so far in front of the middle of both feet in the course of the next seconds."""
        self._send("x", 0.5 * (self._own["x"].value + self._other["x"].value) + ahead_m, over_s)

    def _send(self, axis: str, place_m: float, over_s: float) -> None:
        track = self._pelvis[axis]
        start_s = max(self.now, track.end_s)
        track.rest_until(start_s)
        track.to(start_s + over_s, place_m)

    def step(
        self,
        own: bool,
        dx_m: float,
        dz_m: float,
        swing_s: float,
        lift_m: float,
        strike_m_s2: float,
        sway_m: float = 0.0,
        follow_s: float = 0.0,
    ) -> None:
        """Move a foot, until it lands; the pelvis follows to the middle of both feet.

        Args:
            own: whether it is the foot of the instrumented leg.
            dx_m, dz_m: forward and outward (towards the instrumented leg's side).
            sway_m: how far the pelvis goes over the standing foot first.
            follow_s: how long the pelvis takes, when it is still on its way after the foot has landed.
        """
        foot = self._own if own else self._other
        lands_s = self.now + swing_s
        for axis, way in (("x", dx_m), ("z", dz_m)):
            if way:
                foot[axis].rest_until(self.now)
                foot[axis].to(lands_s, foot[axis].value + way)
        if own and lift_m:
            self._own["y"].rest_until(self.now)
            self._own["y"].to(self.now + 0.45 * swing_s, lift_m)
            self._own["y"].to(lands_s, 0.0)
        for axis in "xz":
            track = self._pelvis[axis]
            middle = 0.5 * (self._own[axis].value + self._other[axis].value)
            track.rest_until(self.now)
            if axis == "z" and sway_m:
                over = -sway_m if own else sway_m
                track.to(self.now + 0.4 * swing_s, track.value + over + 0.25 * (middle - track.value))
            track.to(max(lands_s, self.now + follow_s), middle)
        self._strikes.append((lands_s, strike_m_s2 if own else 0.3 * strike_m_s2))
        self.now = lands_s

    def wait(self, duration_s: float) -> None:
        """Stand."""
        self.now += duration_s

    def finish(self) -> None:
        """Write the steps to the timeline, and let the time go by."""
        timeline = self._stage.timeline
        duration_s = max([self.now, *(t.end_s for t in (*self._own.values(), *self._pelvis.values()))])
        yaw = radians(timeline.pose("yaw"))
        east, south = cos(yaw), -sin(yaw)
        reach, home, own, pelvis = self._reach, self._home, self._own, self._pelvis
        end = {axis: pelvis[axis].value for axis in "xyz"}
        carried = {axis: Track() for axis in "xyz"}
        for axis, track in carried.items():
            track.to(duration_s, end[axis])

        def motion(time_s: FloatArray) -> dict[str, Jet]:
            feet = {axis: own[axis].at(time_s) for axis in "xyz"}
            hip = {axis: pelvis[axis].at(time_s) for axis in "xyz"}
            angles = reach.angles(
                feet["x"] - hip["x"] + reach.front_m,
                hip["y"] - feet["y"] + reach.down_m,
                feet["z"] - hip["z"] + reach.out_m,
            )
            moved = {name: jet - home[name] for name, jet in angles.items()}
            rest = {axis: hip[axis] - carried[axis].at(time_s) for axis in "xyz"}
            moved["x"] = rest["x"] * east - rest["z"] * south
            moved["z"] = rest["z"] * east + rest["x"] * south
            moved["y"] = rest["y"]
            return moved

        timeline.overlay(duration_s, motion)
        for at_s, peak in self._strikes:
            timeline.strike(peak, at_s)
        timeline.move(
            duration_s,
            x=timeline.pose("x") + end["x"] * east - end["z"] * south,
            z=timeline.pose("z") + end["z"] * east + end["x"] * south,
            y=timeline.pose("y") + end["y"],
        )
