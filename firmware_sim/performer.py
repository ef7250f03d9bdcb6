"""Plays a scenario: postures, activities and sets, written to a timeline."""

from __future__ import annotations

import numpy as np

from firmware_sim.form_faults import with_faults
from firmware_sim.jet import FloatArray, Jet
from firmware_sim.lunges import step_out_and_back
from firmware_sim.movements import POSTURES, Movement, Pose, movement_of, with_strays
from firmware_sim.person import Person, RepOrder, order_reps
from firmware_sim.scenario import Scenario
from firmware_sim.stage import Stage
from firmware_sim.strokes import ShapedRep, Style, shape_rep
from firmware_sim.timeline import Overlay, RepMark, Timeline
from firmware_sim.track import Track, Wander, window
from firmware_sim.walks import perform_steps

FAST = 0.38
"""Share of the usual time, hold left out, that a hurried rep takes."""

POSE_CHANNELS = (
    "roll", "pitch", "clam", "lean", "thigh_flexion", "thigh_adduction", "thigh_rotation", "shank_flexion",
    "shank_adduction", "shank_rotation",
)  # fmt: skip
_TRAVEL_S = {
    frozenset({"standing"}): 1.2,
    frozenset({"seated"}): 1.2,
    frozenset({"lying"}): 2.2,
    frozenset({"standing", "seated"}): 2.0,
    frozenset({"standing", "lying"}): 5.0,
    frozenset({"seated", "lying"}): 3.5,
}


class Performer(Stage):
    """The person on stage: knows the posture they are in."""

    def __init__(self, timeline: Timeline, person: Person, rng: np.random.Generator) -> None:
        super().__init__(timeline, person, rng)
        self.posture = "standing"
        for name, value in self.pose_of("standing").items():
            timeline.tracks[name] = Track(value)

    def pose_of(self, posture: str) -> dict[str, float]:
        """Give the whole pose of a posture, as this person takes it."""
        pose = dict.fromkeys(POSE_CHANNELS, 0.0) | POSTURES[posture].pose
        if posture == "standing":
            pose |= dict(
                zip(
                    ("thigh_flexion", "thigh_adduction", "shank_flexion", "shank_adduction"),
                    self.person.stance,
                    strict=True,
                )
            )
        return pose

    def go_to(self, posture: str) -> None:
        """Change posture; takes a moment."""
        if posture == self.posture:
            return
        timeline, old, new = self.timeline, POSTURES[self.posture], POSTURES[posture]
        start_s = timeline.now
        duration_s = _TRAVEL_S[frozenset({old.kind, new.kind})] * float(self.rng.uniform(0.8, 1.4))
        if {old.kind, new.kind} == {"standing", "lying"}:
            self._change("seated", 0.4 * duration_s)
            timeline.wait(float(self.rng.uniform(0.3, 1.0)))
            duration_s *= 0.6
        self._change(posture, duration_s)
        timeline.wait(float(self.rng.uniform(0.4, 1.2)))
        name = {"standing": "get-up", "seated": "sit-down", "lying": "lie-down"}[new.kind]
        timeline.span(name if old.kind != new.kind else "change-pose", start_s)

    def _change(self, posture: str, duration_s: float) -> None:
        timeline, new = self.timeline, POSTURES[posture]
        timeline.set_sway(new.sway)
        old = POSTURES[self.posture]
        if {old.kind, new.kind} == {"standing", "seated"}:
            self._lean_ahead(duration_s)
        lower_m = new.height_m - old.height_m
        timeline.move(duration_s, **self.pose_of(posture), y=timeline.pose("y") + lower_m)
        if new.kind != old.kind and new.kind != "standing":
            timeline.strike(float(self.rng.uniform(0.5, 4.0)))
        timeline.wait(0.1)
        timeline.anchor(new.anchor)
        timeline.wait(0.3)
        self.posture = posture

    def _lean_ahead(self, duration_s: float) -> None:
        """Let the shank lean over the foot on the way down to a chair or up from it."""
        lean_deg, peak_s = -float(self.rng.uniform(5.0, 18.0)), float(self.rng.uniform(0.4, 0.6)) * duration_s
        bump = Track()
        bump.to(peak_s, lean_deg)
        bump.to(duration_s, 0.0)
        self.timeline.overlay(duration_s, lambda time_s: {"shank_flexion": bump.at(time_s)})

    def perform_set(self, scenario: Scenario, first: int) -> None:
        """Do one set of reps; ``first`` is the number of the first over the recording."""
        movement = movement_of(scenario)
        timeline = self.timeline
        timeline.set_number += 1
        self.go_to(movement.posture)
        start_s = timeline.now
        timeline.set_sway(movement.sway)
        timeline.wait(float(self.rng.uniform(0.3, 1.5)))
        orders = order_reps(scenario, self.person, movement.range_deg, movement.tempo, movement.lifted, first, self.rng)
        self.perform_orders(scenario, orders)
        timeline.set_sway(POSTURES[movement.posture].sway)
        timeline.span("set", start_s)

    def perform_orders(self, scenario: Scenario, orders: list[RepOrder], record: bool = True) -> None:
        """Do these reps one after the other; reps that are not recorded are kept as references."""
        if not orders:
            return
        movement = movement_of(scenario)
        fast_s = FAST * (movement.tempo.out_s + movement.tempo.return_s)
        orders = [with_faults(order, scenario.exercise, fast_s) for order in orders]
        marks = self.timeline.reps if record else self.timeline.references
        if scenario.exercise.endswith("-walk"):
            marks += perform_steps(self, scenario, orders)
        elif scenario.manner == "stepping" and not scenario.resting_leg:
            marks += step_out_and_back(self, orders)
        else:
            moving = not scenario.resting_leg
            hover = self.person.hover if movement.hovers and moving else 0.0
            lowered = self._lift(movement, orders, hover, moving)
            for order in orders:
                mark = self.perform_rep(movement, order, moving, 1.0 - hover)
                marks += [mark] if mark else []
                self._pause(order, scenario.variation)
            self._lower(lowered)

    def _lift(self, movement: Movement, orders: list[RepOrder], hover: float, moving: bool) -> Pose:
        """Lift a limb to where it hovers between the reps; give the pose it came from."""
        self.timeline.set_effort(1.0 if movement.lifted and moving else 0.0)
        if not hover:
            return {}
        timeline = self.timeline
        changes = movement.far(orders[0], self.person)
        home = {name: timeline.pose(name) for name in changes}
        timeline.move(float(self.rng.uniform(0.6, 1.2)), **{n: home[n] + hover * way for n, way in changes.items()})
        timeline.wait(float(self.rng.uniform(0.3, 1.0)))
        return home

    def _lower(self, home: Pose) -> None:
        """Put the limb down again."""
        if home:
            self.timeline.move(float(self.rng.uniform(0.6, 1.2)), **home)
        self.timeline.set_effort(0.0)

    def perform_rep(
        self, movement: Movement, order: RepOrder, moving: bool = True, way_share: float = 1.0
    ) -> RepMark | None:
        """Do one rep; a leg that is not ``moving`` is only moved along a little, while the other one does it.

        Args:
            way_share: what is left of the way, for a limb that hovers.
        """
        timeline, person, rng = self.timeline, self.person, self.rng
        style = Style() if order.faults else person.style  # a habit must not hide the fault
        shaped = shape_rep(order.tempo, style, rng)
        changes = with_strays(movement.far(order, person), order)
        share = way_share if moving else float(rng.uniform(-0.03, 0.05))
        bent = shaped.stroke.bent(person.valgus_timing)
        for name, way in changes.items():
            stroke = bent if name in _ASIDE and movement.sagittal else shaped.stroke
            timeline.follow(stroke, {name: timeline.pose(name) + share * way})
        if order.wobble_deg:
            timeline.overlay(
                shaped.turn_s - shaped.far_s + 0.6, _wobble(order.wobble_deg, shaped, rng), shaped.far_s - 0.3
            )
        if movement.kneaded and moving:
            timeline.overlay(max(1.0, shaped.turn_s - shaped.far_s), _kneading(shaped, rng), shaped.far_s)
        mark = shaped.mark(timeline.set_number, timeline.now, order.faults)
        timeline.wait(shaped.stroke.duration_s)
        return mark if moving else None

    def _pause(self, order: RepOrder, variation: float) -> None:
        """Wait for the next rep; now and then to breathe, or to find a better stand."""
        timeline, rng = self.timeline, self.rng
        timeline.wait(order.tempo.pause_s * float(rng.uniform(0.5, 1.5)))
        chance = rng.random() if variation else 1.0
        if chance < 0.03:
            timeline.wait(float(rng.uniform(1.5, 4.0)))
        elif chance < 0.06:
            names = ("thigh_flexion", "shank_flexion", "thigh_rotation", "shank_rotation")
            timeline.move(
                float(rng.uniform(0.3, 0.8)), **{n: timeline.pose(n) + float(rng.normal(0.0, 1.5)) for n in names}
            )
            timeline.wait(float(rng.uniform(0.2, 1.0)))


_ASIDE = frozenset({"thigh_adduction", "thigh_rotation", "shank_adduction", "shank_rotation"})


def _wobble(size_deg: float, shaped: ShapedRep, rng: np.random.Generator) -> Overlay:
    """Let the knee tremble from side to side at the far end."""
    frequency_hz = float(rng.uniform(1.8, 3.0))
    duration_s = shaped.turn_s - shaped.far_s + 0.6

    def motion(time_s: FloatArray) -> dict[str, Jet]:
        swing = (Jet.clock(time_s) * (2.0 * np.pi * frequency_hz)).sin()
        swing = swing * window(time_s, 0.0, duration_s, 0.3) * size_deg
        return {"thigh_adduction": swing, "shank_adduction": -swing}

    return motion


def _kneading(shaped: ShapedRep, rng: np.random.Generator) -> Overlay:
    """Let the limb be rolled to and fro while it is held."""
    frequency_hz, size_deg = float(rng.uniform(0.25, 0.8)), float(rng.uniform(1.0, 4.0))
    duration_s = max(1.0, shaped.turn_s - shaped.far_s)
    pace, pressure = Wander(rng, (0.03, 0.3), 6), Wander(rng, (0.05, 0.5), 6)

    def motion(time_s: FloatArray) -> dict[str, Jet]:
        phase = Jet.clock(time_s) * (2.0 * np.pi * frequency_hz) + pace.at(time_s) * 1.5
        on = window(time_s, 0.0, duration_s, 1.0) * size_deg
        rolling = phase.sin() * on
        return {
            "thigh_flexion": rolling,
            "shank_flexion": rolling * 0.6,
            "thigh_rotation": on * pressure.at(time_s),
            "thigh_adduction": rolling * 0.3,
        }

    return motion
