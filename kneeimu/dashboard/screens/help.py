"""What the keys of a screen do, large enough to be read from the mat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from kneeimu.dashboard.keys import ACTIONS, key_name
from kneeimu.words import _


def keys_of(screen: Screen[Any]) -> list[tuple[str, str]]:
    """Give (key, what it does) of a screen and of the whole app, in their order; what can't be done now is left out."""
    found: dict[str, str] = {}
    for binding in _own_first(screen):
        of_one = binding.key_display and " " not in binding.key_display  # the footer names two keys at once
        key = binding.key_display if of_one else key_name(binding.key).replace("ctrl+", "^")
        found.setdefault(binding.id or "", f"{key}\t{_what_it_does(binding)}")
    found["palette"] = "^p\t" + _("Search for what can be done")
    return [(key, words) for key, words in (one.split("\t") for one in found.values())]


def _what_it_does(binding: Binding) -> str:
    """Say it at length: the footer has room for a word."""
    words = _(ACTIONS[binding.id]) if binding.id in ACTIONS else binding.description
    return words[:1].upper() + words[1:]


def _own_first(screen: Screen[Any]) -> Iterator[Binding]:
    """Give what can be done now; what a focused button answers in the screen's stead belongs to it as well."""
    chosen = getattr(screen.app, "keys", {})
    active: dict[str, Binding] = {}
    for _node, binding, enabled, _tooltip in screen.active_bindings.values():
        if enabled and binding.id is not None and binding.description:
            active.setdefault(binding.id, binding)
    for own in screen.BINDINGS:
        if isinstance(own, Binding) and own.id is not None and own.description:
            if own.id in active:
                yield active.pop(own.id)
            elif own.id not in chosen and screen.check_action(own.action.split("(")[0], ()):
                yield own
    yield from active.values()


PAIN = ("live.pain", "session.pain")


class HelpScreen(ModalScreen[None]):
    """Shows keys. The key for pain works from here as well: whoever it hurts must not have to close something first.

    Args:
        words: what the screen is for; may be empty.
        keys: (key, what it does).
    """

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 72; max-width: 100%; height: auto; max-height: 100%; padding: 0 2; background: $panel;
        border: heavy $primary;
    }
    HelpScreen Static { height: auto; }
    HelpScreen #help-title { text-style: bold; color: $accent; }
    HelpScreen #help-words { margin: 0 0 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,enter,q,space", "leave", _("Back"), show=False, priority=True),
    ]

    def __init__(self, words: str, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._words, self._keys = words, keys

    def compose(self) -> ComposeResult:
        two = len(self._keys) > 8
        table = Table.grid(padding=(0, 2), expand=True)
        half = (len(self._keys) + 1) // 2 if two else len(self._keys)
        for _column in range(4 if two else 2):
            table.add_column()
        for row in range(half):
            pairs = [self._keys[row], *([self._keys[row + half]] if two and row + half < len(self._keys) else [])]
            table.add_row(*(cell for key, words in pairs for cell in (Text(key, "bold"), Text(words))))
        with VerticalScroll():
            yield Static(_("Keys"), id="help-title", markup=False)
            if self._words:
                yield Static(self._words, id="help-words", markup=False)
            yield Static(table)
            yield Static(_("Esc closes this"), classes="fine", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Close, and let the screen below stop on pain."""
        below = self.app.screen_stack[-2]
        found = below.active_bindings.get(event.key)
        if found is not None and found.binding.id in PAIN:
            event.stop()
            self.dismiss(None)
            below.call_next(below.run_action, found.binding.action)

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)
