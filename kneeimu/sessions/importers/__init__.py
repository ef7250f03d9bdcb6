"""Recordings of other programs: found by what they look like, brought to SI units, and said what was assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kneeimu.errors import InputError
from kneeimu.sessions.importers.generic import read_generic
from kneeimu.sessions.importers.phones import read_phyphox, read_polar, read_sensor_logger
from kneeimu.sessions.importers.sensors import read_movella_dot, read_witmotion, read_xsens_mt
from kneeimu.sessions.importers.source import SourceFile, read_sources
from kneeimu.sessions.importers.streams import Found, Imported, combine
from kneeimu.sessions.importers.table import parse_table
from kneeimu.words import _

FORMATS = (
    "sensor-logger",
    "movella-dot",
    "xsens-mt",
    "phyphox",
    "polar-sensor-logger",
    "witmotion",
    "generic",
)

__all__ = ["FORMATS", "Imported", "import_recording"]


def import_recording(
    paths: Sequence[Path] | Path,
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line
    mapping: Mapping[str, str] | None = None,
    acc_unit: str | None = None,
    gyr_unit: str | None = None,
    time_unit: str | None = None,
    rate_hz: float | None = None,
    device: str | None = None,
) -> Imported:
    """Read a recording of another program.

    Args:
        paths: a file, a folder, a zip archive, or the several files of one recording.
        format: one of ``FORMATS``; None finds it.
        mapping: columns by axis (``t, ax, ay, az, gx, gy, gz``); makes the format generic.
        acc_unit: unit of the acceleration (m/s², g, mg) of a generic table; None finds it.
        gyr_unit: unit of the angular rate (rad/s, deg/s, mdeg/s) of a generic table; None finds it.
        time_unit: unit of the time stamps (s, ms, µs, ns) of a generic table; None finds it.
        rate_hz: sampling rate, for tables without a clock.
        device: name of the sensor, where a file holds several.

    Raises:
        InputError: what is wrong, in which file, and what to do about it.
    """
    listed = [paths] if isinstance(paths, Path) else list(paths)
    sources = [source for path in listed for source in read_sources(path)]
    where = str(listed[0])
    if format is not None and format not in FORMATS:
        raise InputError(
            _("no format is called {format!r}").format(format=format),
            advice=_("there are: {formats}").format(formats=", ".join(FORMATS)),
        )
    found = None
    told = bool(mapping or acc_unit or gyr_unit or time_unit or rate_hz)
    named = format not in (None, "generic") and rate_hz is None
    if named or not told:
        found = _find(sources, format, device)
    if found is None:
        if named:
            raise InputError(
                _("does not look like {format}").format(format=format),
                where=where,
                advice=_("leave --format out to have it found"),
            )
        source = max(sources, key=lambda source: len(source.text))
        table = parse_table(source.text, source.where)
        found = read_generic(
            table, mapping or {}, acc_unit=acc_unit, gyr_unit=gyr_unit, time_unit=time_unit, rate_hz=rate_hz
        )
    return combine(found, where)


def _find(sources: Sequence[SourceFile], format: str | None, device: str | None) -> Found | None:  # noqa: A002
    readers: dict[str, Callable[[Sequence[SourceFile]], Found | None]] = {
        "sensor-logger": read_sensor_logger,
        "movella-dot": read_movella_dot,
        "xsens-mt": read_xsens_mt,
        "phyphox": read_phyphox,
        "polar-sensor-logger": read_polar,
        "witmotion": lambda files: read_witmotion(files, device),
    }
    for name, reader in readers.items():
        if format in (None, name) and (found := reader(sources)) is not None:
            return found
    return None
