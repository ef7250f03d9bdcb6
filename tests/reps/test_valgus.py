"""How sure the camera-style estimate is."""

from __future__ import annotations

import pytest

from kneeimu.reps.measured.valgus import HIP_SHIFT_DEG, fppa_uncertainty_deg
from kneeimu.types import Alignment

SURE = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", yaw_uncertainty_deg=0.0)
USUAL = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", yaw_uncertainty_deg=3.7)


def test_the_uncertainty_is_two_standard_deviations_of_the_hips_shift_where_the_alignment_is_sure() -> None:
    assert fppa_uncertainty_deg(SURE, 60.0) == pytest.approx(2.0 * HIP_SHIFT_DEG)


def test_the_alignments_own_uncertainty_adds_to_it_the_more_the_deeper_the_rep() -> None:
    upright, deep = (fppa_uncertainty_deg(USUAL, depth_deg) for depth_deg in (0.0, 60.0))
    assert upright == pytest.approx(4.8)
    assert deep == pytest.approx(2.0 * (2.4**2 + (2.3 * 3.7 * 0.866) ** 2) ** 0.5, rel=1e-3)
