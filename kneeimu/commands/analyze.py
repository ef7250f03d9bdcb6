"""``kneeimu analyze``: count and measure the reps of recordings."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, get_args

import click

from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.types import Alignment, Mount, Side
from kneeimu.words import _
from kneeimu.words.phrases import SITES, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kneeimu.sessions.batch import Done
    from kneeimu.sessions.files import Request


@click.command("analyze", short_help="Count and measure the reps of recordings.")
@click.argument("files", nargs=-1, metavar="[FILE|DIR]...")
@click.option("--exercise", type=click.Choice(list(CATALOGUE)), help="What was done.")
@click.option("--side", type=click.Choice(get_args(Side)), help="The leg that wears the sensor.")
@click.option("--mount", type=click.Choice(get_args(Mount)), help="Where on the leg.")
@click.option("--alignment", "alignment_file", metavar="FILE", help="Stored alignment, for the knee's drift inwards.")
@click.option("--thigh", metavar="FILE", help="Two sensors: the thigh's recording, on one clock with the shin's.")
@click.option("--shin", metavar="FILE", help="Two sensors: the shin's recording.")
@click.option("--alignment-thigh", metavar="FILE", help="Stored alignment of the thigh's sensor; together with:")
@click.option("--alignment-shin", metavar="FILE", help="Stored alignment of the shin's sensor.")
@click.option("--angles", metavar="FILE", help="Two sensors: write the knee's angles as CSV.")
@click.option("--angles-hz", type=click.Choice(["25", "100"]), default="100", show_default=True, help="Their rate.")
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
    thigh: str | None,
    shin: str | None,
    alignment_thigh: str | None,
    alignment_shin: str | None,
    angles: str | None,
    angles_hz: str,
    as_json: bool,
    acc_unit: str,
    gyr_unit: str,
    kind: str | None,
) -> None:
    """Count and measure the reps of recordings: CSV (header t,ax,ay,az,gx,gy,gz), the program's own MCAP, or folders.

    A CSV needs --exercise, --side and --mount; a recording knows them, and the options overrule it. Work on a folder
    that was stopped goes on where it was when the same command is given again.

    With --thigh and --shin two recordings of one leg are taken together, and the knee's own angles are measured.
    Without --alignment-thigh and --alignment-shin the recording itself must tell how the sensors sit: the leg stands
    straight in it for a second or two, and moves.
    """
    if thigh or shin:
        stored = alignment_thigh, alignment_shin
        _check_pair(files, alignment_file, stored, kind)
        _analyze_pair(thigh, shin, exercise, side, mount, stored, (acc_unit, gyr_unit), angles, angles_hz, as_json)
        return
    if angles or alignment_thigh or alignment_shin:
        raise click.UsageError(_("the knee's angles need two sensors: give --thigh and --shin"))
    if not files:
        raise click.UsageError(_("name a file or folder, or --thigh and --shin"))
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


def _check_pair(
    files: tuple[str, ...],
    alignment_file: str | None,
    stored: tuple[str | None, str | None],
    kind: str | None,
) -> None:
    if files:
        raise click.UsageError(_("name files, or --thigh and --shin, but not both"))
    if alignment_file:
        raise click.UsageError(_("two sensors have two alignments: give --alignment-thigh and --alignment-shin"))
    if bool(stored[0]) != bool(stored[1]):
        raise click.UsageError(_("give both --alignment-thigh and --alignment-shin, or none"))
    if kind:
        raise click.UsageError(_("--executor is for files and folders, not for --thigh and --shin"))


def _analyze_pair(
    thigh: str | None,
    shin: str | None,
    exercise: str | None,
    side: Side | None,
    counting: Mount | None,
    stored: tuple[str | None, str | None],
    units: tuple[str, str],
    angles: str | None,
    angles_hz: str,
    as_json: bool,
) -> None:
    """Two recordings of one leg; ``_check_pair`` has seen that all is there."""
    from kneeimu.sessions.alignment_file import load_alignment
    from kneeimu.sessions.pair_analysis import PairRequest, analyze_pair_files, describe_pair, write_angles

    if thigh is None or shin is None or exercise is None or side is None:
        raise click.UsageError(_("two sensors need --thigh, --shin, --exercise and --side"))
    mounts: tuple[Mount, Mount] = ("thigh", "shin")
    aligned = [load_alignment(file) if file else None for file in stored]
    for alignment, file, mount in zip(aligned, stored, mounts, strict=True):
        _check_alignment(alignment, file, side, mount, of_pair=True)
    request = PairRequest(
        exercise, side, aligned[0], aligned[1], units[0], units[1], angles_hz=float(angles_hz), counting=counting
    )
    analysis = analyze_pair_files(thigh, shin, request)
    if angles:
        write_angles(analysis.angles, angles)
    click.echo(json.dumps(analysis.to_dict(), allow_nan=False) if as_json else describe_pair(analysis))
    for note in analysis.notes:
        click.echo("kneeimu: " + _("note: {note}").format(note=note), err=True)


def _batch(files: list[str], request: Request, kind: str) -> Iterator[Done]:
    """Work on many files with a bar on stderr."""
    from kneeimu.sessions.batch import Journal, make_executor, run_batch

    journal = Journal(files, request)
    known = len(journal.known(files))
    if known:
        click.echo(
            "kneeimu: " + _("going on: {known} of {n} files were done before").format(known=known, n=len(files)),
            err=True,
        )
    bar = click.progressbar(length=len(files), label=_("analyzing"), file=sys.stderr, hidden=not sys.stderr.isatty())
    with make_executor(kind) as executor, bar:
        results = run_batch(files, request, executor, journal=journal, progress=lambda: bar.update(1))
        # on one and the same screen the results would break the bar
        yield from list(results) if sys.stdout.isatty() and sys.stderr.isatty() else results
    journal.close()


def _check_options(files: list[str], exercise: str | None, side: str | None, mount: Mount | None) -> None:
    from kneeimu.sessions.recording_reader import is_recording

    if (exercise is None or side is None or mount is None) and not all(is_recording(file) for file in files):
        raise click.UsageError(_("a CSV needs --exercise, --side and --mount"))
    if exercise is not None and mount is not None and mount not in CATALOGUE[exercise].mounts:
        raise click.UsageError(
            _("{exercise} can't be followed from the {mount}").format(exercise=exercise, mount=mount)
        )


def _check_alignment(
    alignment: Alignment | None, file: str | None, side: str | None, mount: str | None, *, of_pair: bool = False
) -> None:
    if alignment is None:
        return
    for name, told, stored in (("side", side, alignment.side), ("mount", mount, alignment.mount)):
        if told is not None and told != stored:
            what = (
                _("the alignment is of the {stored} leg, not of the {told} one")
                if name == "side"
                else _("the alignment is of the {stored}, not of the {told}")
            )
            advice = (
                _("give it as --alignment-{stored}").format(stored=stored)
                if of_pair and name == "mount"
                else _("give --{name} {stored}").format(name=name, stored=stored)
            )
            raise InputError(
                what.format(stored=phrase(SITES, stored), told=phrase(SITES, told)), where=str(file), advice=advice
            )


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
        click.echo("kneeimu: " + _("{file}: note: {note}").format(file=done.file, note=note), err=True)
