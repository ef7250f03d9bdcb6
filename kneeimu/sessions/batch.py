"""Many files at once: one function a file, run by any executor of ``concurrent.futures``, with a journal to resume.

The executor is the only difference between one core, all cores and a cluster.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib.metadata
import json
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kneeimu import locations
from kneeimu.errors import InputError, KneeimuError
from kneeimu.sessions.files import Request
from kneeimu.sessions.private import private_dir
from kneeimu.words import _

SUFFIXES = (".csv", ".mcap")
DASK_TIMEOUT_S = 10.0
WORTH_A_POOL_BYTES = 16 * 2**20
"""One core works through this in about the time that a pool of processes needs to start."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one file: the object of ``analyze --json`` and the table for people, or the error."""

    file: str
    result: dict[str, Any] | None = None
    table: str = ""
    headline: str = ""
    notes: tuple[str, ...] = ()
    error: str = ""


class BatchError(KneeimuError):
    """The executor can't be had, or it broke."""


def gather(names: Sequence[str]) -> list[str]:
    """Give the files of a list of files and folders: of a folder the CSVs and recordings in it and below, sorted.

    Raises:
        InputError: a folder holds none.
    """
    files: list[str] = []
    for name in names:
        if not os.path.isdir(name):
            files.append(name)
            continue
        found = sorted(str(path) for path in Path(name).rglob("*") if path.suffix in SUFFIXES and path.is_file())
        if not found:
            raise InputError(
                _("there are no CSVs and no recordings in it"), where=name, advice=_("name another folder")
            )
        files += found
    return list(dict.fromkeys(files))


def choose_executor(files: Sequence[str]) -> str:
    """Give the executor that is quickest for these files on this machine."""
    size = sum(os.path.getsize(file) for file in files if os.path.isfile(file))
    return "processes" if size > WORTH_A_POOL_BYTES and _cores() > 1 else "serial"


def work(file: str, request: Request) -> Done:
    """Analyze one file. Runs wherever the executor wants; the file must be readable there."""
    from kneeimu.sessions.files import analyze_file
    from kneeimu.sessions.table import describe, headline
    from kneeimu.words.details import detail_words

    try:
        analysis = analyze_file(file, request)
    except KneeimuError as error:
        return Done(file, error=str(error))
    except Exception as error:  # one file the program fails at must not end the work on the others
        return Done(
            file,
            error=_("{file}: the program failed at it: {error!r} (please report this)").format(file=file, error=error),
        )
    warned = (one.partition(": ") for one in analysis.warnings)
    notes = (*analysis.notes, *(f"{code}: {detail_words(detail)}" for code, _colon, detail in warned))
    return Done(file, analysis.to_dict(), describe(analysis), headline(analysis), notes)


@contextlib.contextmanager
def make_executor(kind: str) -> Iterator[Executor | None]:
    """Give an executor: "serial" (None), "processes", "processes:N", or a Dask scheduler ("tcp://host:8786").

    Raises:
        BatchError: there is no such executor, or the scheduler does not answer.
    """
    name, _colon, number = kind.partition(":")
    if kind == "serial":
        yield None
    elif name == "processes" and (not number or (number.isdecimal() and int(number) > 0)):
        # spawned and not forked: the parent may have threads
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(int(number) if number else _cores(), context, initializer=_ignore_interrupt)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
    elif "://" in kind:
        with _dask(kind) as cluster:
            yield cluster
    else:
        advice = _("choose serial, processes, processes:N or the address of a Dask scheduler (tcp://host:8786)")
        raise BatchError(_("there is no such executor"), where=kind, advice=advice)


@contextlib.contextmanager
def _dask(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise BatchError(_("Dask is not installed"), where=address, advice="pip install 'kneeimu[cluster]'") from error
    try:
        place = urlsplit(address)
        if place.hostname and place.port:
            socket.create_connection((place.hostname, place.port), DASK_TIMEOUT_S).close()
        client = Client(address, timeout=DASK_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        advice = _("start it with `dask scheduler`, and workers with `dask worker ADDRESS`")
        raise BatchError(_("the scheduler does not answer"), where=address, advice=advice) from error
    with client:
        yield client.get_executor(pure=False)


def run_batch(
    files: Sequence[str],
    request: Request,
    executor: Executor | None,
    *,
    journal: Journal | None = None,
    progress: Callable[[], None] = lambda: None,
) -> Iterator[Done]:
    """Analyze files and give what became of them, in the order of the files, each as soon as those before it are done.

    Args:
        executor: None works here and now.
        journal: remembers what is done, and what was done before.
        progress: is called after each file.

    Raises:
        BatchError: a worker died.
    """
    ready: dict[int, Done] = journal.known(files) if journal else {}
    for _path in ready:
        progress()
    following = 0
    todo = [(number, file) for number, file in enumerate(files) if number not in ready]
    for number, done in _results(todo, request, executor):
        ready[number] = done
        if journal:
            journal.add(done)
        progress()
        while following in ready:
            yield ready.pop(following)
            following += 1
    yield from (ready[number] for number in sorted(ready))


def _results(todo: list[tuple[int, str]], request: Request, executor: Executor | None) -> Iterator[tuple[int, Done]]:
    if executor is None:
        yield from ((number, work(file, request)) for number, file in todo)
        return
    futures: dict[Future[Done], int] = {executor.submit(work, file, request): number for number, file in todo}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    except Exception as error:  # ``work`` itself raises nothing: a worker died, or the cluster went away
        advice = _("it may be short of memory: try fewer workers; what is done is kept")
        raise BatchError(_("a worker was lost: {error!r}").format(error=error), advice=advice) from error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _ignore_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Journal:
    """What is done of a batch, line by line, so that the same command goes on where it was stopped.

    Args:
        files, request: what is asked for; another program version or request has a journal of its own.
    """

    def __init__(self, files: Sequence[str], request: Request) -> None:
        asked = [importlib.metadata.version("kneeimu"), [os.path.abspath(file) for file in files], repr(request)]
        name = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:24]
        self.path = private_dir(locations.state_dir() / "analyze") / f"{name}.jsonl"

    def known(self, files: Sequence[str]) -> dict[int, Done]:
        """Give what was done before and is still true, by the number of the file."""
        stored: dict[tuple[str, str], Done] = {}
        with contextlib.suppress(FileNotFoundError):
            for line in self.path.read_text("utf-8", "replace").splitlines():
                # the last line may be half
                with contextlib.suppress(ValueError, TypeError, KeyError):
                    entry = json.loads(line)
                    done = Done(**{**entry["done"], "notes": tuple(entry["done"]["notes"])})
                    stored[done.file, entry["fingerprint"]] = done
        found = ((number, stored.get((file, _fingerprint(file)))) for number, file in enumerate(files))
        return {number: done for number, done in found if done is not None}

    def add(self, done: Done) -> None:
        """Remember a file. One that failed is tried again next time."""
        if done.error:
            return
        line = json.dumps({"fingerprint": _fingerprint(done.file), "done": dataclasses.asdict(done)})
        handle = os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(line + "\n")

    def close(self) -> None:
        """All is done: forget it."""
        self.path.unlink(missing_ok=True)


def _fingerprint(file: str) -> str:
    try:
        status = os.stat(file)
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"
