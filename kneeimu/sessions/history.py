"""The history: an index of the recordings in SQLite. The recordings are the truth; the index can be made again."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from kneeimu import locations
from kneeimu.errors import InputError
from kneeimu.sessions.batch import choose_executor, make_executor
from kneeimu.sessions.private import private_dir
from kneeimu.sessions.recording_format import SUFFIX
from kneeimu.sessions.recording_reader import is_being_recorded
from kneeimu.sessions.scores import scores_path
from kneeimu.sessions.session_summary import FIELDS, SessionSummary, summarise_session
from kneeimu.sessions.wal import write_ahead
from kneeimu.words import _

WAIT_S = 10.0  # for another program that writes

MIGRATIONS = (
    """
    create table sessions (
        name text primary key, started_utc text not null, duration_s real not null, exercise text not null,
        side text not null, mount text not null, count integer not null, clean_count integer not null,
        corrected_count integer not null, sets integer not null, drift_deg real, range_deg real, pain integer,
        alignment text, programme text not null, sensor text not null, software text not null,
        words text not null, marks text not null
    ) without rowid;
    create index sessions_by_time on sessions (started_utc);
    create table files (name text primary key, fingerprint text not null, fault text not null) without rowid;
    """,
    """
    alter table sessions add column latest_count integer;
    alter table sessions add column latest_clean_count integer;
    delete from files;
    """,
)
"""Each takes the index one version up; emptying ``files`` has every recording read again."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which sessions to give. None and empty ask for nothing.

    Attributes:
        since, until: local or UTC times; until is not included.
        text: words that must all occur.
        limit: the newest of them only.
    """

    exercise: str | None = None
    side: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What became of the index: names that came, changed and went, and files that can't be used (path, why)."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]


class History:
    """The sessions of one folder. Use as a context manager.

    Args:
        folder: the recordings; the user's own, if not given.
        index: the file of the index; made when it is not there, made again when it is damaged.

    Raises:
        KneeimuError: the folder or the index can't be made.
    """

    def __init__(self, folder: Path | None = None, index: Path | None = None) -> None:
        self.folder = private_dir(folder or locations.sessions_dir())
        self.index = index or locations.history_path()
        private_dir(self.index.parent)
        self._database = _open(self.index)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index."""
        self._database.close()

    # --- keeping up with the folder ----------------------------------------------------------------------------------

    def refresh(self, progress: Progress | None = None, *, all_cores: bool = False) -> Refreshed:
        """Read recordings that are new or have changed, and forget those that are gone.

        Args:
            progress: is told how many of how many are done.
            all_cores: start processes when there is much to read; only for programs whose main module may be
                imported again, as ``multiprocessing`` asks for.
        """
        known: dict[str, str] = dict(self._database.execute("select name, fingerprint from files"))
        present = self._fingerprints()
        new = [name for name, fingerprint in present.items() if known.get(name) != fingerprint]
        gone = [name for name in known if name not in present]
        for number, (name, read) in enumerate(self._read(new, all_cores)):
            self._keep(name, present[name], read)
            if progress:
                progress(number + 1, len(new))
        with self._writing():
            for table in ("files", "sessions"):
                self._database.executemany(f"delete from {table} where name = ?", [(name,) for name in gone])
        return Refreshed(
            added=tuple(name for name in new if name not in known),
            changed=tuple(name for name in new if name in known),
            removed=tuple(gone),
            faults=self.faults(),
        )

    def rebuild(self, progress: Progress | None = None, *, all_cores: bool = False) -> Refreshed:
        """Make the index again from the recordings; see ``refresh``."""
        with self._writing():
            self._database.execute("delete from files")
            self._database.execute("delete from sessions")
        return self.refresh(progress, all_cores=all_cores)

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Files of the folder that can't be used: path, why."""
        rows = self._database.execute("select name, fault from files where fault <> '' order by name")
        return tuple((str(self.folder / (name + SUFFIX)), fault) for name, fault in rows)

    def _fingerprints(self) -> dict[str, str]:
        present: dict[str, str] = {}
        scores: dict[str, str] = {}
        with os.scandir(self.folder) as entries:
            for entry in entries:
                stem, dot, rest = entry.name.partition(".")
                if not dot or not entry.is_file() or rest not in ("mcap", "scores.json"):
                    continue
                status = entry.stat()
                (present if rest == "mcap" else scores)[stem] = f"{status.st_size} {status.st_mtime_ns}"
        return {name: f"{own}/{scores.get(name, '')}" for name, own in present.items()}

    def _read(self, names: list[str], all_cores: bool) -> Iterator[tuple[str, SessionSummary | str]]:
        """Read recordings; give names with summaries, or with what is wrong."""
        paths = {name: self.folder / (name + SUFFIX) for name in names}
        kind = choose_executor([str(path) for path in paths.values()]) if all_cores else "serial"
        with make_executor(kind) as executor:
            if executor is None:
                yield from ((name, _summary(path)) for name, path in paths.items())
                return
            futures = {executor.submit(_summary, path): name for name, path in paths.items()}
            for future in as_completed(futures):
                yield futures[future], future.result()

    def _keep(self, name: str, fingerprint: str, read: SessionSummary | str) -> None:
        fault = read if isinstance(read, str) else ""
        if isinstance(read, SessionSummary) and "recording" in read.marks:
            fingerprint = ""  # look again next time, even if it was killed and does not grow any more
        with self._writing():
            self._database.execute("insert or replace into files values (?, ?, ?)", (name, fingerprint, fault))
            self._database.execute("delete from sessions where name = ?", (name,))
            if isinstance(read, SessionSummary):
                places = ", ".join("?" * len(FIELDS))
                values = [getattr(read, field) for field in FIELDS]
                self._database.execute(f"insert into sessions ({', '.join(FIELDS)}) values ({places})", values)

    # --- asking ------------------------------------------------------------------------------------------------------

    def sessions(self, wanted: Filter | None = None) -> list[SessionSummary]:
        """Give the sessions, newest first."""
        where, values = _conditions(wanted or Filter())
        limit = wanted.limit if wanted and wanted.limit is not None else -1
        fields = ", ".join("''" if field == "words" else field for field in FIELDS)
        query = f"select {fields} from sessions {where} order by started_utc desc, name desc limit ?"
        return [SessionSummary(*row) for row in self._database.execute(query, [*values, limit])]

    def find(self, handle: str) -> Path:
        """Give the recording of a handle: a name or its beginning, a day, "last", a number (1 is newest), or a path.

        A day such as 2026-03-04 is a local one, as lists show it; names are in UTC.

        Raises:
            InputError: there is none, or there are several.
        """
        if handle.endswith(SUFFIX) and Path(handle).is_file():
            return Path(handle)
        name = handle.removesuffix(SUFFIX)
        if (self.folder / (name + SUFFIX)).is_file():
            return self.folder / (name + SUFFIX)
        number = 1 if handle == "last" else int(handle) if handle.isdecimal() and len(handle) < 7 else 0
        # four digits may be a year
        names = [] if 0 < number < 1000 else self._beginning_with(name)
        if number and not names:
            names = self._numbered(number)
        if not names:
            raise InputError(_("there is no such session"), where=handle, advice=_("see `kneeimu history list`"))
        if len(names) > 1:
            some = ", ".join(names[:3])
            raise InputError(
                _("{n} sessions begin so: {some}").format(n=len(names), some=some),
                where=handle,
                advice=_("write more of the name"),
            )
        return self.folder / (names[0] + SUFFIX)

    def _beginning_with(self, name: str) -> list[str]:
        if len(name) == len("2026-03-04"):
            with contextlib.suppress(ValueError, OverflowError):
                return self._of_day(datetime.fromisoformat(name))
        begin = name.replace("%", "").replace("_", "\\_") + "%"
        query = "select name from sessions where name like ? escape '\\' order by name"
        return [row[0] for row in self._database.execute(query, [begin])]

    def _of_day(self, midnight: datetime) -> list[str]:
        that_day = Filter(since=midnight.astimezone(), until=(midnight + timedelta(days=1)).astimezone())
        return [one.name for one in reversed(self.sessions(that_day))]

    def _numbered(self, number: int) -> list[str]:
        query = "select name from sessions order by started_utc desc, name desc limit 1 offset ?"
        return [row[0] for row in self._database.execute(query, [number - 1])]

    # --- deleting, to a bin ------------------------------------------------------------------------------------------

    def delete(self, recording: Path) -> Path:
        """Move a session to the bin; give its place there.

        Raises:
            InputError: it is being recorded, or can't be moved.
        """
        if is_being_recorded(recording):
            raise InputError(_("it is being recorded"), where=recording.stem, advice=_("end the session first"))
        return self._move(recording, private_dir(self._bin))

    def restore(self, name: str) -> Path:
        """Take a session back out of the bin.

        Raises:
            InputError: it is not there.
        """
        binned = self._bin / (name.removesuffix(SUFFIX) + SUFFIX)
        if not binned.is_file():
            raise InputError(
                _("there is no such session in the bin"), where=name, advice=_("see `kneeimu history bin`")
            )
        return self._move(binned, self.folder)

    def binned(self) -> list[Path]:
        """Recordings in the bin, oldest first."""
        return sorted(self._bin.glob(f"*{SUFFIX}"))

    def empty_bin(self) -> int:
        """Erase what is in the bin for good; give how many recordings went."""
        count = len(self.binned())
        shutil.rmtree(self._bin, ignore_errors=True)
        return count

    @property
    def _bin(self) -> Path:
        return locations.bin_dir() if self.folder == locations.sessions_dir() else self.folder / "bin"

    def _move(self, recording: Path, folder: Path) -> Path:
        target = folder / recording.name
        for number in range(2, 1000):
            if not target.exists():
                break
            target = folder / f"{recording.stem}_{number}{SUFFIX}"
        try:
            scores = scores_path(recording)
            if scores.exists():
                shutil.move(scores, scores_path(target))
            shutil.move(recording, target)
        except OSError as error:
            advice = _("check the permissions of both folders")
            raise InputError(
                _("it can't be moved: {strerror}").format(strerror=error.strerror), where=str(recording), advice=advice
            ) from error
        return target

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._database:
                yield
        except sqlite3.OperationalError as error:
            advice = _("free some space, or mend the permissions of the folder")
            raise InputError(
                _("the index can't be written: {error}").format(error=error), where=str(self.index), advice=advice
            ) from error


def _summary(path: Path) -> SessionSummary | str:
    try:
        return summarise_session(path)
    except InputError as error:
        return error.what
    except Exception as error:  # one file that breaks the reader must not hide the others
        return _("the program failed at it: {error!r}").format(error=error)


def _conditions(wanted: Filter) -> tuple[str, list[str]]:
    clauses: list[str] = []
    values: list[str] = []

    def ask(clause: str, value: str | None) -> None:
        if value:
            clauses.append(clause)
            values.append(value)

    ask("exercise = ?", wanted.exercise)
    ask("side = ?", wanted.side)
    ask("started_utc >= ?", _utc(wanted.since))
    ask("started_utc < ?", _utc(wanted.until))
    for word in wanted.text.split():
        ask("instr(words, ?) > 0", word.casefold())
    return ("where " + " and ".join(clauses) if clauses else ""), values


def _utc(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat() if time else None


# --- the file of the index -------------------------------------------------------------------------------------------


def _open(index: Path) -> sqlite3.Connection:
    try:
        return _migrated(index)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
            advice = _("close the other program, free some space, or mend the permissions of the folder")
            raise InputError(
                _("the index can't be opened: {error}").format(error=error), where=str(index), advice=advice
            ) from error
        # it is damaged or foreign; everything in it is in the recordings as well
        for end in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{index}{end}").unlink()
        return _migrated(index)


def _migrated(index: Path) -> sqlite3.Connection:
    if not index.exists():
        index.touch(mode=0o600)
    database = sqlite3.connect(index, timeout=WAIT_S, isolation_level=None)
    try:
        version = int(database.execute("pragma user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise sqlite3.DatabaseError(_("a newer version made it"))
        write_ahead(database, WAIT_S)
        if version < len(MIGRATIONS):
            _migrate(database)
        database.execute(f"select {', '.join(FIELDS)} from sessions limit 1")
    except BaseException:
        database.close()
        raise
    database.isolation_level = "DEFERRED"
    return database


def _migrate(database: sqlite3.Connection) -> None:
    # under the lock the version is read again: another program may just have done it
    database.execute("begin immediate")
    version = int(database.execute("pragma user_version").fetchone()[0])
    for number in range(version, len(MIGRATIONS)):
        for statement in MIGRATIONS[number].split(";"):
            database.execute(statement)
        database.execute(f"pragma user_version = {number + 1}")
    database.execute("commit")


def summary_dict(summary: SessionSummary) -> dict[str, object]:
    """Give a session as plain data, without the words for the search."""
    content = dataclasses.asdict(summary)
    del content["words"]
    return content
