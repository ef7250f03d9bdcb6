"""One rep over another: two curves from the same start, and the differences in words."""

from __future__ import annotations

from textwrap import wrap
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from kneeimu.dashboard.widgets.raster import BoolGrid, braille, fill_curve, layered
from kneeimu.types import FloatArray, Rep
from kneeimu.words import _, decimal

Curve = tuple[FloatArray, FloatArray]


def differences(rep: Rep, best: Rep) -> list[str]:
    """Say how a rep differs from the best one; small differences are left out."""
    said = []
    deeper = rep.range_of_motion_deg - best.range_of_motion_deg
    if abs(deeper) >= 2:
        word = _("larger") if deeper > 0 else _("smaller")
        said.append(f"{abs(deeper):.0f}° {word}")
    slower = rep.duration_s - best.duration_s
    if abs(slower) >= 0.3:
        word = _("slower") if slower > 0 else _("faster")
        said.append(f"{decimal(abs(slower))} s {word}")
    if rep.medial_drift_deg is not None and best.medial_drift_deg is not None:
        inward = rep.medial_drift_deg - best.medial_drift_deg
        if abs(inward) >= 1:
            word = _("more inwards") if inward > 0 else _("more outwards")
            said.append(f"{abs(inward):.0f}° {word}")
    return said or [_("hardly any difference")]


class RepCompare(Widget):
    """Shows two reps: the best in a quiet line, this one in a strong one."""

    DEFAULT_CSS = "RepCompare { height: 1fr; width: 1fr; min-height: 5; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"repcompare--this", "repcompare--best", "repcompare--words"}

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._reps: tuple[Rep, Rep] | None = None
        self._curves: tuple[Curve, Curve] | None = None
        self._lines: list[list[Segment]] = []

    def compare(self, rep: Rep, best: Rep, curve: Curve, best_curve: Curve) -> None:
        """Show ``rep`` over ``best``; curves are time since the start in s and angle in deg."""
        if self._reps != (rep, best):
            self._reps, self._curves = (rep, best), (curve, best_curve)
            self._redraw()

    def on_resize(self) -> None:
        """Draw in the new size."""
        self._redraw()

    @property
    def words(self) -> tuple[str, str]:
        """Which reps, and how they differ."""
        if self._reps is None:
            return _("no rep yet"), ""
        rep, best = self._reps
        if rep == best:
            return _("rep {this} is the best one").format(this=rep.number), ""
        title = _("rep {this} against the best, rep {best}").format(this=rep.number, best=best.number)
        return title, " · ".join(differences(rep, best))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        return Strip(self._lines[y]).adjust_cell_length(width, self.rich_style)

    def _redraw(self) -> None:
        width, height = self.size
        words = self.get_component_rich_style("repcompare--words")
        lines = [line for said in self.words for line in wrap(said, max(1, width)) or [""]][:height]
        self._lines = [[Segment(line[:width], words)] for line in lines]
        rows = height - len(lines)
        if self._curves is not None and rows >= 2 and width >= 8:
            self._lines += self._plot(width, rows, *self._curves)
        self.refresh()

    def _plot(self, width: int, rows: int, this: Curve, best: Curve) -> list[list[Segment]]:
        longest = max(float(curve[0][-1]) for curve in (this, best) if len(curve[0]))
        top = 1.05 * max(float(np.max(curve[1])) for curve in (this, best) if len(curve[1]))
        grids = [self._grid(curve, longest, top, width, rows) for curve in (this, best)]
        this_style, best_style = (self.get_component_rich_style(f"repcompare--{name}") for name in ("this", "best"))
        return [
            layered(both, mine, this_style, best_style)
            for both, mine in zip(braille(grids[0] | grids[1]), braille(grids[0]), strict=True)
        ]

    @staticmethod
    def _grid(curve: Curve, longest: float, top: float, width: int, rows: int) -> BoolGrid:
        dots = np.zeros((4 * rows, 2 * width), dtype=np.bool_)
        time_s, angle = curve
        if len(time_s) >= 2 and longest > 0 and top > 0:
            at = np.linspace(0.0, longest, 2 * width)
            values = np.interp(at, time_s, angle, left=np.nan, right=np.nan)
            fill_curve(dots, (top - values) * (4 * rows - 1) / top)
        return dots
