"""Sessions to report about: six weeks of squats on both legs, the right knee getting better."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from functools import cache

from made_leg import played_squats

from kneeimu.coaching.pain import PainLog
from kneeimu.report.facts import SessionFacts, facts_of
from kneeimu.report.page import Report
from kneeimu.types import Side

MONDAY = datetime(2026, 5, 4, 17, 30, tzinfo=UTC)


def session(
    drifts: tuple[float, ...],
    *,
    side: Side = "right",
    week: int = 0,
    pain: PainLog | None = None,
    depth_deg: float = 50.0,
    rep_s: float = 4.0,
    aligned: bool = True,
) -> SessionFacts:
    """One set on one leg, prescribed as 1 × 4 at 2-0-2."""
    started = MONDAY + timedelta(weeks=week)
    played = played_squats(
        (drifts,), side=side, started=started, depth_deg=depth_deg, rep_s=rep_s, aligned=aligned, name=f"w{week}{side}"
    )
    asked = {"programme": "band", "session": f"w{week}", "sets": 1, "reps": [4, 8], "tempo_s": [2.0, 0.0, 2.0]}
    return facts_of(dataclasses.replace(played, prescription=asked), pain)


@cache
def six_weeks() -> Report:
    """Both legs once a week; three days a week were planned."""
    found = []
    for week in range(6):
        log = PainLog(before=1, during=6 - week, after=2, next_morning=3 if week == 1 else 1)
        drifts = tuple(8.0 - 1.3 * week + step for step in (-0.5, 0.0, 0.5, 1.0))
        found.append(session(drifts, week=week, pain=log, depth_deg=40.0 + 3 * week))
        found.append(session((0.5, 1.0, 1.0, 1.5), side="left", week=week, pain=log))
    return Report(tuple(found), "P07", "Band programme", 3, None, datetime(2026, 6, 12, 9, 0))


@cache
def one_session() -> Report:
    """A single set without an alignment, a date, or anything asked."""
    played = dataclasses.replace(played_squats(((0.0, 0.0, 0.0, 0.0),), aligned=False, started=None), prescription={})
    return Report((facts_of(played),))
