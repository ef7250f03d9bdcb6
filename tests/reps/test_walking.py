"""Walking is told from brisk reps: both are quick, and a person's reps are never as quiet as a drawing board's."""

from __future__ import annotations

from math import cos, pi, radians, sin

import numpy as np
import pytest

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.excursion import ExcursionDetector, ExcursionParameters
from kneeimu.reps.walking import STRIDING_DEG_S, WalkingDetector


def _called_walking(range_deg: float, period_s: float, jolts_m_s2: tuple[float, float], mount: str) -> bool:
    """Let a segment go out and back for 20 s, with jolts anywhere between these."""
    rng = np.random.default_rng(1)
    detector = WalkingDetector(0.0, striding_deg_s=STRIDING_DEG_S[mount])
    movement = ExcursionDetector(ExcursionParameters(), 1.0 / TICK_HZ, (0.0, 0.0, 1.0))
    up = (0.0, 0.0, 1.0)
    walked = False
    for tick in range(int(20.0 * TICK_HZ)):
        time_s = tick / TICK_HZ
        angle = radians(range_deg) * 0.5 * (1.0 - cos(2.0 * pi * time_s / period_s))
        before, up = up, (sin(angle), 0.0, cos(angle))
        moved_deg = float(np.degrees(np.arccos(np.clip(np.dot(before, up), -1.0, 1.0))))
        walked |= detector.step(time_s, up, float(rng.uniform(*jolts_m_s2)), moved_deg)
        excursion = movement.step(time_s, up, still=False)
        walked |= excursion is not None and detector.strides(excursion)
    return walked


def test_strides_are_walking() -> None:
    """As fast, as wide and as rough as the leg of somebody who walks through the room."""
    assert _called_walking(45.0, 1.1, (2.0, 12.0), "thigh")


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_brisk_reps_that_tremble_are_not(mount: str) -> None:
    """Fast and wide, but no rougher than arms that people swing."""
    assert not _called_walking(100.0, 1.3, (0.5, 1.8), mount)


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_small_rough_reps_are_not(mount: str) -> None:
    """Rough, but slower than a stride."""
    assert not _called_walking(20.0, 1.3, (0.6, 3.0), mount)
