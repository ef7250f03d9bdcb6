"""Both boxes of a leg aligned from any recording of it: which pose is standing, which way is forward."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from calibration import functional as f
from calibration.errors import CalibrationError
from calibration.frames import FloatArray, matrix_of
from firmware_sim import Activity, Scenario, Simulation, simulate_pair


@cache
def person(exercise: str, side: str = "left") -> tuple[Simulation, Simulation]:
    return simulate_pair(
        Scenario(exercise=exercise, side=side, mount="both", reps=6, seed=31, variation=0.3, style=0.3, rate_hz=50.0,
                 before=(Activity("stand", 4.0),), after=(Activity("stand", 3.0),))
    )  # fmt: skip


def recorded(seen: Simulation) -> tuple[FloatArray, FloatArray, FloatArray]:
    return seen.time_s, seen.acc_m_s2, seen.gyr_rad_s


def off_deg(quat: tuple[float, float, float, float], seen: Simulation) -> FloatArray:
    """Error of a frame about its segment's X, Y and Z, deg (3,)."""
    w, x, y, z = seen.truth.quat_segment_to_sensor
    true = Rotation.from_quat([x, y, z, w])
    return np.asarray((true.inv() * Rotation.from_matrix(matrix_of(quat))).as_rotvec(degrees=True))


@pytest.mark.parametrize(
    ("exercise", "sagittal", "yaw_deg"),
    [("squat", True, 4.0), ("lunge", True, 4.0), ("terminal-knee-extension", True, 4.0), ("monster-walk", False, 15.0)],
)
@pytest.mark.parametrize("side", ["left", "right"])
def test_both_frames_are_found_from_what_is_done_standing(
    exercise: str, sagittal: bool, yaw_deg: float, side: str
) -> None:
    thigh, shin = person(exercise, side)
    found = f.align_pair(recorded(thigh), recorded(shin), standing_first=True, sagittal=sagittal)
    assert found.straight_s < 4.0
    assert found.yaw_uncertainty_deg == ((5.0, 5.0) if sagittal else (15.0, 15.0))
    for quat, seen in zip((found.thigh, found.shin), (thigh, shin), strict=True):
        x, y, z = np.abs(off_deg(quat, seen))
        assert max(x, z) < 4.0
        assert y < yaw_deg


def test_who_sets_out_from_a_half_squat_stood_before() -> None:
    found = f.align_pair(*map(recorded, person("lateral-walk")), standing_first=True, sagittal=False)
    assert found.straight_s < 4.0


def test_a_leg_that_hardly_moves_can_not_be_aligned() -> None:
    thigh, shin = simulate_pair(Scenario(mount="both", reps=0, seed=31, before=(Activity("stand", 12.0),)))
    with pytest.raises(CalibrationError) as caught:
        f.align_pair(recorded(thigh), recorded(shin), standing_first=True)
    assert caught.value.code == "too-little-motion"


def test_who_is_only_seen_seated_is_aligned_where_that_is_said() -> None:
    thigh, shin = person("knee-extension")
    begins, ends = thigh.truth.reps[0].start_s - 1.5, thigh.truth.reps[-1].end_s
    seated = [
        tuple(values[(seen.time_s > begins) & (seen.time_s < ends)] for values in recorded(seen))
        for seen in (thigh, shin)
    ]
    found = f.align_pair(*seated, seated=True)  # type: ignore[arg-type]
    assert np.abs(off_deg(found.shin, shin)).max() < 5.0
    with pytest.raises(CalibrationError) as caught:
        f.align_pair(*seated)  # type: ignore[arg-type]
    assert caught.value.code == "no-standing"
