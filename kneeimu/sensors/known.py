"""Sensors that are remembered: what the wearer calls them and where they are worn.

Kept in ``sensors.json`` in the data folder. A sensor is known again by its serial number, for on macOS its address
differs from computer to computer, or else by its address.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kneeimu.errors import InputError
from kneeimu.locations import data_dir
from kneeimu.sessions.atomic import unreadable, write_private
from kneeimu.types import Mount, Side
from kneeimu.words import _, mark

MEND = mark("mend it, or delete it to begin anew")


@dataclass(frozen=True, slots=True)
class KnownSensor:
    """A remembered sensor; what was not told is empty or None."""

    address: str
    family: str = ""
    name: str = ""
    serial_number: str = ""
    nickname: str = ""
    side: Side | None = None
    mount: Mount | None = None

    def is_same(self, address: str, serial_number: str = "") -> bool:
        """Tell whether this is the sensor with that address or serial number."""
        if self.serial_number and serial_number:
            return self.serial_number == serial_number
        return self.address.lower() == address.lower()

    def answers_to(self, text: str) -> bool:
        """Tell whether the text is its nickname, address or serial number."""
        return text.lower() in {self.nickname.lower(), self.address.lower(), self.serial_number.lower()} - {""}


def registry_path() -> Path:
    """Where the sensors are remembered."""
    return data_dir() / "sensors.json"


def known_sensors(path: Path | None = None) -> tuple[KnownSensor, ...]:
    """Give the remembered sensors; none when there is no file.

    Raises:
        InputError: the file can't be read or is damaged.
    """
    path = path or registry_path()
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["sensors"]
        return tuple(_read(entry) for entry in entries)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            _("the list of known sensors is damaged: {error}").format(error=error), where=str(path), advice=_(MEND)
        ) from error


def remember(sensor: KnownSensor, path: Path | None = None) -> None:
    """Add the sensor, or replace what was known of it.

    Raises:
        InputError: the file can't be read or written, or another sensor has that nickname.
    """
    others = [known for known in known_sensors(path) if not known.is_same(sensor.address, sensor.serial_number)]
    if sensor.nickname and any(known.nickname.lower() == sensor.nickname.lower() for known in others):
        raise InputError(
            _("another sensor is called {nickname!r}").format(nickname=sensor.nickname),
            advice=_("choose another nickname"),
        )
    _write([*others, sensor], path)


def forget(text: str, path: Path | None = None) -> KnownSensor:
    """Remove the sensor of that nickname, address or serial number.

    Raises:
        InputError: there is none, or the file can't be read or written.
    """
    sensors = known_sensors(path)
    gone = find_known(text, path)
    if gone is None:
        names = ", ".join(sensor.nickname or sensor.address for sensor in sensors) or "none"
        raise InputError(
            _("no known sensor is called {text!r}").format(text=text),
            advice=_("known are: {names}").format(names=names),
        )
    _write([sensor for sensor in sensors if sensor is not gone and sensor != gone], path)
    return gone


def find_known(text: str, path: Path | None = None) -> KnownSensor | None:
    """Give the remembered sensor of that nickname, address or serial number.

    Raises:
        InputError: the file can't be read or is damaged.
    """
    return next((sensor for sensor in known_sensors(path) if sensor.answers_to(text)), None)


def address_of(text: str, path: Path | None = None) -> str:
    """Give the address of the remembered sensor with that nickname, and any other text as it is.

    Raises:
        InputError: the file can't be read or is damaged.
    """
    known = find_known(text, path)
    return known.address if known else text


def worn_at(side: str, mount: str, path: Path | None = None) -> str | None:
    """Give the address of the one sensor that is remembered as worn there; None when there is none, or several.

    Raises:
        InputError: the file can't be read or is damaged.
    """
    there = [sensor.address for sensor in known_sensors(path) if (sensor.side, sensor.mount) == (side, mount)]
    return there[0] if len(there) == 1 else None


def _read(entry: Any) -> KnownSensor:
    if not isinstance(entry, dict):
        raise TypeError(f"{entry!r} is no sensor")
    fields = {field.name for field in dataclasses.fields(KnownSensor)}
    sensor = KnownSensor(**{key: value for key, value in entry.items() if key in fields})
    texts = (sensor.address, sensor.family, sensor.name, sensor.serial_number, sensor.nickname)
    if not sensor.address or not all(isinstance(text, str) for text in texts):
        raise ValueError("a sensor without an address, or with something that is no text")
    if sensor.side not in (None, "left", "right") or sensor.mount not in (None, "thigh", "shin"):
        raise ValueError(f"{sensor.address} is worn at {sensor.side!r} {sensor.mount!r}")
    return sensor


def _write(sensors: list[KnownSensor], path: Path | None) -> None:
    data = {"version": 1, "sensors": [dataclasses.asdict(sensor) for sensor in sensors]}
    write_private(path or registry_path(), json.dumps(data, indent=2) + "\n")
