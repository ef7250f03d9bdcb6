"""After the session: each exercise, what went well first, one thing to work on, the trend, and what comes next time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Button, Footer, Static

from kneeimu.coaching.pain import light_of
from kneeimu.coaching.progression import Advice
from kneeimu.coaching.review import ExerciseReview, Habit
from kneeimu.dashboard.diary import Entry
from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.session_style import CARD_CSS
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.types import Side
from kneeimu.words import _, decimal, n_
from kneeimu.words.names import exercise_title
from kneeimu.words.phrases import ADVICE, BANDS, PRAISE, REASONS, WORK_ON, phrase

BARS = "▁▂▃▄▅▆▇█"


class SummaryScreen(GuidedScreen[None]):
    """Shows an entry of the diary.

    Args:
        entry: the session. earlier: the sessions before it, oldest first.
        advice: what the rules say for the next time, by exercise and leg.
        habit: how regular the training is.
    """

    CSS = (
        CARD_CSS
        + """
    SummaryScreen { align: center top; }
    SummaryScreen.-tall, SummaryScreen.-towering { align: center middle; }
    .-tall #summary, .-towering #summary { height: auto; max-height: 100%; }
    #summary { width: 100%; max-width: 110; padding: 1 2; }
    #summary-headline { text-style: bold; color: $accent; height: auto; }
    #summary-facts { height: auto; margin: 0 0 1 0; color: $foreground 80%; }
    .exercise { height: auto; padding: 0 2; margin: 0 0 1 0; border-left: thick $primary; }
    .exercise Static { height: auto; }
    #habit { height: auto; margin: 0 0 1 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape", "leave", _("Home"), id="summary.home"),
        Binding("v", "replay", _("Watch it"), id="summary.replay"),
    ]
    HELP = _("What went well comes first. Watch it plays the recording, rep by rep.")

    def __init__(
        self, entry: Entry, earlier: Sequence[Entry], advice: dict[tuple[str, Side], Advice], habit: Habit
    ) -> None:
        super().__init__()
        self._entry, self._earlier, self._advice, self._habit = entry, earlier, advice, habit

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="summary"):
            yield Static(self._headline(), id="summary-headline", markup=False)
            yield Static(self._facts(), id="summary-facts", markup=False)
            for one in self._entry.exercises:
                with Vertical(classes="exercise"):
                    yield Static(self._exercise(one))
            yield Static(habit_words(self._habit), id="habit")
            yield Button(_("Home"), variant="primary", id="summary-home")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Enter goes home."""
        self.query_one("#summary-home", Button).focus()

    def action_leave(self) -> None:
        """Back to the home screen."""
        self.dismiss(None)

    @work
    async def action_replay(self) -> None:
        """Look at the recording."""
        from kneeimu.dashboard.screens.session_replay import show_recording

        await show_recording(self.app, [Path(path) for path in self._entry.recordings])

    def on_button_pressed(self) -> None:
        """Back to the home screen."""
        self.dismiss(None)

    def _headline(self) -> str:
        if self._entry.pain.during is not None and light_of(self._entry.pain.during) == "red":
            return "■ " + _("You stopped because of pain: that was right.")
        if not self._entry.exercises:
            return _("Nothing was done this time. That is fine.")
        return "★ " + _("Well done.") + " " + phrase(PRAISE, _best_praise(self._entry.exercises))

    def _facts(self) -> str:
        entry = self._entry
        if not entry.exercises and entry.pain.during is None:
            return ""
        parts = [
            minutes_words(entry.duration_s),
            n_("{n} set", "{n} sets", entry.sets)
            if entry.planned in (None, entry.sets)
            else n_("{done} of {n} set", "{done} of {n} sets", entry.planned, done=entry.sets),
        ]
        if entry.reps:
            parts.append(n_("{n} rep", "{n} reps", entry.reps))
        pain = entry.pain
        if pain.before is not None or pain.after is not None:
            parts.append(_("pain {a} → {b}").format(a=_known(pain.before), b=_known(pain.after)))
        if pain.during is not None and pain.during > max(pain.before or 0, pain.after or 0):
            parts.append(_("at worst {n}").format(n=pain.during))
        return " · ".join(parts)

    def _exercise(self, one: ExerciseReview) -> Text:
        text = Text()
        leg = _("right leg") if one.side == "right" else _("left leg")
        text.append(f"{exercise_title(one.exercise)} · {leg}\n", "bold")
        text.append(f"{_numbers(one)}\n")
        trend = trend_words(one, self._earlier)
        if trend:
            text.append(f"{trend}\n", "dim")
        text.append("★ " + phrase(PRAISE, one.praise), "bold")
        if one.work_on:
            text.append("   ▸ " + _("Work on: {what}").format(what=phrase(WORK_ON, one.work_on)))
        advice = self._advice.get((one.exercise, one.side))
        if advice is not None:
            text.append("\n" + advice_words(advice), "dim")
        return text


def minutes_words(duration_s: float) -> str:
    """Say how long it took."""
    minutes = round(duration_s / 60)
    return n_("{n} minute", "{n} minutes", minutes) if minutes else _("less than a minute")


def advice_words(advice: Advice) -> str:
    """Say what to do next time, and why."""
    what = phrase(ADVICE, advice.kind, band=phrase(BANDS, advice.dose.band))
    reasons = ", ".join(phrase(REASONS, reason) for reason in advice.reasons[:2])
    return f"{what} ({reasons})" if reasons else what


def habit_words(habit: Habit) -> Text:
    """Draw this week and the last eight; no reproach."""
    text = Text()
    shown = max(habit.per_week, habit.this_week)
    text.append(_("This week") + "  ", "bold")
    text.append("● " * habit.this_week, "bold").append("○ " * (shown - habit.this_week), "dim")
    text.append("  " + n_("{done} of {n} day", "{done} of {n} days", habit.per_week, done=habit.this_week))
    if any(habit.recent[:-1]):
        most = max(*habit.recent, habit.per_week)
        bars = " ".join(BARS[min(7, round(7 * days / most))] * 2 if days else "··" for days in habit.recent)
        text.append("\n\n" + _("Eight weeks") + "\n", "bold").append(bars)
    if habit.weeks_running > 1:
        text.append("\n" + n_("{n} full week in a row", "{n} full weeks in a row", habit.weeks_running))
    return text


def trend_words(one: ExerciseReview, earlier: Sequence[Entry]) -> str:
    """Compare reps and range with the last sessions of the same exercise and leg; empty for the first."""
    before = [
        past for entry in earlier for past in entry.exercises if (past.exercise, past.side) == (one.exercise, one.side)
    ][-7:]
    if not before:
        return ""
    counts = [past.count for past in (*before, one)]
    most = max(counts) or 1
    bars = "".join(BARS[min(7, int(7 * count / most))] for count in counts)
    parts = [_("reps {bars} {was} → {now}").format(bars=bars, was=before[-1].count, now=one.count)]
    if one.range_deg is not None and before[-1].range_deg is not None:
        was, now = decimal(before[-1].range_deg, 0), decimal(one.range_deg, 0)
        parts.append(_("range {was}° → {now}°").format(was=was, now=now))
    return " · ".join(parts)


def _numbers(one: ExerciseReview) -> str:
    of_plan = [n_("{done} of {n} set", "{done} of {n} sets", one.planned, done=one.done)] if one.planned else []
    left_out = of_plan if one.done != one.planned else []
    if one.held_s and not one.sets:
        words = _("massage {n} s") if find_exercise(one.exercise).restless else _("held {n} s")
        return " · ".join([words.format(n=decimal(one.held_s, 0)), *left_out])
    if not one.done:
        return " · ".join(left_out)
    parts = [n_("{n} rep", "{n} reps", sum(one.sets), n=" + ".join(map(str, one.sets))), *left_out]
    parts.append(_("{n} clean").format(n=one.clean))
    if one.count != one.detected:
        parts.append(_("{n} detected").format(n=one.detected))
    if one.range_deg is not None:
        parts.append(_("range {n}°").format(n=decimal(one.range_deg, 0)))
    if one.in_time is not None:
        parts.append(_("{n} % in time").format(n=round(100 * one.in_time)))
    if one.drift_deg is not None:
        drift = round(one.drift_deg)
        parts.append(_("knee {n}° against your reference").format(n=f"{drift:+d}" if drift else "0"))
    return " · ".join(parts)


def _best_praise(exercises: Sequence[ExerciseReview]) -> str:
    order = ("all-clean", "target", "tempo", "range", "still", "done", "stopped")
    return min((one.praise for one in exercises), key=lambda code: order.index(code) if code in order else 9)


def _known(score: int | None) -> str:
    return "–" if score is None else str(score)
