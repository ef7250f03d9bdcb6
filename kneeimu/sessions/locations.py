"""Where things are kept: the platform's own folders, or below one folder named by ``KNEEIMU_HOME``.

Each folder can also be moved alone: ``KNEEIMU_DATA_DIR``, ``KNEEIMU_CONFIG_DIR``, ``KNEEIMU_STATE_DIR``.
"""

from __future__ import annotations

import os
from pathlib import Path

from kneeimu.errors import InputError
from kneeimu.words import _

APPLICATION = "kneeimu"


def data_dir() -> Path:
    """Folder of sessions, alignments and the index."""
    return _base("DATA", "data")


def config_dir() -> Path:
    """Folder of settings and programmes."""
    return _base("CONFIG", "config")


def state_dir() -> Path:
    """Folder of logs and of work that can be resumed."""
    return _base("STATE", "state")


def sessions_dir() -> Path:
    """Folder of the recordings."""
    return data_dir() / "sessions"


def bin_dir() -> Path:
    """Folder of the recordings that were deleted and can be taken back."""
    return data_dir() / "bin"


def alignments_dir() -> Path:
    """Folder of the stored alignments."""
    return data_dir() / "alignments"


def devices_dir() -> Path:
    """Folder of the calibrations of the sensors themselves."""
    return data_dir() / "devices"


def history_path() -> Path:
    """The index of the sessions; it can be rebuilt from the recordings."""
    return data_dir() / "history.sqlite"


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


def _base(name: str, kind: str) -> Path:
    alone = os.environ.get(f"KNEEIMU_{name}_DIR")
    if alone:
        return Path(alone).expanduser()
    home = os.environ.get("KNEEIMU_HOME")
    if home:
        return Path(home).expanduser() / kind
    import platformdirs

    folders = {
        "data": platformdirs.user_data_path,
        "config": platformdirs.user_config_path,
        "state": platformdirs.user_state_path,
    }
    return folders[kind](APPLICATION, appauthor=False)
