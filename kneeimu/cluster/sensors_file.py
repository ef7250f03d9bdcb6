"""The sensors of a gateway: a TOML file with one table a wearer."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, cast

from kneeimu.cluster.batch import About
from kneeimu.cluster.feed import Feed, LinkSource, PlayedSource
from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.telemetry.broker import check_id
from kneeimu.types import Mount, Setup, Side
from kneeimu.words import _

KEYS: dict[str, type] = {
    "wearer": str, "exercise": str, "side": str, "mount": str, "sensor": str, "file": str, "name": str, "target": int,
}  # fmt: skip
NEEDED = ("wearer", "exercise", "side", "mount")
BEFORE_KNOWN_HZ = 100.0


def read_sensors(path: Path, *, speed: float = 1.0) -> list[Feed]:
    """Give the feeds of all sensors, not yet started.

    Args:
        speed: of files that are played, multiple of real time.

    Raises:
        InputError: the file can't be used; says which sensor and why.
    """
    tables = _read(path)
    feeds = [_feed(table, path, speed) for table in tables]
    for name in ("wearer", "sensor"):
        named = [table[name] for table in tables if name in table]
        twice = next((one for one in named if named.count(one) > 1), None)
        if twice:
            reason = _("{name} {twice} is there twice").format(name=name, twice=twice)
            raise InputError(reason, where=str(path), advice=_("give each sensor a wearer"))
    return feeds


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        advice = _("check the name and the folder")
        raise InputError(_("there is no such file"), where=str(path), advice=advice) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = _("can't be read: {x}").format(x=error)
        raise InputError(reason, where=str(path), advice=_("see docs/clinic.md")) from error
    tables = content.get("sensor")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise InputError(_("names no sensor"), where=str(path), advice=_("write a [[sensor]] table for each"))
    return tables


def _feed(table: dict[str, Any], path: Path, speed: float) -> Feed:
    where = f"{path}, wearer {table.get('wearer', '?')}"
    for key, value in table.items():
        if key not in KEYS or not isinstance(value, KEYS[key]) or isinstance(value, bool):
            reason = _("{key} = {value} is no setting").format(key=key, value=repr(value))
            raise InputError(reason, where=where, advice=_("one of: {allowed}").format(allowed=", ".join(KEYS)))
    missing = [key for key in NEEDED if key not in table]
    if missing:
        raise InputError(_("{name} is missing").format(name=missing[0]), where=where, advice=_("see docs/clinic.md"))
    check_id(table["wearer"], where)
    _check(table, "exercise", tuple(CATALOGUE), where)
    _check(table, "side", ("left", "right"), where)
    _check(table, "mount", tuple(CATALOGUE[table["exercise"]].mounts), where)
    if not 1 <= table.get("target", 1) <= 1000:
        reason = _("{name} can't be {value!r}").format(name="target", value=table["target"])
        raise InputError(reason, where=where, advice=_("1 to 1000 reps"))
    setup = Setup(table["exercise"], cast(Side, table["side"]), cast(Mount, table["mount"]), BEFORE_KNOWN_HZ)
    about = About(table.get("name", table["wearer"]), table.get("target"))
    if "file" in table:
        return _played(table, setup, about, path.parent / table["file"], speed)
    return _worn(table, setup, about)


def _check(table: dict[str, Any], key: str, allowed: tuple[str, ...], where: str) -> None:
    if table[key] not in allowed:
        reason = _("{name} can't be {value!r}").format(name=key, value=table[key])
        raise InputError(reason, where=where, advice=_("one of: {allowed}").format(allowed=", ".join(allowed)))


def _played(table: dict[str, Any], setup: Setup, about: About, file: Path, speed: float) -> Feed:
    from kneeimu.telemetry.loading import load_items

    known, items = load_items(file, setup.exercise, setup.side, setup.mount)
    return Feed(table["wearer"], known, PlayedSource(items, speed), about)


def _worn(table: dict[str, Any], setup: Setup, about: About) -> Feed:
    from kneeimu.sensors.link import SensorLink
    from kneeimu.sensors.trimmed import TrimmedLink
    from kneeimu.sessions.alignments import find_alignment
    from kneeimu.sessions.devices import find_device

    source = LinkSource(TrimmedLink(SensorLink(table.get("sensor")), find_device))
    return Feed(
        table["wearer"], setup, source, about,
        find_alignment=lambda address: find_alignment(address, setup.side, setup.mount),
    )  # fmt: skip
