"""``kneeimu scan``: the sensors in reach, and those that are remembered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import click

from kneeimu.types import Mount, Side
from kneeimu.words import _
from kneeimu.words.phrases import SITES, phrase

if TYPE_CHECKING:
    from kneeimu.sensors.inspection import SensorInfo
    from kneeimu.sensors.known import KnownSensor


@click.command()
@click.option("--seconds", type=click.FloatRange(0.5, 120), default=4.0, show_default=True, help="How long to look.")
@click.option("--no-battery", is_flag=True, help="Don't connect to ask for battery and serial number.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--remember", metavar="ADDRESS", help="Remember the sensor of this address or name, as told below.")
@click.option("--nickname", metavar="NAME", help="What you call it.")
@click.option("--side", type=click.Choice(["left", "right"]), help="The leg it is worn on.")
@click.option("--mount", type=click.Choice(["thigh", "shin"]), help="Where on the leg.")
@click.option("--forget", metavar="NAME", help="Forget the sensor of that nickname, address or serial number.")
@click.option(
    "--radio", metavar="TRANSPORT", envvar="KNEEIMU_RADIO",
    help="Use this radio and not the system's: a virtual one (unix:/path, tcp:host:port) opened by "
    "'python -m firmware_sim', or a dongle (usb:0). [env: KNEEIMU_RADIO]",
)  # fmt: skip
def command(
    seconds: float, no_battery: bool, as_json: bool, remember: str | None, nickname: str | None, side: str | None,
    mount: str | None, forget: str | None, radio: str | None,
) -> None:  # fmt: skip
    """List the sensors in reach: name, family, signal, battery, and what you call them."""
    if not remember and (nickname or side or mount):
        raise click.UsageError(_("--nickname, --side and --mount say how to --remember a sensor: name its address"))
    if forget:
        _forget(forget)
        return
    infos = _look(seconds, not no_battery, radio)
    if remember:
        _remember(remember, nickname, cast("Side | None", side), cast("Mount | None", mount), infos)
    _show(infos, as_json)


def _look(seconds: float, ask: bool, radio: str | None) -> list[SensorInfo]:
    import asyncio

    from kneeimu.sensors.inspection import sensors_in_reach

    if not radio:
        return asyncio.run(sensors_in_reach(seconds, ask=ask))
    from firmware_sim import bleak_backend

    async def look_on_radio() -> list[SensorInfo]:
        try:
            return await sensors_in_reach(seconds, ask=ask)
        finally:
            await bleak_backend.close()

    undo = bleak_backend.install(radio)
    try:
        return asyncio.run(look_on_radio())
    finally:
        undo()


def _forget(text: str) -> None:
    from kneeimu.sensors.known import forget

    gone = forget(text)
    click.echo(_("Forgot {x}.").format(x=gone.nickname or gone.name or gone.address), err=True)


def _remember(
    address: str, nickname: str | None, side: Side | None, mount: Mount | None, infos: list[SensorInfo]
) -> None:
    import dataclasses

    from kneeimu.errors import InputError
    from kneeimu.sensors.known import KnownSensor, known_sensors, remember

    named = [info for info in infos if address.lower() in (info.address.lower(), info.name.lower())]
    if len(named) > 1:
        raise InputError(
            _("{n} sensors in reach are called {name}").format(n=len(named), name=address), advice=_("name the address")
        )
    info = named[0] if named else None
    address = info.address if info else address
    serial_number = info.serial_number if info else ""
    before = next((known for known in known_sensors() if known.is_same(address, serial_number)), None)
    if info is None and before is None:
        raise InputError(
            _("no sensor with the address or name {address} is in reach").format(address=address),
            advice=_("switch it on and bring it near"),
        )
    sensor = before or KnownSensor(address)
    if info is not None:
        sensor = dataclasses.replace(
            sensor, address=info.address, family=info.family, name=info.name,
            serial_number=info.serial_number or sensor.serial_number,
        )  # fmt: skip
    told = {"nickname": nickname, "side": side, "mount": mount}
    changes = cast("dict[str, Any]", {key: value for key, value in told.items() if value is not None})
    remember(dataclasses.replace(sensor, **changes))


def _show(infos: list[SensorInfo], as_json: bool) -> None:
    from kneeimu.sensors.known import known_sensors

    known = known_sensors()
    rows = [
        (info, next((sensor for sensor in known if sensor.is_same(info.address, info.serial_number)), None))
        for info in infos
    ]
    if as_json:
        click.echo(json.dumps([_as_dict(info, sensor) for info, sensor in rows], indent=2))
    else:
        _show_table(rows)
    absent = [sensor for sensor in known if sensor not in [row[1] for row in rows]]
    if absent:
        click.echo(_("Not in reach: ") + ", ".join(sensor.nickname or sensor.address for sensor in absent), err=True)


def _as_dict(info: SensorInfo, known: KnownSensor | None) -> dict[str, Any]:
    import dataclasses

    return {
        **dataclasses.asdict(info),
        "known": {"nickname": known.nickname, "side": known.side, "mount": known.mount} if known else None,
    }


def _show_table(rows: list[tuple[SensorInfo, KnownSensor | None]]) -> None:
    if not rows:
        click.echo(
            _(
                "No sensor in reach. Switch it on and bring it near; if a phone is connected to it, "
                "disconnect it there. `kneeimu doctor` checks this computer."
            ),
            err=True,
        )
        return
    head = (_("NAME"), _("FAMILY"), _("ADDRESS"), _("SIGNAL"), _("BATTERY"), _("KNOWN AS"))
    table = [head, *(_cells(info, known) for info, known in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    for row in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for info, _known in rows:
        if info.problem:
            click.echo(f"{info.name}: {info.problem}", err=True)


def _cells(info: SensorInfo, known: KnownSensor | None) -> tuple[str, ...]:
    signal = "–" if info.rssi_dbm is None else f"{info.rssi_dbm} dBm"
    battery = "–" if info.battery_percent is None else f"{info.battery_percent} %"
    worn = " ".join(filter(None, (phrase(SITES, known.side or ""), phrase(SITES, known.mount or "")))) if known else ""
    called = ", ".join(filter(None, ((known.nickname or _("remembered")) if known else "", worn)))
    return info.name, info.family, info.address, signal, battery, called
