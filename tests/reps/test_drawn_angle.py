"""What is drawn and exported of a movement is its tilt away from the pose that it begins in."""

from __future__ import annotations

import pytest

from firmware_sim import Scenario, simulate
from kneeimu.sessions.play import Played, play
from kneeimu.types import Rep, Samples, Setup

APART_DEG = 12.0
"""Home may have been taken a little before the limb had settled."""


def played(exercise: str, mount: str, tempo_s: tuple[float, float, float, float] | None = None) -> Played:
    done = simulate(Scenario(exercise=exercise, side="right", mount=mount, reps=4, seed=2, tempo_s=tempo_s))
    samples = Samples(done.time_s, done.acc_m_s2, done.gyr_rad_s)
    return play(samples, Setup(exercise, "right", mount, 100.0))  # type: ignore[arg-type]


def greatest_deg(session: Played, rep: Rep) -> float:
    trace = session.trace
    within = (trace.time_s >= rep.start_s) & (trace.time_s <= rep.end_s)
    return float(trace.angle_deg[within].max())


@pytest.mark.parametrize(
    ("exercise", "mount"),
    [("hip-abduction", "shin"), ("hip-abduction", "thigh"), ("clamshell", "thigh"), ("straight-leg-raise", "thigh")],
)
def test_the_first_reps_after_lying_down_are_drawn_from_the_lying_pose(exercise: str, mount: str) -> None:
    session = played(exercise, mount)
    reps = session.sets[0].reps
    assert len(reps) == 4
    for rep in reps:
        assert greatest_deg(session, rep) == pytest.approx(rep.range_of_motion_deg, abs=APART_DEG)


@pytest.mark.parametrize("exercise", ["squat", "knee-extension"])
def test_a_first_rep_that_is_held_stays_drawn_from_where_it_began(exercise: str) -> None:
    session = played(exercise, "thigh" if exercise == "squat" else "shin", (2.0, 4.0, 2.0, 1.0))
    first = session.sets[0].reps[0]
    held = abs(session.trace.time_s - (first.start_s + first.end_s) / 2.0) < 1.5
    assert session.trace.angle_deg[held].min() > 0.7 * first.range_of_motion_deg
