"""Which line of a TOML file a key stands on: ``tomllib`` reads the values but forgets where they were."""

from __future__ import annotations

import re

_MULTILINE = re.compile(r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'')
_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\"'-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=")


class LineIndex:
    """Lines of the keys of a file that is valid TOML and consists of top-level keys and one list of tables."""

    def __init__(self, text: str) -> None:
        self._at: dict[tuple[int | None, str | None], int] = {}
        blank = _MULTILINE.sub(lambda match: '""' + "\n" * match.group().count("\n"), text)
        item: int | None = None
        count = 0
        for number, line in enumerate(blank.splitlines(), 1):
            if header := _HEADER.match(line):
                if header.group(1) == "[[":
                    item, count = count, count + 1
                    self._at.setdefault((item, None), number)
                self._at.setdefault((None, header.group(2)), number)
            elif key := _KEY.match(line):
                self._at.setdefault((item, key.group(1)), number)

    def find(self, item: int | None, key: str | None) -> int:
        """Give the line, from 1, of a key of the ``item``-th table (None: top level).

        A key that is missing is said to be where its table begins.
        """
        return self._at.get((item, key), self._at.get((item, None), 1))
