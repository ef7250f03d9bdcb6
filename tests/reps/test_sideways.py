"""Steps and lifts to the side are followed by the lean of the limb alone, where it is known which way that is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from firmware_sim import Activity, Scenario
from kneeimu.evaluation.judge import Outcome, evaluate
from kneeimu.evaluation.tasks import Task
from kneeimu.reps.counter_words import Counted, Refused
from kneeimu.reps.excursion import Excursion
from kneeimu.reps.measured.patience import Patience
from kneeimu.reps.walk.sideways import sideways
from kneeimu.types import Alignment, FloatArray

STANDS_UP = (2, 4, 6, 8)


def walker(mount: str, seed: int, after: tuple[Activity, ...] = (), stands_up: tuple[int, ...] = ()) -> Outcome:
    faults = {"standing-up": stands_up} if stands_up else {}
    scenario = Scenario(
        exercise="lateral-walk", mount=mount, side="left", reps=10, seed=seed, variation=0.5, style=0.5,
        tempo_s=(0.85, 0.3, 0.9, 0.4), alignment="squats", reference_reps=4, direction="right",
        before=(Activity("stand", 3.0),), after=after, faults=faults,
    )  # fmt: skip
    return evaluate(Task("walker", scenario, "lateral-walk"))


@pytest.mark.parametrize("mount", ["thigh", "shin"])
@pytest.mark.parametrize("seed", [88100, 88101])
def test_steps_of_a_walker_who_stands_up_in_between_are_all_counted(mount: str, seed: int) -> None:
    outcome = walker(mount, seed, stands_up=STANDS_UP)
    assert outcome.count == outcome.true_count == 10
    stood_up = [pair.counted for pair in outcome.pairs if pair.true.faults]
    assert [rep.number for rep in stood_up if "standing-up" not in rep.flags] == []


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_walking_on_ahead_is_no_walk_to_the_side(mount: str) -> None:
    outcome = walker(mount, 88110, (Activity("stand", 4.0), Activity("walk", 12.0)))
    assert outcome.count == outcome.true_count == 10


@pytest.mark.parametrize("mount", ["thigh", "shin"])
@pytest.mark.parametrize("seed", [88120, 88121])
def test_first_and_last_lifts_with_the_toes_up_belong_to_the_set(mount: str, seed: int) -> None:
    scenario = Scenario(
        exercise="hip-abduction", mount=mount, side="right", reps=8, seed=seed, variation=0.5, style=0.5,
        alignment="squats", reference_reps=4, before=(Activity("stand", 3.0),), after=(Activity("stand", 2.0),),
        faults={"toes-up": (1, 8)},
    )  # fmt: skip
    outcome = evaluate(Task("lifter", scenario, "hip-abduction"))
    assert outcome.count == outcome.true_count == 8
    assert ["toes-up" in pair.counted.flags for pair in outcome.pairs] == [True, *[False] * 6, True]


def upright(lean_deg: float, bend_deg: float) -> FloatArray:
    """Up, seen from a segment (X to the front, Y along it, Z to the right) that leans to the right and bends."""
    return np.asarray(Rotation.from_euler("ZX", [bend_deg, lean_deg], degrees=True).inv().apply([0.0, 1.0, 0.0]))


@given(
    st.floats(-30.0, 30.0), st.floats(-90.0, 90.0),
    st.tuples(*[st.floats(-1.0, 1.0)] * 4).filter(lambda q: sum(x * x for x in q) > 0.1),
)  # fmt: skip
def test_the_lean_is_kept_and_the_bend_is_not_however_the_box_sits(
    lean_deg: float, bend_deg: float, box: tuple[float, float, float, float]
) -> None:
    w, x, y, z = np.array(box) / np.linalg.norm(box)
    to_sensor = Rotation.from_quat([x, y, z, w])
    lean = sideways(Alignment((w, x, y, z), "right", "thigh", "good", 3.0))
    up = to_sensor.apply(upright(lean_deg, bend_deg))
    mapped = np.array(lean.of(tuple(up.tolist())))
    assert to_sensor.inv().apply(mapped)[0] == pytest.approx(0.0, abs=1e-9)
    assert to_sensor.inv().apply(mapped)[2] == pytest.approx(to_sensor.inv().apply(up)[2], abs=1e-9)
    assert lean.of_many(up[None])[0] == pytest.approx(mapped, abs=1e-12)


def test_a_refusal_does_not_hurry_a_step_that_waits_for_the_foot() -> None:
    pose = (0.0, 0.0, 1.0)
    excursion = Excursion(9.0, 9.4, 10.0, 12.0, (1.0, 0.0, 0.0), pose, pose)
    patience = Patience()
    assert patience.step(9.8, [Counted(9.8, excursion)], 1.5) == []
    assert [type(word) for word in patience.step(9.9, [Refused(9.9, excursion, "posture")], 1.5)] == [Refused]
    told = [word for tick in range(10) for word in patience.step(10.0 + 0.04 * tick, [], 0.05)]
    assert [type(word) for word in told] == [Counted]
