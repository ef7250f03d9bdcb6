"""A stored alignment comes back as it was, and a damaged one says what to do."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from pathlib import Path

import pytest

from kneeimu.errors import InputError
from kneeimu.sessions.alignment_file import load_alignment, save_alignment
from kneeimu.types import Alignment

ALIGNMENT = Alignment(
    (0.5, -0.5, 0.5, 0.5), "left", "shin", "fair", 4.5, 1.25, 31.0, gyro_bias_rad_s=(0.01, -0.02, 0.0)
)


def test_it_comes_back_as_it_was_and_is_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "left-shin.json"
    save_alignment(path, ALIGNMENT, sensor="Knee 1", made="2026-01-01")
    assert load_alignment(path) == ALIGNMENT
    assert json.loads(path.read_text())["about"]["sensor"] == "Knee 1"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["left-shin.json"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "something"}, "not an alignment file"),
        ({"version": 99}, "version 99"),
        ({"side": "middle"}, "side must be one of left, right"),
        ({"quality": "superb"}, "quality must be one of"),
        ({"quat_segment_to_sensor": [1, 2, 3]}, "four numbers"),
        ({"quat_segment_to_sensor": [1, 1, 1, 1]}, "length 1"),
        ({"yaw_uncertainty_deg": None}, "yaw_uncertainty_deg must be a number"),
        ({"gyro_bias_rad_s": [0.0, 0.0]}, "gyro_bias_rad_s must be three numbers"),
        ({"gyro_bias_rad_s": [0.0, 0.0, 9.0]}, "larger than any sensor's"),
        ({"reference_tilt_deg": "2"}, "reference_tilt_deg must be a number"),
    ],
)
def test_a_field_that_does_not_fit_is_named(tmp_path: Path, change: dict, said: str) -> None:
    path = tmp_path / "a.json"
    save_alignment(path, ALIGNMENT)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=said) as caught:
        load_alignment(path)
    assert str(path) in str(caught.value)


def test_a_file_from_before_the_bias_was_kept_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    save_alignment(path, ALIGNMENT)
    content = json.loads(path.read_text())
    del content["gyro_bias_rad_s"]
    path.write_text(json.dumps(content))
    assert load_alignment(path) == dataclasses.replace(ALIGNMENT, gyro_bias_rad_s=None)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b" " * 2_000_000])
def test_a_foreign_file_ends_in_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(InputError, match="not an alignment file"):
        load_alignment(tmp_path / "a.json")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_alignment(tmp_path / "a.json")
