"""The cards at the top of a report: adherence, pain and reps, one number each."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from kneeimu.coaching.pain import light_of
from kneeimu.report.facts import SessionFacts
from kneeimu.report.numbers import Adherence, LegNumbers, worst_pain
from kneeimu.words import _, mark, n_

LIGHTS = {"red": mark("red"), "amber": mark("amber"), "green": mark("green")}


def cards(sessions: Sequence[SessionFacts], legs: Sequence[LegNumbers], kept: Adherence) -> str:
    """Give them as items of a list of definitions."""
    return "".join(_card(*card) for card in (_adherence_card(kept), _pain_card(sessions), _reps_card(legs)))


def _card(title: str, value: str, more: str) -> str:
    return f"<div><dt>{title}</dt><dd><strong>{escape(value)}</strong><span>{escape(more)}</span></dd></div>"


def _adherence_card(kept: Adherence) -> tuple[str, str, str]:
    if not kept.days:
        return _("Adherence"), "–", _("the sessions carry no date")
    reps = _("no reps prescribed")
    if kept.asked_reps:
        reps = n_("{done} of {n} prescribed rep", "{done} of {n} prescribed reps", kept.asked_reps, done=kept.done_reps)
    days = n_("{n} day", "{n} days", len(kept.days))
    if not kept.planned:
        return _("Adherence"), days, reps
    if len(kept.days) <= kept.planned:
        days = n_("{done} of {n} day", "{done} of {n} days", kept.planned, done=len(kept.days))
    plan = _("{n} planned, {per_week} a week").format(n=kept.planned, per_week=kept.per_week)
    return _("Adherence"), days, f"{plan}; {reps}"


def _pain_card(sessions: Sequence[SessionFacts]) -> tuple[str, str, str]:
    worst = worst_pain(sessions)
    if worst is None:
        return _("Pain"), _("not asked"), _("0 to 10, none recorded")
    last = next(told[-1][1] for one in reversed(sessions) if (told := one.pain_told))
    more = _("last; worst {n} ({light})").format(n=worst.score, light=_(LIGHTS[light_of(worst.score)]))
    if worst.when == "before":
        more = _("{pain}, before training").format(pain=more)
    return _("Pain"), _("{n} of 10").format(n=last), more


def _reps_card(legs: Sequence[LegNumbers]) -> tuple[str, str, str]:
    count, measured = sum(leg.count for leg in legs), sum(leg.measured for leg in legs)
    clean = sum(leg.clean for leg in legs)
    share = _("{n} % clean").format(n=round(100 * clean / measured)) if measured else _("none measured")
    more = _("{n} counted by the sensor").format(n=measured)
    return _("Reps"), str(count), share if count == measured else f"{share}; {more}"
