"""Reps without an ordered fault that are past a limit all the same: bodies are not machines.

Who varies by a tenth from rep to rep does one in twenty too shallow. To find that is no false alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from kneeimu.evaluation.labels import TrueRep
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.types import Mount


def strays(true: TrueRep, references: Sequence[TrueRep], exercise: str, mount: Mount) -> tuple[str, ...]:
    """Give the findings whose amber limit the rep truly passed, as far as the label knows."""
    about = CATALOGUE[exercise]
    duration_s = true.end_s - true.start_s
    found = ["fast"] if duration_s < about.fast_s else []
    for code, limit in about.profile(mount).findings.items():
        if limit.level(_value(code, true, references, about.lowers_first)) is not None:
            found.append(code)
    return tuple(found)


def _value(code: str, true: TrueRep, references: Sequence[TrueRep], lowers_first: bool) -> float | None:
    far_s = true.turn_s if true.far_s is None else true.far_s
    match code:
        case "shallow" | "incomplete" | "over-roll":
            ranges = [rep.range_deg for rep in references if rep.range_deg]
            return true.range_deg / median(ranges) if ranges and true.range_deg is not None else None
        case "knee-in":
            tilts = [rep.medial_tilt_deg for rep in references if rep.medial_tilt_deg is not None]
            return true.medial_tilt_deg - median(tilts) if tilts and true.medial_tilt_deg is not None else None
        case "dropped":
            return far_s - true.start_s if lowers_first else true.end_s - true.turn_s
        case "short-hold":
            return true.turn_s - far_s
        case "rushed":
            return true.end_s - true.start_s
        case _:
            return None
