"""A database of SQLite that several programs open at once: its write-ahead log, switched on by one of them.

The change of the journal needs the file alone, and where waiting could be a deadlock SQLite does not wait, whatever the
``timeout`` of the connection (sqlite.org/c3ref/busy_handler.html): of programs that open a new file in the same moment,
some are told at once that it is locked. So they ask again here.
"""

import sqlite3
import time

AGAIN_S = 0.02


def write_ahead(database: sqlite3.Connection, within_s: float) -> None:
    """Keep a write-ahead log from now on; outside of a transaction.

    Raises:
        sqlite3.OperationalError: the file stays locked for ``within_s`` seconds, or can't be written.
    """
    until_s = time.monotonic() + within_s
    while True:
        try:
            database.execute("pragma journal_mode = wal")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until_s:
                raise
            time.sleep(AGAIN_S)
    database.execute("pragma synchronous = normal")
