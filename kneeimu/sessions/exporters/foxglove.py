"""MCAP for Foxglove: every channel has a name and a JSON schema, so that plots and 3D views work at once."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from kneeimu.sessions.atomic import write_private
from kneeimu.sessions.exporters.columns import ANGLES, REPS, SAMPLES, WORDS, Column, about, frames, rep_rows
from kneeimu.sessions.play import Played
from kneeimu.types import RepCounted, event_to_dict

NS = 1_000_000_000
INFO, WARNING = 2, 3
"""Levels of foxglove.Log."""

TIME = {"type": "object", "title": "time", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}}
XYZ = {"type": "object", "properties": {axis: {"type": "number"} for axis in "xyz"}}
FRAME_TRANSFORM = {
    "title": "foxglove.FrameTransform",
    "type": "object",
    "properties": {
        "timestamp": TIME,
        "parent_frame_id": {"type": "string"},
        "child_frame_id": {"type": "string"},
        "translation": XYZ,
        "rotation": {"type": "object", "properties": {part: {"type": "number"} for part in "xyzw"}},
    },
}
LOG = {
    "title": "foxglove.Log",
    "type": "object",
    "properties": {
        "timestamp": TIME,
        "level": {"type": "integer"},
        "message": {"type": "string"},
        "name": {"type": "string"},
        "file": {"type": "string"},
        "line": {"type": "integer"},
    },
}


def write_foxglove(played: Played, folder: Path) -> list[Path]:
    """Write ``NAME_foxglove.mcap`` with the channels ``/imu``, ``/angles``, ``/tf``, ``/reps`` and ``/log``.

    The time is UTC where the start is known, else it counts from 1970.

    Raises:
        InputError: the folder can't be written.
    """
    from mcap.writer import CompressionType, Writer

    buffer = io.BytesIO()
    writer: Any = Writer(buffer, compression=CompressionType.ZSTD)
    writer.start(profile="", library="kneeimu")
    start_ns = round(played.started.timestamp() * NS) if played.started else 0
    stream = _Stream(writer, start_ns)
    _imu(played, stream)
    _angles(played, stream)
    _reps(played, stream)
    _log(played, stream)
    said = {**about(played), **{f"frame of {name}": text for name, text in frames(played).items()}}
    writer.add_metadata("session", {key: str(value) for key, value in said.items()})
    writer.finish()
    path = folder / f"{played.name}_foxglove.mcap"
    write_private(path, buffer.getvalue())
    return [path]


class _Stream:
    """Channels by topic, and messages with the time of the session."""

    def __init__(self, writer: Any, start_ns: int) -> None:
        self._writer, self._start_ns = writer, start_ns
        self._channels: dict[str, int] = {}

    def channel(self, topic: str, schema: dict[str, Any]) -> None:
        data = json.dumps(schema).encode()
        number = self._writer.register_schema(name=schema["title"], encoding="jsonschema", data=data)
        self._channels[topic] = self._writer.register_channel(topic=topic, message_encoding="json", schema_id=number)

    def stamp(self, time_s: float) -> dict[str, int]:
        now = self._start_ns + round(time_s * NS)
        return {"sec": now // NS, "nsec": now % NS}

    def send(self, topic: str, time_s: float, message: dict[str, Any]) -> None:
        now = self._start_ns + round(time_s * NS)
        data = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
        self._writer.add_message(self._channels[topic], log_time=now, publish_time=now, data=data)


def _schema(title: str, columns: tuple[Column, ...]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "properties": {
            column.name: {
                "type": ["string", "null"] if column.name in WORDS else ["number", "null"],
                "description": f"{column.meaning} [{column.unit}]" if column.unit else column.meaning,
            }
            for column in columns
        },
    }


def _imu(played: Played, stream: _Stream) -> None:
    stream.channel("/imu", _schema("kneeimu.Imu", SAMPLES))
    names = [column.name for column in SAMPLES]
    samples = played.samples
    for time_s, acc, gyr in zip(
        samples.time_s.tolist(), samples.acc_m_s2.tolist(), samples.gyr_rad_s.tolist(), strict=True
    ):
        stream.send("/imu", time_s, dict(zip(names, (time_s, *acc, *gyr), strict=True)))


def _angles(played: Played, stream: _Stream) -> None:
    stream.channel("/angles", _schema("kneeimu.Angles", ANGLES[:3]))
    stream.channel("/tf", FRAME_TRANSFORM)
    trace = played.trace
    child = f"{played.setup.side}_{played.setup.mount}"
    nowhere = {"x": 0.0, "y": 0.0, "z": 0.0}
    for time_s, angle, medial, quat in zip(
        trace.time_s.tolist(),
        trace.angle_deg.tolist(),
        trace.medial_deg.tolist(),
        trace.quat_segment_to_world.tolist(),
        strict=True,
    ):
        known = None if medial != medial else medial
        stream.send("/angles", time_s, {"t": time_s, "angle_deg": angle, "medial_deg": known})
        turn = dict(zip("wxyz", quat, strict=True))
        frame = {"parent_frame_id": "room", "child_frame_id": child, "translation": nowhere, "rotation": turn}
        stream.send("/tf", time_s, {"timestamp": stream.stamp(time_s), **frame})


def _reps(played: Played, stream: _Stream) -> None:
    stream.channel("/reps", _schema("kneeimu.Rep", REPS))
    for row in rep_rows(played):
        stream.send("/reps", row["counted_s"] if row["end_s"] is None else row["end_s"], row)


def _log(played: Played, stream: _Stream) -> None:
    stream.channel("/log", LOG)
    for event in played.analysis.events:
        if not isinstance(event, RepCounted):
            data = event_to_dict(event)
            kind = data.pop("kind")
            level = WARNING if kind in ("warning", "gap", "rejected") else INFO
            text = f"{kind}: {json.dumps(data)}"
            said = {"timestamp": stream.stamp(event.time_s), "level": level, "message": text, "name": "engine"}
            stream.send("/log", event.time_s, {**said, "file": "", "line": 0})
