"""The numbers of a report: per exercise and leg, adherence over weeks, left against right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median, quantiles

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.exercises.exercise import Limit
from kneeimu.report.facts import Moment, Prescription, SessionFacts
from kneeimu.report.trends import weeks_of
from kneeimu.types import Rep, Side
from kneeimu.words import mark

IN_TIME_SHARE = 0.3
"""A rep within this share of the asked time is in time, as in the app's own review."""


@dataclass(frozen=True, slots=True)
class LegNumbers:
    """One exercise on one leg over all its sessions. None where a number is not known.

    Attributes:
        sessions: trainings, oldest first; one may be in several recordings.
        count: reps with corrections; ``measured``: as the engine counted.
        range_deg: median; ``range_spread_deg``: 10th and 90th percentile.
        drift_deg, drift_worst_deg: median and largest; ``drift_past``: reps at or past amber.
        drift_uncertainty_deg: one standard deviation of a rep's drift.
        fppa_deg: median of the camera-style estimate and of two standard deviations of it; with a good alignment only.
        tempo_s, duration_s: medians of out, hold and back, and of the whole rep.
        in_time: share of reps within 30 % of the asked time.
        asked: the newest prescription; ``asked_reps``: reps asked for in all sessions that had one.
        held_s, asked_s: time done and asked for, of a timed exercise.
    """

    exercise: str
    side: Side
    sessions: tuple[SessionFacts, ...]
    count: int
    measured: int
    clean: int
    range_deg: float | None
    range_spread_deg: tuple[float, float] | None
    reference_range_deg: float | None
    drift_deg: float | None
    drift_worst_deg: float | None
    drift_past: int
    drift_known: int
    drift_uncertainty_deg: float
    limit: Limit | None
    fppa_deg: tuple[float, float] | None
    rotation_deg: float | None
    tempo_s: tuple[float, float, float] | None
    duration_s: float | None
    in_time: float | None
    asked: Prescription
    asked_reps: int | None
    done_of_asked: int
    held_s: float | None
    asked_s: float | None
    flags: Counter[str]

    @property
    def latest(self) -> SessionFacts:
        """The newest session with reps."""
        return next((s for s in reversed(self.sessions) if s.reps), self.sessions[-1])

    @property
    def sets_done(self) -> int:
        """Sets of the newest training."""
        return self.latest.sets_done

    @property
    def left_out(self) -> bool:
        """Fewer sets than asked for were done in the newest training; of walks nobody knows, a way may end a set."""
        asked = self.latest.prescription.sets
        return asked is not None and not find_exercise(self.exercise).ways and self.sets_done < asked

    @property
    def latest_has_drift(self) -> bool:
        """The newest session knows the drift of at least one rep."""
        return any(rep.medial_drift_deg is not None for rep in self.latest.reps)


@dataclass(frozen=True, slots=True)
class Adherence:
    """How regularly, against the plan.

    Attributes:
        days: days trained; ``weeks``: Mondays of the period.
        span_days: length of the period, both ends included.
        planned: days planned in it; None without a programme.
    """

    days: tuple[date, ...]
    weeks: tuple[date, ...]
    span_days: int
    per_week: int | None
    done_reps: int
    asked_reps: int | None

    @property
    def planned(self) -> int | None:
        """Days planned, a part of a week by its share."""
        return max(1, round(self.per_week * self.span_days / 7.0)) if self.per_week else None


def leg_numbers(sessions: Iterable[SessionFacts]) -> list[LegNumbers]:
    """Group sessions by exercise and leg, in the order in which they first appear."""
    groups: dict[tuple[str, Side], list[SessionFacts]] = {}
    for facts in sessions:
        groups.setdefault((facts.setup.exercise, facts.setup.side), []).append(facts)
    return [_leg(trainings(group)) for group in groups.values()]


def trainings(sessions: Iterable[SessionFacts]) -> list[SessionFacts]:
    """Join the recordings of one exercise and leg that belong to the same training: an alignment begins another one."""
    found: dict[tuple[str, str, str], SessionFacts] = {}
    for facts in sessions:
        key = (facts.prescription.session or facts.name, facts.setup.exercise, facts.setup.side)
        before = found.get(key) if facts.prescription.session else None
        found[key] = facts if before is None else _joined(before, facts)
    return list(found.values())


def _joined(first: SessionFacts, then: SessionFacts) -> SessionFacts:
    taken = {*(one.number for one in first.sets), *first.corrected_sets}
    again = taken & {*(one.number for one in then.sets), *then.corrected_sets}
    later = max(taken, default=0) if again else 0  # an older recording counts its sets from 1
    other = first.prescription.place != then.prescription.place
    return replace(
        then,
        name=first.name,
        started=first.started,
        duration_s=first.duration_s + then.duration_s,
        sets=(*first.sets, *(replace(one, number=one.number + later) for one in then.sets)),
        curves=(*first.curves, *then.curves),
        corrected=first.corrected + then.corrected,
        corrected_sets=first.corrected_sets | {number + later: by for number, by in then.corrected_sets.items()},
        pain=(*first.pain, *then.pain),
        lost=None if first.lost is None or then.lost is None else first.lost + then.lost,
        samples=first.samples + then.samples,
        warnings=(*first.warnings, *then.warnings),
        asked_before=(first.asked_reps or 0) if other else first.asked_before,
    )


def _leg(sessions: Sequence[SessionFacts]) -> LegNumbers:
    newest = sessions[-1]
    reps = [rep for facts in sessions for rep in facts.reps]
    ranges = [rep.range_of_motion_deg for rep in reps]
    drifts = [rep.medial_drift_deg for rep in reps if rep.medial_drift_deg is not None]
    limit = find_exercise(newest.setup.exercise).profile(newest.setup.mount).findings.get("knee-in")
    asked_reps, done = _against_prescription(sessions)
    alignment = newest.setup.alignment
    return LegNumbers(
        exercise=newest.setup.exercise,
        side=newest.setup.side,
        sessions=tuple(sessions),
        count=sum(facts.count for facts in sessions),
        measured=len(reps),
        clean=sum(rep.clean for rep in reps),
        range_deg=median(ranges) if ranges else None,
        range_spread_deg=_spread(ranges),
        reference_range_deg=alignment.reference_range_deg if alignment else None,
        drift_deg=median(drifts) if drifts else None,
        drift_worst_deg=max(drifts, default=None),
        drift_past=sum(limit is not None and drift >= limit.amber for drift in drifts),
        drift_known=len(drifts),
        drift_uncertainty_deg=newest.drift_uncertainty_deg,
        limit=limit,
        fppa_deg=_fppa(reps),
        rotation_deg=_median([rep.inward_rotation_deg for rep in reps]),
        tempo_s=_tempo(reps),
        duration_s=_median(rep.duration_s for rep in reps),
        in_time=_in_time(sessions),
        asked=newest.prescription,
        asked_reps=asked_reps,
        done_of_asked=done,
        held_s=_total(facts.held_s for facts in sessions),
        asked_s=_total(facts.prescription.total_s for facts in sessions),
        flags=Counter(flag for rep in reps for flag in rep.flags),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _spread(values: Sequence[float]) -> tuple[float, float] | None:
    if len(values) < 5:
        return None
    tenths = quantiles(values, n=10, method="inclusive")
    return tenths[0], tenths[-1]


def _fppa(reps: Sequence[Rep]) -> tuple[float, float] | None:
    middle = _median(rep.fppa_equivalent_deg for rep in reps)
    unsure = _median(rep.fppa_equivalent_uncertainty_deg for rep in reps)
    return (middle, unsure) if middle is not None and unsure is not None else None


def _tempo(reps: Sequence[Rep]) -> tuple[float, float, float] | None:
    known = [rep.phases_s for rep in reps if rep.phases_s is not None]
    if not known:
        return None
    out_s, hold_s, back_s = (median(part) for part in zip(*known, strict=True))
    return out_s, hold_s, back_s


def _in_time(sessions: Sequence[SessionFacts]) -> float | None:
    near: list[bool] = []
    for facts in sessions:
        if facts.prescription.tempo_s and find_exercise(facts.setup.exercise).kind == "reps":
            target_s = sum(facts.prescription.tempo_s)
            near += [abs(rep.duration_s - target_s) <= IN_TIME_SHARE * target_s for rep in facts.reps]
    return sum(near) / len(near) if near else None


def _against_prescription(sessions: Sequence[SessionFacts]) -> tuple[int | None, int]:
    """Give reps asked for (each training session once) and reps done of them; more than asked adds nothing."""
    asked: dict[str, int] = {}
    done: Counter[str] = Counter()
    for facts in sessions:
        if (reps := facts.asked_reps) is not None:
            key = facts.prescription.session or facts.name
            asked[key] = reps
            done[key] += facts.count
    if not asked:
        return None, 0
    return sum(asked.values()), sum(min(done[key], number) for key, number in asked.items())


def adherence(
    sessions: Sequence[SessionFacts], legs: Sequence[LegNumbers], per_week: int | None, period: tuple[date, date] | None
) -> Adherence:
    """Count days against the plan, and reps against the prescriptions.

    Args:
        sessions: all sessions of the report.
        legs: their numbers.
        per_week: days a week that are planned; None when nobody said.
        period: first and last day; from the first session to the last, if None.
    """
    days = sorted({day for facts in sessions if (day := facts.day) is not None})
    first, last = period or ((days[0], days[-1]) if days else (date.min, date.min))
    known = [leg.asked_reps for leg in legs if leg.asked_reps is not None]
    return Adherence(
        days=tuple(days),
        weeks=tuple(weeks_of(first, last)) if days else (),
        span_days=(last - first).days + 1,
        per_week=per_week,
        done_reps=sum(leg.done_of_asked for leg in legs),
        asked_reps=sum(known) if known else None,
    )


@dataclass(frozen=True, slots=True)
class Pain:
    """A score, 0 to 10, and when in which session it was given."""

    score: int
    when: Moment
    facts: SessionFacts


def worst_pain(sessions: Iterable[SessionFacts]) -> Pain | None:
    """Give the highest score; of several the one that says most about the training: during, after, before."""
    told = [Pain(score, when, facts) for facts in sessions for when, score in facts.pain_told]
    order = ("before", "after", "during")
    return max(told, key=lambda one: (one.score, order.index(one.when), bool(one.facts.pain)), default=None)


@dataclass(frozen=True, slots=True)
class Pair:
    """The same number of both legs, and whether they differ by more than chance would."""

    exercise: str
    name: str
    unit: str
    left: float
    right: float
    differs: bool


def left_right(legs: Sequence[LegNumbers]) -> list[Pair]:
    """Compare exercises that both legs did.

    Range and tempo differ when they are 15 % apart, drift when it is two standard deviations of a difference apart.
    """
    pairs: list[Pair] = []
    by_leg = {(leg.exercise, leg.side): leg for leg in legs}
    for (exercise, side), left in by_leg.items():
        right = by_leg.get((exercise, "right"))
        if side != "left" or right is None:
            continue
        pairs += _compare(exercise, mark("range"), "°", left.range_deg, right.range_deg, None)
        unsure = 2.0 * (left.drift_uncertainty_deg**2 + right.drift_uncertainty_deg**2) ** 0.5
        pairs += _compare(exercise, mark("drift inwards"), "°", left.drift_deg, right.drift_deg, unsure)
        pairs += _compare(exercise, mark("time a rep"), "s", left.duration_s, right.duration_s, None)
        shares = [100.0 * leg.clean / leg.measured if leg.measured else None for leg in (left, right)]
        pairs += _compare(exercise, mark("clean reps"), "%", shares[0], shares[1], 20.0)
    return pairs


def _compare(
    exercise: str, name: str, unit: str, left: float | None, right: float | None, apart: float | None
) -> list[Pair]:
    if left is None or right is None:
        return []
    allowed = apart if apart is not None else 0.15 * max(abs(left), abs(right))
    return [Pair(exercise, name, unit, left, right, abs(left - right) > allowed)]
