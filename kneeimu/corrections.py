"""What a person's count becomes when the engine takes a rep back, or finds one."""

from __future__ import annotations

from collections import deque

from kneeimu.types import Rep

MOST_TAKEN_BACK = 400
"""A set of hours must not grow in memory."""


class Corrections:
    """Keeps what a person said of the count while the engine changes its own.

    What the person said of a rep is not said again by the engine: one that they took back is not taken back twice, and
    one that they added is found without being counted twice. A movement that is taken back and counted anew, as one of
    the same time, leaves the count as it was.
    """

    def __init__(self) -> None:
        self._taken_back: deque[tuple[Rep, int]] = deque(maxlen=MOST_TAKEN_BACK)

    def spoken(self) -> None:
        """The person corrected the count as it is now: what was taken back before is settled."""
        self._taken_back.clear()

    def revoked(self, rep: Rep, corrected: int, detected: int) -> int:
        """Give the corrected count without a rep that the engine takes back; both counts are those with it."""
        after = max(0, corrected - (corrected >= detected))
        self._taken_back.append((rep, corrected - after))
        return after

    def counted(self, rep: Rep, corrected: int, detected: int, *, late: bool) -> int:
        """Give the corrected count with a rep that the engine counts; both counts are those without it.

        Args:
            late: it was found when the set was looked at again.
        """
        for place, (former, by) in enumerate(self._taken_back):
            if former.start_s < rep.end_s and rep.start_s < former.end_s:
                del self._taken_back[place]
                return corrected + by
        return corrected + (not late or corrected <= detected)
