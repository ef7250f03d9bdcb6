"""One person large, as somebody else sees them; a message or a target can be sent."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Input, Static

from kneeimu.dashboard.screens.watch_words import (
    answer_words,
    count_words,
    cue_of,
    drift_words,
    exercise_words,
    happening_words,
    headline,
    link_facts_of,
    pain_words,
    phase_words,
    tempo_words,
    tone,
)
from kneeimu.dashboard.widgets.big_count import BigCount
from kneeimu.dashboard.widgets.link_bar import LinkBar, LinkFacts
from kneeimu.dashboard.widgets.trace import AngleTrace
from kneeimu.errors import KneeimuError
from kneeimu.telemetry.payloads import LONGEST_TEXT, MOST_REPS
from kneeimu.telemetry.watcher import Patient, Watcher
from kneeimu.words import _, n_

SHOWN_EVENTS = 8


class LinePrompt(ModalScreen[str | None]):
    """Asks for one line.

    Args:
        question: what to write. whole: only a number of reps will do.
    """

    DEFAULT_CSS = """
    LinePrompt { align: center bottom; background: $background 30%; }
    LinePrompt > Vertical { width: 100%; max-width: 84; height: auto; padding: 0 2; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", _("Back"), show=False)]

    def __init__(self, question: str, *, whole: bool = False) -> None:
        super().__init__()
        self._question, self._whole = question, whole

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question, markup=False)
            yield Input(type="integer", max_length=4) if self._whole else Input(max_length=LONGEST_TEXT)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter sends."""
        self.dismiss(event.value.strip() or None)


class WatchOneScreen(Screen[None]):
    """Count, movement, drift, tempo, pain, link and the last events of one wearer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "message", _("Message")),
        Binding("g", "target", _("Target")),
        Binding("escape", "app.pop_screen", _("All")),
    ]
    DEFAULT_CSS = """
    WatchOneScreen #who { height: 1; padding: 0 1; text-style: bold; }
    WatchOneScreen #said { height: 1; padding: 0 1; text-style: bold; color: $success; }
    WatchOneScreen #said.amber { color: $warning; }
    WatchOneScreen #said.red { color: $error; }
    WatchOneScreen #facts { height: 1; padding: 0 1; }
    WatchOneScreen #log { height: 8; padding: 0 1; color: $foreground 80%; }
    WatchOneScreen BigCount { width: 2fr; }
    WatchOneScreen AngleTrace { width: 3fr; }
    """

    def __init__(self, watcher: Watcher, wearer: str) -> None:
        super().__init__()
        self.watcher, self.wearer = watcher, wearer
        self._newest_s = float("-inf")
        self._session = ""

    def compose(self) -> ComposeResult:
        yield LinkBar(id="link")
        yield Static(id="who", markup=False)
        with Horizontal():
            yield BigCount(id="count")
            yield AngleTrace(_("movement"), id="trace")
        yield Static(id="said", markup=False)
        yield Static(id="facts", markup=False)
        yield Static(id="log", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show what is known."""
        self.show()

    def on_screen_resume(self) -> None:
        """Something may have changed meanwhile."""
        self.show()

    def show(self) -> None:
        """Draw the present picture, once there is something to draw it on."""
        if not self.query(LinkBar):
            return
        patient = self.watcher.patients.get(self.wearer) or Patient(self.wearer)
        state = patient.state
        status = self.watcher.status
        cut = LinkFacts("reconnecting", detail=status.problem)  # what is shown is old
        self.query_one(LinkBar).facts = link_facts_of(state) if status.connected else cut
        self._say("#who", " · ".join(p for p in (headline(patient), exercise_words(state), phase_words(state)) if p))
        count = self.query_one(BigCount)
        count.count = state.count if state.session else None
        count.caption = count_words(state)
        self._say("#said", drift_words(state))
        level = tone(patient)
        for name in ("amber", "red"):
            self.query_one("#said").set_class(level == name, name)
            self.set_class(level == name, name)
        facts = (pain_words(state), tempo_words(state), cue_of(state), answer_words(patient))
        lost = n_("{n} event lost", "{n} events lost", patient.missed) if patient.missed else ""
        self._say("#facts", " · ".join(part for part in (*facts, lost) if part))
        self._say("#log", "\n".join(happening_words(one) for one in list(patient.events)[: -SHOWN_EVENTS - 1 : -1]))
        self.set_class(state.phase == "set", "in-set")
        self._draw(patient)

    def _draw(self, patient: Patient) -> None:
        trace = self.query_one(AngleTrace)
        if patient.state.session != self._session:
            self._session, self._newest_s = patient.state.session, float("-inf")
            trace.clear()
        fresh = [tick for tick in patient.ticks if tick[0] > self._newest_s]
        if fresh:
            self._newest_s = fresh[-1][0]
            trace.push(np.array([tick[0] for tick in fresh]), np.array([tick[1] for tick in fresh]))
            trace.draw(self._newest_s)

    def _say(self, where: str, words: str) -> None:
        self.query_one(where, Static).update(words)

    @work
    async def action_message(self) -> None:
        """Write a line to this person."""
        text = await self.app.push_screen_wait(LinePrompt(_("Message (Enter sends, Esc goes back)")))
        if text:
            try:
                await self.watcher.send_message(self.wearer, text)
            except KneeimuError as error:
                self.notify(str(error), severity="warning", markup=False)

    @work
    async def action_target(self) -> None:
        """Ask this person for another number of reps."""
        question = _("Reps, 1 to {most} (Enter sends, Esc goes back)").format(most=MOST_REPS)
        text = await self.app.push_screen_wait(LinePrompt(question, whole=True))
        if text and text.isdecimal():
            try:
                await self.watcher.send_target(self.wearer, int(text))
            except KneeimuError as error:
                self.notify(str(error), severity="warning", markup=False)
