"""Tells of a session what others may know: turns its updates into state, events and ticks for a publisher."""

from __future__ import annotations

import dataclasses
import math
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from kneeimu.exercises.catalogue import find_exercise
from kneeimu.live import Listener, LiveUpdate
from kneeimu.sensors.stream import LinkStatus
from kneeimu.tally import Tally
from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.payloads import CoachCommand, LinkNumbers, State
from kneeimu.types import (
    Cue,
    Event,
    GapFound,
    Rep,
    RepCounted,
    RepJudged,
    RepRevoked,
    SetEnded,
    SetStarted,
    Setup,
    Trace,
    Warned,
    event_to_dict,
)

AMBER_DEG, RED_DEG = 4.0, 7.0
"""Where an exercise has no limits of its own."""
TOLD = (SetStarted, RepCounted, RepRevoked, RepJudged, SetEnded, Cue, GapFound, Warned)
TOLD_COMMANDS = ("pain", "correction")

Ask = Callable[[CoachCommand], None]


class Outlet(Protocol):
    """What is spoken to: ``kneeimu.telemetry.publisher.Publisher``, or something that acts like it."""

    on_command: Callable[[CoachCommand], None] | None

    @property
    def broker(self) -> Broker: ...

    def state(self, state: State) -> None: ...

    def event(self, data: dict[str, Any]) -> None: ...

    def ticks(self, ticks: list[tuple[float, float, float | None]]) -> None: ...


class Session(Protocol):
    """What is listened to: ``kneeimu.live.LiveSession``, or a recording that is played."""

    setup: Setup
    status: LinkStatus | None

    def subscribe(self, listener: Listener) -> Callable[[], None]: ...


def zone_of_rep(drift_deg: float | None, setup: Setup) -> str | None:
    """Name what a rep's drift means; None when it is not known."""
    if drift_deg is None:
        return None
    limit = find_exercise(setup.exercise).profile(setup.mount).findings.get("knee-in")
    amber, red = (limit.amber, limit.red) if limit else (AMBER_DEG, RED_DEG)
    if drift_deg >= red:
        return "red"
    if drift_deg >= amber:
        return "amber"
    return "outward" if drift_deg <= -red else "good"


def new_session_name() -> str:
    """Give a name that no other session has: when it began, and chance."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


class SessionTelemetry:
    """One session as others see it.

    Args:
        session: is listened to from now on, until it ends or ``leave`` is called.
        target: reps to reach.
        ask: shows a coach's message or target to the person, who answers with ``answer``.
        name: names the session in every message; made when left out.

    Attributes:
        name: of the session, in every message.
        target: reps to reach as it is now.
    """

    def __init__(
        self, session: Session, publisher: Outlet, *, target: int | None = None, ask: Ask | None = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        self.name = name or new_session_name()
        self.target = target
        self._session, self._publisher, self._ask = session, publisher, ask
        self._tally = Tally()  # not the session's: of several events at once each is told with its own count
        self._seq = 0
        self._time_s = 0.0
        self._over = False
        self._shown: State | None = None
        self._heard: set[str] = set()
        self._open: dict[str, CoachCommand] = {}
        publisher.on_command = self._command
        self._leave = session.subscribe(self._hear)
        self._event("session-started", {"exercise": session.setup.exercise, "side": session.setup.side})
        self._show()

    def leave(self) -> None:
        """Listen no more."""
        self._leave()
        self._end()

    def answer(self, command: CoachCommand, answer: str) -> None:
        """The person's answer: one of ``ANSWERS``. An accepted target is the target from now on."""
        self._open.pop(command.id, None)
        if answer == "accepted" and command.kind == "target" and command.reps != self.target:
            self.target = command.reps
            self._event("target", {"reps": command.reps})
        self._event("answer", {"command": command.id, "answer": answer})
        self._show()

    # --- from the session ---------------------------------------------------------------------------------------------

    def _hear(self, update: LiveUpdate) -> None:
        self._time_s = max(self._time_s, update.time_s)
        if update.command is not None:
            self._tally.command(update.command.name, update.command.time_s, update.command.data)
        for event in update.events:
            self._tally.apply(event)
            if isinstance(event, TOLD):
                self._event(event.kind, _data(event), event.time_s)
        if update.command is not None and update.command.name in TOLD_COMMANDS:
            given = update.command.data
            self._event(update.command.name, {key: given[key] for key in ("level", "by") if key in given})
        if update.trace is not None and len(update.trace.time_s):
            self._publisher.ticks(_ticks(update.trace))
        if update.ended:
            self._end()
        elif update.events or update.status is not None or update.command is not None or self._shown is None:
            self._show()

    def _command(self, command: CoachCommand) -> None:
        if command.id in self._heard:  # quality 1 may bring it twice
            return
        self._heard.add(command.id)
        if self._ask is None or (self._over and command.kind != "message"):
            self.answer(command, "refused")
        else:
            self._open[command.id] = command
            self._ask(command)

    # --- to the publisher ---------------------------------------------------------------------------------------------

    def _end(self) -> None:
        if not self._over:
            for command in tuple(self._open.values()):
                self.answer(command, "unanswered")
            self._event("session-ended", {"total": self._tally.total})
            self._over = True
            self._show()

    def _event(self, kind: str, data: dict[str, Any], time_s: float | None = None) -> None:
        if self._over and kind != "answer":  # a message may be read when the training is over
            return
        self._seq += 1
        tally = self._tally
        self._publisher.event(
            {
                "id": f"{self.name}-{self._seq}",
                "session": self.name,
                "seq": self._seq,
                "utc": _now(),
                "time_s": round(self._time_s if time_s is None else time_s, 3),
                "kind": kind,
                "set_number": tally.set_number,
                "count": tally.count,
                "clean": tally.clean,
                "data": data,
            }
        )

    def _show(self) -> None:
        state = self._state()
        if self._shown is None or dataclasses.replace(state, utc="", time_s=0.0) != self._shown:
            self._shown = dataclasses.replace(state, utc="", time_s=0.0)
            self._publisher.state(state)

    def _state(self) -> State:
        tally, setup = self._tally, self._session.setup
        rep = tally.last_rep
        return State(
            session=self.name, seq=self._seq, time_s=round(self._time_s, 3), utc=_now(),
            name=self._publisher.broker.name, phase=self._phase(tally), exercise=setup.exercise, side=setup.side,
            mount=setup.mount, set_number=tally.set_number, sets_done=tally.sets_done, target=self.target,
            count=tally.count, clean=tally.clean, total=tally.total,
            drift_deg=_tenths(rep.medial_drift_deg) if rep else None,
            zone=zone_of_rep(rep.medial_drift_deg, setup) if rep else None,
            range_deg=_tenths(rep.range_of_motion_deg) if rep else None,
            tempo_s=_tempo(rep),
            cue=tally.cue.code if tally.cue else None, cue_level=tally.cue.level if tally.cue else None,
            pain=tally.pain[-1].level if tally.pain else None,
            mounting=setup.alignment.quality if setup.alignment else None, link=_link(self._session.status),
        )  # fmt: skip

    def _phase(self, tally: Tally) -> str:
        if self._over:
            return "ended"
        if tally.paused:
            return "paused"
        return "set" if tally.in_set else "rest" if tally.set_number else "waiting"


def _data(event: Event) -> dict[str, Any]:
    """Give what belongs to the kind; open-ended metrics stay at home."""
    data = event_to_dict(event)
    for name in ("kind", "time_s", "set_number"):
        data.pop(name, None)
    if isinstance(event, RepJudged) and event.rep is None:
        del data["rep"]
    for part in ("rep", "summary"):
        if part in data:
            data[part].pop("metrics", None)
    return data


def _tempo(rep: Rep | None) -> tuple[float, float, float] | None:
    if rep is None or rep.phases_s is None:
        return None
    outward_s, hold_s, return_s = rep.phases_s
    return round(outward_s, 2), round(hold_s, 2), round(return_s, 2)


def _ticks(trace: Trace) -> list[tuple[float, float, float | None]]:
    rows = zip(trace.time_s.tolist(), trace.angle_deg.tolist(), trace.medial_deg.tolist(), strict=True)
    return [
        (round(time_s, 3), round(angle, 1), None if math.isnan(medial) else round(medial, 1))
        for time_s, angle, medial in rows
        if math.isfinite(angle)
    ]


def _link(status: LinkStatus | None) -> LinkNumbers:
    if status is None:
        return LinkNumbers()
    expected = status.received + status.lost
    return LinkNumbers(
        str(status.state), status.battery_percent, status.rssi_dbm,
        None if status.rate_hz is None else float(round(status.rate_hz)),
        round(100.0 * status.lost / expected, 1) if expected else None,
    )  # fmt: skip


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
