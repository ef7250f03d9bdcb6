"""Who wears the sensor: build, habits, and how reps differ from one another."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from firmware_sim.leg import Body
from firmware_sim.scenario import Scenario
from firmware_sim.strokes import Style, Tempo


@dataclass(frozen=True, slots=True)
class Person:
    """One wearer.

    Attributes:
        range_spread, tempo_spread: standard deviation of the logarithm from rep to rep.
        tibia_share: how much of the thigh's inward rotation the shank takes part in.
        thigh_share: share of the knee's bend that the thigh makes in a squat.
        valgus_timing: when in the rep the knee goes in: 1 with the depth, above 1 late, below 1 early.
        hold_s: how long a lifted limb is held; None is what is usual.
        hover: how high it stays between the reps, share of the range.
        gait_hz, gait_size: strides a second, and size of the swings against the average.
        strike_m_s2: how hard the foot strikes at the thigh.
        stance: the usual standing pose, deg: thigh flexion, thigh adduction, shank flexion, shank adduction.
    """

    body: Body
    style: Style
    tempo_factor: float
    range_place: float
    range_spread: float
    tempo_spread: float
    tibia_share: float
    thigh_share: float
    valgus_timing: float
    hold_s: float | None
    hover: float
    gait_hz: float
    gait_size: float
    strike_m_s2: float
    stance: tuple[float, float, float, float]

    @classmethod
    def draw(cls, scenario: Scenario, rng: np.random.Generator) -> Person:
        """Meet the wearer of a scenario."""
        vary = scenario.variation
        height = scenario.height_m or float(rng.normal(1.70, 0.09))
        place = rng.normal(0.0, 1.0, 6) * vary
        body = Body(
            height=height,
            thigh_box=(0.07 + 0.01 * place[0], 0.15 + 0.03 * place[1], 0.03 + 0.015 * place[2]),
            shin_box=(0.05 + 0.005 * place[3], -0.10 - 0.03 * place[4], -0.02 + 0.01 * place[5]),
            sway=scenario.sway * (float(rng.uniform(0.6, 1.6)) if vary else 1.0),
            drift_deg=scenario.sway * vary * float(rng.uniform(0.0, 1.2)),
            effort_deg=scenario.sway * float(rng.uniform(0.05, 0.5)),
            tremor_deg=float(rng.uniform(0.0005, 0.004)),
        )
        return cls(
            body=body,
            style=Style.draw(rng, scenario.style),
            tempo_factor=float(np.exp(rng.normal(0.0, 0.15))),
            range_place=float(rng.uniform(0.0, 1.0)),
            range_spread=vary * float(rng.uniform(0.03, 0.12)),
            tempo_spread=vary * float(rng.uniform(0.05, 0.15)),
            tibia_share=float(rng.uniform(0.0, 0.5)),
            thigh_share=0.57 + 0.03 * float(np.clip(rng.normal(), -2, 2)),
            valgus_timing=float(rng.uniform(0.75, 2.0)) if scenario.style else 1.0,
            hold_s=float(rng.uniform(2.0, 5.0)) if rng.random() < 0.3 * scenario.style else None,
            hover=float(rng.uniform(0.1, 0.35)) if rng.random() < 0.3 * scenario.style else 0.0,
            gait_hz=float(rng.uniform(0.75, 1.05)),
            gait_size=float(rng.uniform(0.8, 1.15)),
            strike_m_s2=float(np.clip(rng.lognormal(np.log(14.0), 0.5), 5.0, 45.0)),
            stance=(
                vary * float(rng.normal(2.0, 3.0)),
                vary * float(rng.normal(0.0, 1.2)),
                -vary * float(rng.normal(3.0, 2.0)),
                vary * float(rng.normal(0.0, 1.2)),
            ),
        )


@dataclass(frozen=True, slots=True)
class RepOrder:
    """What one rep shall be.

    Attributes:
        range_deg: of the working joint.
        valgus_deg, inward_rotation_deg: at full depth.
        hinge: share of the hinge knee in the valgus.
        leg_rotation_deg: turning in of the whole leg at full depth.
        forward: share of the range by which the leg goes forward as well.
        wobble_deg: trembling sideways at full depth.
    """

    number: int
    tempo: Tempo
    range_deg: float
    valgus_deg: float
    inward_rotation_deg: float
    hinge: float
    faults: tuple[str, ...] = ()
    leg_rotation_deg: float = 0.0
    forward: float = 0.0
    wobble_deg: float = 0.0


def order_reps(
    scenario: Scenario,
    person: Person,
    usual_range_deg: tuple[float, float],
    usual_tempo: Tempo,
    lifted: bool,
    first: int,
    rng: np.random.Generator,
) -> list[RepOrder]:
    """Draw the reps of one set; ``first`` is the number of its first rep over the recording, from 1."""
    low, high = usual_range_deg
    middle = scenario.range_deg if scenario.range_deg is not None else low + person.range_place * (high - low)
    if scenario.tempo_s:
        tempo = Tempo(*scenario.tempo_s)
    elif lifted and person.hold_s is not None:
        strokes = usual_tempo.scaled(0.6 * person.tempo_factor)
        tempo = dataclasses.replace(strokes, hold_s=person.hold_s, pause_s=usual_tempo.pause_s)
    else:
        tempo = usual_tempo.scaled(person.tempo_factor)
    orders = []
    for place in range(scenario.reps):
        number = first + place
        tired = scenario.fatigue * place / max(1, scenario.reps - 1)
        pace = float(np.exp(rng.normal(0.0, person.tempo_spread))) * (1.0 + tired)
        size = float(np.clip(np.exp(rng.normal(0.0, person.range_spread)), 0.75, 1.25)) * (1.0 - tired)
        strays = scenario.variation * rng.normal(0.0, 1.0, 2)
        orders.append(
            RepOrder(
                number,
                Tempo(tempo.out_s * pace, tempo.hold_s * pace, tempo.return_s * pace, tempo.pause_s),
                middle * size,
                _of_rep(scenario.valgus_deg, number) + 0.5 * float(strays[0]),
                _of_rep(scenario.inward_rotation_deg, number) + 0.7 * float(strays[1]),
                scenario.valgus_hinge,
                scenario.faults_of(number),
            )
        )
    return orders


def _of_rep(values: tuple[float, ...], number: int) -> float:
    return values[min(number, len(values)) - 1]
