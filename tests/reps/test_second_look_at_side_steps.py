"""Steps to the side in which the knee bends as far as the leg leans are counted by the lean, once the set is over."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from calibration.standards import GRAVITY_M_S2
from kneeimu.reps.walk.sideways import lean_of_stands
from kneeimu.sessions.analysis import analyze
from kneeimu.types import FloatArray, Mount, Samples, Setup

RATE_HZ = 100.0
LEAN_DEG, BEND_DEG = 12.0, 10.0
OUT, BACK = (1.0, 0.0), (0.0, 1.0)
"""How far the knee bends on the way out, and on the way back."""


def ramp(from_deg: float, to_deg: float, seconds: float) -> FloatArray:
    phase = np.linspace(0.0, np.pi, round(seconds * RATE_HZ))
    return from_deg + (to_deg - from_deg) * 0.5 * (1.0 - np.cos(phase))


def lift(height_deg: float, seconds: float) -> FloatArray:
    return height_deg * np.sin(np.linspace(0.0, np.pi, round(seconds * RATE_HZ))) ** 2


def stand(seconds: float) -> FloatArray:
    return np.zeros(round(seconds * RATE_HZ))


def step(lifts: tuple[float, float], lean_deg: float = LEAN_DEG) -> FloatArray:
    """Lean and bend, deg, (n, 2): the foot is lifted more on one of the two ways."""
    lean = [ramp(0.0, lean_deg, 0.9), stand(0.6) + lean_deg, ramp(lean_deg, 0.0, 0.9), stand(0.6)]
    bend = [lift(lifts[0] * BEND_DEG, 0.9), stand(0.6), lift(lifts[1] * BEND_DEG, 0.9), stand(0.6)]
    return np.stack((np.concatenate(lean), np.concatenate(bend)), axis=1)


def at_rest(seconds: float) -> FloatArray:
    return np.stack((stand(seconds), stand(seconds)), axis=1)


def turned(path_deg: FloatArray, box: Rotation) -> Rotation:
    """Orientations of a box on a limb that leans to the right and bends."""
    bend, lean = path_deg[:, 1], path_deg[:, 0]
    limb = Rotation.from_euler("ZX", np.stack((bend, lean), axis=1), degrees=True)
    upwards = Rotation.from_euler("x", 90.0, degrees=True)
    return upwards * limb * box.inv()


def samples(path_deg: FloatArray, box: Rotation) -> Samples:
    orientations = turned(path_deg, box)
    acc = orientations.inv().apply([0.0, 0.0, GRAVITY_M_S2])
    gyr = (orientations[:-1].inv() * orientations[1:]).as_rotvec() * RATE_HZ
    return Samples(np.arange(len(path_deg)) / RATE_HZ, acc, np.concatenate((gyr, gyr[-1:])))


@pytest.fixture(params=[0, 1], ids=["one box", "another box"])
def box(request: pytest.FixtureRequest) -> Rotation:
    return Rotation.random(rng=np.random.default_rng(request.param))


def counted(path: list[FloatArray], box: Rotation, mount: Mount = "thigh") -> int:
    analysis = analyze(samples(np.concatenate(path), box), Setup("lateral-walk", "left", mount, RATE_HZ), file="")
    return len(analysis.reps)


@pytest.mark.parametrize("mount", ["thigh", "shin"])
def test_steps_in_which_the_knee_bends_now_on_the_way_out_and_now_on_the_way_back_are_counted(
    box: Rotation, mount: Mount
) -> None:
    walk = [at_rest(3.0), *[step(BACK), step(OUT)] * 3, at_rest(12.0)]
    assert counted(walk, box, mount) == 6


def test_a_lean_from_another_pose_belongs_to_no_walk(box: Rotation) -> None:
    walk = [at_rest(3.0), *[step(BACK), step(OUT)] * 3]
    straightening = np.stack((stand(1.0), ramp(0.0, -35.0, 1.0)), axis=1)
    upright = np.array([0.0, -35.0])
    swaying, standing = step((0.0, 0.0)) + upright, at_rest(12.0) + upright
    assert counted([*walk, straightening, swaying, standing], box) == 6


def test_the_lean_is_what_the_stands_of_a_walk_differ_in(box: Rotation) -> None:
    orientations = turned(np.concatenate([step(BACK), step(OUT), step(BACK)])[::4], box)
    up = orientations.inv().apply([0.0, 0.0, 1.0])
    wide, bent = turned(np.array([[LEAN_DEG, 0.0], [0.0, BEND_DEG]]), box).inv().apply([0.0, 0.0, 1.0])
    narrow, leaning, bending = lean_of_stands(up, [(0, len(up))]).of_many(np.array([up[0], wide, bent]))
    assert np.degrees(np.arccos(narrow @ leaning)) == pytest.approx(LEAN_DEG, abs=1.0)
    assert np.degrees(np.arccos(narrow @ bending)) < 3.0
