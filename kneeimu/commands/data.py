"""``kneeimu data``: where your data is, all of it in one file, and all of it gone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kneeimu.words import _, decimal, mark, n_

if TYPE_CHECKING:
    from kneeimu.sessions.personal_data import Place


KINDS = {"data": mark("data"), "settings": mark("settings"), "state": mark("state")}


@click.group("data", short_help="See where your data is, export all of it, erase all of it.")
def command() -> None:
    """See where your data is, export all of it, erase all of it.

    Everything stays on this machine, in folders that only you can read. Nothing is sent unless you publish it.
    """


@command.command()
def where() -> None:
    """Show the folders, and how much is in them."""
    from kneeimu.sessions.personal_data import PRIVACY, places

    for place in places():
        click.echo(_line(place))
    click.echo(_(PRIVACY), err=True)


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--pseudonyms", is_flag=True, help="Recordings only; names, addresses and free text replaced.")
def export_(file: Path, pseudonyms: bool) -> None:
    """Put all that the program keeps of you into one zip file."""
    from kneeimu.sessions.personal_data import export_all

    count, left_out = export_all(file, pseudonymous=pseudonyms)
    for problem in left_out:
        click.echo("kneeimu: " + _("left out: {problem}").format(problem=problem), err=True)
    click.echo(n_("{file}: {n} file", "{file}: {n} files", count, file=file))
    if left_out:
        sys.exit(1)


@command.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(yes: bool) -> None:
    """Erase all that the program keeps of you, the bin and the settings included. There is no way back."""
    from kneeimu.sessions.personal_data import erase_all

    def confirm(present: list[Place]) -> bool:
        if yes:
            return True
        for place in present:
            click.echo(_line(place), err=True)
        word = _("erase")
        asked = _('write "{word}" to erase all of this for good').format(word=word)
        return str(click.prompt(asked, err=True, default=_("no"))) in (word, "erase")

    gone = erase_all(confirm)
    count = sum(place.files for place in gone)
    click.echo(n_("{n} file erased", "{n} files erased", count) if gone else _("nothing was erased"))


def _line(place: Place) -> str:
    size = decimal(place.size_bytes / 1e6)
    files = n_("{n} file", "{n} files", place.files)
    return f"{_(KINDS[place.kind]):13} {place.folder}  ({files}, {size} MB)"
