"""Sound, all optional: the terminal's bell at least, tones where the machine has a player."""

from __future__ import annotations

from collections.abc import Callable

Play = Callable[[str], None]
"""Plays "rep", "turn", "start", "end" or "cue"; must return at once."""


class Sound:
    """What is heard when. ``play`` None is silent."""

    def __init__(self, play: Play | None, *, muted: bool = False) -> None:
        self._play = play
        self.muted = muted

    def rep(self, number: int) -> None:  # noqa: ARG002
        """A rep was counted."""
        self._say("rep")

    def turn(self) -> None:
        """The movement turned."""
        self._say("turn")

    def set_started(self) -> None:
        """A set began."""
        self._say("start")

    def set_ended(self) -> None:
        """A set is over."""
        self._say("end")

    def cue(self) -> None:
        """There is something to read."""
        self._say("cue")

    def _say(self, what: str) -> None:
        if self._play is not None and not self.muted:
            self._play(what)
