"""Plots of an evaluation: counts, agreement of angles, exercises side by side, and the worst cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from kneeimu.evaluation.figures import Agreement, Row
from kneeimu.evaluation.judge import Outcome
from kneeimu.evaluation.signal import Signal
from kneeimu.evaluation.table import signed
from kneeimu.report.colours import (
    AMBER_BAND,
    ASKED,
    FLAGGED,
    GREEN_BAND,
    GREEN_INK,
    MIDDLE,
    QUIET,
    RED_BAND,
    RED_INK,
    REP,
)
from kneeimu.report.svg import Plot
from kneeimu.words import _, n_

TOP = (56, 34, 16, 46)
MOUNTS = {"thigh": (MIDDLE, "circle"), "shin": (FLAGGED, "square")}


def counts(outcomes: Sequence[Outcome]) -> Plot:
    """Draw counted against true reps; the larger a mark, the more sets it stands for."""
    spots = Counter((one.true_count, one.count, one.mount) for one in outcomes)
    most = max(max(spot[:2]) for spot in spots) + 2
    exact = sum(one.wrong == 0 for one in outcomes)
    description = n_(
        "{exact} of {n} set lies on the line where counted and true reps are the same.",
        "{exact} of {n} sets lie on the line where counted and true reps are the same.",
        len(outcomes),
        exact=exact,
    )
    plot = Plot(_("Counted and true reps"), description, (0, most), (0, most), margins=TOP)
    plot.y_axis(_("counted reps"))
    plot.x_axis(_("true reps"))
    plot.line([(0, 0), (most, most)], QUIET, 1.0)
    for (true, counted, mount), number in sorted(spots.items()):
        colour, shape = MOUNTS[mount]
        plot.mark(true, counted, colour, shape, 2.5 + 1.2 * number**0.5)
    plot.legend([(shape, colour, _(mount)) for mount, (colour, shape) in MOUNTS.items()])
    return plot


def bland_altman(values: Sequence[tuple[float, float, str]], found: Agreement, what: str) -> Plot:
    """Draw measured minus true over their mean, deg; ``values`` are (true, measured, mount)."""
    means = [(true + measured) / 2 for true, measured, _mount in values]
    errors = [measured - true for true, measured, _mount in values]
    low, high = min(*errors, found.low_deg), max(*errors, found.high_deg)
    description = n_(
        "{n} rep: bias {bias}°, limits {low}° to {high}°.", "{n} reps: bias {bias}°, limits {low}° to {high}°.",
        found.pairs, bias=signed(found.bias_deg), low=signed(found.low_deg), high=signed(found.high_deg),
    )  # fmt: skip
    span = 0.05 * (high - low) + 0.1
    plot = Plot(what, description, (min(means), max(means)), (low - span, high + span), margins=(56, 34, 74, 46))
    plot.band(found.low_deg, found.high_deg, GREEN_BAND)
    plot.y_axis(_("measured − true, deg"))
    plot.x_axis(_("{what}, mean of both, deg").format(what=what))
    for mean, error, value in zip(means, errors, values, strict=True):
        colour, shape = MOUNTS[value[2]]
        plot.mark(mean, error, colour, shape, 1.8)
    plot.level(found.bias_deg, GREEN_INK, f"{signed(found.bias_deg)}°", dash="")
    plot.level(found.low_deg, GREEN_INK, f"{signed(found.low_deg)}°")
    plot.level(found.high_deg, GREEN_INK, f"{signed(found.high_deg)}°")
    plot.legend([(shape, colour, _(mount)) for mount, (colour, shape) in MOUNTS.items()])
    return plot


def exercises(rows: Sequence[Row], mount: str) -> Plot:
    """Draw, for each exercise at a mount, the share of sets counted exactly and within one."""
    shown = [row for row in rows if row.sets and row.mount == mount]
    size = (max(430, 100 + 62 * len(shown)), 330)
    exact = fmean(row.exact_percent or 0.0 for row in shown)
    description = n_(
        "{n} exercise at the {mount}; on average {exact} % of sets exact.",
        "{n} exercises at the {mount}; on average {exact} % of sets exact.",
        len(shown),
        mount=_(mount),
        exact=round(exact),
    )
    plot = Plot(
        _("Sets counted right, {mount}").format(mount=_(mount)),
        description,
        (-0.6, len(shown) - 0.4),
        (0, 100),
        size=size,
        margins=(56, 34, 16, 106),
    )
    plot.y_axis(_("sets, %"), [0, 20, 40, 60, 80, 100])
    for number, row in enumerate(shown):
        plot.bar(number, 0.72, 0, row.within_one_percent or 0.0, REP)
        plot.bar(number, 0.44, 0, row.exact_percent or 0.0, MIDDLE)
        for line, word in enumerate([*row.exercise.split("-"), n_("{n} set", "{n} sets", row.sets)]):
            plot.word(number, 0, word, anchor="middle", dy=16.0 + 14.0 * line)
    plot.x_axis("", [])
    plot.legend([("box", MIDDLE, _("exact")), ("box", REP, _("within one"))])
    return plot


def worst_case(outcome: Outcome, signal: Signal) -> Plot:
    """Draw what the counter saw, with true reps as bands above and counted ones below."""
    time_s, angle_deg = signal.time_s, signal.angle_deg
    top = max(float(angle_deg.max()), 10.0)
    high, low = 1.32 * top, -0.16 * top
    extent = (float(time_s[0]), float(time_s[-1]))
    description = n_(
        "{n} rep counted, {true} true; missed at {missed}; extra at {extra}.",
        "{n} reps counted, {true} true; missed at {missed}; extra at {extra}.",
        outcome.count, true=outcome.true_count, missed=_times([rep.start_s for rep in outcome.missed]),
        extra=_times([rep.start_s for rep in outcome.extra]),
    )  # fmt: skip
    plot = Plot(f"{outcome.name}: {outcome.exercise}", description, extent, (low, high), size=(900, 250), margins=TOP)
    plot.y_axis(_("away from home, deg"))
    plot.x_axis(_("time, s"))
    missed = {rep.start_s for rep in outcome.missed}
    extra = {rep.start_s for rep in outcome.extra}
    for true in signal.true_reps:
        colour = RED_INK if true.start_s in missed else ASKED
        _span(plot, true.start_s, true.end_s, 1.22 * top, 1.30 * top, colour)
    for rep in signal.counted:
        colour = RED_INK if rep.start_s in extra else MIDDLE
        _span(plot, rep.start_s, rep.end_s, 1.10 * top, 1.18 * top, colour)
    for refused in signal.rejected:
        _span(plot, refused.start_s, refused.end_s, -0.14 * top, -0.06 * top, QUIET)
    plot.line(list(zip(time_s.tolist(), angle_deg.tolist(), strict=True)), REP, 1.2)
    plot.legend(
        [("box", ASKED, _("true rep")), ("box", MIDDLE, _("counted")), ("box", RED_INK, _("missed or extra")),
         ("box", QUIET, _("seen and refused")), ("line", REP, _("what the counter sees"))]
    )  # fmt: skip
    return plot


def _span(plot: Plot, start_s: float, end_s: float, low: float, high: float, colour: str) -> None:
    plot.bar(0.5 * (start_s + end_s), end_s - start_s, low, high, colour)


def _times(times_s: Sequence[float]) -> str:
    return ", ".join(f"{time_s:.0f} s" for time_s in times_s) or _("no time")


def shade(percent: float, good: bool) -> str:
    """Give the colour of a cell of the confusion table: ``good`` where a high share is right."""
    if percent < 2.0:
        return ""
    if good:
        return GREEN_BAND if percent >= 95.0 else AMBER_BAND if percent >= 80.0 else RED_BAND
    return AMBER_BAND if percent < 20.0 else RED_BAND
