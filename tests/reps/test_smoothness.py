"""Smoothness of the way out and of the way back."""

from __future__ import annotations

import numpy as np
import pytest

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.reps.measured.smoothness import spectral_arc_lengths
from kneeimu.types import FloatArray


def minimum_jerk(duration_s: float) -> FloatArray:
    share = np.arange(0.0, duration_s, 1.0 / TICK_HZ) / duration_s
    return 30.0 * share**2 * (1.0 - share) ** 2


def halting(duration_s: float) -> FloatArray:
    return minimum_jerk(duration_s) * (
        1.0 + 0.6 * np.cos(2.0 * np.pi * 1.5 * np.arange(len(minimum_jerk(duration_s))) / TICK_HZ)
    )


def test_a_stroke_is_as_smooth_beside_one_of_its_length_as_beside_a_longer_one() -> None:
    beside_its_like, _ = spectral_arc_lengths(minimum_jerk(1.6), halting(1.8))
    beside_a_longer, _ = spectral_arc_lengths(minimum_jerk(1.6), halting(4.0))
    assert beside_its_like == pytest.approx(beside_a_longer, abs=1e-12)


def test_each_way_is_told_for_itself() -> None:
    out, back = spectral_arc_lengths(minimum_jerk(1.6), halting(1.8))
    assert out is not None
    assert back is not None
    assert back < out - 0.05
    assert spectral_arc_lengths(halting(1.8), minimum_jerk(1.6)) == (pytest.approx(back), pytest.approx(out))


def test_one_that_is_too_short_tells_nothing_and_the_other_does() -> None:
    out, back = spectral_arc_lengths(minimum_jerk(0.2), minimum_jerk(0.3))
    assert out is None
    assert back is not None
