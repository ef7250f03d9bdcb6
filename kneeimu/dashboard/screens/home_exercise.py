"""Choose one exercise, to train it outside of the programme."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.exercises.programmes.guide import find_guide
from kneeimu.exercises.programmes.programme import Programme, parse_programme
from kneeimu.words import _
from kneeimu.words.names import exercise_title


def single_exercise(name: str) -> Programme:
    """Make a programme of one exercise, as it is usually prescribed."""
    text = f'format = 1\ntitle = "{find_guide(name).title}"\n[[exercises]]\nexercise = "{name}"\n'
    return parse_programme(text, name=name)


class ExerciseScreen(GuidedScreen[str | None]):
    """Gives the exercise's name."""

    CSS = (
        CARD_CSS
        + """
    #exercise-list { width: 2fr; height: 1fr; border: round $primary 50%; }
    #exercise-words { width: 3fr; padding: 1 2; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", _("Back"), id="exercise.back")]
    HELP = _("Enter trains the exercise; the sets are the usual ones.")

    def compose(self) -> ComposeResult:
        with Horizontal():
            names = sorted(CATALOGUE, key=exercise_title)
            yield OptionList(*(Option(exercise_title(name), id=name) for name in names), id="exercise-list")
            with VerticalScroll(id="exercise-words"):
                yield Static(id="exercise-title", classes="title", markup=False)
                yield Static(id="exercise-art", classes="art", markup=False)
                yield Static(id="exercise-how", classes="body", markup=False)
                yield Static(id="exercise-tip", classes="tip", markup=False)
        yield Footer(show_command_palette=False)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show how it is done."""
        guide = find_guide(event.option_id or "squat")
        self.query_one("#exercise-title", Static).update(_(guide.title))
        self.query_one("#exercise-art", Static).update(guide.drawing + "\n")
        self.query_one("#exercise-how", Static).update(_(guide.how_to))
        self.query_one("#exercise-tip", Static).update("★ " + _(guide.tip))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take it."""
        self.dismiss(event.option_id)

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)
