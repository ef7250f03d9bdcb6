"""A rep is called shallow for what it falls short by, and not for what the limb sways."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.reps.measured.form import judge
from kneeimu.reps.phases import Phases
from kneeimu.types import Rep

PHASES = Phases(0.0, 4.0, 1.5, 1.0, 1.5, 60.0, 60.0, 60.0, 3.0, 1.5, 2.5, 0.0, True)
REP = Rep(
    number=4, start_s=0.0, turn_s=2.0, end_s=4.0, duration_s=4.0, range_of_motion_deg=40.0, outward_s=1.5, hold_s=1.0,
    return_s=1.5, peak_velocity_deg_s=60.0,
)  # fmt: skip


def told(range_deg: float, reference_deg: float, reached_deg: float = 0.0) -> str | None:
    findings = find_exercise("prone-hip-extension").profile("shin").findings
    rep = replace(REP, range_of_motion_deg=range_deg)
    return judge(rep, PHASES, findings, None, reference_deg, False, reached_deg).get("shallow")


@pytest.mark.parametrize(("range_deg", "level"), [(40.0, None), (35.0, None), (33.0, "amber"), (27.0, "red")])
def test_a_rep_is_held_against_the_reference(range_deg: float, level: str | None) -> None:
    assert told(range_deg, 40.0) == level


def test_a_degree_of_a_small_lift_is_sway() -> None:
    assert told(5.0, 6.0) is None
    assert told(3.5, 6.0) == "red"


def test_a_lift_that_seems_to_begin_on_its_way_is_judged_by_how_far_it_came() -> None:
    assert told(33.0, 40.0, reached_deg=38.0) is None
    assert told(33.0, 40.0, reached_deg=33.5) == "amber"
