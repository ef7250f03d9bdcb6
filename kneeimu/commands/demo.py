"""``kneeimu demo``: the app on the simulated sensor."""

from __future__ import annotations

import click

from kneeimu.commands.options import exercise_option, mount_option, side_option

DEMO_VALGUS_DEG = (0.0, 0.5, 0.0, 1.0, 0.5, 5.0, 6.5, 8.0, 5.0, 1.0)
"""The simulated knee drifts inwards in the later reps, so that the gauge and a cue are seen."""


@click.command()
@exercise_option(default="squat")
@side_option(default="right")
@mount_option(default="thigh")
@click.option("--reps", type=click.IntRange(1, 100), default=10, show_default=True, help="Reps in a set.")
@click.option("--speed", type=click.FloatRange(0.25, 20), default=1.0, show_default=True, help="Time compression.")
@click.option("--seed", type=int, default=5, show_default=True, help="Another seed is another person.")
def command(exercise: str, side: str, mount: str, reps: int, speed: float, seed: int) -> None:
    """Train on the simulated sensor; nothing to set up.

    The sensor is a process of its own on a virtual radio; the app finds, connects and reads it as it would a real one.
    """
    from kneeimu.dashboard.screens.live_start import demo_screen, make_setup, show
    from kneeimu.sensors.simulated import check_installed

    check_installed()
    make_setup(exercise, side, mount, 100.0)
    show(lambda: demo_screen(exercise, side, mount, reps=reps, speed=speed, seed=seed, valgus_deg=DEMO_VALGUS_DEG))
