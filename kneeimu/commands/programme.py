"""``kneeimu programme``: list, show, check, make and edit training programmes."""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kneeimu.errors import InputError
from kneeimu.words import _, n_
from kneeimu.words.phrases import BANDS, LEGS, MOUNTS, WAYS, phrase

if TYPE_CHECKING:
    from kneeimu.exercises.programmes.programme import Item, Programme


@click.group("programme", short_help="List, check and edit training programmes.")
def command() -> None:
    """List, show, check, make and edit training programmes. They are TOML files: docs/programmes.md."""


@command.command("list")
def list_programmes() -> None:
    """List the programmes: the shipped ones and your own."""
    from kneeimu.exercises.programmes.programme import load_programme

    failed = False
    for name, path in _found().items():
        try:
            programme = load_programme(path)
        except InputError as error:
            click.echo(f"kneeimu: {error}", err=True)
            failed = True
            continue
        whose = _("shipped") if programme.shipped else _("yours")
        click.echo(
            f"{name:<16} {whose:<13} {n_('{n} exercise', '{n} exercises', len(programme.items)):<10} "
            f"{_minutes(programme):>4} min  {_(programme.title)}"
        )
    if failed:
        sys.exit(1)


@command.command("show")
@click.argument("name")
@click.option("--side", type=click.Choice(["left", "right"]), default="right", help="The knee that is trained.")
@click.option("--source", is_flag=True, help="The file as it is.")
def show(name: str, side: str, source: bool) -> None:
    """Show a programme: NAME, or a file."""
    from kneeimu.exercises.programmes.plan import plan_session, sensor_moves
    from kneeimu.exercises.programmes.programme import load_programme

    path = _path_of(name)
    programme = load_programme(path)
    if source:
        click.echo(path.read_text(encoding="utf-8"), nl=False)
        return
    bouts = plan_session(programme, "left" if side == "left" else "right")
    click.echo(f"{_(programme.title)}\n{_(programme.about)}\n")
    facts = (
        n_("{n} set", "{n} sets", len(bouts)),
        n_("about {n} minute", "about {n} minutes", _minutes(programme)),
        n_("{n} time a week", "{n} times a week", programme.per_week),
        n_("the sensor moves once", "the sensor moves {n} times", sensor_moves(bouts)),
    )
    click.echo(", ".join(facts) + "\n")
    for number, item in enumerate(programme.items, 1):
        _show_item(number, item)


@command.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check(files: tuple[str, ...]) -> None:
    """Check programme files; says line and reason of what is wrong."""
    from kneeimu.exercises.programmes.programme import load_programme

    failed = False
    for file in files:
        try:
            programme = load_programme(_path_of(file))
        except InputError as error:
            click.echo(f"kneeimu: {error}", err=True)
            failed = True
        else:
            click.echo(
                _("{file}: good, {exercises}, {minutes}").format(
                    file=file,
                    exercises=n_("{n} exercise", "{n} exercises", len(programme.items)),
                    minutes=n_("about {n} minute", "about {n} minutes", _minutes(programme)),
                )
            )
    if failed:
        sys.exit(1)


@command.command("new")
@click.argument("name")
@click.option("--from", "base", help="The programme to begin with; else the shipped one called NAME, or hip-strength.")
def new(name: str, base: str | None) -> None:
    """Make a programme of your own, called NAME, as a copy of another one."""
    from kneeimu.exercises.programmes.programme import find_programmes, load_programme
    from kneeimu.sessions.atomic import write_private

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise InputError(
            _("{name!r} is no name for a programme").format(name=name),
            advice=_("small letters, digits and hyphens, such as my-band"),
        )
    path = own_folder() / f"{name}.toml"
    if path.exists():
        raise InputError(
            _("there is such a programme already"),
            where=str(path),
            advice=f"kneeimu programme edit {name}",
        )
    source = _path_of(base or (name if name in find_programmes(None) else "hip-strength"))
    load_programme(source)
    write_private(path, source.read_text(encoding="utf-8"))
    click.echo(path)


@command.command("edit")
@click.argument("name")
def edit(name: str) -> None:
    """Edit one of your programmes in your editor ($VISUAL or $EDITOR); it is kept only when it is good."""
    from kneeimu.exercises.programmes.programme import SHIPPED, load_programme, parse_programme
    from kneeimu.sessions.atomic import write_private

    path = _path_of(name)
    if path.parent == SHIPPED:
        raise InputError(
            _("{name} came with the program and stays as it is").format(name=name),
            advice=f"kneeimu programme new my-{name} --from {name}",
        )
    text = path.read_text(encoding="utf-8")
    while True:
        edited = click.edit(text, extension=".toml", require_save=False)
        if edited is None or edited == path.read_text(encoding="utf-8"):
            click.echo(_("nothing changed"), err=True)
            return
        try:
            parse_programme(edited, name=path.stem, source=str(path))
        except InputError as error:
            click.echo(f"kneeimu: {error}", err=True)
            if not sys.stdin.isatty() or not click.confirm(_("Edit again?"), default=True, err=True):
                raise InputError(_("not saved: the programme would not work"), where=str(path)) from error
            text = edited
            continue
        write_private(path, edited)
        programme = load_programme(path)
        click.echo(
            _("{path}: saved, {exercises}").format(
                path=path, exercises=n_("{n} exercise", "{n} exercises", len(programme.items))
            )
        )
        return


def own_folder() -> Path:
    """Give the folder of the person's own programmes."""
    from kneeimu.locations import config_dir

    return config_dir() / "programmes"


def _found() -> dict[str, Path]:
    from kneeimu.exercises.programmes.programme import find_programmes

    return find_programmes(own_folder())


def _path_of(name: str) -> Path:
    found = _found()
    if name in found:
        return found[name]
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        return path
    raise InputError(
        _("there is no programme {name!r}").format(name=name),
        advice=_("there are: {found}; or name a file").format(found=", ".join(found)),
    )


def _minutes(programme: Programme) -> int:
    from kneeimu.exercises.programmes.plan import plan_session, usual_duration_s

    return round(usual_duration_s(plan_session(programme, "right")) / 60)


def _show_item(number: int, item: Item) -> None:
    click.echo(f"{number}. {_(item.guide.title)} ({item.exercise})")
    reps = n_("{n} rep", "{n} reps", item.reps[1], n=_span(item.reps))
    amount = f"{item.seconds:g} s" if item.seconds is not None else reps
    if item.ways:
        amount += f" {_(' and ').join(phrase(WAYS, way) for way in item.ways)}"
    facts = [
        f"{_span(item.sets)} × {amount}",
        phrase(LEGS, item.legs),
        _("rest {n} s").format(n=f"{item.rest_s:g}"),
        phrase(MOUNTS, item.mount),
    ]
    if item.seconds is None and not item.ways:
        facts.append(_("tempo {tempo}").format(tempo="-".join(f"{part:g}" for part in item.tempo_s)))
    if item.band != "none":
        facts.append(_("band: {band}").format(band=phrase(BANDS, item.band)))
    click.echo(f"   {', '.join(facts)}")
    click.echo("   " + _("for: {muscles}").format(muscles=", ".join(map(_, item.guide.muscles))))
    click.echo(textwrap.fill(_(item.guide.how_to), 100, initial_indent="   ", subsequent_indent="   "))
    click.echo("   " + _("Tip: {tip}").format(tip=_(item.guide.tip)) + "\n")
    click.echo(textwrap.indent(item.guide.drawing, "      ") + "\n")


def _span(span: tuple[int, int]) -> str:
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"
