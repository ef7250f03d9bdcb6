"""``kneeimu export``: sessions in the formats of other tools."""

from __future__ import annotations

import dataclasses
import os
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kneeimu.commands.options import exercise_option, mount_option, side_option
from kneeimu.errors import InputError
from kneeimu.types import Mount, Side
from kneeimu.words import _

if TYPE_CHECKING:
    from kneeimu.sessions.play import Played

NAMES = ("csv", "parquet", "fit", "opensim", "motion-bids", "foxglove", "lsl")


@click.command("export", short_help="Convert sessions to the formats of other tools.")
@click.argument("sessions", nargs=-1, required=True, metavar="SESSION...")
@click.option("--to", "form", type=click.Choice(NAMES), required=True, help="Format; docs/exports.md tells more.")
@click.option("--out", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("."), help="Folder.")
@exercise_option(required=False)
@side_option(required=False)
@mount_option(required=False)
@click.option("--alignment", "alignment_file", metavar="FILE", help="Stored alignment, for the knee's drift inwards.")
@click.option("--started", metavar="TIME", help="When it began, such as 2026-05-04T10:20:30, if the file can't say.")
@click.option("--pseudonym", metavar="LABEL", help="Name files and person this, instead of the session.")
@click.option("--subject", metavar="LABEL", default="01", show_default=True, help="Person in a Motion-BIDS dataset.")
@click.option("--run", type=click.IntRange(1, 999), help="First run in Motion-BIDS; the next free one, if left out.")
@click.option("--speed", type=click.FloatRange(0.1, 100.0), default=1.0, show_default=True, help="Of the LSL stream.")
@click.option("--wait", "wait_s", type=float, default=60.0, show_default=True, help="For an LSL reader, s.")
def command(
    sessions: tuple[str, ...],
    form: str,
    folder: Path,
    exercise: str | None,
    side: Side | None,
    mount: Mount | None,
    alignment_file: str | None,
    started: str | None,
    pseudonym: str | None,
    subject: str,
    run: int | None,
    speed: float,
    wait_s: float,
) -> None:
    """Convert sessions to the formats of other tools.

    SESSION is a recording, a session's name from `kneeimu history`, or a CSV with --exercise, --side and --mount. The
    files written are printed, one a line.
    """
    from kneeimu.sessions.alignment_file import load_alignment
    from kneeimu.sessions.files import Request
    from kneeimu.sessions.play import play_file

    alignment = load_alignment(alignment_file) if alignment_file else None
    request = Request(exercise, side, mount, alignment)
    begun = _moment(started) if started else None

    def convert(number: int, session: str) -> None:
        played = play_file(find_session(session), request)
        for problem in played.problems:
            click.echo("kneeimu: " + _("{path}: note: {problem}").format(path=session, problem=problem), err=True)
        if begun or pseudonym:
            played = dataclasses.replace(
                played, started=begun or played.started, name=_named(played, pseudonym, number)
            )
        if form == "lsl":
            _stream(played, speed, wait_s)
            return
        for path in _write(played, form, folder, pseudonym or subject, run + number if run else None):
            click.echo(str(path))

    failed = 0
    for number, session in enumerate(sessions):
        try:
            convert(number, session)
        except InputError as error:
            if len(sessions) == 1:
                raise
            click.echo(f"kneeimu: {error}", err=True)
            failed += 1
    if failed:
        sys.exit(1)


def find_session(handle: str) -> Path:
    """Give the file of a session: the path itself, or the recording of that name in the history.

    Raises:
        InputError: there is neither.
    """
    path = Path(handle)
    if path.exists() or os.sep in handle or path.suffix:
        return path
    from kneeimu.sessions.history import History

    with History() as history:
        history.refresh()
        return history.find(handle)


def _write(played: Played, form: str, folder: Path, subject: str, run: int | None) -> list[Path]:
    if form == "motion-bids":
        from kneeimu.sessions.exporters.motion_bids import write_motion_bids

        return write_motion_bids(played, folder, subject=subject, run=run)
    from kneeimu.sessions.exporters import find_writer

    return find_writer(form)(played, folder)


def _stream(played: Played, speed: float, wait_s: float) -> None:
    from kneeimu.sessions.exporters.lsl import library, stream_session

    library()  # nobody is waited for without it
    click.echo(
        "kneeimu: " + _("waiting for a reader of the streams 'kneeimu imu', 'kneeimu angles', 'kneeimu events'"),
        err=True,
    )
    if not stream_session(played, speed=speed, wait_s=wait_s):
        raise InputError(
            _("nobody read the stream within {wait_s:g} s").format(wait_s=wait_s),
            advice=_("start LabRecorder or another reader"),
        )


def _named(played: Played, pseudonym: str | None, number: int) -> str:
    if pseudonym is None:
        return played.name
    label = re.sub(r"[^A-Za-z0-9_-]", "", pseudonym)
    return f"{label}-{number + 1:02d}"


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(
            _("--started {text!r} is no time such as 2026-05-04T10:20:30+02:00").format(text=text)
        ) from error
