"""OpenSim's text tables: orientations for OpenSense (``.sto``) and angles (``.mot``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.sessions.atomic import write_private
from kneeimu.sessions.exporters.columns import lines
from kneeimu.sessions.play import Played

BODIES = {"thigh": "femur", "shin": "tibia"}


def write_opensim(played: Played, folder: Path) -> list[Path]:
    """Write ``NAME_orientations.sto`` (quaternions) and ``NAME_angles.mot`` (degrees) into the folder.

    The orientation turns the segment's frame (the sensor's, unaligned) into a room whose Z points up, so that
    OpenSense needs its usual rotation of -90° about X. The column is called after the body, such as ``tibia_r_imu``.

    The angles are the segment's, not coordinates of a model: one sensor does not see a joint.

    Raises:
        InputError: the folder can't be written.
    """
    trace, setup = played.trace, played.setup
    place = f"{BODIES[setup.mount]}_{setup.side[0]}"
    quats = [",".join(f"{part:.8f}" for part in quat) for quat in trace.quat_segment_to_world]
    orientations = folder / f"{played.name}_orientations.sto"
    head = f"DataRate={TICK_HZ:.6f}\nDataType=Quaternion\nversion=3\nOpenSimVersion=4.4\nendheader\n"
    rows = [[f"{time:.6f}", quat] for time, quat in zip(trace.time_s, quats, strict=True)]
    write_private(orientations, head + f"time\t{place}_imu\n" + lines(rows, "\t", "NaN"))

    known = bool(np.isfinite(trace.medial_deg).any())
    names = [f"{place}_movement", *([f"{place}_medial_tilt"] if known else [])]
    columns = [trace.time_s, trace.angle_deg, *([trace.medial_deg] if known else [])]
    table = np.column_stack(columns)
    angles = folder / f"{played.name}_angles.mot"
    head = (
        f"{played.name}_angles\nversion=1\nnRows={len(table)}\nnColumns={len(columns)}\ninDegrees=yes\n"
        "segment angles from one sensor, no joint coordinates\nendheader\n"
    )
    write_private(angles, head + "\t".join(["time", *names]) + "\n" + lines(table.tolist(), "\t", "NaN"))
    return [orientations, angles]
