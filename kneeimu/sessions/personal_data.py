"""All that the program keeps of a person: where it is, out in one file, and gone for good."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kneeimu import locations
from kneeimu.errors import InputError
from kneeimu.sessions.atomic import unreadable, unwritable
from kneeimu.sessions.recording_format import SUFFIX
from kneeimu.words import _, mark

PRIVACY = mark(
    "Everything stays on this machine, in folders that only you can read. Nothing is sent unless you publish it."
)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of the program and what is in it."""

    kind: str
    folder: Path
    files: int
    size_bytes: int


def places() -> list[Place]:
    """Give the folders of the program, whether they are there or not."""
    folders = {"data": locations.data_dir(), "settings": locations.config_dir(), "state": locations.state_dir()}
    return [_place(kind, folder) for kind, folder in folders.items()]


def export_all(target: Path, *, pseudonymous: bool = False) -> tuple[int, list[str]]:
    """Put everything into one zip file, for this user alone; give the number of files and what was left out and why.

    Args:
        pseudonymous: recordings only, with names, addresses and free text replaced.

    Raises:
        InputError: the file is there already or can't be written.
    """
    if target.exists():
        raise InputError(_("there is such a file already"), where=str(target), advice=_("choose another name"))
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                done = _add_pseudonymous(archive) if pseudonymous else _add_everything(archive)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise unwritable(target, error) from error
    return done


def erase_all(confirm: Callable[[list[Place]], bool]) -> list[Place]:
    """Erase everything the program keeps; give what went.

    Args:
        confirm: is shown what would go; nothing happens unless it says True.

    Raises:
        InputError: a folder holds more than this program's things, or can't be erased.
    """
    present = [place for place in places() if place.folder.exists()]
    for place in present:
        _check_own(place.folder)
    if not present or not confirm(present):
        return []
    for place in present:
        try:
            shutil.rmtree(place.folder)
        except OSError as error:
            advice = _("mend its permissions and try again")
            what = _("it can't be erased: {strerror}").format(strerror=error.strerror)
            raise InputError(what, where=str(error.filename or place.folder), advice=advice) from error
    return present


def _place(kind: str, folder: Path) -> Place:
    files = list(_files(folder))
    return Place(kind, folder, len(files), sum(file.stat().st_size for file in files))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _check_own(folder: Path) -> None:
    """A folder set by hand may be one that holds other things as well."""
    resolved = folder.resolve()
    if resolved in (Path.home().resolve(), *Path.home().resolve().parents) or resolved == Path(resolved.anchor):
        advice = _("erase the program's files in it by hand")
        raise InputError(_("this folder holds more than the program's things"), where=str(folder), advice=advice)


def _add_everything(archive: zipfile.ZipFile) -> tuple[int, list[str]]:
    left_out: list[str] = []
    count = 0
    for place in places():
        for path in _files(place.folder):
            try:
                archive.write(path, Path("kneeimu") / place.kind / path.relative_to(place.folder), None)
                count += 1
            except OSError as error:
                left_out.append(str(unreadable(path, error)))
    return count, left_out


def _add_pseudonymous(archive: zipfile.ZipFile) -> tuple[int, list[str]]:
    from kneeimu.sessions.pseudonyms import Pseudonyms, copy_pseudonymously

    pseudonyms, left_out, count = Pseudonyms(), [], 0
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(locations.sessions_dir().glob(f"*{SUFFIX}")):
            copy = Path(folder) / path.name
            try:
                copy_pseudonymously(path, copy, pseudonyms)
            except InputError as error:
                left_out.append(str(error))
                continue
            archive.write(copy, Path("kneeimu") / path.name)
            copy.unlink()
            count += 1
    return count, left_out
