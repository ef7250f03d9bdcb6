"""The session as one bar: sets, reps, flags, pain marks and the place that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """Something at a time; ``kind`` is "clean", "flagged", "muted" or "pain"."""

    time_s: float
    kind: str


SYMBOLS = {"clean": "╷", "flagged": "▲", "muted": "×", "pain": "✚"}
PRIORITY = ("muted", "clean", "flagged", "pain")


def clock(time_s: float) -> str:
    """Write a time as minutes and seconds, with hours from one hour on."""
    seconds = int(max(0.0, time_s))
    minutes = f"{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{seconds // 3600}:{minutes}" if seconds >= 3600 else minutes


class Timeline(Widget):
    """Three lines; a click jumps."""

    DEFAULT_CSS = "Timeline { height: 3; width: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "timeline--set", "timeline--clean", "timeline--flagged", "timeline--muted", "timeline--pain",
        "timeline--played", "timeline--open", "timeline--head",
    }  # fmt: skip

    class Jumped(Message):
        """The person clicked at a time."""

        def __init__(self, time_s: float) -> None:
            super().__init__()
            self.time_s = time_s

    def __init__(
        self, start_s: float, end_s: float, sets: Sequence[tuple[str, float, float]], marks: Sequence[TimelineMark],
        *, id: str | None = None,  # noqa: A002
    ) -> None:  # fmt: skip
        super().__init__(id=id)
        self._start_s, self._end_s = start_s, max(end_s, start_s + 1e-3)
        self._sets, self._marks = list(sets), sorted(marks, key=lambda mark: PRIORITY.index(mark.kind))
        self._head = -1
        self._now_s = start_s
        self._speed = ""

    def place(self, time_s: float, speed: str) -> None:
        """Move the head; ``speed`` is written beside the time."""
        before = (self._head, clock(self._now_s), self._speed)
        self._head, self._now_s, self._speed = self._column(time_s), time_s, speed
        if before != (self._head, clock(time_s), speed):
            self.refresh()

    def on_click(self, event: Click) -> None:
        """Jump there."""
        share = event.x / max(1, self.size.width - 1)
        self.post_message(self.Jumped(self._start_s + share * (self._end_s - self._start_s)))

    def _column(self, time_s: float) -> int:
        share = (time_s - self._start_s) / (self._end_s - self._start_s)
        return max(0, min(self.size.width - 1, round(share * (self.size.width - 1))))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        cells = [(" ", "open")] * width
        if y == 0:
            self._draw_sets(cells)
        elif y == 1:
            for mark in self._marks:
                cells[self._column(mark.time_s)] = (SYMBOLS[mark.kind], mark.kind)
        else:
            self._draw_head(cells)
        return Strip(_runs(cells, self), width)

    def _draw_sets(self, cells: list[tuple[str, str]]) -> None:
        for name, start_s, end_s in self._sets:
            first, last = self._column(start_s), self._column(end_s)
            text = f" {name} " if last - first > len(name) + 2 else ""
            line = text.center(last - first + 1, "━")
            cells[first : last + 1] = [(char, "set") for char in line]

    def _draw_head(self, cells: list[tuple[str, str]]) -> None:
        head = self._column(self._now_s)
        cells[:] = [("━", "played")] * head + [("─", "open")] * (len(cells) - head)
        cells[head] = ("●", "head")
        text = f" {clock(self._now_s - self._start_s)} / {clock(self._end_s - self._start_s)} {self._speed} "
        first = head + 2 if head + 2 + len(text) <= len(cells) else head - 1 - len(text)
        if first >= 0:
            cells[first : first + len(text)] = [(char, "head") for char in text]


def _runs(cells: list[tuple[str, str]], widget: Widget) -> list[Segment]:
    segments: list[Segment] = []
    start = 0
    for index in range(1, len(cells) + 1):
        if index == len(cells) or cells[index][1] != cells[start][1]:
            text = "".join(char for char, _ in cells[start:index])
            segments.append(Segment(text, widget.get_component_rich_style(f"timeline--{cells[start][1]}")))
            start = index
    return segments
