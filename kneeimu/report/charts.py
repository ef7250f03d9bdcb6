"""The plots of a session: rep curves, drift and tempo, each with its words for people who can't see it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from statistics import median

import numpy as np

from kneeimu.exercises.exercise import Limit
from kneeimu.report.colours import (
    AMBER_BAND,
    AMBER_INK,
    ASKED,
    AXIS,
    FLAGGED,
    MIDDLE,
    PHASES,
    RED_BAND,
    RED_INK,
    REP,
    SHAPES,
    SIDES,
)
from kneeimu.report.facts import Curve, SessionFacts
from kneeimu.report.svg import Plot, Point
from kneeimu.types import FloatArray, Rep
from kneeimu.words import _, decimal, n_, plain

TOP = (52, 34, 12, 46)
"""Margins of a plot with a legend above it."""
BESIDE = (52, 34, 74, 46)
"""The same with words right of the plot."""
MOST_CURVES = 60
FAR_END = 0.9
"""Share of its way at which the curve of a rep is at its far end."""


def rep_curves(facts: SessionFacts) -> Plot:
    """Draw all reps of a session over each other, from their start, with their median and what was asked."""
    curves = facts.curves[-MOST_CURVES:]
    asked = asked_curve(facts)
    longest = max([*(float(c.time_s[-1]) for c in curves), *([asked[-1][0]] if asked else [])])
    highest = max([*(float(c.angle_deg.max()) for c in curves), *([max(p[1] for p in asked)] if asked else [])])
    lowest = min(0.0, *(float(c.angle_deg.min()) for c in curves))
    flagged = sum(curve.flagged for curve in curves)
    description = n_(
        "{n} rep from its start, {flagged} of them flagged.",
        "{n} reps from their start, {flagged} of them flagged.",
        len(curves),
        flagged=flagged,
    )
    plot = Plot(_("Rep curves"), description, (0.0, longest), (lowest, highest * 1.05), margins=TOP)
    plot.y_axis(_("away from home, °"))
    plot.x_axis(_("time since the rep began, s"))
    for curve in curves:
        colour = FLAGGED if curve.flagged else REP
        plot.line(_points(curve), colour, 1.2, "4 2" if curve.flagged else "", 0.75 if curve.flagged else 0.45)
    middle = median_curve(curves)
    plot.line(list(zip(middle[0].tolist(), middle[1].tolist(), strict=True)), MIDDLE, 3.0)
    entries = [("line", REP, _("one rep")), ("line", MIDDLE, _("median"))]
    if flagged:
        entries.insert(1, ("dash", FLAGGED, _("flagged rep")))
    if asked:
        plot.line(asked, ASKED, 2.5, "8 5")
        entries.append(("dash", ASKED, _("asked {tempo} s").format(tempo=_tempo(facts.prescription.tempo_s))))
    plot.legend(entries)
    return plot


def asked_curve(facts: SessionFacts) -> list[Point]:
    """Give the prescribed tempo, to the reference range (the median range, where there is no reference); empty without.

    Out and back follow half a cosine, the way a relaxed movement does.
    """
    tempo, ranges = facts.prescription.tempo_s, [rep.range_of_motion_deg for rep in facts.reps]
    if tempo is None or not ranges:
        return []
    alignment = facts.setup.alignment
    depth = (alignment.reference_range_deg if alignment else None) or median(ranges)
    out, hold, back = tempo
    share = np.linspace(0.0, 1.0, 25)
    rise = depth * (0.5 - 0.5 * np.cos(np.pi * share))
    outwards = list(zip((out * share).tolist(), rise.tolist(), strict=True))
    inwards = list(zip((out + hold + back * share).tolist(), rise[::-1].tolist(), strict=True))
    return [*outwards, *inwards]


def median_curve(curves: Sequence[Curve]) -> tuple[FloatArray, FloatArray]:
    """Give the median rep: median angle on the way out, at the far end and on the way back; shape (101,) each.

    The three are laid over the median time of each: by shares of the whole, quick and held reps would mix.
    """
    marks = np.array([_marks(curve) for curve in curves])
    share = np.linspace(0.0, 3.0, 101)
    angles = [
        np.interp(np.interp(share, range(4), mark), curve.time_s, curve.angle_deg)
        for mark, curve in zip(marks, curves, strict=True)
    ]
    ends = np.concatenate(([0.0], np.cumsum(np.median(np.diff(marks, axis=1), axis=0))))
    return np.interp(share, range(4), ends), np.median(angles, axis=0)


def _marks(curve: Curve) -> list[float]:
    """Give when a rep begins, comes to its far end, leaves it and ends, s."""
    far = np.flatnonzero(curve.angle_deg >= curve.angle_deg.max() - (1.0 - FAR_END) * np.ptp(curve.angle_deg))
    return [float(curve.time_s[at]) for at in (0, far[0], far[-1], -1)]


def _points(curve: Curve) -> list[Point]:
    return list(zip(curve.time_s.tolist(), curve.angle_deg.tolist(), strict=True))


def _tempo(tempo: tuple[float, float, float] | None) -> str:
    return "–".join(plain(part) for part in tempo) if tempo else ""


def drift_per_rep(sessions: Sequence[SessionFacts], limit: Limit | None) -> Plot | None:
    """Draw the drift of every rep with its uncertainty and the limits; None where drift is not known."""
    rows = [(facts, rep) for facts in sessions for rep in facts.reps if rep.medial_drift_deg is not None]
    if not rows:
        return None
    drifts = [float(rep.medial_drift_deg or 0.0) for _facts, rep in rows]
    spread = sessions[0].drift_uncertainty_deg
    high = max([*drifts, (limit.red if limit else 0.0)]) + spread + 1.0
    low = min(0.0, *drifts) - spread - 0.5
    past = sum(limit is not None and drift >= limit.amber for drift in drifts)
    description = n_(
        "Drift of {n} rep: median {median}°, largest {most}°.",
        "Drift of {n} reps: median {median}°, largest {most}°.",
        len(rows),
        median=decimal(median(drifts)),
        most=decimal(max(drifts)),
    )
    if limit:
        description += " " + n_(
            "{n} rep at or past {limit}°.", "{n} reps at or past {limit}°.", past, limit=plain(limit.amber)
        )
    plot = Plot(
        _("Drift of the knee inwards, rep by rep"), description, (0.3, len(rows) + 0.7), (low, high), margins=BESIDE
    )
    if limit:
        plot.band(limit.amber, limit.red, AMBER_BAND, _("amber ≥ {n}°").format(n=plain(limit.amber)), AMBER_INK)
        plot.band(limit.red, high, RED_BAND, _("red ≥ {n}°").format(n=plain(limit.red)), RED_INK)
    plot.y_axis(_("drift inwards, °"))
    plot.x_axis(_("rep"), _rep_ticks(len(rows)))
    plot.level(0.0, AXIS, dash="")
    for index in _set_starts(sessions):
        plot.divide(index + 0.5)
    colour, shape = SIDES[sessions[0].setup.side], SHAPES[sessions[0].setup.side]
    for number, drift in enumerate(drifts, start=1):
        flagged = limit is not None and drift >= limit.amber
        plot.spread(number, drift - spread, drift + spread, FLAGGED if flagged else colour)
        plot.mark(number, drift, FLAGGED if flagged else colour, "triangle" if flagged else shape)
    entries = [(shape, colour, _("rep")), ("triangle", FLAGGED, _("past the limit"))]
    plot.legend([*entries, ("line", AXIS, _("± {n}° (1 SD)").format(n=decimal(spread)))])
    return plot


def _set_starts(sessions: Sequence[SessionFacts]) -> list[int]:
    """Give how many reps lie before each set but the first."""
    sizes = [sum(rep.medial_drift_deg is not None for rep in group.reps) for facts in sessions for group in facts.sets]
    return [total for total in accumulate(sizes) if total][:-1]


def _rep_ticks(total: int) -> list[tuple[float, str]]:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 500) if total / step <= 15 or step == 500)
    return [(number, str(number)) for number in range(step, total + 1, step)] if step > 1 else [
        (number, str(number)) for number in range(1, total + 1)
    ]  # fmt: skip


def tempo_per_rep(facts: SessionFacts) -> Plot:
    """Draw out, hold and back of every rep as a column, the prescription beside them."""
    reps, tempo = facts.reps, facts.prescription.tempo_s
    known = {number: rep.phases_s for number, rep in enumerate(reps, start=1) if rep.phases_s is not None}
    totals = [sum(phases) for phases in known.values()]
    high = (max([*totals, sum(tempo) if tempo else 0.0]) or 1.0) * 1.12
    first = -0.6 if tempo else 0.3
    middle = [median(part) for part in zip(*known.values(), strict=True)] if known else []
    parts = ", ".join(f"{_(word)} {decimal(value)} s" for word, value in zip(PHASES, middle, strict=False)) or "–"
    description = _("Median {parts}").format(parts=parts)
    description += _("; asked {tempo} s.").format(tempo=_tempo(tempo)) if tempo else "."
    plot = Plot(_("Tempo, rep by rep"), description, (first, len(reps) + 0.7), (0.0, high), margins=BESIDE)
    plot.y_axis("s")
    ticks = _rep_ticks(len(reps))
    room = 0.12 * (len(reps) + 1.3) - 0.1
    plot.x_axis(_("rep"), [(-0.1, _("asked")), *(tick for tick in ticks if tick[0] >= room)] if tempo else ticks)
    if tempo:
        _stack(plot, -0.1, 0.6, tempo)
        plot.level(sum(tempo), ASKED, _("asked {tempo} s").format(tempo=plain(sum(tempo))))
        plot.divide(0.4)
    for number, phases in known.items():
        _stack(plot, number, 0.72, phases)
    plot.legend([("box", colour, _(word)) for word, colour in PHASES.items()])
    return plot


def _stack(plot: Plot, x: float, width: float, phases: Sequence[float]) -> None:
    below = 0.0
    for colour, seconds in zip(PHASES.values(), phases, strict=True):
        plot.bar(x, width, below, below + seconds, colour)
        below += seconds


def range_per_rep(facts: SessionFacts) -> Plot:
    """Draw the range of every rep, with the reference range where there is one."""
    reps: list[Rep] = facts.reps
    ranges = [rep.range_of_motion_deg for rep in reps]
    alignment = facts.setup.alignment
    reference = alignment.reference_range_deg if alignment else None
    high = max([*ranges, reference or 0.0]) * 1.12
    description = n_(
        "Range of {n} rep: median {median:.0f}°, smallest {least:.0f}°.",
        "Range of {n} reps: median {median:.0f}°, smallest {least:.0f}°.",
        len(reps),
        median=median(ranges),
        least=min(ranges),
    )
    plot = Plot(_("Range of motion, rep by rep"), description, (0.3, len(reps) + 0.7), (0.0, high), margins=BESIDE)
    plot.y_axis(_("range, °"))
    plot.x_axis(_("rep"), _rep_ticks(len(reps)))
    if reference:
        plot.level(reference, ASKED, _("ref. {n:.0f}°").format(n=reference))
    side = facts.setup.side
    for number, (rep, value) in enumerate(zip(reps, ranges, strict=True), start=1):
        short = {"short", "shallow", "incomplete"} & set(rep.flags)
        plot.mark(number, value, FLAGGED if short else SIDES[side], "triangle" if short else SHAPES[side])
    return plot
