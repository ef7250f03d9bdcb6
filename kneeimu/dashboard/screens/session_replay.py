"""From the summary into the recordings of a session."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kneeimu.errors import KneeimuError
from kneeimu.words import _
from kneeimu.words.names import recording_words


class RecordingPrompt(ModalScreen[Path | None]):
    """Asks which recording of a session to look at."""

    DEFAULT_CSS = """
    RecordingPrompt { align: center middle; }
    RecordingPrompt > Vertical {
        width: 76; max-width: 100%; height: auto; padding: 1 2; background: $panel; border: heavy $primary;
    }
    RecordingPrompt OptionList { height: auto; max-height: 16; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", _("Back"))]

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self._paths = {path.stem: path for path in paths}

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(_("Which recording?"), markup=False)
            yield OptionList(*(Option(recording_words(name), id=name) for name in self._paths))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take it."""
        self.dismiss(self._paths[str(event.option_id)])

    def action_leave(self) -> None:
        """None of them."""
        self.dismiss(None)


async def show_recording(app: App[Any], paths: Sequence[Path]) -> None:
    """Show one of the recordings in the replay screen. Runs in a worker."""
    there = [path for path in paths if path.exists()]
    if not there:
        app.notify(_("There is no recording of this session."))
        return
    path = there[0] if len(there) == 1 else await app.push_screen_wait(RecordingPrompt(there))
    if path is None:
        return
    from kneeimu.dashboard.screens.replay import ReplayScreen
    from kneeimu.playback import load_playback

    app.notify(_("Reading the recording …"), timeout=2)
    try:
        playback = await asyncio.to_thread(load_playback, path)
    except KneeimuError as error:
        app.notify(str(error), severity="error", timeout=15, markup=False)
        return
    await app.push_screen(ReplayScreen(playback))
