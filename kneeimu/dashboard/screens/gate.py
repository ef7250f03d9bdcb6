"""The gate before each session: any warning sign, and there is advice instead of exercise."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.reactive import reactive
from textual.widgets import Button, Footer, Static

from kneeimu.coaching.safety import QUESTIONS, GateResult, judge_gate
from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.words import _
from kneeimu.words.phrases import GATE_ADVICE, phrase
from kneeimu.words.phrases import QUESTIONS as WORDS


class Tick(Static, can_focus=True):
    """A line that can be ticked; its state is a shape and not a colour."""

    DEFAULT_CSS = """
    Tick { width: 100%; height: auto; padding: 0 1; }
    Tick:focus { background: $primary 25%; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "tick", _("Tick"), show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    value: reactive[bool] = reactive(False)

    def __init__(self, words: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._words = words

    def watch_value(self, value: bool) -> None:
        """Show it."""
        self.update(f"{'[x]' if value else '[ ]'} {self._words}")

    def action_tick(self) -> None:
        """Tick, or take the tick away."""
        self.value = not self.value

    def on_click(self) -> None:
        """The mouse ticks too."""
        self.action_tick()


class GateScreen(GuidedScreen[GateResult | None]):
    """Gives the result; None when it was left without an answer."""

    CSS = (
        CARD_CSS
        + """
    GateScreen { align: center middle; }
    #gate-box { width: 100%; max-width: 96; height: auto; max-height: 100%; padding: 1 2; }
    #gate-list { height: auto; margin: 0 0 1 0; }
    .-tall Tick, .-towering Tick { margin: 0 0 1 0; }
    #gate-buttons { height: auto; }
    #gate-buttons Button { margin: 0 1 0 0; }
    #gate-advice { height: auto; border: heavy $error; padding: 1 2; background: $panel; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "none", _("None of these"), id="gate.none"),
        Binding("y", "some", _("Yes, as ticked"), id="gate.some"),
        Binding("escape", "leave", _("Back"), id="gate.back"),
    ]
    HELP = _("Signs that a person should look at first. Any yes ends with advice and no exercise.")

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="gate-box"):
            with Vertical(id="gate-ask"):
                yield Static(_("Before you train: is any of this true today?"), classes="title", markup=False)
                with Vertical(id="gate-list"):
                    for question in QUESTIONS:
                        yield Tick(phrase(WORDS, question.code), id=f"gate-{question.code}")
                with Horizontal(id="gate-buttons"):
                    yield Button(_("None of these"), variant="primary", id="none")
                    yield Button(_("Yes, as ticked"), id="some")
            with Vertical(id="gate-advice"):
                yield Static(_("No training now"), classes="title", markup=False)
                yield Static(id="gate-words", classes="body", markup=False)
                yield Static(_("This program can't tell what it is. A person can."), classes="fine", markup=False)
                yield Button(_("Back"), id="leave")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """One key is enough when all is well."""
        self.query_one("#none", Button).focus()
        self.query_one("#gate-advice").display = False
        self._result: GateResult | None = None

    def action_none(self) -> None:
        """No sign at all."""
        if self._result is None and not self._ticked():
            self.dismiss(judge_gate({question.code: False for question in QUESTIONS}))
        elif self._result is None:
            self.action_some()

    def action_some(self) -> None:
        """At least one: advice, and no exercise."""
        ticked = self._ticked()
        if self._result is not None:
            return
        if not ticked:
            self.notify(_("Tick what is true, with Space or the mouse."))
            self.query(Tick).first().focus()
            return
        self._result = judge_gate({question.code: question.code in ticked for question in QUESTIONS})
        assert self._result.urgency is not None
        self.query_one("#gate-words", Static).update(phrase(GATE_ADVICE, self._result.urgency))
        self.query_one("#gate-ask").display = False
        self.query_one("#gate-advice").display = True
        self.query_one("#leave", Button).focus()

    def action_leave(self) -> None:
        """Back to where one came from."""
        self.dismiss(self._result)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The mouse does what the keys do."""
        {"none": self.action_none, "some": self.action_some, "leave": self.action_leave}[event.button.id or ""]()

    def _ticked(self) -> set[str]:
        return {question.code for question in QUESTIONS if self.query_one(f"#gate-{question.code}", Tick).value}
