"""The figures as a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from kneeimu.evaluation.figures import Agreement, Figures, Row
from kneeimu.evaluation.judge import Outcome
from kneeimu.words import _

HEADS = (
    "exercise", "mount", "sets", "exact", "±1", "error", "false/10 min", "late p50 p95", "range bias [limits]",
    "medial tilt bias [limits]",
)  # fmt: skip
MOST_WRONG = 12


def describe(figures: Figures, outcomes: Sequence[Outcome]) -> str:
    """Give the figures, and the recordings that were counted wrong, as text."""
    lines = _columns([HEADS, *(cells(row) for row in (*figures.rows, figures.total))])
    lines.insert(len(lines) - 1, "─" * len(lines[0]))
    lines += ["", *_remarks(figures), *_form(figures), *_wrong(outcomes)]
    return "\n".join(line.rstrip() for line in lines)


def cells(row: Row) -> tuple[str, ...]:
    """Give the cells of a row, in the order of ``HEADS``."""
    return (
        row.exercise,
        row.mount,
        str(row.sets) if row.sets else "–",
        _value(row.exact_percent, "{:.0f} %"),
        _value(row.within_one_percent, "{:.0f} %"),
        _value(row.mean_absolute_error, "{:.2f}"),
        _value(row.false_per_10_min, "{:.2f}"),
        _late(row),
        limits(row.range_deg),
        limits(row.medial_tilt_deg),
    )


def _late(row: Row) -> str:
    return "–" if row.late_p50_s is None else f"{row.late_p50_s:.2f} {row.late_p95_s:.2f} s"


def limits(found: Agreement | None) -> str:
    """Write a bias with its limits of agreement."""
    return f"{found.bias_deg:+.1f} [{found.low_deg:+.1f}, {found.high_deg:+.1f}]°" if found else "–"


def _value(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _remarks(figures: Figures) -> list[str]:
    total, lines = figures.total, []
    if figures.exact_interval_percent:
        low, high = figures.exact_interval_percent
        interval = f"95 % interval {low:.1f} to {high:.1f}"
        lines.append(f"exact in {total.exact_percent:.1f} % of {total.sets} sets ({interval})")
    if total.other_min:
        lines.append(f"{total.false_counts} false counts in {total.other_min:.0f} min without exercise")
    if total.resting:
        lines.append(f"{total.resting_counts} counts in {total.resting} recordings of the leg that rests")
    if total.form_sets:
        share = f"{total.form_exact_percent:.1f} % of {total.form_sets}"
        lines.append(f"exact in {share} sets with faults of form, after an alignment")
    if total.start_p95_s is not None:
        times = f"start {total.start_p95_s:.2f} s, turn {total.turn_p95_s:.2f} s, end {total.end_p95_s:.2f} s"
        lines.append(f"times of a rep, 95 % are nearer than: {times}")
    if total.direction_percent is not None:
        lines.append(f"direction of band-walk steps: {total.direction_percent:.1f} % right")
    lines += [f"alignment refused: {words}" for words in figures.refused]
    return [*lines, *(f"not evaluated: {words}" for words in figures.errors)]


def _form(figures: Figures) -> list[str]:
    if not figures.findings:
        return []
    rows: list[tuple[str, ...]] = [("exercise", "mount", "finding", "shown", "found", "clean reps", "false alarms")]
    for one in figures.findings:
        found = f"{one.found} ({one.sensitivity_percent:.0f} %)" if one.sensitivity_percent is not None else "–"
        alarms = f"{one.alarms} ({one.alarm_percent:.1f} %)" if one.alarm_percent is not None else "–"
        found = found if one.looked_for else "not looked for"
        rows.append((one.exercise, one.mount, one.code, str(one.shown), found, str(one.clean), alarms))
    return ["", *_columns(rows)]


def _wrong(outcomes: Sequence[Outcome]) -> list[str]:
    wrong = sorted((one for one in outcomes if one.wrong and not one.error), key=lambda one: -abs(one.wrong))
    if not wrong:
        return []
    lines = ["", "counted wrong:"]
    for one in wrong[:MOST_WRONG]:
        what = _("{count} for {true_count}").format(count=one.count, true_count=one.true_count)
        lines.append(f"  {one.name}  {one.exercise} {one.mount} {one.side}, {one.rate_hz:g} Hz: {what}")
    more = len(wrong) - MOST_WRONG
    return [*lines, f"  and {more} more"] if more > 0 else lines
