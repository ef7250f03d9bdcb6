"""A leg that goes to and fro all the while is shaken, or steps about; a tired one that trembles does reps."""

from __future__ import annotations

import numpy as np
import pytest

from kneeimu.reps.afterwards.shaken import shaken
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.strokes import excursion_of
from kneeimu.types import FloatArray

TICK_S = 0.04
SECONDS = 4.0


def lifted(to_deg: float, to_and_fro_deg: float = 0.0, hz: float = 3.0) -> tuple[FloatArray, FloatArray, Excursion]:
    """A thigh that rises and comes down within four seconds, going to and fro by so much meanwhile."""
    time_s = np.arange(0.0, SECONDS + 2.0, TICK_S)
    phase = np.clip((time_s - 1.0) / SECONDS, 0.0, 1.0)
    there = np.sin(np.pi * phase) ** 2
    angle = np.radians(to_deg * there + to_and_fro_deg * np.sqrt(there) * np.sin(2.0 * np.pi * hz * time_s))
    up = np.stack((np.zeros_like(angle), np.sin(angle), np.cos(angle)), axis=1)
    start, end = round(1.0 / TICK_S), round((1.0 + SECONDS) / TICK_S)
    return time_s, up, excursion_of(time_s, up, start, start + int(np.argmax(angle[start:end])), end)


def test_a_leg_that_is_shaken_in_the_air_has_done_no_rep() -> None:
    time_s, up, movement = lifted(18.0, 8.0)
    assert shaken(time_s, up, [movement]) == [movement]


@pytest.mark.parametrize(("to_and_fro_deg", "hz"), [(0.0, 3.0), (0.5, 8.0), (2.0, 1.2)])
def test_reps_that_are_smooth_or_tremble_or_hitch_stay(to_and_fro_deg: float, hz: float) -> None:
    time_s, up, movement = lifted(25.0, to_and_fro_deg, hz)
    assert shaken(time_s, up, [movement]) == []


def test_of_no_movements_none_is_shaken() -> None:
    time_s, up, _ = lifted(25.0)
    assert shaken(time_s, up, []) == []
