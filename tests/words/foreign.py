"""A made-up language in letters of its own, as a plugin of pytest: what stays Latin in a picture is in no catalogue.

``pytest -p words.foreign`` draws each picture in it and writes what is not to ``KNEEIMU_LATIN``, one line a picture:
its name, a tab, and the words. ``python -m words.foreign`` does the same with the help of every command. The language
is chosen before anything is imported: the names of keys are read then.
"""

from __future__ import annotations

import gettext
import os
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import picture
import pytest
from click.testing import CliRunner

from kneeimu import words

LETTERS = str.maketrans(string.ascii_letters, "абвгдежзийклмнопрстуфхцчшщАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩ")
BLANK = re.compile(r"\{[^{}]*\}|%\(\w+\)s")
LATIN = re.compile(r"[A-Za-z]{3,}")
TYPED = re.compile(r"-{1,2}[a-z][a-z-]*|\[[^\[\]]*(?:\||=)[^\[\]]*\]|\b[A-Z][A-Z_]+\b|\b[A-Z]+(?=[^ ]*=)")
OF_CLICK = re.compile(
    r"^Usage:.*?\n\n|^Options:|^Commands:|Show (?:this message|the version) and exit\.|\[(?:default|env var):[^]]*\]|"
    r"\[required\]", re.DOTALL | re.MULTILINE,
)  # fmt: skip
"""What the library of commands says: it has its own test."""


class Foreign(gettext.NullTranslations):
    """Gives ``бэ`` for ``ab``; blanks to fill stay as they are."""

    def gettext(self, message: str) -> str:
        parts, blanks = BLANK.split(message), BLANK.findall(message)
        said = [part.translate(LETTERS) for part in parts]
        return "".join(part + blank for part, blank in zip(said, [*blanks, ""], strict=True))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def speak_foreign() -> None:
    """Use the language from here on."""
    words.use_language("en")
    words._chosen = ("xx", Foreign())


def write_latin(app: Any, name: str) -> None:
    """Write down what is Latin on the screen."""
    rows = (strip.text for strip in app.screen._compositor.render_strips())
    latin = sorted({word for row in rows for word in LATIN.findall(row)})
    with Path(os.environ["KNEEIMU_LATIN"]).open("a", encoding="utf-8") as file:
        file.write(f"{name}\t{' '.join(latin)}\n")


@pytest.fixture(autouse=True)
def foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test chooses another language."""
    monkeypatch.setattr(words, "use_language", lambda _name=None: "xx")


def commands(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    """Give a command and all that is below it, as one types them."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, *path, name)


def latin_in_help() -> Iterator[str]:
    """Give what is Latin in each command's help; names of commands and options, choices and values are left out."""
    from kneeimu.cli import kneeimu
    from kneeimu.words.help import translate_command

    translate_command(kneeimu)
    for path in commands(kneeimu):
        said = CliRunner().invoke(kneeimu, [*path, "--help"], prog_name="kneeimu").output
        said = TYPED.sub(" ", OF_CLICK.sub(" ", said))
        listed = {name for other in commands(kneeimu) for name in other}
        latin = sorted({word for word in LATIN.findall(said) if word not in listed})
        yield f"{' '.join(path)}\t{' '.join(latin)}"


speak_foreign()
picture.check_picture = write_latin
picture.SIZES = ((200, 60),)
if __name__ == "__main__":
    print("\n".join(latin_in_help()))
