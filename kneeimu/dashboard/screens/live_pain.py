"""Asks how much it hurts while the session goes on: a strip at the bottom, so that the count stays in sight."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from kneeimu.dashboard.screens.session_panels import scale_class, scale_legend
from kneeimu.words import _


class PainPrompt(ModalScreen[int | None]):
    """Gives 0 to 10, or None when it was closed without an answer."""

    DEFAULT_CSS = """
    PainPrompt { align: center bottom; background: $background 30%; }
    PainPrompt > Vertical {
        width: 100%; max-width: 84; height: auto; padding: 0 2; background: $panel; border: heavy $warning;
    }
    PainPrompt Horizontal { height: 3; }
    PainPrompt Button { min-width: 3; width: 1fr; height: 3; margin-right: 1; content-align: center middle; }
    PainPrompt ToastRack { dock: top; align: right top; margin: 0; }
    PainPrompt.-slim Horizontal { layout: grid; grid-size: 6 2; grid-gutter: 0 1; height: 6; }
    PainPrompt.-slim Button { width: 100%; margin: 0; }
    PainPrompt Button.green { background: $success 60%; color: $background; }
    PainPrompt Button.amber { background: $warning; color: $background; }
    PainPrompt Button.red { background: $error; color: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(level), f"answer({level})", show=False) for level in range(10)),
        Binding("x", "answer(10)", show=False),
        Binding("escape", "leave", _("Back"), show=False),
    ]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(_("How much does it hurt now? Keys 0 to 9, x for 10, Esc to go on"), markup=False)
            with Horizontal():
                for level in range(11):
                    yield Button(str(level), id=f"pain-{level}", classes=scale_class(level), compact=True)
            yield Static(scale_legend())

    def action_answer(self, level: int) -> None:
        """Answer by key."""
        self.dismiss(level)

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by mouse."""
        self.dismiss(int((event.button.id or "").removeprefix("pain-")))
