"""Where things are kept: the platform's own folders, or below one folder named by ``KNEEIMU_HOME``.

Each folder can also be moved alone: ``KNEEIMU_DATA_DIR``, ``KNEEIMU_CONFIG_DIR``, ``KNEEIMU_STATE_DIR``.
"""

from __future__ import annotations

import os
from pathlib import Path

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
