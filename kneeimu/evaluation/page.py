"""The evaluation as one page: no scripts, no network, plots as inline SVG."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Sequence
from datetime import date
from html import escape
from importlib.metadata import version

from kneeimu.errors import KneeimuError
from kneeimu.evaluation import plots
from kneeimu.evaluation.figures import Figures, Row, compared
from kneeimu.evaluation.judge import Outcome
from kneeimu.evaluation.signal import signal_of
from kneeimu.evaluation.table import cells, heads, told
from kneeimu.evaluation.tasks import Task
from kneeimu.report.style import CSS
from kneeimu.report.svg import Plot
from kneeimu.words import _, language, plain

MOST_CASES = 8
WIDER_CSS = """
main { max-width: 75rem; }
figure.broad svg { max-width: 60rem; }
td.number, th.number { text-align: right; white-space: nowrap; }
"""


def render_page(figures: Figures, outcomes: Sequence[Outcome], tasks: Sequence[Task], method: str) -> str:
    """Give the page.

    Args:
        outcomes: in the order of ``tasks``; the worst of them are played again and drawn.
        method: what was evaluated, in words.
    """
    parts = [
        f"<h1>{escape(_('How right kneeimu is'))}</h1>",
        f"<p class='quiet'>{escape(method)}. kneeimu {version('kneeimu')}, {date.today():%Y-%m-%d}, "
        f"{escape(platform.machine())}, Python {platform.python_version()}.</p>",
        _table(figures),
        _bars(figures, outcomes),
        _agreement(figures, outcomes),
        _confusion(figures),
        _worst(outcomes, tasks),
    ]
    return (
        f"<!doctype html>\n<html lang='{language()}'><head><meta charset='utf-8'><meta name='viewport' "
        f"content='width=device-width, initial-scale=1'><title>{escape(_('Evaluation of kneeimu'))}</title>"
        f"<style>{CSS}{WIDER_CSS}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _figure(plot: Plot, caption: str) -> str:
    broad = " class='broad'" if plot.size[0] > 500 else ""
    return f"<figure{broad}>{plot.render()}<figcaption>{escape(caption)}</figcaption></figure>"


def _table(figures: Figures) -> str:
    head = "".join(f"<th scope='col'{_class(column)}>{escape(word)}</th>" for column, word in enumerate(heads()))
    body = "".join(_row(row) for row in (*figures.rows, figures.total))
    words = "".join(f"<p>{escape(one)}.</p>" for one in [*told(figures), *_errors(figures)])
    caption = _(
        "error: mean absolute error of the count. late: from the end of a rep to its count. Angles: measured minus "
        "true, bias with 95 % limits of agreement over reps."
    )
    return (
        f"<section><h2>{escape(_('Figures'))}</h2>{words}<div class='wide'><table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>"
    )


def _errors(figures: Figures) -> list[str]:
    return [_("not evaluated: {reason}").format(reason=error) for error in figures.errors]


def _row(row: Row) -> str:
    words = "".join(f"<td{_class(column)}>{escape(cell)}</td>" for column, cell in enumerate(cells(row)))
    return f"<tr>{words}</tr>"


def _class(column: int) -> str:
    return " class='number'" if column > 1 else ""


def _bars(figures: Figures, outcomes: Sequence[Outcome]) -> str:
    sets = [one for one in outcomes if one.kind == "set" and not one.error]
    if not sets:
        return ""
    mounts = dict.fromkeys(one.mount for one in sets)
    caption = _("Box on the {mount}. Blue: the count is exact; grey: it is off by one at most.")
    bars = "".join(_figure(plots.exercises(figures.rows, mount), caption.format(mount=_(mount))) for mount in mounts)
    agreement = _figure(plots.counts(sets), _("Marks grow with the number of sets they stand for."))
    return f"<section><h2>{escape(_('Counting'))}</h2>{bars}{agreement}</section>"


def _agreement(figures: Figures, outcomes: Sequence[Outcome]) -> str:
    drawn = ""
    known = (("range", _("Range"), figures.total.range_deg), ("tilt", _("Medial tilt"), figures.total.medial_tilt_deg))
    for what, title, found in known:
        values = [(*pair, one.mount) for one in outcomes for pair in compared(one.pairs, what)]
        if found is not None and values:
            caption = _(
                "Difference over mean (Bland and Altman); the band holds 95 % of reps, if they scatter normally."
            )
            drawn += _figure(plots.bland_altman(values, found, title), caption)
    return f"<section><h2>{escape(_('Angles'))}</h2><div class='two'>{drawn}</div></section>" if drawn else ""


def _confusion(figures: Figures) -> str:
    table = figures.confusion
    if not table:
        return ""
    found = [*dict.fromkeys(code for row in table.values() for code in row if code not in ("reps", "none"))]
    found = ["none", *sorted(found)]
    head = "".join(f"<th scope='col' class='number'>{escape(code)}</th>" for code in [_("reps"), *found])
    body = ""
    for fault, row in table.items():
        shares = ((code, 100.0 * row.get(code, 0) / row["reps"]) for code in found)
        body += f"<tr><th scope='row'>{escape(fault)}</th><td class='number'>{row['reps']}</td>" + "".join(
            f"<td class='number' style='background:{plots.shade(share, code == fault)}'>{share:.0f} %</td>"
            for code, share in shares
        )
        body += "</tr>"
    caption = _(
        "Rows: the fault that was shown; columns: what was found, share of the reps; a rep may have several findings. "
        "Over all exercises and mounts."
    )
    return (
        f"<section><h2>{escape(_('Findings of form'))}</h2><div class='wide'><table><caption>{escape(caption)}"
        f"</caption><thead><tr><th scope='col'>{escape(_('shown'))}</th>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div></section>"
    )


def _worst(outcomes: Sequence[Outcome], tasks: Sequence[Task]) -> str:
    order = sorted(range(len(outcomes)), key=lambda i: (-abs(outcomes[i].wrong), -_misplaced(outcomes[i])))
    drawn = ""
    for index in order[:MOST_CASES]:
        one = outcomes[index]
        if one.error or not (one.wrong or _misplaced(one)):
            continue
        with contextlib.suppress(KneeimuError):
            where = f"{one.exercise}, {one.mount}, {one.side}, {plain(one.rate_hz)} Hz"
            counts = _("{count} counted, {true} true").format(count=one.count, true=one.true_count)
            caption = f"{one.name}: {where}; {counts}."
            drawn += _figure(plots.worst_case(one, signal_of(tasks[index])), caption)
    none = f"<p>{escape(_('None: every rep was counted, and nothing else.'))}</p>"
    return f"<section><h2>{escape(_('Worst cases'))}</h2>{drawn or none}</section>"


def _misplaced(outcome: Outcome) -> int:
    return len(outcome.missed) + len(outcome.extra)
