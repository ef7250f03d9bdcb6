"""The session's time, and how long the present phase has been and still is. Pure: time comes from outside."""

from __future__ import annotations


class PhaseClock:
    """Runs forwards only; while it is paused, the phase neither goes on nor ends.

    Attributes:
        now_s: the session's time, s.
        since_s: how long the present phase has been, pauses left out, s.
    """

    def __init__(self, now_s: float) -> None:
        self.now_s = self._from_s = now_s
        self._until_s: float | None = None
        self._paused_s: float | None = None

    @property
    def paused(self) -> bool:
        """The person asked for a pause."""
        return self._paused_s is not None

    @property
    def shown_s(self) -> float:
        """The time to draw: it stands still in a pause."""
        return self.now_s if self._paused_s is None else self._paused_s

    @property
    def since_s(self) -> float:
        """How long the present phase has been, s."""
        return self.now_s - self._from_s

    @property
    def seconds(self) -> tuple[float | None, float | None]:
        """Left and in all, of a phase that ends by itself; None of one that does not."""
        if self._until_s is None:
            return None, None
        return max(0.0, self._until_s - self.shown_s), self._until_s - self._from_s

    @property
    def is_up(self) -> bool:
        """The phase ends by itself, and now."""
        return self._until_s is not None and self.now_s >= self._until_s

    def go_to(self, time_s: float) -> None:
        """It is ``time_s`` now, or later."""
        self.now_s = max(self.now_s, time_s)

    def enter(self, seconds: float | None = None) -> None:
        """A phase begins; it lasts for so long, or until something happens."""
        self._from_s = self.now_s
        self._until_s = None if seconds is None else self.now_s + seconds

    def pause(self) -> None:
        """The phase stands still."""
        self._paused_s = self.now_s

    def resume(self) -> None:
        """The phase goes on where it stood."""
        if self._paused_s is None:
            return
        away_s, self._paused_s = self.now_s - self._paused_s, None
        self._from_s += away_s
        self._until_s = None if self._until_s is None else self._until_s + away_s

    def drop_pause(self) -> bool:
        """The pause is over because something else begins. False when there was none."""
        was, self._paused_s = self.paused, None
        return was
