"""Motion-BIDS: a folder of plain tables that laboratories share."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kneeimu.motion.uniform import TICK_HZ
from kneeimu.sessions.atomic import write_private
from kneeimu.sessions.exporters.columns import about, angle_table, lines, rep_rows, sample_table
from kneeimu.sessions.play import Played

BIDS_VERSION = "1.9.0"
COUNTED = ("ACCEL", "ANGACCEL", "GYRO", "JNTANG", "LATENCY", "MAGN", "MISC", "ORNT", "POS", "VEL")
Channel = tuple[str, str, str, str]
"""Name, component, type and unit of a channel, in BIDS's words."""

IMU: tuple[Channel, ...] = (
    ("latency", "n/a", "LATENCY", "s"),
    *((f"acc_{axis}", axis, "ACCEL", "m/s^2") for axis in "xyz"),
    *((f"gyro_{axis}", axis, "GYRO", "rad/s") for axis in "xyz"),
)
SEGMENT: tuple[Channel, ...] = (
    ("latency", "n/a", "LATENCY", "s"),
    ("movement", "n/a", "MISC", "deg"),
    ("medial_tilt", "n/a", "MISC", "deg"),
    *((f"orientation_{part}", f"quat_{part}", "ORNT", "n/a") for part in "wxyz"),
)


def write_motion_bids(played: Played, folder: Path, *, subject: str = "01", run: int | None = None) -> list[Path]:
    """Write the session into a Motion-BIDS dataset, which is made where it is missing.

    Two tracking systems: ``imu`` holds what the sensor sent (m/s² and rad/s, its own frame) with the time of each
    sample, ``segment`` what the engine made of it at 25 Hz. The reps are events.

    Args:
        played: the session.
        folder: the dataset.
        subject: label of the person, letters and digits only; never a name.
        run: number of the run; the next free one, if None, so that nothing is written over.

    Raises:
        InputError: the folder can't be written.
    """
    label = re.sub(r"[^A-Za-z0-9]", "", subject) or "01"
    task = re.sub(r"[^A-Za-z0-9]", "", played.setup.exercise)
    motion = folder / f"sub-{label}" / "motion"
    worn = f"acq-{played.setup.side}{played.setup.mount}"
    run = run or _free_run(motion, f"sub-{label}_task-{task}_{worn}")
    written = _dataset(folder, label)
    point = f"{played.setup.side} {'shank' if played.setup.mount == 'shin' else 'thigh'}"
    rate = round(played.setup.sampling_rate_hz, 3)
    for system, channels, table, hz in (
        ("imu", IMU, sample_table(played).tolist(), rate),
        ("segment", SEGMENT, angle_table(played).tolist(), TICK_HZ),
    ):
        stem = f"sub-{label}_task-{task}_tracksys-{system}_{worn}_run-{run:02d}"
        sidecar = _sidecar(played, system, channels, hz, len(table))
        written += [
            _write(motion / f"{stem}_motion.tsv", lines(table, "\t", "n/a")),
            _write(motion / f"{stem}_motion.json", _json(sidecar)),
            _write(motion / f"{stem}_channels.tsv", _channels(channels, point, hz)),
            _write(motion / f"{stem}_channels.json", _json(_frames(system))),
        ]
    events = motion / f"sub-{label}_task-{task}_{worn}_run-{run:02d}_events"
    return [
        *written,
        _write(events.with_name(events.name + ".tsv"), _events(played)),
        _write(events.with_name(events.name + ".json"), _json(EVENT_COLUMNS)),
    ]


def _free_run(motion: Path, start: str) -> int:
    taken = [re.search(r"_run-(\d+)_events", path.name) for path in motion.glob(f"{start}_run-*_events.tsv")]
    return 1 + max((int(found[1]) for found in taken if found), default=0)


def _write(path: Path, text: str) -> Path:
    write_private(path, text)
    return path


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _dataset(folder: Path, label: str) -> list[Path]:
    people = folder / "participants.tsv"
    known = people.read_text(encoding="utf-8").split() if people.exists() else []
    rows = [name for name in known if name.startswith("sub-")]
    if f"sub-{label}" not in rows:
        rows.append(f"sub-{label}")
    description = {
        "Name": "Knee training with one motion sensor",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "Authors": ["n/a"],
        "GeneratedBy": [{"Name": "kneeimu"}],
    }
    readme = (
        "# Knee training with one motion sensor\n\n"
        "tracksys-imu: samples as the sensor sent them. tracksys-segment: the segment's movement, 25 Hz.\n"
        "Angles are the segment's against the room, not joint angles. A training aid, not a medical device.\n"
    )
    return [
        _write(folder / "dataset_description.json", _json(description)),
        _write(folder / "README.md", readme),
        _write(people, "participant_id\n" + "".join(f"{row}\n" for row in sorted(rows))),
    ]


def _sidecar(played: Played, system: str, channels: Sequence[Channel], hz: float, count: int) -> dict[str, Any]:
    session = about(played)
    kinds = [kind for _, _, kind, _ in channels]
    counts = {f"{kind}ChannelCount": kinds.count(kind) for kind in COUNTED}
    return {
        "TaskName": played.setup.exercise,
        "TaskDescription": f"{played.setup.exercise}, {played.setup.side} leg",
        "SamplingFrequency": hz,
        "SamplingFrequencyEffective": hz,
        "TrackingSystemName": system,
        "MotionChannelCount": len(channels),
        "TrackedPointsCount": 1,
        "RecordingDuration": round(float(played.trace.time_s[-1]), 3) if count else 0.0,
        "RecordingType": "continuous",
        "SoftwareVersions": session["software"],
        "MissingValues": "n/a",
        **counts,
    }


def _channels(channels: Sequence[Channel], point: str, hz: float) -> str:
    head = "name\tcomponent\ttype\ttracked_point\tunits\tplacement\treference_frame\tsampling_frequency\n"
    return head + "".join(
        "\t".join([name, component, kind, point, unit, point, "n/a" if kind in ("LATENCY", "MISC") else "local"])
        + f"\t{hz:g}\n"
        for name, component, kind, unit in channels
    )


def _frames(system: str) -> dict[str, Any]:
    if system == "imu":
        meaning = "the sensor's own axes, as the maker draws them; specific force, +g up at rest"
        level: dict[str, Any] = {"Description": meaning, "RotationRule": "right-hand"}
    else:
        meaning = "segment (X anterior, Y proximal, Z right; the sensor's axes unaligned) in a room with Z up"
        level = {"Description": meaning, "RotationRule": "right-hand", "SpatialAxes": "FLS"}
    return {"reference_frame": {"Description": "frame of the channel", "Levels": {"local": level}}}


LEVELS = {
    "rep": "one repetition",
    "rep_added": "one that the person added; the onset is when, nothing of it was measured",
    "rep_taken_back": "one that the person took back",
}
KINDS = {"": "rep", "added": "rep_added", "taken back": "rep_taken_back"}
EVENT_COLUMNS: dict[str, Any] = {
    "onset": {"Description": "start of the rep", "Units": "s"},
    "duration": {"Description": "duration of the rep", "Units": "s"},
    "trial_type": {"Description": "what happened", "Levels": LEVELS},
    "set": {"Description": "number of the set"},
    "number": {"Description": "number of the rep in its set"},
    "range_of_motion": {"Description": "largest tilt away from home", "Units": "deg"},
    "medial_drift": {"Description": "medial tilt minus that of the wearer's reference reps", "Units": "deg"},
    "flags": {"Description": "form findings, parted by spaces"},
}


def _events(played: Played) -> str:
    rows = [
        [
            row["counted_s"] if row["start_s"] is None else row["start_s"], row["duration_s"],
            KINDS[row["correction"]], row["set"], row["number"],
            row["range_of_motion_deg"], row["medial_drift_deg"], row["flags"] or None,
        ]
        for row in rep_rows(played)
    ]  # fmt: skip
    return "\t".join(EVENT_COLUMNS) + "\n" + lines(rows, "\t", "n/a")
