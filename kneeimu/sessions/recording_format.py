"""How a session lies in an MCAP file: channels and payloads, written by ``recording``, read by ``recording_reader``.

Messages lie in small chunks, each with its own checksum. The log time is the session's timeline laid on the wall clock
of its start, so that a clock set back meanwhile changes nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kneeimu.types import FloatArray, Samples

PROFILE = "kneeimu"
FORMAT_VERSION = 1
SUFFIX = ".mcap"
SESSION_METADATA = "session"
NS = 1_000_000_000

SESSION, SAMPLES, NOTIFICATIONS, EVENTS, STATUS, COMMANDS = 1, 2, 3, 4, 5, 6
TOPICS = {
    SESSION: ("/session", "json"),
    SAMPLES: ("/imu/samples", "application/x-kneeimu-samples"),
    NOTIFICATIONS: ("/imu/notifications", "application/x-kneeimu-notification"),
    EVENTS: ("/engine/events", "json"),
    STATUS: ("/link/status", "json"),
    COMMANDS: ("/person/commands", "json"),
}
"""Channel numbers never change, so that the messages after a damaged first chunk can still be read."""

JSON_SCHEMAS: dict[int, dict[str, Any]] = {
    SESSION: {"title": "kneeimu.Session", "type": "object", "description": "Setup, sensor and program."},
    EVENTS: {"title": "kneeimu.Event", "type": "object", "required": ["kind", "time_s"]},
    STATUS: {"title": "kneeimu.Status", "type": "object", "description": "State of the link, or of the recording."},
    COMMANDS: {"title": "kneeimu.Command", "type": "object", "required": ["name", "time_s"]},
}

PRESCRIPTION_ATTACHMENT = "prescription.json"
ALIGNMENT_ATTACHMENT = "alignment.json"
SENSOR_ATTACHMENT = "sensor.json"

_SAMPLES_HEAD = struct.Struct("<BBxxI")  # sensor, restart, number of samples; then t, acc, gyr as little-endian float64
_NOTIFICATION_HEAD = struct.Struct("<dBB")  # host time s, sensor, length of the characteristic's name; name, bytes
_ROW_BYTES = 7 * 8


@dataclass(frozen=True, slots=True)
class Command:
    """What the person did, as given to the engine or kept beside it.

    ``start-set`` and ``end-set`` change what the engine says; others (``pain``, ``correction``, ``pause``) do not.
    ``pain`` is told while training; what the app asked before the session is ``pain-before``, in each recording of it.
    """

    name: str
    time_s: float
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawNotification:
    """What a sensor sent, as it arrived; ``host_time_s`` on the session's timeline."""

    host_time_s: float
    characteristic: str
    data: bytes
    sensor: int = 0


def pack_samples(samples: Samples, sensor: int = 0) -> bytes:
    """Give the samples as bytes; every bit of every number is kept."""
    head = _SAMPLES_HEAD.pack(sensor, samples.restart, len(samples))
    columns = (samples.time_s, samples.acc_m_s2, samples.gyr_rad_s)
    return head + b"".join(np.ascontiguousarray(column, "<f8").tobytes() for column in columns)


def unpack_samples(data: bytes) -> tuple[int, Samples]:
    """Read what ``pack_samples`` gave: number of the sensor, samples.

    Raises:
        ValueError: the bytes do not fit.
    """
    if len(data) < _SAMPLES_HEAD.size:
        raise ValueError("samples are too short")
    sensor, restart, count = _SAMPLES_HEAD.unpack_from(data)
    if len(data) != _SAMPLES_HEAD.size + count * _ROW_BYTES:
        raise ValueError("samples do not have the length they claim")
    numbers: FloatArray = np.frombuffer(data, "<f8", offset=_SAMPLES_HEAD.size)
    return sensor, Samples(
        numbers[:count],
        numbers[count : 4 * count].reshape(count, 3),
        numbers[4 * count :].reshape(count, 3),
        bool(restart),
    )


def pack_notification(host_time_s: float, characteristic: str, data: bytes, sensor: int = 0) -> bytes:
    """Give a notification as bytes."""
    name = characteristic.encode()[:255]
    return _NOTIFICATION_HEAD.pack(host_time_s, sensor, len(name)) + name + data


def unpack_notification(data: bytes) -> RawNotification:
    """Read what ``pack_notification`` gave.

    Raises:
        ValueError: the bytes do not fit.
    """
    if len(data) < _NOTIFICATION_HEAD.size:
        raise ValueError("a notification is too short")
    host_time_s, sensor, length = _NOTIFICATION_HEAD.unpack_from(data)
    begin = _NOTIFICATION_HEAD.size + length
    if begin > len(data):
        raise ValueError("a notification is too short")
    name = data[_NOTIFICATION_HEAD.size : begin].decode("utf-8", errors="replace")
    return RawNotification(host_time_s, name, data[begin:], sensor)
