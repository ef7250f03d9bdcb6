"""Many ticks at once come to the same as one by one."""

from __future__ import annotations

import numpy as np
import pytest

from kneeimu.engine import Engine
from kneeimu.reps.excursion import Vector, blend, tilt
from kneeimu.reps.stretch import angles_deg, drawn_to, follow
from kneeimu.types import FloatArray, Samples, Setup, event_to_json

RATE_HZ = 50.0


def wandering(reach_rad: float, count: int = 300) -> FloatArray:
    along, across = reach_rad * np.sin(np.arange(count) / 20.0), 0.5 * reach_rad * np.cos(np.arange(count) / 13.0)
    return np.array((np.sin(along), np.cos(along) * np.cos(across), np.cos(along) * np.sin(across)))


@pytest.mark.parametrize("reach_rad", [0.003, 0.08])
def test_home_is_followed_as_tick_by_tick(reach_rad: float) -> None:
    ups = wandering(reach_rad)
    share = np.where(np.arange(300) % 7 < 3, 0.06, 0.013)
    home: Vector = (0.0, 1.0, 0.0)
    homes = [home]
    for (x, y, z), part in zip(ups.T.tolist(), share.tolist(), strict=True):
        home = blend(home, (x, y, z), part)
        homes.append(home)
    np.testing.assert_allclose(follow(homes[0], ups, share).T, homes, rtol=0.0, atol=1e-13)


def test_angles_are_those_of_the_single_ticks() -> None:
    ups = wandering(0.5)
    homes = np.roll(ups, 40, axis=1)
    single = [
        tilt((a, b, c), (x, y, z))[0] for (a, b, c), (x, y, z) in zip(homes.T.tolist(), ups.T.tolist(), strict=True)
    ]
    np.testing.assert_allclose(angles_deg(homes, ups), single, rtol=0.0, atol=1e-12)


def test_a_mean_is_drawn_as_value_by_value() -> None:
    values = np.random.default_rng(1).uniform(0.0, 4.0, 200)
    mean = 3.0
    for value in values.tolist():
        mean += 0.025 * (value - mean)
    assert drawn_to(3.0, values, 0.025) == pytest.approx(mean, abs=1e-13)
    assert drawn_to(3.0, values[:0], 0.025) == 3.0


def rests_and_squats() -> Samples:
    """Three times a minute of rest, with a knock in it, and six squats."""
    random = np.random.default_rng(5)
    time_s = np.arange(0.0, 255.0, 1 / RATE_HZ)
    in_part = np.mod(time_s, 85.0)
    angle = np.where(in_part > 61.0, 0.5 * (1.0 - np.cos(2 * np.pi * (in_part - 61.0) / 4.0)), 0.0)
    angle += np.cumsum(random.normal(0.0, 2e-4, len(time_s)))
    zero = np.zeros_like(time_s)
    acc = 9.81 * np.column_stack((np.sin(angle), np.cos(angle), zero)) + random.normal(0.0, 0.05, (len(angle), 3))
    gyr = np.column_stack((zero, zero, -np.gradient(angle, time_s))) + random.normal(0.0, 0.004, (len(angle), 3))
    acc[np.abs(in_part - 30.0) < 0.03] += 12.0
    return Samples(time_s, acc, gyr)


def test_long_rests_do_not_change_what_is_said() -> None:
    samples, setup = rests_and_squats(), Setup("squat", "right", "thigh", RATE_HZ)
    whole, short = Engine(setup), Engine(setup)
    at_once = [*whole.feed(samples), *whole.finish()]
    little_by_little = []
    angles = []
    for begin in range(0, len(samples), 100):
        part = slice(begin, begin + 100)
        little_by_little += short.feed(Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part]))
        angles.append(short.trace.angle_deg)
    little_by_little += short.finish()
    assert sum(event.kind == "rep" for event in at_once) >= 18
    assert [event_to_json(event) for event in at_once] == [event_to_json(event) for event in little_by_little]
    np.testing.assert_allclose(whole.trace.angle_deg, np.concatenate(angles), rtol=0.0, atol=1e-9)
