"""``kneeimu gateway``: raw samples of many sensors to workers elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kneeimu.words import _, n_

if TYPE_CHECKING:
    from kneeimu.cluster.feed import Feed
    from kneeimu.cluster.forwarder import Forwarder, ForwarderStatus
    from kneeimu.sensors.stream import LinkStatus


@click.command()
@click.argument("sensors", type=click.Path(path_type=Path))
@click.option(
    "--speed", type=click.FloatRange(0.25, 1000), default=1.0, show_default=True,
    help="Of files that are played: multiple of real time.",
)  # fmt: skip
@click.option("--radio", metavar="TRANSPORT", envvar="KNEEIMU_RADIO", help="Use this radio. [env: KNEEIMU_RADIO]")
def command(sensors: Path, speed: float, radio: str | None) -> None:
    """Send the raw samples of the sensors in SENSORS, a TOML file, to the broker; workers count the reps.

    The broker is named by KNEEIMU_BROKER or broker.toml. Batches wait on disk while there is none.
    """
    import asyncio

    from kneeimu.cluster.forwarder import MOST_BATCHES, Forwarder
    from kneeimu.cluster.sensors_file import read_sensors
    from kneeimu.telemetry.broker import need_broker
    from kneeimu.telemetry.service import open_outbox

    broker = need_broker()
    broker.tls_context()
    if radio:
        from kneeimu.sensors.simulated import import_backend

        import_backend()(radio)
    feeds = read_sensors(sensors, speed=speed)

    async def work() -> ForwarderStatus:
        forwarder = Forwarder(broker, open_outbox(broker, "raw", MOST_BATCHES), _tell)
        await _forward(forwarder, feeds)
        return forwarder.status

    status = asyncio.run(work())
    done = _("{sent}, {waiting} waiting, {dropped} gave way").format(
        sent=n_("{n} batch sent", "{n} batches sent", status.sent), waiting=status.waiting, dropped=status.dropped
    )
    click.echo(done, err=True)


async def _forward(forwarder: Forwarder, feeds: list[Feed]) -> None:
    """Forward until all sensors end or we are told to."""
    import asyncio

    from kneeimu.stopping import stop_on_signals

    forwarder.start()
    work = asyncio.gather(*(_run(feed, forwarder) for feed in feeds))
    stop_on_signals(work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        click.echo(_("stopped"), err=True)
    finally:
        await forwarder.stop()


async def _run(feed: Feed, forwarder: Forwarder) -> None:
    """Run one sensor; what goes wrong with it stops no other."""
    from kneeimu.errors import KneeimuError

    try:
        await feed.run(forwarder.put, _tell_link)
    except KneeimuError as error:
        click.echo(f"{feed.wearer}: {error}", err=True)


def _tell(status: ForwarderStatus) -> None:
    if status.connected or status.problem:
        click.echo(f"mqtt: {status.problem or _('connected')}", err=True)


def _tell_link(wearer: str, status: LinkStatus) -> None:
    from kneeimu.words.phrases import LINK_STATES, phrase

    state = phrase(LINK_STATES, status.state)
    click.echo(f"{wearer}: {state}{f', {status.detail}' if status.detail else ''}", err=True)
