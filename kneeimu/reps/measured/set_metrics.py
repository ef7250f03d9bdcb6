"""A set in numbers: tempo, range, velocity, smoothness, sway, fatigue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from statistics import fmean, median

from kneeimu.types import Rep


def set_metrics(reps: Sequence[Rep]) -> dict[str, float | None]:
    """Give the metrics of a set; None where there are too few reps to know.

    Medians are over the reps in which the number is known. ``fatigue_*_percent_per_rep`` are Theil-Sen slopes (median
    of pairwise slopes) in percent of the set's mean.
    """
    if not reps:
        return {}
    durations = [rep.duration_s for rep in reps]
    ranges = [rep.range_of_motion_deg for rep in reps]
    drifts = [rep.medial_drift_deg for rep in reps if rep.medial_drift_deg is not None]
    phases = [rep.phases_s for rep in reps if rep.phases_s is not None]
    outward_s, hold_s, return_s = (_round(fmean(part)) for part in zip(*phases, strict=True)) if phases else [None] * 3
    under_tension = _known(reps, "time_under_tension_s")
    return {
        "duration_mean_s": _round(fmean(durations)),
        "duration_variation_percent": _variation(durations),
        "range_mean_deg": _round(fmean(ranges)),
        "range_variation_percent": _variation(ranges),
        "outward_mean_s": outward_s,
        "hold_mean_s": hold_s,
        "return_mean_s": return_s,
        "peak_velocity_mean_deg_s": _round(fmean(rep.peak_velocity_deg_s for rep in reps)),
        "mean_velocity_median_deg_s": _median(reps, "mean_velocity_deg_s"),
        "smoothness_out_median": _median(reps, "smoothness_out"),
        "smoothness_return_median": _median(reps, "smoothness_return"),
        "hold_sway_median_deg": _median(reps, "hold_sway_deg"),
        "time_under_tension_s": _round(sum(under_tension)) if under_tension else None,
        "medial_drift_median_deg": _round(median(drifts)) if drifts else None,
        "medial_drift_worst_deg": _round(max(drifts)) if drifts else None,
        "fatigue_duration_percent_per_rep": _trend(durations),
        "fatigue_range_percent_per_rep": _trend(ranges),
    }


def _known(reps: Sequence[Rep], name: str) -> list[float]:
    return [value for rep in reps if (value := rep.metrics.get(name)) is not None]


def _median(reps: Sequence[Rep], name: str) -> float | None:
    values = _known(reps, name)
    return _round(median(values)) if values else None


def _round(value: float) -> float:
    return round(value, 3)


def _variation(values: Sequence[float]) -> float | None:
    mean = fmean(values)
    if len(values) < 3 or not mean:
        return None
    return _round(100.0 * sqrt(fmean((value - mean) ** 2 for value in values)) / mean)


def _trend(values: Sequence[float], known: Callable[[Sequence[float]], bool] = lambda v: len(v) >= 4) -> float | None:
    if not known(values) or not fmean(values):
        return None
    slopes = [(values[j] - values[i]) / (j - i) for i in range(len(values)) for j in range(i + 1, len(values))]
    return _round(100.0 * median(slopes) / fmean(values))
