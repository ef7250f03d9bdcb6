"""``kneeimu report``: a page for a physiotherapist."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kneeimu.commands.export import find_session
from kneeimu.commands.options import days_ago, exercise_option, mount_option, no_day, side_option
from kneeimu.errors import InputError
from kneeimu.types import Mount, Side
from kneeimu.words import _

if TYPE_CHECKING:
    from kneeimu.coaching.pain import PainLog
    from kneeimu.dashboard.diary import Entry
    from kneeimu.report.facts import SessionFacts
    from kneeimu.report.page import Report
    from kneeimu.sessions.files import Request
    from kneeimu.types import Setup

Period = tuple[date, date]


@click.command("report", short_help="Write a page for a physiotherapist.")
@click.argument("sessions", nargs=-1, metavar="[SESSION...]")
@click.option("--since", metavar="DATE", help="From this day (2026-05-04), or the last 30d, 6w or 3m.")
@click.option("--until", metavar="DATE", help="To this day, itself included; or ago: 2w.")
@click.option("--programme", metavar="NAME", help="All sessions of this programme.")
@exercise_option(required=False)
@side_option(required=False)
@mount_option(required=False)
@click.option("--alignment", "alignment_file", metavar="FILE", help="Stored alignment, for the knee's drift inwards.")
@click.option("--person", default="", metavar="LABEL", help="Printed at the top; nothing names a person otherwise.")
@click.option("--out", "out", type=click.Path(dir_okay=False, path_type=Path), help="The page; kneeimu-report.html.")
@click.option("--figures", "folder", type=click.Path(file_okay=False, path_type=Path), help="Plots as files, too.")
@click.option("--figure-format", type=click.Choice(["svg", "png"]), default="svg", show_default=True)
def command(
    sessions: tuple[str, ...],
    since: str | None,
    until: str | None,
    programme: str | None,
    exercise: str | None,
    side: Side | None,
    mount: Mount | None,
    alignment_file: str | None,
    person: str,
    out: Path | None,
    folder: Path | None,
    figure_format: str,
) -> None:
    """Write a page for a physiotherapist: one HTML file without scripts, to read or to print.

    SESSION is a recording, a session's name from `kneeimu history`, or a CSV with --exercise, --side and --mount.
    Without sessions the page is about the range or the programme asked for, or about the last day of training.
    """
    from kneeimu.report.page import render_page
    from kneeimu.sessions.alignment_file import load_alignment
    from kneeimu.sessions.atomic import write_private
    from kneeimu.sessions.files import Request

    period = _period(since, until)
    alignment = load_alignment(alignment_file) if alignment_file else None
    if sessions:
        files = [find_session(session) for session in sessions]
        request = Request(exercise, side, mount, alignment)
    else:
        files = _from_history(period, programme, exercise, side)
        request = Request(alignment=alignment)
    report = _report(_read(files, request), person, programme, period)
    out = out or Path("kneeimu-report.html")
    write_private(out, render_page(report))
    click.echo(str(out))
    if folder is not None:
        for path in _write_figures(report, folder, figure_format):
            click.echo(str(path))


def _period(since: str | None, until: str | None) -> Period | None:
    if since is None and until is None:
        return None
    last = _day(until, "--until") if until else date.today()
    if since is None:
        return date.min, last
    days = days_ago(since)
    first = _day(since, "--since") if days is None else _last_days(days, last)
    if first > last:
        raise click.UsageError(_("--since {first} is after {last}").format(first=first, last=last))
    return first, last


def _last_days(days: int, last: date) -> date:
    """Give the first of so many days; the last is one of them."""
    return date.fromordinal(max(last.toordinal() - max(days, 1) + 1, 1))


def _day(text: str, option: str) -> date:
    days = days_ago(text)
    try:
        return date.fromisoformat(text) if days is None else date.today() - timedelta(days=days)
    except ValueError as error:
        raise click.BadParameter(no_day(text), param_hint=option) from error


def _from_history(period: Period | None, programme: str | None, exercise: str | None, side: Side | None) -> list[Path]:
    """Give the recordings asked for, oldest first; those of the last day, when nothing is asked."""
    from kneeimu.sessions.history import Filter, History
    from kneeimu.sessions.recording_format import SUFFIX

    with History() as history:
        history.refresh()
        found = history.sessions(Filter(exercise=exercise, side=side))
        folder = history.folder
    if programme is not None:
        found = [one for one in found if one.programme == programme]
    if period is not None:
        found = [one for one in found if period[0] <= one.started.date() <= period[1]]
    elif programme is None and found:
        newest = max(one.started.date() for one in found)
        found = [one for one in found if one.started.date() == newest]
    if not found:
        raise InputError(
            _("no session fits"), where=str(folder), advice=_("see `kneeimu history list`, or name a recording")
        )
    return [folder / (one.name + SUFFIX) for one in sorted(found, key=lambda one: one.started_utc)]


def _read(files: list[Path], request: Request) -> list[SessionFacts]:
    """Read the sessions, oldest first; one that can't be used is told and left out, unless it is the only one.

    Only the newest training of each exercise and leg is played again: its curves are drawn.
    """
    from kneeimu.dashboard.diary import diary_for
    from kneeimu.dashboard.preferences import SIMULATED

    diary = {entry.session: entry for sensor in (SIMULATED, "") for entry in diary_for(sensor).entries()}
    read: list[tuple[SessionFacts, Path]] = []
    bar = click.progressbar(
        files, label=_("reading"), file=sys.stderr, hidden=len(files) < 20 or not sys.stderr.isatty()
    )
    with bar:
        for file in bar:
            try:
                read.append((_facts(file, request, diary), file))
            except InputError as error:
                if len(files) == 1:
                    raise
                click.echo("kneeimu: " + _("left out: {error}").format(error=error), err=True)
    if not any(facts.reps for facts, _ in read):
        raise InputError(_("no reps were counted, there is nothing to report"), where=str(files[0]))
    read.sort(key=lambda one: (one[0].day or date.max, one[0].started.timestamp() if one[0].started else 0.0))
    newest = {_leg(facts): _training(facts) for facts, _file in read if facts.reps}
    return [
        _drawn(facts, file) if facts.reps and newest[_leg(facts)] == _training(facts) else facts for facts, file in read
    ]


def _leg(facts: SessionFacts) -> tuple[str, str]:
    return facts.setup.exercise, facts.setup.side


def _training(facts: SessionFacts) -> str:
    """Name what a recording is of, or a part of."""
    return facts.prescription.session or facts.name


def _facts(file: Path, request: Request, diary: dict[str, Entry]) -> SessionFacts:
    from kneeimu.report.facts import facts_of, facts_of_recording
    from kneeimu.sessions.play import play_file
    from kneeimu.sessions.recording_reader import is_recording, read_recording

    told = (request.exercise, request.side, request.mount, request.alignment)
    if not is_recording(file) or told != (None, None, None, None):
        played = play_file(file, request)
        return facts_of(played, *_of_diary(diary, played.prescription, played.setup))
    recording = read_recording(file)
    return facts_of_recording(recording, *_of_diary(diary, recording.prescription or {}, recording.setup))


def _of_diary(
    diary: dict[str, Entry], prescription: dict[str, Any], setup: Setup
) -> tuple[PainLog | None, float | None]:
    """Give the pain of the training session, and how long the exercise was held."""
    entry = diary.get(str(prescription.get("session") or ""))
    if entry is None:
        return None, None
    held = [one.held_s for one in entry.exercises if (one.exercise, one.side) == (setup.exercise, setup.side)]
    return entry.pain, sum(held) if held else None


def _drawn(facts: SessionFacts, file: Path) -> SessionFacts:
    from kneeimu.report.facts import with_curves
    from kneeimu.sessions.play import play_file

    return facts if facts.curves else with_curves(facts, play_file(file).trace)


def _report(found: list[SessionFacts], person: str, programme: str | None, period: Period | None) -> Report:
    from kneeimu.report.page import Report

    title, per_week = _programme(programme or _common_programme(found))
    known = period if period and period[0] != date.min else None
    return Report(tuple(found), person, title, per_week, known, datetime.now())


def _common_programme(found: list[SessionFacts]) -> str:
    names = {facts.prescription.programme for facts in found}
    return names.pop() if len(names) == 1 else ""


def _programme(name: str) -> tuple[str, int | None]:
    """Give title and days a week of a programme; its bare name, where the file is gone."""
    if not name:
        return "", None
    from kneeimu.exercises.programmes.programme import find_programmes, load_programme
    from kneeimu.locations import config_dir

    path = find_programmes(config_dir() / "programmes").get(name)
    if path is None:
        return name, None
    programme = load_programme(path)
    return programme.title, programme.per_week


def _write_figures(report: Report, folder: Path, form: str) -> list[Path]:
    from kneeimu.report.figures import render_png
    from kneeimu.report.page import figures
    from kneeimu.sessions.atomic import write_private

    written = []
    for name, plot in figures(report).items():
        path = folder / f"{name}.{form}"
        write_private(path, render_png(plot) if form == "png" else plot.render() + "\n")
        written.append(path)
    return written
