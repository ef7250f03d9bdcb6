"""Keeps what a set was made of until it is over, and then looks at it again."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from kneeimu.reps.excursion import Excursion
from kneeimu.reps.history import TickHistory
from kneeimu.reps.second_look import look_again
from kneeimu.reps.second_look_at_steps import look_again_at_steps

BEFORE_S = 25.0
"""The first reps of a set may have been missed: so long before the first that was counted is looked for them."""
MOST_OTHERS = 400


class SetReview:
    """Reps and other movements of the present set.

    Args:
        floor_deg: smallest range that counts.
        starts_at_far_end: the person stands at the far end of the movement before and after the set.
        swings_through: a rep is not out and back, but a swing through the middle.
    """

    def __init__(self, floor_deg: float, starts_at_far_end: bool, swings_through: bool) -> None:
        self._floor_deg, self._starts_at_far_end = floor_deg, starts_at_far_end
        self._swings_through = swings_through
        self._counted: list[tuple[int, Excursion]] = []
        self._others: deque[Excursion] = deque(maxlen=MOST_OTHERS)
        self._not_before_s = 0.0

    def count(self, number: int, excursion: Excursion) -> None:
        """A rep was counted."""
        self._counted.append((number, excursion))

    def take_back(self, numbers: Sequence[int]) -> None:
        """Reps were taken back."""
        self._others.extend(excursion for number, excursion in self._counted if number in numbers)
        self._counted = [(number, excursion) for number, excursion in self._counted if number not in numbers]

    def refuse(self, excursion: Excursion) -> None:
        """A movement was no rep."""
        self._others.append(excursion)

    def begin_by_hand(self, time_s: float) -> None:
        """The person said that the set begins: nothing before belongs to it."""
        self._not_before_s = time_s

    def close(
        self, time_s: float, history: TickHistory, walked: Sequence[tuple[float, float]]
    ) -> tuple[list[int], list[Excursion]]:
        """Look at the set that ends; give the numbers of reps that are none, and reps that were missed."""
        counted, others = self._counted, list(self._others)
        self._counted = []
        self._others.clear()
        if not counted:
            return [], []
        times, up, _ = history.window(max(self._not_before_s, counted[0][1].start_s - BEFORE_S), time_s)
        seen = [(number, rep) for number, rep in counted if rep.start_s >= times[0]]
        reps = [rep for _, rep in seen]
        if self._swings_through:
            removed, added = look_again_at_steps(times, up, reps, walked)
        else:
            others = [other for other in others if other.start_s >= times[0]]
            removed, added = look_again(times, up, reps, others, walked, self._floor_deg, self._starts_at_far_end)
        numbers = [seen[index][0] for index in removed]
        ends_s = [rep.end_s for number, rep in counted if number not in numbers] + [rep.end_s for rep in added]
        self._not_before_s = max(ends_s, default=self._not_before_s)
        return numbers, added
