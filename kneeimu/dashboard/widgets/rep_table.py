"""The last reps as a table, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from kneeimu.words import _, as_written, mark

FLAG_WORDS = {
    "short": mark("small"),
    "fast": mark("fast"),
    "knee-in": mark("knee in"),
    "inward-rotation": mark("turns in"),
    "shallow": mark("shallow"),
    "dropped": mark("dropped"),
    "wobble": mark("wobbly"),
    "snapping": mark("snapping"),
    "short-hold": mark("hold longer"),
    "incomplete": mark("not straight"),
    "over-roll": mark("rolled"),
    "forward": mark("forward"),
    "toes-up": mark("toes up"),
    "rushed": mark("rushed"),
    "lost-tension": mark("feet closed"),
    "standing-up": mark("too upright"),
}

NARROW = 54
"""Below this many columns the table leaves out the hold and the drift."""


@dataclass(frozen=True, slots=True)
class RepRow:
    """One line of the table. ``note`` is for what a person changed: "added" or "taken back"."""

    set_number: int
    number: int
    range_deg: float | None
    outward_s: float | None
    hold_s: float | None
    return_s: float | None
    drift_deg: float | None
    flags: tuple[str, ...] = ()
    note: str = ""

    @property
    def words(self) -> str:
        """What there is to say about the rep."""
        found = " · ".join(_(FLAG_WORDS.get(flag, flag)) for flag in self.flags)
        said = " · ".join(part for part in (_(self.note), found) if part)
        return said or _("clean")

    @property
    def symbol(self) -> str:
        """A shape for those who don't see the colour."""
        return "+" if self.note == "added" else "×" if self.note else "▲" if self.flags else "✓"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else as_written(format(value, form))


class RepTable(Widget):
    """Shows as many of the newest reps as fit; of timed exercises (``timed``) how long each was held."""

    DEFAULT_CSS = "RepTable { height: 1fr; width: 1fr; min-height: 2; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "reptable--header",
        "reptable--clean",
        "reptable--flagged",
        "reptable--muted",
    }

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._rows: tuple[RepRow, ...] = ()
        self.timed = False

    @property
    def rows(self) -> tuple[RepRow, ...]:
        """What is shown, oldest first."""
        return self._rows

    @rows.setter
    def rows(self, rows: Sequence[RepRow]) -> None:
        fresh = tuple(rows)
        if fresh != self._rows:
            self._rows = fresh
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return self._line(self._header(width), "header", width)
        if y > len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[-y]
        kind = "muted" if row.note == "taken back" else "flagged" if row.flags else "clean"
        return self._line(self._text(row, width), kind, width)

    def _header(self, width: int) -> str:
        if self.timed:
            return _("time   held")
        return _(" rep  range  out/back") if width < NARROW else _(" rep   range   out/hold/back    inwards")

    def _text(self, row: RepRow, width: int) -> str:
        start = f"{row.symbol}{row.number:>3} "
        if self.timed:
            return f"{start} {_number(row.hold_s, '4.0f'):>4} s  {row.words}"
        if row.range_deg is None and row.outward_s is None:  # added by hand: there is nothing to measure
            return f"{start}   –  {row.words:>{10 if width < NARROW else 38}}"
        if width < NARROW:
            times = f"{_number(row.outward_s, '4.1f')}/{_number(row.return_s, '3.1f')}"
            return f"{start} {_number(row.range_deg, '3.0f'):>3}°  {times}  {row.words}"
        times = f"{_number(row.outward_s, '4.1f')} /{_number(row.hold_s, '4.1f')} /{_number(row.return_s, '4.1f')} s"
        drift = "–" if row.drift_deg is None else f"{round(row.drift_deg):+d}°"
        return f"{start}  {_number(row.range_deg, '3.0f'):>3}°  {times:>18}   {drift:>5}   {row.words}"

    def _line(self, text: str, kind: str, width: int) -> Strip:
        return Strip([Segment(text[:width].ljust(width), self.get_component_rich_style(f"reptable--{kind}"))], width)
