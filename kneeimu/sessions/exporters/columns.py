"""What every exported number is: one table of names, units and meanings for all formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kneeimu.sessions.play import Played
from kneeimu.tally import TalliedRep
from kneeimu.types import FloatArray


@dataclass(frozen=True, slots=True)
class Column:
    """Name, unit ("" when it has none) and meaning of an exported number."""

    name: str
    unit: str
    meaning: str


SENSOR_FRAME = "the sensor's own frame, as the maker draws it on the box"
SEGMENT_FRAME = "segment frame: X anterior, Y proximal, Z to the wearer's right, both legs"
WORLD_FRAME = "room frame: Z up, heading arbitrary and drifting"

SAMPLES = (
    Column("t", "s", "time since the session began"),
    *(Column(f"a{axis}", "m/s²", f"specific force along {axis} of the sensor; +g up at rest") for axis in "xyz"),
    *(Column(f"g{axis}", "rad/s", f"angular rate about {axis} of the sensor") for axis in "xyz"),
)

ANGLES = (
    Column("t", "s", "time since the session began, 25 a second"),
    Column("angle_deg", "deg", "the movement the counter sees: tilt of the segment away from its home"),
    Column("medial_deg", "deg", "medial tilt of the long axis since the rep began, + is knee inwards; empty unaligned"),
    *(
        Column(f"quat_{part}", "", "orientation of the segment (of the sensor, unaligned) in the room, scalar w")
        for part in "wxyz"
    ),
)

REPS = (
    Column("set", "", "number of the set"),
    Column("number", "", "number of the rep in its set"),
    Column("start_s", "s", "the movement left its home"),
    Column("turn_s", "s", "the far end was reached"),
    Column("end_s", "s", "the movement was home again"),
    Column("duration_s", "s", "end minus start"),
    Column("range_of_motion_deg", "deg", "largest tilt away from home"),
    Column("outward_s", "s", "time outwards"),
    Column("hold_s", "s", "time at the far end"),
    Column("return_s", "s", "time back"),
    Column("peak_velocity_deg_s", "deg/s", "fastest movement"),
    Column("medial_tilt_deg", "deg", "medial tilt of the long axis since the start, peak at 70–100 % of the depth"),
    Column("medial_drift_deg", "deg", "medial tilt minus that of the wearer's own reference reps at matched depth"),
    Column("inward_rotation_deg", "deg", "rotation about the long axis since the start of the rep"),
    Column("fppa_equivalent_deg", "deg", "camera-style estimate; assumes the hip stays over the foot"),
    Column("fppa_equivalent_uncertainty_deg", "deg", "two standard deviations of the estimate"),
    Column("direction", "", "direction of a step"),
    Column("clean", "", "1 when no flag was raised"),
    Column("flags", "", "form findings, parted by spaces"),
    Column("correction", "", "by the person: 'added' (never measured), 'taken back' (counts no more), or empty"),
    Column("counted_s", "s", "when it was counted, or added by the person"),
)
WHOLE = frozenset({"set", "number", "clean"})
WORDS = frozenset({"direction", "flags", "correction"})
"""Columns of whole numbers, and of words."""


def rep_rows(played: Played) -> list[dict[str, Any]]:
    """Give the reps as rows with the columns ``REPS``; None where a number is not known.

    Reps that the person added or took back are among them, marked.
    """
    return [_rep_row(one) for one in played.listed]


def _rep_row(one: TalliedRep) -> dict[str, Any]:
    rep = one.rep
    own = {column.name: getattr(rep, column.name, None) for column in REPS}
    judged = {"clean": int(rep.clean), "flags": " ".join(rep.flags)} if rep else {"clean": None, "flags": ""}
    return {**own, **judged, "set": one.set_number, "correction": one.note, "counted_s": one.time_s}


def sample_table(played: Played) -> FloatArray:
    """Give the samples, shape (n, 7), with the columns ``SAMPLES``."""
    samples = played.samples
    return np.column_stack([samples.time_s, samples.acc_m_s2, samples.gyr_rad_s])


def angle_table(played: Played) -> FloatArray:
    """Give the trace, shape (n, 7), with the columns ``ANGLES``; NaN where an angle is not known."""
    trace = played.trace
    return np.column_stack([trace.time_s, trace.angle_deg, trace.medial_deg, trace.quat_segment_to_world])


def describe(columns: Sequence[Column]) -> dict[str, dict[str, str]]:
    """Give the columns as plain data for a sidecar file."""
    return {column.name: {"Units": column.unit or "n/a", "Description": column.meaning} for column in columns}


def frames(played: Played) -> dict[str, str]:
    """Say which frames the numbers of this session are in."""
    aligned = played.setup.alignment is not None
    return {
        "samples": SENSOR_FRAME,
        "orientation": f"{SEGMENT_FRAME if aligned else SENSOR_FRAME}; turned into the {WORLD_FRAME}",
        "aligned": "yes" if aligned else "no",
    }


def about(played: Played) -> dict[str, Any]:
    """Give exercise, side, mount, rate and start of the session as plain data."""
    setup = played.setup
    return {
        "exercise": setup.exercise,
        "side": setup.side,
        "mount": setup.mount,
        "sampling_rate_hz": round(setup.sampling_rate_hz, 3),
        "started": played.started.isoformat() if played.started else None,
        "software": _software(),
    }


def _software() -> str:
    from importlib.metadata import version

    return f"kneeimu {version('kneeimu')}"


def lines(rows: Iterator[Sequence[Any]] | Sequence[Sequence[Any]], gap: str, missing: str) -> str:
    """Give rows as text; None and NaN become ``missing``."""
    return "".join(gap.join(_cell(value, missing) for value in row) + "\n" for row in rows)


def _cell(value: Any, missing: str) -> str:
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return missing
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
