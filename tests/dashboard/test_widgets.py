"""Widgets drawn from plain data, without an app where possible."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kneeimu.dashboard.clocks import RepClock
from kneeimu.dashboard.figure import LegAngles, figure, front_view, leg_angles, side_view
from kneeimu.dashboard.sound import TONES, tone_wav
from kneeimu.dashboard.widgets.big_count import draw_digits
from kneeimu.dashboard.widgets.link_bar import LinkBar, LinkFacts
from kneeimu.dashboard.widgets.medial_gauge import MedialGauge, zone_of
from kneeimu.dashboard.widgets.raster import braille, draw_line, fill_curve, half_blocks
from kneeimu.dashboard.widgets.rep_compare import differences
from kneeimu.dashboard.widgets.rep_table import RepRow
from kneeimu.dashboard.widgets.tempo_bar import TempoBar, tempo_verdict
from kneeimu.dashboard.widgets.timeline import clock
from kneeimu.dashboard.widgets.trace import RingBuffer
from kneeimu.types import Rep, Setup


@given(arrays(np.bool_, (8, 6)))
def test_every_dot_becomes_a_braille_dot(dots: np.ndarray) -> None:
    lines = braille(dots)
    assert [len(line) for line in lines] == [3, 3]
    assert sum((ord(char) - 0x2800).bit_count() for line in lines for char in line) == dots.sum()


@given(arrays(np.bool_, (6, 5)))
def test_every_dot_becomes_half_a_block(dots: np.ndarray) -> None:
    halves = {" ": 0, "▀": 1, "▄": 1, "█": 2}
    assert sum(halves[char] for line in half_blocks(dots) for char in line) == dots.sum()


@given(arrays(np.float64, 30, elements=st.floats(-5, 25) | st.just(float("nan"))))
def test_a_curve_has_a_dot_in_every_known_column(rows: np.ndarray) -> None:
    dots = np.zeros((20, 30), dtype=np.bool_)
    fill_curve(dots, rows)
    assert (dots.any(axis=0) == np.isfinite(rows)).all()


def test_a_steep_curve_is_one_stroke() -> None:
    dots = np.zeros((20, 2), dtype=np.bool_)
    fill_curve(dots, np.array([0.0, 19.0]))
    assert dots.any(axis=1).all()


@given(*[st.floats(-50, 50)] * 4)
def test_a_line_may_leave_the_picture(x0: float, y0: float, x1: float, y1: float) -> None:
    dots = np.zeros((16, 16), dtype=np.bool_)
    draw_line(dots, x0, y0, x1, y1, 2.0)


@given(st.integers(0, 400), st.integers(5, 80), st.integers(8, 160))
def test_digits_stay_in_their_place_and_use_it(count: int, height: int, width: int) -> None:
    dots = draw_digits(str(count), height, width)
    assert dots.shape == (height, width)
    rows, columns = dots.any(axis=1), dots.any(axis=0)
    if rows.any():
        assert rows.sum() >= 0.95 * height or columns.sum() >= 0.55 * width


@pytest.mark.parametrize("pair", [(a, b) for a in range(10) for b in range(a)])
def test_no_two_digits_look_alike(pair: tuple[int, int]) -> None:
    one, other = (draw_digits(str(digit), 24, 30) for digit in pair)
    assert (one != other).sum() >= 20


@given(st.lists(st.integers(1, 50), max_size=20))
def test_a_ring_buffer_keeps_the_newest_in_order(sizes: list[int]) -> None:
    buffer, sent = RingBuffer(64), np.arange(float(sum(sizes)))
    first = 0
    for size in sizes:
        buffer.extend(sent[first : first + size], 10 * sent[first : first + size])
        first += size
    time_s, value = buffer.since(-1.0)
    assert time_s.tolist() == sent[-64:].tolist()
    assert value.tolist() == (10 * sent[-64:]).tolist()


def test_a_drift_word_does_not_flicker_at_its_limit() -> None:
    zone, seen = "good", []
    for drift in (3.9, 4.1, 3.9, 4.1, 2.6, 2.4, 7.0, 5.6, 5.4):
        zone = zone_of(drift, 4.0, 7.0, zone)
        seen.append(zone)
    assert seen == ["good", "amber", "amber", "amber", "amber", "good", "red", "red", "amber"]


def test_tempo_is_judged_in_words_and_shapes() -> None:
    assert tempo_verdict(2.0, 4.0) == "◀ too fast"
    assert tempo_verdict(4.3, 4.0) == "● in time"
    assert tempo_verdict(6.0, 4.0) == "▶ slow"


def test_the_tempo_has_words_for_a_narrow_place() -> None:
    bar = TempoBar()
    assert bar.short_words == "2 s · 2 s"
    bar.last_s = (1.6, 0.2, 1.8)
    assert bar.short_words == "3.6 s ● in time"


def test_the_gauge_has_words_for_a_narrow_place() -> None:
    gauge = MedialGauge()
    gauge.why_unknown = "align the sensor first"
    assert gauge.short_words == "○ align the sensor first"
    gauge.label, gauge.drift_deg = "this rep", 5.0
    assert gauge.short_words == "▲ knee drifts inwards  +5°"


def test_the_link_bar_speaks() -> None:
    bar = LinkBar()
    bar.set_reactive(LinkBar.facts, LinkFacts("reconnecting", detail="try 3", battery_percent=9, rate_hz=98.6))
    assert bar.words == "▲ Connection lost, trying again · try 3"
    assert "9 % low!" in bar.numbers
    assert "99 Hz" in bar.numbers


def test_a_rep_row_has_a_shape_for_its_state() -> None:
    rows = [
        RepRow(1, 1, 50, 1, 0, 1, 1),
        RepRow(1, 2, 50, 1, 0, 1, 6, ("knee-in",)),
        RepRow(1, 3, None, None, None, None, None, (), "added"),
    ]
    assert [(row.symbol, row.words) for row in rows] == [("✓", "clean"), ("▲", "knee in"), ("+", "added")]


def rep(**changes: object) -> Rep:
    values: dict[str, object] = {
        "number": 1, "start_s": 0.0, "turn_s": 1.5, "end_s": 3.0, "duration_s": 3.0, "range_of_motion_deg": 60.0,
        "outward_s": 1.5, "hold_s": 0.0, "return_s": 1.5, "peak_velocity_deg_s": 80.0,
    }  # fmt: skip
    return Rep(**{**values, **changes})  # type: ignore[arg-type]


def test_differences_are_said_when_they_matter() -> None:
    best = rep(medial_drift_deg=0.0)
    assert differences(rep(medial_drift_deg=0.4), best) == ["hardly any difference"]
    other = rep(range_of_motion_deg=52.0, duration_s=2.1, medial_drift_deg=5.0)
    assert differences(other, best) == ["8° smaller", "0.9 s faster", "5° more inwards"]


def test_a_rep_clock_starts_with_the_movement_and_stops_at_home() -> None:
    clock_, angles = RepClock(5.0), [0.0, 3.0, 20.0, 50.0, 20.0, 5.0]
    starts = []
    for index, angle in enumerate(angles):
        clock_.follow(np.array([float(index)]), np.array([angle]), 50.0)
        starts.append(clock_.start_s)
    assert starts == [None, None, 2.0, 2.0, 2.0, None]


def test_the_knee_of_the_figure_goes_inwards_for_both_legs() -> None:
    for side, inward in (("right", 1.0), ("left", -1.0)):
        setup = Setup("squat", side, "thigh", 100.0)  # type: ignore[arg-type]
        straight, bent = (figure(setup, LegAngles(40.0, medial)) for medial in (0.0, 15.0))
        knees = [front_view(sticks[0].end)[0] for sticks in (straight, bent)]
        assert (knees[1] - knees[0]) * inward > 0.1


@pytest.mark.parametrize(
    "exercise",
    ["squat", "lunge", "clamshell", "hip-abduction", "knee-extension", "straight-leg-raise", "prone-hip-extension"],
)
def test_every_posture_can_be_drawn(exercise: str) -> None:
    setup = Setup(exercise, "right", "shin", 100.0)
    low, high = (figure(setup, LegAngles(angle)) for angle in (0.0, 40.0))
    assert any(side_view(a.end) != side_view(b.end) for a, b in zip(low, high, strict=True) if a.part == "leg")


def test_without_alignment_the_figure_uses_the_movement_angle() -> None:
    assert leg_angles(Setup("squat", "right", "thigh", 100.0), 33.0, None) == LegAngles(33.0)


@pytest.mark.parametrize("name", TONES)
def test_tones_are_short_wav_files(name: str) -> None:
    with wave.open(io.BytesIO(tone_wav(TONES[name]))) as file:
        seconds = file.getnframes() / file.getframerate()
        assert seconds == pytest.approx(sum(length for _, length in TONES[name]), abs=0.01)


def test_times_are_written_as_people_read_them() -> None:
    assert [clock(t) for t in (0.0, 75.9, 3700.0)] == ["00:00", "01:15", "1:01:40"]


def test_the_link_bar_says_once_that_the_connection_was_lost() -> None:
    bar = LinkBar()
    bar.set_reactive(LinkBar.facts, LinkFacts("reconnecting", detail="the connection was lost"))
    assert bar.words == "▲ Connection lost, trying again"
    bar.set_reactive(LinkBar.facts, LinkFacts("reconnecting", detail="the sensor was not found"))
    assert bar.words == "▲ Connection lost, trying again · the sensor was not found"
