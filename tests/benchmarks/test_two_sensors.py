"""Two sensors on one leg against the bones of simulated people, and what a notification costs with two."""

from __future__ import annotations

import statistics
import time

import numpy as np
import pytest

from calibration.alignment import align
from firmware_sim import Scenario, Simulation, simulate_pair
from kneeimu.engine import Engine
from kneeimu.pair import PairEngine, PairSetup
from kneeimu.sessions.alignments import alignment_of, recorded
from kneeimu.sessions.pair_analysis import PairRequest, analyze_pair
from kneeimu.types import FloatArray, Samples, Side

pytestmark = pytest.mark.benchmark

SEEDS = range(2100, 2108)
AIM_DEG = (3.0, 2.5)
"""Flexion and ab/adduction, RMSE, without skin."""
MOST_DEG = {"none": (3.0, 3.2), "skin": (4.5, 6.0)}
"""A guard with room, for eight people."""
SAMPLES = 8
MOST_TIMES_ONE = 2.0
"""A notification with two sensors against one with one; 1.5 was reached."""


def worn(seed: int, exercise: str, tissue: str) -> tuple[Simulation, Simulation, Side]:
    """Somebody aligned by squats that stray by 2 deg inwards or outwards, whose knee then strays by 0 to 9."""
    side: Side = "left" if seed % 2 else "right"
    scenario = Scenario(
        exercise=exercise, side=side, mount="both", reps=8, seed=seed, alignment="squats", tissue=tissue,
        alignment_valgus_deg=2.0 if seed % 4 < 2 else -2.0, valgus_deg=(0.0, 3.0, 6.0, 9.0) * 2,
    )  # fmt: skip
    return *simulate_pair(scenario), side


def samples(seen: Simulation) -> Samples:
    return Samples(seen.time_s, seen.acc_m_s2, seen.gyr_rad_s)


def errors_deg(seed: int, exercise: str, tissue: str) -> tuple[FloatArray, float]:
    """Flexion, adduction and rotation less those of the bones, both 0 in the alignment's standing (n, 3); and the bend
    of the bones in that standing."""
    thigh, shin, side = worn(seed, exercise, tissue)
    found = align(*recorded(samples(thigh)), side, "thigh"), align(*recorded(samples(shin)), side, "shin")
    request = PairRequest(exercise, side, *(alignment_of(one) for one in found))
    angles, true = analyze_pair(samples(thigh), samples(shin), request).angles, thigh.truth
    stood = (true.time_s > found[0].stand_s[0]) & (true.time_s < found[0].stand_s[1])
    rows = np.isfinite(angles.flexion_deg) & (angles.time_s > true.reps[0].start_s)
    pairs = (
        (angles.flexion_deg, true.knee_flexion_deg),
        (-angles.abduction_deg, true.knee_adduction_deg),
        (angles.rotation_deg, true.knee_rotation_deg),
    )
    off = [one[rows] - np.interp(angles.time_s[rows], true.time_s, bone - bone[stood].mean()) for one, bone in pairs]
    return np.column_stack(off), float(true.knee_flexion_deg[stood].mean())


@pytest.mark.parametrize("tissue", ["none", "skin"])
@pytest.mark.parametrize("exercise", ["squat", "step-down"])
def test_the_knee_against_the_bones(exercise: str, tissue: str, capsys: pytest.CaptureFixture[str]) -> None:
    people = [errors_deg(seed, exercise, tissue) for seed in SEEDS]
    off = np.concatenate([errors for errors, _ in people])
    rmse, bias, spread = np.sqrt(np.mean(off**2, axis=0)), off.mean(axis=0), 1.96 * off.std(axis=0)
    unzeroed = np.concatenate([errors[:, 0] - stood for errors, stood in people])
    with capsys.disabled():
        each = (f"{r:.1f} ({b:+.1f} ± {s:.1f})" for r, b, s in zip(rmse, bias, spread, strict=True))
        print(
            f"\n{exercise}, skin {tissue}: flexion, ab/adduction, rotation {', '.join(each)} deg "
            f"(aim {AIM_DEG} without skin); flexion with the bones' own zero {np.sqrt(np.mean(unzeroed**2)):.1f}"
        )
    assert rmse[0] < MOST_DEG[tissue][0]
    assert rmse[1] < MOST_DEG[tissue][1]


def test_what_a_notification_costs(capsys: pytest.CaptureFixture[str]) -> None:
    """One and both take turns, so that they meet the same rush of others on the processor's caches."""
    thigh, shin, side = worn(2100, "squat", "none")
    one, other = samples(thigh), samples(shin)
    alignments = [
        alignment_of(align(*recorded(seen), side, mount)) for seen, mount in ((one, "thigh"), (other, "shin"))
    ]
    both = PairEngine(PairSetup("squat", side, 100.0, 100.0, *alignments))
    alone = Engine(both.setup.single())
    spent: tuple[list[float], list[float]] = ([], [])
    for at in range(0, min(len(one), len(other)) - SAMPLES, SAMPLES):
        parts = [
            Samples(seen.time_s[at : at + SAMPLES], seen.acc_m_s2[at : at + SAMPLES], seen.gyr_rad_s[at : at + SAMPLES])
            for seen in (one, other)
        ]
        begin_s = time.perf_counter()
        alone.feed(parts[0])
        between_s = time.perf_counter()
        both.feed(thigh=parts[0])
        both.feed(shin=parts[1])
        spent[0].append(between_s - begin_s)
        spent[1].append((time.perf_counter() - between_s) / 2.0)
    with_one, with_two = (statistics.median(times) * 1e6 for times in spent)
    with capsys.disabled():
        print(
            f"\na notification of {SAMPLES} samples: {with_one:.0f} us with one sensor, {with_two:.0f} with two, "
            f"{with_two / with_one:.2f} times as long"
        )
    assert with_two < MOST_TIMES_ONE * with_one
