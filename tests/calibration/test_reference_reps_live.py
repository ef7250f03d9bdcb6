"""Reference reps, live: as many are asked for as are seen as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from firmware_sim import Scenario, Simulation, simulate
from kneeimu.commands.calibrate_live import REFERENCE_REPS, _reference_reps
from kneeimu.sessions.alignments import reference_from
from kneeimu.types import Rep, Samples

TOGETHER = 8


async def led(done: Simulation) -> list[Rep]:
    """The reference reps that are taken from a person who goes on and on."""
    truth = done.truth
    result: Any = SimpleNamespace(
        quat_segment_to_sensor=truth.quat_segment_to_sensor, side=truth.side, mount=truth.mount, quality="good",
        yaw_uncertainty_deg=1.0, reference=None, bias_rad_s=None,
    )  # fmt: skip

    async def stream() -> AsyncIterator[Samples]:
        for at in range(0, len(done.time_s), TOGETHER):
            part = slice(at, at + TOGETHER)
            yield Samples(done.time_s[part], done.acc_m_s2[part], done.gyr_rad_s[part])

    source: Any = SimpleNamespace(rate_hz=truth.rate_hz)
    return await _reference_reps(stream(), result, source, truth.exercise)


def people(exercise: str, seed: int, **told: Any) -> Simulation:
    return simulate(Scenario(exercise=exercise, seed=seed, reps=12, variation=0.5, style=0.5, rate_hz=50.0, **told))


async def test_four_squats_are_enough() -> None:
    assert len(await led(people("squat", 40))) == REFERENCE_REPS


@pytest.mark.parametrize("seed", [304, 307])
async def test_lunges_with_a_step_go_on_until_enough_were_seen_as_a_whole(seed: int) -> None:
    reps = await led(people("lunge", seed, manner="stepping", mount="shin", tempo_s=(2.0, 0.3, 2.0, 1.0)))
    whole = [rep for rep in reps if rep.phases_s is not None]
    assert len(whole) >= REFERENCE_REPS
    assert min(rep.duration_s for rep in whole) > 3.5
    assert abs(reference_from(reps).tilt_deg) < 1.0
