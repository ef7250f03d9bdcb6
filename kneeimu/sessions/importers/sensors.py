"""Sensors with programs of their own: Movella DOT, Xsens MT, WitMotion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from kneeimu.errors import InputError
from kneeimu.sessions.importers.source import SourceFile
from kneeimu.sessions.importers.streams import Found, Stream
from kneeimu.sessions.importers.table import Table, parse_table
from kneeimu.types import FloatArray
from kneeimu.words import _, mark

ACC = ("Acc_X", "Acc_Y", "Acc_Z")
GYR = ("Gyr_X", "Gyr_Y", "Gyr_Z")
DAY_S = 86400.0
WIT_ACC, WIT_GYR = r"(?:\b|\s)(?:Acc|加速度|a)", r"(?:\b|\s)(?:As|角速度|w)"
"""WitMotion's programs name columns AccX and AsX, in Chinese, or (older ones) ax and wx."""
SPECIFIC_FORCE = mark("acceleration taken as specific force: +g along the axis that points up at rest")


def read_movella_dot(sources: Sequence[SourceFile]) -> Found | None:
    """Read a CSV of a Movella (Xsens) DOT: ``Acc_*`` in m/s² and ``Gyr_*`` in deg/s, or the increments dq and dv.

    Raises:
        InputError: the export holds neither (orientation and free acceleration only).
    """
    for source in sources:
        if "PacketCounter" in source.text[:4000] and "DeviceTag" in source.text[:400]:
            table = parse_table(source.text, source.where)
            if not {*ACC, *GYR} <= set(table.names):
                return _from_increments(table)
            time = _unwrapped(table.numbers("SampleTimeFine"), 2.0**32)
            return Found(
                "movella-dot",
                Stream(time, table.triple(ACC), "Acc_X, Acc_Y, Acc_Z", "m/s²", "µs"),
                Stream(time, table.triple(GYR), "Gyr_X, Gyr_Y, Gyr_Z", "deg/s", "µs"),
                [_(SPECIFIC_FORCE)],
                _dot_start(table),
            )
    return None


def _from_increments(table: Table) -> Found:
    names = {name.lower(): name for name in table.names}
    turn = [names.get(f"dq_{axis}") for axis in "wxyz"]
    push = [names.get(f"dv[{axis}]") or names.get(f"dv_{axis}") for axis in "123"]
    if not all(turn) or not all(push):
        raise InputError(
            _("this DOT export holds no acceleration and angular rate"),
            where=table.where,
            advice=_("record a payload with them, such as 'Rate quantities' or 'Custom mode 5'"),
        )
    time = _unwrapped(table.numbers("SampleTimeFine"), 2.0**32)
    period_s = float(np.median(np.diff(time))) * 1e-6
    dq = np.column_stack([table.numbers(str(name)) for name in turn])
    dq = np.where(dq[:, :1] < 0.0, -dq, dq)
    half = np.arctan2(np.linalg.norm(dq[:, 1:], axis=1), dq[:, 0])
    rate = dq[:, 1:] * (2.0 / np.maximum(np.sinc(half / np.pi), 1e-9) / period_s)[:, None]
    force = np.column_stack([table.numbers(str(name)) for name in push]) / period_s
    return Found(
        "movella-dot",
        Stream(time, force, _("dv divided by the sampling period"), "m/s²", "µs"),
        Stream(time, rate, _("dq as a rotation divided by the sampling period"), "rad/s", "µs"),
        [_(SPECIFIC_FORCE), _("lost packets would show as slower turning: increments belong to one period")],
        _dot_start(table),
    )


def _dot_start(table: Table) -> datetime | None:
    text = " ".join(table.preamble)
    match = re.search(r"StartTime:\s*,?\s*(\d{4}-\d\d-\d\d)_(\d\d:\d\d:\d\d)_(\d{3})", text)
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}.{match[3]}") if match else None
    except ValueError:
        return None


def read_xsens_mt(sources: Sequence[SourceFile]) -> Found | None:
    """Read a text file of Xsens MT Manager: comment lines ``//``, then ``PacketCounter … Acc_X … Gyr_X`` in rad/s.

    Raises:
        InputError: acceleration or rate were not exported, or neither a clock nor an update rate is there.
    """
    for source in sources:
        if "PacketCounter" in source.text[:8000] and source.text.lstrip().startswith("//"):
            table = parse_table(source.text, source.where)
            if not {*ACC, *GYR} <= set(table.names):
                raise InputError(
                    _("this MT text holds no Acc_X … Gyr_Z"),
                    where=table.where,
                    advice=_("export inertial data as well"),
                )
            time, unit, note = _mt_time(table)
            return Found(
                "xsens-mt",
                Stream(time, table.triple(ACC), "Acc_X, Acc_Y, Acc_Z", "m/s²", unit),
                Stream(time, table.triple(GYR), "Gyr_X, Gyr_Y, Gyr_Z", "rad/s", unit),
                [note, _(SPECIFIC_FORCE)],
            )
    return None


def _mt_time(table: Table) -> tuple[FloatArray, str, str]:
    rate = re.search(r"Update Rate:\s*([\d.]+)\s*Hz", " ".join(table.preamble), re.IGNORECASE)
    fine = table.numbers("SampleTimeFine") if "SampleTimeFine" in table.names else np.empty(0)
    if len(fine) and np.isfinite(fine).mean() > 0.9:
        return _unwrapped(fine, 2.0**32) * 1e-4, "s", _("SampleTimeFine counts tenths of a millisecond")
    if rate is None or float(rate[1]) <= 0.0:
        raise InputError(
            _("neither SampleTimeFine nor an update rate tells the time"),
            where=table.where,
            advice=_("give it with --rate"),
        )
    counter = _unwrapped(table.numbers("PacketCounter"), 65536.0)
    return (
        counter / float(rate[1]),
        "s",
        _("time from PacketCounter at the update rate of {rate:g} Hz").format(rate=float(rate[1])),
    )


def _unwrapped(counter: FloatArray, period: float) -> FloatArray:
    """Undo the wrapping of a counter: a large step back means it began anew."""
    filled = np.where(np.isfinite(counter), counter, np.nan)
    steps = np.diff(filled)
    wraps = np.concatenate(([0.0], np.cumsum(np.nan_to_num(steps) < -0.5 * period)))
    return np.asarray(filled + wraps * period, dtype=np.float64)


# --- WitMotion --------------------------------------------------------------------------------------------------------


def read_witmotion(sources: Sequence[SourceFile], device: str | None = None) -> Found | None:
    """Read a recording of WitMotion's programs: ``time, DeviceName, AccX(g) … AsX(°/s) …``, tab or comma.

    The stamps are the receiver's, in bursts, so samples are spread evenly; the sensor's own
    ``ChipTime`` is used where it runs.

    Args:
        sources: the files.
        device: name (or its beginning) of the sensor when the file holds several.

    Raises:
        InputError: several sensors and none chosen, or stamps that can't be read.
    """
    for source in sources:
        if not re.search(rf"{WIT_ACC}X\s*\(g\)", source.text[:4000], re.IGNORECASE):
            continue
        table = parse_table(source.text, source.where)
        acc, gyr = _wit_columns(table, WIT_ACC), _wit_columns(table, WIT_GYR)
        clock = next((name for name in table.names if name.strip().lower() in ("time", "time(s)", "时间")), None)
        started = _stamp(next(table.each(clock), "")) if clock else None
        if acc is not None and gyr is not None and clock and started:
            return _read_witmotion(table, acc, gyr, clock, started, device)
    return None


Axes = tuple[str, str, str]


def _read_witmotion(table: Table, acc: Axes, gyr: Axes, clock: str, started: datetime, device: str | None) -> Found:
    rows, notes = _one_device(table, device)
    time, chip = _wit_time(table, clock, rows)
    notes.append(_("stamps of the sensor's own clock") if chip else _("stamps of the receiving device"))
    return Found(
        "witmotion",
        Stream(time, table.triple(acc)[rows], ", ".join(acc), "g", "s"),
        Stream(time, table.triple(gyr)[rows], ", ".join(gyr), "deg/s", "s"),
        [*notes, _(SPECIFIC_FORCE)],
        started,
        receiver_stamped=not chip,
    )


def _wit_columns(table: Table, start: str) -> Axes | None:
    found = [
        next((name for name in table.names if re.match(rf"{start}{axis}\s*\(", name, re.IGNORECASE)), "")
        for axis in "XYZ"
    ]
    return (found[0], found[1], found[2]) if all(found) else None


def _one_device(table: Table, device: str | None) -> tuple[FloatArray, list[str]]:
    column = next((name for name in table.names if name in ("DeviceName", "设备名称", "Address")), None)
    names = table.cells(column) if column else [""] * table.count()
    kinds = sorted({name for name in names if name})
    if device is None and len(kinds) > 1:
        raise InputError(
            _("holds {n} sensors").format(n=len(kinds)),
            where=table.where,
            advice=_("choose one with --device: {names}").format(names=", ".join(kinds[:8])),
        )
    chosen = kinds if device is None else [name for name in kinds if name.startswith(device)]
    if device is not None and len(chosen) != 1:
        raise InputError(
            _("no single sensor is called {device!r}").format(device=device),
            where=table.where,
            advice=_("there are: {kinds}").format(kinds=kinds[:8]),
        )
    rows = np.array([not chosen or name == chosen[0] for name in names])
    return rows, [f"sensor {chosen[0]}"] if chosen else []


def _wit_time(table: Table, clock: str, rows: FloatArray) -> tuple[FloatArray, bool]:
    chip = next((name for name in table.names if re.match(r"chip ?time", name, re.IGNORECASE)), None)
    if chip is not None:
        own = _seconds([cell for cell, use in zip(table.cells(chip), rows, strict=True) if use])
        if np.isfinite(own).mean() > 0.9 and np.nanmax(own) > np.nanmin(own):
            return own, True
    return _seconds([cell for cell, use in zip(table.cells(clock), rows, strict=True) if use]), False


def _seconds(cells: list[str]) -> FloatArray:
    """Give stamps such as ``2024-05-01 10:20:30.123`` or ``10:20:30.123`` in seconds; NaN where they are not.

    The form of the first stamp holds for all of them.
    """
    out = np.full(len(cells), np.nan)
    read = next((form for cell in cells[:5] for form in _FORMS if _try(form, cell) is not None), None)
    if read is None:
        return out
    first: datetime | None = None
    for index, cell in enumerate(cells):
        stamp = _try(read, cell)
        if stamp is not None:
            first = first or stamp
            out[index] = (stamp - first).total_seconds()
    # Stamps without a date begin anew at midnight.
    midnights = np.cumsum(np.nan_to_num(np.diff(out, prepend=out[:1])) < -DAY_S / 2)
    return out if "%Y" in read or read == _ISO else out + midnights * DAY_S


def _stamp(cell: str) -> datetime | None:
    return next((stamp for form in _FORMS if (stamp := _try(form, cell)) is not None), None)


def _try(form: str, cell: str) -> datetime | None:
    text = cell.strip()
    try:
        return datetime.fromisoformat(text) if form == _ISO else datetime.strptime(text, form)
    except ValueError:
        return None


_ISO = "ISO 8601"
_FORMS = (
    _ISO, "%H:%M:%S.%f", "%H:%M:%S", "%m/%d/%Y %H:%M:%S.%f", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S:%f"
)  # fmt: skip
