"""A limb that does anything: sets, movements in turn, rests, walking, shakes, new postures; and a stream with gaps."""

from __future__ import annotations

import numpy as np

from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.types import Alignment, FloatArray, Samples, Setup

G = 9.81
KINDS = ("set", "set", "turns", "turns", "one", "rest", "walk", "posture", "shake")
Movement = tuple[FloatArray, float, float, float]
"""Axis in the sensor frame, range in deg, duration and hold in s."""


class Limb:
    """Moves by turning about axes of the sensor; gravity and turning are felt."""

    def __init__(self, rng: np.random.Generator, rate_hz: float) -> None:
        self._rng, self._rate_hz = rng, rate_hz
        self._up = _unit(rng.normal(size=3))
        self._acc: list[FloatArray] = []
        self._gyr: list[FloatArray] = []
        self._uneven = rng.choice([0.0, 0.05, 0.3])
        self._known = [self._movement() for _ in range(rng.integers(1, 4))]

    def do(self, duration_s: float) -> Samples:
        """Do one thing after another for so long."""
        while sum(map(len, self._acc)) < duration_s * self._rate_hz:
            getattr(self, f"_{self._rng.choice(KINDS)}")()
        acc, gyr = np.concatenate(self._acc), np.concatenate(self._gyr)
        noise = self._rng.choice([0.005, 0.02, 0.3])  # without any, much would lie on the border to something else
        acc += self._rng.normal(0.0, 1.0, acc.shape) * noise
        gyr += self._rng.normal(0.0, 0.1, gyr.shape) * noise
        return Samples(np.arange(len(acc)) / self._rate_hz, acc, gyr)

    def _movement(self) -> Movement:
        rng = self._rng
        return _unit(rng.normal(size=3)), rng.uniform(6.0, 110.0), rng.uniform(0.5, 6.0), rng.choice([0.0, 0.0, 1.0])

    def _turn(self, axis: FloatArray, angle_deg: FloatArray, jolt_m_s2: float = 0.0) -> None:
        angle = np.radians(angle_deg)
        cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
        ups = cos * self._up - sin * np.cross(axis, self._up) + (1.0 - cos) * (axis @ self._up) * axis
        acc = G * ups
        knocks = self._rng.integers(0, len(angle), 1 + len(angle) // int(0.55 * self._rate_hz))
        acc[knocks] += self._rng.normal(0.0, 1.0, (len(knocks), 3)) * jolt_m_s2
        self._acc.append(acc)
        self._gyr.append(np.outer(np.diff(angle, prepend=0.0) * self._rate_hz, axis))
        self._up = _unit(ups[-1])

    def _wave(self, duration_s: float, least: int = 4) -> FloatArray:
        """From 0 to 1 in this time."""
        ticks = max(least, int(duration_s * self._rate_hz))
        return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.arange(1, ticks + 1) / ticks))

    def _out_and_back(self, movement: Movement, jolt_m_s2: float = 0.0, pause_s: float = 0.0) -> None:
        axis, range_deg, duration_s, hold_s = movement
        factors = np.abs(1.0 + self._uneven * self._rng.normal(size=2))
        wave = range_deg * factors[0] * self._wave(0.5 * duration_s * factors[1])
        held = np.full(int(hold_s * self._rate_hz), wave[-1])
        self._turn(axis, np.concatenate((wave, held, wave[-2::-1], [0.0])), jolt_m_s2)
        self._turn(axis, np.zeros(1 + int(pause_s * self._rate_hz)))

    def _any_known(self) -> Movement:
        return self._known[self._rng.integers(len(self._known))]

    def _set(self) -> None:
        movement, pause_s = self._any_known(), self._rng.choice([0.0, 0.3, 1.0, 3.0])
        jolt_m_s2 = self._rng.choice([0.0, 0.0, 4.0, 20.0])
        for _ in range(self._rng.integers(1, 12)):
            self._out_and_back(movement, jolt_m_s2, pause_s)

    def _turns(self) -> None:
        one, other = self._any_known(), self._any_known()
        if self._rng.random() < 0.5:
            other = -one[0], *other[1:]
        pause_s = self._rng.choice([0.0, 0.3, 1.0])
        for k in range(self._rng.integers(2, 14)):
            self._out_and_back((one, other)[k % 2], 0.0, pause_s)

    def _one(self) -> None:
        self._out_and_back(self._any_known(), 0.0, self._rng.uniform(0.0, 6.0))

    def _rest(self) -> None:
        self._turn(np.array([1.0, 0.0, 0.0]), np.zeros(int(self._rng.choice([1.0, 9.0, 17.0, 40.0]) * self._rate_hz)))

    def _walk(self) -> None:
        strides, stride_s = self._rng.integers(1, 9), self._rng.uniform(0.9, 1.8)
        swing = np.sin(np.linspace(0.0, 2.0 * np.pi * strides, int(strides * stride_s * self._rate_hz)))
        self._turn(self._known[0][0], self._rng.uniform(10.0, 40.0) * swing, self._rng.choice([4.0, 15.0, 40.0]))

    def _posture(self) -> None:
        self._turn(_unit(self._rng.normal(size=3)), self._rng.choice([30.0, 90.0, 180.0]) * self._wave(1.0))

    def _shake(self) -> None:
        shaken = np.sin(np.linspace(0.0, 2.0 * np.pi * self._rng.integers(2, 9), int(self._rate_hz)))
        self._turn(_unit(self._rng.normal(size=3)), self._rng.uniform(2.0, 30.0) * shaken, 20.0)


def with_gaps(samples: Samples, rng: np.random.Generator) -> Samples:
    """The limb waits while samples are lost, or goes on."""
    time_s = samples.time_s.copy()
    for _ in range(rng.integers(0, 4)):
        time_s[rng.integers(len(time_s)) :] += rng.choice([0.1, 0.29, 0.35, 1.0, 5.0, 30.0])
    kept = np.ones(len(time_s), dtype=bool)
    if rng.random() < 0.3:
        begin = rng.integers(1, len(time_s))
        kept[begin : begin + rng.integers(1, len(time_s) - begin + 1) // 4] = False
    return Samples(time_s[kept], samples.acc_m_s2[kept], samples.gyr_rad_s[kept])


def any_setup(rng: np.random.Generator, rate_hz: float) -> Setup:
    """Any exercise and mount, with or without an alignment, which need not be right."""
    exercise = list(CATALOGUE.values())[rng.integers(len(CATALOGUE))]
    mount = list(exercise.mounts)[rng.integers(len(exercise.mounts))]
    if rng.random() < 0.5:
        return Setup(exercise.name, "right", mount, rate_hz)
    w, x, y, z = rng.normal(size=4) / 2.0
    norm = float(np.sqrt(w * w + x * x + y * y + z * z))
    turned = float(w) / norm, float(x) / norm, float(y) / norm, float(z) / norm
    return Setup(exercise.name, "left", mount, rate_hz, Alignment(turned, "left", mount, "good", 3.0, 2.0, 40.0))


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / np.linalg.norm(vector))
