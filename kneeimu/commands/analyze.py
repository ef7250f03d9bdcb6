"""``kneeimu analyze``: count and measure the reps of recordings."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, get_args

import click

from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.types import Alignment, Mount, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kneeimu.sessions.batch import Done
    from kneeimu.sessions.files import Request


@click.command("analyze", short_help="Count and measure the reps of recordings.")
@click.argument("files", nargs=-1, required=True, metavar="FILE|DIR...")
@click.option("--exercise", type=click.Choice(list(CATALOGUE)), help="What was done.")
@click.option("--side", type=click.Choice(get_args(Side)), help="The leg that wears the sensor.")
@click.option("--mount", type=click.Choice(get_args(Mount)), help="Where on the leg.")
@click.option("--alignment", "alignment_file", metavar="FILE", help="Stored alignment, for the knee's drift inwards.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, one a line.")
@click.option("--acc-unit", type=click.Choice(["m/s2", "g"]), default="m/s2", show_default=True)
@click.option("--gyr-unit", type=click.Choice(["rad/s", "deg/s"]), default="rad/s", show_default=True)
@click.option(
    "--executor", "kind", metavar="WHERE",
    help="serial, processes, processes:N, or a Dask scheduler such as tcp://host:8786. "
    "A folder is worked on by all cores, files one after the other.",
)  # fmt: skip
def command(
    files: tuple[str, ...],
    exercise: str | None,
    side: Side | None,
    mount: Mount | None,
    alignment_file: str | None,
    as_json: bool,
    acc_unit: str,
    gyr_unit: str,
    kind: str | None,
) -> None:
    """Count and measure the reps of recordings: CSV (header t,ax,ay,az,gx,gy,gz), the program's own MCAP, or folders.

    A CSV needs --exercise, --side and --mount; a recording knows them, and the options overrule it. Work on a folder
    that was stopped goes on where it was when the same command is given again.
    """
    from kneeimu.sessions.alignment_file import load_alignment
    from kneeimu.sessions.batch import choose_executor, gather, work
    from kneeimu.sessions.files import Request

    alignment = load_alignment(alignment_file) if alignment_file else None
    _check_alignment(alignment, alignment_file, side, mount)
    chosen = gather(files)
    _check_options(chosen, exercise, side, mount)
    request = Request(exercise, side, mount, alignment, acc_unit, gyr_unit)
    named = chosen == list(dict.fromkeys(files))
    results: Iterable[Done]
    if named and kind is None:
        results = (work(file, request) for file in chosen)
    else:
        results = _batch(chosen, request, kind or choose_executor(chosen))
    printed = failed = 0
    for done in results:
        _print(done, as_json, brief=not named, first=not printed)
        printed += not done.error
        failed += bool(done.error)
    if failed:
        sys.exit(1)


def _batch(files: list[str], request: Request, kind: str) -> Iterator[Done]:
    """Work on many files with a bar on stderr."""
    from kneeimu.sessions.batch import Journal, make_executor, run_batch

    journal = Journal(files, request)
    known = len(journal.known(files))
    if known:
        click.echo(f"kneeimu: going on: {known} of {len(files)} files were done before", err=True)
    bar = click.progressbar(length=len(files), label="analyzing", file=sys.stderr, hidden=not sys.stderr.isatty())
    with make_executor(kind) as executor, bar:
        results = run_batch(files, request, executor, journal=journal, progress=lambda: bar.update(1))
        # on one and the same screen the results would break the bar
        yield from list(results) if sys.stdout.isatty() and sys.stderr.isatty() else results
    journal.close()


def _check_options(files: list[str], exercise: str | None, side: str | None, mount: Mount | None) -> None:
    from kneeimu.sessions.recording_reader import is_recording

    if (exercise is None or side is None or mount is None) and not all(is_recording(file) for file in files):
        raise click.UsageError("a CSV needs --exercise, --side and --mount")
    if exercise is not None and mount is not None and mount not in CATALOGUE[exercise].mounts:
        raise click.UsageError(f"{exercise} can't be followed from the {mount}")


def _check_alignment(alignment: Alignment | None, file: str | None, side: str | None, mount: str | None) -> None:
    if alignment is None:
        return
    for name, told, stored in (("side", side, alignment.side), ("mount", mount, alignment.mount)):
        if told is not None and told != stored:
            what = f"the alignment is of the {stored} {'leg' if name == 'side' else ''}".rstrip()
            raise InputError(f"{what}, not of the {told}", where=str(file), advice=f"give --{name} {stored}")


def _print(done: Done, as_json: bool, *, brief: bool, first: bool) -> None:
    if done.error:
        click.echo(f"kneeimu: {done.error}", err=True)
        return
    if as_json:
        click.echo(json.dumps(done.result, allow_nan=False))
    elif brief:
        click.echo(done.headline)
    else:
        click.echo(("" if first else "\n") + done.table)
    for note in done.notes:
        click.echo(f"kneeimu: {done.file}: note: {note}", err=True)
