"""The app in a browser: textual-serve, behind a door.

On loopback it answers only this machine's own pages: another site open in the same browser could otherwise drive the
app. Elsewhere it also asks for a token, given once in the address and then kept as a cookie.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server

from kneeimu.words import _

COOKIE = "kneeimu-token"
MOST_SESSIONS = 8
FAREWELL_S = 10.0
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class AppServer(Server):
    """Serves ``kneeimu`` with some arguments; each visitor has an app of their own.

    Args:
        arguments: of the command; none opens the home screen.
        token: what visitors must know; None asks for none.
    """

    def __init__(self, arguments: Sequence[str], host: str, port: int, token: str | None) -> None:
        command = shlex.join([sys.executable, "-m", "kneeimu", *arguments])
        super().__init__(command, host=host, port=port, title="kneeimu", templates_path=Path(__file__).parent)
        self._token = token
        self._visits: set[asyncio.Task[Any]] = set()

    def run(self) -> None:
        """Serve until interrupted.

        Raises:
            OSError: the port can't be had.
        """
        web.run_app(self._make_app(), host=self.host, port=self.port, print=None)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._door())
        app.router.add_get("/focus.js", self._handle_focus)
        return app

    async def _handle_focus(self, request: web.Request) -> web.FileResponse:  # noqa: ARG002
        return web.FileResponse(Path(__file__).with_name("focus.js"))

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command has said where it is."""

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run an app for this visitor."""
        if len(self._visits) >= MOST_SESSIONS:
            raise web.HTTPServiceUnavailable(text=_("too many sessions are open"))
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        try:
            return await super().handle_websocket(request)
        finally:
            self._visits.discard(visit)

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002
        """End the visitors' apps, so that recordings are closed and sensors let go."""
        for visit in self._visits:
            visit.cancel()
        if self._visits:
            await asyncio.wait(self._visits, timeout=FAREWELL_S)

    def _door(self) -> Middleware:
        @web.middleware
        async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.public_url = f"{request.scheme}://{request.host}"
            self._check_origin(request)
            offered = request.query.get("token")
            if self._token is not None and offered is not None and self._is_token(offered):
                welcome = web.HTTPFound(request.path)
                welcome.set_cookie(COOKIE, self._token, httponly=True, samesite="Strict", path="/")
                raise welcome
            if self._token is not None and not self._is_token(request.cookies.get(COOKIE, "")):
                raise web.HTTPUnauthorized(text=_("Open the address with the token that 'kneeimu serve' has printed."))
            response = await handler(request)
            if not response.prepared:
                response.headers.update(SECURITY_HEADERS)
            return response

        return door

    def _is_token(self, offered: str) -> bool:
        return hmac.compare_digest(offered.encode(), (self._token or "").encode())

    def _check_origin(self, request: web.Request) -> None:
        """Refuse other sites' pages, and names that were made to point here."""
        name = urlsplit(f"//{request.host}").hostname or ""
        if is_loopback(self.host) and name not in LOOPBACK_NAMES:
            raise web.HTTPForbidden(text=_("this address is not served here"))
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text=_("other sites may not use the app"))
