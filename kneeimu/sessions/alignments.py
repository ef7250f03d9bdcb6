"""Alignments in use: from what ``calibration`` found to what is stored, by sensor, limb and side, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kneeimu.errors import InputError
from kneeimu.locations import alignments_dir
from kneeimu.sessions.alignment_file import load_alignment, save_alignment
from kneeimu.types import Alignment, Mount, Rep, Samples, Side

if TYPE_CHECKING:
    from calibration.alignment import AlignmentResult
    from calibration.observation import Recorded
    from calibration.reference import Reference


def recorded(samples: Samples) -> Recorded:
    """Give samples as the plain arrays that ``calibration`` takes."""
    return samples.time_s, samples.acc_m_s2, samples.gyr_rad_s


def alignment_of(result: AlignmentResult, reference: Reference | None = None, exercise: str | None = None) -> Alignment:
    """Give the alignment that the engine takes.

    Args:
        reference: of good reps of ``exercise``. Without it the guided squats are the reference: their tilt for every
            exercise, their range for squats alone. Raises of the thigh and swings of the shin give none.
    """
    used, of = (reference, exercise) if reference else (result.reference, "squat")
    return Alignment(
        quat_segment_to_sensor=result.quat_segment_to_sensor,
        side=result.side,
        mount=result.mount,
        quality=result.quality,
        yaw_uncertainty_deg=result.yaw_uncertainty_deg,
        reference_tilt_deg=used.tilt_deg if used else None,
        reference_range_deg=used.range_deg if used else None,
        reference_rotation_deg=used.rotation_deg if used else None,
        reference_exercise=of if used else None,
        gyro_bias_rad_s=result.bias_rad_s,
    )


def reference_from(reps: Sequence[Rep]) -> Reference:
    """Take the reference from reps that the engine measured with the alignment; those it saw in part tell nothing.

    Raises:
        InputError: fewer than three reps, or too unlike each other.
    """
    from calibration.errors import CalibrationError
    from calibration.reference import reference_of_reps

    reps = [rep for rep in reps if rep.phases_s is not None]
    # an exercise outside the sagittal plane has no tilt; its range is a reference all the same
    flat = all(rep.medial_tilt_deg is None for rep in reps)
    # the peak of a straight knee is its sway, now this way and now that: a reference takes what is steady
    measured = [
        (
            rep.metrics.get("steady_tilt_deg", rep.medial_tilt_deg) or 0.0,
            rep.metrics.get("steady_rotation_deg", rep.inward_rotation_deg) or 0.0,
            rep.range_of_motion_deg,
        )
        for rep in reps
        if (flat or rep.inward_rotation_deg is not None) and "short" not in rep.flags
    ]
    try:
        return reference_of_reps(*zip(*measured, strict=True)) if measured else reference_of_reps([], [], [])
    except CalibrationError as error:
        raise InputError(error.what, advice=error.advice) from error


def about(result: AlignmentResult, sensor: str | None) -> dict[str, Any]:
    """What is kept beside the alignment for people."""
    return {
        "sensor": sensor,
        "made_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "movement": result.movement,
        "movements": result.movements,
        "stand_s": list(result.stand_s),
        "movement_range_deg": result.range_deg,
        "side_confirmed": result.side_seen,
        "resting_acceleration_m_s2": result.gravity_m_s2,
        "checks": [f"{check.level}: {check.what}" for check in result.checks],
    }


def alignment_path(sensor: str, side: Side, mount: Mount) -> Path:
    """Where the alignment of this sensor on this limb is kept."""
    from calibration.profiles import alignment_name

    return alignments_dir() / alignment_name(sensor, side, mount)


def store_alignment(alignment: Alignment, result: AlignmentResult, sensor: str, path: Path | None = None) -> Path:
    """Keep the alignment for this sensor, or in ``path``; give the file.

    Raises:
        InputError: it can't be written.
    """
    path = path or alignment_path(sensor, alignment.side, alignment.mount)
    save_alignment(path, alignment, **about(result, sensor))
    return path


def find_alignment(sensor: str, side: Side, mount: Mount) -> Alignment | None:
    """The stored alignment of this sensor on this limb; None when there is none.

    Raises:
        InputError: there is one, but it can't be read.
    """
    path = alignment_path(sensor, side, mount)
    return load_alignment(path) if path.exists() else None
