"""What to say after a rep: one thing at a time, the worst fault first, and only when it comes back."""

from __future__ import annotations

from collections import deque

from kneeimu.types import Cue, Rep

WINDOW = 3
"""A fault is worth a word when it showed in two of the last three reps."""
NEEDED = 2
MOST_CUES = 3
"""More than this in a set is not heard any more."""
APART = 3
"""Reps between two cues."""
ORDER = {"red": 0, "amber": 1}


class Coach:
    """Watches the findings of the last reps and picks the cue."""

    def __init__(self) -> None:
        self._recent: deque[tuple[int, dict[str, str]]] = deque(maxlen=WINDOW)
        self._given = 0
        self._since = APART

    def begin_set(self) -> None:
        """A new set: everybody starts afresh."""
        self._recent.clear()
        self._given, self._since = 0, APART

    def take_back(self, numbers: list[int]) -> None:
        """These reps of the set were none: what was found in them says nothing. A cue that was given stays given."""
        self._recent = deque((past for past in self._recent if past[0] not in numbers), WINDOW)
        self._since = max(0, self._since - len(numbers))

    def after(self, time_s: float, rep: Rep, levels: dict[str, str]) -> list[Cue]:
        """Take a rep and its findings; give at most one cue."""
        found = dict(levels)
        if "fast" in rep.flags:
            found.setdefault("fast", "amber")
        self._recent.append((rep.number, found))
        self._since += 1
        if self._given >= MOST_CUES or self._since < APART:
            return []
        repeated = [
            (ORDER[level], code)
            for code, level in found.items()
            if sum(code in past for _, past in self._recent) >= NEEDED
        ]
        if not repeated:
            return []
        _, code = min(repeated)
        self._given, self._since = self._given + 1, 0
        return [Cue(time_s, code, found[code])]
