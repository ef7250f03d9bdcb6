"""Open knee trainer: from motion samples to counted reps and the knee's drift.

As a library: ``kneeimu.load(path)`` gives a session with its reps, tables and plots; see ``docs/library.md``.
The names below are imported when they are first used, so that ``import kneeimu`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kneeimu.api import (
        Alignment,
        Engine,
        Figure,
        InputError,
        KneeimuError,
        Rep,
        Samples,
        Session,
        Setup,
        from_arrays,
        load,
        load_alignment,
        load_foreign,
        write_report,
    )

__all__ = [
    "Alignment",
    "Engine",
    "Figure",
    "InputError",
    "KneeimuError",
    "Rep",
    "Samples",
    "Session",
    "Setup",
    "from_arrays",
    "load",
    "load_alignment",
    "load_foreign",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'kneeimu' has no attribute {name!r}")
    from kneeimu import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
