"""What is shown is in the catalogue: a made-up language brackets the texts it knows; nothing else may have words."""

from __future__ import annotations

import gettext
import html
import os
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from report.made_report import six_weeks

from kneeimu import words
from kneeimu.cli import kneeimu
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.exercises.programmes.programme import find_programmes
from kneeimu.report.page import render_page

TESTS = Path(__file__).resolve().parents[1]
KNOWN = re.compile("⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[A-Za-zÀ-ÿ]{3,}")


class Bracketed(gettext.NullTranslations):
    """Gives ``⟦Squat⟧`` for ``Squat``; blanks to fill stay outside of the brackets."""

    def gettext(self, message: str) -> str:
        parts = []
        for literal, name, form, conversion in string.Formatter().parse(message):
            parts.append(f"⟦{literal.replace('{', '{{').replace('}', '}}')}⟧" if literal else "")
            if name is not None:
                parts.append("{" + name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "") + "}")
        return "".join(parts) if "{" in message else f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture(autouse=True)
def bracketed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("KNEEIMU_HOME", str(tmp_path))
    words.use_language("en")
    monkeypatch.setattr(words, "_chosen", ("en", Bracketed()))
    yield
    words.use_language("en")


def unknown(text: str, *names: str) -> set[str]:
    """Give the words that no catalogue has given, but for names that are the same in every language."""
    return set(WORD.findall(KNOWN.sub(" ", text))) - set(names)


def test_a_text_without_a_catalogue_shows() -> None:
    assert unknown(words._("about {n} minutes").format(n="ten") + " rest") == {"ten", "rest"}


def test_the_report_is_in_the_catalogue_with_its_plots() -> None:
    page = render_page(six_weeks())
    body = page[page.index("<title>") :]
    text = html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", body, flags=re.DOTALL))

    assert unknown(text, "kneeimu", "Band", "programme") == set()


@pytest.mark.parametrize(
    "command",
    [
        ["programme", "list"],
        ["programme", "show", "band"],
        ["programme", "check", "nowhere"],
        ["history", "list"],
        ["history", "show", "nothing"],
        ["data", "where"],
        ["rescore"],
        ["analyze", "nothing.csv", "--exercise", "squat", "--side", "left", "--mount", "thigh"],
    ],
    ids=" ".join,
)
def test_what_a_command_says_is_in_the_catalogue(command: list[str], tmp_path: Path) -> None:
    outcome = CliRunner().invoke(kneeimu, command)
    said = outcome.output + (str(outcome.exception) if outcome.exception else "")
    without_names = re.sub(re.escape(str(tmp_path)) + r"\S*|nothing\S*|nowhere|kneeimu|min\b", "", said)
    for name in sorted((*CATALOGUE, *find_programmes(None)), key=len, reverse=True):
        without_names = without_names.replace(name, "")

    assert said
    assert unknown(without_names) == set()


def test_the_help_of_every_command_is_in_the_catalogue() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "words.foreign"], cwd=TESTS, capture_output=True, text=True, check=True
    )
    latin = dict(line.split("\t") for line in done.stdout.splitlines())

    assert len(latin) > 30
    assert not {command: left for command, left in latin.items() if left}


SCREENS = ("app/test_pictures.py", "dashboard/test_pictures.py", "dashboard/test_moving_pictures.py")
NAMES_ON_SCREENS = {  # names that are the same in every language, and what the tests themselves put there
    "kneeimu", "mqtt", "mcap", "Enter", "esc", "DOT", "Movella", "Movesense", "WitMotion",
    "session", "band", "Band", "Hip", "strength", "Anna", "Ben", "squat", "lunge",
}  # fmt: skip


@pytest.mark.slow
def test_every_picture_of_a_screen_is_in_the_catalogue(tmp_path: Path) -> None:
    found = tmp_path / "latin"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "words.foreign", "-p", "no:cacheprovider", *SCREENS],
        cwd=TESTS, env={**os.environ, "KNEEIMU_LATIN": str(found), "PYTHONPATH": str(TESTS)},
        capture_output=True, check=False,  # they miss the English that they look for
    )  # fmt: skip
    latin = {name: set(left.split()) for name, left in (one.split("\t") for one in found.read_text().splitlines())}
    del latin["programme-text-200x60"]  # a file of the person's own

    assert len(latin) > 30
    assert not {name: left - NAMES_ON_SCREENS for name, left in latin.items() if left - NAMES_ON_SCREENS}


@pytest.mark.parametrize(
    ("arguments", "german"),
    [
        (["--help"], "Trainiere dein Knie mit einem kleinen Bewegungssensor"),
        (["data", "erase", "--help"], "Es gibt kein Zurück"),
        (["nothing"], "Es gibt keinen Befehl 'nothing'"),
        (["programme", "show", "nothing"], "es gibt kein Programm 'nothing'"),
    ],
    ids=["help", "help of a command", "of click", "error"],
)
def test_the_command_line_speaks_german(arguments: list[str], german: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNEEIMU_LANGUAGE", "de")
    done = subprocess.run([sys.executable, "-m", "kneeimu", *arguments], capture_output=True, text=True, check=False)

    assert german in " ".join((done.stdout + done.stderr).split())
