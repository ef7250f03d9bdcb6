"""Choose, look at and change programmes. What is saved has been checked; what is wrong is said with its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.session_panels import dose_words
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.errors import InputError, KneeimuError
from kneeimu.exercises.programmes.plan import plan_session, sensor_moves, usual_duration_s
from kneeimu.exercises.programmes.programme import Programme, find_programmes, load_programme, parse_programme
from kneeimu.locations import config_dir
from kneeimu.sessions.atomic import write_private
from kneeimu.types import Side
from kneeimu.words import _, n_
from kneeimu.words.names import exercise_title, mount_words
from kneeimu.words.phrases import LEGS, phrase

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def own_folder() -> Path:
    """Folder of the person's own programmes."""
    return config_dir() / "programmes"


class NamePrompt(ModalScreen[str | None]):
    """Asks for the name of a new programme."""

    DEFAULT_CSS = """
    NamePrompt { align: center middle; }
    NamePrompt > Vertical {
        width: 60; max-width: 100%; height: auto; padding: 1 2; background: $panel; border: heavy $primary;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", _("Back"))]

    def __init__(self, suggested: str) -> None:
        super().__init__()
        self._suggested = suggested

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(_("Name of your programme: small letters, digits, hyphens"), markup=False)
            yield Input(value=self._suggested, restrict=r"[a-z0-9-]*", max_length=40)
            yield Static(_("Enter makes it, Esc goes back"), id="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the name when it is one."""
        if NAME.fullmatch(event.value):
            self.dismiss(event.value)
        else:
            self.query_one("#hint", Static).update("✕ " + _("It begins with a letter or a digit"))

    def action_leave(self) -> None:
        """No new programme."""
        self.dismiss(None)


class ProgrammesScreen(GuidedScreen[str | None]):
    """Gives the name of the programme to train, or None.

    Args:
        chosen: the present one. knee: the trained one.
    """

    CSS = (
        CARD_CSS
        + """
    #programme-list { width: 2fr; height: 1fr; border: round $primary 50%; }
    #programme-words { width: 3fr; padding: 1 2; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", _("Back"), id="programmes.back"),
        Binding("e", "edit", _("Edit"), id="programmes.edit"),
        Binding("c", "copy", _("Copy"), id="programmes.copy"),
    ]
    HELP = _("Enter trains the programme from now on. What came with the program is copied before it is changed.")

    def __init__(self, chosen: str, knee: Side) -> None:
        super().__init__()
        self._chosen, self._knee = chosen, knee
        self._paths: dict[str, Path] = {}

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield OptionList(id="programme-list", markup=False)
            with VerticalScroll(id="programme-words"):
                yield Static(id="programme-title", classes="title", markup=False)
                yield Static(id="programme-text")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """List them."""
        self._list(self._chosen)

    def _list(self, highlighted: str) -> None:
        self._paths = find_programmes(own_folder())
        options = self.query_one("#programme-list", OptionList)
        options.clear_options()
        for name, path in self._paths.items():
            try:
                programme = load_programme(path)
                words = ("● " if name == self._chosen else "○ ") + _(programme.title)
                words += "" if programme.shipped else " · " + _("yours")
            except KneeimuError:
                words = "■ " + name
            options.add_option(Option(words, id=name))
        names = list(self._paths)
        options.highlighted = names.index(highlighted) if highlighted in names else 0
        options.focus()

    @property
    def _at(self) -> str:
        options = self.query_one("#programme-list", OptionList)
        return list(self._paths)[options.highlighted or 0]

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what is in it."""
        title, text = self.query_one("#programme-title", Static), self.query_one("#programme-text", Static)
        try:
            programme = load_programme(self._paths[str(event.option_id)])
        except KneeimuError as error:
            title.update(str(event.option_id))
            text.update(Text(str(error), "bold"))
            return
        title.update(_(programme.title))
        text.update(programme_words(programme, self._knee))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Train it from now on, when it is good."""
        try:
            load_programme(self._paths[str(event.option_id)])
        except KneeimuError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.dismiss(event.option_id)

    @work
    async def action_copy(self) -> None:
        """Make a programme of one's own from the present one."""
        await self._copy()

    async def _copy(self) -> str | None:
        """Give the name of the copy; None when there is none."""
        source = self._at
        name = await self.app.push_screen_wait(NamePrompt(f"my-{source}"[:40]))
        if name is None:
            return None
        path = own_folder() / f"{name}.toml"
        try:
            if path.exists():
                raise InputError(
                    _("there is such a programme already"), where=str(path), advice=_("choose another name")
                )
            write_private(path, self._paths[source].read_text(encoding="utf-8"))
        except (KneeimuError, OSError) as error:
            self.notify(str(error), severity="error", markup=False)
            return None
        self._list(name)
        return name

    @work
    async def action_edit(self) -> None:
        """Change one's own programme; of a shipped one, a copy of one's own."""
        from kneeimu.dashboard.screens.programme_form import ProgrammeForm

        name: str | None = self._at
        if self._paths[self._at].parent != own_folder():
            name = await self._copy()
        if name is None:
            return
        editor: Screen[bool]
        try:
            editor = ProgrammeForm(self._paths[name], self._knee)
        except KneeimuError as error:
            self.notify(str(error), severity="warning", markup=False)
            editor = ProgrammeEditor(self._paths[name], self._knee)
        await self.app.push_screen_wait(editor)
        self._list(name)

    def action_leave(self) -> None:
        """Keep the present one."""
        self.dismiss(None)


class ProgrammeEditor(GuidedScreen[bool]):
    """The programme's text on the left, what it means on the right; checked while it is typed.

    Args:
        path: one of the person's own programmes. knee: the trained one.
        text: what to begin with, when it is not what the file holds.
    """

    CSS = (
        CARD_CSS
        + """
    #editor { width: 1fr; height: 1fr; border: round $primary 50%; }
    #meaning { width: 1fr; padding: 1 2; }
    #editor-fault { height: auto; max-height: 4; padding: 0 1; text-style: bold; color: $success; }
    #editor-fault.bad { color: $error; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", _("Save"), id="editor.save", priority=True),
        Binding("escape", "leave", _("Back"), id="editor.back", priority=True),
    ]
    HELP = _("Ctrl+S saves a programme that is good. What is wrong is said below, with its line.")

    def __init__(self, path: Path, knee: Side, *, text: str | None = None) -> None:
        super().__init__()
        self._path, self._knee = path, knee
        self._text = path.read_text(encoding="utf-8")
        self._begun = self._text if text is None else text
        self._leaving = False

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield TextArea(self._begun, show_line_numbers=True, id="editor", tab_behavior="indent")
            with VerticalScroll(id="meaning"):
                yield Static(id="meaning-words")
        yield Static(id="editor-fault", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Check it as it is."""
        self.query_one(TextArea).focus()
        self._check()

    def on_text_area_changed(self) -> None:
        """Check while typing."""
        self._check()

    def _check(self) -> Programme | None:
        fault = self.query_one("#editor-fault", Static)
        try:
            programme = parse_programme(self.query_one(TextArea).text, name=self._path.stem, source="")
        except InputError as error:
            fault.update(f"■ {_('line {n}').format(n=line_of(error))}: {fault_words(error)}")
            fault.add_class("bad")
            return None
        fault.update("● " + _("This programme is good"))
        fault.remove_class("bad")
        self.query_one("#meaning-words", Static).update(programme_words(programme, self._knee))
        return programme

    def action_save(self) -> None:
        """Keep it, when it is good."""
        if self._check() is None:
            self.notify(_("Not saved: mend what is said below first."), severity="warning")
            return
        self._text = self.query_one(TextArea).text
        try:
            write_private(self._path, self._text)
        except KneeimuError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.dismiss(True)

    def action_leave(self) -> None:
        """Leave; unsaved changes need a second Esc."""
        if self.query_one(TextArea).text != self._text and not self._leaving:
            self._leaving = True
            self.notify(_("Not saved yet. Ctrl+S saves, Esc again throws the changes away."), severity="warning")
            return
        self.dismiss(False)


def line_of(error: InputError) -> int:
    """Give the line, from 1, of a text that is no programme."""
    return int(error.where.rpartition(":")[2])


def fault_words(error: InputError) -> str:
    """Say what is wrong and what to do, without the place."""
    return str(InputError(error.what, advice=error.advice))


def facts_words(programme: Programme, knee: Side) -> str:
    """Say how much a programme asks for, in a line."""
    bouts = plan_session(programme, knee)
    facts = (
        n_("{n} set", "{n} sets", len(bouts)),
        n_("about {n} minute", "about {n} minutes", round(usual_duration_s(bouts) / 60)),
        n_("{n} time a week", "{n} times a week", programme.per_week),
        n_("the sensor moves once", "the sensor moves {n} times", sensor_moves(bouts)),
    )
    return " · ".join(facts)


def programme_words(programme: Programme, knee: Side) -> Text:
    """Say what a programme asks for."""
    bouts = plan_session(programme, knee)
    text = Text()
    text.append(_(programme.about) + "\n\n")
    text.append(facts_words(programme, knee) + "\n\n", "dim")
    for item in programme.items:
        first = next(bout for bout in bouts if bout.item is item)
        low, high = item.sets
        sets = str(low) if low == high else f"{low}–{high}"
        legs = phrase(LEGS, item.legs)
        text.append(f"{exercise_title(item.exercise)}\n", "bold")
        text.append(f"  {sets} × {dose_words(first)} · {legs} · {mount_words(item.mount)}\n")
        text.append(
            "  " + _("For: {muscles}").format(muscles=", ".join(_(one) for one in item.guide.muscles)) + "\n", "dim"
        )
    return text
