"""``kneeimu history``: list, filter, show and delete sessions."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kneeimu.commands.options import days_ago, no_day
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.words import _, decimal, n_

if TYPE_CHECKING:
    from kneeimu.coaching.pain import PainLog
    from kneeimu.sessions.history import Filter, History, Refreshed
    from kneeimu.sessions.recording_format import Command
    from kneeimu.sessions.recording_reader import Recording
    from kneeimu.sessions.session_summary import SessionSummary


class When(click.ParamType[datetime]):
    """A day (2026-03-01), or how long ago (10d, 4w, 6m)."""

    name = "when"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        text = str(value)
        days = days_ago(text)
        try:
            if days is not None:
                return datetime.now().astimezone() - timedelta(days=days)
            return datetime.fromisoformat(text).astimezone()
        except (ValueError, OverflowError):
            self.fail(no_day(text), param, ctx)


class Until(When):
    """The same, to the end of a day that is named without a time."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        moment = super().convert(value, param, ctx)
        if not re.fullmatch(r"\d{4}-?\d\d-?\d\d", str(value)):
            return moment
        return datetime.combine(moment.date() + timedelta(days=1), time()).astimezone()


@click.group("history", invoke_without_command=True, short_help="List, filter, show and delete sessions.")
@click.pass_context
def command(ctx: click.Context) -> None:
    """List, filter, show and delete sessions.

    SESSION is a name or its beginning, "last", a number (1 is the newest), or a file.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_sessions)


@command.command("list")
@click.option("--exercise", type=click.Choice(list(CATALOGUE)))
@click.option("--side", type=click.Choice(["left", "right"]))
@click.option("--since", type=When(), help="A day (2026-03-01), or ago: 10d, 4w, 6m.")
@click.option("--until", type=Until(), help="The same; the day itself included.")
@click.option("--search", default="", metavar="WORDS", help="All must occur: in programme, notes, sensor, name.")
@click.option("--limit", type=click.IntRange(1), help="The newest only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a session, one a line.")
def list_sessions(
    exercise: str | None = None,
    side: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    search: str = "",
    limit: int | None = None,
    as_json: bool = False,
) -> None:
    """List sessions, newest first.

    Beside the reps, * says that you corrected them, and r that they were scored again.
    """
    from kneeimu.sessions.history import Filter, History, summary_dict

    with History() as history:
        _refresh(history)
        wanted = Filter(exercise, side, since, until, search, limit)
        found = history.sessions(wanted)
    if as_json:
        for summary in found:
            click.echo(json.dumps(summary_dict(summary), allow_nan=False))
        return
    if not found:
        click.echo(
            _("no session fits")
            if wanted != _nothing()
            else _("no sessions yet in {folder}").format(folder=history.folder),
            err=True,
        )
        return
    click.echo(_head())
    for number, summary in enumerate(found, start=1):
        click.echo(_line(number, summary))
    if any(one.corrected_count != one.count or one.latest_count is not None for one in found):
        click.echo(_("* you corrected the reps · r they were scored again"), err=True)


@command.command()
@click.argument("session")
@click.option(
    "--json", "as_json", is_flag=True,
    help="The first result as `analyze --json` gives it, the corrected count, and the pain told.",
)  # fmt: skip
def show(session: str, as_json: bool) -> None:
    """Show one session: what was counted then, what was corrected, and later scores."""
    from kneeimu.sessions.corrections import tally_session
    from kneeimu.sessions.history import History
    from kneeimu.sessions.recording_reader import read_recording
    from kneeimu.sessions.scores import read_scores
    from kneeimu.sessions.session_summary import first_result
    from kneeimu.sessions.table import describe

    with History() as history:
        _refresh(history)
        path = history.find(session)
    recording = read_recording(path)
    result = first_result(recording, str(path))
    counted = tally_session(recording.events, recording.commands).total
    if as_json:
        pain = _pain(recording)
        told = {name: getattr(pain, name) for name in ("before", "during", "after", "next_morning")}
        click.echo(json.dumps({**result.to_dict(), "corrected_count": counted, "pain": told}, allow_nan=False))
        return
    click.echo(describe(result))
    if counted != len(result.reps):
        click.echo(n_("{n} rep counted in the session:", "{n} reps counted in the session:", counted))
    for done in recording.commands:
        click.echo(f"{done.time_s:8.1f} s  {_done_words(done)}")
    for words in _later_words(_pain(recording)):
        click.echo(words)
    for score in read_scores(path):
        then = score["result"]
        click.echo(
            _("scored again {day} by {program}: {reps}").format(
                day=score["scored_utc"][:10],
                program=score["software"],
                reps=n_("{n} rep", "{n} reps", then["count"]),
            )
        )
    for problem in result.notes:
        click.echo("kneeimu: " + _("{path}: note: {problem}").format(path=path, problem=problem), err=True)


@command.command()
@click.argument("sessions", nargs=-1, required=True, metavar="SESSION...")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(sessions: tuple[str, ...], yes: bool) -> None:
    """Move sessions to the bin; `history restore` takes them back."""
    from kneeimu.sessions.history import History

    with History() as history:
        _refresh(history)
        paths = list(dict.fromkeys(history.find(session) for session in sessions))
        names = "\n  ".join(path.stem for path in paths)
        if not yes:
            click.confirm(_("move to the bin:\n  {names}\n?").format(names=names), abort=True, err=True)
        for path in paths:
            history.delete(path)
            click.echo(path.stem)
        history.refresh()


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def restore(names: tuple[str, ...]) -> None:
    """Take sessions back out of the bin."""
    from kneeimu.sessions.history import History

    with History() as history:
        for name in names:
            click.echo(history.restore(name))
        _refresh(history)


@command.command("bin")
@click.option("--empty", is_flag=True, help="Erase what is in it for good.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def show_bin(empty: bool, yes: bool) -> None:
    """List the bin, or empty it."""
    from kneeimu.sessions.history import History

    with History() as history:
        for path in history.binned():
            click.echo(path.stem)
        if not history.binned():
            click.echo(_("the bin is empty"), err=True)
        elif empty:
            if not yes:
                asked = n_("erase {n} session for good?", "erase {n} sessions for good?", len(history.binned()))
                click.confirm(asked, abort=True, err=True)
            click.echo(n_("{n} session erased", "{n} sessions erased", history.empty_bin()), err=True)


@command.command()
def rebuild() -> None:
    """Make the index again from the recordings."""
    from kneeimu.sessions.history import History

    with History() as history:
        news = _refresh(history, again=True)
    click.echo(n_("{n} session", "{n} sessions", len(news.added) - len(news.faults)))


# --- words -----------------------------------------------------------------------------------------------------------


def _done_words(done: Command) -> str:
    """Say what the person did; what has no words is given as it was written down."""
    match done.name, done.data:
        case "pain", {"level": int(level)}:
            return _("pain {n}/10").format(n=level)
        case "pain-before", {"level": int(level)}:
            return _("pain before training {n}/10").format(n=level)
        case "correction", {"by": int(by), "set": int(number)} | {"by": int(by), "set_number": int(number)}:
            return _("set {n}: reps corrected by {by}").format(n=number, by=f"{by:+d}")
        case "guided", _data:
            return _("led by the app")
        case "start-set", _data:
            return _("set begun by key")
        case "end-set", _data:
            return _("set ended by key")
        case "bout-started", {"set": int(number)}:
            return _("set {n} begun").format(n=number)
        case "bout-goes-on", {"set": int(number)}:
            return _("set {n} goes on").format(n=number)
        case "bout-left", {"set": int(number)}:
            return _("set {n}: nothing was done").format(n=number)
        case "bout-ended", {"set": int(number), **data}:
            return _("set {n}: {how}").format(n=number, how=_how_it_ended(data))
        case "session-finished", {"sets": int(sets), "skipped": int(skipped)}:
            over = _("session over, {sets}").format(sets=n_("{n} set", "{n} sets", sets))
            return f"{over}, {_('{n} skipped').format(n=skipped)}" if skipped else over
        case "pain-stop", _data:
            return _("stopped on pain")
        case "pause", _data:
            return _("paused")
        case "resume", _data:
            return _("went on")
    details = ", ".join(f"{key} {value}" for key, value in done.data.items() if value is not None)
    return f"{done.name}{': ' if details else ''}{details}"


def _pain(recording: Recording) -> PainLog:
    """Give the pain that was told of a session: by the diary, else by the recording itself."""
    from kneeimu.coaching.pain import PainLog
    from kneeimu.dashboard.diary import find_entry
    from kneeimu.sessions.corrections import pain_before, pain_while_training

    entry = find_entry(str((recording.prescription or {}).get("session") or ""))
    log = PainLog(before=pain_before(recording.commands)) if entry is None else entry.pain
    return replace(log, during=max(pain_while_training(recording.commands), default=None))


def _later_words(pain: PainLog) -> list[str]:
    """Say what was told when the recording was over."""
    later = (
        (_("pain after training {n}/10"), pain.after),
        (_("pain the next morning {n}/10"), pain.next_morning),
    )
    return [words.format(n=level) for words, level in later if level is not None]


def _how_it_ended(data: dict[str, Any]) -> str:
    reps, held_s = data.get("corrected"), data.get("held_s")
    if isinstance(held_s, int | float) and held_s > 0:
        done = f"{decimal(held_s, 0)} s"
    else:
        done = n_("{n} rep", "{n} reps", reps) if isinstance(reps, int) and reps else ""
    ended = {"skipped": _("skipped"), "pain": _("stopped on pain")}.get(str(data.get("ended")), "")
    return ", ".join(part for part in (done, ended) if part) or _("nothing was done")


def _head() -> str:
    return (
        f"{'':>4}  {_('began'):16}  {_('exercise'):23}  {_('side'):5}  {_('reps'):>5}  {_('clean'):>6}  "
        f"{_('sets'):>5}  {_('drift °'):>7}  {_('pain'):>7}"
    )


def _line(number: int, summary: SessionSummary) -> str:
    count = str(summary.corrected_count) + ("*" if summary.corrected_count != summary.count else "")
    clean = summary.clean_count
    if summary.latest_count is not None and summary.latest_clean_count is not None:
        count, clean = f"{summary.latest_count}r", summary.latest_clean_count
    drift = "–" if summary.drift_deg is None else decimal(summary.drift_deg)
    pain = "–" if summary.pain is None else str(summary.pain)
    line = (
        f"{number:4}  {summary.started:%Y-%m-%d %H:%M}  {summary.exercise:23}  {summary.side:5}  {count:>5}  {clean:6}"
        f"  {summary.sets:5}  {drift:>7}  {pain:>7}  {summary.marks}"
    )
    return line.rstrip()


def _nothing() -> Filter:
    from kneeimu.sessions.history import Filter

    return Filter()


def _refresh(history: History, *, again: bool = False) -> Refreshed:
    """Bring the index up to date; a bar shows where many recordings are to be read."""
    shown = sys.stderr.isatty()

    def progress(done: int, total: int) -> None:
        if shown and total > 20:
            click.echo(
                "\r" + _("reading sessions {done}/{total}").format(done=done, total=total) + "\n" * (done == total),
                err=True,
                nl=False,
            )

    news = history.rebuild(progress, all_cores=True) if again else history.refresh(progress, all_cores=True)
    for path, fault in news.faults:
        cure = _("`kneeimu history delete {stem}` moves it to the bin").format(stem=Path(path).stem)
        click.echo("kneeimu: " + _("{path}: {fault} ({cure})").format(path=path, fault=fault, cure=cure), err=True)
    return news
