"""Opens the sessions that ``kneeimu publish`` publishes: files and sensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kneeimu.errors import InputError
from kneeimu.telemetry.player import Player
from kneeimu.types import Mount, Samples, Setup, Side
from kneeimu.words import _

if TYPE_CHECKING:
    from kneeimu.live import LiveSession
    from kneeimu.sessions.recording_format import Command


def load_player(path: Path, exercise: str | None, side: str | None, mount: str | None, speed: float) -> Player:
    """Open a recording or a CSV file to be played.

    Raises:
        InputError: the file can't be used, or what was done is not known.
    """
    setup, items = load_items(path, exercise, side, mount)
    return Player(setup, items, speed=speed, where=str(path))


def load_items(
    path: Path, exercise: str | None, side: str | None, mount: str | None
) -> tuple[Setup, Sequence[Samples | Command]]:
    """Read a recording or a CSV file; what is given wins over what a recording says.

    Raises:
        InputError: the file can't be used, or what was done is not known.
    """
    from kneeimu.sessions.atomic import unreadable
    from kneeimu.sessions.csv_file import read_csv
    from kneeimu.sessions.recording import read_recording
    from kneeimu.sessions.recording_reader import is_recording

    if not path.exists():
        raise unreadable(path, FileNotFoundError())
    if is_recording(path):
        recording = read_recording(path)
        given: dict[str, Any] = {"exercise": exercise, "side": side, "mount": mount}
        setup = replace(recording.setup, **{name: value for name, value in given.items() if value is not None})
        return setup, recording.items
    if exercise is None or side is None or mount is None:
        advice = _("add --exercise, --side and --mount: a CSV file does not say what was done")
        raise InputError(_("the exercise is not known"), where=str(path), advice=advice)
    read = read_csv(path, "m/s2", "rad/s")
    setup = Setup(exercise, cast(Side, side), cast(Mount, mount), read.sampling_rate_hz)
    return setup, [read.samples]


def live_session(
    exercise: str, side: str, mount: str, *, sensor: str | None, radio: str | None, record: bool
) -> LiveSession:
    """Give the session of a sensor, not yet started.

    Raises:
        InputError: the exercise can't be followed from that mount.
    """
    from kneeimu.exercises.catalogue import find_exercise
    from kneeimu.live import LiveSession
    from kneeimu.live import Recorder as LiveRecorder
    from kneeimu.locations import sessions_dir
    from kneeimu.sensors.known import worn_at
    from kneeimu.sensors.link import SensorLink
    from kneeimu.sensors.simulated import import_backend
    from kneeimu.sensors.trimmed import TrimmedLink
    from kneeimu.sessions.alignments import find_alignment
    from kneeimu.sessions.devices import find_device
    from kneeimu.sessions.recording import Recorder

    mounts = find_exercise(exercise).mounts
    if mount not in mounts:
        advice = _("put the sensor on the {mounts}").format(mounts=" or ".join(mounts))
        raise InputError(
            _("{exercise} can't be followed from the {mount}").format(exercise=exercise, mount=mount),
            where="--mount",
            advice=advice,
        )
    if radio:
        import_backend()(radio)
    setup = Setup(exercise, cast(Side, side), mount, 100.0)
    link = TrimmedLink(SensorLink(sensor or worn_at(side, mount)), find_device)

    def open_recorder(known: Setup, about: dict[str, Any]) -> LiveRecorder:
        return Recorder.create(sessions_dir(), known, sensor=about)

    return LiveSession(
        setup,
        link,
        open_recorder=open_recorder if record else None,
        find_alignment=lambda: find_alignment(link.status.address, setup.side, setup.mount),
    )
