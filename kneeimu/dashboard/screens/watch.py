"""The wall: up to thirty people who train, each in a tile; Enter shows one large."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ItemGrid, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static

from kneeimu.dashboard.screens.watch_one import WatchOneScreen
from kneeimu.dashboard.screens.watch_words import doing_words, headline, tile_lines, tone
from kneeimu.telemetry.watcher import MOST_PATIENTS, Patient, Watcher, WatcherStatus
from kneeimu.words import _, n_

FRAMES_HZ = 5.0


class PatientTile(Static, can_focus=True):
    """One person in five lines."""

    DEFAULT_CSS = """
    PatientTile { height: 7; padding: 0 1; border: round $foreground 30%; }
    PatientTile:focus { border: heavy $accent; }
    PatientTile.amber { border: round $warning; }
    PatientTile.red { border: heavy $error; }
    PatientTile.away { color: $foreground 50%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", _("Show"))]

    class Opened(Message):
        """This person is to be shown large."""

        def __init__(self, wearer: str) -> None:
            super().__init__()
            self.wearer = wearer

    def __init__(self, patient: Patient) -> None:
        super().__init__(markup=False)
        self.patient = patient
        self._lines: tuple[str, ...] = ()
        self._heads = ("", "")

    def show(self) -> None:
        """Draw what changed."""
        width = self.size.width
        if not width:
            return  # not laid out yet
        lines = tuple(line[:width] for line in tile_lines(self.patient))
        heads = (headline(self.patient), doing_words(self.patient.state))
        if (lines, heads) != (self._lines, self._heads):
            self._lines, self._heads = lines, heads
            self.update("\n".join(lines))
            # As content, not as text: a name could hold markup, and markup could hold actions.
            self.border_title, self.border_subtitle = (Content(head[:width]) for head in heads)
        level = tone(self.patient)
        for name in ("amber", "red"):
            self.set_class(level == name, name)
        self.set_class(self.patient.online is False, "away")

    def on_resize(self) -> None:
        """Lines are cut to the width."""
        self.show()

    def action_open(self) -> None:
        """Show this person large."""
        self.post_message(self.Opened(self.patient.wearer))

    def on_click(self) -> None:
        """The mouse does what Enter does."""
        self.action_open()


class WatchScreen(Screen[None]):
    """Everybody.

    Args:
        watcher: not yet started; the screen starts it and the app stops it.
        one: show this wearer large from the beginning.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,down", "app.focus_next", _("Next"), show=False),
        Binding("left,up", "app.focus_previous", _("Previous"), show=False),
    ]
    DEFAULT_CSS = """
    WatchScreen #news { height: 1; padding: 0 1; background: $panel; }
    WatchScreen ItemGrid { height: auto; }
    """

    def __init__(self, watcher: Watcher, *, one: str | None = None) -> None:
        super().__init__()
        self.watcher = watcher
        self._one = one
        self._tiles: dict[str, PatientTile] = {}
        self._changed: set[str] = set()

    def compose(self) -> ComposeResult:
        yield Static(id="news", markup=False)
        with VerticalScroll(can_focus=False):
            yield ItemGrid(min_column_width=27, stretch_height=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to listen, and the clock that paints."""
        self.app.resources.push_async_callback(self.watcher.stop)  # type: ignore[attr-defined]
        self.watcher.on_change = self._changed.add
        self.watcher.on_status = self._status
        self._changed.update(self.watcher.patients)
        self._status(self.watcher.status)
        self.watcher.start()
        self.set_interval(1 / FRAMES_HZ, self.paint)
        if self._one is not None:
            self.app.push_screen(WatchOneScreen(self.watcher, self._one))

    async def paint(self) -> None:
        """Draw whoever changed; what came in between is not drawn, but counted."""
        if not self.is_mounted:
            return
        changed = set(self._changed)
        self._changed.clear()
        for wearer in sorted(changed):
            patient = self.watcher.patients.get(wearer)
            if wearer in self._tiles and self._tiles[wearer].patient is not patient:
                await self._tiles.pop(wearer).remove()  # who gave way, and may be there anew
            if patient is None:
                continue
            if wearer not in self._tiles:
                await self._add(wearer)
            self._tiles[wearer].show()
        if isinstance(self.app.screen, WatchOneScreen) and self.app.screen.wearer in changed:
            self.app.screen.show()

    async def _add(self, wearer: str) -> None:
        tile = self._tiles[wearer] = PatientTile(self.watcher.patients[wearer])
        names = sorted(self._tiles)
        place = names.index(wearer)
        before = self._tiles[names[place + 1]] if place + 1 < len(names) else None
        await self.query_one(ItemGrid).mount(tile, before=before)
        if self.focused is None:
            tile.focus()
        self._status(self.watcher.status)

    def on_patient_tile_opened(self, message: PatientTile.Opened) -> None:
        """Show one large."""
        self.app.push_screen(WatchOneScreen(self.watcher, message.wearer))

    def _status(self, status: WatcherStatus) -> None:
        if not self.is_mounted:
            return
        people = len(self.watcher.patients)
        words = f"● {self.watcher.broker.address}" if status.connected else "… " + _("Connecting")
        if status.problem:
            words = f"▲ {status.problem}"
        elif status.connected:
            words += " · " + (n_("{n} person", "{n} people", people) if people else _("nobody trains yet"))
            if people >= MOST_PATIENTS and self.watcher.strangers:
                words += " · " + _("{n} more find no room").format(n=len(self.watcher.strangers))
        self.query_one("#news", Static).update(words)
        if isinstance(self.app.screen, WatchOneScreen) and self.app.screen.is_mounted:
            self.app.screen.show()
