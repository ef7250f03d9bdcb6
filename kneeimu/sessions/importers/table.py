"""Tables in text: delimiter, decimal sign and header found by looking, not by being told."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kneeimu.errors import InputError
from kneeimu.types import FloatArray
from kneeimu.words import _

DELIMITERS = (",", ";", "\t", "|")
HEADER_LINES = 100
"""A header further down than this is not looked for."""
MOST_COLUMNS = 500

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text. Columns are read when asked for, so that a night of samples fits into memory.

    Whoever asks for a column that is not there gets an ``InputError``.

    Attributes:
        preamble: lines before the header.
        names: column names, stripped; of two columns with one name the first counts.
        where: file, for errors.
    """

    preamble: tuple[str, ...]
    names: tuple[str, ...]
    where: str
    _places: dict[str, int]
    _width: int
    _lines: list[str]
    _delimiter: str
    _decimal_comma: bool

    def numbers(self, name: str) -> FloatArray:
        """Give a column as numbers, shape (n,); NaN where the cell is empty or not a number."""
        return self._numbers((name,))[:, 0]

    def triple(self, names: tuple[str, str, str]) -> FloatArray:
        """Give three columns side by side, shape (n, 3)."""
        return self._numbers(names)

    def cells(self, name: str) -> list[str]:
        """Give a column as text."""
        return list(self.each(name))

    def each(self, name: str) -> Iterator[str]:
        """Give a column as text, cell by cell."""
        place = self._place(name)
        return (row[place].strip() if place < len(row) else "" for row in self._rows())

    def count(self) -> int:
        """Number of rows."""
        return sum(1 for _ in self._rows())

    def _numbers(self, names: tuple[str, ...]) -> FloatArray:
        places = [self._place(name) for name in names]
        found = array("d")
        for row in self._rows():
            for place in places:
                cell = row[place] if place < len(row) else ""
                found.append(_number(cell.replace(",", ".") if self._decimal_comma else cell))
        return np.array(found).reshape(-1, len(names))

    def _place(self, name: str) -> int:
        if name not in self._places:
            raise InputError(
                _("has no column {name!r}").format(name=name),
                where=self.where,
                advice=_("export it again, with all columns"),
            )
        return self._places[name]

    def _rows(self) -> Iterator[list[str]]:
        head = list(self.names)
        for row in csv.reader(self._lines, delimiter=self._delimiter):
            # A row may lack its last cell; programs that go on in the same file repeat the header.
            if len(row) > 1 and len(row) >= self._width - 1 and [cell.strip() for cell in row[:3]] != head[:3]:
                yield row


def parse_table(text: str, where: str) -> Table:
    """Find the header and read what follows it.

    Raises:
        InputError: no line looks like a header with numbers below it, or the text is no table.
    """
    lines = text.splitlines()
    start, delimiter = _find_header(lines, where)
    try:
        head = [name.strip().strip('"') for name in next(csv.reader(lines[start : start + 1], delimiter=delimiter))]
        first = [row for _at, row in zip(range(20), csv.reader(lines[start + 1 :], delimiter=delimiter), strict=False)]
        for _row in csv.reader(lines[start + 1 :], delimiter=delimiter):
            pass  # what can't be read is found here, and not when a column is asked for
    except csv.Error as error:
        raise InputError(_("is not a table: {error}").format(error=error), where=where) from error
    places: dict[str, int] = {}
    for place, name in enumerate(head):
        if name:
            places.setdefault(name, place)
    comma = delimiter != "," and any("," in cell for row in first for cell in row if _NUMBER.fullmatch(cell))
    return Table(tuple(lines[:start]), tuple(places), where, places, len(head), lines[start + 1 :], delimiter, comma)


def _find_header(lines: list[str], where: str) -> tuple[int, str]:
    for index, line in enumerate(lines[:HEADER_LINES]):
        below = [text for text in lines[index + 1 : index + 6] if text.strip()]
        if not below:
            continue
        delimiter = max(DELIMITERS, key=line.count)
        head = line.split(delimiter)
        if not 3 <= len(head) <= MOST_COLUMNS or any(_is_number(cell) for cell in head):
            continue
        first = next(csv.reader([below[-1]], delimiter=delimiter), [])
        if abs(len(first) - len(head)) <= 1 and sum(map(_is_number, first)) >= 2:
            return index, delimiter
    raise InputError(
        _("has no header line with numbers below it"),
        where=where,
        advice=_("a CSV with named columns for time, acceleration and angular rate is needed"),
    )


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.strip().strip('"')) is not None


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
