"""The wearer's end of MQTT in the app: sessions are published, what a coach sends is shown and may be declined."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from kneeimu.dashboard.app import KneeimuApp
from kneeimu.errors import KneeimuError
from kneeimu.live import LiveSession, LiveUpdate
from kneeimu.telemetry.broker import Broker, load_broker
from kneeimu.telemetry.payloads import CoachCommand
from kneeimu.telemetry.publisher import PublisherStatus
from kneeimu.telemetry.service import open_publisher
from kneeimu.telemetry.session import SessionTelemetry
from kneeimu.words import _, n_

SHOWN_S = 20
MOST_WAITING = 5
"""Questions that wait for an answer; who sends more is refused."""


class Trainee(Protocol):
    """Who can change the reps: the screen of a single exercise, or the driver of a programme."""

    @property
    def takes_target(self) -> bool:
        """Another number of reps would change something."""
        ...

    def accept_target(self, reps: int) -> None:
        """The person agreed."""
        ...


class Ear(Protocol):
    """What makes itself heard: a screen with sound, perhaps with a voice."""

    def hear(self, words: str, /) -> None:
        """Let the person notice ``words`` from where they train."""
        ...


@dataclass(frozen=True, slots=True)
class _Line:
    """One session and whom it concerns."""

    live: LiveSession
    telemetry: SessionTelemetry
    trainee: Trainee
    ear: Ear

    def answer(self, command: CoachCommand, answer: str) -> None:
        """Tell the coach, and note it in the recording."""
        before = self.telemetry.target
        self.telemetry.answer(command, answer)
        numbers = {"reps": command.reps, "before": before} if command.kind == "target" else {}
        self.live.note("coach", what=command.kind, answer=answer, **numbers)


class CoachQuestion(Horizontal):
    """A question that stays until it is answered, by key or by mouse."""

    DEFAULT_CSS: ClassVar[str] = """
    CoachQuestion { dock: top; height: 1; padding: 0 1; background: $accent; color: $background; text-style: bold; }
    CoachQuestion .words { width: 1fr; }
    CoachQuestion .answers { width: auto; margin: 0 0 0 2; }
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        yield Static(self._words, classes="words", markup=False)
        yield Static(
            Content.from_markup(
                "[@click=app.answer_coach(True)] $yes [/]  [@click=app.answer_coach(False)] $no [/]",
                yes=_("y: yes"),
                no=_("n: no"),
            ),
            classes="answers",
        )


class CoachLine:
    """Publishes the sessions of an app, one after the other.

    Args:
        app: shows what comes, and gives the keys ``y`` and ``n`` for the answers.
    """

    def __init__(self, app: App[Any], broker: Broker) -> None:
        self._app = app
        self._publisher = open_publisher(broker, self._status)
        self._questions: deque[CoachCommand] = deque()
        self._line: _Line | None = None
        self._told = ""

    def attach(self, live: LiveSession, target: int | None, trainee: Trainee, ear: Ear) -> None:
        """Publish this session from now on; ``trainee`` takes a target that the person agreed to."""
        self._publisher.start()
        self._leave()
        telemetry = SessionTelemetry(live, self._publisher, target=target, ask=self._ask)
        self._line = _Line(live, telemetry, trainee, ear)
        live.subscribe(self._follow)

    async def close(self) -> None:
        """Say goodbye."""
        self._leave()
        await self._publisher.stop()

    @property
    def asked(self) -> bool:
        """A target waits for an answer."""
        return bool(self._questions)

    def answer(self, yes: bool) -> None:
        """The person's answer to the oldest question."""
        line = self._line
        if not self._questions or line is None:
            return
        command = self._questions.popleft()
        self._show_question()
        if yes and not line.trainee.takes_target:
            line.answer(command, "refused")
            words = _("Too late: this exercise is over.")
        elif yes:
            line.answer(command, "accepted")
            line.trainee.accept_target(command.reps)
            words = n_("New target: {n} rep", "New target: {n} reps", command.reps)
        else:
            line.answer(command, "declined")
            words = _("The target stays.")
        self._app.notify(words, timeout=4, markup=False)

    def _leave(self) -> None:
        """Speak of this session no more; whoever asked and got no answer is told so."""
        line, self._line = self._line, None
        if line is not None:
            line.telemetry.leave()
        self._drop_questions()

    def _follow(self, update: LiveUpdate) -> None:
        if update.ended:
            self._drop_questions()

    def _drop_questions(self) -> None:
        if self._questions:
            self._questions.clear()
            self._show_question()

    def _ask(self, command: CoachCommand) -> None:
        line = self._line
        if line is None:
            return
        if command.kind == "message":
            line.answer(command, "shown")
            self._tell(line, command, command.text)
        elif not line.trainee.takes_target:
            line.answer(command, "refused")
            words = n_(
                "{n} rep would be better, but no set is left that could change.",
                "{n} reps would be better, but no set is left that could change.",
                command.reps,
            )
            self._tell(line, command, words)
        elif len(self._questions) >= MOST_WAITING:
            line.answer(command, "refused")
        else:
            self._questions.append(command)
            line.ear.hear(_question(command))
            self._show_question()

    def _tell(self, line: _Line, command: CoachCommand, words: str) -> None:
        self._app.notify(words, title=f"✉ {_sender(command)}", timeout=SHOWN_S, markup=False)
        line.ear.hear(words)

    def _show_question(self) -> None:
        """Show the oldest question on the screen of the session, and offer the keys."""
        for screen in self._app.screen_stack if self._app.is_running else ():
            screen.query(CoachQuestion).remove()
        if self._questions:
            command = self._questions[0]
            place = next(one for one in reversed(self._app.screen_stack) if not isinstance(one, ModalScreen))
            place.mount(CoachQuestion(f"◆ {_sender(command)}: {_question(command)}"))
        self._app.refresh_bindings()

    def _status(self, status: PublisherStatus) -> None:
        """Tell what is wrong once, and that it is well again; the session goes on either way."""
        if status.problem and status.problem != self._told:
            self._app.notify(f"MQTT: {status.problem}", severity="warning", timeout=8, markup=False)
        elif status.connected and self._told:
            self._app.notify(_("MQTT: connected again"), timeout=3, markup=False)
        self._told = status.problem


def _sender(command: CoachCommand) -> str:
    return command.sender or _("Coach")


def _question(command: CoachCommand) -> str:
    return n_("Do {n} rep?", "Do {n} reps?", command.reps)


def open_coach_line(app: KneeimuApp, *, wanted: bool = False) -> CoachLine | None:
    """Give the app's line when it is wanted here, or the settings of the broker say ``app = true``.

    Trouble with the settings must not stop the training: it is shown.
    """
    if app.coach is not None:
        return app.coach
    try:
        broker = load_broker()
        if broker is None or not (wanted or broker.app):
            return None
        app.coach = CoachLine(app, broker)
        app.resources.push_async_callback(app.coach.close)
        return app.coach
    except KneeimuError as error:
        app.notify(f"MQTT: {error}", severity="warning", timeout=10, markup=False)
        return None
