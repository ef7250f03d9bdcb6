"""The sensor itself: bias at rest, six faces of the accelerometer, and what is kept of both."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.device import FACES, SixPositions, calibrate_rest, faces_seen, six_positions
from calibration.errors import CalibrationError
from calibration.frames import FloatArray
from calibration.profiles import DeviceProfile, alignment_name, device_name, load_device, save_device

G = 9.80665
Stream = tuple[FloatArray, FloatArray, FloatArray]


def laid(
    faces: tuple[str, ...] = FACES,
    *,
    matrix: FloatArray | None = None,
    offset: tuple[float, float, float] = (0, 0, 0),
    crooked_deg: float = 0.0,
    bias_deg_s: tuple[float, float, float] = (0.4, -0.3, 0.2),
    seconds: float = 4.0,
    seed: int = 0,
) -> Stream:
    """A box that is laid on its faces one after the other; its accelerometer reads ``matrix f + offset``."""
    rng = np.random.default_rng(seed)
    still, turning = round(seconds * 100), 100
    acc, gyr = [], []
    for face in faces:
        up = np.zeros(3)
        up["xyz".index(face[1])] = 1.0 if face[0] == "+" else -1.0
        up += np.radians(crooked_deg) * rng.normal(size=3)
        force = G * up / np.linalg.norm(up)
        read = (np.eye(3) if matrix is None else matrix) @ force + np.array(offset)
        acc += [read + rng.normal(0, 0.02, (still, 3)), read + rng.normal(0, 4.0, (turning, 3))]
        gyr += [rng.normal(0, 0.002, (still, 3)), rng.normal(0, 1.0, (turning, 3))]
    rate = np.concatenate(gyr) + np.radians(bias_deg_s)
    return np.arange(len(rate)) / 100.0, np.concatenate(acc), rate


def test_the_bias_is_read_from_the_rest_and_not_from_the_handling() -> None:
    rest = calibrate_rest(*laid(("+z",), bias_deg_s=(0.5, -1.2, 0.05), seconds=10.0))
    assert np.degrees(rest.bias_rad_s) == pytest.approx([0.5, -1.2, 0.05], abs=0.03)
    assert rest.gravity_m_s2 == pytest.approx(G, abs=0.01)
    assert 9.0 < rest.duration_s <= 10.5


def test_a_sensor_in_the_hand_is_not_at_rest() -> None:
    time_s, acc, gyr = laid(("+z",), seconds=12.0)
    with pytest.raises(CalibrationError, match="never lay still"):
        calibrate_rest(time_s, acc + np.sin(time_s * 9)[:, None], gyr + 0.3 * np.sin(time_s * 7)[:, None])


def test_some_seconds_between_two_movements_are_no_rest() -> None:
    with pytest.raises(CalibrationError, match="never lay still for 8 seconds"):
        calibrate_rest(*laid(("+z", "+z", "+z"), seconds=4.0))


def test_a_steady_turn_is_no_bias() -> None:
    with pytest.raises(CalibrationError, match=r"29 °/s at rest.*--gyr-unit deg/s"):
        calibrate_rest(*laid(("+z",), bias_deg_s=(0.0, 28.65, 0.0), seconds=12.0))


@pytest.mark.parametrize("column", [0, 1, 2])
def test_a_sample_that_is_no_number_is_left_out_of_the_rest(column: int) -> None:
    recording = laid(("+z",), seconds=12.0)
    recording[column][300] = np.nan
    assert np.degrees(calibrate_rest(*recording).bias_rad_s) == pytest.approx([0.4, -0.3, 0.2], abs=0.03)


@pytest.mark.parametrize("time_s", [0.0, np.nan])
def test_times_that_stand_still_are_refused(time_s: float) -> None:
    _, acc, gyr = laid()
    stopped = np.full(len(acc), time_s)
    with pytest.raises(CalibrationError, match="never lay still"):
        calibrate_rest(stopped, acc, gyr)
    with pytest.raises(CalibrationError, match="0 of six positions"):
        six_positions([(stopped, acc, gyr)])


@settings(max_examples=25, deadline=None)
@given(
    offset=st.tuples(*[st.floats(-0.6, 0.6)] * 3),
    scale=st.tuples(*[st.floats(0.93, 1.07)] * 3),
    cross=st.floats(-0.02, 0.02),
)
def test_offset_scale_and_cross_axes_are_found(
    offset: tuple[float, float, float], scale: tuple[float, float, float], cross: float
) -> None:
    matrix = np.diag(scale) + cross * (np.ones((3, 3)) - np.eye(3))
    six = six_positions([laid(matrix=matrix, offset=offset)])
    assert six.offset_m_s2 == pytest.approx(offset, abs=0.02)
    true = G * np.array([0.6, -0.64, 0.48])
    assert six.apply(np.atleast_2d(matrix @ true + offset))[0] == pytest.approx(true, abs=0.02)
    assert six.norm_after_m_s2 < 0.02


def test_the_faces_may_come_in_any_order_and_in_several_files() -> None:
    files = [laid(("-y", "+x"), offset=(0.2, 0, 0)), laid(("+z", "-x", "+y", "-z"), offset=(0.2, 0, 0), seed=2)]
    assert six_positions(files).offset_m_s2 == pytest.approx((0.2, 0, 0), abs=0.02)


def test_a_missing_face_is_named() -> None:
    with pytest.raises(CalibrationError, match="5 of six positions were found; missing: -z up"):
        six_positions([laid(FACES[:5])])
    assert faces_seen(*laid(("+x", "-z"))) == ["+x", "-z"]


def test_crooked_faces_show_in_the_residuals() -> None:
    straight, crooked = six_positions([laid()]), six_positions([laid(crooked_deg=1.0)])
    assert straight.residual_m_s2 < 0.02 < crooked.residual_m_s2
    assert set(crooked.residuals_m_s2) == set(FACES)


def test_faces_that_were_not_level_at_all_are_refused() -> None:
    with pytest.raises(CalibrationError, match="don't fit together"):
        six_positions([laid(crooked_deg=8.0)])


# --- what is kept -----------------------------------------------------------------------------------------------------


@pytest.fixture
def profile() -> DeviceProfile:
    return DeviceProfile(
        "AA:BB", "2026-01-02T03:04:05+00:00", calibrate_rest(*laid(seconds=9.0)), six_positions([laid()])
    )


def test_a_profile_comes_back_as_it_was(tmp_path: Path, profile: DeviceProfile) -> None:
    path = tmp_path / "devices" / device_name(profile.sensor)
    save_device(path, profile)
    assert load_device(path) == profile
    assert path.name == "aa-bb.json"
    assert path.stat().st_mode & 0o077 == 0
    assert [p.name for p in path.parent.iterdir()] == ["aa-bb.json"]


def test_a_profile_can_be_read_by_people(tmp_path: Path, profile: DeviceProfile) -> None:
    save_device(tmp_path / "a.json", profile)
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["six"]["offset_m_s2"]
    assert content["rest"]["bias_rad_s"]


def test_a_profile_corrects_readings(profile: DeviceProfile) -> None:
    _, acc, gyr = laid(("+z",))
    fixed_acc, fixed_gyr = profile.apply(acc[:300], gyr[:300])
    assert np.linalg.norm(fixed_acc.mean(axis=0)) == pytest.approx(G, abs=0.02)
    assert np.abs(fixed_gyr.mean(axis=0)).max() < 0.001
    nothing = DeviceProfile("x", "")
    assert nothing.apply(acc, gyr)[0] is acc


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "kneeimu device calibration", "version": 9}', "\x00"])
def test_a_foreign_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "foreign.json"
    path.write_text(content)
    with pytest.raises(CalibrationError, match="not a device calibration"):
        load_device(path)


@given(st.text(max_size=60))
def test_a_sensors_name_never_leads_out_of_its_folder(name: str) -> None:
    for file in (device_name(name), alignment_name(name, "left", "shin")):
        assert Path(file).name == file
        assert not file.startswith((".", "-"))


def test_a_wild_matrix_is_not_hidden() -> None:
    six = SixPositions(((2, 0, 0), (0, 1, 0), (0, 0, 1)), (1, 0, 0), 0, {}, 0, 0)
    assert six.apply(np.array([[2.0, 3.0, 4.0]]))[0].tolist() == [2.0, 3.0, 4.0]
