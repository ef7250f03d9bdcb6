"""A programme while it is being changed: its text with the usual values changed one by one.

What a person has written around the values, comments and own instructions, stays.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.exercises.exercise import Exercise
from kneeimu.exercises.programmes.lines import LineIndex
from kneeimu.exercises.programmes.programme import Programme, parse_programme
from kneeimu.words import _

OF_EXERCISE = ("reps", "seconds", "ways", "hold_s", "tempo_s", "mount", "muscles", "how_to", "tip", "drawing")
"""Keys that do not outlive a change of the exercise."""
TEMPO = ("out", "hold", "back")

Value = int | float | str | list[Any]


class Draft:
    """The text of a programme, and changes to it.

    Values are read and written as people write them: "8-12", "1,5". What makes no sense is kept as it was written, and
    told by ``check`` with its line.

    Args:
        text: TOML with a list of exercises.

    Raises:
        InputError: it is no such text; the text editor is the place to mend it.
    """

    def __init__(self, text: str) -> None:
        try:
            self._document = tomlkit.parse(text)
            tables = self._document["exercises"]
            names = [str(table["exercise"]) for table in tables]
        except (TOMLKitError, KeyError, TypeError) as error:
            raise InputError(_("this can only be changed as a text"), advice=_("mend it there")) from error
        if not all(name in CATALOGUE for name in names):
            raise InputError(_("this can only be changed as a text"), advice=_("mend it there"))
        self._tables: Any = tables

    @property
    def text(self) -> str:
        """The programme as it would be written now."""
        text = tomlkit.dumps(self._document)
        return text if '"""' in text else re.sub(r"\n{3,}", "\n\n", text)

    @property
    def exercises(self) -> list[str]:
        """Names of the exercises, in order."""
        return [str(table["exercise"]) for table in self._tables]

    def check(self, name: str, source: str) -> Programme:
        """Give the programme that the text means.

        Raises:
            InputError: it means none; with line and reason.
        """
        return parse_programme(self.text, name=name, source=source)

    def exercise_at(self, line: int) -> int | None:
        """Give the place of the exercise that stands on a line, from 1, of the text; None before the first."""
        lines = LineIndex(self.text)
        begins = [lines.find(place, None) for place in range(len(self.exercises))]
        return bisect_right(begins, line) - 1 if begins and line >= begins[0] else None

    # --- the list ----------------------------------------------------------------------------------------------------

    def add(self, exercise: str, after: int) -> int:
        """Put an exercise behind another one (-1: in front), the sensor where it is; give its place."""
        table = tomlkit.table()
        table["exercise"] = exercise
        mount = self._tables[max(after, 0)].get("mount") if self._tables else None
        if mount in CATALOGUE[exercise].mounts:
            table["mount"] = mount
        self._arrange([*self._tables[: after + 1], table, *self._tables[after + 1 :]])
        return after + 1

    def remove(self, index: int) -> None:
        """Take an exercise out."""
        self._arrange([table for place, table in enumerate(self._tables) if place != index])

    def move(self, index: int, by: int) -> int:
        """Move an exercise up (-1) or down (1), as far as there is room; give its place."""
        place = min(max(index + by, 0), len(self._tables) - 1)
        tables = [*self._tables]
        tables.insert(place, tables.pop(index))
        self._arrange(tables)
        return place

    def _arrange(self, tables: list[Any]) -> None:
        arranged = tomlkit.aot()
        for table in tables:
            arranged.append(table)
        self._document["exercises"] = arranged
        self._tables = arranged

    # --- values ------------------------------------------------------------------------------------------------------

    def value(self, index: int | None, key: str) -> str:
        """Give a value the way people write it; the usual one where the text says nothing.

        Args:
            index: place of the exercise; None for the programme itself.
            key: as in the file; "out", "hold" and "back" for the parts of the tempo.
        """
        table = self._document if index is None else self._tables[index]
        if key in TEMPO and index is not None:
            tempo = table.get("tempo_s")
            parts = list(tempo) if isinstance(tempo, list) and len(tempo) == 3 else self._usual_tempo(index)
            return _shown(parts[TEMPO.index(key)])
        if key in table:
            return _shown(table[key])
        return "" if index is None else _shown(_usual(CATALOGUE[self.exercises[index]], key))

    def change(self, index: int | None, key: str, words: str) -> None:
        """Write a value; ``key`` and ``index`` as for ``value``."""
        table = self._document if index is None else self._tables[index]
        if index is not None and key in TEMPO:
            tempo = [_read(self.value(index, part)) for part in TEMPO]
            tempo[TEMPO.index(key)] = _read(words)
            table["tempo_s"] = tempo
            if "hold_s" in table:
                table["hold_s"] = tempo[1]
            return
        if index is not None and key == "exercise" and words != self.exercises[index]:
            for gone in OF_EXERCISE:
                table.pop(gone, None)
        table[key] = words if key in ("exercise", "band", "legs", "title", "about", "order") else _read(words)

    def _usual_tempo(self, index: int) -> list[float]:
        exercise = CATALOGUE[self.exercises[index]]
        hold = self._tables[index].get("hold_s", exercise.tempo_s[1])
        return [exercise.tempo_s[0], hold, exercise.tempo_s[2]]


def _usual(exercise: Exercise, key: str) -> Value:
    usual: dict[str, Value] = {
        "exercise": exercise.name,
        "sets": [2, 3],
        "reps": list(exercise.reps),
        "seconds": exercise.hold_s,
        "legs": "training",
        "rest_s": 60,
        "band": "none",
    }
    return usual.get(key, "")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        same = len(value) == 2 and value[0] == value[1]
        return _shown(value[0]) if same else "-".join(_shown(one) for one in value)
    return f"{value:g}" if isinstance(value, float | int) and not isinstance(value, bool) else str(value)


def _read(words: str) -> Value:
    span = re.fullmatch(r"\s*(\d+)\s*[-–]\s*(\d+)\s*", words)
    if span:
        return [int(span[1]), int(span[2])]
    number = words.strip().replace(",", ".")
    if re.fullmatch(r"\d+", number):
        return int(number)
    return float(number) if re.fullmatch(r"\d*\.\d+", number) else words
