"""From a scenario to samples and truth."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from firmware_sim import activities, guided
from firmware_sim.arrival import arriving, jittered
from firmware_sim.imu import STANDARD_GRAVITY_M_S2, Chip
from firmware_sim.jet import FloatArray, apply_back
from firmware_sim.leg import LegMotion, play
from firmware_sim.mounting import SLIP_S, Skin, mounting_quaternion, wear
from firmware_sim.movements import movement_of
from firmware_sim.performer import Performer
from firmware_sim.person import Person
from firmware_sim.scenario import Scenario, ScenarioError
from firmware_sim.timeline import Span, Timeline
from firmware_sim.truth import Truth, cardan_deg, measure_rep, quaternions, write_json

PERSON, PLAY, SWAY, BOX, CHIP, NOISE, LOSS, TISSUE = range(8)
"""Each kind of chance has a stream of its own: another sensor or mounting leaves the movement as it was."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the sensor gives, and what was true.

    Attributes:
        time_s: (n,), by the sensor's clock; acc_m_s2, gyr_rad_s: (n, 3) in the sensor's frame.
        position_m: (n, 3) of the box in the world of the truth (X forward, Y up, Z right).
        quat_sensor_to_world: (n, 4), scalar-first, same world.
    """

    time_s: FloatArray
    acc_m_s2: FloatArray
    gyr_rad_s: FloatArray
    truth: Truth
    position_m: FloatArray
    quat_sensor_to_world: FloatArray

    def __len__(self) -> int:
        return len(self.time_s)


def simulate(scenario: Scenario) -> Simulation:
    """Play a scenario at one mount.

    Raises:
        ScenarioError: the mount is "both" (that is for ``simulate_pair``).
    """
    if scenario.mount == "both":
        raise ScenarioError("mount 'both' gives two recordings: use simulate_pair")
    return _Studio(scenario).record(scenario.mount, 0)


def simulate_pair(scenario: Scenario) -> tuple[Simulation, Simulation]:
    """Play a scenario with a sensor on the thigh and one on the shin: the same movement, two chips."""
    studio = _Studio(scenario)
    return studio.record("thigh", 0), studio.record("shin", 1)


def write_truth(simulation: Simulation, path: str | Path, samples: bool = True) -> None:
    """Write what was true as JSON; without ``samples`` the curves are left out."""
    write_json(simulation.truth.to_dict(samples), path)


def write_csv(simulation: Simulation, path: str | Path) -> None:
    """Write the samples with the header ``t,ax,ay,az,gx,gy,gz``; s, m/s², rad/s."""
    path = Path(path)
    temporary = path.with_name(path.name + ".part")
    table = np.column_stack((simulation.time_s, simulation.acc_m_s2, simulation.gyr_rad_s))
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("t", "ax", "ay", "az", "gx", "gy", "gz"))
        writer.writerows([[f"{row[0]:.6f}", *(f"{value:.7g}" for value in row[1:])] for row in table.tolist()])
    temporary.replace(path)


class _Studio:
    """One performance, to be recorded by one sensor or two."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.person = Person.draw(scenario, self._chance(PERSON))
        self.timeline = perform(scenario, self.person, self._chance(PLAY))

    def _chance(self, purpose: int, sensor: int = 0) -> np.random.Generator:
        return np.random.default_rng([self.scenario.seed % 2**63, purpose, sensor])

    def record(self, mount: str, sensor: int) -> Simulation:
        """Record with the sensor of that number (0 or 1) at a mount."""
        scenario = self.scenario
        chip = Chip.draw(scenario.error_model, self._chance(CHIP, sensor))
        k = chip.oversampling(scenario.rate_hz)
        true_rate_hz = scenario.rate_hz * (1.0 + chip.clock)
        count = int(self.timeline.now * true_rate_hz)
        inner_s = np.arange(count * k) / (true_rate_hz * k)
        motion = play(self.timeline, self.person.body, scenario.side_sign, inner_s, self._chance(SWAY))
        mounting = mounting_quaternion(scenario.mounting, self._chance(BOX, sensor))
        skin = Skin.draw(scenario.tissue_of(mount), self.timeline, self._chance(TISSUE, sensor))
        box, position = wear(motion, mount, mounting, self.person.body, self.timeline, skin, scenario.side_sign)
        gravity = np.array([[0.0], [STANDARD_GRAVITY_M_S2], [0.0]])
        force = apply_back(box.rot, position.a + gravity)
        acc, gyr = chip.sample(force.T, box.omega.T, scenario.rate_hz, self._chance(NOISE, sensor))
        time_s = np.arange(count) / scenario.rate_hz
        kept = arriving(count, scenario.lost, scenario.rate_hz, self._chance(LOSS, sensor))
        rows = np.flatnonzero(kept) * k
        truth = self._truth(motion, mount, mounting, rows, time_s[kept], 1.0 + chip.clock, skin.slip_s)
        return Simulation(
            jittered(time_s, scenario.jitter_s, self._chance(LOSS, sensor + 2))[kept],
            acc[kept],
            gyr[kept],
            truth,
            np.ascontiguousarray(position.x[:, rows].T),
            quaternions(np.ascontiguousarray(box.rot[:, :, rows])),
        )

    def _truth(
        self,
        motion: LegMotion,
        mount: str,
        mounting: tuple[float, float, float, float],
        rows: npt.NDArray[np.int_],
        time_s: FloatArray,
        clock: float,
        slip_s: float | None,
    ) -> Truth:
        """Measure the performance; times are those of the sensor's clock."""
        scenario, sign = self.scenario, self.scenario.side_sign
        thigh, shank = motion.thigh.rot[:, :, rows], motion.shank.rot[:, :, rows]
        knee = cardan_deg(np.einsum("jin,jkn->ikn", thigh, shank))
        flexion = -np.degrees(np.unwrap(np.radians(knee[0])))
        rot = thigh if mount == "thigh" else shank
        reps, references = (
            tuple(
                measure_rep(mark.on_clock(clock), number, time_s, rot, flexion, sign, mount)
                for number, mark in enumerate(marks, start=1)
            )
            for marks in (self.timeline.reps, self.timeline.references)
        )
        spans = [*self.timeline.spans] + ([Span("strap-slip", slip_s, slip_s + SLIP_S)] if slip_s is not None else [])
        return Truth(
            exercise=scenario.exercise,
            side=scenario.side,
            mount=mount,
            rate_hz=scenario.rate_hz,
            count=len(reps),
            reps=reps,
            reference_reps=references,
            activities=tuple(Span(span.name, span.start_s * clock, span.end_s * clock) for span in spans),
            quat_segment_to_sensor=mounting,
            time_s=time_s,
            quat_thigh_to_world=quaternions(thigh),
            quat_shank_to_world=quaternions(shank),
            knee_flexion_deg=flexion,
            knee_adduction_deg=sign * knee[1],
            knee_rotation_deg=sign * knee[2],
            moving=not scenario.resting_leg,
        )


def perform(scenario: Scenario, person: Person, rng: np.random.Generator) -> Timeline:
    """Write the whole recording to a timeline."""
    timeline = Timeline(rng)
    performer = Performer(timeline, person, rng)
    guided.align(performer, scenario)
    guided.show_reference(performer, scenario)
    for activity in scenario.before:
        activities.perform(performer, activity)
    for number in range(scenario.sets):
        if number:
            for activity in scenario.between:
                activities.perform(performer, activity)
            timeline.wait(scenario.rest_s)
        performer.go_to(movement_of(scenario).posture)
        performer.perform_set(scenario, number * scenario.reps + 1)
    for activity in scenario.after:
        activities.perform(performer, activity)
    timeline.wait(0.2)
    return timeline
