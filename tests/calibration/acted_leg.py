"""A leg for the calibration tests: a planar chain with chosen faults, written apart from ``firmware_sim``.

World X forward, Y up, Z to the right. Segments ``R = Rz(theta) Rx(phi) Ry(psi)``; derivatives are numeric at 1 kHz.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

FloatArray = npt.NDArray[np.float64]

FINE_HZ = 1000
THIGH_M, SHANK_M = 0.4165, 0.418
GRAVITY = 9.80665
BOX_M = {"thigh": np.array([0.07, 0.15, 0.03]), "shin": np.array([0.05, -0.10, -0.02])}
"""Place of the box from the knee, segment frame of a right leg."""


@dataclass(frozen=True)
class Performance:
    """What the person does: ``moves`` out-and-backs after standing for ``stand_s``.

    ``kind``: "squat", "raise" (thigh, shin hanging), "extension" (shin swung forward from a raised thigh), "swing"
    (the straight leg). ``lift_deg``: abduction of one lift to the side at the end; 0 for none.
    """

    kind: str = "squat"
    moves: int = 5
    range_deg: float = 45.0
    stand_s: float = 4.0
    out_s: float = 1.2
    back_s: float = 1.2
    pause_s: float = 0.6
    medial_deg: tuple[float, ...] = (0.0,)
    inward_deg: tuple[float, ...] = (0.0,)
    lift_deg: float = 0.0
    sway_deg: float = 0.4
    stance_out_deg: float = 0.0
    after_s: float = 2.0
    seed: int = 0


@dataclass(frozen=True)
class Box:
    """The sensor: where it sits and how wrong it is. ``turned`` is segment to sensor."""

    side: str = "right"
    mount: str = "thigh"
    turned: Rotation = field(default_factory=Rotation.identity)
    rate_hz: float = 100.0
    gyr_bias_deg_s: float = 0.5
    acc_offset_m_s2: float = 0.066
    noise: float = 1.0
    slip_deg: float = 0.0
    slip_at_s: float = 0.0
    seed: int = 1


@dataclass(frozen=True)
class Recording:
    """The samples, and the bone they came from: ``bone`` segment to world (X forward, Y up, Z right)."""

    time_s: FloatArray
    acc: FloatArray
    gyr: FloatArray
    bone: Rotation
    share: FloatArray

    def cut(self, start_s: float, stop_s: float) -> Recording:
        """The part between two times."""
        keep = (self.time_s >= start_s) & (self.time_s < stop_s)
        return replace(
            self,
            time_s=self.time_s[keep],
            acc=self.acc[keep],
            gyr=self.gyr[keep],
            bone=self.bone[keep],
            share=self.share[keep],
        )


@functools.cache
def record(performance: Performance, box: Box) -> Recording:
    """Play the performance and record it with the box."""
    p, medial = performance, 1.0 if box.side == "right" else -1.0
    rng = np.random.default_rng(p.seed)
    share, lift, which = _timeline(p)
    count = len(share)
    strays = np.array([p.medial_deg[min(i, len(p.medial_deg) - 1)] for i in range(max(1, p.moves))])
    turns = np.array([p.inward_deg[min(i, len(p.inward_deg) - 1)] for i in range(max(1, p.moves))])
    stray, turn = strays[which] * share, turns[which] * share
    sway = np.column_stack([_sway(rng, count, p.sway_deg) for _ in range(4)])
    thigh_theta, shin_theta = _sagittal(p.kind, p.range_deg * share)
    thigh_phi = medial * (stray - lift) + sway[:, 0]
    shin_phi = medial * ((-stray if p.kind == "squat" else stray) - lift) + sway[:, 1]
    stance = Rotation.from_euler("X", -medial * p.stance_out_deg, degrees=True)
    thigh = stance * _segment(thigh_theta + sway[:, 2], thigh_phi, medial * turn)
    shin = stance * _segment(shin_theta + sway[:, 3], shin_phi, 0.5 * medial * turn)
    knee = shin.apply([0.0, SHANK_M, 0.0]) if p.kind == "squat" else -thigh.apply([0.0, THIGH_M, 0.0])
    bone = thigh if box.mount == "thigh" else shin
    place = BOX_M[box.mount] * np.array([1.0, 1.0, medial])
    return _sense(bone, knee + bone.apply(place), share, box)


def _sense(bone: Rotation, position: FloatArray, share: FloatArray, box: Box) -> Recording:
    rng = np.random.default_rng(box.seed)
    time_s = np.arange(len(share)) / FINE_HZ
    slip = np.radians(box.slip_deg) * _step((time_s - box.slip_at_s) / 0.3) if box.slip_deg else np.zeros(len(share))
    on_bone = Rotation.from_rotvec(np.outer(slip, [0.0, 1.0, 0.0])) * box.turned.inv()
    sensor = bone * on_bone
    acceleration = np.gradient(np.gradient(position, 1 / FINE_HZ, axis=0), 1 / FINE_HZ, axis=0)
    force = sensor.inv().apply(acceleration + np.array([0.0, GRAVITY, 0.0]))
    between = (sensor[:-1].inv() * sensor[1:]).as_rotvec() * FINE_HZ
    rate = np.concatenate((between, between[-1:]))
    step = round(FINE_HZ / box.rate_hz)
    whole = len(share) // step * step
    force, rate = (v[:whole].reshape(-1, step, 3).mean(axis=1) for v in (force, rate))
    middle = np.arange(step // 2, whole, step)
    bias = _direction(rng) * np.radians(box.gyr_bias_deg_s)
    offset = _direction(rng) * box.acc_offset_m_s2
    spread = box.noise * np.sqrt(box.rate_hz / 2)
    rate = rate + bias + rng.normal(0.0, np.radians(0.007) * spread, rate.shape)
    force = force + offset + rng.normal(0.0, 160e-6 * GRAVITY * spread, force.shape)
    return Recording(time_s[middle], force, rate, bone[middle], share[middle])


def _sagittal(kind: str, amount: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Flexion of thigh and shin, deg, for this much of the movement."""
    if kind == "squat":
        return amount, -0.76 * amount
    if kind == "raise":
        return amount, 0.1 * amount
    if kind == "extension":
        return np.zeros_like(amount), amount
    return amount, amount


def _timeline(p: Performance) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64]]:
    """Share of the movement (0 to 1), lift in deg, and the number of the movement, all at 1 kHz."""
    share, lift, which = [np.zeros(_n(p.stand_s))], [np.zeros(_n(p.stand_s))], [np.zeros(_n(p.stand_s), dtype=np.int64)]
    for i in range(p.moves):
        once = np.concatenate((_stroke(p.out_s), np.ones(_n(0.1)), 1.0 - _stroke(p.back_s), np.zeros(_n(p.pause_s))))
        share.append(once)
        lift.append(np.zeros(len(once)))
        which.append(np.full(len(once), i))
    if p.lift_deg:
        once = np.concatenate((_stroke(1.0), 1.0 - _stroke(1.0), np.zeros(_n(p.pause_s))))
        share.append(np.zeros(len(once)))
        lift.append(p.lift_deg * once)
        which.append(np.full(len(once), max(0, p.moves - 1)))
    rest = _n(p.after_s)
    share.append(np.zeros(rest))
    lift.append(np.zeros(rest))
    which.append(np.full(rest, max(0, p.moves - 1)))
    return np.concatenate(share), np.concatenate(lift), np.concatenate(which)


def _segment(theta: FloatArray, phi: FloatArray, psi: FloatArray) -> Rotation:
    return Rotation.from_euler("ZXY", np.column_stack((theta, phi, psi)), degrees=True)


def _sway(rng: np.random.Generator, count: int, sd_deg: float) -> FloatArray:
    """Slow wandering as standing people show: two seconds and slower."""
    knots = rng.normal(0.0, sd_deg, count // FINE_HZ + 4)
    from scipy.interpolate import CubicSpline

    return np.asarray(CubicSpline(np.arange(len(knots)), knots)(np.arange(count) / FINE_HZ))


def _stroke(seconds: float) -> FloatArray:
    return _step(np.arange(_n(seconds)) / _n(seconds))


def _step(x: FloatArray) -> FloatArray:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(10 * x**3 - 15 * x**4 + 6 * x**5)


def _direction(rng: np.random.Generator) -> FloatArray:
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def _n(seconds: float) -> int:
    return round(seconds * FINE_HZ)
