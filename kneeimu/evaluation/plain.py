"""The evaluation as plain data, for ``--json``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kneeimu.evaluation.figures import Figures
from kneeimu.evaluation.judge import Outcome


def plain_of(figures: Figures, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Give figures and recordings as plain data; what is not known is None."""
    return {**figures.to_dict(), "recordings": [_recording(one) for one in outcomes]}


def _recording(one: Outcome) -> dict[str, Any]:
    return {
        "name": one.name,
        "exercise": one.exercise,
        "mount": one.mount,
        "side": one.side,
        "kind": one.kind,
        "sampling_rate_hz": round(one.rate_hz, 3),
        "duration_s": round(one.duration_s, 1),
        "true_count": one.true_count,
        "count": one.count,
        "revoked": one.revoked,
        "outside": one.outside,
        "early": one.early,
        "missed": [{"start_s": rep.start_s, "end_s": rep.end_s} for rep in one.missed],
        "extra": [{"start_s": rep.start_s, "end_s": rep.end_s} for rep in one.extra],
        "alignment": one.alignment,
        "refusal": one.refusal or None,
        "error": one.error or None,
    }
