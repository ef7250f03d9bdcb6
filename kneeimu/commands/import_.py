"""``kneeimu import``: recordings of other programs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kneeimu.commands.options import exercise_option, mount_option, side_option
from kneeimu.errors import InputError
from kneeimu.types import Mount, Side
from kneeimu.words import _

if TYPE_CHECKING:
    from kneeimu.sessions.importers import Imported
    from kneeimu.types import Samples

NAMES = ("sensor-logger", "movella-dot", "xsens-mt", "phyphox", "polar-sensor-logger", "witmotion", "generic")


@click.command("import", short_help="Bring in recordings of other tools.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--format", "form", type=click.Choice(NAMES), help="Of what program; found by itself if left out.")
@click.option("--out", "out", type=click.Path(dir_okay=False, path_type=Path), help="CSV to write for `analyze`.")
@exercise_option(required=False)
@side_option(required=False)
@mount_option(required=False)
@click.option("--alignment", "alignment_file", metavar="FILE", help="Stored alignment, for the knee's drift inwards.")
@click.option("--map", "mapping", metavar="t=COLUMN,ax=COLUMN,...", help="Columns of a table nobody knows.")
@click.option("--acc-unit", help="m/s2, g or mg, of a generic table.")
@click.option("--gyr-unit", help="rad/s, deg/s or mdeg/s, of a generic table.")
@click.option("--time-unit", help="s, ms, us or ns, of a generic table.")
@click.option("--rate", "rate_hz", type=click.FloatRange(20.0, 500.0), help="Hz, for a table without a clock.")
@click.option("--device", metavar="NAME", help="One of several sensors in a file.")
@click.option("--started", metavar="TIME", help="When it began, such as 2026-05-04T10:20:30, if the file can't say.")
@click.option("--again", is_flag=True, help="Keep it also when its samples are those of a session of the history.")
def command(
    files: tuple[Path, ...],
    form: str | None,
    out: Path | None,
    exercise: str | None,
    side: Side | None,
    mount: Mount | None,
    alignment_file: str | None,
    mapping: str | None,
    acc_unit: str | None,
    gyr_unit: str | None,
    time_unit: str | None,
    rate_hz: float | None,
    device: str | None,
    started: str | None,
    again: bool,
) -> None:
    """Bring in a recording of another program: the FILEs, the folder or the zip archive that it exported.

    With --exercise, --side and --mount it becomes a session of the history, counted like any other. With --out it
    becomes a CSV that `kneeimu analyze` reads. What was assumed is said on stderr; the file written is printed.
    """
    from kneeimu.sessions.importers import import_recording

    told = (exercise, side, mount)
    if out is None and None in told:
        raise click.UsageError(_("give --exercise, --side and --mount for a session, or --out FILE for a CSV"))
    told_begin = _begin(started)
    imported = import_recording(
        files,
        format=form,
        mapping=_mapping(mapping),
        acc_unit=acc_unit,
        gyr_unit=gyr_unit,
        time_unit=time_unit,
        rate_hz=rate_hz,
        device=device,
    )
    click.echo(
        "kneeimu: "
        + _("read as {format}, {sampling_rate_hz:g} Hz").format(
            format=imported.format, sampling_rate_hz=imported.sampling_rate_hz
        ),
        err=True,
    )
    assumed, known = list(imported.assumed), told_begin or imported.started
    begun = known or datetime.fromtimestamp(files[0].stat().st_mtime, UTC)
    if known is None and None not in told:
        assumed.append(
            _("begun on {time}, when the file was last changed; --started TIME tells it better").format(
                time=f"{begun.astimezone():%Y-%m-%d %H:%M}"
            )
        )
    for sentence in assumed:
        click.echo("kneeimu: " + _("assumed: {sentence}").format(sentence=sentence), err=True)
    if None not in told and not again and (kept := _already_kept(imported.samples)):
        raise InputError(
            _("these samples are those of the session {name}").format(name=kept),
            where=str(files[0]),
            advice=_("nothing was written; --again keeps them once more"),
        )
    if out is not None:
        _write_csv(imported, out)
        click.echo(str(out))
    if exercise is not None and side is not None and mount is not None:
        sensor = {"name": files[0].name, "family": imported.format, "assumed": assumed}
        click.echo(str(_keep(imported, exercise, side, mount, alignment_file, begun, files[0], sensor)))


def _begin(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise click.UsageError(_("--started needs a time such as 2026-05-04T10:20:30")) from error


def _mapping(text: str | None) -> dict[str, str] | None:
    if text is None:
        return None
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(equals and key.strip() and column.strip() for key, equals, column in pairs):
        raise click.UsageError(_("--map needs pairs such as t=time,ax=acc_x"))
    return {key.strip(): column.strip() for key, _, column in pairs}


def _write_csv(imported: Imported, out: Path) -> None:
    from kneeimu.sessions.atomic import write_private
    from kneeimu.sessions.csv_file import HEADER

    samples = imported.samples
    rows = zip(samples.time_s.tolist(), samples.acc_m_s2.tolist(), samples.gyr_rad_s.tolist(), strict=True)
    lines = (f"{time:.6f}," + ",".join(f"{value:.6f}" for value in (*acc, *gyr)) for time, acc, gyr in rows)
    write_private(out, HEADER + "\n" + "\n".join(lines) + "\n")


def _already_kept(samples: Samples) -> str | None:
    """Give the name of a session that holds the same samples; None when there is none."""
    import numpy as np

    from kneeimu.sessions.history import History
    from kneeimu.sessions.recording_reader import read_recording

    duration_s = round(float(samples.time_s[-1] - samples.time_s[0]), 3)
    with History() as history:
        history.refresh()
        alike = [session.name for session in history.sessions() if abs(session.duration_s - duration_s) < 0.002]
        for name in alike:
            parts = read_recording(history.find(name)).samples
            if parts and np.array_equal(np.concatenate([part.gyr_rad_s for part in parts]), samples.gyr_rad_s):
                return name
    return None


def _keep(
    imported: Imported,
    exercise: str,
    side: Side,
    mount: Mount,
    alignment_file: str | None,
    begun: datetime,
    source: Path,
    sensor: dict[str, Any],
) -> Path:
    """Record it as a session, with what the engine says to it."""
    from kneeimu import locations
    from kneeimu.sessions.alignment_file import load_alignment
    from kneeimu.sessions.analysis import make_engine
    from kneeimu.sessions.play import chunks
    from kneeimu.sessions.recording import Recorder
    from kneeimu.types import Setup

    rate_hz = imported.sampling_rate_hz
    if not 19.4 <= rate_hz <= 515.0:
        raise InputError(
            _("{rate_hz:g} Hz is outside 20 to 500 Hz").format(rate_hz=rate_hz),
            where=str(source),
            advice=_("record it anew"),
        )
    alignment = load_alignment(alignment_file) if alignment_file else None
    setup = Setup(exercise, side, mount, min(max(rate_hz, 20.0), 500.0), alignment)
    engine = make_engine(setup, str(source))
    with Recorder.create(locations.sessions_dir(), setup, sensor=sensor, started_utc=begun) as recorder:
        for chunk in chunks(imported.samples):
            recorder.write_samples(chunk)
            for event in engine.feed(chunk):
                recorder.write_event(event)
        for event in engine.finish():
            recorder.write_event(event)
        return recorder.path
