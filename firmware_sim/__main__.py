"""``python -m firmware_sim``: a virtual sensor as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from typing import Any

import click

DIE_POLL_BYTES = 4096


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--exercise", default="squat", show_default=True, help="What the wearer does.")
@click.option("--side", type=click.Choice(["left", "right"]), default="right", show_default=True)
@click.option("--mount", type=click.Choice(["thigh", "shin"]), default="thigh", show_default=True)
@click.option("--reps", type=click.IntRange(0), default=10, show_default=True)
@click.option("--tempo", type=click.FloatRange(0.5), default=3.0, show_default=True, help="Seconds a rep takes.")
@click.option("--valgus", type=float, default=0.0, show_default=True, help="How far the knee goes inwards, degrees.")
@click.option("--rate", type=click.FloatRange(20, 500), default=100.0, show_default=True, help="Samples a second.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--scenario", type=click.Path(exists=True, dir_okay=False), help="TOML file; replaces the options above.")
@click.option("--loop", type=click.FloatRange(1), metavar="SECONDS", help="Do the set again after this much rest.")
@click.option(
    "--transport",
    default="tcp:127.0.0.1:9001",
    show_default=True,
    help="Where the virtual air is opened (unix:/path or tcp:host:port), or a Bluetooth dongle (such as usb:0).",
)
@click.option("--join", is_flag=True, help="Join the air that another process has opened there.")
@click.option("--name", default="kneeimu", show_default=True, help="What the sensor is called.")
@click.option("--address", default="F0:F1:F2:F3:F4:F5", show_default=True)
@click.option("--truth", type=click.Path(dir_okay=False, writable=True), help="Write what the leg did to this file.")
@click.option("--speed", type=click.FloatRange(0.1), default=1.0, show_default=True, help="Time compression.")
@click.option("--clock-ppm", type=float, default=0.0, show_default=True, help="Error of the sensor's clock.")
@click.option("--fault", multiple=True, metavar="NAME[=VALUE]", help="Something that goes wrong; may be repeated.")
@click.option("--die-with-parent", is_flag=True, help="Exit when standard input is closed.")
def main(**options: Any) -> None:
    """Be a virtual motion sensor on a leg. Prints READY once it advertises."""
    if options["die_with_parent"]:
        threading.Thread(target=_die_at_end_of_input, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(options))


def _die_at_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), DIE_POLL_BYTES):
        pass
    os._exit(0)


async def _run(options: dict[str, Any]) -> None:
    from firmware_sim.air import client_transport, serve

    sensor = _build(options)
    place = options["transport"]
    virtual = place.startswith(("unix:", "tcp:"))
    async with contextlib.AsyncExitStack() as stack:
        if virtual and not options["join"]:
            try:
                await stack.enter_async_context(serve(place))
            except OSError as error:
                raise click.ClickException(f"can't open the air at {place}: {error.strerror}") from error
        sensor.options.transport = client_transport(place)
        life = asyncio.create_task(sensor.run())
        ready = asyncio.create_task(sensor.advertising.wait())
        await asyncio.wait({life, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not life.done():
            click.echo("READY")
        ready.cancel()
        try:
            await life
        except OSError as error:
            raise click.ClickException(f"no radio at {place}: {error}") from error


def _build(options: dict[str, Any]) -> Any:
    from firmware_sim.faults import Faults
    from firmware_sim.motion_source import MotionSource
    from firmware_sim.open_sensor import OpenSensor
    from firmware_sim.peripheral import SensorOptions, VirtualSensor

    try:
        faults = Faults.parse(options["fault"])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from error
    simulation = _simulate(options)
    return VirtualSensor(
        OpenSensor(options["rate"], chip_broken=faults.chip),
        MotionSource(simulation.time_s, simulation.acc_m_s2, simulation.gyr_rad_s, options["loop"]),
        SensorOptions(
            transport="", name=options["name"], address=options["address"], speed=options["speed"],
            clock_ppm=options["clock_ppm"], seed=options["seed"],
        ),
        faults,
    )  # fmt: skip


def _simulate(options: dict[str, Any]) -> Any:
    return stub(options)


def stub(options: dict[str, Any]) -> Any:
    from types import SimpleNamespace

    import numpy as np

    r = options["rate"]
    n = int(r * (2 + options["reps"] * options["tempo"] + 2))
    t = np.arange(n) / r
    active = (t > 2) & (t < 2 + options["reps"] * options["tempo"])
    w = 2 * np.pi / options["tempo"]
    a = np.where(active, np.radians(40) * (1 - np.cos(w * (t - 2))), 0)
    acc = 9.81 * np.column_stack([np.sin(a), np.cos(a), 0 * a])
    gyr = np.column_stack([0 * a, 0 * a, np.gradient(a, 1 / r)])
    return SimpleNamespace(time_s=t, acc_m_s2=acc, gyr_rad_s=gyr)


if __name__ == "__main__":
    main()
