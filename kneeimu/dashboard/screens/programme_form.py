"""Change a programme without knowing its file: exercises on the left, the values of one on the right."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Footer, Input, Label, OptionList, Select, Static
from textual.widgets.option_list import Option

from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.home_exercise import ExerciseScreen
from kneeimu.dashboard.screens.programme_editor import ProgrammeEditor, facts_words, fault_words, line_of
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.errors import InputError, KneeimuError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.exercises.programmes.draft import TEMPO, Draft
from kneeimu.exercises.programmes.programme import BANDS as BAND_CODES
from kneeimu.exercises.programmes.programme import LEGS as LEG_CODES
from kneeimu.exercises.programmes.programme import ORDERS
from kneeimu.sessions.atomic import write_private
from kneeimu.types import Side
from kneeimu.words import _, mark
from kneeimu.words.names import exercise_title
from kneeimu.words.phrases import BANDS, LEGS, phrase

OF_PROGRAMME = ("title", "per_week", "order")
OF_EXERCISE = ("sets", "reps", "seconds", "legs", "out", "hold", "back", "rest_s", "band")
NAMES = {
    "title": (mark("Title"), ""),
    "per_week": (mark("Days a week"), mark("1 to 14")),
    "order": (mark("Order"), ""),
    "sets": (mark("Sets"), mark("such as 3, or 2-3: one more when it gets easy")),
    "reps": (mark("Reps"), mark("such as 8-12; steps each way for walks")),
    "seconds": (mark("Seconds"), mark("how long, 5 to 600")),
    "legs": (mark("Leg"), ""),
    "out": (mark("Tempo out"), mark("seconds")),
    "hold": (mark("Hold"), mark("seconds")),
    "back": (mark("Tempo back"), mark("seconds")),
    "rest_s": (mark("Rest"), mark("seconds after each set")),
    "band": (mark("Band"), ""),
}
ORDER_NAMES = {"leg": mark("one leg after the other"), "exercise": mark("one exercise after the other")}


def choices(key: str) -> list[tuple[str, str]]:
    """Give what a list offers: (words, value)."""
    if key == "band":
        return [(phrase(BANDS, code), code) for code in BAND_CODES]
    if key == "legs":
        return [(phrase(LEGS, code), code) for code in LEG_CODES]
    return [(phrase(ORDER_NAMES, code), code) for code in ORDERS]


class ProgrammeForm(GuidedScreen[bool]):
    """Gives True when something was saved.

    Args:
        path: one of the person's own programmes. knee: the trained one.
    """

    CSS = (
        CARD_CSS
        + """
    #form-list { width: 3fr; max-width: 44; height: 1fr; border: round $primary 50%; }
    #form-list { text-wrap: nowrap; text-overflow: ellipsis; }
    #form-fields { width: 4fr; height: 1fr; padding: 0 2; }
    #form-title { margin: 0; }
    .field { height: 1; }
    .field Label { width: 14; }
    .field Input { width: 12; }
    .field #field-title { width: 1fr; }
    .-narrow .field .fine, .-slim .field .fine { display: none; }
    #form-foot { height: auto; }
    .field Select { width: 1fr; max-width: 32; }
    .field .fine { width: 1fr; padding: 0 0 0 2; }
    #form-buttons { height: auto; margin: 1 0 0 0; }
    #form-buttons Button { margin: 0 1 0 0; min-width: 5; }
    #form-facts { height: 1; padding: 0 1; color: $foreground 80%; }
    #form-fault { height: auto; max-height: 3; padding: 0 1; text-style: bold; color: $success; }
    #form-fault.bad { color: $error; }
    .-tall .field, .-towering .field { height: 2; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", _("Save"), id="form.save", priority=True),
        Binding("a", "add", _("Add"), id="form.add"),
        Binding("d,delete", "remove", _("Remove"), key_display="d", id="form.remove"),
        Binding("shift+up,k", "move(-1)", _("Up"), key_display="k", id="form.up", show=False),
        Binding("shift+down,j", "move(1)", _("Down"), key_display="j", id="form.down", show=False),
        Binding("ctrl+t", "as_text", _("As text"), id="form.as-text", priority=True),
        Binding("escape", "leave", _("Back"), id="form.back", priority=True),
    ]
    HELP = _("Choose an exercise, Tab goes to its values. What is wrong is said below.")

    def __init__(self, path: Path, knee: Side) -> None:
        super().__init__()
        self._path, self._knee = path, knee
        self._kept = path.read_text(encoding="utf-8")
        self.draft = Draft(self._kept)
        self._at: int | None = None
        self._leaving = self._saved = False

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield OptionList(id="form-list", markup=False)
            with VerticalScroll(id="form-fields", can_focus=False):
                yield Static(id="form-title", classes="title", markup=False)
                for key in (*OF_PROGRAMME, *OF_EXERCISE):
                    yield self._field(key)
                with Horizontal(id="form-buttons"):
                    yield Button(_("Save"), variant="primary", id="save", compact=True)
                    yield Button(_("Add"), id="add", compact=True)
                    yield Button(_("Remove"), id="remove", compact=True)
                    yield Button("▲", id="up", compact=True)
                    yield Button("▼", id="down", compact=True)
        with Vertical(id="form-foot"):
            yield Static(id="form-facts", markup=False)
            yield Static(id="form-fault", markup=False)
        yield Footer(show_command_palette=False)

    def _field(self, key: str) -> Horizontal:
        name, hint = NAMES[key]
        words = Label(_(name))
        if key in ("band", "legs", "order"):
            value: Input | Select[str] = Select(choices(key), allow_blank=False, id=f"field-{key}", compact=True)
        else:
            value = Input(id=f"field-{key}", compact=True, max_length=60)
        parts = (words, value, Static(_(hint) if hint else "", classes="fine", markup=False))
        return Horizontal(*parts, classes="field", id=f"row-{key}")

    def on_mount(self) -> None:
        """Begin with the first exercise."""
        self._list(1)
        self.query_one(OptionList).focus()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _list(self, highlighted: int) -> None:
        options = self.query_one("#form-list", OptionList)
        with self.prevent(OptionList.OptionHighlighted):
            options.clear_options()
            options.add_option(Option("▤ " + self.draft.value(None, "title")))
            for number, name in enumerate(self.draft.exercises, 1):
                words = f"{number:>2} {exercise_title(name)}"
                options.add_option(Option(words))
            options.highlighted = min(highlighted, len(self.draft.exercises))
        self._fill()

    def _fill(self) -> None:
        """Show the values of what is highlighted."""
        at = self.query_one("#form-list", OptionList).highlighted or 0
        self._at = at - 1 if at else None
        name = self.draft.exercises[at - 1] if at else ""
        self.query_one("#form-title", Static).update(exercise_title(name) if name else _("The programme"))
        for key in (*OF_PROGRAMME, *OF_EXERCISE):
            self.query_one(f"#row-{key}").display = self._fits(key, name)
            if self._fits(key, name):
                self._show_value(key)
        self._check()

    def _fits(self, key: str, name: str) -> bool:
        if not name:
            return key in OF_PROGRAMME
        timed = CATALOGUE[name].kind == "timed"
        return key in OF_EXERCISE and key not in (("reps", *TEMPO) if timed else ("seconds",))

    def _show_value(self, key: str) -> None:
        widget = self.query_one(f"#field-{key}")
        words = self.draft.value(self._at, key)
        if isinstance(widget, Select):
            known = [value for _words, value in choices(key)]
            with self.prevent(Select.Changed):
                widget.value = words if words in known else known[0]
        elif isinstance(widget, Input):
            with self.prevent(Input.Changed):
                widget.value = words

    def _check(self) -> bool:
        fault, facts = self.query_one("#form-fault", Static), self.query_one("#form-facts", Static)
        try:
            programme = self.draft.check(self._path.stem, "")
        except InputError as error:
            at = self.draft.exercise_at(line_of(error))
            where = _("The programme") if at is None else exercise_title(self.draft.exercises[at])
            fault.update(f"■ {where}: {fault_words(error)}")
            fault.add_class("bad")
            return False
        facts.update(facts_words(programme, self._knee))
        changed = self.draft.text != self._kept
        fault.update("● " + (_("Good, and not saved yet: Ctrl+S") if changed else _("This programme is good")))
        fault.remove_class("bad")
        return True

    # --- changes -----------------------------------------------------------------------------------------------------

    def on_option_list_option_highlighted(self) -> None:
        """Another exercise."""
        self._fill()

    def on_option_list_option_selected(self) -> None:
        """Enter goes to the values."""
        self.focus_next()

    def on_input_changed(self, event: Input.Changed) -> None:
        """A value was typed."""
        self._change((event.input.id or "").removeprefix("field-"), event.value)

    def on_select_changed(self, event: Select.Changed) -> None:
        """A value was chosen; lists also tell what they begin with."""
        if event.value == event.select.value and event.select.has_focus_within:
            self._change((event.select.id or "").removeprefix("field-"), str(event.value))

    def _change(self, key: str, words: str) -> None:
        if words != self.draft.value(self._at, key):
            self.draft.change(self._at, key, words)
            self._leaving = False
            self._check()

    @work
    async def action_add(self) -> None:
        """Choose an exercise, and put it behind the present one."""
        name = await self.app.push_screen_wait(ExerciseScreen())
        if name is not None:
            place = self.draft.add(name, len(self.draft.exercises) - 1 if self._at is None else self._at)
            self._list(place + 1)

    def action_remove(self) -> None:
        """Take the present exercise out."""
        if self._at is None or len(self.draft.exercises) == 1:
            self.notify(_("A programme keeps at least one exercise."))
            return
        self.draft.remove(self._at)
        self._list(self._at + 1)

    def action_move(self, by: int) -> None:
        """Do the present exercise earlier or later."""
        if self._at is not None:
            self._list(self.draft.move(self._at, by) + 1)

    @work
    async def action_as_text(self) -> None:
        """Change the whole file, as it is written."""
        if await self.app.push_screen_wait(ProgrammeEditor(self._path, self._knee, text=self.draft.text)):
            self._kept = self._path.read_text(encoding="utf-8")
            self._saved = True
            try:
                self.draft = Draft(self._kept)
            except InputError:
                self.dismiss(True)
                return
            self._list(1)

    def action_save(self) -> None:
        """Keep it, when it is good."""
        if not self._check():
            self.notify(_("Not saved: mend what is said below first."), severity="warning")
            return
        try:
            write_private(self._path, self.draft.text)
        except KneeimuError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.dismiss(True)

    def action_leave(self) -> None:
        """Leave; unsaved changes need a second Esc."""
        if self.draft.text != self._kept and not self._leaving:
            self._leaving = True
            self.notify(_("Not saved yet. Ctrl+S saves, Esc again throws the changes away."), severity="warning")
            return
        self.dismiss(self._saved)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The mouse does what the keys do."""
        match event.button.id:
            case "save":
                self.action_save()
            case "add":
                self.action_add()
            case "remove":
                self.action_remove()
            case "up" | "down":
                self.action_move(-1 if event.button.id == "up" else 1)
