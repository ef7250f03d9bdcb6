"""Asks how much it hurts, while the session goes on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from kneeimu.words import _


class PainPrompt(ModalScreen[int | None]):
    """Gives 0 to 10, or None when it was closed without an answer."""

    DEFAULT_CSS = """
    PainPrompt { align: center middle; }
    PainPrompt > Vertical { width: 62; height: auto; padding: 1 2; background: $panel; border: heavy $warning; }
    PainPrompt Horizontal { height: auto; margin-top: 1; }
    PainPrompt Button { min-width: 4; width: 1fr; height: 1; border: none; margin-right: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(level), f"answer({level})", show=False) for level in range(10)),
        Binding("x", "answer(10)", show=False),
        Binding("escape", "leave", _("Back")),
    ]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(_("How much does it hurt now? 0 not at all, 10 the worst there is (key x)"), markup=False)
            with Horizontal():
                for level in range(11):
                    yield Button(str(level), id=f"pain-{level}")
            yield Static(_("Above 5: stop this exercise."), markup=False)

    def action_answer(self, level: int) -> None:
        """Answer by key."""
        self.dismiss(level)

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by mouse."""
        self.dismiss(int(str(event.button.label)))
