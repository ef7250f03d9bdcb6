"""What the guided screens have in common: their look, and every action of theirs in the command palette."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from textual.actions import SkipAction
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen, ScreenResultType
from textual.widgets import Button

from kneeimu.dashboard.keys import key_name
from kneeimu.words import _


class GuidedScreen(Screen[ScreenResultType]):
    """A screen whose actions are found by their names."""

    SCOPED_CSS: ClassVar[bool] = False
    """The classes of the size (``-tall``, ``-narrow``) sit on the screen itself."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "sideways(-1)", show=False),
        Binding("right", "sideways(1)", show=False),
    ]

    def action_sideways(self, by: int) -> None:
        """From one button to the one beside it."""
        button = self.focused
        if not isinstance(button, Button) or button.parent is None:
            raise SkipAction
        row = [one for one in button.parent.children if isinstance(one, Button) and one.focusable]
        row[max(0, min(len(row) - 1, row.index(button) + by))].focus()

    def screen_commands(self) -> Iterable[SystemCommand]:
        """Every action with a name, for the command palette."""
        for binding in self.BINDINGS:
            if isinstance(binding, Binding) and binding.description:
                chosen = getattr(self.app, "keys", {}).get(binding.id)
                key = binding.key_display if not chosen and binding.key_display else key_name(chosen or binding.key)
                hint = _("Key {key}").format(key=key.replace("ctrl+", "^"))
                yield SystemCommand(binding.description, hint, partial(self.run_action, binding.action))
