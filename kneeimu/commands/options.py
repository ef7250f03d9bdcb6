"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import click

from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.words import _

Decorator = Callable[[Any], Any]
UNITS_DAYS = {"d": 1, "w": 7, "m": 30}


def days_ago(text: str) -> int | None:
    """Give how many days 10d, 4w or 6m are; None for any other text."""
    ago = re.fullmatch(r"(\d{1,4})([dwm])", text)
    return int(ago[1]) * UNITS_DAYS[ago[2]] if ago else None


def no_day(text: str) -> str:
    """Say that a text is no day, and what one looks like."""
    return _("{text!r} is no day like 2026-03-01 and no time ago like 10d, 4w or 6m").format(text=text)


def exercise_option(default: str | None = None, *, required: bool = True) -> Decorator:
    """``--exercise``; with a default it need not be given."""
    return _choice("--exercise", list(CATALOGUE), "What is trained.", default, required)


def side_option(default: str | None = None, *, required: bool = True) -> Decorator:
    """``--side``; with a default it need not be given."""
    return _choice("--side", ["left", "right"], "The leg with the sensor.", default, required)


def mount_option(default: str | None = None, *, required: bool = True) -> Decorator:
    """``--mount``; with a default it need not be given."""
    return _choice("--mount", ["thigh", "shin"], "Where the sensor sits.", default, required)


def _choice(name: str, values: Sequence[str], text: str, default: str | None, required: bool) -> Decorator:
    given = {"required": required} if default is None else {"default": default, "show_default": True}
    return click.option(name, type=click.Choice(values), help=text, **given)
