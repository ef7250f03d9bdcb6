"""What a worker must know to go on with a session that another worker began: the batches so far, in a file.

The engine gives the same events for the same samples, so its state is what it was fed: no state of the engine is
stored, a new program can go on with what an old one began, and a file that somebody tampered with is data and never
code. A batch is appended in one write after its events are published and before it is acknowledged. It may be there
twice (a worker that was thought dead): what has a number that came before is passed over.

A session that ended leaves its last batch's number and no samples.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kneeimu.cluster.batch import MOST_BYTES, RawBatch, decode_batch, encode_batch
from kneeimu.sessions.atomic import write_private
from kneeimu.sessions.private import make_private

SUFFIX = ".raw"
_LENGTH = struct.Struct("<I")


class Checkpoints:
    """The folder that all workers of a cluster share.

    Args:
        folder: this user's alone; made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, wearer: str, session: str) -> Path:
        """Give the file of a session."""
        return self.folder / wearer / f"{session}{SUFFIX}"

    def read(self, wearer: str, session: str) -> list[RawBatch]:
        """Give the batches in order, each once; cut off what a killed worker left half written.

        Raises:
            OSError: the folder can't be used.
        """
        path = self.path(wearer, session)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return []
        batches: list[RawBatch] = []
        whole = 0
        for batch, end in _records(data):
            whole = end
            if not batches or batch.number > batches[-1].number:
                batches.append(batch)
        if whole < len(data):
            os.truncate(path, whole)
        return batches

    def size(self, wearer: str, session: str) -> int:
        """Give how many bytes are kept of a session."""
        try:
            return self.path(wearer, session).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, wearer: str, session: str, data: bytes) -> None:
        """Keep an encoded batch.

        Raises:
            OSError: it can't be written, or not all of it.
        """
        path = self.path(wearer, session)
        record = _LENGTH.pack(len(data)) + data
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        try:
            handle = os.open(path, flags, 0o600)
        except FileNotFoundError:
            make_private(path.parent)
            handle = os.open(path, flags, 0o600)
        try:
            begun = os.fstat(handle).st_size
            if os.write(handle, record) < len(record):
                os.ftruncate(handle, begun)
                raise OSError(28, os.strerror(28), str(path))
        finally:
            os.close(handle)

    def close(self, wearer: str, batch: RawBatch) -> None:
        """Keep of a session that ended that it did, and throw the samples away.

        Raises:
            InputError: it can't be written.
        """
        data = encode_batch(replace(batch, items=(), last=True))
        write_private(self.path(wearer, batch.session), _LENGTH.pack(len(data)) + data)

    def sweep(self, older_than_s: float) -> int:
        """Delete files that nobody has written to for that long; give how many."""
        swept = 0
        for path in self.folder.glob(f"*/*{SUFFIX}"):
            try:
                if time.time() - path.stat().st_mtime > older_than_s:
                    path.unlink()
                    swept += 1
            except FileNotFoundError:  # another worker was quicker
                continue
        return swept


def _records(data: bytes) -> Iterator[tuple[RawBatch, int]]:
    """Give each whole batch and where it ends."""
    at = 0
    while at + _LENGTH.size <= len(data):
        (length,) = _LENGTH.unpack_from(data, at)
        end = at + _LENGTH.size + length
        if length > MOST_BYTES or end > len(data):
            return
        batch = decode_batch(data[at + _LENGTH.size : end])
        if batch is None:
            return
        yield batch, end
        at = end
