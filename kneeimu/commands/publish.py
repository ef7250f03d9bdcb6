"""``kneeimu publish``: a session over MQTT, without the dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from kneeimu.commands.options import exercise_option, mount_option, side_option
from kneeimu.words import _, n_

if TYPE_CHECKING:
    from kneeimu.tally import Tally
    from kneeimu.telemetry.payloads import CoachCommand
    from kneeimu.telemetry.publisher import PublisherStatus
    from kneeimu.telemetry.session import Session

    class Runnable(Session, Protocol):
        """A session that is run here."""

        tally: Tally

        async def run(self) -> None: ...


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--live", is_flag=True, help="Publish the session of a sensor.")
@click.option("--forget", is_flag=True, help="Take what is retained off the broker and leave Home Assistant.")
@exercise_option(required=False)
@side_option(required=False)
@mount_option(required=False)
@click.option(
    "--sensor",
    metavar="ADDRESS",
    help="With --live: address or name; else the one remembered for this place, or the nearest.",
)
@click.option("--target", type=click.IntRange(1, 1000), help="Reps to reach.")
@click.option(
    "--speed", type=click.FloatRange(0.25, 1000), default=1.0, show_default=True,
    help="With FILE: multiple of real time.",
)  # fmt: skip
@click.option("--no-recording", is_flag=True, help="With --live: keep nothing here.")
@click.option(
    "--radio", metavar="TRANSPORT", envvar="KNEEIMU_RADIO", help="With --live: use this radio. [env: KNEEIMU_RADIO]"
)
def command(
    file: Path | None, live: bool, forget: bool, exercise: str | None, side: str | None, mount: str | None,
    sensor: str | None, target: int | None, speed: float, no_recording: bool, radio: str | None,
) -> None:  # fmt: skip
    """Publish a session over MQTT: FILE, a recording or a CSV, played as if it were live; or a sensor's, with --live.

    A CSV file and --live need --exercise, --side and --mount. The broker is named by KNEEIMU_BROKER or broker.toml.
    """
    import asyncio

    from kneeimu.telemetry.broker import need_broker

    if (file is not None) + live + forget != 1:
        raise click.UsageError(_("give one of FILE, --live and --forget"))
    if forget:
        from kneeimu.telemetry.service import forget as forget_all

        broker = need_broker()
        asyncio.run(forget_all(broker))
        click.echo(
            _("{wearer} is forgotten at {address}").format(wearer=broker.wearer, address=broker.address), err=True
        )
        return
    if file is not None:
        from kneeimu.telemetry.loading import load_player

        session: Any = load_player(file, exercise, side, mount, speed)
        need_broker()
    else:
        if exercise is None or side is None or mount is None:
            raise click.UsageError(_("--live needs --exercise, --side and --mount"))
        from kneeimu.telemetry.loading import live_session

        need_broker()
        session = live_session(exercise, side, mount, sensor=sensor, radio=radio, record=not no_recording)
    status = asyncio.run(_publish(session, target))
    waiting = status.waiting
    if status.dropped:
        lost = n_("{n} event is lost: no more can wait", "{n} events are lost: no more can wait", status.dropped)
        click.echo(lost, err=True)
    if waiting:
        click.echo(
            n_(
                "{n} event waits for the broker; the next 'kneeimu publish' brings it",
                "{n} events wait for the broker; the next 'kneeimu publish' brings them",
                waiting,
            ),
            err=True,
        )


async def _publish(session: Runnable, target: int | None) -> PublisherStatus:
    """Publish the session until it ends; give how it went."""
    import asyncio

    from kneeimu.stopping import stop_on_signals
    from kneeimu.telemetry.broker import need_broker
    from kneeimu.telemetry.service import open_publisher
    from kneeimu.telemetry.session import SessionTelemetry

    publisher = open_publisher(need_broker(), _tell)

    def ask(command: CoachCommand) -> None:
        """There is nobody to ask here: a message is printed, a target can't be agreed on."""
        sender = command.sender or _("Coach")
        if command.kind == "message":
            click.echo(f"✉ {sender}: {command.text}", err=True)
        else:
            wish = n_(
                "{n} rep would be better, but nobody can answer here.",
                "{n} reps would be better, but nobody can answer here.",
                command.reps,
            )
            click.echo(f"✉ {sender}: {wish}", err=True)
        telemetry.answer(command, "shown" if command.kind == "message" else "refused")

    telemetry = SessionTelemetry(session, publisher, target=target, ask=ask)
    publisher.start()
    work = asyncio.ensure_future(session.run())
    stop_on_signals(work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        click.echo(_("stopped"), err=True)
    finally:
        telemetry.leave()
        await publisher.stop()
    tally = session.tally
    reps, sets = n_("{n} rep", "{n} reps", tally.total), n_("{n} set", "{n} sets", tally.sets_done)
    click.echo(_("published: {sets}, {reps}").format(sets=sets, reps=reps), err=True)
    return publisher.status


def _tell(status: PublisherStatus) -> None:
    click.echo(f"MQTT: {status.problem or _('connected')}", err=True)
