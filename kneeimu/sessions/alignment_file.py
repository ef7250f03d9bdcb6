"""A stored alignment: one readable JSON file for each sensor, limb and side."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any, get_args

from calibration.device import LARGEST_BIAS_RAD_S
from kneeimu.errors import InputError
from kneeimu.sessions.atomic import unreadable, write_private
from kneeimu.types import Alignment, Mount, Side
from kneeimu.words import _, mark

FORMAT = "kneeimu alignment"
VERSION = 1
LARGEST_BYTES = 1_000_000
QUALITIES = ("good", "fair", "poor")
REDO = mark("make it again with `kneeimu calibrate alignment`")


def save_alignment(path: str | Path, alignment: Alignment, **about: Any) -> None:
    """Write the alignment in one step, for this user alone.

    Args:
        about: what else to keep for people: sensor, date, residuals, warnings. Must be plain data.

    Raises:
        InputError: the file can't be written.
    """
    content = {"format": FORMAT, "version": VERSION, **alignment_to_dict(alignment)}
    if about:
        content["about"] = about
    write_private(Path(path), json.dumps(content, indent=2, allow_nan=False) + "\n")


def load_alignment(path: str | Path) -> Alignment:
    """Read an alignment.

    Raises:
        InputError: the file is missing, foreign or does not fit; names the file, the field and the cure.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        if len(data) > LARGEST_BYTES:
            raise ValueError("too large")
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(_("this is not an alignment file"), where=f"{path}{line}", advice=_(REDO)) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(_("this is not an alignment file"), where=str(path), advice=_(REDO))
    if content.get("version") != VERSION:
        what = _("the alignment is of version {x!r}, this program reads {version}").format(
            x=content.get("version"), version=VERSION
        )
        raise InputError(what, where=str(path), advice=_("update kneeimu, or make the alignment again"))
    try:
        return alignment_from_dict(content)
    except ValueError as error:
        raise InputError(str(error), where=str(path), advice=_(REDO)) from error


def alignment_to_dict(alignment: Alignment) -> dict[str, Any]:
    """Give the alignment as plain data."""
    content = dataclasses.asdict(alignment)
    content["quat_segment_to_sensor"] = list(alignment.quat_segment_to_sensor)
    bias = alignment.gyro_bias_rad_s
    content["gyro_bias_rad_s"] = None if bias is None else list(bias)
    return content


def alignment_from_dict(content: dict[str, Any]) -> Alignment:
    """Read what ``alignment_to_dict`` gave; fields it does not know are left alone.

    Raises:
        ValueError: a field is missing or does not fit.
    """
    quat = content.get("quat_segment_to_sensor")
    if not isinstance(quat, list) or len(quat) != 4 or not all(_is_number(part) for part in quat):
        raise ValueError("quat_segment_to_sensor must be four numbers, scalar first")
    if abs(math.hypot(*quat) - 1.0) > 0.01:
        raise ValueError("quat_segment_to_sensor must have length 1")
    for name, allowed in (("side", get_args(Side)), ("mount", get_args(Mount)), ("quality", QUALITIES)):
        if content.get(name) not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(allowed)}")
    fields: dict[str, Any] = {"quat_segment_to_sensor": tuple(float(part) for part in quat)}
    for field in dataclasses.fields(Alignment):
        if field.name in ("quat_segment_to_sensor", "gyro_bias_rad_s"):
            continue
        value = content.get(field.name)
        needed = field.default is dataclasses.MISSING
        if field.name.endswith("_deg") and not (_is_number(value) or (value is None and not needed)):
            raise ValueError(f"{field.name} must be a number")
        if value is not None:
            fields[field.name] = value
    fields["gyro_bias_rad_s"] = _bias_from(content.get("gyro_bias_rad_s"))
    return Alignment(**fields)


def _bias_from(value: object) -> tuple[float, float, float] | None:
    """Read the gyro's bias; None in files that do not tell."""
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 3 or not all(_is_number(part) for part in value):
        raise ValueError("gyro_bias_rad_s must be three numbers")
    x, y, z = (float(part) for part in value)
    if max(abs(x), abs(y), abs(z)) > LARGEST_BIAS_RAD_S:
        raise ValueError("gyro_bias_rad_s is larger than any sensor's")
    return x, y, z


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
