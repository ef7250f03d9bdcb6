"""The count in block digits as large as the space allows, for a person two metres away."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kneeimu.dashboard.widgets.raster import BoolGrid, half_blocks

SEGMENTS = {
    "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc", "5": "afgcd", "6": "afgedc", "7": "abc",
    "8": "abcdefg", "9": "abcdfg", "-": "g",
}  # fmt: skip
"""Strokes of each digit: a top, b and c right, d bottom, e and f left, g middle."""

WIDTH_TO_HEIGHT = 0.6
ONE_WIDTH_TO_HEIGHT = 0.32
STROKE_SHARE = 0.16
GAP_SHARE = 0.16


def draw_digits(text: str, height: int, width: int) -> BoolGrid:
    """Draw digits as large as fits into ``height`` × ``width`` square dots; shape (height, width), centred."""
    dots = np.zeros((height, width), dtype=np.bool_)
    shares = [ONE_WIDTH_TO_HEIGHT if char == "1" else WIDTH_TO_HEIGHT for char in text]
    tall = min(height, int(width / (sum(shares) + (len(text) - 1) * GAP_SHARE)))
    if tall < 5:
        return dots
    stroke, gap = max(1, round(tall * STROKE_SHARE)), max(1, round(tall * GAP_SHARE))
    widths = [max(stroke + 1, int(tall * share)) for share in shares]
    x = max(0, (width - sum(widths) - (len(text) - 1) * gap) // 2)
    top = (height - tall) // 2
    for char, wide in zip(text, widths, strict=True):
        _draw_digit(dots[top : top + tall, x : x + wide], SEGMENTS.get(char, ""), stroke)
        if char == "1":
            dots[top : top + stroke, x : x + wide] = True
        x += wide + gap
    return dots


def _draw_digit(dots: BoolGrid, segments: str, stroke: int) -> None:
    tall = dots.shape[0]
    middle = (tall - stroke) // 2
    strokes = {
        "a": (slice(0, stroke), slice(None)),
        "b": (slice(0, middle + stroke), slice(-stroke, None)),
        "c": (slice(middle, None), slice(-stroke, None)),
        "d": (slice(tall - stroke, None), slice(None)),
        "e": (slice(middle, None), slice(0, stroke)),
        "f": (slice(0, middle + stroke), slice(0, stroke)),
        "g": (slice(middle, middle + stroke), slice(None)),
    }
    for name in segments:
        dots[strokes[name]] = True


class BigCount(Widget):
    """The number of reps, and under it the target in plain text.

    Attributes:
        count: what to show; None shows a dash.
        caption: one line under the digits, such as "of 12 · 11 clean".
    """

    DEFAULT_CSS = "BigCount { height: 1fr; width: 1fr; min-height: 4; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"bigcount--digits", "bigcount--caption"}

    count: reactive[int | None] = reactive(None)
    caption: reactive[str] = reactive("")

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._key: tuple[str, Size] | None = None
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        """What the digits say."""
        return "-" if self.count is None else str(self.count)

    def render_line(self, y: int) -> Strip:
        size = self.size
        if y == size.height - 1:
            style = self.get_component_rich_style("bigcount--caption")
            return Strip([Segment(self.caption[: size.width].center(size.width), style)], size.width)
        if (self.text, size) != self._key:
            self._key = (self.text, size)
            self._lines = half_blocks(draw_digits(self.text, 2 * (size.height - 1), size.width))
        style = self.get_component_rich_style("bigcount--digits")
        return Strip([Segment(self._lines[y], style)], size.width)
