"""Recordings of other programs come out as the movement that went in, with a word on every assumption."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from kneeimu.engine import Engine
from kneeimu.errors import InputError
from kneeimu.sessions.csv_file import read_csv
from kneeimu.sessions.importers import Imported, import_recording
from kneeimu.types import RepCounted, RepRevoked, Samples, Setup

from . import foreign

REAL = Path(__file__).resolve().parents[2] / "../shared/data/uci/s1_knee-extension_right_shin_template_session.csv"

WRITERS: dict[str, Callable[[Samples, Path], Path | list[Path]]] = {
    "sensor-logger": foreign.sensor_logger,
    "movella-dot": foreign.movella_dot,
    "xsens-mt": lambda samples, folder: foreign.xsens_mt(samples, folder, 1.0 / float(np.diff(samples.time_s)[0])),
    "phyphox": foreign.phyphox,
    "polar-sensor-logger": foreign.polar,
    "witmotion": foreign.witmotion,
}


def same_movement(got: Imported, meant: Samples, *, acc: float = 0.02, gyr: float = 0.02) -> None:
    at = got.samples.time_s + (meant.time_s[-1] - got.samples.time_s[-1])
    for axis in range(3):
        force = np.interp(at, meant.time_s, meant.acc_m_s2[:, axis])
        rate = np.interp(at, meant.time_s, meant.gyr_rad_s[:, axis])
        assert np.percentile(np.abs(got.samples.acc_m_s2[:, axis] - force), 90) < acc
        assert np.percentile(np.abs(got.samples.gyr_rad_s[:, axis] - rate), 90) < gyr


@pytest.mark.parametrize("name", WRITERS)
def test_a_format_is_found_and_read(name: str, tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    got = import_recording(WRITERS[name](meant, tmp_path))
    assert got.format == name
    assert got.sampling_rate_hz == pytest.approx(50.0, rel=0.01)
    same_movement(got, meant)
    assert any("specific force" in sentence for sentence in got.assumed)
    assert any(sentence.startswith("angular rate from") for sentence in got.assumed)


@pytest.mark.skipif(not REAL.exists(), reason="the real recordings are not here")
@pytest.mark.parametrize("name", WRITERS)
def test_a_real_leg_is_counted_the_same_after_the_detour(name: str, tmp_path: Path) -> None:
    real = read_csv(REAL)
    got = import_recording(WRITERS[name](real.samples, tmp_path))
    setup = Setup("knee-extension", "right", "shin", real.sampling_rate_hz)
    assert _count(got.samples, setup) == _count(real.samples, setup) > 0


def _count(samples: Samples, setup: Setup) -> int:
    engine = Engine(setup)
    events = [*engine.feed(samples), *engine.finish()]
    return sum(isinstance(e, RepCounted) for e in events) - sum(isinstance(e, RepRevoked) for e in events)


def test_gravity_is_added_where_sensor_logger_took_it_out(tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    got = import_recording(foreign.sensor_logger(meant, tmp_path, total=False))
    same_movement(got, meant)
    assert any("plus Gravity.csv" in sentence for sentence in got.assumed)


def test_apples_sign_is_turned(tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    got = import_recording(foreign.sensor_logger(meant, tmp_path, ios=True))
    same_movement(got, meant)
    assert any("iOS" in sentence for sentence in got.assumed)


def test_the_start_of_a_recording_is_kept(tmp_path: Path) -> None:
    got = import_recording(foreign.sensor_logger(foreign.swinging_leg(), tmp_path))
    assert got.started is not None
    assert got.started.isoformat() == "2026-05-04T10:20:30.250000+00:00"


def test_decimal_commas_are_read(tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    same_movement(import_recording(foreign.phyphox(meant, tmp_path, comma=True)), meant)


def test_samples_stamped_in_bursts_are_spread_out(tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    got = import_recording(foreign.witmotion(meant, tmp_path, burst=5))
    assert np.ptp(np.diff(got.samples.time_s)) < 1e-6
    assert any("bursts" in sentence for sentence in got.assumed)
    same_movement(got, meant, acc=0.6, gyr=0.1)


def test_one_of_several_sensors_is_chosen_by_name(tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    path = foreign.witmotion(meant, tmp_path, sensors=("left", "right"))
    with pytest.raises(InputError, match="--device: left, right"):
        import_recording(path)
    same_movement(import_recording(path, device="right"), meant)


def test_a_hole_in_one_stream_stays_a_hole(tmp_path: Path) -> None:
    acc, gyr = foreign.polar(foreign.swinging_leg(), tmp_path)
    lines = gyr.read_text().splitlines(keepends=True)
    gyr.write_text("".join(lines[:501] + lines[601:]))
    got = import_recording([acc, gyr])
    assert np.diff(got.samples.time_s).max() == pytest.approx(2.02, abs=0.1)


def test_a_pair_of_files_in_a_folder_is_one_recording(tmp_path: Path) -> None:
    foreign.polar(foreign.swinging_leg(), tmp_path)
    assert import_recording(tmp_path).format == "polar-sensor-logger"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("polar", "GYRO.txt of the same recording is missing"),
        ("phyphox", "no gyroscope"),
        ("sensor-logger", "no acceleration with gravity"),
        ("movella-dot", "no acceleration and angular rate"),
    ],
)
def test_what_is_missing_is_named(name: str, what: str, tmp_path: Path) -> None:
    text = {
        "polar": "Phone timestamp;sensor timestamp [ns];X [mg];Y [mg];Z [mg]\n2026-05-04T10:00:00.000;1;2;3;4\n",
        "phyphox": '"Time (s)","Acceleration x (m/s^2)","Acceleration y (m/s^2)","Acceleration z (m/s^2)"\n0,1,2,9\n',
        "sensor-logger": "time,seconds_elapsed,z,y,x\n1,0.1,2,3,4\n",
        "movella-dot": "DeviceTag:,1\nPacketCounter,SampleTimeFine,Euler_X,Euler_Y,Euler_Z\n1,2,3,4,5\n",
    }[name]
    file = tmp_path / ("Gyroscope.csv" if name == "sensor-logger" else "recording.csv")
    file.write_text(text)
    with pytest.raises(InputError, match=what):
        import_recording(file)


def test_a_recording_may_go_past_midnight(tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    path = foreign.witmotion(meant, tmp_path)
    text = path.read_text(encoding="utf-8")
    start = foreign.START.replace(hour=23, minute=59, second=50)
    for index, line in enumerate(lines := text.splitlines()):
        if index:
            stamp = (start + timedelta(seconds=(index - 1) / 50.0)).strftime("%H:%M:%S.%f")[:-3]
            lines[index] = stamp + line[line.index("\t") :]
    path.write_text("\n".join(lines), encoding="utf-8")
    same_movement(import_recording(path), meant)


@pytest.mark.parametrize(
    "words",
    [
        {"AccX": "加速度X", "AccY": "加速度Y", "AccZ": "加速度Z", "AsX": "角速度X", "AsY": "角速度Y", "AsZ": "角速度Z",
         "DeviceName": "设备名称", "time": "时间"},
        {"AccX": "ax", "AccY": "ay", "AccZ": "az", "AsX": "wx", "AsY": "wy", "AsZ": "wz", "DeviceName": "Address",
         "time": "Time(s)", "°/s": "deg/s"},
    ],
    ids=["Chinese", "older"],
)  # fmt: skip
def test_witmotion_names_its_columns_in_several_ways(words: dict[str, str], tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    path = foreign.witmotion(meant, tmp_path)
    head, rest = path.read_text(encoding="utf-8").split("\n", 1)
    for ours, theirs in words.items():
        head = head.replace(ours, theirs)
    path.write_text(head + "\n" + rest, encoding="utf-8")
    got = import_recording(path)
    assert got.format == "witmotion"
    same_movement(got, meant)


def test_phyphox_speaks_the_language_of_the_phone(tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    gap = ";"
    head = gap.join(
        f'"{name}"'
        for name in (
            "Zeit (s)",
            *(f"Lineare Beschleunigung {axis} (m/s^2)" for axis in "xyz"),
            *(f"Beschleunigung {axis} (m/s^2)" for axis in "xyz"),
            *(f"Drehrate {axis} (rad/s)" for axis in "xyz"),
        )
    )
    rows = np.column_stack([meant.time_s, 0.1 * meant.gyr_rad_s, meant.acc_m_s2, meant.gyr_rad_s])
    lines = [gap.join(f"{value:.8E}".replace(".", ",") for value in row) for row in rows]
    path = tmp_path / "Rohdaten.csv"
    path.write_text(head + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    got = import_recording(path)
    assert got.format == "phyphox"
    same_movement(got, meant)


def test_xsens_fine_time_counts_tenths_of_a_millisecond_and_wraps(tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    path = foreign.xsens_mt(meant, tmp_path, 50.0)
    lines = path.read_text().splitlines()
    for row, time_s in enumerate(meant.time_s, start=4):
        cells = lines[row].split("\t")
        cells[1] = str((round(time_s * 1e4) + 2**32 - 100_000) % 2**32)
        lines[row] = "\t".join(cells)
    path.write_text("\n".join(lines))
    got = import_recording(path)
    np.testing.assert_allclose(got.samples.time_s, meant.time_s, atol=1e-3)
    assert any("tenths of a millisecond" in sentence for sentence in got.assumed)


def test_increments_of_a_dot_become_rates_and_forces(tmp_path: Path) -> None:
    meant = foreign.swinging_leg()
    period = 0.02
    half = 0.5 * np.linalg.norm(meant.gyr_rad_s, axis=1, keepdims=True) * period
    turn = np.hstack([np.cos(half), 0.5 * period * meant.gyr_rad_s * np.sinc(half / np.pi)])
    table = np.column_stack([np.arange(len(meant)), np.round(meant.time_s * 1e6), turn, meant.acc_m_s2 * period])
    head = "DeviceTag:,1\n\nPacketCounter,SampleTimeFine,dq_W,dq_X,dq_Y,dq_Z,dv[1],dv[2],dv[3]"
    path = tmp_path / "dot.csv"
    np.savetxt(path, table, delimiter=",", header=head, comments="", fmt="%.9f")
    got = import_recording(path)
    same_movement(got, meant, acc=0.001, gyr=0.001)
    assert any("divided by the sampling period" in sentence for sentence in got.assumed)
