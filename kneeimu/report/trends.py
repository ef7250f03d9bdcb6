"""Plots over weeks: how often, how far, how much drift, how much pain; both legs in one plot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from statistics import median

from kneeimu.exercises.exercise import Limit
from kneeimu.report.colours import (
    AMBER_BAND,
    AMBER_INK,
    ASKED,
    GREEN_BAND,
    GREEN_INK,
    MIDDLE,
    RED_BAND,
    RED_INK,
    SHAPES,
    SIDES,
)
from kneeimu.report.facts import SessionFacts
from kneeimu.report.svg import Plot
from kneeimu.words import _, decimal, n_, plain
from kneeimu.words.names import short_day, side_words

SIZE = (430, 230)
MOST_MARKS = 24
"""With more sessions than these a plot shows weeks."""
TOP = (52, 34, 74, 34)
BESIDE = (52, 14, 74, 46)


def monday(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def weeks_of(first: date, last: date) -> list[date]:
    """Give the Mondays from the week of ``first`` to that of ``last``."""
    start, end = monday(first), monday(last)
    return [start + timedelta(weeks=index) for index in range((end - start).days // 7 + 1)]


def sessions_a_week(days: Sequence[date], weeks: Sequence[date], per_week: int | None) -> Plot:
    """Draw the days trained in each week against the plan."""
    counted = Counter(monday(day) for day in set(days))
    counts = [counted[week] for week in weeks]
    high = max([*counts, per_week or 0, 3]) + 0.6
    description = _("Days trained a week: {days}.").format(days=", ".join(map(str, counts)))
    if per_week:
        description += " " + _("Planned: {n}.").format(n=per_week)
    plot = Plot(_("Days trained a week"), description, (-0.7, len(weeks) - 0.3), (0.0, high), size=SIZE, margins=BESIDE)
    plot.y_axis(_("days"), [float(tick) for tick in range(0, int(high) + 1, 1 if high < 8 else 2)])
    plot.x_axis(_("week beginning"), _week_ticks(weeks))
    for index, count in enumerate(counts):
        plot.bar(index, 0.6, 0.0, count, MIDDLE)
    if per_week:
        plot.level(per_week, ASKED, _("planned {n}").format(n=per_week))
    return plot


def _week_ticks(weeks: Sequence[date]) -> list[tuple[float, str]]:
    step = max(1, -(-len(weeks) // 7))
    return [(index, short_day(week)) for index, week in enumerate(weeks) if index % step == 0]


Value = Callable[[SessionFacts], float | None]


def over_time(
    title: str,
    unit: str,
    sessions: Sequence[SessionFacts],
    value: Value,
    *,
    limit: Limit | None = None,
    uncertain: bool = False,
    asked: float | None = None,
) -> Plot | None:
    """Draw one number of every session by its day, both legs apart; None where no session knows it."""
    known = [(s, v) for s in sessions if s.started is not None and (v := value(s)) is not None]
    if not known:
        return None
    weekly = max(Counter(s.setup.side for s, _ in known).values()) > MOST_MARKS
    points = {side: _points([one for one in known if one[0].setup.side == side], weekly) for side in ("right", "left")}
    first = min(_day(s) for s, _ in known)
    first = monday(first) if weekly else first
    last = max(_day(s) for s, _ in known)
    values = [v for _, v in known]
    spread = max(s.drift_uncertainty_deg for s, _ in known) if uncertain else 0.0
    drawn = [v for one in points.values() for _, v in one]
    high = max([*drawn, limit.amber if limit else 0.0, asked or 0.0]) + spread
    low = min(0.0, min(drawn) - spread)
    title += _(", median of a week") if weekly else _(", median of a session")
    description = n_(
        "{title}: from {first} to {last} {unit} in {n} session.",
        "{title}: from {first} to {last} {unit} in {n} sessions.",
        len(values),
        title=title,
        first=decimal(values[0]),
        last=decimal(values[-1]),
        unit=unit,
    )
    days = max(1, (last - first).days)
    room = (low, high * 1.12 + 0.5)
    plot = Plot(title, description, (-0.04 * days - 0.3, days * 1.04 + 0.3), room, size=SIZE, margins=TOP)
    if limit is not None:
        plot.band(limit.amber, limit.red, AMBER_BAND, _("amber ≥ {n}°").format(n=plain(limit.amber)), AMBER_INK)
        plot.band(limit.red, room[1], RED_BAND, _("red ≥ {n}°").format(n=plain(limit.red)), RED_INK)
    plot.y_axis(unit)
    plot.x_axis("", _day_ticks(first, days))
    if asked is not None:
        plot.level(asked, ASKED, _("asked {n} {unit}").format(n=plain(asked), unit=unit))
    for side, mine in points.items():
        places = [((day - first).days, v) for day, v in mine]
        if len(places) > 1:
            plot.line([(float(x), v) for x, v in places], SIDES[side], 1.5, "" if side == "right" else "6 3", 0.6)
        for x, v in places:
            if spread:
                plot.spread(x, v - spread, v + spread, SIDES[side])
            plot.mark(x, v, SIDES[side], SHAPES[side], 4.0 if len(places) <= MOST_MARKS else 2.5)
    present = sorted({s.setup.side for s, _ in known}, reverse=True)
    plot.legend([(SHAPES[side], SIDES[side], side_words(side)) for side in present])
    return plot


def _points(known: Sequence[tuple[SessionFacts, float]], weekly: bool) -> list[tuple[date, float]]:
    """Give (day, value) of each session, or (Monday, median) of each week."""
    if not weekly:
        return [(_day(facts), value) for facts, value in known]
    weeks: dict[date, list[float]] = {}
    for facts, value in known:
        weeks.setdefault(monday(_day(facts)), []).append(value)
    return [(week, median(values)) for week, values in sorted(weeks.items())]


def pain_over_time(sessions: Sequence[SessionFacts]) -> Plot | None:
    """Draw the worst pain of every day that was asked about, on the traffic light of the pain-monitoring model."""
    worst: dict[date, int] = {}
    for facts in sessions:
        if facts.started is not None and (score := facts.worst_pain) is not None:
            worst[_day(facts)] = max(score, worst.get(_day(facts), 0))
    if not worst:
        return None
    first, last = min(worst), max(worst)
    days = max(1, (last - first).days)
    description = _("Worst pain a day, 0 to 10: highest {most}, last {last}.").format(
        most=max(worst.values()), last=worst[last]
    )
    plot = Plot(_("Pain"), description, (-0.04 * days - 0.3, days * 1.04 + 0.3), (0.0, 10.0), size=SIZE, margins=BESIDE)
    plot.band(0.0, 2.5, GREEN_BAND, _("0–2 go on"), GREEN_INK)
    plot.band(2.5, 5.5, AMBER_BAND, _("3–5 stay"), AMBER_INK)
    plot.band(5.5, 10.0, RED_BAND, _("6–10 stop"), RED_INK)
    plot.y_axis(_("pain, 0 to 10"), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0])
    plot.x_axis("", _day_ticks(first, days))
    places = [((day - first).days, score) for day, score in sorted(worst.items())]
    plot.line([(float(x), float(score)) for x, score in places], "#1b2430", 1.5)
    for x, score in places:
        plot.mark(x, score, "#1b2430")
    return plot


def _day(facts: SessionFacts) -> date:
    assert facts.day is not None
    return facts.day


def _day_ticks(first: date, days: int) -> list[tuple[float, str]]:
    step = next((step for step in (1, 2, 7, 14, 28, 56, 91) if days / step <= 7), 182)
    moments = [first + timedelta(days=offset) for offset in range(0, days + 1, step)]
    return [((moment - first).days, short_day(moment)) for moment in moments]


def median_range(facts: SessionFacts) -> float | None:
    """Give the median range of a session, deg."""
    return median(rep.range_of_motion_deg for rep in facts.reps) if facts.reps else None


def median_drift(facts: SessionFacts) -> float | None:
    """Give the median drift of a session, deg."""
    known = [rep.medial_drift_deg for rep in facts.reps if rep.medial_drift_deg is not None]
    return median(known) if known else None


def median_duration(facts: SessionFacts) -> float | None:
    """Give the median duration of a session's reps, s."""
    return median(rep.duration_s for rep in facts.reps) if facts.reps else None
