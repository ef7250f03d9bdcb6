"""Who steps to the side in a squat keeps away from standing upright, and who walks swings past it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from swung import count

from kneeimu.motion.orientation import up_in_sensor
from kneeimu.reps.afterwards.bent_steps import bent_steps
from kneeimu.reps.excursion import Excursion
from kneeimu.types import FloatArray, Samples

RATE_HZ, TICK_HZ = 100.0, 25.0
STANDS_S, SINKS_S, STEP_S = 4.0, 0.4, 1.2


def eased(share: FloatArray) -> FloatArray:
    share = np.clip(share, 0.0, 1.0)
    return share**3 * (10.0 - 15.0 * share + 6.0 * share**2)


def thigh(
    steps: int, bent_deg: float, rate_hz: float = RATE_HZ, *, aside_deg: float = 20.0, waits_s: float = 0.0
) -> Rotation:
    """Sinks, waits and pushes off to the side: out slowly with the body, back fast with the knee lifted."""
    time_s = np.arange(round((STANDS_S + SINKS_S + waits_s + steps * STEP_S + 14.0) * rate_hz)) / rate_hz
    phase_s = time_s - STANDS_S - SINKS_S - waits_s
    over = phase_s > steps * STEP_S
    share = np.where((phase_s > 0.0) & ~over, phase_s % STEP_S / STEP_S, 0.0)
    aside = aside_deg * (eased(share / 0.6) - eased((share - 0.6) / 0.35))
    lifted = 9.0 * np.sin(np.pi * np.clip((share - 0.6) / 0.35, 0.0, 1.0)) ** 2 - 0.25 * aside
    bent = bent_deg * (eased((time_s - STANDS_S) / SINKS_S) - eased((phase_s - steps * STEP_S - 2.0) / 0.6))
    return Rotation.from_euler("zyx", np.column_stack((0.0 * aside, aside, bent + lifted)), degrees=True)


def felt(pose: Rotation) -> Samples:
    """What is felt of it where the sensor does not move along."""
    quat = pose.as_quat()[:, [3, 0, 1, 2]]
    turn = (pose[:-1].inv() * pose[1:]).as_rotvec() * RATE_HZ
    rng = np.random.default_rng(1)
    acc = 9.81 * up_in_sensor(quat) + rng.normal(0.0, 0.02, (len(quat), 3))
    gyr = np.concatenate((turn[:1], turn)) + rng.normal(0.0, 0.002, (len(quat), 3))
    return Samples(np.arange(len(quat)) / RATE_HZ, acc, gyr)


def ticks(pose: Rotation) -> tuple[FloatArray, FloatArray]:
    quat = pose.as_quat()[:, [3, 0, 1, 2]]
    return np.arange(len(quat)) / TICK_HZ, up_in_sensor(quat)


def spans(steps: int) -> list[Excursion]:
    starts = STANDS_S + SINKS_S + np.arange(steps) * STEP_S
    up, axis = (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)
    return [Excursion(start, start + 0.8, start + STEP_S, 20.0, axis, up, up) for start in starts.tolist()]


@pytest.mark.parametrize("steps", [6, 10])
def test_steps_in_a_squat_count_though_the_leg_never_rests_in_it(steps: int) -> None:
    assert count("lateral-walk", felt(thigh(steps, bent_deg=28.0))) == steps


@pytest.mark.parametrize("bent_deg", [20.0, 28.0])
def test_who_waits_in_the_squat_has_stood_upright_before(bent_deg: float) -> None:
    assert count("lateral-walk", felt(thigh(8, bent_deg, aside_deg=28.0, waits_s=2.0))) == 8


def test_a_thigh_that_stays_bent_does_not_walk() -> None:
    assert bent_steps(*ticks(thigh(6, 28.0, TICK_HZ)), spans(6)) == spans(6)


@pytest.mark.parametrize("bent_deg", [0.0, 85.0])
def test_who_passes_the_standing_pose_or_got_up_from_a_seat_may_walk(bent_deg: float) -> None:
    assert bent_steps(*ticks(thigh(6, bent_deg, TICK_HZ)), spans(6)) == []


def test_where_nobody_stood_nothing_is_known() -> None:
    time_s, up = ticks(thigh(6, 28.0, TICK_HZ))
    amid = (time_s > STANDS_S + SINKS_S) & (time_s < STANDS_S + SINKS_S + 6 * STEP_S)
    assert bent_steps(time_s[amid], up[amid], spans(6)) == []
