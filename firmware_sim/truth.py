"""What the leg really did, measured on the bones, as a person with perfect instruments would."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from firmware_sim.jet import FloatArray
from firmware_sim.timeline import RepMark, Span

DEPTH_FROM = 0.70
"""Tilt and rotation are read at 70 to 100 % of the depth of a rep."""
UPRIGHT = 0.6
"""Cosine of the steepest start for which the sagittal plane has a meaning."""


@dataclass(frozen=True, slots=True)
class RepTruth:
    """One rep on the mounted segment. Angles in deg, as change from the rep's start; medial and inward positive.

    Attributes:
        far_s, turn_s: the far end is reached, and left again; ``hold_s`` lies between.
        range_deg: greatest tilt against the vertical from the pose at the start.
        medial_tilt_deg: the long axis out of the sagittal plane, at its peak between 70 and 100 % of the depth, while
            the foot stands; None where the segment does not start upright.
        inward_rotation_deg: about the long axis, as above; the twist of the whole turn where it does not.
        knee_range_deg: of the knee's bend.
    """

    number: int
    set_number: int
    start_s: float
    far_s: float
    turn_s: float
    end_s: float
    hold_s: float
    range_deg: float
    medial_tilt_deg: float | None
    inward_rotation_deg: float
    knee_range_deg: float
    direction: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is known of a recording.

    Attributes:
        count: reps of the instrumented leg, without the reference reps.
        activities: spans of all that was done, sets included.
        quat_thigh_to_world, quat_shank_to_world: (n, 4) scalar-first; world X forward at the start, Y up, Z right.
        quat_segment_to_sensor: how the box sits, scalar-first.
        knee_flexion_deg, knee_adduction_deg, knee_rotation_deg: (n,), of the shank against the thigh; adduction
            (varus) and inward rotation of the shank positive.
        moving: False for the leg that rests.
    """

    exercise: str
    side: str
    mount: str
    rate_hz: float
    count: int
    reps: tuple[RepTruth, ...]
    reference_reps: tuple[RepTruth, ...]
    activities: tuple[Span, ...]
    quat_segment_to_sensor: tuple[float, float, float, float]
    time_s: FloatArray = field(repr=False)
    quat_thigh_to_world: FloatArray = field(repr=False)
    quat_shank_to_world: FloatArray = field(repr=False)
    knee_flexion_deg: FloatArray = field(repr=False)
    knee_adduction_deg: FloatArray = field(repr=False)
    knee_rotation_deg: FloatArray = field(repr=False)
    moving: bool = True

    def to_dict(self, samples: bool = True) -> dict[str, Any]:
        """Give plain data; without ``samples`` the curves are left out."""
        data: dict[str, Any] = {
            "exercise": self.exercise,
            "side": self.side,
            "mount": self.mount,
            "fs": self.rate_hz,
            "count": self.count,
            "moving": self.moving,
            "quat_segment_to_sensor": list(self.quat_segment_to_sensor),
            "reps": [_rounded(dataclasses.asdict(rep)) for rep in self.reps],
            "reference_reps": [_rounded(dataclasses.asdict(rep)) for rep in self.reference_reps],
            "activities": [_rounded(dataclasses.asdict(span)) for span in self.activities],
        }
        if samples:
            data["samples"] = {
                "t": self.time_s.round(6).tolist(),
                "quat_thigh_to_world": self.quat_thigh_to_world.round(7).tolist(),
                "quat_shank_to_world": self.quat_shank_to_world.round(7).tolist(),
                "knee_flexion_deg": self.knee_flexion_deg.round(4).tolist(),
                "knee_adduction_deg": self.knee_adduction_deg.round(4).tolist(),
                "knee_rotation_deg": self.knee_rotation_deg.round(4).tolist(),
            }
        return data


def _rounded(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in fields.items()}


def write_json(data: Any, path: str | Path) -> None:
    """Write plain data in one piece: another program sees the old file or the new one."""
    path = Path(path)
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(data, allow_nan=False), encoding="utf-8")
    temporary.replace(path)


def quaternions(rot: FloatArray) -> FloatArray:
    """Turn matrices (3, 3, n) into quaternions (n, 4), scalar-first, without jumps of sign."""
    m = rot
    # Bar-Itzhack's method would need an eigenproblem each; the largest of four is exact and fast.
    squares = np.stack(
        (
            1 + m[0, 0] + m[1, 1] + m[2, 2],
            1 + m[0, 0] - m[1, 1] - m[2, 2],
            1 - m[0, 0] + m[1, 1] - m[2, 2],
            1 - m[0, 0] - m[1, 1] + m[2, 2],
        )
    )
    best = np.argmax(squares, axis=0)
    half = np.sqrt(np.take_along_axis(squares, best[None], axis=0)[0])
    a, b, c = m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]
    d, e, f = m[1, 0] + m[0, 1], m[0, 2] + m[2, 0], m[2, 1] + m[1, 2]
    square = half**2
    rows = np.stack(
        (
            np.stack((square, a, b, c)),
            np.stack((a, square, d, e)),
            np.stack((b, d, square, f)),
            np.stack((c, e, f, square)),
        )
    )
    quat = np.take_along_axis(rows, best[None, None], axis=0)[0] / (2.0 * half)
    flips = np.sign(np.sum(quat[:, 1:] * quat[:, :-1], axis=0))
    quat[:, 1:] *= np.cumprod(np.where(flips < 0, -1.0, 1.0))
    return np.ascontiguousarray(quat.T)


def cardan_deg(rot: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give flexion, adduction and rotation of a right leg's segment, Rz Rx Ry, deg, from matrices (3, 3, n)."""
    adduction = np.arcsin(np.clip(rot[2, 1], -1.0, 1.0))
    flexion = np.arctan2(-rot[0, 1], rot[1, 1])
    rotation = np.arctan2(-rot[2, 0], rot[2, 2])
    return np.degrees(flexion), np.degrees(adduction), np.degrees(rotation)


def measure_rep(
    mark: RepMark,
    number: int,
    time_s: FloatArray,
    rot: FloatArray,
    knee_flexion_deg: FloatArray,
    side_sign: float,
    mount: str,
) -> RepTruth:
    """Read one rep off the bones.

    Args:
        rot: the mounted segment to the world, (3, 3, n).
    """
    first, last = np.searchsorted(time_s, (mark.start_s, mark.end_s))
    last = max(last, first + 2)
    part = rot[:, :, first:last]
    knee = knee_flexion_deg[first:last]
    stands = slice(0, last - first)
    if mark.stands_s is not None:
        lands, leaves = np.searchsorted(time_s, mark.stands_s)
        stands = slice(int(lands - first), int(leaves - first))
    up_start = part[1, :, :1]
    tilt = np.degrees(np.arccos(np.clip(np.sum(up_start * part[1], axis=0), -1.0, 1.0)))
    if part[1, 1, 0] > UPRIGHT:
        medial, inward = _upright(part, side_sign, mount, stands)
    else:
        deep = tilt >= DEPTH_FROM * tilt.max()
        medial, inward = None, _peak(side_sign * _twist_deg(part)[deep])
    return RepTruth(
        number=number,
        set_number=mark.set_number,
        start_s=mark.start_s,
        far_s=mark.far_s,
        turn_s=mark.turn_s,
        end_s=mark.end_s,
        hold_s=mark.turn_s - mark.far_s,
        range_deg=float(tilt.max()),
        medial_tilt_deg=medial,
        inward_rotation_deg=inward,
        knee_range_deg=float(knee.max() - knee.min()),
        direction=mark.direction,
        flags=mark.faults,
    )


def _upright(part: FloatArray, side_sign: float, mount: str, stands: slice) -> tuple[float, float]:
    """Give medial tilt and inward rotation of a segment that begins upright, in the heading of its start.

    Args:
        stands: the samples at which the foot stands; how deep the rep is shows in them.
    """
    heading = np.arctan2(-part[2, 0, 0], part[0, 0, 0])
    c, s = np.cos(heading), np.sin(heading)
    back = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
    flexion, adduction, rotation = cardan_deg(np.einsum("ij,jkn->ikn", back, part))
    way = _unwrapped(flexion)[stands]
    depth = np.abs(way - way[0])
    deep = stands.start + np.flatnonzero(depth >= DEPTH_FROM * depth.max())
    medial = side_sign * (adduction - adduction[0]) * (1.0 if mount == "thigh" else -1.0)
    inward = side_sign * (_unwrapped(rotation) - rotation[0])
    return _peak(medial[deep]), _peak(inward[deep])


def _twist_deg(part: FloatArray) -> FloatArray:
    """Give the turn since the start about the long axis (swing and twist), deg."""
    since = quaternions(np.einsum("ji,jkn->ikn", part[:, :, 0], part))
    return np.degrees(2.0 * np.arctan2(since[:, 2], since[:, 0]))


def _unwrapped(angle_deg: FloatArray) -> FloatArray:
    return np.degrees(np.unwrap(np.radians(angle_deg)))


def _peak(values: FloatArray) -> float:
    return float(values[np.argmax(np.abs(values))])
