"""Folders that nobody else on the machine can read."""

from __future__ import annotations

from pathlib import Path

from kneeimu.errors import InputError
from kneeimu.words import _


def private_dir(path: Path) -> Path:
    """Make the folder, for this user alone, if it is not there yet.

    Raises:
        InputError: it can't be made.
    """
    try:
        make_private(path)
    except OSError as error:
        advice = _("choose another folder with KNEEIMU_HOME, or mend its permissions")
        raise InputError(
            _("the folder can't be made: {strerror}").format(strerror=error.strerror), where=str(path), advice=advice
        ) from error
    return path


def make_private(path: Path) -> None:
    """Make the folder and those above it, for this user alone; ``Path.mkdir`` opens those above to everybody.

    Raises:
        OSError: it can't be made.
    """
    if not path.is_dir():
        make_private(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
