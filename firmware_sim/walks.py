"""Walks against a band: to the side, and diagonally ahead or back."""

from __future__ import annotations

from firmware_sim.person import RepOrder
from firmware_sim.scenario import Scenario
from firmware_sim.stage import Stage
from firmware_sim.stepping import Stepper
from firmware_sim.timeline import RepMark

SWING = (0.6, 0.85)
"""Share of a step's time in which the foot is in the air; the body follows more slowly, so that the leg in front goes
out fast and comes back slowly, and the leg behind the other way round."""


def plan_directions(scenario: Scenario) -> list[str]:
    """Give the direction of each step of the instrumented leg."""
    ways = ("right", "left") if scenario.exercise == "lateral-walk" else ("forward", "back")
    if scenario.direction in ways:
        return [scenario.direction] * scenario.reps
    first = (scenario.reps + 1) // 2
    return [ways[0]] * first + [ways[1]] * (scenario.reps - first)


def perform_steps(stage: Stage, scenario: Scenario, orders: list[RepOrder]) -> list[RepMark]:
    """Do one set of steps, and give them as reps of the instrumented leg."""
    marks: list[RepMark] = []
    directions = plan_directions(scenario)
    lateral = scenario.exercise == "lateral-walk"
    begin = 0
    while begin < len(orders):
        end = begin
        while end < len(orders) and directions[end] == directions[begin]:
            end += 1
        leg = orders[begin:end]
        if lateral:
            marks += _sideways(stage, leg, directions[begin], leads=directions[begin] == scenario.side)
        else:
            marks += _diagonally(stage, leg, directions[begin])
        stage.timeline.wait(float(stage.rng.uniform(0.8, 2.0)))
        begin = end
    return marks


def _sideways(stage: Stage, orders: list[RepOrder], direction: str, leads: bool) -> list[RepMark]:
    """Step to the side: one foot leaves, the other closes up.

    With "lost-tension" it closes up too far, and the next step makes up for it; with "standing-up" the hips rise.
    """
    stepper, rng = Stepper(stage), stage.rng
    outwards = 1.0 if leads else -1.0
    lift = float(rng.uniform(0.03, 0.07))
    longest = 1.3 * stepper.longest_step_m()
    swing = float(rng.uniform(*SWING))
    owed, marks = 0.0, []
    for order in orders:
        length = outwards * min(0.01 * order.range_deg, longest)
        closer = outwards * 1.3 * stepper.stance_m if "lost-tension" in order.faults else 0.0
        if "standing-up" in order.faults:
            length *= 0.6
            stepper.rise(stepper.room_above_m(length), order.tempo.out_s)
        strike = _strike(stage, order)
        sway = float(rng.uniform(0.0, 0.02))
        out_s, back_s = order.tempo.out_s, order.tempo.return_s
        times_s = [stepper.now]
        stepper.step(leads, 0.0, length + owed, swing * out_s, lift, strike, sway, out_s)
        times_s.append(stepper.now)
        stepper.wait((1.0 - swing) * out_s + order.tempo.hold_s)
        times_s.append(stepper.now)
        stepper.step(not leads, 0.0, length + closer, swing * back_s, lift, strike, sway, 1.1 * swing * back_s)
        stepper.wait((1.0 - swing) * back_s)
        times_s.append(stepper.now)
        owed = closer
        marks.append(_mark(stage, order, times_s, direction))
        stepper.wait(order.tempo.pause_s * float(rng.uniform(0.4, 1.6)))
        if "standing-up" in order.faults:
            stepper.rise(0.0, max(0.3, order.tempo.pause_s))
    if owed:
        stepper.step(leads, 0.0, owed, 0.5, lift, 2.0)
    stepper.finish()
    return marks


def _diagonally(stage: Stage, orders: list[RepOrder], direction: str) -> list[RepMark]:
    """Step ahead or back with wide feet; the first and the last step are half as long."""
    stepper, rng = Stepper(stage), stage.rng
    ahead = 1.0 if direction == "forward" else -1.0
    lift = float(rng.uniform(0.03, 0.08))
    wide = float(rng.uniform(0.0, 0.05))
    longest = 1.2 * stepper.longest_step_m()
    swing = float(rng.uniform(*SWING))
    marks = []
    for place, order in enumerate(orders):
        length = ahead * min(0.01 * order.range_deg, longest)
        first, last = place == 0, place == len(orders) - 1
        strike = _strike(stage, order)
        sway = float(rng.uniform(0.01, 0.03))
        out_s, back_s = order.tempo.out_s, order.tempo.return_s
        times_s = [stepper.now]
        stepper.step(True, length if first else 2.0 * length, wide, swing * out_s, lift, strike, sway, out_s)
        times_s.append(stepper.now)
        stepper.wait((1.0 - swing) * out_s + order.tempo.hold_s)
        times_s.append(stepper.now)
        stepper.step(False, length if last else 2.0 * length, wide, swing * back_s, lift, strike, sway, back_s)
        stepper.wait((1.0 - swing) * back_s)
        times_s.append(stepper.now)
        marks.append(_mark(stage, order, times_s, direction))
        wide = -wide
        stepper.wait(order.tempo.pause_s * float(rng.uniform(0.2, 1.0)))
    stepper.finish()
    return marks


def _mark(stage: Stage, order: RepOrder, times_s: list[float], direction: str) -> RepMark:
    timeline = stage.timeline
    start_s, far_s, turn_s, end_s = (timeline.now + s for s in times_s)
    return RepMark(timeline.set_number, start_s, far_s, turn_s, end_s, direction, order.faults)


def _strike(stage: Stage, order: RepOrder) -> float:
    """How hard the foot lands, m/s²: softly, unless the steps are rushed."""
    share = float(stage.rng.uniform(0.12, 0.35)) * (2.5 if "rushed" in order.faults else 1.0)
    return stage.person.strike_m_s2 * share
