"""One self-contained HTML page: no scripts, no network, readable in a minute, printable on A4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from html import escape
from importlib.metadata import version

from kneeimu.coaching.pain import light_of
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.report import charts, trends
from kneeimu.report.facts import SessionFacts
from kneeimu.report.meaning import meanings
from kneeimu.report.numbers import Adherence, LegNumbers, Pair, adherence, left_right, leg_numbers
from kneeimu.report.style import CSS
from kneeimu.report.svg import Plot
from kneeimu.report.words import Remark, exercise_word, flag_words, stands_out, title

LEVEL_WORDS = {"red": "Attention", "amber": "Look at", "green": "Good"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is about.

    Attributes:
        sessions: oldest first; at least one, with reps in at least one.
        person: label to print; empty for none.
        programme: title of the programme that was followed; empty for none.
        per_week: days a week that are planned; None when nobody said.
        period: first and last day asked for; None for those of the sessions.
        written: when the page was made.
    """

    sessions: tuple[SessionFacts, ...]
    person: str = ""
    programme: str = ""
    per_week: int | None = None
    period: tuple[date, date] | None = None
    written: datetime | None = None


def render_page(report: Report) -> str:
    """Give the page as HTML.

    Raises:
        ValueError: there are no sessions.
    """
    if not report.sessions:
        raise ValueError("a report needs at least one session")
    legs = leg_numbers(report.sessions)
    kept = adherence(report.sessions, legs, report.per_week, report.period)
    pairs = left_right(legs)
    body = [
        _head(report, kept),
        _remarks(stands_out(report.sessions, legs, kept, pairs)),
        _glance(report, legs, kept),
        *(_leg(leg) for leg in legs),
        _weeks(report, legs, kept),
        _pairs(pairs),
        _meaning(legs),
        _foot(report),
    ]
    return (
        "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(_title(report))}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def figures(report: Report) -> dict[str, Plot]:
    """Give the plots of a report by name, for single files."""
    found: dict[str, Plot | None] = {}
    legs = leg_numbers(report.sessions)
    for leg in legs:
        if leg.latest.reps:
            stem = f"{leg.exercise}-{leg.side}"
            found[f"{stem}-curves"] = charts.rep_curves(leg.latest) if leg.latest.curves else None
            found[f"{stem}-drift"] = charts.drift_per_rep([leg.latest], leg.limit)
            found[f"{stem}-tempo"] = charts.tempo_per_rep(leg.latest)
            found[f"{stem}-range"] = charts.range_per_rep(leg.latest)
    kept = adherence(report.sessions, legs, report.per_week, report.period)
    found.update(_trend_plots(report, legs, kept))
    return {name: plot for name, plot in found.items() if plot is not None}


# --- parts ------------------------------------------------------------------------------------------------------------


def _title(report: Report) -> str:
    return f"Knee training report, {report.person}" if report.person else "Knee training report"


def _head(report: Report, kept: Adherence) -> str:
    parts = [escape(report.person), escape(report.programme), _period(report, kept)]
    return f"<header><h1>Knee training report</h1><p class='quiet'>{' · '.join(p for p in parts if p)}</p></header>"


def _period(report: Report, kept: Adherence) -> str:
    if report.period:
        return f"{_date(report.period[0])} to {_date(report.period[1])}"
    if not kept.days:
        return "date not known"
    first, last = kept.days[0], kept.days[-1]
    return _date(first) if first == last else f"{_date(first)} to {_date(last)}"


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _remarks(remarks: Sequence[Remark]) -> str:
    if not remarks:
        return "<section><h2>What stands out</h2><p>Nothing: no limit was passed, no trend broke off.</p></section>"
    items = "".join(
        f"<li class='{remark.level}'><b>{LEVEL_WORDS[remark.level]}</b> {escape(remark.text)}</li>"
        for remark in remarks
    )
    return f"<section><h2>What stands out</h2><ul class='remarks'>{items}</ul></section>"


def _glance(report: Report, legs: Sequence[LegNumbers], kept: Adherence) -> str:
    cards = [_card(*card) for card in (_adherence_card(kept), _pain_card(report.sessions), _reps_card(legs))]
    rows = "".join(_glance_row(leg) for leg in legs)
    head = "".join(
        f"<th scope='col'>{word}</th>"
        for word in ("Exercise", "Reps (clean)", "Range", "Drift inwards", "Tempo out–hold–back", "In time")
    )
    return (
        f"<section><h2>At a glance</h2><dl class='cards'>{''.join(cards)}</dl><div class='wide'><table>"
        "<caption>Medians over all reps of the period; range with its 10th to 90th percentile, drift with one standard "
        f"deviation and its largest value.</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        "</section>"
    )


def _card(title: str, value: str, more: str) -> str:
    return f"<div><dt>{title}</dt><dd><strong>{escape(value)}</strong><span>{escape(more)}</span></dd></div>"


def _adherence_card(kept: Adherence) -> tuple[str, str, str]:
    if not kept.days:
        return "Adherence", "–", "the sessions carry no date"
    reps = f"{kept.done_reps} of {kept.asked_reps} prescribed reps" if kept.asked_reps else "no reps prescribed"
    if kept.planned:
        days = f"{len(kept.days)} of {kept.planned} days"
        if len(kept.days) > kept.planned:
            days = f"{len(kept.days)} days"
        return "Adherence", days, f"{kept.planned} planned, {kept.per_week} a week; {reps}"
    return "Adherence", f"{len(kept.days)} day{'s' if len(kept.days) > 1 else ''}", reps


def _pain_card(sessions: Sequence[SessionFacts]) -> tuple[str, str, str]:
    known = [(s, score) for s in sessions if (score := s.worst_pain) is not None]
    if not known:
        return "Pain", "not asked", "0 to 10, none recorded"
    worst, last = max(score for _, score in known), known[-1][1]
    return "Pain", f"{last} of 10", f"last; worst {worst} ({light_of(worst)})"


def _reps_card(legs: Sequence[LegNumbers]) -> tuple[str, str, str]:
    count, measured = sum(leg.count for leg in legs), sum(leg.measured for leg in legs)
    clean = sum(leg.clean for leg in legs)
    share = f"{round(100 * clean / measured)} % clean" if measured else "none measured"
    return "Reps", str(count), share if count == measured else f"{share}; {measured} counted by the sensor"


def _glance_row(leg: LegNumbers) -> str:
    spread = leg.range_spread_deg
    extent = f" <small>({spread[0]:.0f}–{spread[1]:.0f})</small>" if spread else ""
    asked = f" <small>asked {'–'.join(f'{t:g}' for t in leg.asked.tempo_s)}</small>" if leg.asked.tempo_s else ""
    cells = [
        _amount(leg),
        f"{leg.range_deg:.0f}°{extent}" if leg.range_deg is not None else "–",
        _drift_words(leg),
        _tempo_words(leg) + asked,
        f"{round(100 * leg.in_time)} %" if leg.in_time is not None else "–",
    ]
    name = f"{exercise_word(leg.exercise)}, {leg.side}"
    return f"<tr><th scope='row'>{name}</th>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _amount(leg: LegNumbers) -> str:
    if find_exercise(leg.exercise).kind == "timed":
        asked = f" <small>of {leg.asked_s:.0f} s</small>" if leg.asked_s else ""
        return (f"held {leg.held_s:.0f} s" if leg.held_s is not None else "time not kept") + asked
    return f"{leg.count} ({leg.clean})" + (f" <small>of {leg.asked_reps}</small>" if leg.asked_reps else "")


def _tempo_words(leg: LegNumbers) -> str:
    return f"<span class='whole'>{'–'.join(f'{t:.1f}' for t in leg.tempo_s)} s</span>" if leg.tempo_s else "–"


def _drift_words(leg: LegNumbers) -> str:
    if leg.drift_deg is None:
        return "<small>not measured</small>" if find_exercise(leg.exercise).sagittal else "–"
    level = leg.limit.level(leg.drift_deg) if leg.limit else None
    word = f", {level}" if level else ""
    middle, unsure = _value(leg.drift_deg, "°", sign=True), leg.drift_uncertainty_deg
    return f"{middle} ± {unsure:.1f}° <small>(to {_value(leg.drift_worst_deg or 0.0, '°', sign=True)}{word})</small>"


def _figure(plot: Plot | None, caption: str) -> str:
    return f"<figure>{plot.render()}<figcaption>{escape(caption)}</figcaption></figure>" if plot else ""


def _leg(leg: LegNumbers) -> str:
    facts = leg.latest
    name = f"{title(leg.exercise)}, {leg.side} leg"
    if find_exercise(leg.exercise).kind == "timed" and not facts.reps:
        return ""  # the glance says all there is
    if not facts.reps:
        return f"<section><h2>{name}</h2><p>No reps were counted.</p></section>"
    curves = charts.rep_curves(facts) if facts.curves else None
    drawn = [
        _figure(curves, f"Tilt of the {facts.setup.mount} in each rep."),
        _figure(charts.drift_per_rep([facts], leg.limit), "Drift inwards against the wearer's own reference reps."),
        _figure(charts.tempo_per_rep(facts), "How long each part of a rep took."),
        _figure(charts.range_per_rep(facts), "How far each rep went."),
    ]
    drawn = [figure for figure in drawn if figure]
    table = _sets_table(facts, drift=leg.latest_has_drift)
    rest = "".join(drawn[2:])
    # With an odd number of plots the table fills the gap.
    below = f"<div class='two'>{rest}{table}</div>" if len(drawn) % 2 else f"<div class='two'>{rest}</div>{table}"
    return (
        f"<section><div class='keep'><h2>{name}</h2>{_leg_words(leg)}<div class='two'>{''.join(drawn[:2])}</div></div>"
        f"{below}</section>"
    )


def _worn(leg: LegNumbers) -> str:
    setup, band = leg.latest.setup, leg.asked.band
    aligned = f", alignment {setup.alignment.quality}" if setup.alignment else ""
    return f"Sensor on the {setup.mount}{aligned}." + (f" Band: {band.replace('-', ' ')}." if band else "")


def _leg_words(leg: LegNumbers) -> str:
    sentences = [_worn(leg)]
    if leg.fppa_deg:
        sentences.append(
            f"Camera-style estimate of the frontal-plane angle: {leg.fppa_deg[0]:.0f}° ± {leg.fppa_deg[1]:.0f}°, "
            "if the hip stays over the foot."
        )
    if leg.rotation_deg is not None:
        sentences.append(f"Rotation inwards about the long axis: {_value(leg.rotation_deg, '°')} (median).")
    if leg.drift_deg is None and find_exercise(leg.exercise).sagittal:
        sentences.append("Drift inwards was not measured: the sensor was not aligned with reference reps.")
    flags = [f"{flag_words(code)} ({count})" for code, count in leg.flags.most_common(4)]
    if flags:
        sentences.append(f"Findings: {', '.join(flags)}.")
    if leg.latest.day and len(leg.sessions) > 1:
        sentences.append(f"The plots show the last session, {_date(leg.latest.day)}.")
    return f"<p>{escape(' '.join(sentences))}</p>" if sentences else ""


def _sets_table(facts: SessionFacts, *, drift: bool) -> str:
    words = ["Set", "Reps (clean)", "Range", *(["Drift inwards"] if drift else []), "Out–hold–back", "Findings"]
    head = "".join(f"<th scope='col'>{word}</th>" for word in words)
    rows = []
    for index, group in enumerate(facts.sets, start=1):
        one = leg_numbers([_only(facts, index - 1)])[0]
        flags = ", ".join(f"{flag_words(code)} ({count})" for code, count in one.flags.most_common()) or "–"
        cells = [
            f"{len(group.reps)} ({one.clean})",
            f"{one.range_deg:.0f}°" if one.range_deg is not None else "–",
            *([_drift_words(one)] if drift else []),
            _tempo_words(one),
            escape(flags),
        ]
        rows.append(f"<tr><th scope='row'>{index}</th>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    caption = f"Sets{' on ' + _date(facts.day) if facts.day else ''}, medians."
    return (
        f"<div class='wide'><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _only(facts: SessionFacts, index: int) -> SessionFacts:
    return replace(facts, sets=(facts.sets[index],), corrected=0)


def _trend_plots(report: Report, legs: Sequence[LegNumbers], kept: Adherence) -> dict[str, Plot | None]:
    if len(kept.days) < 2:
        return {}
    found: dict[str, Plot | None] = {"days-a-week": trends.sessions_a_week(kept.days, kept.weeks, kept.per_week)}
    found["pain"] = trends.pain_over_time(report.sessions)
    for exercise in dict.fromkeys(leg.exercise for leg in legs):
        mine = [facts for facts in report.sessions if facts.setup.exercise == exercise]
        limit = next(leg.limit for leg in legs if leg.exercise == exercise)
        word = title(exercise)
        found[f"{exercise}-drift-trend"] = trends.over_time(
            f"{word}: drift inwards", "deg", mine, trends.median_drift, limit=limit, uncertain=True
        )
        if find_exercise(exercise).kind == "reps":
            tempo = mine[-1].prescription.tempo_s
            found[f"{exercise}-tempo-trend"] = trends.over_time(
                f"{word}: time a rep", "s", mine, trends.median_duration, asked=sum(tempo) if tempo else None
            )
        found[f"{exercise}-range-trend"] = trends.over_time(f"{word}: range", "deg", mine, trends.median_range)
    return found


def _weeks(report: Report, legs: Sequence[LegNumbers], kept: Adherence) -> str:
    plots = _trend_plots(report, legs, kept)
    if not plots:
        return ""
    drawn = "".join(_figure(plot, plot.title) for plot in plots.values() if plot is not None)
    return f"<section><div class='keep'><h2>Over the weeks</h2><div class='two'>{drawn}</div></div></section>"


def _pairs(pairs: Sequence[Pair]) -> str:
    if not pairs:
        return ""
    rows = "".join(
        f"<tr><th scope='row'>{exercise_word(pair.exercise)}: {pair.name}</th><td>{_value(pair.left, pair.unit)}</td>"
        f"<td>{_value(pair.right, pair.unit)}</td><td>{_value(pair.right - pair.left, pair.unit, sign=True)}</td>"
        f"<td>{'differs' if pair.differs else 'alike'}</td></tr>"
        for pair in pairs
    )
    head = "".join(f"<th scope='col'>{word}</th>" for word in ("Number", "Left", "Right", "Right − left", "Reading"))
    return (
        "<section><h2>Left and right</h2><div class='wide'><table><caption>Medians of the period. Range and time "
        "differ from 15 % on, drift from two standard deviations of a difference, clean reps from 20 %.</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _value(value: float, unit: str, *, sign: bool = False) -> str:
    digits = 0 if unit == "%" else 1
    value = round(value, digits) + 0.0  # no minus before a zero
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return text.replace("-", "−") + (unit if unit == "°" else f" {unit}")


def _meaning(legs: Sequence[LegNumbers]) -> str:
    items = "".join(f"<div><dt>{escape(word)}</dt><dd>{escape(text)}</dd></div>" for word, text in meanings(legs))
    return f"<section><h2>What the numbers mean</h2><dl class='meaning'>{items}</dl></section>"


def _foot(report: Report) -> str:
    made = f"Written on {_date(report.written.date())} by" if report.written else "Written by"
    names = _names(facts.name for facts in report.sessions)
    return (
        f"<footer><p>{made} kneeimu {version('kneeimu')} from {len(report.sessions)} "
        f"recording{'s' if len(report.sessions) > 1 else ''}{names}. A training aid, not a medical device: it measures "
        "movement, it does not diagnose.</p></footer>"
    )


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    return f" ({escape(', '.join(listed))})" if len(listed) <= 4 else ""
