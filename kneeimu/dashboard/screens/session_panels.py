"""What a session shows in each of its phases. Each panel takes a ``View`` and draws it."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from kneeimu.coaching.stage import View
from kneeimu.dashboard.keys import chosen_key
from kneeimu.dashboard.screens.session_style import say
from kneeimu.dashboard.screens.strap_drawing import strap_drawing, strap_words
from kneeimu.dashboard.widgets.big_count import BigCount
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.exercises.programmes.plan import Bout
from kneeimu.words import _, decimal, n_
from kneeimu.words.names import exercise_title
from kneeimu.words.phrases import BANDS, PAIN_QUESTIONS, PRAISE, WAYS, phrase


def side_word(bout: Bout) -> str:
    """Name the leg of a bout."""
    return _("right leg") if bout.side == "right" else _("left leg")


def dose_words(bout: Bout) -> str:
    """Say how much: reps or seconds, way and band."""
    item = bout.item
    if item.seconds is not None:
        count, written = 1 if item.seconds == 1 else 2, f"{item.seconds:g}"
        parts = [
            n_("{n} second, the leg at ease", "{n} seconds, the leg at ease", count, n=written)
            if item.exercise == "massage"
            else n_("{n} second, held still", "{n} seconds, held still", count, n=written)
        ]
    else:
        low, high = bout.reps
        span = str(low) if low == high else f"{low}–{high}"
        steps = find_exercise(item.exercise).kind == "steps"
        parts = [n_("{n} step", "{n} steps", high, n=span) if steps else n_("{n} rep", "{n} reps", high, n=span)]
    if bout.way:
        parts.append(phrase(WAYS, bout.way))
    if item.hold_s and item.seconds is None:
        parts.append(_("hold {n} s").format(n=decimal(item.hold_s, 0 if item.hold_s == int(item.hold_s) else 1)))
    if bout.band != "none":
        parts.append(_("band: {band}").format(band=phrase(BANDS, bout.band)))
    return " · ".join(parts)


def bout_title(bout: Bout) -> str:
    """Name exercise and leg."""
    return f"{exercise_title(bout.item.exercise)} · {side_word(bout)}"


def set_words(bout: Bout) -> str:
    """Say which set it is."""
    return _("set {n} of {all}").format(n=bout.set_number, all=bout.set_count)


class MovePanel(Vertical):
    """The sensor has to be put on, or elsewhere."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="middle"), Horizontal(classes="card"):
            yield Static(id="move-art", classes="art")
            with Vertical(classes="words"):
                yield Static(id="move-title", classes="title")
                yield Static(id="move-how", classes="body")
                with Horizontal(classes="buttons"):
                    yield Button(_("Done, it sits"), variant="primary", id="go")
                    yield Button(_("Align (g)"), id="align")

    def show(self, view: View) -> None:
        """Draw leg and place."""
        if view.bout is None:
            return
        side, mount = view.bout.place
        say(self.query_one("#move-art", Static), strap_drawing(side, mount))
        say(
            self.query_one("#move-title", Static),
            _("Put the sensor on the right leg") if side == "right" else _("Put the sensor on the left leg"),
        )
        say(
            self.query_one("#move-how", Static),
            "\n\n".join(
                (
                    strap_words(side, mount),
                    _("Snug, so that it can't slide. Any way round is fine."),
                    _("Next: {exercise}").format(exercise=bout_title(view.bout)),
                )
            ),
        )


class ReadyPanel(Vertical):
    """What comes now, and how it is done."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="ready-scroll", classes="middle"), Horizontal(classes="card"):
            yield Static(id="ready-art", classes="art", markup=False)
            with Vertical(classes="words"):
                yield Static(id="ready-title", classes="title", markup=False)
                yield Static(id="ready-dose", classes="dose", markup=False)
                yield Static(id="ready-how", classes="body", markup=False)
                yield Static(id="ready-tip", classes="tip", markup=False)
                yield Static(id="ready-unseen", classes="fine", markup=False)
        yield Static(id="ready-call", classes="call", markup=False)

    def show(self, view: View) -> None:
        """Draw the exercise."""
        bout = view.bout
        if bout is None:
            return
        guide = bout.item.guide
        say(self.query_one("#ready-art", Static), guide.drawing)
        say(self.query_one("#ready-title", Static), bout_title(bout))
        say(self.query_one("#ready-dose", Static), f"{set_words(bout)}\n{dose_words(bout)}")
        say(self.query_one("#ready-how", Static), _(guide.how_to))
        say(self.query_one("#ready-tip", Static), "★ " + _(guide.tip))
        unseen = ", ".join(_(what) for what in find_exercise(bout.item.exercise).unseen)
        say(self.query_one("#ready-unseen", Static), _("The sensor can't see: {what}").format(what=unseen))
        timed = bout.item.seconds is not None
        call = _("Press {key}, then take up the position") if timed else _("Start moving, or press {key} to count down")
        say(self.query_one("#ready-call", Static), call.format(key=chosen_key(self.app, "session.go", "enter")))


class CountdownPanel(Vertical):
    """Three, two, one."""

    def compose(self) -> ComposeResult:
        yield BigCount(id="countdown")

    def show(self, view: View) -> None:
        """Draw the seconds."""
        count = self.query_one("#countdown", BigCount)
        count.count = None if view.seconds_left is None else max(1, int(view.seconds_left + 0.999))
        timed = view.bout is not None and view.bout.item.seconds is not None
        count.caption = _("seconds until it begins") if timed else _("Get ready")


class RestPanel(Vertical):
    """The rest timer, how the set went, and what comes next."""

    def compose(self) -> ComposeResult:
        with Horizontal(id="rest-row"):
            with Vertical(id="rest-left"):
                yield BigCount(id="rest-count")
                yield Static(id="rest-bar", markup=False)
            with VerticalScroll(id="rest-next"):
                yield Static(id="rest-done", classes="dose", markup=False)
                yield Static(id="rest-praise", classes="tip", markup=False)
                yield Static(id="rest-title", classes="title", markup=False)
                yield Static(id="rest-dose", classes="body", markup=False)
                yield Static(id="rest-art", classes="art", markup=False)

    def show(self, view: View) -> None:
        """Draw what is left, and the next bout."""
        left, total = view.seconds_left or 0.0, view.seconds_total or 1.0
        count = self.query_one("#rest-count", BigCount)
        count.count, count.caption = int(left + 0.999), _("seconds of rest")
        bar = self.query_one("#rest-bar", Static)
        width = max(10, bar.size.width or 30)
        full = round(width * min(1.0, left / max(total, 0.1)))
        say(bar, "━" * full + "─" * (width - full))
        say(self.query_one("#rest-done", Static), _done_words(view))
        say(self.query_one("#rest-praise", Static), _praise_words(view))
        self._show_next(view.upcoming)

    def _show_next(self, bout: Bout | None) -> None:
        title, dose, art = (self.query_one(f"#rest-{name}", Static) for name in ("title", "dose", "art"))
        if bout is None:
            return
        say(title, _("Next: {exercise}").format(exercise=bout_title(bout)))
        say(dose, f"{set_words(bout)} · {dose_words(bout)}")
        say(art, bout.item.guide.drawing)


def _done_words(view: View) -> str:
    if view.bout is not None and view.bout.item.seconds is not None:
        restless = find_exercise(view.bout.item.exercise).restless
        if restless:
            return n_("Massage: {n} second", "Massage: {n} seconds", round(view.done_s))
        return n_("Held: {n} second", "Held: {n} seconds", round(view.done_s))
    words = n_("{n} rep", "{n} reps", view.corrected)
    if view.corrected != view.detected:
        words += " " + _("({n} detected)").format(n=view.detected)
    return f"{words} · " + _("{n} clean").format(n=view.clean) + " · " + _("wrong? + and – correct it")


def _praise_words(view: View) -> str:
    bout = view.bout
    if bout is None:
        return ""
    code = "done"
    if bout.item.seconds is not None:
        restless, whole = find_exercise(bout.item.exercise).restless, view.done_s >= bout.item.seconds
        code = ("target" if restless else "still") if whole else "done"
    elif view.detected and view.clean == view.detected:
        code = "all-clean"
    elif view.corrected >= bout.reps[1]:
        code = "target"
    return "★ " + phrase(PRAISE, code)


class PainPanel(Vertical):
    """Stopped: how much does it hurt?"""

    def compose(self) -> ComposeResult:
        with Vertical(classes="card", id="pain-card"):
            yield Static(_("Stopped. Sit or lie down if you like."), classes="title", markup=False)
            yield Static(phrase(PAIN_QUESTIONS, "during"), classes="body", markup=False)
            with Horizontal(id="pain-row"):
                for level in range(11):
                    yield Button(str(level), id=f"score-{level}", classes=f"score {scale_class(level)}")
            yield Static(scale_legend(), id="pain-legend")
            yield Static(_("Keys 0 to 9, x for 10. Esc ends the session."), classes="fine", markup=False)

    def show(self, view: View) -> None:
        """Nothing changes while it is asked."""


def scale_class(level: int) -> str:
    """Name the light of a score, for its colour."""
    return "green" if level <= 2 else "amber" if level <= 5 else "red"


def scale_legend() -> Text:
    """Say what the scale means, in shapes as well as in colour."""
    return Text(
        " · ".join((_("● 0–2 go on"), _("▲ 3–5 smaller and slower"), _("■ 6–10 stop this exercise"))), no_wrap=True
    )
