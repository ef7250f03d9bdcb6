"""Files that are either whole or not there, for this user alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kneeimu.errors import InputError
from kneeimu.sessions.private import make_private
from kneeimu.words import _


def write_private(path: Path, data: bytes | str) -> None:
    """Write the file in one step: a reader sees the old one or the new one, never a half.

    A link stays a link: the file that it leads to is written. What is no file, such as /dev/stdout, is written into.

    Raises:
        InputError: the folder or the file can't be written.
    """
    content = data.encode() if isinstance(data, str) else data
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        path = path.resolve()
        make_private(path.parent)
        # mkstemp gives 0600
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> InputError:
    """Say why a file can't be written, and what to do."""
    advice = (
        _("free some space") if error.errno in (28, 122) else _("check that the folder exists and is yours to write")
    )
    return InputError(_("can't be written: {x}").format(x=error.strerror or error), where=str(path), advice=advice)


def unreadable(path: Path, error: OSError) -> InputError:
    """Say why a file can't be read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return InputError(_("there is no such file"), where=str(path), advice=_("check the name and the folder"))
    if isinstance(error, IsADirectoryError):
        return InputError(_("this is a folder and not a file"), where=str(path), advice=_("name a file in it"))
    advice = _("check its permissions")
    return InputError(_("can't be read: {x}").format(x=error.strerror or error), where=str(path), advice=advice)
