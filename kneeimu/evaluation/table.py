"""The figures as a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from kneeimu.evaluation.figures import Agreement, Figures, Row
from kneeimu.evaluation.judge import Outcome
from kneeimu.words import _, decimal, mark, n_, plain

HEADS = (
    mark("exercise"), mark("mount"), mark("sets"), mark("exact"), "±1", mark("error"), mark("false/10 min"),
    mark("late p50 p95"), mark("range bias [limits]"), mark("medial tilt bias [limits]"),
)  # fmt: skip
MOST_WRONG = 12


def describe(figures: Figures, outcomes: Sequence[Outcome]) -> str:
    """Give the figures, and the recordings that were counted wrong, as text."""
    lines = _columns([heads(), *(cells(row) for row in (*figures.rows, figures.total))])
    lines.insert(len(lines) - 1, "─" * len(lines[0]))
    lines += ["", *_remarks(figures), *_form(figures), *_wrong(outcomes), *early(outcomes)]
    return "\n".join(line.rstrip() for line in lines)


def heads() -> tuple[str, ...]:
    """Give the heads of the columns in the person's language."""
    return tuple(_(head) for head in HEADS)


def cells(row: Row) -> tuple[str, ...]:
    """Give the cells of a row, in the order of ``HEADS``."""
    return (
        row.exercise,
        row.mount,
        str(row.sets) if row.sets else "–",
        _value(row.exact_percent, 0, " %"),
        _value(row.within_one_percent, 0, " %"),
        _value(row.mean_absolute_error, 2),
        _value(row.false_per_10_min, 2),
        _late(row),
        limits(row.range_deg),
        limits(row.medial_tilt_deg),
    )


def _late(row: Row) -> str:
    if row.late_p50_s is None or row.late_p95_s is None:
        return "–"
    return f"{decimal(row.late_p50_s, 2)} {decimal(row.late_p95_s, 2)} s"


def limits(found: Agreement | None) -> str:
    """Write a bias with its limits of agreement."""
    return f"{signed(found.bias_deg)} [{signed(found.low_deg)}, {signed(found.high_deg)}]°" if found else "–"


def signed(value: float) -> str:
    """Write a number with its sign."""
    return f"{'-' if value < 0 else '+'}{decimal(abs(value))}"


def _value(value: float | None, digits: int, unit: str = "") -> str:
    return "–" if value is None else f"{decimal(value, digits)}{unit}"


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def told(figures: Figures) -> list[str]:
    """Say how many sets were counted exactly, and what was counted where there was nothing to count."""
    total, lines = figures.total, []
    if figures.exact_interval_percent and total.exact_percent is not None:
        low, high = (decimal(one) for one in figures.exact_interval_percent)
        lines.append(
            n_(
                "exact in {share} % of {n} set (95 % interval {low} to {high})",
                "exact in {share} % of {n} sets (95 % interval {low} to {high})",
                total.sets,
                share=decimal(total.exact_percent),
                low=low,
                high=high,
            )
        )
    if total.other_min:
        lines.append(
            n_(
                "{n} false count in {minutes} min without exercise",
                "{n} false counts in {minutes} min without exercise",
                total.false_counts,
                minutes=decimal(total.other_min, 0),
            )
        )
    if total.resting:
        lines.append(
            _("{counts} in {recordings} of the leg that rests").format(
                counts=n_("{n} count", "{n} counts", total.resting_counts),
                recordings=n_("{n} recording", "{n} recordings", total.resting),
            )
        )
    return lines


def _remarks(figures: Figures) -> list[str]:
    total, lines = figures.total, told(figures)
    if total.form_sets and total.form_exact_percent is not None:
        lines.append(
            n_(
                "exact in {share} % of {n} set with faults of form, after an alignment",
                "exact in {share} % of {n} sets with faults of form, after an alignment",
                total.form_sets,
                share=decimal(total.form_exact_percent),
            )
        )
    if total.start_p95_s is not None and total.turn_p95_s is not None and total.end_p95_s is not None:
        lines.append(
            _("times of a rep, 95 % are nearer than: start {start} s, turn {turn} s, end {end} s").format(
                start=decimal(total.start_p95_s, 2), turn=decimal(total.turn_p95_s, 2), end=decimal(total.end_p95_s, 2)
            )
        )
    if total.direction_percent is not None:
        right = decimal(total.direction_percent)
        lines.append(_("direction of band-walk steps: {right} % right").format(right=right))
    lines += [_("alignment refused: {reason}").format(reason=reason) for reason in figures.refused]
    return [*lines, *(_("not evaluated: {reason}").format(reason=reason) for reason in figures.errors)]


def _form(figures: Figures) -> list[str]:
    if not figures.findings:
        return []
    rows: list[tuple[str, ...]] = [
        (_("exercise"), _("mount"), _("finding"), _("shown"), _("found"), _("clean reps"), _("false alarms"))
    ]
    for one in figures.findings:
        found = f"{one.found} ({decimal(one.sensitivity_percent, 0)} %)" if one.sensitivity_percent is not None else "–"
        alarms = f"{one.alarms} ({decimal(one.alarm_percent)} %)" if one.alarm_percent is not None else "–"
        found = found if one.looked_for else _("not looked for")
        rows.append((one.exercise, one.mount, one.code, str(one.shown), found, str(one.clean), alarms))
    return ["", *_columns(rows)]


def _wrong(outcomes: Sequence[Outcome]) -> list[str]:
    wrong = sorted((one for one in outcomes if one.wrong and not one.error), key=lambda one: -abs(one.wrong))
    if not wrong:
        return []
    lines = ["", _("counted wrong:")]
    for one in wrong[:MOST_WRONG]:
        what = _("{count} for {true_count}").format(count=one.count, true_count=one.true_count)
        lines.append(f"  {one.name}  {one.exercise} {one.mount} {one.side}, {plain(one.rate_hz)} Hz: {what}")
    more = len(wrong) - MOST_WRONG
    return [*lines, "  " + _("and {n} more").format(n=more)] if more > 0 else lines


def early(outcomes: Sequence[Outcome]) -> list[str]:
    """Say where counts look like an alignment that the label keeps quiet about, and how the label can tell."""
    found = [one for one in outcomes if one.early]
    if not found:
        return []
    lines = [
        "",
        _(
            'counted before the first labelled rep; if it was an alignment, the label must say so: "activities": '
            '[{"name": "guided-movements", "start_s": …, "end_s": …}]'
        ),
    ]
    lines += [f"  {one.name}: {one.early}" for one in found[:MOST_WRONG]]
    more = len(found) - MOST_WRONG
    return [*lines, "  " + _("and {n} more").format(n=more)] if more > 0 else lines
