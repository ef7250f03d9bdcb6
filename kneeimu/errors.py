"""One family of errors: attributes for programs, advice for people."""

from __future__ import annotations


class KneeimuError(Exception):
    """Something went wrong that a person can mend.

    Attributes:
        what: what happened.
        where: the file, line, sensor or setting concerned; empty when there is none.
        advice: what to do next.
    """

    def __init__(self, what: str, *, where: str = "", advice: str = "") -> None:
        self.what, self.where, self.advice = what, where, advice
        place = f"{where}: " if where else ""
        cure = f" ({advice})" if advice else ""
        super().__init__(f"{place}{what}{cure}")


class InputError(KneeimuError):
    """A file or setting given by the user can't be used."""


class SensorError(KneeimuError):
    """The sensor or its link does not do what it should."""
