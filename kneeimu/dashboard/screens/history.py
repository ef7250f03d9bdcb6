"""What was done so far: a table of sessions, searchable, each with its summary."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import cache
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import DataTable, Footer, Input, Static

from kneeimu.coaching.progression import Advice
from kneeimu.coaching.review import habit_of
from kneeimu.dashboard.diary import Diary, Entry, advise_all, days_trained
from kneeimu.dashboard.preferences import load_preferences
from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.home_exercise import single_exercise
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.dashboard.screens.summary import SummaryScreen
from kneeimu.errors import KneeimuError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.exercises.programmes.programme import Programme, find_programmes, load_programme
from kneeimu.locations import config_dir
from kneeimu.types import Side
from kneeimu.words import _
from kneeimu.words.names import exercise_title

USUAL_PER_WEEK = 3


class HistoryScreen(GuidedScreen[None]):
    """Sessions, newest first. Enter shows one; ``/`` searches.

    Args:
        diary: where they are.
        per_week: wished sessions a week; 0 for the usual.
    """

    CSS = (
        CARD_CSS
        + """
    #history { height: 1fr; padding: 1 2; }
    #history-empty { height: auto; margin: 1 0; }
    #history-table { height: 1fr; background: transparent; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", _("Back"), id="history.back"),
        Binding("slash", "search", _("Search"), key_display="/", id="history.search"),
    ]
    HELP = _("Sessions of the programme, newest first. Enter shows what was done and what comes next.")

    def __init__(self, diary: Diary, per_week: int = 0) -> None:
        super().__init__()
        self._diary, self._per_week = diary, per_week or USUAL_PER_WEEK
        self._entries: list[Entry] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="history"):
            yield Static(_("History"), classes="title", markup=False)
            yield Input(placeholder=_("Search: exercise, programme, date"), id="history-search")
            yield Static(id="history-empty", markup=False)
            yield DataTable(id="history-table", cursor_type="row", zebra_stripes=True)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the diary."""
        table = self.query_one(DataTable)
        table.add_columns(_("Day"), _("Programme"), _("Minutes"), _("Sets"), _("Reps"), _("Clean"), _("Pain"))
        self._entries = self._diary.entries()
        _titles.cache_clear()
        self._fill("")
        table.focus()

    def _fill(self, wanted: str) -> None:
        table = self.query_one(DataTable)
        table.clear()
        for entry in reversed(self._entries):
            if all(word in _words(entry) for word in wanted.casefold().split()):
                table.add_row(*_row(entry), key=entry.session)
        empty = self.query_one("#history-empty", Static)
        empty.display = table.row_count == 0
        empty.update(
            _("Nothing fits.")
            if self._entries
            else _("Nothing here yet. Imports and what other commands recorded: `kneeimu history`.")
        )
        table.display = table.row_count > 0

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Go to the list."""
        self.query_one(DataTable).focus()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Show the summary of a session."""
        place = [one.session for one in self._entries].index(str(event.row_key.value))
        entry, earlier = self._entries[place], self._entries[:place]
        habit = habit_of(days_trained((*earlier, entry)), entry.day, self._per_week)
        self.app.push_screen(SummaryScreen(entry, earlier, _advice(entry, earlier), habit))

    def action_search(self) -> None:
        """Type to search."""
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)


def _advice(entry: Entry, earlier: Sequence[Entry]) -> dict[tuple[str, Side], Advice]:
    """Give what the rules said after a session; nothing where its programme is gone or can't be read."""
    try:
        programme = programme_of(entry.programme)
        knee = cast(Side, load_preferences().knee)
    except KneeimuError:
        return {}
    return advise_all(programme, knee, [*earlier, entry]) if programme is not None else {}


def programme_of(name: str) -> Programme | None:
    """Give the programme, or the single exercise, of that name; None when there is none any more.

    Raises:
        KneeimuError: its file can't be read.
    """
    if name in CATALOGUE:
        return single_exercise(name)
    path = find_programmes(config_dir() / "programmes").get(name)
    return None if path is None else load_programme(path)


def programme_title(name: str) -> str:
    """Give a programme's title for people; its name when it is gone or can't be read."""
    if name not in _titles():
        return name.replace("-", " ").capitalize()
    return _(_titles()[name])


@cache
def _titles() -> dict[str, str]:
    titles = {}
    for name, path in find_programmes(config_dir() / "programmes").items():
        with contextlib.suppress(KneeimuError):
            titles[name] = load_programme(path).title
    return titles


def _row(entry: Entry) -> tuple[str, ...]:
    detected = sum(one.detected for one in entry.exercises)
    clean = sum(one.clean for one in entry.exercises)
    scores = (entry.pain.before, entry.pain.during, entry.pain.after, entry.pain.next_morning)
    worst = max((score for score in scores if score is not None), default=None)
    return (
        entry.day.isoformat(),
        programme_title(entry.programme),
        str(round(entry.duration_s / 60)),
        str(entry.sets) if entry.planned in (None, entry.sets) else f"{entry.sets} / {entry.planned}",
        str(entry.reps or "–"),
        f"{round(100 * clean / detected)} %" if detected else "–",
        "–" if worst is None else str(worst),
    )


def _words(entry: Entry) -> str:
    names = " ".join(f"{one.exercise} {exercise_title(one.exercise)} {one.side}" for one in entry.exercises)
    return f"{entry.day.isoformat()} {entry.programme} {programme_title(entry.programme)} {names}".casefold()
