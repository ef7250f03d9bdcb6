"""The radio between virtual devices: one shared link that any number of processes plug into.

Each client of the socket gets a virtual Bluetooth controller of its own and talks plain HCI to it, as to a dongle
(``unix:/path`` or ``tcp-client:host:port`` as a bumble transport). A socket that closes means that this radio lost its
power: it stops advertising, and after the supervision timeout its peers see the connection time out, as with a sensor
whose battery dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
from collections.abc import AsyncIterator
from typing import Any

from bumble import hci, ll
from bumble.controller import Controller, LegacyAdvertiser
from bumble.link import LocalLink
from bumble.transport import open_transport
from bumble.transport.common import StreamPacketSink, StreamPacketSource

log = logging.getLogger(__name__)

SUPERVISION_TIMEOUT_S = 0.7
_serial = itertools.count(1)


async def open_radio(place: str) -> Any:
    """Open a bumble transport; gives it, to be closed by the caller.

    Raises:
        ConnectionError: there is no radio, or it may not be used; whatever kind of error its driver raises.
    """
    try:
        return await open_transport(place)
    except Exception as error:
        raise ConnectionError(str(error) or type(error).__name__) from error


class _Advertiser(LegacyAdvertiser):  # type: ignore[misc]
    """Sends the scan response along with the advertisement; bumble's own advertiser leaves it out."""

    def send_advertising_data(self) -> None:
        if self.enabled:
            data = self.advertising_data + self.scan_response_data
            self.controller.send_advertising_pdu(ll.AdvInd(advertiser_address=self.address, data=data))


class _Port(asyncio.Protocol):
    """One socket and the controller behind it."""

    def __init__(self, air: LocalLink, supervision_timeout_s: float) -> None:
        self._air, self._timeout_s = air, supervision_timeout_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._source = StreamPacketSource()
        sink = StreamPacketSink(transport)
        self._controller = Controller(
            f"radio {next(_serial)}", host_source=self._source, host_sink=sink, link=self._air
        )
        # One kind of advertising is enough here, and extended advertising of this controller knows no scan response.
        self._controller.le_features &= ~(hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING)
        self._controller.le_legacy_advertiser = _Advertiser(self._controller)

    def data_received(self, data: bytes) -> None:
        try:
            self._source.data_received(data)
        except Exception:  # a host's bad packet must not silence everybody else
            log.exception("bad HCI packet from a host")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        radio = self._controller
        radio.le_legacy_advertiser.stop()
        radio.host = None
        ends = [(peer, end) for connection in radio.le_connections.values() for peer, end in self._far_end(connection)]
        self._air.controllers.discard(radio)

        def time_out() -> None:
            for peer, end in ends:
                if peer.host is not None and peer.le_connections.get(end.peer_address) is end:
                    peer.on_le_disconnected(end, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

        with contextlib.suppress(RuntimeError):  # the loop is closing: nobody is left to tell
            asyncio.get_running_loop().call_later(self._timeout_s, time_out)

    def _far_end(self, connection: Any) -> list[tuple[Any, Any]]:
        peer = self._air.find_le_controller(connection.peer_address)
        end = peer.le_connections.get(connection.self_address) if peer else None
        return [(peer, end)] if end else []


@contextlib.asynccontextmanager
async def serve(address: str, supervision_timeout_s: float = SUPERVISION_TIMEOUT_S) -> AsyncIterator[LocalLink]:
    """Open the air at ``unix:/path`` or ``tcp:host:port``.

    Raises:
        ValueError: the address has another form.
        OSError: the address can't be used.
    """
    air = LocalLink()
    kind, _, place = address.partition(":")
    loop = asyncio.get_running_loop()
    if kind == "unix":
        server: asyncio.Server = await loop.create_unix_server(lambda: _Port(air, supervision_timeout_s), place)
    elif kind == "tcp":
        host, _, port = place.rpartition(":")
        server = await loop.create_server(lambda: _Port(air, supervision_timeout_s), host, int(port))
    else:
        raise ValueError(f"{address!r} is no address of an air: unix:/path or tcp:host:port")
    try:
        yield air
    finally:
        server.close()
        if kind == "unix":
            with contextlib.suppress(FileNotFoundError):
                os.unlink(place)


def client_transport(address: str) -> str:
    """Give the bumble transport that plugs into the air at ``address``; names of real dongles pass through."""
    return "tcp-client:" + address.removeprefix("tcp:") if address.startswith("tcp:") else address
