"""``kneeimu replay``: a recorded session in the dashboard."""

from __future__ import annotations

from pathlib import Path

import click

from kneeimu.commands.options import exercise_option, mount_option, side_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--speed", type=click.FloatRange(0.25, 16), default=1.0, show_default=True, help="Multiple of real time."
)  # fmt: skip
@exercise_option(required=False)
@side_option(required=False)
@mount_option(required=False)
@click.option("--alignment", type=click.Path(path_type=Path, dir_okay=False), help="Use this alignment.")
@click.option("--acc-unit", type=click.Choice(["m/s2", "g"]), default="m/s2", show_default=True)
@click.option("--gyr-unit", type=click.Choice(["rad/s", "deg/s"]), default="rad/s", show_default=True)
def command(
    file: Path, speed: float, exercise: str | None, side: str | None, mount: str | None, alignment: Path | None,
    acc_unit: str, gyr_unit: str,
) -> None:  # fmt: skip
    """Show a recorded session in the dashboard: FILE is a recording (MCAP) or a CSV file (t,ax,ay,az,gx,gy,gz).

    A CSV file needs --exercise, --side and --mount.
    """
    from kneeimu.playback import load_playback
    from kneeimu.sessions.alignment_file import load_alignment

    playback = load_playback(
        file, exercise=exercise, side=side, mount=mount,
        alignment=load_alignment(alignment) if alignment else None, acc_unit=acc_unit, gyr_unit=gyr_unit,
    )  # fmt: skip

    from kneeimu.dashboard.app import run_app
    from kneeimu.dashboard.screens.replay import ReplayScreen

    run_app(lambda: ReplayScreen(playback, speed=speed))
