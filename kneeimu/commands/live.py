"""``kneeimu live``: train with a sensor."""

from __future__ import annotations

from pathlib import Path

import click

from kneeimu.commands.options import exercise_option, mount_option, side_option


@click.command()
@exercise_option()
@side_option()
@mount_option()
@click.option(
    "--sensor",
    metavar="ADDRESS",
    help="Address or name of the sensor; else the one remembered for this place, or the nearest.",
)
@click.option("--family", metavar="NAME", help="Only sensors of this family.")
@click.option("--rate", type=click.FloatRange(20, 500), default=100.0, show_default=True, help="Samples a second.")
@click.option(
    "--alignment", type=click.Path(path_type=Path, dir_okay=False), help="Alignment file; needed to see knee drift."
)
@click.option("--target", type=click.IntRange(1, 1000), help="Reps to reach.")
@click.option("--no-recording", is_flag=True, help="Keep nothing.")
@click.option("--lsl", is_flag=True, help="Send it as Lab Streaming Layer streams, too (extra: lsl).")
@click.option("--mqtt", is_flag=True, help="Publish it over MQTT, too (KNEEIMU_BROKER or broker.toml).")
@click.option(
    "--radio", metavar="TRANSPORT", envvar="KNEEIMU_RADIO",
    help="Use this radio and not the system's: a virtual one (unix:/path, tcp:host:port) opened by "
    "'python -m firmware_sim', or a dongle (usb:0). [env: KNEEIMU_RADIO]",
)  # fmt: skip
def command(
    exercise: str, side: str, mount: str, sensor: str | None, family: str | None, rate: float,
    alignment: Path | None, target: int | None, no_recording: bool, lsl: bool, mqtt: bool,
    radio: str | None,
) -> None:  # fmt: skip
    """Train with a sensor: it is found, connected and read until you quit with q."""
    from kneeimu.dashboard.screens.live_start import live_screen, show

    make = live_screen(
        exercise, side, mount, sensor=sensor, family=family, rate_hz=rate, alignment_path=alignment,
        target=target, record=not no_recording, lsl=lsl, radio=radio, mqtt=mqtt,
    )  # fmt: skip
    show(make)
