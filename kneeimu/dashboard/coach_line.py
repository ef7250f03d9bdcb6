"""The wearer's end of MQTT in the app: sessions are published, what a coach sends is shown and may be declined."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.app import App

from kneeimu.dashboard.app import KneeimuApp
from kneeimu.errors import KneeimuError
from kneeimu.telemetry.broker import Broker, load_broker
from kneeimu.telemetry.payloads import CoachCommand
from kneeimu.telemetry.publisher import PublisherStatus
from kneeimu.telemetry.service import open_publisher
from kneeimu.telemetry.session import Session, SessionTelemetry
from kneeimu.words import _

SHOWN_S = 20
ASKED_S = 60
MOST_WAITING = 5
"""Questions that wait for an answer; who sends more is refused."""


@dataclass(frozen=True, slots=True)
class _Question:
    telemetry: SessionTelemetry
    command: CoachCommand
    accept: Callable[[int], None]


class CoachLine:
    """Publishes the sessions of an app, one after the other.

    Args:
        app: shows what comes, and gives the keys ``y`` and ``n`` for the answers.
    """

    def __init__(self, app: App[Any], broker: Broker) -> None:
        self._app = app
        self._publisher = open_publisher(broker, self._status)
        self._questions: deque[_Question] = deque()
        self._telemetry: SessionTelemetry | None = None
        self._told = ""

    def attach(self, session: Session, target: int | None, accept: Callable[[int], None] | None = None) -> None:
        """Publish this session from now on; ``accept`` takes a target that the person agreed to.

        Without it a programme decides about the target: a coach's wish is shown and refused.
        """
        self._publisher.start()
        self._questions.clear()
        if self._telemetry is not None:
            self._telemetry.leave()

        def ask(command: CoachCommand) -> None:
            if command.kind == "target" and accept is not None:
                self._ask(_Question(telemetry, command, accept))
            else:
                self._show(telemetry, command)

        telemetry = SessionTelemetry(session, self._publisher, target=target, ask=ask)
        self._telemetry = telemetry

    async def close(self) -> None:
        """Say goodbye."""
        if self._telemetry is not None:
            self._telemetry.leave()
        await self._publisher.stop()

    @property
    def asked(self) -> bool:
        """A target waits for an answer."""
        return bool(self._questions)

    def answer(self, yes: bool) -> None:
        """The person's answer to the oldest question."""
        if not self._questions:
            return
        question = self._questions.popleft()
        question.telemetry.answer(question.command, "accepted" if yes else "declined")
        if yes:
            question.accept(question.command.reps)
        words = _("New target: {n} reps").format(n=question.command.reps) if yes else _("The target stays.")
        self._app.notify(words, timeout=4, markup=False)
        self._app.refresh_bindings()

    def _ask(self, question: _Question) -> None:
        command = question.command
        if len(self._questions) >= MOST_WAITING:
            question.telemetry.answer(command, "refused")
        else:
            self._questions.append(question)
            words = _("Do {n} reps? y: yes · n: no").format(n=command.reps)
            self._app.notify(words, title=f"◆ {command.sender or _('Coach')}", timeout=ASKED_S, markup=False)
            self._app.refresh_bindings()

    def _show(self, telemetry: SessionTelemetry, command: CoachCommand) -> None:
        wish = _("{n} reps would be better. The programme stays.").format(n=command.reps)
        words = command.text if command.kind == "message" else wish
        self._app.notify(words, title=f"✉ {command.sender or _('Coach')}", timeout=SHOWN_S, markup=False)
        telemetry.answer(command, "shown" if command.kind == "message" else "refused")

    def _status(self, status: PublisherStatus) -> None:
        """Tell what is wrong once, and that it is well again; the session goes on either way."""
        if status.problem and status.problem != self._told:
            self._app.notify(f"MQTT: {status.problem}", severity="warning", timeout=8, markup=False)
        elif status.connected and self._told:
            self._app.notify(_("MQTT: connected again"), timeout=3, markup=False)
        self._told = status.problem


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
