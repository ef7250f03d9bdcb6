"""Stored calibrations of sensors: one readable JSON file a sensor; and the names of the files of alignments."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibration.device import RestCalibration, SixPositions
from calibration.errors import CalibrationError
from calibration.frames import FloatArray
from calibration.texts import _, mark

FORMAT = "kneeimu device calibration"
VERSION = 1
REDO = mark("make it again with `kneeimu calibrate device`")


@dataclass(frozen=True, slots=True)
class DeviceProfile:
    """What is known of one sensor; either part may be missing. ``made_utc`` is ISO 8601."""

    sensor: str
    made_utc: str
    rest: RestCalibration | None = None
    six: SixPositions | None = None

    def apply(self, acc: FloatArray, gyr: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Correct readings: acc (n, 3) m/s², gyr (n, 3) rad/s."""
        if self.six is not None:
            acc = self.six.apply(acc)
        if self.rest is not None:
            gyr = gyr - np.array(self.rest.bias_rad_s)
        return acc, gyr


def alignment_name(sensor: str, side: str, mount: str) -> str:
    """File name of the alignment of a sensor on a limb, such as ``aa-bb-cc-dd-ee-ff.right-shin.json``."""
    return f"{_plain(sensor)}.{side}-{mount}.json"


def device_name(sensor: str) -> str:
    """File name of the calibration of a sensor."""
    return f"{_plain(sensor)}.json"


def save_device(path: Path, profile: DeviceProfile) -> None:
    """Write the profile in one step, for this user alone.

    Raises:
        OSError: it can't be written.
    """
    content = {"format": FORMAT, "version": VERSION, **dataclasses.asdict(profile)}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=2, allow_nan=False) + "\n")
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def load_device(path: Path) -> DeviceProfile:
    """Read a profile.

    Raises:
        CalibrationError: it is not one, or does not fit.
        OSError: it can't be read.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT or content["version"] != VERSION:
            raise ValueError("another format")
        rest, six = content["rest"], content["six"]
        return DeviceProfile(
            sensor=str(content["sensor"]),
            made_utc=str(content["made_utc"]),
            rest=RestCalibration(**_tuples(rest)) if rest else None,
            six=SixPositions(**_tuples(six)) if six else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CalibrationError(
            "not-a-profile", _("{path} is not a device calibration").format(path=path), _(REDO)
        ) from error


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _as_tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(part) for part in value) if isinstance(value, list) else float(value)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "sensor"
