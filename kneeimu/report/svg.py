"""A small drawing kit for plots as inline SVG: axes, lines, bars, bands and words; no scripts, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import count
from math import ceil, floor, log10

from kneeimu.report.colours import AXIS, GRID, INK, PAPER, QUIET
from kneeimu.words import plain

FONT = "font-family='Helvetica, Arial, DejaVu Sans, sans-serif'"
SMALL = 12
_ids = count(1)

Point = tuple[float, float]


class Plot:
    """One plot with linear axes.

    Args:
        title: short name, for people who can't see it; not drawn.
        description: what it shows in words, for people who can't see it.
        x: range of the horizontal axis.
        y: range of the vertical axis.
        size: width and height, px.
        margins: left, top, right, bottom, px.
    """

    def __init__(
        self,
        title: str,
        description: str,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        size: tuple[int, int] = (430, 260),
        margins: tuple[int, int, int, int] = (56, 16, 16, 46),
    ) -> None:
        self.title, self.description = title, description
        self.size = size
        self._x, self._y = _spread(x), _spread(y)
        left, top, right, bottom = margins
        self.left, self.top = left, top
        self.right, self.bottom = size[0] - right, size[1] - bottom
        self._parts: list[str] = []

    # --- places ------------------------------------------------------------------------------------------------------

    def at(self, x: float, y: float) -> Point:
        """Give the place of a value, px."""
        (x0, x1), (y0, y1) = self._x, self._y
        return (
            self.left + (x - x0) / (x1 - x0) * (self.right - self.left),
            self.bottom - (y - y0) / (y1 - y0) * (self.bottom - self.top),
        )

    # --- axes --------------------------------------------------------------------------------------------------------

    def y_axis(self, label: str, ticks: Sequence[float] | None = None) -> None:
        """Draw grid lines, their numbers, and the name of the axis."""
        for tick in ticks or nice_ticks(*self._y):
            _, place = self.at(self._x[0], tick)
            self._add(f"<line x1='{self.left}' x2='{self.right}' y1='{place:.1f}' y2='{place:.1f}' stroke='{GRID}'/>")
            self._text(self.left - 8, place + 4, _number(tick), anchor="end", colour=AXIS)
        middle = (self.top + self.bottom) / 2
        self._add(
            f"<text transform='translate(15,{middle:.0f}) rotate(-90)' text-anchor='middle' font-size='{SMALL}' "
            f"fill='{AXIS}' {FONT}>{escape(label)}</text>"
        )

    def x_axis(self, label: str, ticks: Iterable[tuple[float, str]] | None = None) -> None:
        """Draw numbers or words below the plot, and the name of the axis."""
        listed = list(ticks) if ticks is not None else [(tick, _number(tick)) for tick in nice_ticks(*self._x)]
        self._add(f"<line x1='{self.left}' x2='{self.right}' y1='{self.bottom}' y2='{self.bottom}' stroke='{AXIS}'/>")
        for tick, word in listed:
            self._text(self.at(tick, self._y[0])[0], self.bottom + 17, word, anchor="middle", colour=AXIS)
        self._text((self.left + self.right) / 2, self.size[1] - 8, label, anchor="middle", colour=AXIS)

    # --- marks -------------------------------------------------------------------------------------------------------

    def band(self, low: float, high: float, colour: str, label: str = "", ink: str = INK) -> None:
        """Fill between two heights; the label stands beside it, right of the plot."""
        low, high = max(low, self._y[0]), min(high, self._y[1])
        if high <= low:
            return
        top, bottom = self.at(0.0, high)[1], self.at(0.0, low)[1]
        self._add(
            f"<rect x='{self.left}' y='{top:.1f}' width='{self.right - self.left}' height='{bottom - top:.1f}' "
            f"fill='{colour}'/>"
        )
        if label:
            self._text(self.right + 5, (top + bottom) / 2 + 4, label, colour=ink)

    def line(
        self, points: Sequence[Point], colour: str, width: float = 1.5, dash: str = "", opacity: float = 1.0
    ) -> None:
        """Draw a line through points."""
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*point) for point in points))
        style = f" stroke-dasharray='{dash}'" if dash else ""
        faint = f" stroke-opacity='{opacity:g}'" if opacity < 1.0 else ""
        self._add(
            f"<polyline points='{places}' fill='none' stroke='{colour}' stroke-width='{width:g}' "
            f"stroke-linejoin='round'{style}{faint}/>"
        )

    def level(self, y: float, colour: str, label: str = "", dash: str = "5 4") -> None:
        """Draw a line across at one height, with a word beside it, right of the plot."""
        self.line([(self._x[0], y), (self._x[1], y)], colour, 1.5, dash)
        if label:
            self._text(self.right + 5, self.at(0.0, y)[1] + 4, label, colour=colour)

    def divide(self, x: float, label: str = "") -> None:
        """Draw an upright line between groups, with a word at its top."""
        place = self.at(x, 0.0)[0]
        self._add(f"<line x1='{place:.1f}' x2='{place:.1f}' y1='{self.top}' y2='{self.bottom}' stroke='{QUIET}' "
                  "stroke-dasharray='2 3'/>")  # fmt: skip
        if label:
            self._text(place + 5, self.top + 10, label, colour=AXIS)

    def bar(self, x: float, width: float, low: float, high: float, colour: str) -> None:
        """Draw an upright bar about x, ``width`` wide in values."""
        x0, y0 = self.at(x - width / 2, low)
        x1, y1 = self.at(x + width / 2, high)
        self._add(
            f"<rect x='{x0:.1f}' y='{y1:.1f}' width='{max(x1 - x0, 1.0):.1f}' height='{max(y0 - y1, 0.0):.1f}' "
            f"fill='{colour}' stroke='{PAPER}' stroke-width='.8'/>"
        )

    def spread(self, x: float, low: float, high: float, colour: str) -> None:
        """Draw the bar of an uncertainty."""
        place, top = self.at(x, min(high, self._y[1]))
        bottom = self.at(x, max(low, self._y[0]))[1]
        self._add(f"<line x1='{place:.1f}' x2='{place:.1f}' y1='{top:.1f}' y2='{bottom:.1f}' stroke='{colour}' "
                  "stroke-width='1.5' stroke-opacity='.55'/>")  # fmt: skip

    def mark(self, x: float, y: float, colour: str, shape: str = "circle", size: float = 4.0) -> None:
        """Draw a circle, a triangle or a square; shapes tell what colours can't to everybody."""
        px, py = self.at(x, y)
        if shape == "circle":
            self._add(f"<circle cx='{px:.1f}' cy='{py:.1f}' r='{size:g}' fill='{colour}'/>")
            return
        corners = (
            [(0.0, -1.3), (1.2, 0.9), (-1.2, 0.9)] if shape == "triangle" else [(-1, -1), (1, -1), (1, 1), (-1, 1)]
        )
        places = " ".join(f"{px + dx * size:.1f},{py + dy * size:.1f}" for dx, dy in corners)
        self._add(f"<polygon points='{places}' fill='{colour}'/>")

    def word(self, x: float, y: float, text: str, colour: str = INK, anchor: str = "start", dy: float = 0.0) -> None:
        """Write at a value."""
        px, py = self.at(x, y)
        self._text(px, py + dy, text, anchor=anchor, colour=colour)

    def legend(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """Write (kind, colour, word) in a row above the plot; kinds: line, dash, circle, triangle, square, box."""
        x = 10.0
        y = self.top - 12.0
        for kind, colour, word in entries:
            self._add(_sample(kind, colour, x, y))
            self._text(x + 24, y + 4, word, colour=INK)
            x += 24 + 6.3 * len(word) + 12

    def render(self) -> str:
        """Give the plot as an ``svg`` element with its title and description."""
        width, height = self.size
        number = next(_ids)
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' "
            f"role='img' aria-labelledby='t{number} d{number}'>"
            f"<title id='t{number}'>{escape(self.title)}</title><desc id='d{number}'>{escape(self.description)}</desc>"
            + "".join(self._parts)
            + "</svg>"
        )

    def _add(self, part: str) -> None:
        self._parts.append(part)

    def _text(self, x: float, y: float, text: str, *, anchor: str = "start", colour: str = INK) -> None:
        self._add(
            f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{SMALL}' fill='{colour}' {FONT}>"
            f"{escape(text)}</text>"
        )


def _sample(kind: str, colour: str, x: float, y: float) -> str:
    if kind in ("line", "dash"):
        dash = " stroke-dasharray='5 4'" if kind == "dash" else ""
        return f"<line x1='{x}' x2='{x + 18}' y1='{y}' y2='{y}' stroke='{colour}' stroke-width='2.5'{dash}/>"
    if kind == "circle":
        return f"<circle cx='{x + 9}' cy='{y}' r='4.5' fill='{colour}'/>"
    if kind == "triangle":
        return f"<polygon points='{x + 9},{y - 6} {x + 15},{y + 4} {x + 3},{y + 4}' fill='{colour}'/>"
    return f"<rect x='{x + 3}' y='{y - 6}' width='12' height='12' fill='{colour}'/>"


def nice_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Give round numbers between two values."""
    span = max(high - low, 1e-9)
    raw = span / most
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= raw * 0.999)
    return [round(step * index, 10) for index in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def _spread(limits: tuple[float, float]) -> tuple[float, float]:
    low, high = limits
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _number(value: float) -> str:
    return plain(value).replace("-", "\u2212")
