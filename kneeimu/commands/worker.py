"""``kneeimu worker``: counts the reps of sensors that gateways send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kneeimu.words import _, n_

if TYPE_CHECKING:
    from kneeimu.cluster.worker import Worker

LOCAL = "amqp://guest@localhost"


@click.command()
@click.option(
    "--queue", metavar="ADDRESS", envvar="KNEEIMU_QUEUE", default=LOCAL, show_default=True,
    help="RabbitMQ: amqps://USER@HOST. [env: KNEEIMU_QUEUE]",
)  # fmt: skip
@click.option(
    "--password-file", type=click.Path(path_type=Path), envvar="KNEEIMU_QUEUE_PASSWORD_FILE",
    help="A file that only you can read. [env: KNEEIMU_QUEUE_PASSWORD_FILE]",
)  # fmt: skip
@click.option(
    "--ca", type=click.Path(path_type=Path), envvar="KNEEIMU_QUEUE_CA",
    help="The authority that signed RabbitMQ's certificate, PEM. [env: KNEEIMU_QUEUE_CA]",
)  # fmt: skip
@click.option(
    "--checkpoints", type=click.Path(path_type=Path), envvar="KNEEIMU_CHECKPOINTS",
    help="A folder that all workers share. [env: KNEEIMU_CHECKPOINTS]",
)  # fmt: skip
@click.option(
    "--keep", type=click.FloatRange(0.1, 720), default=24.0, show_default=True,
    help="Hours to keep what is known of a session that nothing comes from any more.",
)  # fmt: skip
@click.option("--report", type=click.FloatRange(0.1), metavar="S", help="Print figures every S seconds, as JSON.")
@click.option("--topology", is_flag=True, help="Print what RabbitMQ must have, for 'rabbitmqctl import_definitions'.")
@click.option("--shards", type=click.IntRange(1, 256), default=16, show_default=True, help="With --topology.")
@click.option(
    "--users", type=click.Path(path_type=Path), metavar="FOLDER",
    help="With --topology: with the users gateway, worker and coach; their passwords are in FOLDER, made if need be.",
)  # fmt: skip
def command(
    queue: str, password_file: Path | None, ca: Path | None, checkpoints: Path | None, keep: float,
    report: float | None, topology: bool, shards: int, users: Path | None,
) -> None:  # fmt: skip
    """Run the engine over raw samples from RabbitMQ and publish what happens. Start as many as there are cores.

    \b
    Set RabbitMQ up once:
      rabbitmq-plugins enable rabbitmq_mqtt rabbitmq_consistent_hash_exchange
      kneeimu worker --topology --users FOLDER | rabbitmqctl import_definitions
    """
    if topology:
        from kneeimu.cluster.topology import definitions, passwords_in, to_json

        click.echo(to_json(definitions(shards, passwords_in(users) if users else None)))
        return
    import asyncio

    from kneeimu.cluster.address import parse_address
    from kneeimu.cluster.checkpoint import Checkpoints
    from kneeimu.locations import state_dir
    from kneeimu.sessions.private import private_dir

    worker_module = _import_worker()
    folder = private_dir(checkpoints or state_dir() / "worker")
    address = parse_address(queue, password_file=password_file, ca_file=ca)

    async def work() -> Worker:
        worker: Worker = worker_module(
            address, Checkpoints(folder), keep_s=keep * 3600, on_status=lambda said: click.echo(said, err=True)
        )
        await _run(worker, report)
        return worker

    figures = asyncio.run(work()).figures
    done = _("{batches}, {events}, {refused} refused, {missed} missed")
    click.echo(
        done.format(
            batches=n_("{n} batch", "{n} batches", figures.batches),
            events=n_("{n} event", "{n} events", figures.events),
            refused=figures.refused,
            missed=figures.missed,
        ),
        err=True,
    )


def _import_worker() -> type[Worker]:
    from kneeimu.errors import InputError

    try:
        from kneeimu.cluster.worker import Worker
    except ImportError as error:
        missing = _("{name} is not installed").format(name=error.name)
        raise InputError(missing, advice="pip install 'kneeimu[worker]'") from error
    return Worker


async def _run(worker: Worker, report_s: float | None) -> None:
    """Work until we are told to stop."""
    import asyncio
    import json

    from kneeimu.stopping import stop_on_signals

    async def tell() -> None:
        while report_s:
            await asyncio.sleep(report_s)
            click.echo(json.dumps(worker.report()))

    stop_on_signals(worker.stop)
    telling = asyncio.create_task(tell())
    try:
        await worker.run()
    finally:
        telling.cancel()
