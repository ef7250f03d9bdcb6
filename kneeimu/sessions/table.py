"""An analysis as a table for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.sessions.analysis import Analysis
from kneeimu.types import Rep, Setup
from kneeimu.words import _, as_written, decimal, mark, n_
from kneeimu.words.phrases import SITES, phrase

FLAG_WORDS = {
    "short": mark("well below the usual range"),
    "fast": mark("quicker than the exercise asks"),
    "shallow": mark("less deep than the reference reps"),
    "dropped": mark("let down instead of lowered"),
    "knee-in": mark("the knee drifted inwards"),
    "inward-rotation": mark("the leg turned inwards"),
    "wobble": mark("unsteady"),
    "snapping": mark("snapped straight"),
    "short-hold": mark("the hold was cut short"),
    "gap": mark("samples are missing: counted, not judged"),
    "incomplete": mark("not fully straightened"),
    "over-roll": mark("further than the reference: the pelvis may have rolled"),
    "forward": mark("the leg swung forward"),
    "toes-up": mark("the toes turned up"),
    "rushed": mark("the step was rushed"),
    "lost-tension": mark("the step was too small to keep the band tight"),
    "standing-up": mark("stood up between the steps"),
    "turn-unseen": mark("the turning point fell in a gap"),
}

REFUSED_WORDS = {
    "small": mark("too small"),
    "too-quick": mark("too quick"),
    "too-long": mark("too long"),
    "other-movement": mark("another movement"),
    "other-direction": mark("another direction"),
    "posture": mark("a change of posture"),
    "step": mark("a step"),
    "walking": mark("walking"),
}

SHALLOW_OF_FIRST = mark("less deep than your first three reps")
"""What ``shallow`` means where nobody did reference reps."""


def _number(value: float | None, decimals: int) -> str:
    return "–" if value is None else decimal(value, decimals)


COLUMNS: tuple[tuple[str, Callable[[Rep], str]], ...] = (
    (mark("rep"), lambda rep: str(rep.number)),
    (mark("at s"), lambda rep: _number(rep.start_s, 1)),
    (mark("took s"), lambda rep: _number(rep.duration_s, 1)),
    (mark("out s"), lambda rep: _number(rep.outward_s, 1)),
    (mark("hold s"), lambda rep: _number(rep.hold_s, 1)),
    (mark("back s"), lambda rep: _number(rep.return_s, 1)),
    (mark("range °"), lambda rep: _number(rep.range_of_motion_deg, 0)),
    (mark("drift °"), lambda rep: _number(rep.medial_drift_deg, 1)),
)

SET_COLUMNS = (
    (mark("tension s"), "time_under_tension_s", 0),
    (mark("peak °/s"), "peak_velocity_mean_deg_s", 0),
    (mark("mean °/s"), "mean_velocity_median_deg_s", 0),
    (mark("SPARC out"), "smoothness_out_median", 2),
    (mark("SPARC back"), "smoothness_return_median", 2),
    (mark("sway °"), "hold_sway_median_deg", 1),
    (mark("trend %"), "fatigue_range_percent_per_rep", 1),
)
"""Heading, metric of ``reps.set_metrics``, decimals; the trend is that of the range, in percent a rep."""


def headline(analysis: Analysis) -> str:
    """Give the analysis in one line."""
    clean = _(", {clean_count} clean").format(clean_count=analysis.clean_count) if analysis.reps else ""
    return f"{analysis.file}: {_count(analysis)}{clean}"


def describe(analysis: Analysis) -> str:
    """Give the analysis as text: a headline, a table of the reps, and what was flagged or left out."""
    setup = analysis.setup
    clean = _(", {clean_count} of them clean").format(clean_count=analysis.clean_count) if analysis.reps else ""
    worn = f"{phrase(SITES, setup.side)} {phrase(SITES, setup.mount)}"
    rate = as_written(f"{setup.sampling_rate_hz:.4g}")
    length = _("{duration} at {rate} Hz").format(duration=_clock(analysis.duration_s), rate=rate)
    lines = [f"{analysis.file}: {setup.exercise}, {worn}, {length}", f"{_count(analysis)}{clean}"]
    if analysis.reps:
        lines += ["", *_rows(analysis), *_set_rows(analysis)]
    return "\n".join([*lines, *_remarks(analysis)])


def _count(analysis: Analysis) -> str:
    return n_("{n} rep", "{n} reps", len(analysis.reps))


def _rows(analysis: Analysis) -> list[str]:
    columns = COLUMNS
    if any(rep.direction for rep in analysis.reps):
        columns = (*COLUMNS, (mark("direction"), lambda rep: rep.direction or "–"))
    table = _table(
        [_(name) for name, _show in columns], [[show(rep) for _name, show in columns] for rep in analysis.reps]
    )
    flags = [_("flags"), *(", ".join(rep.flags) for rep in analysis.reps)]
    return [f"{line}  {said}".rstrip() for line, said in zip(table, flags, strict=True)]


def _set_rows(analysis: Analysis) -> list[str]:
    names = [_("set"), *(_(name) for name, _metric, _decimals in SET_COLUMNS)]
    done = [summary for summary in analysis.sets if summary.count]
    numbers = [[_number(one.metrics.get(metric), decimals) for _name, metric, decimals in SET_COLUMNS] for one in done]
    rows = [[str(one.number), *row] for one, row in zip(done, numbers, strict=True)]
    return ["", *_table(names, rows)] if rows else []


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(6, len(name)) for name in names]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in (names, *rows)]


def _remarks(analysis: Analysis) -> list[str]:
    lines: list[str] = []
    flags = Counter(flag for rep in analysis.reps for flag in rep.flags)
    if flags:
        lines += ["", _("Flagged:")]
        words = FLAG_WORDS if _coached(analysis) else FLAG_WORDS | {"shallow": SHALLOW_OF_FIRST}
        lines += [f"  {flag} ({count}): {_(words.get(flag, flag))}" for flag, count in flags.most_common()]
    if analysis.rejected:
        reasons = Counter(rejected.reason for rejected in analysis.rejected)
        said = ", ".join(f"{_(REFUSED_WORDS.get(reason, reason))} ({count})" for reason, count in reasons.most_common())
        lines += ["", _("Not counted:") + " " + said]
    if analysis.link.gaps:
        lines += [
            "",
            n_(
                "Gaps in the data: {gaps}, about {n} sample is missing",
                "Gaps in the data: {gaps}, about {n} samples are missing",
                analysis.link.lost or 0,
                gaps=analysis.link.gaps,
            ),
        ]
    if analysis.reps and all(rep.medial_drift_deg is None for rep in analysis.reps):
        why = why_no_drift(analysis.setup)
        lines += ["", why[:1].upper() + why[1:]]
    return lines


def why_no_drift(setup: Setup) -> str:
    """Say why no rep of a session has a drift."""
    if not find_exercise(setup.exercise).sagittal:
        return _("drift is not measured in this exercise")
    if setup.alignment is None:
        return _("drift is not known: it needs an alignment with reference reps (`kneeimu calibrate alignment`)")
    return _("drift is not known: the alignment holds no reference reps of this exercise, or too few")


def _coached(analysis: Analysis) -> bool:
    """Are ranges held against reference reps?"""
    alignment = analysis.setup.alignment
    return alignment is not None and alignment.reference_range_deg is not None


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{decimal(seconds)} s"
