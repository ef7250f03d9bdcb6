"""The tempo as a shape: the prescribed out, hold and back, and how far this rep has come."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kneeimu.words import _, decimal, mark, plain

NAMES = (mark("out"), mark("hold"), mark("back"))
TOLERANCE_SHARE = 0.3
"""A rep within this share of the prescribed time is in time."""


def tempo_verdict(taken_s: float, target_s: float) -> str:
    """Say whether a rep was in time."""
    if taken_s < (1 - TOLERANCE_SHARE) * target_s:
        return "◀ " + _("too fast")
    if taken_s > (1 + TOLERANCE_SHARE) * target_s:
        return "▶ " + _("slow")
    return "● " + _("in time")


class TempoBar(Widget):
    """Two lines: the bar with a runner, and the verdict on the last rep.

    Attributes:
        tempo_s: prescribed seconds (out, hold, back).
        elapsed_s: how long the present rep has run; None at rest.
        last_s: what the last rep took (out, hold, back); None before the first.
    """

    DEFAULT_CSS = "TempoBar { height: 2; width: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tempobar--done", "tempobar--open", "tempobar--runner", "tempobar--muted"}

    tempo_s: reactive[tuple[float, float, float]] = reactive((2.0, 0.0, 2.0))
    elapsed_s: reactive[float | None] = reactive(None)
    last_s: reactive[tuple[float, float, float] | None] = reactive(None)

    @property
    def words(self) -> str:
        """Target and verdict."""
        parts = zip(NAMES, self.tempo_s, strict=True)
        target = " · ".join(f"{_(name)} {plain(seconds)} s" for name, seconds in parts if seconds)
        if self.last_s is None:
            return _("Tempo: {target}").format(target=target)
        taken_s, asked_s = sum(self.last_s), sum(self.tempo_s)
        verdict = tempo_verdict(taken_s, asked_s)
        return _("Last rep {taken} s of {asked} s: {verdict}").format(
            taken=decimal(taken_s), asked=plain(asked_s), verdict=verdict
        )  # fmt: skip

    @property
    def short_words(self) -> str:
        """The same in a narrow place: the times asked for, or what the last rep took and the verdict."""
        if self.last_s is None:
            return " · ".join(f"{plain(time)} s" for time in self.tempo_s if time)
        return f"{decimal(sum(self.last_s))} s {tempo_verdict(sum(self.last_s), sum(self.tempo_s))}"

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 1:
            muted = self.get_component_rich_style("tempobar--muted")
            words = self.words if len(self.words) <= width else self.short_words
            return Strip([Segment(words[:width].ljust(width), muted)], width)
        total = sum(self.tempo_s) or 1.0
        done = 0 if self.elapsed_s is None else min(width, int(width * self.elapsed_s / total))
        shape = self._shape(width, total)
        style = self.get_component_rich_style
        segments = [Segment(shape[:done], style("tempobar--done")), Segment(shape[done:], style("tempobar--open"))]
        if done > 0:
            segments[0] = Segment(shape[: done - 1], style("tempobar--done"))
            segments.insert(1, Segment("█", style("tempobar--runner")))
        return Strip(segments, width)

    def _shape(self, width: int, total: float) -> str:
        """Rising, level, falling: the movement drawn in eighths of a line."""
        out, hold, _ = self.tempo_s
        levels = "▁▂▃▄▅▆▇█"
        cells = []
        for column in range(width):
            at = (column + 0.5) / width * total
            if at < out:
                share = at / out
            elif at < out + hold:
                share = 1.0
            else:
                share = (total - at) / max(total - out - hold, 1e-6)
            cells.append(levels[min(7, int(share * 8))])
        return "".join(cells)
