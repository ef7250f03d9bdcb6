"""Two recordings of one leg, thigh and shin, to one analysis with the knee's own angles."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kneeimu.errors import InputError
from kneeimu.exercises.catalogue import find_exercise
from kneeimu.motion.knee import KneeAngles, join_angles
from kneeimu.pair import KneeMeasured, KneeRep, PairEngine, PairSetup, counting_mount
from kneeimu.sessions.alignments import recorded
from kneeimu.sessions.analysis import Analysis, check_side, summarise
from kneeimu.sessions.pair_fit import check_movement, check_names
from kneeimu.types import Alignment, Event, Mount, RepCounted, Samples, Side
from kneeimu.words import _, as_written, decimal

if TYPE_CHECKING:
    from kneeimu.sessions.csv_file import CsvFile

SHORTEST_OVERLAP_S = 2.0
CHUNK_S = 1.0
"""Both streams are fed in turn, so much of each at a time."""

Origin = Literal["stored", "recording", "none"]


@dataclass(frozen=True, slots=True)
class PairRequest:
    """What a user asks for.

    Attributes:
        thigh, shin: alignments; None for both takes what the recording itself tells.
        angles_hz: rate of the knee's angles, 25 or 100 Hz.
        counting: the mount that counts; None takes the better one.
    """

    exercise: str
    side: Side
    thigh: Alignment | None = None
    shin: Alignment | None = None
    acc_unit: str = "m/s2"
    gyr_unit: str = "rad/s"
    angles_hz: float = 100.0
    counting: Mount | None = None


@dataclass(frozen=True, slots=True)
class PairAnalysis:
    """The result of two recordings.

    Attributes:
        counted: the analysis of the sensor that counts.
        knees: what the knee did in each rep of ``counted.reps``; None where it is not known.
        angles: the knee's angles through the recording, 0 as in the alignment's standing; empty without alignments.
        setup: what the engine was told.
        origin: where the alignments came from: "stored", "recording" (found in it) or "none".
        notes: what was assumed or could not be had, in words.
    """

    counted: Analysis
    knees: tuple[KneeRep | None, ...]
    angles: KneeAngles = field(repr=False)
    setup: PairSetup
    origin: Origin
    files: tuple[str, str]
    samples: tuple[int, int]
    notes: tuple[str, ...] = ()

    @property
    def quality(self) -> str | None:
        """The worse quality of the two alignments; None without."""
        both = (self.setup.thigh, self.setup.shin)
        order = ("good", "fair", "poor")
        return max((a.quality for a in both if a is not None), key=order.index, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Give the object that ``analyze --thigh --shin --json`` prints: that of one sensor and the knee's angles."""
        content = self.counted.to_dict()
        content.update(mount="both", alignment=self.quality)
        for rep, knee in zip(content["reps"], self.knees, strict=True):
            rep.update(knee_to_dict(knee))
        content["counting_mount"] = self.setup.mount
        content["alignment_origin"] = self.origin
        content["sensors"] = {
            mount: {"file": file, "sampling_rate_hz": round(rate_hz, 3), "samples": samples}
            for mount, file, rate_hz, samples in zip(
                ("thigh", "shin"),
                self.files,
                (self.setup.thigh_rate_hz, self.setup.shin_rate_hz),
                self.samples,
                strict=True,
            )
        }
        content["knee"] = _series_to_dict(self.angles)
        return content


def knee_to_dict(knee: KneeRep | None) -> dict[str, float | None]:
    """Give the knee's numbers of a rep by the names of ``analyze --json``; all None when they are not known."""
    return {
        "knee_flexion_start_deg": knee.flexion_start_deg if knee else None,
        "knee_flexion_peak_deg": knee.flexion_peak_deg if knee else None,
        "knee_range_deg": knee.range_deg if knee else None,
        "knee_abduction_deg": knee.abduction_deg if knee else None,
        "knee_rotation_deg": knee.rotation_deg if knee else None,
        "fppa_deg": knee.fppa_deg if knee else None,
    }


def _series_to_dict(angles: KneeAngles) -> dict[str, Any] | None:
    """Say what the whole recording shows: share of the time for which the angles are known, and their extremes."""
    known = np.isfinite(angles.flexion_deg)
    if not known.any():
        return None
    flexion = angles.flexion_deg[known]
    return {
        "known_share": round(float(known.mean()), 4),
        "flexion_min_deg": round(float(flexion.min()), 2),
        "flexion_max_deg": round(float(flexion.max()), 2),
    }


# --- from files ------------------------------------------------------------------------------------------------------


def analyze_pair_files(thigh: str | Path, shin: str | Path, request: PairRequest) -> PairAnalysis:
    """Read two CSVs whose times are on one timeline, and count and measure.

    Raises:
        InputError: a file can't be used, the two do not overlap, are the same, are exchanged or of the other leg;
            names the file and the cure.
    """
    from kneeimu.sessions.csv_file import read_csv

    check_side(request.side, f"{thigh} and {shin}")
    read = [read_csv(file, request.acc_unit, request.gyr_unit) for file in (thigh, shin)]
    names = str(thigh), str(shin)
    _check_different(read, names)
    doubt = check_names(names, request.side, max(float(np.ptp(file.samples.time_s)) for file in read))
    return analyze_pair(
        read[0].samples,
        read[1].samples,
        request,
        rates_hz=(read[0].sampling_rate_hz, read[1].sampling_rate_hz),
        files=names,
        notes=[
            *([doubt] if doubt else []),
            *(f"{name}: {note}" for name, file in zip(names, read, strict=True) for note in file.notes),
        ],
    )


def _check_different(read: list[CsvFile], names: tuple[str, str]) -> None:
    one, other = (file.samples for file in read)
    if len(one) == len(other) and np.array_equal(one.gyr_rad_s, other.gyr_rad_s):
        raise InputError(
            _("this is the thigh's recording once more"), where=names[1], advice=_("give the shin's own file as --shin")
        )


def analyze_pair(
    thigh: Samples,
    shin: Samples,
    request: PairRequest,
    *,
    rates_hz: tuple[float, float] | None = None,
    files: tuple[str, str] = ("thigh", "shin"),
    notes: Iterable[str] = (),
) -> PairAnalysis:
    """Count and measure two recordings of one leg.

    Args:
        thigh, shin: samples on one timeline; rates and beginnings may differ.
        rates_hz: nominal rates; None takes them from the samples.

    Raises:
        InputError: they do not overlap in time, are exchanged, or the setup does not fit.
    """
    said = list(notes)
    check_side(request.side, " and ".join(files))
    _check_overlap(thigh, shin, files)
    rates_hz = rates_hz or (_rate_hz(thigh), _rate_hz(shin))
    thigh, shin = _on_one_clock(thigh, shin, _counting(request, files), said)
    aligned = _alignments(thigh, shin, request, files, said)
    origin: Origin = "none" if aligned is None else "stored" if request.thigh is not None else "recording"
    on_thigh, on_shin = aligned or (None, None)
    setup = PairSetup(
        request.exercise,
        request.side,
        rates_hz[0],
        rates_hz[1],
        on_thigh,
        on_shin,
        counting=request.counting,
        angles_hz=request.angles_hz,
    )
    try:
        engine = PairEngine(setup)
    except ValueError as error:
        raise InputError(str(error), where=" and ".join(files), advice=_("see `kneeimu analyze --help`")) from error
    events, angles = _run(engine, thigh, shin)
    if any(isinstance(event, RepCounted) for event in events):
        doubt = check_movement(recorded(thigh), recorded(shin), find_exercise(request.exercise))
        said[:0] = [doubt] if doubt else []
    counting = 0 if setup.mount == "thigh" else 1
    samples = (thigh, shin)[counting]
    counted = summarise(
        [event for event in events if not isinstance(event, KneeMeasured)],
        engine.engine.setup,
        samples=len(samples),
        duration_s=float(samples.time_s[-1] - samples.time_s[0]),
        file=files[counting],
        notes=said,
    )
    return PairAnalysis(
        counted=counted,
        knees=_knees(events, counted),
        angles=angles,
        setup=setup,
        origin=origin,
        files=files,
        samples=(len(thigh), len(shin)),
        notes=tuple(said),
    )


def _check_overlap(thigh: Samples, shin: Samples, files: tuple[str, str]) -> None:
    for samples, file in zip((thigh, shin), files, strict=True):
        if not len(samples):
            raise InputError(_("there are no samples"), where=file, advice=_("record it again"))
    begin, end = max(thigh.time_s[0], shin.time_s[0]), min(thigh.time_s[-1], shin.time_s[-1])
    if end - begin < SHORTEST_OVERLAP_S:
        spans = " and ".join(
            f"{mount} {samples.time_s[0]:.1f} to {samples.time_s[-1]:.1f} s"
            for mount, samples in (("thigh", thigh), ("shin", shin))
        )
        raise InputError(
            _("the two recordings do not overlap in time: {spans}").format(spans=spans),
            where=" and ".join(files),
            advice=_("both must be of the same session, with t on one clock"),
        )


def _counting(request: PairRequest, files: tuple[str, str]) -> Mount:
    try:
        return request.counting or counting_mount(request.exercise)
    except ValueError as error:
        raise InputError(str(error), where=" and ".join(files), advice=_("see `kneeimu analyze --help`")) from error


def _on_one_clock(thigh: Samples, shin: Samples, counting: Mount, said: list[str]) -> tuple[Samples, Samples]:
    """Where the movement tells that the clocks differ, put the other sensor on the clock of the one that counts."""
    from calibration.clocks import compare_clocks

    clocks = compare_clocks(recorded(thigh), recorded(shin))
    if clocks is None:
        return thigh, shin
    said.append(
        _(
            "the clocks of the two sensors differ, by the movement: the shin's is "
            "{offset_s} s off and runs {share} % too {fast_or_slow}; corrected"
        ).format(
            offset_s=as_written(f"{clocks.offset_s:+.2f}"),
            share=decimal(100.0 * abs(clocks.drift), 2),
            fast_or_slow=_("fast") if clocks.drift > 0 else _("slow"),
        )
    )
    if counting == "thigh":
        return thigh, dataclasses.replace(shin, time_s=clocks.thigh_time_s(shin.time_s))
    return dataclasses.replace(thigh, time_s=clocks.shin_time_s(thigh.time_s)), shin


def _rate_hz(samples: Samples) -> float:
    return float(1.0 / np.median(np.diff(samples.time_s)))


def _alignments(
    thigh: Samples, shin: Samples, request: PairRequest, files: tuple[str, str], said: list[str]
) -> tuple[Alignment, Alignment] | None:
    if request.thigh is not None and request.shin is not None:
        return request.thigh, request.shin
    from calibration.errors import CalibrationError
    from calibration.functional import align_pair

    exercise = find_exercise(request.exercise)
    try:
        found = align_pair(
            recorded(thigh),
            recorded(shin),
            standing_first=exercise.posture == "standing",
            sagittal=exercise.sagittal or exercise.kind == "reps",
            seated=exercise.posture == "seated",
        )
    except CalibrationError as error:
        if error.code == "exchanged":
            raise InputError(error.what, where=" and ".join(files), advice=error.advice) from error
        said.append(_("the knee's angles are not known: {what}; {advice}").format(what=error.what, advice=error.advice))
        return None
    said.append(
        _(
            "aligned by the recording itself: the knee's bend is 0 as in the pose at "
            "{straight_s} s; forward is the plane in which the leg moved"
        ).format(straight_s=decimal(found.straight_s))
    )
    said.extend(found.doubts)
    quality = "poor" if found.doubts else "fair"
    return (
        Alignment(found.thigh, request.side, "thigh", quality, found.yaw_uncertainty_deg[0]),
        Alignment(found.shin, request.side, "shin", quality, found.yaw_uncertainty_deg[1]),
    )


def _run(engine: PairEngine, thigh: Samples, shin: Samples) -> tuple[list[Event], KneeAngles]:
    events: list[Event] = []
    parts: list[KneeAngles] = []
    first_s, last_s = min(thigh.time_s[0], shin.time_s[0]), max(thigh.time_s[-1], shin.time_s[-1])
    edges = np.append(np.arange(first_s + CHUNK_S, last_s, CHUNK_S), np.inf)
    cuts = [[0, *np.searchsorted(samples.time_s, edges).tolist()] for samples in (thigh, shin)]
    for number in range(len(edges)):
        events += engine.feed(
            *(_part(samples, cut[number], cut[number + 1]) for samples, cut in zip((thigh, shin), cuts, strict=True))
        )
        parts.append(engine.angles)
    events += engine.finish()
    parts.append(engine.angles)
    return events, join_angles(parts)


def _part(samples: Samples, start: int, stop: int) -> Samples:
    rows = slice(start, stop)
    return Samples(samples.time_s[rows], samples.acc_m_s2[rows], samples.gyr_rad_s[rows], samples.restart and not start)


def _knees(events: list[Event], counted: Analysis) -> tuple[KneeRep | None, ...]:
    """The knee's numbers of the reps that stand, by the time of their start."""
    measured = {round(event.start_s, 3): event.knee for event in events if isinstance(event, KneeMeasured)}
    return tuple(measured.get(round(rep.start_s, 3)) for rep in counted.reps)


# --- for people and tables -------------------------------------------------------------------------------------------


def write_angles(angles: KneeAngles, path: str | Path) -> None:
    """Write the knee's angles as CSV: ``t,flexion_deg,abduction_deg,rotation_deg``; empty where they are not known.

    Raises:
        InputError: it can't be written.
    """
    from kneeimu.sessions.atomic import write_private

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("t", "flexion_deg", "abduction_deg", "rotation_deg"))
    columns = (angles.time_s, angles.flexion_deg, angles.abduction_deg, angles.rotation_deg)
    for time_s, *values in zip(*(column.tolist() for column in columns), strict=True):
        writer.writerow([f"{time_s:.3f}", *("" if math.isnan(value) else f"{value:.3f}" for value in values)])
    write_private(Path(path), text.getvalue())


def describe_pair(analysis: PairAnalysis) -> str:
    """Give the analysis as text: the counting sensor's table and the knee's angles of each rep below it."""
    from kneeimu.sessions.table import describe

    lines = [describe(dataclasses.replace(analysis.counted, file=_(" and ").join(analysis.files)))]
    known = [(rep.number, knee) for rep, knee in zip(analysis.counted.reps, analysis.knees, strict=True) if knee]
    if not known:
        return "\n".join(lines)
    heads = (_("rep"), _("start °"), _("bent to °"), _("range °"), _("valgus °"), _("inwards °"), _("camera °"))
    lines += ["", _("The knee, from both sensors:"), "  ".join(f"{head:>9}" for head in heads)]
    for number, knee in known:
        values = (
            knee.flexion_start_deg,
            knee.flexion_peak_deg,
            knee.range_deg,
            knee.abduction_deg,
            knee.rotation_deg,
            knee.fppa_deg,
        )
        lines.append("  ".join([f"{number:>9}", *(f"{'–' if v is None else decimal(v):>9}" for v in values)]))
    return "\n".join(lines)
