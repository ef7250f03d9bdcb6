"""The set under way: a huge count, the wave to follow, the drift of the knee, the trace, and the held seconds."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from kneeimu.coaching.stage import View
from kneeimu.coaching.tempo import in_time, rushed
from kneeimu.dashboard.screens.session_pacer import PacerWave
from kneeimu.dashboard.screens.session_panels import bout_title, dose_words, set_words
from kneeimu.dashboard.screens.session_style import say
from kneeimu.dashboard.widgets.big_count import BigCount
from kneeimu.dashboard.widgets.board import TrainingBoard
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.exercises.programmes.plan import Bout
from kneeimu.live import LiveSession, LiveUpdate
from kneeimu.types import RepCounted
from kneeimu.words import _, decimal

HOLD_SHOWN_FROM_S = 0.3


class SessionBoard(TrainingBoard):
    """The training board, with the runner's count and without what the session shows elsewhere."""

    DEFAULT_CSS = """
    SessionBoard #headline, SessionBoard #cue, SessionBoard RepTable, SessionBoard LinkBar { display: none; }
    SessionBoard #middle { height: 1fr; }
    """

    def show_count(self, view: View) -> None:
        """Show the runner's count, which goes on over a short break and takes corrections."""
        assert view.bout is not None
        low, high = view.bout.reps
        self.count.count = view.corrected
        self.gauge.display = self._sagittal
        parts = [_("of {n}").format(n=high if low == high else f"{low}–{high}")]
        if view.detected:
            parts.append(_("{n} clean").format(n=view.clean))
        if view.corrected != view.detected:
            parts.append(_("{n} detected").format(n=view.detected))
        self.count.caption = " · ".join(parts)


class WorkPanel(Vertical):
    """Holds the board of the present exercise, or the clock of a timed one."""

    def compose(self) -> ComposeResult:
        yield Static(id="work-title", classes="dose", markup=False)
        yield Vertical(id="work-board")
        with Horizontal(id="work-timed"):
            yield BigCount(id="work-clock")
            with Vertical(id="work-timed-side"):
                yield Static(id="work-still", classes="title", markup=False)
                yield Static(id="work-tip", classes="body", markup=False)
                yield Static(id="work-art", classes="art", markup=False)
        yield Vertical(id="work-pacer")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.board: SessionBoard | None = None
        self._wave: PacerWave | None = None
        self._bout: Bout | None = None
        self._fresh = False

    async def use(self, bout: Bout, live: LiveSession) -> None:
        """A new exercise begins: build what fits it."""
        self._bout = bout
        timed = bout.item.seconds is not None
        self.query_one("#work-timed").display = timed
        board_place, wave_place = self.query_one("#work-board"), self.query_one("#work-pacer")
        board_place.display = not timed
        wave_place.display = not timed and find_exercise(bout.item.exercise).kind == "reps"
        await board_place.remove_children()
        await wave_place.remove_children()
        self.board = SessionBoard(live.setup, target=bout.reps[1])
        self.board.tempo.display = False
        self._wave = PacerWave(bout.item.exercise, bout.item.tempo_s)
        await board_place.mount(self.board)
        await wave_place.mount(self._wave)
        say(self.query_one("#work-tip", Static), "★ " + _(bout.item.guide.tip))
        say(self.query_one("#work-art", Static), bout.item.guide.drawing)

    def push(self, update: LiveUpdate, live: LiveSession) -> None:
        """Take what is new from the sensor."""
        if self.board is None or not self.board.is_mounted or update.trace is None or not len(update.trace.time_s):
            return
        self.board.use_setup(live.setup)
        self.board.push_trace(update.trace, live.tally.usual_range_deg)
        self._fresh = True
        for event in update.events:
            if isinstance(event, RepCounted) and not event.late:
                counted = (one.number for one in live.tally.reps if one.rep is event.rep)
                self.board.trace.mark(event.time_s, str(next(counted, event.rep.number)))

    def show(self, view: View) -> None:
        """Draw the set."""
        bout = view.bout
        if bout is None or self.board is None or not self.board.is_mounted:
            return
        say(self.query_one("#work-title", Static), f"{bout_title(bout)} · {set_words(bout)} · {dose_words(bout)}")
        if bout.item.seconds is not None:
            self._show_clock(view)
            return
        self.board.show_count(view)
        if self._fresh:
            self._fresh = False
            self.board.draw()
        if self._wave is not None:
            self._wave.pace = view.pace
            self._wave.verdict = self._verdict(view)

    def _show_clock(self, view: View) -> None:
        clock = self.query_one("#work-clock", BigCount)
        clock.count, clock.caption = int((view.seconds_left or 0.0) + 0.999), _("seconds to go")
        restless = view.bout is not None and find_exercise(view.bout.item.exercise).restless
        words = {
            True: _("● At ease: the clock runs") if restless else _("● Still: the clock runs"),
            False: _("‖ Moving: the clock waits"),
            None: _("○ The clock runs without the sensor"),
        }
        say(self.query_one("#work-still", Static), words[view.still])

    def _verdict(self, view: View) -> str:
        if view.held_s >= HOLD_SHOWN_FROM_S and view.bout is not None and view.bout.item.hold_s:
            return _("held {n} s").format(n=decimal(view.held_s))
        rep = view.last_rep
        if rep is None or view.bout is None:
            return ""
        tempo_s = view.bout.item.tempo_s
        words = _("last rep {n} s").format(n=decimal(rep.duration_s))
        if rushed(rep, tempo_s):
            return f"{words} ◀ " + _("slower")
        return f"{words} ● " + _("in time") if in_time(rep, tempo_s) else words
