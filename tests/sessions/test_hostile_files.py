"""Files made to hurt end in one clear line, in bounded memory and time."""

from __future__ import annotations

import json
import random
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
import zstandard

from kneeimu.errors import InputError
from kneeimu.sessions.files import analyze_file
from kneeimu.sessions.mcap_scan import MAGIC
from kneeimu.sessions.recording import Recorder, read_recording
from kneeimu.types import Samples

from .recordings import SETUP, batches, record, squats

MOST_BYTES = 64 * 2**20
MOST_S = 10.0


def field(text: bytes) -> bytes:
    return struct.pack("<I", len(text)) + text


def entry(opcode: int, body: bytes, length: int | None = None) -> bytes:
    return struct.pack("<BQ", opcode, len(body) if length is None else length) + body


def chunk(data: bytes, claimed: int, compression: bytes = b"zstd", crc: int = 0) -> bytes:
    return entry(6, struct.pack("<QQQI", 0, 0, claimed, crc) + field(compression) + struct.pack("<Q", len(data)) + data)


HEADER = entry(1, field(b"kneeimu") + field(b"test"))
BOMB = zstandard.compress(bytes(2**29), 19)
SMALL_BOMB = zstandard.compress(bytes(2**22), 19)
DEEP = b'{"name":"x","time_s":0,"a":' + b"[" * 100_000

HOSTILE = {
    "huge record": entry(6, b"", 2**63),
    "record longer than the file": entry(6, bytes(100), 2**33),
    "chunk that claims 2^60": chunk(b"abc", 2**60),
    "bomb that tells its size": chunk(BOMB, 2**29),
    "bomb that lies": chunk(BOMB, 1000),
    "bomb that claims what is allowed": chunk(BOMB, 2**22),
    "many small bombs": chunk(SMALL_BOMB, 2**22, crc=zlib.crc32(bytes(2**22))) * 3000,
    "huge text": entry(1, struct.pack("<I", 2**32 - 1)),
    "huge map": entry(12, field(b"session") + struct.pack("<I", 2**32 - 1) + field(b"session") + field(b"{}")),
    "huge attachment": entry(9, struct.pack("<QQ", 0, 0) + field(b"a") + field(b"b") + struct.pack("<Q", 2**62) + b"c"),
    "unknown compression": chunk(b"abc", 3, b"brotli"),
    "deep JSON": chunk(
        message := entry(5, struct.pack("<HIQQ", 6, 0, 0, 0) + DEEP), len(message), b"", zlib.crc32(message)
    ),
    "endless chunk heads": (struct.pack("<BQ", 6, 60) + bytes(28) + b"\x04\0\0\0zstd" + b"\xff" * 15) * 30_000,
    "many empty records": entry(5, b"") * 100_000,
    "zeros": bytes(2**24),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_one_line_in_bounded_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hostile.mcap"
    path.write_bytes(MAGIC + HEADER + HOSTILE[name])
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"hostile.mcap: ") as caught:
            read_recording(path)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_session_with_something_hostile_behind_it_is_still_read_in_bounded_time(tmp_path: Path, name: str) -> None:
    whole = record(tmp_path, reps=1)[0].read_bytes()
    path = tmp_path / "hostile.mcap"
    path.write_bytes(whole[:-400] + HOSTILE[name])
    begin_s = time.monotonic()
    got = read_recording(path)
    assert time.monotonic() - begin_s < MOST_S
    assert len(got.samples) > 50
    assert got.problems


FOREIGN = {
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "text": b"hello\n",
    "CSV": b"t,ax,ay,az,gx,gy,gz\n0,1,2,3,4,5,6\n",
    "MCAP of others": MAGIC + entry(1, field(b"ros2") + field(b"rosbag2")) + entry(15, bytes(4)),
    "nothing": b"",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_ends_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "foreign.mcap").write_bytes(FOREIGN[name])
    with pytest.raises(InputError, match=r"foreign.mcap: .*(not|empty).*\(name a recording"):
        read_recording(tmp_path / "foreign.mcap")


def mutate(draw: random.Random, data: bytes) -> bytes:
    """Change bytes, repeat or drop pieces, overwrite lengths, as damage and malice do."""
    changed = bytearray(data)
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(changed))
        match draw.randrange(6):
            case 0:
                changed[at] ^= 1 << draw.randrange(8)
            case 1:
                changed[at : at + draw.randrange(50)] = draw.randbytes(draw.randrange(50))
            case 2:
                del changed[at : at + draw.randrange(2000)]
            case 3:
                piece = changed[at : at + draw.randrange(2000)]
                changed[draw.randrange(len(changed)) : 0] = piece
            case 4:
                changed[at : at + 8] = struct.pack("<Q", draw.choice([0, 1, 2**31, 2**32, 2**63, 2**64 - 1]))
            case 5:
                changed = changed[: draw.randrange(1, len(changed) + 1)]
        changed = changed or bytearray(b"\0")
    return bytes(changed)


def check_fuzzed(folder: Path, count: int, seed: int) -> None:
    data = record(folder, reps=0)[0].read_bytes()
    draw, path = random.Random(seed), folder / "fuzzed.mcap"
    for _ in range(count):
        path.write_bytes(mutate(draw, data))
        begin_s = time.monotonic()
        try:
            said = " ".join(read_recording(path, with_notifications=True).problems)
        except InputError as error:
            said = str(error)
        assert "\n" not in said
        assert time.monotonic() - begin_s < MOST_S


def test_fuzzed_recordings_are_read_or_refused(tmp_path: Path) -> None:
    check_fuzzed(tmp_path, 500, 1)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_fuzzed_recordings(tmp_path: Path) -> None:
    check_fuzzed(tmp_path, 100_000, 2)


WEIRD = {
    "not numbers": lambda t, a, g: (np.full_like(t, np.nan), a, g),
    "infinite": lambda t, a, g: (t, np.full_like(a, np.inf), g),
    "huge": lambda t, a, g: (t, a * 1e100, g * 1e100),
    "backwards": lambda t, a, g: (t[::-1].copy(), a, g),
    "far away": lambda t, a, g: (t + 1e15, a, g),
    "years between": lambda t, a, g: (np.where(t > 5, t + 1e9, t), a, g),
    "all at once": lambda t, a, g: (np.zeros_like(t), a, g),
    "nothing moves": lambda t, a, g: (t, np.zeros_like(a), np.zeros_like(g)),
    "noise": lambda t, a, g: (t, np.sin(a * 1e6) * 100, np.sin(g * 1e6) * 50),
}


@pytest.mark.parametrize("name", WEIRD)
def test_a_recording_of_nonsense_is_analysed_to_valid_json(tmp_path: Path, name: str) -> None:
    samples = squats(3)
    time_s, acc, gyr = WEIRD[name](samples.time_s, samples.acc_m_s2, samples.gyr_rad_s)
    with Recorder.create(tmp_path, SETUP, sensor={}) as recorder:
        for batch in batches(Samples(time_s, acc, gyr)):
            recorder.write_samples(batch)
    begin_s = time.monotonic()
    result = analyze_file(recorder.path).to_dict()
    assert time.monotonic() - begin_s < MOST_S
    json.dumps(result, allow_nan=False)
    assert result["link"]["samples"] == len(samples)
