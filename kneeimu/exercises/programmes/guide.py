"""How each exercise is done, in a few plain words and as a drawing: the files of the folder ``guides``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.types import Mount

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Guide:
    """Words and drawing of an exercise, in the source language; ``kneeimu.words._`` translates them.

    Attributes:
        title: the exercise's name for people.
        muscles: what it trains.
        how_to: how it is done.
        tip: the one thing to mind.
        drawing: text art with the sensor where it is worn, at most 40 columns and 10 lines.
    """

    title: str
    muscles: tuple[str, ...]
    how_to: str
    tip: str
    drawing: str


@cache
def all_guides() -> dict[str, Guide]:
    """Give the guides by the exercise's name, each for the recommended mount."""
    data = tomllib.loads((FOLDER / "guides" / "guide.toml").read_text(encoding="utf-8"))
    return {
        name: Guide(
            title=entry["title"],
            muscles=tuple(entry["muscles"]),
            how_to=entry["how_to"],
            tip=entry["tip"],
            drawing=_drawing(name, next(iter(CATALOGUE[name].mounts))),
        )
        for name, entry in data.items()
    }


@cache
def find_guide(exercise: str, mount: Mount | None = None) -> Guide:
    """Give the guide of an exercise of the catalogue, for a mount or for the recommended one.

    Raises:
        KeyError: there is no such exercise.
    """
    guide = all_guides()[exercise]
    return guide if mount is None else replace(guide, drawing=_drawing(exercise, mount))


def _drawing(exercise: str, mount: Mount) -> str:
    return (FOLDER / "guides" / f"{exercise}.{mount}.txt").read_text(encoding="utf-8").strip("\n")
