"""Events that wait for the broker, on disk, in order; the oldest give way when there are too many.

SQLite with a write-ahead log: a crash of the program loses nothing, a power cut at most the last moments. When the disk
fails the events wait in memory, and that is told.

Two programs may share a file, so how many wait is asked of the file. Events leave it at its old end only: their numbers
have no holes.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from kneeimu.sessions.private import make_private
from kneeimu.sessions.wal import write_ahead
from kneeimu.words import _

MOST_EVENTS = 20_000
"""Some 400 sessions of 50 events; at 600 bytes each 12 MB."""

WAIT_S = 0.2
"""For another program that writes: the session goes on meanwhile, so not for long."""

FIRST_IN_MEMORY = 1 << 40
"""Above all numbers of the file, so that those of a file that failed can't be taken for these."""
WAITING = "SELECT coalesce((SELECT max(number) FROM waiting) - (SELECT min(number) FROM waiting) + 1, 0)"
"""How many wait; it takes as long with one event as with all of them."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event on its way. ``number`` grows with every event and never comes again."""

    number: int
    topic: str
    payload: bytes


class Outbox:
    """A queue on disk.

    Args:
        path: the file; None keeps everything in memory.
        most: how many events may wait.

    Attributes:
        dropped: events that gave way since this was opened.
    """

    def __init__(self, path: Path | None, *, most: int = MOST_EVENTS) -> None:
        self.dropped = 0
        self._trouble, self._full = "", False
        self._most = most
        self._memory: deque[Waiting] = deque()
        self._next = FIRST_IN_MEMORY
        self._file: sqlite3.Connection | None = None
        if path is not None:
            self._open(path)

    def __len__(self) -> int:
        return self._in_file() + len(self._memory)

    @property
    def problem(self) -> str:
        """What is wrong with waiting, for people: not on disk, or too many; empty when all is well."""
        if self._trouble or not self._full:
            return self._trouble
        return _("no more than {most} can wait: the oldest are lost").format(most=self._most)

    def put(self, topic: str, payload: bytes) -> None:
        """Let an event wait."""
        if self._file is not None:
            try:
                self._file.execute("INSERT INTO waiting (topic, payload) VALUES (?, ?)", (topic, payload))
                if self._in_file() > self._most:
                    self._trim()
                return
            except sqlite3.Error as error:
                self._lose(error)
        self._memory.append(Waiting(self._next, topic, payload))
        self._next += 1
        if len(self) > self._most:
            self._memory.popleft()
            self._give_way(1)

    def oldest(self, most: int) -> list[Waiting]:
        """Give the oldest events, in order."""
        if self._file is not None:
            try:
                query = "SELECT number, topic, payload FROM waiting ORDER BY number LIMIT ?"
                return [Waiting(*row) for row in self._file.execute(query, (most,))]
            except sqlite3.Error as error:
                self._lose(error)
        return [one for one, _ in zip(self._memory, range(most), strict=False)]

    def done(self, upto: int) -> None:
        """The events up to this number have arrived."""
        self._full = False
        if self._file is not None:
            try:
                self._file.execute("DELETE FROM waiting WHERE number <= ?", (upto,))
                return
            except sqlite3.Error as error:
                self._lose(error)
        while self._memory and self._memory[0].number <= upto:
            self._memory.popleft()

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, path: Path) -> None:
        try:
            make_private(path.parent)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite's own files take the mode of this one
            self._file = self._connect(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                self._lose(error)
            else:  # not a database: set it aside, the session goes on
                path.replace(path.with_suffix(".damaged"))
                self._open(path)
        except OSError as error:
            self._lose(error)

    def _connect(self, path: Path) -> sqlite3.Connection:
        file = sqlite3.connect(path, isolation_level=None, timeout=WAIT_S)
        try:
            write_ahead(file, WAIT_S)
            file.execute(
                "CREATE TABLE IF NOT EXISTS waiting (number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL,"
                " payload BLOB NOT NULL)"
            )
            file.execute("SELECT count(*) FROM waiting").fetchone()  # read through: damage is found now or never
        except sqlite3.Error:
            file.close()
            raise
        return file

    def _in_file(self) -> int:
        """How many wait in the file, whoever put them there."""
        if self._file is not None:
            try:
                (count,) = self._file.execute(WAITING).fetchone()
                return int(count)
            except sqlite3.Error as error:
                self._lose(error)
        return 0

    def _trim(self) -> None:
        if self._file is not None:
            query = "DELETE FROM waiting WHERE number <= (SELECT max(number) FROM waiting) - ?"
            self._give_way(self._file.execute(query, (self._most,)).rowcount)

    def _give_way(self, count: int) -> None:
        self.dropped += count
        self._full = True

    def _lose(self, error: Exception) -> None:
        self._trouble = _("events wait in memory, not on disk: {error}").format(error=error)
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(sqlite3.Error):
                file.close()
