"""``kneeimu watch``: the sessions of others."""

from __future__ import annotations

import click


@click.command()
@click.argument("wearer", nargs=-1)
def command(wearer: tuple[str, ...]) -> None:
    """Watch the sessions of others over MQTT: all that the broker shows, or only each WEARER named.

    One is shown large, several as a wall. The broker is named by KNEEIMU_BROKER or broker.toml.
    """
    from kneeimu.telemetry.broker import check_id, need_broker

    for one in wearer:
        check_id(one, "WEARER")
    broker = need_broker()
    broker.tls_context()

    from kneeimu.dashboard.app import run_app
    from kneeimu.dashboard.screens.watch import WatchScreen
    from kneeimu.telemetry.watcher import Watcher

    run_app(lambda: WatchScreen(Watcher(broker, wearer), one=wearer[0] if len(wearer) == 1 else None))
