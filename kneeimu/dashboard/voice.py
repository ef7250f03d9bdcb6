"""Speech, where the machine has a program for it; never waits, and says the newest thing only."""

from __future__ import annotations

import shutil
import subprocess

from kneeimu.words import language

SPEAKERS: dict[str, tuple[str, ...]] = {
    "spd-say": ("-l", "{language}", "--"),
    "espeak-ng": ("-v", "{language}", "--"),
    "espeak": ("-v", "{language}", "--"),
    "say": ("--",),
}
"""Programs in the order they are tried, with what comes before the text."""


class Voice:
    """Speaks short texts; silent when there is no speaker."""

    def __init__(self, speaker: str | None) -> None:
        self._speaker = speaker
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def able(self) -> bool:
        """There is something that speaks."""
        return self._speaker is not None

    def say(self, text: str) -> None:
        """Speak; what was being said is broken off."""
        if self._speaker is None:
            return
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            self._running.wait()
        name = self._speaker.rsplit("/", 1)[-1]
        before = [part.format(language=language()) for part in SPEAKERS.get(name, ())]
        quiet = subprocess.DEVNULL
        self._running = subprocess.Popen([self._speaker, *before, text], stdin=quiet, stdout=quiet, stderr=quiet)


def find_voice(*, wanted: bool) -> Voice:
    """Give the voice of this machine, or a silent one."""
    found = next((path for name in SPEAKERS if (path := shutil.which(name))), None) if wanted else None
    return Voice(found)
