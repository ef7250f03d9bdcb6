"""A step to the side is told when it is over: how long it took is not known before, nor how wide the person stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from kneeimu.motion.orientation import Ticks
from kneeimu.reps.counter_words import Counted, CounterWord, Refused, SaidAt
from kneeimu.reps.measured.quality import QUIET_DEG
from kneeimu.reps.measured.seen import AFTER_S

QUIET_TICKS = 3
"""The limb stands when it is quiet for so many ticks: 0.12 s. A count may be told 0.15 s after the return."""


class Patience:
    """Holds a counted step back until it is over; of what is said only a refusal may go before it.

    Args:
        longest_s: a count is not held back for longer after the end that the counter foresaw, s.
    """

    def __init__(self, longest_s: float = AFTER_S) -> None:
        self._longest_s = longest_s
        self._held: Counted | None = None
        self._quiet_ticks = 0

    def hold(self, words: Iterable[SaidAt], ticks: Ticks) -> Iterator[SaidAt]:
        """Give what is to be told, and at which of the ticks, of what the counter says at some of them."""
        time_s, moved_deg = ticks.time_s.tolist(), ticks.tilted_deg[:, 0].tolist()
        begin = 0
        for end, said in chain(words, [(len(ticks), [])]):
            for at in range(begin, min(end + 1, len(ticks))):
                if told := self.step(time_s[at], said if at == end else [], moved_deg[at]):
                    yield at, told
            begin = end + 1

    def step(self, time_s: float, said: list[CounterWord], moved_deg: float, last: bool = False) -> list[CounterWord]:
        """Take what the counter said at a tick, and give what is to be told now.

        Args:
            moved_deg: how far the limb turned since the tick before.
            last: nothing more will come; hold nothing back.
        """
        held = self._held
        self._quiet_ticks = self._quiet_ticks + 1 if moved_deg < QUIET_DEG else 0
        if held is None and not said:
            return said
        told: list[CounterWord] = []
        spoken = any(not isinstance(word, Refused) for word in said)
        if held is not None and (spoken or last or self._is_over(time_s, held)):
            told.append(replace(held, time_s=time_s))
            self._held = None
        for word in said:
            if self._held is not None and not isinstance(word, Refused):
                told.append(self._held)
                self._held = None
            if isinstance(word, Counted) and not (last or self._is_over(time_s, word)):
                self._held = word
            else:
                told.append(word)
        return told

    def _is_over(self, time_s: float, step: Counted) -> bool:
        end_s = step.excursion.end_s
        return time_s >= end_s + (0.0 if self._quiet_ticks >= QUIET_TICKS else self._longest_s)
