"""What the trainer asks for before the exercise: standing still, guided movements, reference reps."""

from __future__ import annotations

import dataclasses

from firmware_sim.movements import MOVEMENTS, POSTURES, movement_of
from firmware_sim.performer import Performer
from firmware_sim.person import RepOrder, order_reps
from firmware_sim.scenario import Scenario
from firmware_sim.strokes import Style, Tempo, shape_rep

MOVES = 5
STILL_S = 4.0
SLOW = Tempo(1.3, 0.15, 1.3, 0.6)


def align(performer: Performer, scenario: Scenario) -> None:
    """Stand still; then make the guided movements of the scenario, lift the leg sideways once, and stand again."""
    if scenario.alignment == "none":
        return
    timeline = performer.timeline
    performer.go_to("standing")
    start_s = timeline.now
    timeline.set_sway(0.7)
    timeline.wait(STILL_S + 0.5)
    timeline.span("stand-still", start_s)
    if scenario.alignment != "still":
        start_s = timeline.now
        stray = scenario.alignment_valgus_deg
        if scenario.alignment == "squats":
            for number in range(1, MOVES + 1):
                performer.perform_rep(MOVEMENTS["squat"], RepOrder(number, SLOW, 65.0, stray, 0.0, 0.5))
                timeline.wait(SLOW.pause_s)
        elif scenario.mount == "shin":
            _swing_shank(performer, stray)
        else:
            _raise_knee(performer, stray)
        _lift_sideways(performer)
        timeline.wait(2.0)
        timeline.span("guided-movements", start_s)
    timeline.set_sway(1.0)


def _raise_knee(performer: Performer, stray_deg: float) -> None:
    """Raise the thigh with the shin hanging, a hand on the wall."""
    timeline = performer.timeline
    timeline.anchor("hip")
    timeline.wait(0.5)
    for _ in range(MOVES):
        home = {name: timeline.pose(name) for name in ("thigh_flexion", "shank_flexion", "thigh_adduction")}
        there = {
            "thigh_flexion": home["thigh_flexion"] + float(performer.rng.normal(50.0, 3.0)),
            "shank_flexion": home["shank_flexion"] - 8.0,
            "thigh_adduction": home["thigh_adduction"] + stray_deg,
        }
        _out_and_back(performer, there)
    timeline.wait(0.2)


def _swing_shank(performer: Performer, stray_deg: float) -> None:
    """Hold the thigh half raised, with the shin hanging, and straighten the knee."""
    timeline = performer.timeline
    timeline.anchor("hip")
    timeline.wait(0.5)
    hanging = {name: timeline.pose(name) for name in ("thigh_flexion", "shank_flexion", "shank_adduction")}
    timeline.move(1.0, thigh_flexion=hanging["thigh_flexion"] + 35.0)
    timeline.wait(0.5)
    for _ in range(MOVES):
        there = {
            "shank_flexion": hanging["shank_flexion"] + float(performer.rng.normal(35.0, 3.0)),
            "shank_adduction": hanging["shank_adduction"] + stray_deg,
        }
        _out_and_back(performer, there)
    timeline.move(1.0, thigh_flexion=hanging["thigh_flexion"])
    timeline.wait(0.2)


def _lift_sideways(performer: Performer) -> None:
    """Lift the straight leg to the side, once."""
    timeline = performer.timeline
    timeline.anchor("hip")
    timeline.wait(0.5)
    names = ("thigh_adduction", "shank_adduction")
    _out_and_back(performer, {name: timeline.pose(name) - 25.0 for name in names})
    timeline.anchor("ankle")
    timeline.wait(0.3)


def _out_and_back(performer: Performer, there: dict[str, float]) -> None:
    shaped = shape_rep(SLOW, Style(), performer.rng)
    performer.timeline.follow(shaped.stroke, there)
    performer.timeline.wait(shaped.stroke.duration_s + SLOW.pause_s)


def show_reference(performer: Performer, scenario: Scenario) -> None:
    """Do the coached reps that later ones are held against; clean, and apart from the count."""
    if scenario.reference_reps <= 0:
        return
    movement = movement_of(scenario)
    timeline = performer.timeline
    performer.go_to(movement.posture)
    start_s = timeline.now
    timeline.set_sway(movement.sway)
    timeline.wait(1.0)
    coached = dataclasses.replace(
        scenario, reps=scenario.reference_reps, faults={}, valgus_deg=(0.0,), inward_rotation_deg=(0.0,), fatigue=0.0
    )
    orders = order_reps(
        coached, performer.person, movement.range_deg, movement.tempo, movement.lifted, 1, performer.rng
    )
    performer.perform_orders(coached, orders, record=False)
    timeline.set_sway(POSTURES[movement.posture].sway)
    timeline.wait(1.0)
    timeline.span("reference", start_s)
