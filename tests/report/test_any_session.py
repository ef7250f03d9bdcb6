"""Whatever the reps are, the page is whole and holds no number that is none."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kneeimu.coaching.pain import PainLog
from kneeimu.exercises.catalogue import CATALOGUE
from kneeimu.report.facts import Curve, Prescription, SessionFacts, read_prescription
from kneeimu.report.page import Report, figures, render_page
from kneeimu.report.svg import nice_ticks
from kneeimu.sessions.play import PlayedSet
from kneeimu.types import Rep, Setup

seconds = st.floats(0.0, 60.0)
degrees = st.none() | st.floats(-90.0, 90.0)
flags = st.lists(st.sampled_from(["fast", "knee-in", "short", "unheard-of"]), max_size=3, unique=True).map(tuple)
scores = st.none() | st.integers(0, 10)


@st.composite
def reps(draw: st.DrawFn) -> Rep:
    start, out, hold, back = (draw(seconds) for _ in range(4))
    return Rep(
        1, start, start + out, start + out + hold + back, out + hold + back, draw(st.floats(0.0, 180.0)), out, hold,
        back,
        draw(st.floats(0.0, 900.0)), draw(degrees), draw(degrees), draw(degrees), draw(degrees), draw(degrees),
        None, draw(flags),
    )  # fmt: skip


@st.composite
def sessions(draw: st.DrawFn) -> SessionFacts:
    exercise = draw(st.sampled_from(sorted(CATALOGUE)))
    mount = draw(st.sampled_from(sorted(CATALOGUE[exercise].mounts)))
    sets = tuple(
        PlayedSet(number, 0.0, 1.0, tuple(draw(st.lists(reps(), min_size=1, max_size=4))))
        for number in range(1, 1 + draw(st.integers(0, 2)))
    )
    asked = Prescription(
        "", "", draw(st.none() | st.integers(1, 5)), (8, 12), draw(st.none() | st.just((2.0, 0.0, 2.0)))
    )
    day = draw(st.none() | st.integers(0, 400))
    curves = [Curve(np.linspace(0.0, 2.0, 5), np.zeros(5), flagged=False)] if sets else []
    return SessionFacts(
        "s", Setup(exercise, draw(st.sampled_from(["left", "right"])), mount, 100.0),
        None if day is None else datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day),
        60.0, sets, tuple(curves), asked, draw(st.integers(-3, 3)), (),
        draw(st.none() | st.builds(PainLog, scores, scores, scores, scores)), draw(st.none() | seconds), 0, 100,
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=st.lists(sessions(), min_size=1, max_size=5), per_week=st.none() | st.integers(1, 7))
def test_any_sessions_make_a_whole_page(found: list[SessionFacts], per_week: int | None) -> None:
    page = render_page(Report(tuple(found), "P", "", per_week))
    assert page.endswith("</html>\n")
    assert not re.search(r"\b(nan|inf|None)\b", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    for plot in figures(Report(tuple(found))).values():
        assert plot.description


@settings(deadline=None)
@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-6, 1e6))
def test_ticks_are_few_round_and_inside(low: float, span: float) -> None:
    ticks = nice_ticks(low, low + span)
    assert len(ticks) <= 8
    assert ticks == sorted(ticks)
    assert all(low - span * 1e-3 - 1e-6 <= tick <= low + span * 1.001 + 1e-6 for tick in ticks)


@settings(deadline=None)
@given(
    content=st.dictionaries(
        st.sampled_from(["sets", "reps", "tempo_s", "hold_s", "session"]),
        st.none() | st.text() | st.integers() | st.lists(st.floats(), max_size=4),
    )
)
def test_any_prescription_is_read_or_left_out(content: dict[str, object]) -> None:
    found = read_prescription(content)
    assert found.tempo_s is None or len(found.tempo_s) == 3
