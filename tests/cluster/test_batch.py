"""The message of raw samples: what is written is read, and nothing else is."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kneeimu.cluster.batch import MOST_SAMPLES, About, RawBatch, decode_batch, encode_batch
from kneeimu.sessions.recording_format import Command
from kneeimu.types import Alignment, Samples, Setup

ALIGNED = Alignment((1.0, 0.0, 0.0, 0.0), "right", "thigh", "good", 2.0, 1.5, 60.0, 3.0)
SETUP = Setup("squat", "right", "thigh", 104.0, ALIGNED)


def run(first_s: float, count: int, restart: bool = False) -> Samples:
    noise = np.random.default_rng(count).normal(size=(2, count, 3)).astype(np.float32).astype(np.float64)
    return Samples(first_s + np.arange(count) / 104, noise[0], noise[1], restart)


def batch(*items: Samples | Command, **more: Any) -> RawBatch:
    return RawBatch("20261121T102351Z-abc123", 7, SETUP, items, 1.7e9, **more)


def same(one: Samples | Command, other: Samples | Command) -> bool:
    if isinstance(one, Command) or isinstance(other, Command):
        return one == other
    columns = ("time_s", "acc_m_s2", "gyr_rad_s")
    return one.restart == other.restart and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in columns
    )


def test_half_a_second_at_104_hz_takes_two_kilobytes() -> None:
    assert len(encode_batch(batch(run(0.0, 52)))) < 2200


def test_what_is_written_is_read() -> None:
    about = About("Anna", 12, 80, 5000, 3)
    written = batch(run(0.0, 52), last=True, about=about)
    read = decode_batch(encode_batch(written))
    assert read is not None
    assert (read.session, read.number, read.setup, read.host_utc_s, read.last, read.about) == (
        written.session, 7, SETUP, 1.7e9, True, about,
    )  # fmt: skip
    assert [same(*pair) for pair in zip(read.items, written.items, strict=True)] == [True]


def test_commands_and_restarts_keep_their_place_among_the_samples() -> None:
    items = (
        Command("start-set", 0.0, {}), run(0.0, 5), Command("pain", 0.05, {"level": 3}), Command("end-set", 0.05, {}),
        run(1.0, 4, restart=True), run(2.0, 6, restart=True), Command("correction", 2.1, {"by": -1}),
    )  # fmt: skip
    read = decode_batch(encode_batch(batch(*items)))
    assert read is not None
    assert [same(*pair) for pair in zip(read.items, items, strict=True)] == [True] * len(items)


def test_a_batch_without_samples_can_end_a_session() -> None:
    read = decode_batch(encode_batch(batch(last=True)))
    assert read is not None
    assert (read.items, read.last) == ((), True)


def test_too_many_samples_for_one_message_are_refused_by_the_writer() -> None:
    with pytest.raises(ValueError, match="too many"):
        encode_batch(batch(run(0.0, MOST_SAMPLES + 1)))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_a_failure(data: bytes) -> None:
    assert decode_batch(data) is None


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_batch_is_none(at: int, flip: int) -> None:
    data = bytearray(encode_batch(batch(run(0.0, 20))))
    data[at % len(data)] ^= flip
    assert decode_batch(bytes(data)) is None


@given(st.integers(0, 2200))
def test_a_batch_that_was_cut_off_is_none(length: int) -> None:
    data = encode_batch(batch(run(0.0, 52)))
    assert decode_batch(data[: min(length, len(data) - 1)]) is None


def forged(head: bytes, count: int = 0, body: bytes = b"", number: int = 1) -> bytes:
    """A message with a right checksum, whatever is in it."""
    data = bytearray(struct.pack("<4sBBHIIdI", b"KIMU", 1, 0, count, number, len(head), 1.7e9, 0) + head + body)
    struct.pack_into("<I", data, 24, zlib.crc32(data))
    return bytes(data)


@given(st.binary(max_size=200), st.integers(0, 3), st.binary(max_size=100))
def test_a_right_checksum_does_not_make_rubbish_a_batch(head: bytes, count: int, body: bytes) -> None:
    assert decode_batch(forged(head, count, body)) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
RIGHT = {"exercise": "squat", "side": "left", "mount": "thigh", "sampling_rate_hz": 100.0, "alignment": None}


@given(VALUES, VALUES, VALUES, VALUES)
def test_heads_of_any_shape_are_read_without_a_failure(session: Any, setup: Any, marks: Any, link: Any) -> None:
    for given_setup in (setup, RIGHT):
        for given_marks in (marks, [marks], [[0, "command", "pain", 1.0, marks]]):
            head = {"session": session, "setup": given_setup, "marks": given_marks, "link": link}
            decode_batch(forged(json.dumps(head).encode()))


@pytest.mark.parametrize("times", [[0.0, 0.0], [1.0, 0.5], [0.0, float("nan")], [0.0, float("inf")], [-1e300, 0.0]])
def test_times_that_do_not_increase_are_no_batch(times: list[float]) -> None:
    head = json.dumps({"session": "s", "setup": RIGHT, "marks": []}).encode()
    assert decode_batch(forged(head, 2, struct.pack("<2d12f", *times, *[0.0] * 12))) is None
    assert decode_batch(forged(head, 2, struct.pack("<2d12f", 0.0, 1.0, *[0.0] * 12))) is not None


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", "x" * 65, "a.b", "é"])
def test_a_session_can_not_name_a_file_elsewhere(name: str) -> None:
    head = json.dumps({"session": name, "setup": RIGHT, "marks": []}).encode()
    assert decode_batch(forged(head)) is None
