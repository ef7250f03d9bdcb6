"""How each exercise is done, in a few plain words and as a drawing: the files of the folder ``guides``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Guide:
    """Words and drawing of an exercise, in the source language; ``kneeimu.words._`` translates them.

    Attributes:
        title: the exercise's name for people.
        muscles: what it trains.
        how_to: how it is done.
        tip: the one thing to mind.
        drawing: text art, at most 34 columns and 10 lines.
    """

    title: str
    muscles: tuple[str, ...]
    how_to: str
    tip: str
    drawing: str


@cache
def all_guides() -> dict[str, Guide]:
    """Give the guides by the exercise's name."""
    data = tomllib.loads((FOLDER / "guides" / "guide.toml").read_text(encoding="utf-8"))
    return {
        name: Guide(
            title=entry["title"],
            muscles=tuple(entry["muscles"]),
            how_to=entry["how_to"],
            tip=entry["tip"],
            drawing=(FOLDER / "guides" / f"{name}.txt").read_text(encoding="utf-8").strip("\n"),
        )
        for name, entry in data.items()
    }


def find_guide(exercise: str) -> Guide:
    """Give the guide of an exercise of the catalogue.

    Raises:
        KeyError: there is no such exercise.
    """
    return all_guides()[exercise]
