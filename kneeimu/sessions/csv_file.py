"""Recordings as CSV: header ``t,ax,ay,az,gx,gy,gz``; s, m/s² and rad/s unless told otherwise."""

from __future__ import annotations

import math
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from calibration.standards import GRAVITY_M_S2
from kneeimu.errors import InputError
from kneeimu.motion.uniform import MISSING_PERIODS
from kneeimu.sessions.atomic import unreadable
from kneeimu.sessions.plausible import check_sizes, doubts_about_rate
from kneeimu.types import FloatArray, Samples
from kneeimu.words import _, n_

COLUMNS = ("t", "ax", "ay", "az", "gx", "gy", "gz")
HEADER = ",".join(COLUMNS)

ACC_UNITS = {"m/s2": 1.0, "g": GRAVITY_M_S2}
GYR_UNITS = {"rad/s": 1.0, "deg/s": math.pi / 180.0}

SLOWEST_HZ, FASTEST_HZ = 20.0, 500.0
RATE_TOLERANCE = 0.03
"""Time written in ms makes 19.9 of 20 Hz; the engine gets the limit then."""
LARGEST_BYTES = 2**30
"""A day at 100 Hz is 600 MB; more than this is not one session."""
HIGHEST_M_S2, HIGHEST_RAD_S = 4000.0, 350.0
"""400 g and 20,000 deg/s: five times what the widest sensors measure."""


class CsvFile(NamedTuple):
    """What a CSV holds: the samples, their rate in Hz, and what the reader should be told."""

    samples: Samples
    sampling_rate_hz: float
    notes: tuple[str, ...] = ()


def read_csv(path: str | Path, acc_unit: str = "m/s2", gyr_unit: str = "rad/s") -> CsvFile:
    """Read a recording.

    Args:
        path: file with the header ``t,ax,ay,az,gx,gy,gz``.
        acc_unit: "m/s2" or "g".
        gyr_unit: "rad/s" or "deg/s".

    Raises:
        InputError: the file can't be used; names the file, the line and the cure.
    """
    path = Path(path)
    text = _read_text(path)
    _check_header(path, text)
    rows = _parse(path, text)
    once, notes = _check_time(path, text, rows)
    samples = Samples(
        np.ascontiguousarray(once[:, 0]),
        once[:, 1:4] * ACC_UNITS[acc_unit],
        once[:, 4:7] * GYR_UNITS[gyr_unit],
    )
    rate_hz = _rate_hz(path, samples.time_s)
    check_sizes(
        samples,
        where=(f"{path}, columns ax ay az", f"{path}, columns gx gy gz"),
        acc_advice=lambda norm: _acc_advice(norm, acc_unit),
        gyr_advice=_("give --gyr-unit deg/s") if gyr_unit == "rad/s" else _("check the unit of gx, gy, gz"),
    )
    _check_range(path, text, rows, samples)
    return CsvFile(samples, rate_hz, (*notes, *doubts_about_rate(samples, gyr_unit, str(path), _("check --gyr-unit"))))


# --- the text --------------------------------------------------------------------------------------------------------


def _read_text(path: Path) -> str:
    try:
        # a pipe or a device would block or never end
        status = os.stat(path)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise InputError(_("this is not an ordinary file"), where=str(path), advice=_("save it as a file first"))
        if status.st_size > LARGEST_BYTES:
            size = _("{x:.1f} GB is too large for one session").format(x=status.st_size / 1000000000.0)
            raise InputError(size, where=str(path), advice=_("cut it into sessions"))
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if not data.strip():
        raise InputError(_("the file is empty"), where=str(path), advice=_("record or export it again"))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(_("the text is UTF-16"), where=f"{path}, line 1", advice=_("save it as UTF-8"))
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        advice = _("it must be text with the header {header}; if it was, the disk has damaged it").format(header=HEADER)
        raise InputError(_("the file holds binary data"), where=f"{path}, line {line}", advice=advice)
    try:
        text = data.decode("utf-8-sig")
        return text if "\n" in text else text.replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            _("this is not UTF-8 text"), where=f"{path}, line {line}", advice=_("save it as UTF-8")
        ) from error


def _check_header(path: Path, text: str) -> None:
    first = text[: text.find("\n")] if "\n" in text else text
    names = [name.strip().strip('"').lower() for name in first.split(",")]
    if names == list(COLUMNS):
        return
    where = f"{path}, line 1"
    shown = repr(first.strip()[:60])
    if first.count(";") >= 6 or first.count("\t") >= 6:
        sign = "semicolons" if ";" in first else "tabs"
        advice = _("save it with commas between the columns and points in the numbers")
        raise InputError(_("the columns are separated by {sign}").format(sign=sign), where=where, advice=advice)
    if _numbers(first) is not None:
        raise InputError(
            _("the header is missing"),
            where=where,
            advice=_("put the line {header} above the numbers").format(header=HEADER),
        )
    if sorted(names) == sorted(COLUMNS):
        raise InputError(
            _("the columns are in another order: {shown}").format(shown=shown),
            where=where,
            advice=_("reorder them: {header}").format(header=HEADER),
        )
    missing = [name for name in COLUMNS if name not in names]
    what = _("the header is {shown}").format(shown=shown)
    if len(missing) < 7:
        what += _("; missing: {missing}").format(missing=", ".join(missing))
    advice = _("it must read {header}; `kneeimu import` converts recordings of other programs").format(header=HEADER)
    raise InputError(what, where=where, advice=advice)


def _parse(path: Path, text: str) -> FloatArray:
    if not re.search(r"\n\s*\S", text):
        raise InputError(
            _("there are no samples below the header"), where=str(path), advice=_("record or export it again")
        )
    try:
        rows = np.loadtxt(_lines(text), delimiter=",", skiprows=1, comments=None, ndmin=2, quotechar='"')
    except ValueError as error:
        raise _find_fault(path, text) from error
    if rows.shape[1] != len(COLUMNS) or not np.isfinite(rows).all():
        raise _find_fault(path, text)
    if len(rows) < 2:
        advice = _("record or export it again: a session needs some seconds")
        raise InputError(_("there is only one sample"), where=f"{path}, line 2", advice=advice)
    return rows


def _lines(text: str) -> Iterator[str]:
    """Give line by line without a second copy of the text."""
    return (match[0] for match in re.finditer(r"[^\n]*\n|[^\n]+", text))


def _numbers(line: str) -> list[float] | None:
    try:
        return [float(cell) for cell in line.replace('"', "").split(",")]
    except ValueError:
        return None


def _find_fault(path: Path, text: str) -> InputError:
    """Name the first line that is not seven finite numbers."""
    lines = text.split("\n")
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        cells = line.replace('"', "").split(",")
        last = not any(rest.strip() for rest in lines[number:])
        if len(cells) != len(COLUMNS):
            count = (
                _("{n} of {n2} columns").format(n=len(cells), n2=len(COLUMNS))
                if len(cells) < 7
                else _("{n} columns and not 7").format(n=len(cells))
            )
            if last and len(cells) < len(COLUMNS):
                return InputError(
                    _("the file was cut off: the last line has {count}").format(count=count),
                    where=where,
                    advice=_("delete this line"),
                )
            return InputError(
                _("the line has {count}").format(count=count), where=where, advice=_("mend or delete this line")
            )
        for name, cell in zip(COLUMNS, cells, strict=True):
            fault = _cell_fault(cell)
            if fault:
                advice = _("delete the line: a gap is allowed, a guess is not")
                return InputError(_("column {name} {fault}").format(name=name, fault=fault), where=where, advice=advice)
    return InputError(
        _("the numbers can't be read"), where=str(path), advice=_("each line must hold {header}").format(header=HEADER)
    )


def _cell_fault(cell: str) -> str | None:
    if not cell.strip():
        return _("is empty")
    try:
        value = float(cell)
    except ValueError:
        return _("is not a number: {x!r}").format(x=cell.strip()[:30])
    return None if math.isfinite(value) else _("is not a finite number: {x!r}").format(x=cell.strip()[:30])


# --- the numbers -----------------------------------------------------------------------------------------------------


def _line_of(text: str, row: int) -> int:
    """Give the line of a row of numbers; blank lines are allowed between them."""
    seen = -1
    for number, line in enumerate(text.split("\n")[1:], start=2):
        seen += bool(line.strip())
        if seen == row:
            return number
    return 0


def _check_time(path: Path, text: str, rows: FloatArray) -> tuple[FloatArray, tuple[str, ...]]:
    steps = np.diff(rows[:, 0])
    backwards = np.flatnonzero(steps < 0.0)
    if len(backwards):
        row = int(backwards[0]) + 1
        what = _("time runs backwards: {rows:g} s after {rows2:g} s").format(rows=rows[row, 0], rows2=rows[row - 1, 0])
        advice = _("put the lines in order of time, or cut the file here: it may be two recordings in one")
        raise InputError(what, where=f"{path}, line {_line_of(text, row)}", advice=advice)
    twice = np.flatnonzero(steps == 0.0)
    if len(twice) > len(steps) // 2:
        what = _("time stands still: {rows:g} s again").format(rows=rows[twice[0], 0])
        advice = _("write t in seconds with three decimals or more")
        raise InputError(what, where=f"{path}, line {_line_of(text, int(twice[0]) + 1)}", advice=advice)
    if not len(twice):
        return rows, ()
    note = n_(
        "{n} sample carries the same time as the one before and was left out",
        "{n} samples carry the same time as the one before and were left out",
        len(twice),
    )
    return np.delete(rows, twice + 1, axis=0), (note,)


def _rate_hz(path: Path, time_s: FloatArray) -> float:
    steps = np.diff(time_s)
    middle = float(np.median(steps))
    # the mean of the ordinary steps is finer than the median where time was rounded
    rate_hz = 1.0 / float(steps[steps <= MISSING_PERIODS * middle].mean())
    if SLOWEST_HZ * (1 - RATE_TOLERANCE) <= rate_hz <= FASTEST_HZ * (1 + RATE_TOLERANCE):
        return min(max(rate_hz, SLOWEST_HZ), FASTEST_HZ)
    units = {1e3: "milliseconds", 1e6: "microseconds", 1e9: "nanoseconds"}
    likely = [name for scale, name in units.items() if SLOWEST_HZ * 0.9 <= rate_hz * scale <= FASTEST_HZ * 1.1]
    advice = (
        _("t looks like {likely}: write it in seconds").format(likely=likely[0])
        if likely
        else _("20 to 500 Hz can be used; t is in seconds")
    )
    raise InputError(
        _("the sampling rate is {rate_hz:.4g} Hz").format(rate_hz=rate_hz), where=f"{path}, column t", advice=advice
    )


def _check_range(path: Path, text: str, rows: FloatArray, samples: Samples) -> None:
    """One absurd number would throw the orientation for the rest of the recording."""
    for columns, values, limit, unit in (
        (COLUMNS[1:4], samples.acc_m_s2, HIGHEST_M_S2, "m/s²"),
        (COLUMNS[4:7], samples.gyr_rad_s, HIGHEST_RAD_S, "rad/s"),
    ):
        beyond = np.argwhere(np.abs(values) > limit)
        if len(beyond):
            row, column = beyond[0].tolist()
            what = _("column {columns} is {values:.3g} {unit}, no sensor tells that").format(
                columns=columns[column], values=values[row, column], unit=unit
            )
            advice = _("delete the line: a gap is allowed, a guess is not")
            in_file = int(np.searchsorted(rows[:, 0], samples.time_s[row]))
            raise InputError(what, where=f"{path}, line {_line_of(text, in_file)}", advice=advice)


def _acc_advice(norm: float, acc_unit: str) -> str:
    if acc_unit == "m/s2" and 0.5 < norm < 2.0:
        return _("it looks like g: give --acc-unit g")
    if acc_unit == "g" and GRAVITY_M_S2 / 2 < norm / GRAVITY_M_S2 < GRAVITY_M_S2 * 2:
        return _("it is in m/s² already: leave --acc-unit out")
    if 500.0 < norm / ACC_UNITS[acc_unit] < 2000.0:
        return _("it looks like thousandths of g: divide by 1000 and give --acc-unit g")
    if norm < 0.5 * ACC_UNITS[acc_unit]:
        return _("gravity is missing: export the raw acceleration, with gravity")
    return _("check the unit of ax, ay, az")
