"""What LabRecorder would write of our streams is read by pyxdf: headers, units and samples.

The file is made here from what an inlet gives, chunk by chunk after the XDF specification; LabRecorder itself is no
Python package.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from made_leg import played_squats

from kneeimu.sessions.exporters.lsl import LslStreams

pylsl = pytest.importorskip("pylsl", exc_type=ImportError)
pyxdf = pytest.importorskip("pyxdf")

FILE_HEADER, STREAM_HEADER, SAMPLES, STREAM_FOOTER = 1, 2, 3, 6


def chunk(tag: int, content: bytes) -> bytes:
    length = len(content) + 2
    return b"\x04" + struct.pack("<IH", length, tag) + content


def xdf(header: str, rows: np.ndarray, stamps: list[float]) -> bytes:
    stream = struct.pack("<I", 1)
    body = b"".join(
        b"\x08" + struct.pack("<d", t) + row.astype("<f4").tobytes() for t, row in zip(stamps, rows, strict=True)
    )
    footer = f"<info><first_timestamp>{stamps[0]}</first_timestamp><sample_count>{len(rows)}</sample_count></info>"
    return b"".join(
        [
            b"XDF:",
            chunk(FILE_HEADER, b"<info><version>1.0</version></info>"),
            chunk(STREAM_HEADER, stream + header.encode()),
            chunk(SAMPLES, stream + b"\x04" + struct.pack("<I", len(rows)) + body),
            chunk(STREAM_FOOTER, stream + footer.encode()),
        ]
    )


def test_an_xdf_of_the_samples_is_read_with_labels_and_units(tmp_path: Path) -> None:
    played = played_squats(((0.0,),), rest_s=4.0)
    streams = LslStreams(played.setup, name="kneeimu xdf")
    inlet = pylsl.StreamInlet(pylsl.resolve_byprop("name", "kneeimu xdf imu", timeout=10.0)[0], recover=False)
    inlet.open_stream(timeout=10.0)
    streams.push_samples(played.samples)
    rows, stamps = [], []
    while len(stamps) < len(played.samples):
        got, times = inlet.pull_chunk(timeout=1.0)
        assert times, "the stream ran dry"
        rows += list(got)
        stamps += list(times)
    path = tmp_path / "session.xdf"
    path.write_bytes(xdf(inlet.info(timeout=5.0).as_xml(), np.array(rows), stamps))
    (stream,), _ = pyxdf.load_xdf(path, dejitter_timestamps=False)
    channels = stream["info"]["desc"][0]["channels"][0]["channel"]
    assert [one["label"][0] for one in channels] == ["ax", "ay", "az", "gx", "gy", "gz"]
    assert [one["unit"][0] for one in channels] == ["m/s²"] * 3 + ["rad/s"] * 3
    assert stream["info"]["desc"][0]["setup"][0]["exercise"] == ["squat"]
    np.testing.assert_allclose(stream["time_series"][:, :3], played.samples.acc_m_s2, atol=1e-4)
    np.testing.assert_allclose(np.diff(stream["time_stamps"]), 0.01, atol=1e-4)
