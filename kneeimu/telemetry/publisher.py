"""Publishes a session: state retained, events through the outbox, frames when there is room.

Whoever has something to say calls ``state``, ``event`` or ``ticks``; none of them waits. A task of its own does the
rest: it connects, waits, connects again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import aiomqtt

from kneeimu.errors import KneeimuError
from kneeimu.telemetry import discovery
from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.connection import (
    BRIEF_S,
    MOST_BRIEF,
    PUSHY_WAIT_S,
    WINDOW,
    Client,
    cut_words,
    explain,
    is_refused,
    is_replaced,
    is_taken_over,
    make_client,
    signature,
    taken_words,
    wait_s,
)
from kneeimu.telemetry.outbox import Outbox
from kneeimu.telemetry.payloads import CoachCommand, State, encode, encode_state, read_command
from kneeimu.telemetry.topics import AVAILABILITY, COMMAND, EVENT, FRAME, OFFLINE, ONLINE, STATE, topic
from kneeimu.words import _

log = logging.getLogger(__name__)

PACE_S = 0.2
"""At most one state and one frame in this time: ten messages a second."""
MOST_TICKS = 50
"""Two seconds of ticks; on a slow network the oldest are not drawn."""
REFUSED_WAIT_S = 30.0
FAREWELL_S = 3.0

Tick = tuple[float, float, float | None]


@dataclass(frozen=True, slots=True)
class PublisherStatus:
    """How it goes.

    Attributes:
        waiting: events that have not arrived. dropped: events that gave way in a full outbox.
        problem: what is wrong, for people; empty when all is well.
    """

    connected: bool = False
    waiting: int = 0
    dropped: int = 0
    problem: str = ""


class Publisher:
    """Speaks for one wearer.

    Args:
        outbox: is closed at the end.
        on_command: is given a coach's message or target.
        on_status: is told when the connection or the problem changes.

    Attributes:
        status: newest.
    """

    def __init__(
        self, broker: Broker, outbox: Outbox, *, on_command: Callable[[CoachCommand], None] | None = None,
        on_status: Callable[[PublisherStatus], None] | None = None,
    ) -> None:  # fmt: skip
        self.broker = broker
        self.status = PublisherStatus(waiting=len(outbox), problem=outbox.problem)
        self.on_command = on_command
        self.on_status = on_status
        self._outbox = outbox
        self._state: State | None = None
        self._ticks: deque[Tick] = deque(maxlen=MOST_TICKS)
        self._session, self._closed = "", False
        self._outbox_told = outbox.problem
        self._brief = 0  # connections in a row that did not last
        self._instance = secrets.token_hex(4)
        self._available = topic(broker.wearer, AVAILABILITY)
        self._events_wait, self._state_waits = asyncio.Event(), asyncio.Event()
        self._drained, self._shown = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        if len(outbox):
            self._events_wait.set()

    # --- what is to be said; none of these waits ----------------------------------------------------------------------

    def state(self, state: State) -> None:
        """The session stands like this now."""
        self._state, self._session = state, state.session
        self._shown.clear()
        self._state_waits.set()

    def event(self, data: dict[str, Any]) -> None:
        """Something happened: it will arrive, sooner or later, once for who drops ids that came before."""
        self._outbox.put(topic(self.broker.wearer, EVENT), encode(data))
        self._drained.clear()
        self._events_wait.set()
        if self._outbox.problem != self._outbox_told:
            self._outbox_told = self._outbox.problem
            if self._outbox_told:
                self._tell(problem=self._outbox_told)

    def ticks(self, ticks: list[Tick]) -> None:
        """Time (s), angle and medial angle (deg) to draw; nobody misses them."""
        if self.status.connected:
            self._ticks.extend(ticks)
            self._state_waits.set()

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Run in a task of its own until ``stop``."""
        if self._task is None:
            self._task = asyncio.create_task(self.run(), name="mqtt publisher")

    async def stop(self, within_s: float = FAREWELL_S) -> None:
        """Send what can be sent in that time, say goodbye and end. May be called again."""
        task, self._task = self._task, None
        if task is None:
            return
        if self.status.connected and not task.done():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wait_drained(), within_s)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        self._close()  # a task that never began has not done so

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self.status = replace(self.status, connected=False, waiting=len(self._outbox))
            self._outbox.close()

    async def run(self) -> None:
        """Connect and stay connected until cancelled, or until somebody else takes our name."""
        attempt = 0
        try:
            while True:
                # a task of its own: in Python 3.11.2 a failing TaskGroup leaves its task half cancelled for ever
                failure = await asyncio.create_task(self._connection(), name="mqtt connection")
                was_connected = self.status.connected
                self._brief += was_connected
                attempt = self._brief if was_connected else attempt + 1
                self._ticks.clear()
                self._tell(connected=False, problem=self._cut_problem or explain(failure, self.broker))
                if is_taken_over(failure):
                    return
                await asyncio.sleep(PUSHY_WAIT_S if is_refused(failure) else wait_s(attempt))
                if was_connected and await is_replaced(self.broker, self._instance, self._available):
                    self._tell(problem=taken_words(self.broker))
                    return
        except KneeimuError as error:
            self._tell(connected=False, problem=str(error))
        except Exception as error:  # the training goes on without us
            log.exception("publishing ended")
            self._tell(
                connected=False,
                problem=_("publishing ended: {name}: {error}").format(name=type(error).__name__, error=error),
            )
        finally:
            self._close()

    @property
    def _cut_problem(self) -> str:
        return cut_words(self.broker) if self._brief >= MOST_BRIEF else ""

    async def _last(self) -> None:
        """A connection that lasts is a good one."""
        await asyncio.sleep(BRIEF_S)
        cut, self._brief = self._cut_problem, 0
        if cut and self.status.problem == cut:
            self._tell(problem=self._outbox.problem)

    async def _wait_drained(self) -> None:
        if len(self._outbox):
            await self._drained.wait()
        if self._state_waits.is_set():
            await self._shown.wait()

    async def _connection(self) -> aiomqtt.MqttError:
        """One connection from its beginning to its end; give why it ended."""
        available = self._available
        failure = aiomqtt.MqttError(_("it was closed"))
        will = aiomqtt.Will(available, OFFLINE, qos=1, retain=True)
        try:
            async with make_client(self.broker, f"kneeimu-{self.broker.wearer}", will) as client:
                try:
                    await self._greet(client)
                    async with asyncio.TaskGroup() as tasks:
                        tasks.create_task(self._listen(client), name="mqtt in")
                        tasks.create_task(self._send_events(client), name="mqtt events")
                        tasks.create_task(self._send_state(client), name="mqtt state")
                        tasks.create_task(self._last(), name="mqtt lasts")
                except BaseException:  # who leaves in peace leaves no will
                    with contextlib.suppress(aiomqtt.MqttError):
                        await client.publish(available, OFFLINE, qos=1, retain=True, timeout=1.0)
                    raise
        except* aiomqtt.MqttError as group:
            failure = _first(group)
        return failure

    async def _greet(self, client: Client) -> None:
        broker = self.broker
        if broker.home_assistant:
            await client.subscribe(discovery.birth_topic(broker), qos=1)
        await client.subscribe(topic(broker.wearer, COMMAND), qos=1)
        signed = signature(self._instance) if broker.protocol == "5" else None
        await client.publish(self._available, ONLINE, qos=1, retain=True, properties=signed)
        await self._announce(client)
        self._tell(connected=True, problem=self._cut_problem or self._outbox.problem)
        if self._state is not None:
            self._state_waits.set()

    async def _announce(self, client: Client) -> None:
        if self.broker.home_assistant:
            await client.publish(
                discovery.config_topic(self.broker), discovery.config_payload(self.broker), qos=1, retain=True
            )

    async def _listen(self, client: Client) -> None:
        own, birth = topic(self.broker.wearer, COMMAND), discovery.birth_topic(self.broker)
        async for message in client.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if message.topic.value == birth:
                if payload == ONLINE.encode():
                    await self._announce(client)
                    self._state_waits.set()
            elif message.topic.value == own and not message.retain:  # a retained one was meant for another day
                command = read_command(payload)
                if command is not None and self.on_command is not None:
                    self.on_command(command)

    async def _send_events(self, client: Client) -> None:
        refused = False
        while True:
            await self._events_wait.wait()
            waiting = self._outbox.oldest(WINDOW)
            if not waiting:
                self._events_wait.clear()
                self._drained.set()
                over = bool(self._outbox_told) and self.status.problem == self._outbox_told
                self._outbox_told = self._outbox.problem
                self._tell(waiting=0, **({"problem": self._outbox_told} if over else {}))
                continue
            refusals, was_refused = client.refusals, refused
            await asyncio.gather(*(client.publish(one.topic, one.payload, qos=1) for one in waiting))
            refused = client.refusals > refusals
            if refused:
                self._tell(
                    problem=_("{address} does not let us publish {topic}; events wait").format(
                        address=self.broker.address, topic=waiting[0].topic
                    )
                )
                await asyncio.sleep(REFUSED_WAIT_S)
                continue
            self._outbox.done(waiting[-1].number)
            if was_refused:
                self._tell(problem=self._outbox.problem)

    async def _send_state(self, client: Client) -> None:
        wearer = self.broker.wearer
        sent: State | None = None
        while True:
            await self._state_waits.wait()
            state, ticks = self._state, tuple(self._ticks)
            self._ticks.clear()
            if state is not None and state is not sent:
                await client.publish(topic(wearer, STATE), encode_state(state), retain=True)
                sent = state
            if ticks:
                time_s, angle_deg, medial_deg = zip(*ticks, strict=True)
                columns = {"time_s": time_s, "angle_deg": angle_deg, "medial_deg": medial_deg}
                await client.publish(topic(wearer, FRAME), encode({"session": self._session, **columns}))
            if self._state is state and not self._ticks:
                self._state_waits.clear()
                self._shown.set()
            await asyncio.sleep(PACE_S)

    def _tell(self, **changes: Any) -> None:
        changes = {"waiting": len(self._outbox), **changes}
        status = replace(self.status, dropped=self._outbox.dropped, **changes)
        news = (status.connected, status.problem) != (self.status.connected, self.status.problem)
        self.status = status
        if news and status.problem:
            log.info("%s", status.problem)  # not louder: it is told by on_status, and would be drawn over a screen
        if news and self.on_status is not None:
            self.on_status(status)


def _first(group: BaseExceptionGroup[aiomqtt.MqttError]) -> aiomqtt.MqttError:
    """Give the most telling of several errors: one with the broker's reason, if there is one."""
    errors = [_first(error) if isinstance(error, BaseExceptionGroup) else error for error in group.exceptions]
    return next((error for error in errors if is_taken_over(error)), errors[0])
