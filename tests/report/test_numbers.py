"""The numbers behind the page, and the sentences made of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from kneeimu.coaching.pain import PainLog
from kneeimu.report.charts import asked_curve, median_curve, rep_curves
from kneeimu.report.facts import Curve, SessionFacts
from kneeimu.report.numbers import adherence, left_right, leg_numbers
from kneeimu.report.page import Report, render_page
from kneeimu.report.words import stands_out
from report.made_report import session


@pytest.fixture(scope="module")
def good() -> SessionFacts:
    """One set as asked: nothing to remark."""
    return session((0.0, 0.5, 1.0, 0.5))


def remarks(*sessions: SessionFacts) -> str:
    legs = leg_numbers(sessions)
    kept = adherence(sessions, legs, None, None)
    return "\n".join(remark.text for remark in stands_out(sessions, legs, kept, left_right(legs)))


def test_a_session_as_asked_leaves_nothing_to_remark(good: SessionFacts) -> None:
    assert remarks(good) == ""


def slower(facts: SessionFacts, factor: float) -> SessionFacts:
    sets = tuple(
        replace(group, reps=tuple(replace(rep, duration_s=factor * rep.duration_s, outward_s=factor * rep.outward_s,
                                          return_s=factor * rep.return_s) for rep in group.reps))
        for group in facts.sets
    )  # fmt: skip
    return replace(facts, sets=sets)


def uneven(facts: SessionFacts) -> SessionFacts:
    """One of the four reps is much too slow, one much too fast; in the middle they are in time."""
    (group,) = facts.sets
    factors = (2.0, 0.5, 1.0, 1.0)
    reps = (replace(rep, duration_s=f * rep.duration_s) for rep, f in zip(group.reps, factors, strict=True))
    return replace(facts, sets=(replace(group, reps=tuple(reps)),))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda one: slower(one, 0.5), r"Squat, right leg: faster than asked, [12]\.\d s a rep instead of 4 s\."),
        (lambda one: slower(one, 2.0), r"Squat, right leg: slower than asked, [78]\.\d s a rep instead of 4 s\."),
        (uneven, r"Squat, right leg: uneven, 50 % of the reps took about the 4 s asked for\."),
        (lambda one: replace(one, lost=100, samples=900), r"In 1 session more than 2 % of the sensor's samples"),
        (lambda one: replace(one, warnings=("strap-moved: 12 deg",)), "In 1 session the sensor moved on the leg"),
        (lambda one: replace(one, corrected=-2), "2 of 4 prescribed reps were done."),
        (lambda one: replace(one, pain=(2, 7)), r"Pain reached 7 of 10 on 4 May \(Squat, right leg\)\."),
    ],
)  # fmt: skip
def test_what_is_not_as_it_should_be_is_said(
    change: Callable[[SessionFacts], SessionFacts], sentence: str, good: SessionFacts
) -> None:
    told = remarks(change(good)).splitlines()
    assert len(told) == 1
    assert re.match(sentence, told[0])


@pytest.mark.parametrize(("factor", "share"), [(1.0, 1.0), (1.2, 1.0), (1.5, 0.0), (0.6, 0.0)])
def test_in_time_is_within_thirty_percent(factor: float, share: float, good: SessionFacts) -> None:
    (leg,) = leg_numbers([slower(good, factor)])
    assert leg.in_time == share


def test_sets_that_were_left_out_are_told(good: SessionFacts) -> None:
    def asked(facts: SessionFacts, sets: int) -> SessionFacts:
        return replace(facts, prescription=replace(facts.prescription, sets=sets))

    (leg,) = leg_numbers([asked(good, 3), asked(good, 3)])
    assert (leg.sets_done, leg.left_out) == (2, True), "one training in two recordings"
    own = replace(asked(good, 2), corrected=4, corrected_sets={2: 4})
    assert not leg_numbers([own])[0].left_out, "the second set is the person's own count"
    assert "1 of 3 sets were done." in render_page(Report((asked(good, 3),)))


def test_the_table_of_sets_counts_what_the_person_corrected(good: SessionFacts) -> None:
    (group,) = good.sets
    page = render_page(Report((replace(good, corrected=1, corrected_sets={group.number: 1}),)))
    assert "<td>5 (4)</td>" in page


def test_pain_is_told_with_its_moment_and_the_last_score_is_the_last() -> None:
    hurt = replace(session((0.0,) * 4, pain=PainLog(before=5, during=3, after=2)), pain=(3,))
    page = render_page(Report((hurt,)))
    assert "Pain was 5 of 10 before training on 4 May." in page
    assert "<strong>2 of 10</strong><span>last; worst 5 (amber), before training</span>" in page
    assert "Pain reached" not in page


def test_pain_of_another_exercise_is_not_put_on_this_one() -> None:
    log = PainLog(before=1, during=6, after=2)
    mine, other = session((0.0,) * 4, pain=log), replace(session((0.0,) * 4, side="left", pain=log), pain=(6,))
    assert "Pain reached 6 of 10 on 4 May (Squat, left leg)." in render_page(Report((mine, other)))
    assert "Pain reached 6 of 10 in training on 4 May." in render_page(Report((mine,)))


def test_recordings_of_one_training_stand_in_one_table_and_in_the_same_plots() -> None:
    first, then = session((0.0, 1.0, 2.0, 3.0)), session((4.0, 5.0, 6.0))
    page = render_page(Report((first, replace(then, name="then"))))
    assert "Tempo, rep by rep" in page
    (leg,) = leg_numbers([first, replace(then, name="then")])
    assert ([len(one.reps) for one in leg.latest.sets], len(leg.latest.curves), leg.sets_done) == ([4, 3], 7, 2)
    assert "The plots show the last session" not in page


def test_an_exercise_that_stands_in_a_programme_twice_is_asked_for_in_both_places(good: SessionFacts) -> None:
    warm_up, heavy = (
        replace(good, prescription=replace(good.prescription, session="one", sets=1, reps=reps, band=band))
        for reps, band in (((2, 2), ""), ((4, 8), "heavy"))
    )
    assert leg_numbers([warm_up, heavy])[0].asked_reps == 6
    assert leg_numbers([warm_up, warm_up])[0].asked_reps == 2


def test_walks_are_asked_for_each_way(good: SessionFacts) -> None:
    walk = replace(good, setup=replace(good.setup, exercise="lateral-walk", alignment=None))
    assert leg_numbers([good])[0].asked_reps == 4
    assert leg_numbers([walk])[0].asked_reps == 8


def test_more_than_asked_adds_nothing(good: SessionFacts) -> None:
    (leg,) = leg_numbers([replace(good, corrected=10)])
    assert (leg.count, leg.done_of_asked, leg.asked_reps) == (14, 4, 4)


def test_range_and_its_spread(good: SessionFacts) -> None:
    (leg,) = leg_numbers([good, good])
    assert leg.range_deg == pytest.approx(50.0, abs=0.5)
    assert leg.range_spread_deg is not None
    low, high = leg.range_spread_deg
    assert 48.5 < low < leg.range_deg < high < 51.5


def test_the_asked_curve_keeps_tempo_and_reference_range(good: SessionFacts) -> None:
    asked = replace(good, prescription=replace(good.prescription, tempo_s=(3.0, 1.0, 2.0)))
    curve = np.array(asked_curve(asked))
    assert curve[-1].tolist() == pytest.approx([6.0, 0.0])
    assert np.interp([1.5, 3.0, 4.0, 5.0], *curve.T) == pytest.approx([25.0, 50.0, 50.0, 25.0], abs=0.2)
    assert "asked 3–1–2 s" in rep_curves(asked).render()
    assert asked_curve(replace(good, prescription=replace(good.prescription, tempo_s=None))) == []


def test_the_median_rep_is_neither_the_largest_nor_the_slowest() -> None:
    share = np.linspace(0.0, 1.0, 11)
    curves = [Curve(2.0 * k * share, 10.0 * k * np.sin(np.pi * share), flagged=False) for k in (1, 2, 9)]
    time_s, angle = median_curve(curves)
    assert time_s[-1] == pytest.approx(4.0)
    assert angle.max() == pytest.approx(20.0, abs=0.5)


def test_the_median_of_quick_and_held_reps_goes_out_as_soon_as_they_do() -> None:
    time_s = np.linspace(0.0, 8.0, 401)
    held = [Curve(time_s, np.interp(time_s, [0.0, 1.5, 6.5, 8.0], [0, top, top, 0]), False) for top in (60, 80, 85)]
    quick = [Curve(time_s[:101], 88.0 * np.sin(np.pi * time_s[:101] / 2.0), flagged=False) for _ in range(2)]
    median_s, angle = median_curve(held + quick)
    assert angle.max() == pytest.approx(85.0, abs=3.0)
    assert median_s[np.argmax(angle > 0.9 * angle.max())] < 1.5


def test_legs_that_are_alike_do_not_differ(good: SessionFacts) -> None:
    other = session((0.5, 0.5, 1.0, 1.0), side="left")
    assert [pair.differs for pair in left_right(leg_numbers([good, other]))] == [False] * 4
    worse = session((9.0, 9.0, 9.0, 9.0), side="left")
    found = {pair.name: pair.differs for pair in left_right(leg_numbers([good, worse]))}
    assert found == {"range": False, "drift inwards": True, "time a rep": False, "clean reps": True}
