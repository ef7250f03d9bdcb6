"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["ok", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found.

    Attributes:
        code: short word for programs, the same in every release.
        level: "bad" keeps the program from working, "note" may one day, "ok" is well.
        what: for people.
        advice: what to do; empty when it is well.
    """

    code: str
    level: Level
    what: str
    advice: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give plain data."""
        return asdict(self)


def ok(code: str, what: str) -> Finding:
    """All is well."""
    return Finding(code, "ok", what)


def note(code: str, what: str, advice: str) -> Finding:
    """It works, but not as well as it could."""
    return Finding(code, "note", what, advice)


def bad(code: str, what: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(code, "bad", what, advice)
