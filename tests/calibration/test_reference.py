"""Reference reps: what the wearer usually does, though not every one of them goes as it should."""

from __future__ import annotations

import pytest

from calibration.errors import CalibrationError
from calibration.reference import CONSISTENT_DEG, reference_of_reps

ROTATION = [1.0, 2.0, 3.0, 4.0]
RANGE = [50.0, 51.0, 52.0, 70.0]


def test_the_median_of_reps_alike_is_the_reference() -> None:
    found = reference_of_reps([1.0, 2.0, 2.5], ROTATION[:3], RANGE[:3])
    assert (found.tilt_deg, found.rotation_deg, found.range_deg, found.reps) == (2.0, 2.0, 51.0, 3)
    assert found.spread_deg == pytest.approx(0.76, abs=0.01)


def test_of_four_reps_one_that_strays_is_left_out_whole() -> None:
    found = reference_of_reps([1.0, 1.2, 0.8, 9.0], ROTATION, RANGE)
    assert (found.tilt_deg, found.rotation_deg, found.range_deg, found.reps) == (1.0, 2.0, 51.0, 3)
    assert found.spread_deg < CONSISTENT_DEG


def test_four_reps_alike_all_count() -> None:
    assert reference_of_reps([1.0, 1.2, 0.8, 1.0], ROTATION, RANGE).reps == 4


@pytest.mark.parametrize("tilts", [[0.0, 5.0, 0.0], [0.0, 5.0, 0.0, 5.0], [-4.0, 0.0, 4.0, 8.0]])
def test_reps_of_which_more_than_one_strays_are_to_be_done_again(tilts: list[float]) -> None:
    with pytest.raises(CalibrationError) as caught:
        reference_of_reps(tilts, ROTATION[: len(tilts)], RANGE[: len(tilts)])
    assert caught.value.code == "uneven-reps"
    assert "again" in caught.value.advice


def test_two_reps_are_too_few() -> None:
    with pytest.raises(CalibrationError) as caught:
        reference_of_reps([1.0, 1.0], ROTATION[:2], RANGE[:2])
    assert caught.value.code == "few-reps"
