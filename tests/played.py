"""Simulated people, and what the engine makes of them: for stories about counting."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware_sim import Activity, Scenario, Simulation, simulate
from kneeimu.sessions.analysis import Analysis, analyze
from kneeimu.types import Samples, Setup

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
STAND = (Activity("stand", 2.0),)


def data(name: str) -> Path:
    """A folder of real recordings; the test is skipped where it is not there."""
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the recordings of {name} are not on this machine: {folder}")
    return folder


@cache
def person(exercise: str, mount: str, **told: Any) -> Simulation:
    """A person who stands, exercises, and stands. Usual: 6 calm reps, seed 4100."""
    usual: dict[str, Any] = {
        "reps": 6, "seed": 4100, "variation": 0.5, "style": 0.5, "before": STAND, "after": STAND, "rate_hz": 50.0,
    }  # fmt: skip
    return simulate(Scenario(exercise=exercise, mount=mount, **{**usual, **told}))


def samples_of(simulation: Simulation) -> Samples:
    return Samples(simulation.time_s, simulation.acc_m_s2, simulation.gyr_rad_s)


def counted(simulation: Simulation, exercise: str | None = None, samples: Samples | None = None) -> Analysis:
    """The engine's analysis, without an alignment."""
    truth = simulation.truth
    setup = Setup(exercise or truth.exercise, truth.side, truth.mount, truth.rate_hz)  # type: ignore[arg-type]
    return analyze(samples or samples_of(simulation), setup)


def late(simulation: Simulation, start_s: float) -> Samples:
    """The recording from ``start_s`` on: the sensor was switched on late."""
    first = int(np.searchsorted(simulation.time_s, start_s))
    return Samples(simulation.time_s[first:], simulation.acc_m_s2[first:], simulation.gyr_rad_s[first:])
