"""``kneeimu rescore``: run today's engine over old sessions and show what would change."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kneeimu.words import _, n_

if TYPE_CHECKING:
    from kneeimu.sessions.rescoring import Rescored


@click.command("rescore", short_help="Run today's engine over old sessions and show what would change.")
@click.argument("sessions", nargs=-1, metavar="[SESSION...]")
@click.option("--write", is_flag=True, help="Keep the new results where they differ; the first ones stay as well.")
@click.option("--all", "show_all", is_flag=True, help="Also show sessions that stay as they are.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a session, one a line.")
@click.option("--executor", "kind", metavar="WHERE", help="serial, processes, processes:N, or a Dask scheduler.")
def command(sessions: tuple[str, ...], write: bool, show_all: bool, as_json: bool, kind: str | None) -> None:
    """Run today's engine over old sessions and show what would change, side by side.

    Without SESSION (a name or its beginning, "last", a number, or a file) over all. Nothing is written without
    --write, and what was counted at the time is kept for ever.
    """
    from kneeimu.sessions.batch import choose_executor, make_executor
    from kneeimu.sessions.history import History
    from kneeimu.sessions.rescoring import rescore_all

    with History() as history:
        history.refresh()
        named = [history.find(session) for session in sessions]
        paths = named or [history.folder / f"{found.name}.mcap" for found in reversed(history.sessions())]
    if not paths:
        click.echo(_("no sessions yet"), err=True)
        return
    hidden = not sys.stderr.isatty()
    bar = click.progressbar(length=len(paths), label=_("scoring"), file=sys.stderr, hidden=hidden)
    done: list[Rescored] = []
    with make_executor(kind or choose_executor([str(path) for path in paths])) as executor, bar:
        for rescored in rescore_all(paths, executor, write=write):
            done.append(rescored)
            bar.update(1)
    order = {path: number for number, path in enumerate(paths)}
    done.sort(key=lambda rescored: order[rescored.path])
    _print(done, write, show_all, as_json)
    if any(rescored.error for rescored in done):
        sys.exit(1)


def _print(done: list[Rescored], write: bool, show_all: bool, as_json: bool) -> None:
    if as_json:
        for rescored in done:
            content = dataclasses.asdict(rescored)
            click.echo(json.dumps({**content, "path": str(rescored.path)}, allow_nan=False))
    else:
        shown = [one for one in done if one.before and one.after and (one.changes or show_all)]
        width = max((len(one.path.stem) for one in shown), default=0)
        if shown:
            then, now = _("then"), _("now")
            numbers = f"{then:>7}{now:>7}{_('clean then'):>14}{now:>7}"
            click.echo(f"{_('session'):{width}} {numbers}  {_('what changes')}")
        for rescored in shown:
            click.echo(_line(rescored, width))
    for rescored in done:
        if rescored.error:
            click.echo(f"kneeimu: {rescored.error}", err=True)
    changed = sum(bool(rescored.changes) for rescored in done)
    kept = _("the new results stand beside the old") if write else _("nothing is written without --write")
    if changed:
        click.echo(
            n_(
                "{changed} of {n} session is different; {kept}",
                "{changed} of {n} sessions are different; {kept}",
                len(done),
                changed=changed,
                kept=kept,
            ),
            err=True,
        )
    else:
        click.echo(n_("none of {n} session changes", "none of {n} sessions changes", len(done)), err=True)


def _line(rescored: Rescored, width: int) -> str:
    before, after = rescored.before or {}, rescored.after or {}
    name = Path(rescored.path).stem
    numbers = f"{before['count']:7}{after['count']:7}{before['clean_count']:14}{after['clean_count']:7}"
    return f"{name:{width}} {numbers}  {'; '.join(rescored.changes)}".rstrip()
