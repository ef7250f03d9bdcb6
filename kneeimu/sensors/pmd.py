"""Polar's measurement data service: control point replies and data frames, without a radio.

Facts from Polar's "online measurement" document and from captures named in docs/sensors.md.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kneeimu.sensors.driver import STANDARD_GRAVITY, Malformed
from kneeimu.types import FloatArray

ACC, GYRO, SDK_MODE = 2, 5, 9

RATE, RESOLUTION, RANGE, RANGE_MILLI, CHANNELS, FACTOR, SECURITY = range(7)
_VALUE_SIZES = {RATE: 2, RESOLUTION: 2, RANGE: 2, RANGE_MILLI: 4, CHANNELS: 1, FACTOR: 4, SECURITY: 16}

GET_SETTINGS, START, STOP = 0x01, 0x02, 0x03
DONE, ALREADY = 0, 6

_HEADER = struct.Struct("<BQB")
_COMPRESSED = 0x80
_MOST_SAMPLES = 1000  # of a frame; a block of width 0 claims samples for nothing
_WIDEST_DELTA = 32
_UNITS = {ACC: STANDARD_GRAVITY, GYRO: math.radians(1)}
_MILLI = 1e-3
# (measurement, compressed, frame type): bits of a value, and what one count is in g or °/s before the sensor's factor
_FORMS = {
    (ACC, False, 0): (8, _MILLI),
    (ACC, False, 1): (16, _MILLI),
    (ACC, False, 2): (24, _MILLI),
    (ACC, True, 0): (16, 1.0),
    (ACC, True, 1): (16, _MILLI),
    (GYRO, False, 0): (16, 1.0),
    (GYRO, True, 0): (16, 1.0),
    (GYRO, True, 1): (32, 1.0),  # the bits of a float, summed as integers
}
_FLOAT_BITS = 32
_FACTORED = {(ACC, True), (GYRO, True), (GYRO, False)}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the control point."""

    command: int
    measurement: int
    status: int
    settings: dict[int, list[int]]
    factor: float | None


@dataclass(frozen=True, slots=True)
class Frame:
    """Samples of one measurement; ``time_s`` is the sensor's clock at the last of them.

    ``values`` has shape (n, 3), in m/s² or rad/s.
    """

    measurement: int
    time_s: float
    values: FloatArray


def read_reply(data: bytes) -> Reply | None:
    """Give what the control point answered; None when it is no answer."""
    if len(data) < 4 or data[0] != 0xF0:
        return None
    settings, factor = _read_settings(data[5:]) if data[3] == DONE else ({}, None)
    return Reply(data[1], data[2], data[3], settings, factor)


def _read_settings(data: bytes) -> tuple[dict[int, list[int]], float | None]:
    settings: dict[int, list[int]] = {}
    factor = None
    offset = 0
    while offset + 2 <= len(data):
        kind, count = data[offset], data[offset + 1]
        size = _VALUE_SIZES.get(kind)
        end = offset + 2 + count * (size or 0)
        if size is None or end > len(data):
            break  # from here on nothing can be told apart
        values = [data[at : at + size] for at in range(offset + 2, end, size)]
        if kind == FACTOR and values:
            factor = float(struct.unpack("<f", values[0])[0])
        else:
            settings[kind] = [int.from_bytes(value, "little") for value in values]
        offset = end
    return settings, factor if factor is not None and math.isfinite(factor) and factor > 0 else None


def write_settings(settings: Mapping[int, int]) -> bytes:
    """Encode one chosen value a setting."""
    return b"".join(
        bytes([kind, 1]) + value.to_bytes(_VALUE_SIZES[kind], "little") for kind, value in sorted(settings.items())
    )


def read_frame(data: bytes, factors: Mapping[int, float]) -> Frame | Malformed:
    """Decode a data frame; ``factors`` are those of the start replies, by measurement."""
    if len(data) <= _HEADER.size:
        return Malformed("frame too short")
    measurement, time_ns, form = _HEADER.unpack_from(data)
    measurement &= 0x3F
    compressed = bool(form & _COMPRESSED)
    bits, unit = _FORMS.get((measurement, compressed, form & 0x7F), (0, 0.0))
    if not bits:
        return Malformed("frame of an unknown form")
    content = data[_HEADER.size :]
    counts = _read_deltas(content, bits // 8) if compressed else _read_raw(content, bits // 8)
    if isinstance(counts, Malformed):
        return counts
    values = counts.astype(np.float64)
    if bits == _FLOAT_BITS:
        with np.errstate(all="ignore"):
            values = counts.astype(np.uint64).astype(np.uint32).view(np.float32).astype(np.float64)
    factor = factors.get(measurement, 1.0) if (measurement, compressed) in _FACTORED else 1.0
    with np.errstate(all="ignore"):
        values = values * (unit * factor * _UNITS[measurement])
    return Frame(measurement, time_ns / 1e9, values)


def _read_raw(content: bytes, size: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]] | Malformed:
    if len(content) % (3 * size):
        return Malformed("frame cut in the middle of a sample")
    raw = np.frombuffer(content, np.uint8).reshape(-1, size).astype(np.int64)
    unsigned = raw @ (1 << 8 * np.arange(size, dtype=np.int64))
    return _signed(unsigned, 8 * size).reshape(-1, 3)


def _read_deltas(content: bytes, size: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]] | Malformed:
    """Decode a reference sample and blocks of differences, each of a bit width of its own (LSB first, xyz in turn)."""
    reference = _read_raw(content[: 3 * size], size)
    if isinstance(reference, Malformed) or len(content) < 3 * size:
        return Malformed("frame without a reference sample")
    parts = [reference]
    offset, total = 3 * size, 1
    while offset < len(content):
        if offset + 2 > len(content):
            return Malformed("frame cut in a block's head")
        width, count = content[offset], content[offset + 1]
        end = offset + 2 + math.ceil(3 * width * count / 8)
        total += count
        if end > len(content) or width > _WIDEST_DELTA or total > _MOST_SAMPLES:
            return Malformed("block of differences does not fit the frame")
        parts.append(_read_block(content[offset + 2 : end], width, count))
        offset = end
    counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = np.cumsum(np.concatenate(parts), axis=0)
    return counts


def _read_block(packed: bytes, width: int, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    if width == 0 or count == 0:
        return np.zeros((count, 3), dtype=np.int64)
    bits = np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little", count=3 * width * count)
    unsigned = bits.reshape(-1, width).astype(np.int64) @ (1 << np.arange(width, dtype=np.int64))
    return _signed(unsigned, width).reshape(-1, 3)


def _signed(
    unsigned: np.ndarray[tuple[int, ...], np.dtype[np.int64]], bits: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    half = np.int64(1) << (bits - 1)
    return (unsigned ^ half) - half
