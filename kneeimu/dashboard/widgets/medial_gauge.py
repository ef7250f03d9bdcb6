"""How far the knee drifts inwards: a scale with words beside the colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kneeimu.words import _, mark

HYSTERESIS_DEG = 1.5
"""A word stays until the drift is this much back below its limit, so that it doesn't flicker."""

WORDS = {
    "good": mark("● knee over the foot"),
    "amber": mark("▲ knee drifts inwards"),
    "red": mark("■ knee far inwards"),
    "outward": mark("◆ knee outwards"),
}


def zone_of(drift_deg: float, amber_deg: float, red_deg: float, before: str = "good") -> str:
    """Name the zone of a drift, with hysteresis against the zone ``before``."""
    keep_red = before == "red" and drift_deg > red_deg - HYSTERESIS_DEG
    keep_amber = before in ("amber", "red") and drift_deg > amber_deg - HYSTERESIS_DEG
    keep_outward = before == "outward" and drift_deg < -red_deg + HYSTERESIS_DEG
    if drift_deg >= red_deg or keep_red:
        return "red"
    if drift_deg >= amber_deg or keep_amber:
        return "amber"
    return "outward" if drift_deg <= -red_deg or keep_outward else "good"


@dataclass(frozen=True, slots=True)
class DriftScale:
    """Limits and ends of the scale, deg."""

    amber_deg: float = 4.0
    red_deg: float = 7.0
    outward_end_deg: float = -8.0
    inward_end_deg: float = 14.0


class MedialGauge(Widget):
    """A line of words and a line of scale.

    Attributes:
        drift_deg: against the wearer's own reference; None when it is not known.
        why_unknown: what to say instead.
        label: which drift it is, such as "this rep" or "rep 4".
    """

    DEFAULT_CSS = "MedialGauge { height: 3; width: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "medialgauge--good", "medialgauge--amber", "medialgauge--red", "medialgauge--marker", "medialgauge--muted",
    }  # fmt: skip

    drift_deg: reactive[float | None] = reactive(None)
    why_unknown: reactive[str] = reactive(mark("not measured"))
    label: reactive[str] = reactive("")

    def __init__(self, scale: DriftScale | None = None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._limits = scale or DriftScale()
        self.zone = "good"

    def watch_drift_deg(self, drift_deg: float | None) -> None:
        """Follow the zone."""
        self.zone = "good" if drift_deg is None else zone_of(
            drift_deg, self._limits.amber_deg, self._limits.red_deg, self.zone
        )  # fmt: skip

    @property
    def words(self) -> str:
        """What the gauge says, without its colours."""
        if self.drift_deg is None:
            return _("Knee inwards: {why}").format(why=_(self.why_unknown))
        where = f" ({self.label})" if self.label else ""
        return f"{_(WORDS[self.zone])}  {round(self.drift_deg):+d}°{where}"

    @property
    def short_words(self) -> str:
        """The same in a narrow place."""
        return f"○ {_(self.why_unknown)}" if self.drift_deg is None else self.words.split(" (")[0]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            muted = self.drift_deg is None
            zone = "muted" if muted else "good" if self.zone == "outward" else self.zone
            style = self.get_component_rich_style(f"medialgauge--{zone}")
            words = self.words if len(self.words) <= width else self.short_words
            return Strip([Segment(words[:width].ljust(width), style)], width)
        if y == 1:
            return Strip(self._scale_line(width), width)
        return Strip([Segment(self._legend(width), self.get_component_rich_style("medialgauge--muted"))], width)

    def _column(self, value_deg: float, width: int) -> int:
        limits = self._limits
        share = (value_deg - limits.outward_end_deg) / (limits.inward_end_deg - limits.outward_end_deg)
        return min(width - 1, max(0, round(share * (width - 1))))

    def _scale_line(self, width: int) -> list[Segment]:
        amber, red = self._column(self._limits.amber_deg, width), self._column(self._limits.red_deg, width)
        shapes = ["─"] * amber + ["═"] * (red - amber) + ["▓"] * (width - red)
        if self.drift_deg is None:
            return [Segment("".join(shapes), self.get_component_rich_style("medialgauge--muted"))]
        names = ["good"] * amber + ["amber"] * (red - amber) + ["red"] * (width - red)
        place = self._column(self.drift_deg, width)
        for column in range(max(0, place - 1), min(width, place + 2)):
            shapes[column], names[column] = " █ "[column - place + 1], "marker"
        return [
            Segment(shape, self.get_component_rich_style(f"medialgauge--{name}"))
            for shape, name in zip(shapes, names, strict=True)
        ]

    def _legend(self, width: int) -> str:
        cells = [" "] * width
        marks = ((0.0, "0"), (self._limits.amber_deg, f"{self._limits.amber_deg:.0f}°"),
                 (self._limits.red_deg, f"{self._limits.red_deg:.0f}°"))  # fmt: skip
        for value_deg, text in marks:
            start = self._column(value_deg, width)
            cells[start : start + len(text)] = list(text)
        right, left = _("inwards ▶"), _("◀ outwards")
        if width >= 50:
            cells[: len(left)] = list(left)
        if width >= 32:
            cells[-len(right) :] = list(right)
        return "".join(cells)[:width]
