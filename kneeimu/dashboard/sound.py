"""Sound, all optional: tones where the machine has a player, else the terminal's bell; never waits."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

Play = Callable[[str], None]
"""Plays one of ``TONES``; must return at once."""

TONES: dict[str, tuple[tuple[float, float], ...]] = {
    "rep": ((880.0, 0.09),),
    "turn": ((587.0, 0.06),),
    "start": ((660.0, 0.09), (880.0, 0.12)),
    "end": ((880.0, 0.09), (660.0, 0.09), (440.0, 0.16)),
    "cue": ((392.0, 0.10), (392.0, 0.10)),
    "tick": ((1200.0, 0.03),),
}
"""Frequency in Hz and length in s, one after the other."""
BELL_FOR = ("rep", "start", "end", "cue")
PLAYERS = ("pw-play", "paplay", "aplay", "afplay")
SAMPLE_HZ = 22_050
LOUDNESS = 0.35
FADE_S = 0.008


def tone_wav(tones: tuple[tuple[float, float], ...]) -> bytes:
    """Give a WAV file (mono, 16 bit) of tones one after the other, faded in and out so that they don't click."""
    pieces = []
    for frequency_hz, length_s in tones:
        time_s = np.arange(int(length_s * SAMPLE_HZ)) / SAMPLE_HZ
        fade = np.clip(np.minimum(time_s, length_s - time_s) / FADE_S, 0.0, 1.0)
        pieces.append(LOUDNESS * fade * np.sin(2 * np.pi * frequency_hz * time_s))
    data = (np.concatenate(pieces) * 32767).astype("<i2").tobytes()
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_HZ)
        out.writeframes(data)
    return file.getvalue()


class ToneFiles:
    """Plays tones through a program of the system; one sound at a time, a new one is dropped while one plays."""

    def __init__(self, player: str) -> None:
        self._player = player
        self._running: subprocess.Popen[bytes] | None = None

    def __call__(self, name: str) -> None:
        """Start playing; errors of the player are its own affair."""
        if self._running is not None and self._running.poll() is None:
            return
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._running = subprocess.Popen([self._player, str(_tone_file(name))], **quiet)  # type: ignore[call-overload]


def default_player(wish: str = "auto") -> Play | None:
    """Choose what plays; None is silent.

    Args:
        wish: "off", "bell", "tones", or "auto" for what the machine has; ``KNEEIMU_SOUND`` overrules it.
    """
    wish = os.environ.get("KNEEIMU_SOUND") or wish
    if wish == "off":
        return None
    player = next((path for name in PLAYERS if (path := shutil.which(name))), None)
    far_away = "SSH_CONNECTION" in os.environ and wish != "tones"
    return ToneFiles(player) if player is not None and wish != "bell" and not far_away else ring_bell


def ring_bell(name: str) -> None:
    """Ring the terminal's bell, for what is worth it."""
    if name in BELL_FOR and sys.__stdout__ is not None and sys.__stdout__.isatty():
        sys.__stdout__.write("\a")
        sys.__stdout__.flush()


@cache
def _tone_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="kneeimu-tones-")


@cache
def _tone_file(name: str) -> Path:
    path = Path(_tone_folder().name) / f"{name}.wav"
    path.write_bytes(tone_wav(TONES[name]))
    return path


class Sound:
    """What is heard when. ``play`` None is silent."""

    def __init__(self, play: Play | None, *, muted: bool = False) -> None:
        self._play = play
        self.muted = muted

    def rep(self, number: int) -> None:  # noqa: ARG002
        """A rep was counted."""
        self.say("rep")

    def turn(self) -> None:
        """The movement turned."""
        self.say("turn")

    def set_started(self) -> None:
        """A set began."""
        self.say("start")

    def set_ended(self) -> None:
        """A set is over."""
        self.say("end")

    def cue(self) -> None:
        """There is something to read."""
        self.say("cue")

    def say(self, what: str) -> None:
        """Play one of ``TONES`` unless muted."""
        if self._play is not None and not self.muted:
            self._play(what)
