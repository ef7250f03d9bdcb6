"""Raw samples of one sensor on their way to a worker: some tenths of a second in one binary message.

Every batch tells all that a worker must know, so that any worker can go on with any of them. Little-endian:

=======  =========  ====================================================================================
offset   type       what
=======  =========  ====================================================================================
0        4 bytes    ``KIMU``
4        u8         version, 1
5        u8         1 in the last batch of a session, else 0
6        u16        n, number of samples, at most 8192
8        u32        number of the batch in its session, from 1, each one more than the last
12       u32        length of the head, bytes, at most 16384
16       f64        when the last sample came to the gateway, s since 1970 (UTC)
24       u32        CRC-32 of the whole message with these four bytes zero
28       bytes      head: JSON, UTF-8
…        n × f64    time of each sample, s on the session's timeline, strictly increasing
…        n × 3 f32  specific force, m/s²
…        n × 3 f32  angular rate, rad/s
=======  =========  ====================================================================================

The head has ``session`` (names it), ``setup`` (as in recordings), ``marks`` and what else is known (``name``,
``target``, ``link``). A mark is what happened before the sample of that index: ``[index, "restart"]`` or
``[index, "command", name, time_s, data]``.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kneeimu.sessions.recording import setup_to_dict
from kneeimu.sessions.recording_format import Command
from kneeimu.sessions.recording_reader import setup_from_dict
from kneeimu.telemetry.broker import ID
from kneeimu.telemetry.payloads import plain_text, whole
from kneeimu.types import Samples, Setup

MAGIC, VERSION = b"KIMU", 1
MOST_SAMPLES, MOST_HEAD, MOST_MARKS = 8192, 16_384, 256
MOST_BYTES = 28 + MOST_HEAD + MOST_SAMPLES * 32
LATEST_S = 1e9
"""A time on a session's timeline beyond this is none, and one of the clock before it (2001) neither, s."""
_FIXED = struct.Struct("<4sBBHIIdI")
_CRC_AT = 24


@dataclass(frozen=True, slots=True)
class About:
    """What a coach sees beside the counts.

    Attributes:
        name: the wearer's, for people. target: reps to reach; None when none are prescribed.
        received, lost: samples, by the sensor's link.
    """

    name: str = ""
    target: int | None = None
    battery_percent: int | None = None
    received: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class RawBatch:
    """One message.

    Attributes:
        session: names the session, the same in all of its batches.
        number: from 1, each one more than the last.
        items: samples and what the person did, in order.
        host_utc_s: when the last sample came to the gateway, s since 1970.
        last: nothing more will come.
    """

    session: str
    number: int
    setup: Setup
    items: tuple[Samples | Command, ...]
    host_utc_s: float
    last: bool = False
    about: About = field(default_factory=About)

    @property
    def sample_count(self) -> int:
        """Samples in it."""
        return sum(len(item) for item in self.items if isinstance(item, Samples))


def encode_batch(batch: RawBatch) -> bytes:
    """Give the batch as bytes. Samples keep the seven digits of a 32-bit float, times all of theirs.

    Raises:
        ValueError: it is too large for one message.
    """
    marks: list[list[Any]] = []
    runs: list[Samples] = []
    count = 0
    for item in batch.items:
        if isinstance(item, Command):
            marks.append([count, "command", item.name, item.time_s, dict(item.data)])
            continue
        if item.restart:
            marks.append([count, "restart"])
        runs.append(item)
        count += len(item)
    about = batch.about
    content = {
        "session": batch.session, "setup": setup_to_dict(batch.setup), "marks": marks, "name": about.name,
        "target": about.target,
        "link": {"battery_percent": about.battery_percent, "received": about.received, "lost": about.lost},
    }  # fmt: skip
    head = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    if count > MOST_SAMPLES or len(head) > MOST_HEAD or len(marks) > MOST_MARKS:
        raise ValueError(f"{count} samples and {len(marks)} marks are too many for one message")
    fixed = _FIXED.pack(MAGIC, VERSION, batch.last, count, batch.number, len(head), batch.host_utc_s, 0)
    columns = [np.concatenate([run.time_s for run in runs]).astype("<f8")] if runs else []
    columns += [np.concatenate([run.acc_m_s2 for run in runs]).astype("<f4")] if runs else []
    columns += [np.concatenate([run.gyr_rad_s for run in runs]).astype("<f4")] if runs else []
    data = bytearray(b"".join((fixed, head, *(column.tobytes() for column in columns))))
    struct.pack_into("<I", data, _CRC_AT, zlib.crc32(data))
    return bytes(data)


def decode_batch(data: bytes) -> RawBatch | None:
    """Read a batch; None for anything else, whatever the bytes are."""
    try:
        return _decode(data)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        return None  # what the head holds can be of any shape


def _decode(data: bytes) -> RawBatch:
    if not _FIXED.size <= len(data) <= MOST_BYTES:
        raise ValueError("too short or too long")
    magic, version, last, count, number, head_length, host_utc_s, crc = _FIXED.unpack_from(data)
    if magic != MAGIC or version != VERSION or last > 1 or number < 1 or not LATEST_S < host_utc_s < 1e10:
        raise ValueError("no batch of this version")
    if head_length > MOST_HEAD or count > MOST_SAMPLES or len(data) != _FIXED.size + head_length + 32 * count:
        raise ValueError("not as long as it says")
    if zlib.crc32(data[:_CRC_AT] + bytes(4) + data[_FIXED.size :]) != crc:
        raise ValueError("damaged on the way")
    head = json.loads(data[_FIXED.size : _FIXED.size + head_length])
    setup = setup_from_dict(head["setup"])
    session = head["session"]
    if not ID.fullmatch(session) or not 20.0 <= setup.sampling_rate_hz <= 500.0:
        raise ValueError("no name for a session, or no rate that can be")
    samples = _samples(data[_FIXED.size + head_length :], count)
    return RawBatch(
        session, number, setup, tuple(_items(samples, head["marks"])), host_utc_s, bool(last), _about(head)
    )  # fmt: skip


def _samples(data: bytes, count: int) -> Samples:
    time_s = np.frombuffer(data, "<f8", count)
    acc, gyr = np.frombuffer(data, "<f4", 6 * count, 8 * count).astype(np.float64).reshape(2, count, 3)
    if count and not (np.all(np.diff(time_s) > 0) and time_s[0] > -LATEST_S and time_s[-1] < LATEST_S):
        raise ValueError("times do not increase")
    return Samples(time_s, acc, gyr)


def _items(samples: Samples, marks: list[Any]) -> list[Samples | Command]:
    """Cut the samples where something happened."""
    if len(marks) > MOST_MARKS:
        raise ValueError("too many marks")
    items: list[Samples | Command] = []
    begun, restart = 0, False
    for index, kind, *rest in marks:
        if not isinstance(index, int) or not begun <= index <= len(samples):
            raise ValueError("marks out of order")
        if index > begun:
            items.append(_part(samples, begun, index, restart))
            begun, restart = index, False
        if kind == "restart":
            restart = True
        else:
            items.append(_command(*rest))
    if len(samples) > begun:
        items.append(_part(samples, begun, len(samples), restart))
    return items


def _part(samples: Samples, begun: int, end: int, restart: bool) -> Samples:
    if begun == 0 and end == len(samples) and not restart:
        return samples
    part = slice(begun, end)
    return Samples(samples.time_s[part], samples.acc_m_s2[part], samples.gyr_rad_s[part], restart)


def _command(name: str, time_s: float, data: dict[str, Any]) -> Command:
    if not isinstance(name, str) or not isinstance(data, dict) or not math.isfinite(time_s) or abs(time_s) > LATEST_S:
        raise ValueError("no command")
    known: dict[str, Any] = {}
    if name == "pain":
        known["level"] = whole(data, "level", 0, 10)
    elif name == "correction":
        known["by"] = max(-1, min(1, int(data["by"])))
    return Command(name, float(time_s), known)


def _about(head: dict[str, Any]) -> About:
    link = head.get("link")
    link = link if isinstance(link, dict) else {}
    name = head.get("name")
    return About(
        plain_text(name) if isinstance(name, str) else "", whole(head, "target", 1, 1000),
        whole(link, "battery_percent", 0, 100), whole(link, "received") or 0, whole(link, "lost") or 0,
    )  # fmt: skip
