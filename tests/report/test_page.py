"""The page says what a physiotherapist needs, to everybody, without the network."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from kneeimu.report import colours
from kneeimu.report.facts import read_prescription
from kneeimu.report.numbers import leg_numbers
from kneeimu.report.page import Report, figures, render_page
from kneeimu.report.words import flag_words
from kneeimu.types import Rep
from report.made_report import one_session, session, six_weeks


class Outline(HTMLParser):
    """Headings, plots, tables and words of a page."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module", params=["six weeks", "one session"])
def page(request: pytest.FixtureRequest) -> str:
    return render_page(six_weeks() if request.param == "six weeks" else one_session())


@pytest.fixture(scope="module")
def text() -> str:
    return re.sub(r"\s+", " ", " ".join(Outline(render_page(six_weeks())).words))


# --- for everybody ----------------------------------------------------------------------------------------------------


def test_every_element_is_closed_in_order(page: str) -> None:
    assert Outline(page).open == []


def test_nothing_comes_from_elsewhere_and_nothing_runs(page: str) -> None:
    assert not re.search(r"<script|javascript:|\son\w+=|src=|href=|@import|url\(", page)
    assert set(re.findall(r"https?://[^'\"\s<]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in page


def test_headings_go_down_one_step_at_a_time(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Outline(page).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_every_plot_is_told_in_words(page: str) -> None:
    outline = Outline(page)
    plots = outline.named("svg")
    assert plots
    ids = [attributes.get("id") for _, attributes in outline.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for plot in plots:
        assert plot["role"] == "img"
        assert set(str(plot["aria-labelledby"]).split()) <= set(ids)
    assert all(re.findall(r"<desc id='\w+'>([^<]{15,})</desc>", page))
    assert len(re.findall(r"<desc ", page)) == len(plots)


def test_tables_have_captions_and_heads(page: str) -> None:
    outline = Outline(page)
    assert len(outline.named("caption")) == len(outline.named("table")) > 0
    assert all(head.get("scope") in ("col", "row") for head in outline.named("th"))


def test_the_language_is_given(page: str) -> None:
    assert Outline(page).named("html") == [{"lang": "en"}]


WRITTEN = [
    (colours.INK, colours.PAPER),
    (colours.INK, colours.PANEL),
    (colours.AXIS, colours.PAPER),
    (colours.AXIS, colours.PANEL),
    (colours.ASKED, colours.PAPER),
    *((ink, paper) for ink in (colours.AMBER_INK, colours.RED_INK, colours.GREEN_INK) for paper in (colours.PAPER,)),
    (colours.AMBER_INK, colours.AMBER_BAND),
    (colours.RED_INK, colours.RED_BAND),
    (colours.GREEN_INK, colours.GREEN_BAND),
    (colours.INK, colours.RED_BAND),
]
DRAWN = [
    *(
        (colour, colours.PAPER)
        for colour in (colours.REP, colours.MIDDLE, *colours.SIDES.values(), *colours.PHASES.values())
    ),
    *((colours.FLAGGED, band) for band in (colours.PAPER, colours.AMBER_BAND, colours.RED_BAND)),
    *((colour, colours.AMBER_BAND) for colour in colours.SIDES.values()),
]


@pytest.mark.parametrize(("ink", "paper"), WRITTEN)
def test_words_stand_out_from_their_paper(ink: str, paper: str) -> None:
    assert colours.contrast(ink, paper) >= 4.5


@pytest.mark.parametrize(("ink", "paper"), DRAWN)
def test_marks_stand_out_from_their_paper(ink: str, paper: str) -> None:
    assert colours.contrast(ink, paper) >= 3.0


def test_contrast_knows_black_from_white() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21.0)


# --- what it says -----------------------------------------------------------------------------------------------------


def test_the_worst_stands_first(text: str) -> None:
    told = text[text.index("What stands out") : text.index("At a glance")]
    pain = told.index("Pain reached 6 of 10 in training on 4 May.")
    assert pain < told.index("Trained on 6 of 15 planned days")
    assert "Attention" in told
    assert "Squat, right leg: range grew from" in told
    assert "worse the next morning" in told
    assert "Squat, clean reps: the legs differ, left 100.0 %, right 37.5 %." in told


def test_reps_past_the_limit_are_counted_from_amber_on() -> None:
    page = render_page(Report((session((0.0, 4.5, 5.0, 8.0)),)))
    assert "went inwards by 4° or more in 3 of 4 reps (75 %)" in page


def test_recordings_of_one_training_share_what_was_asked() -> None:
    first = session((0.0, 0.0, 0.0, 0.0))
    asked = replace(first.prescription, sets=2)
    page = render_page(Report(tuple(replace(first, name=name, prescription=asked) for name in ("a", "b"))))
    assert "8 of 8 prescribed reps" in page


def test_adherence_is_days_and_reps(text: str) -> None:
    assert "6 of 15 days" in text
    assert "48 of 48 prescribed reps" in text


def test_drift_comes_with_its_uncertainty_and_definition(text: str) -> None:
    assert re.search(r"\+\d\.\d° ± 1\.4°", text)
    assert "minus the same of the wearer's coached reference reps" in text
    assert "not measured on people" in text


def test_legs_are_held_against_each_other(text: str) -> None:
    told = text[text.index("Left and right") :]
    assert "Squat: range" in told
    assert "alike" in told
    assert "differs" in told


def test_what_is_not_known_is_said_and_not_made_up() -> None:
    words = " ".join(Outline(render_page(one_session())).words)
    assert "not measured" in words
    assert "Drift inwards was not measured: the sensor was not aligned" in words
    assert "not asked" in words
    assert "date not known" in words
    assert "nan" not in words.lower().split()


def test_a_label_is_words_and_not_markup() -> None:
    page = render_page(Report(one_session().sessions, person="<b>Anna & Co</b>"))
    assert "&lt;b&gt;Anna &amp; Co&lt;/b&gt;" in page
    assert "<b>Anna" not in page


def test_every_flag_of_the_catalogue_has_words() -> None:
    from kneeimu.exercises.catalogue import CATALOGUE
    from kneeimu.report.words import FLAGS

    codes = {code for e in CATALOGUE.values() for profile in e.mounts.values() for code in profile.findings}
    assert codes | {"short", "fast"} <= set(FLAGS)


@pytest.mark.parametrize(
    ("range_deg", "words"),
    [(60.0, "not as far as the reference reps"), (None, "not as far as the first three reps")],
)
def test_a_shallow_rep_is_held_against_reps_that_were_done(range_deg: float | None, words: str) -> None:
    (leg,) = leg_numbers(one_session().sessions)
    assert flag_words("shallow", replace(leg, reference_range_deg=range_deg)) == words


@pytest.mark.parametrize("unknown", [1, 4])
def test_reps_whose_phases_are_not_known_are_left_out_of_the_tempo(unknown: int) -> None:
    (facts,) = one_session().sessions
    (group,) = facts.sets
    part = [replace(rep, outward_s=None, hold_s=None, return_s=None) for rep in group.reps[:unknown]]
    without = replace(facts, sets=(replace(group, reps=(*part, *group.reps[unknown:])),))
    (leg,) = leg_numbers([without])
    assert leg.measured == 4
    assert (leg.tempo_s is None) == (unknown == 4)
    assert "Tempo" in render_page(Report((without,)))


def test_plots_come_as_single_files_of_the_same_figures() -> None:
    found = figures(six_weeks())
    kinds = {"curves", "drift", "tempo", "range"}
    assert {f"squat-{side}-{kind}" for side in ("left", "right") for kind in kinds} <= set(found)
    assert {"days-a-week", "pain", "squat-drift-trend", "squat-tempo-trend", "squat-range-trend"} <= set(found)
    assert "asked 4 s" in found["squat-tempo-trend"].render()
    assert found["pain"].render().startswith("<svg xmlns='http://www.w3.org/2000/svg'")


def test_png_is_as_large_as_a_paper_needs() -> None:
    pytest.importorskip("resvg_py")
    from kneeimu.report.figures import render_png

    data = render_png(figures(six_weeks())["pain"])
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") >= 1200


def test_reps_are_those_that_stand() -> None:
    reps: list[Rep] = six_weeks().sessions[0].reps
    assert [rep.number for rep in reps] == [1, 2, 3, 4]


def test_a_timed_exercise_is_told_by_its_time() -> None:
    leg = six_weeks().sessions[0]
    asked = read_prescription({"sets": 2, "reps": [1, 1], "seconds": 30.0, "tempo_s": [2.0, 30.0, 2.0], "band": "none"})
    setup = replace(leg.setup, exercise="it-band-stretch", alignment=None)
    held = replace(leg, setup=setup, sets=(), curves=(), prescription=asked, held_s=55.0)
    page = render_page(Report((leg, held)))
    assert "Outer thigh stretch, right leg" in page
    assert "held 55 s <small>of 60 s</small>" in page
    assert "4 of 4 prescribed reps" in page


def test_where_the_sensor_sat_and_how_well_it_was_aligned_is_told(text: str) -> None:
    assert "Sensor on the thigh, alignment good." in text


def test_many_sessions_are_drawn_by_weeks() -> None:
    one = six_weeks().sessions[0]
    assert one.started is not None
    asked = [replace(one.prescription, session=f"d{day}") for day in range(70)]
    daily = tuple(replace(one, started=one.started + timedelta(n), prescription=it) for n, it in enumerate(asked))
    drawn = figures(Report(daily))["squat-range-trend"]
    assert drawn.title == "Squat: range, median of a week"
    assert drawn.render().count("<circle") == 10 + 1
    few = figures(Report(daily[:20]))["squat-range-trend"]
    assert few.render().count("<circle") == 20 + 1
