"""A recorded session in the same dashboard, with a timeline, a stick figure and a comparison with the best rep."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Footer

from kneeimu.dashboard.figure import bounds, figure, heading_start, leg_angles
from kneeimu.dashboard.widgets.board import TrainingBoard
from kneeimu.dashboard.widgets.link_bar import LinkFacts
from kneeimu.dashboard.widgets.rep_compare import RepCompare
from kneeimu.dashboard.widgets.stick_figure import StickFigure
from kneeimu.dashboard.widgets.timeline import Timeline, TimelineMark
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.playback import Playback, rep_marks
from kneeimu.words import _
from kneeimu.words.names import day_words, recording_begun

FRAMES_HZ = 15.0
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
STEP_S = 5.0


def speed_words(speed: float) -> str:
    """Write a speed: ¼×, ½×, 2×."""
    return {0.25: "¼×", 0.5: "½×"}.get(speed, f"{speed:g}×")


def _name_of(path: Path) -> str:
    """Name the recording by the time it began: what it is of stands below."""
    begun = recording_begun(path.name)
    return path.name if begun is None else f"{day_words(begun.date())} {begun:%H:%M}"


class ReplayScreen(Screen[None]):
    """Plays a session back.

    Args:
        playback: the session.
        speed: multiple of real time to begin with; the nearest of ``SPEEDS`` is taken by the keys.
        clock: seconds that go on by themselves; another one for tests.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "play_pause", _("Play"), key_display=_("space"), id="replay.play"),
        Binding("n", "jump(1)", _("Rep"), key_display="n b", id="replay.next"),
        Binding("b", "jump(-1)", _("Previous rep"), show=False, id="replay.back"),
        Binding("plus,f", "faster(1)", _("Speed"), key_display="+ -", id="replay.faster"),
        Binding("minus,d", "faster(-1)", _("Slower"), key_display="-", show=False, id="replay.slower"),
        Binding("c", "compare", _("Compare"), id="replay.compare"),
        Binding("left", "step(-1)", _("5 s back"), show=False, id="replay.left"),
        Binding("right", "step(1)", _("5 s on"), show=False, id="replay.right"),
        Binding("home", "go_start", _("To the start"), show=False, id="replay.home"),
        Binding("end", "go_end", _("To the end"), show=False, id="replay.end"),
        Binding("escape", "leave", _("Back"), id="replay.leave"),
    ]

    def __init__(
        self, playback: Playback, *, speed: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        super().__init__()
        self.playback = playback
        self.speed = speed
        self.playing = True
        self.now_s = playback.start_s
        self.board = TrainingBoard(playback.setup)
        self.stick = StickFigure(id="stick")
        self.compare = RepCompare(id="compare")
        self.compare.display = False
        self.timeline = Timeline(playback.start_s, playback.end_s, self._set_spans(), self._timeline_marks())
        self._clock = clock
        self._ticked_s = clock()
        self._marks = rep_marks(playback)
        self._best = playback.best_rep()
        self._shown: tuple[int, float] = (-1, -1.0)
        self.stick.note = self._figure_note()

    def compose(self) -> ComposeResult:
        with Horizontal(id="stage"):
            yield self.board
            with Vertical(id="figure"):
                yield self.stick
                yield self.compare
        yield self.timeline
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the first moment, tell what speaks against the recording, and start the clock."""
        for note in self.playback.notes:
            self.notify(note, severity="warning", timeout=10, markup=False)
        self._ticked_s = self._clock()
        self.call_after_refresh(self.go, self.now_s)
        self.set_interval(1 / FRAMES_HZ, self._tick)

    # --- time -----------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now, before = self._clock(), self._ticked_s
        self._ticked_s = now
        if not self.playing or not self.is_mounted:
            return
        self.now_s = min(self.playback.end_s, self.now_s + (now - before) * self.speed)
        if self.now_s >= self.playback.end_s:
            self.playing = False
        self._show()

    def go(self, time_s: float) -> None:
        """Show another moment."""
        self.now_s = max(self.playback.start_s, min(self.playback.end_s, time_s))
        self._shown = (-1, -1.0)
        self._show()

    def _show(self) -> None:
        playback, now_s = self.playback, self.now_s
        self._show_tally()
        window = playback.between(now_s - self.board.trace.window_s - 1.0, now_s)
        marks = [mark for mark in self._marks if now_s - self.board.trace.window_s <= mark[0] <= now_s]
        last = playback.between(now_s - 0.2, now_s)
        rep = playback.rep_at(now_s)
        self.board.jump_to(last, rep.start_s if rep is not None and now_s <= rep.end_s else None)
        self.board.show_window(window, marks, now_s)
        self._show_figure()
        self.timeline.place(now_s, f"{'▶' if self.playing else '‖'} {speed_words(self.speed)}")

    def _show_tally(self) -> None:
        known = self.playback.known_at(self.now_s)
        if known == self._shown[0] and self.speed == self._shown[1]:
            return
        self._shown = (known, self.speed)
        tally = self.playback.tally_at(self.now_s)
        self.board.show_tally(tally)
        self.board.set_class(tally.in_set, "in-set")
        self.board.link.facts = LinkFacts(
            "replay", name=_name_of(self.playback.path), rate_hz=self.playback.setup.sampling_rate_hz
        )
        self._show_comparison()

    def _show_comparison(self) -> None:
        rep = self.playback.rep_at(self.now_s)
        if rep is not None and self._best is not None and self.compare.display:
            self.compare.compare(rep, self._best, self.playback.curve(rep), self.playback.curve(self._best))

    def _show_figure(self) -> None:
        trace, setup = self.playback.trace, self.playback.setup
        if not len(trace.time_s):
            return
        now = min(len(trace.time_s) - 1, int(np.searchsorted(trace.time_s, self.now_s)))
        rep = self.playback.rep_at(self.now_s)
        quats = None
        if rep is not None and self.now_s <= rep.end_s:
            start = int(np.searchsorted(trace.time_s, rep.start_s))
            quats = heading_start(trace.quat_segment_to_world, start, now)
        sticks = figure(setup, leg_angles(setup, max(0.0, float(trace.angle_deg[now])), quats))
        self.stick.show_pose(sticks, bounds(sticks, find_exercise(setup.exercise).posture))

    # --- what there is --------------------------------------------------------------------------------------------

    def _set_spans(self) -> list[tuple[str, float, float]]:
        return [(_("set {n}").format(n=one.number), one.start_s, one.end_s) for one in self.playback.sets()]

    def _timeline_marks(self) -> list[TimelineMark]:
        whole = self.playback.whole
        marks = []
        for tallied in whole.reps:
            kind = "muted" if not tallied.counts else "flagged" if tallied.rep and tallied.rep.flags else "clean"
            marks.append(TimelineMark(tallied.time_s, kind))
        return marks + [TimelineMark(mark.time_s, "pain") for mark in whole.pain]

    def _figure_note(self) -> str:
        setup = self.playback.setup
        other = _("shin estimated") if setup.mount == "thigh" else _("thigh estimated")
        if not find_exercise(setup.exercise).sagittal:
            return _("from the movement angle")
        return other if setup.alignment is not None else _("from the angle alone")

    # --- keys -----------------------------------------------------------------------------------------------------

    def on_timeline_jumped(self, message: Timeline.Jumped) -> None:
        """A click on the timeline."""
        self.go(message.time_s)

    def action_play_pause(self) -> None:
        """Play or pause; at the end play again from the start."""
        if not self.playing and self.now_s >= self.playback.end_s:
            self.now_s = self.playback.start_s
        self.playing = not self.playing
        self.go(self.now_s)

    def action_jump(self, by: int) -> None:
        """To the next or the previous rep."""
        self.go(self.playback.jump(self.now_s, by))

    def action_step(self, by: int) -> None:
        """Some seconds on or back."""
        self.go(self.now_s + by * STEP_S)

    def action_go_start(self) -> None:
        """To the start."""
        self.go(self.playback.start_s)

    def action_go_end(self) -> None:
        """To the end."""
        self.go(self.playback.end_s)

    def action_faster(self, by: int) -> None:
        """The next faster or slower speed."""
        later = [speed for speed in SPEEDS if (speed > self.speed if by > 0 else speed < self.speed)]
        if later:
            self.speed = min(later) if by > 0 else max(later)
        self.go(self.now_s)

    def action_compare(self) -> None:
        """Show or hide the comparison with the best rep."""
        if self._best is None:
            self.notify(_("There is no rep to compare."))
            return
        self.compare.display = not self.compare.display
        self._show_comparison()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a way back only where the replay was opened from another screen."""
        if action == "leave":
            return self.is_mounted and len(self.app.screen_stack) > 2
        return super().check_action(action, parameters)

    def action_leave(self) -> None:
        """Back to where the replay was opened from."""
        self.app.pop_screen()

    def screen_commands(self) -> Iterable[SystemCommand]:
        """Every action of this screen, for the command palette."""
        yield SystemCommand(_("Play or pause"), _("Space"), self.action_play_pause)
        yield SystemCommand(_("Next rep"), _("Jump to just before it"), lambda: self.action_jump(1))
        yield SystemCommand(_("Previous rep"), _("Jump to just before it"), lambda: self.action_jump(-1))
        yield SystemCommand(_("Faster"), _("Up to 16 times"), lambda: self.action_faster(1))
        yield SystemCommand(_("Slower"), _("Down to a quarter"), lambda: self.action_faster(-1))
        yield SystemCommand(_("Compare with the best rep"), _("Both curves, and words"), self.action_compare)
        yield SystemCommand(_("To the start"), _("Of the session"), self.action_go_start)
        yield SystemCommand(_("To the end"), _("Of the session"), self.action_go_end)
