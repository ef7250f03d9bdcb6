"""The one place that knows the MQTT library: connecting, and what its refusals mean."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from typing import Any

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from kneeimu.telemetry.broker import Broker
from kneeimu.telemetry.topics import ONLINE
from kneeimu.words import _

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 10.0
KEEPALIVE_S = 20
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
PUSHY_WAIT_S = 30.0
"""After a refusal that only a person can mend there is no hurry."""
WINDOW = 10
"""Events on their way at once; their order is kept."""
BESIDES = 10
"""State, frame, availability and description may be on their way beside them; the library warns above."""
BRIEF_S, MOST_BRIEF = 10.0, 3
"""So many connections of less than this in a row: somebody ends them on purpose."""

BAD_LOGIN = {4, 5, 134, 135}
TAKEN_OVER = 142
NOT_CONNECTED = 4
"""The code of the library beneath, not of the standard: MQTT_ERR_NO_CONN."""
INSTANCE = "instance"
ASK_WITHIN_S = 2.0


class ClosingSocket(ssl.SSLSocket):
    """Is closed when the other side turns out to be a stranger (the library forgets that)."""

    def do_handshake(self, block: bool = False) -> None:
        """Find out who the other side is."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


class Client(aiomqtt.Client):
    """A client that keeps what a broker says when it refuses a message (the base class drops it).

    Attributes:
        refusals: messages of quality 1 that the broker refused.
    """

    refusals = 0

    async def __aexit__(self, *raised: Any) -> None:
        try:
            await super().__aexit__(*raised)
        finally:
            if self._disconnected.done() and not self._disconnected.cancelled():
                self._disconnected.exception()  # looked at, or asyncio would complain on the screen

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Any) -> None:
        if isinstance(reason_code, ReasonCode) and reason_code.is_failure:
            self.refusals += 1
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:  # noqa: ARG002
        """Wait for room to write; the base class looks at the socket's number when it may be another's already."""

        def write() -> None:
            try:
                client.loop_write()
            except Exception as error:  # as in the base class: the connection broke
                if not self._disconnected.done():
                    self._disconnected.set_exception(error)

        def begin() -> None:
            if sock.fileno() > -1:
                self._loop.add_writer(sock.fileno(), write)

        self._loop.call_soon_threadsafe(begin)


def make_client(
    broker: Broker, identifier: str, will: aiomqtt.Will | None = None, *, window: int = WINDOW
) -> Client:  # fmt: skip
    """Give a client that is not yet connected.

    Args:
        window: messages of quality 1 that may be on their way at once.

    Raises:
        BrokerError: the file of authorities can't be used.
    """
    fifth = broker.protocol == "5"
    context = broker.tls_context()
    if context is not None:
        context.sslsocket_class = ClosingSocket
    client = Client(
        broker.host, broker.port, identifier=identifier, username=broker.username, password=broker.password, will=will,
        protocol=aiomqtt.ProtocolVersion.V5 if fifth else aiomqtt.ProtocolVersion.V311,
        clean_session=None if fifth else True, keepalive=KEEPALIVE_S, timeout=ANSWER_WITHIN_S,
        tls_context=context, max_queued_incoming_messages=1000, logger=log.getChild("library"),
        max_inflight_messages=max(20, window),
    )  # fmt: skip
    client.pending_calls_threshold = window + BESIDES
    return client


def code_of(error: aiomqtt.MqttError) -> int | None:
    """Give the broker's reason, a number of the MQTT standard; None when it gave none."""
    reason = getattr(error, "rc", None)
    cause = error.__cause__
    if reason is None and isinstance(cause, aiomqtt.MqttError):
        return code_of(cause)
    return reason.value if isinstance(reason, ReasonCode) else reason if isinstance(reason, int) else None


def is_refused(error: aiomqtt.MqttError) -> bool:
    """Tell whether only a person can mend it."""
    return isinstance(error, MqttConnectError) or "certificate" in str(error).lower()


def is_taken_over(error: aiomqtt.MqttError) -> bool:
    """Tell whether somebody else connected under our name."""
    return code_of(error) == TAKEN_OVER


def explain(error: aiomqtt.MqttError, broker: Broker, *, again: bool = True) -> str:
    """Say what is wrong and what to do, in one line. It holds no password.

    Args:
        again: another attempt follows by itself.
    """
    code, words = code_of(error), str(error).lower()
    if isinstance(error, MqttConnectError) and code in BAD_LOGIN:
        user = _("user {username}").format(username=broker.username) if broker.username else _("no user name")
        return _("{address} refuses the login ({user}); check name and password").format(
            address=broker.address, user=user
        )
    if "expired" in words:
        return _("the certificate of {address} has expired; whoever runs the broker must renew it").format(
            address=broker.address
        )
    if "hostname mismatch" in words or "ip address mismatch" in words:
        return _("the certificate of {address} is for another name; check the address").format(address=broker.address)
    if "certificate" in words:
        advice = _("name its authority with ca_file, or KNEEIMU_BROKER_CA")
        return _("the certificate of {address} is not trusted; {advice}").format(address=broker.address, advice=advice)
    if is_taken_over(error):
        return taken_words(broker)
    if isinstance(error, MqttConnectError):
        return _("{address} refuses the connection: {error}").format(address=broker.address, error=error)
    # as Linux, macOS and Windows say it of a name that stands for no computer
    if "errno -2]" in words or "nodename" in words or "getaddrinfo" in words:
        what = _("no computer is known as {host}").format(host=broker.host)
    elif "refused" in words and "connection" in words:
        what = _("no broker answers at {address}").format(address=broker.address)
    else:
        lost = not words or code == NOT_CONNECTED or words.startswith("disconnected")  # the library's words for it
        what = _("no connection to {address}: {x}").format(
            address=broker.address, x=_("it was lost") if lost else str(error)
        )
    return f"{what}; " + (_("it is tried again") if again else _("start the broker, or check its address"))


def taken_words(broker: Broker) -> str:
    """Say that somebody else publishes under our name."""
    return _("another program publishes as {wearer}; choose another wearer in one of the two").format(
        wearer=broker.wearer
    )


def cut_words(broker: Broker) -> str:
    """Say that connections end as soon as they are made; a broker of MQTT 3.1.1 does not say why."""
    return _(
        "{address} ends each connection after a moment; if another program publishes as {wearer}, choose another "
        "wearer in one of the two"
    ).format(address=broker.address, wearer=broker.wearer)


def signature(instance: str) -> Properties:
    """Give what tells the messages of one program from those of another with the same name."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.UserProperty = (INSTANCE, instance)
    return properties


async def is_replaced(broker: Broker, instance: str, available: str) -> bool:
    """Ask the broker who is online under our name; some brokers close a connection without saying why.

    False when it can't be known: nobody is online, or the broker lets us see nothing.
    """
    if broker.protocol != "5":
        return False
    try:
        async with asyncio.timeout(ASK_WITHIN_S), make_client(broker, f"kneeimu-ask-{instance}") as client:
            await client.subscribe(available, qos=1)
            async for message in client.messages:
                signed = dict(getattr(message.properties, "UserProperty", ()))
                return message.payload == ONLINE.encode() and signed.get(INSTANCE, instance) != instance
    except (aiomqtt.MqttError, TimeoutError):
        pass
    return False


def wait_s(attempt: int) -> float:
    """Give how long to wait before the next attempt: longer each time, and never the same for everybody, s."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempt, 10)) * random.uniform(0.5, 1.0)
