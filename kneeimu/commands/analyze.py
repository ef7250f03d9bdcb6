"""``kneeimu analyze``: count and measure the reps of recordings."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, get_args

import click

from kneeimu.errors import InputError, KneeimuError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.types import Alignment, Mount, Side

if TYPE_CHECKING:
    from kneeimu.sessions.analysis import Analysis


@click.command("analyze", short_help="Count and measure the reps of recordings.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--exercise", type=click.Choice(list(CATALOGUE)), help="What was done.")
@click.option("--side", type=click.Choice(get_args(Side)), help="The leg that wears the sensor.")
@click.option("--mount", type=click.Choice(get_args(Mount)), help="Where on the leg.")
@click.option("--alignment", "alignment_file", metavar="FILE", help="Stored alignment, for the knee's drift inwards.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, one a line.")
@click.option("--acc-unit", type=click.Choice(["m/s2", "g"]), default="m/s2", show_default=True)
@click.option("--gyr-unit", type=click.Choice(["rad/s", "deg/s"]), default="rad/s", show_default=True)
def command(
    files: tuple[str, ...],
    exercise: str | None,
    side: Side | None,
    mount: Mount | None,
    alignment_file: str | None,
    as_json: bool,
    acc_unit: str,
    gyr_unit: str,
) -> None:
    """Count and measure the reps of recordings: CSV (header t,ax,ay,az,gx,gy,gz) or the program's own MCAP.

    A CSV needs --exercise, --side and --mount; a recording knows them, and the options overrule it.
    """
    from kneeimu.sessions.alignment_file import load_alignment
    from kneeimu.sessions.files import Request, analyze_file

    alignment = load_alignment(alignment_file) if alignment_file else None
    _check_alignment(alignment, alignment_file, side, mount)
    _check_options(files, exercise, side, mount)
    request = Request(exercise, side, mount, alignment, acc_unit, gyr_unit)
    failed = False
    for number, file in enumerate(files):
        try:
            analysis = analyze_file(file, request)
        except KneeimuError as error:
            click.echo(f"kneeimu: {error}", err=True)
            failed = True
            continue
        _print(analysis, as_json, first=number == 0)
    if failed:
        sys.exit(1)


def _check_options(files: tuple[str, ...], exercise: str | None, side: str | None, mount: Mount | None) -> None:
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


def _print(analysis: Analysis, as_json: bool, *, first: bool) -> None:
    if as_json:
        click.echo(json.dumps(analysis.to_dict(), allow_nan=False))
    else:
        from kneeimu.sessions.table import describe

        click.echo(("" if first else "\n") + describe(analysis))
    for note in (*analysis.notes, *analysis.warnings):
        click.echo(f"kneeimu: {analysis.file}: note: {note}", err=True)
