"""One self-contained HTML page: no scripts, no network, readable in a minute, printable on A4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from html import escape
from importlib.metadata import version

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.report import charts, trends
from kneeimu.report.cards import LIGHTS, cards
from kneeimu.report.facts import SessionFacts
from kneeimu.report.meaning import meanings
from kneeimu.report.numbers import Adherence, LegNumbers, Pair, adherence, left_right, leg_numbers, trainings
from kneeimu.report.style import CSS
from kneeimu.report.svg import Plot
from kneeimu.report.words import Remark, flag_words, stands_out
from kneeimu.words import _, decimal, language, mark, n_, plain
from kneeimu.words.names import day_words, exercise_title, mount_words, side_words
from kneeimu.words.phrases import BANDS, phrase

LEVEL_WORDS = {"red": mark("Attention"), "amber": mark("Look at"), "green": mark("Good")}
QUALITIES = {"good": mark("good"), "fair": mark("fair"), "poor": mark("poor")}


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
        f"<!doctype html>\n<html lang='{language()}'>\n<head>\n<meta charset='utf-8'>\n"
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
    name = _("Knee training report")
    return f"{name}, {report.person}" if report.person else name


def _head(report: Report, kept: Adherence) -> str:
    parts = [escape(report.person), escape(_(report.programme)), _period(report, kept)]
    return (
        f"<header><h1>{_('Knee training report')}</h1><p class='quiet'>{' · '.join(p for p in parts if p)}</p></header>"
    )


def _period(report: Report, kept: Adherence) -> str:
    if report.period:
        return _("{first} to {last}").format(first=day_words(report.period[0]), last=day_words(report.period[1]))
    if not kept.days:
        return _("date not known")
    first, last = kept.days[0], kept.days[-1]
    if first == last:
        return day_words(first)
    return _("{first} to {last}").format(first=day_words(first), last=day_words(last))


def _remarks(remarks: Sequence[Remark]) -> str:
    if not remarks:
        nothing = _("Nothing: no limit was passed, no trend broke off.")
        return f"<section><h2>{_('What stands out')}</h2><p>{nothing}</p></section>"
    items = "".join(
        f"<li class='{remark.level}'><b>{_(LEVEL_WORDS[remark.level])}</b> {escape(remark.text)}</li>"
        for remark in remarks
    )
    return f"<section><h2>{_('What stands out')}</h2><ul class='remarks'>{items}</ul></section>"


def _glance(report: Report, legs: Sequence[LegNumbers], kept: Adherence) -> str:
    rows = "".join(_glance_row(leg) for leg in legs)
    head = "".join(
        f"<th scope='col'>{word}</th>"
        for word in (
            _("Exercise"), _("Reps (clean)"), _("Range"), _("Drift inwards"), _("Tempo out–hold–back"), _("In time"),
        )
    )  # fmt: skip
    caption = _(
        "Medians over all reps of the period; range with its 10th to 90th percentile, drift with one standard "
        "deviation and its largest value."
    )
    return (
        f"<section><h2>{_('At a glance')}</h2><dl class='cards'>{cards(report.sessions, legs, kept)}</dl>"
        f"<div class='wide'><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _glance_row(leg: LegNumbers) -> str:
    spread = leg.range_spread_deg
    extent = f" <small>({spread[0]:.0f}–{spread[1]:.0f})</small>" if spread else ""
    asked = ""
    if leg.asked.tempo_s:
        asked = f" <small>{_('asked {tempo}').format(tempo='–'.join(map(plain, leg.asked.tempo_s)))}</small>"
    cells = [
        _amount(leg),
        f"{leg.range_deg:.0f}°{extent}" if leg.range_deg is not None else "–",
        _drift_words(leg),
        _tempo_words(leg) + asked,
        f"{round(100 * leg.in_time)} %" if leg.in_time is not None else "–",
    ]
    name = f"{exercise_title(leg.exercise)}, {side_words(leg.side)}"
    return f"<tr><th scope='row'>{name}</th>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _amount(leg: LegNumbers) -> str:
    if find_exercise(leg.exercise).kind == "timed":
        asked = f" <small>{_('of {n:.0f} s').format(n=leg.asked_s)}</small>" if leg.asked_s else ""
        return (_("held {n:.0f} s").format(n=leg.held_s) if leg.held_s is not None else _("time not kept")) + asked
    asked = f" <small>{_('of {n}').format(n=leg.asked_reps)}</small>" if leg.asked_reps else ""
    return f"{leg.count} ({leg.clean}){asked}"


def _tempo_words(leg: LegNumbers) -> str:
    return f"<span class='whole'>{'–'.join(map(decimal, leg.tempo_s))} s</span>" if leg.tempo_s else "–"


def _drift_words(leg: LegNumbers) -> str:
    if leg.drift_deg is None:
        return f"<small>{_('not measured')}</small>" if find_exercise(leg.exercise).sagittal else "–"
    level = leg.limit.level(leg.drift_deg) if leg.limit else None
    word = f", {_(LIGHTS[level])}" if level else ""
    middle, unsure = _value(leg.drift_deg, "°", sign=True), leg.drift_uncertainty_deg
    worst = _("to {most}").format(most=_value(leg.drift_worst_deg or 0.0, "°", sign=True))
    return f"{middle} ± {decimal(unsure)}° <small>({worst}{word})</small>"


def _figure(plot: Plot | None, caption: str) -> str:
    return f"<figure>{plot.render()}<figcaption>{escape(caption)}</figcaption></figure>" if plot else ""


def _leg(leg: LegNumbers) -> str:
    facts = leg.latest
    name = f"{exercise_title(leg.exercise)}, {side_words(leg.side)}"
    if find_exercise(leg.exercise).kind == "timed" and not facts.reps:
        return ""  # the glance says all there is
    if not facts.reps:
        return f"<section><h2>{name}</h2><p>{_('No reps were counted.')}</p></section>"
    curves = charts.rep_curves(facts) if facts.curves else None
    drawn = [
        _figure(
            curves,
            _("Tilt of the thigh in each rep.") if facts.setup.mount == "thigh" else _("Tilt of the shin in each rep."),
        ),
        _figure(charts.drift_per_rep([facts], leg.limit), _("Drift inwards against the wearer's own reference reps.")),
        _figure(charts.tempo_per_rep(facts), _("How long each part of a rep took.")),
        _figure(charts.range_per_rep(facts), _("How far each rep went.")),
    ]
    drawn = [figure for figure in drawn if figure]
    table = _sets_table(leg)
    rest = "".join(drawn[2:])
    # With an odd number of plots the table fills the gap.
    below = f"<div class='two'>{rest}{table}</div>" if len(drawn) % 2 else f"<div class='two'>{rest}</div>{table}"
    return (
        f"<section><div class='keep'><h2>{name}</h2>{_leg_words(leg)}<div class='two'>{''.join(drawn[:2])}</div></div>"
        f"{below}</section>"
    )


def _worn(leg: LegNumbers) -> str:
    setup, band = leg.latest.setup, leg.asked.band
    words = mount_words(setup.mount)
    parts = [words[:1].upper() + words[1:]]
    if setup.alignment:
        quality = setup.alignment.quality
        parts.append(_("alignment {quality}").format(quality=_(QUALITIES.get(quality, quality))))
    worn = ", ".join(parts) + "."
    return f"{worn} {_('Band: {band}.').format(band=phrase(BANDS, band))}" if band else worn


def _leg_words(leg: LegNumbers) -> str:
    sentences = [_worn(leg)]
    if leg.fppa_deg:
        sentences.append(
            _(
                "Camera-style estimate of the frontal-plane angle: {angle:.0f}° ± {unsure:.0f}°, if the hip stays over "
                "the foot."
            ).format(angle=leg.fppa_deg[0], unsure=leg.fppa_deg[1])
        )
    if leg.rotation_deg is not None:
        turned = _value(leg.rotation_deg, "°")
        sentences.append(_("Rotation inwards about the long axis: {angle} (median).").format(angle=turned))
    if leg.drift_deg is None and find_exercise(leg.exercise).sagittal:
        sentences.append(_("Drift inwards was not measured: the sensor was not aligned with reference reps."))
    flags = [f"{flag_words(code, leg)} ({count})" for code, count in leg.flags.most_common(4)]
    if flags:
        sentences.append(_("Findings: {flags}.").format(flags=", ".join(flags)))
    if leg.latest.day and len(leg.sessions) > 1:
        sentences.append(_("The plots show the last session, {day}.").format(day=day_words(leg.latest.day)))
    return f"<p>{escape(' '.join(sentences))}</p>" if sentences else ""


def _sets_table(leg: LegNumbers) -> str:
    facts, drift = leg.latest, leg.latest_has_drift
    words = [_("Set"), _("Reps (clean)"), _("Range"), _("Out–hold–back"), _("Findings")]
    if drift:
        words.insert(3, _("Drift inwards"))
    head = "".join(f"<th scope='col'>{word}</th>" for word in words)
    rows = []
    for index, group in enumerate(facts.sets, start=1):
        one = leg_numbers([_only(facts, index - 1)])[0]
        flags = ", ".join(f"{flag_words(code, leg)} ({count})" for code, count in one.flags.most_common()) or "–"
        cells = [
            f"{len(group.reps) + facts.corrected_sets.get(group.number, 0)} ({one.clean})",
            f"{one.range_deg:.0f}°" if one.range_deg is not None else "–",
            *([_drift_words(one)] if drift else []),
            _tempo_words(one),
            escape(flags),
        ]
        rows.append(f"<tr><th scope='row'>{index}</th>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    caption = _("Sets, medians.")
    if facts.day:
        caption = _("Sets on {day}, medians.").format(day=day_words(facts.day))
    if leg.left_out:
        told = n_(
            "{done} of {n} set was done.",
            "{done} of {n} sets were done.",
            facts.prescription.sets or 0,
            done=leg.sets_done,
        )
        caption = f"{caption} {told}"
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
        mine = [facts for facts in trainings(report.sessions) if facts.setup.exercise == exercise]
        limit = next(leg.limit for leg in legs if leg.exercise == exercise)
        name = exercise_title(exercise)
        found[f"{exercise}-drift-trend"] = trends.over_time(
            _("{exercise}: drift inwards").format(exercise=name),
            "°",
            mine,
            trends.median_drift,
            limit=limit,
            uncertain=True,
        )
        if find_exercise(exercise).kind == "reps":
            tempo = mine[-1].prescription.tempo_s
            found[f"{exercise}-tempo-trend"] = trends.over_time(
                _("{exercise}: time a rep").format(exercise=name),
                "s",
                mine,
                trends.median_duration,
                asked=sum(tempo) if tempo else None,
            )
        found[f"{exercise}-range-trend"] = trends.over_time(
            _("{exercise}: range").format(exercise=name), "°", mine, trends.median_range
        )
    return found


def _weeks(report: Report, legs: Sequence[LegNumbers], kept: Adherence) -> str:
    plots = _trend_plots(report, legs, kept)
    if not plots:
        return ""
    drawn = "".join(_figure(plot, plot.title) for plot in plots.values() if plot is not None)
    return f"<section><div class='keep'><h2>{_('Over the weeks')}</h2><div class='two'>{drawn}</div></div></section>"


def _pairs(pairs: Sequence[Pair]) -> str:
    if not pairs:
        return ""
    rows = "".join(
        f"<tr><th scope='row'>{exercise_title(pair.exercise)}: {_(pair.name)}</th>"
        f"<td>{_value(pair.left, pair.unit)}</td>"
        f"<td>{_value(pair.right, pair.unit)}</td><td>{_value(pair.right - pair.left, pair.unit, sign=True)}</td>"
        f"<td>{_('differs') if pair.differs else _('alike')}</td></tr>"
        for pair in pairs
    )
    head = "".join(
        f"<th scope='col'>{word}</th>" for word in (_("Number"), _("Left"), _("Right"), _("Right − left"), _("Reading"))
    )
    caption = _(
        "Medians of the period. Range and time differ from 15 % on, drift from two standard deviations of a "
        "difference, clean reps from 20 %."
    )
    return (
        f"<section><h2>{_('Left and right')}</h2><div class='wide'><table><caption>{caption}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _value(value: float, unit: str, *, sign: bool = False) -> str:
    digits = 0 if unit == "%" else 1
    value = round(value, digits) + 0.0  # no minus before a zero
    text = ("+" if sign and value >= 0 else "") + decimal(value, digits)
    return text.replace("-", "−") + (unit if unit == "°" else f" {unit}")


def _meaning(legs: Sequence[LegNumbers]) -> str:
    items = "".join(f"<div><dt>{escape(word)}</dt><dd>{escape(text)}</dd></div>" for word, text in meanings(legs))
    return f"<section><h2>{_('What the numbers mean')}</h2><dl class='meaning'>{items}</dl></section>"


def _foot(report: Report) -> str:
    program = f"kneeimu {version('kneeimu')}"
    made = _("Written by {program}").format(program=program)
    if report.written:
        made = _("Written on {day} by {program}").format(day=day_words(report.written.date()), program=program)
    source = n_("from {n} recording", "from {n} recordings", len(report.sessions))
    aid = _("A training aid, not a medical device: it measures movement, it does not diagnose.")
    names = _names(facts.name for facts in report.sessions)
    return f"<footer><p>{made} {source}{names}. {aid}</p></footer>"


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    return f" ({escape(', '.join(listed))})" if len(listed) <= 4 else ""
