"""Whatever a scenario asks for within its limits can be played, and gives numbers a sensor could give."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from firmware_sim import Activity, Scenario, simulate
from firmware_sim.form_faults import FAULTS_OF
from firmware_sim.scenario import ACTIVITIES, EXERCISES, MANNERS

ACTIVITY = st.builds(Activity, st.sampled_from(ACTIVITIES), st.floats(0.3, 8.0))


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    exercise = draw(st.sampled_from(EXERCISES))
    return Scenario(
        exercise=exercise,
        manner=draw(st.sampled_from(("usual", *MANNERS.get(exercise, ())))),
        side=draw(st.sampled_from(("left", "right"))),
        mount=draw(st.sampled_from(("thigh", "shin"))),
        reps=draw(st.integers(0, 5)),
        sets=draw(st.integers(1, 2)),
        rest_s=draw(st.floats(0.0, 4.0)),
        tempo_s=draw(st.none() | st.tuples(*(st.floats(low, 5.0) for low in (0.15, 0.0, 0.15, 0.0)))),
        range_deg=draw(st.none() | st.floats(2.0, 120.0)),
        variation=draw(st.floats(0.0, 2.0)),
        style=draw(st.floats(0.0, 1.5)),
        sway=draw(st.floats(0.0, 2.0)),
        fatigue=draw(st.floats(0.0, 0.5)),
        valgus_deg=(draw(st.floats(-20.0, 20.0)),),
        valgus_hinge=draw(st.floats(0.0, 1.0)),
        rate_hz=draw(st.floats(20.0, 200.0)),
        seed=draw(st.integers(-(2**62), 2**62)),
        height_m=draw(st.none() | st.floats(1.3, 2.1)),
        tissue=draw(st.sampled_from(("none", "skin"))),
        alignment=draw(st.sampled_from(("none", "still", "squats", "full"))),
        reference_reps=draw(st.integers(0, 2)),
        before=tuple(draw(st.lists(ACTIVITY, max_size=2))),
        between=tuple(draw(st.lists(ACTIVITY, max_size=1))),
        faults=dict.fromkeys(draw(st.sets(st.sampled_from(FAULTS_OF[exercise]), max_size=2)), "all")
        if FAULTS_OF[exercise]
        else {},
        resting_leg=draw(st.booleans()) if not exercise.endswith("-walk") else False,
        lost=draw(st.sampled_from((0.0, 0.3))),
        jitter_s=draw(st.sampled_from((0.0, 0.05))),
    )


@example(Scenario(exercise="lunge", manner="stepping", reps=0))
@example(Scenario(exercise="monster-walk", reps=11, seed=3893859885918166366))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_any_scenario_plays(scenario: Scenario) -> None:
    simulation = simulate(scenario)
    assert simulation.truth.count == (0 if scenario.resting_leg else scenario.reps * scenario.sets)
    assert len(simulation) == len(simulation.truth.time_s) == len(simulation.acc_m_s2) == len(simulation.gyr_rad_s)
    assert np.all(np.diff(simulation.time_s) > 0)
    assert np.isfinite(simulation.acc_m_s2).all()
    assert np.isfinite(simulation.gyr_rad_s).all()
    for rep in simulation.truth.reps:
        assert rep.start_s < rep.far_s <= rep.turn_s < rep.end_s
        assert np.isfinite([rep.range_deg, rep.inward_rotation_deg, rep.knee_range_deg]).all()
