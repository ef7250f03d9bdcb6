"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from kneeimu.exercises.catalogue import CATALOGUE

Decorator = Callable[[Any], Any]


def exercise_option(default: str | None = None) -> Decorator:
    """``--exercise``."""
    return click.option(
        "--exercise", type=click.Choice(list(CATALOGUE)), default=default, required=default is None, show_default=True,
        help="What is trained.",
    )  # fmt: skip


def side_option(default: str | None = None) -> Decorator:
    """``--side``."""
    return click.option(
        "--side", type=click.Choice(["left", "right"]), default=default, required=default is None, show_default=True,
        help="The leg with the sensor.",
    )  # fmt: skip


def mount_option(default: str | None = None) -> Decorator:
    """``--mount``."""
    return click.option(
        "--mount", type=click.Choice(["thigh", "shin"]), default=default, required=default is None, show_default=True,
        help="Where the sensor sits.",
    )  # fmt: skip
