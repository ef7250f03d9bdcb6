"""Lunges with a step: out, down, and pushed back again."""

from __future__ import annotations

from firmware_sim.movements import inwards, with_strays
from firmware_sim.person import RepOrder
from firmware_sim.stage import Stage
from firmware_sim.stepping import Stepper
from firmware_sim.strokes import Tempo
from firmware_sim.timeline import RepMark, Stroke

STRIDE_M = 0.42
"""Length of the step against the length of the leg, times two."""
DEEP_M = 0.40
"""How far the pelvis sinks for a bend of 90 deg, against the length of the leg."""
FORWARD = 0.13
"""How far the weight goes onto the front foot at the bottom, share of the step."""
LANDING = 0.35
"""Share of the depth at which the foot lands, and leaves again."""


def step_out_and_back(stage: Stage, orders: list[RepOrder]) -> list[RepMark]:
    """Do one set with the instrumented leg in front; give its reps."""
    stepper = Stepper(stage)
    marks = []
    for order in orders:
        marks.append(_lunge(stage, stepper, order))
        stepper.wait(order.tempo.pause_s * float(stage.rng.uniform(0.5, 1.5)))
    stepper.finish()
    return marks


def _lunge(stage: Stage, stepper: Stepper, order: RepOrder) -> RepMark:
    timeline, body, rng = stage.timeline, stage.person.body, stage.rng
    tempo: Tempo = order.tempo
    leg_m = body.thigh_m + body.shank_m
    deep_m = DEEP_M * leg_m * order.range_deg / 90.0
    stride_m = min(
        2.0 * STRIDE_M * leg_m * float(rng.uniform(0.92, 1.05)), 1.9 * stepper.longest_step_m(-LANDING * deep_m)
    )
    swing_s = min(0.7, 0.45 * tempo.out_s)
    strike = stage.person.strike_m_s2 * float(rng.uniform(0.3, 0.8))
    start_s = stepper.now
    stepper.rise(-LANDING * deep_m, swing_s)
    stepper.step(True, stride_m, 0.0, swing_s, 0.08, strike)
    lands_s = stepper.now
    stepper.rise(-deep_m, tempo.out_s - swing_s)
    stepper.shift(FORWARD * stride_m, tempo.out_s - swing_s)
    stepper.wait(tempo.out_s - swing_s)
    far_s = stepper.now
    stepper.wait(tempo.hold_s)
    turn_s = stepper.now
    push_s = 0.5 * tempo.return_s
    stepper.rise(-LANDING * deep_m, push_s)
    stepper.shift(0.0, push_s)
    stepper.wait(push_s)
    leaves_s = stepper.now
    stepper.rise(0.0, tempo.return_s - push_s)
    stepper.step(True, -stride_m, 0.0, tempo.return_s - push_s, 0.06, 0.6 * strike)
    knee = Stroke(((far_s - start_s, 1.0, 0.0, 0.0), (stepper.now - start_s, 0.0, 0.0, 0.0)))
    ways = with_strays(inwards(order, stage.person), order)
    changes = {name: timeline.pose(name) + way for name, way in ways.items()}
    timeline.follow(knee, changes, start_s)
    begin_s = timeline.now
    return RepMark(
        timeline.set_number,
        begin_s + start_s,
        begin_s + far_s,
        begin_s + turn_s,
        begin_s + stepper.now,
        faults=order.faults,
        stands_s=(begin_s + lands_s, begin_s + leaves_s),
    )
