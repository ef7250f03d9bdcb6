"""What the engine counted and what the person made of it, brought together as the app did it live."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from kneeimu.sessions.recording_format import Command
from kneeimu.tally import Tally
from kneeimu.types import Event

MOST_BY = 100
"""A key is pressed once for each rep; a file that claims more at once was not written by the app."""


def tally_session(events: Iterable[Event], commands: Iterable[Command]) -> Tally:
    """Give the tally of a whole session, with all of its reps.

    An event is known at its own time, but not before those that were said earlier; what the person did comes after
    what was known then.
    """
    tally = Tally(most_reps=sys.maxsize)
    waiting = [one for one in commands if one.name == "correction" and _is_sound(one)]
    waiting.reverse()
    known_s = float("-inf")
    for event in events:
        known_s = max(known_s, event.time_s)
        while waiting and waiting[-1].time_s < known_s:
            _correct(tally, waiting.pop())
        tally.apply(event)
    while waiting:
        _correct(tally, waiting.pop())
    return tally


def _correct(tally: Tally, command: Command) -> None:
    tally.command(command.name, command.time_s, command.data)


def _is_sound(command: Command) -> bool:
    by = command.data.get("by")
    return isinstance(by, int) and abs(by) <= MOST_BY
