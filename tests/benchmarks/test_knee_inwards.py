"""Medial tilt from alignment to engine, on simulated people whom nothing was tuned on: the table of docs/accuracy.md.

The truth is the bone's long axis. Beside it the line of the bone that is upright as the wearer stands, which is what a
sensor can know.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from calibration.frames import quaternion_of, segment_axes, segment_frame
from firmware_sim import Activity, Scenario, Simulation, simulate
from kneeimu.evaluation.judge import match, prepare
from kneeimu.evaluation.labels import label_of
from kneeimu.evaluation.tasks import Labelled
from kneeimu.reps.measured.valgus import measure_valgus
from kneeimu.sessions.analysis import analyze
from kneeimu.types import Alignment, FloatArray, Samples, Setup

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

LINES = [("thigh", "squats", 930100, 200), ("thigh", "full", 930400, 200), ("shin", "squats", 930700, 100),
         ("shin", "full", 930700, 100)]  # fmt: skip
AIM_DEG = 0.8
STOOD_S = (1.0, 4.0)


@dataclass(frozen=True)
class Errors:
    """Of one person's reps, deg, shape (n,): tilt against the bone and the upright line; drift, NaN where not known."""

    bone: FloatArray
    upright: FloatArray
    drift: FloatArray


def person(mount: str, moves: str, seed: int, number: int) -> Scenario:
    """Eight single-leg squats with a knee that strays by -3 to 12 deg, after an alignment and four reference reps."""
    rng = np.random.default_rng([seed, number])
    return Scenario(
        exercise="single-leg-squat", mount=mount, side=("left", "right")[number % 2], reps=8, seed=seed + number,
        alignment=moves, reference_reps=4, valgus_deg=tuple(rng.uniform(-3.0, 12.0, 8)), valgus_hinge=(number % 3) / 2,
        before=(Activity("stand", 3.0),),
    )  # fmt: skip


def errors_of(scenario: Scenario) -> Errors:
    made = simulate(scenario)
    label = label_of(made.truth.to_dict(samples=False))
    samples = Samples(made.time_s, made.acc_m_s2, made.gyr_rad_s)
    samples, alignment, _ = prepare(Labelled(samples, scenario.rate_hz, label), scenario.exercise)
    assert alignment is not None
    reps = analyze(samples, Setup(scenario.exercise, label.side, label.mount, scenario.rate_hz, alignment)).reps
    reference = np.median([rep.medial_tilt_deg for rep in label.reference_reps])
    rows = []
    for true, rep in match(label.reps, reps)[0]:
        assert true.medial_tilt_deg is not None
        assert rep.medial_tilt_deg is not None
        known = tilt_of_the_upright_line(made, true.start_s, true.end_s)
        measured = np.nan if rep.medial_drift_deg is None else rep.medial_drift_deg
        drift = measured - (true.medial_tilt_deg - reference)
        rows.append((rep.medial_tilt_deg - true.medial_tilt_deg, rep.medial_tilt_deg - known, drift))
    return Errors(*np.array(rows).T)


def tilt_of_the_upright_line(made: Simulation, start_s: float, end_s: float) -> float:
    truth = made.truth
    quats = truth.quat_thigh_to_world if truth.mount == "thigh" else truth.quat_shank_to_world
    bone = Rotation.from_quat(np.roll(quats, -1, axis=1))
    stood = (truth.time_s > STOOD_S[0]) & (truth.time_s < STOOD_S[1])
    upright = bone[stood].inv().apply([0.0, 1.0, 0.0]).mean(axis=0)
    frame = quaternion_of(segment_frame(upright / np.linalg.norm(upright), np.array([1.0, 0.0, 0.0])))
    first, last = np.searchsorted(truth.time_s, (start_s - 1e-6, end_s)).tolist()
    up_is_z = np.roll((Rotation.from_euler("x", 90.0, degrees=True) * bone[first:last:4]).as_quat(), 1, axis=1)
    axes = segment_axes(up_is_z, frame)
    valgus = measure_valgus(axes, Alignment(frame, truth.side, truth.mount, "good", 3.0))  # type: ignore[arg-type]
    assert valgus is not None
    return valgus.medial_tilt_deg


def rms(values: FloatArray) -> float:
    return float(np.sqrt(np.nanmean(values**2)))


def interval(people: list[FloatArray]) -> tuple[float, float]:
    """95 % interval of the RMS over people, by bootstrap."""
    sums, counts = np.array([np.sum(one**2) for one in people]), np.array([len(one) for one in people])
    drawn = np.random.default_rng(0).integers(0, len(people), (2000, len(people)))
    low, high = np.quantile(np.sqrt(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)), (0.025, 0.975))
    return float(low), float(high)


def test_medial_tilt_of_people_whom_nothing_was_tuned_on(capsys: pytest.CaptureFixture[str]) -> None:
    at_mount: dict[str, list[FloatArray]] = {"thigh": [], "shin": []}
    for mount, moves, seed, count in LINES:
        people = [errors_of(person(mount, moves, seed, number)) for number in range(count)]
        bone = np.concatenate([one.bone for one in people])
        change = np.concatenate([np.diff(one.bone) for one in people])
        low, high = interval([one.bone for one in people])
        with capsys.disabled():
            print(
                f"\n{mount} {moves}: tilt {rms(bone):.2f} [{low:.2f}, {high:.2f}], bias {bone.mean():+.2f}, "
                f"against the upright line {rms(np.concatenate([one.upright for one in people])):.2f}, "
                f"drift {rms(np.concatenate([one.drift for one in people])):.2f}, change {rms(change):.2f} deg"
            )
        assert rms(change) <= 1.0
        at_mount[mount] += [one.bone for one in people]
    for people_at in at_mount.values():
        assert rms(np.concatenate(people_at)) <= AIM_DEG
