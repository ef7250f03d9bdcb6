"""Reads recordings, whatever became of them: every whole chunk is given, and what is missing is told."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, get_args

from mcap.records import Attachment, Header, Message, Metadata

from kneeimu.errors import InputError
from kneeimu.sessions import recording_format as layout
from kneeimu.sessions.alignment_file import alignment_from_dict
from kneeimu.sessions.atomic import unreadable
from kneeimu.sessions.mcap_scan import FAULTS, MAGIC, Damage, End, scan
from kneeimu.sessions.recording_format import Command, RawNotification
from kneeimu.types import Event, Mount, Samples, Setup, Side, event_from_dict
from kneeimu.words import _, mark, n_

LARGEST_JSON = 2**18
MOST_PROBLEMS = 100
FOREIGN_RECORDS = 5000
"""A file that has not said by then that it is ours is not; one damaged bit in its header must not lose a session."""
ADVICE = mark("name a recording made by kneeimu, or a CSV")


@dataclass(frozen=True, slots=True)
class Recording:
    """A session as it was recorded.

    Attributes:
        setup: what the engine was told.
        started_utc: when the session's timeline was 0 s.
        items: samples of the first sensor and commands, in the order in which the engine got them.
        events: what the engine said then, in order.
        statuses: how the link was doing.
        notifications: what the sensors sent, byte by byte; empty unless asked for.
        others: samples of further sensors, by number.
        attachments: documents by name: prescription.json, alignment.json, sensor.json.
        metadata: description of the session: software, sensor, format_version.
        closed: the recording was finished in good order.
        problems: what is missing or damaged, in words.
    """

    path: Path
    setup: Setup
    started_utc: datetime
    items: tuple[Samples | Command, ...]
    events: tuple[Event, ...]
    statuses: tuple[dict[str, Any], ...]
    notifications: tuple[RawNotification, ...]
    others: dict[int, tuple[Samples, ...]]
    attachments: dict[str, Any]
    metadata: dict[str, Any]
    closed: bool
    problems: tuple[str, ...]

    @property
    def samples(self) -> list[Samples]:
        """Samples of the first sensor, in order."""
        return [item for item in self.items if isinstance(item, Samples)]

    @property
    def commands(self) -> list[Command]:
        """What the person did, in order."""
        return [item for item in self.items if isinstance(item, Command)]

    @property
    def prescription(self) -> dict[str, Any] | None:
        """What was to be done; None when nothing was prescribed."""
        content = self.attachments.get(layout.PRESCRIPTION_ATTACHMENT)
        return content if isinstance(content, dict) else None

    @property
    def duration_s(self) -> float:
        """From the first sample to the last, s."""
        samples = self.samples
        return float(samples[-1].time_s[-1] - samples[0].time_s[0]) if samples else 0.0


def is_recording(path: str | Path) -> bool:
    """Is the file an MCAP by its name or its beginning?"""
    if Path(path).suffix == layout.SUFFIX:
        return True
    try:
        with Path(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def is_being_recorded(path: str | Path) -> bool:
    """Does a program write this recording right now? False where the system can't tell."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        with Path(path).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def read_recording(path: str | Path, *, with_notifications: bool = False) -> Recording:
    """Read a recording in whatever state it is.

    Raises:
        InputError: the file can't be read, is no recording of this program, or holds nothing that can be used.
    """
    path = Path(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise InputError(_("this is not an ordinary file"), where=str(path), advice=_(ADVICE))
        with path.open("rb") as file:
            return _read(path, file, with_notifications)
    except OSError as error:
        raise unreadable(path, error) from error


def setup_from_dict(content: dict[str, Any]) -> Setup:
    """Read what ``recording.setup_to_dict`` gave.

    Raises:
        ValueError: a field is missing or does not fit.
    """
    if content.get("side") not in get_args(Side) or content.get("mount") not in get_args(Mount):
        raise ValueError("side or mount does not fit")
    rate = content.get("sampling_rate_hz")
    if not isinstance(content.get("exercise"), str) or not isinstance(rate, int | float) or isinstance(rate, bool):
        raise ValueError("exercise or sampling rate does not fit")
    alignment = content.get("alignment")
    return Setup(
        content["exercise"],
        content["side"],
        content["mount"],
        float(rate),
        alignment_from_dict(alignment) if isinstance(alignment, dict) else None,
    )


@dataclass(slots=True)
class _Found:
    """What was read so far."""

    with_notifications: bool
    items: list[Samples | Command] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    notifications: list[RawNotification] = field(default_factory=list)
    others: dict[int, list[Samples]] = field(default_factory=dict)
    attachments: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] | None = None
    profile: str | None = None
    start_ns: int | None = None
    damages: list[Damage] = field(default_factory=list)
    senseless: int = 0
    closed: bool = False

    def take(self, record: object) -> None:
        match record:
            case Message():
                try:
                    self._message(record)
                except FAULTS:
                    self.senseless += 1
            case Damage():
                if len(self.damages) < MOST_PROBLEMS:
                    self.damages.append(record)
            case Header():
                self.profile = record.profile
            case Metadata() if record.name == layout.SESSION_METADATA:
                self._session(record.metadata.get("session", "").encode())
            case Attachment():
                self._attachment(record)
            case End():
                self.closed = True

    def _message(self, message: Message) -> None:
        data = message.data
        match message.channel_id:
            case layout.SAMPLES:
                sensor, samples = layout.unpack_samples(data)
                if sensor == 0:
                    self.items.append(samples)
                else:
                    self.others.setdefault(sensor, []).append(samples)
            case layout.NOTIFICATIONS:
                if self.with_notifications:
                    self.notifications.append(layout.unpack_notification(data))
            case layout.EVENTS:
                self.events.append(event_from_dict(_json_object(data)))
            case layout.STATUS:
                self.statuses.append(_json_object(data))
            case layout.COMMANDS:
                content = _json_object(data)
                name, time_s = str(content.pop("name")), float(content.pop("time_s"))
                self.items.append(Command(name, time_s, content))
            case layout.SESSION:
                self._session(data)

    def _session(self, data: bytes) -> None:
        try:
            content = _json_object(data)
        except ValueError:
            return  # it is repeated in the file
        if self.session is None:
            self.session = content

    def _attachment(self, attachment: Attachment) -> None:
        try:
            self.attachments[attachment.name] = _json_object(attachment.data)
        except ValueError:
            self.senseless += 1


def _json_object(data: bytes) -> dict[str, Any]:
    if len(data) > LARGEST_JSON:
        raise ValueError("too large")
    try:
        content = json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(content, dict):
        raise ValueError("not an object")
    return content


def _read(path: Path, file: BinaryIO, with_notifications: bool) -> Recording:
    start = file.read(len(MAGIC))
    if not start:
        raise InputError(_("the file is empty"), where=str(path), advice=_(ADVICE))
    if start != MAGIC:
        cut = MAGIC.startswith(start)
        what = (
            _("the recording was cut off before anything was in it") if cut else _("this is not a recording (no MCAP)")
        )
        raise InputError(what, where=str(path), advice=_("delete it") if cut else _(ADVICE))
    found = _Found(with_notifications)
    for number, record in enumerate(scan(file)):
        found.take(record)
        if found.session is None and found.profile != layout.PROFILE and number > FOREIGN_RECORDS:
            break
    return _recording(path, found)


def _recording(path: Path, found: _Found) -> Recording:
    if found.profile != layout.PROFILE and found.session is None:
        raise InputError(_("this MCAP was not recorded by kneeimu"), where=str(path), advice=_(ADVICE))
    session = found.session
    if session is None:
        what = _("the recording is damaged: nothing says what was recorded")
        raise InputError(what, where=str(path), advice=_("restore it from a copy, or delete it"))
    version = session.get("format_version")
    if version != layout.FORMAT_VERSION:
        what = _("the recording is of version {version!r}, this program reads {format_version}").format(
            version=version, format_version=layout.FORMAT_VERSION
        )
        raise InputError(what, where=str(path), advice=_("update kneeimu"))
    try:
        setup = setup_from_dict(session["setup"])
        started = datetime.fromisoformat(session["started_utc"])
        started = started.replace(tzinfo=started.tzinfo or UTC).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        what = _("the recording's description does not fit: {error}").format(error=error)
        raise InputError(what, where=str(path), advice=_("restore it from a copy, or delete it")) from error
    metadata = {key: value for key, value in session.items() if key not in ("setup", "started_utc")}
    return Recording(
        path=path,
        setup=setup,
        started_utc=started,
        items=tuple(found.items),
        events=tuple(found.events),
        statuses=tuple(found.statuses),
        notifications=tuple(found.notifications),
        others={sensor: tuple(samples) for sensor, samples in found.others.items()},
        attachments=found.attachments,
        metadata=metadata,
        closed=found.closed,
        problems=_problems(found, started),
    )


def _problems(found: _Found, started: datetime) -> tuple[str, ...]:
    problems = [_describe(damage, started.timestamp()) for damage in found.damages]
    if found.senseless:
        problems.append(
            n_(
                "{n} message makes no sense and was left out (a newer version wrote it?)",
                "{n} messages make no sense and were left out (a newer version wrote them?)",
                found.senseless,
            )
        )
    return tuple(problems)


def _describe(damage: Damage, start_s: float) -> str:
    if not damage.end_ns:
        return _("at byte {offset}: {what}").format(offset=damage.offset, what=damage.what)
    begin, end = (ns / layout.NS - start_s for ns in (damage.start_ns, damage.end_ns))
    return _("at byte {offset}: {what}; {begin:.1f} s to {end:.1f} s are missing").format(
        offset=damage.offset, what=damage.what, begin=begin, end=end
    )
