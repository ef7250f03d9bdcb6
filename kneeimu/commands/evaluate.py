"""``kneeimu evaluate``: how right the counter is, against labelled recordings or the simulator."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kneeimu.words import _, n_

if TYPE_CHECKING:
    from kneeimu.evaluation.judge import Outcome
    from kneeimu.evaluation.tasks import Task


@click.command("evaluate", short_help="Measure the counter against labelled recordings or the simulator.")
@click.argument("folders", nargs=-1, metavar="[FOLDER...]")
@click.option("--simulated", is_flag=True, help="Recordings of simulated people.")
@click.option("--sets", type=click.IntRange(0), default=224, show_default=True, help="Simulated sets of exercise.")
@click.option("--idle", type=click.IntRange(0), default=20, show_default=True, help="Simulated recordings without any.")
@click.option("--people", type=click.IntRange(0), default=1, show_default=True, help="People for each fault of form.")
@click.option("--seed", type=int, default=910000, show_default=True, help="Of the simulated recordings.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all figures and recordings.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with plots.")
def command(
    folders: tuple[str, ...],
    simulated: bool,
    sets: int,
    idle: int,
    people: int,
    seed: int,
    as_json: bool,
    page: Path | None,
) -> None:
    """Count recordings whose truth is known, and compare.

    FOLDER holds, at any depth, NAME.csv with NAME.truth.json beside it, as `python -m firmware_sim.record` writes them.
    With --simulated people are made up instead.

    Gives, for each exercise and mount: sets counted exactly, and within one; mean absolute error; false counts in ten
    minutes without exercise; how late a count comes; angles with bias and limits of agreement.
    """
    if bool(folders) == simulated:
        raise click.UsageError(_("name folders, or give --simulated"))
    from kneeimu.evaluation.figures import figures_of
    from kneeimu.evaluation.table import describe

    tasks = _simulated(sets, idle, people, seed) if simulated else _of_folders(folders)
    outcomes = _run(tasks)
    figures = figures_of(outcomes)
    if as_json:
        from kneeimu.evaluation.plain import plain_of

        click.echo(json.dumps(plain_of(figures, outcomes), allow_nan=False))
    else:
        click.echo(describe(figures, outcomes))
    if page is not None:
        from kneeimu.evaluation.page import render_page
        from kneeimu.sessions.atomic import write_private

        made_up = _("{sets}, {idle} idle, {people} a fault, seed {seed}")
        method = (
            made_up.format(
                sets=n_("{n} set", "{n} sets", sets),
                idle=idle,
                people=n_("{n} person", "{n} people", people),
                seed=seed,
            )
            if simulated
            else ", ".join(folders)
        )
        write_private(page, render_page(figures, outcomes, tasks, method))
        click.echo("kneeimu: " + _("wrote {page}").format(page=page), err=True)
    if all(one.error for one in outcomes):
        sys.exit(1)


def _of_folders(folders: tuple[str, ...]) -> list[Task]:
    from kneeimu.evaluation.tasks import tasks_of_folder

    tasks: list[Task] = []
    for folder in dict.fromkeys(folders):
        found, bare = tasks_of_folder(folder)
        tasks += found
        for path in bare:
            click.echo("kneeimu: " + _("left out, there is no label beside it: {path}").format(path=path), err=True)
    return tasks


def _simulated(sets: int, idle: int, people: int, seed: int) -> list[Task]:
    from kneeimu.evaluation.tasks import simulated_tasks

    if not sets + idle + people:
        raise click.UsageError(_("nothing to simulate: give --sets, --idle or --people above 0"))
    return simulated_tasks(sets, idle, people, seed)


def _run(tasks: list[Task]) -> list[Outcome]:
    from kneeimu.evaluation.run import evaluate_all

    bar = click.progressbar(
        length=len(tasks), label=_("evaluating"), file=sys.stderr, hidden=not sys.stderr.isatty(), show_pos=True
    )
    with bar:
        return evaluate_all(tasks, lambda: bar.update(1))
