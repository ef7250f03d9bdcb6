"""What counted in a session: what the engine found, what the app made of it and what the person corrected."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace

from kneeimu.coaching.pain import SCALE
from kneeimu.sessions.analysis import Analysis
from kneeimu.sessions.recording_format import Command
from kneeimu.tally import MOST_BY, SET_NOTES, TalliedRep, Tally
from kneeimu.types import Event


def tally_session(events: Iterable[Event], commands: Iterable[Command]) -> Tally:
    """Give the tally of a whole session, with all of its reps.

    An event is known at its own time, but not before those that were said earlier; what the person did comes after
    what was known then.
    """
    tally = Tally(most_reps=sys.maxsize)
    waiting = [one for one in commands if one.name in SET_NOTES or (one.name == "correction" and _is_sound(one))]
    waiting.reverse()
    known_s = float("-inf")
    for event in events:
        known_s = max(known_s, event.time_s)
        while waiting and waiting[-1].time_s < known_s:
            _take(tally, waiting.pop())
        tally.apply(event)
    while waiting:
        _take(tally, waiting.pop())
    return tally


def pain_before(commands: Iterable[Command]) -> int | None:
    """Give the score, 0 to 10, that the person told before the session; None when nobody asked or answered."""
    levels = (one.data.get("level") for one in commands if one.name == "pain-before")
    return next((level for level in levels if isinstance(level, int) and level in SCALE), None)


def pain_while_training(commands: Iterable[Command]) -> tuple[int, ...]:
    """Give the scores, 0 to 10, that the person told while training, in order."""
    levels = (one.data.get("level") for one in commands if one.name == "pain")
    return tuple(level for level in levels if isinstance(level, int) and level in SCALE)


def in_order(tally: Tally) -> list[TalliedRep]:
    """Give all reps by set and time: detected ones, those the person took back, and those the person added."""
    return sorted(tally.reps, key=lambda one: (one.set_number, one.rep.start_s if one.rep else one.time_s))


def of_counted(analysis: Analysis, tally: Tally) -> Analysis:
    """Give the analysis with the detected reps of the session's sets alone.

    Where the app led, the engine's summaries bear the numbers of the sets that their reps belong to.
    """
    found = [one for one in in_order(tally) if one.rep is not None]
    reps = tuple(replace(one.rep, number=number) for number, one in enumerate(found, start=1) if one.rep is not None)
    own = {one.found_in: one.set_number for one in found}
    sets = tuple(replace(one, number=own[one.number]) for one in analysis.sets if one.number in own)
    return replace(analysis, reps=reps, sets=sets if tally.led else analysis.sets)


def _take(tally: Tally, command: Command) -> None:
    tally.command(command.name, command.time_s, command.data)


def _is_sound(command: Command) -> bool:
    by = command.data.get("by")
    return isinstance(by, int) and abs(by) <= MOST_BY
