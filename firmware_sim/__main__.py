"""``python -m firmware_sim``: a virtual sensor as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import re
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from firmware_sim.faults import Faults
    from firmware_sim.peripheral import Firmware, VirtualSensor
    from firmware_sim.scenario import Scenario
    from firmware_sim.simulation import Simulation

DIE_POLL_BYTES = 4096
RATE_HZ = 100.0
TEMPO_SHARES = (0.45, 0.1, 0.35, 0.1)  # out, hold, return, pause, when only the whole is given


def _read_tempo(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> tuple[float, float, float, float] | None:
    """Read ``3`` or ``2/0.5/2/1``."""
    if value is None:
        return None
    try:
        parts = [float(part) for part in value.split("/")]
    except ValueError:
        parts = []
    if len(parts) == 1 and parts[0] > 0:
        parts = [share * parts[0] for share in TEMPO_SHARES]
    if len(parts) != 4:
        raise click.BadParameter(f"{value!r} is no tempo: seconds of a rep (3) or out/hold/return/pause (2/0.5/2/1)")
    out_s, hold_s, return_s, pause_s = parts
    return out_s, hold_s, return_s, pause_s


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--exercise", default="squat", show_default=True, help="What the wearer does.")
@click.option("--side", type=click.Choice(["left", "right"]), default="right", show_default=True)
@click.option("--mount", type=click.Choice(["thigh", "shin", "both"]), default="thigh", show_default=True)
@click.option("--reps", type=click.IntRange(0), default=10, show_default=True)
@click.option(
    "--tempo",
    callback=_read_tempo,
    metavar="SECONDS",
    help="Seconds a rep takes, or out/hold/return/pause.  [default: as usual]",
)
@click.option("--valgus", type=float, default=0.0, show_default=True, help="How far the knee goes inwards, degrees.")
@click.option(
    "--rate", type=click.FloatRange(20, 500), default=RATE_HZ, show_default=True, help="Rate of the motion chip, Hz."
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--scenario", type=click.Path(exists=True, dir_okay=False), help="TOML file; replaces the options above.")
@click.option("--family", default="kneeimu", show_default=True, help="The make of the sensor to be.")
@click.option("--variant", default="", help="A firmware or model of that family.")
@click.option("--loop", type=click.FloatRange(1), metavar="SECONDS", help="Do the set again after this much rest.")
@click.option(
    "--transport",
    default="tcp:127.0.0.1:9001",
    show_default=True,
    help="Where the virtual air is opened (unix:/path or tcp:host:port), or a Bluetooth dongle (such as usb:0).",
)
@click.option("--join", is_flag=True, help="Join the air that another process has opened there.")
@click.option("--name", help="What the sensor is called.  [default: as its family does]")
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
    from bumble.core import BaseBumbleError

    from firmware_sim.air import client_transport, serve

    sensors = _build(options)
    place = options["transport"]
    virtual = place.startswith(("unix:", "tcp:"))
    if len(sensors) > 1 and not virtual:
        raise click.UsageError("two sensors need a virtual air: a dongle can be only one")
    async with contextlib.AsyncExitStack() as stack:
        if virtual and not options["join"]:
            try:
                await stack.enter_async_context(serve(place))
            except (OSError, ValueError, OverflowError) as error:
                raise click.ClickException(f"can't open the air at {place}: {error}") from error
        for sensor in sensors:
            sensor.options.transport = client_transport(place)
        try:
            await _live(sensors)
        except (OSError, BaseBumbleError) as error:
            raise click.ClickException(f"no radio at {place}: {error}") from error


async def _live(sensors: Sequence[VirtualSensor]) -> None:
    lives = [asyncio.create_task(sensor.run()) for sensor in sensors]
    ready = asyncio.create_task(_all_advertise(sensors))
    await asyncio.wait({ready, *lives}, return_when=asyncio.FIRST_COMPLETED)
    if ready.done():
        click.echo("READY")
    ready.cancel()
    await asyncio.gather(*lives)


async def _all_advertise(sensors: Sequence[VirtualSensor]) -> None:
    for sensor in sensors:
        await sensor.advertising.wait()


def _build(options: dict[str, Any]) -> list[VirtualSensor]:
    from firmware_sim.faults import Faults
    from firmware_sim.motion_source import MotionClock, MotionSource
    from firmware_sim.peripheral import SensorOptions, VirtualSensor

    try:
        faults = Faults.parse(options["fault"])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from error
    sensors = []
    simulations, clock = _simulate(options), MotionClock()
    for number, (mount, simulation) in enumerate(simulations.items()):
        firmware, name = _firmware(options, faults, number)
        names = f"{name} {mount}" if len(simulations) > 1 else name
        sensor_options = SensorOptions(
            transport="", name=names, address=_next_address(options["address"], number), speed=options["speed"],
            clock_ppm=options["clock_ppm"], seed=options["seed"] + number,
        )  # fmt: skip
        motion = MotionSource(simulation.time_s, simulation.acc_m_s2, simulation.gyr_rad_s, options["loop"])
        sensors.append(VirtualSensor(firmware, motion, sensor_options, faults, clock))
    return sensors


def _firmware(options: dict[str, Any], faults: Faults, number: int) -> tuple[Firmware, str]:
    """Give the firmware, and what the sensor calls itself."""
    if options["family"] == "kneeimu":
        from firmware_sim.open_sensor import OpenSensor

        serial_number = f"SIM-{number + 1:04}"
        return OpenSensor(options["rate"], serial_number, chip_broken=faults.chip), options["name"] or "kneeimu"
    from firmware_sim.families import build

    try:
        firmware = build(options["family"], options["variant"])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--family") from error
    return firmware, options["name"] or firmware.default_name


def _next_address(address: str, number: int) -> str:
    if not re.fullmatch(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}", address):
        raise click.BadParameter(f"{address!r} is no address such as F0:F1:F2:F3:F4:F5", param_hint="--address")
    value = int(address.replace(":", ""), 16) + number
    return ":".join(f"{value:012X}"[i : i + 2] for i in range(0, 12, 2))


def _simulate(options: dict[str, Any]) -> dict[str, Simulation]:
    """Give what the sensor at each mount feels, and write down what was true."""
    from firmware_sim.scenario import ScenarioError
    from firmware_sim.simulation import simulate, simulate_pair

    try:
        scenario = _scenario(options)
        if scenario.mount == "both":
            simulations = dict(zip(("thigh", "shin"), simulate_pair(scenario), strict=True))
        else:
            simulations = {scenario.mount: simulate(scenario)}
    except ScenarioError as error:
        raise click.UsageError(str(error)) from error
    if options["truth"]:
        _write_truth(options["truth"], simulations)
    return simulations


def _scenario(options: dict[str, Any]) -> Scenario:
    from firmware_sim.scenario import Scenario

    if options["scenario"]:
        scenario = Scenario.from_toml(options["scenario"])
        return dataclasses.replace(scenario, rate_hz=options["rate"]) if options["rate"] != RATE_HZ else scenario
    return Scenario(
        exercise=options["exercise"], side=options["side"], mount=options["mount"], reps=options["reps"],
        tempo_s=options["tempo"], valgus_deg=(options["valgus"],), rate_hz=options["rate"], seed=options["seed"],
    )  # fmt: skip


def _write_truth(path: str, simulations: dict[str, Simulation]) -> None:
    from pathlib import Path

    from firmware_sim.simulation import write_truth

    for mount, simulation in simulations.items():
        place = Path(path)
        place = place if len(simulations) == 1 else place.with_stem(f"{place.stem}-{mount}")
        try:
            write_truth(simulation, place)
        except OSError as error:
            raise click.ClickException(f"{place} can't be written: {error.strerror}") from error


if __name__ == "__main__":
    main()
