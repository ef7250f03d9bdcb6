"""Several programs open one database at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kneeimu.sessions import wal


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another program, in the middle of reading."""
    with closing(sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None)) as other:
        other.executescript("create table things (name text); begin; select * from things;")
        yield other


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None, timeout=0)) as database:
        yield database


def test_the_log_is_asked_for_again_while_another_program_has_the_file(
    reader: sqlite3.Connection, mine: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kneeimu.sessions.wal.time.sleep", lambda _s: reader.execute("commit"))
    wal.write_ahead(mine, within_s=10)
    assert mine.execute("pragma journal_mode").fetchone() == ("wal",)


def test_after_its_time_the_file_is_told_to_be_locked(reader: sqlite3.Connection, mine: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        wal.write_ahead(mine, within_s=0)
