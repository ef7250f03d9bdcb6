"""When to do more, when to do less: the 2-for-2 rule under conditions, never while anything is amber.

More, when in two sessions running the last set went two reps past its target (2-for-2, ACSM) and in both: pain green
and known, at least 80 % of the reps clean, drift not red, range at least 90 % of the person's own reference, nothing
lingered. Less, when pain was red or lingered, or fewer than 60 % of the reps were clean. What is not known does not
count as good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from kneeimu.coaching.pain import PainLog
from kneeimu.exercises.programmes.plan import Dose
from kneeimu.exercises.programmes.programme import BANDS, Item

OVER_TARGET = 2
SESSIONS = 2
CLEAN_SHARE = 0.8
CLEAN_SHARE_LEAST = 0.6
RANGE_SHARE = 0.9

Kind = Literal["more-sets", "next-band", "add-load", "stay", "less-band", "fewer-sets", "ease"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one exercise on one leg went in one session.

    Attributes:
        last_set_reps: corrected count of the last set.
        target_reps: upper end of the prescribed range.
        clean_share: clean reps of all reps; None without reps.
        drift_level: worst of "amber" and "red", "none" when it was fine or has no meaning here, None when it should be
            known and is not.
        range_share: median range against the reference, None when there is no reference.
    """

    last_set_reps: int
    target_reps: int
    clean_share: float | None
    drift_level: str | None
    range_share: float | None
    pain: PainLog = field(default_factory=PainLog)
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do next time, and why (codes for words); ``dose`` is what it would be."""

    kind: Kind
    dose: Dose
    reasons: tuple[str, ...]


def advise_next(item: Item, dose: Dose, outcomes: Sequence[Outcome]) -> Advice:
    """Give what to do next time with an exercise, from its outcomes so far (oldest first).

    A timed one never gets more: a stretch or a massage is no training of strength.
    """
    if not outcomes:
        return Advice("stay", dose, ("first-time",))
    too_much = _too_much(outcomes[-1])
    if too_much:
        return _less(item, dose, too_much)
    if item.seconds is not None:
        return Advice("stay", dose, ())
    recent = outcomes[-SESSIONS:]
    missing = tuple(dict.fromkeys(reason for outcome in recent for reason in _not_ready(outcome)))
    if len(recent) < SESSIONS and not missing:
        missing = ("once-more",)
    return Advice("stay", dose, missing) if missing else _more(item, dose)


def _too_much(outcome: Outcome) -> tuple[str, ...]:
    reasons = []
    if outcome.pain.light == "red":
        reasons.append("pain-red")
    if outcome.pain.lingered:
        reasons.append("pain-lingered")
    if outcome.clean_share is not None and outcome.clean_share < CLEAN_SHARE_LEAST:
        reasons.append("form-slipped")
    return tuple(reasons)


def _not_ready(outcome: Outcome) -> list[str]:
    checks = {
        "not-finished": outcome.finished,
        "target-not-passed": outcome.last_set_reps >= outcome.target_reps + OVER_TARGET,
        "pain-unknown": outcome.pain.complete,
        "pain-amber": outcome.pain.light == "green",
        "form-open": outcome.clean_share is not None and outcome.clean_share >= CLEAN_SHARE,
        "drift-unknown": outcome.drift_level is not None,
        "drift-red": outcome.drift_level != "red",
        "range-unknown": outcome.range_share is not None,
        "range-small": outcome.range_share is None or outcome.range_share >= RANGE_SHARE,
    }
    return [reason for reason, passed in checks.items() if not passed]


def _more(item: Item, dose: Dose) -> Advice:
    """First more sets within the programme's range, then the next band with the reps back at the range's lower end."""
    if dose.sets < item.sets[1]:
        return Advice("more-sets", Dose(dose.sets + 1, dose.band), ("two-for-two",))
    step = BANDS.index(dose.band)
    if dose.band != "none" and step + 1 < len(BANDS):
        return Advice("next-band", Dose(item.sets[0], BANDS[step + 1]), ("two-for-two",))
    return Advice("add-load", dose, ("two-for-two",))


def _less(item: Item, dose: Dose, reasons: tuple[str, ...]) -> Advice:
    if BANDS.index(dose.band) > 1:
        return Advice("less-band", Dose(dose.sets, BANDS[BANDS.index(dose.band) - 1]), reasons)
    if dose.sets > item.sets[0]:
        return Advice("fewer-sets", Dose(dose.sets - 1, dose.band), reasons)
    return Advice("ease", dose, reasons)
