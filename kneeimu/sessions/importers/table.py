"""Tables in text: delimiter, decimal sign and header found by looking, not by being told."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

import numpy as np

from kneeimu.errors import InputError
from kneeimu.types import FloatArray

DELIMITERS = (",", ";", "\t", "|")
HEADER_LINES = 100
"""A header further down than this is not looked for."""
MOST_COLUMNS = 500

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text.

    Attributes:
        preamble: lines before the header.
        names: column names, stripped; duplicates keep their first column.
        columns: cells by name, all of the same length.
        where: file, for errors.
    """

    preamble: tuple[str, ...]
    names: tuple[str, ...]
    columns: dict[str, list[str]]
    decimal_comma: bool
    where: str

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))

    def numbers(self, name: str) -> FloatArray:
        """Give a column as numbers, shape (n,); NaN where the cell is empty or not a number."""
        cells = self.columns[name]
        if self.decimal_comma:
            cells = [cell.replace(",", ".") for cell in cells]
        try:
            return np.array(cells, dtype=np.float64)
        except ValueError:
            return np.array([_number(cell) for cell in cells], dtype=np.float64)

    def triple(self, names: tuple[str, str, str]) -> FloatArray:
        """Give three columns side by side, shape (n, 3)."""
        return np.column_stack([self.numbers(name) for name in names])


def parse_table(text: str, where: str) -> Table:
    """Find the header and read what follows it.

    Raises:
        InputError: no line looks like a header with numbers below it.
    """
    lines = text.splitlines()
    start, delimiter = _find_header(lines, where)
    rows = csv.reader(lines[start:], delimiter=delimiter)
    try:
        names = [name.strip().strip('"') for name in next(rows)]
        cells = [row for row in rows if len(row) > 1]
    except csv.Error as error:
        raise InputError(f"is not a table: {error}", where=where) from error
    width = len(names)
    cells = [row for row in cells if len(row) >= width - 1 and [c.strip() for c in row[:width]] != names[: len(row)]]
    columns: dict[str, list[str]] = {}
    for index, name in enumerate(names):
        if name and name not in columns:
            columns[name] = [row[index].strip() if index < len(row) else "" for row in cells]
    comma = delimiter != "," and any("," in cell for row in cells[:20] for cell in row if _NUMBER.fullmatch(cell))
    return Table(tuple(lines[:start]), tuple(columns), columns, comma, where)


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
        "has no header line with numbers below it",
        where=where,
        advice="a CSV with named columns for time, acceleration and angular rate is needed",
    )


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.strip().strip('"')) is not None


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
