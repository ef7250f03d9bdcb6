"""The stick figure from two sides, drawn in braille."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import cos, pi, sin
from textwrap import wrap
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from kneeimu.dashboard.figure import Point, Stick, front_view, side_view
from kneeimu.dashboard.widgets.raster import BoolGrid, braille, draw_line, layered
from kneeimu.words import _

View = Callable[[Point], tuple[float, float]]
Box = tuple[float, float, float, float]


class StickFigure(Widget):
    """Front and side view next to each other; ``show_pose`` draws. ``note`` says what is measured and what is not."""

    DEFAULT_CSS = "StickFigure { height: 1fr; width: 1fr; min-height: 6; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"stickfigure--leg", "stickfigure--other", "stickfigure--note"}

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.note = ""
        self._sticks: list[Stick] = []
        self._box: Box = (-1.0, 1.0, 0.0, 3.0)
        self._lines: list[list[Segment]] = []

    def show_pose(self, sticks: list[Stick], box: Box) -> None:
        """Draw sticks within ``box`` (left, right, bottom, top of the body frame)."""
        if sticks != self._sticks or not self._lines:
            self._sticks, self._box = sticks, box
            self._redraw()

    def on_resize(self) -> None:
        """Draw in the new size."""
        self._redraw()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        return Strip(self._lines[y]).adjust_cell_length(width, self.rich_style)

    def _redraw(self) -> None:
        width, height = self.size
        if width < 8 or height < 4:
            self._lines = []
            return
        note = self.get_component_rich_style("stickfigure--note")
        left, right = width // 2, width - width // 2
        below = wrap(self.note, width)[: height - 3]
        rows = height - 1 - len(below)
        halves = (self._view(front_view, left, rows), self._view(side_view, right, rows))
        titles = _("front").center(left)[:left] + _("side").center(right)[:right]
        self._lines = [[Segment(titles, note)]]
        self._lines += [one + other for one, other in zip(*halves, strict=True)]
        self._lines += [[Segment(line.center(width), note)] for line in below]
        self.refresh()

    def _view(self, view: View, columns: int, rows: int) -> list[list[Segment]]:
        leg, other = (np.zeros((4 * rows, 2 * columns), dtype=np.bool_) for _unused in range(2))
        left, right, bottom, top = self._box
        scale = min((2 * columns - 2) / (right - left), (4 * rows - 2) / (top - bottom))
        x0 = columns - scale * (left + right) / 2
        y0 = 4 * rows - 2 + scale * bottom

        def place(point: Point) -> tuple[float, float]:
            x, y = view(point)
            return x0 + scale * x, y0 - scale * y

        for stick in self._sticks:
            grid = leg if stick.part == "leg" else other
            if stick.part == "head":
                _circle(grid, *place(stick.start), scale * stick.end[0])
            else:
                draw_line(grid, *place(stick.start), *place(stick.end), 2.0 if stick.part == "leg" else 1.0)
        leg_style, other_style = (self.get_component_rich_style(f"stickfigure--{name}") for name in ("leg", "other"))
        return [
            layered(both, mine, leg_style, other_style)
            for both, mine in zip(braille(leg | other), braille(leg), strict=True)
        ]


def _circle(grid: BoolGrid, x: float, y: float, radius: float) -> None:
    steps = max(8, int(4 * radius))
    points = [(x + radius * cos(2 * pi * i / steps), y + radius * sin(2 * pi * i / steps)) for i in range(steps + 1)]
    for (x0, y0), (x1, y1) in pairwise(points):
        draw_line(grid, x0, y0, x1, y1)
