"""An analysis as a table for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from kneeimu.sessions.analysis import Analysis
from kneeimu.types import Rep

FLAG_WORDS = {
    "short": "well below the usual range",
    "fast": "quicker than the exercise asks",
    "shallow": "less deep than the reference reps",
    "dropped": "let down instead of lowered",
    "knee-in": "the knee drifted inwards",
    "inward-rotation": "the leg turned inwards",
    "wobble": "unsteady",
    "snapping": "snapped straight",
    "short-hold": "the hold was cut short",
    "gap": "samples are missing: counted, not judged",
    "incomplete": "not fully straightened",
    "over-roll": "further than the reference: the pelvis may have rolled",
    "forward": "the leg swung forward",
    "toes-up": "the toes turned up",
    "rushed": "the step was rushed",
    "lost-tension": "the step was too small to keep the band tight",
    "standing-up": "stood up between the steps",
    "turn-unseen": "the turning point fell in a gap",
}


def _number(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"


COLUMNS: tuple[tuple[str, Callable[[Rep], str]], ...] = (
    ("rep", lambda rep: str(rep.number)),
    ("at s", lambda rep: _number(rep.start_s, 1)),
    ("took s", lambda rep: _number(rep.duration_s, 1)),
    ("out s", lambda rep: _number(rep.outward_s, 1)),
    ("hold s", lambda rep: _number(rep.hold_s, 1)),
    ("back s", lambda rep: _number(rep.return_s, 1)),
    ("range °", lambda rep: _number(rep.range_of_motion_deg, 0)),
    ("drift °", lambda rep: _number(rep.medial_drift_deg, 1)),
)


def headline(analysis: Analysis) -> str:
    """Give the analysis in one line."""
    clean = f", {analysis.clean_count} clean" if analysis.reps else ""
    return f"{analysis.file}: {_count(analysis)}{clean}"


def describe(analysis: Analysis) -> str:
    """Give the analysis as text: a headline, a table of the reps, and what was flagged or left out."""
    setup = analysis.setup
    clean = f", {analysis.clean_count} of them clean" if analysis.reps else ""
    lines = [
        f"{analysis.file}: {setup.exercise}, {setup.side} {setup.mount}, "
        f"{_clock(analysis.duration_s)} at {setup.sampling_rate_hz:.4g} Hz",
        f"{_count(analysis)}{clean}",
    ]
    if analysis.reps:
        lines += ["", *_rows(analysis)]
    return "\n".join([*lines, *_remarks(analysis)])


def _count(analysis: Analysis) -> str:
    return f"{len(analysis.reps)} rep{'' if len(analysis.reps) == 1 else 's'}"


def _rows(analysis: Analysis) -> list[str]:
    columns = COLUMNS
    if any(rep.direction for rep in analysis.reps):
        columns = (*COLUMNS, ("direction", lambda rep: rep.direction or "–"))
    widths = [max(6, len(name)) for name, _ in columns]
    head = "  ".join(name.rjust(width) for (name, _), width in zip(columns, widths, strict=True))
    body = [
        "  ".join(
            [*(show(rep).rjust(width) for (_, show), width in zip(columns, widths, strict=True)), ", ".join(rep.flags)]
        ).rstrip()
        for rep in analysis.reps
    ]
    return [f"{head}  flags", *body]


def _remarks(analysis: Analysis) -> list[str]:
    lines: list[str] = []
    flags = Counter(flag for rep in analysis.reps for flag in rep.flags)
    if flags:
        lines += ["", "Flagged:"]
        lines += [f"  {flag} ({count}): {FLAG_WORDS.get(flag, flag)}" for flag, count in flags.most_common()]
    if analysis.rejected:
        reasons = Counter(rejected.reason for rejected in analysis.rejected)
        lines += ["", "Not counted: " + ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common())]
    if analysis.link.gaps:
        lines += ["", f"Gaps in the data: {analysis.link.gaps}, about {analysis.link.lost} samples are missing"]
    if analysis.reps and all(rep.medial_drift_deg is None for rep in analysis.reps):
        lines += ["", "Drift – is not known: it needs an alignment with reference reps (`kneeimu calibrate alignment`)"]
    return lines


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"
