"""The words of the program, in the language of the person: gettext catalogues, English in the source.

Mark every text a person reads: ``_("Rest")``; with numbers ``_("{reps} reps").format(reps=8)`` or
``n_("{n} rep", "{n} reps", count)``. Texts kept in data are marked with ``mark("…")`` where they stand and translated
with ``_`` where they are shown. ``scripts/words.py`` collects them, and compiles the catalogues.
"""

from __future__ import annotations

import gettext
import locale
import os
import tomllib
from pathlib import Path

from calibration import texts
from kneeimu.locations import config_dir

FOLDER = Path(__file__).parent
DOMAIN = "kneeimu"
SOURCE_LANGUAGE = "en"
NAMES = {"en": "English", "de": "Deutsch"}
_DECIMAL_COMMA = {"de"}

_chosen: tuple[str, gettext.NullTranslations] | None = None


def _(text: str) -> str:
    """Give the text in the chosen language; a text without a translation stays as it is."""
    return _translations().gettext(text) if text else text


def n_(one: str, many: str, count: int, **blanks: object) -> str:
    """Give the form of the text that fits ``count``, with ``{n}`` filled in by it, and ``blanks`` by their names."""
    return _translations().ngettext(one, many, count).format(**{"n": count, **blanks})


def mark(text: str) -> str:
    """Say that the text is to be translated later, where it is shown."""
    return text


def decimal(value: float, digits: int = 1) -> str:
    """Write a number the way the language does: 1.5 in English, 1,5 in German."""
    return as_written(f"{value:.{digits}f}")


def plain(value: float) -> str:
    """Write a number with as many digits as it needs, the way the language does."""
    return as_written(f"{value:g}")


def as_written(number: str) -> str:
    """Give a number that has been written with a point the way the language does."""
    return number.replace(".", ",") if language() in _DECIMAL_COMMA else number


def language() -> str:
    """Give the code of the language in use, such as "en"."""
    _translations()
    assert _chosen is not None
    return _chosen[0]


def use_language(name: str | None = None) -> str:
    """Choose the language; without a name, the one of the environment. Give the one now in use.

    A language that there is no catalogue of falls back to English.
    """
    global _chosen
    wanted = [name] if name else _of_environment()
    for code in (one.split("_")[0].split(".")[0].lower() for one in wanted):
        if code in NAMES:
            fallback = code == SOURCE_LANGUAGE
            _chosen = (code, gettext.translation(DOMAIN, FOLDER, languages=[code], fallback=fallback))
            return code
    _chosen = (SOURCE_LANGUAGE, gettext.NullTranslations())
    return SOURCE_LANGUAGE


def _translations() -> gettext.NullTranslations:
    if _chosen is None:
        use_language(os.environ.get("KNEEIMU_LANGUAGE") or _of_settings())
    assert _chosen is not None
    return _chosen[1]


def _of_settings() -> str | None:
    """Language of the settings; whatever is wrong with them is said where they are read."""
    try:
        found = tomllib.loads((config_dir() / "settings.toml").read_text(encoding="utf-8")).get("language")
    except (OSError, ValueError):
        return None
    return found if isinstance(found, str) else None


def _of_environment() -> list[str]:
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return value.split(":")
    return [locale.getlocale()[0] or SOURCE_LANGUAGE]


texts.translate_with(_)
