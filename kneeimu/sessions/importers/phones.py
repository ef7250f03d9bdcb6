"""Apps on phones: Sensor Logger, phyphox, and Polar Sensor Logger."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from kneeimu.errors import InputError
from kneeimu.sessions.importers.source import SourceFile
from kneeimu.sessions.importers.streams import Found, Stream
from kneeimu.sessions.importers.table import Table, parse_table
from kneeimu.words import _, mark

XYZ = ("x", "y", "z")
ANDROID_SIGN = mark("acceleration taken as specific force (Android's sign: +g up at rest)")
POLAR_HEADER = "sensor timestamp [ns];"


# --- Sensor Logger ----------------------------------------------------------------------------------------------------


def read_sensor_logger(sources: Sequence[SourceFile]) -> Found | None:
    """Read an export of Sensor Logger: a zip or folder with one CSV a sensor.

    ``TotalAcceleration`` is preferred; else ``Accelerometer`` (which lacks gravity) plus ``Gravity``; else
    ``AccelerometerUncalibrated``. Apple's devices give the opposite sign unless units and frames were
    standardised in the app; ``Metadata.csv`` tells.

    Raises:
        InputError: it is such an export, but without what is needed.
    """
    files = {source.name: source for source in sources if "seconds_elapsed" in source.text[:400]}
    if not files:
        return None
    where = next(iter(files.values())).where
    gyro = files.get("Gyroscope.csv") or files.get("GyroscopeUncalibrated.csv")
    if gyro is None:
        raise InputError(
            _("this Sensor Logger export has no Gyroscope.csv"), where=where, advice=_("switch it on in the app")
        )
    metadata = _metadata(sources)
    acc = _sensor_logger_acceleration(files, where)
    flipped = _apple_sign(metadata)
    if flipped:
        acc = replace(acc, values=-acc.values)
    rate = parse_table(gyro.text, gyro.where)
    return Found(
        "sensor-logger",
        acc,
        Stream(rate.numbers("seconds_elapsed"), rate.triple(XYZ), gyro.name, "rad/s", "s"),
        [_("recorded on iOS: sign of the acceleration turned to specific force") if flipped else _(ANDROID_SIGN)],
        _epoch(metadata.get("recording epoch time")),
    )


def _sensor_logger_acceleration(files: dict[str, SourceFile], where: str) -> Stream:
    for name, unit in (("TotalAcceleration.csv", "m/s²"), ("Accelerometer.csv", "m/s²")):
        if name == "Accelerometer.csv" and "Gravity.csv" not in files:
            continue
        if name in files:
            table = parse_table(files[name].text, files[name].where)
            time, values = table.numbers("seconds_elapsed"), table.triple(XYZ)
            if name == "TotalAcceleration.csv":
                return Stream(time, values, name, unit, "s")
            gravity = parse_table(files["Gravity.csv"].text, files["Gravity.csv"].where)
            at = gravity.numbers("seconds_elapsed")
            pull = gravity.triple(XYZ)
            values = values + np.column_stack([np.interp(time, at, pull[:, axis]) for axis in range(3)])
            return Stream(time, values, _("Accelerometer.csv plus Gravity.csv"), unit, "s")
    if "AccelerometerUncalibrated.csv" in files:
        table = parse_table(files["AccelerometerUncalibrated.csv"].text, files["AccelerometerUncalibrated.csv"].where)
        return Stream(table.numbers("seconds_elapsed"), table.triple(XYZ), "AccelerometerUncalibrated.csv", None, "s")
    raise InputError(
        _("this Sensor Logger export has no acceleration with gravity"),
        where=where,
        advice=_("switch on Gravity beside the accelerometer, or the total or uncalibrated acceleration"),
    )


def _metadata(sources: Sequence[SourceFile]) -> dict[str, str]:
    """Give the one row of ``Metadata.csv`` as a dictionary with lower-case names; empty when there is none."""
    text = next((source.text for source in sources if source.name == "Metadata.csv"), "")
    row = next(csv.DictReader(text.splitlines()), {})
    return {str(name).lower(): value for name, value in row.items() if isinstance(value, str)}


def _apple_sign(metadata: dict[str, str]) -> bool:
    standardised = metadata.get("standardisation", "").lower() in ("true", "1", "yes")
    return metadata.get("platform", "").lower() in ("ios", "ipados", "watchos") and not standardised


def _epoch(milliseconds: str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(milliseconds or "nan") / 1000.0, UTC)
    except (ValueError, OverflowError, OSError):
        return None


# --- phyphox ----------------------------------------------------------------------------------------------------------


def read_phyphox(sources: Sequence[SourceFile]) -> Found | None:
    """Read an export of phyphox: columns such as ``Time (s)``, ``Acceleration x (m/s^2)``, ``Gyroscope x (rad/s)``.

    Both may stand in one table or in a file each, with comma, semicolon or tab, decimal point or comma, and in the
    language of the phone: axes and units tell, not words.

    Raises:
        InputError: it is such an export, but without what is needed.
    """
    tables = [parse_table(s.text, s.where) for s in sources if re.search(r" x \((m/s\^2|rad/s)\)", s.text[:2000])]
    if not tables:
        return None
    where = tables[0].where
    accelerations = [stream for table in tables for stream in _phyphox_streams(table, "m/s^2", "m/s²")]
    rates = [stream for table in tables for stream in _phyphox_streams(table, "rad/s", "rad/s")]
    acc = next((stream for stream in accelerations if _rests_at_g(stream)), None)
    if acc is None:
        raise InputError(
            _("this phyphox export has no acceleration with gravity"),
            where=where,
            advice=_("record the experiment 'Acceleration with g' together with the gyroscope"),
        )
    if not rates:
        raise InputError(
            _("this phyphox export has no gyroscope"), where=where, advice=_("record both in one experiment")
        )
    return Found("phyphox", acc, rates[0], [_(ANDROID_SIGN) + _(", as phyphox writes it on both systems")])


def _phyphox_streams(table: Table, text: str, unit: str) -> list[Stream]:
    time = next((name for name in table.names if name.endswith("(s)")), None)
    found: dict[str, dict[str, str]] = {}
    for name in table.names:
        match = re.fullmatch(rf"(.+) ([xyz]) \({re.escape(text)}\)", name)
        if match:
            found.setdefault(match[1], {})[match[2]] = name
    whole = [names for names in found.values() if len(names) == 3]
    return [
        Stream(
            table.numbers(time),
            table.triple((names["x"], names["y"], names["z"])),
            ", ".join(names.values()),
            unit,
            "s",
        )
        for names in whole
        if time is not None
    ]


def _rests_at_g(stream: Stream) -> bool:
    norms = np.linalg.norm(stream.values, axis=1)
    known = norms[np.isfinite(norms)]
    return bool(len(known)) and 6.0 < float(np.median(known)) < 14.0


# --- Polar Sensor Logger ----------------------------------------------------------------------------------------------


def read_polar(sources: Sequence[SourceFile]) -> Found | None:
    """Read the pair of files that Polar Sensor Logger writes: ``…_ACC.txt`` in mg and ``…_GYRO.txt`` in deg/s.

    Raises:
        InputError: only one of the two is there.
    """
    mine = [source for source in sources if POLAR_HEADER in source.text[:300]]
    if not mine:
        return None
    acc = next((source for source in mine if "[mg]" in source.text[:300]), None)
    gyr = next((source for source in mine if "[dps]" in source.text[:300]), None)
    if acc is None or gyr is None:
        missing = "_ACC.txt" if acc is None else "_GYRO.txt"
        raise InputError(
            _("the file …{missing} of the same recording is missing").format(missing=missing),
            where=mine[0].where,
            advice=_("give both files, or the folder that holds them"),
        )
    force, rate = parse_table(acc.text, acc.where), parse_table(gyr.text, gyr.where)
    start_ns = next((stamp for stamp in _polar_stamps(force) if stamp is not None), 0)
    return Found(
        "polar-sensor-logger",
        _polar_stream(force, start_ns, "mg", "mg", acc.name),
        _polar_stream(rate, start_ns, "dps", "deg/s", gyr.name),
        [_("acceleration taken as specific force: +g along the axis that points up at rest")],
        _phone_time(force),
    )


def _polar_stamps(table: Table) -> list[int | None]:
    return [int(cell) if cell.isdigit() else None for cell in table.cells("sensor timestamp [ns]")]


def _polar_stream(table: Table, start_ns: int, text: str, unit: str, label: str) -> Stream:
    x, y, z = (f"{axis} [{text}]" for axis in "XYZ")
    # Nanoseconds since 2000 fill 60 bits, a float holds 53: take the start off as an integer.
    time_s = np.array([np.nan if stamp is None else (stamp - start_ns) * 1e-9 for stamp in _polar_stamps(table)])
    return Stream(time_s, table.triple((x, y, z)), label, unit, "s")


def _phone_time(table: Table) -> datetime | None:
    try:
        return datetime.fromisoformat(next(table.each("Phone timestamp")))
    except (InputError, StopIteration, ValueError):
        return None
