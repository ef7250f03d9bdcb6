"""After the session: what went well first, one thing to work on, and what progression needs to know. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from kneeimu.coaching.pain import PainLog
from kneeimu.coaching.progression import Outcome
from kneeimu.coaching.stage import BoutResult
from kneeimu.coaching.tempo import in_time, rushed
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.exercises.programmes.plan import Bout
from kneeimu.types import Rep, Side

EVEN_RANGE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class ExerciseReview:
    """One exercise on one leg in one session.

    Attributes:
        sets: corrected counts of its sets; a walk's ways are sets of their own.
        detected: what the engine counted in all.
        range_deg, drift_deg: medians over all reps; None when not known.
        in_time: share of reps within 30 % of the prescribed time; None for walks and timed exercises.
        target: the programme's, which progression goes by, whatever a coach and the person agreed on for once.
        praise, work_on: codes for words; ``work_on`` None when there is nothing.
        planned: sets that were meant; None in old diaries. timed: sets of a timed exercise that were begun.
    """

    exercise: str
    side: Side
    band: str
    target: tuple[int, int]
    sets: tuple[int, ...]
    detected: int
    clean: int
    held_s: float
    range_deg: float | None
    drift_deg: float | None
    drift_level: str | None
    in_time: float | None
    flags: dict[str, int]
    finished: bool
    praise: str
    work_on: str | None
    planned: int | None = None
    timed: int = 0

    @property
    def done(self) -> int:
        """Sets in which something was done; one that was skipped is none."""
        return len(self.sets) or self.timed or int(self.held_s > 0.0)

    @property
    def count(self) -> int:
        """Reps in all, corrected."""
        return sum(self.sets)


def review(results: Iterable[BoutResult], plan: Iterable[Bout]) -> tuple[ExerciseReview, ...]:
    """Give what to say about each exercise and leg of a plan, in the order they were done, without untouched ones.

    One that pain ended before its first rep was touched: the next time goes by it.
    """
    planned = Counter((bout.item.exercise, bout.side) for bout in plan)
    groups: dict[tuple[str, Side], list[BoutResult]] = {}
    for result in sorted(results, key=lambda result: result.bout.number):
        groups.setdefault((result.bout.item.exercise, result.bout.side), []).append(result)
    touched = {key: group for key, group in groups.items() if any(one.done or one.hurt for one in group)}
    return tuple(_review(group, planned[key]) for key, group in touched.items())


def _review(results: Sequence[BoutResult], planned: int) -> ExerciseReview:
    bout = results[0].bout
    exercise = find_exercise(bout.item.exercise)
    reps = [rep for result in results for rep in result.reps]
    flags = Counter(flag for rep in reps for flag in rep.flags)
    if exercise.kind == "reps":
        flags["slower"] = sum(rushed(rep, bout.item.tempo_s) for rep in reps)
    drifts = [rep.medial_drift_deg for rep in reps if rep.medial_drift_deg is not None]
    done = tuple(result.corrected for result in results if result.corrected)
    clean = sum(result.clean for result in results)
    held_s = sum(result.held_s for result in results)
    share_in_time = _in_time(reps, bout.item.tempo_s) if exercise.kind == "reps" else None
    ended = len(results) >= planned and all(result.ended == "finished" for result in results)
    return ExerciseReview(
        exercise=exercise.name,
        side=bout.side,
        band=bout.band,
        target=bout.item.reps,
        sets=done,
        detected=sum(result.detected for result in results),
        clean=clean,
        held_s=held_s,
        range_deg=median(rep.range_of_motion_deg for rep in reps) if reps else None,
        drift_deg=median(drifts) if drifts else None,
        drift_level=_drift_level(results[0], drifts),
        in_time=share_in_time,
        flags={flag: count for flag, count in flags.items() if count},
        finished=ended,
        praise=_praise(results, reps, clean, share_in_time),
        work_on=_work_on(flags, len(reps)),
        planned=planned,
        timed=sum(result.held_s > 0.0 for result in results),
    )


def outcome_of(one: ExerciseReview, pain: PainLog, reference_range_deg: float | None) -> Outcome:
    """Give what progression needs; ``reference_range_deg`` is the person's own earlier range of this exercise."""
    share = one.range_deg / reference_range_deg if one.range_deg is not None and reference_range_deg else None
    return Outcome(
        last_set_reps=one.sets[-1] if one.sets else 0,
        target_reps=one.target[1],
        clean_share=one.clean / one.detected if one.detected else None,
        drift_level=one.drift_level,
        range_share=share,
        pain=pain,
        finished=one.finished,
    )


def _drift_level(result: BoutResult, drifts: Sequence[float]) -> str | None:
    """Level of the median drift; "none" where drift has no meaning, None where it should be known and is not."""
    item = result.bout.item
    limit = find_exercise(item.exercise).profile(item.mount).findings.get("knee-in")
    if limit is None:
        return "none"
    return (limit.level(median(drifts)) or "none") if drifts else None


def _in_time(reps: Sequence[Rep], tempo_s: tuple[float, float, float]) -> float | None:
    near = [in_time(rep, tempo_s) for rep in reps]
    return sum(near) / len(near) if near else None


def _praise(results: Sequence[BoutResult], reps: Sequence[Rep], clean: int, share_in_time: float | None) -> str:
    item = results[0].bout.item
    if not any(result.done for result in results):
        return "stopped"
    if item.seconds is not None:
        whole = all(result.held_s >= item.seconds for result in results)
        return ("target" if find_exercise(item.exercise).restless else "still") if whole else "done"
    ranges = [rep.range_of_motion_deg for rep in reps]
    if reps and clean == len(reps):
        return "all-clean"
    if all(result.corrected >= result.bout.reps[1] for result in results):
        return "target"
    if share_in_time is not None and share_in_time >= 0.8:
        return "tempo"
    if len(ranges) >= 5 and max(ranges) - min(ranges) <= 2 * EVEN_RANGE_SHARE * median(ranges):
        return "range"
    return "done"


def _work_on(flags: Counter[str], reps: int) -> str | None:
    """The most frequent finding, when it is more than a slip."""
    code, count = max(flags.items(), key=lambda pair: pair[1], default=("", 0))
    return code if count >= max(2, 0.25 * reps) else None


# --- habit ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Habit:
    """How regular the training is.

    Attributes:
        this_week: days trained in this week (Monday to Sunday), of ``per_week``.
        weeks_running: full weeks in a row, this one included when it is full already.
        recent: days trained in each of the last eight weeks, oldest first.
    """

    this_week: int
    per_week: int
    weeks_running: int
    recent: tuple[int, ...]


def habit_of(days: Iterable[date], today: date, per_week: int) -> Habit:
    """Count trained days; two sessions on a day are one day. Rest days are part of the plan and break nothing."""
    monday = today - timedelta(days=today.weekday())
    weeks = Counter((monday - (day - timedelta(days=day.weekday()))).days // 7 for day in set(days) if day <= today)
    running = 1 if weeks[0] >= per_week else 0
    week = 1
    while weeks[week] >= per_week:
        running, week = running + 1, week + 1
    return Habit(weeks[0], per_week, running, tuple(weeks[back] for back in range(7, -1, -1)))
