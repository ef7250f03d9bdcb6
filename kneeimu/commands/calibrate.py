"""``kneeimu calibrate``: how the box sits on the limb, and what is wrong with the box."""

from __future__ import annotations

import json
from math import degrees
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.types import Mount, Side
from kneeimu.words import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from calibration.alignment import AlignmentResult
    from calibration.device import RestCalibration, SixPositions
    from calibration.observation import Recorded
    from calibration.reference import Reference
    from kneeimu.types import Alignment

acc_unit_option = click.option("--acc-unit", type=click.Choice(["m/s2", "g"]), default="m/s2", show_default=True)
gyr_unit_option = click.option("--gyr-unit", type=click.Choice(["rad/s", "deg/s"]), default="rad/s", show_default=True)


radio_option = click.option(
    "--radio", metavar="TRANSPORT", envvar="KNEEIMU_RADIO", help="As for `kneeimu live`. [env: KNEEIMU_RADIO]"
)


def units(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options for the units of a CSV."""
    return acc_unit_option(gyr_unit_option(function))


@click.group("calibrate", short_help="Align the sensor with the limb, or calibrate the sensor itself.")
def command() -> None:
    """Align the sensor with the limb, or calibrate the sensor itself.

    Counting needs neither. The knee's drift needs the alignment.
    """


@command.command("alignment")
@click.option("--from", "file", metavar="FILE", help="Recording of the movements; without it the sensor is asked.")
@click.option("--side", type=click.Choice(get_args(Side)), required=True, help="The leg that wears the sensor.")
@click.option("--mount", type=click.Choice(get_args(Mount)), required=True, help="Where on the leg.")
@click.option("--out", metavar="FILE", help="Where to keep it; live it is kept for the sensor by itself.")
@click.option("--reference", metavar="FILE", help="Recording of three or more good reps of --exercise.")
@click.option("--exercise", type=click.Choice(list(CATALOGUE)), help="Exercise of the reference reps.")
@click.option(
    "--sensor",
    metavar="NAME",
    help="Address or name of the sensor; else the one remembered for this place, or the nearest.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the alignment as JSON.")
@radio_option
@units
def alignment_command(
    file: str | None,
    side: Side,
    mount: Mount,
    out: str | None,
    reference: str | None,
    exercise: str | None,
    sensor: str | None,
    as_json: bool,
    radio: str | None,
    acc_unit: str,
    gyr_unit: str,
) -> None:
    """Find how the box sits on the limb.

    Stand still for four seconds. Then five slow movements, coming back to standing after each: squats with the knees
    over the second toes; or, with the foot off the floor, raises of the thigh (mount thigh) or swings of the shin to
    the front (mount shin). Then lift the leg once to the side, which confirms the side, and stand still again.
    """
    if reference and not exercise:
        raise click.UsageError(_("--reference needs --exercise: which exercise the reps are of"))
    if file is None:
        from kneeimu.commands.calibrate_live import align_live

        result, reps, sensor = align_live(side, mount, sensor, exercise if not reference else None, radio)
    else:
        result, reps = _align(_read(file, acc_unit, gyr_unit), file, side, mount), []
    own = _reference(result, reference, exercise, acc_unit, gyr_unit) if reference and exercise else None
    if reps:
        from kneeimu.sessions.alignments import reference_from

        own = reference_from(reps)
    from kneeimu.sessions.alignments import alignment_of, store_alignment

    alignment = alignment_of(result, own, exercise)
    path = None
    if out is not None or (file is None and sensor):
        path = store_alignment(alignment, result, sensor or "", Path(out) if out else None)
    _print_alignment(result, alignment, path, as_json)


def _align(stream: Recorded, file: str, side: Side, mount: Mount) -> AlignmentResult:
    from calibration.alignment import align
    from calibration.errors import CalibrationError

    try:
        return align(*stream, side, mount)
    except CalibrationError as error:
        raise InputError(error.what, where=file, advice=error.advice) from error


def _reference(result: AlignmentResult, file: str, exercise: str, acc_unit: str, gyr_unit: str) -> Reference:
    from kneeimu.sessions.alignments import alignment_of, reference_from
    from kneeimu.sessions.files import Request, analyze_file

    request = Request(exercise, result.side, result.mount, alignment_of(result), acc_unit, gyr_unit)
    try:
        return reference_from(analyze_file(file, request, one_set=True).reps)
    except InputError as error:
        raise InputError(error.what, where=error.where or file, advice=error.advice) from error


def _print_alignment(result: AlignmentResult, alignment: Alignment, path: Path | None, as_json: bool) -> None:
    from kneeimu.sessions.alignment_file import alignment_to_dict
    from kneeimu.sessions.alignments import about

    if as_json or path is None:
        click.echo(json.dumps({**alignment_to_dict(alignment), "about": about(result, None)}, allow_nan=False))
        if path is None:
            click.echo("kneeimu: " + _("not kept; --out FILE keeps it"), err=True)
    else:
        click.echo(_words(result, alignment, path))
    for warning in result.warnings:
        click.echo("kneeimu: " + _("note: {warning}").format(warning=warning), err=True)
    if not result.side_seen:
        click.echo(
            "kneeimu: " + _("note: the side is not confirmed; a lift of the leg to the side would do that"), err=True
        )


def _words(result: AlignmentResult, alignment: Alignment, path: Path) -> str:
    lines = [
        _("{side} {mount}: {quality} alignment, kept in {path}").format(
            side=alignment.side, mount=alignment.mount, quality=alignment.quality, path=path
        ),
        _("  movements    {movements} ({movement}), {range_deg:.0f}°").format(
            movements=result.movements, movement=result.movement, range_deg=result.range_deg
        ),
        _("  uncertainty  ±{yaw_uncertainty_deg:.1f}° about the limb (one standard deviation)").format(
            yaw_uncertainty_deg=alignment.yaw_uncertainty_deg
        ),
    ]
    if alignment.reference_tilt_deg is None:
        lines.append(
            _("  reference    none: do three good reps and give them with --reference, to see the knee's drift")
        )
    else:
        of_moves = result.reference is not None and result.reference.tilt_deg == alignment.reference_tilt_deg
        of = _("the squats of the alignment") if of_moves else _("the good reps")
        lines.append(
            _("  reference    {reference_tilt_deg:+.1f}° medial tilt, from {of}").format(
                reference_tilt_deg=alignment.reference_tilt_deg, of=of
            )
        )
    return "\n".join(lines)


@command.group("device")
def device() -> None:
    """Calibrate the sensor itself: its gyro at rest, its accelerometer from six positions."""


@device.command("rest")
@click.option("--from", "file", metavar="FILE", help="Recording of the sensor at rest; without it the sensor is asked.")
@click.option("--sensor", metavar="NAME", help="Address or name of the sensor, under which the result is kept.")
@click.option("--out", metavar="FILE", help="Where to keep it, instead of under the sensor's name.")
@radio_option
@units
def rest_command(
    file: str | None, sensor: str | None, out: str | None, radio: str | None, acc_unit: str, gyr_unit: str
) -> None:
    """Find the gyro's bias: lay the sensor on a table for ten seconds and do not touch it."""
    from calibration.device import calibrate_rest
    from calibration.gates import GRAVITY_SHARE
    from calibration.standards import GRAVITY_M_S2

    if file is None:
        from kneeimu.commands.calibrate_live import record_rest

        stream, sensor = record_rest(sensor, radio)
    else:
        stream = _read(file, acc_unit, gyr_unit)
    rest = _calibrated(lambda: calibrate_rest(*stream), file)
    _keep_device(sensor, out, rest=rest)
    click.echo(
        _("gyro bias  {bias} °/s, from {duration_s:.0f} s at rest").format(bias=_bias(rest), duration_s=rest.duration_s)
    )
    click.echo(_("gravity    {gravity_m_s2:.3f} m/s²").format(gravity_m_s2=rest.gravity_m_s2))
    if abs(rest.gravity_m_s2 / GRAVITY_M_S2 - 1.0) > GRAVITY_SHARE:
        click.echo("kneeimu: " + _("note: that is not 9.81; `kneeimu calibrate device six` mends it"), err=True)


def _bias(rest: RestCalibration) -> str:
    return "  ".join(f"{axis} {degrees(rate):+.3f}" for axis, rate in zip("xyz", rest.bias_rad_s, strict=True))


@device.command("six")
@click.option(
    "--from", "files", metavar="FILE", multiple=True, help="Recording of the positions; several are put together."
)
@click.option("--sensor", metavar="NAME", help="Address or name of the sensor, under which the result is kept.")
@click.option("--out", metavar="FILE", help="Where to keep it, instead of under the sensor's name.")
@radio_option
@units
def six_command(
    files: tuple[str, ...], sensor: str | None, out: str | None, radio: str | None, acc_unit: str, gyr_unit: str
) -> None:
    """Calibrate the accelerometer: lay the sensor on each of its six faces in turn, three seconds each."""
    from calibration.device import six_positions

    if files:
        streams = [_read(file, acc_unit, gyr_unit) for file in files]
    else:
        from kneeimu.commands.calibrate_live import record_six

        stream, sensor = record_six(sensor, radio)
        streams = [stream]
    six = _calibrated(lambda: six_positions(streams), files[0] if files else None)
    _keep_device(sensor, out, six=six)
    click.echo(
        _("offset    ") + "  ".join(f"{a} {v:+.3f}" for a, v in zip("xyz", six.offset_m_s2, strict=True)) + " m/s²"
    )
    click.echo(
        _("norm      off by {norm_before_m_s2:.3f} before, {norm_after_m_s2:.3f} m/s² after").format(
            norm_before_m_s2=six.norm_before_m_s2, norm_after_m_s2=six.norm_after_m_s2
        )
    )
    faces = "  ".join(f"{face} {value:.3f}" for face, value in six.residuals_m_s2.items())
    click.echo(
        _("residual  {residual_m_s2:.3f} m/s² rms; by face {faces}").format(
            residual_m_s2=six.residual_m_s2, faces=faces
        )
    )


def _calibrated(calibrate: Callable[[], Any], file: str | None) -> Any:
    from calibration.errors import CalibrationError

    try:
        return calibrate()
    except CalibrationError as error:
        raise InputError(error.what, where=file or "", advice=error.advice) from error


def _keep_device(
    sensor: str | None, out: str | None, *, rest: RestCalibration | None = None, six: SixPositions | None = None
) -> None:
    """Keep what was found beside what was known of the sensor before, and say what it replaces."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from calibration.profiles import DeviceProfile, load_device, save_device
    from kneeimu.sessions.atomic import unwritable
    from kneeimu.sessions.devices import device_path

    if sensor is None and out is None:
        click.echo("kneeimu: " + _("not kept; --sensor NAME or --out FILE keeps it"), err=True)
        return
    path = Path(out) if out else device_path(sensor or "")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    known = _calibrated(lambda: load_device(path), str(path)) if path.exists() else DeviceProfile(sensor or "", now)
    found = {name: value for name, value in (("rest", rest), ("six", six)) if value is not None}
    try:
        save_device(path, replace(known, made_utc=now, **found))
    except OSError as error:
        raise unwritable(path, error) from error
    click.echo("kneeimu: " + _("kept in {path}").format(path=path), err=True)
    if rest is not None and known.rest is not None:
        replaced = _("note: replaces the earlier {bias} °/s, from {duration_s:.0f} s at rest").format(
            bias=_bias(known.rest), duration_s=known.rest.duration_s
        )
        click.echo("kneeimu: " + replaced, err=True)


def _read(file: str, acc_unit: str, gyr_unit: str) -> Recorded:
    """Read the samples of a CSV or of a recording."""
    import numpy as np

    from kneeimu.sessions.alignments import recorded
    from kneeimu.sessions.csv_file import read_csv
    from kneeimu.sessions.recording_reader import is_recording, read_recording

    if not is_recording(file):
        read = read_csv(file, acc_unit, gyr_unit)
        for note in read.notes:
            click.echo("kneeimu: " + _("{file}: note: {note}").format(file=file, note=note), err=True)
        return recorded(read.samples)
    parts = read_recording(file).samples
    if not parts:
        raise InputError(_("there are no samples in it"), where=file, advice=_("record the movements again"))
    time_s, acc, gyr = zip(*(recorded(part) for part in parts), strict=True)
    return np.concatenate(time_s), np.concatenate(acc), np.concatenate(gyr)
