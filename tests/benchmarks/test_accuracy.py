"""What docs/accuracy.md says, measured anew: bounds a little below what was reached, so that a loss is seen.

The seeds are not those that anything was tuned on.
"""

from __future__ import annotations

import numpy as np
import pytest

from firmware_sim import Activity, Scenario
from kneeimu.evaluation.figures import Figures, figures_of
from kneeimu.evaluation.judge import Outcome
from kneeimu.evaluation.run import evaluate_all
from kneeimu.evaluation.table import describe
from kneeimu.evaluation.tasks import Task, simulated_tasks

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

SEED = 910000
EXERCISES = ("single-leg-squat", "squat", "step-down", "lunge")
LEAST_EXACT_PERCENT, LEAST_WITHIN_ONE_PERCENT, MOST_FALSE_PER_10_MIN = 55.0, 80.0, 8.0
"""Guards. The aims are 99 % exact, and none."""
MOST_TILT_RMSE_DEG = 1.3
MOST_FALSE_AMBER_OF_1000, AIM_OF_1000 = 2, 0


def straight_people(recordings: int, tissue: str) -> list[Task]:
    """People whose knee goes straight, twelve reps each, after an alignment and four reference reps."""
    tasks = []
    for number in range(recordings):
        exercise = EXERCISES[number % 4]
        scenario = Scenario(
            exercise=exercise,
            mount=("thigh", "shin")[number // 4 % 2],
            side=("left", "right")[number // 8 % 2],
            reps=12,
            seed=SEED + 1000 + number,
            alignment="squats",
            reference_reps=4,
            tissue=tissue,
            before=(Activity("stand", 3.0),),
        )
        tasks.append(Task(f"straight-{number:03d}", scenario, exercise))
    return tasks


@pytest.fixture(scope="module")
def suite() -> tuple[Figures, list[Outcome]]:
    outcomes = evaluate_all(simulated_tasks(224, 20, 1, SEED))
    return figures_of(outcomes), outcomes


def test_simulated_people_are_counted_as_well_as_before(
    suite: tuple[Figures, list[Outcome]], capsys: pytest.CaptureFixture[str]
) -> None:
    figures, outcomes = suite
    with capsys.disabled():
        print("\n" + describe(figures, outcomes))
    total = figures.total
    assert not figures.errors
    assert (total.exact_percent or 0.0) >= LEAST_EXACT_PERCENT
    assert (total.within_one_percent or 0.0) >= LEAST_WITHIN_ONE_PERCENT
    assert (total.false_per_10_min or 0.0) <= MOST_FALSE_PER_10_MIN
    assert total.resting_counts <= 0.3 * total.resting


def test_medial_tilt_after_an_alignment(suite: tuple[Figures, list[Outcome]]) -> None:
    tilt = suite[0].total.medial_tilt_deg
    assert tilt is not None
    assert tilt.rmse_deg <= MOST_TILT_RMSE_DEG


def test_a_thousand_straight_reps(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = evaluate_all(straight_people(88, "none"))
    pairs = [pair for one in outcomes for pair in one.pairs]
    reps = [pair.counted for pair in pairs]
    drift = [rep.medial_drift_deg for rep in reps if rep.medial_drift_deg is not None]
    amber = sum("knee-in" in pair.counted.flags and "knee-in" not in pair.strays for pair in pairs)
    with capsys.disabled():
        print(
            f"\n{len(reps)} straight reps: knee-in told in {amber} (aim {AIM_OF_1000}); "
            f"drift 1 to 99 %: {np.quantile(drift, 0.01):.1f} to {np.quantile(drift, 0.99):.1f} deg"
        )
    assert len(reps) >= 1000
    assert amber <= MOST_FALSE_AMBER_OF_1000
