"""A table of unknown origin: columns and units are found, and what can't be found is asked for."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kneeimu.errors import InputError
from kneeimu.sessions.importers import import_recording
from kneeimu.sessions.importers import source as source_module
from kneeimu.sessions.importers.table import parse_table
from kneeimu.sessions.importers.units import rate_unit, turning_ratio

from .foreign import G, swinging_leg

LEG = swinging_leg()


def write(path: Path, head: str, *, time: float = 1.0, acc: float = 1.0, gyr: float = 1.0) -> Path:
    rows = np.column_stack([LEG.time_s * time, LEG.acc_m_s2 * acc, LEG.gyr_rad_s * gyr])
    np.savetxt(path, rows, delimiter=",", header=head, comments="", fmt="%.6f")
    return path


@pytest.mark.parametrize(
    ("head", "time", "acc", "gyr"),
    [
        ("t,ax,ay,az,gx,gy,gz", 1.0, 1.0, 1.0),
        ("Timestamp(ms),AccX(g),AccY(g),AccZ(g),GyroX(deg/s),GyroY(deg/s),GyroZ(deg/s)", 1e3, 1 / G, 180 / np.pi),
        ("time,accel_x,accel_y,accel_z,gyro_x,gyro_y,gyro_z", 1e6, 1000 / G, 180 / np.pi),
        ("elapsed_s,acc x,acc y,acc z,wx,wy,wz", 1.0, 1 / G, 1.0),
    ],
)
def test_names_and_units_are_found(head: str, time: float, acc: float, gyr: float, tmp_path: Path) -> None:
    got = import_recording(write(tmp_path / "any.csv", head, time=time, acc=acc, gyr=gyr))
    assert got.sampling_rate_hz == pytest.approx(50.0, rel=1e-3)
    np.testing.assert_allclose(got.samples.acc_m_s2, LEG.acc_m_s2, atol=0.01)
    np.testing.assert_allclose(got.samples.gyr_rad_s, LEG.gyr_rad_s, atol=0.001)


def test_a_mapping_names_odd_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.csv", "wann,eins,zwei,drei,vier,fuenf,sechs")
    with pytest.raises(InputError, match="--map"):
        import_recording(path)
    columns = ["wann", "eins", "zwei", "drei", "vier", "fuenf", "sechs"]
    mapping = dict(zip(("t", "ax", "ay", "az", "gx", "gy", "gz"), columns, strict=True))
    assert import_recording(path, mapping=mapping).format == "generic"


def test_a_wrong_unit_in_the_header_is_not_believed(tmp_path: Path) -> None:
    path = write(tmp_path / "liar.csv", "t (s),ax (g),ay (g),az (g),gx (rad/s),gy (rad/s),gz (rad/s)", gyr=180 / np.pi)
    got = import_recording(path)
    np.testing.assert_allclose(got.samples.gyr_rad_s, LEG.gyr_rad_s, atol=0.001)
    assert sum("is stated" in sentence for sentence in got.assumed) == 2


@pytest.mark.parametrize("told", ["rad/s", "deg/s"])
def test_a_unit_that_a_person_told_is_not_said_to_be_the_file_s(told: str, tmp_path: Path) -> None:
    got = import_recording(write(tmp_path / "any.csv", "t,ax,ay,az,gx,gy,gz"), gyr_unit=told)
    rate = next(sentence for sentence in got.assumed if "angular rate" in sentence)
    assert "stated" in rate
    assert "file" not in rate


def test_acceleration_without_gravity_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "linear.csv", "t,ax,ay,az,gx,gy,gz", acc=0.01)
    with pytest.raises(InputError, match="gravity has been taken out"):
        import_recording(path)


def test_a_still_recording_does_not_tell_the_unit_of_the_rate(tmp_path: Path) -> None:
    time = np.arange(0.0, 10.0, 0.01)
    rows = np.column_stack([time, np.tile([0.0, 0.0, G], (len(time), 1)), np.zeros((len(time), 3))])
    path = tmp_path / "still.csv"
    np.savetxt(path, rows, delimiter=",", header="t,ax,ay,az,gx,gy,gz", comments="", fmt="%.4f")
    with pytest.raises(InputError, match="--gyr-unit"):
        import_recording(path)
    assert import_recording(path, gyr_unit="deg/s").sampling_rate_hz == pytest.approx(100.0)


def test_axes_that_do_not_belong_together_show() -> None:
    ratio, agreement = turning_ratio(LEG.time_s, LEG.acc_m_s2, LEG.gyr_rad_s)
    assert ratio == pytest.approx(1.0, abs=0.05)
    assert agreement > 0.9
    assert turning_ratio(LEG.time_s, LEG.acc_m_s2, -LEG.gyr_rad_s)[0] < 0.0


@pytest.mark.parametrize(("factor", "unit"), [(1.0, "rad/s"), (180.0 / np.pi, "deg/s"), (180_000.0 / np.pi, "mdeg/s")])
def test_the_unit_of_the_rate_is_known_also_of_a_walking_leg(factor: float, unit: str) -> None:
    """A thigh swings under the hip: what it is pushed with hides most of how gravity turns."""
    time_s = np.arange(0.0, 30.0, 0.01)
    angle, rate = 0.4 * np.sin(6.0 * time_s), 2.4 * np.cos(6.0 * time_s)
    swung_m_s2 = 0.22 * 14.4 * np.sin(6.0 * time_s)
    nothing = np.zeros_like(time_s)
    acc = np.column_stack([nothing, G * np.cos(angle), -G * np.sin(angle) + swung_m_s2])
    gyr = factor * np.column_stack([rate, nothing, nothing])
    assert abs(turning_ratio(time_s, acc, gyr)[0] * factor) < 0.25
    for stated in ("rad/s", "deg/s", "mdeg/s", None):
        assert rate_unit(time_s, acc, gyr, stated, "somewhere").name == unit


def test_rows_without_numbers_are_left_out_and_said(tmp_path: Path) -> None:
    path = write(tmp_path / "holes.csv", "t,ax,ay,az,gx,gy,gz")
    lines = path.read_text().splitlines()
    lines[100] = lines[100].split(",")[0] + ",,,,,,"
    path.write_text("\n".join(lines))
    got = import_recording(path)
    assert len(got.samples) == len(LEG) - 1
    assert any("1 row of" in sentence for sentence in got.assumed)


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "MOST_BYTES", 100_000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "0,0,0,0\n" * 100_000)
    with pytest.raises(InputError, match="larger than"):
        import_recording(path)


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=st.sampled_from('0123456789.,;\t-+eE"abcxyz \n/()[]'), max_size=400))
def test_any_text_is_a_table_or_a_clear_refusal(text: str) -> None:
    try:
        table = parse_table(text, "somewhere")
    except InputError:
        return
    assert all(len(table.cells(name)) == table.count() for name in table.names)
    for name in table.names:
        assert len(table.numbers(name)) == table.count()


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_file_is_a_recording_or_a_clear_refusal(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(data)
    with pytest.raises(InputError):
        import_recording(path)


def test_an_archive_that_is_damaged_is_told(tmp_path: Path) -> None:
    path = tmp_path / "broken.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", write(tmp_path / "a.csv", "t,ax,ay,az,gx,gy,gz").read_text())
    data = bytearray(path.read_bytes())
    data[500:520] = bytes(20)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"the archive can't be read.*export it again"):
        import_recording(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        import_recording(tmp_path / "gone.csv")


def test_a_quote_that_never_ends_is_a_clear_refusal(tmp_path: Path) -> None:
    path = write(tmp_path / "quote.csv", "t,ax,ay,az,gx,gy,gz")
    path.write_text(path.read_text() + '"' + "1,2,3,4,5,6,7\n" * 20_000)
    with pytest.raises(InputError, match="is not a table"):
        import_recording(path)


def test_a_rate_takes_the_place_of_a_clock(tmp_path: Path) -> None:
    path = tmp_path / "MT.txt"
    rows = np.column_stack([np.arange(len(LEG)), LEG.acc_m_s2, LEG.gyr_rad_s])
    head = "// General information:\nPacketCounter\tAcc_X\tAcc_Y\tAcc_Z\tGyr_X\tGyr_Y\tGyr_Z"
    np.savetxt(path, rows, delimiter="\t", header=head, comments="", fmt="%.6f")
    with pytest.raises(InputError, match="--rate"):
        import_recording(path)
    got = import_recording(path, rate_hz=50.0, format="xsens-mt")
    np.testing.assert_allclose(got.samples.gyr_rad_s, LEG.gyr_rad_s, atol=1e-5)


def test_a_rate_that_turns_against_gravity_is_refused_and_can_be_turned(tmp_path: Path) -> None:
    path = write(tmp_path / "mirror.csv", "t,ax,ay,az,gx,gy,gz", gyr=-1.0)
    with pytest.raises(InputError, match=r"do not belong together.*gx=-gyro_x"):
        import_recording(path)
    got = import_recording(path, mapping={"gx": "-gx", "gy": "-gy", "gz": "-gz"})
    np.testing.assert_allclose(got.samples.gyr_rad_s, LEG.gyr_rad_s, atol=1e-5)
