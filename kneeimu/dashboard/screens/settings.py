"""Settings: knee, sensor, language, theme, sound, sessions a week, and keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Key as KeyEvent
from textual.screen import ModalScreen
from textual.widgets import Button, Footer, Label, OptionList, Select, Static
from textual.widgets.option_list import Option

from kneeimu.dashboard.keys import ACTIONS, Keys, action_words, key_name, keys_now, refusal
from kneeimu.dashboard.preferences import Preferences
from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.dashboard.themes import DARK
from kneeimu.words import NAMES, _


class KeyPrompt(ModalScreen[str | None]):
    """Asks for a key; gives its name, "" for the usual one, or None. One that is taken is refused, with the reason."""

    DEFAULT_CSS = """
    KeyPrompt { align: center middle; }
    KeyPrompt > Vertical {
        width: 56; max-width: 100%; height: auto; padding: 1 2; background: $panel; border: heavy $primary;
    }
    KeyPrompt Static { height: auto; }
    KeyPrompt #refused { color: $warning; }
    """

    def __init__(self, action: str, chosen: Keys) -> None:
        super().__init__()
        self._action, self._chosen = action, chosen

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(action_words(self._action), classes="title", markup=False)
            now = " ".join(key_name(key) for key in keys_now(self._action, self._chosen))
            yield Static(_("Now: {key}").format(key=now), markup=False)
            yield Static(_("Press the new key. Backspace: the usual one. Esc: leave it."), markup=False)
            yield Static(id="refused", markup=False)

    def on_key(self, event: KeyEvent) -> None:
        """Take the key."""
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.dismiss(None)
        elif event.key == "backspace":
            self.dismiss("")
        elif reason := refusal(event.key, self._action, self._chosen):
            self.query_one("#refused", Static).update(f"✕ {reason}")
        else:
            self.dismiss(event.key)


class SettingsScreen(GuidedScreen[Preferences | None]):
    """Gives the changed settings; None when nothing is to change."""

    CSS = (
        CARD_CSS
        + """
    #settings { padding: 1 2; max-width: 110; }
    .line { height: 3; }
    .line Label { width: 26; padding: 1 1 0 0; }
    .line Select { width: 44; }
    .-slim .line { layout: vertical; height: auto; }
    .-slim .line Label { padding: 0; }
    .-slim .line Select { width: 100%; }
    .-slim #settings-buttons { layout: vertical; }
    #keys { height: auto; max-height: 18; border: round $primary 50%; margin: 0 0 1 0; }
    #settings-buttons { height: auto; margin: 1 0; }
    #settings-buttons Button { margin: 0 1 0 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", _("Back"), id="settings.back"),
        Binding("ctrl+s", "save", _("Save"), id="settings.save"),
    ]
    HELP = _("Ctrl+S saves. Language is used from the next start on; everything else at once.")

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self.preferences = preferences
        self._theme = ""  # before any was tried

    def compose(self) -> ComposeResult:
        now = self.preferences
        with VerticalScroll(id="settings"):
            yield Static(_("Settings"), classes="title", markup=False)
            yield self._line("knee", _("Trained knee"), [(_("left"), "left"), (_("right"), "right")], now.knee)
            languages = [(_("as the system"), ""), *((name, code) for code, name in NAMES.items())]
            yield self._line("language", _("Language"), languages, now.language)
            themes = [(_("as usual"), ""), (_("dark colours"), "kneeimu-dark"), (_("light colours"), "kneeimu-light")]
            yield self._line("theme", _("Colours"), themes, now.theme)
            sounds = [
                (_("what this machine has"), "auto"), (_("tones"), "tones"), (_("terminal bell"), "bell"),
                (_("silent"), "off"),
            ]  # fmt: skip
            yield self._line("sound", _("Sound"), sounds, now.sound)
            speech = [(_("no"), "no"), (_("yes, where this machine can"), "yes")]
            yield self._line("speech", _("Spoken cues"), speech, "yes" if now.speech else "no")
            weeks = [(_("as the programme says"), "0"), *((str(n), str(n)) for n in range(1, 8))]
            yield self._line("per_week", _("Sessions a week"), weeks, str(now.per_week))
            with Horizontal(id="settings-buttons"):
                yield Button(_("Save"), variant="primary", id="save")
                yield Button(_("Set up the sensor again"), id="again")
                yield Button(_("Back"), id="leave")
            yield Static(_("Keys: choose one to change it"), classes="dose", markup=False)
            yield OptionList(id="keys", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """List the keys."""
        self._theme = self.app.theme
        self._list_keys()

    @staticmethod
    def _line(name: str, label: str, options: list[tuple[str, str]], value: str) -> Horizontal:
        return Horizontal(Label(label), Select(options, value=value, allow_blank=False, id=name), classes="line")

    def _list_keys(self) -> None:
        options = self.query_one("#keys", OptionList)
        at = options.highlighted
        options.clear_options()
        for action in ACTIONS:
            keys = " ".join(key_name(key) for key in keys_now(action, self.preferences.keys))
            changed = " · " + _("changed") if action in self.preferences.keys else ""
            options.add_option(Option(f"{action_words(action):<40} {keys}{changed}", id=action))
        options.highlighted = at

    def on_select_changed(self, event: Select.Changed) -> None:
        """Remember what was chosen."""
        name, value = str(event.select.id), str(event.value)
        read: dict[str, Callable[[str], Any]] = {"per_week": int, "speech": "yes".__eq__}
        change: dict[str, Any] = {name: read.get(name, str)(value)}
        if name == "theme" and value != self.preferences.theme:  # lists also tell what they begin with
            self.app.theme = value or DARK.name
        self.preferences = replace(self.preferences, **change)

    @work
    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask for the new key."""
        action = str(event.option_id)
        key = await self.app.push_screen_wait(KeyPrompt(action, self.preferences.keys))
        if key is None:
            return
        keys = {name: old for name, old in self.preferences.keys.items() if name != action}
        if key:
            keys[action] = key
        elif reason := next((why for usual in keys_now(action, keys) if (why := refusal(usual, action, keys))), ""):
            self.notify(reason, severity="warning", markup=False)
            return
        self.preferences = replace(self.preferences, keys=keys)
        self._list_keys()

    def action_save(self) -> None:
        """Keep the settings."""
        self.app.use_keys(self.preferences.keys)  # type: ignore[attr-defined]
        self.dismiss(self.preferences)

    def action_leave(self) -> None:
        """Leave everything as it was, the colours that were tried, too."""
        self.app.theme = self._theme
        self.dismiss(None)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The mouse does what the keys do."""
        match event.button.id:
            case "save":
                self.action_save()
            case "again":
                self.dismiss(replace(self.preferences, sensor="", sensor_name=""))
            case _:
                self.action_leave()
