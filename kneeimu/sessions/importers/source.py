"""Text files out of a file, a folder or a zip archive, in bounded memory."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kneeimu.errors import InputError
from kneeimu.sessions.atomic import unreadable
from kneeimu.words import _

MOST_BYTES = 256 * 2**20
"""Most text read of one recording: eight hours at 100 Hz take about 180 MB as CSV."""
MOST_FILES = 200
SUFFIXES = (".csv", ".txt", ".tsv", ".log")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One text file: its name without folders, its text, and where it was found."""

    name: str
    text: str
    where: str


def read_sources(path: Path) -> list[SourceFile]:
    """Read the text files at ``path``: a file, a folder (not its subfolders), or a zip archive with its folders.

    Raises:
        InputError: nothing there, not readable, or larger than ``MOST_BYTES``.
    """
    try:
        if path.is_dir():
            files = list(_from_folder(path))
        elif zipfile.is_zipfile(path):
            files = list(_from_zip(path))
        else:
            files = [SourceFile(path.name, _decode(_limited(path)), str(path))]
    except OSError as error:
        raise unreadable(path, error) from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        advice = _("unpack it, or export it again")
        raise InputError(
            _("the archive can't be read: {error}").format(error=error), where=str(path), advice=advice
        ) from error
    if not files:
        raise InputError(
            _("holds no CSV or text file"), where=str(path), advice=_("give the export of the app as it is")
        )
    return files


def _limited(path: Path) -> bytes:
    if path.stat().st_size > MOST_BYTES:
        raise _too_large(str(path))
    return path.read_bytes()


def _from_folder(folder: Path) -> Iterator[SourceFile]:
    left = MOST_BYTES
    for path in sorted(folder.iterdir())[:MOST_FILES]:
        if path.suffix.lower() in SUFFIXES and path.is_file():
            left -= path.stat().st_size
            if left < 0:
                raise _too_large(str(folder))
            yield SourceFile(path.name, _decode(path.read_bytes()), str(path))


def _from_zip(path: Path) -> Iterator[SourceFile]:
    left = MOST_BYTES
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist()[:MOST_FILES]:
            name = PurePosixPath(info.filename)
            if name.suffix.lower() not in SUFFIXES:
                continue
            with archive.open(info) as member:
                # The size an archive declares can be a lie: read no more than is left.
                data = member.read(left + 1)
            left -= len(data)
            if left < 0:
                raise _too_large(str(path))
            yield SourceFile(name.name, _decode(data), f"{path}:{info.filename}")


def _too_large(where: str) -> InputError:
    return InputError(
        _("is larger than {x} MiB of text").format(x=MOST_BYTES // 2**20), where=where, advice=_("split the recording")
    )


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
