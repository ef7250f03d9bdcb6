"""``python -m firmware_sim.record``: scenarios in, CSV files and their truth out. No radio takes part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from firmware_sim.scenario import Scenario


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("scenarios", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=".", show_default=True,
              help="Folder to write to.")  # fmt: skip
@click.option("--suite", type=click.IntRange(0), default=0, metavar="COUNT", help="Random scenarios of all exercises.")
@click.option("--idle", type=click.IntRange(0), default=0, metavar="COUNT", help="Random scenarios without exercise.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the random scenarios.")
@click.option(
    "--curves/--no-curves", default=False, help="Put orientation and knee angles of each sample in the truth."
)
def main(scenarios: tuple[Path, ...], out: Path, suite: int, idle: int, seed: int, curves: bool) -> None:
    """Record SCENARIOS (TOML files): NAME.csv and NAME.truth.json each, or two of both for mount "both"."""
    from firmware_sim import suites
    from firmware_sim.scenario import Scenario, ScenarioError

    try:
        planned = [(path.stem, Scenario.from_toml(path)) for path in scenarios]
    except ScenarioError as error:
        raise click.ClickException(str(error)) from error
    planned += [(f"set-{i:04d}", scenario) for i, scenario in enumerate(suites.suite(suite, seed))]
    planned += [(f"idle-{i:04d}", scenario) for i, scenario in enumerate(suites.idle_suite(idle, seed))]
    if not planned:
        raise click.UsageError("nothing to record: name scenario files, or give --suite or --idle")
    out.mkdir(parents=True, exist_ok=True)
    for name, scenario in planned:
        for path in _record(scenario, out / name, curves):
            click.echo(path)


def _record(scenario: Scenario, place: Path, curves: bool) -> list[Path]:
    from firmware_sim.scenario import ScenarioError
    from firmware_sim.simulation import simulate, simulate_pair, write_csv, write_truth

    try:
        simulations = simulate_pair(scenario) if scenario.mount == "both" else (simulate(scenario),)
    except ScenarioError as error:
        raise click.ClickException(f"{place.name}: {error}") from error
    written = []
    for simulation in simulations:
        name = place.name if len(simulations) == 1 else f"{place.name}-{simulation.truth.mount}"
        path = place.with_name(f"{name}.csv")
        write_csv(simulation, path)
        write_truth(simulation, place.with_name(f"{name}.truth.json"), curves)
        written.append(path)
    return written


if __name__ == "__main__":
    main()
