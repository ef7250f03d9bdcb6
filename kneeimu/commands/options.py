"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from kneeimu.exercises.catalogue import CATALOGUE

Decorator = Callable[[Any], Any]


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
