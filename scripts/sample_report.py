#!/usr/bin/env python3
"""Write the report of a simulated person's six weeks, to see what `kneeimu report` gives. Argument: the file."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from environment import become, prepare, venv_python

FIRST = datetime(2026, 5, 4, 17, 30, tzinfo=UTC)
ASKED = {"programme": "", "sets": 2, "reps": [8, 12], "tempo_s": [2.0, 0.0, 2.0]}
PAIN_BY_WEEK = (4, 4, 3, 2, 2, 1)


def main(out: Path) -> None:
    """Simulate single-leg squats on both legs, twice a week; the right knee learns to stay out."""
    from kneeimu.coaching.pain import PainLog
    from kneeimu.report.facts import facts_of
    from kneeimu.report.page import Report, render_page
    from kneeimu.sessions.play import Played, play
    from kneeimu.types import Alignment, Samples, Setup

    def train(side: str, week: int, day: int) -> Played:
        from firmware_sim.scenario import Scenario
        from firmware_sim.simulation import simulate

        valgus = 6.5 - 1.0 * week if side == "right" else 1.5
        scenario = Scenario(
            exercise="single-leg-squat", side=side, mount="shin", reps=9 if week else 7, sets=2, tissue="skin",
            seed=100 * week + day, range_deg=38.0 + 2.0 * week, valgus_deg=(valgus,), tempo_s=(1.7, 0.2, 1.8, 0.6),
        )  # fmt: skip
        made = simulate(scenario)
        quat = tuple(float(part) for part in made.truth.quat_segment_to_sensor)
        alignment = Alignment(quat, side, "shin", "good", 2.0, 0.0, 23.0, 0.0)  # type: ignore[arg-type]
        samples = Samples(made.time_s - made.time_s[0], made.acc_m_s2, made.gyr_rad_s)
        setup = Setup("single-leg-squat", side, "shin", 100.0, alignment)  # type: ignore[arg-type]
        started = FIRST + timedelta(weeks=week, days=day, minutes=0 if side == "right" else 12)
        asked = {**ASKED, "session": f"{week}-{day}"}
        return play(samples, setup, name=f"{week}-{day}-{side}", started=started, prescription=asked)

    found = []
    for week, pain in enumerate(PAIN_BY_WEEK):
        for day in (0, 3):
            log = PainLog(before=1, during=pain, after=max(0, pain - 1), next_morning=pain if week == 1 else 1)
            found += [facts_of(train(side, week, day), log) for side in ("right", "left")]
    report = Report(tuple(found), "P07 (simulated)", "", 2, None, datetime.now())
    out.write_text(render_page(report), encoding="utf-8")
    print(out)


if __name__ == "__main__":
    if Path(sys.prefix) != venv_python().parent.parent:
        become([str(prepare({"sim"})), __file__, *sys.argv[1:]])
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "sample-report.html"))
