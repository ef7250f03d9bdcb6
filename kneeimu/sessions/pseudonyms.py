"""Copies of recordings that do not tell who was there: names, addresses and free text are replaced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mcap.records import Attachment, Message, Metadata
from mcap.writer import CompressionType, IndexType, Writer

from kneeimu.errors import InputError
from kneeimu.sessions import recording_format as layout
from kneeimu.sessions.atomic import unreadable, write_private
from kneeimu.sessions.mcap_scan import scan
from kneeimu.sessions.recording import CHUNK_BYTES, register_channels
from kneeimu.sessions.recording_reader import read_recording
from kneeimu.words import _

PLAIN_TEXT = {
    "exercise", "side", "mount", "quality", "software", "started_utc", "state", "kind", "family", "firmware",
    "direction", "code", "level", "reason",
}  # fmt: skip
"""Texts under these keys come from the program or name a model of sensor; every other text may name somebody."""
JSON_CHANNELS = (layout.SESSION, layout.STATUS, layout.COMMANDS)


class Pseudonyms:
    """Gives the same pseudonym for the same text, as long as it lives."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def replace(self, value: Any, key: str = "text") -> Any:
        """Give a copy of plain data in which texts that may name somebody are pseudonyms."""
        if isinstance(value, dict):
            return {name: self.replace(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self.replace(item, key) for item in value]
        if not isinstance(value, str) or not value:
            return value
        if key in PLAIN_TEXT:
            return value
        return self._given.setdefault(value, f"{key}-{len(self._given) + 1}")


def copy_pseudonymously(source: Path, target: Path, pseudonyms: Pseudonyms) -> None:
    """Write a copy of a recording without names. Samples, raw notifications and events are copied as they are.

    Raises:
        InputError: the source can't be used or the target can't be written.
    """
    read_recording(source)  # a foreign file ends here, with its reason
    copy = _Copy(pseudonyms)
    try:
        with source.open("rb") as file:
            for record in scan(file):
                copy.take(record)
    except OSError as error:
        raise unreadable(source, error) from error
    write_private(target, copy.finish())


class _Buffer:
    """What the writer needs of a file."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)

    def tell(self) -> int:
        return len(self.data)

    def flush(self) -> None: ...


class _Copy:
    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._buffer = _Buffer()
        self._writer = Writer(self._buffer, CHUNK_BYTES, CompressionType.ZSTD, IndexType.NONE)  # type: ignore[arg-type]
        self._writer.start(profile=layout.PROFILE, library="kneeimu")
        register_channels(self._writer)

    def take(self, record: object) -> None:
        writer = self._writer
        match record:
            case Message(channel_id=layout.SAMPLES | layout.NOTIFICATIONS | layout.EVENTS):
                writer.add_message(record.channel_id, record.log_time, record.data, record.publish_time)
            case Message() if record.channel_id in JSON_CHANNELS:
                writer.add_message(record.channel_id, record.log_time, self._json(record.data), record.publish_time)
            case Metadata(name=layout.SESSION_METADATA):
                session = self._json(record.metadata.get("session", "{}").encode())
                writer.add_metadata(record.name, {"session": session.decode()})
            case Attachment():
                data = self._json(record.data)
                writer.add_attachment(record.create_time, record.log_time, record.name, record.media_type, data)

    def finish(self) -> bytes:
        self._writer.finish()  # type: ignore[no-untyped-call]
        return bytes(self._buffer.data)

    def _json(self, data: bytes) -> bytes:
        try:
            content = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise InputError(_("a part of the recording can't be made anonymous"), advice=_("leave it out")) from error
        kept = (
            {"name": content["name"]} if isinstance(content, dict) and "time_s" in content and "name" in content else {}
        )
        return json.dumps({**self._pseudonyms.replace(content), **kept}, separators=(",", ":")).encode()
