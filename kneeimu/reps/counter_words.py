"""What the counter says, tick by tick."""

from __future__ import annotations

from dataclasses import dataclass

from kneeimu.reps.excursion import Excursion


@dataclass(slots=True)
class Counted:
    """A rep, complete at ``time_s``.

    ``trusted`` says that it had been taken back until more of the same came: the second look has no more to add.
    """

    time_s: float
    excursion: Excursion
    trusted: bool = False


@dataclass(slots=True)
class Revoked:
    """The newest ``count`` reps were something else."""

    time_s: float
    count: int
    reason: str


@dataclass(slots=True)
class Turned:
    """The movement is on its way back."""

    time_s: float
    angle_deg: float


@dataclass(slots=True)
class Refused:
    """An excursion that is not a rep."""

    time_s: float
    excursion: Excursion
    reason: str


@dataclass(slots=True)
class SetOpened:
    """The first rep of a set was counted."""

    time_s: float


@dataclass(slots=True)
class SetClosed:
    """No rep came for a while, or the person said so.

    Attributes:
        walked: start and end of the last bouts of walking, s.
        by_hand: the person said that it began, or that it is over.
    """

    time_s: float
    walked: tuple[tuple[float, float], ...] = ()
    by_hand: bool = False


@dataclass(slots=True)
class LookAside:
    """It is time to look at what the tilt does not show."""


CounterWord = Counted | Revoked | Turned | Refused | SetOpened | SetClosed | LookAside

SaidAt = tuple[int, list[CounterWord]]
"""Index of a tick, and what is said there."""
