"""One file of any kind to one analysis."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kneeimu.errors import InputError
from kneeimu.sessions.analysis import Analysis, analyze
from kneeimu.sessions.csv_file import read_csv
from kneeimu.types import Alignment, Mount, Setup, Side
from kneeimu.words import _, n_

if TYPE_CHECKING:
    from kneeimu.sessions.recording_reader import Recording


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks for. None leaves it to the recording; a CSV can't do without exercise, side and mount."""

    exercise: str | None = None
    side: Side | None = None
    mount: Mount | None = None
    alignment: Alignment | None = None
    acc_unit: str = "m/s2"
    gyr_unit: str = "rad/s"

    def about(self, setup: Setup) -> Setup:
        """Give the setup of a recording with what the user says of it."""
        return setup.told(exercise=self.exercise, side=self.side, mount=self.mount, alignment=self.alignment)


def analyze_file(file: str | Path, request: Request | None = None, *, one_set: bool = False) -> Analysis:
    """Read a CSV or a recording and count and measure its reps.

    Args:
        one_set: a CSV holds one set and nothing else; a recording knows its sets.

    Raises:
        InputError: the file can't be used; names the file, the place and the cure.
    """
    from kneeimu.sessions.recording_reader import is_recording

    request = request or Request()
    return _analyze_recording(file, request) if is_recording(file) else _analyze_csv(file, request, one_set)


def _analyze_recording(file: str | Path, request: Request) -> Analysis:
    from kneeimu.sessions.recording_reader import read_recording
    from kneeimu.sessions.replay import analyze_recording

    recording = read_recording(file)
    setup = request.about(recording.setup)
    analysis = analyze_recording(dataclasses.replace(recording, setup=setup), file=str(file))
    return dataclasses.replace(analysis, notes=(*analysis.notes, *_what_counted(recording, len(analysis.reps))))


def _what_counted(recording: Recording, seen: int) -> list[str]:
    """Say how many reps counted in the session, where these are others than the engine sees today."""
    from kneeimu.sessions.corrections import tally_session

    counted = tally_session(recording.events, recording.commands).total if recording.events else seen
    if counted == seen:
        return []
    return [
        n_(
            "this is all that the engine sees; in the session {n} rep counted, `kneeimu history show` tells which",
            "this is all that the engine sees; in the session {n} reps counted, `kneeimu history show` tells which",
            counted,
        )
    ]


def _analyze_csv(file: str | Path, request: Request, one_set: bool) -> Analysis:
    if request.exercise is None or request.side is None or request.mount is None:
        advice = _("give --exercise, --side and --mount")
        raise InputError(_("a CSV does not say what was done"), where=str(file), advice=advice)
    read = read_csv(file, request.acc_unit, request.gyr_unit)
    setup = Setup(request.exercise, request.side, request.mount, read.sampling_rate_hz, request.alignment)
    return analyze(read.samples, setup, file=str(file), notes=read.notes, one_set=one_set)
