"""A step of a band walk is told when the foot stands: how wide, and how deep, is not known before."""

from __future__ import annotations

from dataclasses import replace

from kneeimu.reps.counter_words import Counted, CounterWord

STANDS_S = 0.10
"""So long after the foreseen end of a step the limb is at rest; a count may be told 0.15 s after the return."""
LONGEST_S = 0.6


class Patience:
    """Holds a counted step back until it is over; the order of what is said stays as it was."""

    def __init__(self) -> None:
        self._held: Counted | None = None
        self._due_s = 0.0

    def step(self, time_s: float, said: list[CounterWord], last: bool = False) -> list[CounterWord]:
        """Take what the counter said at a tick, and give what is to be told now.

        Args:
            last: nothing more will come; hold nothing back.
        """
        held = self._held
        if held is None and not said:
            return said
        told: list[CounterWord] = []
        if held is not None and (said or last or time_s >= self._due_s):
            told.append(replace(held, time_s=time_s))
            self._held = None
        for word in said:
            if self._held is not None:
                told.append(self._held)
                self._held = None
            if isinstance(word, Counted) and not last:
                self._held = word
                self._due_s = min(word.excursion.end_s + STANDS_S, time_s + LONGEST_S)
            else:
                told.append(word)
        return told
