"""Puts a publisher together from the settings."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import aiomqtt

from kneeimu.locations import state_dir
from kneeimu.telemetry import discovery
from kneeimu.telemetry.broker import Broker, BrokerError
from kneeimu.telemetry.connection import explain, make_client
from kneeimu.telemetry.outbox import MOST_EVENTS, Outbox
from kneeimu.telemetry.publisher import Publisher, PublisherStatus
from kneeimu.telemetry.topics import AVAILABILITY, STATE, topic
from kneeimu.words import _


def open_publisher(broker: Broker, on_status: Callable[[PublisherStatus], Any] | None = None) -> Publisher:
    """Give a publisher with its outbox on disk, not yet started.

    Raises:
        BrokerError: the file of authorities can't be used.
    """
    broker.tls_context()
    return Publisher(broker, open_outbox(broker, "outbox"), on_status=on_status)


def open_outbox(broker: Broker, kind: str, most: int = MOST_EVENTS) -> Outbox:
    """Give what waits on disk for this broker, and for no other: ``KIND-WEARER@HOST-PORT.sqlite``.

    Args:
        kind: of what waits; the beginning of the file's name.
        most: how many may wait.
    """
    host = re.sub(r"[^\w.-]", "_", broker.host)  # an address of IPv6 has colons
    return Outbox(state_dir() / "mqtt" / f"{kind}-{broker.wearer}@{host}-{broker.port}.sqlite", most=most)


async def forget(broker: Broker) -> None:
    """Take everything retained of the wearer off the broker, and the device out of Home Assistant.

    Raises:
        BrokerError: the broker can't be reached or does not allow it.
    """
    retained = [topic(broker.wearer, STATE), topic(broker.wearer, AVAILABILITY)]
    if broker.home_assistant:
        retained.insert(0, discovery.config_topic(broker))
    try:
        async with make_client(broker, f"kneeimu-{broker.wearer}") as client:
            await asyncio.gather(*(client.publish(one, b"", qos=1, retain=True) for one in retained))
            if client.refusals:
                raise BrokerError(
                    _("{address} does not let us publish there").format(address=broker.address),
                    advice=_("check its access list"),
                )
    except aiomqtt.MqttError as error:
        raise BrokerError(explain(error, broker, again=False)) from None
