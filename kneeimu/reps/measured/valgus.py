"""How far the knee goes inwards in one rep, from the segment's long axis in the heading frame of the rep's start.

Gravity alone is blind to a hinge knee's valgus (the adduction and the rotation it sees cancel), so the gyro's heading
over the rep is needed; it drifts by 0.3 deg in 3 s at most.
"""

from __future__ import annotations

from math import asin, atan, atan2, cos, degrees, radians, sin, sqrt, tan
from typing import NamedTuple

import numpy as np

from calibration.standards import DEPTH_FROM
from kneeimu.motion.segment import angles_of
from kneeimu.types import Alignment, FloatArray, Mount

SEGMENT_RATIO = 0.4165 / 0.418
"""Thigh over shank length at 1.70 m, 0.245 H and 0.246 H (Winter, after Drillis and Contini)."""
SHANK_SHARE = 0.76
"""Shank lean over thigh flexion in a balanced squat: 26 deg for 34 deg."""
HIP_SHIFT_DEG = 2.4
"""FPPA error of 1.65 cm side-shift of the hip (1.5 between people, 0.7 between reps), 1.45 deg/cm; one SD."""


class Valgus(NamedTuple):
    """Angles of one rep, deg; medial is positive for both legs.

    ``steady_tilt_deg`` and ``steady_rotation_deg`` are tilt and rotation at full depth as a fit over the deep phase
    gives them: sway averages out, as a reference needs it. ``fppa_uncertainty_deg`` is two standard deviations.
    """

    medial_tilt_deg: float
    inward_rotation_deg: float
    steady_tilt_deg: float
    steady_rotation_deg: float
    fppa_equivalent_deg: float
    fppa_uncertainty_deg: float


def measure_valgus(axes: FloatArray, alignment: Alignment, stands: slice | None = None) -> Valgus | None:
    """Measure a rep from its ticks, the first being its start.

    Args:
        axes: (7, n), as ``calibration.frames.segment_axes`` gives them.
        stands: the ticks from where the foot has landed to where it leaves again; None for a foot that never leaves.
            The depth of the rep is the way that the limb goes in that time.

    Returns:
        None when the segment has no heading at the start (its front points up or down).
    """
    angles, ticks = angles_of(axes), axes.shape[1]
    if angles is None or ticks < 4:
        return None
    medial = 1.0 if alignment.side == "right" else -1.0
    tilted = medial if alignment.mount == "thigh" else -medial
    begins, ends = (stands.start, stands.stop) if stands is not None else (0, ticks)
    way = np.abs(angles.sagittal_deg[begins:ends] - angles.sagittal_deg[begins])
    bottom = int(way.argmax())
    depth = way.item(bottom)
    deep = (way >= DEPTH_FROM * depth).nonzero()[0]
    share = way.take(deep) / depth if depth else np.ones(len(deep))
    deep += begins
    aside = angles.aside_deg - angles.aside_deg[:, :1]
    when_deep = aside.take(deep, axis=1)
    # a mean over three ticks; the first and the last value are taken to go on
    of_three = aside.take(deep - 1, axis=1, mode="clip") + when_deep + aside.take(deep + 1, axis=1, mode="clip")
    furthest = np.abs(of_three).argmax(axis=1).tolist()
    medial_tilt, inward = (of_three.item(row, at) / 3.0 for row, at in enumerate(furthest))
    medial_tilt, inward = tilted * medial_tilt, medial * inward
    steady_tilt, steady_rotation = (when_deep @ share / (share @ share)).tolist()
    bent = abs(angles.sagittal_deg.item(begins + bottom) - angles.sagittal_deg.item(0))
    return Valgus(
        medial_tilt,
        inward,
        tilted * steady_tilt,
        medial * steady_rotation,
        fppa_equivalent_deg(alignment.mount, medial_tilt, bent),
        fppa_uncertainty_deg(alignment, bent),
    )


def fppa_equivalent_deg(mount: Mount, medial_tilt_deg: float, sagittal_deg: float) -> float:
    """Camera-style frontal plane projection angle, deg, as change from standing.

    Assumes a planted foot, a hip that stays over the ankle side to side, and the segment ratio above; the other
    segment's tilt follows from closing that chain.
    """
    own, ratio = radians(medial_tilt_deg), SEGMENT_RATIO
    if mount == "thigh":
        thigh, flexion = own, radians(sagittal_deg)
        shank, lean = asin(max(-1.0, min(1.0, ratio * sin(own)))), SHANK_SHARE * flexion
    else:
        shank, lean = own, radians(sagittal_deg)
        thigh, flexion = asin(max(-1.0, min(1.0, sin(own) / ratio))), lean / SHANK_SHARE
    flexion, lean = min(flexion, 1.4), min(lean, 1.4)
    return degrees(atan2(sin(thigh), cos(flexion) * cos(thigh)) + atan(tan(shank) / cos(lean)))


def fppa_uncertainty_deg(alignment: Alignment, sagittal_deg: float) -> float:
    """Two standard deviations of the estimate: crosstalk of the alignment's yaw, and the hip's side-shift."""
    crosstalk = 2.3 * alignment.yaw_uncertainty_deg * sin(radians(min(sagittal_deg, 90.0)))
    return 2.0 * sqrt(crosstalk**2 + HIP_SHIFT_DEG**2)
