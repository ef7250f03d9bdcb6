"""CSV in: good files are read as they are; bad ones end in one line that names file, line and cure."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kneeimu.errors import InputError
from kneeimu.sessions.csv_file import HEADER, read_csv

GOOD_ROW = "0.1,-9.7,0.3,0.01,0.02,-0.03"


def good_lines(count: int = 200, rate_hz: float = 100.0) -> list[str]:
    return [HEADER, *(f"{i / rate_hz:.4f},{GOOD_ROW}" for i in range(count))]


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "knee.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_samples_and_rate_come_back_as_written(write) -> None:
    read = read_csv(write("\n".join(good_lines(rate_hz=128.0)) + "\n"))
    assert len(read.samples) == 200
    assert read.sampling_rate_hz == pytest.approx(128.0, rel=1e-3)
    np.testing.assert_allclose(read.samples.acc_m_s2[7], [0.1, -9.7, 0.3])
    np.testing.assert_allclose(read.samples.gyr_rad_s[7], [0.01, 0.02, -0.03])


@pytest.mark.parametrize("rate_hz", [20.0, 25.0, 95.0, 100.0, 128.0, 500.0])
def test_the_rate_survives_jitter_and_a_gap(write, rate_hz: float) -> None:
    random = np.random.default_rng(1)
    time_s = np.arange(400) / rate_hz + random.uniform(-0.2, 0.2, 400) / rate_hz
    time_s[200:] += 3.0
    lines = [HEADER, *(f"{t:.6f},{GOOD_ROW}" for t in time_s)]
    assert read_csv(write("\n".join(lines))).sampling_rate_hz == pytest.approx(rate_hz, rel=0.02)


def test_units_are_converted(write) -> None:
    lines = [HEADER, *(f"{i / 100},0,-1,0,0,90,0" for i in range(50))]
    samples = read_csv(write("\n".join(lines)), "g", "deg/s").samples
    np.testing.assert_allclose(samples.acc_m_s2[0], [0, -9.80665, 0])
    np.testing.assert_allclose(samples.gyr_rad_s[0], [0, math.pi / 2, 0])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text + "\n\n\n",
        lambda text: text.replace("t,ax,ay", "T, Ax ,ay"),
        lambda text: text.replace("t,ax,ay", '"t","ax","ay"'),
        lambda text: text.rstrip("\n"),
    ],
    ids=["bom", "crlf", "cr", "blank lines", "capitals", "quotes", "no newline at the end"],
)
def test_what_spreadsheets_do_to_a_file_is_no_error(write, change) -> None:
    assert len(read_csv(write(change("\n".join(good_lines()) + "\n"))).samples) == 200


def test_a_time_that_comes_twice_is_left_out_and_told(write) -> None:
    lines = good_lines()
    lines.insert(50, lines[49])
    read = read_csv(write("\n".join(lines)))
    np.testing.assert_array_equal(read.samples.time_s, read_csv(write("\n".join(good_lines()))).samples.time_s)
    assert "1 sample carries" in read.notes[0]


def lines_with(number: int, line: str, count: int = 200) -> str:
    lines = good_lines(count)
    lines[number - 1] = line
    return "\n".join(lines) + "\n"


BAD = {
    "empty": ("", "empty", "record"),
    "blank": ("\n \n", "empty", "record"),
    "header only": (HEADER + "\n", "no samples", "record"),
    "one sample": (f"{HEADER}\n0.0,{GOOD_ROW}\n", "only one sample", "seconds"),
    "no header": (f"0.0,{GOOD_ROW}\n0.01,{GOOD_ROW}\n", "line 1: the header is missing", HEADER),
    "wrong header": ("time,x,y,z\n0,1,2,3\n", "line 1: the header is 'time,x,y,z'", "kneeimu import"),
    "columns missing": ("t,ax,ay,az\n0,1,2,3\n", "missing: gx, gy, gz", HEADER),
    "other order": ("t,gx,gy,gz,ax,ay,az\n0,1,2,3,4,5,6\n", "another order", HEADER),
    "semicolons": ("\n".join(good_lines()).replace(",", ";"), "semicolons", "commas"),
    "tabs": ("\n".join(good_lines()).replace(",", "\t"), "tabs", "commas"),
    "a word": (lines_with(60, "0.58,1,2,x,4,5,6"), "line 60: column az is not a number: 'x'", "delete"),
    "nothing in a cell": (lines_with(60, "0.58,1,2,,4,5,6"), "line 60: column az is empty", "delete"),
    "nan": (lines_with(60, "0.58,1,2,nan,4,5,6"), "line 60: column az is not a finite number: 'nan'", "gap"),
    "infinite": (lines_with(60, "0.58,1,2,3,4,-inf,6"), "line 60: column gy is not a finite number", "gap"),
    "deep in the file": (lines_with(9000, "89.98,1,2,3,4,five,6", 9500), "line 9000: column gy", "delete"),
    "nan deep in the file": (lines_with(9000, "89.98,1,2,NaN,4,5,6", 9500), "line 9000: column az", "delete"),
    "too few columns": (lines_with(60, "0.58,1,2"), "line 60: the line has 3 of 7", "mend"),
    "too many columns": (lines_with(60, "0.58,1,2,3,4,5,6,7"), "line 60: the line has 8", "mend"),
    "cut off": ("\n".join(good_lines())[:-12], "line 201: the file was cut off", "delete this line"),
    "backwards": (lines_with(60, f"0.2,{GOOD_ROW}"), "line 60: time runs backwards", "order"),
    "standing still": ("\n".join([HEADER, *[f"1.0,{GOOD_ROW}"] * 50]), "line 3: time stands still", "decimals"),
    "milliseconds": (
        "\n".join([HEADER, *(f"{i * 10},{GOOD_ROW}" for i in range(50))]),
        "0.1 Hz",
        "milliseconds: write it in seconds",
    ),
    "too slow": ("\n".join(good_lines(rate_hz=5.0)), "5 Hz", "20 to 500"),
    "in g": ("\n".join([HEADER, *(f"{i / 100},0,-1.01,0.1,0,0,0" for i in range(50))]), "1.01", "--acc-unit g"),
    "no gravity": ("\n".join([HEADER, *(f"{i / 100},0,.1,0,0,0,0" for i in range(50))]), "0.1", "gravity is missing"),
    "deg/s": (
        "\n".join([HEADER, *(f"{i / 100},0,-9.8,0.1,{50 * math.sin(i / 20):.2f},0,0" for i in range(500))]),
        "turning rate",
        "--gyr-unit deg/s",
    ),
    "absurd": (lines_with(60, "0.58,0.1,-9.7,1e30,0,0,0"), "line 60: column az is 1e+30 m/s²", "delete the line"),
    "absurd turning": (
        lines_with(60, "0.58,0.1,-9.7,1,0,-400,0"),
        "line 60: column gy is -400 rad/s",
        "delete the line",
    ),
    "absurd after a line that comes twice": (
        lines_with(60, f"0.57,{GOOD_ROW}\n0.58,0.1,-9.7,1e30,0,0,0"),
        "line 61: column az is 1e+30 m/s²",
        "delete the line",
    ),
    "utf-16": ("\n".join(good_lines()).encode("utf-16"), "UTF-16", "UTF-8"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200), "line 3: the file holds binary data", HEADER),
    "zeros after a crash": ("\n".join(good_lines()).encode() + bytes(512), "line 201: the file holds binary", "disk"),
    "latin-1": (b"t,ax,ay,az,gx,gy,gz\n0,\xe9,2,3,4,5,6\n", "line 2: this is not UTF-8", "UTF-8"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_ends_in_one_line_with_place_and_cure(write, case: str) -> None:
    text, place, cure = BAD[case]
    path = write(text)
    with pytest.raises(InputError) as caught:
        read_csv(path)
    line = str(caught.value)
    assert str(path) in line
    assert place in line
    assert cure in line
    assert "\n" not in line
    assert len(line) < 400 + len(str(path))


def test_m_s2_given_as_g_is_noticed(write) -> None:
    with pytest.raises(InputError, match="leave --acc-unit out"):
        read_csv(write("\n".join(good_lines())), "g")


def swinging(rate_factor: float = 1.0, swing: float = 0.7) -> str:
    """A leg that swings about the sensor's x axis by so many radians, its rate in rad/s times a factor."""
    time_s = np.arange(1000) / 100.0
    angle, rate = swing * np.sin(2.0 * time_s), 2.0 * swing * np.cos(2.0 * time_s) * rate_factor
    up, ahead = 9.81 * np.cos(angle), -9.81 * np.sin(angle)
    rows = zip(time_s, up, ahead, rate, strict=True)
    return "\n".join([HEADER, *(f"{t:.2f},0,{y:.4f},{z:.4f},{x:.5f},0,0" for t, y, z, x in rows)])


def test_rad_s_given_as_deg_s_is_told(write) -> None:
    (note,) = read_csv(write(swinging()), gyr_unit="deg/s").notes
    assert "looks like rad/s, not deg/s" in note
    assert "--gyr-unit" in note


def test_slow_deg_s_given_as_rad_s_is_told(write) -> None:
    (note,) = read_csv(write(swinging(180.0 / math.pi, swing=0.15))).notes
    assert "looks like deg/s, not rad/s" in note


def test_a_rate_that_was_converted_twice_is_told(write) -> None:
    (note,) = read_csv(write(swinging(math.pi / 180.0))).notes
    assert "no unit fits" in note
    assert "--gyr-unit" in note


def test_a_rate_that_turns_against_gravity_is_told(write) -> None:
    (note,) = read_csv(write(swinging(-1.0))).notes
    assert "turns against gravity" in note
    assert "kneeimu import --map" in note


@pytest.mark.parametrize(("rate_factor", "unit"), [(1.0, "rad/s"), (180.0 / math.pi, "deg/s")])
def test_nothing_is_told_of_units_that_are_right(write, rate_factor: float, unit: str) -> None:
    assert read_csv(write(swinging(rate_factor)), gyr_unit=unit).notes == ()


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_csv(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="a folder and not a file"):
        read_csv(tmp_path)


def test_a_pipe_is_refused_instead_of_waiting_for_ever(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="not an ordinary file"):
        read_csv(tmp_path / "pipe.csv")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="t,axyzg0123456789.-e\n\r\"' ;nif", max_size=300).map(str.encode))
def test_no_bytes_end_in_anything_but_a_recording_or_an_input_error(write, data: bytes) -> None:
    for content in (data, HEADER.encode() + b"\n" + data):
        try:
            said = str(len(read_csv(write(content)).samples))
        except InputError as error:
            said = str(error)
        assert "\n" not in said
        assert said not in ("0", "1")
