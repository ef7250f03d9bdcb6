"""Any table with named columns: found by their usual names, or told by a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from kneeimu.errors import InputError
from kneeimu.sessions.importers.streams import Found, Stream
from kneeimu.sessions.importers.table import Table
from kneeimu.sessions.importers.units import canonical, unit_in_name
from kneeimu.types import FloatArray
from kneeimu.words import _

KEYS = ("t", "ax", "ay", "az", "gx", "gy", "gz")

_ACC = r"(?:a|acc|accel|acceleration|accelerometer|user ?accel|totalacceleration|lin ?acc)"
_GYR = r"(?:g|w|gyr|gyro|gyroscope|as|omega|rotation ?rate|angular ?(?:rate|velocity))"
_TIME = r"^(?:t|time|timestamp|seconds_elapsed|elapsed(?:_s|_ms)?|sample ?time(?:fine)?|epoch(?:_ms)?|chip ?time)$"


def find_columns(table: Table, mapping: Mapping[str, str]) -> dict[str, str]:
    """Give the column of each of ``t, ax … gz`` (``t`` may be missing); a minus before it turns its sign.

    Raises:
        InputError: a mapped column does not exist, or an axis can't be found.
    """
    found = dict(mapping)
    for key, column in found.items():
        if key not in KEYS:
            raise InputError(
                _("the mapping knows no {key!r}").format(key=key), advice=_("map {keys}").format(keys=", ".join(KEYS))
            )
        if column.removeprefix("-") not in table.names and column not in table.names:
            raise InputError(
                _("has no column {column!r}").format(column=column),
                where=table.where,
                advice=_("columns: {names}").format(names=", ".join(table.names[:20])),
            )
    taken = {column.removeprefix("-") for column in found.values()}
    for name in table.names:
        axis = _key_of(name)
        if axis and axis not in found and name not in taken:
            found[axis] = name
    missing = [key for key in KEYS[1:] if key not in found]
    if missing:
        raise InputError(
            _("no column found for {missing}").format(missing=", ".join(missing)),
            where=table.where,
            advice=_("name them with --map ax=COLUMN,…; columns: {names}").format(names=", ".join(table.names[:20])),
        )
    return found


def _key_of(name: str) -> str | None:
    plain = re.sub(r"[\[(].*?[\])]", "", name).strip().lower()
    if re.match(_TIME, plain) or re.match(_TIME, plain.replace(" ", "_")):
        return "t"
    match = re.fullmatch(rf"({_ACC}|{_GYR})[ _\-.]*([xyz])", plain)
    if match is None:
        return None
    kind = "a" if re.fullmatch(_ACC, match.group(1)) else "g"
    return kind + match.group(2)


def read_generic(
    table: Table,
    mapping: Mapping[str, str],
    *,
    acc_unit: str | None = None,
    gyr_unit: str | None = None,
    time_unit: str | None = None,
    rate_hz: float | None = None,
) -> Found:
    """Read a table of any origin.

    Raises:
        InputError: columns are missing.
    """
    columns = find_columns(table, mapping)
    acc_names = (columns["ax"], columns["ay"], columns["az"])
    gyr_names = (columns["gx"], columns["gy"], columns["gz"])
    if rate_hz:
        time: FloatArray = np.arange(table.count()) / rate_hz
        stated: str | None = "s"
        note = _("time counted from the rows at {rate_hz:g} Hz, as told").format(rate_hz=rate_hz)
    elif "t" in columns:
        time = table.numbers(columns["t"])
        stated = canonical("time", time_unit) if time_unit else unit_in_name("time", columns["t"])
        note = _("time from column {columns!r}").format(columns=columns["t"])
    else:
        raise InputError(_("no column of time found"), where=table.where, advice=_("map t=COLUMN, or give --rate"))
    acc = canonical("acceleration", acc_unit) if acc_unit else unit_in_name("acceleration", acc_names[0])
    gyr = canonical("rate", gyr_unit) if gyr_unit else unit_in_name("rate", gyr_names[0])
    return Found(
        "generic",
        Stream(time, _signed(table, acc_names), ", ".join(acc_names), acc, stated),
        Stream(time, _signed(table, gyr_names), ", ".join(gyr_names), gyr, stated),
        [note, _("acceleration taken as specific force: +g along the axis that points up at rest")],
    )


def _signed(table: Table, names: tuple[str, str, str]) -> FloatArray:
    turned = [name not in table.names and name.startswith("-") for name in names]
    plain = [name[1:] if turn else name for name, turn in zip(names, turned, strict=True)]
    return table.triple((plain[0], plain[1], plain[2])) * np.where(turned, -1.0, 1.0)
