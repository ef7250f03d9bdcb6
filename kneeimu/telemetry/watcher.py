"""Watches the sessions of others: keeps what is known of each wearer, sends messages and targets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import aiomqtt

from kneeimu.errors import KneeimuError
from kneeimu.telemetry.broker import Broker, BrokerError
from kneeimu.telemetry.connection import PUSHY_WAIT_S, Client, explain, is_refused, make_client, wait_s
from kneeimu.telemetry.payloads import (
    LONGEST_TEXT,
    MOST_REPS,
    CoachCommand,
    Frame,
    Happening,
    State,
    encode_command,
    plain_text,
    read_event,
    read_frame,
    read_state,
)
from kneeimu.telemetry.topics import (
    AVAILABILITY,
    COMMAND,
    EVENT,
    FRAME,
    OFFLINE,
    ONLINE,
    STATE,
    Place,
    parse_topic,
    topic,
)
from kneeimu.words import _

log = logging.getLogger(__name__)

MOST_PATIENTS = 30
MOST_EVENTS = 40
MOST_TICKS = 400
SOUGHT = (AVAILABILITY, STATE, EVENT, FRAME)
LOOK_S, SLOW_S, CATCH_UP_S = 3.0, 1.5, 300.0
"""How often the line is looked at, how late the answer of a quick one may be, and how long catching up may take."""
SPARE_S, LONGEST_SPARE_S = 20.0, 320.0
"""How long frames are left out at first, and at most."""
NOTHING = topic("-", "nothing")


@dataclass(slots=True)
class Patient:
    """What is known of one wearer.

    Attributes:
        online: their program is there; None before it was said.
        state: newest; its counts follow the events, so that a lost state loses no count.
        missed: events that never came, by the holes in their numbers.
        ticks: newest of the movement: time (s), angle, medial angle (deg).
        heard: when something last came, on this machine's monotonic clock, s.
        answer: to the newest command; empty before.
    """

    wearer: str
    online: bool | None = None
    state: State = field(default_factory=State)
    events: deque[Happening] = field(default_factory=lambda: deque(maxlen=MOST_EVENTS))
    missed: int = 0
    ticks: deque[tuple[float, float, float | None]] = field(default_factory=lambda: deque(maxlen=MOST_TICKS))
    heard: float = 0.0
    answer: str = ""
    asked: str = ""
    _session: str = ""
    _seq: int = 0

    @property
    def name(self) -> str:
        """For people."""
        return self.state.name or self.wearer

    def take_state(self, state: State) -> None:
        """Take how the session stands; an older one than the events say is not heeded."""
        same = state.session == self.state.session
        if same and state.seq < self.state.seq:
            return
        if not same:
            self.ticks.clear()
        self.state = state

    def take_event(self, event: Happening) -> None:
        """Take what happened, once; counts follow it when it is newer than the state."""
        if event.session == self._session:
            if event.seq <= self._seq:
                return
            self.missed += event.seq - self._seq - 1
        self._session, self._seq = event.session, event.seq
        self.events.append(event)
        if event.kind == "answer" and event.data.get("command") == self.asked:
            self.answer = plain_text(str(event.data.get("answer", "")))
        state = self.state
        if event.session == state.session and event.seq > state.seq:
            fresh = {"set_number": event.set_number, "count": event.count, "clean": event.clean, "seq": event.seq}
            self.state = replace(state, **fresh)  # type: ignore[arg-type]

    def take_frame(self, frame: Frame) -> None:
        """Take ticks to draw."""
        if frame.session == self.state.session:
            newest = self.ticks[-1][0] if self.ticks else float("-inf")
            rows = zip(frame.time_s, frame.angle_deg, frame.medial_deg, strict=True)
            self.ticks.extend(row for row in rows if row[0] > newest)


def _trains(place: Place, payload: bytes) -> bool:
    """Tell whether a message shows that somebody is there now; what is retained may be of yesterday."""
    if place.leaf == AVAILABILITY:
        return payload == ONLINE.encode()
    state = read_state(payload) if place.leaf == STATE else None
    return place.leaf in (EVENT, FRAME) or (state is not None and state.phase != "ended")


@dataclass(frozen=True, slots=True)
class WatcherStatus:
    """How it goes. ``problem`` is for people; empty when all is well."""

    connected: bool = False
    problem: str = ""


class Watcher:
    """Follows wearers.

    Args:
        wearers: whom; empty for all that the broker lets us see, up to ``MOST_PATIENTS``.
        on_change: is told whose picture changed, or who is gone from ``patients``; must return at once.
        on_status: is told when the connection changes.

    Attributes:
        patients: by wearer.
        strangers: wearers that found no room.
        rubbish: messages that made no sense.
    """

    def __init__(
        self, broker: Broker, wearers: Sequence[str] = (), *, on_change: Callable[[str], None] = lambda _: None,
        on_status: Callable[[WatcherStatus], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.broker, self.on_change, self.on_status = broker, on_change, on_status
        self.patients: dict[str, Patient] = {one: Patient(one) for one in wearers}
        self.status = WatcherStatus()
        self.strangers: set[str] = set()
        self.rubbish = 0
        self._wearers = tuple(wearers)
        self._client: Client | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Run in a task of its own until ``stop``."""
        if self._task is None:
            self._task = asyncio.create_task(self.run(), name="mqtt watcher")

    async def stop(self) -> None:
        """End. May be called again."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def run(self) -> None:
        """Connect and stay connected until cancelled."""
        attempt = 0
        # A name of its own for each watcher: many may watch, and none pushes another out.
        identifier = f"kneeimu-watch-{secrets.token_hex(4)}"
        try:
            while True:
                try:
                    async with make_client(self.broker, identifier) as client:
                        await self._subscribe(client)
                        self._client, attempt = client, 0
                        pace = asyncio.create_task(self._keep_pace(client), name="mqtt pace")
                        try:
                            async for message in client.messages:
                                payload = message.payload
                                self.take(message.topic.value, payload if isinstance(payload, bytes) else b"")
                        finally:
                            pace.cancel()
                            await asyncio.gather(pace, return_exceptions=True)
                except aiomqtt.MqttError as error:
                    self._client = None
                    self._tell(WatcherStatus(False, explain(error, self.broker)))
                    await asyncio.sleep(PUSHY_WAIT_S if is_refused(error) else wait_s(attempt))
                    attempt += 1
        except KneeimuError as error:
            self._tell(WatcherStatus(False, str(error)))
        finally:
            self._client = None

    async def _subscribe(self, client: Client) -> None:
        wanted = [(topic(who, leaf), int(leaf != FRAME)) for who in self._wearers or ("+",) for leaf in SOUGHT]
        granted = await client.subscribe(wanted)
        refused = sum((code if isinstance(code, int) else code.value) >= 128 for code in granted)
        problem = (
            _("{address} does not let us watch all of it; ask who runs it").format(address=self.broker.address)
            if refused
            else ""
        )
        self._tell(WatcherStatus(True, problem))

    async def _keep_pace(self, client: Client) -> None:
        """Leave frames out while the line is too slow for them, so that counts come in time.

        The broker's answer comes after all that it sent before: how long it takes tells how late everything is.
        """
        frames = [(topic(who, FRAME), 0) for who in self._wearers or ("+",)]
        spare_s = SPARE_S
        with contextlib.suppress(aiomqtt.MqttError):  # the connection is lost: whoever reads notices
            while True:
                await asyncio.sleep(LOOK_S)
                answer = asyncio.ensure_future(client.unsubscribe(NOTHING, timeout=CATCH_UP_S))
                await asyncio.wait({answer}, timeout=SLOW_S)
                if answer.done():
                    await answer
                    continue
                await client.unsubscribe([where for where, _quality in frames], timeout=CATCH_UP_S)
                self._tell(WatcherStatus(True, _("the line is slow: counts come, the movement is not drawn")))
                await answer
                await asyncio.sleep(spare_s)
                spare_s = min(2 * spare_s, LONGEST_SPARE_S)
                await client.subscribe(frames, timeout=CATCH_UP_S)
                self._tell(WatcherStatus(True))

    def take(self, where: str, payload: bytes) -> None:
        """Take a message, whatever it holds."""
        place = parse_topic(where)
        if place is None or place.leaf == COMMAND:
            return
        patient = self._patient(place.wearer, trains=_trains(place, payload))
        if patient is None:
            return
        if self._apply(patient, place, payload):
            patient.heard = time.monotonic()
            self.on_change(place.wearer)
        else:
            self.rubbish += 1

    def _apply(self, patient: Patient, place: Place, payload: bytes) -> bool:
        if place.leaf == AVAILABILITY:
            known = {ONLINE.encode(): True, OFFLINE.encode(): False}
            patient.online = known.get(payload, patient.online)
            return payload in known
        if place.leaf == STATE and (state := read_state(payload)) is not None:
            patient.take_state(state)
        elif place.leaf == EVENT and (event := read_event(payload)) is not None:
            patient.take_event(event)
        elif place.leaf == FRAME and (frame := read_frame(payload)) is not None:
            patient.take_frame(frame)
        else:
            return False
        return True

    def _patient(self, wearer: str, *, trains: bool = False) -> Patient | None:
        known = self.patients.get(wearer)
        if known is None:
            if self._wearers or not self._has_room(trains):
                if len(self.strangers) < 1000:
                    self.strangers.add(wearer)
                return None
            self.strangers.discard(wearer)
            known = self.patients[wearer] = Patient(wearer)
        return known

    def _has_room(self, trains: bool) -> bool:
        """Tell whether one more finds room; for somebody who trains, whoever went away longest ago gives way."""
        if len(self.patients) < MOST_PATIENTS:
            return True
        gone = [one for one in self.patients.values() if one.online is False]
        if not trains or not gone:
            return False
        oldest = min(gone, key=lambda one: one.heard).wearer
        del self.patients[oldest]
        self.on_change(oldest)
        return True

    # --- to a wearer --------------------------------------------------------------------------------------------------

    async def send_message(self, wearer: str, text: str, sender: str = "Coach") -> None:
        """Let a wearer read a line.

        Raises:
            BrokerError: there is nothing to say, no connection, or the broker does not allow it.
        """
        words = plain_text(text, LONGEST_TEXT)
        if not words:
            raise BrokerError(_("there is nothing to send"), advice=_("write a line"))
        await self._send(wearer, CoachCommand(secrets.token_hex(8), "message", sender, text=words))

    async def send_target(self, wearer: str, reps: int, sender: str = "Coach") -> None:
        """Ask a wearer to do that many reps.

        Raises:
            BrokerError: no such number of reps, no connection, or the broker does not allow it.
        """
        if not 1 <= reps <= MOST_REPS:
            raise BrokerError(
                _("{reps} reps can't be asked for").format(reps=reps),
                advice=_("1 to {most_reps}").format(most_reps=MOST_REPS),
            )
        await self._send(wearer, CoachCommand(secrets.token_hex(8), "target", sender, reps=reps))

    async def _send(self, wearer: str, command: CoachCommand) -> None:
        client = self._client
        if client is None:
            raise BrokerError(_("there is no connection to the broker"), advice=_("wait until it is back"))
        patient = self._patient(wearer)
        if patient is not None:
            patient.asked, patient.answer = command.id, ""
        refusals = client.refusals
        try:
            await client.publish(topic(wearer, COMMAND), encode_command(command), qos=1)
        except aiomqtt.MqttError as error:
            raise BrokerError(explain(error, self.broker, again=False)) from None
        if client.refusals > refusals:
            raise BrokerError(
                _("{address} does not let us send to {wearer}").format(address=self.broker.address, wearer=wearer),
                advice=_("ask who runs it"),
            )

    def _tell(self, status: WatcherStatus) -> None:
        if status != self.status:
            self.status = status
            self.on_status(status)
