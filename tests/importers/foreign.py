"""Writes a movement the way other programs write it: headers as found in public exports of these programs."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from kneeimu.types import FloatArray, Samples

G = 9.80665
START = datetime(2026, 5, 4, 10, 20, 30, 250000)


def swinging_leg(duration_s: float = 30.0, rate_hz: float = 50.0, seed: int = 0) -> Samples:
    """A pendulum about an axis of the sensor: gravity turns in the sensor's frame just as the rate says."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(0.0, duration_s, 1.0 / rate_hz)
    angle = 0.6 * (1.0 - np.cos(2.0 * np.pi * time_s / 4.0))
    speed = 0.6 * np.sin(2.0 * np.pi * time_s / 4.0) * 2.0 * np.pi / 4.0
    axis, up, ahead = (np.array(v, dtype=float) for v in ((0.6, 0.0, 0.8), (0.0, 1.0, 0.0), (-0.8, 0.0, 0.6)))
    force = G * (np.outer(np.cos(angle), up) + np.outer(np.sin(angle), ahead))
    # The room's vertical turns backwards in the sensor's frame: v × ω points along the derivative.
    sign = 1.0 if np.dot(np.cross(up, axis), ahead) > 0 else -1.0
    noise = rng.normal(0.0, 0.02, (2, len(time_s), 3))
    return Samples(time_s, force + noise[0], np.outer(sign * speed, axis) + 0.1 * noise[1])


def _lines(head: str, rows: list[str], before: str = "") -> str:
    return before + head + "\n" + "\n".join(rows) + "\n"


def _triples(
    times: list[str], values: FloatArray, form: str = "{:.6f}", gap: str = ",", order: str = "xyz"
) -> list[str]:
    index = ["xyz".index(axis) for axis in order]
    return [gap.join([time, *(form.format(row[i]) for i in index)]) for time, row in zip(times, values, strict=True)]


def sensor_logger(samples: Samples, folder: Path, *, ios: bool = False, total: bool = True) -> Path:
    """A zip with a CSV a sensor; the columns stand in the order z, y, x."""
    stamps = [f"{1_777_890_030_250_000_000 + round(t * 1e9)},{t:.7f}" for t in samples.time_s]
    sign = -1.0 if ios else 1.0
    gravity = np.full_like(samples.acc_m_s2, 0.0)
    gravity[:, 1] = G
    files = {
        "Gyroscope.csv": _lines("time,seconds_elapsed,z,y,x", _triples(stamps, samples.gyr_rad_s, order="zyx")),
        "Metadata.csv": "version,device name,recording epoch time,recording time,platform,standardisation\n"
        f"3,phone,1777890030250,x,{'ios' if ios else 'android'},false\n",
        "Annotation.csv": "time,seconds_elapsed,text,millisecond_press_duration\n",
    }
    if total:
        files["TotalAcceleration.csv"] = _lines(
            "time,seconds_elapsed,z,y,x", _triples(stamps, sign * samples.acc_m_s2, order="zyx")
        )
    else:
        files["Accelerometer.csv"] = _lines(
            "time,seconds_elapsed,z,y,x", _triples(stamps, sign * (samples.acc_m_s2 - gravity), order="zyx")
        )
        files["Gravity.csv"] = _lines("time,seconds_elapsed,z,y,x", _triples(stamps, sign * gravity, order="zyx"))
    path = folder / "2026-05-04_10-20-30.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def movella_dot(samples: Samples, folder: Path) -> Path:
    """A DOT's CSV; its 32-bit clock in µs runs over in the middle."""
    ticks = (np.round(samples.time_s * 1e6).astype(np.int64) + 2**32 - 10_000_000) % 2**32
    rows = [
        ",".join([str(i + 1), str(t), *(f"{v:.6f}" for v in a), *(f"{v:.6f}" for v in np.degrees(g)), "0"])
        for i, (t, a, g) in enumerate(zip(ticks, samples.acc_m_s2, samples.gyr_rad_s, strict=True))
    ]
    before = (
        "sep=,\nDeviceTag:,Thigh_R\nFirmwareVersion:,3.0.0\nAppVersion:,2023.6.0\nSyncStatus:,Unsynced\n"
        "OutputRate:,60Hz\nFilterProfile:,General\nMeasurement Mode:,Rate quantities (with mag)\n"
        "StartTime: ,2026-05-04_10:20:30_250 WEST\n© Movella Technologies B. V. 2005-2023\n\n"
    )
    path = folder / "Thigh_R_20260504_102030_250.csv"
    path.write_text(
        _lines("PacketCounter,SampleTimeFine,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z,Status", rows, before),
        encoding="utf-8",
    )
    return path


def xsens_mt(samples: Samples, folder: Path, rate_hz: float) -> Path:
    """MT Manager's text: tabs, no fine time, a packet counter of 16 bits that runs over."""
    rows = [
        "\t".join([str((i + 65000) % 65536), "", *(f"{v:.6f}" for v in (*a, *g)), "1.0\t2.0\t3.0"])
        for i, (a, g) in enumerate(zip(samples.acc_m_s2, samples.gyr_rad_s, strict=True))
    ]
    before = f"// Start Time: Unknown\n// Update Rate: {rate_hz:.1f}Hz\n// Filter Profile: human (46.1)\n"
    path = folder / "MT_012005D6_009-001_00B42D4F.txt"
    head = "\t".join(["PacketCounter", "SampleTimeFine", "Acc_X", "Acc_Y", "Acc_Z", "Gyr_X", "Gyr_Y", "Gyr_Z"])
    path.write_text(_lines(head + "\tRoll\tPitch\tYaw", rows, before))
    return path


def phyphox(samples: Samples, folder: Path, *, comma: bool = False) -> Path:
    """A zip with a table a sensor; the gyroscope starts later and has stamps of its own. Optionally German style."""
    late = samples.time_s > 0.5
    gap = ";" if comma else ","
    stamps = [f"{t:.9E}" for t in samples.time_s]
    shifted = samples.time_s[late] + 0.004
    rate = np.column_stack([np.interp(shifted, samples.time_s, samples.gyr_rad_s[:, i]) for i in range(3)])
    acc = _triples(stamps, samples.acc_m_s2, "{:.9E}", gap)
    gyr = _triples([f"{t:.9E}" for t in shifted], rate, "{:.9E}", gap)
    if comma:
        acc, gyr = ([row.replace(".", ",") for row in rows] for rows in (acc, gyr))
    heads = [
        gap.join(f'"{name}"' for name in ("Time (s)", *(f"{quantity} {axis} ({unit})" for axis in "xyz")))
        for quantity, unit in (("Acceleration", "m/s^2"), ("Gyroscope", "rad/s"))
    ]
    path = folder / "Acceleration with g 2026-05-04.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Accelerometer.csv", _lines(heads[0], acc))
        archive.writestr("Gyroscope.csv", _lines(heads[1], gyr))
        archive.writestr("meta/device.csv", '"property","value"\n"deviceModel","x"\n')
    return path


def polar(samples: Samples, folder: Path) -> list[Path]:
    """The two files of Polar Sensor Logger; whole mg, and the clock in ns since 2000."""
    paths = []
    for name, unit, values in (
        ("ACC", "mg", np.round(samples.acc_m_s2 / G * 1000.0)),
        ("GYRO", "dps", np.round(np.degrees(samples.gyr_rad_s), 3)),
    ):
        stamps = [
            f"{(START + timedelta(seconds=float(t))).isoformat(timespec='milliseconds')};"
            f"{599_628_026_033_657_400 + round(t * 1e9)}"
            for t in samples.time_s
        ]
        head = f"Phone timestamp;sensor timestamp [ns];X [{unit}];Y [{unit}];Z [{unit}] "
        path = folder / f"Polar_Sense_12345678_20260504_102030_{name}.txt"
        path.write_text(_lines(head, _triples(stamps, values, "{:g}", ";")))
        paths.append(path)
    return paths


def witmotion(
    samples: Samples, folder: Path, *, burst: int = 1, sensors: tuple[str, ...] = ("WT901BLE68(d1)",)
) -> Path:
    """WitMotion's table; the phone stamps ``burst`` samples at once, when they arrive."""
    rows = []
    for i, (t, a, g) in enumerate(
        zip(samples.time_s, samples.acc_m_s2 / G, np.degrees(samples.gyr_rad_s), strict=True)
    ):
        arrival = samples.time_s[min(len(samples.time_s) - 1, (i // burst + 1) * burst - 1)] if burst > 1 else t
        stamp = (START + timedelta(seconds=float(arrival))).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        rows += [
            "\t".join([stamp, name, "null", *(f"{v:.3f}" for v in (*a, *g)), "-0.44", "-1.41", "64.36"])
            for name in sensors
        ]
    head = "time\tDeviceName\tChipTime()\tAccX(g)\tAccY(g)\tAccZ(g)\tAsX(°/s)\tAsY(°/s)\tAsZ(°/s)\t"
    path = folder / "20260504102030.txt"
    path.write_text(_lines(head + "AngleX(°)\tAngleY(°)\tAngleZ(°)", rows), encoding="utf-8")
    return path
