"""Collect the words of the program, and compile the catalogues: ``python scripts/words.py [--check]``.

Texts are taken from ``_``, ``n_`` and ``mark`` in the sources, and from the TOML of programmes and guides. New texts
appear empty in the catalogues; fill them in and run it again. With ``--check`` nothing is written: exit 1 says that
something is missing or stale.
"""

from __future__ import annotations

import ast
import inspect
import io
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from kneeimu.cli import COMMANDS, kneeimu
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.words import use_language

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("kneeimu", "calibration")
PACKAGE = ROOT / "kneeimu"
WORDS = PACKAGE / "words"
PROGRAMMES = PACKAGE / "exercises" / "programmes"
KEYWORDS = {"_": 1, "n_": 2, "mark": 1}
"""Functions, and how many of their arguments are texts."""
CATALOGUE_PATH = PACKAGE / "exercises" / "catalogue.py"
CLI_PATH = PACKAGE / "cli.py"
DATA_KEYS = ("title", "about", "how_to", "tip", "muscles")


def collect() -> Catalog:
    """Give all texts with the places where they stand."""
    catalog = Catalog(project="kneeimu", fuzzy=False, charset="utf-8")
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for message in code_texts(path):
            catalog.add(message, None, [(str(path.relative_to(ROOT)), 1)])
    for path, text in data_texts():
        catalog.add(text, None, [(str(path.relative_to(ROOT)), 1)])
    return catalog


def code_texts(path: Path) -> Iterator[str | tuple[str, ...]]:
    """Give the texts that are marked in a source file, those inside of f-strings as well."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
            texts = [one.value for one in node.args[: KEYWORDS[node.func.id]] if isinstance(one, ast.Constant)]
            if texts and all(texts):
                yield texts[0] if len(texts) == 1 else tuple(texts)


def data_texts() -> Iterator[tuple[Path, str]]:
    """Give the texts that stand in TOML files."""
    for path in (*sorted(PROGRAMMES.glob("*.toml")), PROGRAMMES / "guides" / "guide.toml"):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        tables = [data, *data.get("exercises", []), *(value for value in data.values() if isinstance(value, dict))]
        for table in tables:
            for key in DATA_KEYS:
                value = table.get(key, [])
                yield from ((path, text) for text in ([value] if isinstance(value, str) else value))
    for exercise in CATALOGUE.values():
        limits = [profile.findings["knee-in"] for profile in exercise.mounts.values() if "knee-in" in profile.findings]
        yield from ((CATALOGUE_PATH, text) for text in (*exercise.unseen, *(limit.source for limit in limits)))
    yield from ((CLI_PATH, text) for text in help_texts(kneeimu))


def help_texts(command: click.Command) -> Iterator[str]:
    """Give what ``--help`` says of a command, its options, and what is below it."""
    yield from filter(None, (inspect.cleandoc(command.help or ""), command.short_help))
    yield from filter(None, (getattr(parameter, "help", None) for parameter in command.params))
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            yield from help_texts(below) if below is not None else ()
    if command is kneeimu:
        yield from (words for _module, words in COMMANDS.values())


def update(path: Path, texts: Catalog) -> tuple[bytes, bytes, list[str]]:
    """Give the catalogue of a language with the present texts: as PO, as MO, and what has no translation."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parent.parent.name)
    made = catalog.creation_date
    catalog.update(texts, no_fuzzy_matching=True)
    catalog.creation_date = made  # or else every run would give other bytes
    catalog.obsolete.clear()
    missing = [str(message.id) for message in catalog if message.id and not complete(message.string)]
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalog, width=110, sort_by_file=True, omit_header=False, include_lineno=False)
    write_mo(mo, catalog)
    return po.getvalue(), mo.getvalue(), missing


def complete(string: object) -> bool:
    """Tell whether a message has its translation in all its forms."""
    forms = string if isinstance(string, (tuple, list)) else (string,)
    return bool(forms) and all(forms)


def main() -> int:
    """Update or check every catalogue."""
    check = "--check" in sys.argv[1:]
    use_language("en")  # or else the help of the commands would be collected in the language of this machine
    texts = collect()
    stale = False
    for path in sorted(WORDS.glob("*/LC_MESSAGES/kneeimu.po")):
        po, mo, missing = update(path, texts)
        compiled = path.with_suffix(".mo")
        old = compiled.read_bytes() if compiled.exists() else b""
        for text in missing:
            print(f"{path.relative_to(ROOT)}: no translation of {text!r}", file=sys.stderr)
        stale = stale or bool(missing) or mo != old
        if not check:
            path.write_bytes(po)
            compiled.write_bytes(mo)
        print(f"{path.parent.parent.name}: {len(texts)} texts, {len(missing)} without translation")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
