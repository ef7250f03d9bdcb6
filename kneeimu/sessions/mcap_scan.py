"""Records of an MCAP file in whatever state it is: cut, damaged, foreign or hostile.

The records themselves are parsed by the ``mcap`` library. Its readers give nothing from a cut file and trust declared
lengths, so that finding the records, bounding them and finding the way back after damage is done here.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Attachment, Chunk, Header, Message, Metadata

from kneeimu.words import _

MAGIC = b"\x89MCAP0\r\n"
_HEAD = struct.Struct("<BQ")
_MESSAGE_HEAD = 22
LARGEST_RECORD = 16 * 2**20
LARGEST_CHUNK = 4 * 2**20
"""Our own chunks hold 64 KiB and at most one message more."""
LARGEST_RATIO = 64
"""All chunks together may unpack to this many times the file; our own reach about 6."""
SPARE_BYTES = 8 * 2**20
_ZSTD_FIELD = b"\x04\0\0\0zstd"
_ZSTD_FIELD_AT = _HEAD.size + 8 + 8 + 8 + 4
_HEAD_AND_CHUNK = _ZSTD_FIELD_AT + len(_ZSTD_FIELD) + 8
_WINDOW = 2**18
MOST_RESTARTS = 1000
"""A file that is damaged in more places than this is read up to there."""
MOST_RECORDS = 1_000_000
"""Five days of one session."""
FAULTS = (McapError, ValueError, struct.error, OverflowError, zstandard.ZstdError)
"""What the library raises at damaged records."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Something in the file can't be read.

    Attributes:
        offset: where in the file, bytes.
        what: what is wrong, in words.
        start_ns, end_ns: log times it concerns, when they can be told.
    """

    offset: int
    what: str
    start_ns: int = 0
    end_ns: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """The file was closed in good order."""


Found = Header | Metadata | Attachment | Message | Damage | End


def scan(file: BinaryIO) -> Iterator[Found]:
    """Give what the file holds, in order; damage is told and passed over. Never raises for what is in the file."""
    size = os.fstat(file.fileno()).st_size
    budget = [LARGEST_RATIO * size + SPARE_BYTES]
    offset, restarts = len(MAGIC), 0
    for _each in range(MOST_RECORDS):
        if offset >= size:
            yield Damage(offset, _("the recording was not closed"))
            return
        file.seek(offset)
        head = file.read(_HEAD_AND_CHUNK)
        if len(head) < _HEAD.size:
            yield _cut(offset, size)
            return
        opcode, length = _HEAD.unpack_from(head)
        following = offset + _HEAD.size + length
        if not _plausible(opcode, length, head) or following > size:
            restart = _find_chunk(file, offset + 1, size) if restarts < MOST_RESTARTS else 0
            if not restart:
                yield _cut(offset, size)
                return
            yield Damage(offset, _("{x} bytes are damaged").format(x=restart - offset))
            offset, restarts = restart, restarts + 1
            continue
        file.seek(offset + _HEAD.size)
        yield from _record(opcode, file.read(length), offset, budget)
        if opcode == Opcode.FOOTER:
            yield End() if file.read(len(MAGIC)) == MAGIC else _cut(offset, size)
            return
        offset = following
    yield Damage(
        offset, _("there are more than {most_records} records; the rest was left out").format(most_records=MOST_RECORDS)
    )


def _plausible(opcode: int, length: int, head: bytes) -> bool:
    """Could this be the head of a record? A chunk also says inside how long it is."""
    if not Opcode.HEADER <= opcode <= Opcode.DATA_END or length > LARGEST_RECORD:
        return False
    if opcode != Opcode.CHUNK or head[_ZSTD_FIELD_AT : _ZSTD_FIELD_AT + len(_ZSTD_FIELD)] != _ZSTD_FIELD:
        return True
    inside = int.from_bytes(head[_HEAD_AND_CHUNK - 8 :], "little")
    return bool(length == _HEAD_AND_CHUNK - _HEAD.size + inside)


def _cut(offset: int, size: int) -> Damage:
    return Damage(offset, _("the file was cut off: its last {x} bytes are no whole record").format(x=size - offset))


def _record(opcode: int, body: bytes, offset: int, budget: list[int]) -> Iterator[Found]:
    stream = ReadDataStream(io.BytesIO(body))
    try:
        if opcode == Opcode.CHUNK:
            yield from _chunk(Chunk.read(stream), len(body), offset, budget)
        elif opcode == Opcode.HEADER:
            yield Header.read(stream)
        elif opcode == Opcode.METADATA:
            yield Metadata.read(stream)
        elif opcode == Opcode.ATTACHMENT:
            if zlib.crc32(body[:-4]) != int.from_bytes(body[-4:], "little"):
                yield Damage(offset, _("an attachment is damaged (its checksum does not fit)"))
                return
            yield Attachment.read(stream)
    except FAULTS:
        yield Damage(offset, _("a record of {n} bytes is damaged").format(n=len(body)))


def _chunk(chunk: Chunk, length: int, offset: int, budget: list[int]) -> Iterator[Found]:
    size = chunk.uncompressed_size
    times = (chunk.message_start_time, chunk.message_end_time)
    if size > LARGEST_CHUNK or size > budget[0]:
        yield Damage(
            offset, _("a chunk of {length} bytes claims to unpack to {size}").format(length=length, size=size), *times
        )
        return
    budget[0] -= size
    try:
        data = _unpacked(chunk)
    except FAULTS:
        yield Damage(offset, _("a chunk of {length} bytes is damaged").format(length=length), *times)
        return
    if zlib.crc32(data) != chunk.uncompressed_crc:
        yield Damage(
            offset, _("a chunk of {length} bytes is damaged (its checksum does not fit)").format(length=length), *times
        )
        return
    yield from _messages(data)


def _unpacked(chunk: Chunk) -> bytes:
    if chunk.compression == "zstd":
        unpacker = zstandard.ZstdDecompressor(max_window_size=LARGEST_CHUNK).stream_reader(chunk.data)
        data = unpacker.read(chunk.uncompressed_size + 1)
    elif not chunk.compression:
        data = chunk.data
    else:
        raise ValueError(f"compression {chunk.compression!r}")
    if len(data) != chunk.uncompressed_size:
        raise ValueError("the chunk is not as long as it claims")
    return data


def _messages(data: bytes) -> Iterator[Message]:
    """Give the messages of a chunk whose checksum fits; the loop of the library without its many small reads."""
    at = 0
    while at + _HEAD.size <= len(data):
        opcode, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if not opcode:
            return  # no record has this number: the rest is filling
        if opcode == Opcode.MESSAGE and _MESSAGE_HEAD <= length <= len(data) - at:
            channel, sequence, log_time, publish_time = struct.unpack_from("<HIQQ", data, at)
            yield Message(
                channel_id=channel,
                log_time=log_time,
                data=data[at + _MESSAGE_HEAD : at + length],
                publish_time=publish_time,
                sequence=sequence,
            )
        at += length


def _find_chunk(file: BinaryIO, begin: int, size: int) -> int:
    """Give the offset of the next plausible chunk from ``begin`` on, 0 if there is none."""
    at = begin
    while at < size:
        file.seek(at)
        window = file.read(_WINDOW)
        position = window.find(_ZSTD_FIELD, _ZSTD_FIELD_AT)
        while position >= 0:
            start = position - _ZSTD_FIELD_AT
            opcode, length = _HEAD.unpack_from(window, start)
            head = window[start : start + _HEAD_AND_CHUNK]
            if opcode == Opcode.CHUNK and at + start + _HEAD.size + length <= size and _plausible(opcode, length, head):
                return at + start
            position = window.find(_ZSTD_FIELD, position + 1)
        if len(window) < _WINDOW:
            return 0
        at += _WINDOW - _HEAD_AND_CHUNK
    return 0
