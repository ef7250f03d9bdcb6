"""A clean rep that passes a limit by itself is no false alarm of who finds it."""

from __future__ import annotations

import pytest

from kneeimu.evaluation.labels import TrueRep
from kneeimu.evaluation.strays import strays

REFERENCE = tuple(TrueRep(4.0 * i, 4.0 * i + 2.0, 4.0 * i + 4.0, 40.0, tilt, far_s=4.0 * i + 2.0)
                  for i, tilt in enumerate((-1.0, 0.0, 1.0)))  # fmt: skip


def rep(**changes: float) -> TrueRep:
    told = {"start_s": 20.0, "far_s": 22.0, "turn_s": 22.0, "end_s": 24.0, "range_deg": 40.0, "medial_tilt_deg": 0.0}
    return TrueRep(**{**told, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, ()),
        ({"range_deg": 33.0}, ("shallow",)),
        ({"range_deg": 35.0}, ()),
        ({"medial_tilt_deg": 4.2}, ("knee-in",)),
        ({"start_s": 21.1}, ("dropped",)),
        ({"start_s": 21.2, "end_s": 22.9}, ("fast", "dropped")),
    ],
)
def test_limits_are_those_of_the_catalogue(changes: dict[str, float], found: tuple[str, ...]) -> None:
    assert strays(rep(**changes), REFERENCE, "squat", "thigh") == found


def test_without_reference_reps_nothing_is_held_against_them() -> None:
    assert strays(rep(range_deg=10.0, medial_tilt_deg=9.0), (), "squat", "thigh") == ()


def test_what_sinks_on_the_way_back_is_dropped_there() -> None:
    assert strays(rep(end_s=22.6), REFERENCE, "straight-leg-raise", "thigh") == ("dropped",)
