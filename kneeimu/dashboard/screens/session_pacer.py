"""The pacer: a wave to move along with, its word in capitals, and a dot that never hurries."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kneeimu.coaching.tempo import Pace, Pacer
from kneeimu.words import decimal
from kneeimu.words.phrases import move_words

EIGHTHS = " ▁▂▃▄▅▆▇█"


class PacerWave(Widget):
    """A line of words over a wave of any height.

    Attributes:
        pace: where the pacer is; None shows the whole wave at rest.
        verdict: what the last rep was like, in words.
    """

    DEFAULT_CSS = "PacerWave { height: 1fr; min-height: 3; width: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"pacer--word", "pacer--past", "pacer--ahead", "pacer--dot", "pacer--muted"}

    pace: reactive[Pace | None] = reactive(None)
    verdict: reactive[str] = reactive("")

    def __init__(self, exercise: str, tempo_s: tuple[float, float, float], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._exercise = exercise
        self._parts = Pacer(tempo_s).parts
        self._cycle_s = sum(length for _, length in self._parts)
        self._shapes: dict[tuple[int, int, int], str] = {}

    @property
    def words(self) -> str:
        """What to do now, and for how long."""
        if self.pace is None:
            return " – ".join(move_words(self._exercise, part) for part, _ in self._parts if part != "pause")
        return f"{move_words(self._exercise, self.pace.part).upper()}  {decimal(self.pace.left_s)} s"

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return self._headline(width)
        return Strip(self._wave(y - 1, self.size.height - 1, width), width)

    def _headline(self, width: int) -> Strip:
        style = self.get_component_rich_style
        word, verdict = self.words, self.verdict
        space = max(1, width - len(word) - len(verdict))
        text = [
            Segment(word, style("pacer--word")),
            Segment(" " * space, self.rich_style),
            Segment(verdict, style("pacer--muted")),
        ]
        return Strip(text).adjust_cell_length(width)

    def _wave(self, row: int, rows: int, width: int) -> list[Segment]:
        cells = self._shape(row, rows, width)
        ahead = self.get_component_rich_style("pacer--ahead")
        at = self._column(width)
        if at is None:
            return [Segment(cells, ahead)]
        past = self.get_component_rich_style("pacer--past")
        level = self._level((at + 0.5) / width)
        if row != min(rows - 1, int((1.0 - level) * rows)):
            return [Segment(cells[: at + 1], past), Segment(cells[at + 1 :], ahead)]
        first, last = max(0, at - 1), min(width, at + 2)
        dot = Segment("█" * (last - first), self.get_component_rich_style("pacer--dot"))
        return [Segment(cells[:first], past), dot, Segment(cells[last:], ahead)]

    def _shape(self, row: int, rows: int, width: int) -> str:
        """One line of the wave at rest; drawn once for each size."""
        key = (row, rows, width)
        if key not in self._shapes:
            if len(self._shapes) > 2 * rows:
                self._shapes.clear()
            least = 0.0 if row < rows - 1 else 1.0
            above = (rows - 1 - row) * 8
            levels = [self._level((column + 0.5) / width) * rows * 8 - above for column in range(width)]
            self._shapes[key] = "".join(EIGHTHS[round(min(8.0, max(least, filled)))] for filled in levels)
        return self._shapes[key]

    def _column(self, width: int) -> int | None:
        if self.pace is None:
            return None
        before = 0.0
        for part, length in self._parts:
            if part == self.pace.part:
                return min(width - 1, int((before + self.pace.share * length) / self._cycle_s * width))
            before += length
        return None

    def _level(self, share: float) -> float:
        """Height of the wave, 0 to 1, at a share of the cycle."""
        at = share * self._cycle_s
        for part, length in self._parts:
            if at <= length:
                ramp = at / length
                smooth = ramp * ramp * (3.0 - 2.0 * ramp)
                return {"out": smooth, "hold": 1.0, "back": 1.0 - smooth}.get(part, 0.0)
            at -= length
        return 0.0
