"""Training: leads through the session, phase by phase, and never stops for the link."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import monotonic
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Button, ContentSwitcher, Footer, Static

from kneeimu.coaching.stage import Key, Phase, Say, SetUp, View
from kneeimu.coaching.stage import Sound as SoundEffect
from kneeimu.dashboard.keys import chosen_key
from kneeimu.dashboard.screens.guided import GuidedScreen
from kneeimu.dashboard.screens.live import link_facts
from kneeimu.dashboard.screens.session_panels import CountdownPanel, MovePanel, PainPanel, ReadyPanel, RestPanel
from kneeimu.dashboard.screens.session_style import SESSION_CSS, say
from kneeimu.dashboard.screens.session_work import WorkPanel
from kneeimu.dashboard.session_driver import News, SessionDriver
from kneeimu.dashboard.sound import Sound
from kneeimu.dashboard.voice import Voice
from kneeimu.dashboard.widgets.link_bar import LinkBar, LinkFacts
from kneeimu.dashboard.widgets.speech import CUES
from kneeimu.words import _, n_
from kneeimu.words.phrases import NOTICES, SAYINGS, phrase

FRAMES_HZ = 15.0
ASKS_S = 5.0
"""For so long a second Esc ends the session, or a second q the app: time to hear the question and to answer it.
Engineering choice."""
TONES = {
    "tick": "tick", "go": "start", "rep": "rep", "target": "start", "turn": "turn", "cue": "cue", "rest": "end",
    "ready": "start", "stop": "end", "done": "end",
}  # fmt: skip
MARKS = {"red": "■ ", "amber": "▲ ", "praise": "★ ", "green": "● "}


def said_words(say: Say) -> str:
    """Give the words of something said."""
    return phrase(SAYINGS if say.code in SAYINGS else CUES, say.code, **say.values)


Finished = Callable[[SessionDriver], None]


class SessionScreen(GuidedScreen[None]):
    """One session.

    Args:
        driver: not begun yet; the screen begins it, and ends it when it is left.
        title: of the programme.
        finished: what to do when the session is over, such as showing the summary.
        sound: what to play; None is silent.
        voice: what speaks cues and what comes next; None is silent.
    """

    class Told(Message):
        """Something new from the driver."""

        def __init__(self, news: News) -> None:
            super().__init__()
            self.news = news

    CSS = SESSION_CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go", _("Go"), id="session.go", priority=True),
        Binding("p", "pain", _("Pain: stop"), id="session.pain"),
        Binding("space", "pause", _("Pause"), key_display=_("space"), id="session.pause", priority=True),
        Binding("plus,a", "add", _("Rep"), key_display="+", id="session.add"),
        Binding("minus,u", "undo", _("Rep"), key_display="–", id="session.undo"),
        Binding("s", "skip", _("Skip"), id="session.skip"),
        Binding("S", "skip_exercise", _("Skip exercise"), id="session.skip-exercise", show=False),
        Binding("g", "align", _("Align"), id="session.align", show=False),
        Binding("m", "mute", _("Sound"), id="session.mute", show=False),
        Binding("escape", "finish", _("End"), id="session.finish"),
        *(Binding(str(level), f"score({level})", show=False) for level in range(10)),
        Binding("x", "score(10)", show=False),
    ]
    HELP = _("Just move: the set begins and ends by itself. Pain stops it at once. Two keys correct the count.")

    def __init__(
        self, driver: SessionDriver, *, title: str, finished: Finished | None = None, sound: Sound | None = None,
        voice: Voice | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.voice = voice or Voice(None)
        self.driver = driver
        self.sound = sound or Sound(None)
        self._title = title
        self._finished = finished
        self._shown: Phase | None = None
        self._over = self._aligning = False
        self._question, self._asks_until = "", -math.inf
        driver.tell = self._hear

    def compose(self) -> ComposeResult:
        yield LinkBar(id="link")
        yield Static(id="where", markup=False)
        yield Static(id="notices", markup=False)
        with ContentSwitcher(initial="phase-ready", id="phases"):
            yield MovePanel(id="phase-move")
            yield ReadyPanel(id="phase-ready")
            yield CountdownPanel(id="phase-countdown")
            yield WorkPanel(id="phase-work")
            yield RestPanel(id="phase-rest")
            yield PainPanel(id="phase-pain")
        yield Static(id="said", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin."""
        self.query_one(LinkBar).facts = LinkFacts("closed")  # nothing is looked for before the sensor sits
        self.driver.begin()
        self.set_interval(1 / FRAMES_HZ, self._frame)
        self._frame()

    async def on_unmount(self) -> None:
        """The session ends with its screen."""
        await self.driver.end()

    # --- news --------------------------------------------------------------------------------------------------------

    def hear(self, words: str) -> None:
        """Let words be noticed from where the person trains: a tone first, then aloud."""
        self.sound.say("cue")
        if not self.sound.muted:
            self.voice.say(words)

    def _hear(self, news: News) -> None:
        self.post_message(self.Told(news))

    async def on_session_screen_told(self, message: Told) -> None:
        """Take what is new: sounds at once, widgets with the next frame."""
        news = message.news
        for effect in news.effects:
            match effect:
                case SoundEffect(name=name):
                    self.sound.say(TONES[name])
                case SetUp(bout=bout) if self.driver.live is not None:
                    await self.query_one(WorkPanel).use(bout, self.driver.live)
                case Say(code=code, level="notice"):
                    self.notify(phrase(NOTICES, code), severity="warning", timeout=6, markup=False)
                    self.voice.say(phrase(NOTICES, code))
                case Say() if not self.sound.muted:
                    self.voice.say(said_words(effect))
        update, live = news.update, self.driver.live
        if update is None or live is None:
            return
        if update.status is not None:
            self.query_one(LinkBar).facts = link_facts(update.status, paused=self.driver.view.paused)
        if update.problem:
            self.notify(update.problem, severity="warning", timeout=10, markup=False)
        self.query_one(WorkPanel).push(update, live)

    def _frame(self) -> None:
        if self._over or self._aligning:
            return
        self.driver.tick()
        view = self.driver.view
        if view.phase is Phase.DONE:
            self._over = True
            if self._finished is not None:
                self._finished(self.driver)
            return
        self._show(view)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def _show(self, view: View) -> None:
        switcher = self.query_one("#phases", ContentSwitcher)
        if view.phase is not self._shown:
            self._shown = view.phase
            switcher.current = f"phase-{view.phase}"
            self.set_class(view.phase is Phase.WORK, "in-set")
        panel = self.query_one(f"#phase-{view.phase}")
        panel.show(view)  # type: ignore[attr-defined]
        say(self.query_one("#where", Static), self._where(view))
        notices = self.query_one("#notices", Static)
        notices.display = bool(view.notices)
        say(notices, "\n".join("▲ " + phrase(NOTICES, code) for code in view.notices[:2]))
        said = self.query_one("#said", Static)
        say(said, self._said(view))
        said.set_class(self._asks, "asks")
        said.set_class(view.paused, "paused")
        for level in ("amber", "red", "green", "praise"):
            said.set_class(view.said is not None and view.said.level == level, level)

    def _where(self, view: View) -> str:
        dots = _dots(view)
        words = n_("{done} of {n} set", "{done} of {n} sets", view.total, done=view.done)
        if view.left_out:
            words += " · " + _("{n} skipped").format(n=len(view.left_out))
        if view.advice is not None and view.advice.light != "green":
            words += " · " + _("▲ smaller and slower today")
        rows = 2 if self.has_class("-slim") else 1
        room = rows * (self.size.width - 2) - cell_len(words) - 4
        title = self._title
        if cell_len(title) > room:
            title = set_cell_size(title, max(0, room - 1)).rstrip() + "…"
        return f"{title}  {dots if cell_len(title) + len(dots) + 2 <= room else ''}  {words}"

    @property
    def _asks(self) -> bool:
        return monotonic() < self._asks_until

    def _said(self, view: View) -> str:
        if self._asks:
            return f"▲ {self._question}"
        if view.paused:
            return _("‖ Paused. {key} goes on").format(key=chosen_key(self.app, "session.pause", "space"))
        if view.said is None:
            return ""
        return MARKS.get(view.said.level, "") + said_words(view.said)

    # --- keys and buttons --------------------------------------------------------------------------------------------

    def _press(self, key: Key) -> None:
        self.driver.press(key)
        self._frame()

    def action_go(self) -> None:
        """On with whatever is next."""
        if self.driver.view.phase is Phase.PAIN and isinstance(self.focused, Button):
            self.focused.press()
            return
        self._press(Key.GO)

    def action_pause(self) -> None:
        """Pause or go on."""
        self._press(Key.PAUSE)

    def action_pain(self) -> None:
        """Stop at once and ask how much it hurts."""
        self._press(Key.PAIN)

    def action_add(self) -> None:
        """Add a rep the sensor missed."""
        self._press(Key.ADD)

    def action_undo(self) -> None:
        """Take a rep back."""
        self._press(Key.UNDO)

    def action_skip(self) -> None:
        """Skip this set or the rest of the rest."""
        self._press(Key.SKIP)

    def action_skip_exercise(self) -> None:
        """Skip what is left of this exercise."""
        self._press(Key.SKIP_EXERCISE)

    @work
    async def action_align(self) -> None:
        """Align the sensor with the leg, outside of a set."""
        view = self.driver.view
        if view.bout is None or view.phase in (Phase.WORK, Phase.COUNTDOWN, Phase.PAIN):
            self.notify(_("Finish the set first."))
            return
        from kneeimu.dashboard.screens.align import AlignScreen

        self._aligning = True
        await self.driver.let_go()
        try:
            screen = AlignScreen(self.driver.source, *view.bout.place, sound=self.sound, voice=self.voice)
            await self.app.push_screen_wait(screen)
        finally:
            self._aligning = False
            if self.driver.view.phase is not Phase.MOVE:
                self.driver.take_back()

    def action_finish(self) -> None:
        """End the session here: at the second Esc, or at the first where it stands on the screen that it does."""
        if self.driver.view.phase is Phase.PAIN or self._sure(_("Esc again ends the session")):
            self._press(Key.FINISH)

    def may_quit(self) -> bool:
        """Tell whether the app may be left here; the first time it is asked."""
        key = chosen_key(self.app, "quit", "q")
        return self._over or self._sure(_("{key} again leaves the app; what is done is kept").format(key=key))

    def _sure(self, question: str) -> bool:
        """Tell whether the same question was asked a moment ago; else ask it, in place and aloud."""
        if self._asks and self._question == question:
            return True
        self._question, self._asks_until = question, monotonic() + ASKS_S
        self.hear(question)
        self._frame()
        if self.app.screen is not self:
            self.notify(question, severity="warning", timeout=ASKS_S, markup=False)
        return False

    def action_score(self, level: int) -> None:
        """Answer how much it hurts."""
        if self.driver.view.phase is Phase.PAIN:
            self.driver.score(level)
            self._frame()

    def action_mute(self) -> None:
        """Sound on or off."""
        self.sound.muted = not self.sound.muted
        self.notify(_("Sound off") if self.sound.muted else _("Sound on"), timeout=2)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The mouse does what the keys do."""
        name = event.button.id or ""
        if name.startswith("score-"):
            self.action_score(int(name.removeprefix("score-")))
        elif name == "go":
            self._press(Key.GO)
        elif name == "align":
            self.action_align()


def _dots(view: View) -> str:
    """Draw the sets in their order: done, skipped, the present one, and those to come."""
    marks = iter("●" * view.done + "◐")
    return "".join("–" if number in view.left_out else next(marks, "○") for number in range(1, view.total + 1))
