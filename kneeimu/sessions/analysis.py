"""What a recording amounts to: the engine's events boiled down to reps, sets and the state of the link."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from kneeimu.engine import Engine
from kneeimu.errors import InputError
from kneeimu.types import (
    Alignment,
    Event,
    GapFound,
    Rejected,
    Rep,
    RepCounted,
    RepJudged,
    RepRevoked,
    Samples,
    SetEnded,
    SetSummary,
    Setup,
    Side,
    Warned,
)
from kneeimu.words import _

REP_FIELDS = tuple(f.name for f in dataclasses.fields(Rep) if f.name != "metrics")


@dataclass(frozen=True, slots=True)
class Link:
    """How the samples came: how many, how many are missing, in how many gaps. None where it is not known."""

    samples: int
    lost: int | None
    gaps: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """The result of one recording.

    Attributes:
        file: the file as the user named it.
        reps: reps that stand, numbered through the recording; revoked ones are gone.
        sets: finished sets.
        warnings: what is odd with the sensor or the strap, in words.
        notes: what the reader of the file found.
    """

    file: str
    setup: Setup
    duration_s: float
    reps: tuple[Rep, ...]
    rejected: tuple[Rejected, ...]
    sets: tuple[SetSummary, ...]
    link: Link
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    events: tuple[Event, ...] = field(default=(), repr=False)

    @property
    def clean_count(self) -> int:
        """Reps without flags."""
        return sum(rep.clean for rep in self.reps)

    def to_dict(self) -> dict[str, Any]:
        """Give the object that ``analyze --json`` prints; what is not known is None, never 0 and never NaN."""
        alignment = self.setup.alignment
        return {
            "file": self.file,
            "exercise": self.setup.exercise,
            "side": self.setup.side,
            "mount": self.setup.mount,
            "sampling_rate_hz": round(self.setup.sampling_rate_hz, 3),
            "duration_s": _known(round(self.duration_s, 3)),
            "count": len(self.reps),
            "clean_count": self.clean_count,
            "alignment": alignment.quality if alignment else None,
            "reps": [_rep_to_dict(rep) for rep in self.reps],
            "rejected": [
                {"start_s": _known(r.start_s), "end_s": _known(r.end_s), "reason": r.reason} for r in self.rejected
            ],
            "link": dataclasses.asdict(self.link),
        }


def analyze(
    samples: Samples, setup: Setup, *, file: str = "", notes: Iterable[str] = (), one_set: bool = False
) -> Analysis:
    """Run the engine over all samples of one sensor.

    Args:
        one_set: nothing but one set is in them, as when the key is pressed at its start.

    Raises:
        InputError: the exercise can't be followed from that mount, or there are no samples.
    """
    engine = make_engine(setup, file)
    if not len(samples):
        raise InputError(_("there are no samples"), where=file, advice=_("record it again"))
    begun = engine.start_set(float(samples.time_s[0])) if one_set else []
    events = [*begun, *engine.feed(samples), *engine.finish()]
    duration_s = float(samples.time_s[-1] - samples.time_s[0])
    return summarise(events, setup, samples=len(samples), duration_s=duration_s, file=file, notes=notes)


def make_engine(setup: Setup, where: str = "") -> Engine:
    """Make the engine for a setup that came from a user or a file.

    Raises:
        InputError: the setup does not fit; ``where`` is the file it belongs to.
    """
    check_side(setup.side, where)
    check_alignment(setup.alignment, setup.side, setup.mount, where)
    try:
        return Engine(setup)
    except ValueError as error:
        advice = _("see the exercises and mounts in `kneeimu analyze --help`")
        raise InputError(str(error), where=where, advice=advice) from error


def check_side(side: str, where: str) -> None:
    """Refuse what is no leg.

    Raises:
        InputError: it is neither left nor right.
    """
    if side not in get_args(Side):
        what = _("the side {side!r} is neither left nor right").format(side=side)
        raise InputError(what, where=where, advice=_("say which leg wears the sensor"))


def check_alignment(alignment: Alignment | None, side: str, mount: str, where: str) -> None:
    """Refuse an alignment of another sensor.

    Raises:
        InputError: it is of another leg or place.
    """
    if alignment is not None and not alignment.is_of(side, mount):
        what = _("the alignment is of the {side} {mount}, not of the {side2} {mount2}").format(
            side=alignment.side, mount=alignment.mount, side2=side, mount2=mount
        )
        raise InputError(what, where=where, advice=_("align again, or choose the other side or mount"))


def summarise(
    events: Iterable[Event],
    setup: Setup,
    *,
    samples: int,
    duration_s: float,
    file: str = "",
    lost: int | None = None,
    notes: Iterable[str] = (),
) -> Analysis:
    """Boil events down to the reps that stand.

    Args:
        samples: number of samples that came.
        lost: number that did not, as the link counted; None to estimate it from the gaps in time.
    """
    events = tuple(events)
    standing: list[tuple[int, Rep]] = []
    for event in events:
        if isinstance(event, RepCounted):
            standing.append((event.set_number, event.rep))
        elif isinstance(event, RepRevoked):
            _take_back(standing, event)
        elif isinstance(event, RepJudged):
            _judge(standing, event)
    standing.sort(key=lambda one: (one[0], one[1].start_s))  # what the second look found comes late
    gaps = [event for event in events if isinstance(event, GapFound)]
    if lost is None:
        lost = sum(max(0, round((gap.end_s - gap.start_s) * setup.sampling_rate_hz) - 1) for gap in gaps)
    reps = (dataclasses.replace(rep, number=number) for number, (_, rep) in enumerate(standing, start=1))
    return Analysis(
        file=file,
        setup=setup,
        duration_s=duration_s,
        reps=tuple(reps),
        rejected=tuple(event for event in events if isinstance(event, Rejected)),
        sets=tuple(event.summary for event in events if isinstance(event, SetEnded)),
        link=Link(samples, lost, len(gaps)),
        warnings=tuple(f"{event.code}: {event.detail}" for event in events if isinstance(event, Warned)),
        notes=tuple(notes),
        events=events,
    )


def _take_back(standing: list[tuple[int, Rep]], revoked: RepRevoked) -> None:
    for index in range(len(standing) - 1, -1, -1):
        set_number, rep = standing[index]
        if (set_number, rep.number) == (revoked.set_number, revoked.rep_number):
            del standing[index]
            return


def _judge(standing: list[tuple[int, Rep]], judged: RepJudged) -> None:
    for index, (set_number, rep) in enumerate(standing):
        if (set_number, rep.number) == (judged.set_number, judged.rep_number):
            standing[index] = set_number, judged.of(rep)


def _rep_to_dict(rep: Rep) -> Mapping[str, Any]:
    return {name: _known(getattr(rep, name)) for name in REP_FIELDS}


def _known(value: Any) -> Any:
    """Replace what is not a finite number by None, and tuples by lists."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return list(value) if isinstance(value, tuple) else value
