"""The app: themes, keys that work everywhere, and what has to be closed at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import ModalScreen, Screen

from kneeimu.dashboard.preferences import Preferences, load_preferences
from kneeimu.dashboard.themes import DARK, LIGHT, THEMES
from kneeimu.errors import InputError
from kneeimu.stopping import leave_on_signals
from kneeimu.words import _

if TYPE_CHECKING:
    from kneeimu.dashboard.coach_line import CoachLine

FirstScreen = Callable[[], Screen[Any]]


@runtime_checkable
class Unfinished(Protocol):
    """A screen that something is lost with when the app is left by mistake."""

    def may_quit(self) -> bool:
        """Tell whether the app may be left, or ask the person."""


class KneeimuApp(App[None]):
    """The trainer in a terminal.

    Args:
        first: makes the first screen.
        preferences: theme and keys; the defaults when left out.

    Attributes:
        resources: what is closed when the app ends, newest first: links, the simulated sensor, recordings.
        coach: where sessions are published and a coach is heard; None without MQTT.
        keys: those the person has chosen, by the id of the action.
    """

    TITLE = "kneeimu"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (Textual types it as an instance's)
        (0, "-slim"),
        (70, "-narrow"),
        (100, "-wide"),
        (160, "-huge"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-short"),
        (32, "-tall"),
        (50, "-towering"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", _("Help"), key_display="?", id="help"),
        Binding("t", "toggle_theme", _("Theme"), id="theme"),
        Binding("y", "answer_coach(True)", _("Yes"), id="coach.yes"),
        Binding("n", "answer_coach(False)", _("No"), id="coach.no"),
        Binding("q,ctrl+q", "quit", _("Quit"), key_display="q", id="quit", priority=False),
    ]

    def __init__(
        self, first: FirstScreen, *, theme: str = DARK.name, preferences: Preferences | None = None
    ) -> None:  # fmt: skip
        super().__init__()
        self.resources = AsyncExitStack()
        self.coach: CoachLine | None = None
        self._first = first
        self._preferences = preferences or Preferences()
        self.keys: dict[str, str] = {}
        for one in THEMES:
            self.register_theme(one)
        self.theme = self._preferences.theme or theme

    def on_mount(self) -> None:
        """Show the first screen."""
        self.resources.callback(leave_on_signals(self.exit))
        self.use_keys(self._preferences.keys)
        self.push_screen(self._first())

    def use_keys(self, chosen: Mapping[str, str]) -> None:
        """Use the keys the person has chosen; say which of them can't be."""
        if not chosen and not self.keys:
            return
        from kneeimu.dashboard.keys import sort_out  # knows all screens

        self.keys, refused = sort_out(chosen)
        self.set_keymap(self.keys)
        for reason in refused:
            self.notify(reason, severity="warning", markup=False)

    async def on_unmount(self) -> None:
        """Close what is still open."""
        await self.resources.aclose()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the command palette offers: what the screen can do, and the app's own."""
        of_screen = getattr(screen, "screen_commands", None)
        if of_screen is not None:
            yield from of_screen()
        yield SystemCommand(_("Theme"), _("Dark or light colours"), self.action_toggle_theme)
        yield SystemCommand(_("Help"), _("The keys of this screen"), self.action_help)
        yield SystemCommand(_("Picture"), _("Save what is on the screen as SVG"), self.action_screenshot)
        yield SystemCommand(_("Quit"), _("Leave the app"), self.exit)

    def action_command_palette(self) -> None:
        """Search for what can be done."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(id="--command-palette", placeholder=_("Search for what can be done")))

    async def action_quit(self) -> None:
        """Leave the app, unless a screen wants to be sure first."""
        if all(screen.may_quit() for screen in self.screen_stack if isinstance(screen, Unfinished)):
            self.exit()

    def action_help_quit(self) -> None:
        """Tell who presses Ctrl+C, which leaves other programs, what leaves this one."""
        from kneeimu.dashboard.keys import chosen_key  # knows all screens

        self.notify(_("{key} leaves the app").format(key=chosen_key(self, "quit", "q")), markup=False)

    def action_toggle_theme(self) -> None:
        """Dark or light."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Answers are offered only to questions."""
        if action == "answer_coach":
            return self.coach is not None and self.coach.asked
        return super().check_action(action, parameters)

    def action_answer_coach(self, yes: bool) -> None:
        """Accept the target a coach has sent, or decline it."""
        if self.coach is not None:
            self.coach.answer(yes)

    def action_help(self) -> None:
        """Show the keys and what they do."""
        from kneeimu.dashboard.screens.help import HelpScreen, keys_of

        if not isinstance(self.screen, ModalScreen):
            self.push_screen(HelpScreen(_(self.screen.HELP or ""), keys_of(self.screen)))


def run_app(first: FirstScreen) -> None:
    """Run the app, as the person has set it up, until it is left.

    Raises:
        InputError: the settings can't be read, or there is no terminal.
        SystemExit: the app failed; its status tells so, what happened is on the terminal.
    """
    in_browser = "TEXTUAL_DRIVER" in os.environ
    if not in_browser and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            _("the dashboard needs a terminal"), advice=_("run it in one, or use 'kneeimu analyze' in scripts")
        )
    app = KneeimuApp(first, preferences=load_preferences())
    app.run()
    if app.return_code:
        sys.exit(app.return_code)


def run_home() -> None:
    """Run the app from its home screen."""
    from kneeimu.dashboard.screens.home import HomeScreen  # type: ignore[import-not-found,unused-ignore]

    run_app(HomeScreen)
