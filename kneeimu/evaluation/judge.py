"""One recording: what the engine said, held against what was true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kneeimu.errors import KneeimuError
from kneeimu.evaluation.labels import Kind, Label, TrueRep
from kneeimu.evaluation.strays import strays
from kneeimu.evaluation.tasks import Labelled, Task, load
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.sessions.analysis import Analysis, analyze
from kneeimu.types import Alignment, Event, Rep, RepCounted, RepJudged, RepRevoked, Samples, Setup

AROUND_S = 1.0
"""A count so near to a set belongs to it."""
SETTLED_S = 2.0
"""After the reference reps the wearer leaves their pose; the session begins when that is done."""
FEWEST_EARLY = 2
"""An alignment has more than one movement."""
OVERLAP = 0.3
"""Share of the shorter of two reps that they have in common when they are the same one."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A true rep and the counted one that belongs to it.

    Attributes:
        late_s: from the true end until it was told.
        strays: findings whose limit the true rep passed, ordered or not.
    """

    true: TrueRep
    counted: Rep
    late_s: float
    strays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording.

    Attributes:
        count: reps that stand at the end; ``revoked`` were counted and taken back.
        outside: of these, counts where there was no exercise, during ``outside_s`` s (0 when that is not known).
        missed, extra: true reps nobody counted, and counted ones that were none, where the label knows the reps.
        alignment: quality of the alignment that was found in the recording; None when it holds none.
        refusal: why the alignment was refused.
        findings: form findings that the engine looks for.
        early: counts before the first true rep, where the label says nothing of that time and all false counts are
            there; 0 otherwise.
        error: the recording could not be evaluated.
    """

    name: str
    exercise: str
    mount: str
    side: str
    kind: Kind
    rate_hz: float = 0.0
    duration_s: float = 0.0
    true_count: int = 0
    count: int = 0
    revoked: int = 0
    outside: int = 0
    outside_s: float = 0.0
    pairs: tuple[Pair, ...] = ()
    missed: tuple[TrueRep, ...] = ()
    extra: tuple[Rep, ...] = ()
    alignment: str | None = None
    refusal: str = ""
    findings: tuple[str, ...] = ()
    early: int = 0
    error: str = ""

    @property
    def wrong(self) -> int:
        """Counted minus true."""
        return self.count - self.true_count


def evaluate(task: Task) -> Outcome:
    """Run the engine over one recording. Raises nothing: what can't be evaluated says so in ``error``."""
    try:
        labelled = load(task)
    except KneeimuError as error:
        return Outcome(task.name, task.exercise, "", "", "set", error=str(error))
    label = labelled.label
    try:
        samples, alignment, refusal = prepare(labelled, task.exercise)
        setup = Setup(task.exercise, label.side, label.mount, labelled.rate_hz, alignment)
        analysis = analyze(samples, setup, file=task.name)
    except KneeimuError as error:
        return Outcome(task.name, task.exercise, label.mount, label.side, label.kind, error=str(error))
    return judge(task, labelled, analysis, refusal)


def prepare(labelled: Labelled, exercise: str) -> tuple[Samples, Alignment | None, str]:
    """Take the alignment from the beginning of a recording that has one, as a wearer would.

    Returns the samples that follow, the alignment, and why it was refused.
    """
    label, samples = labelled.label, labelled.samples
    if label.reference is None:
        # what aligns the sensor is no exercise; it is not used, so that sets are counted as they are without
        begun = int(np.searchsorted(samples.time_s, label.guided[1])) if label.guided else 0
        return (_part(samples, begun, len(samples)) if 0 < begun < len(samples) else samples), None, ""
    from calibration.alignment import align
    from calibration.errors import CalibrationError
    from kneeimu.sessions.alignments import alignment_of, reference_from

    first, last = np.searchsorted(samples.time_s, label.reference).tolist()
    begun = int(np.searchsorted(samples.time_s, label.reference[1] + SETTLED_S))
    moves, shown, after = _part(samples, 0, first), _part(samples, first, last), _part(samples, begun, len(samples))
    try:
        result = align(moves.time_s, moves.acc_m_s2, moves.gyr_rad_s, label.side, label.mount)
    except CalibrationError as error:
        return after, None, error.code
    alignment = alignment_of(result)
    setup = Setup(exercise, label.side, label.mount, labelled.rate_hz, alignment)
    try:
        reference = reference_from(analyze(shown, setup, one_set=True).reps)
    except KneeimuError:  # too few reps, or an exercise without a medial tilt: the alignment's own reference stays
        return after, alignment, ""
    return after, alignment_of(result, reference), ""


def _part(samples: Samples, first: int, last: int) -> Samples:
    return Samples(samples.time_s[first:last], samples.acc_m_s2[first:last], samples.gyr_rad_s[first:last])


def judge(task: Task, labelled: Labelled, analysis: Analysis, refusal: str = "") -> Outcome:
    """Hold what the engine said against the label."""
    label, setup = labelled.label, analysis.setup
    told_s = _told_s(analysis.events)
    pairs, missed, extra = match(label.reps, analysis.reps)
    outside, outside_s = _outside(label, analysis)
    return Outcome(
        task.name,
        task.exercise,
        label.mount,
        label.side,
        label.kind,
        rate_hz=setup.sampling_rate_hz,
        duration_s=analysis.duration_s,
        true_count=label.count,
        count=len(analysis.reps),
        revoked=sum(isinstance(event, RepRevoked) for event in analysis.events),
        outside=outside,
        outside_s=outside_s,
        pairs=tuple(
            Pair(
                true,
                rep,
                told_s[rep.start_s, rep.turn_s] - true.end_s,
                strays(true, label.reference_reps, task.exercise, label.mount),
            )
            for true, rep in pairs
        ),
        missed=missed,
        extra=extra if label.reps or not label.count else (),
        alignment=setup.alignment.quality if setup.alignment else None,
        refusal=refusal,
        findings=tuple(CATALOGUE[task.exercise].profile(label.mount).findings),
        early=_early(label, analysis.reps),
    )


def _told_s(events: Iterable[Event]) -> dict[tuple[float, float], float]:
    """When each rep was counted, by where it starts and turns; one that is measured again was counted before."""
    told_s: dict[tuple[float, float], float] = {}
    counted_s: dict[tuple[int, int], float] = {}
    for event in events:
        if isinstance(event, RepCounted):
            name = event.set_number, event.rep.number
            told_s[event.rep.start_s, event.rep.turn_s] = counted_s[name] = event.time_s
        elif isinstance(event, RepJudged) and event.rep is not None:
            told_s[event.rep.start_s, event.rep.turn_s] = counted_s[event.set_number, event.rep_number]
    return told_s


def _early(label: Label, counted: Sequence[Rep]) -> int:
    """Counts that look like an alignment of which the label does not tell; 0 where they do not."""
    first_s = min([rep.start_s for rep in label.reps] or [start for start, _end in label.sets], default=None)
    if first_s is None or label.kind != "set" or any(start < first_s for start, _end in label.others):
        return 0
    early = sum(rep.turn_s < first_s - AROUND_S for rep in counted)
    return early if early >= FEWEST_EARLY and len(counted) - early <= label.count else 0


def match(
    true: Sequence[TrueRep], counted: Sequence[Rep]
) -> tuple[list[tuple[TrueRep, Rep]], tuple[TrueRep, ...], tuple[Rep, ...]]:
    """Pair true and counted reps by what they have in common in time, each with one at most.

    Returns the pairs, the true reps without a counted one, and the counted without a true one.
    """
    pairs, left, missed = [], list(counted), []
    for rep in true:
        best = max(left, key=lambda other: _overlap(rep, other), default=None)
        if best is None or _overlap(rep, best) < OVERLAP:
            missed.append(rep)
        else:
            left.remove(best)
            pairs.append((rep, best))
    return pairs, tuple(missed), tuple(left)


def _overlap(true: TrueRep, counted: Rep) -> float:
    common = min(true.end_s, counted.end_s) - max(true.start_s, counted.start_s)
    return common / max(min(true.end_s - true.start_s, counted.end_s - counted.start_s), 1e-6)


def _outside(label: Label, analysis: Analysis) -> tuple[int, float]:
    """Count where there was no exercise; how long there was none, s."""
    if label.kind != "set":
        return len(analysis.reps), analysis.duration_s
    if not label.sets:
        return 0, 0.0
    within_s = sum(end - start for start, end in label.sets)
    outside = sum(
        not any(start - AROUND_S <= rep.turn_s <= end + AROUND_S for start, end in label.sets) for rep in analysis.reps
    )
    return outside, max(0.0, analysis.duration_s - within_s)
