"""A thigh that swings as told, felt by gravity alone, and what the engine counts in it."""

from __future__ import annotations

import numpy as np

from kneeimu.engine import Engine
from kneeimu.types import FloatArray, Mount, RepCounted, RepRevoked, Samples, Setup


def swung(swings: list[tuple[float, float, float, float]]) -> Samples:
    """A thigh that stands 3 s, swings (from deg, to deg, period s, times) and stands 12 s; only gravity is felt."""
    parts = [np.zeros(300)]
    for lowest, highest, period_s, times in swings:
        phase = 2.0 * np.pi * np.arange(int(100 * period_s * times)) / (100 * period_s)
        first = np.arccos(np.clip((highest + lowest) / (highest - lowest), -1.0, 1.0))
        parts.append(0.5 * (highest + lowest) - 0.5 * (highest - lowest) * np.cos(phase + first))
    return tilted(np.concatenate([*parts, np.zeros(1200)]), 100.0)


def tilted(angle_deg: FloatArray, rate_hz: float = 25.0) -> Samples:
    """A limb that tilts as told at this rate, felt 100 times a second; only gravity is felt."""
    time_s = np.arange(int(len(angle_deg) / rate_hz * 100.0)) / 100.0
    angle = np.radians(np.interp(time_s, np.arange(len(angle_deg)) / rate_hz, angle_deg))
    rng = np.random.default_rng(1)
    still = np.zeros_like(angle)
    acc = 9.81 * np.column_stack((np.sin(angle), np.cos(angle), still)) + rng.normal(0.0, 0.02, (len(angle), 3))
    gyr = np.column_stack((still, still, np.gradient(angle, 0.01))) + rng.normal(0.0, 0.002, (len(angle), 3))
    return Samples(time_s, acc, gyr)


def count(exercise: str, samples: Samples, mount: Mount = "thigh") -> int:
    engine = Engine(Setup(exercise, "right", mount, 100.0))
    events = [*engine.feed(samples), *engine.finish()]
    return sum(isinstance(event, RepCounted) for event in events) - sum(isinstance(e, RepRevoked) for e in events)
