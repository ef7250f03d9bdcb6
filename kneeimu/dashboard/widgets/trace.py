"""The live trace: the last seconds of an angle, drawn from a ring buffer in braille dots.

Drawn by hand because general plotting widgets cost four to eight times as much a frame.
"""

from __future__ import annotations

import math
from collections import deque
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from kneeimu.dashboard.widgets.raster import BLANK, braille, fill_curve, layered
from kneeimu.types import FloatArray

AXIS_WIDTH = 5
NICE_STEPS_DEG = (10.0, 20.0, 30.0, 45.0, 60.0, 75.0, 90.0, 120.0, 180.0, 270.0, 360.0)
SHRINK_AFTER_S = 8.0
BREAK_S = 0.3
"""Points further apart than this are not joined: nothing is known in between."""


class RingBuffer:
    """The newest values of a signal, with their times in s; fixed memory."""

    def __init__(self, capacity: int) -> None:
        self._time_s = np.full(capacity, -np.inf)
        self._value = np.full(capacity, np.nan)
        self._end = 0
        self.newest_s = -math.inf

    def extend(self, time_s: FloatArray, value: FloatArray) -> None:
        """Append values, shape (n,) each, times rising."""
        capacity = len(self._time_s)
        time_s, value = time_s[-capacity:], value[-capacity:]
        if not len(time_s):
            return
        places = (self._end + np.arange(len(time_s))) % capacity
        self._time_s[places], self._value[places] = time_s, value
        self._end = (self._end + len(time_s)) % capacity
        self.newest_s = float(time_s[-1])

    def clear(self) -> None:
        """Forget everything."""
        self._time_s.fill(-np.inf)
        self._value.fill(np.nan)
        self._end, self.newest_s = 0, -math.inf

    def since(self, start_s: float) -> tuple[FloatArray, FloatArray]:
        """Give times and values from ``start_s`` on, in order."""
        time_s, value = np.roll(self._time_s, -self._end), np.roll(self._value, -self._end)
        first = int(np.searchsorted(time_s, start_s))
        return time_s[first:], value[first:]


class AngleTrace(Widget):
    """A strip chart of an angle in degrees, newest on the right.

    ``push`` and ``mark`` take data at any rate; ``draw`` puts a frame on the screen and is for
    the screen's clock.
    """

    DEFAULT_CSS = "AngleTrace { height: 1fr; width: 1fr; min-height: 3; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "angletrace--line",
        "angletrace--axis",
        "angletrace--guide",
        "angletrace--mark",
    }

    def __init__(
        self, title: str = "", *, window_s: float = 10.0, signed: bool = False, rate_hz: float = 25.0,
        id: str | None = None, classes: str | None = None,  # noqa: A002
    ) -> None:  # fmt: skip
        super().__init__(id=id, classes=classes)
        self.title = title
        self.window_s = window_s
        self.guide_deg: float | None = None
        self._signed = signed
        self._buffer = RingBuffer(int((window_s + 2) * rate_hz * 1.2))
        self._marks: deque[tuple[float, str]] = deque(maxlen=64)
        self._lines: list[list[Segment]] = []
        self._scale_deg = NICE_STEPS_DEG[0 if signed else 2]
        self._big_s = -math.inf

    def push(self, time_s: FloatArray, angle_deg: FloatArray) -> None:
        """Add points; shape (n,) each."""
        self._buffer.extend(time_s, angle_deg)

    def mark(self, time_s: float, text: str) -> None:
        """Write a word under the trace at a time, such as a rep's number."""
        self._marks.append((time_s, text))

    def unmark(self, text: str) -> None:
        """Take the newest mark with that word back."""
        for index in range(len(self._marks) - 1, -1, -1):
            if self._marks[index][1] == text:
                del self._marks[index]
                return

    def clear(self) -> None:
        """Forget all points and marks."""
        self._buffer.clear()
        self._marks.clear()

    def replace(self, time_s: FloatArray, angle_deg: FloatArray, marks: list[tuple[float, str]], now_s: float) -> None:
        """Replace everything: what replay does after a jump."""
        self.clear()
        self.push(time_s, angle_deg)
        self._marks.extend(marks)
        self.draw(now_s)

    def draw(self, now_s: float | None = None) -> None:
        """Draw a frame that ends at ``now_s`` (default: the newest point) and repaint the lines that changed."""
        width, height = self.size
        if width < AXIS_WIDTH + 4 or height < 2:
            return
        lines = self._compose_lines(self._buffer.newest_s if now_s is None else now_s, width, height)
        old = self._lines
        self._lines = lines
        changed = [y for y in range(height) if y >= len(old) or old[y] != lines[y]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines) or sum(segment.cell_length for segment in self._lines[y]) != width:
            return Strip.blank(width, self.rich_style)
        return Strip(self._lines[y], width)

    def on_resize(self) -> None:
        """Draw anew in the new size."""
        self.draw()

    def _compose_lines(self, now_s: float, width: int, height: int) -> list[list[Segment]]:
        style = self.get_component_rich_style
        axis, guide = style("angletrace--axis"), style("angletrace--guide")
        columns, rows = width - AXIS_WIDTH, height - 1
        dot_s = self.window_s / (2 * columns)
        end_s = math.floor(now_s / dot_s) * dot_s if math.isfinite(now_s) else 0.0
        values = self._columns(end_s, dot_s, 2 * columns)
        top, bottom = self._scale(values, now_s)
        dots = np.zeros((4 * rows, 2 * columns), dtype=np.bool_)
        per_deg = (4 * rows - 1) / (top - bottom)
        fill_curve(dots, (top - values) * per_deg)
        guide_row = self._row_of(self.guide_deg, top, bottom, rows)
        zero_row = self._row_of(0.0, top, bottom, rows) if self._signed else None
        lines: list[list[Segment]] = []
        line_style = style("angletrace--line")
        for y, text in enumerate(braille(dots)):
            label = self._label(y, rows, top, bottom, zero_row)
            if y in (guide_row, zero_row):
                shown = text.replace(BLANK, "╌" if y == guide_row else "┈")
                lines.append([Segment(label, axis), *layered(shown, text, line_style, guide)])
            else:
                lines.append([Segment(label, axis), Segment(text, line_style)])
        lines.append(self._footer(end_s, columns))
        return lines

    def _columns(self, end_s: float, dot_s: float, count: int) -> FloatArray:
        time_s, value = self._buffer.since(end_s - self.window_s - 1.0)
        if len(time_s) < 2:
            return np.full(count, np.nan)
        at = end_s + dot_s * np.arange(1 - count, 1)
        drawn: FloatArray = np.interp(at, time_s, value, left=np.nan, right=np.nan)
        after = np.clip(np.searchsorted(time_s, at), 1, len(time_s) - 1)
        drawn[time_s[after] - time_s[after - 1] > BREAK_S] = np.nan
        return drawn

    def _scale(self, values: FloatArray, now_s: float) -> tuple[float, float]:
        known = values[np.isfinite(values)]
        reach = float(np.abs(known).max()) if len(known) else 0.0
        reach = max(reach, self.guide_deg or 0.0)
        wanted = next((step for step in NICE_STEPS_DEG if step >= 1.05 * reach), NICE_STEPS_DEG[-1])
        if wanted >= self._scale_deg:
            self._scale_deg, self._big_s = wanted, now_s
        elif now_s - self._big_s > SHRINK_AFTER_S or now_s < self._big_s:
            self._scale_deg = wanted
        low = float(known.min()) if len(known) else 0.0
        bottom = -self._scale_deg if self._signed else (-0.1 * self._scale_deg if low > -0.1 * self._scale_deg else low)
        return self._scale_deg, bottom

    @staticmethod
    def _row_of(value: float | None, top: float, bottom: float, rows: int) -> int | None:
        return None if value is None else min(rows - 1, int((top - value) / (top - bottom) * rows))

    def _label(self, y: int, rows: int, top: float, bottom: float, zero_row: int | None) -> str:
        if y == 0:
            return f"{top:3.0f}°┤"
        if y == zero_row or (not self._signed and y == self._row_of(0.0, top, bottom, rows)):
            return "  0°┤"
        if y == rows - 1 and self._signed:
            return f"{bottom:3.0f}°┤"
        return "    │"

    def _footer(self, end_s: float, columns: int) -> list[Segment]:
        cells = ["─"] * columns
        title = f" {self.title} " if self.title else ""
        titled = len(title) + 1 if columns > 3 * len(title) else 0
        cells[1:titled] = list(title)[: max(0, titled - 1)]
        styled = Segment("    └", self.get_component_rich_style("angletrace--axis"))
        column_s = self.window_s / columns
        for time_s, text in self._marks:
            last = columns - 1 - int((end_s - time_s) / column_s)
            first = last - len(text) + 1
            if first >= titled and last < columns:
                cells[first : last + 1] = list(text)
        return [styled, Segment("".join(cells), self.get_component_rich_style("angletrace--mark"))]
