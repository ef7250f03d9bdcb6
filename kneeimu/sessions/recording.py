"""The recording of a session: an MCAP file that only grows, and is whole again after any crash.

Everything is in the file half a second after it happened, and on the disk as soon as the disk takes it. What a person
does is there at once. ``read_recording`` opens the file whatever became of it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import json
import math
import os
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from mcap.writer import CompressionType, IndexType, Writer

from kneeimu.errors import KneeimuError
from kneeimu.sessions import recording_format as layout
from kneeimu.sessions.alignment_file import alignment_to_dict
from kneeimu.sessions.private import private_dir
from kneeimu.sessions.recording_format import Command, RawNotification
from kneeimu.sessions.recording_reader import Recording, read_recording
from kneeimu.types import Event, Samples, Setup, event_to_json
from kneeimu.words import _

__all__ = ["Command", "RawNotification", "Recorder", "Recording", "RecordingError", "read_recording"]

FLUSH_S = 0.5
"""Half of the second that may be lost, so that a batch and a slow machine fit into the rest."""
CHUNK_BYTES = 64 * 1024
SESSION_AGAIN_S = 60.0
"""How often the session's description is repeated, for files that lose their beginning."""
CLOCK_JUMP_S = 2.0
LONGEST_S = 1e8
"""Three years: what is further from the session's start is a sensor's nonsense."""


class RecordingError(KneeimuError):
    """A session can't be recorded, or not any more. What was recorded before is kept."""


class Notified(Protocol):
    """A notification of a sensor."""

    @property
    def host_time_s(self) -> float: ...

    @property
    def characteristic(self) -> str: ...

    @property
    def data(self) -> bytes: ...


class Recorder:
    """Writes one session. Use from one thread; close it, or use it as a context manager.

    The first write that fails raises ``RecordingError``; the file then ends at the last whole chunk, and what is
    written afterwards goes nowhere.

    Attributes:
        path: the file.
    """

    def __init__(self, path: Path, stream: _Appended, started_utc: datetime, session: dict[str, Any]) -> None:
        self.path = path
        self._stream = stream
        self._start_ns = int(started_utc.timestamp() * layout.NS)
        self._session = json.dumps(session, separators=(",", ":"), allow_nan=False).encode()
        self._time_s = 0.0
        self._session_s = 0.0
        self._flushed_s = time.monotonic()
        self._flushed_at_s = 0.0  # both: a session read in faster than it happened has chunks as small as a live one
        self._clock_offset_s = time.time() - time.monotonic()
        # indexes would grow with the session and be lost with it; readers fall back to reading in order
        self._writer = Writer(stream, CHUNK_BYTES, CompressionType.ZSTD, IndexType.NONE)  # type: ignore[arg-type]

    @classmethod
    def create(
        cls,
        folder: str | Path,
        setup: Setup,
        *,
        sensor: dict[str, Any],
        prescription: dict[str, Any] | None = None,
        started_utc: datetime | None = None,
    ) -> Self:
        """Begin a recording in a file of its own, for this user alone.

        Args:
            sensor: what is known of the sensor; a key "calibration" holds that of the device.
            prescription: what was to be done.
            started_utc: when the session's timeline was 0 s; now, if not given.

        Raises:
            KneeimuError: the folder or the file can't be made.
        """
        started = (started_utc or datetime.now(UTC)).astimezone(UTC)
        path, handle = _new_file(private_dir(Path(folder)), started, setup)
        session = {
            "format_version": layout.FORMAT_VERSION,
            "software": f"kneeimu {importlib.metadata.version('kneeimu')}",
            "started_utc": started.isoformat(),
            "setup": setup_to_dict(setup),
            "sensor": _plain(sensor),
        }
        recorder = cls(path, _Appended(path, handle), started, session)
        try:
            recorder._begin(setup, sensor, prescription)
        except BaseException:
            recorder._stream.abandon()
            path.unlink(missing_ok=True)
            raise
        return recorder

    def write_samples(self, samples: Samples, sensor: int = 0) -> None:
        """Keep samples, bit by bit; ``sensor`` numbers the sensors of a session from 0."""
        if len(samples):
            self._time_s = float(samples.time_s[-1])
            self._add(layout.SAMPLES, self._time_s, layout.pack_samples(samples, sensor))

    def write_notification(self, notification: Notified, sensor: int = 0) -> None:
        """Keep what a sensor sent, as it came."""
        at, name, data = notification.host_time_s, notification.characteristic, notification.data
        self._add(layout.NOTIFICATIONS, at, layout.pack_notification(at, str(name), bytes(data), sensor))

    def write_event(self, event: Event) -> None:
        """Keep what the engine said."""
        self._add(layout.EVENTS, event.time_s, event_to_json(event).encode())

    def write_status(self, status: Mapping[str, Any]) -> None:
        """Keep how the link is doing."""
        self._add_json(layout.STATUS, self._time_s, {"time_s": self._time_s, **status})

    def write_command(self, name: str, time_s: float, **data: Any) -> None:
        """Keep what the person did; in the file when this returns."""
        self._add_json(layout.COMMANDS, time_s, {"name": name, "time_s": time_s, **data})
        self.flush()

    def attach(self, name: str, content: Mapping[str, Any]) -> None:
        """Keep a document beside the data."""
        data = json.dumps(_plain(content), indent=1, allow_nan=False).encode()
        if not self._stream.closed:
            now_ns = self._ns(self._time_s)
            self._writer.add_attachment(now_ns, now_ns, name, "application/json", data)

    def flush(self) -> None:
        """Put everything into the file now; the disk gets it in the background."""
        if self._stream.closed:
            return
        self._flushed_s, self._flushed_at_s = time.monotonic(), self._time_s
        self._writer.flush()  # type: ignore[no-untyped-call]
        # asked for no index, the writer still remembers where each chunk is: 3 MB an hour for nothing
        vars(self._writer).get("_Writer__chunk_indices", []).clear()

    def close(self) -> None:
        """Finish the file and wait for the disk. May be called again."""
        if self._stream.closed:
            return
        self._writer.finish()  # type: ignore[no-untyped-call]
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, setup: Setup, sensor: dict[str, Any], prescription: dict[str, Any] | None) -> None:
        writer = self._writer
        software = importlib.metadata.version("kneeimu")
        writer.start(profile=layout.PROFILE, library=f"kneeimu {software}")
        writer.add_metadata(layout.SESSION_METADATA, {"session": self._session.decode()})
        if setup.alignment is not None:
            self.attach(layout.ALIGNMENT_ATTACHMENT, alignment_to_dict(setup.alignment))
        if prescription is not None:
            self.attach(layout.PRESCRIPTION_ATTACHMENT, prescription)
        self.attach(layout.SENSOR_ATTACHMENT, sensor)
        register_channels(writer)
        self._add(layout.SESSION, 0.0, self._session)
        self.flush()

    def _add_json(self, channel: int, time_s: float, content: Mapping[str, Any]) -> None:
        self._add(channel, time_s, json.dumps(_plain(content), separators=(",", ":"), allow_nan=False).encode())

    def _add(self, channel: int, time_s: float, data: bytes) -> None:
        if self._stream.closed:
            return
        at = self._ns(time_s)
        self._writer.add_message(channel, at, data, at)
        if time.monotonic() - self._flushed_s >= FLUSH_S or self._time_s - self._flushed_at_s >= FLUSH_S:
            self._now_and_then()
            self.flush()

    def _now_and_then(self) -> None:
        """Repeat the session's description, and tell when the wall clock was set."""
        at = self._ns(self._time_s)
        if self._time_s - self._session_s >= SESSION_AGAIN_S:
            self._session_s = self._time_s
            self._writer.add_message(layout.SESSION, at, self._session, at)
        offset_s = time.time() - time.monotonic()
        jump_s = offset_s - self._clock_offset_s
        if abs(jump_s) > CLOCK_JUMP_S:
            self._clock_offset_s = offset_s
            status = {"time_s": self._time_s, "state": "clock-set", "detail": f"the clock was set by {jump_s:+.1f} s"}
            self._writer.add_message(layout.STATUS, at, json.dumps(status).encode(), at)

    def _ns(self, time_s: float) -> int:
        # a sensor's nonsense must not end the recording: the samples keep it, the log time is for viewers
        within_s = min(max(time_s, -LONGEST_S), LONGEST_S) if math.isfinite(time_s) else 0.0
        return max(0, self._start_ns + round(within_s * layout.NS))


def register_channels(writer: Writer) -> None:
    """Name the channels of a recording to a writer that has begun."""
    for number, (topic, encoding) in layout.TOPICS.items():
        schema = layout.JSON_SCHEMAS.get(number)
        data = json.dumps(schema).encode() if schema else b""
        schema_id = writer.register_schema(str(schema["title"]), "jsonschema", data) if schema else 0
        assert writer.register_channel(topic, encoding, schema_id) == number


def setup_to_dict(setup: Setup) -> dict[str, Any]:
    """Give the setup as plain data."""
    content = dataclasses.asdict(setup)
    content["alignment"] = alignment_to_dict(setup.alignment) if setup.alignment else None
    return content


class _Appended:
    """A file that grows by whole flushes: one that fails leaves no torn bytes behind."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path, self._handle = path, handle
        _claim(handle)
        self._waiting = bytearray()
        self._length = 0
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="kneeimu-disk")
        self._syncing: Future[None] | None = None
        self.closed = False

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def tell(self) -> int:
        return self._length + len(self._waiting)

    def flush(self) -> None:
        if not self._waiting:
            return
        try:
            self._raise_late_error()
            _write_all(self._handle, self._waiting)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.truncate(self._handle, self._length)
            self.abandon()
            raise _lost(self._path, error) from error
        self._length += len(self._waiting)
        self._waiting.clear()
        # a slow disk must not hold up the radio: one sync at a time, in a thread of its own
        if self._syncing is None or self._syncing.done():
            self._syncing = self._disk.submit(_sync, self._handle)

    def close(self) -> None:
        self.flush()
        self._disk.shutdown()
        try:
            self._raise_late_error()
            _sync(self._handle)
        except OSError as error:
            raise _lost(self._path, error) from error
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close without another word."""
        if not self.closed:
            self.closed = True
            self._disk.shutdown()
            with contextlib.suppress(OSError):
                os.close(self._handle)

    def _raise_late_error(self) -> None:
        if self._syncing is not None and self._syncing.done():
            self._syncing.result()


def _claim(handle: int) -> None:
    """Let others see that this file is being written; the claim ends with this process, however it ends."""
    with contextlib.suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write_all(handle: int, data: bytearray) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(handle, view) :]
    finally:
        view.release()


def _sync(handle: int) -> None:
    getattr(os, "fdatasync", os.fsync)(handle)


def _new_file(folder: Path, started: datetime, setup: Setup) -> tuple[Path, int]:
    name = f"{started:%Y-%m-%dT%H%M%SZ}_{setup.exercise}_{setup.side}"
    for number in range(1, 1000):
        path = folder / f"{name}{f'_{number}' if number > 1 else ''}{layout.SUFFIX}"
        try:
            return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            advice = _("choose another folder with KNEEIMU_HOME, or mend its permissions")
            what = _("the recording can't be made: {strerror}").format(strerror=error.strerror)
            raise RecordingError(what, where=str(path), advice=advice) from error
    raise RecordingError(
        _("there are too many recordings of this second"), where=str(folder), advice=_("wait a second")
    )


def _lost(path: Path, error: OSError) -> RecordingError:
    what = _("the session is not recorded any more: {x}").format(x=error.strerror or error)
    return RecordingError(what, where=str(path), advice=_("free some space; what was recorded before is kept"))


def _plain(value: Any) -> Any:
    """Make plain data of what people put into dictionaries; what is not a number becomes None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    return _plain(value.item()) if hasattr(value, "item") else str(value)
