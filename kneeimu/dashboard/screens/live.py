"""Training live: the board fed by a session."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer

from kneeimu.coaching.pain import advise_pain
from kneeimu.dashboard.clocks import StillClock
from kneeimu.dashboard.keys import chosen_key
from kneeimu.dashboard.sound import Sound
from kneeimu.dashboard.widgets.board import TrainingBoard
from kneeimu.dashboard.widgets.link_bar import LinkFacts
from kneeimu.dashboard.widgets.speech import warning_words
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.live import LiveSession, LiveUpdate
from kneeimu.sensors.stream import LinkState, LinkStatus
from kneeimu.telemetry.broker import settings_path
from kneeimu.types import Cue, Event, RepCounted, RepRevoked, SetEnded, SetStarted, Turn, Warned
from kneeimu.words import _
from kneeimu.words.phrases import PAIN_ADVICE, phrase

FRAMES_HZ = 20.0
LONGEST_GLIDE_S = 0.25
"""The time axis stops when nothing has come for this long."""


def link_facts(status: LinkStatus, *, paused: bool = False) -> LinkFacts:
    """Give what the link bar shows of a status."""
    expected = status.received + status.lost
    return LinkFacts(
        state="paused" if paused and status.state == "streaming" else str(status.state),
        detail=status.detail,
        name=status.name or status.address,
        battery_percent=status.battery_percent,
        rssi_dbm=status.rssi_dbm,
        rate_hz=status.rate_hz,
        loss_percent=100.0 * status.lost / expected if expected else None,
    )


def trouble_words(status: LinkStatus, began: bool) -> str:
    """Say what is in the way of training; empty when nothing is. ``began``: samples have come before."""
    if status.state == LinkState.STREAMING:
        return ""
    if began and status.state != LinkState.CLOSED:
        waits = _("No data from the sensor: the count waits.")
        return f"✕ {waits} {status.detail[:1].upper()}{status.detail[1:]}".rstrip()
    return f"▲ {status.detail}" if status.detail and status.state != LinkState.CLOSED else ""


def is_timed(exercise: str) -> bool:
    """Tell whether seconds are counted, not reps."""
    return find_exercise(exercise).kind == "timed"


class LiveScreen(Screen[None]):
    """The board, a footer with the keys, and the session behind them.

    Args:
        session: not yet started; the screen starts it and the app stops it at the end.
        target: reps to reach.
        sound: what to play; None is silent.
        publish: over MQTT, even when the settings of the broker don't ask for it.
    """

    class Updated(Message):
        """Something new from the session."""

        def __init__(self, update: LiveUpdate) -> None:
            super().__init__()
            self.update = update

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "toggle_set", _("Set"), id="live.set"),
        Binding("space", "toggle_pause", _("Pause"), key_display=_("space"), id="live.pause"),
        Binding("u", "undo_rep", _("Undo"), id="live.undo"),
        Binding("a,plus", "add_rep", _("Add"), key_display="a", id="live.add"),
        Binding("p", "pain", _("Pain"), id="live.pain"),
        Binding("m", "mute", _("Sound"), id="live.mute"),
    ]
    HELP = _("Just move: sets and reps are found by themselves. Undo and add correct the count, both counts are kept.")

    def __init__(
        self, session: LiveSession, *, target: int | None = None, sound: Sound | None = None, publish: bool = False
    ) -> None:  # fmt: skip
        super().__init__()
        self.session = session
        self.board = TrainingBoard(session.setup, target=target)
        self.sound = sound or Sound(None)
        self._still = StillClock(session.setup.exercise) if is_timed(session.setup.exercise) else None
        self._restless = find_exercise(session.setup.exercise).restless
        self.frames = 0
        self._arrived_s: float | None = None
        self._problem = ""
        self._ended = False
        self._publish = publish

    def compose(self) -> ComposeResult:
        yield self.board
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Start the session and the clock that paints."""
        self.app.resources.push_async_callback(self.session.stop)  # type: ignore[attr-defined]
        self._leave = self.session.subscribe(self._hear)
        self.board.waiting = True
        self.board.show_tally(self.session.tally)
        self.set_interval(1 / FRAMES_HZ, self._paint)
        self._open_coach_line()
        self.session.start()

    async def on_unmount(self) -> None:
        """End the session when the screen is left."""
        self._leave()
        await self.session.stop()

    def _open_coach_line(self) -> None:
        if not self._publish and not settings_path().exists():
            return  # most people have no broker: the first frame does not wait for its client
        from kneeimu.dashboard.coach_line import open_coach_line

        line = open_coach_line(self.app, wanted=self._publish)  # type: ignore[arg-type]
        if line is not None:
            line.attach(self.session, self.board.target, self, self)

    @property
    def takes_target(self) -> bool:
        """A coach may ask for another number of reps where reps are counted."""
        return not self._ended and not is_timed(self.session.setup.exercise)

    def hear(self, _words: str) -> None:
        """A coach says something: let it be noticed."""
        self.sound.cue()

    def accept_target(self, reps: int) -> None:
        """The person agreed to a coach's number of reps."""
        self.board.target = reps
        self.board.show_tally(self.session.tally)

    # --- news of the session --------------------------------------------------------------------------------------

    def _hear(self, update: LiveUpdate) -> None:
        self.post_message(self.Updated(update))

    def on_live_screen_updated(self, message: Updated) -> None:
        """Take what is new into the widgets; lists and counts only when they changed."""
        update = message.update
        if update.trace is not None and len(update.trace.time_s):
            if self.board.waiting:
                self.board.waiting = False
                self.board.show_tally(self.session.tally)
            self.board.use_setup(self.session.setup)
            self.board.push_trace(update.trace, self.session.tally.usual_range_deg)
            self._arrived_s = time.monotonic()
            if self._still is not None:
                self._still.follow(update.trace, self.session.tally.in_set)
        if update.status is not None or update.command is not None:
            self._show_link()
        for event in update.events:
            self._tell(event)
        if update.events or update.command is not None:
            self.board.show_tally(self.session.tally)
            self.board.set_class(self.session.tally.in_set, "in-set")
        if self._still is not None:
            if update.events:
                self._still.hear(self.session.tally)
            self._show_seconds(self._still)
        if update.problem:
            self.notify(update.problem, severity="warning", timeout=10, markup=False)
        self._problem = update.problem or self._problem
        self._ended = update.ended or self._ended
        if self._ended and self._problem:
            self.board.show_trouble(f"✕ {self._problem}")

    def _show_seconds(self, clock: StillClock) -> None:
        self.board.count.count = int(clock.seconds)
        if not self.session.tally.in_set:
            self.board.count.caption = _("seconds · key {key} starts the clock").format(
                key=chosen_key(self.app, "live.set", "s")
            )
        else:
            still = _("seconds · at ease") if self._restless else _("seconds · still")
            self.board.count.caption = still if clock.still else _("seconds · moving: the clock waits")

    def _show_link(self) -> None:
        if self.session.status is not None:
            self.board.link.facts = link_facts(self.session.status, paused=self.session.tally.paused)
            self.board.show_trouble(trouble_words(self.session.status, self.session.time_s > 0))

    def _tell(self, event: Event) -> None:
        match event:
            case RepCounted(late=False):
                self.board.trace.mark(event.time_s, str(event.rep.number))
                self.sound.rep(event.rep.number)
            case RepRevoked():
                self.board.trace.unmark(str(event.rep_number))
            case Turn():
                self.sound.turn()
            case SetStarted():
                self.sound.set_started()
            case SetEnded():
                self.sound.set_ended()
            case Cue():
                self.sound.cue()
            case Warned():
                self.notify(warning_words(event), severity="warning", markup=False)

    def _paint(self) -> None:
        """Draw a frame; between two batches the time axis goes on, so that the curve moves smoothly."""
        if self._arrived_s is None or not self.is_mounted:
            return
        since_s = time.monotonic() - self._arrived_s
        if since_s < LONGEST_GLIDE_S:
            self.frames += 1
            self.board.draw(self.session.time_s + since_s)

    # --- the person's keys ----------------------------------------------------------------------------------------

    def action_toggle_set(self) -> None:
        """Start a set, or end the one under way."""
        if not (self.session.end_set() or self.session.start_set()):
            self._wait()

    def action_toggle_pause(self) -> None:
        """Pause or go on: nothing is counted or recorded meanwhile."""
        if self.session.resume():
            if self.session.tally.in_set:
                self.notify(_("Go on when you are ready: the set and its count go on."))
        elif not self.session.pause():
            self._wait()

    def action_undo_rep(self) -> None:
        """Take the newest rep back; the recording keeps both counts."""
        if not self.session.correct(-1):
            self.notify(_("There is no rep to take back."))

    def action_add_rep(self) -> None:
        """Add a rep the sensor missed; the recording keeps both counts."""
        if not self.session.correct(+1):
            key = chosen_key(self.app, "live.set", "s")
            self.notify(_("Start a set first: key {key}.").format(key=key))

    def action_pain(self) -> None:
        """Ask how much it hurts and note it."""
        from kneeimu.dashboard.screens.live_pain import PainPrompt  # here: the first frame does not need it

        self.app.push_screen(PainPrompt(), self._note_pain)

    def action_mute(self) -> None:
        """Sound on or off."""
        self.sound.muted = not self.sound.muted
        self.notify(_("Sound off") if self.sound.muted else _("Sound on"), timeout=2)

    def _note_pain(self, level: int | None) -> None:
        if level is None:
            return
        self.session.mark_pain(level)  # without a sensor nothing is recorded; what follows from it holds all the same
        advice = advise_pain("during", level)
        words = f"{level}/10 · {phrase(PAIN_ADVICE, advice.code)}"
        if advice.light == "red":
            self.notify(f"■ {words}", severity="error", timeout=20, markup=False)
        elif advice.light == "amber":
            self.notify(f"▲ {words}", severity="warning", timeout=8, markup=False)
        else:
            self.notify(f"● {words}", markup=False)

    def _wait(self) -> None:
        self.notify(_("Wait until the sensor is connected."))

    def screen_commands(self) -> Iterable[SystemCommand]:
        """Every action of this screen, for the command palette."""
        yield SystemCommand(_("Start or end the set"), _("A set is also found by itself"), self.action_toggle_set)
        yield SystemCommand(_("Pause or go on"), _("Nothing is counted while paused"), self.action_toggle_pause)
        yield SystemCommand(_("Undo a rep"), _("The recording keeps both counts"), self.action_undo_rep)
        yield SystemCommand(_("Add a rep"), _("The recording keeps both counts"), self.action_add_rep)
        yield SystemCommand(_("Note pain"), _("0 to 10, now"), self.action_pain)
        yield SystemCommand(_("Sound on or off"), _("Counts, turning points and cues"), self.action_mute)
