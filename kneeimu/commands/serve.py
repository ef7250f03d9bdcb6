"""``kneeimu serve``: the app in a browser."""

from __future__ import annotations

import importlib
import secrets
import socket

import click

from kneeimu.errors import InputError
from kneeimu.words import _

ALLOWED = ("demo", "live", "replay")
FAR_AWAY = {"0.0.0.0": (socket.AF_INET, "192.0.2.1"), "::": (socket.AF_INET6, "2001:db8::1")}
"""An address beyond this machine, kept for documents, for each way to say that all addresses are listened on."""


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--token", envvar="KNEEIMU_TOKEN", help="What visitors must know; made up when the address is not loopback."
)  # fmt: skip
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[demo|live|replay …]")
def command(host: str, port: int, token: str | None, arguments: tuple[str, ...]) -> None:
    """Show the app in a browser, on this machine alone unless --host says otherwise.

    What follows the options is run for each visitor: 'kneeimu serve demo' serves the demo, nothing the home screen.
    Beyond loopback a token is needed, and the connection is not encrypted: use it in a network you trust.
    """
    if arguments and arguments[0] not in ALLOWED:
        advice = _("choose one of: {names}").format(names=", ".join(ALLOWED))
        raise InputError(
            _("{what!r} can't be shown in a browser").format(what=arguments[0]),
            where="kneeimu serve",
            advice=advice,
        )
    if arguments:
        _check(arguments)
    try:
        from kneeimu.dashboard.web import AppServer, is_loopback
    except ImportError as error:
        advice = "pip install 'kneeimu[web]'"
        raise InputError(
            _("the browser part is not installed: {error}").format(error=error), where="kneeimu serve", advice=advice
        ) from error
    if token is None and not is_loopback(host):
        token = secrets.token_urlsafe(16)
    reached = address_for_others(host)
    shown = f"[{reached}]" if ":" in reached else reached
    click.echo(f"http://{shown}:{port}/{f'?token={token}' if token else ''}")
    click.echo(_("Press Ctrl+C to stop."), err=True)
    try:
        AppServer(arguments, host, port, token).run()
    except OSError as error:
        advice = _("choose another --host or --port")
        raise InputError(
            _("can't listen there: {strerror}").format(strerror=error.strerror), where=f"{host}:{port}", advice=advice
        ) from error


def address_for_others(host: str) -> str:
    """Give the address that a phone opens: "all addresses" is none that one can go to."""
    if host not in FAR_AWAY:
        return host
    family, far = FAR_AWAY[host]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.connect((far, 9))  # sends nothing; tells by which of its addresses this machine goes out
            return str(asked.getsockname()[0])
    except OSError:
        return host


def _check(arguments: tuple[str, ...]) -> None:
    """Refuse now what the app would refuse at each visit: of that a visitor sees a black page only."""
    for option in ("--host", "--port", "--token"):
        if any(one.split("=")[0] == option for one in arguments):
            raise click.UsageError(_("{option} goes before '{app}'").format(option=option, app=arguments[0]))
    part: click.Command = importlib.import_module(f"kneeimu.commands.{arguments[0]}").command
    with part.make_context(f"kneeimu serve {arguments[0]}", list(arguments[1:])):
        pass
