"""Outcomes of many recordings boiled down to figures. What is not known is None."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from kneeimu.evaluation.judge import Outcome, Pair
from kneeimu.exercises.catalogue import CATALOGUE

LIMITS_SD = 1.96
"""Limits of agreement: so many standard deviations about the bias (Bland and Altman 1986)."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a measured angle agrees with the true one, deg: measured minus true."""

    pairs: int
    bias_deg: float
    low_deg: float
    high_deg: float
    rmse_deg: float


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one exercise at one mount, or of all.

    Attributes:
        sets: recordings with exercise; the three that follow are about their counts.
        false_per_10_min: counts where nothing was exercised, in ``other_min`` minutes of that.
        resting: recordings of the leg that rests, and ``resting_counts`` in them.
        form_sets: recordings with an alignment, in which faults of form are shown; they count for the angles only.
        revoked: counts that were taken back before the end.
        late_p50_s, late_p95_s: from the true end of a rep until its count.
        direction_percent: of the band-walk steps, direction right.
        start_p95_s, turn_p95_s, end_p95_s: 95th percentile of how far off the times of a rep are.
    """

    exercise: str
    mount: str
    sets: int = 0
    exact_percent: float | None = None
    within_one_percent: float | None = None
    mean_absolute_error: float | None = None
    other_min: float = 0.0
    false_counts: int = 0
    false_per_10_min: float | None = None
    resting: int = 0
    resting_counts: int = 0
    form_sets: int = 0
    form_exact_percent: float | None = None
    revoked: int = 0
    late_p50_s: float | None = None
    late_p95_s: float | None = None
    start_p95_s: float | None = None
    turn_p95_s: float | None = None
    end_p95_s: float | None = None
    range_deg: Agreement | None = None
    medial_tilt_deg: Agreement | None = None
    direction_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """How well one form finding of an exercise at a mount is found.

    Attributes:
        shown, found: reps that showed the fault, and those of them in which it was found.
        clean, alarms: reps without any fault that do not pass the limit by themselves, and those of them in which it
            was found.
        strayed: reps without an ordered fault that truly passed the limit.
        looked_for: the engine looks for it at that mount.
    """

    exercise: str
    mount: str
    code: str
    looked_for: bool
    shown: int
    found: int
    clean: int
    alarms: int
    strayed: int = 0

    @property
    def sensitivity_percent(self) -> float | None:
        """Share of the shown faults that were found."""
        return _percent(self.found, self.shown)

    @property
    def alarm_percent(self) -> float | None:
        """Share of the clean reps with this finding."""
        return _percent(self.alarms, self.clean)


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of an evaluation. ``confusion``: fault shown ("none" for clean reps) to finding to reps."""

    total: Row
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    confusion: dict[str, dict[str, int]]
    exact_interval_percent: tuple[float, float] | None
    refused: tuple[str, ...]
    errors: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give plain data for JSON."""
        data = dataclasses.asdict(self)
        for plain, finding in zip(data["findings"], self.findings, strict=True):
            plain["sensitivity_percent"] = _rounded(finding.sensitivity_percent, 1)
            plain["alarm_percent"] = _rounded(finding.alarm_percent, 1)
        return data


def figures_of(outcomes: Sequence[Outcome]) -> Figures:
    """Boil outcomes down. Those with an error are listed, and counted nowhere."""
    good = [one for one in outcomes if not one.error]
    places = list(dict.fromkeys((one.exercise, one.mount) for one in good))
    order = {name: number for number, name in enumerate(CATALOGUE)}
    places.sort(key=lambda place: (order.get(place[0], 99), place[1] != "thigh"))
    sets = [one for one in good if one.kind == "set"]
    return Figures(
        total=row_of("all", "", good),
        rows=tuple(row_of(*place, [one for one in good if (one.exercise, one.mount) == place]) for place in places),
        findings=_findings(good),
        confusion=_confusion(good),
        exact_interval_percent=_wilson_percent(sum(one.wrong == 0 for one in sets), len(sets)),
        refused=tuple(f"{one.name}: {one.refusal}" for one in good if one.refusal),
        errors=tuple(f"{one.name}: {one.error}" for one in outcomes if one.error),
    )


def row_of(exercise: str, mount: str, outcomes: Sequence[Outcome]) -> Row:
    """Give the figures of some outcomes."""
    sets = [one for one in outcomes if one.kind == "set"]
    resting = [one for one in outcomes if one.kind == "resting"]
    form = [one for one in outcomes if one.kind == "form"]
    others = [one for one in outcomes if one.kind in ("set", "idle")]
    other_min = sum(one.outside_s for one in others) / 60.0
    false = sum(one.outside for one in others)
    errors = [abs(one.wrong) for one in sets]
    pairs = [pair for one in (*sets, *form) for pair in one.pairs]
    timely = pairs if exercise != "all" else _without_timed((*sets, *form))
    steps = [pair for pair in pairs if pair.true.direction is not None]
    return Row(
        exercise,
        mount,
        sets=len(sets),
        exact_percent=_rounded(_percent(errors.count(0), len(errors)), 1),
        within_one_percent=_rounded(_percent(sum(error <= 1 for error in errors), len(errors)), 1),
        mean_absolute_error=round(float(np.mean(errors)), 3) if errors else None,
        other_min=round(other_min, 1),
        false_counts=false,
        false_per_10_min=round(10.0 * false / other_min, 2) if other_min else None,
        resting=len(resting),
        resting_counts=sum(one.count for one in resting),
        form_sets=len(form),
        form_exact_percent=_rounded(_percent(sum(one.wrong == 0 for one in form), len(form)), 1),
        revoked=sum(one.revoked for one in outcomes),
        late_p50_s=_quantile([pair.late_s for pair in timely], 0.5),
        late_p95_s=_quantile([pair.late_s for pair in timely], 0.95),
        start_p95_s=_quantile([abs(pair.counted.start_s - pair.true.start_s) for pair in timely], 0.95),
        turn_p95_s=_quantile([_turn_error_s(pair) for pair in timely], 0.95),
        end_p95_s=_quantile([abs(pair.counted.end_s - pair.true.end_s) for pair in timely], 0.95),
        range_deg=agreement(compared(pairs, "range")),
        medial_tilt_deg=agreement(compared(pairs, "tilt")),
        direction_percent=_rounded(
            _percent(sum(pair.counted.direction == pair.true.direction for pair in steps), len(steps)), 1
        ),
    )


def _without_timed(outcomes: Iterable[Outcome]) -> list[Pair]:
    """Pairs of the exercises that are counted: a hold of a minute has other times than a rep."""
    return [pair for one in outcomes if CATALOGUE[one.exercise].kind != "timed" for pair in one.pairs]


def _turn_error_s(pair: Pair) -> float:
    """How far the counted turn lies from the time at the far end."""
    true, turn_s = pair.true, pair.counted.turn_s
    return max((true.turn_s if true.far_s is None else true.far_s) - turn_s, turn_s - true.turn_s, 0.0)


def compared(pairs: Iterable[Pair], what: str) -> list[tuple[float, float]]:
    """Give (true, measured) of ``range`` or medial ``tilt`` where both are known, deg."""
    known: list[tuple[float | None, float | None]]
    if what == "range":
        known = [(pair.true.range_deg, pair.counted.range_of_motion_deg) for pair in pairs]
    else:
        known = [(pair.true.medial_tilt_deg, pair.counted.medial_tilt_deg) for pair in pairs]
    return [(true, measured) for true, measured in known if true is not None and measured is not None]


def agreement(values: Sequence[tuple[float, float]]) -> Agreement | None:
    """Give bias and limits of agreement of (true, measured) values; None for fewer than two."""
    if len(values) < 2:
        return None
    errors = np.array([measured - true for true, measured in values])
    bias, spread = float(errors.mean()), LIMITS_SD * float(errors.std(ddof=1))
    rmse = float(np.sqrt(np.mean(errors**2)))
    return Agreement(len(values), *(round(value, 2) for value in (bias, bias - spread, bias + spread, rmse)))


# --- form -----------------------------------------------------------------------------------------------------------


def _tested(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Recordings in which faults were ordered: in others nobody knows what the form was."""
    return [one for one in outcomes if any(pair.true.faults for pair in one.pairs)]


def _findings(outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
    tested = _tested(outcomes)
    places = dict.fromkeys((one.exercise, one.mount) for one in tested)
    findings = []
    for exercise, mount in places:
        here = [one for one in tested if (one.exercise, one.mount) == (exercise, mount)]
        pairs = [pair for one in here for pair in one.pairs]
        looked_for = {*here[0].findings, "fast", "short"}
        codes = dict.fromkeys([*(fault for pair in pairs for fault in pair.true.faults), *here[0].findings])
        faultless = [pair for pair in pairs if not pair.true.faults]
        for code in codes:
            shown = [pair for pair in pairs if code in pair.true.faults]
            clean = [pair for pair in faultless if code not in pair.strays]
            found, alarms = (sum(code in pair.counted.flags for pair in some) for some in (shown, clean))
            strayed = len(faultless) - len(clean)
            findings.append(
                Finding(exercise, mount, code, code in looked_for, len(shown), found, len(clean), alarms, strayed)
            )
    return tuple(findings)


def _confusion(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    table: dict[str, Counter[str]] = {}
    for pair in (pair for one in _tested(outcomes) for pair in one.pairs):
        for fault in pair.true.faults or ("none",):
            row = table.setdefault(fault, Counter())
            row["reps"] += 1
            row.update(pair.counted.flags or ("none",))
    return {fault: dict(row) for fault, row in sorted(table.items(), key=lambda item: (item[0] != "none", item[0]))}


# --- small things ---------------------------------------------------------------------------------------------------


def _percent(part: int, whole: int) -> float | None:
    return 100.0 * part / whole if whole else None


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _quantile(values: Sequence[float], share: float) -> float | None:
    return round(float(np.quantile(values, share)), 2) if values else None


def _wilson_percent(hits: int, tries: int, z: float = LIMITS_SD) -> tuple[float, float] | None:
    """95 % interval of a share (Wilson 1927), percent."""
    if not tries:
        return None
    share = hits / tries
    middle = (share + z * z / (2 * tries)) / (1 + z * z / tries)
    reach = z * sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries)) / (1 + z * z / tries)
    return round(100.0 * (middle - reach), 1), round(100.0 * min(1.0, middle + reach), 1)
