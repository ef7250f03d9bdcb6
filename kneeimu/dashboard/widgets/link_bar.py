"""The sensor's link in words: state, name, battery, rate and loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kneeimu.words import _, decimal
from kneeimu.words.phrases import LINK_STATES, phrase

SYMBOLS = {
    "searching": "…", "connecting": "…", "streaming": "●", "stalled": "▲", "lost": "✕", "reconnecting": "▲",
    "closed": "○", "replay": "▷", "paused": "‖",
}  # fmt: skip
LOST = ("lost", "reconnecting")
"""These words tell of the lost connection themselves."""
LOW_BATTERY_PERCENT = 15
BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What is known of the link; None for what isn't."""

    state: str = "searching"
    detail: str = ""
    name: str = ""
    battery_percent: int | None = None
    rssi_dbm: int | None = None
    rate_hz: float | None = None
    loss_percent: float | None = None


class LinkBar(Widget):
    """One line. ``facts`` is replaced as a whole."""

    DEFAULT_CSS = "LinkBar { height: 1; width: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"linkbar--good", "linkbar--waiting", "linkbar--bad", "linkbar--muted"}

    facts: reactive[LinkFacts] = reactive(LinkFacts())

    @property
    def words(self) -> str:
        """State and detail."""
        parts = [f"{SYMBOLS.get(self.facts.state, '?')} {phrase(LINK_STATES, self.facts.state)}"]
        if self.facts.name and self.facts.state in ("streaming", "stalled", "connecting", "replay"):
            parts.append(self.facts.name)
        said = self.facts.state in LOST and self.facts.detail == _("the connection was lost")
        if self.facts.detail and self.facts.state != "streaming" and not said:
            parts.append(self.facts.detail)
        return " · ".join(parts)

    @property
    def numbers(self) -> str:
        """Battery, rate and loss."""
        return " · ".join(self._numbers())

    def _numbers(self) -> list[str]:
        facts = self.facts
        parts = []
        if facts.battery_percent is not None:
            bar = BARS[min(len(BARS) - 1, facts.battery_percent * len(BARS) // 101)]
            low = " " + _("low!") if facts.battery_percent <= LOW_BATTERY_PERCENT else ""
            parts.append(_("battery {level} %").format(level=f"{bar} {facts.battery_percent}") + low)
        if facts.rate_hz is not None:
            parts.append(f"{facts.rate_hz:.0f} Hz")
        if facts.loss_percent is not None:
            parts.append(_("lost {share} %").format(share=decimal(facts.loss_percent)))
        return parts

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        width = self.size.width
        state = self.facts.state
        good = state in ("streaming", "replay")
        kind = "good" if good else "bad" if state in ("lost", "stalled", "reconnecting") else "waiting"
        parts = self._numbers()
        while parts and len(self.words) + len(" · ".join(parts)) + 3 > width:
            parts.pop()
        numbers = " · ".join(parts)
        words = f" {self.words}"[: max(0, width - len(numbers) - 1)]
        numbers += " " if numbers else ""
        gap = " " * (width - len(words) - len(numbers))
        segments = [
            Segment(words, self.get_component_rich_style(f"linkbar--{kind}")),
            Segment(gap, self.get_component_rich_style("linkbar--muted")),
            Segment(numbers, self.get_component_rich_style("linkbar--muted")),
        ]
        return Strip(segments).adjust_cell_length(width, self.get_component_rich_style("linkbar--muted"))
