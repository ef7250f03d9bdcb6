"""Asks how much the knee hurts, 0 to 10, and says what follows."""

from __future__ import annotations

from typing import ClassVar

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Footer, Static

from kneeimu.coaching.pain import PainAdvice, When, advise_pain
from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.session_panels import scale_class, scale_legend
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.words import _
from kneeimu.words.phrases import PAIN_ADVICE, PAIN_QUESTIONS, phrase


class SettledPrompt(ModalScreen[bool | None]):
    """Asks whether the pain took longer than an hour to settle: that would have been too much."""

    DEFAULT_CSS = """
    SettledPrompt { align: center middle; }
    SettledPrompt > Vertical {
        width: 64; max-width: 100%; height: auto; padding: 1 2; background: $panel; border: heavy $primary;
    }
    SettledPrompt Horizontal { height: auto; margin: 1 0 0 0; }
    SettledPrompt Button { margin: 0 1 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
        Binding("escape", "answer(None)", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(_("Did it take longer than an hour after training to settle?"), markup=False)
            with Horizontal():
                yield Button(_("No (n)"), id="no", variant="primary")
                yield Button(_("Yes (y)"), id="yes")

    def action_answer(self, longer: bool | None) -> None:
        """Take the answer."""
        self.dismiss(longer)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by mouse."""
        self.dismiss(event.button.id == "yes")


MARKS = {"green": "●", "amber": "▲", "red": "■"}


class PainScreen(GuidedScreen[int | None]):
    """Gives the score; None when it was left out. The advice is shown before it closes.

    Args:
        when: before the session, after it, or the next morning.
    """

    CSS = (
        CARD_CSS
        + """
    PainScreen { align: center middle; }
    #pain-box { width: 100%; max-width: 84; height: auto; padding: 1 2; border: round $primary 60%; }
    .-slim #pain-box { padding: 0 1; }
    #scores { height: auto; margin: 1 0; }
    #scores Button { min-width: 5; width: 1fr; margin: 0 1 0 0; }
    .-slim #scores { layout: grid; grid-size: 6 2; grid-gutter: 0 1; height: 6; }
    .-slim #scores Button { min-width: 4; width: 100%; margin: 0; }
    #scores .green { background: $success 60%; color: $background; }
    #scores .amber { background: $warning; color: $background; }
    #scores .red { background: $error; color: $background; }
    #ends { height: 1; }
    #ends .left { width: auto; }
    #ends .right { width: 1fr; text-align: right; }
    #pain-advice { height: auto; text-style: bold; margin: 1 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        # all before the button that has the focus, so that a key that follows at once comes after them
        *(Binding(str(level), f"answer({level})", show=False, priority=True) for level in range(10)),
        Binding("x", "answer(10)", show=False, priority=True),
        Binding("enter", "go_on", show=False, priority=True),
        Binding("escape", "leave", _("Close"), id="pain.skip"),
    ]
    HELP = _("0 to 2 is green, 3 to 5 amber, above 5 red. Without an answer nothing is ever added.")

    def __init__(self, when: When) -> None:
        super().__init__()
        self._when: When = when
        self._score: int | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="pain-box"):
            yield Static(phrase(PAIN_QUESTIONS, self._when), classes="title", markup=False)
            with Horizontal(id="ends"):
                yield Static(_("0 not at all"), classes="left fine", markup=False)
                yield Static(_("10 the worst there is"), classes="right fine", markup=False)
            with Horizontal(id="scores"):
                for level in range(11):
                    yield Button(str(level), id=f"score-{level}", classes=scale_class(level))
            yield Static(scale_legend(), id="pain-legend")
            yield Static(_("Keys 0 to 9, x for 10"), id="pain-keys", classes="fine", markup=False)
            yield Static(id="pain-advice", markup=False)
            yield Button(_("Go on"), id="pain-next", variant="primary")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Ask first, advise later."""
        self._show_parts(answered=False)

    def _show_parts(self, *, answered: bool) -> None:
        for name in ("scores", "ends", "pain-legend", "pain-keys"):
            self.query_one(f"#{name}").display = not answered
        for name in ("pain-advice", "pain-next"):
            self.query_one(f"#{name}").display = answered

    def action_answer(self, score: int) -> None:
        """Take the score; the first answer counts."""
        if self._score is not None:
            return
        self._score = score
        advice = advise_pain(self._when, score)
        if advice.light == "green" and self._when == "before":
            self.dismiss(score)
            return
        self._show(advice)

    def action_go_on(self) -> None:
        """Close once there is an answer: the key may come before its button has the focus."""
        if self._score is None:
            raise SkipAction
        self.dismiss(self._score)

    def action_leave(self) -> None:
        """Close; with the score when there is one."""
        self.dismiss(self._score)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by mouse, or go on."""
        name = event.button.id or ""
        if name.startswith("score-"):
            self.action_answer(int(name.removeprefix("score-")))
        else:
            self.dismiss(self._score)

    def _show(self, advice: PainAdvice) -> None:
        self._show_parts(answered=True)
        words = f"{MARKS[advice.light]} {self._score}/10 · {phrase(PAIN_ADVICE, advice.code)}"
        self.query_one("#pain-advice", Static).update(words)
        self.query_one("#pain-next", Button).focus()
