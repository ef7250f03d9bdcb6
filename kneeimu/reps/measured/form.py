"""Form findings of one rep: values held against the catalogue's amber and red limits."""

from __future__ import annotations

from math import inf

from kneeimu.exercises.exercise import Limit
from kneeimu.reps.measured.quality import MINIMUM_JERK_PEAK, least_step_s
from kneeimu.reps.phases import Phases
from kneeimu.types import Alignment, Rep

SHORTEST_STROKE_S = 0.15
"""A way out or back that is shorter was not seen as a whole."""
WHOLE_OF_STROKES = 1.4
"""A step takes no longer than this multiple of its two strokes, if nobody stands in between. Engineering choice."""
SHORTFALLS = {"shallow", "incomplete"}
LEAST_SHORTFALL_DEG = 1.3
"""A rep that falls short of the reference by less is not called shallow. Two standard deviations of the measured range
of small lifts: a limb that is held up sways."""


def judge(
    rep: Rep,
    phases: Phases,
    findings: dict[str, Limit],
    alignment: Alignment | None,
    reference_deg: float | None,
    lowers_first: bool,
    reached_deg: float = 0.0,
) -> dict[str, str]:
    """Give the findings at or past amber: code to "amber" or "red". What is not known is not judged.

    Args:
        reference_deg: range of the reference reps.
        lowers_first: the body sinks on the way out.
        reached_deg: how far from the mean pose of rest the limb came; the range is from the pose at the start.
    """
    values = {code: _value(code, rep, phases, alignment, lowers_first) for code in findings}
    if "rushed" in findings:
        values["rushed"] = _step_s(rep, findings["rushed"])
    levels = {code: findings[code].level(value) for code, value in values.items()}
    short = fallen_short(max(rep.range_of_motion_deg, reached_deg), findings, reference_deg)
    return {code: level for code in findings if (level := short.get(code, levels[code])) is not None}


def fallen_short(reached_deg: float, findings: dict[str, Limit], reference_deg: float | None) -> dict[str, str]:
    """Give the findings at or past amber that are held against the range of the reference reps."""
    share = _share_of_reference(reached_deg, reference_deg)
    if share is None:
        return {}
    levels = {code: findings[code].level(share) for code in SHORTFALLS & findings.keys()}
    return {code: level for code, level in levels.items() if level is not None}


def _share_of_reference(reached_deg: float, reference_deg: float | None) -> float | None:
    if not reference_deg or reference_deg - reached_deg < LEAST_SHORTFALL_DEG:
        return None
    return reached_deg / reference_deg


def _step_s(rep: Rep, limit: Limit) -> float:
    """How long a step took, s."""
    quicker_s = rep.metrics.get("quicker_step_s")
    if quicker_s is not None:
        return quicker_s
    in_part = min(rep.outward_s or 0.0, rep.return_s or 0.0) < SHORTEST_STROKE_S
    if in_part or rep.duration_s > 0.5 * (limit.amber + limit.red):
        # a limb that trails behind seems to begin late and to end early: what decides is how soon the next step
        # follows; but that tells nothing where the person stood before it
        period_s = rep.metrics.get("period_s") or 0.0
        return max(rep.duration_s, period_s if in_part else min(period_s, WHOLE_OF_STROKES * _strokes_s(rep)))
    # the foot swings on the way out, or, where the other one leads, on the way back
    fastest_deg_s = max(rep.metrics.get(f"{name}_peak_deg_s") or 0.0 for name in ("outward", "return"))
    return least_step_s(rep.duration_s, rep.range_of_motion_deg, fastest_deg_s)


def _strokes_s(rep: Rep) -> float:
    """How long the way out and the way back take by their peak speeds; infinite where these are not known."""
    slowness = 0.0
    for name in ("outward", "return"):
        speed_deg_s = rep.metrics.get(f"{name}_peak_deg_s") or 0.0
        slowness += 1.0 / speed_deg_s if speed_deg_s > 0.0 else inf
    return MINIMUM_JERK_PEAK * rep.range_of_motion_deg * slowness


def _lowered_s(rep: Rep, lowers_first: bool) -> float | None:
    """How long the lowering took, s. A slow beginning is easily taken for the hold, but its speed tells."""
    stroke_s, name = (rep.outward_s, "outward") if lowers_first else (rep.return_s, "return")
    fastest_deg_s = rep.metrics.get(f"{name}_peak_deg_s") or 0.0
    if stroke_s is None or fastest_deg_s <= 0.0:
        return stroke_s
    return max(stroke_s, MINIMUM_JERK_PEAK * rep.range_of_motion_deg / fastest_deg_s)


def _value(code: str, rep: Rep, phases: Phases, alignment: Alignment | None, lowers_first: bool) -> float | None:
    match code:
        case "knee-in":
            return rep.medial_drift_deg
        case "inward-rotation":
            usual = alignment.reference_rotation_deg if alignment else None
            if usual is None or rep.inward_rotation_deg is None:
                return None
            return rep.inward_rotation_deg - usual
        case "over-roll":
            # a suspicion, raised against coached reps only: people's own first reps differ by as much
            coached_deg = alignment.reference_range_deg if alignment is not None else None
            return rep.range_of_motion_deg / coached_deg if coached_deg else None
        case "dropped":
            return _lowered_s(rep, lowers_first)
        case "snapping":
            return phases.outward_peak_deg_s
        case "short-hold":
            return rep.hold_s
        case _:
            return rep.metrics.get(code)
