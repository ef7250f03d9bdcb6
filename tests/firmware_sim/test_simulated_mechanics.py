"""The simulated leg obeys mechanics: what the sensor reads is what its path and its turning make it read."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_sim import Scenario, simulate
from firmware_sim.imu import STANDARD_GRAVITY_M_S2
from firmware_sim.mounting import rotation_matrix


def matrices(quat: np.ndarray) -> np.ndarray:
    return np.stack([rotation_matrix(tuple(q)) for q in quat])


def ideal(**changes: object) -> Scenario:
    values: dict[str, object] = {"sensor": "ideal", "reps": 3, "rate_hz": 200.0, "seed": 11, "valgus_deg": (6.0,)}
    return Scenario(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("mount", ["thigh", "shin"])
@pytest.mark.parametrize("exercise", ["squat", "single-leg-squat", "clamshell", "prone-hip-extension"])
def test_acceleration_is_the_second_derivative_of_the_path_plus_gravity(exercise: str, mount: str) -> None:
    simulation = simulate(ideal(exercise=exercise, mount=mount, rate_hz=500.0, reps=2))
    dt = 1 / 500.0
    p = simulation.position_m
    numeric = (-p[4:] + 16 * p[3:-1] - 30 * p[2:-2] + 16 * p[1:-3] - p[:-4]) / (12 * dt**2)
    numeric[:, 1] += STANDARD_GRAVITY_M_S2
    force = np.einsum("nij,nj->ni", matrices(simulation.quat_sensor_to_world), simulation.acc_m_s2)[2:-2]
    error = np.abs(force - numeric)
    # At a knot the fourth derivative jumps and the numeric value rounds the corner off.
    assert np.quantile(error, 0.95) < 1e-3
    assert error.max() < 0.1


@pytest.mark.parametrize("side", ["left", "right"])
def test_integrated_gyro_returns_the_orientation(side: str) -> None:
    simulation = simulate(ideal(side=side, mount="shin", rate_hz=500.0))
    rot = matrices(simulation.quat_sensor_to_world)
    turned = rot[0]
    rate = simulation.gyr_rad_s
    for middle in (rate[:-1] + rate[1:]) / 2 / 500.0:
        angle = np.linalg.norm(middle)
        if angle > 0:
            half = np.sin(angle / 2) * middle / angle
            turned = turned @ rotation_matrix((np.cos(angle / 2), *half))
    apart = np.degrees(np.arccos(np.clip((np.trace(turned.T @ rot[-1]) - 1) / 2, -1, 1)))
    assert apart < 0.05


def test_integrated_twice_the_acceleration_leads_along_the_path() -> None:
    simulation = simulate(ideal(rate_hz=500.0, reps=1))
    start = np.searchsorted(simulation.time_s, simulation.truth.reps[0].start_s)
    part = slice(start, start + 1000)  # two seconds
    turned = matrices(simulation.quat_sensor_to_world[part])
    acceleration = np.einsum("nij,nj->ni", turned, simulation.acc_m_s2[part]) - (0.0, STANDARD_GRAVITY_M_S2, 0.0)
    path, dt = simulation.position_m[part], 1 / 500.0
    velocity = (path[1] - path[0]) / dt - acceleration[0] * dt / 2
    steps = np.vstack((np.zeros(3), np.cumsum((acceleration[1:] + acceleration[:-1]) / 2 * dt, axis=0))) + velocity
    position = path[0] + np.vstack((np.zeros(3), np.cumsum((steps[1:] + steps[:-1]) / 2 * dt, axis=0)))
    assert np.linalg.norm(path[-1] - path[0]) > 0.02
    assert np.abs(position - path).max() < 1e-3
